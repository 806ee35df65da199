#!/usr/bin/env python3
"""A random network of excitatory and inhibitory neurons in the asynchronous irregular state, from Python.

Leaky integrate-and-fire neurons with current pulses and delay, after Brunel, J. Comput. Neurosci. 8 (2000): strong
inhibition (g = 6) and external input a fifth above the threshold rate give irregular firing (CV 0.7).

Usage: balanced_network.py [--size N] [--ms MS] [--threads N] [--pictures FOLDER]
"""

import numpy as np
import ranvier
from pictures import options, picture

J, G, DELAY = 0.5, 6.0, 1.5  # mV, -, ms
TAU_M, THETA = 20.0, 20.0  # ms, mV
EPSILON = 0.1  # connection probability


def build(n_exc, seed=1):
    """The network of n_exc excitatory and a quarter as many inhibitory neurons."""
    n_inh = n_exc // 4
    in_exc, in_inh = int(EPSILON * n_exc), int(EPSILON * n_inh)
    cell = {"tau_m": TAU_M, "v_rest": 0, "v_reset": 10, "v_thresh": THETA, "tau_refrac": 2}
    net = ranvier.Network(dt=0.1, seed=seed)
    exc = net.population(
        "if_curr_delta", n_exc, name="exc", initial={"v": ranvier.uniform(0, 20)}, **cell
    )
    inh = net.population(
        "if_curr_delta", n_inh, name="inh", initial={"v": ranvier.uniform(0, 20)}, **cell
    )
    for target in (exc, inh):
        net.project(exc, target, ranvier.fixed_indegree(in_exc), weight=J, delay=DELAY)
        net.project(inh, target, ranvier.fixed_indegree(in_inh), weight=-G * J, delay=DELAY)
        threshold_rate = THETA / (J * TAU_M) * 1e3  # Hz, of all external synapses together
        net.stimulate(target, ranvier.poisson(1.2 * threshold_rate, weight=J))
        net.record(target, "spikes")
    net.record(exc, "v", neurons=range(3))
    return net


def main():
    parser = options(__doc__)
    parser.add_argument("--size", type=int, default=800, help="excitatory neurons")
    parser.add_argument("--ms", type=float, default=500.0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    net = build(arguments.size)
    result = net.run(arguments.ms, threads=arguments.threads)
    for name, spikes in result.spikes.items():
        print(f"{name}: {spikes.rate():.1f} Hz, CV {np.nanmean(spikes.cv()):.2f}")
    if arguments.pictures:
        from ranvier import plot

        with picture(arguments.pictures, "balanced_network", rows=3) as axes:
            plot.raster(result, axes[0])
            plot.rates(result, axes[1], bin=5.0)
            plot.traces(result.samples("exc", "v"), axes[2])


if __name__ == "__main__":
    main()
