"""Vogels & Abbott's networks as benchmarks 1 to 3 of Brette et al. (2007): 4,000 neurons, 2 % connected."""

from harness.case import Case, Peer

# State in single precision as their documents say; in double, as the peers have it:
EXACT = {"exact storage": {"run": {"storage": "exact"}}}
RECORDED = "NEST 3.10, eight seeds: docs/reference/statistics-against-nest.md"

CASES = [
    Case(
        name="vogels_abbott_cuba",
        title="Vogels-Abbott CUBA",
        network="vogels_abbott_cuba",
        duration=6300,
        discard=300,
        tolerance={"rate": 0.9, "cv": 0.06, "correlation": 0.002},
        expected={"E": {"rate": 5.677, "cv": 0.695}, "I": {"rate": 5.587, "cv": 0.697}},
        source=RECORDED,
        peers={"nest": Peer(threads=(2,), goal=10), "brian2": Peer(goal=2)},
        variants=EXACT,
        threads=(1, 2),
    ),
    Case(
        name="vogels_abbott_coba",
        title="Vogels-Abbott COBA",
        network="vogels_abbott_coba",
        duration=6300,
        discard=300,
        tolerance={"rate": 5, "cv": 0.15, "correlation": 0.004},
        expected={"E": {"rate": 19.2, "cv": 1.697}, "I": {"rate": 19.1, "cv": 1.701}},
        source=RECORDED,
        peers={"nest": Peer(threads=(2,), runs=2, duration=2300, goal=10), "brian2": Peer(goal=2)},
        variants=EXACT,
        threads=(1, 2),
    ),
    Case(
        name="cobahh",
        title="COBAHH, exponential Euler",
        network="cobahh_exponential_euler",
        duration=1300,
        discard=300,
        tolerance={"rate": 10, "cv": 0.25, "correlation": 0.01},
        expected={"E": {"rate": 42.7, "cv": 2.198}, "I": {"rate": 42.6, "cv": 2.173}},
        source=RECORDED,
        peers={"nest": Peer(threads=(2,), runs=2, goal=15), "brian2": Peer(goal=4)},
        variants={"crank_nicolson": {"method": "crank_nicolson"}, **EXACT},
        threads=(1, 2),
    ),
]
