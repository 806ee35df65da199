#!/usr/bin/env python3
"""One network on one, two and more MPI ranks: the same spikes to the last bit, however it is spread.

Started alone it starts itself under mpirun, once for every number of ranks, and compares the hash of spikes and final
state. What runs under mpirun is a script like any other: every rank makes the same calls and gets the same result.

Usage: mpi_run.py [--ranks N ...] [--ms MS] [--pictures FOLDER]
       mpirun -n 2 python3 mpi_run.py --once [--ms MS]
"""

import hashlib
import json
import subprocess
import sys
import time

import numpy as np
import ranvier
from balanced_network import build
from pictures import options, picture


def run_once(ms):
    """What a rank does: build, run, and say (from rank 0) what came out."""
    with build(n_exc=400).simulation() as simulation:
        begin = time.perf_counter()
        result = simulation.run(ms)
        seconds = time.perf_counter() - begin
        state = simulation.state_digest()
    digest = hashlib.sha256(state.encode())
    for spikes in result.spikes.values():
        digest.update(spikes.times.tobytes() + spikes.neurons.tobytes())
    if ranvier.rank() == 0:
        spikes = result.spikes["exc"]
        print(
            json.dumps(
                {
                    "ranks": ranvier.ranks(),
                    "seconds": seconds,
                    "digest": digest.hexdigest(),
                    "times": spikes.times.tolist(),
                    "neurons": spikes.neurons.tolist(),
                }
            )
        )


def run_on(ranks, ms):
    """The same on so many ranks."""
    command = ["mpirun", "-n", str(ranks), sys.executable, __file__, "--once", "--ms", str(ms)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def draw(runs, ms, folder):
    """The spikes of all runs over each other, and how long each took."""
    with picture(folder, "mpi_run", rows=2) as axes:
        for k, run in enumerate(runs):
            label = f"{run['ranks']} rank{'s' * (run['ranks'] > 1)}"
            size = 8 - 3 * k  # the later ones inside the earlier ones
            axes[0].plot(run["times"], run["neurons"], "o", ms=max(size, 1), label=label)
        axes[0].set(
            xlabel="time (ms)", ylabel="excitatory neuron", xlim=(0, min(ms, 40.0)), ylim=(-1, 40)
        )
        axes[0].legend(loc="upper right")
        axes[1].bar([str(run["ranks"]) for run in runs], [run["seconds"] for run in runs])
        axes[1].set(xlabel="ranks", ylabel="time of the run (s)")


def main():
    parser = options(__doc__)
    parser.add_argument("--ranks", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--ms", type=float, default=200.0)
    parser.add_argument("--once", action="store_true", help="what runs under mpirun")
    arguments = parser.parse_args()
    if arguments.once:
        run_once(arguments.ms)
        return
    runs = [run_on(n, arguments.ms) for n in arguments.ranks]
    for run in runs:
        print(
            f"{run['ranks']} ranks: {len(run['times'])} excitatory spikes, {run['seconds']:.2f} s, "
            f"{run['digest'][:16]}..."
        )
    if arguments.pictures:
        draw(runs, arguments.ms, arguments.pictures)
    if len({run["digest"] for run in runs}) > 1 or np.size(runs[0]["times"]) == 0:
        raise SystemExit("the runs differ, or nothing fired")


if __name__ == "__main__":
    main()
