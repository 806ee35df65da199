"""A simulation is saved, and goes on from what was saved to the bits of one that ran through."""

import numpy as np
import pytest

import ranvier


def saved_network(**run):
    """Renewal sources, drawn delays, plastic and stochastic synapses, noise: much that a state must hold."""
    net = ranvier.Network(dt=0.1, seed=5, **run)
    source = net.population("spike_source_gamma", 30, name="in", rate=60.0, shape=3.0)
    listed = net.population("spike_source_array", 2, name="listed", spike_times=[[5.0], []])
    exc = net.population("if_curr_exp", 60, name="exc", initial={"v": ranvier.normal(-60, 3)})
    delay = ranvier.uniform(1, 6)
    for pre, rule in ((source, "stdp_pair"), (exc, "tsodyks_markram"), (listed, "multi_quantal")):
        connector = ranvier.fixed_probability(0.4)
        net.project(pre, exc, connector, weight=0.5, delay=delay, synapse=rule, name=rule)
    net.stimulate(exc, ranvier.noise(0.2, 0.1))
    net.record(exc, "spikes")
    net.record(exc, "v", interval=1.0)
    return net


@pytest.mark.parametrize("storage", ["exact", "compact"])
def test_a_saved_simulation_goes_on_to_the_same_bits(storage, tmp_path):
    file = tmp_path / "state.h5"
    net = saved_network(storage=storage)
    with net.simulation(threads=1) as sim:
        sim.run(30.0)
        sim["in"].rate = 90.0  # a renewal source goes on from where its train is
        sim["exc"][:5].v = -55.0
        sim.inject("listed", [1, 1], [31.0, 70.0])
        sim.run(10.0)
        sim.save(file)
        changed = sim.network
        whole = sim.run(60.0)
        digest = sim.state_digest()
    assert len(whole.spikes["exc"]) > 50
    for threads in (1, 2):
        with changed.simulation(threads=threads, resume=file) as sim:
            assert sim.now == 40.0
            rest = sim.run(60.0)
            assert (rest.begin, rest.end) == (40.0, 100.0)
            np.testing.assert_array_equal(rest.spikes["exc"].times, whole.spikes["exc"].times)
            np.testing.assert_array_equal(rest.spikes["exc"].neurons, whole.spikes["exc"].neurons)
            samples, expected = rest.samples("exc", "v"), whole.samples("exc", "v")
            np.testing.assert_array_equal(samples.times, expected.times)
            np.testing.assert_array_equal(samples.values, expected.values)
            assert sim.state_digest() == digest


@pytest.mark.parametrize("change", [{}, {"rate": 100.0}, {"stop": 100.0}])
def test_a_changed_poisson_stimulus_of_event_driven_neurons_goes_on_to_the_same_bits(
    change, tmp_path
):
    net = ranvier.Network(dt=0.1, seed=4)
    cells = net.population("if_curr_exp", 20, name="cells", advance="event")
    drive = net.stimulate(cells, ranvier.poisson(200.0, 2.0), stop=80.0)
    net.record("cells", "spikes")
    with net.simulation() as sim:
        sim.run(30.0)
        if change:
            sim.change(drive, **change)
        sim.save(tmp_path / "state.h5")
        changed = sim.network
        whole = sim.run(100.0)
        digest = sim.state_digest()
    assert len(whole.spikes["cells"]) > 20
    for threads in (1, 2):
        with changed.simulation(threads=threads, resume=tmp_path / "state.h5") as sim:
            rest = sim.run(100.0)
            np.testing.assert_array_equal(rest.spikes["cells"].times, whole.spikes["cells"].times)
            assert sim.state_digest() == digest


def test_a_state_is_saved_again_and_again_and_of_its_network_alone(tmp_path):
    file = tmp_path / "state.h5"
    net = saved_network()
    with net.simulation() as sim:
        with pytest.raises(ranvier.UsageError, match="nothing has run yet"):
            sim.save(file)
        sim.run(20.0, every=5.0, callback=lambda sim, part: sim.save(file))
        with pytest.raises(ranvier.IoError, match="nowhere"):
            sim.save(tmp_path / "nowhere" / "state.h5")
        end = sim.state_digest()
    assert [path.name for path in tmp_path.iterdir()] == ["state.h5"]
    with net.simulation(resume=file) as sim:
        assert (sim.now, sim.state_digest()) == (20.0, end)
    net.record("exc", "v", neurons=[1])
    with pytest.raises(ranvier.RangeError, match="belongs to another network"):
        net.simulation(resume=file)
    other = saved_network()
    with pytest.raises(ranvier.UsageError, match="run folder"):
        other.simulation(resume=file, output=tmp_path / "run")
    file.write_bytes(file.read_bytes()[:3000])
    with pytest.raises(ranvier.Error, match=r"state\.h5"):
        other.simulation(resume=file)
    with pytest.raises(ranvier.IoError, match=r"none\.h5"):
        other.simulation(resume=tmp_path / "none.h5")
