"""Every public class, function, method and property of the package, used once, as a script of a user's would.

tests/unit/python/test_types.py runs it, has mypy check it strictly, and says which public name it leaves out.
"""

from pathlib import Path

import numpy as np
import ranvier
import ranvier.export
import ranvier.nir
import ranvier.plot
import ranvier.values
from ranvier import encoding, events, measures


def values() -> None:
    made: list[ranvier.Law | ranvier.DistanceFunction] = [
        ranvier.normal(20.0, 1.0, low=5.0),
        ranvier.uniform(-70.0, -60.0),
        ranvier.lognormal(0.0, 0.1, high=5.0),
        ranvier.exponential(2.0, low=0.1, bounds="clip"),
        ranvier.distance_linear(1.0, -0.01, low=0.0),
        ranvier.distance_exponential(0.5, 100.0),
        ranvier.distance_gaussian(0.9, 50.0),
    ]
    assert all(v.to_document() == v.form for v in made)


def connectors(folder: Path) -> list[ranvier.Connector]:
    (folder / "pairs.csv").write_text("0,1\n2,3\n")
    made = [
        ranvier.all_to_all(self_connections=False),
        ranvier.one_to_one(),
        ranvier.fixed_probability(0.5),
        ranvier.fixed_probability(0.1).procedural(),
        ranvier.fixed_indegree(2),
        ranvier.fixed_outdegree(2, multiple_connections=False),
        ranvier.fixed_total_number(7),
        ranvier.distance_dependent(ranvier.distance_gaussian(0.9, 50.0)),
        ranvier.small_world(2, 0.1),
        ranvier.from_list([[0, 1], [2, 3]]),
        ranvier.from_file(str(folder / "pairs.csv"), format="csv"),
    ]
    assert made[1].rule == "one_to_one"
    return made


def inputs() -> list[ranvier.Input]:
    return [
        ranvier.dc(0.2),
        ranvier.step([5.0, 10.0], [0.1, 0.0]),
        ranvier.ac(0.1, frequency=50.0, offset=0.05, phase=90.0),
        ranvier.noise(0.1, mean=0.2, interval=1.0),
        ranvier.poisson(100.0, weight=0.1),
        ranvier.poisson_course([1.0, 20.0], [50.0, 0.0], weight=0.1, receptor="excitatory"),
    ]


def network(folder: Path) -> ranvier.Network:
    net = ranvier.Network(dt=0.1, seed=4, storage="exact")
    grid = {"grid": [4, 2], "spacing": [10.0, 10.0]}
    source: ranvier.Population = net.population(
        "spike_source_poisson", 8, name="in", rate=200.0, positions=grid
    )
    cells = net.population(
        "if_curr_exp",
        8,
        name="cells",
        positions=grid,
        tau_m=ranvier.normal(20.0, 1.0, low=5.0),
        initial={"v": -60.0},
        precision="double",
        advance="clocked",
    )
    weight: ranvier.values.Value = ranvier.uniform(0.1, 0.5)
    for connector in connectors(folder):
        begin = cells if connector.rule == "small_world" else source
        net.project(begin, cells, connector, weight=weight, delay=1.0)
    rule: ranvier.Rule = ranvier.synapse("stdp_pair", A_plus=0.02)
    plastic = net.project(
        cells, cells, ranvier.fixed_indegree(3), weight=0.1, delay=1.5, synapse=rule, name="plastic"
    )
    plastic.record(interval=5.0)
    made: ranvier.Connections = plastic.connections()
    assert len(made) == made.targets.size == made.sources.size == made.weights.size == 24
    assert made.delays.min() == 1.5
    for kind in inputs():
        net.stimulate(cells, kind, neurons=[0], start=1.0, stop=30.0)
    current: ranvier.Stimulus = cells.stimulate(ranvier.dc(0.5), name="current")
    assert current.target == "cells"
    net.record(source, "spikes")
    net.record(cells, "spikes")
    cells.record("v", neurons=range(3), interval=0.5)
    assert net["cells"].size == len(cells) == 8 and cells.model == "if_curr_exp"
    assert cells.positions.shape == (8, 3)
    assert (net.dt, net.seed) == (0.1, 4)
    assert list(net.populations) == ["in", "cells"] and net["in"].name == "in"
    first: ranvier.Projection = net.projections[0]
    assert (first.source, first.target, first.index) == ("in", "cells", 0)
    assert len(net.stimuli) == 7 and first.network is net
    assert "cells" in repr(net) and "<table" in net._repr_html_()
    return net


def documents(net: ranvier.Network, folder: Path) -> None:
    again = ranvier.Network.from_document(net.to_document(), folder)
    assert again.to_document() == net.to_document()
    net.save(folder / "net.json")
    net.save(folder / "net.json", overwrite=True)
    assert ranvier.Network.load(folder / "net.json").seed == net.seed
    plain = ranvier.Network()
    a = plain.population("spike_source_array", 2, name="a", spike_times=[[1.0], [2.0]])
    plain.project(a, plain.population("nir_lif", 2), ranvier.one_to_one(), weight=1.0, delay=0.1)
    ranvier.nir.save(plain, folder / "net.nir")
    ranvier.nir.save(plain, folder / "net.nir", overwrite=True)
    assert len(ranvier.nir.load(folder / "net.nir", dt=0.1).populations) == 2
    circuit = ranvier.Network()
    cells = circuit.population("if_curr_exp", 2)
    circuit.project(cells, cells, ranvier.all_to_all(), weight=0.1, delay=1.0)
    circuit.save_sonata(folder / "circuit")
    with circuit.simulation() as sim:
        sim.run(1.0)
        sim.save(folder / "state.h5")
        sim.rebuild(sim.network)


def simulation(net: ranvier.Network) -> ranvier.Result:
    slices = []
    with ranvier.Simulation(net, threads=2) as sim:
        first: ranvier.Result = sim.run(10.0)
        slices.append(first)
        assert sim.now == 10.0 and sim.last is first
        neurons: ranvier.Neurons = sim["cells"]
        neurons[2:4].v = -60.0
        neurons.set(i_offset=0.1)
        assert neurons.get("v").shape == (8,) == (len(neurons),)
        synapses: ranvier.Synapses = sim[net.projections[-1]]
        synapses.weights = 0.2
        synapses.set_weights([0.3, 0.4], [0, 1])
        synapses.set("weight", 0.25, [2])
        assert synapses.get("delay").size == synapses.weights.size == 24
        sim.change(net.stimuli[0], amplitude=0.1)
        assert sim.current(net.stimuli[0], 0, [11.0])[0] == 0.1
        sim.inject("in", [0, 1], [12.0, 13.0])
        slices.append(sim.run(20.0, every=5.0, callback=lambda s, r: None))
        assert sim.totals()["neurons"] == 8 and len(sim.state_digest()) == 64
        sim.close()
    assert (ranvier.rank(), ranvier.ranks()) == (0, 1)
    with net.simulation() as other:
        other.run(1.0, progress=lambda now: None)
    return ranvier.Result.concatenate(slices)


def results(net: ranvier.Network, result: ranvier.Result) -> None:
    assert (result.begin, result.end, result.duration) == (0.0, 30.0, 30.0)
    spikes: ranvier.Spikes = result.spikes["in"]
    assert len(spikes) == spikes.times.size == spikes.neurons.size == spikes.counts().sum()
    assert (spikes.population, spikes.size, spikes.begin, spikes.end) == ("in", 8, 0.0, 30.0)
    assert len(spikes.trains()) == 8 and spikes.train(0).size == spikes.counts()[0]
    assert spikes.rates().mean() == spikes.rate()
    assert spikes.intervals().size > 0 and spikes.cv().shape == (8,)
    assert spikes.correlations(bin=5.0).shape == (8, 8)
    samples: ranvier.Samples = result.samples("cells", "v")
    assert samples.of(0).shape == samples.times.shape and samples.unit == "mV"
    assert samples.neurons.size == samples.values.shape[1] == 3 and samples.interval == 0.5
    assert (samples.population, samples.variable) == ("cells", "v")
    assert len(result.reports) == 2 and "<" in result._repr_html_()
    assert "spikes" in result.to_pandas() and "spikes" in ranvier.export.to_pandas(result)
    assert len(result.to_neo().segments) == len(ranvier.export.to_neo(result).segments) == 1
    ranvier.plot.raster(result)
    ranvier.plot.rates(result, bin=5.0)
    ranvier.plot.traces(samples)
    ranvier.plot.intervals(spikes)
    ranvier.plot.cv(spikes)
    ranvier.plot.connectivity(net, "in", "cells")
    assert measures.rate(spikes).shape == measures.cv(spikes).shape == (8,)
    assert measures.cv2(spikes).shape == measures.lv(spikes).shape == (8,)
    assert measures.psth(spikes, bin=10.0).shape == (3,)
    assert measures.isi_histogram(spikes, bin=5.0, longest=50.0).shape == (10,)
    assert measures.fano_factor(spikes) >= 0
    for matrix in (
        measures.covariance(spikes, bin=5.0),
        measures.correlation(spikes, bin=5.0),
        measures.van_rossum_distance(spikes, tau=10.0),
        measures.victor_purpura_distance(spikes, cost=0.1),
        measures.isi_distance(spikes),
        measures.spike_distance(spikes),
    ):
        assert matrix.shape == (8, 8)


def codes() -> None:
    assert "ttfs_linear" in encoding.codes() and encoding.describe("isi")["input"] == "value"
    times, channels = encoding.encode([0.2, 0.8], "ttfs_linear", window=50.0)
    back = encoding.decode(times, channels, (2,), "ttfs_linear", window=50.0)
    np.testing.assert_allclose(back, [0.2, 0.8], atol=1e-6)
    course = encoding.reconstruct(times, channels, 2, tau=5.0, dt=1.0, duration=50.0)
    assert course.shape == (50, 2)
    ranvier.Network().population(**encoding.source([[0.2, 0.8]], "ttfs_linear", window=50.0))


def recordings(folder: Path) -> None:
    made = np.zeros(100, events.EVENT)
    made["t"] = np.arange(100) * 1000
    made["x"], made["y"], made["p"] = np.arange(100) % 8, np.arange(100) % 6, np.arange(100) % 2
    events.write(folder / "one.aedat4", events.as_events(made), sensor=(8, 6))
    with events.Writer(folder / "two.aedat4", sensor=(8, 6)) as writer:
        writer.write(made)
        writer.close()
    recording: events.Recording = events.open(folder / "one.aedat4")
    assert len(recording.read()) == len(events.read(folder / "two.aedat4")) == 100
    assert recording.format == "aedat4" and recording.sensor == (8, 6)
    assert recording.description and recording.notes is not None
    assert len(list(events.open(folder / "one.aedat4").slices(10_000))) == 10
    assert len(list(events.open(folder / "one.aedat4").counts(50))) == 2
    filters = events.Filters("downsample:2", sensor=(8, 6))
    assert filters(made).size == 100 and filters.sensor == (4, 3) and not filters.is_over
    assert events.filter(made, "polarity:on").size == 50
    assert len(events.filters()) > 3 and len(events.formats()) > 5
    assert events.hot_pixels(made, rate=1e6).shape == (0, 2)
    assert events.frames(made, (8, 6), bins=3).shape == (3, 2, 6, 8)
    assert events.voxel_grid(made, (8, 6), bins=4).shape == (4, 6, 8)
    assert events.time_surfaces(made, (8, 6), window=20_000, tau=1e4).shape[1:] == (2, 6, 8)
    assert events.hots_surfaces(made, (8, 6), radius=1, tau=1e4).shape == (100, 2, 3, 3)


def catalogue() -> None:
    assert ranvier.__version__
    assert "if_curr_exp" in ranvier.neuron_models()
    assert "spike_source_array" in ranvier.source_models()
    assert ranvier.describe_model("if_curr_exp")["parameters"]
    assert "stdp_pair" in ranvier.synapse_rules()
    assert ranvier.describe_rule("stdp_pair")["parameters"]


def errors() -> None:
    for kind in (
        ranvier.CapacityError,
        ranvier.InternalError,
        ranvier.IoError,
        ranvier.ParseError,
        ranvier.RangeError,
        ranvier.UnsupportedError,
        ranvier.UsageError,
    ):
        try:
            raise kind("text")
        except ranvier.Error as error:
            assert error.kind == kind.kind


def main(folder: Path) -> None:
    values()
    net = network(folder)
    documents(net, folder)
    results(net, simulation(net))
    codes()
    recordings(folder)
    catalogue()
    errors()
