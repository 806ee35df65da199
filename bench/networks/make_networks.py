#!/usr/bin/env python3
"""Writes the benchmark networks beside itself: python3 bench/networks/make_networks.py

microcircuit_full.json   Potjans & Diesmann 2014, 77,169 neurons, Poisson drive
microcircuit_tenth.json  a tenth of its neurons and in-degrees, mean and variance of the input kept (van Albada et al. 2015)
microcircuit_tenfold.json  all of its neurons with ten times its in-degrees, likewise, 3.0e9 synapses: procedural projections
brunel.json              Brunel 2000, model A, asynchronous irregular: 12,500 neurons x 1,250 delta synapses, g = 5, eta = 2
izhikevich.json          Izhikevich 2003, ten times its neurons at its own in-degree: 10,000 neurons x 1,000, dt 1 ms
vogels_abbott_cuba.json  Vogels & Abbott 2005 as benchmark 2 of Brette et al. 2007 (current-based), 4,000 neurons
vogels_abbott_coba.json  the same with conductances, benchmark 1 there
cobahh.json              the same with Hodgkin-Huxley neurons (Traub & Miles), benchmark 3 there
cobahh_exponential_euler.json  the same by the method that Brian2 offers for it

and the documents of the families balanced_alpha.py, off_grid.py and sparse.py.
"""

import json
import math
import pathlib
import random

import balanced_alpha
import off_grid
import sparse

# Potjans & Diesmann 2014, tables 4 and 5; rates: full-scale means of the reference implementation (NEST, Potjans_2014).
NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948]
EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100]
RATES_HZ = [0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829]
PROBABILITIES = [  # row: target, column: source
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
]
WEIGHT = 0.0878  # nA: a 0.15 mV postsynaptic potential
G = -4.0
BACKGROUND_HZ = 8.0
TAU_SYN = 0.5  # ms


def mean_weight(target, source):
    if source % 2:
        return G * WEIGHT
    return 2 * WEIGHT if NAMES[target] == "L23E" and NAMES[source] == "L4E" else WEIGHT


def synapses(target, source):
    """Connections drawn with replacement that leave a pair unconnected with probability 1 - p (eq. 1 there)."""
    p = PROBABILITIES[target][source]
    return math.log(1 - p) / math.log(1 - 1 / (SIZES[target] * SIZES[source]))


def compensating_current(target, scale):
    """nA that restores the mean input when in-degrees shrink by `scale` and weights grow by 1 / sqrt(scale)."""
    mean = WEIGHT * EXTERNAL[target] * BACKGROUND_HZ
    for source, rate in enumerate(RATES_HZ):
        mean += mean_weight(target, source) * synapses(target, source) / SIZES[target] * rate
    return 1e-3 * TAU_SYN * (1 - math.sqrt(scale)) * mean


def normal(mean, sd, **bounds):
    return {"distribution": "normal", "mean": round(mean, 9), "sd": round(sd, 9), **bounds}


def microcircuit(scale, description, degrees=None, procedural=False):
    """`scale`: of the sizes; `degrees`: of the in-degrees, `scale` as well where not given."""
    degrees = degrees or scale
    stronger = 1 / math.sqrt(degrees)
    populations, projections, stimuli = {}, [], []
    for t, name in enumerate(NAMES):
        parameters = {
            "cm": 0.25,
            "tau_m": 10,
            "tau_syn_E": TAU_SYN,
            "tau_syn_I": TAU_SYN,
            "tau_refrac": 2,
            "v_rest": -65,
            "v_reset": -65,
            "v_thresh": -50,
        }
        if degrees != 1:
            parameters["i_offset"] = round(compensating_current(t, degrees), 9)
        populations[name] = {
            "model": "if_curr_exp",
            "size": round(SIZES[t] * scale),
            "parameters": parameters,
            "initial": {"v": normal(-58, 10)},
        }
        stimuli.append(
            {
                "type": "poisson",
                "target": name,
                "rate": round(EXTERNAL[t] * degrees * BACKGROUND_HZ, 9),
                "weight": round(WEIGHT * stronger, 9),
            }
        )
        for s, source in enumerate(NAMES):
            if PROBABILITIES[t][s] == 0:
                continue
            weight = mean_weight(t, s) * stronger
            projections.append(
                {
                    "source": source,
                    "target": name,
                    "connector": {
                        "rule": "fixed_total_number",
                        "number": round(synapses(t, s) * scale * degrees),
                        **({"procedural": True} if procedural else {}),
                    },
                    "weight": normal(
                        weight, abs(weight) / 10, **({"low": 0} if weight > 0 else {"high": 0})
                    ),
                    "delay": normal(*((0.75, 0.375) if s % 2 else (1.5, 0.75)), low=0.1),
                }
            )
    return {
        "ranvier": 1,
        "description": description,
        "run": {"duration": 1000, "dt": 0.1, "seed": 55},
        "populations": populations,
        "projections": projections,
        "stimuli": stimuli,
    }


def brunel():
    j, g, eta, excitatory, inhibitory, tau_m, threshold = 0.1, 5, 2, 1000, 250, 20, 20
    rate = (
        1000 * eta * threshold / (j * tau_m)
    )  # eta times the rate that just reaches the threshold, of all external synapses
    neuron = {"tau_m": tau_m, "v_rest": 0, "v_reset": 10, "v_thresh": threshold, "tau_refrac": 2}
    projections = []
    for target in "EI":
        for source, degree, weight in (("E", excitatory, j), ("I", inhibitory, -g * j)):
            projections.append(
                {
                    "source": source,
                    "target": target,
                    "connector": {"rule": "fixed_indegree", "number": degree},
                    "weight": weight,
                    "delay": 1.5,
                }
            )
    return {
        "ranvier": 1,
        "description": "Brunel 2000, model A, asynchronous irregular state (g = 5, eta = 2): about 37.5 Hz",
        "run": {"duration": 1000, "dt": 0.1, "seed": 12},
        "populations": {
            "E": {"model": "if_curr_delta", "size": 10_000, "parameters": neuron},
            "I": {"model": "if_curr_delta", "size": 2_500, "parameters": neuron},
        },
        "projections": projections,
        "stimuli": [
            {"type": "poisson", "target": target, "rate": rate, "weight": j} for target in "EI"
        ],
    }


def izhikevich():
    draws = random.Random(2003)  # the script's re and ri; c and d of a neuron share one
    re = [draws.random() for _ in range(8000)]
    ri = [draws.random() for _ in range(2000)]
    populations = {
        "E": {
            "model": "izhikevich_2003",
            "size": 8000,
            "parameters": {
                "a": 0.02,
                "b": 0.2,
                "c": [round(-65 + 15 * r * r, 3) for r in re],
                "d": [round(8 - 6 * r * r, 3) for r in re],
            },
        },
        "I": {
            "model": "izhikevich_2003",
            "size": 2000,
            "parameters": {
                "a": [round(0.02 + 0.08 * r, 5) for r in ri],
                "b": [round(0.25 - 0.05 * r, 5) for r in ri],
                "c": -65,
                "d": 2,
            },
        },
    }
    weights = {
        "E": {"distribution": "uniform", "low": 0, "high": 0.5},
        "I": {"distribution": "uniform", "low": -1, "high": 0},
    }
    projections = [
        {
            "source": source,
            "target": target,
            "connector": {"rule": "fixed_indegree", "number": degree},
            "weight": weights[source],
            "delay": 1,
            "receptor": "excitatory" if source == "E" else "inhibitory",
        }
        for target in "EI"
        for source, degree in (("E", 800), ("I", 200))
    ]
    return {
        "ranvier": 1,
        "description": "Izhikevich 2003, 8,000 + 2,000 neurons with the script's in-degrees, weights and thalamic noise",
        "run": {"duration": 1000, "dt": 1, "seed": 2003},
        "populations": populations,
        "projections": projections,
        "stimuli": [
            {"type": "noise", "target": target, "mean": 0, "stdev": sd}
            for target, sd in (("E", 0.005), ("I", 0.002))
        ],
    }  # 1 pA: 1 mV/ms


HODGKIN_HUXLEY = {  # densities there times the area, 20,000 square micrometres
    "cm": 0.2,
    "gbar_Na": 20,
    "gbar_K": 6,
    "g_leak": 0.01,
    "v_offset": -63,
    "e_rev_Na": 50,
    "e_rev_K": -90,
    "e_rev_leak": -65,
    "tau_syn_E": 5,
    "tau_syn_I": 10,
    "e_rev_E": 0,
    "e_rev_I": -80,
}


def leaky(v_rest, **more):
    return {
        "cm": 0.2,
        "tau_m": 20,
        "tau_syn_E": 5,
        "tau_syn_I": 10,
        "tau_refrac": 5,
        "v_rest": v_rest,
        "v_reset": -60,
        "v_thresh": -50,
        **more,
    }


def vogels_abbott(model, description, neuron, excitatory, inhibitory):
    populations = {
        name: {
            "model": model,
            "size": size,
            "parameters": neuron,
            "initial": {"v": {"distribution": "uniform", "low": -60, "high": -50}},
        }
        for name, size in (("E", 3200), ("I", 800))
    }
    projections = [
        {
            "source": source,
            "target": target,
            "connector": {
                "rule": "fixed_probability",
                "probability": 0.02,
                "self_connections": False,
            },
            "weight": weight,
            "delay": 0.2,
            "receptor": "excitatory" if source == "E" else "inhibitory",
        }
        for target in "EI"
        for source, weight in (("E", excitatory), ("I", inhibitory))
    ]
    return {
        "ranvier": 1,
        "description": description,
        "run": {"duration": 1000, "dt": 0.1, "seed": 7, "storage": "compact"},
        "populations": populations,
        "projections": projections,
        "stimuli": [
            {"type": "poisson", "target": target, "rate": 400, "weight": excitatory, "stop": 50}
            for target in "EI"
        ],
    }


def with_method(document, method):
    """The document with every population integrated by that method."""
    populations = {
        name: {**population, "method": method}
        for name, population in document["populations"].items()
    }
    about = f"{document['description']}; method {method}"
    return {**document, "description": about, "populations": populations}


def text(document):
    """JSON with a line for every population, projection and stimulus."""
    lines = []
    for key, value in document.items():
        if isinstance(value, dict) and key != "run":
            body = ",\n".join(
                f"    {json.dumps(name)}: {json.dumps(part)}" for name, part in value.items()
            )
            lines.append(f"  {json.dumps(key)}: {{\n{body}\n  }}")
        elif isinstance(value, list):
            body = ",\n".join(f"    {json.dumps(part)}" for part in value)
            lines.append(f"  {json.dumps(key)}: [\n{body}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    published = "published rates (Hz): " + ", ".join(
        f"{name} {rate}" for name, rate in zip(NAMES, RATES_HZ)
    )
    documents = {
        "microcircuit_full": microcircuit(
            1, "Microcircuit of Potjans & Diesmann 2014, Poisson drive; " + published
        ),
        "microcircuit_tenth": microcircuit(
            0.1,
            "Microcircuit of Potjans & Diesmann 2014, a tenth of the neurons and in-degrees, weights by sqrt(10), "
            "mean input restored by i_offset; full-scale " + published,
        ),
        "microcircuit_tenfold": microcircuit(
            1,
            "Microcircuit of Potjans & Diesmann 2014 with ten times its in-degrees, weights by 1 / sqrt(10), mean input "
            "restored by i_offset; rows are drawn again when their source spikes; full-scale "
            + published,
            degrees=10,
            procedural=True,
        ),
        "brunel": brunel(),
        "izhikevich": izhikevich(),
        "vogels_abbott_cuba": vogels_abbott(
            "if_curr_exp",
            "Vogels & Abbott 2005, current-based, as benchmark 2 of Brette et al. 2007, with a kick of 50 ms",
            leaky(-49),
            0.0162,
            -0.09,
        ),
        "vogels_abbott_coba": vogels_abbott(
            "if_cond_exp",
            "Vogels & Abbott 2005, conductance-based, as benchmark 1 of Brette et al. 2007, with a kick of 50 ms",
            leaky(-60, e_rev_E=0, e_rev_I=-80),
            0.006,
            0.067,
        ),
        "cobahh": vogels_abbott(
            "hh_cond_exp",
            "Vogels & Abbott 2005 with Hodgkin-Huxley neurons, as benchmark 3 of Brette et al. 2007, with a kick of 50 ms",
            HODGKIN_HUXLEY,
            0.006,
            0.067,
        ),
    }
    documents["cobahh_exponential_euler"] = with_method(documents["cobahh"], "exponential_euler")
    for family in (balanced_alpha, off_grid, sparse):
        documents.update(family.documents())
    for name, document in documents.items():
        pathlib.Path(__file__).with_name(name + ".json").write_text(text(document))


if __name__ == "__main__":
    main()
