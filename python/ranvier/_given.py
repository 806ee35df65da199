"""What a caller gives, as arrays that the core takes: one message and one class of error for what is no such thing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier.errors import RangeError, UsageError


def numbers(name: str, value: Any) -> NDArray[np.float64]:
    """An array of doubles.

    Raises:
        UsageError: the value is not made of numbers, or its rows are of unlike length.
    """
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(
            f"{name}: a {type(value).__name__}, must be a number or an array of numbers"
        ) from None


def whole_numbers(name: str, value: Any) -> NDArray[np.int64]:
    """A flat array of whole numbers; masks become indices.

    Raises:
        UsageError: the value is not made of numbers.
        RangeError: a number has a fraction, or is beyond 2^53.
    """
    held = value if isinstance(value, (np.ndarray, Sequence)) or np.isscalar(value) else list(value)
    if isinstance(held, np.ndarray) and held.dtype == bool:
        return np.flatnonzero(held)
    array = numbers(name, held).reshape(-1)
    wrong = array[~((array == np.trunc(array)) & (np.abs(array) < 2.0**53))]
    if len(wrong):
        raise RangeError(f"{name}: {wrong[0]}, must be a whole number")
    return array.astype(np.int64)


def indices(neurons: Iterable[int]) -> NDArray[np.int64]:
    """Indices of neurons."""
    if not isinstance(neurons, Iterable):
        raise UsageError(f"neurons: a {type(neurons).__name__}, must be indices")
    return whole_numbers("neurons", neurons)


def flat(value: Any) -> Any:
    """A matrix [sources, targets] of weights or delays, row by row."""
    return value.reshape(-1) if isinstance(value, np.ndarray) and value.ndim == 2 else value


def trains(given: Sequence[ArrayLike]) -> list[list[float]]:
    """Spike times, a list a neuron."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise UsageError(f"spike_times: a {type(given).__name__}, must be a list of times a source")
    made = []
    for k, train in enumerate(given):
        times = numbers(f"spike_times: source {k}", train)
        if times.ndim > 1:
            raise RangeError(f"spike_times: source {k}: {times.ndim} axes, must be times alone")
        made.append(times.reshape(-1).tolist())
    return made


def positions(given: ArrayLike | Mapping[str, Any]) -> Any:
    """Positions as a document has them, every coordinate finite."""
    if isinstance(given, Mapping):
        return dict(given)
    array = numbers("positions", given)
    if not np.all(np.isfinite(array)):
        raise RangeError("positions: must be finite")
    return array.tolist()


def fields(name: str, given: Any) -> dict[str, Any]:
    """A mapping by name."""
    if not isinstance(given, Mapping):
        raise UsageError(f"{name}: a {type(given).__name__}, must be a dict by name")
    return dict(given)
