"""Recordings of event cameras: reading, filtering and writing them, and dense arrays made of them.

Events are NumPy structured arrays of `EVENT`: `t` (int64, us), `x`, `y` (uint16, origin at the top left) and `p` (bool, True:
brighter). Functions take any structured array with these fields, in any order and of any number type. A filter is a text
"NAME:ARG:key=value" ("ba:5ms", "crop:x=10:y=0:width=64:height=64"); `filters()` lists them. Sensor sizes are (width, height).
"""

from __future__ import annotations

import operator
import os
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _core, _given
from ranvier.errors import Error, ParseError, RangeError, UsageError

__all__ = [
    "EVENT",
    "Filters",
    "Recording",
    "Writer",
    "as_events",
    "filter",
    "filters",
    "formats",
    "frames",
    "hot_pixels",
    "hots_surfaces",
    "open",
    "read",
    "time_surfaces",
    "voxel_grid",
    "write",
]

Events = NDArray[np.void]
Size = tuple[int, int]

EVENT: np.dtype[Any] = _core.event_dtype
"""The type of an event: t, x, y, p in 16 bytes."""


def as_events(events: Any) -> Events:
    """A contiguous array of `EVENT`: the one given if it is one, else a copy, field by field.

    Raises RangeError for a t, x or y that is no whole number or that the field does not hold.
    """
    array = np.asarray(events)
    if array.dtype == EVENT:
        return np.ascontiguousarray(array.reshape(-1))
    missing = [name for name in "txyp" if name not in (array.dtype.names or ())]
    if missing:
        raise UsageError(
            f"events: an array of {array.dtype}, must be structured, with the fields t, x, y, p"
        )
    made = np.zeros(array.size, EVENT)
    for name in "txy":
        made[name] = _fitting(name, array[name].reshape(-1))
    made["p"] = array["p"].reshape(-1) > 0
    return made


def _fitting(name: str, values: NDArray[Any]) -> NDArray[Any]:
    """A field's values, all of which the field of an event holds as they are."""
    if values.dtype.kind not in "biuf":
        raise UsageError(f"events: field {name} of type {values.dtype}, must be numbers")
    if np.can_cast(values.dtype, EVENT[name]):
        return values
    least, most = np.iinfo(EVENT[name]).min, np.iinfo(EVENT[name]).max
    if values.dtype.kind == "f":
        fits = (values == np.trunc(values)) & (values >= least) & (values < float(most) + 1)
    else:
        fits = values <= most
        if values.dtype.kind == "i":
            fits &= values >= least
    if not np.all(fits):
        at = int(np.argmin(fits))
        raise RangeError(
            f"events: {name} of event {at} is {values[at]}, must be a whole number from {least} to {most}"
        )
    return values


def _at_least_one(name: str, value: Any) -> int:
    """A whole number, 1 or more, that 64 bits hold."""
    try:
        whole = operator.index(value)
    except TypeError:
        if not (isinstance(value, (float, np.floating)) and value.is_integer()):
            raise UsageError(f"{name}: {value!r}, must be a whole number") from None
        whole = int(value)
    if not 1 <= whole < 2**63:
        raise RangeError(f"{name}: {whole}, must be >= 1 and below 2^63")
    return whole


def _texts(filters: str | Iterable[str]) -> list[str]:
    texts = [filters] if isinstance(filters, str) else list(filters)
    for text in texts:
        if not isinstance(text, str):
            raise UsageError(f"filters: {text!r}, must be a text such as 'ba:5ms'")
    return texts


class Recording:
    """A recording in a file, read in order and once: by blocks, in slices, or as a whole.

    Iterating gives blocks of bounded size, so that memory does not grow with the recording. A fault in the file is raised
    (ParseError) after the events before it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        format: str = "",
        sensor: Size | None = None,
        flip: bool = True,
        columns: str = "",
        time_unit: str = "",
        filters: str | Iterable[str] = (),
    ) -> None:
        """Opens a file.

        Args:
            path: of the recording.
            format: one of `formats()`; default: recognised by the file's content.
            sensor: (width, height) in pixels, where the file does not say or is wrong.
            flip: False gives coordinates as stored (AEDAT 2.0, Event Stream).
            columns: of text, e.g. "x,y,p,t"; default: by its header, else t x y p.
            time_unit: of text and arrays: "s" or "us".
            filters: a text or several, applied as the events are read, in order.
        """
        self._reader = _core.EventReader(
            os.fspath(path), format, _sensor(sensor), flip, columns, time_unit, _texts(filters)
        )

    @property
    def format(self) -> str:
        """Name of the file's format."""
        return self._reader.format()

    @property
    def description(self) -> str:
        """The format with its variant; complete once events have been read."""
        return self._reader.description()

    @property
    def sensor(self) -> Size | None:
        """(width, height) behind the filters; known once events have been read, None where the file does not tell."""
        return self._reader.sensor()

    @property
    def notes(self) -> list[str]:
        """What was assumed or left out; complete once all has been read."""
        return self._reader.notes()

    def __iter__(self) -> Iterator[Events]:
        """Blocks, in the file's order; none is empty."""
        while (block := self._reader.read()) is not None:
            yield block

    def slices(self, width: int) -> Iterator[Events]:
        """Slices of `width` us from the first event on, empty ones included.

        An event that steps back in time belongs to the slice that is open.
        """
        width = _at_least_one("width", width)
        while (part := self._reader.read_slice(width)) is not None:
            yield part

    def counts(self, n: int) -> Iterator[Events]:
        """Slices of `n` events; the last may have fewer."""
        n = _at_least_one("n", n)
        held, fault = np.zeros(0, EVENT), None
        blocks = iter(self)
        while fault is None:
            try:
                block = next(blocks, None)
            except Error as error:  # raised after the events before it
                block, fault = None, error
            if block is None:
                break
            held = np.concatenate((held, block)) if len(held) else block
            whole = len(held) // n * n
            yield from np.split(held[:whole], range(n, whole, n)) if whole else ()
            held = held[whole:]
        if len(held):
            yield held
        if fault is not None:
            raise fault

    def read(self, *, tolerate_corrupt: bool = False) -> Events:
        """All events that are left.

        Args:
            tolerate_corrupt: a fault ends the recording with the events before it, instead of raising.
        """
        if not tolerate_corrupt:
            return self._reader.read_all()
        blocks = [np.zeros(0, EVENT)]
        try:
            blocks.extend(self)
        except ParseError:
            pass
        return np.concatenate(blocks)


def open(path: str | os.PathLike[str], **options: Any) -> Recording:
    """A `Recording`, with the options of its constructor."""
    return Recording(path, **options)


def read(path: str | os.PathLike[str], **options: Any) -> Events:
    """All events of a file, with the options of `Recording`."""
    return Recording(path, **options).read()


class Writer:
    """Writes a recording block by block; a context manager: the file gets its name when the block ends in order."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        sensor: Size | None = None,
        format: str = "",
        compression: str = "",
        overwrite: bool = False,
    ) -> None:
        """Begins `path`.partial.

        Args:
            path: of the recording.
            sensor: (width, height); needed by aedat4 and es.
            format: one of `formats()` that is written; default: by the extension (.raw is evt3).
            compression: of aedat4: "none", "lz4" (default) or "zstd".
            overwrite: replace the file if it is there.
        """
        self._writer: _core.EventWriter | None = _core.EventWriter(
            _given.new_file(path, overwrite), format, _sensor(sensor), compression
        )

    def write(self, events: Any) -> None:
        """Appends events. Raises RangeError for one that the format cannot hold."""
        if self._writer is None:
            raise UsageError("the recording is finished")
        self._writer.write(as_events(events))

    def close(self) -> None:
        """Ends the recording and gives it its name."""
        if self._writer is not None:
            self._writer.finish()
            self._writer = None

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        self._writer = None


def write(path: str | os.PathLike[str], events: Any, **options: Any) -> None:
    """Writes events as a recording, with the options of `Writer`."""
    with Writer(path, **options) as writer:
        writer.write(events)


class Filters:
    """Filters one behind the other that keep their state from block to block: the events do not depend on the blocks."""

    def __init__(self, *texts: str, sensor: Size | None = None) -> None:
        """Makes the filters of the texts; `sensor` (width, height) is needed by some."""
        self._filters = _core.EventFilters(_texts(texts), _sensor(sensor))

    def __call__(self, events: Any) -> Events:
        """The next block's events that stay, changed or not; the array given is left as it is."""
        return self._filters.apply(as_events(events))

    @property
    def sensor(self) -> Size | None:
        """(width, height) behind the filters."""
        return self._filters.sensor()

    @property
    def is_over(self) -> bool:
        """No later event will stay."""
        return self._filters.is_over()


def filter(events: Any, *texts: str, sensor: Size | None = None) -> Events:
    """The events that the filters leave of a whole recording.

    Example: `filter(events, "ba:5ms", "downsample:2")`.
    """
    return Filters(*texts, sensor=sensor)(events)


def filters() -> list[dict[str, Any]]:
    """The filters: name, summary, and parameters in order (name, default ("": needed), what is accepted, meaning)."""
    keys = ("name", "summary", "parameters")
    return [dict(zip(keys, row, strict=True)) for row in _core.event_filters()]


def formats() -> list[dict[str, Any]]:
    """The formats: name, summary, extensions, and whether they are written."""
    keys = ("name", "summary", "extensions", "writes")
    return [dict(zip(keys, row, strict=True)) for row in _core.event_formats()]


def hot_pixels(events: Any, rate: float) -> NDArray[np.int64]:
    """Pixels with more than `rate` events a second over the whole recording, as rows (x, y); for the filter drop_pixels.

    The recording's length is that from its first to its last event. tonic's identify_hot_pixel.
    """
    given = as_events(events)
    if not rate >= 0:
        raise RangeError(f"rate: {rate} Hz, must be >= 0")
    if len(given) == 0:
        return np.zeros((0, 2), np.int64)
    pixels = given["x"].astype(np.int64) << 16 | given["y"]
    found, n = np.unique(pixels, return_counts=True)
    hot = found[n > rate * float(given["t"][-1] - given["t"][0]) / 1e6]
    return np.stack((hot >> 16, hot & 0xFFFF), axis=1)


def _size(sensor: Any) -> Size:
    """A sensor's (width, height) in pixels."""
    if (
        not isinstance(sensor, (Sequence, np.ndarray))
        or isinstance(sensor, str)
        or len(sensor) != 2
    ):
        raise UsageError(f"sensor: {sensor!r}, must be (width, height)")
    width, height = _given.whole_numbers("sensor", sensor).tolist()
    if not (0 < width < 2**32 and 0 < height < 2**32):
        raise RangeError(f"sensor: ({width}, {height}), must be 1 pixel or more each way")
    return width, height


def _sensor(sensor: Any) -> Size | None:
    return None if sensor is None else _size(sensor)


def _cuts(
    times: NDArray[np.int64], window: int | None, count: int | None, bins: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Begins and ends of the whole windows, of the whole counts, or of so many windows."""
    if count is not None:
        edges = np.arange(0, len(times) + 1, count, dtype=np.int64)
        return edges[:-1], edges[1:]
    if len(times) == 0:
        edges = np.zeros((bins or 0) + 1, np.int64)
        return edges[:-1], edges[1:]
    if np.any(times[1:] < times[:-1]):
        raise RangeError("events: times step back; frames by time need rising times")
    length = int(times[-1] - times[0])
    if bins is None:
        width = window or 1
        n = length // width
    else:
        n, width = bins, length // bins
    edges = np.searchsorted(times, times[0] + np.arange(n + 1, dtype=np.int64) * width)
    return edges[:-1].astype(np.int64), edges[1:].astype(np.int64)


def frames(
    events: Any,
    sensor: Size,
    *,
    window: int | None = None,
    count: int | None = None,
    bins: int | None = None,
) -> NDArray[np.int32]:
    """Counts of events by pixel: an array [n_frames, 2 (OFF, ON), height, width], tonic's ToFrame.

    Args:
        events: times must not step back where frames are cut by time.
        sensor: (width, height).
        window: us a frame; what follows the last whole window is left out.
        count: events a frame; what follows the last whole count is left out.
        bins: frames in all, of equal whole us; the last event and what follows the last frame are left out.
    """
    if (window is not None) + (count is not None) + (bins is not None) != 1:
        raise UsageError("frames: give one of window, count and bins")
    window, count, bins = (
        None if value is None else _at_least_one(name, value)
        for name, value in (("window", window), ("count", count), ("bins", bins))
    )
    given = as_events(events)
    return _core.event_frames(given, _size(sensor), *_cuts(given["t"], window, count, bins))


def voxel_grid(events: Any, sensor: Size, bins: int) -> NDArray[np.float64]:
    """Polarities shared linearly by the two nearest bins of time: [bins, height, width], tonic's ToVoxelGrid (without its axis 1).

    Source: Zhu et al. 2019, "Unsupervised event-based learning of optical flow, depth and egomotion".
    """
    return _core.voxel_grid(as_events(events), _size(sensor), _at_least_one("bins", bins))


def time_surfaces(events: Any, sensor: Size, *, window: int, tau: float) -> NDArray[np.float64]:
    """exp(-(T - t) / tau) at the end T of every window of `window` us, t being the pixel's latest event before T: tonic's ToTimesurface.

    Args:
        events: times must not step back.
        sensor: (width, height).
        window: us from one surface to the next; at least one surface is made.
        tau: us.

    Returns:
        [n_windows, 2 (OFF, ON), height, width]; 0 where there was no event yet.
    """
    window = _at_least_one("window", window)
    given, (width, height) = as_events(events), _size(sensor)
    if len(given) == 0:
        return np.zeros((0, 2, height, width))
    _, ends = _cuts(given["t"], window, None, None)
    if len(ends) == 0:  # shorter than a window
        ends = np.array([len(given)], np.int64)
    times = given["t"][0] + window * np.arange(1, len(ends) + 1, dtype=np.int64)
    return _core.time_surfaces(given, (width, height), times, ends, tau)


def hots_surfaces(events: Any, sensor: Size, *, radius: int, tau: float) -> NDArray[np.float32]:
    """The time surface of every event, HOTS's context: exp(-(t_i - t(u, p)) / tau) around the event for both polarities.

    Args:
        events: n of them.
        sensor: (width, height).
        radius: pixels to each side.
        tau: us.

    Returns:
        [n, 2 (OFF, ON), 2 radius + 1, 2 radius + 1]; 0 where there was no event yet and beyond the sensor.

    Source: Lagorce et al. 2017, "HOTS: a hierarchy of event-based time-surfaces for pattern recognition", eq. 2 and 3.
    """
    return _core.hots_surfaces(as_events(events), _size(sensor), radius, tau)
