"""What a caller gives, as arrays that the core takes: one message and one class of error for what is no such thing."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import _core
from ranvier.errors import IoError, RangeError, UsageError


def _has_unit(value: Any) -> bool:
    """Whether it is made of numbers with a unit of their own."""
    kinds = {type(v) for v in value} if isinstance(value, (list, tuple)) else {type(value)}
    return any(map(_core.is_quantity, kinds))


def numbers(name: str, value: Any) -> NDArray[np.float64]:
    """An array of doubles.

    Raises:
        UsageError: the value is not made of plain numbers, or its rows are of unlike length.
    """
    if _has_unit(value):
        raise UsageError(f"{name}: has a unit of its own, must be plain numbers in Ranvier's unit")
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(
            f"{name}: a {type(value).__name__}, must be a number or an array of numbers"
        ) from None


def whole_numbers(name: str, value: Any, size: int | None = None) -> NDArray[np.int64]:
    """A flat array of whole numbers; masks, of a truth value for each of `size`, become indices.

    Raises:
        UsageError: the value is not made of numbers.
        RangeError: a number has a fraction, or is beyond 2^53, or a mask is of another size.
    """
    if isinstance(value, (np.ndarray, Sequence)) or np.isscalar(value):
        held = value
    elif isinstance(value, Iterable):
        held = list(value)
    else:
        raise UsageError(f"{name}: a {type(value).__name__}, must be whole numbers")
    if _is_mask(held):
        mask = np.asarray(held)
        if size is not None and mask.shape != (size,):
            raise RangeError(f"{name}: a mask of {mask.size} truth values, must be {size}")
        return np.flatnonzero(mask)
    array = numbers(name, held).reshape(-1)
    wrong = array[~((array == np.trunc(array)) & (np.abs(array) < 2.0**53))]
    if len(wrong):
        raise RangeError(f"{name}: {wrong[0]}, must be a whole number")
    return array.astype(np.int64)


def _is_mask(held: Any) -> bool:
    if isinstance(held, np.ndarray):
        return bool(held.dtype == bool)
    return isinstance(held, (list, tuple)) and {type(v) for v in held} in ({bool}, {np.bool_})


def must_be_ms(name: str, value: object) -> None:
    """Refuses what is no number.

    Raises:
        UsageError: names it, and what it is.
    """
    if not isinstance(value, (int, float, np.number)):
        raise UsageError(f"{name}: a {type(value).__name__}, must be a number of ms")


def indices(neurons: Iterable[int], size: int | None) -> NDArray[np.int64]:
    """Indices of some of `size` neurons."""
    if not isinstance(neurons, Iterable):
        raise UsageError(f"neurons: a {type(neurons).__name__}, must be indices")
    return whole_numbers("neurons", neurons, size)


def flat(name: str, value: Any, shape: tuple[int | None, int | None]) -> Any:
    """A matrix [sources, targets] of weights, delays or parameters, row by row."""
    if not isinstance(value, np.ndarray) or value.ndim != 2:
        return value
    if value.shape != shape:
        given, wanted = (" x ".join(map(str, s)) for s in (value.shape, shape))
        raise RangeError(f"{name}: a matrix of {given}, must be sources x targets: {wanted}")
    return value.reshape(-1)


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


def document_text(given: Mapping[str, Any]) -> str:
    """A document as JSON.

    Raises:
        UsageError: JSON has no form for a part of it.
        RangeError: a number is not finite.
    """
    try:
        return json.dumps(dict(given), allow_nan=False)
    except TypeError as error:
        raise UsageError(f"document: {error}") from None
    except ValueError:
        place, number = next(_not_finite(given, ""))
        raise RangeError(f"document: {place}: {number}, must be finite") from None


def _not_finite(part: Any, place: str) -> Iterator[tuple[str, float]]:
    if isinstance(part, float) and not math.isfinite(part):
        yield place, part
    elif isinstance(part, (Mapping, list, tuple)):
        for key, value in part.items() if isinstance(part, Mapping) else enumerate(part):
            yield from _not_finite(value, f"{place}/{key}")


def new_file(path: str | os.PathLike[str], overwrite: bool) -> str:
    """The path of a file that is to be written; what is there is replaced only where the caller asked for it.

    Raises:
        IoError: something is there and is to stay.
    """
    if os.path.exists(path) and not overwrite:
        raise IoError(f"{os.fspath(path)}: exists already; give another name, or overwrite=True")
    return os.fspath(path)
