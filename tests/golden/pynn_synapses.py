"""Plays pair protocols and trains on the plastic and dynamic synapses of a PyNN backend; as a script, records pyNN.nest's.

Run:  python pynn_synapses.py      (writes pynn_synapses.json beside it; pip install PyNN==0.13.* nest-simulator==3.10.*)
Times in ms, weights in uS or nA, v in mV. Weights are read where all spikes so far have been delivered. GutigWeightDependence has its
default exponents: pyNN.nest 0.13.0 drops others (synapses.json has NEST's own synapse with them).
"""

import json
from pathlib import Path

import numpy as np

# Sources fire every 40 ms, shifted against the cells' own spikes by -12 to 12 ms; one in each row of weights.
SHIFTS = np.arange(-12.0, 13.0, 3.0)
PERIOD = 40.0
DELAY = 2.0
READ = (75.0, 155.0, 315.0)
TRAIN = np.cumsum([10.0, 20, 20, 20, 3, 3, 50, 10, 10, 10, 120, 5, 5])
DYNAMICS = (
    {"U": 0.5, "tau_rec": 200.0, "tau_facil": 0.0},
    {"U": 0.04, "tau_rec": 50.0, "tau_facil": 300.0},
    {"U": np.array([[0.2, 0.4, 0.6]]), "tau_rec": 120.0, "tau_facil": 60.0},
)


def dependences(sim, end):
    """The weight dependences, with weights from 0 to `end`."""
    return {
        "additive": sim.AdditiveWeightDependence(w_min=0.0, w_max=end),
        "multiplicative": sim.MultiplicativeWeightDependence(w_min=0.0, w_max=end),
        "mixed": sim.AdditivePotentiationMultiplicativeDepression(w_min=0.0, w_max=end),
        "guetig": sim.GutigWeightDependence(w_min=0.0, w_max=end),
    }


def pairs(sim, dependence, end=1e-4, cell="IF_cond_exp", receptor="excitatory"):
    """Pairs of spikes: the cells' spikes, and all weights at the times READ."""
    sim.setup(timestep=0.1, min_delay=DELAY, spike_precision="on_grid")
    times = [np.arange(PERIOD + shift, READ[-1], PERIOD) for shift in SHIFTS]
    pre = sim.Population(len(SHIFTS), sim.SpikeSourceArray(spike_times=times))
    post = sim.Population(2, getattr(sim, cell)(tau_m=10.0, tau_refrac=20.0))
    driver = sim.Population(1, sim.SpikeSourceArray(spike_times=np.arange(38.0, 315, PERIOD)))
    strength = 2.0 if cell == "IF_cond_exp" else 100.0
    sim.Projection(
        driver, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=strength, delay=DELAY)
    )
    rule = sim.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.02, A_minus=0.025)
    synapse = sim.STDPMechanism(
        rule, dependences(sim, end)[dependence], weight=0.4 * end, delay=DELAY
    )
    plastic = sim.Projection(
        pre, post, sim.AllToAllConnector(), synapse, receptor_type=receptor, label="plastic"
    )
    post.record("spikes")
    weights = []
    for t in READ:
        sim.run_until(t)
        weights.append(plastic.get("weight", format="array").tolist())
    trains = [train.magnitude.tolist() for train in post.get_data().segments[0].spiketrains]
    sim.end()
    return {"spikes": trains, "weights": weights}


def short_term(sim, dynamics, receptor="excitatory", **initial):
    """A train at three cells with different currents: v every 5 ms, [n, 3]; `initial`: state of the synapses."""
    sim.setup(timestep=0.1, min_delay=0.5, spike_precision="on_grid")
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=TRAIN))
    times = {"tau_syn_E": [1.2, 6.7, 4.3], "tau_syn_I": [2.5, 0.7, 8.3]}
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=8.0, cm=0.5, v_thresh=1e9, **times))
    cells.initialize(v=-65.0)
    weight = 1.5 if receptor == "excitatory" else -1.5
    synapse = sim.TsodyksMarkramSynapse(weight=weight, delay=0.5, **dynamics)
    projection = sim.Projection(
        source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor
    )
    projection.initialize(**initial)
    cells.record("v")
    sim.run(320.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude
    sim.end()
    return v[::50].tolist()


def play(sim):
    """Every case on one backend."""
    cases = {name: pairs(sim, name) for name in dependences(sim, 1.0)}
    cases["inhibitory conductance"] = pairs(sim, "guetig", receptor="inhibitory")
    cases["current"] = pairs(sim, "multiplicative", 1e-3, "IF_curr_exp")
    for k, dynamics in enumerate(DYNAMICS):
        cases[f"dynamic {k}"] = short_term(sim, dynamics)
    cases["dynamic with a state"] = short_term(sim, DYNAMICS[1], u=0.7)
    cases["dynamic inhibitory"] = short_term(sim, DYNAMICS[0], "inhibitory")
    return cases


if __name__ == "__main__":
    import nest
    import pyNN
    import pyNN.nest

    out = {
        "origin": "pyNN.nest: STDPMechanism, TsodyksMarkramSynapse",
        "pynn": pyNN.__version__,
        "nest": nest.__version__,
        "script": "tests/golden/pynn_synapses.py",
        "cases": play(pyNN.nest),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
