"""Results open in neo, pandas and elephant; elephant's CV and correlations are ours."""

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


def elephants_correlations(trains, bin):
    conversion = pytest.importorskip("elephant.conversion")
    correlation = pytest.importorskip("elephant.spike_train_correlation")
    quantities = pytest.importorskip("quantities")
    binned = conversion.BinnedSpikeTrain(trains, bin_size=bin * quantities.ms)
    return correlation.correlation_coefficient(binned)


def test_the_correlations_are_elephants(result):
    ours = result.spikes["exc"].correlations(bin=5.0)
    trains = result.to_neo().segments[0].spiketrains
    np.testing.assert_allclose(ours, elephants_correlations(trains, 5.0), atol=1e-12)
    assert np.abs(ours[np.triu_indices(20, 1)]).mean() > 0.05  # common input


def test_elephant_reads_the_run_folder_as_we_do(tmp_path):
    h5py = pytest.importorskip("h5py")
    neo = pytest.importorskip("neo")
    statistics = pytest.importorskip("elephant.statistics")
    net = ranvier.Network(seed=4)
    source = net.population("spike_source_poisson", 50, name="in", rate=60)
    exc = net.population("if_curr_exp", 20, name="exc")
    net.project(source, exc, ranvier.fixed_probability(0.5), weight=0.7, delay=1.5)
    net.record(exc, "spikes")
    spikes = net.run(400.0, output=tmp_path / "out").spikes["exc"]
    with h5py.File(tmp_path / "out/spikes.h5") as file:
        times, nodes = (file[f"spikes/exc/{name}"][:] for name in ("timestamps", "node_ids"))
    trains = [neo.SpikeTrain(times[nodes == k], units="ms", t_stop=400.0) for k in range(20)]
    cv = [float(statistics.cv(statistics.isi(train))) for train in trains]
    np.testing.assert_allclose(spikes.cv(), cv, rtol=1e-12)
    expected = elephants_correlations(trains, 5.0)
    np.testing.assert_allclose(spikes.correlations(bin=5.0), expected, atol=1e-12)


def test_a_bin_of_nothing_is_refused(result):
    with pytest.raises(ranvier.RangeError, match="bin: 0"):
        result.spikes["exc"].correlations(bin=0)
