"""Records the weights that NEST's plastic and dynamic synapses deliver, spike by spike, under given trains.

Run:  python synapses.py      (writes synapses.json beside it; pip install nest-simulator==3.10.*)
Times in ms, weights in nA. The presynaptic spikes come from a parrot, the postsynaptic ones from another one, which the
synapse reaches at a port that repeats nothing.
"""

import json
import random
from pathlib import Path

import nest

DT = 0.1
DELAY = 1.5
DURATION = 2000.0


def train(seed, rate, refractory):
    """Times on the grid at `rate` Hz, at least `refractory` ms apart."""
    draw = random.Random(seed)
    times, t = [], 5.0
    while (t := t + refractory + draw.expovariate(rate / 1000)) < DURATION - 20:
        times.append(round(t, 1))
    return times


# Bursts, silence and, in the middle, spikes that meet at the synapse or share an instant.
PRE = train(1, 30, 0.2)
POST = sorted({*train(2, 20, 0.5), *(round(t - DELAY, 1) for t in PRE[10:30:4]), *PRE[11:20:4]})


def record(model, synapse, tau_minus=20.0):
    """Weights delivered at the presynaptic spikes."""
    nest.ResetKernel()
    nest.set(resolution=DT, print_time=False)
    recorder = nest.Create("weight_recorder")
    nest.CopyModel(model, "recorded", {"weight_recorder": recorder})
    pre = nest.Create("parrot_neuron")
    post = nest.Create("parrot_neuron", params={"tau_minus": tau_minus})
    for times, parrot in ((PRE, pre), (POST, post)):
        source = nest.Create("spike_generator", params={"spike_times": [t - 1 for t in times]})
        nest.Connect(source, parrot, syn_spec={"delay": 1.0})
    common = {"lambda", "alpha", "mu", "tau_plus"} if model.endswith("_hom") else set()
    nest.SetDefaults("recorded", {k: v for k, v in synapse.items() if k in common})
    own = {k: v for k, v in synapse.items() if k not in common}
    nest.Connect(
        pre, post, syn_spec={"synapse_model": "recorded", "delay": DELAY, "receptor_type": 1, **own}
    )
    nest.Simulate(DURATION)
    return [w / 1000 for w in recorder.events["weights"]]


STDP = {"weight": 50.0, "Wmax": 100.0, "lambda": 0.05, "alpha": 1.1, "tau_plus": 17.0}
TSODYKS = {"weight": 200.0, "U": 0.4, "tau_psc": 3.0, "tau_rec": 300.0, "tau_fac": 0.0}
CASES = {
    "additive": ("stdp_synapse", {**STDP, "mu_plus": 0.0, "mu_minus": 0.0}, 23.0),
    "multiplicative": ("stdp_synapse", {**STDP, "mu_plus": 1.0, "mu_minus": 1.0}, 23.0),
    "mixed": ("stdp_synapse", {**STDP, "mu_plus": 0.0, "mu_minus": 1.0}, 23.0),
    "guetig": ("stdp_synapse", {**STDP, "mu_plus": 0.4, "mu_minus": 0.7}, 23.0),
    "power_law": (
        "stdp_pl_synapse_hom",
        {"weight": 50.0, "lambda": 0.1, "alpha": 0.05, "mu": 0.4, "tau_plus": 15.0},
        30.0,
    ),
    "vogels": (
        "vogels_sprekeler_synapse",
        {"weight": -50.0, "Wmax": -100.0, "eta": 2.0, "alpha": 0.4, "tau": 20.0},
        20.0,
    ),
    "depressing": ("tsodyks_synapse", TSODYKS, 20.0),
    "facilitating": (
        "tsodyks_synapse",
        {**TSODYKS, "U": 0.1, "tau_rec": 50.0, "tau_fac": 400.0},
        20.0,
    ),
}

if __name__ == "__main__":
    out = {
        "origin": "NEST stdp_synapse, stdp_pl_synapse_hom, vogels_sprekeler_synapse, tsodyks_synapse",
        "nest": nest.__version__,
        "script": "tests/golden/synapses.py",
        "dt": DT,
        "delay": DELAY,
        "pre": PRE,
        "post": POST,
        "weights": {name: record(*case) for name, case in CASES.items()},
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
