#!/usr/bin/env python3
"""What the Python layer costs: networks built through PyNN beside the same ones through the native interface.

Run:  bench/python_layer.py [--runs 5] [--networks VA,large]     (after scripts/test; prints a line a network)
Two networks: that of PyNN's VAbenchmarks.py (CUBA: 4,000 cells, 2 % connected), and 100,000 neurons with 1,000 synapses each. Both ways describe it
(populations, projections, initial values, recorders) and build it, up to the end of the first step. Connectors have no generator
of their own, so that the kernel draws them. Sides take turns, each run a process of its own that has imported all modules. The figures are
medians of the wall time; both ways have to make equally many synapses and spikes.
"""

import argparse
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / "build/venv/bin/python"
CELL = {
    "tau_m": 20.0, "cm": 0.2, "v_rest": -49.0, "v_reset": -60.0, "v_thresh": -50.0,
    "tau_refrac": 5.0, "tau_syn_E": 5.0, "tau_syn_I": 10.0,
}  # fmt: skip
# Size, part of it that excites, probability of a connection, weights of both kinds (nA).
NETWORKS = {
    "VA": (4000, 3200, 0.02, 0.02 * 0.27 / 0.02, -0.02 * 4.5 / 0.02),
    "large": (100_000, 80_000, 0.01, 0.002, -0.02),
}
THREADS = 2


def through_pynn(size, n_exc, p, w_exc, w_inh):
    """Seconds, and (synapses, spikes)."""
    import ranvier.pynn as sim

    begin = time.perf_counter()
    sim.setup(timestep=0.1, min_delay=0.2, max_delay=0.2, threads=THREADS, seed=1)
    cells = sim.IF_curr_exp(**CELL)
    exc, inh = (
        sim.Population(n_exc, cells, label="E"),
        sim.Population(size - n_exc, cells, label="I"),
    )
    for population in (exc, inh):
        population.initialize(v=sim.RandomDistribution("uniform", low=-60.0, high=-50.0))
        population.record("spikes")
    exc[0:2].record("v")
    for source, weight, receptor in ((exc, w_exc, "excitatory"), (inh, w_inh, "inhibitory")):
        for target in (exc, inh):
            synapse = sim.StaticSynapse(weight=weight, delay=0.2)
            connector = sim.FixedProbabilityConnector(p)
            sim.Projection(source, target, connector, synapse, receptor_type=receptor)
    sim.run(0.1)
    seconds = time.perf_counter() - begin
    totals = sim.simulator.state.simulation.totals()
    return seconds, (totals["synapses"], totals["spikes"])


def through_the_native_interface(size, n_exc, p, w_exc, w_inh):
    """Seconds, and (synapses, spikes)."""
    import ranvier

    begin = time.perf_counter()
    net = ranvier.Network(dt=0.1, seed=1)
    start = {"v": ranvier.uniform(-60.0, -50.0)}
    exc = net.population("if_curr_exp", n_exc, name="E", initial=start, **CELL)
    inh = net.population("if_curr_exp", size - n_exc, name="I", initial=start, **CELL)
    for population in (exc, inh):
        net.record(population, "spikes")
    net.record(exc, "v", neurons=[0, 1])
    rule = ranvier.fixed_probability(p)
    for source, weight, receptor in ((exc, w_exc, "excitatory"), (inh, w_inh, "inhibitory")):
        for target in (exc, inh):
            net.project(source, target, rule, weight=weight, delay=0.2, receptor=receptor)
    simulation = net.simulation(threads=THREADS)
    simulation.run(0.1)
    seconds = time.perf_counter() - begin
    totals = simulation.totals()
    return seconds, (totals["synapses"], totals["spikes"])


SIDES = {"native": through_the_native_interface, "pynn": through_pynn}


def timed(side, network):
    """One side's seconds and counts. Both sides have imported the same before the clock starts."""
    import pyNN.random

    import ranvier.pynn  # noqa: F401

    pyNN.random.get_mpi_config()  # imports mpi4py, where it is installed, which begins MPI
    gc.collect()  # of what the imports left
    return SIDES[side](*NETWORKS[network])


def compare(network, runs):
    """Medians of both sides, their ratio, and what they built."""
    seconds, made = {side: [] for side in SIDES}, {}
    for _ in range(runs):
        for side in SIDES:
            command = [sys.executable, __file__, "--side", side, "--networks", network]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            took, made[side] = json.loads(done.stdout)
            seconds[side].append(took)
    native, pynn = (statistics.median(seconds[side]) for side in SIDES)
    synapses = [made[side][0] for side in SIDES]
    assert max(synapses) - min(synapses) < 1e-2 * max(synapses), made
    print(
        f"{network}: native {native:.3f} s, PyNN {pynn:.3f} s, ratio {pynn / native:.2f} "
        f"({synapses[0]:,} synapses, {runs} runs, least {min(seconds['native']):.3f} and {min(seconds['pynn']):.3f} s)"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    for network in options.networks.split(","):
        if options.side:
            print(json.dumps(timed(options.side, network)))
        else:
            compare(network, options.runs)


if __name__ == "__main__":
    if ENVIRONMENT.exists() and Path(sys.prefix).resolve() != ENVIRONMENT.parents[1].resolve():
        os.execv(ENVIRONMENT, [str(ENVIRONMENT), __file__, *sys.argv[1:]])
    main()
