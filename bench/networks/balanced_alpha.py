"""Balanced networks of LIF neurons with alpha-shaped currents and an independent Poisson train each.

brunel_alpha.json           brunel.json with alpha currents of 0.5 ms whose potentials peak at 0.1 mV
hpc_benchmark_static.json   NEST's hpc_benchmark at scale 1, 11,250 neurons x 11,250, without plasticity
plastic_s_static.json       11,250 neurons x 1,125: the static twin of a network with plastic synapses
plastic_m_static.json       22,500 neurons x 2,250, the same twice as large
plastic_s.json              with power-law STDP between excitatory neurons, in its stationary state
plastic_m.json              the same twice as large
"""

import math

POTENTIAL = {"distribution": "normal", "mean": 5.7, "sd": 7.2}  # mV, at the start
NEURON = {  # of hpc_benchmark and of the networks made after it
    "cm": 0.25,
    "tau_m": 10,
    "tau_syn_E": 0.32582722403722841,
    "tau_syn_I": 0.32582722403722841,
    "tau_refrac": 0.5,
    "v_rest": 0,
    "v_reset": 0,
    "v_thresh": 20,
}


def peak_potential(neuron):
    """mV at the peak of the potential that an alpha current of 1 nA at its peak causes from rest.

    By the closed form of the response to e (t / tau_s) exp(-t / tau_s) and a ternary search.
    """
    tau_m, tau_s = neuron["tau_m"], neuron["tau_syn_E"]
    b = 1 / tau_s - 1 / tau_m

    def potential(t):
        fast = math.exp(-t / tau_s)
        return math.e / (tau_s * neuron["cm"] * b) * ((math.exp(-t / tau_m) - fast) / b - t * fast)

    low, high = 0.0, 10 * tau_m
    for _ in range(200):
        third = (high - low) / 3
        if potential(low + third) < potential(high - third):
            low += third
        else:
            high -= third
    return potential(low)


def threshold_rate(neuron, weight):
    """Hz of the Poisson train of that weight (nA) whose mean current just reaches the threshold."""
    reach = (neuron["v_thresh"] - neuron["v_rest"]) * neuron["cm"] / neuron["tau_m"]
    return 1000 * reach / (weight * math.e * neuron["tau_syn_E"])


def network(description, neuron, excitatory, degree, weight, g, rate, **more):
    """A fifth of the neurons and inputs inhibitory, fixed in-degrees, one delay of 1.5 ms."""
    sizes = {"E": excitatory, "I": excitatory // 4}
    degrees = {"E": degree, "I": degree // 4}
    weights = {"E": round(weight, 9), "I": round(-g * weight, 9)}
    return {
        "ranvier": 1,
        "description": description,
        "run": {"duration": 1000, "dt": 0.1, "seed": 12},
        "populations": {
            name: {"model": "if_curr_alpha", "size": size, "parameters": neuron, **more}
            for name, size in sizes.items()
        },
        "projections": [
            {
                "source": source,
                "target": target,
                "connector": {
                    "rule": "fixed_indegree",
                    "number": degrees[source],
                    "self_connections": False,
                },
                "weight": weights[source],
                "delay": 1.5,
            }
            for target in sizes
            for source in sizes
        ],
        "stimuli": [
            {"type": "poisson", "target": target, "rate": round(rate, 6), "weight": weights["E"]}
            for target in sizes
        ],
    }


def brunel_alpha():
    """Currents as in NEST's example brunel_alpha_nest.py; the rest is brunel.json's."""
    neuron = {**NEURON, "tau_m": 20, "tau_syn_E": 0.5, "tau_syn_I": 0.5, "tau_refrac": 2}
    neuron["v_reset"] = 10
    weight = 0.1 / peak_potential(neuron)
    about = "brunel.json (g = 5, eta = 2) with alpha currents of 0.5 ms that peak at 0.1 mV"
    return network(about, neuron, 10_000, 1000, weight, 5, 2 * threshold_rate(neuron, weight))


def hpc_benchmark():
    """Weight of 0.14 mV at its peak, eta = 1.685: the parameters of NEST's hpc_benchmark.py."""
    weight = 0.14 / peak_potential(NEURON)
    about = "NEST's hpc_benchmark at scale 1 with static synapses: 126.6 million, about 10 Hz"
    rate = 1.685 * threshold_rate(NEURON, weight)
    return network(about, NEURON, 9000, 9000, weight, 5, rate, initial={"v": POTENTIAL})


def twin(size, excitatory, degree, weight, rate):
    """A network whose plastic form is stable at 7 Hz, with the weights that it starts from."""
    about = f"Balanced network {size} with static synapses, alpha currents: about 7.1 Hz"
    return network(about, NEURON, excitatory, degree, weight, 7, rate, initial={"v": POTENTIAL})


def plastic(size, alpha, sd, *of_twin):
    """Its plastic form: power-law STDP (Morrison, Aertsen & Diesmann 2007), depression alpha times potentiation."""
    document = twin(size, *of_twin)
    document["description"] = (
        f"Balanced network {size}, power-law STDP, alpha currents: stationary at 7 Hz"
    )
    weight = {"distribution": "normal", "mean": of_twin[2], "sd": sd}
    synapse = {
        "model": "stdp_pair",
        "weight_dependence": "power_law",
        "A_plus": 0.1,
        "A_minus": round(0.1 * alpha, 9),
        "mu_plus": 0.4,
        "tau_plus": 15,
        "tau_minus": 30,
        "w_0": 0.001,
    }
    document["projections"][0] |= {"weight": weight, "synapse": synapse}
    return document


S = (9000, 900, 0.0977349, 6931.38)
M = (18_000, 1800, 0.0690985, 12254.92)


def documents():
    """The documents of this family by name."""
    return {
        "brunel_alpha": brunel_alpha(),
        "hpc_benchmark_static": hpc_benchmark(),
        "plastic_s_static": twin("S", *S),
        "plastic_m_static": twin("M", *M),
        "plastic_s": plastic("S", 0.0349, 0.006, *S),
        "plastic_m": plastic("M", 0.0412, 0.0047, *M),
    }
