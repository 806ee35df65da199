"""Pictures show what they say, with labels and units."""

import numpy as np
import pytest
import ranvier

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from ranvier import plot  # noqa: E402


@pytest.fixture(scope="module")
def net():
    net = ranvier.Network(seed=4)
    source = net.population("spike_source_poisson", 50, name="in", rate=60)
    exc = net.population("if_curr_exp", 20, name="exc")
    inh = net.population("if_curr_exp", 10, name="inh")
    net.project(source, exc, ranvier.fixed_probability(0.5), weight=0.7, delay=1.5)
    net.project(source, inh, ranvier.fixed_probability(0.5), weight=0.7, delay=1.5)
    net.record(exc, "spikes", "v")
    net.record(inh, "spikes")
    return net


@pytest.fixture(scope="module")
def result(net):
    return net.run(300.0)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


def test_a_raster_has_a_dot_a_spike_and_a_band_a_population(result):
    ax = plot.raster(result)
    assert [len(line.get_xdata()) for line in ax.lines] == [
        len(result.spikes["exc"]),
        len(result.spikes["inh"]),
    ]
    assert min(ax.lines[1].get_ydata()) >= 20
    assert ax.get_xlabel() == "time (ms)"
    thinned = plot.raster(result, most=100)
    assert sum(len(line.get_xdata()) for line in thinned.lines) <= 102
    assert "1 of" in thinned.get_title()


def test_rates_integrate_to_the_counts(result):
    ax = plot.rates(result, bin=20.0)
    values = ax.patches[0].get_data().values
    assert np.sum(values) * 20 * 0.02 == pytest.approx(len(result.spikes["exc"]))
    assert ax.get_ylabel() == "rate (Hz)"
    with pytest.raises(ranvier.Error):
        plot.rates(result, bin=0)


def test_traces_are_the_samples(result):
    samples = result.samples("exc", "v")
    ax = plot.traces(samples, neurons=[3, 7])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), samples.values[:, 7])
    assert ax.get_ylabel() == "v (mV)"
    assert len(plot.traces(samples).lines) == 5


def test_histograms_count_every_value(result):
    spikes = result.spikes["exc"]
    ax = plot.intervals(spikes)
    assert sum(bar.get_height() for bar in ax.patches) == len(spikes.intervals())
    assert ax.get_xlabel() == "interval (ms)"
    assert (
        sum(bar.get_height() for bar in plot.cv(spikes).patches) == np.isfinite(spikes.cv()).sum()
    )


def test_a_connectivity_matrix_holds_the_weights(net):
    ax = plot.connectivity(net, "in", net["exc"])
    made = net.projections[0].connections()
    matrix = ax.images[0].get_array()
    assert matrix.shape == (50, 20)
    assert np.count_nonzero(matrix) == len(made)
    assert float(matrix.sum()) == pytest.approx(0.7 * len(made))


@pytest.mark.parametrize("draw", [plot.raster, plot.rates, plot.traces, plot.intervals, plot.cv])
def test_what_is_not_to_be_drawn_is_named(draw):
    with pytest.raises(TypeError, match="a int, must be (Result|Samples|Spikes) such as"):
        draw(3)
