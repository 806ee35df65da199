"""Prints the comparison with the peer as a table.

Usage: RANVIER_PROGRAM=build/release/ranvier python compare.py [--weights FACTOR]
                  [--receptor all|excitatory|inhibitory] [NAME...]

FACTOR multiplies those recurrent weights: how far a wrong network would lie. The table of
docs/reference/statistics-against-nest.md is this script's output.
"""

import argparse
import tempfile
from pathlib import Path

from networks import MEASURES, cases, with_weights
from runs import compare, sample

HEAD = (
    "| network | population | rate (Hz), NEST | Ranvier | CV, NEST | Ranvier "
    "| correlation, NEST | Ranvier | t |\n|---|---|---|---|---|---|---|---|---|"
)


def text(values):
    digits = 4 if values.mean() < 0.1 else 3
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1):.{digits}f}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--weights", type=float, default=1.0, metavar="FACTOR")
    parser.add_argument("--receptor", default="all")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args()
    print(HEAD)
    for name in given.names or cases():
        case = cases()[name]
        with tempfile.TemporaryDirectory() as folder:
            found = sample(with_weights(case, given.weights, given.receptor), Path(folder))
        rows = compare(name, case, found)
        for i in range(0, len(rows), len(MEASURES)):
            cells = [case.title, rows[i][0]]
            for _, _, peer, own, _, _ in rows[i : i + len(MEASURES)]:
                cells += [text(peer), text(own)]
            cells.append(", ".join(f"{row[4]:.1f}" for row in rows[i : i + len(MEASURES)]))
            print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
