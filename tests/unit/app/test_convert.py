"""`ranvier convert --overwrite` replaces what it wrote before, and nothing that it reads or that others wrote."""

import json
import os
import subprocess
from pathlib import Path

import pytest

PROGRAM = os.environ["RANVIER_PROGRAM"]
ROOT = Path(__file__).resolve().parents[3]
NIR = ROOT / "tests/golden/nir/two_lif_neurons.nir"


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


@pytest.mark.parametrize("output", ["circuit", "circuit/", "link", "."])
def test_a_circuit_does_not_take_the_place_of_what_it_is_read_from(tmp_path, net, output):
    circuit = tmp_path / "circuit"
    (tmp_path / "link").symlink_to("circuit")
    net.rename(circuit / "net.json")
    before = contents(tmp_path)
    here = circuit if output == "." else tmp_path
    for source in ["net.json", "simulation_config.json", "circuit_config.json"]:
        words = [circuit / source, output, "--to", "sonata", "--overwrite"]
        answer = convert(*words, code=2, cwd=here)
        assert f"{output}: the network is read from {circuit / source}, which would be" in answer
    assert contents(tmp_path) == before


def test_a_circuit_does_not_take_the_place_of_one_that_a_simulation_names(tmp_path, net):
    simulation = tmp_path / "simulation.json"
    run = {"tstop": 10, "dt": 0.1}
    simulation.write_text(json.dumps({"run": run, "network": "circuit/circuit_config.json"}))
    before = contents(tmp_path)
    words = [simulation, tmp_path / "circuit", "--to", "sonata", "--overwrite"]
    assert "circuit: the network is read from" in convert(*words, code=2)
    assert contents(tmp_path) == before


def test_a_circuit_does_not_take_the_place_of_a_file_that_its_document_names(tmp_path):
    (tmp_path / "circuit/network").mkdir(parents=True)
    for name in ["circuit_config.json", "network/edge_types.csv"]:  # as one of a circuit is called
        (tmp_path / "circuit" / name).write_text("source,target,weight,delay\n0,1,0.1,1\n")
    connector = {"rule": "csv", "file": "circuit/network/edge_types.csv"}
    projection = {"source": "a", "target": "a", "connector": connector}
    document = {
        "ranvier": 1,
        "populations": {"a": {"model": "if_curr_exp", "size": 2}},
        "projections": [projection],
    }
    net = tmp_path / "net.json"
    net.write_text(json.dumps(document))
    before = contents(tmp_path)
    answer = convert(net, tmp_path / "circuit", "--to", "sonata", "--overwrite", code=2)
    assert "edge_types.csv, which would be replaced" in answer
    assert contents(tmp_path) == before


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


@pytest.mark.parametrize("form", ["nir", "json"])
def test_a_file_does_not_take_the_place_of_one_that_the_network_is_read_from(tmp_path, form):
    graph, net = tmp_path / "graph.nir", tmp_path / "net.json"
    graph.write_bytes(NIR.read_bytes())
    net.write_text(json.dumps({"ranvier": 1, "nir": {"file": "graph.nir"}}))
    answer = convert(net, graph, "--to", form, "--overwrite", code=2)
    assert f"graph.nir: the network is read from {graph}, which would be replaced" in answer
    assert graph.read_bytes() == NIR.read_bytes()


def test_a_document_does_not_become_a_graph_in_its_own_place(tmp_path):
    net = tmp_path / "net.json"
    (tmp_path / "graph.nir").write_bytes(NIR.read_bytes())
    net.write_text(json.dumps({"ranvier": 1, "nir": {"file": "graph.nir"}}))
    before = contents(tmp_path)
    assert "net.json, which would be replaced" in convert(
        net, net, "--to", "nir", "--overwrite", code=2
    )
    assert contents(tmp_path) == before
