"""NIR's neurons in a row that give values to each other: constants and spikes come into each of them, late constants begin
late, against forward Euler in NumPy, a step through the whole graph at once; and they come back from a file of ours."""

import nir
import numpy as np
import pytest
import ranvier
import ranvier.nir
from test_nir import DT, trains


def full(*values):
    return [np.full(2, x) for x in values]


A, B = np.array([[3.0, 1.0], [0.5, 2.0]]), np.array([[0.2, -0.4], [0.6, 0.1]])


def long_row():
    """LI -> I -> CubaLI -> LIF; each but the first gets a constant, the last two spikes as well, and the LIF its own."""
    graph = nir.NIRGraph.from_list(
        nir.Affine(A, np.array([0.02, -0.03])),
        nir.LI(*full(2e-3, 1.5, 0.05)),
        nir.I(*full(0.02)),
        nir.CubaLI(*full(1e-3, 4e-3, 2.0, -0.1), np.full(2, 0.7)),
        nir.LIF(*full(3e-3, 9.0, 0.0, 0.5), np.array([-0.2, 0.1])),
    )
    graph.nodes["constant"] = nir.Affine(np.zeros((2, 2)), np.array([0.3, -0.1]))
    graph.nodes["to_cuba"] = nir.Affine(B, np.array([0.1, 0.2]))
    graph.nodes["to_lif"] = nir.Affine(B.T, np.array([-0.04, 0.05]))
    graph.nodes["loop"] = nir.Linear(np.array([[-0.9, 0.4], [0.7, -0.3]]))
    for node, target in (("constant", "i"), ("to_cuba", "cubali"), ("to_lif", "lif")):
        graph.edges += [("input", node), (node, target)]
    graph.edges += [("lif", "loop"), ("loop", "lif")]
    return graph


def euler_of_the_long_row(inputs):
    li, i, syn, mem, v, z = np.full(2, 0.05), 0.0, 0.0, np.full(2, -0.1), np.zeros(2), np.zeros(2)
    course = []
    for x in inputs.astype(float):
        li = li + 0.1 / 2 * (0.05 - li + 1.5 * (A @ x + [0.02, -0.03]))
        i = i + 0.02 * (li + [0.3, -0.1])
        syn = syn + 0.1 * (0.7 * (i + B @ x + [0.1, 0.2]) - syn)
        mem = mem + 0.1 / 4 * (-0.1 - mem + 2 * syn)
        into = mem + B.T @ x + [-0.04, 0.05] + np.array([[-0.9, 0.4], [0.7, -0.3]]) @ z
        v = v + 0.1 / 3 * (9 * into - v)
        z = (v > 0.5).astype(float)
        v = np.where(v > 0.5, [-0.2, 0.1], v)
        course.append(v)
    return np.array(course)


def short_row():
    """LI -> CubaLIF, which gets spikes and a constant of its own."""
    graph = nir.NIRGraph.from_list(
        nir.Linear(A),
        nir.LI(*full(2e-3, 0.2, -0.05)),
        nir.CubaLIF(*full(1e-3, 4e-3, 2.0, 0.02, 0.4), np.zeros(2), np.full(2, 0.7)),
    )
    graph.nodes["beside"] = nir.Affine(B, np.array([0.2, 0.4]))
    graph.edges += [("input", "beside"), ("beside", "cubalif")]
    return graph


def euler_of_the_short_row(inputs):
    li, syn, v, course = np.full(2, -0.05), 0.0, np.full(2, 0.02), []
    for x in inputs.astype(float):
        li = li + 0.1 / 2 * (-0.05 - li + 0.2 * (A @ x))
        syn = syn + 0.1 * (0.7 * (li + B @ x + [0.2, 0.4]) - syn)
        v = v + 0.1 / 4 * (0.02 - v + 2 * syn)
        v = np.where(v > 0.4, 0, v)
        course.append(v)
    return np.array(course)


def late_constants():
    """A bias behind a Delay begins as late as the spikes are."""
    return nir.NIRGraph.from_list(
        nir.Affine(B, np.array([0.2, 0.3])),
        nir.Delay(np.array([3e-4, 0.0])),
        nir.LIF(*full(3e-3, 4.0, 0.0, 0.5), np.zeros(2)),
    )


def euler_of_late_constants(inputs):
    v, course, before = np.zeros(2), [], []
    for x in inputs.astype(float):
        before.append(B @ x + [0.2, 0.3])
        late = np.array([before[-4][0] if len(before) > 3 else 0, before[-1][1]])
        v = v + 0.1 / 3 * (4 * late - v)
        v = np.where(v > 0.5, 0, v)
        course.append(v)
    return np.array(course)


ROWS = {
    "long": (long_row, euler_of_the_long_row, "lif"),
    "short": (short_row, euler_of_the_short_row, "cubalif"),
    "late": (late_constants, euler_of_late_constants, "lif"),
}


def run_row(graph, last, method="euler"):
    inputs = np.random.default_rng(3).random((300, 2)) < 0.2
    net = ranvier.nir.load(graph, dt=DT, method=method, spikes={"input": trains(inputs)})
    net.record(last, "v")
    result = net.run(301 * DT)
    return inputs, net, result.samples(last, "v").values[-300:], result.spikes[last].times


@pytest.mark.parametrize("name", ROWS)
def test_constants_and_spikes_come_into_every_node_of_a_row_as_euler_says(name):
    graph, euler, last = ROWS[name]
    inputs, _, v, times = run_row(graph(), last)
    assert len(times) > 10
    np.testing.assert_allclose(v, euler(inputs), atol=1e-7)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("method", ["euler", "exact"])
def test_a_row_is_written_as_nodes_that_run_as_before(tmp_path, name, method):
    graph, _, last = ROWS[name]
    _, net, before, times = run_row(graph(), last, method)
    ranvier.nir.save(net, tmp_path / "again.nir")
    again = nir.read(tmp_path / "again.nir")  # checks types
    kinds = sorted(type(n).__name__ for n in again.nodes.values())
    assert kinds.count("LI") == {"long": 3, "short": 2, "late": 0}[name]
    assert kinds.count("LIF") == 1
    _, _, after, times_after = run_row(tmp_path / "again.nir", last, method)
    np.testing.assert_array_equal(times_after, times)
    np.testing.assert_allclose(after, before, atol=1e-12)


def test_what_a_row_cannot_take_is_named():
    graph = long_row()
    graph.nodes["constant"] = nir.Affine(B, np.zeros(2))
    with pytest.raises(
        ranvier.UnsupportedError, match=r'"i" \(I\): spikes into the second of five'
    ):
        ranvier.nir.load(graph)
    graph = short_row()
    graph.nodes["late"] = nir.Delay(np.full(2, 1e-3))
    graph.edges = [e for e in graph.edges if e != ("beside", "cubalif")]
    graph.edges += [("beside", "late"), ("late", "cubalif")]
    with pytest.raises(
        ranvier.UnsupportedError, match=r'"cubalif" \(CubaLIF\): a constant that comes 0.001 s late'
    ):
        ranvier.nir.load(graph)


def test_a_chain_that_is_no_row_of_nodes_is_not_written(tmp_path):
    for parameters, message in [
        ({"tau_3": [0, 1.5]}, "tau_3: 0 for 1 of 2 neurons, must be for all or none"),
        ({"leak_4": 0.5}, "leak_4: 0.5, must be 0 where the stage does not leak"),
        ({"tau_2": 3, "bias_3": 1}, "onset: 0 ms, must be 0.1 ms, its depth"),
    ]:
        net = ranvier.Network()
        source = net.population("spike_source_array", 1, name="in", spike_times=[[1.0]])
        chain = net.population("nir_chain", 2, name="c", **parameters)
        net.project(source, chain, ranvier.all_to_all(), weight=1, delay=0.1)
        with pytest.raises(ranvier.UnsupportedError, match=f'population "c": {message}'):
            ranvier.nir.save(net, tmp_path / "no.nir")
    assert not list(tmp_path.iterdir())
