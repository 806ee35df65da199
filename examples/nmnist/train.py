#!/usr/bin/env python3
"""Trains the network of this example and writes network.json. Needs numpy and N-MNIST (https://www.garrickorchard.com).

A perceptron with one hidden layer and no biases is trained on how many events each pixel sees: 2 polarities x 17 x 17 pixels
(the camera's 34 x 34, two by two), rectified hidden units, softmax, Adam. Recordings are turned, scaled, shifted and thinned anew
every epoch. Without biases the answer depends on the ratios of counts alone, so rectified units become integrate-and-fire
neurons with reset by subtraction, whose spikes count what the units would add up (Cao et al. 2015; Diehl et al. 2015; Rueckauer
et al. 2017). Weights are rounded to whole numbers from -127 to 127, thresholds chosen so that a neuron rarely wants to fire
twice in a step.

Usage: train.py FOLDER [--epochs N], the folder holding one folder a digit.
"""

import argparse
import json
import pathlib

import numpy as np

SIDE, POOL, HIDDEN, CLASSES = 34, 2, 160, 10
KEPT = 0.8  # of the hidden units in a step of the training
SMALL = SIDE // POOL


def load(folder):
    """Events [n, 3] (x, y, on) of every recording, and labels."""
    recordings, labels = [], []
    for path in sorted(folder.glob("[0-9]/*.bin")):
        raw = np.frombuffer(path.read_bytes(), np.uint8).reshape(-1, 5)
        recordings.append(
            np.stack([raw[:, 0], raw[:, 1], raw[:, 2] >> 7], axis=1).astype(np.float32)
        )
        labels.append(int(path.parent.name))
    return recordings, np.array(labels)


def counts(events):
    """Events a pixel of the network: OFF, then ON, row by row."""
    x, y = np.floor(events[:, 0] / POOL).astype(int), np.floor(events[:, 1] / POOL).astype(int)
    inside = (x >= 0) & (x < SMALL) & (y >= 0) & (y < SMALL)
    index = (events[:, 2].astype(int) * SMALL + y) * SMALL + x
    return np.bincount(index[inside], minlength=2 * SMALL * SMALL).astype(np.float32)


def varied(events, random):
    """The recording as another hand might have written it."""
    turn, scale = random.uniform(-0.22, 0.22), random.uniform(0.87, 1.15)
    shear = random.uniform(-0.15, 0.15)
    matrix = scale * np.array(
        [[np.cos(turn), -np.sin(turn) + shear], [np.sin(turn), np.cos(turn)]], np.float32
    )
    kept = events[random.random(len(events)) < random.uniform(0.5, 1)]
    centre = np.float32(SIDE / 2)
    moved = (kept[:, :2] + 0.5 - centre) @ matrix.T + centre + random.uniform(-1.8, 1.8, 2)
    return np.concatenate([moved.astype(np.float32), kept[:, 2:]], axis=1)


def normalised(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def forward(x, weights):
    hidden = np.maximum(x @ weights[0], 0)
    return hidden, hidden @ weights[1]


def accuracy(x, labels, weights):
    return float(np.mean(forward(x, weights)[1].argmax(axis=1) == labels))


def train(recordings, labels, epochs, report):
    random = np.random.default_rng(1)
    sizes = [(2 * SMALL * SMALL, HIDDEN), (HIDDEN, CLASSES)]
    weights = [random.normal(0, np.sqrt(2 / n), (n, m)).astype(np.float32) for n, m in sizes]
    moments = [[np.zeros_like(w), np.zeros_like(w)] for w in weights]
    step = 0
    for epoch in range(epochs):
        rate = 1.5e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        x = normalised(np.stack([counts(varied(r, random)) for r in recordings])) * 4
        order = random.permutation(len(x))
        for begin in range(0, len(x), 16):
            batch = order[begin : begin + 16]
            mask = (random.random((len(batch), HIDDEN)) < KEPT) / np.float32(KEPT)
            hidden, logits = forward(x[batch], weights)
            out = (hidden * mask) @ weights[1]
            p = np.exp(out - out.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            p[np.arange(len(batch)), labels[batch]] -= 1
            p /= len(batch)
            back = (p @ weights[1].T) * mask * (hidden > 0)
            gradients = [x[batch].T @ back, (hidden * mask).T @ p]
            step += 1
            for w, (m, v), g in zip(weights, moments, gradients):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                w -= rate * (
                    m / (1 - 0.9**step) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8) + 1e-3 * w
                )
        if (epoch + 1) % 20 == 0:
            report(epoch + 1, weights)
    return weights


def whole(w):
    """Weights as whole numbers from -127 to 127."""
    return np.rint(w / np.abs(w).max() * 127).astype(int)


def population(size, threshold):
    """Integrate-and-fire neurons that lose nothing: the time constant is beyond the recordings by far."""
    neuron = {"tau_m": 1e9, "cm": 1, "v_rest": 0, "v_reset": 0, "v_thresh": threshold}
    return {"model": "if_curr_delta_subtract", "size": size, "parameters": neuron}


def network(weights, x):
    """The document; thresholds from the training recordings `x` of about 300 ms."""
    first, second = (whole(w) for w in weights)
    hidden = np.maximum(x @ first, 0)
    # A hidden neuron in a thousand recordings wants to fire every second step, an output neuron in a hundred.
    thresholds = [int(np.percentile(hidden, 99.9) / 150)]
    thresholds.append(int(np.percentile(hidden / thresholds[0] @ second, 99) / 150))
    camera = {
        "model": "spike_source_events",
        "size": 2 * SMALL * SMALL,
        "options": {
            "width": SMALL,
            "height": SMALL,
            "polarity": "split",
            "filter": f"downsample:{POOL}",
        },
    }
    projections = [
        {
            "source": source,
            "target": target,
            "connector": {"rule": "all_to_all"},
            "weight": w.ravel().tolist(),
            "delay": 1,
            "receptor": "excitatory",
        }
        for source, target, w in (("camera", "hidden", first), ("hidden", "digits", second))
    ]
    return {
        "ranvier": 1,
        "description": "N-MNIST digits: written by train.py",
        "run": {"duration": 300, "dt": 1, "seed": 1},
        "populations": {
            "camera": camera,
            "hidden": population(HIDDEN, thresholds[0]),
            "digits": population(CLASSES, thresholds[1]),
        },
        "projections": projections,
        "probes": [{"population": p, "variables": ["spikes"]} for p in ("camera", "digits")],
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=300)
    arguments = parser.parse_args()
    recordings, labels = load(arguments.folder)
    x = np.stack([counts(r) for r in recordings])

    def report(epoch, weights):
        right = accuracy(normalised(x), labels, weights)
        print(f"epoch {epoch}: {100 * right:.1f} % of the recordings as they are", flush=True)

    weights = train(recordings, labels, arguments.epochs, report)
    path = pathlib.Path(__file__).parent / "network.json"
    path.write_text(json.dumps(network(weights, x), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
