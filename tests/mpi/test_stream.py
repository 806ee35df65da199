"""A network fed through the standard input: the spikes of the same times given as an array, on any split; Ctrl-C."""

import json
import signal
import subprocess
import time

import pytest

from program import PROGRAM, command, projection

DURATION = 100  # ms
SIZE = 40
TIMES = [(round(0.37 * k + 0.1, 6), (7 * k) % SIZE) for k in range(1, 260)]


def network(path, source):
    path.write_text(
        json.dumps(
            {
                "ranvier": 1,
                "run": {"duration": DURATION, "dt": 0.1, "seed": 3},
                "populations": {
                    "in": {"size": SIZE, **source},
                    "cells": {"model": "if_curr_exp", "size": 130},
                    "exact": {"model": "if_curr_alpha", "size": 70, "advance": "event"},
                },
                "projections": [
                    projection("in", p, {"rule": "fixed_probability", "probability": 0.5}, w, 1.3)
                    for p, w in (("cells", 3), ("exact", 20))
                ],
            }
        )
    )
    return path


def digest(out):
    return subprocess.run(
        [PROGRAM, "digest", str(out)], check=True, capture_output=True, text=True
    ).stdout


def fail_on_two_ranks(document, out, text=""):
    """Runs what fails. Returns the exit code and the program's own lines on standard error."""
    done = subprocess.run(
        command(document, out, ranks=2), input=text, capture_output=True, text=True, timeout=120
    )
    return done.returncode, [x for x in done.stderr.splitlines() if x.startswith("ranvier: ")]


def test_a_stream_gives_the_spikes_of_an_array_on_any_split(tmp_path):
    trains = [[t for t, i in TIMES if i == neuron] for neuron in range(SIZE)]
    array = network(
        tmp_path / "array_network.json", {"model": "spike_source_array", "spike_times": trains}
    )
    subprocess.run(command(array, tmp_path / "array"), check=True)
    summary = json.loads((tmp_path / "array.json").read_text())
    assert all(p["spikes"] > 50 for p in summary["populations"].values())
    stream = network(tmp_path / "stream.json", {"model": "spike_source_stream", "file": "-"})
    text = "".join(f"{t} {i}\n" for t, i in TIMES)
    for ranks, threads in [(1, 1), (1, 2), (2, 1)]:
        out = tmp_path / f"{ranks}x{threads}"
        subprocess.run(command(stream, out, ranks, threads), check=True, input=text, text=True)
        assert digest(out) == digest(tmp_path / "array")


@pytest.mark.parametrize("option", [["--checkpoint-every", "10"], ["--resume"]])
def test_what_can_be_read_once_takes_no_checkpoints(tmp_path, option):
    stream = network(tmp_path / "stream.json", {"model": "spike_source_stream", "file": "-"})
    done = subprocess.run(
        command(stream, tmp_path / "out", extra=option), input="", capture_output=True, text=True
    )
    assert done.returncode == 1
    assert 'population "in": standard input can be read once only' in done.stderr


def test_a_fault_in_the_stream_names_the_line(tmp_path):
    stream = network(tmp_path / "stream.json", {"model": "spike_source_stream", "file": "-"})
    done = subprocess.run(
        command(stream, tmp_path / "out"), input="5 1\n4 1\n", capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr == (
        "ranvier: standard input: line 2: 4 ms comes after 5 ms, times must not step back\n"
    )


def test_a_fault_on_one_rank_ends_all_ranks_with_its_message_and_exit_code(tmp_path):
    stream = network(tmp_path / "stream.json", {"model": "spike_source_stream", "file": "-"})
    code, told = fail_on_two_ranks(stream, tmp_path / "out", "5 1\n30 1\n29 1\n")
    assert code == 1
    assert told == [
        "ranvier: standard input: line 3: 29 ms comes after 30 ms, times must not step back"
    ]


@pytest.mark.parametrize("field", ["weight", "delay"])
def test_what_all_ranks_refuse_is_told_once(tmp_path, field):
    faulty = network(
        tmp_path / "faulty.json", {"model": "spike_source_array", "spike_times": [[]] * SIZE}
    )
    document = json.loads(faulty.read_text())
    document["projections"][0][field] = {"function": "linear", "a": 1, "b": 1}
    faulty.write_text(json.dumps(document))
    code, told = fail_on_two_ranks(faulty, tmp_path / "out")
    assert code == 1
    assert told == [
        f'ranvier: {faulty}: projection "in->cells": depends on distance, but its populations have no '
        "positions"
    ]


def test_what_cannot_be_written_ends_all_ranks_with_exit_code_1(tmp_path):
    stream = network(tmp_path / "stream.json", {"model": "spike_source_stream", "file": "-"})
    (tmp_path / "out.partial").write_text("in the way")
    code, told = fail_on_two_ranks(stream, tmp_path / "out", "5 1\n")
    assert code == 1
    assert len(told) == 1 and "out.partial" in told[0]


def test_ctrl_c_ends_a_run_that_waits_for_its_stream(tmp_path):
    stream = network(tmp_path / "stream.json", {"model": "spike_source_stream", "file": "-"})
    process = subprocess.Popen(command(stream, tmp_path / "out"), stdin=subprocess.PIPE, text=True)
    process.stdin.write("5 1\n30 1\n")
    process.stdin.flush()
    while not (tmp_path / "out.partial" / "spool" / "plan.json").exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 130
    process.stdin.close()
    assert json.loads((tmp_path / "out" / "status.json").read_text())["complete"] is False
