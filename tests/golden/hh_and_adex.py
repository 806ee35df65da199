"""Records NEST's hh_cond_exp_traub, aeif_cond_exp and aeif_cond_alpha under current and pulses.

Run:  python hh_and_adex.py      (pip install nest-simulator==3.10.*)
Writes hh_and_adex.json beside it.
Parameters are PyNN's defaults for HH_cond_exp and EIF_cond_*_isfa_ista in NEST's units (pF, nS,
pA). Times in ms, v in mV.
"""

import json
from pathlib import Path

import nest

DT = 0.01  # ms
DURATION = 100.0  # ms
PULSES = ((20.0, 30.0), (50.0, -20.0))  # arrival in ms, weight in nS (negative: inhibitory)

HH = {
    "g_Na": 20000.0, "g_K": 6000.0, "g_L": 10.0, "C_m": 200.0, "V_T": -63.0, "E_Na": 50.0,
    "E_K": -90.0, "E_L": -65.0, "E_ex": 0.0, "E_in": -80.0, "tau_syn_ex": 0.2, "tau_syn_in": 2.0,
    "V_m": -65.0,
}  # fmt: skip
HH_GATES = {"Act_m": 0.01, "Inact_h": 0.99, "Act_n": 0.02}
ADEX = {
    "C_m": 281.0, "t_ref": 0.1, "V_peak": -40.0, "V_reset": -70.6, "E_L": -70.6,
    "g_L": 281.0 / 9.3667, "a": 4.0, "b": 80.5, "Delta_T": 2.0, "tau_w": 144.0, "V_th": -50.4,
    "E_ex": 0.0, "E_in": -80.0, "V_m": -70.6,
    "tau_syn_ex": 5.0, "tau_syn_in": 5.0, "gsl_error_tol": 1e-12,
}  # fmt: skip


def record(model, parameters, current):
    nest.ResetKernel()
    nest.set(resolution=DT, print_time=False)
    neuron = nest.Create(model, params={**parameters, "I_e": current})
    spikes = nest.Create("spike_recorder")
    meter = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": 5.0})
    nest.Connect(neuron, spikes)
    nest.Connect(meter, neuron)
    for at, weight in PULSES:
        source = nest.Create("spike_generator", params={"spike_times": [at - 1.0]})
        nest.Connect(source, neuron, syn_spec={"weight": weight, "delay": 1.0})
    nest.Simulate(DURATION + 1.0)
    return {
        "current_nA": current / 1000,
        "times": [round(float(t), 6) for t in meter.events["times"]],
        "v": [float(v) for v in meter.events["V_m"]],
        "spikes": [round(float(t), 6) for t in spikes.events["times"] if t <= DURATION],
    }


out = {
    "origin": "NEST hh_cond_exp_traub, aeif_cond_exp, aeif_cond_alpha",
    "nest": nest.__version__,
    "script": "tests/golden/hh_and_adex.py",
    "dt": DT,
    "duration": DURATION,
    "pulses": PULSES,
    "gates": HH_GATES,
    "hh_cond_exp": record("hh_cond_exp_traub", {**HH, **HH_GATES}, 500.0),
    "eif_cond_exp_isfa_ista": record("aeif_cond_exp", ADEX, 900.0),
    "eif_cond_alpha_isfa_ista": record("aeif_cond_alpha", ADEX, 900.0),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
