"""Records what other simulators make of NIR graphs: writes nir_peers.json.

    python nir_peers.py GRAPHS_FOLDER

GRAPHS_FOLDER holds braille_noDelay_bias_zero.nir and cnn_sinabs.nir of the NIR paper (neuromorphs/NIR, folder paper/,
BSD-3-Clause). Needs nir, nirtorch, torch, norse and snntorch; versions are recorded. Everything in double precision, so that
no spike hangs on a rounding. The step is the 0.1 ms that snnTorch takes for granted.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import nir
import norse.torch
import numpy as np
import snntorch
import snntorch.import_nir
import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)
DT = 1e-4


def spike_input(shape, steps, probability, seed):
    """[steps, *shape] of 0 and 1; tests make the same from the numbers recorded here."""
    return (np.random.default_rng(seed).random((steps, *shape)) < probability).astype(float)


def run(module, inputs):
    """[[step, neuron], ...] of the module's output spikes; the state goes from step to step."""
    state, spikes = None, []
    with torch.no_grad():
        for step, x in enumerate(torch.from_numpy(inputs)):
            out, state = module(x[None], state)
            spikes += [[step, int(i)] for i in torch.nonzero(out.flatten()).flatten()]
    return spikes


convert = snntorch.import_nir._nir_to_snntorch_module


class Braille(torch.nn.Module):
    """snnTorch's modules for the nodes of the braille graph, in its order. Its own import cannot run the loop (with
    nirtorch 2.6), and its RSynaptic resets a step late, so the loop is closed here."""

    def __init__(self, graph):
        super().__init__()
        for name in ("fc1", "lif1.lif", "lif1.w_rec", "fc2", "lif2"):
            self.add_module(name.replace("lif1.", ""), convert(graph.nodes[name]))

    def forward(self, x, state):
        last, one, two = state or [
            torch.zeros(1, 38),
            [torch.zeros(1, 38)] * 2,
            [torch.zeros(1, 7)] * 2,
        ]
        last, *one = self.lif(self.fc1(x) + self.w_rec(last), *one)
        x, *two = self.lif2(self.fc2(last), *two)
        return x, [last, one, two]


class Chain(torch.nn.Module):
    """snnTorch's modules for a chain of layers and IF, which are its Leaky without leak (its import takes 0.9)."""

    def __init__(self, graph):
        super().__init__()
        after, name, modules = dict(graph.edges), "input", []
        while (name := after[name]) != "output":
            node = graph.nodes[name]
            if isinstance(node, nir.IF):
                threshold = float(node.v_threshold.flat[0])
                leaky = snntorch.Leaky(1.0, threshold, reset_mechanism="zero", reset_delay=False)
                modules.append(leaky)
            elif isinstance(node, nir.SumPool2d):
                modules.append(torch.nn.LPPool2d(1, tuple(node.kernel_size), tuple(node.stride)))
            elif isinstance(node, nir.Flatten):
                modules.append(torch.nn.Flatten())
            else:
                modules.append(convert(node))
        self.layers = torch.nn.ModuleList(modules)

    def forward(self, x, state):
        state = state or {}
        for k, layer in enumerate(self.layers):
            if isinstance(layer, snntorch.Leaky):
                x, state[k] = layer(x, state.get(k, torch.zeros_like(x)))
            else:
                x = layer(x)
        return x, state


def run_snntorch(graph, inputs):
    torch.set_default_dtype(torch.float32)  # of its spikes, whatever the rest is
    try:
        network = Braille(graph) if "lif1.lif" in graph.nodes else Chain(graph)
        return run(network, inputs.astype(np.float32))
    finally:
        torch.set_default_dtype(torch.float64)


def run_norse(graph, inputs):
    return run(norse.torch.from_nir(graph, dt=DT, ignore_warnings=True).double(), inputs)


CASES = {
    "braille_noDelay_bias_zero": dict(steps=256, probability=0.15, seed=4),
    "cnn_sinabs": dict(steps=60, probability=0.1, seed=5),
}


def main():
    folder = Path(sys.argv[1])
    record = {"dt_ms": DT * 1000, "cases": {}}
    record["versions"] = {
        p: version(p) for p in ("nir", "nirtorch", "norse", "snntorch", "torch", "numpy")
    }
    for name, case in CASES.items():
        read = lambda: nir.read(folder / f"{name}.nir", type_check=False)  # noqa: E731
        shape = [int(n) for n in read().nodes["input"].input_type["input"]]
        inputs = spike_input(shape, case["steps"], case["probability"], case["seed"])
        peers = {"norse": run_norse, "snntorch": run_snntorch}
        outputs = {peer: runner(read(), inputs) for peer, runner in peers.items()}
        record["cases"][name] = {"shape": shape, **case, "outputs": outputs}
    Path(__file__).with_suffix(".json").write_text(json.dumps(record) + "\n")


main()
