"""The native API describes the network that the command line runs, and refuses what it refuses."""

import copy
import json
import os
import pickle
import subprocess

import h5py
import numpy as np
import pytest
import ranvier

PROGRAM = os.environ["RANVIER_PROGRAM"]


def small_network():
    net = ranvier.Network(dt=0.1, seed=3)
    source = net.population("spike_source_poisson", 80, name="in", rate=30)
    exc = net.population(
        "if_curr_exp",
        60,
        name="exc",
        tau_m=ranvier.normal(15, 2, low=5),
        v_thresh=np.linspace(-52, -48, 60),
        initial={"v": ranvier.uniform(-65, -55)},
    )
    net.project(source, exc, ranvier.fixed_indegree(20), weight=0.7, delay=1.5)
    net.project(
        exc,
        exc,
        ranvier.fixed_probability(0.1, self_connections=False),
        weight=ranvier.normal(-0.3, 0.05, high=0),
        delay=ranvier.uniform(0.5, 3),
        receptor="inhibitory",
    )
    net.stimulate(exc, ranvier.dc(0.1), start=10, stop=50)
    net.record(exc, "spikes")
    net.record(exc, "v", neurons=[0, 7], interval=0.5)
    return net


def test_a_network_made_by_calls_gives_the_results_of_the_command_line(tmp_path):
    net = small_network()
    result = net.run(100.0)
    net.save(tmp_path / "net.json")
    command = [PROGRAM, "run", tmp_path / "net.json", "-o", tmp_path / "out", "-q"]
    subprocess.run([*command, "--duration", "100"], check=True)
    with h5py.File(tmp_path / "out/spikes.h5") as file:
        np.testing.assert_array_equal(result.spikes["exc"].times, file["spikes/exc/timestamps"][:])
        np.testing.assert_array_equal(result.spikes["exc"].neurons, file["spikes/exc/node_ids"][:])
    with h5py.File(tmp_path / "out/reports/exc_v.h5") as file:
        np.testing.assert_array_equal(
            result.samples("exc", "v").values, file["report/exc/data_double"][:]
        )
    assert len(result.spikes["exc"]) > 50


def test_a_run_folder_has_the_network_as_it_was_run_not_as_it_was_loaded(tmp_path):
    def kept(net):
        net.run(1.0, output=tmp_path / "out", overwrite=True)
        return json.loads((tmp_path / "out/run.json").read_text())["document"]["populations"]

    small_network().save(tmp_path / "net.json")
    net = ranvier.Network.load(tmp_path / "net.json")
    assert "added" not in kept(net)
    net.population("if_curr_exp", 3, name="added")
    assert kept(net)["added"]["size"] == 3
    with ranvier.Network.load(tmp_path / "net.json").simulation() as sim:
        sim["exc"].tau_m = 12.5
        assert kept(sim.network)["exc"]["parameters"]["tau_m"] == 12.5


def test_files_that_are_there_are_replaced_only_on_demand(tmp_path):
    def large(weight):
        net = ranvier.Network()
        cells = net.population("if_curr_exp", 12_000, name="cells")
        net.project(cells, cells, ranvier.one_to_one(), weight=weight, delay=1.0)
        return net

    many = np.linspace(0.1, 0.2, 12_000)  # more than a document holds itself: goes to net.h5
    large(many).save(tmp_path / "net.json")
    assert (tmp_path / "net.h5").exists()
    held = [(tmp_path / name).read_bytes() for name in ("net.json", "net.h5")]
    refused = "exists already; give another name"
    with pytest.raises(ranvier.IoError, match=f"net.json: {refused}, or overwrite=True"):
        large(2 * many).save(tmp_path / "net.json")
    with pytest.raises(ranvier.IoError, match=f"net.h5: {refused}"):
        large(2 * many).save(tmp_path / "net.other")
    assert held == [(tmp_path / name).read_bytes() for name in ("net.json", "net.h5")]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["net.h5", "net.json"]
    large(2 * many).save(tmp_path / "net.json", overwrite=True)
    found = ranvier.Network.load(tmp_path / "net.json").projections[0].connections()
    np.testing.assert_array_equal(found.weights, 2 * many)


def test_the_run_folder_of_a_run_from_python_is_that_of_the_command_line(tmp_path):
    net = small_network()
    net.save(tmp_path / "net.json")
    net.run(100.0, output=tmp_path / "here")
    command = [PROGRAM, "run", tmp_path / "net.json", "-o", tmp_path / "there", "-q"]
    subprocess.run([*command, "--duration", "100"], check=True)
    for name in ("spikes.h5", "reports/exc_v.h5", "status.json"):
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / "there" / name).read_bytes()


def test_threads_do_not_change_the_result():
    one, three = small_network().run(80.0, threads=1), small_network().run(80.0, threads=3)
    np.testing.assert_array_equal(one.spikes["exc"].times, three.spikes["exc"].times)
    np.testing.assert_array_equal(one.reports[0].values, three.reports[0].values)


def test_the_interval_of_a_driven_neuron_is_the_analytic_one():
    # tau dv/dt = v_rest - v + R I: T = t_ref + tau ln((R I) / (R I - (v_thresh - v_rest))), rounded up to the grid.
    net = ranvier.Network(dt=0.01)
    cell = net.population(
        "if_curr_exp", 1, name="cell", tau_m=20.0, cm=1.0, v_rest=-65, v_reset=-65, v_thresh=-50,
        tau_refrac=2.0,
    )  # fmt: skip
    net.stimulate(cell, ranvier.dc(1.0))
    times = net.run(300.0).spikes["cell"].times
    expected = 2.0 + 20.0 * np.log(20.0 / (20.0 - 15.0))
    assert len(times) == 10
    np.testing.assert_allclose(np.diff(times), expected, atol=0.011)


def test_a_document_reads_back_to_the_same_network():
    net = small_network()
    document = net.to_document()
    again = ranvier.Network.from_document(document)
    assert again.to_document() == document
    assert again["exc"].size == 60
    first, second = net.run(50.0).spikes["exc"], again.run(50.0).spikes["exc"]
    np.testing.assert_array_equal(first.times, second.times)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))]
)
def test_a_copy_and_a_pickle_are_the_same_network(again):
    net = small_network()
    other, cells = again([net, net["exc"]]) if again is not copy.copy else (copy.copy(net), None)
    assert other is not net
    assert other.to_document() == net.to_document()
    assert cells is None or (cells.network is other and cells == other["exc"])
    first, second = net.run(50.0).spikes["exc"], other.run(50.0).spikes["exc"]
    assert len(first.times) > 0
    np.testing.assert_array_equal(first.times, second.times)
    other.population("if_curr_exp", 3, name="more")
    assert "more" not in net


@pytest.mark.parametrize("again", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_finds_the_files_of_its_document_from_elsewhere(again, tmp_path, monkeypatch):
    (tmp_path / "nets").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "nets/spikes.txt").write_text("1 0\n2.5 1\n")
    source = {"model": "spike_source_stream", "size": 2, "file": "spikes.txt"}
    probe = {"population": "in", "variables": ["spikes"]}
    document = {"ranvier": 1, "run": {"dt": 0.1}, "populations": {"in": source}, "probes": [probe]}
    (tmp_path / "nets/net.json").write_text(json.dumps(document))
    monkeypatch.chdir(tmp_path)
    loaded = ranvier.Network.load("nets/net.json")
    read = ranvier.Network.from_document(document, "nets")
    with loaded.simulation() as simulation:
        running = simulation.network
    monkeypatch.chdir(tmp_path / "elsewhere")
    for net in (loaded, read, running):
        assert again(again(net)).run(5.0).spikes["in"].times.tolist() == [1.0, 2.5]


def test_what_was_set_reads_back_as_the_same_double():
    net = ranvier.Network()
    source = net.population("spike_source_array", 2, name="in", spike_times=[[1.0], [0.1 + 0.2]])
    cell = net.population("if_curr_exp", 2, name="cell")
    weights = [0.05, 0.0123]
    net.project(source, cell, ranvier.one_to_one(), weight=weights, delay=0.3)
    document = net.to_document()
    assert document["projections"][0]["weight"] == weights
    assert document["populations"]["in"]["spike_times"] == [[1.0], [0.1 + 0.2]]


CONNECTORS = {
    "all_to_all": (ranvier.all_to_all(), 25),
    "all_but_self": (ranvier.all_to_all(self_connections=False), 20),
    "one_to_one": (ranvier.one_to_one(), 5),
    "fixed_probability": (ranvier.fixed_probability(1.0), 25),
    "fixed_indegree": (ranvier.fixed_indegree(3), 15),
    "fixed_outdegree": (ranvier.fixed_outdegree(2, multiple_connections=False), 10),
    "fixed_total_number": (ranvier.fixed_total_number(17), 17),
    "list": (ranvier.from_list([[0, 1], [1, 2], [4, 4]]), 3),
    "empty list": (ranvier.from_list([]), 0),
    "distance_dependent": (ranvier.distance_dependent(ranvier.distance_linear(1, 0)), 25),
    "small_world": (ranvier.small_world(2, 0.0), 10),
}


@pytest.mark.parametrize("name", CONNECTORS)
def test_a_connector_makes_as_many_connections_as_its_rule_says(name):
    connector, expected = CONNECTORS[name]
    net = ranvier.Network()
    cells = net.population("if_curr_exp", 5, name="cells", positions={"grid": [5], "spacing": [10]})
    net.project(cells, cells, connector, weight=0.1, delay=1.0)
    with net.simulation() as sim:
        assert sim.totals()["synapses"] == expected


def test_procedural_rows_give_the_spikes_of_stored_ones():
    def run(form):
        net = ranvier.Network(seed=9)
        source = net.population("spike_source_poisson", 80, name="in", rate=50.0)
        cells = net.population("if_curr_exp", 60, name="cells")
        drawn = net.project(
            source, cells, form(ranvier.fixed_probability(0.4)), weight=0.6, delay=2.0
        )
        assert len(drawn.connections()) > 1000
        return net.run(200.0).spikes["cells"]

    stored, procedural = run(lambda c: c), run(lambda c: c.procedural())
    assert len(stored.times) > 100
    np.testing.assert_array_equal(stored.times, procedural.times)
    np.testing.assert_array_equal(stored.neurons, procedural.neurons)


def test_rows_drawn_by_target_cannot_be_procedural():
    net = ranvier.Network()
    cells = net.population("if_curr_exp", 5, name="cells")
    with pytest.raises(
        ranvier.ParseError, match="procedural: unknown field, must be one of rule, number"
    ):
        net.project(cells, cells, ranvier.fixed_indegree(2).procedural(), weight=0.1)


def test_connections_read_back_as_they_were_given():
    net = ranvier.Network()
    cells = net.population("if_curr_exp", 3, name="cells")
    rows = [[0, 2, 0.05, 0.3], [1, 0, -0.0123, 1.7], [1, 1, 0.7, 0.1]]
    made = net.project(cells, cells, ranvier.from_list(rows)).connections()
    got = np.column_stack([made.sources, made.targets, made.weights, made.delays])
    assert sorted(got.tolist()) == rows


def test_connections_are_those_of_the_kernel():
    # Every source fires once, alone: the targets' jumps are the drawn weights (delta synapses).
    net = ranvier.Network(seed=21)
    times = [[10.0 * (i + 1)] for i in range(6)]
    source = net.population("spike_source_array", 6, name="in", spike_times=times)
    cells = net.population("if_curr_delta", 8, name="cells", tau_m=1e9, v_thresh=1e9)
    law = ranvier.normal(1.0, 0.3, low=0.1)
    drawn = net.project(
        source, cells, ranvier.fixed_indegree(4), weight=law, delay=ranvier.uniform(1, 4)
    )
    made = drawn.connections()
    expected = np.zeros((6, 8))
    np.add.at(expected, (made.sources, made.targets), made.weights)
    net.record(cells, "v", interval=0.1)
    v = net.run(80.0).samples("cells", "v")
    steps = np.searchsorted(v.times, 10.0 * np.arange(1, 8) + 0.05)
    np.testing.assert_allclose(np.diff(v.values[steps], axis=0), expected, atol=1e-6)
    assert np.all(made.sources == np.sort(made.sources)) and len(made) == 32


def test_a_projection_is_drawn_under_its_position_or_its_own_number():
    def pairs(before, stream):
        net = ranvier.Network(seed=3)
        cells = net.population("if_curr_exp", 40, name="cells")
        for _ in range(before):
            net.project(cells, cells, ranvier.all_to_all(), weight=0.1)
        law = ranvier.uniform(0.1, 0.2)
        drawn = net.project(cells, cells, ranvier.fixed_probability(0.2), weight=law, stream=stream)
        assert net.to_document()["projections"][-1].get("stream") == stream
        made = drawn.connections()
        return made.sources.tolist(), made.targets.tolist(), made.weights.tolist()

    assert pairs(0, 7) == pairs(2, 7) != pairs(2, 8)
    assert pairs(1, None) == pairs(0, 1) != pairs(0, None)
    with pytest.raises(ranvier.Error, match="stream: -1"):
        pairs(0, -1)


def test_a_list_brings_weights_and_delays():
    net = ranvier.Network()
    source = net.population("spike_source_array", 1, name="in", spike_times=[[1.0]])
    cells = net.population("if_curr_delta", 2, name="cells", tau_m=1e9)
    net.project(source, cells, ranvier.from_list([[0, 0, 3.0, 2.0], [0, 1, 5.0, 4.0]]))
    net.record(cells, "v", interval=1.0)
    v = net.run(8.0).samples("cells", "v")
    jumps = np.diff(v.values, axis=0)
    np.testing.assert_allclose(jumps[2, 0], 3.0, atol=1e-6)
    np.testing.assert_allclose(jumps[4, 1], 5.0, atol=1e-6)


@pytest.mark.parametrize(
    "kind",
    [
        ranvier.dc([0.8, 0.9]),
        ranvier.step([0.0, 50.0], [0.9, 0.5]),
        ranvier.ac(0.5, frequency=10, offset=0.9),
        ranvier.noise(0.5, mean=1.0, interval=0.5),
        ranvier.poisson(8000, weight=0.05),
        ranvier.poisson_course([0.0, 50.0], [9000, 5000], weight=0.05),
    ],
    ids=lambda kind: kind.form["type"] + ("_course" if "times" in kind.form else ""),
)
def test_every_input_drives_just_the_neurons_that_get_it(kind):
    net = ranvier.Network()
    cells = net.population("if_curr_exp", 2, name="cells")
    net.stimulate(cells, kind, neurons=[1], start=5.0, stop=90.0)
    counts = net.run(100.0).spikes["cells"].counts()
    assert counts[0] == 0
    assert counts[1] > 0


def test_every_field_of_a_population_reaches_the_document():
    net = ranvier.Network()
    net.population(
        "if_curr_exp", 2, name="a", advance="event", precision="double", positions=[[0, 1], [2, 3]]
    )
    entry = net.to_document()["populations"]["a"]
    assert entry["advance"] == "event"
    assert entry["precision"] == "double"
    np.testing.assert_array_equal(net["a"].positions, [[0, 1, 0], [2, 3, 0]])


def test_presets_and_methods_are_chosen_by_name():
    net = ranvier.Network()
    net.population("izhikevich_2003", 2, name="fast", preset="FS", d=3.0)
    net.population("hh_1952", 1, name="axon", method="rk_adaptive")
    populations = net.to_document()["populations"]
    assert populations["fast"]["parameters"] == {"a": 0.1, "b": 0.2, "c": -65, "d": 3}
    assert populations["axon"]["method"] == "rk_adaptive"
    with pytest.raises(ranvier.RangeError, match='"FR", must be one of .*FS'):
        net.population("izhikevich", 2, preset="FR")
    with pytest.raises(ranvier.RangeError, match='"rk5", must be one of .*rk4'):
        net.population("hh_1952", 1, method="rk5")


def test_names_are_given_and_numbered():
    net = ranvier.Network()
    assert net.population("izhikevich", 1).name == "izhikevich"
    assert net.population("izhikevich", 1).name == "izhikevich_2"
    assert list(net.populations) == ["izhikevich", "izhikevich_2"]


def test_results_own_their_memory():
    result = small_network().run(60.0)
    values = result.samples("exc", "v").values
    assert values.shape == (121, 2)
    assert values.flags.c_contiguous and values.base is not None
    times = result.spikes["exc"].times
    copy = times.copy()
    del result
    np.testing.assert_array_equal(times, copy)


def test_statistics_of_spikes_follow_their_definitions():
    times = np.array([1.0, 2.0, 3.0, 4.0, 6.0, 9.0])
    neurons = np.array([0, 1, 0, 1, 0, 1])
    spikes = ranvier.Spikes("a", 3, 0.0, 10.0, times, neurons)
    assert spikes.counts().tolist() == [3, 3, 0]
    assert spikes.rate() == pytest.approx(200.0)
    assert sorted(spikes.intervals()) == [2.0, 2.0, 3.0, 5.0]
    assert [train.tolist() for train in spikes.trains()] == [[1, 3, 6], [2, 4, 9], []]
    assert spikes.cv()[0] == pytest.approx(np.std([2, 3]) / 2.5)
    assert np.isnan(spikes.cv()[2])


def test_networks_and_results_show_as_tables():
    net = small_network()
    assert "spike_source_poisson" in net._repr_html_()
    assert "<td>exc</td>" in net.run(20.0)._repr_html_()
    assert json.dumps(repr(net))


def test_what_is_counted_reads_well_where_it_is_one():
    net = ranvier.Network(dt=0.1)
    cell = net.population("if_curr_exp", 1, name="cell", i_offset=1.0)
    net.project(cell, cell, ranvier.all_to_all(), weight=0.1, delay=1.0)
    net.record(cell, "spikes")
    assert repr(net) == "<Network: cell (1 x if_curr_exp); projections: 1>"
    assert repr(net.run(30.0)) == "<Result 0 to 30 ms; spikes: cell 1; reports: 0>"
