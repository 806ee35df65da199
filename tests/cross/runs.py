"""Runs a case in Ranvier, and compares what it shows over seeds with the peer's recording."""

import copy
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
from networks import MEASURES, measure
from scipy import stats

RECORDED = json.loads(Path(__file__).with_name("nest_statistics.json").read_text())
PEER_SEEDS = 8
# Fewer where every run takes a sanitizer's time.
SEEDS = range(101, 101 + int(os.environ.get("RANVIER_SEEDS", PEER_SEEDS)))

# Two samples of one normal law: with probability 1e-4 the means differ by more than T standard
# errors (Student's t, two-sided), and with probability 1e-4 the ratio of the variances, own to
# peer's, is not between F[0] and F[1] (Fisher's F).
T = stats.t.isf(0.5e-4, len(SEEDS) + PEER_SEEDS - 2)
F = stats.f.ppf([0.5e-4, 1 - 0.5e-4], len(SEEDS) - 1, PEER_SEEDS - 1)


def run(case, seed, folder):
    """Measures by population of one run of folder/network.json by the program RANVIER_PROGRAM."""
    out = folder / f"seed_{seed}"
    command = [os.environ["RANVIER_PROGRAM"], "run", str(folder / "network.json")]
    command += ["--seed", str(seed), "--threads", "1", "-q", "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with h5py.File(out / "spikes.h5") as file:
        return {
            name: measure(
                file[f"spikes/{name}/timestamps"][:],
                file[f"spikes/{name}/node_ids"][:],
                population["size"],
                case,
            )
            for name, population in case.document["populations"].items()
        }


def sample(case, folder):
    """Values over SEEDS as {population: {measure: [value, ...]}}, the form of the recording.

    Two runs of one thread at a time: on a busy machine they wait less than one run of two threads.
    """
    document = copy.deepcopy(case.document)
    document["run"]["duration"] = case.duration
    (folder / "network.json").write_text(json.dumps(document))
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda seed: run(case, seed, folder), SEEDS))
    return {
        name: {m: [r[name][m] for r in runs] for m in MEASURES}
        for name in case.document["populations"]
    }


def compare(name, case, found):
    """Rows (population, measure, peer's values, Ranvier's values, t, ratio of variances)."""
    recording = RECORDED["cases"][name]
    for field in ("duration", "discard", "bin"):
        assert recording[field] == getattr(case, field), f"{name}: {field} is not the recording's"
    rows = []
    for population, recorded in recording["populations"].items():
        for m in MEASURES:
            peer, own = np.array(recorded[m]), np.array(found[population][m])
            assert (len(peer), len(own)) == (PEER_SEEDS, len(SEEDS))
            of_peer, of_own = len(peer) - 1, len(own) - 1
            pooled = (of_peer * peer.var(ddof=1) + of_own * own.var(ddof=1)) / (of_peer + of_own)
            t = (own.mean() - peer.mean()) / np.sqrt(pooled * (1 / len(peer) + 1 / len(own)))
            rows.append((population, m, peer, own, t, own.var(ddof=1) / peer.var(ddof=1)))
    return rows
