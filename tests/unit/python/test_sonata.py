"""Networks written as SONATA circuits come back the same, and libsonata and bmtk read them."""

import json
import os
import subprocess

import numpy as np
import pytest
import ranvier
from sonata_circuit import network

libsonata = pytest.importorskip("libsonata")
PROGRAM = os.environ["RANVIER_PROGRAM"]


@pytest.fixture(scope="module")
def circuit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sonata") / "circuit"
    network().save_sonata(folder)
    return folder


def test_what_was_written_and_read_again_spikes_as_before(circuit):
    before = network().run(60.0)
    after = ranvier.Network.load(circuit / "simulation_config.json").run(60.0)
    assert sum(len(s) for s in before.spikes.values()) > 300
    for name in ("exc", "inh", "izh"):
        assert len(before.spikes[name]) > 0
        np.testing.assert_array_equal(after.spikes[name].times, before.spikes[name].times)
        np.testing.assert_array_equal(after.spikes[name].neurons, before.spikes[name].neurons)
    v, w = after.samples("exc", "v"), before.samples("exc", "v")
    np.testing.assert_array_equal(v.values, w.values)
    assert list(v.neurons) == [3, 7]


def test_a_circuit_written_again_is_the_same_network(circuit, tmp_path):
    once = ranvier.Network.load(circuit / "simulation_config.json")
    once.save_sonata(tmp_path / "again")
    again = ranvier.Network.load(tmp_path / "again" / "simulation_config.json")
    once.save(tmp_path / "once.json")
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_text() == (tmp_path / "once.json").read_text()


def test_a_seed_of_64_bits_comes_back(tmp_path):
    net = ranvier.Network(seed=2**64 - 1)
    net.population("if_curr_exp", 2, name="cells")
    net.save_sonata(tmp_path / "circuit")
    run = json.loads((tmp_path / "circuit" / "simulation_config.json").read_text())["run"]
    assert run["random_seed"] == 2**64 - 1
    ranvier.Network.load(tmp_path / "circuit" / "simulation_config.json")


def test_the_configuration_for_pointnet_is_the_same_network(circuit, tmp_path):
    for name in ("simulation", "pointnet"):
        ranvier.Network.load(circuit / f"{name}_config.json").save(tmp_path / f"{name}.json")
    assert (tmp_path / "pointnet.json").read_text() == (tmp_path / "simulation.json").read_text()


def test_libsonata_reads_the_circuit_and_the_simulation(circuit):
    config = libsonata.CircuitConfig.from_file(circuit / "circuit_config.json")
    assert config.node_populations == {"in", "exc", "inh", "izh"}
    exc = config.node_population("exc")
    everyone = exc.select_all()
    assert exc.size == 50
    currents = exc.get_dynamics_attribute("I_e", everyone)
    np.testing.assert_allclose(currents, 1000 * np.linspace(0.1, 0.37, 50))
    net = network()
    for projection in net.projections:
        edges = config.edge_population(projection.name)
        connections = projection.connections()
        chosen = edges.select_all()
        assert edges.source == projection.source
        assert edges.target == projection.target
        np.testing.assert_array_equal(edges.source_nodes(chosen), connections.sources)
        np.testing.assert_array_equal(edges.target_nodes(chosen), connections.targets)
        weights = np.abs(edges.get_attribute("syn_weight", chosen)) / 1000
        np.testing.assert_allclose(weights, np.abs(connections.weights), rtol=1e-15)
        for node in range(edges_size(config, edges.target)):
            found = edges.afferent_edges([node]).flatten()
            assert sorted(found) == list(np.nonzero(connections.targets == node)[0])
        for node in range(edges_size(config, edges.source)):
            found = edges.efferent_edges([node]).flatten()
            assert sorted(found) == list(np.nonzero(connections.sources == node)[0])
    simulation = libsonata.SimulationConfig.from_file(circuit / "simulation_config.json")
    assert (simulation.run.tstop, simulation.run.dt, simulation.run.random_seed) == (1000, 0.1, 5)
    assert simulation.input("in").node_set == "in"
    spikes = libsonata.SpikeReader(circuit / "inputs" / "spikes.h5")["in"]
    assert len(spikes.get()) == 600


def edges_size(config, population):
    return config.node_population(population).size


def test_bmtk_reads_the_circuit(circuit):
    sonata = pytest.importorskip("bmtk.utils.sonata", reason="bmtk is not installed")
    files = circuit / "network"
    file = sonata.File(
        data_files=[str(files / "nodes.h5"), str(files / "edges.h5")],
        data_type_files=[str(files / "node_types.csv"), str(files / "edge_types.csv")],
    )
    assert set(file.nodes.population_names) == {"in", "exc", "inh", "izh"}
    exc = file.nodes["exc"]
    assert len(exc) == 50
    assert exc.get_node_id(7)["model_template"] == "nest:iaf_psc_exp"
    for projection in network().projections:
        made = projection.connections()
        into = list(file.edges[projection.name].get_target(3))
        assert sorted(e.source_node_id for e in into) == sorted(made.sources[made.targets == 3])
        weights = np.sort([abs(e["syn_weight"]) / 1000 for e in into])
        expected = np.sort(np.abs(made.weights[made.targets == 3]))
        np.testing.assert_allclose(weights, expected, rtol=1e-12)


def test_bmtk_reads_the_configuration_and_what_a_run_leaves(circuit, tmp_path, monkeypatch):
    monkeypatch.chdir(circuit)  # bmtk takes "." in a manifest for where it runs
    bmtk = pytest.importorskip("bmtk.simulator.core.simulation_config", reason="bmtk is missing")
    reports = pytest.importorskip("bmtk.utils.reports")
    config = bmtk.SimulationConfig.from_json("simulation_config.json")
    assert (config.tstop, config.dt) == (1000, 0.1)
    result = network().run(60.0, output=tmp_path / "run")
    trains = reports.SpikeTrains.from_sonata(str(tmp_path / "run/spikes.h5"))
    for name in ("exc", "inh", "izh"):
        for neuron, times in enumerate(result.spikes[name].trains()):
            np.testing.assert_array_equal(np.sort(trains.get_times(neuron, population=name)), times)


def test_what_sonata_cannot_say_is_named_at_once_and_leaves_nothing(tmp_path):
    net = ranvier.Network()
    net.population("hh_cond_exp", 2, name="a")
    b = net.population("if_curr_exp", 2, name="b")
    net.stimulate(b, ranvier.dc(0.1), name="step")
    net.stimulate(b, ranvier.poisson(10.0, 0.1))
    with pytest.raises(ranvier.UnsupportedError) as refused:
        net.save_sonata(tmp_path / "no")
    message = str(refused.value)
    assert message.startswith("SONATA cannot say: ")
    assert 'population "a": model: "hh_cond_exp", must be one of spike_source_array, if_' in message
    for name in ('"step" (dc on "b")', '1 (poisson on "b")'):
        assert f"stimulus {name}: must be spikes of a spike_source_array" in message
    assert not list(tmp_path.iterdir())


CELLS = {"model": "if_curr_exp", "size": 2}
LOOP = {"source": "c", "target": "c", "connector": {"rule": "all_to_all"}, "name": "loop"}


@pytest.mark.parametrize(
    ("cells", "parts", "message"),
    [
        ({"advance": "event"}, {}, 'population "c": advance: "event", must be clocked'),
        ({"advance": "auto"}, {}, 'population "c": advance: "auto", must be clocked'),
        ({"method": "exact"}, {}, 'population "c": method: "exact", must be left out'),
        ({"initial": {"i_e": 1}}, {}, 'population "c": initial: "i_e", must be v or u'),
        (
            {},
            {"probes": [{"population": "c", "variables": v} for v in (["v"], ["v", "i_e"])]},
            'probe 1 on "c": variables: "i_e", must be spikes or v',
        ),
        (
            {},
            {"projections": [{**LOOP, "weight": 1, "synapse": "stdp_pair"}]},
            'projection "loop": synapse: "stdp_pair", must be static',
        ),
        (
            {},
            {"projections": [{**LOOP, "weight": [1, 1, -2, 1]}]},
            'projection "loop": weight: 1, must be <= 0, as others of it are: ',
        ),
        (
            {},
            {"projections": [{**LOOP, "weight": [1, 1, -2, 1], "receptor": "excitatory"}]},
            'projection "loop": weight: -2, must be >= 0 at the excitatory receptor: ',
        ),
        (
            {},
            {"projections": [{**LOOP, "weight": [-1, 1, -2, -1], "receptor": "inhibitory"}]},
            'projection "loop": weight: 1, must be <= 0 at the inhibitory receptor: ',
        ),
    ],
)
def test_a_refusal_of_convert_names_the_document_the_field_the_value_and_what_is_taken(
    tmp_path, cells, parts, message
):
    path = tmp_path / "net.json"
    path.write_text(json.dumps({"ranvier": 1, "populations": {"c": CELLS | cells}, **parts}))
    command = [PROGRAM, "convert", path, tmp_path / "circuit", "--to", "sonata"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith(f"ranvier: {path}: ")
    assert done.stderr.count("\n") == 1 and message in done.stderr
    with pytest.raises(ranvier.UnsupportedError) as refused:
        ranvier.Network.load(path).save_sonata(tmp_path / "circuit")
    assert done.stderr == f"ranvier: {refused.value}\n"
    assert list(tmp_path.iterdir()) == [path]


def test_more_sets_of_parameters_than_bmtk_gets_files_are_left_to_the_others(tmp_path):
    net = ranvier.Network()
    net.population("if_curr_exp", 10_001, name="exc", i_offset=np.linspace(0, 1, 10_001))
    net.save_sonata(tmp_path / "large")
    assert not (tmp_path / "large/pointnet_config.json").exists()
    assert not list((tmp_path / "large/components").iterdir())
    again = ranvier.Network.load(tmp_path / "large/simulation_config.json")
    again.record("exc", "spikes")
    np.testing.assert_array_equal(
        again.run(40.0).spikes["exc"].times, net.run(40.0).spikes["exc"].times
    )


def test_a_folder_that_is_there_is_left_alone(tmp_path):
    with pytest.raises(ranvier.IoError, match="exists already; give another name$"):
        network().save_sonata(tmp_path)
    interrupted = tmp_path / "out.partial"
    interrupted.mkdir()
    with pytest.raises(ranvier.IoError, match="out.partial: exists already"):
        network().save_sonata(tmp_path / "out")
    assert interrupted.exists()


def test_a_run_folder_of_a_large_circuit_is_no_copy_of_it(tmp_path):
    net = ranvier.Network(seed=3)
    cells = net.population("if_curr_exp", 200, name="cells", i_offset=0.8)
    net.project(cells, cells, ranvier.fixed_probability(0.5), weight=0.01, delay=1)
    net.run(20.0, output=tmp_path / "before")
    net.save_sonata(tmp_path / "circuit")
    again = ranvier.Network.load(tmp_path / "circuit/simulation_config.json")
    again.run(20.0, output=tmp_path / "after")
    words = [PROGRAM, "run", tmp_path / "circuit/simulation_config.json", "-q"]
    subprocess.run([*words, "--duration", "20", "-o", tmp_path / "run"], check=True)
    digests = [
        subprocess.run([PROGRAM, "digest", tmp_path / name], capture_output=True, check=True).stdout
        for name in ("before", "after", "run")
    ]
    assert digests[0] == digests[1] == digests[2]
    for name in ("after", "run"):
        kept = json.loads((tmp_path / name / "run.json").read_text())["document"]
        (projection,) = kept["projections"]
        assert projection["connector"]["length"] > 10_000
        assert (tmp_path / name / "run.json").stat().st_size < 5000


def test_the_command_line_converts(circuit, tmp_path):
    def convert(*words, ok=True):
        done = subprocess.run([PROGRAM, "convert", *words], capture_output=True, text=True)
        assert (done.returncode == 0) == ok, done.stderr
        return done.stdout if ok else done.stderr

    assert convert(circuit / "simulation_config.json", tmp_path / "net.json") == ""
    convert(tmp_path / "net.json", tmp_path / "again", "--to", "sonata")
    convert(tmp_path / "again" / "simulation_config.json", tmp_path / "last.json")
    first, last = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("net", "last"))
    assert first == last
    assert "none of NIR's nodes" in convert(tmp_path / "net.json", tmp_path / "no.nir", ok=False)
    assert "--to" in convert(tmp_path / "net.json", tmp_path / "odd.xyz", ok=False)
    first["run"]["storage"] = "compact"
    next(iter(first["populations"].values()))["precision"] = "double"
    (tmp_path / "bits.json").write_text(json.dumps(first))
    answer = convert(tmp_path / "bits.json", tmp_path / "bits", "--to", "sonata")
    assert "run the circuit with --storage compact" in answer
    assert "no word for precision" in answer and len(answer.splitlines()) == 2
