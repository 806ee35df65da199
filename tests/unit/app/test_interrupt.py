"""Ctrl-C before a run begins: exit code 130, one line, nothing left. Named pipes hold the program where it is to be hit."""

import json
import os
import signal
import subprocess
import time

import pytest

PROGRAM = os.environ["RANVIER_PROGRAM"]
LINE = "ranvier: interrupted before the run began: there are no results\n"


def start(folder, network):
    (folder / "network.json").write_text(json.dumps({"ranvier": 1, **network}))
    words = [PROGRAM, "run", "network.json", "-o", "out", "-q"]
    return subprocess.Popen(words, cwd=folder, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_while_the_document_is_read(tmp_path, by):
    os.mkfifo(tmp_path / "pairs")
    process = start(
        tmp_path,
        {
            "populations": {"a": {"model": "if_curr_exp", "size": 2}},
            "projections": [
                {
                    "source": "a",
                    "target": "a",
                    "connector": {"rule": "csv", "file": "pairs"},
                    "weight": 0.1,
                    "delay": 1,
                }
            ],
        },
    )
    with open(tmp_path / "pairs", "w"):  # waits for the reader
        process.send_signal(by)
        assert process.communicate(timeout=60)[1] == LINE
    assert process.returncode == 130
    assert sorted(os.listdir(tmp_path)) == ["network.json", "pairs"]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_while_the_network_of_a_list_is_read(tmp_path, by):
    os.mkfifo(tmp_path / "network")
    (tmp_path / "a.bin").write_bytes(bytes(5))
    (tmp_path / "list.csv").write_text("file,label\na.bin,left\na.bin,right\n")
    words = [PROGRAM, "replay", "list.csv", "--network", "network", "-o", "out"]
    process = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    with open(tmp_path / "network", "w"):  # waits for the reader
        process.send_signal(by)
        assert process.communicate(timeout=60)[1] == LINE
    assert process.returncode == 130
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "list.csv", "network"]


def test_while_the_network_is_built(tmp_path):
    populations = {}
    for name in ("first", "second"):
        os.mkfifo(tmp_path / name)
        populations[name] = {"model": "spike_source_stream", "size": 1, "file": name}
    process = start(tmp_path, {"populations": populations})
    with open(tmp_path / "first", "w"):  # its reader is made; the other's waits for ever
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[1] == LINE
    assert process.returncode == 130
    assert sorted(os.listdir(tmp_path)) == ["first", "network.json", "second"]


def test_while_the_network_of_a_list_is_built(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(5))
    (tmp_path / "list.csv").write_text("file,label\na.bin,left\na.bin,right\n")
    rare = {"function": "gaussian", "a": 1, "b": 1}
    pairs = {"rule": "distance_dependent", "probability": rare}  # 10^10 of them: minutes
    joined = {"source": "cells", "target": "cells", "connector": pairs, "weight": 0.1, "delay": 1}
    cells = {
        "model": "if_curr_exp",
        "size": 30_000,
        "positions": [[9 * k, 0, 0] for k in range(30_000)],
    }
    network = {
        "ranvier": 1,
        "populations": {"in": {"model": "spike_source_events", "size": 256}, "cells": cells},
        "projections": [{**joined, "name": str(k)} for k in range(12)],
    }
    (tmp_path / "network.json").write_text(json.dumps(network))
    words = ["list.csv", "--network", "network.json", "-o", "out", "--threads", "2", "-q"]
    process = subprocess.Popen(
        [PROGRAM, "replay", *words], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    try:
        while len(os.listdir(f"/proc/{process.pid}/task")) < 2:  # the workers come to build it
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.001)
        # A signal that meets a thread at its first step makes the address sanitizer speak.
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[1] == LINE
    finally:
        process.kill()
    assert process.returncode == 130
    assert sorted(os.listdir(tmp_path)) == ["a.bin", "list.csv", "network.json"]
