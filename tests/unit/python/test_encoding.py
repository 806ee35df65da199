"""Codes from Python: encode and decode take and give back arrays of one shape; a network's source spikes as encode does; the
page docs/reference/codes.md is what the tables say."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import ranvier
from ranvier import encoding

ROOT = Path(__file__).resolve().parents[3]
RANDOM = np.random.default_rng(1)
EXACT = ["delta_modulation", "step_forward", "bsa", "rank_order", "rate_poisson"]


def test_the_codes_are_the_files_of_the_encoders_folder():
    files = (ROOT / "encoding/encoders").glob("*.cpp")
    assert encoding.codes() == sorted(file.stem for file in files)


@pytest.mark.parametrize("code", [c for c in encoding.codes() if c not in EXACT])
@pytest.mark.parametrize("shape", [(7,), (3, 7)])
def test_values_come_back_in_their_shape(code, shape):
    values = RANDOM.uniform(0.3, 1, shape)
    times, channels = encoding.encode(values, code, 400, gap=20)
    assert times.dtype == np.float64 and channels.dtype == np.int64
    assert np.all(np.diff(times) >= 0)
    back = encoding.decode(times, channels, shape, code, 400, gap=20)
    assert back.shape == shape
    assert np.max(np.abs(back - values)) < 0.02


@pytest.mark.parametrize("shape", [(50,), (50, 3), (2, 50, 3)])
@pytest.mark.parametrize("code", ["delta_modulation", "step_forward", "bsa"])
def test_signals_come_back_in_their_shape(code, shape):
    signal = 0.5 + 0.3 * np.sin(np.linspace(0, 3, np.prod(shape))).reshape(shape)
    back = encoding.decode(*encoding.encode(signal, code, 100), shape, code, 100)
    assert back.shape == shape


def test_a_poisson_code_depends_on_its_seed_alone():
    values = np.full((2, 20), 0.5)
    one, same, other = (encoding.encode(values, "rate_poisson", 500, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one[0], same[0])
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("code", encoding.codes())
def test_a_source_of_a_network_spikes_as_encode(code):
    signal = encoding.describe(code)["input"] != "value"
    values = RANDOM.uniform(0, 1, (2, 40, 3) if signal else (2, 3))
    times, channels = encoding.encode(values, code, 200, gap=10, seed=5)
    net = ranvier.Network(dt=0.1, seed=5)
    source = net.population(**encoding.source(values, code, 200, gap=10), name="in")
    net.record(source, "spikes")
    spikes = net.run(420).spikes["in"]
    assert len(times) > 0
    assert np.array_equal(spikes.times, times)
    assert np.array_equal(spikes.neurons, channels)
    again = ranvier.Network.from_document(net.to_document())
    assert np.array_equal(again.run(420).spikes["in"].times, times)


def test_a_reconstruction_has_the_rate_as_its_mean():
    times, channels = encoding.encode([0.2, 0.8], "rate_regular", 10_000)
    course = encoding.reconstruct(times, channels, 2, tau=50, dt=1, duration=10_000)
    assert course.shape == (10_000, 2)
    assert np.mean(course[1000:], axis=0) == pytest.approx([20, 80], rel=0.02)


def test_a_reconstruction_of_too_many_steps_is_refused():
    with pytest.raises(
        ranvier.CapacityError, match="dt: 1e-12 ms, makes 1e.21 steps of 1 channels"
    ):
        encoding.reconstruct([], [], 1, tau=1, dt=1e-12, duration=1e9)


def test_what_is_not_accepted_is_refused():
    with pytest.raises(ranvier.Error, match="did you mean"):
        encoding.encode([0.5], "ttfs_liner")
    with pytest.raises(ranvier.RangeError, match="no parameter"):
        encoding.encode([0.5], "isi", tau=3)
    with pytest.raises(ranvier.RangeError, match="3 axes; code isi takes"):
        encoding.encode(np.zeros((1, 1, 1)), "isi")
    with pytest.raises(ranvier.RangeError, match="channel 3"):
        encoding.decode([1.0], [3], (2,), "isi")
    with pytest.raises(ranvier.RangeError, match="sorted"):
        encoding.decode([2.0, 1.0], [0, 0], (2,), "isi")
    with pytest.raises(ranvier.RangeError, match="must lie in"):
        encoding.encode([[0.5, np.nan]], "isi")


def test_the_page_of_codes_is_what_its_script_makes_of_the_tables():
    path = ROOT / "scripts/make_codes_page.py"
    spec = importlib.util.spec_from_file_location("make_codes_page", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.PAGE.read_text() == script.page()
