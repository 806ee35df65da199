"""Plays an example script of PyNN's source distribution and sums up what its populations recorded; or records pyNN.nest's.

Run:  python pynn_examples.py SCRIPT.py SIMULATOR        (prints JSON)
      python pynn_examples.py FOLDER nest --record       (writes pynn_examples.json beside it: the scripts of CASES in FOLDER;
                                                          pip install PyNN==0.13.* nest-simulator==3.10.* numpy==2.0.*)
Of every population that recorded something, in the order of the script: number of spikes, mean and standard deviation of every
signal over time and cells.
"""

import contextlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

# Scripts that draw no random numbers, or take all from a seeded NumpyRNG: the same on every backend.
EXACT = [
    "HH_cond_exp2.py",
    "Izhikevich.py",
    "StepCurrentSource.py",
    "monolith_vs_composed.py",
    "multi_synapse.py",
    "parameter_changes.py",
    "simpleRandomNetwork.py",
    "simple_STDP.py",
    "specific_network.py",
    "tsodyksmarkram.py",
    "update_spike_source_array.py",
]
# Others: how far numbers of spikes (part of the larger one) and means of signals (standard deviations) may be apart. Some record two
# cells, or fifty drawn anew in every run.
RANDOM = {
    "brunel.py": (0.5, 1.0),
    "current_injection.py": (0.0, 0.05),
    "inhomogeneous_network.py": (0.5, 0.3),
    "multiquantal_synapses.py": (0.0, 0.05),
    "small_network.py": (0.3, 2.0),
    "stochastic_synapses.py": (0.0, 0.05),
    "varying_poisson.py": (0.1, 0.0),
    "VAbenchmarks.py COBA": (0.05, 0.1),
    "VAbenchmarks.py CUBA": (0.05, 0.3),
}
CASES = [*EXACT, *RANDOM]
# pyNN.nest 0.13.0 fails at cell_type_demonstration.py, gif_neuron.py, synaptic_input.py and
# stochastic_deterministic_comparison.py.


def play(script, simulator, *arguments):
    """Runs the script in this process and in the current folder; the summary."""
    from pyNN import common

    populations = []
    make = common.Population.__init__

    def remember(self, *args, **options):
        make(self, *args, **options)
        populations.append(self)

    common.Population.__init__ = remember
    Path("Results").mkdir(exist_ok=True)
    sys.argv = [script, simulator, *arguments]
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(sys.stderr):
        runpy.run_path(script, run_name="__main__")
    return [summary(p) for p in populations if any(p.recorder.recorded.values())]


def summary(population):
    """What a population recorded."""
    segments = population.get_data().segments
    signals = {}
    for segment in segments:
        for signal in segment.analogsignals:
            signals.setdefault(signal.name, []).append(np.asarray(signal).ravel())
    sums = {name: np.concatenate(parts) for name, parts in signals.items()}
    return {
        "spikes": sum(len(train) for segment in segments for train in segment.spiketrains),
        "signals": {n: [float(np.mean(x)), float(np.std(x))] for n, x in sorted(sums.items())},
    }


def played(case, folder, simulator):
    """The summary, made in a process and a folder of its own."""
    script, *arguments = case.split()
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-W", "ignore", os.path.abspath(__file__)]
        command += [str(Path(folder).resolve() / script), simulator, *arguments]
        environment = {**os.environ, "MPLBACKEND": "Agg"}
        done = subprocess.run(command, capture_output=True, text=True, cwd=scratch, env=environment)
    if done.returncode != 0:
        raise RuntimeError(f"{case}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def record(folder, simulator):
    """Writes what one backend gives of every script that it runs."""
    import nest
    import pyNN

    cases = {case: played(case, folder, simulator) for case in CASES}
    out = {
        "origin": f"the example scripts of PyNN's source distribution on pyNN.{simulator}",
        "pynn": pyNN.__version__,
        "nest": nest.__version__,
        "script": "tests/golden/pynn_examples.py",
        "cases": cases,
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    if "--record" in sys.argv:
        record(*sys.argv[1:3])
    else:
        print(json.dumps(play(*sys.argv[1:])))
