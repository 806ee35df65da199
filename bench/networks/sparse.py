"""A million neurons that seldom fire: the networks in which most of a clocked step is wasted.

sparse.json                10^6 LIF x 100 exponential currents, driven by DC of N(15, 2.5) mV: about 0.4 Hz
sparse_drawn_delays.json   the same with a delay of N(1.5, 0.75) ms for each synapse, from 0.1 ms on
silent.json                the same with DC of 10 mV: no neuron ever fires
"""

import math

NEURONS = 1_000_000
TAU_M, TAU_SYN, CM = 20, 2, 0.2  # ms, ms, nF
PSP, G = 0.2, 5  # mV at its peak; inhibition against excitation


def weight_for_peak(psp):
    """nA of an exponential current whose postsynaptic potential peaks at `psp` mV."""
    span = TAU_M - TAU_SYN
    peak = math.log(TAU_M / TAU_SYN) * TAU_M * TAU_SYN / span
    height = TAU_M * TAU_SYN / span * (math.exp(-peak / TAU_M) - math.exp(-peak / TAU_SYN))
    return psp * CM / height


def current(mv):
    """nA of DC that moves the resting potential by `mv`."""
    return mv * CM / TAU_M


def network(description, drive, delay, duration):
    neuron = {
        "cm": CM,
        "tau_m": TAU_M,
        "tau_syn_E": TAU_SYN,
        "tau_syn_I": TAU_SYN,
        "tau_refrac": 2,
        "v_rest": 0,
        "v_reset": 0,
        "v_thresh": 20,
        "i_offset": drive,
    }
    excitatory = round(weight_for_peak(PSP), 9)
    weights = {"E": excitatory, "I": -G * excitatory}
    return {
        "ranvier": 1,
        "description": description,
        "run": {"duration": duration, "dt": 0.1, "seed": 4},
        "populations": {
            name: {
                "model": "if_curr_exp",
                "size": round(share * NEURONS),
                "parameters": neuron,
                "initial": {"v": {"distribution": "uniform", "low": 0, "high": 15}},
                "advance": "event",
            }
            for name, share in (("E", 0.8), ("I", 0.2))
        },
        "projections": [
            {
                "source": source,
                "target": target,
                "connector": {"rule": "fixed_indegree", "number": number},
                "weight": weights[source],
                "delay": delay,
            }
            for target in "EI"
            for source, number in (("E", 80), ("I", 20))
        ],
    }


def documents():
    """The documents of this family by name."""
    about = "1,000,000 LIF neurons x 100 synapses with exponential currents, exact events at 1 ns, "
    drawn = {"distribution": "normal", "mean": current(15), "sd": current(2.5)}
    delays = {"distribution": "normal", "mean": 1.5, "sd": 0.75, "low": 0.1}
    return {
        "sparse": network(about + "driven by DC: about 0.4 Hz", drawn, 1.5, 1000),
        "sparse_drawn_delays": network(about + "a delay a synapse: 0.4 Hz", drawn, delays, 1000),
        "silent": network(about + "none of which fires", current(10), 1.5, 10_000),
    }
