"""Records NEST's gif_cond_exp: below threshold (no firing), and with a threshold so sharp that chance has no part.

Run:  python gif.py      (writes gif.json beside it; pip install nest-simulator==3.10.*)
Times in ms, current in nA, weights in uS (negative: inhibitory), v in mV at 1, 2, 3, ... ms. A spike's
currents and thresholds follow PyNN's GIF_cond_exp: three parts each.
"""

import json
from pathlib import Path

import nest
from driven import run_driven

DT = 0.1
DURATION = 200.0
EVERY = 1.0
PULSES = ((13.0, 0.02), (40.0, -0.04), (41.1, 0.03), (90.0, 0.05), (150.0, -0.05))
PARAMETERS = {
    "cm": 0.25,
    "tau_m": 12.0,
    "tau_refrac": 3.0,
    "tau_syn_E": 3.0,
    "tau_syn_I": 7.0,
    "v_rest": -65.0,
    "v_reset": -60.0,
    "e_rev_E": 0.0,
    "e_rev_I": -80.0,
    "v_t_star": -50.0,
    "i_offset": 0.45,
    "tau_eta_1": 1.0,
    "tau_eta_2": 10.0,
    "tau_eta_3": 100.0,
    "a_eta_1": 0.05,
    "a_eta_2": 0.03,
    "a_eta_3": 0.01,
    "tau_gamma_1": 2.0,
    "tau_gamma_2": 15.0,
    "tau_gamma_3": 80.0,
    "a_gamma_1": 3.0,
    "a_gamma_2": 2.0,
    "a_gamma_3": 1.0,
}
CASES = {
    "silent": {"lambda0": 0.0, "delta_v": 0.5},
    "sharp": {"lambda0": 1e4, "delta_v": 0.001},  # fires within 0.01 mV of the threshold
}


def record(lambda0, delta_v):
    """Voltages and spikes."""
    nest.ResetKernel()
    nest.set(resolution=DT, print_time=False)
    p = PARAMETERS
    neuron = nest.Create(
        "gif_cond_exp",
        params={
            "C_m": p["cm"] * 1000,
            "g_L": p["cm"] * 1000 / p["tau_m"],
            "t_ref": p["tau_refrac"],
            "E_L": p["v_rest"],
            "V_m": p["v_rest"],
            "V_reset": p["v_reset"],
            "V_T_star": p["v_t_star"],
            "E_ex": p["e_rev_E"],
            "E_in": p["e_rev_I"],
            "tau_syn_ex": p["tau_syn_E"],
            "tau_syn_in": p["tau_syn_I"],
            "I_e": p["i_offset"] * 1000,
            "Delta_V": delta_v,
            "lambda_0": lambda0,
            "tau_stc": [p[f"tau_eta_{k}"] for k in (1, 2, 3)],
            "q_stc": [p[f"a_eta_{k}"] * 1000 for k in (1, 2, 3)],
            "tau_sfa": [p[f"tau_gamma_{k}"] for k in (1, 2, 3)],
            "q_sfa": [p[f"a_gamma_{k}"] for k in (1, 2, 3)],
            "gsl_error_tol": 1e-12,
        },
    )
    recorded = run_driven(neuron, PULSES, 1000, EVERY, DURATION)
    return {"lambda0": lambda0, "delta_v": delta_v, **recorded}


out = {
    "origin": "NEST gif_cond_exp",
    "nest": nest.__version__,
    "script": "tests/golden/gif.py",
    "dt": DT,
    "every": EVERY,
    "parameters": PARAMETERS,
    "pulses": PULSES,
    **{name: record(**values) for name, values in CASES.items()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
