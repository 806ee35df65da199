"""PyNN calls on many cells: none makes a matrix of all pairs, or looks at every train for each train."""

import operator
import tracemalloc

import numpy as np
import pytest

neo = pytest.importorskip("neo")
pytest.importorskip("pyNN")
import ranvier.pynn as sim  # noqa: E402
from neo.core.spiketrainlist import SpikeTrainList  # noqa: E402
from pyNN.random import NumpyRNG, RandomDistribution  # noqa: E402

MANY = 20_000


def listed(size, connector, **given):
    """A projection whose connections PyNN's connector enumerates, since it draws delays from a generator of the script."""
    delay = RandomDistribution("uniform", [0.1, 3.0], rng=NumpyRNG(seed=3))
    sim.setup(timestep=0.1)
    source, target = (sim.Population(size, sim.IF_curr_exp()) for _ in range(2))
    return sim.Projection(source, target, connector, sim.StaticSynapse(delay=delay, **given))


@pytest.mark.parametrize("weight", [0.002, np.linspace(0.0, 1.0, MANY)])
def test_weights_are_set_without_a_matrix_of_all_pairs(weight):
    projection = listed(MANY, sim.OneToOneConnector(), weight=0.5)
    tracemalloc.start()
    projection.set(weight=weight)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    weights = [row[0] for row in projection.get(["weight"], format="list", with_address=False)]
    sim.end()
    np.testing.assert_array_equal(weights, np.broadcast_to(weight, MANY))
    assert peak < 20e6  # the matrix takes 3.2 GB


def test_a_list_has_one_value_a_pair_row_by_row_as_pynn_reads_it():
    # Row by row of the matrix that get(format="array") gives, of pairs with several connections one.
    rows = [
        (2, 0, 1.0, 0.5),
        (0, 1, 2.0, 0.5),
        (0, 1, 3.0, 0.7),
        (0, 0, 4.0, 0.5),
        (1, 2, 5.0, 0.5),
    ]
    sim.setup(timestep=0.1)
    source, target = (sim.Population(3, sim.IF_curr_exp()) for _ in range(2))
    projection = sim.Projection(source, target, sim.FromListConnector(rows), sim.StaticSynapse())
    projection.set(weight=[10.0, 20.0, 30.0, 40.0], delay=0.9)
    table = projection.get("weight", format="array", multiple_synapses="first")
    delays = projection.get(["delay"], format="list", with_address=False)
    with pytest.raises(ValueError, match=r"weight \(3,\): must be as many as pairs"):
        projection.set(weight=[10.0, 20.0, 30.0])
    sim.end()
    nan = np.nan
    np.testing.assert_array_equal(table, [[10, 20, nan], [nan, nan, 30], [40, nan, nan]])
    assert delays == [(0.9,)] * 5


def test_spike_trains_are_those_that_neo_makes_of_the_same_arrays():
    sim.setup(timestep=0.1)
    cells = sim.Population(30, sim.IF_curr_exp(i_offset=np.linspace(1.5, 3.0, 30)), label="cells")
    cells[::2].record("spikes")
    sim.run(50.0)
    cells[1:4].record("spikes")  # cells 1 and 3 from now on
    sim.run(50.0)
    some = cells.get_data("spikes").segments[0]
    few = cells[2:9].get_data("spikes").segments[0].spiketrains
    channels, times = some.spiketrains.multiplexed
    counts = cells.get_spike_counts()
    sim.end()
    index = sorted([*range(0, 30, 2), 1, 3])
    ids = [int(cells[i]) for i in index]
    assert len(some.spiketrains) == len(ids)
    assert len(times) == len(channels) == sum(counts.values()) > 100
    theirs = SpikeTrainList.from_spike_time_array(
        times,
        channels,
        ids,
        t_start=0 * times.units,
        t_stop=100 * times.units,
        source_population="cells",
        source_index=index,
    )
    for ours, other in zip(some.spiketrains, theirs, strict=True):
        assert type(ours) is neo.SpikeTrain
        assert ours.segment is some
        assert ours.units == other.units
        assert (ours.t_start, ours.t_stop) == (other.t_start, other.t_stop)
        np.testing.assert_array_equal(ours.magnitude, other.magnitude)
        assert ours.annotations == other.annotations
        assert len(ours) == counts[ours.annotations["channel_id"]]
    late = [t for t in some.spiketrains if t.annotations["source_index"] in (1, 3)]
    assert all(train.magnitude.min() > 50 for train in late)
    assert [t.annotations["source_index"] for t in few] == [2, 3, 4, 6, 8]


def plain(trains):
    """The same trains as neo's own list."""
    return SpikeTrainList(items=list(trains))


def appended(trains, more):
    for train in more:
        trains.append(train)
    return trains


@pytest.mark.parametrize(
    "joined",
    [
        lambda trains, more: trains + more,
        lambda trains, more: operator.iadd(trains, more),
        lambda trains, more: trains + list(more),
        lambda trains, more: [trains.extend(more), trains][1],
        appended,
    ],
)
def test_trains_are_joined_as_neo_joins_lists_of_trains(joined):
    sim.setup(timestep=0.1)
    cells = [sim.Population(n, sim.IF_curr_exp(i_offset=2.0), label=f"{n}") for n in (3, 5)]
    for each in cells:
        each.record("spikes")
    sim.run(50.0)
    few, many, both = (
        lambda c=c: c.get_data("spikes").segments[0].spiketrains
        for c in [*cells, sim.Assembly(*cells)]
    )
    expected = joined(plain(few()), plain(many()))
    all_trains = [joined(few(), many()), joined(few(), plain(many())), both()]
    sim.end()
    for trains in all_trains:
        assert len(trains) == len(expected) == 8
        for ours, other in zip(trains, expected, strict=True):
            np.testing.assert_array_equal(ours.magnitude, other.magnitude)
            assert ours.annotations == other.annotations
        for a, b in zip(trains.multiplexed, expected.multiplexed, strict=True):
            np.testing.assert_array_equal(a, b)
        assert trains.all_channel_ids == expected.all_channel_ids


def test_trains_of_many_cells_become_objects_only_when_they_are_looked_at(monkeypatch):
    sim.setup(timestep=0.1)
    cells = sim.Population(MANY, sim.IF_curr_exp(i_offset=1.0))
    cells.record("spikes")
    sim.run(30.0)
    monkeypatch.setattr(neo.SpikeTrain, "__new__", None)
    first = cells.get_data("spikes").segments[0].spiketrains
    sim.reset()
    sim.end()
    assert len(first) == MANY
    assert len(first.multiplexed[1]) >= MANY
