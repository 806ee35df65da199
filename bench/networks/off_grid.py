"""Ten thousand LIF neurons whose spike times are exact, not of a grid: against NEST's precise models.

off_grid_delta.json   delta synapses (NEST: iaf_psc_delta_ps)
off_grid_exp.json     exponential currents (NEST: iaf_psc_exp_ps)

8,000 + 2,000 neurons x 100 synapses, driven by DC of N(19, 2.5) mV, with inhibition 5 times as strong.
"""

SIZES = {"E": 8000, "I": 2000}
DEGREES = {"E": 80, "I": 20}
TAU_M, CM, G = 20, 0.2, 5  # ms, nF
DRIVE = {"mean": 19, "sd": 2.5}  # mV


def network(description, model, excitatory, synapse):
    neuron = {
        "cm": CM,
        "tau_m": TAU_M,
        **synapse,
        "tau_refrac": 2,
        "v_rest": 0,
        "v_reset": 0,
        "v_thresh": 20,
        "i_offset": {
            "distribution": "normal",
            **{key: round(mv * CM / TAU_M, 9) for key, mv in DRIVE.items()},
        },
    }
    weights = {"E": excitatory, "I": -G * excitatory}
    return {
        "ranvier": 1,
        "description": description,
        "run": {"duration": 2000, "dt": 0.1, "seed": 6},
        "populations": {
            name: {
                "model": model,
                "size": size,
                "parameters": neuron,
                "initial": {"v": {"distribution": "uniform", "low": 0, "high": 20}},
                "advance": "event",
            }
            for name, size in SIZES.items()
        },
        "projections": [
            {
                "source": source,
                "target": target,
                "connector": {"rule": "fixed_indegree", "number": number},
                "weight": weights[source],
                "delay": 1.5,
            }
            for target in "EI"
            for source, number in DEGREES.items()
        ],
    }


def documents():
    """The documents of this family by name."""
    about = "10,000 LIF neurons x 100 synapses with exact spike times, driven by DC, "
    return {
        "off_grid_delta": network(about + "delta synapses", "if_curr_delta", 0.2, {}),
        "off_grid_exp": network(
            about + "exponential currents", "if_curr_exp", 0.0258, {"tau_syn_E": 2, "tau_syn_I": 2}
        ),
    }
