"""Records NEST neurons of several receptors, and the one with conductances that a spike raises, driven at every receptor.

Run:  python multi.py      (writes multi.json beside it; pip install nest-simulator==3.10.*)
Times in ms, current in nA, weights in uS or nA, q in nS, v in mV at 0.5, 1, 1.5, ... ms. Receptors count from 0.
"""

import json
from pathlib import Path

import nest

DT = 0.1
EVERY = 0.5
PULSES = (
    (3.0, 0, 0.02),
    (12.0, 1, 0.03),
    (12.5, 0, 0.02),
    (40.0, 2, 0.03),
    (41.1, 3, 0.02),
    (60.0, 1, 0.02),
)
MEMBRANE = {"cm": 0.25, "tau_m": 10.0, "tau_refrac": 2.0, "v_rest": -65.0, "v_reset": -67.0}
MODELS = {
    "adex_cond_multi": (
        "aeif_cond_beta_multisynapse",
        {
            "v_thresh": -50.0,
            "v_spike": -35.0,
            "a": 2.0,
            "b": 0.05,
            "delta_T": 2.0,
            "tau_w": 100.0,
            "i_offset": 0.2,
            "e_rev": [0.0, -80.0, 0.0, -90.0],
            "tau_rise": [0.5, 1.0, 3.0, 5.0],
            "tau_decay": [3.0, 7.0, 40.0, 15.0],
        },
    ),
    "lif_curr_multi": (
        "iaf_psc_exp_multisynapse",
        {"v_thresh": -50.0, "i_offset": 0.42, "tau_syn": [2.0, 5.0, 11.0, 0.7]},
    ),
    "if_cond_exp_gsfa_grr": (
        "iaf_cond_exp_sfa_rr",
        {
            "v_thresh": -50.0,
            "i_offset": 0.5,
            "e_rev_E": 0.0,
            "e_rev_I": -80.0,
            "tau_syn_E": 3.0,
            "tau_syn_I": 7.0,
            "tau_sfa": 60.0,
            "e_rev_sfa": -70.0,
            "q_sfa": 14.0,
            "tau_rr": 3.0,
            "e_rev_rr": -72.0,
            "q_rr": 60.0,
        },
    ),
}
SCALED = {"cm": 1000.0, "i_offset": 1000.0, "b": 1000.0}
NAMES = {
    "cm": "C_m",
    "tau_refrac": "t_ref",
    "v_rest": "E_L",
    "v_reset": "V_reset",
    "v_thresh": "V_th",
    "v_spike": "V_peak",
    "i_offset": "I_e",
    "delta_T": "Delta_T",
    "e_rev": "E_rev",
    "e_rev_E": "E_ex",
    "e_rev_I": "E_in",
    "tau_syn_E": "tau_syn_ex",
    "tau_syn_I": "tau_syn_in",
    "e_rev_sfa": "E_sfa",
    "e_rev_rr": "E_rr",
}


def record(model, name, parameters):
    """Voltages and spikes of NEST's `model` over 100 ms."""
    nest.ResetKernel()
    nest.set(resolution=DT, print_time=False)
    given = {**MEMBRANE, **parameters}
    native = {NAMES.get(k, k): scaled(k, v) for k, v in given.items()}
    if "psc" not in model:
        native["g_L"] = given["cm"] * 1000 / native.pop("tau_m")
    neuron = nest.Create(model, params={**native, "V_m": given["v_rest"]})
    spikes = nest.Create("spike_recorder")
    volts = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": EVERY})
    nest.Connect(neuron, spikes)
    nest.Connect(volts, neuron)
    ports = "multi" in name
    pulses = [p for p in PULSES if ports or p[1] < 2]
    for at, receptor, weight in pulses:
        source = nest.Create("spike_generator", params={"spike_times": [at - 1.0]})
        sign = -1.0 if receptor == 1 and not ports else 1.0
        synapse = {"weight": weight * 1000 * sign, "delay": 1.0}
        if ports:
            synapse["receptor_type"] = receptor + 1
        nest.Connect(source, neuron, syn_spec=synapse)
    nest.Simulate(100.0)
    return {
        "parameters": given,
        "pulses": pulses,
        "v": [float(v) for v in volts.events["V_m"]],
        "spikes": [round(float(t), 6) for t in spikes.events["times"]],
    }


def scaled(name, value):
    """A value in NEST's unit."""
    return value * SCALED[name] if name in SCALED else value


out = {
    "origin": "NEST",
    "nest": nest.__version__,
    "script": "tests/golden/multi.py",
    "dt": DT,
    "every": EVERY,
    **{name: record(model, name, parameters) for name, (model, parameters) in MODELS.items()},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
