"""PyNN's plastic and dynamic synapses: against pyNN.nest on pair protocols and trains, and against closed forms."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import ranvier

pytest.importorskip("pyNN")
import pyNN.errors  # noqa: E402
import ranvier.pynn as sim  # noqa: E402

GOLDEN = Path(__file__).resolve().parents[2] / "golden/pynn_synapses.py"
RECORDED = json.loads(GOLDEN.with_suffix(".json").read_text())
ADDITIVE = {"w_min": 0.0, "w_max": 1.0}


def players():
    spec = importlib.util.spec_from_file_location("pynn_synapses", GOLDEN)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def played():
    return players().play(sim)


@pytest.mark.parametrize("case", RECORDED["cases"])
def test_weights_spikes_and_potentials_are_those_of_pynn_nest(case, played):
    ours, theirs = played[case], RECORDED["cases"][case]
    assert RECORDED["nest"] == "3.10.0"
    if case.startswith("dynamic"):
        assert np.ptp(theirs) > 1.0
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
        return
    for our_train, their_train in zip(ours["spikes"], theirs["spikes"], strict=True):
        assert len(our_train) > 5
        np.testing.assert_allclose(our_train, their_train, atol=1e-9)
    weights = np.array(theirs["weights"])
    assert len(np.unique(weights[-1])) > 5
    np.testing.assert_allclose(ours["weights"], weights, rtol=1e-10)


def pair(synapse, pre, post, cell=None, weight_of_kick=1000.0):
    """One plastic synapse onto a cell that fires 1 ms after the times of a driver, and its source."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=pre))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=np.asarray(post) - 1.0))
    target = sim.Population(1, cell or sim.IF_curr_delta(tau_refrac=0.1))
    kick = sim.StaticSynapse(weight=weight_of_kick, delay=1.0)
    sim.Projection(driver, target, sim.AllToAllConnector(), kick)
    return sim.Projection(source, target, sim.AllToAllConnector(), synapse), target


@pytest.mark.parametrize(("fraction", "dendritic"), [(1.0, 3.0), (0.5, 1.5), (0.0, 0.0)])
@pytest.mark.parametrize("lead", [-8.0, -1.0, 1.0, 6.0])
def test_a_pair_changes_the_weight_as_the_rule_says(fraction, dendritic, lead):
    # Song & Abbott's pair rule; times meet at the synapse, behind the parts of a delay of 3 ms.
    sim.setup(timestep=0.1)
    rule = sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.02, A_minus=0.03)
    synapse = sim.STDPMechanism(
        rule, sim.AdditiveWeightDependence(**ADDITIVE), None, fraction, weight=0.5, delay=3.0
    )
    projection, _ = pair(synapse, [50.0, 400.0], [50.0 + lead])
    sim.run(500.0)
    at_synapse = lead + dendritic - (3.0 - dendritic)
    if at_synapse > 0:
        expected = 0.5 + 0.02 * np.exp(-at_synapse / 15.0) - 0.03 * np.exp((at_synapse - 350) / 25)
    else:
        expected = 0.5 - 0.03 * np.exp(at_synapse / 25.0) - 0.03 * np.exp((at_synapse - 350) / 25)
    got = projection.get("weight", format="list", with_address=False)
    sim.end()
    np.testing.assert_allclose(got, [expected], rtol=1e-12)


def test_the_rule_of_vogels_follows_its_closed_form():
    # Vogels et al. 2011: + eta K at every spike of either side, - 2 eta rho tau at a presynaptic one.
    sim.setup(timestep=0.1)
    synapse = sim.STDPMechanism(
        sim.Vogels2011Rule(tau=20.0, eta=0.01, rho=4.0),
        sim.AdditiveWeightDependence(**ADDITIVE),
        weight=0.5,
        delay=1.0,
    )
    projection, _ = pair(synapse, [50.0, 80.0], [60.0])
    sim.run(100.0)
    loss = 2 * 4.0 * 0.020
    met, left = 61.0 - 50.0, 80.0 - 61.0
    expected = 0.5 + 0.01 * (np.exp(-met / 20) + np.exp(-left / 20) - 2 * loss)
    got = projection.get("weight", format="array")
    sim.end()
    np.testing.assert_allclose(got, [[expected]], rtol=1e-12)


def jumps(synapse, period, n, size=1):
    """What a regular train gives at every spike, [n, size]: cells without leak keep the sum of it."""
    times = period * np.arange(1, n + 1)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(size, sim.IF_curr_delta(tau_m=1e12, v_thresh=1e9, v_rest=0.0))
    cells.initialize(v=0.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    cells.record("v", sampling_interval=period)
    sim.run(period * (n + 1))
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    sim.end()
    return np.diff(v[1:], axis=0)


@pytest.mark.parametrize("tau_facil", [0.0, 120.0])
def test_a_dynamic_synapse_comes_to_its_stationary_release(tau_facil):
    # Tsodyks, Uziel & Markram 2000 with a current that is a pulse: u* and x* of a period.
    sim.setup(timestep=0.1)
    use, rec, period = 0.3, 150.0, 20.0
    synapse = sim.TsodyksMarkramSynapse(
        weight=2.0, delay=1.0, U=use, tau_rec=rec, tau_facil=tau_facil
    )
    released = jumps(synapse, period, 120)[:, 0] / 2.0
    left = np.exp(-period / tau_facil) if tau_facil else 0.0
    u = use / (1 - (1 - use) * left)
    r = np.exp(-period / rec)
    x = (1 - r) / (1 - (1 - u) * r)
    np.testing.assert_allclose(released[0], use, rtol=1e-8)
    np.testing.assert_allclose(released[-1], u * x, rtol=1e-8)


def test_stochastic_synapses_release_as_often_as_they_should():
    n = 400
    sim.setup(timestep=0.1, seed=5)
    chance = jumps(sim.SimpleStochasticSynapse(weight=1.0, delay=1.0, p=0.3), 10.0, 50, n)
    # Mean and bound of a binomial law: five standard deviations.
    assert set(np.round(chance, 9).flat) == {0.0, 1.0}
    assert abs(chance.mean() - 0.3) < 5 * np.sqrt(0.3 * 0.7 / chance.size)
    # Fuhrmann et al. 2002: on average the deterministic synapse, spike by spike.
    form = {"U": 0.4, "tau_rec": 100.0, "tau_facil": 50.0, "delay": 1.0}
    sim.setup(timestep=0.1, seed=5)
    one = jumps(sim.StochasticTsodyksMarkramSynapse(weight=1.0, **form), 20.0, 8, n)
    sim.setup(timestep=0.1, seed=6)
    five = jumps(sim.MultiQuantalSynapse(weight=0.2, n=5, **form), 20.0, 8, n)
    left, r, u, x = np.exp(-20.0 / 50.0), np.exp(-20.0 / 100.0), 0.0, 1.0
    for k in range(8):
        u = u * left if k else 0.0
        u += 0.4 * (1 - u)
        x = 1 - (1 - x) * r if k else 1.0
        assert abs(one[k].mean() - u * x) < 5 * np.sqrt(0.25 / n)
        assert abs(five[k].mean() - u * x) < 5 * np.sqrt(0.25 / 5 / n) + 1e-9
        x -= u * x


def plastic_network(connector=None, size=3):
    sim.setup(timestep=0.1)
    pre = sim.Population(4, sim.SpikeSourceArray(spike_times=[10.0, 40.0, 70.0]))
    post = sim.Population(size, sim.IF_curr_delta(tau_refrac=0.1))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=[14.0, 37.0, 63.0]))
    sim.Projection(driver, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=1e3, delay=1.0))
    synapse = sim.STDPMechanism(
        sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.25, delay=1.5
    )
    plastic = sim.Projection(pre, post, connector or sim.AllToAllConnector(), synapse)
    return pre, post, plastic


def test_weights_are_read_as_they_are_and_over_time():
    _, _, plastic = plastic_network()
    seen = []

    def look(t):
        seen.append(plastic.get("weight", format="list", with_address=False))
        return t + 5.0

    sim.run(100.0, callbacks=[look])
    seen = np.array(seen)
    assert seen.shape == (21, 12)
    changes = np.flatnonzero(np.any(np.diff(seen, axis=0) != 0, axis=1))
    # A weight is seen to change from the presynaptic spike on that took the pairs in: 40 and 70 ms.
    np.testing.assert_array_equal(changes, [7, 13])
    array = plastic.get("weight", format="array")
    assert array.shape == (4, 3)
    np.testing.assert_array_equal(array, plastic.get(["weight", "delay"], format="array")[0])
    assert plastic.get(["A_plus", "w_max"], format="list")[0] == (0, 0, 0.01, 1.0)
    assert plastic[0].weight == array[0, 0] and plastic[0].tau_plus == 20.0
    sim.reset()
    np.testing.assert_array_equal(plastic.get("weight", format="array"), 0.25)
    sim.run(100.0)
    np.testing.assert_array_equal(plastic.get("weight", format="array"), array)
    sim.end()


@pytest.mark.parametrize("listed", [False, True])
def test_weights_are_set_between_runs_and_read_back_as_the_doubles_given(listed):
    rng = sim.NumpyRNG(seed=1) if listed else None
    connector = sim.FixedProbabilityConnector(1.0, rng=rng)
    _, _, plastic = plastic_network(connector)
    sim.run(30.0)
    given = 0.05 + np.arange(12.0).reshape(4, 3) / 37
    plastic.set(weight=given)
    np.testing.assert_array_equal(plastic.get("weight", format="array"), given)
    sim.run(5.0)
    np.testing.assert_array_equal(plastic.get("weight", format="array"), given)
    plastic[5].weight = 0.7
    where = plastic[5].presynaptic_index, plastic[5].postsynaptic_index
    given[where] = 0.7
    np.testing.assert_array_equal(plastic.get("weight", format="array"), given)
    sim.run(10.0)
    # Pairs at 40 ms: the spike at 15 ms after that at 10 ms, those at 15 and 38 ms before it.
    lead, past, late = 15 + 1.5 - 10, 40 - 16.5, 40 - 39.5
    change = 0.01 * (np.exp(-lead / 20) - np.exp(-past / 20) - np.exp(-late / 20))
    change += 0.01 * np.exp(-(39.5 - 10) / 20)
    np.testing.assert_allclose(plastic.get("weight", format="array"), given + change, rtol=1e-9)
    plastic.set(weight=0.5)
    assert plastic[3].weight == 0.5
    sim.run(1.0)
    np.testing.assert_array_equal(plastic.get("weight", format="array"), 0.5)
    sim.end()


def test_recorders_parameters_and_populations_change_without_disturbing_plasticity():
    _, _, plastic = plastic_network()
    sim.run(100.0)
    alone = plastic.get("weight", format="array")
    sim.end()
    pre, post, plastic = plastic_network()
    sim.run(30.0)
    post.record(["spikes", "v"])
    sim.run(12.0)
    more = sim.Population(2, sim.IF_cond_exp())
    sim.Projection(pre, more, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1))
    sim.run(10.0)
    assert not sim.simulator.state.is_stale
    post.set(tau_m=15.0)
    plastic.set(weight=plastic.get("weight", format="array"))
    assert not sim.simulator.state.is_stale  # neither asks for a network built anew
    sim.run(13.0)
    plastic.set(tau_plus=20.0)
    sim.run(35.0)
    np.testing.assert_allclose(plastic.get("weight", format="array"), alone, rtol=1e-12)
    sim.end()


def test_weights_of_assemblies_and_views_are_those_of_whole_populations():
    times = [[10.0, 40.0, 70.0], [12.0, 44.0], [25.0, 61.0]]
    weights = 0.1 + np.arange(6.0).reshape(3, 2) / 10

    def learnt(split):
        sim.setup(timestep=0.1)
        pre = sim.Population(3, sim.SpikeSourceArray(spike_times=times))
        post = sim.Population(2, sim.IF_curr_delta(tau_refrac=0.1))
        if split:
            pre = sim.Population(2, sim.SpikeSourceArray(spike_times=times[:2])) + sim.Population(
                1, sim.SpikeSourceArray(spike_times=times[2:])
            )
            post = sim.Population(5, sim.IF_curr_delta(tau_refrac=0.1))[3:5]
        driver = sim.Population(2, sim.SpikeSourceArray(spike_times=[[14.0, 63.0], [37.0]]))
        kick = sim.StaticSynapse(weight=1e3, delay=1.0)
        sim.Projection(driver, post, sim.OneToOneConnector(), kick)
        synapse = sim.STDPMechanism(
            sim.SpikePairRule(), sim.MultiplicativeWeightDependence(), weight=weights, delay=1.5
        )
        plastic = sim.Projection(pre, post, sim.AllToAllConnector(), synapse)
        sim.run(50.0)
        plastic[1].weight = 0.9
        sim.run(50.0)
        got = plastic.get("weight", format="array")
        listed = [plastic[k].weight for k in range(6)]
        sim.end()
        return got, listed

    whole, split = learnt(False), learnt(True)
    assert len(np.unique(whole[0])) == 6 and not np.any(whole[0] == weights)
    np.testing.assert_array_equal(split[0], whole[0])
    np.testing.assert_array_equal(split[1], whole[1])


def test_parameters_differ_from_synapse_to_synapse():
    sim.setup(timestep=0.1)
    use = np.array([[0.1, 0.2, 0.9]])
    cells = jumps(sim.TsodyksMarkramSynapse(weight=1.0, delay=1.0, U=use), 20.0, 3, 3)
    np.testing.assert_allclose(cells[0], use[0], rtol=1e-8)
    sim.setup(timestep=0.1)
    a, b = sim.Population(4, sim.IF_cond_exp()), sim.Population(3, sim.IF_cond_exp())
    law = sim.RandomDistribution("uniform", low=0.2, high=0.4)
    drawn = sim.Projection(
        a, b, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1, U=law)
    )
    values = drawn.get("U", format="array")
    assert len(np.unique(values)) == 12 and values.min() > 0.2
    listed = sim.Projection(
        a,
        b,
        sim.FromListConnector([(0, 1, 0.5, 1.0, 0.3)], column_names=["weight", "delay", "U"]),
        sim.TsodyksMarkramSynapse(tau_rec=70.0),
    )
    assert listed.get(["U", "tau_rec"], format="list") == [(0, 1, 0.3, 70.0)]
    sim.run(1.0)
    drawn.set(U=0.25)
    assert drawn[7].U == 0.25
    sim.run(1.0)
    sim.end()


def test_the_state_of_synapses_is_set_and_read():
    form = {"weight": 1.0, "delay": 1.0, "U": 0.1, "tau_rec": 1e-3, "tau_facil": 100.0}

    def built(u, **options):
        sim.setup(timestep=0.1)
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[20.0, 50.0]))
        cells = sim.Population(2, sim.IF_curr_delta())
        synapse = sim.TsodyksMarkramSynapse(**form)
        connector = sim.FixedProbabilityConnector(1.0)
        projection = sim.Projection(source, cells, connector, synapse)
        projection.initialize(u=u)
        return projection

    def after(u, *gaps):
        for gap in gaps:
            u = u * np.exp(-gap / 100.0)
            u += 0.1 * (1 - u)
        return u

    projection = built(0.6)
    np.testing.assert_array_equal(projection.get("u", format="array"), 0.6)
    sim.run(30.0)
    np.testing.assert_allclose(projection.get("u", format="array"), after(0.6, 20.0), rtol=1e-12)
    sim.run(30.0)
    np.testing.assert_allclose(
        projection.get("u", format="array"), after(0.6, 20.0, 30.0), rtol=1e-12
    )
    projection.initialize(u=0.2)
    sim.reset()
    sim.run(30.0)
    np.testing.assert_allclose(projection.get("u", format="array"), after(0.2, 20.0), rtol=1e-12)
    matrix = np.array([[0.1, 0.3], [0.5, 0.9]])  # also while it runs, and connection by connection
    projection.initialize(u=matrix)
    sim.run(30.0)
    np.testing.assert_allclose(projection.get("u", format="array"), after(matrix, 30.0), rtol=1e-12)
    projection = built(matrix)
    sim.run(30.0)
    np.testing.assert_allclose(projection.get("u", format="array"), after(matrix, 20.0), rtol=1e-12)
    with pytest.raises(ranvier.RangeError, match=r"\bv\b.*x, y, u, release"):
        projection.initialize(v=1.0)
    with pytest.raises(ranvier.RangeError, match="u: 1.5"):
        projection.initialize(u=1.5)
        sim.run(1.0)


def test_weights_can_be_read_after_the_end():
    _, _, plastic = plastic_network()
    sim.run(100.0)
    array = plastic.get("weight", format="array")
    sim.end()
    assert len(np.unique(array)) > 1 or array[0, 0] != 0.25
    np.testing.assert_array_equal(plastic.get("weight", format="array"), array)
    _, _, plastic = plastic_network()
    sim.run(100.0)
    sim.end()
    np.testing.assert_array_equal(plastic.get("weight", format="array"), array)


@pytest.mark.parametrize("synapse", [sim.StaticSynapse, sim.TsodyksMarkramSynapse])
def test_conductances_stay_positive(synapse):
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), synapse(weight=0.1))
    for _ in range(2):  # before a run, and after one
        with pytest.raises(
            pyNN.errors.ConnectionError, match="-0.2 uS, a conductance must be >= 0"
        ):
            projection.set(weight=-0.2)
        with pytest.raises(pyNN.errors.ConnectionError, match="-0.2 uS"):
            projection.set(weight=np.array([[0.1, -0.2], [0.1, 0.1]]))
        with pytest.raises(pyNN.errors.ConnectionError, match="-0.2 uS"):
            projection[1].weight = -0.2
        np.testing.assert_array_equal(projection.get("weight", format="array"), 0.1)
        sim.run(1.0)
    sim.end()


def test_a_delay_halfway_between_steps_is_rounded_as_its_limit_is():
    for limits in ({"max_delay": 0.25}, {"min_delay": 0.25, "max_delay": 4.0}):
        sim.setup(timestep=0.1, **limits)
        cells = sim.Population(2, sim.IF_curr_exp())
        made = sim.StaticSynapse(weight=0.1, delay=0.25)
        sim.Projection(cells, cells, sim.AllToAllConnector(), made)
    with pytest.raises(pyNN.errors.ConnectionError, match="delay: 0.2 ms, must be at least"):
        sim.Projection(
            cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.2)
        )
    sim.end()


def test_delays_beyond_what_setup_was_given_are_refused():
    one = sim.FromListConnector([(0, 0, 0.1, 0.4)])
    law = sim.RandomDistribution
    refused = pytest.raises(
        pyNN.errors.ConnectionError,
        match=r"delay: .* ms, must be at least min_delay = 0.5 ms and at most max_delay = 4 ms",
    )

    def project(connector, delay=None, **synapse):
        made = sim.StaticSynapse(weight=0.1, delay=delay, **synapse)
        return sim.Projection(cells, cells, connector, made)

    sim.setup(timestep=0.1, min_delay=0.5, max_delay=4.0)
    cells = sim.Population(5, sim.IF_curr_exp())
    for connector, delay in (
        (sim.AllToAllConnector(), 4.1),
        (sim.AllToAllConnector(), law("uniform", (1.0, 6.0))),
        (sim.AllToAllConnector(), law("normal", (0.5, 0.2))),
        (sim.FixedProbabilityConnector(0.9), law("uniform", (0.1, 1.0), rng=sim.NumpyRNG(seed=1))),
        (sim.AllToAllConnector(), "1 + 5 * d"),
        (one, None),
    ):
        with refused:
            project(connector, delay)
    assert not sim.simulator.state.projections
    least = project(sim.AllToAllConnector())
    assert set(least.get("delay", format="array").flat) == {0.5}
    kept = project(sim.AllToAllConnector(), law("normal", (2.0, 0.15)))
    project(sim.AllToAllConnector(), 4.04)  # 40 steps
    for _ in range(2):  # before a run, and after one
        with refused:
            least.set(delay=4.2)
        with refused:
            kept.set(delay=law("uniform", (5.0, 6.0)))
        with refused:
            kept[3].delay = 0.2
        assert 1 < kept.get("delay", format="array").min() < 2
        sim.run(1.0)
    assert (sim.get_min_delay(), sim.get_max_delay()) == (0.5, 4.0)

    sim.setup(timestep=0.1, min_delay=1.0)  # no limit above
    cells = sim.Population(5, sim.IF_curr_exp())
    project(sim.AllToAllConnector(), 50.0)
    with pytest.raises(pyNN.errors.ConnectionError, match=r"0.9 ms, must be at least .* = 1 ms \("):
        project(sim.AllToAllConnector(), 0.9)
    sim.setup(timestep=0.1, max_delay=10.0)  # none below
    cells = sim.Population(5, sim.IF_curr_exp())
    project(sim.AllToAllConnector(), 0.1)
    with pytest.raises(pyNN.errors.ConnectionError, match="10.1 ms, must be at most"):
        project(sim.AllToAllConnector(), 10.1)
    sim.end()


def test_native_synapse_types_are_rules_of_the_kernel():
    sim.setup(timestep=0.1)
    Power = sim.native_synapse_type("stdp_pair", weight_dependence="power_law")
    options = {"mu_plus": 0.4, "mu_minus": 1.0, "A_plus": 0.02, "A_minus": 0.0, "w_0": 1.0}
    synapse = Power(weight=0.3, delay=1.5, **options)
    projection, _ = pair(synapse, [50.0, 100.0], [60.0])
    sim.run(120.0)
    # Morrison, Aertsen & Diesmann 2007: w += lambda w_0^(1 - mu) w^mu e^(-lead/tau).
    lead = 60.0 + 1.5 - 50.0
    expected = 0.3 + 0.02 * 0.3**0.4 * np.exp(-lead / 20.0)
    np.testing.assert_allclose(projection.get("weight", format="array"), [[expected]], rtol=1e-9)
    assert projection.get(["mu_plus", "w_0"], format="list")[0][2:] == (0.4, 1.0)
    sim.setup(timestep=0.1)
    given = sim.native_synapse_type("tsodyks_markram")(weight=1.0, delay=1.0, tau_psc=7.0)
    assert given.parameter_space["tau_psc"].base_value == 7.0
    released = jumps(given, 20.0, 2)[:, 0]
    # Half of what was released is active for 7 ms and recovers with 100 ms (Tsodyks et al. 2000).
    r, p = np.exp(-20.0 / 100.0), np.exp(-20.0 / 7.0)
    back = ((r - 1) * 100.0 - (p - 1) * 7.0) / (7.0 - 100.0)
    np.testing.assert_allclose(released, [0.5, 0.5 * (0.5 + 0.5 * back)], rtol=1e-8)
    with pytest.raises(ranvier.RangeError, match='did you mean "stdp_pair"'):
        sim.native_synapse_type("stdp_pear")
    with pytest.raises(ranvier.RangeError, match="must be one of additive, "):
        sim.native_synapse_type("stdp_pair", weight_dependence="power")


def test_what_is_not_accepted():
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp())
    with pytest.raises(ranvier.UnsupportedError, match="electrical synapses"):
        sim.ElectricalSynapse(weight=0.1)
    with pytest.raises(ranvier.UsageError, match="weight_dependence must be given"):
        sim.STDPMechanism(sim.SpikePairRule())
    with pytest.raises(pyNN.errors.NoModelAvailableError):
        sim.STDPMechanism(sim.Vogels2011Rule(), sim.MultiplicativeWeightDependence())
    rule = sim.SpikePairRule(tau_minus=np.array([[10.0, 20.0], [30.0, 40.0]]))
    synapse = sim.STDPMechanism(rule, sim.AdditiveWeightDependence(), weight=0.1)
    with pytest.raises(ranvier.Error, match="tau_minus"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), synapse)
        sim.run(1.0)
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp())
    projection = sim.Projection(
        cells, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.1)
    )
    with pytest.raises(AttributeError, match="tau_wreck"):
        projection[0].tau_wreck
    with pytest.raises(AttributeError, match="tau_wreck"):
        projection[0].tau_wreck = 1.0
    sim.end()
