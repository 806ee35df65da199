"""Records tests/golden/spike_distances.json: ISI- and SPIKE-distances of spike trains by PySpike 0.9.0.

Usage: spike_distances.py, where NumPy and pyspike==0.9.0 are installed (a source distribution: it needs a C compiler).
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyspike

BEGIN, END = 0.0, 1000.0


def trains():
    """Trains of several kinds: irregular, bursty, regular, one spike, none, equal ones, spikes at both edges."""
    random = np.random.default_rng(2026)
    irregular = [np.sort(random.uniform(BEGIN, END, n)) for n in (40, 35, 7, 2)]
    bursts = np.sort(np.concatenate([at + np.arange(4) * 3.0 for at in (60.0, 400.0, 730.0)]))
    clock = np.arange(12.5, END, 25.0)
    edges = np.array([BEGIN, 100.0, 350.5, 351.0, 800.0, END])
    shared = np.sort(np.concatenate([irregular[0][::2], [500.0]]))
    return [*irregular, bursts, clock, edges, shared, np.array([321.0]), np.array([])]


def main():
    given = [train.tolist() for train in trains()]
    spikes = [pyspike.SpikeTrain(train, [BEGIN, END]) for train in given]
    record = {
        "origin": f"PySpike {version('pyspike')}, isi_distance_matrix and spike_distance_matrix",
        "script": "tests/golden/spike_distances.py",
        "begin": BEGIN,
        "end": END,
        "trains": given,
        "isi": pyspike.isi_distance_matrix(spikes).tolist(),
        "spike": pyspike.spike_distance_matrix(spikes).tolist(),
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
