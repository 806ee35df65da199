"""NIR graphs run as other simulators run them (tests/golden/nir_peers.json, made by nir_peers.py), and come back whole."""

import json
import os
import subprocess
from pathlib import Path

import h5py
import nir
import numpy as np
import pytest
import ranvier
import ranvier.nir

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
DATA = Path(os.environ.get("RANVIER_RECORDINGS", GOLDEN.parents[2] / "shared" / "data")) / "nir"
PROGRAM = os.environ["RANVIER_PROGRAM"]
PEERS = json.loads((GOLDEN / "nir_peers.json").read_text())
DT = PEERS["dt_ms"]


def peer_input(case):
    """[steps, elements], as nir_peers.py makes it."""
    random = np.random.default_rng(case["seed"]).random((case["steps"], *case["shape"]))
    return (random < case["probability"]).reshape(case["steps"], -1)


def trains(inputs):
    """Spike times (ms) of the elements: step k lies at (k + 1) dt."""
    return [(np.nonzero(column)[0] + 1) * DT for column in inputs.T]


def steps_of(spikes, depth):
    """[[step, neuron], ...] as a simulator without delays counts them."""
    steps = np.rint(spikes.times / DT).astype(int) - 1 - depth
    return sorted([int(s), int(n)] for s, n in zip(steps, spikes.neurons, strict=True))


def run_case(path, case, output, depth, prepare=lambda net: None):
    net = ranvier.nir.load(path, dt=DT, method="euler", spikes={"input": trains(peer_input(case))})
    prepare(net)
    result = net.run((case["steps"] + depth) * DT)
    return steps_of(result.spikes[output], depth)


def test_the_recurrent_braille_network_spikes_as_in_snntorch():
    case = PEERS["cases"]["braille_noDelay_bias_zero"]
    spikes = run_case(GOLDEN / "nir/braille_noDelay_bias_zero.nir", case, "lif2", 2)
    assert len(spikes) == 604
    assert spikes == case["outputs"]["snntorch"]


def test_the_recurrent_braille_network_spikes_as_in_norse():
    """Norse begins with the bias of the loop a step later, once there are spikes to send around it."""
    path = GOLDEN / "nir/braille_noDelay_bias_zero.nir"
    late = nir.read(path, type_check=False).nodes["lif1.w_rec"].bias.astype(float)
    case = PEERS["cases"]["braille_noDelay_bias_zero"]

    def without_it_at_first(net):
        net.stimulate("lif1.lif", ranvier.dc(-late), start=DT, stop=2 * DT)

    spikes = run_case(path, case, "lif2", 2, without_it_at_first)
    assert len(spikes) == 590
    assert spikes == case["outputs"]["norse"]


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not there")
@pytest.mark.parametrize("peer", ["norse", "snntorch"])
def test_the_convolutional_network_spikes_as_in(peer):
    case = PEERS["cases"]["cnn_sinabs"]
    spikes = run_case(DATA / "paper/cnn_sinabs.nir", case, "12", 5)
    assert len(spikes) == 18
    assert spikes == case["outputs"][peer]


def random_graph():
    """Every node type that spikes can pass, with a nested graph, two ways of unlike length and a loop."""
    rng = np.random.default_rng(7)
    inner = nir.NIRGraph(
        nodes={
            "in": nir.Input(np.array([6])),
            "w": nir.Linear(rng.normal(0, 0.8, (6, 6))),
            "lif": lif(6),
            "out": nir.Output(np.array([6])),
        },
        edges=[("in", "w"), ("w", "lif"), ("lif", "out")],
        type_check=False,
    )
    nodes = {
        "input": nir.Input(np.array([2, 6, 6])),
        "conv": nir.Conv2d(
            (6, 6), rng.normal(0, 1, (4, 1, 3, 3)), 1, "same", 1, 2, rng.random(4) / 9
        ),
        "if": nir.IF(np.ones((4, 6, 6)), np.ones((4, 6, 6)), np.zeros((4, 6, 6))),
        "avg": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])),
        "threshold": nir.Threshold(np.full((4, 3, 3), 0.2)),
        "sum": nir.SumPool2d(np.array([3, 3]), np.array([3, 3]), np.array([0, 0])),
        "flat": nir.Flatten(np.array([4, 1, 1]), 0, -1),
        "fc": nir.Affine(rng.normal(0, 0.7, (6, 4)), rng.random(6) / 5),
        "scale": nir.Scale(rng.random(6) + 0.5),
        "delay": nir.Delay(np.arange(6) * 1e-4),
        "nest": inner,
        "rec": nir.Linear(rng.normal(0, 0.5, (6, 6))),
        "cuba": nir.CubaLIF(
            *(np.full(6, x) for x in (5e-4, 1e-3, 9.0, 0.0, 0.5)), np.zeros(6), np.full(6, 4.0)
        ),
        "li": nir.LI(*(np.full(6, x) for x in (2e-3, 3.0, 0.1))),
        "output": nir.Output(np.array([6])),
    }
    chain = ["input", "conv", "if", "avg", "threshold", "sum", "flat", "fc", "scale", "delay"]
    edges = list(zip(chain, chain[1:], strict=False))
    edges += [("delay", "nest"), ("nest", "cuba"), ("delay", "cuba"), ("cuba", "rec")]
    edges += [("rec", "cuba"), ("cuba", "li"), ("li", "output")]
    return nir.NIRGraph(nodes=nodes, edges=edges, type_check=False)


def lif(n):
    return nir.LIF(*(np.full(n, x) for x in (1e-3, 8.0, 0.0, 1.0)), np.zeros(n))


def reference(graph, inputs):
    """The random graph by forward Euler in NumPy, a step through the whole graph at once, as other simulators do it."""
    n, dt = graph.nodes, DT / 1000
    z = {"cuba": np.zeros(6)}
    v_if, v_lif, v, i, li = (
        np.zeros((4, 6, 6)),
        np.zeros(6),
        np.zeros(6),
        np.zeros(6),
        np.full(6, 0.1),
    )
    delayed, counts, course = [], [], []
    for x in inputs.reshape(-1, 2, 6, 6).astype(float):
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
        out = np.zeros((4, 6, 6))
        for o in range(4):
            for y in range(6):
                for k in range(6):
                    window = padded[o // 2, y : y + 3, k : k + 3]
                    out[o, y, k] = (window * n["conv"].weight[o, 0]).sum() + n["conv"].bias[o]
        v_if += out
        spikes = v_if > 1
        v_if[spikes] = 0
        mean = spikes.reshape(4, 3, 2, 3, 2).mean((2, 4))
        summed = (mean > 0.2).sum((1, 2))
        delayed.append(n["scale"].scale * (n["fc"].weight @ summed + n["fc"].bias))
        late = np.array([delayed[-1 - k][k] if len(delayed) > k else 0 for k in range(6)])
        v_lif += dt / 1e-3 * (8 * (n["nest"].nodes["w"].weight @ late) - v_lif)
        z_lif = v_lif > 1
        v_lif[z_lif] = 0
        into = z_lif + late + n["rec"].weight @ z["cuba"]
        i += dt / 5e-4 * (4 * into - i)
        v += dt / 1e-3 * (9 * i - v)
        z["cuba"] = (v > 0.5).astype(float)
        v[v > 0.5] = 0
        li += dt / 2e-3 * (0.1 - li + 3 * z["cuba"])
        counts.append([spikes.sum(), (mean > 0.2).sum(), z_lif.sum(), z["cuba"].sum()])
        course.append(li.copy())
    return np.array(counts), np.array(course)


NAMES = ["if", "threshold", "nest.lif", "cuba"]  # at depths 1 to 4; li lies at 5


def run_random(graph_or_path, steps=80, depth=5):
    inputs = np.random.default_rng(1).random((steps, 72)) < 0.3
    net = ranvier.nir.load(graph_or_path, dt=DT, method="euler", spikes={"input": trains(inputs)})
    return inputs, net, net.run((steps + depth) * DT)


def counts_of(result, steps=80):
    columns = []
    for k, name in enumerate(NAMES):
        step = np.rint(result.spikes[name].times / DT).astype(int) - 2 - k
        columns.append(np.bincount(step[step < steps], minlength=steps))
    return np.array(columns).T


def test_every_node_type_counts_as_in_a_simulator_without_delays():
    graph = random_graph()
    inputs, _, result = run_random(graph)
    counts, course = reference(graph, inputs)
    assert (counts.sum(0) > 20).all()
    np.testing.assert_array_equal(counts_of(result), counts)
    v = result.samples("li", "v").values
    np.testing.assert_allclose(v[-len(course) :], course, atol=1e-9)


def test_a_network_written_as_nir_is_read_by_nir_and_runs_as_before(tmp_path):
    _, net, before = run_random(random_graph())
    (tmp_path / "again.nir").write_bytes(b"another's")
    with pytest.raises(ranvier.IoError, match="again.nir: exists already; .* overwrite=True"):
        ranvier.nir.save(net, tmp_path / "again.nir")
    assert (tmp_path / "again.nir").read_bytes() == b"another's"
    ranvier.nir.save(net, tmp_path / "again.nir", overwrite=True)
    again = nir.read(tmp_path / "again.nir")  # checks types
    assert {type(n).__name__ for n in again.nodes.values()} >= {
        *("Input", "Output", "Linear", "Affine", "Delay", "LIF", "CubaLIF", "IF", "LI", "Threshold")
    }
    _, _, after = run_random(tmp_path / "again.nir")
    np.testing.assert_array_equal(counts_of(after), counts_of(before))
    assert counts_of(after).sum() > 100
    np.testing.assert_allclose(
        after.samples("li", "v").values, before.samples("li", "v").values, atol=1e-12
    )


def test_names_with_a_slash_are_no_groups_of_the_file(tmp_path):
    net = ranvier.Network(dt=1.0)
    net.population("spike_source_array", 1, name="in", spike_times=[[1.0]])
    net.population("nir_lif", 1, name="out")
    net.project("in", "out", ranvier.all_to_all(), weight=1.0, delay=1.0, name="from/in")
    ranvier.nir.save(net, tmp_path / "slash.nir")
    assert set(nir.read(tmp_path / "slash.nir").nodes) == {"in", "out", "from_in", "output"}


@pytest.mark.parametrize("loop", [np.zeros((2, 2)), np.array([[-0.9, 0.4], [0.7, -0.3]])])
def test_neurons_in_a_row_without_spikes_follow_euler(loop):
    """LI -> I -> CubaLI -> LIF, all in one population, against forward Euler in NumPy; the LIF's spikes come back to it."""
    full = lambda *values: [np.full(2, x) for x in values]  # noqa: E731
    graph = nir.NIRGraph.from_list(
        nir.Linear(np.array([[3.0, 1.0], [0.5, 2.0]])),
        nir.LI(*full(2e-3, 1.5, 0.05)),
        nir.I(*full(0.02)),
        nir.CubaLI(*full(1e-3, 4e-3, 2.0, -0.1), np.full(2, 0.7)),
        nir.LIF(*full(3e-3, 9.0, 0.0, 0.5), np.zeros(2)),
    )
    if loop.any():
        graph.nodes["loop"] = nir.Linear(loop)
        graph.edges += [("lif", "loop"), ("loop", "lif")]
    inputs = np.random.default_rng(3).random((300, 2)) < 0.2
    net = ranvier.nir.load(graph, dt=DT, method="euler", spikes={"input": trains(inputs)})
    assert [p.model for p in net.populations.values()] == ["spike_source_array", "nir_chain"]
    spikes = steps_of(net.run(301 * DT).spikes["lif"], 1)
    li, i, syn, mem, v, expected = np.full(2, 0.05), 0.0, 0.0, np.full(2, -0.1), np.zeros(2), []
    z = np.zeros(2)
    for step, x in enumerate(inputs.astype(float)):
        u = np.array([[3.0, 1.0], [0.5, 2.0]]) @ x
        li = li + 0.1 / 2 * (0.05 - li + 1.5 * u)
        i = i + 0.02 * li
        syn = syn + 0.1 * (0.7 * i - syn)
        mem = mem + 0.1 / 4 * (-0.1 - mem + 2 * syn)
        v = v + 0.1 / 3 * (9 * (mem + loop @ z) - v)
        z = (v > 0.5).astype(float)
        expected += [[step, int(k)] for k in np.nonzero(z)[0]]
        v = np.where(v > 0.5, 0, v)
    assert len(expected) > 20
    assert spikes == expected


def test_a_real_valued_input_is_a_constant_current():
    graph = nir.NIRGraph.from_list(nir.Affine(np.array([[2.0, 1.0]]), np.array([0.5])), lif(1))
    net = ranvier.nir.load(graph, currents={"input": [0.1, 0.3]})
    result = net.run(20.0)
    # tau 1 ms, r 8, input 1, threshold 1: the interval is tau ln(8 / 7), rounded up to steps
    expected = np.ceil(np.log(8 / 7) / DT) * DT
    np.testing.assert_allclose(np.diff(result.spikes["lif"].times), expected, atol=1e-9)


def test_nodes_without_a_counterpart_are_named_at_once(tmp_path):
    nir.write(tmp_path / "odd.nir", random_graph())
    with h5py.File(tmp_path / "odd.nir", "r+") as file:
        for name in ("if", "scale"):
            del file[f"node/nodes/{name}/type"]
            file[f"node/nodes/{name}/type"] = "Odd" + name
    with pytest.raises(ranvier.UnsupportedError, match=r'"if" \(Oddif\), "scale" \(Oddscale\)'):
        ranvier.nir.load(tmp_path / "odd.nir")


def test_what_nir_cannot_say_is_named_at_once(tmp_path):
    net = ranvier.Network()
    a = net.population("if_curr_exp", 2, name="a")
    b = net.population("nir_lif", 2, name="b", subtract=1)
    net.project(a, b, ranvier.one_to_one(), weight=1, delay=1)
    with pytest.raises(ranvier.UnsupportedError, match=r"if_curr_exp.*subtract 1"):
        ranvier.nir.save(net, tmp_path / "no.nir")
    net = ranvier.Network()
    b = net.population("nir_lif", 2, name="b")
    net.stimulate(b, ranvier.dc(0.1))
    net.stimulate(b, ranvier.noise(0.1, 0.1))
    net.stimulate(b, ranvier.dc(0.1), name="late", start=0.15)
    named = r'stimulus 1 \(noise on "b"\): must be a dc.*stimulus "late" \(dc on "b"\): must'
    with pytest.raises(ranvier.UnsupportedError, match=named):
        ranvier.nir.save(net, tmp_path / "no.nir")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes/fc/weight": None}, r'"fc" \(Affine\): weight: missing'),
        ({"nodes/fc/weight": np.ones((6, 5))}, r'"fc" \(Affine\): its input has the shape \[4\]'),
        ({"nodes/cuba/tau_mem": np.zeros(6)}, r'"cuba" \(CubaLIF\): tau_mem: 0, must be > 0 s'),
        ({"nodes/conv/stride": 0}, r'"conv" \(Conv2d\): stride: 0'),
        ({"edges": np.array([[b"input", b"nobody"]])}, 'edges: there is no node "nobody"'),
    ],
)
def test_damaged_graphs_are_refused_with_the_place(tmp_path, changes, message):
    nir.write(tmp_path / "bad.nir", random_graph())
    with h5py.File(tmp_path / "bad.nir", "r+") as file:
        for name, value in changes.items():
            del file[f"node/{name}"]
            if value is not None:
                file[f"node/{name}"] = value
    with pytest.raises(ranvier.Error, match=message):
        ranvier.nir.load(tmp_path / "bad.nir")


def test_the_command_line_runs_a_graph_and_a_document_that_names_one(tmp_path):
    path = GOLDEN / "nir/braille_noDelay_bias_zero.nir"
    command = [PROGRAM, "run", path, "--duration", "5", "-o", tmp_path / "out"]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "note: NIR has no time step: dt 0.1 ms" in out
    (tmp_path / "graph.nir").write_bytes(path.read_bytes())
    document = {
        "ranvier": 1,
        "run": {"duration": 5},
        "nir": {"file": "graph.nir", "method": "euler"},
        "populations": {
            "input": {"model": "spike_source_poisson", "size": 12, "parameters": {"rate": 500}}
        },
    }
    (tmp_path / "doc.json").write_text(json.dumps(document))
    command = [PROGRAM, "run", tmp_path / "doc.json", "-q", "-o", tmp_path / "driven"]
    subprocess.run(command, check=True)
    document["populations"]["input"]["size"] = 11
    (tmp_path / "doc.json").write_text(json.dumps(document))
    failed = subprocess.run(command, capture_output=True, text=True)
    assert failed.returncode == 1
    assert "only a source of 12 neurons may take the place" in failed.stderr


@pytest.mark.skipif(not DATA.exists(), reason="../shared/data is not there")
@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.nir")), ids=lambda p: p.stem)
def test_every_sample_runs(path):
    net = ranvier.nir.load(path)
    net.run(5.0)
