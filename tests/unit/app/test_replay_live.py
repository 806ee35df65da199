"""`ranvier replay - --speed 1x --store FILE`: events from a pipe, in windows that close by the wall clock.

Whatever the clock made of the events, replaying what was stored gives the same bits. What a camera does is done here by a
writer that sleeps: it keeps time, comes late, or runs ahead.
"""

import json
import os
import signal
import subprocess
import threading
import time

import pytest
from ranks import launcher

PROGRAM = os.environ["RANVIER_PROGRAM"]
SIDE = 6


@pytest.fixture
def folder(tmp_path):
    camera = {"width": SIDE, "height": SIDE, "polarity": "split"}
    network = {
        "ranvier": 1,
        "run": {"duration": 1, "dt": 1, "seed": 1},
        "populations": {
            "camera": {"model": "spike_source_events", "size": 2 * SIDE**2, "options": camera},
            "out": {"model": "if_curr_exp", "size": 20, "parameters": {"tau_m": 30}},
        },
        "projections": [
            {
                "source": "camera",
                "target": "out",
                "connector": {"rule": "fixed_probability", "probability": 0.4},
                "weight": 4.0,
                "delay": 1,
            }
        ],
        "probes": [
            {"population": "camera", "variables": ["spikes"]},
            {"population": "out", "variables": ["spikes", "v"]},
        ],
    }
    (tmp_path / "net.json").write_text(json.dumps(network))
    return tmp_path


def events(milliseconds, every=1):
    """One event each `every` ms, as the text format has it: t_us,x,y,on."""
    return [
        (1000 * ms + 5_000_000, ms * 7 % SIDE, ms // 3 % SIDE, ms % 2)
        for ms in range(0, milliseconds, every)
    ]


def line(event):
    return (",".join(map(str, event)) + "\n").encode()


def live(folder, *words, ranks=0, speed="1x", store="kept.csv"):
    command = [*launcher(ranks), PROGRAM, "replay", "-", "--network", folder / "net.json"]
    command += ["--format", "text", "--speed", speed, "--store", folder / store]
    command += ["-o", folder / "live", "--summary", folder / "summary.json", *words]
    return subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def end(process, code=0):
    printed, answer = process.communicate(timeout=60)
    assert process.returncode == code, answer
    return printed.decode(), answer.decode()


def digest(path):
    return subprocess.run([PROGRAM, "digest", path], capture_output=True, check=True).stdout


def replayed(folder, *words, store="kept.csv"):
    """Of what was stored, for as long as the live run went on."""
    status = json.loads((folder / "live/status.json").read_text())
    command = [PROGRAM, "replay", folder / store, "--network", folder / "net.json"]
    command += ["-o", folder / "again", "-q", "--duration", status["ended_at"], *words]
    subprocess.run(list(map(str, command)), check=True)
    return status


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def stored(folder):
    rows = (folder / "kept.csv").read_text().splitlines()[1:]
    return [tuple(map(int, row.split(","))) for row in rows]


@pytest.mark.parametrize("ranks", [0, 2])
@pytest.mark.parametrize("store", ["kept.csv", "kept.aedat4", "kept.raw", "kept.es", "kept.bin"])
def test_what_was_stored_replays_to_the_same_bits(folder, ranks, store):
    if ranks and store != "kept.csv":
        pytest.skip("one format is enough")
    process = live(folder, "--window", "5", ranks=ranks, store=store)
    process.stdin.write(b"t_us,x,y,on\n")
    for event in events(300):
        process.stdin.write(line(event))
        process.stdin.flush()
        time.sleep(0.0008)
    end(process)
    status = replayed(folder, store=store)
    assert status["complete"]
    assert digest(folder / "live") == digest(folder / "again")
    assert summary(folder)["populations"]["camera"]["spikes"] == 300
    assert summary(folder)["populations"]["out"]["spikes"] > 20
    assert summary(folder)["live"]["events"] == 300


def test_late_events_get_the_earliest_time_that_is_open(folder):
    process = live(folder, "--window", "10")
    process.stdin.write(b"t_us,x,y,on\n")
    all_events = events(60)
    for event in all_events[:20]:
        process.stdin.write(line(event))
    process.stdin.write(line((5_003_000, 1, 1, 1)))  # a step back, late whatever the clock says
    process.stdin.flush()
    while not (folder / "kept.csv.partial").exists():
        time.sleep(0.01)
    time.sleep(0.3)  # windows close without the others
    for event in all_events[20:]:
        process.stdin.write(line(event))
    end(process)
    own = [*range(20), 3, *range(20, 60)]
    times = [event[0] for event in stored(folder)]
    assert times[:20] == [1000 * ms for ms in range(20)]  # from the first event on
    assert times == sorted(times)
    moved = [t - 1000 * ms for ms, t in zip(own, times, strict=True)]
    assert times[20] >= 19_000 and min(moved) == 0
    # Moved to the first microsecond that is open, or not late at all on a machine that stood still.
    assert moved[21] == 0 or times[21] % 10_000 == 1 or times[21] == times[20]
    report = summary(folder)["live"]
    assert report["late"] == sum(m > 0 for m in moved) > 0
    assert report["largest_delay_ms"] == pytest.approx(max(moved) / 1000)
    replayed(folder)
    assert digest(folder / "live") == digest(folder / "again")


def test_events_ahead_of_the_clock_wait_for_it(folder):
    begin = time.monotonic()
    process = live(folder)
    process.stdin.write(b"t_us,x,y,on\n" + b"".join(map(line, events(400))))
    process.stdin.close()
    process.stdin = None
    end(process)
    assert time.monotonic() - begin > 0.4
    assert [event[0] for event in stored(folder)] == [1000 * ms for ms in range(400)]
    assert summary(folder)["live"]["late"] == 0
    replayed(folder)
    assert digest(folder / "live") == digest(folder / "again")


def test_filters_act_on_live_events_as_on_stored_ones(folder):
    filters = ["--filter", "refractory:20ms", "--filter", "polarity:on"]
    process = live(folder, *filters, "--window", "7")
    process.stdin.write(b"t_us,x,y,on\n")
    for event in [(4_990_000, 0, 0, 0), *events(200)]:  # the first one does not pass
        process.stdin.write(line(event))
        process.stdin.flush()
        time.sleep(0.0008)
    end(process)
    assert len(stored(folder)) == 201
    replayed(folder, *filters)
    assert digest(folder / "live") == digest(folder / "again")
    assert 0 < summary(folder)["populations"]["camera"]["spikes"] < 110


def test_a_named_pipe_is_live_too_and_silence_runs_on(folder):
    os.mkfifo(folder / "pipe")
    command = [PROGRAM, "replay", folder / "pipe", "--network", folder / "net.json", "-q"]
    command += ["--format", "text", "--speed", "1x", "--store", folder / "kept.csv"]
    command += ["-o", folder / "live", "--duration", "150"]
    process = subprocess.Popen(list(map(str, command)))

    def write():
        with open(folder / "pipe", "wb", buffering=0) as pipe:
            pipe.write(b"t_us,x,y,on\n" + b"".join(map(line, events(20))))
            process.wait()  # nothing more, and the pipe stays open

    writer = threading.Thread(target=write)
    writer.start()
    assert process.wait(timeout=60) == 0
    writer.join()
    assert replayed(folder)["ended_at"] == 150
    assert digest(folder / "live") == digest(folder / "again")


@pytest.mark.parametrize("began", [True, False])
def test_a_request_to_stop_ends_where_a_window_ends(folder, began):
    process = live(folder)
    process.stdin.write(b"t_us,x,y,on\n" + b"".join(map(line, events(30))) * began)
    process.stdin.flush()
    sign = "kept.csv.partial" if began else "live.partial/run.json"
    while not (folder / sign).exists():
        time.sleep(0.01)
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)  # the pipe is still open
    end(process, code=130)
    status = json.loads((folder / "live/status.json").read_text())
    assert not status["complete"]
    if began:
        assert status["ended_at"] > 0 and status["ended_at"] % 10 == 0
        assert len(stored(folder)) == 30


def test_a_fault_in_the_stream_ends_the_run_and_keeps_what_came_before(folder):
    process = live(folder)
    process.stdin.write(b"t_us,x,y,on\n" + b"".join(map(line, events(50))) + b"1,2,what,3\n")
    _, answer = end(process, code=1)
    assert "standard input" in answer and "what" in answer
    assert len(stored(folder)) == 50


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["--speed", "1x"], 2, "--store is missing"),
        ([], 2, "--duration is missing: the length of a pipe is not known"),
        (["--store", "a.es"], 2, "--store: takes a pipe and a --speed other than max"),
        (["--speed", "1x", "--store", "a.dat"], 2, "dat"),
        (["--speed", "1x", "--store", "a.es", "--window", "0.3333"], 2, "whole microseconds"),
        (["--speed", "1x", "--store", "a.es", "--checkpoint-every", "9", "-o", "x"], 1, "once"),
        (["--label", "a"], 2, "--label: takes a recording, not a pipe"),
    ],
)
def test_wrong_options_are_answered_in_one_line(folder, words, code, message):
    command = [PROGRAM, "replay", "-", "--network", str(folder / "net.json"), *words]
    done = subprocess.run(command, input="", capture_output=True, text=True, cwd=folder)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_stream_without_events_is_said_to_be_empty(folder):
    process = live(folder)
    _, answer = end(process, code=1)
    assert "standard input: holds no events" in answer


def test_advance_auto_cannot_be_settled_on_live_input(folder):
    network = json.loads((folder / "net.json").read_text())
    network["populations"]["out"]["advance"] = "auto"
    (folder / "net.json").write_text(json.dumps(network))
    _, answer = end(live(folder), code=1)
    assert "advance: auto cannot be settled on live input" in answer


def test_what_the_network_does_on_live_input_is_told_with_its_name(folder):
    network = json.loads((folder / "net.json").read_text())
    network["populations"]["out"]["parameters"] = {"i_offset": -1e8, "cm": 1e-300}
    (folder / "net.json").write_text(json.dumps(network))
    process = live(folder)
    process.stdin.write(b"t_us,x,y,on\n" + b"".join(map(line, events(50))))
    _, answer = end(process, code=1)
    name = folder / "net.json"
    assert answer.startswith(f'ranvier: {name}: population "out": v of neuron 0 is not finite')
