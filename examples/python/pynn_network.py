#!/usr/bin/env python3
"""A PyNN script: a small network of conductance-based neurons; another backend's name in the import runs it there.

Usage: pynn_network.py [--ms MS] [--pictures FOLDER]
"""

import pyNN.ranvier as sim
from pictures import options, picture
from pyNN.random import NumpyRNG


def main():
    parser = options(__doc__)
    parser.add_argument("--ms", type=float, default=200.0)
    arguments = parser.parse_args()
    sim.setup(timestep=0.1)
    rng = NumpyRNG(seed=42)
    source = sim.Population(50, sim.SpikeSourcePoisson(rate=40.0), label="input")
    cells = sim.Population(80, sim.IF_cond_exp(tau_m=15.0, v_thresh=-52.0), label="cells")
    exc, inh = cells[:60], cells[60:]
    sparse = sim.FixedProbabilityConnector(0.2, rng=rng)
    sim.Projection(source, cells, sparse, sim.StaticSynapse(weight=0.01, delay=1.0))
    sim.Projection(exc, cells, sparse, sim.StaticSynapse(weight=0.002, delay=1.5))
    sim.Projection(
        inh, cells, sparse, sim.StaticSynapse(weight=0.02, delay=1.0), receptor_type="inhibitory"
    )
    cells.record("spikes")
    cells[:2].record("v")
    sim.run(arguments.ms)
    segment = cells.get_data().segments[0]
    spikes = sum(len(train) for train in segment.spiketrains)
    print(f"{spikes} spikes, {spikes / 80 / arguments.ms * 1e3:.1f} Hz")
    v = segment.analogsignals[0]
    print(f"membrane potentials: {v.shape}")
    if arguments.pictures:
        with picture(arguments.pictures, "pynn_network", rows=2, sharex=True) as axes:
            axes[0].eventplot([train.rescale("ms").magnitude for train in segment.spiketrains])
            axes[0].set_ylabel("cell")
            axes[1].plot(v.times.rescale("ms"), v)
            axes[1].set(xlabel="time (ms)", ylabel="membrane potential (mV)")
    sim.end()
    if spikes == 0:
        raise SystemExit("the network is silent")


if __name__ == "__main__":
    main()
