#!/usr/bin/env python3
"""Measured rates of a microcircuit run beside the published ones.

Published: stationary rates of the full model with Poisson drive, as NEST's reference implementation of Potjans & Diesmann
2014 gives. A first second has a burst of spikes in it, so its rates lie higher. At a tenth of the size the mean input is
kept, the fluctuations are not: rates differ by some tenths of a hertz or more, as they do in NEST
(docs/reference/statistics-against-nest.md).
"""

import argparse
import json
import sys

PUBLISHED = [
    ("L2/3E", 0.903),
    ("L2/3I", 2.965),
    ("L4E", 4.414),
    ("L4I", 5.876),
    ("L5E", 7.569),
    ("L5I", 8.633),
    ("L6E", 1.105),
    ("L6I", 7.829),
]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("summary", metavar="SUMMARY.json", help="of `ranvier run --summary`")
    summary = parser.parse_args().summary
    with open(summary) as file:
        populations = json.load(file)["populations"]
    measured = {
        name.replace("/", "").replace("_", "").upper(): p for name, p in populations.items()
    }
    print(f"{'population':<12}{'measured (Hz)':>15}{'published (Hz)':>16}")
    for name, published in PUBLISHED:
        p = measured.get(name.replace("/", "").upper())
        if p is None:
            sys.exit(f"{summary}: no population {name}; it has {', '.join(populations)}")
        print(f"{name:<12}{p['rate_hz']:>15.3f}{published:>16.3f}")
    print(
        "published: stationary rates at full size; a first second begins with a burst and lies above them"
    )


if __name__ == "__main__":
    main()
