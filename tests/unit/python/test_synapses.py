"""Rules of synapses from Python: described, built, read and set between slices."""

import numpy as np
import pytest

import ranvier

PRE = [10.0, 40.0, 70.0]
POST = [15.0, 38.0]


def pair(rule, weight=0.0123, storage="compact", n=2):
    """Sources that fire at PRE, all joined with neurons that are made to fire at POST."""
    net = ranvier.Network(storage=storage)
    pre = net.population("spike_source_array", n, name="pre", spike_times=[PRE] * n)
    kick = net.population("spike_source_array", 1, name="kick", spike_times=[[t - 1 for t in POST]])
    post = net.population("if_curr_delta", 3, name="post", tau_refrac=0)
    net.project(kick, post, ranvier.all_to_all(), weight=1000.0, delay=1.0)
    plastic = net.project(
        pre, post, ranvier.all_to_all(), weight=weight, delay=1.5, synapse=rule, name="plastic"
    )
    return net, plastic


def additive(weight, k):
    """Closed form of additive STDP (A 0.01, tau 20 ms, w_max 1) after the first k presynaptic spikes."""
    for n, t in enumerate(PRE[:k]):
        lead = np.array([p + 1.5 - t for p in POST])
        past = lead < 0
        weight -= 0.01 * np.exp(lead[past] / 20).sum()
        if n > 0:  # what came since the spike before pairs with all of those before
            for p in POST:
                if PRE[n - 1] < p + 1.5 <= t:
                    weight += 0.01 * sum(np.exp(-(p + 1.5 - s) / 20) for s in PRE[:n])
    return weight


def test_rules_are_described():
    assert ranvier.synapse_rules()[0] == "static"
    assert {"stdp_pair", "tsodyks_markram", "vogels_2011"} <= set(ranvier.synapse_rules())
    table = ranvier.describe_rule("stdp_pair")
    assert [row[0] for row in table["parameters"]][:2] == ["A_plus", "A_minus"]
    assert "guetig" in table["choices"]["weight_dependence"]
    assert ranvier.describe_rule("multi_quantal")["stochastic"]
    with pytest.raises(ranvier.RangeError, match='did you mean "stdp_pair"'):
        ranvier.describe_rule("stdp_pear")


@pytest.mark.parametrize("storage, tolerance", [("exact", 1e-14), ("compact", 1e-7)])
def test_weights_follow_the_closed_form(storage, tolerance):
    net, plastic = pair("stdp_pair", 0.5, storage)
    with net.simulation() as sim:
        synapses = sim[plastic]
        assert synapses.weights.shape == (6,)
        assert len(plastic.connections()) == 6
        for k, t in enumerate(PRE, 1):
            sim.run(t - sim.now)
            np.testing.assert_allclose(synapses.weights, additive(0.5, k), atol=tolerance)
        np.testing.assert_array_equal(synapses.get("delay"), 1.5)
        np.testing.assert_array_equal(synapses.get("tau_plus"), 20.0)
        with pytest.raises(ranvier.RangeError, match="tau_plus"):
            synapses.get("tau_pluss")


def test_a_weight_that_was_set_reads_back_as_the_same_double_until_it_changes():
    net, plastic = pair("stdp_pair")
    with net.simulation() as sim:
        synapses = sim[plastic]
        np.testing.assert_array_equal(synapses.weights, 0.0123)
        given = np.array([0.05, 0.0123, 0.1, 0.7, 1 / 3, 0.2])
        synapses.weights = given
        np.testing.assert_array_equal(synapses.weights, given)
        sim.run(10.0)  # no pair yet
        np.testing.assert_array_equal(synapses.weights, given)
        synapses.set_weights(0.9, [1, 4])
        np.testing.assert_array_equal(synapses.weights, [0.05, 0.9, 0.1, 0.7, 0.9, 0.2])
        sim.run(30.0)
        assert (synapses.weights != [0.05, 0.9, 0.1, 0.7, 0.9, 0.2]).all()


@pytest.mark.parametrize("storage", ["exact", "compact"])
def test_static_weights_and_delays_are_read_and_keep_what_the_network_gives(storage):
    net = ranvier.Network(storage=storage, seed=7)
    a, b = (net.population("if_curr_exp", 20, name=name) for name in "ab")
    drawn = net.project(
        a, b, ranvier.fixed_indegree(5), weight=ranvier.normal(1, 0.2), delay=ranvier.uniform(1, 4)
    )
    given = net.project(
        a, b, ranvier.from_list([[3, 1, 0.05, 1.5], [2, 9, 0.0123, 2.0], [3, 0, 0.7, 0.5]])
    )
    with net.simulation() as sim:
        sim.run(5.0)
        for projection in (drawn, given):
            made = projection.connections()
            np.testing.assert_array_equal(sim[projection].weights, made.weights)
            np.testing.assert_array_equal(sim[projection].get("delay"), made.delays)
        assert len(set(sim[drawn].weights)) == 100
        assert sorted(sim[given].weights) == [0.0123, 0.05, 0.7]
        with pytest.raises(ranvier.UnsupportedError, match="static"):
            sim[given].weights = 1.0


def test_parameters_may_differ_from_synapse_to_synapse():
    use = np.linspace(0.1, 0.6, 6)
    net, plastic = pair(ranvier.synapse("tsodyks_markram", U=use, tau_rec=200.0))
    with net.simulation() as sim:
        np.testing.assert_array_equal(sim[plastic].get("U"), use)
    drawn, plastic = pair(ranvier.synapse("tsodyks_markram", U=ranvier.uniform(0.2, 0.4)))
    with drawn.simulation() as sim:
        values = sim[plastic].get("U")
        assert len(set(values)) == 6
        assert ((values > 0.2) & (values < 0.4)).all()


def test_the_state_of_a_rule_is_read_and_set():
    table = ranvier.describe_rule("multi_quantal")
    assert [row[0] for row in table["trace"]] == ["u", "still_empty"]
    assert table["synapse"][0][::2] == ("a", "must be >= 0")
    for vary in (False, True):
        use = np.full(6, 0.25) if vary else 0.25
        net, plastic = pair(ranvier.synapse("tsodyks_markram", U=use, tau_facil=50.0))
        for threads in (1, 2):
            with net.simulation(threads=threads) as sim:
                sim[plastic].set("u", 0.5)
                np.testing.assert_array_equal(sim[plastic].get("u"), 0.5)
                sim.run(20.0)
                u = 0.5 * np.exp(-PRE[0] / 50)
                np.testing.assert_allclose(sim[plastic].get("u"), u + 0.25 * (1 - u), rtol=1e-12)
                if vary:
                    sim[plastic].set("u", 0.75, [4])
                    assert (sim[plastic].get("u") == 0.75).tolist() == [False] * 4 + [True, False]
                else:
                    with pytest.raises(ranvier.UnsupportedError, match="once a source"):
                        sim[plastic].set("u", 0.75, [4])
                    sim[plastic].set("u", 0.75, [3, 4, 5])
                    np.testing.assert_array_equal(sim[plastic].get("u")[3:], 0.75)
                with pytest.raises(ranvier.RangeError, match="u: 1.5"):
                    sim[plastic].set("u", 1.5)
                with pytest.raises(ranvier.UnsupportedError, match="U: cannot be set"):
                    sim[plastic].set("U", 0.5)
                with pytest.raises(ranvier.RangeError, match='no "uu"'):
                    sim[plastic].set("uu", 0.5)
    net, plastic = pair(ranvier.synapse("multi_quantal", n=4, U=1.0))
    with net.simulation() as sim:
        np.testing.assert_array_equal(sim[plastic].get("a"), 4)
        sim[plastic].set("a", [0, 1, 2, 3, 4, 1e300])  # at most n count
        sim.run(11.0)
        assert (sim[plastic].get("a") == 0).all()


def test_conductances_stay_positive():
    net = ranvier.Network()
    a, b = (net.population("if_cond_exp", 2, name=name) for name in "ab")
    plastic = net.project(
        a, b, ranvier.all_to_all(), weight=0.1, receptor="inhibitory", synapse="stdp_pair"
    )
    with net.simulation() as sim:
        with pytest.raises(ranvier.RangeError, match="weight: -0.1 uS, must be >= 0"):
            sim[plastic].weights = [0.1, -0.1, 0.1, 0.1]
        np.testing.assert_array_equal(sim[plastic].weights, 0.1)


def test_a_rule_survives_the_document():
    rule = ranvier.synapse("stdp_pair", A_plus=0.02, weight_dependence="guetig", mu_plus=0.3)
    net, _ = pair(rule)
    document = net.to_document()
    assert document["projections"][1]["synapse"] == {
        "model": "stdp_pair", "weight_dependence": "guetig", "A_plus": 0.02, "mu_plus": 0.3,
    }  # fmt: skip
    assert ranvier.Network.from_document(document).to_document() == document


def test_what_is_not_accepted():
    with pytest.raises(ranvier.Error, match="A_pluss"):
        pair(ranvier.synapse("stdp_pair", A_pluss=1.0))
    with pytest.raises(ranvier.RangeError, match="6"):
        pair(ranvier.synapse("tsodyks_markram", U=[0.1, 0.2]))
    with pytest.raises(ranvier.UnsupportedError, match="electrical"):
        pair("electrical")
    net, plastic = pair("stdp_pair")
    with net.simulation() as sim:
        with pytest.raises(ranvier.RangeError, match="6"):
            sim[plastic].weights = [1.0, 2.0]
        with pytest.raises(ranvier.RangeError, match="synapse 6"):
            sim[plastic].set_weights([1.0], [6])
        with pytest.raises(ranvier.RangeError, match="finite"):
            sim[plastic].weights = float("nan")
        with pytest.raises(ranvier.UnsupportedError, match="static"):
            sim[net.projections[0]].weights = 1.0


def test_recorded_weights_are_those_that_are_read(tmp_path):
    h5py = pytest.importorskip("h5py")
    files = []
    for threads in (1, 2):
        net, plastic = pair("stdp_pair", 0.1, n=40)
        plastic.record(interval=5.0)
        folder = tmp_path / str(threads)
        with net.simulation(threads=threads, output=folder) as sim:
            frames = sim.run(45.0).samples(plastic, "weight")
            assert frames.values.shape == (10, 120)
            np.testing.assert_allclose(frames.values[0], 0.1, rtol=1e-6)
            np.testing.assert_array_equal(frames.values[-1], frames.values[8])
            np.testing.assert_array_equal(frames.values[-1], sim[plastic].weights)
            np.testing.assert_allclose(frames.values[8], additive(0.1, 2), atol=1e-6)
        files.append((folder / "weights.h5").read_bytes())
        with h5py.File(folder / "weights.h5") as file:
            group = file["weights/plastic"]
            np.testing.assert_array_equal(group["data"], frames.values)
            connections = plastic.connections()
            np.testing.assert_array_equal(group["mapping/source_node_ids"], connections.sources)
            np.testing.assert_array_equal(group["mapping/target_node_ids"], connections.targets)
            np.testing.assert_array_equal(group["mapping/time"], [0, 50, 5])
    assert files[0] == files[1]


def trained(storage="compact", threads=1, output=None, varied=False):
    """Facilitating and depressing synapses with u, x and the weight recorded; the run, and what was read at its end."""
    net = ranvier.Network(seed=7, storage=storage)
    pre = net.population("spike_source_poisson", 30, name="pre", rate=40.0)
    post = net.population("if_curr_exp", 50, name="post")
    U = ranvier.uniform(0.1, 0.6) if varied else 0.3
    rule = ranvier.synapse("tsodyks_markram", U=U, tau_rec=80.0, tau_facil=60.0, tau_psc=3.0)
    dynamic = net.project(
        pre, post, ranvier.fixed_probability(0.2), weight=0.3, delay=1.5, synapse=rule, name="d"
    )
    dynamic.record("u", "x", "weight", interval=2.0)
    net.record(pre, "spikes")
    with net.simulation(threads=threads, output=output) as sim:
        result = sim.run(100.0)
        return result, {name: sim[dynamic].get(name) for name in ("u", "x", "weight")}, dynamic


@pytest.mark.parametrize("varied", [False, True])
def test_the_state_of_a_rule_is_recorded_as_it_is_read_and_the_same_for_every_split(
    tmp_path, varied
):
    h5py = pytest.importorskip("h5py")
    files = []
    for threads in (1, 2):
        result, last, dynamic = trained(
            threads=threads, output=tmp_path / str(threads), varied=varied
        )
        for name, values in last.items():
            frames = result.samples(dynamic, name)
            assert frames.values.shape == (51, len(dynamic.connections()))
            np.testing.assert_allclose(
                frames.values[-1], values, rtol=1e-7 if name == "weight" else 0
            )
        with h5py.File(tmp_path / str(threads) / "weights.h5") as file:
            np.testing.assert_array_equal(file["u/d/data"], result.samples(dynamic, "u").values)
            assert set(file) == {"u", "x", "weights"}
        files.append((tmp_path / str(threads) / "weights.h5").read_bytes())
    assert files[0] == files[1]


def test_the_recorded_state_follows_the_rules_closed_form():
    """u and x of every source from its own spikes, by Tsodyks et al. 2000, eq. 3 (tau_psc decays into x by eq. 4)."""
    result, _, dynamic = trained("exact")
    sources = dynamic.connections().sources
    spikes = [np.ceil(train / 0.1 - 1e-9) * 0.1 for train in result.spikes["pre"].trains()]
    u, x = result.samples(dynamic, "u"), result.samples(dynamic, "x")
    delay = 1.5
    checked = 0
    for column, source in enumerate(sources):
        state, before = np.array([0.0, 1.0, 0.0]), None  # u, x, y
        course = {}
        for t in spikes[source]:
            if before is not None:
                gap = t - before
                rec, psc = np.exp(-gap / 80.0), np.exp(-gap / 3.0)
                z = 1 - state[1] - state[2]
                back = ((rec - 1) * 80.0 - (psc - 1) * 3.0) / (3.0 - 80.0)
                state = np.array(
                    [
                        state[0] * np.exp(-gap / 60.0),
                        state[1] + back * state[2] + (1 - rec) * z,
                        state[2] * psc,
                    ]
                )
            state[0] += 0.3 * (1 - state[0])
            release = state[0] * state[1]
            state[1:] += [-release, release]
            before, course[t] = t, state[:2].copy()
        for row, now in enumerate(u.times):
            past = [t for t in course if t + delay <= now + 1e-9]
            seen = course[past[-1]] if past else (0.0, 1.0)
            late = [t for t in course if t <= now + 1e-9]
            if late == past:  # between a spike and its arrival the rule has seen it or not
                np.testing.assert_allclose(
                    [u.values[row, column], x.values[row, column]], seen, atol=1e-9
                )
                checked += bool(past)
    assert checked > 1000


def test_what_synapses_have_not_is_not_recorded():
    net, plastic = pair("stdp_pair")
    with pytest.raises(ranvier.RangeError, match=r'"k_pluss".*did you mean "k_plus"'):
        plastic.record("k_pluss", interval=1.0)
    with pytest.raises(ranvier.RangeError, match="named twice"):
        plastic.record("weight", "weight", interval=1.0)
    plastic.record("k_plus", interval=1.0)
    assert net.to_document()["probes"][-1]["variables"] == ["k_plus"]


def test_weights_move_on_after_long_silence_as_if_nothing_had_been_forgotten():
    # Targets fire on through 25 s of their source's silence; the weight is seen to change at its end.
    times = [float(t) for t in range(20, 25_000, 500)]
    net = ranvier.Network(storage="exact")
    pre = net.population("spike_source_array", 1, name="pre", spike_times=[[10.0, 25_010.0]])
    kick = net.population(
        "spike_source_array", 1, name="kick", spike_times=[[t - 1 for t in times]]
    )
    post = net.population("if_curr_delta", 1, name="post", tau_refrac=0)
    net.project(kick, post, ranvier.all_to_all(), weight=1000.0, delay=1.0)
    rule = ranvier.synapse("stdp_pair", tau_plus=4000.0)
    plastic = net.project(pre, post, ranvier.all_to_all(), weight=0.5, delay=1.5, synapse=rule)
    with net.simulation() as sim:
        sim.run(24_900.0)
        assert sim[plastic].weights[0] == 0.5
        sim.run(200.0)
        gain = 0.01 * sum(np.exp(-(t + 1.5 - 10) / 4000) for t in times)
        loss = 0.01 * sum(np.exp(-(25_010 - t - 1.5) / 20) for t in times)
        np.testing.assert_allclose(sim[plastic].weights, 0.5 + gain - loss, rtol=1e-12)
