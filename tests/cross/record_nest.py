"""Records the statistics that NEST shows over seeds, for the documents of networks.py.

Run:  python record_nest.py [NAME...]     (pip install nest-simulator==3.10.*; one thread, minutes)
Writes nest_statistics.json beside it; cases not named keep what the file holds.

bench/peers/nest_document.py translates each document field by field: nothing of Ranvier is used.
"""

import json
import os
import sys
import time
from pathlib import Path

import nest
import numpy as np
from networks import BENCH, MEASURES, cases, measure

sys.path.insert(0, str(BENCH / "peers"))
from nest_document import build  # noqa: E402

SEEDS = range(1, 9)
FILE = Path(__file__).with_name("nest_statistics.json")


def run(case, seed):
    """Measures by population of one run of NEST."""
    nodes = build(case.document, 1, seed)
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
