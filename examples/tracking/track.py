#!/usr/bin/env python3
"""Follows a moving disc through noise: a winner-take-all network on the events of a camera, checked against the true path.

A disc moves along a Lissajous curve in front of a camera of 64 x 64 pixels: pixels that it comes to cover give ON events,
those that it leaves OFF events; a lamp in a corner flickers all the time, and every pixel fires by itself at 0.3 Hz. A grid of
8 x 8 leaky neurons looks at patches of 12 x 12 pixels; each neuron that fires inhibits all others, so that the patch with most
events wins (Maass 2000). Where the winners are is where the disc is thought to be. The same network without inhibition shows
what the competition is for: there the lamp counts as much as the disc.

Needs h5py and numpy.
"""

import argparse
import json
import math
import pathlib
import random
import subprocess
import sys

import h5py
import numpy as np

SIDE, GRID, STRIDE, PATCH, RADIUS = 64, 8, 8, 12, 4
DURATION, BIN = 2000, 40  # ms
NOISE = 0.3  # Hz a pixel
LAMP, FLICKER = [(x, y) for x in range(2, 6) for y in range(58, 60)], 100  # pixels, Hz each


def disc(ms):
    """Where its centre is, in pixels."""
    phase = 2 * math.pi * ms / DURATION
    return 32 + 20 * math.sin(2 * phase), 32 + 20 * math.sin(3 * phase + 0.7)


def recording():
    """40-bit events in the order of time."""
    noise = random.Random(5)
    covered, events = set(), []
    for ms in range(DURATION):
        cx, cy = disc(ms)
        now = {
            (x, y)
            for y in range(SIDE)
            for x in range(SIDE)
            if math.hypot(x + 0.5 - cx, y + 0.5 - cy) < RADIUS
        }
        changed = [(x, y, 1) for x, y in now - covered] + [(x, y, 0) for x, y in covered - now]
        for _ in range(SIDE * SIDE):
            if noise.random() < NOISE * 1e-3:
                pixel = (noise.randrange(SIDE), noise.randrange(SIDE), noise.randrange(2))
                changed.append(pixel)
        changed += [
            (*pixel, noise.randrange(2)) for pixel in LAMP if noise.random() < FLICKER * 1e-3
        ]
        covered = now
        events += sorted((ms * 1000 + noise.randrange(1000), *event) for event in changed)
    return b"".join(bytes((x, y)) + (on << 23 | t).to_bytes(3, "big") for t, x, y, on in events)


def network(inhibition):
    connections = []
    for neuron in range(GRID * GRID):
        left, top = (k * STRIDE - (PATCH - STRIDE) // 2 for k in (neuron % GRID, neuron // GRID))
        connections += [
            [y * SIDE + x, neuron]
            for y in range(max(0, top), min(SIDE, top + PATCH))
            for x in range(max(0, left), min(SIDE, left + PATCH))
        ]
    neuron = {"v_rest": 0, "v_reset": 0, "v_thresh": 10, "tau_m": 20, "tau_refrac": 0}
    camera = {
        "model": "spike_source_events",
        "size": SIDE * SIDE,
        "options": {"width": SIDE, "height": SIDE},
    }
    return {
        "ranvier": 1,
        "run": {"duration": DURATION, "dt": 1, "seed": 1},
        "populations": {
            "camera": camera,
            "place": {"model": "if_curr_delta", "size": GRID * GRID, "parameters": neuron},
        },
        "projections": [
            {
                "source": "camera",
                "target": "place",
                "connector": {"rule": "list", "connections": connections},
                "weight": 1.0,
                "delay": 1,
            },
            {
                "source": "place",
                "target": "place",
                "connector": {"rule": "all_to_all", "self_connections": False},
                "weight": -inhibition,
                "delay": 1,
            },
        ],
        "probes": [{"population": p, "variables": ["spikes"]} for p in ("camera", "place")],
    }


def errors(folder):
    """Distance of the winners' mean place from the disc's (pixels), a bin; nan where nobody fired. And all spikes' own."""
    with h5py.File(folder / "spikes.h5") as file:
        times = file["spikes/place/timestamps"][:]
        neurons = file["spikes/place/node_ids"][:].astype(int)
    x, y = (neurons % GRID + 0.5) * STRIDE, (neurons // GRID + 0.5) * STRIDE
    truth = np.array([disc(ms) for ms in times]).reshape(-1, 2)
    of_bin = []
    for begin in range(0, DURATION, BIN):
        here = (times > begin) & (times <= begin + BIN)
        centre = disc(begin + BIN / 2)
        mean = (x[here].mean(), y[here].mean()) if here.any() else (math.nan, math.nan)
        of_bin.append(math.hypot(mean[0] - centre[0], mean[1] - centre[1]))
    return np.array(of_bin), np.hypot(x - truth[:, 0], y - truth[:, 1])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", metavar="RANVIER", help="build/release/ranvier")
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path, help="to write to")
    given = parser.parse_args()
    program, folder = given.program, given.folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "disc.bin").write_bytes(recording())
    found = {}
    for name, inhibition in (("winner_take_all", 10.0), ("no_competition", 0.0)):
        (folder / f"{name}.json").write_text(json.dumps(network(inhibition)))
        out = folder / name
        words = [folder / "disc.bin", "--network", folder / f"{name}.json", "-o", out]
        words = ["replay", *words, "--overwrite", "--quiet"]
        subprocess.run([program, *map(str, words)], check=True)
        of_bin, of_spike = errors(out)
        silent = int(np.isnan(of_bin).sum())
        far = float(np.mean(of_spike > 1.5 * STRIDE))
        found[name] = (float(np.nanmean(of_bin)), silent, far)
        print(
            f"{name}: {np.nanmean(of_bin):.2f} pixels from the disc on average ({silent} of {len(of_bin)} bins silent), "
            f"{len(of_spike)} spikes, {100 * far:.1f} % of them further than {1.5 * STRIDE:g} pixels from it"
        )
    error, silent, far = found["winner_take_all"]
    good = error < STRIDE / 2 and silent == 0 and far < 0.05
    good = good and found["no_competition"][0] > 1.5 * error  # the lamp draws it away
    print("the disc was followed" if good else "the disc was lost")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
