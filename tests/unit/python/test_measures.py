"""Measures of spike trains against elephant, where it has them, and recordings of PySpike (tests/golden)."""

import json
import warnings
from pathlib import Path

import elephant.spike_train_correlation
import elephant.spike_train_dissimilarity
import elephant.statistics
import neo
import numpy as np
import pytest
import quantities as pq
import ranvier
from elephant.conversion import BinnedSpikeTrain
from ranvier import measures

GOLDEN = json.loads(
    (Path(__file__).resolve().parents[2] / "golden/spike_distances.json").read_text()
)
END = 2000.0
RANDOM = np.random.default_rng(11)
TRAINS = [np.sort(RANDOM.uniform(0, END, n)) for n in (80, 60, 33, 5, 3)]
NEO = [neo.SpikeTrain(train, t_stop=END, units="ms") for train in TRAINS]


def test_rates_and_counts_are_elephants():
    rates = [float(elephant.statistics.mean_firing_rate(t).rescale("Hz")) for t in NEO]
    assert measures.rate(TRAINS, 0, END) == pytest.approx(rates)
    assert measures.fano_factor(TRAINS, 0, END) == pytest.approx(
        elephant.statistics.fanofactor(NEO)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = elephant.statistics.time_histogram(NEO, 25 * pq.ms, output="rate")
    psth = measures.psth(TRAINS, 25, 0, END)
    assert psth == pytest.approx(expected.rescale("Hz").magnitude[:, 0])


@pytest.mark.parametrize("name", ["cv", "cv2", "lv"])
def test_measures_of_intervals_are_elephants(name):
    expected = [getattr(elephant.statistics, name)(np.diff(train)) for train in TRAINS]
    assert getattr(measures, name)(TRAINS) == pytest.approx(expected, rel=1e-12)


def test_a_histogram_of_intervals_is_numpys():
    intervals = np.concatenate([np.diff(train) for train in TRAINS])
    expected, _ = np.histogram(intervals, np.arange(0, 101, 5))
    assert np.array_equal(measures.isi_histogram(TRAINS, 5, 100), expected)


@pytest.mark.parametrize("bin", [5, 40])
def test_correlations_are_elephants(bin):
    binned = BinnedSpikeTrain(NEO, bin_size=bin * pq.ms)
    covariance = elephant.spike_train_correlation.covariance(binned)
    correlation = elephant.spike_train_correlation.correlation_coefficient(binned)
    assert measures.covariance(TRAINS, bin, 0, END) == pytest.approx(covariance, abs=1e-12)
    assert measures.correlation(TRAINS, bin, 0, END) == pytest.approx(correlation, abs=1e-12)


def test_what_lies_beyond_the_end_or_the_last_whole_bin_is_left_out():
    begin, end, bin = 100.0, 1010.0, 40
    cut = [train[(train > begin) & (train <= end)] for train in TRAINS]
    whole = [neo.SpikeTrain(t[t <= 980], t_start=begin, t_stop=980, units="ms") for t in cut]
    binned = BinnedSpikeTrain(whole, bin_size=bin * pq.ms)
    covariance = elephant.spike_train_correlation.covariance(binned)
    assert measures.covariance(TRAINS, bin, begin, end) == pytest.approx(covariance, abs=1e-12)
    correlation = elephant.spike_train_correlation.correlation_coefficient(binned)
    found = measures.correlation(TRAINS, bin, begin, end)
    assert found == pytest.approx(correlation, abs=1e-12, nan_ok=True)
    counts, edges = np.histogram(np.concatenate(cut), [*np.arange(begin, end, bin), end])
    rates = counts / np.diff(edges) * 1e3 / len(TRAINS)
    assert measures.psth(TRAINS, bin, begin, end) == pytest.approx(rates)
    assert measures.psth([[10.5]], 3, 0, 10).sum() == 0
    assert measures.psth([[1.0, 2.0]], 20, 0, 10) == pytest.approx([200])


@pytest.mark.parametrize("tau", [2.0, 50.0])
def test_van_rossum_distances_are_elephants(tau):
    distance = elephant.spike_train_dissimilarity.van_rossum_distance
    expected = distance(NEO, time_constant=tau * pq.ms)
    assert measures.van_rossum_distance(TRAINS, tau) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("cost", [0.0, 0.01, 0.2, 50.0])
def test_victor_purpura_distances_are_elephants(cost):
    distance = elephant.spike_train_dissimilarity.victor_purpura_distance
    expected = distance(NEO, cost_factor=cost / pq.ms)
    assert measures.victor_purpura_distance(TRAINS, cost) == pytest.approx(expected)


@pytest.mark.parametrize("name", ["isi", "spike"])
def test_isi_and_spike_distances_are_pyspikes(name):
    trains = [np.array(train) for train in GOLDEN["trains"]]
    distance = {"isi": measures.isi_distance, "spike": measures.spike_distance}[name]
    matrix = distance(trains, GOLDEN["begin"], GOLDEN["end"])
    assert matrix == pytest.approx(np.array(GOLDEN[name]), rel=1e-9, abs=1e-12)


def test_a_million_spikes_take_no_python_loop():
    trains = [np.sort(RANDOM.uniform(0, 1e6, 250_000)) for _ in range(4)]
    assert measures.cv(trains) == pytest.approx(np.ones(4), abs=0.02)
    assert measures.van_rossum_distance(trains, 10).shape == (4, 4)
    assert abs(measures.correlation(trains, 10, 0, 1e6)[0, 1]) < 0.02


def test_results_spikes_and_arrays_are_taken_alike():
    net = ranvier.Network(dt=0.1, seed=2)
    net.record(net.population("spike_source_poisson", 5, name="in", rate=100), "spikes")
    result = net.run(1000)
    spikes = result.spikes["in"]
    for given in (result, spikes, spikes.trains()):
        assert np.array_equal(measures.cv(given), spikes.cv(), equal_nan=True)
    assert np.array_equal(measures.rate(result), spikes.rates())
    assert np.array_equal(measures.rate(spikes.trains(), 0, 1000), spikes.rates())
    assert measures.cv(spikes.train(0)).shape == (1,)
    assert measures.psth(result, 100).shape == (10,)


def test_what_is_not_accepted_is_refused():
    with pytest.raises(ranvier.RangeError, match="end: missing"):
        measures.rate(TRAINS)
    with pytest.raises(ranvier.RangeError, match="times must rise"):
        measures.cv([np.array([2.0, 1.0])])
    for times in ([np.nan], [np.inf], [1.0, np.nan, 2.0]):
        with pytest.raises(ranvier.RangeError, match="train 1: spike . is at no finite time"):
            measures.cv([[1.0], times])
    with pytest.raises(ranvier.RangeError, match="tau"):
        measures.van_rossum_distance(TRAINS, 0)
    with pytest.raises(ranvier.RangeError, match="must lie in"):
        measures.spike_distance(TRAINS, 0, 10)
    with pytest.raises(ranvier.RangeError, match="bin"):
        measures.isi_histogram(TRAINS, 5, 1)
