"""Exact spike times off the grid: event-driven LIF against NEST's precise models (*_ps)."""

from harness.case import Case, Peer

CASES = [
    Case(
        name=f"off_grid_{synapse}",
        title=f"Exact off-grid LIF, {title}",
        network=f"off_grid_{synapse}",
        duration=2000,
        discard=200,
        tolerance={"rate": 0.4, "cv": 0.04, "correlation": 0.004},
        peers={"nest": Peer(threads=(2,), runs=3, goal=3)},
        threads=(1, 2),
    )
    for synapse, title in (("delta", "delta"), ("exp", "exponential currents"))
]
