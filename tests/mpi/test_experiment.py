"""`ranvier replay` on lists of recordings: what it decodes and counts, on any number of ranks, after any kill.

The recordings are made here, so that the right answers are known: a camera of 8 x 8 pixels whose left half drives the first
output neuron and whose right half drives the second, a spike for every event.
"""

import csv
import json
import os
import pty
import random
import re
import signal
import subprocess
import time

import pytest

from program import PROGRAM
from test_kills import kill

SIDE = 8
LEFT, RIGHT = (1, 3), (6, 3)
GROUPS = 3  # neurons a class


def write_recording(path, events):
    """40-bit events from (ms, (x, y))."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(
        bytes((x, y)) + ((1 << 23) | int(ms * 1000)).to_bytes(3, "big") for ms, (x, y) in events
    )
    path.write_bytes(data)


def write_network(path, weight=20.0, groups=1, **more):
    """Neurons of one class are driven by their half alone, and fire at every event when the weight is above 15 mV."""
    connections = [
        [y * SIDE + x, (x // (SIDE // 2)) * groups + g]
        for y in range(SIDE)
        for x in range(SIDE)
        for g in range(groups)
    ]
    document = {
        "ranvier": 1,
        "run": {"duration": 1, "dt": 1, "seed": 1},
        "populations": {
            "camera": {
                "model": "spike_source_events",
                "size": SIDE * SIDE,
                "options": {"width": SIDE, "height": SIDE},
            },
            "out": {
                "model": "if_curr_delta",
                "size": 2 * groups,
                "parameters": {"tau_m": 1000, "tau_refrac": 0, **more},
            },
        },
        "projections": [
            {
                "source": "camera",
                "target": "out",
                "connector": {"rule": "list", "connections": connections},
                "weight": weight,
                "delay": 1,
            }
        ],
    }
    path.write_text(json.dumps(document))
    return path


def sample_events(label, index, length=30):
    """More events on the label's side, and as many on the other as the index says."""
    near, far = (LEFT, RIGHT) if label == "left" else (RIGHT, LEFT)
    events = [(2 * k, near) for k in range(length // 2)]
    return sorted(events + [(2 * k + 1, far) for k in range(index % (length // 2))])


@pytest.fixture
def folder(tmp_path):
    for label in ("left", "right"):
        for index in range(6):
            events = sample_events(label, index)
            write_recording(tmp_path / "list" / label / f"{index}.bin", events)
    write_network(tmp_path / "net.json", groups=GROUPS)
    return tmp_path


def command(folder, *words, recordings="list", ranks=0):
    launcher = ["mpirun", "-n", str(ranks)] if ranks else []
    where = [str(folder / recordings), "--network", str(folder / "net.json")]
    return [*launcher, PROGRAM, "replay", *where, *map(str, words)]


def replay(folder, *words, code=0, **more):
    done = subprocess.run(command(folder, *words, **more), capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def results(folder):
    return json.loads((folder / "results.json").read_text())


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_of_labels_is_decoded_and_counted(folder):
    printed = replay(folder, "-o", folder / "out").stdout
    found = results(folder / "out")
    assert found["classes"] == ["left", "right"]
    size = {"width": "8", "height": "8"}
    assert found["settings"] == {"dt": 1, "seed": 1, "duration": None, "input": size}
    assert (found["accuracy"], found["right"]) == (1, 12)
    assert found["confusion"] == [[6, 0, 0], [0, 6, 0]]
    assert "accuracy 100.00 %: 12 of 12 samples right" in printed
    for sample in found["samples"]:
        label, name = sample["file"].split("/")
        events = sample_events(label, int(name.removesuffix(".bin")))
        places = [place for _, place in events]  # a spike for every event
        assert sample["label"] == sample["decoded"] == label
        assert sample["events"] == len(events)
        assert sample["synaptic_events"] == GROUPS * len(events)
        assert sample["spikes"] == GROUPS * len(events)
        assert [e or 0 for e in sample["evidence"]] == [
            GROUPS * places.count(side) for side in (LEFT, RIGHT)
        ]
        assert sample["duration_ms"] == events[-1][0] + 1
    with open(folder / "out/samples.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [s["file"] for s in found["samples"]]
    assert (folder / "out/confusion.csv").read_text().splitlines() == [
        "label,left,right,none",
        "left,6,0,0",
        "right,0,6,0",
    ]
    assert {p.name for p in (folder / "out").iterdir()} == {
        "results.json",
        "samples.csv",
        "confusion.csv",
    }


def test_a_csv_list_names_files_beside_it(folder):
    lines = ["file,label", "list/right/0.bin,right", "", "list/left/1.bin,left"]
    (folder / "list.csv").write_text("\r\n".join(lines) + "\n")
    replay(folder, "-o", folder / "out", recordings="list.csv")
    assert [s["decoded"] for s in results(folder / "out")["samples"]] == ["right", "left"]


@pytest.mark.parametrize(
    "rule,answer,evidence",
    [
        ("rate", "right", [1, 2]),
        ("first_spike", "left", [3, 6]),
        ("membrane_maximum", "left", [-25, -45]),
    ],
)
def test_rules_of_decoding_look_at_different_things(tmp_path, rule, answer, evidence):
    """10 mV an event after a delay of 1 ms, threshold 15 mV above rest: a spike every second event."""
    events = [(0, LEFT), (2, LEFT), (3, RIGHT), (5, RIGHT), (7, RIGHT), (9, RIGHT), (11, RIGHT)]
    threshold = {}
    if rule == "membrane_maximum":  # four events at the left add up, and two at the right
        events = [(k, LEFT) for k in range(4)] + [(k, RIGHT) for k in (4, 5)]
        threshold = {"v_thresh": 1000}
    write_recording(tmp_path / "one.bin", events)
    write_network(tmp_path / "net.json", weight=10.0, tau_m=1e6, **threshold)
    words = ["--label", "left", "--classes", "left,right", "--decode", rule]
    replay(tmp_path, *words, "-o", tmp_path / "out", recordings="one.bin")
    found = results(tmp_path / "out")["samples"][0]
    assert found["decoded"] == answer
    assert found["evidence"] == pytest.approx(evidence, abs=0.01)


def test_silence_is_no_answer_and_counts_as_wrong(folder):
    write_network(folder / "net.json", weight=0.01)
    replay(folder, "-o", folder / "out")
    found = results(folder / "out")
    assert found["accuracy"] == 0
    assert found["confusion"] == [[0, 0, 6], [0, 0, 6]]


def test_the_recordings_own_length_ends_with_a_whole_step(folder):
    network = json.loads((folder / "net.json").read_text())
    network["run"] = {"duration": 0.7, "dt": 0.7}
    (folder / "net.json").write_text(json.dumps(network))
    replay(folder, "-o", folder / "out")
    durations = {sample["duration_ms"] for sample in results(folder / "out")["samples"]}
    assert durations == {29.4}  # the last event comes at 28 ms
    replay(folder, "-o", folder / "one", recordings="list/left/0.bin")
    assert json.loads((folder / "one/status.json").read_text())["ended_at"] == 29.4


def test_state_is_reset_between_samples(folder):
    """Each sample's line is that of the sample run alone."""
    write_network(folder / "net.json", weight=7.0)  # no event fires by itself: state matters
    replay(folder, "-o", folder / "all")
    for sample in results(folder / "all")["samples"][::5]:
        words = ["--label", sample["label"], "--classes", "left,right", "-o", folder / "one"]
        replay(folder, *words, "--overwrite", recordings=f"list/{sample['file']}")
        alone = results(folder / "one")["samples"][0]
        assert {**alone, "file": sample["file"]} == sample


@pytest.mark.parametrize("ranks", [2, 3])
def test_any_number_of_ranks_finds_the_same_bytes(folder, ranks):
    replay(folder, "-o", folder / "one")
    replay(folder, "-o", folder / "many", "--threads", 2, ranks=ranks)
    assert files_of(folder / "one") == files_of(folder / "many")


def finished(partial):
    return sum(path.read_text().count("\n") for path in partial.glob("samples.*.jsonl"))


LONG = 60


def long_list(folder):
    """Samples of 8 s, so that there is time to kill."""
    for index in range(LONG):
        label = ("left", "right")[index % 2]
        events = [*sample_events(label, index), (8000, LEFT), (8001, RIGHT)]
        write_recording(folder / "long" / label / f"{index:02}.bin", events)


@pytest.mark.parametrize("ranks,then", [(0, 0), (2, 0), (0, 2)])
def test_after_a_kill_finished_samples_are_not_run_again(folder, ranks, then):
    long_list(folder)
    replay(folder, "-o", folder / "whole", recordings="long")
    out, partial = folder / "out", folder / "out.partial"
    moments = random.Random(ranks + 7 * then)
    killed = command(folder, "-o", out, recordings="long", ranks=ranks)
    process = subprocess.Popen(killed, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    wanted = moments.randint(1, 12)
    while finished(partial) < wanted and process.poll() is None:
        time.sleep(0.001)
    kill(process, moments)
    kept = [json.loads(line) for p in partial.glob("*.jsonl") for line in whole_lines(p)]
    assert wanted <= len(kept) < LONG, "the kill came too late: make the list longer"
    # What is finished cannot be run again: its recordings are spoilt.
    samples = sorted((folder / "long").glob("*/*.bin"))
    contents = {}
    for sample in kept:
        path = samples[sample["sample"]]
        contents[path] = path.read_bytes()
        path.write_bytes(bytes([255]) * len(contents[path]))
    with open(next(partial.glob("samples.*.jsonl")), "a") as file:
        file.write('{"sample":59,"deco')  # a line that a kill tore
    replay(folder, "-o", out, "--resume", recordings="long", ranks=then)
    assert files_of(out) == files_of(folder / "whole")
    assert "nothing was left" in replay(folder, "-o", out, "--resume", recordings="long").stderr


@pytest.mark.parametrize("ranks", [0, 2])
def test_another_experiment_does_not_pass_for_one_that_is_complete(folder, ranks):
    out = folder / "out"
    replay(folder, "-o", out)
    before = files_of(out)
    again = replay(folder, "-o", out, "--resume", ranks=ranks)
    assert "is there, complete; nothing was left to run" in again.stderr
    for words, difference in (
        (["--decode", "first_spike"], "of another network, list or way of decoding"),
        (["--classes", "right,left"], "of another network, list or way of decoding"),
        (["--seed", 7], "with seed 1, this one has seed 7"),
        (["--duration", 5], "with duration none, this one has duration 5.0"),
        (["--filter", "count:1"], 'with input {"height":"8","width":"8"}, this one has input {'),
    ):
        said = replay(folder, "-o", out, "--resume", *words, ranks=ranks, code=1).stderr
        assert f"{out}: is a complete experiment {difference}" in said, words
    (folder / "list/left/more.bin").write_bytes((folder / "list/left/0.bin").read_bytes())
    assert "is a complete exp" in replay(folder, "-o", out, "--resume", ranks=ranks, code=1).stderr
    assert files_of(out) == before
    for verb in ("digest", "report"):
        done = subprocess.run([PROGRAM, verb, out], capture_output=True, text=True)
        assert done.returncode == 1
        assert "holds an experiment's results (results.json), must be the folder of" in done.stderr


def whole_lines(path):
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def test_after_a_kill_at_the_very_begin_the_experiment_begins(folder):
    (folder / "out.partial").mkdir()
    replay(folder, "-o", folder / "out", "--resume")
    replay(folder, "-o", folder / "again")
    assert files_of(folder / "out") == files_of(folder / "again")


def test_a_request_to_stop_keeps_what_is_finished(folder):
    long_list(folder)
    out, partial = folder / "out", folder / "out.partial"
    words = command(folder, "-o", out, recordings="long")
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    while finished(partial) < 3:
        time.sleep(0.001)
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 130
    assert "ended early on request; --resume goes on" in process.stderr.read()
    replay(folder, "-o", out, "--resume", recordings="long")
    assert len(results(out)["samples"]) == LONG


@pytest.mark.parametrize("ranks", [0, 2])
def test_a_request_to_stop_before_a_sample_has_finished_leaves_nothing(folder, ranks):
    words = ["-o", folder / "out", "--duration"]
    begun = command(folder, *words, "1e9", ranks=ranks)  # 11 days a sample
    process = subprocess.Popen(begun, stderr=subprocess.PIPE, text=True)
    while not (folder / "out.partial/samples.0.jsonl").exists():
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=60)[1]
    assert process.returncode == 130 or ranks  # mpirun has a code of its own
    assert "ranvier: ended early on request: no sample had finished, nothing is kept\n" in message
    assert ranks or message.count("\n") == 1
    assert not list(folder.glob("out*"))
    replay(folder, *words, "40", ranks=ranks)
    assert results(folder / "out")["accuracy"] == 1


def test_settings_of_an_interrupted_experiment_are_named_where_they_differ(folder):
    (folder / "list/right/5.bin").write_bytes(b"1234567")
    words = ["-o", folder / "out", "--seed"]
    replay(folder, *words, 3, code=1)
    assert finished(folder / "out.partial") == 11
    said = replay(folder, *words, 4, "--resume", code=1).stderr
    assert "out.partial: an experiment with seed 3, this one has seed 4: cannot be gone on" in said


def test_on_a_terminal_a_line_says_how_far_it_is_and_how_long_it_takes(folder):
    long_list(folder)
    terminal, side = pty.openpty()
    words = command(folder, "--duration", "60000", recordings="long")
    with open(terminal, "rb", buffering=0) as screen:
        subprocess.run(words, stderr=side, stdout=subprocess.DEVNULL, check=True)
        os.close(side)
        shown = screen.read(4096).decode()
    assert re.search(r"\d+ of 60 samples \(\d+ %\), \d+ s left", shown)


def test_another_experiment_cannot_go_on_where_one_was_interrupted(folder):
    (folder / "out.partial").mkdir()
    (folder / "out.partial/experiment.json").write_text('{"experiment": "another"}')
    message = replay(folder, "-o", folder / "out", "--resume", code=1).stderr
    assert "an experiment of another network, list or way of decoding: cannot be" in message
    message = replay(folder, "-o", folder / "out", code=1).stderr
    assert "an experiment was interrupted here; --resume goes on with it" in message


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["--decode", "vote"], 2, '"vote", must be rate, first_spike or membrane_maximum'),
        (["--classes", "left,up"], 1, 'right/0.bin: label "right", is none of the classes'),
        (["--classes", "left,left"], 2, "must be different labels"),
        (["--classes", "left,right,up,down"], 1, "size: 6, must be a multiple of the number"),
        (["--output-population", "oat"], 1, 'did you mean "out"?'),
        (["--output-population", "camera"], 1, "is the input, and cannot be decoded"),
        (["--speed", "1x"], 2, "--speed: takes one recording without a label"),
        (["--label", "left"], 2, "--label: is for one recording"),
        (["--resume"], 2, "--resume needs a folder"),
        (["--summary", "none/s.json"], 1, "--summary: none/s.json: there is no folder none"),
        (["--filter", "count:0"], 1, "0.bin: holds no events that pass the filters"),
        (["--decode", "membrane_maximum", "--duration", "-1"], 2, "--duration: -1 ms"),
    ],
)
def test_wrong_options_are_answered_in_one_line(folder, words, code, message):
    answer = replay(folder, *words, code=code).stderr
    assert message in answer
    assert answer.count("\n") == 1


@pytest.mark.parametrize("ranks", [0, 2])
def test_what_the_network_does_while_it_runs_is_told_with_its_name_and_the_recording(folder, ranks):
    write_network(folder / "net.json", weight=-1.5e308, groups=GROUPS)  # two of it are no double
    for path in folder.glob("list/*/*.bin"):
        write_recording(path, [(0, LEFT)])
    write_recording(folder / "list/right/4.bin", [(0, LEFT), (5, LEFT)])
    done = subprocess.run(command(folder, ranks=ranks), capture_output=True, text=True)
    assert done.returncode == 1
    name = folder / "net.json"
    told = [line for line in done.stderr.splitlines() if line.startswith("ranvier: ")]
    where = f'ranvier: {name}: recording right/4.bin: population "out": v of neuron 0 is not finite'
    assert len(told) == 1 and told[0].startswith(where)


def test_what_it_does_in_the_run_that_settles_how_it_moves_is_told_so_too(folder):
    document = json.loads(write_network(folder / "net.json", weight=-1.5e308).read_text())
    document["projections"][0]["delay"] = 20  # long windows: each is looked at, not the first alone
    document["populations"]["out"]["advance"] = "auto"
    idle = {"model": "if_curr_delta", "size": 10_000, "advance": "auto"}  # the trial is clocked
    document["populations"] = {"idle": idle, **document["populations"]}
    (folder / "net.json").write_text(json.dumps(document))
    write_recording(folder / "list/left/0.bin", [(0, LEFT), (5, LEFT)])
    where = 'net.json: recording left/0.bin: population "out": v of neuron 0 is not finite any more'
    assert f"{where} at 30 ms" in replay(folder, "--duration", 60, code=1).stderr


def test_a_recording_that_lasts_longer_than_a_run_can_is_named(folder):
    rows = ["t,x,y,p", "0,1,1,1", f"{10**18 - 1},1,1,1"]
    (folder / "list/right/9.csv").write_text("\n".join(rows) + "\n")
    message = (
        f"{folder / 'list/right/9.csv'}: {10**15} ms from the first event to the last, must be"
    )
    assert message in replay(folder, code=1).stderr


def test_a_list_that_is_wrong_names_the_line(folder):
    for lines, message in [
        (["file,label", "list/left/9.bin,left"], "list.csv: line 2: list/left/9.bin: no such file"),
        (["file,label", "list/left/0.bin"], 'line 2: "list/left/0.bin", must be FILE,LABEL'),
        (["file,label", "list/left,left"], "list.csv: line 2: list/left: must be a file"),
        (["list/left/0.bin,left"], "a list of recordings begins with the line file,label"),
        (["file,label"], "list.csv: holds no recordings"),
        (["file,label", "a,b.bin,left"], '"a,b.bin,left", must be FILE,LABEL (in quotes where'),
        (["file,label", '"list/left/0.bin,left'], "line 2: a quote that is not closed"),
        (["file,label", '"list/left/0.bin"x,left'], 'line 2: "list/left/0.bin" is closed in mid'),
    ]:
        (folder / "list.csv").write_text("\n".join(lines) + "\n")
        assert message in replay(folder, recordings="list.csv", code=1).stderr


def test_a_fault_of_a_recording_in_csv_says_nothing_of_lists(folder):
    for lines, options, code, message in [
        (["t,x,y,p", "0,1,1,1", "5,1,1,2"], [], 1, 'byte 16: "5,1,1,2" is not an event of 4'),
        (["t_ms,x,y,p", "0,1,1,1"], [], 1, 'the header gives times in "ms", accepted: s and us'),
        (["t,x,y,p", "0,1,1,1"], ["--filter", "crop:7"], 2, "; usage: crop:x:y:width:height\n"),
    ]:
        (folder / "one.csv").write_text("\n".join(lines) + "\n")
        said = replay(folder, *options, recordings="one.csv", code=code).stderr
        assert message in said and "a list of recordings" not in said


def test_what_is_no_file_in_a_list_is_named(folder):
    (folder / "list/loop").symlink_to("loop")  # beside the folders: passed over
    replay(folder, "--duration", 1)
    (folder / "list/right/gone.bin").symlink_to("nowhere")
    for ranks in (0, 2):
        message = replay(folder, code=1, ranks=ranks).stderr
        assert "list/right/gone.bin: must be a file" in message
    (folder / "list/right/gone.bin").unlink()
    (folder / "list.csv").write_text(f"file,label\n{'long' * 2000},left\n")
    assert "no such file" in replay(folder, recordings="list.csv", code=1).stderr


def test_a_csv_list_may_begin_with_a_byte_order_mark(folder):
    lines = "file,label\nlist/left/0.bin,left\nlist/right/0.bin,right\n"
    (folder / "list.csv").write_text(lines, encoding="utf-8-sig")
    assert "2 of 2 samples right" in replay(folder, recordings="list.csv").stdout


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_a_list_that_pythons_csv_module_wrote_is_read_with_its_quotes(folder, quoting):
    names = {"left": 'list/left/a,b "1".bin', "right": "list/right/0.bin"}
    labels = {"left": 'left, or "west"', "right": "right"}
    (folder / "list/left/0.bin").rename(folder / names["left"])
    with open(folder / "list.csv", "w", newline="", encoding="utf-8-sig") as file:
        rows = [["file", "label"], *([names[side], labels[side]] for side in ("right", "left"))]
        csv.writer(file, quoting=quoting).writerows(rows)
    classes = '"left, or ""west""",right'
    replay(folder, "-o", folder / "out", "--classes", classes, recordings="list.csv")
    found = results(folder / "out")
    assert found["classes"] == [labels["left"], labels["right"]]
    assert [s["file"] for s in found["samples"]] == [names["right"], names["left"]]
    assert [s["decoded"] for s in found["samples"]] == [labels["right"], labels["left"]]
    with open(folder / "out/samples.csv", newline="") as file:
        assert [row["file"] for row in csv.DictReader(file)] == [names["right"], names["left"]]


def test_a_recording_that_cannot_be_read_ends_the_experiment_with_its_name(folder):
    (folder / "list/right/3.bin").write_bytes(b"1234567")
    for ranks in (0, 2):
        message = replay(folder, "-o", folder / f"out{ranks}", code=1, ranks=ranks).stderr
        assert "right/3.bin" in message
    assert finished(folder / "out0.partial") == 9


@pytest.mark.parametrize("ranks", [0, 2])
def test_a_failure_before_anything_is_kept_leaves_no_folder(folder, ranks):
    for recording in folder.glob("list/*/*.bin"):
        write_recording(recording, [(1, LEFT), (2, (SIDE, 0))])  # outside the sensor
    for recordings in ("list", "list/left/0.bin"):
        message = replay(folder, "-o", folder / "out", recordings=recordings, ranks=ranks, code=1)
        assert f"an event at ({SIDE}, 0) lies outside the sensor" in message.stderr
        assert not list(folder.glob("out*"))


def test_a_failure_leaves_what_had_been_recorded_before(folder):
    recording = folder / "list/left/0.bin"
    write_recording(recording, [*((ms, LEFT) for ms in range(250)), (251, (SIDE, 0))])
    network = json.loads((folder / "net.json").read_text())
    network["probes"] = [{"population": "camera", "variables": ["spikes"]}]
    (folder / "net.json").write_text(json.dumps(network))
    replay(folder, "-o", folder / "out", recordings="list/left/0.bin", code=1)
    words = [PROGRAM, "recover", folder / "out.partial", "-o", folder / "saved"]
    subprocess.run(words, check=True)
    assert json.loads((folder / "saved/status.json").read_text())["ended_at"] == 200
