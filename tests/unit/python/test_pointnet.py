"""A circuit of ours in bmtk's PointNet: what it asks NEST to make is the network (NEST itself, too slow and large for these
tests, is a stand-in that keeps what it is asked), and the spikes of a run with NEST (tests/golden/sonata_pointnet.py) are ours."""

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from sonata_circuit import network, trains

GOLDEN = json.loads(
    (Path(__file__).resolve().parents[2] / "golden/sonata_pointnet.json").read_text()
)
pytest.importorskip("bmtk", reason="bmtk is not installed")


class Nodes(list):
    tolist = list.copy


class Simulated(Exception):
    """Raised where NEST would run."""


class StandIn(types.ModuleType):
    NodeCollection = Nodes

    def __init__(self):
        super().__init__("nest")
        self.nodes, self.connections = {}, []

    def Create(self, model, n=1, params=None):  # noqa: N802, NEST's names
        first = len(self.nodes) + 1
        for k in range(n):
            self.nodes[first + k] = (model, dict(params or {}))
        return Nodes(range(first, first + n))

    def SetStatus(self, nodes, values, value=None):  # noqa: N802
        values = {values: value} if isinstance(values, str) else values
        for node in nodes if isinstance(nodes, list) else [nodes]:
            self.nodes[node][1].update(values)

    def Connect(self, pre, post, conn_spec=None, syn_spec=None):  # noqa: N802
        if syn_spec is not None:
            self.connections.append((pre, post, {k: np.asarray(v) for k, v in syn_spec.items()}))

    def Simulate(self, ms):  # noqa: N802
        raise Simulated(ms)

    def ResetKernel(self):  # noqa: N802
        pass

    def SetKernelStatus(self, values):  # noqa: N802
        self.kernel_status = values


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """NEST's stand-in after PointNet has built the circuit, and PointNet's numbers of its nodes."""
    circuit = tmp_path_factory.mktemp("pointnet") / "circuit"
    network().save_sonata(circuit)
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        nest = StandIn()
        patch.setitem(sys.modules, "nest", nest)
        # Where bmtk finds pynwb it loads an extension into it, with which no plain file of this process is valid any more.
        patch.setitem(sys.modules, "pynwb", None)
        from bmtk.simulator import pointnet

        config = pointnet.Config.from_json(str(circuit / "pointnet_config.json"))
        config.build_env()
        net = pointnet.PointNetwork.from_config(config)
        simulator = pointnet.PointSimulator.from_config(config, net)
        with pytest.raises(Simulated, match="1000"):
            simulator.run()
        yield nest, net
    for name in set(sys.modules) - before:
        if name.startswith("bmtk.simulator"):
            del sys.modules[name]


def numbers(net, population, size):
    table = net._virtual_ids_map[population] if population == "in" else None
    if table is not None:
        return np.array([table[k] for k in range(size)])
    return net.gid_map.get_nestids(population, list(range(size)))


def test_pointnet_makes_the_neurons_and_the_inputs(asked):
    nest, net = asked
    ours = network()
    made = [nest.nodes[n] for n in numbers(net, "exc", 50)]
    assert {model for model, _ in made} == {"iaf_psc_exp"}
    currents = [parameters["I_e"] for _, parameters in made]
    np.testing.assert_allclose(currents, 1000 * np.linspace(0.1, 0.37, 50), rtol=1e-12)
    simulation = ours.simulation()
    np.testing.assert_array_equal([p["tau_m"] for _, p in made], simulation["exc"].get("tau_m"))
    np.testing.assert_array_equal([p["V_m"] for _, p in made], simulation["exc"].get("v"))
    assert {p["C_m"] for _, p in made} == {310}
    made = [nest.nodes[n] for n in numbers(net, "inh", 12)]
    assert {(model, p["E_in"]) for model, p in made} == {("iaf_cond_exp", -80)}
    assert nest.nodes[numbers(net, "izh", 3)[0]][0] == "izhikevich"
    inputs = [nest.nodes[n] for n in numbers(net, "in", 20)]
    assert {model for model, _ in inputs} == {"spike_generator"}
    for (_, parameters), train in zip(inputs, trains(), strict=True):
        np.testing.assert_array_equal(parameters["spike_times"], train)
    assert nest.kernel_status["resolution"] == 0.1


def test_pointnet_makes_the_connections(asked):
    nest, net = asked
    found = [
        row
        for pre, post, spec in nest.connections
        for row in zip(
            pre, post, *np.broadcast_arrays(spec["weight"], spec["delay"], pre)[:2], strict=True
        )
    ]
    ours = network()
    expected = []
    for p in ours.projections:
        made = p.connections()
        sizes = [ours.populations[name].size for name in (p.source, p.target)]
        pre = numbers(net, p.source, sizes[0])[made.sources]
        post = numbers(net, p.target, sizes[1])[made.targets]
        sign = -1 if p.name.startswith("inh->") else 1
        expected += zip(pre, post, sign * 1000 * np.abs(made.weights), made.delays, strict=True)
    assert len(expected) > 500
    np.testing.assert_allclose(sorted(found), sorted(expected), rtol=1e-12)


def test_the_spikes_are_those_of_pointnet_with_nest():
    """To the step."""
    result = network().run(GOLDEN["duration_ms"])
    for name, least in (("exc", 100), ("inh", 100), ("izh", 10)):
        spikes = result.spikes[name]
        steps = np.rint(spikes.times / 0.1).astype(int).tolist()
        found = sorted([s, int(n)] for s, n in zip(steps, spikes.neurons, strict=True))
        assert len(found) > least
        assert found == GOLDEN["spikes"][name]
