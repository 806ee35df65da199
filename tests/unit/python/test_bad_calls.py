"""Calls with values of the wrong type, shape, sign or age: each raises the class that fits, with what is wrong in its
message, and none crashes or is taken for something else."""

import numpy as np
import pytest
import ranvier
import ranvier.nir
from ranvier import encoding, events, measures

NAN, INF = float("nan"), float("inf")
GRAPH = "tests/golden/nir/lif_norse.nir"


class Made:
    """A network and its parts; `sim` runs, `closed` and what came out of it does no longer."""

    def __init__(self):
        self.net = ranvier.Network()
        self.net.population("spike_source_array", 4, name="in", spike_times=[[1.0]] * 4)
        for name in ("exc", "b"):
            self.net.population("if_curr_exp", 4, name=name)
        self.net.project("in", "exc", ranvier.all_to_all(), weight=1.0, delay=1.0)
        self.plastic = self.net.project(
            "exc", "b", ranvier.all_to_all(), weight=0.1, delay=1.0, synapse="stdp_pair"
        )
        self.current = self.net.stimulate("exc", ranvier.dc(0.1))
        self.net.record("exc", "spikes")
        self.net.record("exc", "v")
        self.sim = self.net.simulation()
        self.result = self.sim.run(2.0)
        self.closed = self.net.simulation()
        self.neurons, self.synapses = self.closed["exc"], self.closed[self.plastic]
        self.closed.close()

    def cell(self, **options):
        return self.net.population("if_curr_exp", 4, **options)

    def join(self, connector=None, **options):
        options = {"weight": 1.0, "delay": 1.0, **options}
        return self.net.project("in", "exc", connector or ranvier.all_to_all(), **options)

    def drive(self, kind, **options):
        return self.net.stimulate("exc", kind, **options)


@pytest.fixture(scope="module")
def made():
    return Made()


class Quantity(np.ndarray):
    """What Brian2, quantities, pint and astropy have under this name: a number with a unit."""


def millivolts(*numbers):
    return np.array(numbers).view(Quantity)


made_events = np.zeros(3, events.EVENT)

WRONG_TYPE = {
    "a model that is no name": lambda m: m.net.population(3, 4),
    "a name that is no text": lambda m: m.cell(name=3),
    "positions that are text": lambda m: m.cell(positions="here"),
    "positions of unlike length": lambda m: m.cell(positions=[[1], [1, 2], [1], [1]]),
    "initial values without names": lambda m: m.cell(initial=[1.0]),
    "a parameter of texts": lambda m: m.cell(tau_m=["a"] * 4),
    "a parameter of unlike rows": lambda m: m.cell(tau_m=[[1, 2], [3]]),
    "a complex parameter": lambda m: m.cell(tau_m=1j),
    "a parameter with a unit": lambda m: m.cell(v_rest=millivolts(-0.065)[0:1].reshape(())),
    "parameters with units": lambda m: m.cell(v_rest=[*map(millivolts, [-0.065] * 4)]),
    "a state with a unit": lambda m: m.sim["exc"].set(v=millivolts(-0.065)),
    "a step with a unit": lambda m: ranvier.Network(dt=millivolts(0.1)),
    "spike times that are text": lambda m: m.net.population(
        "spike_source_array", 1, spike_times=["a"]
    ),
    "spike times that are a number": lambda m: m.net.population(
        "spike_source_array", 1, spike_times=3
    ),
    "values that are text": lambda m: m.net.population("spike_source_encoded", 1, values=["a"]),
    "options without names": lambda m: m.net.population(
        "spike_source_encoded", 1, values=[1], options=[1]
    ),
    "a connector by name": lambda m: m.net.project("in", "exc", "all_to_all", weight=1),
    "connections that are text": lambda m: ranvier.from_list("abc"),
    "connections of unlike length": lambda m: ranvier.from_list([[0, 1], [2]]),
    "a probability of distance that is a number": lambda m: ranvier.distance_dependent(0.5),
    "a population that is a number": lambda m: m.net.project(0, "exc", ranvier.all_to_all()),
    "a synapse that is a number": lambda m: m.join(synapse=3),
    "an input that is a number": lambda m: m.drive(3),
    "neurons that are a number": lambda m: m.drive(ranvier.dc(1.0), neurons=3),
    "times that are text": lambda m: ranvier.step("ab", [1.0]),
    "a duration that is text": lambda m: m.net.run("long"),
    "a number of threads with a fraction": lambda m: m.net.run(1.0, threads=1.5),
    "a callback that is a number": lambda m: m.sim.run(1.0, every=1.0, callback=3),
    "a slice that is text": lambda m: m.sim.run(1.0, every="a", callback=lambda s, r: None),
    "a callback without a slice": lambda m: m.sim.run(1.0, callback=lambda s, r: None),
    "a state that is an object": lambda m: m.sim["exc"].set(v=object()),
    "a stimulus that is none": lambda m: m.sim.change(None, amplitude=1.0),
    "a network that is none": lambda m: m.sim.rebuild(None),
    "injected times that are text": lambda m: m.sim.inject("in", 0, ["a"]),
    "injected into none": lambda m: m.sim.inject("in", None, [5.0]),
    "injected into neurons that are text": lambda m: m.sim.inject("in", "a", [5.0]),
    "a weight that is text": lambda m: m.sim[m.plastic].set_weights("a"),
    "a document that is a number": lambda m: ranvier.Network.from_document(3),
    "a document that is no JSON": lambda m: ranvier.Network.from_document({"a": {1}}),
    "spikes that are no mapping": lambda m: ranvier.nir.load(GRAPH, spikes=[[1.0]]),
    "a graph that is a number": lambda m: ranvier.nir.load(3),
    "trains that are a number": lambda m: measures.cv(3),
    "trains that are text": lambda m: measures.cv("a"),
    "values to encode that are text": lambda m: encoding.encode("a", "isi"),
    "a window that is text": lambda m: encoding.encode([0.5], "isi", window="a"),
    "a code's parameter that is text": lambda m: encoding.encode([0.5], "isi", interval_min="a"),
    "a decoder's gap that is text": lambda m: encoding.decode([], [], (1,), "isi", gap="a"),
    "a source's window that is text": lambda m: encoding.source([0.5], "isi", window="a"),
    "an encoder's seed with a fraction": lambda m: encoding.encode([0.5], "isi", seed=1.5),
    "frames of no sensor": lambda m: events.frames(made_events[:0], None, count=1),
    "a grid of no sensor": lambda m: events.voxel_grid(made_events[:0], None, 1),
    "surfaces of no sensor": lambda m: events.time_surfaces(made_events[:0], 4, window=1, tau=1),
    "contexts of no sensor": lambda m: events.hots_surfaces(made_events[:0], (4,), radius=1, tau=1),
    "events without fields": lambda m: events.as_events([1, 2]),
    "a closed simulation's run": lambda m: m.closed.run(1.0),
    "a closed simulation's network": lambda m: m.closed.network,
    "a closed simulation's state": lambda m: m.neurons.v,
    "a state of a closed simulation": lambda m: m.neurons.set(v=-60.0),
    "a closed simulation's weights": lambda m: m.synapses.weights,
    "a closed simulation's delays": lambda m: m.synapses.get("delay"),
    "weights of a closed simulation": lambda m: m.synapses.set_weights(1.0),
    "a closed simulation's current": lambda m: m.closed.current(m.current, 0, [1.0]),
    "a stimulus of a closed simulation": lambda m: m.closed.change(m.current, amplitude=1.0),
    "spike times of a closed simulation": lambda m: m.closed["in"].set(spike_times=[[5.0]] * 4),
    "another network of a closed simulation": lambda m: m.closed.rebuild(m.net),
}
WRONG_VALUE = {
    "dt": lambda m: ranvier.Network(dt=NAN),
    "seed": lambda m: ranvier.Network(seed=-1),
    "a name with a null": lambda m: m.cell(name="a\0b"),
    "a name that is taken": lambda m: m.cell(name="exc"),
    "positions of three neurons": lambda m: m.cell(positions=[[0, 0]] * 3),
    "positions that are not finite": lambda m: m.cell(positions=[[NAN, 0]] * 4),
    "an initial state that is not finite": lambda m: m.cell(initial={"v": NAN}),
    "spike times with two axes": lambda m: m.net.population(
        "spike_source_array", 1, spike_times=[[[1.0, 2.0]]]
    ),
    "a law that is not finite": lambda m: m.cell(tau_m=ranvier.normal(NAN, 1)),
    "weights of another shape": lambda m: m.join(weight=np.ones((3, 3))),
    "weights by target": lambda m: m.join(weight=np.ones((2, 8))),
    "a rule's parameters by target": lambda m: m.join(
        synapse=ranvier.synapse("stdp_pair", tau_plus=np.ones((2, 8)))
    ),
    "self-connections that are text": lambda m: m.join(ranvier.all_to_all(self_connections="no")),
    "weights with three axes": lambda m: m.join(weight=np.ones((4, 4, 1))),
    "a negative delay": lambda m: m.join(delay=-1.0),
    "negative delays": lambda m: m.join(delay=-np.ones(16)),
    "delays that are not finite": lambda m: m.join(delay=np.full(16, NAN)),
    "a rule's parameter": lambda m: m.join(synapse=ranvier.synapse("stdp_pair", A_plus=NAN)),
    "a probability": lambda m: m.join(ranvier.fixed_probability(NAN)),
    "a number of connections": lambda m: m.join(ranvier.fixed_indegree(2**70)),
    "a target beyond all": lambda m: m.join(ranvier.from_list([[0, 1e300]])),
    "a current": lambda m: m.drive(ranvier.dc(NAN)),
    "a stimulus' begin": lambda m: m.drive(ranvier.dc(1.0), start=-1.0),
    "a neuron that is not there": lambda m: m.drive(ranvier.dc(1.0), neurons=[9]),
    "a mask that is too short": lambda m: m.drive(ranvier.dc(1.0), neurons=np.array([True])),
    "a list of truth values": lambda m: m.net.record("exc", "v", neurons=[True, False, True]),
    "more threads than there may be": lambda m: m.net.run(1.0, threads=2**40),
    "half a neuron": lambda m: m.drive(ranvier.dc(1.0), neurons=[0.5]),
    "fewer values than times": lambda m: m.drive(ranvier.step([1, 2], [1])),
    "a negative rate": lambda m: m.drive(ranvier.poisson(-1.0, weight=1.0)),
    "an interval": lambda m: m.net.record("exc", "v", interval=NAN),
    "a slice of no length": lambda m: m.sim.run(1.0, every=0.0, callback=lambda s, r: None),
    "a negative duration": lambda m: m.sim.run(-1.0),
    "a changed current": lambda m: m.sim.change(m.current, amplitude=NAN),
    "changed currents of two": lambda m: m.sim.change(m.current, amplitude=[1.0, 2.0]),
    "a current's neuron": lambda m: m.sim.current(m.current, -1, [1.0]),
    "a current's time": lambda m: m.sim.current(m.current, 0, [NAN]),
    "an injected spike's time": lambda m: m.sim.inject("in", 0, [NAN]),
    "an injected spike of the past": lambda m: m.sim.inject("in", 0, [1.0]),
    "injected into half a neuron": lambda m: m.sim.inject("in", [0.5], [50.0]),
    "injected into two neurons at three times": lambda m: m.sim.inject("in", [0, 1], [5, 6, 7]),
    "new spike times": lambda m: m.sim["in"].set(spike_times=[[NAN]] * 4),
    "a weight": lambda m: m.sim[m.plastic].set_weights(NAN),
    "weights of two": lambda m: m.sim[m.plastic].set_weights([1.0, 2.0]),
    "a synapse that is not there": lambda m: m.sim[m.plastic].set_weights(1.0, [99]),
    "half a synapse": lambda m: m.sim[m.plastic].set_weights(1.0, [0.5]),
    "a neuron of a result": lambda m: m.result.spikes["exc"].train(9),
    "a population by number": lambda m: m.result.spikes[3],
    "a bin": lambda m: m.result.spikes["exc"].correlations(bin=NAN),
    "no slices": lambda m: ranvier.Result.concatenate([]),
    "trains with three axes": lambda m: measures.cv(np.ones((2, 2, 2))),
    "trains that are not sorted": lambda m: measures.cv([[3.0, 1.0, 2.0]]),
    "a time constant": lambda m: measures.van_rossum_distance([[1.0]], NAN),
    "an end before the begin": lambda m: measures.rate([[1.0]], 5.0, 1.0),
    "a value to encode": lambda m: encoding.encode([NAN], "ttfs_linear"),
    "an encoder's seed": lambda m: encoding.encode([0.5], "isi", seed=-1),
    "a spike to decode": lambda m: encoding.decode([NAN], [0], (1,), "isi"),
    "a channel to decode": lambda m: encoding.decode([1.0], [9], (1,), "isi"),
    "a shape to decode": lambda m: encoding.decode([], [], (-1,), "isi"),
    "a course's channels": lambda m: encoding.reconstruct([], [], -1, tau=1, dt=1, duration=5),
    "a sensor to the left": lambda m: events.frames(made_events, (-4, 4), count=1),
    "bins without end": lambda m: measures.isi_histogram([[1.0, 2.0]], 1.0, INF),
    "times without channels": lambda m: encoding.decode([1.0, 2.0], [0], (1,), "isi"),
    "a course's step": lambda m: encoding.reconstruct([1], [0], 1, tau=1, dt=0, duration=5),
    "a course's length": lambda m: encoding.reconstruct([1], [0], 1, tau=1, dt=1, duration=INF),
    "a window of events": lambda m: events.time_surfaces(made_events, (4, 4), window=0, tau=1),
    "a graph's input": lambda m: ranvier.nir.load(GRAPH, currents={"nobody": [1.0]}),
    "a graph's step": lambda m: ranvier.nir.load(GRAPH, dt=-1.0),
    "a graph's spikes": lambda m: ranvier.nir.load(GRAPH, spikes={"input": [[NAN]]}),
    "spikes of no input": lambda m: ranvier.nir.load(GRAPH, spikes={"nobody": [[1.0]]}),
}


def check(made, call, kind):
    before, state = made.net.to_document(), made.sim.state_digest()
    with pytest.raises(ranvier.Error) as raised:
        call(made)
    assert isinstance(raised.value, kind)
    assert str(raised.value)
    assert made.net.to_document() == before
    assert made.sim.state_digest() == state


@pytest.mark.parametrize("case", WRONG_TYPE)
def test_what_is_of_the_wrong_kind_is_a_type_error(made, case):
    check(made, WRONG_TYPE[case], TypeError)


@pytest.mark.parametrize("case", WRONG_VALUE)
def test_what_is_not_accepted_is_a_value_error_and_changes_nothing(made, case):
    check(made, WRONG_VALUE[case], ValueError)


def test_a_number_of_a_document_that_is_not_finite_is_named_with_its_place(made):
    document = made.net.to_document()
    document["populations"]["b"]["parameters"] = {"tau_m": [20.0, NAN, 20.0, 20.0]}
    with pytest.raises(ValueError, match=r"document: /populations/b/parameters/tau_m/1: nan, must"):
        ranvier.Network.from_document(document)


def test_spikes_for_no_input_of_a_graph_are_answered_with_its_inputs():
    with pytest.raises(
        ValueError, match="spikes: nobody, must be one of the graph's inputs: input"
    ):
        ranvier.nir.load(GRAPH, spikes={"nobody": [[1.0]]})
