"""Values that are drawn or computed: probability laws and functions of distance.

A parameter, an initial state, a weight or a delay is a number, an array (one value a neuron or connection), or one of these
laws, drawn from the network's seed, the same for any number of threads and ranks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from ranvier import _given
from ranvier.errors import UsageError

__all__ = [
    "DistanceFunction",
    "Law",
    "Value",
    "distance_exponential",
    "distance_gaussian",
    "distance_linear",
    "exponential",
    "lognormal",
    "normal",
    "uniform",
]


@dataclass(frozen=True)
class Law:
    """A probability law in the form of a network document; made by `normal`, `uniform`, `lognormal`, `exponential`."""

    form: dict[str, Any] = field(hash=False)

    def to_document(self) -> dict[str, Any]:
        """The law as a network document writes it."""
        return dict(self.form)


@dataclass(frozen=True)
class DistanceFunction:
    """A function of the distance between source and target in um; made by the functions `distance_*`."""

    form: dict[str, Any] = field(hash=False)

    def to_document(self) -> dict[str, Any]:
        """The function as a network document writes it."""
        return dict(self.form)


#: What stands for the values of many neurons or connections.
Value = float | ArrayLike | Law | DistanceFunction


def _bounded(
    form: dict[str, Any], low: float | None, high: float | None, bounds: str
) -> dict[str, Any]:
    if low is not None:
        form["low"] = low
    if high is not None:
        form["high"] = high
    if bounds != "redraw":
        form["bounds"] = bounds
    return form


def normal(
    mean: float,
    sd: float,
    low: float | None = None,
    high: float | None = None,
    bounds: str = "redraw",
) -> Law:
    """Normal law of the given mean and standard deviation, in the unit of what it is used for.

    Args:
        mean: mean.
        sd: standard deviation, >= 0.
        low: least value, or None.
        high: largest value, or None.
        bounds: what happens outside: "redraw" or "clip".
    """
    return Law(_bounded({"distribution": "normal", "mean": mean, "sd": sd}, low, high, bounds))


def uniform(low: float, high: float) -> Law:
    """Uniform law on [low, high), in the unit of what it is used for."""
    return Law({"distribution": "uniform", "low": low, "high": high})


def lognormal(
    mu: float,
    sigma: float,
    low: float | None = None,
    high: float | None = None,
    bounds: str = "redraw",
) -> Law:
    """Lognormal law: the logarithm has mean `mu` and standard deviation `sigma`; bounds as in `normal`."""
    return Law(_bounded({"distribution": "lognormal", "mu": mu, "sigma": sigma}, low, high, bounds))


def exponential(
    mean: float, low: float | None = None, high: float | None = None, bounds: str = "redraw"
) -> Law:
    """Exponential law of the given mean (> 0); bounds as in `normal`."""
    return Law(_bounded({"distribution": "exponential", "mean": mean}, low, high, bounds))


def _distance(
    function: str, a: float, b: float, low: float | None, high: float | None
) -> DistanceFunction:
    return DistanceFunction(_bounded({"function": function, "a": a, "b": b}, low, high, "redraw"))


def distance_linear(
    a: float, b: float, low: float | None = None, high: float | None = None
) -> DistanceFunction:
    """a + b d, clipped to [low, high]; d in um."""
    return _distance("linear", a, b, low, high)


def distance_exponential(
    a: float, b: float, low: float | None = None, high: float | None = None
) -> DistanceFunction:
    """a exp(-d / b), clipped to [low, high]; d and b in um, b > 0."""
    return _distance("exponential", a, b, low, high)


def distance_gaussian(
    a: float, b: float, low: float | None = None, high: float | None = None
) -> DistanceFunction:
    """a exp(-d^2 / (2 b^2)), clipped to [low, high]; d and b in um, b > 0."""
    return _distance("gaussian", a, b, low, high)


def to_core(name: str, value: Any) -> Any:
    """A value as ranvier._core takes it: a law's form, a NumPy array, or what it was."""
    if isinstance(value, (Law, DistanceFunction)):
        return value.to_document()
    if isinstance(value, (list, tuple, range)):
        return _given.numbers(name, value)
    if isinstance(value, complex):
        raise UsageError(f"{name}: {value}, a complex number, must be a real one")
    return value
