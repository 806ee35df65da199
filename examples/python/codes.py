#!/usr/bin/env python3
"""One value as a rate code, an inter-spike-interval code and a time-to-first-spike code.

After Fig. 20 of Capra et al., IEEE Access 8 (2020): the same values told by how many spikes there are, by how far apart they
are, and by when the first one comes. Prints each as text, decodes them, and draws them with --picture.

Usage: codes.py [--values X ...] [--window MS] [--picture FILE]
"""

import argparse

import numpy as np
from ranvier import encoding

CODES = {
    "rate": ("rate_regular", {"rate_max": 100.0}),
    "ISI": ("isi", {"interval_min": 5.0, "interval_max": 50.0}),
    "TTFS": ("ttfs_linear", {}),
}


def spikes_of(values, name, window):
    """Spike times (ms) of every value, and the values decoded from them."""
    code, parameters = CODES[name]
    times, channels = encoding.encode(values, code, window, **parameters)
    back = encoding.decode(times, channels, values.shape, code, window, **parameters)
    return [times[channels == c] for c in range(len(values))], back


def as_text(times, window, width=60):
    """A train as a line of `width` characters."""
    line = ["."] * width
    for t in times:
        line[min(width - 1, int(t / window * width))] = "|"
    return "".join(line)


def draw(values, window, file):
    """Writes a picture: a panel a code, a row a value."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(CODES), 1, sharex=True, figsize=(8, 6), layout="constrained")
    for axis, name in zip(axes, CODES, strict=True):
        trains, _ = spikes_of(values, name, window)
        axis.eventplot(trains, linelengths=0.8, colors="black")
        axis.set_yticks(range(len(values)), [f"{x:g}" for x in values])
        axis.set_ylabel(f"{name} code")
    axes[-1].set_xlabel("time (ms)")
    axes[-1].set_xlim(-0.02 * window, 1.02 * window)
    figure.savefig(file)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--values", type=float, nargs="+", default=[0.25, 0.5, 1.0])
    parser.add_argument("--window", type=float, default=200.0, help="ms")
    parser.add_argument("--picture", help="file for a picture (needs matplotlib)")
    arguments = parser.parse_args()
    values = np.array(arguments.values)
    worst = 0.0
    for name in CODES:
        trains, back = spikes_of(values, name, arguments.window)
        for x, times, decoded in zip(values, trains, back, strict=True):
            print(f"{name:>4} {x:5.2f} {as_text(times, arguments.window)} decoded {decoded:.3f}")
        worst = max(worst, float(np.max(np.abs(back - values))))
    if arguments.picture:
        draw(values, arguments.window, arguments.picture)
    if worst > 0.5e3 / (100.0 * arguments.window) + 1e-6:  # half a spike of the rate code
        raise SystemExit("a value has not come back")


if __name__ == "__main__":
    main()
