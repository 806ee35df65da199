"""`ranvier replay --speed`: held to the wall clock, with the same results as at full speed."""

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from ranks import launcher

PROGRAM = os.environ["RANVIER_PROGRAM"]


@pytest.fixture
def folder(tmp_path):
    """A camera of 16 pixels, an event every 5 ms for 400 ms, and a neuron that fires at each."""
    events = [(k * 5000, k % 4, k % 3) for k in range(80)] + [(399_500, 3, 3)]
    data = b"".join(bytes((x, y)) + (1 << 23 | t).to_bytes(3, "big") for t, x, y in events)
    (tmp_path / "rec.bin").write_bytes(data)
    camera = {"model": "spike_source_events", "size": 16, "options": {"width": 4, "height": 4}}
    network = {
        "ranvier": 1,
        "run": {"duration": 1, "dt": 1, "seed": 1},
        "populations": {"camera": camera, "out": {"model": "if_curr_delta", "size": 3}},
        "projections": [
            {
                "source": "camera",
                "target": "out",
                "connector": {"rule": "all_to_all"},
                "weight": 8,
                "delay": 1.0,
            }
        ],
    }
    (tmp_path / "net.json").write_text(json.dumps(network))
    return tmp_path


def replay(folder, *words, code=0, recording="rec.bin"):
    command = [PROGRAM, "replay", folder / recording, "--network", folder / "net.json", *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def digest(path):
    return subprocess.run([PROGRAM, "digest", path], capture_output=True, check=True).stdout


def pace_of(path):
    return json.loads(Path(path).read_text())["pace"]


@pytest.mark.parametrize("speed,window", [("1x", 10), ("4", 7), ("2x", 50)])
def test_a_paced_run_takes_the_recordings_time_and_gives_the_same_bits(folder, speed, window):
    replay(folder, "-o", folder / "max")
    begin = time.monotonic()
    words = ["--speed", speed, "--window", window, "--summary", folder / "s.json"]
    printed = replay(folder, "-o", folder / "paced", *words).stdout
    assert time.monotonic() - begin > 0.4 / float(speed.rstrip("x"))
    assert digest(folder / "paced") == digest(folder / "max")
    pace = pace_of(folder / "s.json")
    assert pace["windows"] == -(-400 // window)
    assert pace["speed"] == float(speed.rstrip("x"))
    late = pace["latency_ms"]
    assert 0 < late["median"] <= late["p90"] <= late["p99"] <= late["largest"]
    assert pace["missed_share"] == pace["missed"] / pace["windows"]
    assert f"of {pace['windows']} windows" in printed


def test_what_cannot_keep_pace_says_that_every_window_missed_real_time(folder):
    replay(folder, "--speed", "1000000x", "--window", 1, "--summary", folder / "s.json")
    pace = pace_of(folder / "s.json")
    assert (pace["windows"], pace["missed"], pace["missed_share"]) == (400, 400, 1)


def test_a_paced_run_on_ranks_gives_the_same_bits(folder):
    replay(folder, "-o", folder / "max")
    command = [*launcher(2), PROGRAM, "replay", folder / "rec.bin"]
    command += ["--network", folder / "net.json", "-o", folder / "two", "--speed", "4x"]
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    assert digest(folder / "two") == digest(folder / "max")


def test_a_paced_run_is_resumed_from_its_checkpoint(folder):
    replay(folder, "-o", folder / "max")
    words = ["-o", folder / "out", "--speed", "1x", "--checkpoint-every", "40"]
    command = [PROGRAM, "replay", folder / "rec.bin", "--network", folder / "net.json", *words]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    while not (folder / "out.partial/checkpoint.h5").exists():
        time.sleep(0.001)
    process.kill()
    process.wait()
    longer = (folder / "rec.bin").read_bytes() + b"\0\0" + (1 << 23 | 399_900).to_bytes(3, "big")
    (folder / "longer.bin").write_bytes(longer)
    for other in ({"recording": "longer.bin"}, {"extra": ["--filter", "crop:0:0:2:2"]}):
        extra = other.pop("extra", [])
        refused = replay(folder, *words, *extra, "--resume", code=1, **other).stderr
        assert "belongs to another network or input" in refused
    replay(folder, *words, "--resume")
    assert digest(folder / "out") == digest(folder / "max")
    run = json.loads((folder / "out/run.json").read_text())
    assert run["inputs"] == {"camera": {"file": "rec.bin", "height": "4", "width": "4"}}
    assert "nothing was left to run" in replay(folder, *words, "--resume").stderr
    other = replay(folder, *words, "--resume", recording="longer.bin", code=1).stderr
    assert "there is no run to resume" in other


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["--speed", "fast"], 2, '--speed: "fast", must be max, or how many times real time'),
        (["--speed", "0x"], 2, '--speed: "0x", must be'),
        (["--speed", "1x", "--window", "0"], 2, "--window: 0 ms, must be from 0.1 to 1000000"),
        (["--speed", "1x", "--window", "2.5"], 1, "2.5 ms, must be a multiple of dt (1 ms)"),
        (["--checkpoint-every", "1e-9"], 2, "1e-09 ms, must be 0 (none) or lie in [1e-6, 9e+12)"),
        (["--checkpoint-every", "nan"], 2, "--checkpoint-every: nan ms, must be"),
        *(
            (
                [*words, ms],
                2,
                f"{words[-1]}: {ms} ms, must be a whole number of nanoseconds",
            )
            for words in (
                ["--duration"],
                ["--dt"],
                ["--checkpoint-every"],
                ["--speed", "1x", "--window"],
            )
            for ms in ("1.0000005", "0.30000025")
        ),
        (["--window", "5"], 2, "--window: takes a --speed other than max"),
    ],
)
def test_wrong_options_are_answered_in_one_line(folder, words, code, message):
    answer = replay(folder, *words, code=code).stderr
    assert message in answer
    assert answer.count("\n") == 1
