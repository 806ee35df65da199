"""A simulation in slices: the bits of one run where nothing is changed; changes count from where it stands."""

import copy
import math
import os
import pickle
import signal
import threading

import numpy as np
import pytest
import ranvier

ADVANCE = ["clocked", "event"]


def driven_network(advance="clocked", **cell):
    net = ranvier.Network(dt=0.1, seed=5)
    source = net.population("spike_source_poisson", 40, name="in", rate=40)
    exc = net.population("if_curr_exp", 30, name="exc", advance=advance, **cell)
    net.project(source, exc, ranvier.fixed_probability(0.5), weight=0.8, delay=1.5)
    net.project(exc, exc, ranvier.fixed_probability(0.2), weight=0.1, delay=2.0)
    net.record(exc, "spikes")
    net.record(exc, "v", neurons=[0, 1], interval=1.0)
    net.record(source, "spikes")
    return net


@pytest.mark.parametrize("advance", ADVANCE)
@pytest.mark.parametrize("every", [7.3, 0.1])
def test_slices_give_the_bits_of_one_run(advance, every):
    ms = 146.0 if every > 1 else 10.0
    whole = driven_network(advance).run(ms)
    seen = []
    with driven_network(advance).simulation() as sim:
        parts = sim.run(ms, every=every, callback=lambda s, r: seen.append((s.now, r.end)))
        digest = sim.state_digest()
    with driven_network(advance).simulation() as sim:
        sim.run(ms)
        assert sim.state_digest() == digest
    assert len(seen) == round(ms / every)
    assert all(now == end for now, end in seen)
    for name in ("exc", "in"):
        np.testing.assert_array_equal(parts.spikes[name].times, whole.spikes[name].times)
        np.testing.assert_array_equal(parts.spikes[name].neurons, whole.spikes[name].neurons)
    np.testing.assert_array_equal(parts.reports[0].values, whole.reports[0].values)
    np.testing.assert_array_equal(parts.reports[0].times, whole.reports[0].times)


def test_times_that_doubles_round_are_the_nanoseconds_that_are_meant():
    net = ranvier.Network(dt=0.1)
    net.population("if_curr_exp", 2, advance="event")
    with net.simulation() as sim:
        assert 0.1 + 0.2 != 0.3
        sim.run(0.1 + 0.2)
        assert sim.now == 0.3
        for end in (1234567.8, 1234568.1, 1234568.100001):  # differences with 1e-4 ns of rounding
            sim.run(end - sim.now)
            assert sim.now == end


def test_slices_of_late_times_end_where_they_are_asked_to():
    net = ranvier.Network(dt=10)
    net.population("if_curr_exp", 2, advance="event")
    with net.simulation() as sim:
        sim.run(8388610.3)
        assert 8388610.3 + 0.3 - 8388610.6 > 1e-9
        calls = []
        sim.run(0.3, every=0.1, callback=lambda s, _: calls.append(s.now) or len(calls) < 5)
        assert calls == [8388610.4, 8388610.5, 8388610.6]


def test_a_callback_that_returns_false_ends_the_run():
    with driven_network().simulation() as sim:
        result = sim.run(100.0, every=10.0, callback=lambda s, _: s.now < 30)
        assert result.end == sim.now == 30.0


@pytest.mark.parametrize("advance", ADVANCE)
def test_state_is_read_and_set_by_index_and_slice(advance):
    # A membrane without input decays as exp(-t / tau_m) towards v_rest (closed form).
    net = ranvier.Network(dt=0.1)
    net.population("if_curr_exp", 5, name="cells", tau_m=20.0, v_rest=-65, advance=advance)
    with net.simulation() as sim:
        sim.run(3.0)
        cells = sim["cells"]
        np.testing.assert_allclose(cells.v, -65, rtol=1e-14)
        cells[1].v = -60
        cells[2:4].v = [-62, -63]
        cells[np.array([False, False, False, False, True])].v = -64
        np.testing.assert_allclose(cells.v, [-65, -60, -62, -63, -64])
        sim.run(10.0)
        expected = -65 + np.array([0, 5, 3, 2, 1]) * math.exp(-0.5)
        np.testing.assert_allclose(cells.v, expected, rtol=1e-12)
        with pytest.raises(ValueError, match="read-only"):
            cells.v[0] = 1.0


@pytest.mark.parametrize("advance", ADVANCE)
def test_a_parameter_counts_from_where_it_was_set(advance):
    net = ranvier.Network(dt=0.1)
    net.population("if_curr_exp", 2, name="cells", tau_m=20.0, cm=1.0, v_rest=-65, advance=advance)
    with net.simulation() as sim:
        sim.run(5.0)
        sim["cells"][1].i_offset = 0.5
        np.testing.assert_array_equal(sim["cells"].i_offset, [0, 0.5])
        sim.run(30.0)
        np.testing.assert_allclose(
            sim["cells"].v, [-65, -65 + 10 * (1 - math.exp(-1.5))], rtol=1e-12
        )
        sim["cells"].tau_m = [5.0, 10.0]
        before = sim["cells"].v[1]
        sim.run(20.0)
        steady = -65 + 0.5 * 10.0
        np.testing.assert_allclose(
            sim["cells"].v[1], steady + (before - steady) * math.exp(-2), rtol=1e-12
        )


@pytest.mark.parametrize("advance", ADVANCE)
def test_setting_what_is_set_already_changes_no_bit(advance):
    whole = driven_network(advance).run(100.0)
    with driven_network(advance).simulation() as sim:
        first = sim.run(50.0)
        sim["exc"].tau_m = sim["exc"].tau_m
        sim["in"].rate = 40.0
        both = ranvier.Result.concatenate([first, sim.run(50.0)])
    np.testing.assert_array_equal(both.spikes["exc"].times, whole.spikes["exc"].times)


@pytest.mark.parametrize("advance", ADVANCE)
def test_another_neurons_parameter_moves_no_bit_of_the_rest(advance):
    net = ranvier.Network()
    source = net.population("spike_source_poisson", 40, name="in", rate=40)
    cells = net.population("if_curr_exp", 20, name="cells", advance=advance)
    net.project(source, cells, ranvier.all_to_all(), weight=0.4, delay=1.0)
    whole = net.run(100.0).spikes["cells"]
    with net.simulation() as sim:
        first = sim.run(50.0)
        sim["cells"][3].tau_m = 7.0
        both = ranvier.Result.concatenate([first, sim.run(50.0)]).spikes["cells"]
    for neuron in range(20):
        same = np.array_equal(both.train(neuron), whole.train(neuron))
        assert same == (neuron != 3)


@pytest.mark.parametrize("advance", ADVANCE)
def test_injected_spikes_arrive_after_their_delay(advance):
    net = ranvier.Network(dt=0.1)
    source = net.population("spike_source_array", 3, name="in", spike_times=[[], [2.0], []])
    cells = net.population("if_curr_delta", 3, name="cells", tau_m=1e9, advance=advance)
    net.project(source, cells, ranvier.one_to_one(), weight=[1.0, 2.0, 4.0], delay=1.5)
    net.record(source, "spikes")
    net.record(cells, "v")
    with net.simulation() as sim:
        slices = [sim.run(5.0)]
        sim.inject("in", [0, 2, 2], [7.0, 6.0, 8.0])
        sim.inject(source, 1, [9.0])
        slices += [sim.run(2.5), sim.run(5.0)]
        result = ranvier.Result.concatenate(slices)
        spikes = result.spikes["in"]
        assert [train.tolist() for train in spikes.trains()] == [[7.0], [2.0, 9.0], [6.0, 8.0]]
        v = result.samples("cells", "v")
        np.testing.assert_allclose(v.values[-1] - v.values[0], [1, 4, 8], atol=1e-6)
        before, after = np.searchsorted(v.times, [8.45, 8.55]) - 1
        np.testing.assert_allclose(v.of(0)[[before, after]] - v.of(0)[0], [0, 1], atol=1e-6)
        with pytest.raises(ranvier.Error, match="later than now"):
            sim.inject("in", 0, [12.5])
        with pytest.raises(ranvier.Error, match="through a spike source"):
            sim.inject("cells", 0, [20.0])
        with pytest.raises(ranvier.Error, match="index 3"):
            sim.inject("in", 3, [20.0])


def test_a_source_takes_no_more_spikes_in_a_step_than_compact_sums_hold():
    net = ranvier.Network(dt=0.1, storage="compact")
    net.population("spike_source_array", 1, name="in", spike_times=[[]])
    net.population("if_curr_exp", 1, name="cells")
    with net.simulation() as sim:
        sim.inject("in", 0, np.full(255, 20.0))
        with pytest.raises(ranvier.Error, match="over 255"):
            sim.inject("in", 0, np.full(256, 21.0))


def test_a_rate_set_between_slices_is_the_rate_of_the_next():
    # 200 sources: the count of a Poisson process of mean n lies within 5 sqrt(n) of n but for 6e-7.
    net = ranvier.Network(seed=2)
    net.population("spike_source_poisson", 200, name="in", rate=10)
    net.record("in", "spikes")
    with net.simulation() as sim:
        for rate in (10.0, 0.0, 50.0, 5.0):
            sim["in"].rate = rate
            count = len(sim.run(1000.0).spikes["in"])
            assert abs(count - 200 * rate) <= 5 * math.sqrt(200 * rate)


def test_a_regular_source_keeps_the_part_of_its_interval_that_is_over():
    net = ranvier.Network()
    net.population("spike_source_regular", 1, name="in", rate=100)
    net.record("in", "spikes")
    with net.simulation() as sim:
        first = sim.run(15.0).spikes["in"].times
        sim["in"].rate = 50.0  # half of the interval of 10 ms is over: half of 20 ms is left
        second = sim.run(40.0).spikes["in"].times
    np.testing.assert_allclose(first, [10.0])
    np.testing.assert_allclose(second, [25.0, 45.0])


@pytest.mark.parametrize("advance", ADVANCE)
def test_a_stimulus_is_changed_between_slices(advance):
    net = ranvier.Network(dt=0.1)
    cells = net.population(
        "if_curr_exp", 2, name="cells", tau_m=20.0, cm=1.0, v_rest=-65, advance=advance
    )
    current = net.stimulate(cells, ranvier.dc(0.0), neurons=[1])
    with net.simulation() as sim:
        sim.run(10.0)
        sim.change(current, amplitude=0.5)
        sim.run(20.0)
        np.testing.assert_allclose(sim["cells"].v, [-65, -65 + 10 * (1 - math.exp(-1))], rtol=1e-12)
        sim.change(current, amplitude=[0.0, -0.5])
        sim.run(200.0)
        np.testing.assert_allclose(sim["cells"].v[1], -75, atol=1e-2)
        with pytest.raises(NotImplementedError, match="cannot change"):
            sim.change(current, target="other")
        with pytest.raises(ranvier.Error, match="frequency"):
            sim.change(current, frequency=3.0)


@pytest.mark.parametrize("advance", ADVANCE)
def test_a_poisson_stimulus_takes_a_new_rate(advance):
    # Mean of 400 neurons' drifts: each spike of weight 0.01 mV; counts are Poisson (bound of 5 sigma).
    net = ranvier.Network(dt=0.1, seed=8)
    cells = net.population("if_curr_delta", 400, name="cells", tau_m=1e9, advance=advance)
    drive = net.stimulate(cells, ranvier.poisson(100.0, weight=0.01))
    with net.simulation() as sim:
        last = np.full(400, -65.0)
        for rate in (100.0, 0.0, 700.0):
            sim.change(drive, rate=rate)
            sim.run(500.0)
            count = float(np.sum(sim["cells"].v - last)) / 0.01
            last = sim["cells"].v
            expected = 400 * rate * 0.5
            assert abs(count - expected) <= 5 * math.sqrt(expected) + 0.5


def test_spike_times_are_replaced_between_slices():
    net = ranvier.Network()
    net.population("spike_source_array", 2, name="in", spike_times=[[1.0], [30.0]])
    net.record("in", "spikes")
    with net.simulation() as sim:
        sim.run(10.0)
        sim["in"].set(spike_times=[[5.0, 15.0], [12.0]])
        spikes = sim.run(30.0).spikes["in"]
        assert [train.tolist() for train in spikes.trains()] == [[15.0], [12.0]]
        with pytest.raises(ranvier.Error, match="spike_times"):
            sim["in"].set(spike_times=[[1.0]])
        assert len(sim.run(10.0).spikes["in"]) == 0


def test_bad_changes_are_refused_and_change_nothing():
    with driven_network().simulation() as sim:
        sim.run(10.0)
        digest = sim.state_digest()
        exc = sim["exc"]
        for change in (
            {"v": float("nan")},
            {"v": [1.0, 2.0]},
            {"tau_m": -1.0},
            {"tau_m": float("inf")},
            {"v_reset": -40.0},
            {"tau_mm": 1.0},
            {"v": "high"},
        ):
            with pytest.raises(ranvier.Error):
                exc.set(**change)
        for index in (30, -31, [0, 99]):
            with pytest.raises(ranvier.Error):
                exc[index]
        assert sim.state_digest() == digest
        assert np.all(exc.tau_m == 20.0)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupt_ends_the_slice_in_order_and_the_simulation_goes_on(kind):
    whole = driven_network().run(400.0)

    def interrupt(now):
        if now >= 100.0:
            if kind is KeyboardInterrupt:
                os.kill(os.getpid(), signal.SIGINT)
            else:
                raise ZeroDivisionError

    with driven_network().simulation() as sim:
        with pytest.raises(kind):
            sim.run(400.0, progress=interrupt)
        first = sim.last
        assert first.end == sim.now and 100.0 <= sim.now < 400.0
        both = ranvier.Result.concatenate([first, sim.run(400.0 - sim.now)])
    np.testing.assert_array_equal(both.spikes["exc"].times, whole.spikes["exc"].times)


def test_an_interrupted_run_leaves_a_whole_run_folder(tmp_path):
    def interrupt(now):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        driven_network().run(1000.0, output=tmp_path / "out", progress=interrupt)
    assert '"complete": false' in (tmp_path / "out/status.json").read_text()


def test_other_threads_run_while_the_network_does():
    ticks, over = [], threading.Event()

    def tick():
        while not over.is_set():
            ticks.append(1)
            over.wait(0.001)

    helper = threading.Thread(target=tick)
    net = driven_network()
    with net.simulation() as sim:
        helper.start()
        before = len(ticks)
        sim.run(20000.0)
        over.set()
        helper.join()
    assert len(ticks) > before


@pytest.mark.parametrize("call", ["run", "close", "rebuild", "save", "state", "digest"])
def test_a_simulation_is_not_called_while_it_runs(call, tmp_path):
    calls = {
        "run": lambda sim: sim.run(1.0),
        "close": lambda sim: sim.close(),
        "rebuild": lambda sim: sim.rebuild(driven_network()),
        "save": lambda sim: sim.save(tmp_path / "state.h5"),
        "state": lambda sim: sim["exc"].set(v=-60.0),
        "digest": lambda sim: sim.state_digest(),
    }
    whole = driven_network().run(100.0)
    with driven_network().simulation() as sim:
        with pytest.raises(ranvier.UsageError, match="is running"):
            sim.run(60.0, progress=lambda now: calls[call](sim))
        first = sim.last
        assert 0 < sim.now < 60.0  # ended in order, where it was called
        both = ranvier.Result.concatenate([first, sim.run(100.0 - sim.now)])
    np.testing.assert_array_equal(both.spikes["exc"].times, whole.spikes["exc"].times)


def test_a_closed_simulation_tells_when_it_ended():
    with driven_network().simulation() as sim:
        sim.run(3.0)
    assert sim.now == 3.0


def test_slices_around_a_rebuild_keep_what_each_of_them_recorded():
    def grow(sim, part):
        if sim.now == 20.0:
            net = sim.network
            net.record(net.population("if_curr_exp", 3, name="late"), "v", interval=1.0)
            net.record("exc", "v", neurons=[5, 6], interval=1.0)
            sim.rebuild(net)

    with driven_network().simulation() as sim:
        result = sim.run(50.0, every=10.0, callback=grow)
    assert result.spikes["exc"].end == 50.0
    assert len(result.samples("late", "v").times) == 31  # with the time of the rebuild
    first, second = (r for r in result.reports if r.population == "exc")
    assert first.neurons.tolist() == [0, 1] and first.values.shape == (51, 2)
    assert second.neurons.tolist() == [5, 6] and second.values.shape == (31, 2)


def test_what_is_not_there_is_found_missing():
    net = driven_network()
    assert "exc" in net and "nobody" not in net
    with net.simulation() as sim:
        result = sim.run(1.0)
        assert [len(neuron) for neuron in sim["exc"][:3]] == [1, 1, 1]
        with pytest.raises(AttributeError):
            sim[net.projections[0]].weight = 0.5  # weights
    assert result.spikes.get("nobody") is None
    assert result.spikes.get("exc") is result.spikes["exc"]
    assert result.spikes["exc"] != result.spikes["in"]
    assert net.projections[0].connections() != net.projections[1].connections()


def test_a_list_of_truth_values_is_a_mask():
    net = ranvier.Network()
    net.population("if_curr_exp", 3, name="exc")
    net.record("exc", "v", neurons=[False, False, True])
    assert net.run(1.0).samples("exc", "v").neurons.tolist() == [2]


def test_the_bar_says_how_far_and_how_long():
    text = ranvier.simulation.Bar(100.0, 300.0).text(150.0, 2.0)
    assert text.startswith(" 25 % |#######---")
    assert "150/300 ms, real-time factor 40.00, 6 s left" in text


def test_a_simulation_is_not_pickled_but_its_network_and_its_results_are():
    with driven_network().simulation() as sim:
        result = sim.run(20.0)
        for again in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="a Simulation cannot be pickled or copied; its"):
                again(sim)
        with pytest.raises(ranvier.UsageError, match="a Simulation cannot be pickled"):
            pickle.dumps(sim["exc"])
        network, other = pickle.loads(pickle.dumps((sim.network, result)))
    for name, spikes in result.spikes.items():
        np.testing.assert_array_equal(other.spikes[name].times, spikes.times)
        np.testing.assert_array_equal(other.spikes[name].neurons, spikes.neurons)
    again = network.run(20.0)
    np.testing.assert_array_equal(again.spikes["exc"].times, result.spikes["exc"].times)
    samples = other.samples("exc", "v")
    np.testing.assert_array_equal(samples.values, result.samples("exc", "v").values)


@pytest.mark.parametrize("model", ["poisson", "poisson_refractory", "gamma", "regular"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"rate": 100.0, "stop": 60.0}, {"stop": 1000.0}),
        ({"rate": 0.0}, {"rate": 50.0}),
        ({"rate": 20.0}, {"rate": 80.0}),
        ({"rate": 100.0, "stop": 60.0}, {"rate": 50.0}),
    ],
)
def test_sources_go_on_with_what_the_rebuilt_network_says(model, before, after):
    def network(parameters):
        net = ranvier.Network(dt=0.1, seed=4)
        net.record(net.population(f"spike_source_{model}", 200, name="in", **parameters), "spikes")
        return net

    with network(before).simulation() as rebuilt, network(before).simulation() as changed:
        rebuilt.run(100.0)
        changed.run(100.0)
        rebuilt.rebuild(network({**before, **after}))
        changed["in"].set(**after)
        got, expected = (sim.run(100.0).spikes["in"] for sim in (rebuilt, changed))
    np.testing.assert_array_equal(got.times, expected.times)
    np.testing.assert_array_equal(got.neurons, expected.neurons)
    is_over = {**before, **after}.get("stop", 1000.0) < 100.0
    assert (len(got.times) > 0) is not is_over
