"""`ranvier events`: conversion between all formats, pipes, cuts and faults, on the bundled recording.

The recording's counts and checksum are those that tonic found (examples/data/LICENCE.md).
"""

import json
import os
import resource
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RECORDING = ROOT / "examples/data/dvs_gesture_1.bin"
SHA256 = "7a3059b7f4ce92a996ab46179091474995debe66ad6bdd143e75c06a89cdbe66"  # tonic's events
SENSOR = ["--sensor", "128x128"]
STREAMS = {"aedat4": "a.aedat4", "evt3": "a.raw", "es": "a.es", "bin40": "a.bin", "text": "a.csv"}


def events(*words, code=0, **more):
    words = [os.environ["RANVIER_PROGRAM"], "events", *map(str, words)]
    done = subprocess.run(words, capture_output=True, **more)
    assert done.returncode == code, done.stderr
    return done


def info(*words, **more):
    return json.loads(events("info", "--json", *words, **more).stdout)


@pytest.mark.parametrize("name", STREAMS)
def test_converted_recordings_hold_the_same_events(name, tmp_path):
    out = tmp_path / STREAMS[name]
    events("convert", RECORDING, out, *SENSOR)
    found = info(out)
    assert found["events_sha256"] == SHA256
    assert found["sensor"] == (None if name == "bin40" else [128, 128])
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("name", STREAMS)
def test_recordings_go_through_pipes(name):
    words = ["convert", RECORDING, "-", "--to", name, *SENSOR]
    words += ["--compression", "zstd"] if name == "aedat4" else []
    stream = events(*words).stdout
    formats = ["--format", name] if name in ("bin40", "text") else []
    assert info("-", *formats, input=stream)["events_sha256"] == SHA256


def test_a_live_pipe_is_read_as_its_bytes_come():
    words = [os.environ["RANVIER_PROGRAM"], "events", "convert", "-", "-", "--to", "text"]
    words += ["--format", "bin40"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as live:
        live.stdin.write(bytes([1, 2, 0x80, 0, 7]) * 3)
        live.stdin.close()
        assert live.stdout.read() == b"t_us,x,y,on\n" + b"7,1,2,1\n" * 3


def test_a_cut_recording_leaves_the_events_before_in_a_partial_file(tmp_path):
    cut, out = tmp_path / "cut.bin", tmp_path / "out.es"
    cut.write_bytes(RECORDING.read_bytes()[:5003])
    done = events("convert", cut, out, *SENSOR, code=1)
    assert b"cut.bin: byte 5000: the recording is cut off inside a record" in done.stderr
    assert b"--tolerate-corrupt" in done.stderr
    assert not out.exists()
    partial = tmp_path / "out.es.partial"
    assert info(partial, "--format", "es")["events"] == 1000
    events("convert", cut, out, *SENSOR, "--tolerate-corrupt")
    assert info(out)["events"] == 1000
    assert not partial.exists()
    assert json.loads(events("info", cut, "--json", code=1).stdout)["events"] == 1000
    assert info(cut, "--tolerate-corrupt")["events"] == 1000


def test_what_an_earlier_fault_left_is_not_written_over_while_it_is_read(tmp_path):
    left, out = tmp_path / "a.es.partial", tmp_path / "a.es"
    events("convert", RECORDING, tmp_path / "b.es", *SENSOR)
    (tmp_path / "b.es").rename(left)
    done = events("convert", left, out, code=2)
    assert b"a.es.partial: is the name under which" in done.stderr
    assert info(left)["events_sha256"] == SHA256
    events("convert", left, tmp_path / "c.es")
    assert info(tmp_path / "c.es")["events_sha256"] == SHA256


def test_an_event_that_the_format_cannot_hold_leaves_no_file(tmp_path):
    recording, out = tmp_path / "a.csv", tmp_path / "a.bin"
    recording.write_text("t,x,y,p\n0,1,2,1\n9000000,1,2,1\n")
    done = events("convert", recording, out, code=1)
    assert b"not an event at (1, 2), 9000000 us" in done.stderr
    assert list(tmp_path.iterdir()) == [recording]


def test_an_output_that_is_there_is_kept_unless_told_otherwise(tmp_path):
    out = tmp_path / "a.csv"
    out.write_text("mine")
    assert (
        b"a.csv: exists already; give another name, or --overwrite"
        in events("convert", RECORDING, out, code=1).stderr
    )
    assert out.read_text() == "mine"
    events("convert", RECORDING, out, "--overwrite")
    assert info(out)["events_sha256"] == SHA256


def rows(path):
    lines = path.read_text().splitlines()[1:]
    return [tuple(map(int, line.split(","))) for line in lines]


def test_crop_and_slice_are_what_numpy_like_masks_give(tmp_path):
    whole, part = tmp_path / "whole.csv", tmp_path / "part.csv"
    events("convert", RECORDING, whole)
    all_rows = rows(whole)
    events("crop", RECORDING, part, "--box", "30,40,50,20")
    assert rows(part) == [
        (t, x - 30, y - 40, p) for t, x, y, p in all_rows if 30 <= x < 80 and 40 <= y < 60
    ]
    assert info(part)["sensor"] == [50, 20]
    first = all_rows[0][0]
    words = ["slice", RECORDING, part, "--overwrite", "--from", "100ms", "--until", "0.3s"]
    events(*words)
    within = [r for r in all_rows if 100_000 <= r[0] - first < 300_000]
    assert rows(part) == within
    events(*words, "--skip", 10, "--count", 20, "--zero-time")
    assert rows(part) == [(t - within[10][0], x, y, p) for t, x, y, p in within[10:30]]


@pytest.mark.parametrize("name", ["a.es", "a.aedat4"])
def test_an_event_outside_the_sensor_is_not_written_into_a_file_that_names_it(name, tmp_path):
    done = events("convert", RECORDING, tmp_path / name, "--sensor", "100x100", code=1)
    assert b"lies outside the sensor of 100 x 100 pixels" in done.stderr
    assert not list(tmp_path.iterdir())
    if name == "a.es":
        words = ["crop", RECORDING, tmp_path / name, "--box", "0,0,65536,9"]
        assert b"up to 65535 x 65535 pixels, not 65536 x 9" in events(*words, code=1).stderr


def test_stats_count_windows_gaps_and_pixels(tmp_path):
    recording = tmp_path / "a.csv"
    recording.write_text(
        "t,x,y,p\n0,3,1,1\n500,3,1,0\n999,2,0,1\n1000,3,1,1\n600,0,0,1\n9000,0,0,1\n"
    )
    found = json.loads(events("stats", recording, "--window", "1ms", "--json").stdout)
    assert found["events"] == 6
    assert found["duration_s"] == 0.009
    assert found["peak_rate_hz"] == 3000
    assert found["longest_gap_us"] == 8400
    assert (found["backward_steps"], found["longest_step_back_us"]) == (1, 400)
    assert found["hottest_pixels"] == [[3, 1, 3], [0, 0, 2], [2, 0, 1]]


def test_stats_show_five_digits_in_the_table_and_all_in_json(tmp_path):
    recording = tmp_path / "a.csv"  # 7 events in 0.6 s, 2 of them ON; 3 in 700 us
    recording.write_text(
        "t,x,y,p\n0,3,1,1\n1,3,1,1\n2,3,1,0\n700,3,1,0\n701,3,1,0\n702,3,1,0\n600000,3,1,0\n"
    )
    words = ["stats", recording, "--window", "700us"]
    found = json.loads(events(*words, "--json").stdout)
    shown = dict(line.split(None, 1) for line in events(*words).stdout.decode().splitlines())
    assert [key for key in shown if key != "note"] == [key for key in found if key != "notes"]
    assert (found["on_share"], shown["on_share"]) == (2 / 7, "0.28571")
    assert (found["mean_rate_hz"], shown["mean_rate_hz"]) == (7 / 0.6, "11.667")
    assert (found["peak_rate_hz"], shown["peak_rate_hz"]) == (3e6 / 700, "4285.7")
    assert (found["duration_s"], shown["duration_s"]) == (0.6, "0.6")
    peak = dict(
        line.split(None, 1)
        for line in events("stats", recording, "--window", "7us").stdout.decode().splitlines()
    )
    assert peak["peak_rate_hz"] == "428571"  # no exponent


def test_a_recording_without_events_has_no_range_of_pixels(tmp_path):
    (tmp_path / "a.csv").write_text("t,x,y,p\n")
    found = json.loads(events("stats", tmp_path / "a.csv", "--json").stdout)
    assert (found["events"], found["x_range"], found["y_range"]) == (0, None, None)


def test_a_file_without_bytes_is_empty_and_a_fault_before_any_event_leaves_nothing(tmp_path):
    (tmp_path / "a.raw").touch()
    for name in (tmp_path / "a.raw", "-"):
        assert b": is empty\n" in events("info", name, code=1).stderr
    whole = events("convert", RECORDING, "-", "--to", "aedat4", "--sensor", "128x128").stdout
    (tmp_path / "cut.aedat4").write_bytes(whole[:3000])
    words = ["convert", tmp_path / "cut.aedat4", tmp_path / "out.csv"]
    said = events(*words, code=1).stderr
    assert b"the recording is cut off inside a record" in said
    assert said.endswith(b"; there is no event before it\n")
    assert not list(tmp_path.glob("out*"))
    events(*words, "--tolerate-corrupt")
    assert (tmp_path / "out.csv").read_text().count("\n") == 1


@pytest.mark.parametrize("name", ["aedat2", "aedat31", "aedat4", "dat", "es", "evt2", "evt3"])
def test_a_pipe_that_held_nothing_is_no_recording(name):
    done = events("info", "-", "--format", name, code=1)
    assert b"standard input: byte 0: " in done.stderr


def test_pixels_without_events_take_no_memory(tmp_path):
    recording = tmp_path / "a.csv"
    lines = [f"{k},65535,{8 * k},1" for k in range(8192)]
    recording.write_text("\n".join(["t,x,y,p", *lines]) + "\n")
    found = json.loads(events("stats", recording, "--json").stdout)
    assert found["active_pixels"] == 8192
    assert found["hottest_pixels"][1] == [65535, 8, 1]
    assert (
        resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2**20
    )  # KiB; rows would be 2 GiB


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], b"a verb is missing"),
        (["inf"], b'unknown verb "inf", did you mean "info"?'),
        (["info", RECORDING, "--format", "evt4"], b'unknown event format "evt4", did you mean'),
        (["info", RECORDING, "--sensor", "128"], b"must be WIDTHxHEIGHT"),
        (["crop", RECORDING, "a.csv", "--box", "1,2,0,4"], b"must be X,Y,WIDTH,HEIGHT"),
        (["slice", RECORDING, "a.csv", "--from", "3"], b"must be a time >= 0 with its unit"),
        (
            ["slice", RECORDING, "a.csv", "--from", "20ms", "--until", "0.01s"],
            b"--until: 0.01s, must be later than --from: 20ms",
        ),
        (["slice", RECORDING, "a.csv", "--until", "0s"], b"must be later than --from: 0s"),
        (
            ["info", RECORDING, "--filter", "slice:20ms:10ms"],
            b'filter "slice:20ms:10ms": until: 10ms, must be later than from: 20ms; usage: slice',
        ),
        (["convert", RECORDING, "a.dat"], b"names no format that is written"),
        (["convert", RECORDING, "a.raw", "--to", "evt2"], b"format evt2 are read only"),
        (["convert", RECORDING, "a.es"], b"pass --sensor"),
        (["convert", RECORDING, "a.aedat4", *SENSOR, "--compression", "gz"], b"must be none, lz4"),
        (["convert", RECORDING, "a.csv", "--compression", "lz4"], b"is of AEDAT 4, the output is"),
        (["info", RECORDING, "--columns", "t,x,y,p"], b"is of text, the recording is of format"),
        (["stats", RECORDING, "--window", "0ms"], b"--window: 0ms, must be at least 1us"),
        (
            ["info", RECORDING, "--filter", "ba:5ms:4:5"],
            b'filter "ba:5ms:4:5": support: 5, must be at most neighbours: 4; usage: ba',
        ),
        (["stats", RECORDING, "--time-unit", "s"], b"is of text and arrays, the recording is of"),
    ],
)
def test_wrong_usage_is_told_in_one_line(words, message, tmp_path):
    done = events(*words, code=2, cwd=tmp_path)
    assert message in done.stderr
    assert done.stderr.count(b"\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["flip:x", "time_scale:1e9 time_scale:1e9", "crop:200:0:9:9"])
def test_what_a_filter_refuses_is_no_corrupt_recording(name, tmp_path):
    size = SENSOR if name.startswith("crop") else []
    words = [RECORDING, *size, "--filter", name, "--tolerate-corrupt"]
    for verb in ("info", "stats"):
        done = events(verb, *words, code=1)
        assert (done.stdout, done.stderr.count(b"\n")) == (b"", 1)
    for output in ("a.csv", "a.es"):
        done = events("convert", words[0], tmp_path / output, *words[1:], code=1)
        assert b"filter " + name.split(":")[0].encode() in done.stderr
    assert not list(tmp_path.iterdir())


def test_files_of_no_format_are_told(tmp_path):
    noise = tmp_path / "a.bin"
    noise.write_bytes(bytes(range(255, 0, -1)) * 20)
    assert b"--format bin40 reads it all the same" in events("info", noise, code=1).stderr
    other = tmp_path / "a.xyz"
    other.write_bytes(b"nothing known")
    assert b"no event format known here" in events("info", other, code=1).stderr
    assert b"a.none: cannot be opened" in events("info", tmp_path / "a.none", code=1).stderr
    assert b"is a folder" in events("info", tmp_path, code=1).stderr


def test_filters_apply_on_every_verb_and_are_listed(tmp_path):
    out = tmp_path / "a.csv"
    words = ["--filter", "crop:30:40:50:20", "--filter", "polarity:on count:20"]
    events("convert", RECORDING, out, *words, "--zero-time")
    whole = tmp_path / "whole.csv"
    events("convert", RECORDING, whole)
    kept = [r for r in rows(whole) if 30 <= r[1] < 80 and 40 <= r[2] < 60 and r[3] == 1][:20]
    first = kept[0][0]
    assert rows(out) == [(t - first, x - 30, y - 40, p) for t, x, y, p in kept]
    found = info(RECORDING, *words)
    assert (found["events"], found["sensor"]) == (20, [50, 20])
    assert json.loads(events("stats", RECORDING, "--json", *words).stdout)["events"] == 20
    assert b"refractory" in events("info", RECORDING, "--filter", "refractry:1ms", code=2).stderr
    listed = json.loads(events("filters", "--json").stdout)
    files = (ROOT / "encoding/filters").glob("*.cpp")
    assert [f["name"] for f in listed] == sorted(file.stem for file in files)
    window = next(f for f in listed if f["name"] == "ba")["parameters"][0]
    assert (window["name"], window["default"]) == ("window", None)
    assert b"ba: background activity" in events("filters").stdout


def test_replay_filters_what_it_feeds(tmp_path):
    network = {
        "ranvier": 1,
        "run": {"duration": 1, "dt": 0.1},
        "populations": {
            "dvs": {
                "model": "spike_source_events",
                "size": 64 * 64,
                "options": {"width": 64, "height": 64},
            }
        },
    }
    document, summary = tmp_path / "net.json", tmp_path / "summary.json"
    document.write_text(json.dumps(network))
    words = [os.environ["RANVIER_PROGRAM"], "replay", str(RECORDING), "--network", str(document)]
    words += ["--filter", "ba:5ms", "--downsample", "2", "--summary", str(summary)]
    done = subprocess.run(words, capture_output=True)
    assert done.returncode == 0, done.stderr
    expected = info(RECORDING, "--filter", "ba:5ms", "--filter", "downsample:2")["events"]
    assert json.loads(summary.read_text())["spikes"] == expected
    assert expected < info(RECORDING)["events"]
