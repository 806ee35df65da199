"""How a population keeps what its cells have each: one number as long as it is the same for all, an array from then on."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN.standardmodels.base import StandardModelType

__all__ = [
    "all_columns",
    "changed",
    "column",
    "columns",
    "is_list",
    "is_one_number",
    "native_values",
    "number_of",
    "table_of_pairs",
    "uniform",
]


def native_values(model: Any) -> Mapping[str, Any]:
    """A cell or synapse type's parameters under the kernel's names, as lazy arrays that are to be looked at only.

    They are those of `native_parameters`, which copies all of them; where names alone are translated there is no need to.
    """
    kind = type(model)
    if (
        getattr(kind, "translate", None) is StandardModelType.translate
        and kind.native_parameters is StandardModelType.native_parameters
    ):
        rows, values = model.translations, model.parameter_space
        if all(rows[name]["type"] == "simple" for name in values.keys()):
            return {rows[name]["translated_name"]: value for name, value in values.items()}
    return dict(model.native_parameters.items())


def uniform(value: float, size: int) -> NDArray[np.float64]:
    """A column of one number, which is kept once: read only."""
    return np.ndarray((size,), np.float64, np.float64(value), strides=(0,))


def is_one_number(values: NDArray[Any]) -> bool:
    """Whether all values are one number; a column that `uniform` made is not searched."""
    return values.strides == (0,) or (len(values) > 0 and bool(np.all(values == values[0])))


def column(lazy: Any, size: int) -> NDArray[Any]:
    """A lazy array as one value a cell."""
    is_number = isinstance(lazy.base_value, (int, float))
    if is_number and not lazy.operations:
        return uniform(lazy.base_value, size)
    lazy = deepcopy(lazy)
    lazy.shape = (size,)
    if is_number and isinstance(one := lazy.evaluate(simplify=True), (int, float)):
        return uniform(one, size)
    return np.array(np.broadcast_to(lazy.evaluate(simplify=False), (size,)))


def changed(values: NDArray[Any], chosen: Any, new: Any) -> NDArray[Any]:
    """A copy of a column with new values in the cells chosen."""
    copy = np.array(values)
    copy[chosen] = new
    return copy


def columns(name: str, values: NDArray[Any]) -> dict[str, Any]:
    """A native parameter as the kernel has it: one number a cell, or NAME_1, NAME_2, ... of array parameters."""
    if values.dtype != object:
        return {name: values[0] if is_one_number(values) else values}
    rows = np.array([np.asarray(v.value, dtype=float) for v in values])
    return {f"{name}_{k + 1}": rows[:, k] for k in range(rows.shape[1])}


def all_columns(values: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The same of several native parameters."""
    return {
        key: value for name, each in values.items() for key, value in columns(name, each).items()
    }


def is_list(value: Any) -> bool:
    """Whether it gives one value after another, where it might be a matrix."""
    return isinstance(value, list) or (isinstance(value, np.ndarray) and value.ndim == 1)


def number_of(values: Any) -> Any:
    """One number where all values are alike."""
    array = np.asarray(values, dtype=float)
    first = float(array.flat[0])
    return first if np.isnan(first) or np.all(array == first) else array


def table_of_pairs(
    shape: tuple[int, int], pairs: tuple[Any, Any], values: Any, multiple: str
) -> NDArray[np.float64]:
    """A value a pair, NaN where there is none.

    Args:
        shape: of the table.
        pairs: row and column of each value.
        values: as many.
        multiple: what counts where a pair has several: sum, first, last, min, max.
    """
    table = np.full(shape, np.nan)
    pre, post = pairs
    if multiple == "first":
        table[pre[::-1], post[::-1]] = values[::-1]
    elif multiple == "last":
        table[pre, post] = values
    elif multiple == "sum":
        table[pre, post] = 0.0
        np.add.at(table, (pre, post), values)
    else:
        extreme = np.fmin if multiple == "min" else np.fmax
        extreme.at(table, (pre, post), values)
    return table
