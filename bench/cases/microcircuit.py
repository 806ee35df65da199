"""The cortical microcircuit of Potjans & Diesmann (2014) with Poisson drive, whole and at a tenth."""

from harness.case import Case, Peer

NAMES = ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]


def rates(*values):
    return {name: {"rate": value} for name, value in zip(NAMES, values)}


CASES = [
    Case(
        name="microcircuit_full",
        title="Microcircuit, full size",
        network="microcircuit_full",
        duration=10_000,
        discard=300,
        tolerance={"rate": (0.15, 0.1), "cv": 0.1, "correlation": 0.02},
        expected=rates(0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829),
        source="full-scale means of the reference implementation (NEST, Potjans_2014)",
        peers={"nest": Peer(threads=(2,), runs=1, duration=1000, goal=150)},
    ),
    Case(
        name="microcircuit_tenth",
        title="Microcircuit, a tenth",
        network="microcircuit_tenth",
        duration=2300,
        discard=300,
        tolerance={"rate": (0.1, 0.15), "cv": 0.08, "correlation": 0.01},
        expected=rates(0.465, 2.112, 3.986, 5.013, 6.644, 7.810, 0.853, 7.001),
        source="NEST 3.10, eight seeds: docs/reference/statistics-against-nest.md",
        peers={"nest": Peer(threads=(2,), runs=2), "brian2": Peer(runs=3)},
        threads=(1, 2),
    ),
]
