"""Brunel's network (2000, model A) in its asynchronous irregular state, 12,500 neurons x 1,250 synapses."""

from harness.case import Case, Peer

CASES = [
    Case(
        name="brunel",
        title="Brunel, delta",
        network="brunel",
        duration=5200,
        discard=200,
        tolerance={"rate": 1, "cv": 0.03, "correlation": 0.006},
        expected={"E": {"rate": 37.5}, "I": {"rate": 37.5}},
        source="NEST 3.10 and Brian2 2.9",
        bin=1,
        peers={
            "nest": Peer(threads=(2,), runs=2, duration=1200, goal=40),
            "brian2": Peer(runs=3, duration=1200, goal=15),
        },
        threads=(1, 2),
    ),
    Case(
        name="brunel_alpha",
        title="Brunel, alpha currents",
        network="brunel_alpha",
        duration=5200,
        discard=200,
        tolerance={"rate": 1, "cv": 0.03, "correlation": 0.006},
        bin=1,
        peers={
            "nest": Peer(threads=(2,), runs=2, duration=1200, goal=15),
            "brian2": Peer(runs=3, duration=1200, goal=5),
        },
        threads=(1, 2),
    ),
]
