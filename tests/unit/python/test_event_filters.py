"""Filters and recordings from Python: each filter gives the events of tonic's transform of that name.

tests/golden/tonic_events.npz holds what tonic 1.7.0 gave (tonic_events.py beside it made it).
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from ranvier import Error, IoError, ParseError, RangeError, UsageError, events

ROOT = Path(__file__).resolve().parents[3]
RECORDING = ROOT / "examples/data/dvs_gesture_1.bin"
TONIC = np.load(ROOT / "tests/golden/tonic_events.npz")
SENSOR = (48, 40)


def from_rows(rows):
    made = np.zeros(rows.shape[1], events.EVENT)
    made["t"], made["x"], made["y"], made["p"] = rows
    return made


GIVEN = from_rows(TONIC["events"])


@pytest.mark.parametrize("text", [name for name in TONIC.files if ":" in name])
def test_a_filter_is_tonics_transform(text):
    found = events.filter(GIVEN, text, sensor=SENSOR)
    assert 0 < len(found)
    np.testing.assert_array_equal(found, from_rows(TONIC[text]))


def test_hot_pixels_are_those_that_tonic_finds():
    length = float(GIVEN["t"][-1] - GIVEN["t"][0]) * 1e-6
    hot = events.hot_pixels(GIVEN, 60 / length)
    assert len(hot) >= 1
    np.testing.assert_array_equal(hot, TONIC["hot_pixels"])
    text = "drop_pixels:" + "/".join(f"{x},{y}" for x, y in hot)
    np.testing.assert_array_equal(events.filter(GIVEN, text), from_rows(TONIC["drop_pixels"]))
    # In one pass the same pixels are cut, from the event on that exceeds the rate.
    window = int(GIVEN["t"][-1] - GIVEN["t"][0]) + 1
    left = events.filter(GIVEN, f"hot_pixel:{60.5e6 / window}Hz:window={window}us")
    for x, y in {(int(e["x"]), int(e["y"])) for e in GIVEN}:
        n = np.sum((GIVEN["x"] == x) & (GIVEN["y"] == y))
        kept = np.sum((left["x"] == x) & (left["y"] == y))
        assert kept == (60 if [x, y] in hot.tolist() else n)


def test_slices_are_those_of_tonics_slicers(tmp_path):
    path = tmp_path / "given.aedat4"
    events.write(path, GIVEN, sensor=SENSOR)
    window = int(TONIC["window"])
    slicers = {
        "slices of 100 events": (events.open(path).counts(100), "count:100:skip={}", 100),
        "slices of a window": (events.open(path).slices(window), "slice:{0}us:{1}us", window),
    }
    for name, (slices, text, step) in slicers.items():
        cuts = TONIC[name]
        assert len(cuts) >= 7  # and a rest, which tonic drops
        for k, ((begin, end), found) in enumerate(zip(cuts, slices, strict=False)):
            np.testing.assert_array_equal(found, GIVEN[begin:end])
            one = events.filter(GIVEN, text.format(k * step, (k + 1) * step))
            np.testing.assert_array_equal(one, GIVEN[begin:end])


def test_times_are_scaled_as_numpy_rounds():
    found = events.filter(GIVEN, "time_scale:0.37")
    np.testing.assert_array_equal(found["t"], np.rint(GIVEN["t"] * 0.37).astype(np.int64))


@pytest.mark.parametrize(
    "factor", ["1", "3", "0.5", "0.1", "0.37", "1.7", "0.001", "1e-9", "0.123456789012345", "1e9"]
)
def test_times_beyond_doubles_are_scaled_exactly(factor):
    """As Python's fractions have it: round() takes half to even."""
    rng = np.random.default_rng(3)
    ratio = Fraction(factor)
    most = int(min(2**63 - 1, (2**63 - 1) / ratio))
    t = np.concatenate([rng.integers(-most, most, 2000), 5 * np.arange(-20, 20), [-most, most]])
    t = np.concatenate([t, 10**18 + 5 * np.arange(8), 2**53 + np.arange(4)])
    t = np.sort(t[abs(t) <= most])
    given = np.zeros(len(t), GIVEN.dtype)
    given["t"] = t
    found = events.filter(given, f"time_scale:{factor}")["t"]
    assert found.tolist() == [round(ratio * int(one)) for one in t]


def test_a_scaled_time_beyond_64_bits_is_refused():
    given = np.zeros(1, GIVEN.dtype)
    for t in (2**62, -(2**62) - 1):
        given["t"] = t
        with pytest.raises(RangeError, match=f"time_scale: 2 times {t} us is beyond 64 bits"):
            events.filter(given, "time_scale:2")
    given["t"] = -(2**62)
    assert events.filter(given, "time_scale:2")["t"][0] == -(2**63)


def test_filters_give_the_same_events_for_blocks_of_any_size():
    texts = ("ba:5ms", "refractory:1ms", "drop:0.2:seed=3", "downsample:2", "flip:x")
    whole = events.filter(GIVEN, *texts, sensor=SENSOR)
    rng = np.random.default_rng(1)
    for _ in range(5):
        chain = events.Filters(*texts, sensor=SENSOR)
        assert chain.sensor == (24, 20)
        cuts = np.sort(rng.integers(0, len(GIVEN), 40))
        parts = [chain(part) for part in np.split(GIVEN, cuts)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_a_filter_leaves_its_input_and_takes_fields_by_name():
    dtype = [("p", np.int8), ("x", np.int32), ("y", np.int32), ("t", np.uint64)]
    given = np.array([(-1, 3, 4, 5), (1, 3, 4, 6)], dtype)
    found = events.filter(given, "downsample:2")
    assert found.tolist() == [(5, 1, 2, False), (6, 1, 2, True)]
    assert given["x"].tolist() == [3, 3]
    assert events.as_events(found) is not None and events.as_events(found).base is not None
    with pytest.raises(UsageError, match="fields t, x, y, p"):
        events.filter(np.zeros(3))


@pytest.mark.parametrize(
    "field, value",
    [("x", 65536), ("x", -1), ("y", 2.5), ("x", np.nan), ("t", 0.1), ("t", np.nan), ("t", 2.0**63)],
)
def test_a_number_that_an_event_does_not_hold_is_refused(field, value, tmp_path):
    kind = np.float64 if isinstance(value, float) else np.int64
    given = np.zeros(3, [(name, kind) for name in "txyp"])
    assert len(events.as_events(given)) == 3
    given[field][1] = value
    with pytest.raises(RangeError, match=f"{field} of event 1 is"):
        events.write(tmp_path / "a.raw", given)
    assert not list(tmp_path.iterdir())
    late = np.array([(2**63, 0, 0, 1)], [("t", np.uint64), ("x", "u2"), ("y", "u2"), ("p", "u1")])
    with pytest.raises(RangeError, match="t of event 0 is"):
        events.as_events(late)


def test_options_of_a_recording_are_checked():
    assert len(events.read(RECORDING, filters="count:3")) == 3
    for size in ((0, 5), (-1, 5), (1.5, 5), (2**40, 5)):
        with pytest.raises(RangeError, match="sensor"):
            events.open(RECORDING, sensor=size)
    with pytest.raises(UsageError, match="filters: 5, must be a text"):
        events.open(RECORDING, filters=[5])
    with pytest.raises(UsageError, match="width: 1.5, must be a whole number"):
        list(events.open(RECORDING).slices(1.5))
    for width in (0, 2**63, 10**30):
        with pytest.raises(RangeError, match="must be >= 1 and below 2"):
            list(events.open(RECORDING).slices(width))
    assert len(list(events.open(RECORDING).slices(1e9))) == 1


def test_the_filters_are_listed_with_their_parameters():
    by_name = {f["name"]: f for f in events.filters()}
    files = (ROOT / "encoding/filters").glob("*.cpp")
    assert sorted(by_name) == sorted(file.stem for file in files)
    names = [p[0] for p in by_name["ba"]["parameters"]]
    assert names == ["window", "neighbours", "support"]
    with pytest.raises(UsageError, match='did you mean "refractory"'):
        events.filter(GIVEN, "refractry:1ms")
    with pytest.raises(RangeError, match="needs the sensor's size"):
        events.filter(GIVEN, "flip:x")


def test_a_recording_is_read_whole_by_blocks_and_in_slices():
    whole = events.read(RECORDING)
    assert whole.dtype == events.EVENT and len(whole) > 1000
    rows = np.fromfile(RECORDING, np.uint8).reshape(-1, 5)
    np.testing.assert_array_equal(whole["x"], rows[:, 0])
    np.testing.assert_array_equal(whole["p"], rows[:, 2] >= 128)
    recording = events.open(RECORDING)
    assert recording.format == "bin40"
    np.testing.assert_array_equal(np.concatenate(list(recording)), whole)
    assert recording.sensor is None
    slices = list(events.open(RECORDING).slices(10_000))
    np.testing.assert_array_equal(np.concatenate(slices), whole)
    for k, part in enumerate(slices):
        assert np.all((part["t"] - whole["t"][0]) // 10_000 == k)
    counts = list(events.open(RECORDING).counts(777))
    np.testing.assert_array_equal(np.concatenate(counts), whole)
    assert {len(part) for part in counts[:-1]} == {777} and 0 < len(counts[-1]) <= 777
    found = events.read(RECORDING, sensor=(128, 128), filters=["flip:x", "count:10"])
    np.testing.assert_array_equal(found["x"], 127 - whole["x"][:10].astype(int))


@pytest.mark.parametrize("name", ["a.aedat4", "a.raw", "a.es", "a.h5", "a.csv", "a.bin"])
def test_what_is_written_is_read(name, tmp_path):
    path = tmp_path / name
    given = events.read(RECORDING)
    with events.Writer(path, sensor=(128, 128)) as writer:
        for part in np.array_split(given, 3):
            writer.write(part)
        assert not path.exists()
    np.testing.assert_array_equal(events.read(path), given)
    with pytest.raises(IoError, match="exists already; give another name, or overwrite=True"):
        events.write(path, given)
    events.write(path, given[:5], sensor=(128, 128), overwrite=True)
    assert len(events.read(path)) == 5


def test_a_writer_that_fails_leaves_no_file(tmp_path):
    far = np.zeros(1, events.EVENT)
    far["x"] = 300
    with pytest.raises(RangeError, match="300"):
        events.write(tmp_path / "a.bin", far)
    assert not list(tmp_path.iterdir())


def test_a_cut_recording_gives_the_events_before_the_cut(tmp_path):
    path = tmp_path / "cut.bin"
    path.write_bytes(RECORDING.read_bytes()[:5003])
    seen = 0
    with pytest.raises(ParseError, match="byte 5000"):
        for block in events.open(path):
            seen += len(block)
    assert seen == 1000
    sizes = []
    with pytest.raises(ParseError, match="byte 5000"):
        for part in events.open(path).counts(300):
            sizes.append(len(part))
    assert sizes == [300, 300, 300, 100]
    with pytest.raises(Error):
        events.read(path)
    assert len(events.open(path).read(tolerate_corrupt=True)) == 1000
