"""A thousand cycles of building, running and dropping keep the memory of the process."""

import gc

import ranvier

CYCLES = 1000


def resident_kib():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def cycle():
    net = ranvier.Network(dt=0.1)
    source = net.population("spike_source_poisson", 50, name="in", rate=100)
    cells = net.population("if_curr_exp", 50, name="cells", tau_m=[20.0] * 50)
    net.project(source, cells, ranvier.all_to_all(), weight=0.5, delay=1.0)
    net.record(cells, "spikes", "v")
    with net.simulation() as sim:
        sim.run(5.0)
        sim["cells"].v = -60.0
        result = sim.run(5.0)
    assert result.samples("cells", "v").values.shape == (50, 50)


def test_a_thousand_cycles_keep_the_memory():
    # One cycle holds over 100 KiB (2,500 synapses, 20 KiB of samples, columns): a leak of a tenth of it shows.
    for _ in range(200):
        cycle()
    gc.collect()
    before = resident_kib()
    for _ in range(CYCLES):
        cycle()
    gc.collect()
    assert resident_kib() - before < 10 * CYCLES
