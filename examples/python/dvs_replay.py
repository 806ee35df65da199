#!/usr/bin/env python3
"""An event camera's recording played to a layer of spiking neurons: a hand that moves, seen by a grid of neurons.

The bundled clip of the DVS128 Gesture data set (Amir et al., CVPR 2017) is filtered for noise and becomes the spikes of a
source; each neuron of the layer sums the events of a square of pixels and leaks, so that single events fade and moving
edges make it fire. `ranvier replay` does the same on the command line.

Usage: dvs_replay.py [--recording FILE] [--ms MS] [--patch PIXELS] [--pictures FOLDER]
"""

from pathlib import Path

import numpy as np
import ranvier
from pictures import options, picture
from ranvier import events

CLIP = Path(__file__).parents[1] / "data/dvs_gesture_1.bin"
SIDE = 128  # pixels


def build(recording, patch):
    """The camera, and a neuron for every square of patch x patch pixels."""
    net = ranvier.Network(dt=1.0, seed=1)
    camera = net.population(
        "spike_source_events",
        SIDE * SIDE,
        name="camera",
        file=recording,
        options={"width": SIDE, "height": SIDE, "polarity": "merge", "filter": "ba:10ms"},
    )
    per_side = SIDE // patch
    cells = net.population(
        "if_curr_delta",
        per_side**2,
        name="cells",
        tau_m=10.0,
        v_rest=0,
        v_reset=0,
        v_thresh=12,
        tau_refrac=3,
    )
    y, x = np.divmod(np.arange(SIDE * SIDE), SIDE)
    seen = (x < per_side * patch) & (y < per_side * patch)
    pairs = np.column_stack([y * SIDE + x, y // patch * per_side + x // patch])[seen]
    net.project(camera, cells, ranvier.from_list(pairs), weight=1.0, delay=1.0)
    net.record(camera, "spikes")
    net.record(cells, "spikes")
    return net


def draw(recording, result, ms, patch, folder):
    """Pixels and neurons in three stretches of time above, rates below."""
    made = events.read(recording, sensor=(SIDE, SIDE))
    frames = events.frames(made[made["t"] < ms * 1000], (SIDE, SIDE), bins=3)
    cells, per_side = result.spikes["cells"], SIDE // patch
    with picture(folder, "dvs_replay", rows=3, columns=3, figsize=(11, 9)) as axes:
        for k in range(3):
            from_ms, to_ms = k * ms / 3, (k + 1) * ms / 3
            axes[0, k].imshow(frames[k, 1] - frames[k, 0], cmap="RdBu_r", vmin=-5, vmax=5)
            axes[0, k].set(title=f"events, {from_ms:.0f} to {to_ms:.0f} ms")
            now = cells.neurons[(cells.times > from_ms) & (cells.times <= to_ms)]
            counts = np.bincount(now, minlength=per_side**2).reshape(per_side, per_side)
            axes[1, k].imshow(counts / (to_ms - from_ms) * 1e3, cmap="viridis")
            axes[1, k].set(title="rate of the neurons (Hz)")
            for row in (0, 1):
                unit = ("pixel", "neuron")[row]
                axes[row, k].set(xlabel=f"x ({unit})", ylabel=f"y ({unit})")
        grid = axes[2, 0].get_gridspec()
        for axis in axes[2]:
            axis.remove()
        below = axes[0, 0].figure.add_subplot(grid[2, :])
        for name, spikes in result.spikes.items():
            counts, edges = np.histogram(spikes.times, np.arange(0, ms + 1, 10))
            below.stairs(counts / spikes.size / 10e-3, edges, label=f"{name} ({spikes.size})")
        below.set(xlabel="time (ms)", ylabel="mean rate (Hz)")
        below.legend()


def main():
    parser = options(__doc__)
    parser.add_argument("--recording", default=CLIP, help="of a camera of 128 x 128 pixels")
    parser.add_argument("--ms", type=float, default=1400.0)
    parser.add_argument("--patch", type=int, default=8, help="pixels a side that a neuron sees")
    arguments = parser.parse_args()
    result = build(arguments.recording, arguments.patch).run(arguments.ms)
    for name, spikes in result.spikes.items():
        print(f"{name}: {len(spikes)} spikes, {spikes.rate():.1f} Hz")
    active = np.count_nonzero(result.spikes["cells"].counts())
    print(f"{active} of {result.spikes['cells'].size} neurons have seen something move")
    if arguments.pictures:
        draw(arguments.recording, result, arguments.ms, arguments.patch, arguments.pictures)
    if active == 0:
        raise SystemExit("nothing moves")


if __name__ == "__main__":
    main()
