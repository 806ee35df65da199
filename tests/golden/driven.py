"""What the recordings of one NEST neuron share: a spike recorder, a voltmeter and arrivals at given times."""

import nest


def run_driven(neuron, pulses, scale, every, duration):
    """Voltages and spikes of `neuron` over `duration` ms.

    `pulses`: (time in ms, weight) of the arrivals; `scale`: from our weight to NEST's; `every`: ms
    between two voltages.
    """
    spikes = nest.Create("spike_recorder")
    volts = nest.Create("multimeter", params={"record_from": ["V_m"], "interval": every})
    nest.Connect(neuron, spikes)
    nest.Connect(volts, neuron)
    for at, weight in pulses:
        source = nest.Create("spike_generator", params={"spike_times": [at - 1.0]})
        nest.Connect(source, neuron, syn_spec={"weight": weight * scale, "delay": 1.0})
    nest.Simulate(duration)
    return {
        "v": [float(v) for v in volts.events["V_m"]],
        "spikes": [round(float(t), 6) for t in spikes.events["times"]],
    }
