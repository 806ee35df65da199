"""What the tests of the program on ranks and threads share: four networks, and running them."""

import copy
import hashlib
import json
import os
import pathlib
import subprocess

PROGRAM = os.environ["RANVIER_PROGRAM"]


def projection(source, target, connector, weight, delay, **more):
    return {
        "source": source,
        "target": target,
        "connector": connector,
        "weight": weight,
        "delay": delay,
        **more,
    }


def clocked():
    """LIF on the grid: totals, probabilities and in-degrees drawn at random, weights and delays from laws."""
    parameters = {"tau_m": 10, "cm": 0.25, "tau_syn_E": 0.5, "tau_syn_I": 0.5}
    v = {"distribution": "normal", "mean": -58, "sd": 5}
    return {
        "populations": {
            "exc": {
                "model": "if_curr_exp",
                "size": 800,
                "parameters": parameters,
                "initial": {"v": v},
            },
            "inh": {"model": "if_curr_exp", "size": 200, "parameters": parameters},
        },
        "projections": [
            projection(
                "exc",
                "exc",
                {"rule": "fixed_total_number", "number": 40000},
                {"distribution": "normal", "mean": 0.2, "sd": 0.02},
                {"distribution": "normal", "mean": 1.5, "sd": 0.7, "low": 0.5},
            ),
            projection("exc", "inh", {"rule": "fixed_probability", "probability": 0.1}, 0.2, 1.5),
            projection(
                "inh",
                "exc",
                {"rule": "fixed_indegree", "number": 20},
                -1,
                0.8,
                receptor="inhibitory",
            ),
        ],
        "stimuli": [
            {"type": "poisson", "target": p, "rate": 6000, "weight": 0.2} for p in ("exc", "inh")
        ],
        "probes": [
            {"population": "exc", "variables": ["spikes", "v"], "interval": 5},
            {"population": "inh", "variables": ["spikes"]},
        ],
    }


def event_driven():
    """LIF at 1 ns, by candidates: one synaptic time constant, delta synapses, a source population and a drive."""
    return {
        "populations": {
            "noise": {
                "model": "spike_source_poisson",
                "size": 300,
                "parameters": {"rate": 40},
            },
            "cells": {
                "model": "if_curr_exp",
                "size": 400,
                "advance": "event",
                "parameters": {"tau_m": 10, "cm": 0.25, "tau_syn_E": 2, "tau_syn_I": 2},
                "initial": {"v": {"distribution": "uniform", "low": -65, "high": -50}},
            },
            "readout": {"model": "if_curr_delta", "size": 100, "advance": "event"},
        },
        "projections": [
            projection("noise", "cells", {"rule": "fixed_indegree", "number": 60}, 0.15, 1.1),
            projection("cells", "cells", {"rule": "fixed_outdegree", "number": 30}, 0.05, 1.9),
            projection("cells", "readout", {"rule": "fixed_indegree", "number": 80}, 1.0, 0.7),
        ],
        "stimuli": [{"type": "dc", "target": "cells", "amplitude": 0.3, "start": 20, "stop": 80}],
        "probes": [
            {"population": "cells", "variables": ["spikes", "v"], "interval": 2.5},
            {"population": "readout", "variables": ["spikes"]},
        ],
    }


def conductances():
    """Hodgkin-Huxley and LIF with conductance synapses, several variables recorded of each."""
    return {
        "populations": {
            "hh": {
                "model": "hh_cond_exp",
                "size": 200,
                "initial": {"v": {"distribution": "normal", "mean": -65, "sd": 3}},
            },
            "lif": {"model": "if_cond_exp", "size": 300, "method": "rk_adaptive"},
        },
        "projections": [
            projection("hh", "lif", {"rule": "fixed_probability", "probability": 0.1}, 0.01, 1.3),
            projection(
                "lif",
                "hh",
                {"rule": "fixed_indegree", "number": 15},
                0.02,
                {"distribution": "uniform", "low": 0.9, "high": 3},
                receptor="inhibitory",
            ),
        ],
        "stimuli": [
            {"type": "poisson", "target": "hh", "rate": 2000, "weight": 0.02},
            {"type": "poisson", "target": "lif", "rate": 2000, "weight": 0.004},
        ],
        "probes": [
            {"population": "hh", "variables": ["spikes", "v", "n"], "interval": 1},
            {"population": "lif", "variables": ["spikes", "v"], "interval": 2},
        ],
    }


def encoded():
    """Values from the document turned into spikes, by a code with random numbers and by one without."""
    values = [[(37 * sample + 11 * i) % 101 / 100 for i in range(200)] for sample in range(16)]

    def source(**options):
        options |= {"window": 20, "gap": 5}
        return {
            "model": "spike_source_encoded",
            "size": 200,
            "values": values,
            "options": options,
        }

    parameters = {"tau_m": 10, "cm": 0.25, "tau_syn_E": 2, "tau_syn_I": 2}
    return {
        "populations": {
            "rates": source(code="rate_poisson", rate_max=300),
            "latencies": source(code="ttfs_linear"),
            "cells": {"model": "if_curr_exp", "size": 400, "parameters": parameters},
        },
        "projections": [
            projection("rates", "cells", {"rule": "fixed_indegree", "number": 40}, 0.1, 1.1),
            projection("latencies", "cells", {"rule": "fixed_indegree", "number": 20}, 0.3, 0.7),
        ],
        "stimuli": [],
        "probes": [
            {"population": "rates", "variables": ["spikes"]},
            {"population": "latencies", "variables": ["spikes"]},
            {"population": "cells", "variables": ["spikes", "v"], "interval": 5},
        ],
    }


def document(make, reports=True, duration=100):
    network = copy.deepcopy(make())
    if not reports:
        for probe in network["probes"]:
            probe["variables"] = ["spikes"]
            probe.pop("interval", None)
    return {"ranvier": 1, "run": {"duration": duration, "dt": 0.1, "seed": 7}, **network}


def write_network(path, *args, **kwargs):
    path.write_text(json.dumps(document(*args, **kwargs)))
    return path


def command(network, out, ranks=1, threads=1, extra=()):
    launcher = [] if ranks == 1 else ["mpirun", "-n", str(ranks)]
    return [
        *launcher,
        PROGRAM,
        "run",
        str(network),
        "-o",
        str(out),
        "--threads",
        str(threads),
        "-q",
        "--summary",
        f"{out}.json",
        *extra,
    ]


def files_of(folder):
    """Name and SHA-256 of every file below a folder."""
    files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def run(network, out, ranks=1, threads=1, extra=()):
    """Runs to the end. Returns the files' hashes and the summary."""
    subprocess.run(command(network, out, ranks, threads, extra), check=True)
    return files_of(out), json.loads(pathlib.Path(f"{out}.json").read_text())
