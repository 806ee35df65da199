"""A million neurons that seldom or never fire, with exact spike times."""

from harness.case import Case, Peer

OBSERVED = 20_000  # NEST's recorders need 33 kB a neuron: a million of them do not fit 24 GiB

CASES = [
    Case(
        name="sparse",
        title="Sparse, 1,000,000 x 100",
        network="sparse",
        duration=10_000,
        discard=100,
        tolerance={"rate": 0.08},
        expected={"E": {"rate": 0.39}, "I": {"rate": 0.39}},
        source="NEST 3.10, and exact events at 1 ns by an independent program",
        peers={"nest": Peer(runs=1, duration=300, goal=300)},
        variants={"clocked": {"advance": "clocked"}, "auto": {"advance": "auto"}},
        runs=3,
        recorded=OBSERVED,
    ),
    Case(
        name="sparse_drawn_delays",
        title="Sparse, a delay a synapse",
        network="sparse_drawn_delays",
        duration=4000,
        discard=100,
        tolerance={"rate": 0.08},
        expected={"E": {"rate": 0.39}, "I": {"rate": 0.39}},
        source="as sparse",
        peers={"nest": Peer(runs=1, duration=300, goal=200)},
        runs=3,
        recorded=OBSERVED,
    ),
    Case(
        name="silent",
        title="Silent, 1,000,000 x 100",
        network="silent",
        duration=10_000,
        discard=0,
        tolerance={"rate": 0},
        expected={"E": {"rate": 0}, "I": {"rate": 0}},
        source="a drive of half of the threshold",
        peers={"nest": Peer(runs=1, duration=100)},
        runs=3,
        recorded=OBSERVED,
    ),
]
