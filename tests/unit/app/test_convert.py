"""`ranvier convert --overwrite` replaces what it wrote before, and nothing that others wrote."""

import json
import os
import subprocess

import pytest

PROGRAM = os.environ["RANVIER_PROGRAM"]


def convert(*words, code=0, **options):
    command = [PROGRAM, "convert", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == code, done.stderr
    return done.stderr


def contents(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def net(tmp_path):
    """A document, and a circuit that was made of it."""
    cells = {"model": "if_curr_exp", "size": 3}
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"ranvier": 1, "populations": {"cells": cells}}))
    convert(path, tmp_path / "circuit", "--to", "sonata")
    return path


def test_a_circuit_that_holds_more_than_was_written_is_kept(tmp_path, net):
    words = [net, tmp_path / "circuit", "--to", "sonata", "--overwrite"]
    convert(*words)
    (tmp_path / "circuit/output").mkdir()
    (tmp_path / "circuit/output/spikes.h5").write_text("results")
    before = contents(tmp_path)
    answer = convert(*words, code=1)
    assert f"circuit: holds {tmp_path / 'circuit/output'}, which is no part of a circuit" in answer
    assert contents(tmp_path) == before


def test_a_circuit_that_cannot_be_replaced_stays(tmp_path, net):
    before = contents(tmp_path)  # the folder where a program runs has "." for a name, which stays
    words = [net, ".", "--to", "sonata", "--overwrite"]
    assert ".: cannot be written" in convert(*words, code=1, cwd=tmp_path / "circuit")
    assert contents(tmp_path) == before


def test_what_a_killed_conversion_left_is_named_or_replaced(tmp_path, net):
    partial = tmp_path / "new.partial"
    (partial / "network").mkdir(parents=True)
    (partial / "network/nodes.h5").write_text("half")
    words = [net, tmp_path / "new", "--to", "sonata"]
    assert "it may be removed, as --overwrite does" in convert(*words, code=1)
    convert(*words, "--overwrite")
    assert not partial.exists()
    assert (tmp_path / "new/circuit_config.json").exists()
