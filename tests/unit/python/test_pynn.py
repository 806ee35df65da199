"""The PyNN backend gives what the native API gives, refuses what it lacks, and is found under PyNN's name."""

import numpy as np
import pytest
import ranvier

pytest.importorskip("pyNN")
import ranvier.pynn as sim  # noqa: E402


def test_the_backend_is_found_under_pynns_name():
    import pyNN.ranvier

    assert pyNN.ranvier is sim
    assert "IF_cond_exp" in sim.list_standard_models()


def test_a_script_gives_the_spikes_and_traces_of_the_native_network():
    connections = [(i, j, 0.02 + 0.001 * i, 1.0 + 0.1 * j) for i in range(8) for j in range(5)]
    trains = [[5.0 + 7 * i, 40.0 + 3 * i] for i in range(8)]
    sim.setup(timestep=0.1)
    source = sim.Population(8, sim.SpikeSourceArray(spike_times=trains))
    cells = sim.Population(5, sim.IF_cond_exp(tau_m=12.0, v_thresh=-55.0))
    cells.initialize(v=-62.0)
    sim.Projection(source, cells, sim.FromListConnector(connections), sim.StaticSynapse())
    cells.inject(sim.DCSource(amplitude=0.4, start=20.0, stop=60.0))
    cells.record(["spikes", "v", "gsyn_exc"])
    sim.run(50.0)
    sim.run(30.0)
    segment = cells.get_data().segments[0]
    sim.end()

    net = ranvier.Network(dt=0.1)
    a = net.population("spike_source_array", 8, name="a", spike_times=trains)
    b = net.population("if_cond_exp", 5, name="b", tau_m=12.0, v_thresh=-55.0, initial={"v": -62.0})
    net.project(a, b, ranvier.from_list(connections))
    net.stimulate(b, ranvier.dc(0.4), start=20.0, stop=60.0)
    net.record(b, "spikes", "v", "g_e")
    result = net.run(80.0)

    assert len(result.spikes["b"]) > 5
    for neuron, train in enumerate(segment.spiketrains):
        np.testing.assert_array_equal(train.magnitude, result.spikes["b"].train(neuron))
    for ours, theirs in (("v", "v"), ("gsyn_exc", "g_e")):
        signal = segment.filter(name=ours)[0]
        np.testing.assert_array_equal(signal.magnitude, result.samples("b", theirs).values)


def test_a_spike_at_time_0_comes_to_nothing_as_in_pynn_nest():
    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=np.arange(0.0, 3.0)))
    source.record("spikes")
    sim.run(5.0)
    assert [train.magnitude.tolist() for train in source.get_data().segments[0].spiketrains] == [
        [1.0, 2.0]
    ] * 2
    assert source[0].spike_times.value.tolist() == [0.0, 1.0, 2.0]


def test_array_parameters_reach_the_kernel():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.GIF_cond_exp(i_offset=1.5, tau_eta=(2.0, 20.0, 200.0)))
    cells.record("spikes")
    sim.run(300.0)
    trains = cells.get_data().segments[0].spiketrains
    sim.end()
    net = ranvier.Network(dt=0.1)
    net.population(
        "gif_cond_exp", 2, name="g", i_offset=1.5, tau_eta_1=2.0, tau_eta_2=20.0, tau_eta_3=200.0
    )
    spikes = net.run(300.0).spikes["g"]
    assert len(spikes) > 0
    for neuron, train in enumerate(trains):
        np.testing.assert_array_equal(train.magnitude, spikes.train(neuron))


def test_views_and_assemblies_reach_the_right_cells():
    sim.setup(timestep=0.1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    a = sim.Population(3, sim.IF_curr_delta(tau_m=1e9))
    b = sim.Population(2, sim.IF_curr_delta(tau_m=1e9))
    sim.Projection(
        source,
        a[1:3] + b,
        sim.AllToAllConnector(),
        sim.StaticSynapse(weight=2.0, delay=1.0),
        receptor_type="excitatory",
    )
    a[0:1].set(i_offset=0.0)
    both = a + b
    both.record("v")
    sim.run(5.0)
    ends = [s[-1].magnitude - s[0].magnitude for s in both.get_data().segments[0].analogsignals]
    np.testing.assert_allclose(sorted(np.concatenate(ends)), [0, 2, 2, 2, 2], atol=1e-6)
    sim.end()


def test_reset_goes_back_to_the_start_and_begins_a_segment():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=[0.9, 1.0]))
    cells.record("spikes")
    sim.run(100.0)
    sim.reset()
    assert sim.get_current_time() == 0
    sim.run(100.0)
    first, second = cells.get_data().segments
    assert len(first.spiketrains[1]) > 0
    for one, other in zip(first.spiketrains, second.spiketrains, strict=True):
        np.testing.assert_array_equal(one.magnitude, other.magnitude)
    sim.end()


def test_cleared_data_are_not_given_again():
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0))
    cells.record(["spikes", "v"])
    sim.run(100.0)
    first = cells.get_data(clear=True).segments[0]
    sim.run(100.0)
    second = cells.get_data().segments[0]
    assert first.spiketrains[0].magnitude.max() <= 100 < second.spiketrains[0].magnitude.min()
    assert second.analogsignals[0].t_start.magnitude == 100.0
    assert len(second.analogsignals[0]) == 1001
    sim.end()


def test_weights_read_back_as_the_doubles_given_and_can_be_changed():
    sim.setup(timestep=0.1)
    a = sim.Population(3, sim.IF_cond_exp())
    b = sim.Population(2, sim.IF_cond_exp())
    weights = np.array([[0.05, 0.0123], [0.1, 0.2], [0.3, 0.7]])
    projection = sim.Projection(
        a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=weights, delay=0.3)
    )
    np.testing.assert_array_equal(projection.get("weight", format="array"), weights)
    projection.set(weight=2 * weights)
    np.testing.assert_array_equal(projection.get("weight", format="array"), 2 * weights)
    assert sim.get_min_delay() == 0.3
    sim.run(1.0)
    projection.set(weight=weights)
    projection[0].weight = 0.9
    sim.run(1.0)
    weights[0, 0] = 0.9
    np.testing.assert_array_equal(projection.get("weight", format="array"), weights)
    sim.end()


def test_a_callback_is_called_when_it_asked_for():
    sim.setup(timestep=0.1)
    sim.Population(1, sim.IF_curr_exp())
    seen = []

    def callback(t):
        seen.append(t)
        return t + 7.5

    sim.run(20.0, callbacks=[callback])
    np.testing.assert_allclose(seen, [0, 7.5, 15, 20])
    sim.end()


@pytest.mark.parametrize("answer", [None, "soon", 0.0, 10.04])
def test_a_callback_that_asks_for_no_later_time_is_refused(answer):
    sim.setup(timestep=0.1)
    sim.Population(1, sim.IF_curr_exp())
    sim.run(10.0)

    def late(t):
        return answer

    with pytest.raises(ValueError, match="callback late: .* at 10.0 ms, must be a later time"):
        sim.run(20.0, callbacks=[late])
    sim.run_until(12.0, callbacks=[lambda t: None if t > 11 else 12.0])  # at the end any will do
    assert sim.get_current_time() == pytest.approx(12.0)
    sim.end()


def test_a_projection_that_cannot_be_is_named():
    from pyNN import errors

    sim.setup(timestep=0.1)
    source = sim.Population(2, sim.SpikeSourceArray(), label="source")
    cells = sim.Population(2, sim.IF_curr_exp(), label="cells")
    with pytest.raises(errors.ConnectionError, match="source: has no receptors"):
        sim.Projection(cells, source, sim.OneToOneConnector())
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), label="p")
    with pytest.raises(ValueError, match=r"p: weight \(2,\): must be as many as pairs"):
        projection.set(weight=[1.0, 2.0])
    sim.end()


def test_a_current_keeps_its_parameters_where_new_ones_are_refused():
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_curr_exp())
    current = sim.DCSource(amplitude=0.5)
    cells.inject(current)
    sim.run(10.0)
    with pytest.raises(ValueError, match="amplitude: nan, must be finite"):
        current.set_parameters(amplitude=float("nan"))
    assert current.amplitude == 0.5
    sim.run(10.0)
    sim.end()


def test_what_the_kernel_lacks_is_refused():
    from pyNN import mock

    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(ranvier.Error, match="TsodyksMarkramSynapse: not a synapse type"):
        sim.Projection(
            cells, cells, sim.AllToAllConnector(), mock.TsodyksMarkramSynapse(weight=0.1, delay=1.0)
        )
    with pytest.raises(ranvier.Error, match="5 receptors, must be 1 to 4"):
        sim.PointNeuron(sim.LIF(), **{f"r{k}": sim.ExpPSR() for k in range(5)})
    sim.end()


def test_a_bad_parameter_leaves_the_population_as_it_was():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp(tau_m=10.0))
    sim.run(1.0)
    with pytest.raises(ranvier.Error, match="tau_m"):
        cells.set(tau_m=-1.0)
    assert cells.get("tau_m") == 10.0
    sim.end()


def old_network():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0), label="old")
    cells.record(["spikes", "v"])
    sim.run(20.0)
    sim.setup(timestep=0.1)
    new = sim.Population(2, sim.IF_cond_exp(), label="new")
    new.record(["spikes", "v"])
    sim.run(1.0)
    return cells, new


@pytest.mark.parametrize(
    "use",
    [
        lambda old, new: old.get_data(),
        lambda old, new: old.get_spike_counts(),
        lambda old, new: old[0:1].record("v"),
        lambda old, new: sim.Projection(new, old, sim.AllToAllConnector()),
        lambda old, new: sim.Projection(new + old, new, sim.AllToAllConnector()),
        lambda old, new: sim.DCSource(amplitude=0.1).inject_into(old),
    ],
)
def test_cells_of_a_network_that_setup_has_freed_are_refused(use):
    old, new = old_network()
    with pytest.raises(ranvier.UsageError, match="old: of a network that setup.. has freed"):
        use(old, new)


def test_cells_are_made_when_they_are_asked_for_and_are_then_the_same():
    sim.setup()
    cells = sim.Population(6, sim.IF_curr_exp(), label="cells")
    late = sim.Population(1, sim.IF_curr_exp())
    view = cells[4:0:-2]
    part = view[np.array([True, False])]
    cells.record("spikes")
    view.record("v")
    sim.run(1.0)
    assert "all_cells" not in vars(cells) and "all_cells" not in vars(view)
    assert (cells.first_id, cells.last_id, view.first_id, view.last_id) == (0, 5, 2, 4)
    assert cells.all_cells.tolist() == [0, 1, 2, 3, 4, 5] and view.all_cells.tolist() == [4, 2]
    assert cells[0] is cells.first_id and cells[-1] is cells.last_id and cells[4] is view[0]
    assert part.local_cells[0] is cells[4] and late[0] is late.first_id is late.last_id
    assert all(cell.parent is cells and cell.local for cell in view)
    assert [cell.position[0] for cell in view] == [4.0, 2.0]
    view[1].tau_m = 11.0
    assert cells.get("tau_m").tolist() == [20.0, 20.0, 11.0, 20.0, 20.0, 20.0]
    assert view.id_to_index(cells[2]) == 1 and cells.id_to_index(view).tolist() == [4, 2]
    segment = cells.get_data().segments[0]
    assert segment.analogsignals[0].array_annotations["channel_index"].tolist() == [2, 4]
    assert cells.get_spike_counts() == dict.fromkeys(cells.all_cells, 0)
    sim.end()


def test_a_number_that_all_cells_share_is_changed_for_some_alone():
    sim.setup()
    kind = sim.IF_curr_exp(tau_m=15.0)
    first, second = sim.Population(3, kind), sim.Population(2, kind)
    first[1:].set(tau_m=[16.0, 17.0])
    first.initialize(v=[-70.0, -65.0, -65.0])
    values = np.array([-60.0, -61.0])
    second.initialize(v=values)
    values[:] = 0.0  # the caller's own: what was given counts
    got = first.get("tau_m")
    assert got.tolist() == [15.0, 16.0, 17.0] and second.get("tau_m") == 15.0
    got[:] = 1.0  # a copy
    assert first.get("tau_m").tolist() == [15.0, 16.0, 17.0]
    for population in (first, second):
        population.record("v")
    sim.run(0.1)
    start = [
        p.get_data().segments[0].analogsignals[0].magnitude[0].tolist() for p in (first, second)
    ]
    sim.end()
    assert start == [[-70.0, -65.0, -65.0], [-60.0, -61.0]]


def test_initial_values_without_a_generator_are_those_of_their_law_and_follow_from_the_seed():
    # Moments of the laws themselves; the bounds are five standard errors of 4,000 draws.
    laws = {
        "uniform": (sim.RandomDistribution("uniform", (-60.0, -50.0)), -55.0, 10 / 12**0.5),
        "turned": (sim.RandomDistribution("uniform", (-50.0, -60.0)), -55.0, 10 / 12**0.5),
        "normal": (sim.random.RandomDistribution("normal", mu=-58.0, sigma=2.0), -58.0, 2.0),
    }

    def drawn(seed):
        sim.setup(seed=seed)
        parts = {name: sim.Population(4000, sim.IF_curr_exp()) for name in laws}
        for name, cells in parts.items():
            cells.initialize(v=laws[name][0])
            cells.record("v")
        sim.run(0.1)
        sim.reset()
        sim.run(0.1)
        traces = {name: cells.get_data().segments for name, cells in parts.items()}
        first, again = (
            {n: s[k].analogsignals[0].magnitude[0] for n, s in traces.items()} for k in (0, 1)
        )
        for name in laws:
            np.testing.assert_array_equal(first[name], again[name])
        return first

    one, same, other = drawn(1), drawn(1), drawn(2)
    sim.end()
    for name, (_, mean, sd) in laws.items():
        assert abs(np.mean(one[name]) - mean) < 5 * sd / 4000**0.5
        assert abs(np.std(one[name]) - sd) < 5 * sd / 4000**0.5
        np.testing.assert_array_equal(one[name], same[name])
        assert (one[name] != other[name]).all()
    assert (one["uniform"] != one["turned"]).all()


@pytest.mark.parametrize("module", [sim, sim.random])
def test_every_draw_without_a_generator_is_another_one_and_a_script_run_again_has_the_same(module):
    """PyNN's meaning of initialize(): other values at every call; setup()'s seed is what they follow from."""

    def law():
        return module.RandomDistribution("uniform", (-65.0, -50.0))

    def script(seed):
        sim.setup(seed=seed)
        first = sim.Population(5, sim.IF_cond_exp(v_rest=law()))
        second = sim.Population(5, sim.IF_cond_exp(v_rest=law()))
        first.record("v")
        kept = law()
        for given in (law, law, lambda: kept, lambda: kept):  # trials
            sim.reset()
            first.initialize(v=given())
            sim.run(0.1)
        first.initialize(v=law())  # while it runs
        sim.run(0.1)
        second.set(v_thresh=law())
        second[1:4].set(e_rev_I=law())
        trials = [s.analogsignals[0].magnitude for s in first.get_data().segments]
        rows = [trial[0] for trial in trials[-4:]]
        rows += [trials[-1][-1], first.get("v_rest"), *second.get(["v_rest", "v_thresh"])]
        return [*np.concatenate(rows), *second.get("e_rev_I")[1:4]]

    one = script(1)
    assert one == script(1)
    other = script(2)
    sim.end()
    assert len(one) == len(set(one)) == 43 and set(one).isdisjoint(other)


def test_initial_values_of_native_generators_follow_from_their_seeds():
    def values(**rngs):
        sim.setup(seed=1)
        cells = sim.Population(5, sim.IF_cond_exp())
        for rng in rngs.values():
            cells.initialize(v=sim.RandomDistribution("uniform", (-65.0, -50.0), rng=rng))
        return cells._native_initial["v"].tolist()

    three = values(rng=sim.NativeRNG(3))
    assert three == values(before=sim.NativeRNG(4), rng=sim.NativeRNG(3))
    expected = sim.NativeRNG(3).next(5, "uniform", {"low": -65.0, "high": -50.0})
    np.testing.assert_array_equal(three, expected)
    others = [values(rng=rng) for rng in (sim.NativeRNG(4), sim.NativeRNG(), None)]
    assert set(three).isdisjoint(others[0]) and set(three).isdisjoint(others[1])
    assert others[1] == others[2]


def test_places_without_a_generator_follow_from_the_seed():
    def script(seed):
        sim.setup(seed=seed)
        structure = sim.space.RandomStructure(sim.space.Cuboid(4.0, 2.0, 8.0))
        first, second = (sim.Population(50, sim.IF_cond_exp(), structure=structure) for _ in "12")
        third = sim.Population(50, sim.IF_cond_exp(), structure=structure)
        third.structure = sim.space.RandomStructure(sim.space.Sphere(3.0))
        mixed = sim.space.Grid2D(2.0, fill_order="random")
        grid = sim.Population(50, sim.IF_cond_exp(), structure=mixed)
        return [p.positions for p in (first, second, third, grid)]

    one, again, other = script(1), script(1), script(2)
    sim.end()
    np.testing.assert_array_equal(one, again)
    for mine, others in zip(one, other, strict=True):
        assert (mine != others).any()
    assert (one[0] != one[1]).any()
    assert (np.abs(one[0].T) <= (2.0, 1.0, 4.0)).all() and np.ptp(one[0], axis=1).min() > 1.0
    assert (np.linalg.norm(one[2], axis=0) <= 3.0).all()
    given = sim.space.RandomStructure(sim.space.Sphere(3.0), rng=sim.NumpyRNG(seed=4))
    expected = sim.space.RandomStructure(sim.space.Sphere(3.0), rng=sim.NumpyRNG(seed=4))
    cells = sim.Population(5, sim.IF_cond_exp(), structure=given)
    np.testing.assert_array_equal(cells.positions, expected.generate_positions(5))


def test_a_distribution_without_a_generator_says_what_it_draws_from():
    law = sim.RandomDistribution("uniform", (0.0, 1.0))
    assert isinstance(law.rng, sim.NativeRNG) and str(law).endswith("NativeRNG(seed=None))")
    with pytest.raises(TypeError):
        law.rng.rng.seed(12)  # would be without effect where the kernel draws


def test_initial_values_of_a_given_generator_are_its_own():
    sim.setup()
    law = ("uniform", (-60.0, -50.0))
    cells = sim.Population(5, sim.IF_curr_exp())
    cells.initialize(v=sim.RandomDistribution(*law, rng=sim.NumpyRNG(seed=4)))
    cells.record("v")
    sim.run(0.1)
    expected = sim.NumpyRNG(seed=4).next(5, "uniform", {"low": -60.0, "high": -50.0})
    np.testing.assert_array_equal(cells.get_data().segments[0].analogsignals[0][0], expected)
    cells.initialize(v=sim.RandomDistribution(*law))  # while it runs: drawn at once
    sim.run(0.1)
    late = cells.get_data().segments[0].analogsignals[0].magnitude[-1]
    sim.end()
    assert np.all((late > -61) & (late < -50)) and len(set(late)) == 5
    assert sim.RandomDistribution(*law).next(3).shape == (3,)


def test_a_current_source_forgets_the_cells_that_setup_has_freed():
    sim.setup(timestep=0.1)
    source = sim.DCSource(amplitude=0.5)
    source.inject_into(sim.Population(3, sim.IF_cond_exp()))
    sim.setup(timestep=0.1)
    cells = sim.Population(1, sim.IF_cond_exp())
    source.inject_into(cells)
    cells.record("v")
    sim.run(5.0)
    assert cells.get_data().segments[0].analogsignals[0].magnitude[-1] > -65


@pytest.mark.parametrize(
    "use, message",
    [
        (lambda: sim.Population(0, sim.IF_cond_exp(), label="none"), "none: 0 cells"),
        (lambda: sim.run(float("nan")), "nan ms, must be finite"),
        (
            lambda: (
                sim.Projection(
                    *[sim.Population(2, sim.IF_cond_exp())] * 2,
                    sim.AllToAllConnector(),
                    sim.TsodyksMarkramSynapse(weight=0.1, tau_rec=float("nan")),
                ),
                sim.run(1.0),
            ),
            "tau_rec: nan, must be finite",
        ),
    ],
)
def test_what_is_no_number_or_nothing_is_refused_by_name(use, message):
    sim.setup(timestep=0.1)
    with pytest.raises(ranvier.RangeError, match=message):
        use()
