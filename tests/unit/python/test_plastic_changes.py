"""Networks with plastic and dynamic synapses change between slices: synapses whose projection stays keep weights and traces."""

import numpy as np
import pytest

import ranvier

RULES = {
    "pairs": ranvier.synapse("stdp_pair", A_plus=0.05, A_minus=0.06),
    "axonal": ranvier.synapse("stdp_pair", A_plus=0.05, dendritic_delay_fraction=0.2),
    "vogels": ranvier.synapse("vogels_2011", eta=0.01, rho=5.0),
    "dynamic": ranvier.synapse("tsodyks_markram", U=ranvier.uniform(0.2, 0.6), tau_facil=80.0),
    "chance": ranvier.synapse("stochastic_tsodyks_markram", U=0.4, tau_facil=80.0),
    "quanta": ranvier.synapse("multi_quantal", U=ranvier.uniform(0.2, 0.6), n=3),
}


def network(storage="exact"):
    net = ranvier.Network(seed=3, storage=storage)
    net.population("spike_source_poisson", 40, name="in", rate=40.0)
    net.population("if_curr_exp", 30, name="cells", tau_refrac=3.0)
    net.stimulate("cells", ranvier.dc(0.8))
    for k, (name, rule) in enumerate(RULES.items()):
        connector = ranvier.fixed_probability(0.3)
        options = {"weight": 0.3, "delay": ranvier.uniform(1.0, 4.0), "synapse": rule}
        net.project("in", "cells", connector, name=name, stream=k, **options)
    return net


@pytest.mark.parametrize("storage", ["exact", "compact"])
def test_a_network_that_goes_on_as_it_was_gives_the_bits_of_one_left_alone(storage):
    with network(storage).simulation() as alone, network(storage).simulation(threads=2) as again:
        expected = alone.run(90.0)
        parts = []
        for ms in (7.3, 30.2, 22.5):
            parts.append(again.run(ms))
            again.rebuild(again.network)
        parts.append(again.run(30.0))
        trains = [part.spikes["cells"].times for part in parts]
        np.testing.assert_array_equal(np.concatenate(trains), expected.spikes["cells"].times)
        assert len(expected.spikes["cells"]) > 100
        assert again.state_digest() == alone.state_digest()


def test_parts_are_added_and_weights_recorded_without_touching_the_synapses_that_stay():
    first, second = network(), network()
    with first.simulation() as alone, second.simulation() as again:
        alone.run(100.0)
        again.run(50.0)
        net = again.network
        net.population("if_curr_delta", 5, name="more")
        net.project("cells", "more", ranvier.all_to_all(), weight=0.1, synapse="stdp_pair")
        net.projections[0].record(interval=10.0)
        again.rebuild(net)
        frames = again.run(50.0).samples(net.projections[0], "weight")
        np.testing.assert_array_equal(frames.times, np.arange(50.0, 101.0, 10.0))
        for before, after in zip(first.projections, net.projections, strict=False):
            assert before.name == after.name
            np.testing.assert_array_equal(again[after].weights, alone[before].weights)
        np.testing.assert_array_equal(frames.values[-1], again[net.projections[0]].weights)
        assert len(np.unique(frames.values)) > 100


def use_of(weight, times, delay=1.0, **parameters):
    """What a Tsodyks-Markram synapse delivers at every spike: jumps of a membrane without leak."""
    net = ranvier.Network(storage="exact")
    net.population("spike_source_array", 1, name="in", spike_times=[times])
    net.population("if_curr_delta", 1, name="cell", tau_m=1e12, v_thresh=1e9)
    net.project(
        "in", "cell", ranvier.all_to_all(), weight=weight, delay=delay, name="dynamic",
        synapse=ranvier.synapse("tsodyks_markram", **parameters),
    )  # fmt: skip
    return net


def test_traces_go_on_when_a_parameter_becomes_each_synapses_own_and_back():
    times = [10.0, 30.0, 50.0, 70.0]
    alike = {"U": 0.5, "tau_rec": 100.0, "tau_psc": 3.0}
    own = {**alike, "U": [0.5]}  # an array, yet the same number
    forms = [alike, own, alike]
    with (
        use_of(1.0, times, **alike).simulation() as alone,
        use_of(1.0, times, **alike).simulation() as changed,
    ):
        alone.run(90.0)
        for k, form in enumerate(forms):
            changed.run(20.0 if k else 15.0)
            changed.rebuild(use_of(1.0, times, **form))
        changed.run(90.0 - changed.now)
        np.testing.assert_allclose(changed["cell"].v, alone["cell"].v, rtol=1e-13)
        # Closed form, tau_psc > 0: less than the sum of four full releases.
        assert 0.5 < alone["cell"].v[0] + 65 < 1.6


def test_a_changed_parameter_counts_from_the_next_spike_on():
    # Tsodyks, Uziel & Markram 2000 without facilitation: the second spike finds x = 1 - U e^(-t/tau_rec).
    first, second = 0.5, 0.8
    pulse = {"tau_rec": 100.0, "tau_psc": 1e-9}
    with use_of(1.0, [10.0, 30.0], U=first, **pulse).simulation() as sim:
        sim.run(20.0)
        sim.rebuild(use_of(2.0, [10.0, 30.0], U=second, **pulse))  # the weight stays 1
        sim.run(20.0)
        sent = first + second * (1 - first * np.exp(-20.0 / 100.0))
        np.testing.assert_allclose(sim["cell"].v[0] + 65, sent, rtol=1e-9)


def test_a_spike_on_its_way_arrives_as_strong_as_it_was_sent():
    with use_of(1.0, [10.0], delay=5.0, U=0.5, tau_rec=100.0).simulation() as sim:
        sim.run(12.0)
        sim.rebuild(use_of(1.0, [10.0], delay=9.0, U=0.9, tau_rec=100.0))
        sim.run(3.1)
        np.testing.assert_allclose(sim["cell"].v[0] + 65, 0.5, rtol=1e-9)
        sim.run(10.0)
        np.testing.assert_allclose(sim["cell"].v[0] + 65, 0.5, rtol=1e-9)


def test_a_projection_of_another_rule_begins_anew():
    first = network()
    with first.simulation() as sim:
        sim.run(60.0)
        moved = sim[first.projections[2]].weights
        document = sim.network.to_document()
        document["projections"][0]["synapse"] = "vogels_2011"
        net = ranvier.Network.from_document(document)
        sim.rebuild(net)
        np.testing.assert_array_equal(sim[net.projections[0]].weights, 0.3)
        np.testing.assert_array_equal(sim[net.projections[2]].weights, moved)
        assert len(np.unique(moved)) > 10


def test_delays_cannot_change_while_spikes_wait_for_postsynaptic_ones():
    net = ranvier.Network()
    net.population("spike_source_array", 1, name="in", spike_times=[[10.0]])
    net.population("if_curr_delta", 1, name="cell")
    rule = ranvier.synapse("stdp_pair", dendritic_delay_fraction=0.0)
    net.project(
        "in", "cell", ranvier.all_to_all(), weight=1.0, delay=5.0, name="slow", synapse=rule
    )
    document = net.to_document()
    document["projections"][0]["delay"] = 3.0
    other = ranvier.Network.from_document(document)
    with net.simulation() as sim:
        sim.run(12.0)
        with pytest.raises(ranvier.UnsupportedError, match='"slow": connections and delays'):
            sim.rebuild(other)
        sim.rebuild(sim.network)
        sim.run(8.0)
        sim.rebuild(other)
        sim.run(1.0)
