"""Izhikevich's network (2003), ten times its neurons at its own in-degree: 10,000 x 1,000, dt 1 ms."""

from harness.case import Case, Peer

CASES = [
    Case(
        name="izhikevich",
        title="Izhikevich 10,000 x 1,000",
        network="izhikevich",
        duration=5000,
        discard=500,
        tolerance={"rate": 0.5, "cv": 0.05, "correlation": 0.02},
        peers={"nest": Peer(threads=(2,), runs=3), "brian2": Peer(goal=4)},
        threads=(1, 2),
    ),
]
