"""Records NEST's iaf_cond_exp and iaf_cond_alpha driven by a constant current and arrivals at both receptors.

Run:  python lif_cond.py      (writes lif_cond.json beside it; pip install nest-simulator==3.10.*)
Times in ms, current in nA, weights in uS (negative: inhibitory), v in mV at 0.5, 1, 1.5, ... ms.
"""

import json
from pathlib import Path

import nest
from driven import run_driven

DT = 0.1
EVERY = 0.5
PULSES = (
    (3.0, 0.02),
    (12.0, -0.03),
    (12.5, 0.02),
    (40.0, 0.04),
    (41.1, 0.02),
    (60.0, -0.05),
    (61.0, 0.03),
)
PARAMETERS = {
    "cm": 0.25,
    "tau_m": 10.0,
    "tau_refrac": 2.0,
    "tau_syn_E": 3.0,
    "tau_syn_I": 7.0,
    "v_rest": -65.0,
    "v_reset": -67.0,
    "v_thresh": -50.0,
    "e_rev_E": 0.0,
    "e_rev_I": -80.0,
    "i_offset": 0.2,
}


def record(model):
    """Voltages and spikes."""
    nest.ResetKernel()
    nest.set(resolution=DT, print_time=False)
    p = PARAMETERS
    neuron = nest.Create(
        model,
        params={
            "C_m": p["cm"] * 1000,
            "g_L": p["cm"] * 1000 / p["tau_m"],
            "t_ref": p["tau_refrac"],
            "E_L": p["v_rest"],
            "V_m": p["v_rest"],
            "V_reset": p["v_reset"],
            "V_th": p["v_thresh"],
            "E_ex": p["e_rev_E"],
            "E_in": p["e_rev_I"],
            "tau_syn_ex": p["tau_syn_E"],
            "tau_syn_in": p["tau_syn_I"],
            "I_e": p["i_offset"] * 1000,
        },
    )
    return run_driven(neuron, PULSES, 1000, EVERY, 100.0)


out = {
    "origin": "NEST iaf_cond_exp, iaf_cond_alpha",
    "nest": nest.__version__,
    "script": "tests/golden/lif_cond.py",
    "dt": DT,
    "every": EVERY,
    "parameters": PARAMETERS,
    "pulses": PULSES,
    "if_cond_exp": record("iaf_cond_exp"),
    "if_cond_alpha": record("iaf_cond_alpha"),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
