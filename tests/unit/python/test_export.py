"""Results open in neo, pandas and elephant; elephant's CV is ours."""

import numpy as np
import pytest
import ranvier


@pytest.fixture(scope="module")
def result():
    net = ranvier.Network(seed=4)
    source = net.population("spike_source_poisson", 50, name="in", rate=60)
    exc = net.population("if_curr_exp", 20, name="exc")
    net.project(source, exc, ranvier.fixed_probability(0.5), weight=0.7, delay=1.5)
    net.record(exc, "spikes", "v", "refractory", neurons=[0, 3], interval=0.5)
    return net.run(400.0)


def test_a_block_of_neo_holds_trains_and_signals(result):
    neo = pytest.importorskip("neo")
    segment = result.to_neo().segments[0]
    assert isinstance(segment.spiketrains[0], neo.SpikeTrain)
    assert len(segment.spiketrains) == 20
    for neuron, train in enumerate(segment.spiketrains):
        np.testing.assert_array_equal(train.magnitude, result.spikes["exc"].train(neuron))
        assert train.annotations["neuron"] == neuron
    signal = segment.analogsignals[0]
    assert signal.shape == (801, 2) and str(signal.units.dimensionality) == "mV"
    np.testing.assert_array_equal(signal.magnitude, result.samples("exc", "v").values)
    np.testing.assert_allclose(signal.times.rescale("ms").magnitude, np.arange(801) * 0.5)


def test_tables_of_pandas_hold_every_spike_and_sample(result):
    pytest.importorskip("pandas")
    tables = result.to_pandas()
    assert set(tables) == {"spikes", "exc/v", "exc/refractory"}
    assert len(tables["spikes"]) == len(result.spikes["exc"])
    assert list(tables["exc/v"].columns) == [0, 3]
    assert tables["exc/v"].index.name == "time"


def test_the_cv_is_elephants(result):
    statistics = pytest.importorskip("elephant.statistics")
    trains = result.to_neo().segments[0].spiketrains
    ours = result.spikes["exc"].cv()
    for neuron, train in enumerate(trains):
        assert len(train) >= 3
        expected = statistics.cv(statistics.isi(train))
        assert ours[neuron] == pytest.approx(float(expected), rel=1e-12)
