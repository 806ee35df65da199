"""PyNN's networks change between runs: what is added counts from then on, what is on its way arrives as it was sent.

Neurons without leak keep the sum of what they got, so that every arrival can be read off the membrane potential.
"""

import signal

import numpy as np
import pytest
import ranvier

pytest.importorskip("pyNN")
import ranvier.pynn as sim  # noqa: E402
from pyNN import space  # noqa: E402


def sums(size=1, label=None):
    """Neurons that keep what they get, in mV above their rest."""
    return sim.Population(
        size, sim.IF_curr_delta(tau_m=1e12, v_thresh=1e6, v_rest=0.0), initial_values={"v": 0.0}
    )


def v(population):
    return population.get_data("v").segments[-1].analogsignals[0].magnitude


def static(weight, delay):
    return sim.StaticSynapse(weight=weight, delay=delay)


def test_weights_and_delays_change_for_spikes_to_come_and_not_for_those_in_flight():
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 4.0]))
    cells = sums()
    cells.record("v")
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), static(2.0, 5.0))
    sim.run(3.0)
    projection.set(weight=7.0, delay=9.0)
    sim.run(17.0)
    trace = v(cells)[:, 0]
    sim.end()
    assert len(trace) == 201
    steps = np.flatnonzero(np.diff(trace) > 1e-6) + 1
    np.testing.assert_array_equal(steps, [60, 130])  # 1 + 5 ms, 4 + 9 ms
    np.testing.assert_allclose(trace[[60, 130]], [2.0, 9.0], rtol=1e-9)


def test_populations_projections_and_recordings_are_added_between_runs():
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[5.0, 15.0], [6.0, 16.0]]))
    first = sums(3)
    first[0:1].record("v")
    sim.Projection(source, first, sim.AllToAllConnector(), static(1.0, 1.0))
    sim.run(10.0)
    second = sums(2)
    second.record("v")
    first.record("v")
    sim.Projection(source, second, sim.OneToOneConnector(), static(3.0, 2.0))
    late = sim.Population(1, sim.SpikeSourceArray(spike_times=[12.0]))
    sim.Projection(late, first[1:2], sim.AllToAllConnector(), static(5.0, 0.5))
    sim.run(10.0)
    one, two = v(first), v(second)
    sim.end()
    assert one.shape == (201, 3) and two.shape == (101, 2)
    assert np.isnan(one[:100, 1:]).all() and not np.isnan(one[:, 0]).any()
    np.testing.assert_allclose(one[-1], [4, 9, 4], rtol=1e-9)
    np.testing.assert_allclose(two[[0, 69, 70, 80], 0], [0, 0, 3, 3], atol=1e-9)
    np.testing.assert_allclose(two[-1], [3, 3], rtol=1e-9)


def test_a_current_that_is_injected_twice_counts_twice():
    # The charging curve R I (1 - exp(-t / tau)) of a membrane; pyNN.nest 0.13 doubles the current likewise.
    sim.setup(timestep=0.1)
    cells = sim.Population(3, sim.IF_curr_exp(v_thresh=100.0, v_rest=-65.0, tau_m=20.0, cm=1.0))
    cells.initialize(v=-65.0)
    cells.record("v")
    current = sim.DCSource(amplitude=0.25)
    current.inject_into(cells[0:2])
    current.inject_into(cells[1:2])
    sim.run(20.0)
    current.amplitude = 0.5
    sim.run(20.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude + 65.0
    sim.end()
    rise, fall = 1 - np.exp(-1), np.exp(-1)
    np.testing.assert_allclose(v[200], np.array([5.0, 10.0, 0.0]) * rise, rtol=1e-9, atol=1e-9)
    late = np.array([5.0, 10.0, 0.0]) * rise * fall + np.array([10.0, 20.0, 0.0]) * rise
    np.testing.assert_allclose(v[400], late, rtol=1e-9, atol=1e-9)


def test_a_current_source_is_added_and_recordings_are_reset_between_runs():
    sim.setup(timestep=0.1)
    cells = sums(2)
    cells.record("v")
    sim.run(10.0)
    current = sim.DCSource(amplitude=0.5, start=12.0, stop=14.0)
    current.inject_into(cells[1:2])
    sim.run(10.0)
    end = v(cells)[-1]
    cells.record(None)
    cells.record("spikes")
    sim.run(1.0)
    assert not cells.get_data().segments[-1].analogsignals
    sim.end()
    np.testing.assert_allclose(end, [0.0, 1.0], atol=1e-9)  # 0.5 nA over 2 ms into 1 nF


def test_what_changed_between_runs_counts_after_reset_too():
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    cells = sums()
    cells.record("v")
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), static(2.0, 1.0))
    sim.run(5.0)
    projection.set(weight=3.0)
    sim.reset()
    sim.run(5.0)
    first, second = (s.analogsignals[0].magnitude[-1, 0] for s in cells.get_data().segments)
    sim.end()
    assert (first, second) == (pytest.approx(2.0), pytest.approx(3.0))


def test_random_sources_go_on_through_a_change_of_structure():
    def spikes(change):
        sim.setup(timestep=0.1, seed=3)
        source = sim.Population(20, sim.SpikeSourceGamma(alpha=3.0, beta=90.0))
        source.record("spikes")
        cells = sums(4)
        sim.Projection(source, cells, sim.AllToAllConnector(), static(0.1, 1.0))
        sim.run(200.0)
        if change:
            sim.Projection(source, sums(2), sim.AllToAllConnector(), static(0.1, 3.0))
        sim.run(200.0)
        trains = [t.magnitude for t in source.get_data().segments[0].spiketrains]
        sim.end()
        return trains

    for one, other in zip(spikes(False), spikes(True), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_native_simulation_is_rebuilt():
    net = ranvier.Network(dt=0.1)
    net.population("spike_source_array", 1, name="in", spike_times=[[1.0, 2.0]])
    net.population("if_curr_delta", 1, name="a", tau_m=1e12, v_thresh=1e6)
    net.project("in", "a", ranvier.all_to_all(), weight=1.0, delay=0.5)
    with net.simulation() as simulation:
        simulation.run(1.2)
        simulation["a"].v_thresh = 5e5
        more = simulation.network
        assert simulation["a"].v_thresh[0] == 5e5
        more.population("if_curr_delta", 1, name="b", tau_m=1e12, v_thresh=1e6)
        more.project("in", "b", ranvier.all_to_all(), weight=4.0, delay=0.5)
        simulation.rebuild(more)
        simulation.run(5.0)
        assert simulation["a"].v[0] == pytest.approx(-63.0)
        assert simulation["b"].v[0] == pytest.approx(-61.0)
        assert simulation["a"].v_thresh[0] == 5e5
        with pytest.raises(ranvier.UnsupportedError, match="must begin with the 3 that run"):
            simulation.rebuild(ranvier.Network(dt=0.1))
        with pytest.raises(ranvier.UsageError, match="must be a Network"):
            simulation.rebuild(None)


def test_an_interrupted_run_keeps_what_was_recorded():
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 4.0]), label="a/b")
    cells = sums()
    cells.record("v")
    sim.Projection(source, cells, sim.AllToAllConnector(), static(2.0, 5.0))
    current = sim.DCSource(amplitude=1e-9)
    current.inject_into(cells)
    current.record()
    sim.run(3.0)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            sim.run(1e9)
    finally:
        signal.signal(signal.SIGALRM, before)
    reached = sim.get_current_time()
    assert 3.0 < reached < 1e9
    sim.run(2.0)
    assert sim.get_current_time() == pytest.approx(reached + 2.0)
    trace = v(cells)
    assert len(trace) == round((reached + 2.0) / 0.1) + 1
    assert not np.isnan(trace).any()
    times, _ = current._get_data()
    np.testing.assert_allclose(np.diff(times), 0.1)
    sim.end()


def test_what_is_wrong_is_named_as_the_script_names_it():
    with pytest.raises(ranvier.RangeError, match="dt: nan"):
        sim.setup(timestep=float("nan"))
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp(tau_m=-1.0), label="L2/3 cells")
    with pytest.raises(ranvier.RangeError, match='"0: L2_3 cells".*tau_m'):
        sim.run(1.0)
    cells.set(tau_m=10.0)
    with pytest.raises(ranvier.RangeError, match="L2/3 cells: foo: .* v, isyn_exc, isyn_inh"):
        cells.initialize(foo=1.0)
    gif = sim.Population(1, sim.GIF_cond_exp())
    with pytest.warns(UserWarning, match="i_eta: cannot be initialized") as warned:
        gif.initialize(i_eta=0.5)
        sim.initialize(gif, i_eta=0.5)
        sim.Population(1, sim.GIF_cond_exp(), initial_values={"i_eta": 0.5})
    files = [warning.filename for warning in warned if warning.category is UserWarning]
    assert files == [__file__] * 3
    for pair in ([0, -1], [0, 2], [0, 0.5]):
        with pytest.raises(sim.errors.ConnectionError, match="from 0 to 1 of L2/3 cells"):
            sim.Projection(cells, cells, sim.FromListConnector([pair]))
    sim.run(1.0)
    sim.end()


def test_initial_values_of_a_view_and_of_a_cell_count():
    sim.setup(timestep=0.1)
    law = sim.RandomDistribution("uniform", (-66.0, -64.0))
    cells = sim.Population(5, sim.IF_curr_exp(v_thresh=1e3), initial_values={"v": law})
    cells.record("v")
    cells[[1, 3]].initialize(v=[-71.0, -70.0])
    cells[2].set_initial_value("v", -72.0)
    cells[2:][2:].initialize(v=-73.0)
    assert cells[2].get_initial_value("v") == -72.0
    np.testing.assert_array_equal(cells[1:3].initial_values["v"].evaluate(), [-71.0, -72.0])
    sim.run(0.1)
    sim.reset()
    sim.run(0.1)
    first, second = (s.analogsignals[0].magnitude[0] for s in cells.get_data().segments)
    np.testing.assert_array_equal(first[1:], [-71.0, -72.0, -70.0, -73.0])
    assert -66.0 < first[0] < -64.0
    np.testing.assert_array_equal(first, second)
    with pytest.raises(ranvier.RangeError, match="q: cannot be initialized"):
        cells[0].set_initial_value("q", 1.0)
    sim.end()


def test_what_is_recorded_has_one_order_in_every_process():
    """Sets are ordered by addresses and seeds of hashes, which differ between the processes of a run."""
    sim.setup(timestep=0.1)
    populations = [sim.Population(1, sim.IF_cond_exp(), label=f"p{k}") for k in range(40)]
    for population in reversed(populations):
        population.record({"v", "gsyn_exc", "gsyn_inh"})
    sim.run(0.1)
    probes = sim.simulator.state.simulation.network.to_document()["probes"]
    order = [(probe["population"], probe["variables"]) for probe in probes]
    variables = (["g_e"], ["g_i"], ["v"])
    of_each = [(population._native_name, v) for population in populations for v in variables]
    assert order[: len(of_each)] == of_each


def test_spikes_are_recorded_from_the_call_on():
    """PyNN's meaning, and what NEST's recorder does that is connected late."""
    sim.setup(timestep=0.1)
    times = np.arange(1.0, 60.0, 2.0)
    cells = sim.Population(3, sim.SpikeSourceArray(spike_times=times))
    cells[0:1].record("spikes")
    sim.run(19.0)
    cells[1:3].record("spikes")
    cells[0:1].record("spikes")  # goes on
    sim.run(21.0)
    got = cells.get_spike_counts()
    assert [got[cell] for cell in cells.all_cells] == [20, 10, 10]
    sim.reset()
    sim.run(40.0)
    first, second = cells.get_data().segments
    for train, begin in zip(first.spiketrains, (0.0, 19.0, 19.0), strict=True):
        expected = times[(times > begin) & (times < 40.0)]
        np.testing.assert_array_equal(train.magnitude, expected)
    for train in second.spiketrains:
        np.testing.assert_array_equal(train.magnitude, times[times < 40.0])
    sim.end()


def test_a_recorded_current_begins_anew_at_reset():
    sim.setup(timestep=0.1)
    cells = sums()
    current = sim.StepCurrentSource(times=[1.0, 2.0], amplitudes=[0.1, 0.2])
    current.inject_into(cells)
    current.record()
    sim.run(3.0)
    first = current.get_data()
    sim.reset()
    sim.run(3.0)
    second = current.get_data()
    assert first.shape == second.shape == (31, 1) and second.t_start == 0.0
    np.testing.assert_array_equal(first.magnitude, second.magnitude)
    sim.end()


def test_cells_that_move_keep_their_connections():
    sim.setup(timestep=0.1)
    line = space.Line(dx=10.0)
    source = sim.Population(30, sim.SpikeSourceArray(spike_times=[1.0]), structure=line)
    moves = {
        "positions": lambda cells: setattr(cells, "positions", cells.positions + 3000.0),
        "structure": lambda cells: setattr(cells, "structure", space.Line(dx=900.0)),
        "cell": lambda cells: setattr(cells[4], "position", (9000.0, 0.0, 0.0)),
    }
    targets = []
    for move in moves.values():
        cells = sums(30)
        cells.structure = line
        cells.record("v")
        connector = sim.DistanceDependentProbabilityConnector("exp(-d/50)")
        projection = sim.Projection(source, cells, connector, static(1.0, 1.0))
        move(cells)
        targets.append((cells, projection))
    sim.run(5.0)
    for cells, projection in targets:
        got = v(cells)[-1]
        expected = np.nan_to_num(projection.get("weight", format="array")).sum(axis=0)
        np.testing.assert_allclose(got, expected)
        assert expected.sum() > 100 and expected[4] > 0
    sim.end()


@pytest.mark.parametrize("interval", [0.25, 0.05, 0.0, -0.1, np.nan, np.inf])
def test_a_sampling_interval_of_no_whole_steps_is_refused_where_it_is_asked_for(interval):
    sim.setup(timestep=0.1)
    cells, others = (sim.Population(2, sim.IF_curr_exp()) for _ in range(2))
    near = "0.2 or 0.3" if interval == 0.25 else "0.1 or 0.2"
    message = rf"{interval:g} ms, must be a multiple of dt = 0.1 ms, such as {near} ms"
    for record in (cells.record, cells[:1].record, (cells + others).record):
        with pytest.raises(ValueError, match=f"sampling_interval: {message}"):
            record("v", sampling_interval=interval)
    cells.record("v", sampling_interval=0.3)
    sim.run(3.0)
    assert cells.get_data().segments[0].analogsignals[0].shape == (11, 2)
    sim.end()


def test_samples_of_another_interval_are_left_out():
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=0.5))
    cells.record("v", sampling_interval=0.2)
    sim.run(1.0)
    cells.record(None)
    cells.record("v", sampling_interval=0.5)
    sim.run(1.0)
    expected = -65.0 + 0.5 * 20.0 * -np.expm1(-np.arange(0.0, 2.1, 0.5) / 20.0)  # cm 1 nF
    expected[1] = np.nan  # 0.5 ms was no time of the first recording
    np.testing.assert_allclose(v(cells)[:, 0], expected, atol=1e-9)
    sim.end()
