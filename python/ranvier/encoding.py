"""Codes: values or signals turned into spikes, and spikes into values again.

A code takes values in [0, 1], one a channel and sample, or signals, a course of numbers a channel. A sample is shown for
`window` ms, followed by `gap` ms of silence. `codes()` lists the codes, `describe(code)` says what one does, with its
parameters, the paper it comes from and how large the error of a round trip is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import _core, _given
from ranvier.errors import CapacityError, RangeError, UsageError

__all__ = ["codes", "decode", "describe", "encode", "reconstruct", "source"]


def codes() -> list[str]:
    """Names of the codes of this build, sorted."""
    return _core.codes()


def describe(code: str) -> dict[str, Any]:
    """A code's texts and table.

    Returns:
        summary, source (paper), error (of a round trip, T being the window), input ("value", "signal" or
        "positive_signal": in [0, 1]), parameters as (name, unit, default, range, meaning).

    Raises:
        Error: there is no such code.
    """
    return _core.describe_code(code)


def encode(
    values: ArrayLike,
    code: str,
    window: float = 100.0,
    *,
    gap: float = 0.0,
    dt: float = 0.0,
    seed: int = 1,
    **parameters: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Spikes of values or signals.

    Args:
        values: of a code of values: [n_channels] or [n_samples, n_channels], in [0, 1]; of a code of signals: [n_steps],
            [n_steps, n_channels] or [n_samples, n_steps, n_channels].
        code: its name.
        window: ms for which a sample is shown; the steps of a signal share it.
        gap: ms of silence after each sample.
        dt: ms: spike times are rounded up to multiples of it; 0: to nanoseconds.
        seed: of random numbers, which are those of (seed, channel, sample).
        parameters: the code's own (`describe`).

    Returns:
        Times in ms and channels, sorted by time, then channel. A channel of a code of changes is two channels of spikes (2 c
        for up, 2 c + 1 for down), one of "population" as many as there are receptive fields.

    Raises:
        Error: a setting or a value is not accepted.
    """
    array = _given.numbers("values", values)
    if not isinstance(seed, (int, np.integer)):
        raise UsageError(f"seed: a {type(seed).__name__}, must be a whole number")
    if not 0 <= seed < 2**64:
        raise RangeError(f"seed: {seed}, must be from 0 to 2^64 - 1")
    _check_numbers(window=window, gap=gap, dt=dt, **parameters)
    shape = _samples(array.shape, code)
    return _core.encode(array.reshape(shape), code, parameters, (window, gap, dt), int(seed))


def decode(
    times: ArrayLike,
    channels: ArrayLike,
    shape: Sequence[int],
    code: str,
    window: float = 100.0,
    *,
    gap: float = 0.0,
    dt: float = 0.0,
    **parameters: float,
) -> NDArray[np.float64]:
    """Values or signals from spikes.

    Args:
        times: [n_spikes] in ms, sorted.
        channels: [n_spikes].
        shape: of the values, as `encode` takes them.
        code: its name.
        window: ms of a sample.
        gap: ms after each; spikes in it are left out.
        dt: ms, as for `encode`.
        parameters: the code's own.

    Returns:
        The values, of that shape. Where spikes are not those of `encode`, values outside [0, 1] may come out.

    Raises:
        Error: a setting is not accepted, or a channel is not there.
    """
    spikes = _spikes(times, channels)
    _check_numbers(window=window, gap=gap, dt=dt, **parameters)
    lengths = tuple(_given.whole_numbers("shape", shape).tolist())
    if min(lengths, default=1) < 1:
        raise RangeError(f"shape: {lengths}, must be 1 or more each")
    full = _samples(lengths, code)
    return _core.decode(spikes, code, parameters, (window, gap, dt), full).reshape(lengths)


def source(
    values: ArrayLike,
    code: str,
    window: float = 100.0,
    *,
    gap: float = 0.0,
    dt: float = 0.0,
    **parameters: float,
) -> dict[str, Any]:
    """What `Network.population` takes to make a source of these values: `net.population(**source(...))`.

    The arguments are those of `encode`; random numbers are the network's.
    """
    array = _given.numbers("values", values)
    _check_numbers(window=window, gap=gap, dt=dt, **parameters)
    _, n_steps, n_channels = _samples(array.shape, code)
    options: dict[str, Any] = {"code": code, "window": window, **parameters}
    options |= {key: value for key, value in (("gap", gap), ("dt", dt)) if value}
    if n_steps > 1:
        options["steps"] = n_steps
    return {
        "model": "spike_source_encoded",
        "size": n_channels * _core.outputs_a_channel(code, parameters),
        "values": array,
        "options": options,
    }


def reconstruct(
    times: ArrayLike,
    channels: ArrayLike,
    n_channels: int,
    *,
    tau: float,
    dt: float,
    duration: float,
) -> NDArray[np.float64]:
    """The course that spikes make through the kernel of van Rossum's distance, exp(-t / tau) / tau.

    Args:
        times: [n_spikes] in ms, sorted.
        channels: [n_spikes].
        n_channels: number of channels.
        tau: ms.
        dt: ms between points of the course.
        duration: ms.

    Returns:
        [n_steps, n_channels] in Hz at dt, 2 dt, ..., the last of them at or before `duration`.
    """
    at, of = _spikes(times, channels)
    if not n_channels >= 0:
        raise RangeError(f"n_channels: {n_channels}, must be >= 0")
    if not (dt > 0 and 0 <= duration < float("inf")):
        raise RangeError(f"dt: {dt} ms, duration: {duration} ms, must be > 0 and finite")
    if len(of) and not 0 <= of.min() <= of.max() < n_channels:
        raise RangeError(f"channels: must be from 0 to {n_channels - 1}")
    order = np.argsort(of, kind="stable")
    begin = np.concatenate([[0], np.cumsum(np.bincount(of, minlength=n_channels))])
    trains = _core.Trains(at[order], begin)
    if duration / dt * max(n_channels, 1) > 2**33:
        raise CapacityError(
            f"dt: {dt} ms, makes {duration / dt:g} steps of {n_channels} channels, must be at most 2^33 numbers"
        )
    return _core.reconstruct(trains, tau, dt, int(duration / dt + 1e-9)) * 1e3


def _check_numbers(**values: Any) -> None:
    for name, value in values.items():
        if not isinstance(value, (int, float, np.number)):
            raise UsageError(f"{name}: a {type(value).__name__}, must be a number")


def _spikes(times: ArrayLike, channels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    at, of = _given.numbers("times", times), _given.whole_numbers("channels", channels)
    if at.shape != of.shape:
        raise RangeError(f"times: {at.shape}, channels: {of.shape}, must be one of each a spike")
    if not np.all(np.isfinite(at)) or np.any(np.diff(at) < 0):
        raise RangeError("times: must be finite and sorted")
    return at, of


def _samples(shape: tuple[int, ...], code: str) -> tuple[int, int, int]:
    """[n_samples, n_steps, n_channels] of an array as `encode` takes it."""
    if describe(code)["input"] == "value":
        if len(shape) == 1:
            return (1, 1, shape[0])
        if len(shape) == 2:
            return (shape[0], 1, shape[1])
        accepted = "[n_channels] or [n_samples, n_channels]"
    else:
        if len(shape) == 1:
            return (1, shape[0], 1)
        if len(shape) == 2:
            return (1, shape[0], shape[1])
        if len(shape) == 3:
            return (shape[0], shape[1], shape[2])
        accepted = "[n_steps], [n_steps, n_channels] or [n_samples, n_steps, n_channels]"
    raise RangeError(f"values: {len(shape)} axes; code {code} takes {accepted}")
