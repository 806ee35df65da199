"""Connectors that PyNN describes by rule are drawn in C++, and what they read back is what the kernel has.

A presynaptic source fires alone, so that the weights of its connections can be read off leakless neurons.
"""

import pickle

import numpy as np
import pytest

pytest.importorskip("pyNN")
import ranvier.pynn as sim  # noqa: E402
from pyNN import random as pynn_random  # noqa: E402
from pyNN import space  # noqa: E402
from ranvier.pynn import rules  # noqa: E402

N_PRE, N_POST = 12, 30


def connector_cases():
    uniform = pynn_random.RandomDistribution("uniform", (0.5, 2.0))
    plain = sim.StaticSynapse(weight=1.5, delay=0.7)
    drawn = sim.StaticSynapse(weight=uniform, delay=0.7)
    return {
        "all_to_all": (sim.AllToAllConnector(), plain),
        "fixed_probability": (sim.FixedProbabilityConnector(0.3), drawn),
        "native_seed": (sim.FixedProbabilityConnector(0.3, rng=sim.NativeRNG(seed=7)), plain),
        "indegree": (sim.FixedNumberPreConnector(4), plain),
        "indegree_with_replacement": (sim.FixedNumberPreConnector(4, with_replacement=True), drawn),
        "outdegree": (sim.FixedNumberPostConnector(5), plain),
        "total": (sim.FixedTotalNumberConnector(50), plain),
        "distance": (sim.DistanceDependentProbabilityConnector("exp(-d/20)"), plain),
    }


@pytest.mark.parametrize("name", connector_cases())
def test_a_rule_reads_back_as_the_kernel_has_it(name):
    sim.setup(timestep=0.1, seed=5)
    connector, synapse = connector_cases()[name]
    times = [[1.0 + 2.0 * i] for i in range(N_PRE)]
    source = sim.Population(N_PRE, sim.SpikeSourceArray(spike_times=times))
    cells = sim.Population(
        N_POST, sim.IF_curr_delta(tau_m=1e12, v_thresh=1e6, v_rest=0.0), initial_values={"v": 0.0}
    )
    cells.record("v")
    projection = sim.Projection(source, cells, connector, synapse)
    assert projection._rule is not None
    sim.run(2.0 * N_PRE + 2.0)
    trace = cells.get_data().segments[0].analogsignals[0].magnitude
    got = np.diff(trace[[0, *(round(10 * (t[0] + 1.9)) for t in times)]], axis=0)
    expected = np.nan_to_num(projection.get("weight", format="array"))
    np.testing.assert_allclose(got, expected, atol=1e-8)
    counts = (~np.isnan(projection.get("weight", format="array"))).sum()
    assert 0 < counts and len(projection) == len(projection.get("weight", format="list"))
    if name == "indegree":
        assert ((expected > 0).sum(axis=0) == 4).all()
    if name == "outdegree":
        assert ((expected > 0).sum(axis=1) == 5).all()
    if name == "total":
        assert len(projection) == 50
    sim.end()


def test_rules_between_views_are_drawn_between_their_cells():
    sim.setup(timestep=0.1)
    cells = sim.Population(20, sim.IF_curr_exp())
    a, b = cells[0:8], cells[8:20]
    between = sim.Projection(a, b, sim.FixedNumberPreConnector(3), sim.StaticSynapse(weight=0.1))
    within = sim.Projection(
        a,
        a,
        sim.FixedProbabilityConnector(1.0, allow_self_connections=False),
        sim.StaticSynapse(weight=0.1),
    )
    both = sim.Projection(
        cells,
        a + b,
        sim.FixedProbabilityConnector(0.5),
        sim.StaticSynapse(weight=0.1),
        receptor_type="excitatory",
    )
    assert between.shape == (8, 12) and len(between) == 36
    assert len(within) == 56 and all(c.presynaptic_index != c.postsynaptic_index for c in within)
    assert 130 < len(both) < 270
    sim.run(1.0)
    assert sim.simulator.state.simulation.totals()["synapses"] == 36 + 56 + len(both)
    sim.end()


def test_an_explicit_numpy_rng_gives_the_connections_of_other_backends():
    from pyNN import mock

    def connections(backend):
        backend.setup(timestep=0.1, min_delay=0.1)
        rng = pynn_random.NumpyRNG(seed=42)
        cells = backend.Population(15, backend.IF_curr_exp())
        weights = pynn_random.RandomDistribution("normal", (0.5, 0.1), rng=rng)
        lists = []
        for connector in (
            backend.FixedProbabilityConnector(0.4, rng=rng),
            backend.FixedNumberPreConnector(3, rng=rng),
            backend.FixedNumberPostConnector(3, rng=rng),
        ):
            synapse = backend.StaticSynapse(weight=weights, delay=1.0)
            projection = backend.Projection(
                cells, cells, connector, synapse, receptor_type="excitatory"
            )
            lists.append(sorted(projection.get(["weight", "delay"], format="list")))
        backend.end()
        return lists

    assert connections(sim) == connections(mock)


def test_without_a_generator_pynns_own_draws_what_it_has_to_enumerate():
    """The number of connections is a law here, which no rule of the kernel has: PyNN's default seed is taken then."""

    def pairs(**options):
        sim.setup(seed=1)
        number = sim.RandomDistribution("uniform_int", (1, 9), rng=sim.NumpyRNG(seed=4))
        source, cells = (sim.Population(20, sim.IF_cond_exp()) for _ in range(2))
        connector = sim.FixedNumberPostConnector(number, **options)
        return sim.Projection(source, cells, connector, sim.StaticSynapse(weight=0.1)).get(
            "weight", format="list"
        )

    got = pairs()
    assert len(got) > 20
    assert got == pairs(rng=sim.NumpyRNG(seed=151985012))


def test_a_connector_without_a_generator_can_be_pickled():
    connector = pickle.loads(pickle.dumps(sim.FixedProbabilityConnector(0.1)))
    assert connector.p_connect == 0.1 and connector.is_native
    expected = sim.NumpyRNG(seed=151985012).next(3)  # PyNN's own, of connectors
    np.testing.assert_array_equal(connector.rng.next(3), expected)
    law = pickle.loads(pickle.dumps(sim.RandomDistribution("uniform", (0.0, 1.0))))
    assert law.next(3).shape == (3,)


def test_seeds_give_other_draws_and_the_same_ones_again():
    def pairs(seed, rng=None):
        sim.setup(timestep=0.1, seed=seed)
        cells = sim.Population(30, sim.IF_curr_exp())
        projection = sim.Projection(
            cells, cells, sim.FixedProbabilityConnector(0.2, rng=rng), sim.StaticSynapse(weight=0.1)
        )
        return projection.get("weight", format="list")

    assert pairs(1) == pairs(1) != pairs(2)
    assert pairs(1, sim.NativeRNG(3)) == pairs(1, sim.NativeRNG(3)) != pairs(1, sim.NativeRNG(4))


def test_weights_and_delays_follow_from_the_seeds_of_their_own_generators():
    def drawn(connector, weight=None, delay=None):
        sim.setup(timestep=0.1)
        cells = sim.Population(20, sim.IF_curr_exp())
        low, high = (
            sim.RandomDistribution(
                "uniform", (1.0, 2.0), rng=None if s is None else sim.NativeRNG(s)
            )
            for s in (weight, delay)
        )
        synapse = sim.StaticSynapse(weight=low, delay=high)
        projection = sim.Projection(cells, cells, connector, synapse)
        return np.array(projection.get(["weight", "delay"], format="list"))

    def is_equal(a, b):
        return [np.array_equal(x, y) for x, y in ((a[:, :2], b[:, :2]), *zip(a.T[2:], b.T[2:]))]

    every = sim.AllToAllConnector()
    assert is_equal(drawn(every, 3, 3), drawn(every, 3, 3)) == [True, True, True]
    assert is_equal(drawn(every, 3), drawn(every, 4))[1] is False
    assert is_equal(drawn(every, 3, 5), drawn(every, 4, 5)) == [True, False, True]
    assert is_equal(drawn(every, 3, 5), drawn(every, 3, 6)) == [True, True, False]
    for seed in (None, 7):
        some = sim.FixedProbabilityConnector(0.4, rng=None if seed is None else sim.NativeRNG(seed))
        assert is_equal(drawn(some, 3, 5), drawn(some, 4, 5)) == [True, False, True]
    one = sim.FixedProbabilityConnector(0.4, rng=sim.NativeRNG(3))
    assert is_equal(drawn(one, 3, 3), drawn(one, 3, 3)) == [True, True, True]


def test_native_numbers_are_those_of_their_law():
    values = pynn_random.RandomDistribution("normal", (3.0, 2.0), rng=sim.NativeRNG(seed=5)).next(
        4000
    )
    again = pynn_random.RandomDistribution("normal", (3.0, 2.0), rng=sim.NativeRNG(seed=5)).next(
        4000
    )
    np.testing.assert_array_equal(values, again)
    assert abs(values.mean() - 3.0) < 5 * 2.0 / np.sqrt(4000)
    assert abs(values.std() - 2.0) < 5 * 2.0 / np.sqrt(8000)


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("0.3", "linear"),
        ("0.1 + 0.001*d", "linear"),
        ("exp(-d)", "exponential"),
        ("0.4*exp(-abs(d)/50.0)", "exponential"),
        ("exp(-d**2/(2*30.0**2))", "gaussian"),
        ("d < 50", None),
        ("d < 150", None),
        ("0.5*(d > 1e4)", None),
        ("exp(-d/100)*(d < 2000)", None),
        ("0.5 + 0.5*sin(2*pi*d)", None),
        ("1/(1 + d)", None),
    ],
)
def test_functions_of_distance_are_recognised_by_their_values(expression, form):
    connector = sim.DistanceDependentProbabilityConnector(expression)
    function = rules.distance_function(connector)
    assert (function.form["function"] if function else None) == form


@pytest.mark.parametrize("reach", [30, 150, 250])
def test_a_distance_beyond_which_nothing_is_connected_is_kept(reach):
    sim.setup(timestep=0.1)
    cells = sim.Population(300, sim.IF_curr_exp(), structure=space.Line(dx=1.0))
    connector = sim.DistanceDependentProbabilityConnector(f"d < {reach}")
    projection = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
    d = np.abs(np.subtract.outer(np.arange(300), np.arange(300)))
    np.testing.assert_array_equal(~np.isnan(projection.get("weight", format="array")), d < reach)


def test_distances_count_where_the_cells_are():
    sim.setup(timestep=0.1)
    line = space.Line(dx=10.0)
    cells = sim.Population(200, sim.IF_curr_exp(), structure=line)
    projection = sim.Projection(
        cells,
        cells,
        sim.DistanceDependentProbabilityConnector("exp(-d/50)"),
        sim.StaticSynapse(weight=0.1),
    )
    d = 10.0 * np.abs(np.subtract(*np.array(projection.get("weight", format="list"))[:, :2].T))
    every = 10.0 * np.abs(np.subtract.outer(np.arange(200), np.arange(200)))
    expected = np.exp(-every / 50)
    deviation = np.sqrt((expected * (1 - expected)).sum())
    assert abs(len(d) - expected.sum()) < 5 * deviation
    assert d.max() < 600
    sim.end()


def test_small_worlds_are_near_and_rewired():
    sim.setup(timestep=0.1)
    cells = sim.Population(60, sim.IF_curr_exp())
    near = sim.Projection(
        cells,
        cells,
        sim.SmallWorldConnector(3.0, 0.0, allow_self_connections=False),
        sim.StaticSynapse(weight=0.1),
    )
    assert {abs(c.presynaptic_index - c.postsynaptic_index) for c in near} == {1, 2}
    far = sim.Projection(
        cells,
        cells,
        sim.SmallWorldConnector(3.0, 0.5, allow_self_connections=False, n_connections=3),
        sim.StaticSynapse(weight=0.1),
    )
    distances = np.array([abs(c.presynaptic_index - c.postsynaptic_index) for c in far])
    assert distances.min() > 0 and 0.3 < (distances > 2).mean() < 0.65
    assert np.bincount([c.presynaptic_index for c in far]).max() == 3
    sim.end()


def test_lists_and_files_of_connections_are_taken_as_arrays(tmp_path):
    sim.setup(timestep=0.1)
    cells = sim.Population(6, sim.IF_curr_exp())
    rows = [(0, 5, 0.25, 1.0), (3, 1, 0.0123, 2.0), (2, 1, 0.5, 0.3)]
    listed = sim.Projection(cells, cells, sim.FromListConnector(rows), sim.StaticSynapse())
    assert sorted(listed.get(["weight", "delay"], format="list")) == sorted(rows)
    path = tmp_path / "connections.txt"
    listed.save("connections", str(path))
    filed = sim.Projection(cells, cells, sim.FromFileConnector(str(path)), sim.StaticSynapse())
    assert sorted(filed.get(["weight", "delay"], format="list")) == sorted(rows)
    with pytest.raises(Exception, match="index 6, must be"):
        sim.Projection(cells, cells, sim.FromListConnector([(0, 6, 0.1, 1.0)]), sim.StaticSynapse())
    sim.end()


@pytest.mark.parametrize("receptor", ["excitatory", "inhibitory"])
@pytest.mark.parametrize("law", [("uniform", (-0.5, 0.5)), ("normal", (0.1, 0.2))])
def test_drawn_weights_of_both_signs_are_refused_as_enumerated_ones_are(law, receptor):
    # PyNN's own check of a receptor's weights, which an explicit NumpyRNG and pyNN.nest run into too.
    sim.setup(timestep=0.1)
    cells = sim.Population(20, sim.IF_curr_exp())
    for rng in (None, sim.NumpyRNG(seed=3)):
        weight = sim.RandomDistribution(*law, rng=rng)
        with pytest.raises(sim.errors.ConnectionError, match="all positive or all negative"):
            sim.Projection(
                cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight),
                receptor_type=receptor,
            )  # fmt: skip
    unchecked = sim.AllToAllConnector(safe=False)
    both = sim.StaticSynapse(weight=sim.RandomDistribution(*law))
    projection = sim.Projection(cells, cells, unchecked, both, receptor_type=receptor)
    assert np.ptp(np.sign(projection.get("weight", format="array"))) == 2
    sim.end()


def test_drawn_weights_of_the_wrong_sign_are_refused_and_those_of_a_far_tail_are_not():
    sim.setup(timestep=0.1)
    cells = sim.Population(20, sim.IF_curr_exp())

    def project(name, parameters, receptor):
        weight = sim.RandomDistribution(name, parameters)
        synapse = sim.StaticSynapse(weight=weight)
        connector = sim.FixedProbabilityConnector(0.5)
        return sim.Projection(cells, cells, connector, synapse, receptor_type=receptor)

    with pytest.raises(sim.errors.ConnectionError, match="must be positive"):
        project("uniform", (-0.5, -0.1), "excitatory")
    for name, parameters in (
        ("uniform", (0.1, 0.5)),
        ("exponential", (0.5,)),
        ("lognormal", (0, 1)),
    ):
        with pytest.raises(sim.errors.ConnectionError, match="must be negative"):
            project(name, parameters, "inhibitory")
    for name, parameters in (
        ("normal", (0.5, 0.1)),
        ("normal_clipped", (0.1, 0.2, 0.0, np.inf)),
        ("normal_clipped_to_boundary", (0.1, 0.2, 0.0, 1.0)),
        ("lognormal", (0, 1)),
    ):
        weights = project(name, parameters, "excitatory").get("weight", format="list")
        assert len(weights) > 100 and min(row[2] for row in weights) >= 0
    sim.end()
