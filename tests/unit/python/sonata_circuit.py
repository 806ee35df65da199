"""A network of what SONATA can say, written as a circuit by the tests and for tests/golden/sonata_pointnet.py."""

import numpy as np
import ranvier


def trains():
    """Spike times (ms) of the sources, sorted."""
    rng = np.random.default_rng(2)
    return [np.sort(rng.uniform(0.1, 60, 30)) for _ in range(20)]


def network():
    net = ranvier.Network(dt=0.1, seed=5)
    source = net.population("spike_source_array", 20, name="in", spike_times=trains())
    exc = net.population(
        "if_curr_exp",
        50,
        name="exc",
        cm=0.31,
        tau_m=ranvier.normal(15, 2, low=5),
        i_offset=np.linspace(0.1, 0.37, 50),
        initial={"v": ranvier.uniform(-65, -55)},
    )
    inh = net.population("if_cond_exp", 12, name="inh", tau_m=17.3, e_rev_I=-80)
    net.population("izhikevich", 3, name="izh", i_offset=0.01)
    net.project(source, exc, ranvier.fixed_probability(0.3), weight=1.3, delay=0.7)
    net.project(source, inh, ranvier.fixed_indegree(8), weight=ranvier.uniform(0.01, 0.05), delay=1)
    net.project(exc, inh, ranvier.fixed_probability(0.4), weight=0.013, delay=ranvier.uniform(1, 3))
    net.project(inh, exc, ranvier.all_to_all(), weight=-0.37, delay=1.1, receptor="inhibitory")
    net.project(inh, inh, ranvier.fixed_outdegree(4), weight=0.02, delay=1, receptor="inhibitory")
    net.record(exc, "v", neurons=[3, 7], interval=0.5)
    for p in (exc, inh, "izh"):
        net.record(p, "spikes")
    return net
