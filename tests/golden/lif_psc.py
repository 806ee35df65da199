"""Records NEST's iaf_psc_exp, iaf_psc_alpha and iaf_psc_delta driven by a constant current and arrivals of both signs.

Run:  python lif_psc.py      (writes lif_psc.json beside it; pip install nest-simulator==3.10.*)
Times in ms, currents and weights in nA (mV for delta), v in mV at 0.5, 1, 1.5, ... ms.
"""

import json
from pathlib import Path

import nest
from driven import run_driven

DT = 0.1
DURATION = 150.0
EVERY = 0.5
PULSES = (
    (3.0, 1.1),
    (12.0, -0.8),
    (12.5, 2.0),
    (40.0, 2.5),
    (41.1, 0.7),
    (80.0, -3.0),
    (81.0, 2.2),
)
# cm nF, tau_m, tau_refrac, tau_syn_E, tau_syn_I ms, potentials mV, current nA.
PARAMETERS = {
    "cm": 0.25,
    "tau_m": 10.0,
    "tau_refrac": 2.0,
    "tau_syn_E": 3.0,
    "tau_syn_I": 7.0,
    "v_rest": -65.0,
    "v_reset": -67.0,
    "v_thresh": -50.0,
    "i_offset": 0.36,
}


def record(model, scale):
    """Voltages and spikes; `scale` from our weight to NEST's."""
    nest.ResetKernel()
    nest.set(resolution=DT, print_time=False)
    p = PARAMETERS
    values = {
        "C_m": p["cm"] * 1000,
        "tau_m": p["tau_m"],
        "t_ref": p["tau_refrac"],
        "E_L": p["v_rest"],
        "V_m": p["v_rest"],
        "V_reset": p["v_reset"],
        "V_th": p["v_thresh"],
        "I_e": p["i_offset"] * 1000,
    }
    if model != "iaf_psc_delta":
        values |= {"tau_syn_ex": p["tau_syn_E"], "tau_syn_in": p["tau_syn_I"]}
    neuron = nest.Create(model, params=values)
    return run_driven(neuron, PULSES, scale, EVERY, DURATION)


out = {
    "origin": "NEST iaf_psc_exp, iaf_psc_alpha, iaf_psc_delta",
    "nest": nest.__version__,
    "script": "tests/golden/lif_psc.py",
    "dt": DT,
    "every": EVERY,
    "parameters": PARAMETERS,
    "pulses": PULSES,
    "if_curr_exp": record("iaf_psc_exp", 1000.0),
    "if_curr_alpha": record("iaf_psc_alpha", 1000.0),
    "if_curr_delta": record("iaf_psc_delta", 1.0),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
