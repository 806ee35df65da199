"""Balanced networks with alpha currents: NEST's hpc_benchmark, networks with power-law STDP and their static twins."""

from harness.case import Case, Peer

SEVEN_HZ = {"E": {"rate": 7.1}, "I": {"rate": 7.1}}
# Weights in a stationary state, where a wrong rule shows: a run apart records them.
WEIGHTS = {"weight_mean": 5e-5, "weight_sd": (0, 0.03)}
READ = {"weights read": {"weights": True}}

CASES = [
    Case(
        name="hpc_benchmark_static",
        title="hpc_benchmark, static",
        network="hpc_benchmark_static",
        duration=3300,
        discard=300,
        # Near synchrony, as its own header warns: a second's rate varies by 0.7 Hz (s.d.) from seed to seed.
        tolerance={"rate": 1.5, "cv": 0.05, "correlation": 0.05},
        expected={"E": {"rate": 9.9}, "I": {"rate": 10.1}},
        source="NEST 3.10",
        peers={"nest": Peer(threads=(2,), runs=1, duration=3300, goal=40)},
        runs=3,
    ),
    Case(
        name="plastic_s_static",
        title="Plastic S, static twin",
        network="plastic_s_static",
        duration=5000,
        discard=1000,
        tolerance={"rate": 0.4, "cv": 0.04, "correlation": 0.008},
        expected=SEVEN_HZ,
        source="NEST 3.10, 15 s",
        peers={"nest": Peer(threads=(2,), runs=2, duration=3000, goal=40)},
        threads=(1, 2),
    ),
    Case(
        name="plastic_s",
        title="Plastic S, power-law STDP",
        network="plastic_s",
        duration=5000,
        discard=1000,
        tolerance={"rate": 0.4, "cv": 0.04, "correlation": 0.008, **WEIGHTS},
        expected={**SEVEN_HZ, "E to E": {"weight_mean": 0.0977, "weight_sd": 0.00599}},
        source="NEST 3.10, 15 s",
        peers={"nest": Peer(threads=(2,), runs=1, duration=2000, goal=12)},
        threads=(1, 2),
        variants=READ,
    ),
    Case(
        name="plastic_m",
        title="Plastic M, power-law STDP",
        network="plastic_m",
        duration=3000,
        discard=1000,
        tolerance={"rate": 0.4, "cv": 0.04, "correlation": 0.008, **WEIGHTS},
        expected={
            "E": {"rate": 7.0},
            "I": {"rate": 7.0},
            "E to E": {"weight_mean": 0.06907, "weight_sd": 0.004696},
        },
        source="NEST 3.10, 3 s",
        peers={"nest": Peer(threads=(2,), runs=1, duration=1500, goal=12)},
        runs=3,
        variants=READ,
    ),
    Case(
        name="plastic_m_static",
        title="Plastic M, static twin",
        network="plastic_m_static",
        duration=3000,
        discard=1000,
        tolerance={"rate": 0.4, "cv": 0.04, "correlation": 0.008},
        expected=SEVEN_HZ,
        source="NEST 3.10, 3 s",
        peers={"nest": Peer(threads=(2,), runs=1, duration=2000, goal=40)},
        runs=3,
    ),
]
