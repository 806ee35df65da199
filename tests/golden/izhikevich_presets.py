"""Records spikes of Izhikevich's presets: from a transcript of the 2003 script, and from NEST.

Run:  python izhikevich_presets.py      (pip install nest-simulator==3.10.*)
Writes izhikevich_presets.json beside it.
Times are in ms. A turn t = 1, 2, ... of the published script finds its spikes before it moves,
that is at time t - 1.
"""

import json
from pathlib import Path

import nest

# Izhikevich 2003, figure 2: a, b, c, d.
PRESETS = {
    "RS": (0.02, 0.2, -65, 8),
    "IB": (0.02, 0.2, -55, 4),
    "CH": (0.02, 0.2, -50, 2),
    "FS": (0.1, 0.2, -65, 2),
    "TC": (0.02, 0.25, -65, 0.05),
    "RZ": (0.1, 0.26, -65, 2),
    "LTS": (0.02, 0.25, -65, 2),
}
DURATION = 400  # ms
CURRENT = 10.0  # the step of figure 2, on from the start


def published_script(a, b, c, d):
    """The loop printed in the paper, for one neuron with a constant input and no synapses."""
    v, u, times = -65.0, b * -65.0, []
    for t in range(1, DURATION + 2):
        if v >= 30:
            times.append(t - 1)
            v, u = c, u + d
        v = v + 0.5 * (0.04 * v**2 + 5 * v + 140 - u + CURRENT)
        v = v + 0.5 * (0.04 * v**2 + 5 * v + 140 - u + CURRENT)
        u = u + a * (b * v - u)
    return times


def in_nest(a, b, c, d, consistent, dt, pulses=()):
    """NEST's izhikevich; pulses are (arrival in ms, weight in mV)."""
    nest.ResetKernel()
    nest.set(resolution=dt, print_time=False)
    v, u = (-70.0, -14.0) if consistent else (-65.0, b * -65.0)
    values = {"a": a, "b": b, "c": c, "d": d, "V_th": 30.0, "V_m": v, "U_m": u, "I_e": CURRENT}
    neuron = nest.Create("izhikevich", params={**values, "consistent_integration": consistent})
    recorder = nest.Create("spike_recorder")
    nest.Connect(neuron, recorder)
    for at, weight in pulses:
        source = nest.Create("spike_generator", params={"spike_times": [at - 1.0]})
        nest.Connect(source, neuron, syn_spec={"weight": weight, "delay": 1.0})
    nest.Simulate(DURATION + 1.0)
    return [t for t in (round(float(t), 6) for t in recorder.events["times"]) if t <= DURATION]


PULSES = ((20.0, 12.0), (45.0, -20.0), (46.0, 9.0), (80.0, 15.0))
out = {
    "origin": "published script in Python; NEST izhikevich",
    "nest": nest.__version__,
    "script": "tests/golden/izhikevich_presets.py",
    "duration": DURATION,
    "current": CURRENT,
    "pulses": PULSES,
    "presets": {
        name: {
            "published": published_script(*values),
            "nest_2003": in_nest(*values, False, 1.0),
            "nest_2003_pulses": in_nest(*values, False, 1.0, PULSES),
            "nest": in_nest(*values, True, 0.1),
            "nest_pulses": in_nest(*values, True, 0.1, PULSES),
        }
        for name, values in PRESETS.items()
    },
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
