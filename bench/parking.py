#!/usr/bin/env python3
"""How a run of two threads fares on cores that it does not have to itself: python3 bench/parking.py [NETWORK] [--runs N]

Three runs in turn, several times: undisturbed; with another busy process pinned to one of two cores; with both threads on one
core. Prints the medians of the simulated stretch and the ratios to the undisturbed one. Workers that wait spin for a moment, then
sleep, so that neither ratio should be far above 2 (docs/decisions/threads.md).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("RANVIER_PROGRAM", ROOT / "build/release/ranvier")
BUSY = "while True: pass"


def simulate_seconds(network, duration, cores):
    """Wall seconds of the simulated stretch on the given cores."""
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder) / "summary.json"
        command = [PROGRAM, "run", network, "-o", Path(folder) / "out", "-q", "--threads", "2"]
        command += ["--duration", str(duration), "--summary", summary]
        subprocess.run(
            list(map(str, command)), check=True, preexec_fn=lambda: os.sched_setaffinity(0, cores)
        )
        return json.loads(summary.read_text())["simulate_seconds"]


def main():
    parser = argparse.ArgumentParser(description="Runs of two threads on shared cores.")
    parser.add_argument(
        "network", nargs="?", default=ROOT / "bench/networks/microcircuit_tenth.json"
    )
    parser.add_argument("--duration", type=float, default=3000, metavar="MS")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise SystemExit("bench/parking.py: needs two cores")
    alone, beside, on_one = [], [], []
    for _ in range(options.runs):
        alone.append(simulate_seconds(options.network, options.duration, cores))
        busy = subprocess.Popen(
            [sys.executable, "-c", BUSY], preexec_fn=lambda: os.sched_setaffinity(0, cores[1:])
        )
        try:
            beside.append(simulate_seconds(options.network, options.duration, cores))
        finally:
            busy.kill()
            busy.wait()
        on_one.append(simulate_seconds(options.network, options.duration, cores[:1]))
    base = statistics.median(alone)
    for name, seconds in (
        ("undisturbed", alone),
        ("a busy process on one core", beside),
        ("both threads on one core", on_one),
    ):
        middle = statistics.median(seconds)
        print(
            f"{name:28} {middle:.3f} s ({min(seconds):.3f} - {max(seconds):.3f}), {middle / base:.2f} times"
        )


if __name__ == "__main__":
    main()
