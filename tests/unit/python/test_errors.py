"""Bad input raises ranvier.Error of the right kind with the place in its message, and never crashes."""

import gc
import json
import math
import os
import subprocess

import numpy as np
import pytest
import ranvier


def network():
    net = ranvier.Network()
    net.population("spike_source_poisson", 4, name="in", rate=5)
    net.population("if_curr_exp", 4, name="exc")
    return net


@pytest.mark.parametrize(
    ("parameters", "error", "text"),
    [
        ({"tau_m": -5}, ValueError, "/parameters/tau_m: -5 ms, must be > 0"),
        ({"tau_m": float("nan")}, ValueError, "must be finite"),
        ({"tau_m": float("inf")}, ValueError, "must be finite"),
        ({"tau_mm": 5}, ValueError, 'did you mean "tau_m"'),
        ({"tau_m": [1, 2, 3]}, ValueError, "3 values, must be 4"),
        ({"tau_m": np.ones((2, 2, 2))}, ValueError, "3 dimensions"),
        ({"tau_m": [1, 2, np.nan, 4]}, ValueError, "element 2"),
        ({"tau_m": "fast"}, ValueError, '"fast"'),
        ({"tau_m": object()}, TypeError, "object"),
        ({"tau_m": np.array(["a"])}, TypeError, "must hold numbers"),
        ({"tau_m": ranvier.normal(10, -1)}, ValueError, "must be >= 0"),
        ({"v_reset": -40, "v_thresh": -50}, ValueError, "v_reset"),
        (
            {"initial": {"refractory": -3}},
            ValueError,
            "/initial/refractory: -3 steps or ms, must be >= 0",
        ),
    ],
)
def test_a_bad_parameter_is_refused_where_it_is_given(parameters, error, text):
    net = network()
    before = net.to_document()
    with pytest.raises(error) as raised:
        net.population("if_curr_exp", 4, name="bad", **parameters)
    assert isinstance(raised.value, ranvier.Error)
    assert text in str(raised.value)
    assert net.to_document() == before


@pytest.mark.parametrize("size", [0, -1, 2.5, 2**49, 2**70, float("nan"), "many", None])
def test_a_bad_size_is_refused(size):
    with pytest.raises(ranvier.Error, match="size"):
        network().population("if_curr_exp", size)


@pytest.mark.parametrize(
    "connection",
    [
        {"weight": float("nan"), "delay": 1},
        {"weight": 1, "delay": -1},
        {"weight": 1, "delay": 0},
        {"weight": 1, "delay": float("inf")},
        {"weight": [1, 2], "delay": 1},
        {"weight": 1, "delay": 1, "receptor": "excitator"},
        {"delay": 1},
    ],
)
def test_a_bad_connection_is_refused(connection):
    net = network()
    with pytest.raises(ranvier.Error, match='projection "in->exc"'):
        net.project("in", "exc", ranvier.all_to_all(), **connection)
    assert net.projections == []


@pytest.mark.parametrize(
    "connector",
    [
        lambda: ranvier.fixed_probability(1.5),
        lambda: ranvier.fixed_indegree(-1),
        lambda: ranvier.from_list([[0, 9]]),
        lambda: ranvier.from_list([[0, 0.5]]),
        lambda: ranvier.from_list([[0, np.nan]]),
        lambda: ranvier.from_list([0, 1, 2]),
        lambda: ranvier.from_list([[0, 1, 0.5, -1.0]]),
        lambda: ranvier.from_list([[0, 1, np.nan, 1.0]]),
        lambda: ranvier.small_world(3, 0.1),
        lambda: ranvier.from_file("missing.csv"),
    ],
)
def test_a_bad_connector_is_refused(connector):
    with pytest.raises(ranvier.Error):
        network().project("in", "exc", connector(), weight=1, delay=1)


def test_spike_times_are_checked():
    net = network()
    for times in ([[1.0]], [[-1.0], []], [[np.nan], []], [[0.0], []]):
        with pytest.raises(ranvier.Error, match="spike_times"):
            net.population("spike_source_array", 2, spike_times=times)


def test_handles_of_another_network_are_refused():
    net, other = network(), network()
    with pytest.raises(TypeError, match="another network"):
        net.project(other["in"], net["exc"], ranvier.all_to_all(), weight=1)
    with pytest.raises(TypeError, match="another network"):
        net.simulation()[other["exc"]]
    with pytest.raises(ranvier.Error, match="no population"):
        net["nobody"]


def test_a_handle_outlives_the_name_of_its_network():
    exc = network()["exc"]
    gc.collect()
    exc.record("v")
    assert exc.network.run(1.0).samples("exc", "v").values.shape == (11, 4)


def test_a_closed_simulation_is_refused():
    sim = network().simulation()
    sim.close()
    sim.close()
    for use in (
        lambda: sim.run(1.0),
        lambda: sim["exc"].v,
        lambda: sim.totals(),
        lambda: sim.inject("in", 0, [5.0]),
        lambda: sim.state_digest(),
    ):
        with pytest.raises(TypeError, match="closed"):
            use()


@pytest.mark.parametrize(
    "ms,wanted",
    [
        *((ms, r"must be > 0 and below 9e\+12 ms") for ms in (0, -1, math.nan, math.inf)),
        *((ms, "must be a whole number of nanoseconds") for ms in (0.10000005, 4e-7)),
        (0.25, r"must end at a multiple of dt \(0.1 ms\)"),
    ],
)
def test_a_bad_time_is_refused(ms, wanted):
    with pytest.raises(ValueError, match=f"^run: {ms:.10g} ms, {wanted}"):
        network().run(ms)
    seen = []
    with pytest.raises(ValueError, match=wanted), network().simulation() as sim:
        sim.run(ms, every=0.1, callback=lambda s, r: seen.append(s.now))
    assert not seen


def fails_at(ms):
    """A network whose neuron's v is no number any more, one step after this time."""
    net = ranvier.Network(dt=1.0)
    source = net.population("spike_source_array", 1, name="in", spike_times=[[ms - 2, ms - 1]])
    cell = net.population("if_curr_delta", 1, name="cell", tau_m=1000.0)
    net.project(source, cell, ranvier.one_to_one(), weight=-1.5e308, delay=1.0)
    net.record(cell, "v", interval=1.0)
    return net


def test_a_simulation_that_an_exception_ends_leaves_no_finished_run_folder(tmp_path):
    def run(name, *slices, ms=10_000.0):
        with fails_at(ms).simulation(output=tmp_path / name) as sim:
            for slice_ in slices:
                slice_(sim)

    def fails(sim):
        raise ZeroDivisionError

    with pytest.raises(ranvier.RangeError, match="^run: -1 ms, must be > 0"):
        run("time", lambda sim: sim.run(-1.0))
    with pytest.raises(ranvier.RangeError, match="not finite any more at 50 ms"):
        run("early", lambda sim: sim.run(50.0), ms=20.0)
    run("never")
    assert list(tmp_path.iterdir()) == []  # nothing was recorded
    with pytest.raises(ranvier.RangeError, match="not finite any more at 400 ms"):
        run("late", lambda sim: sim.run(500.0), ms=320.0)
    with pytest.raises(ranvier.RangeError, match="^run: -1 ms, must be > 0"):
        run("second", lambda sim: sim.run(10.0), lambda sim: sim.run(-1.0))
    with pytest.raises(ZeroDivisionError):
        run("user", lambda sim: sim.run(10.0), fails)
    sim = fails_at(320.0).simulation(output=tmp_path / "closed")
    with pytest.raises(ranvier.RangeError, match="not finite any more"):
        sim.run(500.0)
    sim.close()
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"{name}.partial" for name in ("late", "second", "user", "closed")}
    recover = [os.environ["RANVIER_PROGRAM"], "recover", tmp_path / "user.partial"]
    subprocess.run([*recover, "-o", tmp_path / "recovered"], check=True, capture_output=True)
    status = json.loads((tmp_path / "recovered/status.json").read_text())
    assert (status["complete"], status["ended_at"]) == (False, 10)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_a_simulation_that_is_ended_between_two_slices_says_so_in_its_run_folder(tmp_path, error):
    with pytest.raises(error), network().simulation(output=tmp_path / "out") as sim:
        sim.run(10.0)
        raise error
    status = json.loads((tmp_path / "out/status.json").read_text())
    assert (status["complete"], status["ended_at"]) == (False, 10)


@pytest.mark.parametrize("ms", [0, -1, math.nan, 0.10000005, 0.25, "1", None])
def test_a_bad_time_leaves_the_run_folder_as_it_was(tmp_path, ms):
    with pytest.raises(ranvier.Error, match="^(run|ms): "):
        network().run(ms, output=tmp_path / "new")
    network().run(1.0, output=tmp_path / "old")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(ranvier.Error, match="^(run|ms): "):
        network().run(ms, output=tmp_path / "old", overwrite=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert list(tmp_path.iterdir()) == [tmp_path / "old"]


@pytest.mark.parametrize("threads", [0, -1, 5000])
def test_a_bad_number_of_threads_is_refused(threads):
    with pytest.raises(ranvier.Error):
        network().run(1.0, threads=threads)


def test_a_name_unlike_every_other_is_answered_with_all_of_them():
    net = network()
    with pytest.raises(ranvier.RangeError, match='"V_m", must be one of .* refractory$'):
        net.record("exc", "V_m")


def test_files_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        ranvier.Network.load(tmp_path / "nowhere.json")
    with pytest.raises(ranvier.IoError):
        network().save(tmp_path / "no" / "folder" / "net.json")
    (tmp_path / "here").mkdir()
    with pytest.raises(OSError, match="here"):
        network().run(1.0, output=tmp_path / "here")
    with pytest.raises(ranvier.IoError, match="here: exists .*, or overwrite=True$"):
        network().run(1.0, output=tmp_path / "here")
    with pytest.raises(ranvier.ParseError):
        ranvier.Network.from_document("{")


def test_results_say_what_is_recorded():
    net = network()
    result = net.run(1.0)
    with pytest.raises(ranvier.Error, match="recorded: exc"):
        result.spikes["in"]
    with pytest.raises(ranvier.Error, match="not recorded"):
        result.samples("exc", "v")
    with pytest.raises(ranvier.Error, match="did you mean|must be one of"):
        net.record("exc", "vv")
    with pytest.raises(ranvier.Error):
        net.record("exc", "v", neurons=[4])
    with pytest.raises(ranvier.Error):
        net.record("exc", "v", interval=-1)


def test_an_interval_between_steps_is_refused_where_it_is_asked_for():
    net = ranvier.Network(dt=0.1)
    cells = net.population("if_curr_exp", 2, name="cells")
    synapses = net.project(cells, cells, ranvier.all_to_all(), weight=0.1, synapse="stdp_pair")
    answer = r"interval: 0.25 ms, must be a multiple of dt = 0.1 ms, such as 0.2 or 0.3 ms$"
    for record in (
        lambda: cells.record("v", interval=0.25),
        lambda: net.record(cells, "spikes", "v", interval=0.25),
        lambda: synapses.record(interval=0.25),
    ):
        with pytest.raises(ranvier.RangeError, match=answer):
            record()
    cells.record("v", interval=0.3)
    assert len(net.run(0.6).samples("cells", "v").times) == 3
