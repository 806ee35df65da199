#!/usr/bin/env python3
"""A network kept as a SONATA circuit: written, looked at as other tools see it, read again and run.

Usage: sonata_network.py [--folder DIR] [--ms MS] [--pictures FOLDER]
"""

import tempfile
from pathlib import Path

import h5py
import numpy as np
import ranvier
from pictures import options, picture


def build(ms):
    """80 excitatory and 20 inhibitory neurons under 40 given spike trains."""
    rng = np.random.default_rng(3)
    net = ranvier.Network(dt=0.1, seed=1)
    trains = [np.sort(rng.uniform(0.1, ms, rng.poisson(0.04 * ms))) for _ in range(40)]
    source = net.population("spike_source_array", 40, name="input", spike_times=trains)
    exc = net.population("if_curr_exp", 80, name="exc", tau_m=ranvier.normal(15, 1, low=5))
    inh = net.population("if_curr_exp", 20, name="inh", tau_m=10)
    for target in (exc, inh):
        net.project(source, target, ranvier.fixed_indegree(20), weight=0.3, delay=1)
        net.project(exc, target, ranvier.fixed_probability(0.1), weight=0.4, delay=1.5)
        net.project(inh, target, ranvier.fixed_probability(0.2), weight=-1.0, delay=1)
    return net


def main():
    parser = options(__doc__)
    parser.add_argument(
        "--folder", help="of the circuit, must not exist (default: a temporary one)"
    )
    parser.add_argument("--ms", type=float, default=300.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.folder or Path(temporary) / "circuit")
        built = build(arguments.ms)
        built.save_sonata(folder)
        with h5py.File(folder / "network/edges.h5") as file:
            for name, edges in file["edges"].items():
                print(f"{name}: {len(edges['edge_type_id'])} edges")
        read = ranvier.Network.load(folder / "simulation_config.json")
    result, before = read.run(arguments.ms), built.run(arguments.ms)
    for name, spikes in result.spikes.items():
        same = np.array_equal(spikes.times, before.spikes[name].times)
        print(f"{name}: {spikes.rate():.1f} Hz, {'the same' if same else 'other'} spikes as before")
    if arguments.pictures:
        from ranvier import plot

        with picture(arguments.pictures, "sonata_network", rows=2) as axes:
            plot.raster(result, axes[0])
            plot.rates(result, axes[1], bin=5.0)


if __name__ == "__main__":
    main()
