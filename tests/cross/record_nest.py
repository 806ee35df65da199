"""Records the statistics that NEST shows over seeds, for the documents of networks.py.

Run:  python record_nest.py [NAME...]     (pip install nest-simulator==3.10.*; one thread, minutes)
Writes nest_statistics.json beside it; cases not named keep what the file holds.

Every document is translated field by field: nothing of Ranvier is used. NEST's conventions are
those of Ranvier's clocked populations: a spike is stamped with the end of the step in which the
threshold is found crossed; it arrives a whole number of steps later and acts at the end of that
step; after it the potential is held for the refractory time and input that only moves the potential
is lost. Delays that a law draws are redrawn below one step, then rounded to the step.
"""

import json
import os
import sys
import time
from pathlib import Path

import nest
import numpy as np
from measures import MEASURES, measure
from networks import cases

SEEDS = range(1, 9)
FILE = Path(__file__).with_name("nest_statistics.json")
LIF = {
    "E_L": ("v_rest", 1), "V_reset": ("v_reset", 1), "V_th": ("v_thresh", 1),
    "t_ref": ("tau_refrac", 1),
}  # fmt: skip
SYNAPSES = {"tau_syn_ex": ("tau_syn_E", 1), "tau_syn_in": ("tau_syn_I", 1)}
REVERSALS = {"E_ex": ("e_rev_E", 1), "E_in": ("e_rev_I", 1)}
MODELS = {  # NEST's name, its parameters from Ranvier's with the factor between their units
    "if_curr_delta": ("iaf_psc_delta", {**LIF, "tau_m": ("tau_m", 1)}),
    "if_curr_exp": (
        "iaf_psc_exp",
        {**LIF, **SYNAPSES, "tau_m": ("tau_m", 1), "C_m": ("cm", 1000)},
    ),
    "if_cond_exp": ("iaf_cond_exp", {**LIF, **SYNAPSES, **REVERSALS, "C_m": ("cm", 1000)}),
    "hh_cond_exp": (
        "hh_cond_exp_traub",
        {
            **SYNAPSES, **REVERSALS, "C_m": ("cm", 1000), "g_Na": ("gbar_Na", 1000),
            "g_K": ("gbar_K", 1000), "g_L": ("g_leak", 1000), "V_T": ("v_offset", 1),
            "E_Na": ("e_rev_Na", 1), "E_K": ("e_rev_K", 1), "E_L": ("e_rev_leak", 1),
        },
    ),
}  # fmt: skip
WEIGHT_UNIT = {"if_curr_delta": 1, "if_curr_exp": 1000, "if_cond_exp": 1000, "hh_cond_exp": 1000}
RULES = {
    "fixed_indegree": lambda c: {"rule": "fixed_indegree", "indegree": c["number"]},
    "fixed_probability": lambda c: {"rule": "pairwise_bernoulli", "p": c["probability"]},
    "fixed_total_number": lambda c: {"rule": "fixed_total_number", "N": c["number"]},
}
FAR = 1e9


def value(given, factor=1.0):
    """A number or a law of the document as NEST's."""
    if not isinstance(given, dict):
        return given * factor
    given = dict(given)
    law = given.pop("distribution")
    if law == "uniform":
        low, high = sorted((given["low"] * factor, given["high"] * factor))
        return nest.random.uniform(low, high)
    assert law == "normal", law
    drawn = nest.random.normal(given.pop("mean") * factor, given.pop("sd") * abs(factor))
    if not given:
        return drawn
    bounds = sorted((given.pop("low", -FAR) * factor, given.pop("high", FAR) * factor))
    assert not given, given
    return nest.math.redraw(drawn, *bounds)


def create(population):
    model, names = MODELS[population["model"]]
    given = dict(population["parameters"])
    parameters = {nest_name: given[name] * factor for nest_name, (name, factor) in names.items()}
    parameters["I_e"] = given.pop("i_offset", 0) * 1000
    if model == "iaf_cond_exp":
        parameters["g_L"] = parameters["C_m"] / given.pop("tau_m")
    unused = set(given) - {name for name, _ in names.values()}
    assert not unused, unused
    initial = dict(population.get("initial", {}))
    parameters["V_m"] = value(initial.pop("v", parameters["E_L"]))
    assert not initial, initial
    return nest.Create(model, population["size"], params=parameters)


def connect(projection, populations, nodes):
    target = populations[projection["target"]]["model"]
    sign = 1.0
    if "cond" in target and projection["receptor"] == "inhibitory":
        sign = -1.0  # NEST's conductance models take the receptor from the weight's sign
    connector = dict(projection["connector"])
    rule = RULES[connector["rule"]](connector)
    rule["allow_autapses"] = connector.get("self_connections", True)
    if rule["rule"] != "pairwise_bernoulli":
        rule["allow_multapses"] = connector.get("multiple_connections", True)
    nest.Connect(
        nodes[projection["source"]], nodes[projection["target"]], rule,
        {
            "weight": value(projection["weight"], sign * WEIGHT_UNIT[target]),
            "delay": value(projection["delay"]),
        },
    )  # fmt: skip


def drive(stimulus, populations, nodes, dt):
    assert stimulus["type"] == "poisson"
    generator = nest.Create("poisson_generator", params={
        "rate": float(stimulus["rate"]), "stop": float(stimulus.get("stop", FAR)),
    })  # fmt: skip
    weight = stimulus["weight"] * WEIGHT_UNIT[populations[stimulus["target"]]["model"]]
    nest.Connect(generator, nodes[stimulus["target"]], syn_spec={"weight": weight, "delay": dt})


def run(case, seed):
    """Measures by population of one run of NEST."""
    document = case.document
    dt = document["run"]["dt"]
    nest.ResetKernel()
    nest.set(resolution=dt, print_time=False, local_num_threads=1, rng_seed=seed)
    populations = document["populations"]
    nodes = {name: create(population) for name, population in populations.items()}
    for projection in document["projections"]:
        connect(projection, populations, nodes)
    for stimulus in document["stimuli"]:
        drive(stimulus, populations, nodes, dt)
    recorders = {}
    for name, neurons in nodes.items():
        recorders[name] = nest.Create("spike_recorder")
        nest.Connect(neurons, recorders[name])
    nest.Simulate(case.duration)
    out = {}
    for name, recorder in recorders.items():
        events = recorder.events
        first = nodes[name][0].global_id
        out[name] = measure(
            events["times"], np.asarray(events["senders"]) - first, len(nodes[name]), case
        )
    return out


def main():
    nest.verbosity = nest.VerbosityLevel.ERROR
    known = cases()
    for name in sys.argv[1:] or known:
        case = known[name]
        begin = time.monotonic()
        runs = [run(case, seed) for seed in SEEDS]
        recorded = json.loads(FILE.read_text()) if FILE.exists() else {"cases": {}}
        recorded.update(
            origin="mean rate (Hz), CV of intervals, pairwise correlation: one value a seed",
            nest=nest.__version__,
            script="tests/cross/record_nest.py",
            seeds=list(SEEDS),
        )
        recorded["cases"][name] = {
            "duration": case.duration,
            "discard": case.discard,
            "bin": case.bin,
            "populations": {
                population: {m: [float(f"{r[population][m]:.5g}") for r in runs] for m in MEASURES}
                for population in case.document["populations"]
            },
        }
        part = FILE.with_suffix(".partial")
        part.write_text(text(recorded))
        os.replace(part, FILE)
        print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)


def text(recorded):
    """JSON with one list of values a line."""
    return json.dumps(recorded, indent=1).replace("\n     ", " ").replace("\n    ]", " ]") + "\n"


if __name__ == "__main__":
    main()
