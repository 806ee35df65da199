#!/usr/bin/env python3
"""Writes docs/reference/codes.md from the tables of the codes, with the error of a round trip as a function of the window.

Usage: make_codes_page.py, with the package ranvier importable (PYTHONPATH=build/release/python).
"""

from pathlib import Path

import numpy as np
from ranvier import encoding

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/codes.md"
WINDOWS = (50, 100, 200, 400, 800)  # ms
DT = 0.1  # ms
STEPS = 400  # of the signals
INPUTS = {
    "value": "values in [0, 1]",
    "signal": "signals",
    "positive_signal": "signals in [0, 1]",
}

HEAD = """# Codes

A code turns values, or a signal, into spikes, and spikes into values again. A *value* is a number in [0, 1], one a channel and
sample, shown for a *window* of T ms; a *signal* is a course of `steps` numbers a channel, which share the window. Times of spikes
lie in (0, T], rounded up to a grid of `dt` (a nanosecond unless given). Random numbers are functions of (seed, channel, sample),
so that any part can be encoded apart. `ranvier info codes NAME` prints what stands here; encoding/encoders/NAME.cpp holds the
equations.

```python
from ranvier import encoding
times, channels = encoding.encode([0.1, 0.5, 1.0], "ttfs_linear", window=50)
values = encoding.decode(times, channels, (3,), "ttfs_linear", window=50)

import numpy as np
course = 0.5 + 0.4 * np.sin(np.linspace(0, 6, 400))  # a signal: [n_steps]; of several channels [n_steps, n_channels]
times, channels = encoding.encode(course, "bsa", window=400)
assert abs(encoding.decode(times, channels, (400,), "bsa", window=400) - course)[40:-40].max() < 0.06
```

In a network, `net.population(**encoding.source(values, "rate_poisson", window=100))`, or a `spike_source_encoded` of a document
([network.md](network.md)). `encoding.reconstruct` gives the course that any spikes make through an exponential kernel.
"""

ERRORS = """## Error of a round trip

The largest error of a value, encoded with dt = {dt} ms and decoded again, over 201 values in [0, 1]; for `rate_poisson` the root
of the mean square at the value 0.5; for signals the largest error of a sum of two sines between 0 and 1, {steps} steps long, the first and last
tenth left out. A line stands where the window is too short for the code. Default parameters. Laws with tests:
tests/statistical/test_codes.cpp.
"""

FOOT = """
Rate codes pay for precision with time, as 1 / sqrt(r T) or 1 / (r T) of a rate r; a first spike as dt / T, interval codes as dt over
the spread of intervals and their number; `phase` gains a bit a step until it has them all; codes of changes have the error of
their threshold whatever the window. `rank_order` keeps the order and no more.

## The codes
"""


def round_trip(values, code, window):
    """The error of every value; nothing where the window is too short."""
    try:
        spikes = encoding.encode(values, code, window, dt=DT)
    except ValueError:
        return None
    return encoding.decode(*spikes, values.shape, code, window, dt=DT) - values


def error(code, window):
    """The number in the table, as text."""
    if code == "rank_order":
        return "order"
    if code == "rate_poisson":
        errors = round_trip(np.full(20000, 0.5), code, window)
        return f"{np.sqrt(np.mean(errors**2)):.2g}"
    if encoding.describe(code)["input"] == "value":
        errors = round_trip(np.linspace(0, 1, 201), code, window)
    else:
        at = np.arange(STEPS)
        errors = round_trip(0.5 + 0.35 * np.sin(0.03 * at) + 0.1 * np.sin(0.011 * at), code, window)
        errors = errors[STEPS // 10 : -STEPS // 10]
    return "–" if errors is None else f"{np.max(np.abs(errors)):.2g}"


def section(code):
    """A code's texts and parameters."""
    told = encoding.describe(code)
    lines = [
        f"### `{code}`",
        "",
        f"{told['summary'][0].upper()}{told['summary'][1:]}. Encodes {INPUTS[told['input']]}.",
        "",
        f"Error: {told['error']}. Source: {told['source']}.",
        "",
    ]
    if told["parameters"]:
        lines += ["| parameter | default | unit | meaning |", "|---|---|---|---|"]
        for name, unit, default, accepted, meaning in told["parameters"]:
            lines.append(f"| `{name}` | {default:g} | {unit} | {meaning} ({accepted}) |")
        lines.append("")
    return lines


def page():
    """The whole text."""
    lines = [HEAD, ERRORS.format(dt=DT, steps=STEPS)]
    lines.append("| code | " + " | ".join(f"T = {w} ms" for w in WINDOWS) + " |")
    lines.append("|---" * (len(WINDOWS) + 1) + "|")
    for code in encoding.codes():
        cells = " | ".join(error(code, window) for window in WINDOWS)
        lines.append(f"| `{code}` | {cells} |")
    lines.append(FOOT)
    for code in encoding.codes():
        lines += section(code)
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
