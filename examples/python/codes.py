#!/usr/bin/env python3
"""One value as a rate code, an inter-spike-interval code and a time-to-first-spike code.

After Fig. 20 of Capra et al., IEEE Access 8 (2020): the same values told by how many spikes there are, by how far apart they
are, and by when the first one comes. Prints each as text, decodes them, and draws them with --pictures.

Usage: codes.py [--values X ...] [--window MS] [--pictures FOLDER]
"""

import numpy as np
from pictures import options, picture
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


def draw(values, window, folder):
    """Writes a picture: a panel a code, a row a value."""
    with picture(folder, "codes", rows=len(CODES), sharex=True) as axes:
        for axis, name in zip(axes, CODES, strict=True):
            trains, _ = spikes_of(values, name, window)
            axis.eventplot(trains, linelengths=0.8, colors="black")
            axis.set_yticks(range(len(values)), [f"{x:g}" for x in values])
            axis.set_ylabel(f"value, {name} code")
        axes[-1].set_xlabel("time (ms)")
        axes[-1].set_xlim(-0.02 * window, 1.02 * window)


def main():
    parser = options(__doc__)
    parser.add_argument("--values", type=float, nargs="+", default=[0.25, 0.5, 1.0])
    parser.add_argument("--window", type=float, default=200.0, help="ms")
    arguments = parser.parse_args()
    values = np.array(arguments.values)
    worst = 0.0
    for name in CODES:
        trains, back = spikes_of(values, name, arguments.window)
        for x, times, decoded in zip(values, trains, back, strict=True):
            print(f"{name:>4} {x:5.2f} {as_text(times, arguments.window)} decoded {decoded:.3f}")
        worst = max(worst, float(np.max(np.abs(back - values))))
    if arguments.pictures:
        draw(values, arguments.window, arguments.pictures)
    if worst > 0.5e3 / (100.0 * arguments.window) + 1e-6:  # half a spike of the rate code
        raise SystemExit("a value has not come back")


if __name__ == "__main__":
    main()
