"""Frames, voxel grids and time surfaces are those of tonic 1.7.0 (tests/golden/tonic_events.npz); HOTS's surfaces follow its
equation written out."""

from pathlib import Path

import numpy as np
import pytest
from ranvier import CapacityError, RangeError, UsageError, events

TONIC = np.load(Path(__file__).resolve().parents[2] / "golden/tonic_events.npz")
SENSOR = (48, 40)
WINDOW = int(TONIC["window"])
GIVEN = np.zeros(TONIC["events"].shape[1], events.EVENT)
GIVEN["t"], GIVEN["x"], GIVEN["y"], GIVEN["p"] = TONIC["events"]


@pytest.mark.parametrize(
    ("name", "cut"),
    [("window", {"window": WINDOW}), ("count", {"count": 100}), ("bins", {"bins": 4})],
)
def test_frames_are_tonics(name, cut):
    found = events.frames(GIVEN, SENSOR, **cut)
    assert found.shape[1:] == (2, 40, 48)
    np.testing.assert_array_equal(found, TONIC[f"frames {name}"])


def test_the_voxel_grid_is_tonics():
    found = events.voxel_grid(GIVEN, SENSOR, 5)
    np.testing.assert_allclose(found, TONIC["voxel grid"][:, 0], rtol=0, atol=1e-12)


def test_time_surfaces_are_tonics():
    found = events.time_surfaces(GIVEN, SENSOR, window=WINDOW, tau=3000.0)
    np.testing.assert_allclose(found, TONIC["time surfaces"], rtol=1e-13, atol=0)


def test_hots_surfaces_are_its_equation():
    given, radius, tau = GIVEN[:200], 2, 5000.0
    found = events.hots_surfaces(given, SENSOR, radius=radius, tau=tau)
    assert found.shape == (200, 2, 5, 5)
    latest = np.full((2, 40 + 2 * radius, 48 + 2 * radius), -np.inf)
    for surface, (t, x, y, p) in zip(found, given.tolist(), strict=True):
        latest[int(p), y + radius, x + radius] = t
        around = latest[:, y : y + 2 * radius + 1, x : x + 2 * radius + 1]
        np.testing.assert_allclose(surface, np.exp(-(t - around) / tau), rtol=1e-6)
        assert surface[int(p), radius, radius] == 1


def test_recordings_without_events_or_length():
    none, one = GIVEN[:0], GIVEN[:1]
    assert events.frames(none, SENSOR, window=10).shape == (0, 2, 40, 48)
    assert events.frames(none, SENSOR, bins=3).sum() == 0
    assert events.frames(one, SENSOR, count=1).sum() == 1
    assert events.time_surfaces(none, SENSOR, window=10, tau=1.0).shape == (0, 2, 40, 48)
    assert events.time_surfaces(one, SENSOR, window=10, tau=10.0).max() == np.exp(-1.0)
    assert events.voxel_grid(none, SENSOR, 2).shape == (2, 40, 48)
    assert np.abs(events.voxel_grid(one, SENSOR, 2)).sum() == 1


def test_what_does_not_fit_is_refused():
    with pytest.raises(UsageError, match="one of window, count and bins"):
        events.frames(GIVEN, SENSOR, window=10, count=3)
    with pytest.raises(UsageError, match="window: 2.5, must be a whole number"):
        events.frames(GIVEN, SENSOR, window=2.5)
    with pytest.raises(RangeError, match="rate: nan Hz"):
        events.hot_pixels(GIVEN, np.nan)
    with pytest.raises(RangeError, match="window: 0"):
        events.frames(GIVEN, SENSOR, window=0)
    with pytest.raises(RangeError, match="step back"):
        events.frames(GIVEN[::-1], SENSOR, window=10)
    with pytest.raises(RangeError, match="outside the sensor of 10 x 10"):
        events.frames(GIVEN, (10, 10), count=100)
    with pytest.raises(RangeError, match="tau: 0"):
        events.time_surfaces(GIVEN, SENSOR, window=10, tau=0.0)
    with pytest.raises(RangeError, match="radius: -1"):
        events.hots_surfaces(GIVEN, SENSOR, radius=-1, tau=1.0)
    with pytest.raises(RangeError, match="bins: 0"):
        events.voxel_grid(GIVEN, SENSOR, 0)
    with pytest.raises(CapacityError, match="more than 69 GB"):
        events.voxel_grid(GIVEN, (60_000, 60_000), 1000)
