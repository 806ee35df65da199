"""Draws what `ranvier plan NETWORK --ranks 1,16,... --grow --measure --json FILE` wrote: memory a rank by parts, and
the wall time of a biological second, over the number of ranks.

    build/venv/bin/python bench/plot_scaling.py FILE -o scaling.svg
"""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt


def plot(measured, path):
    """Two panels, as SVG without a date (equal inputs give equal bytes)."""
    points = measured["points"]
    ranks = [point["ranks"] for point in points]
    plt.rcParams["svg.hashsalt"] = "ranvier"
    figure, (memory, time) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    parts = [part for part in points[0]["measured_bytes"] if part != "total"]
    columns = [[point["measured_bytes"][part] * 1e-6 for point in points] for part in parts]
    memory.stackplot(ranks, columns, labels=[part.replace("_", " ") for part in parts])
    memory.plot(
        ranks,
        [point["estimated_bytes"]["total"] * 1e-6 for point in points],
        "k--",
        label="estimate",
    )
    memory.set(xscale="log", xlabel="ranks", ylabel="memory a rank (MB)")
    memory.legend(loc="upper left", fontsize=7)
    for name, label in (("compute", "computing, measured"), ("exchange", "exchange, model")):
        shown = [
            (r, p[f"{name}_seconds"]) for r, p in zip(ranks, points) if p[f"{name}_seconds"] > 0
        ]
        time.plot(*zip(*shown), "o-", label=label)
    time.set(xscale="log", yscale="log", xlabel="ranks", ylabel="wall time a biological second (s)")
    time.legend(fontsize=7)
    figure.savefig(path, metadata={"Date": None})


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("file", type=Path, help="what plan --json wrote")
    parser.add_argument("-o", "--output", type=Path, default=Path("scaling.svg"))
    options = parser.parse_args()
    plot(json.loads(options.file.read_text()), options.output)


if __name__ == "__main__":
    main()
