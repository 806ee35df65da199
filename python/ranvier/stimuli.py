"""Inputs that are evaluated where the target neuron lives and cost no spike traffic: one function a type, to be handed to
`Network.stimulate`. Currents are in nA, rates in Hz, times in ms, phases in degrees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from ranvier import _given
from ranvier.values import Value, to_core

__all__ = ["Input", "ac", "dc", "noise", "poisson", "poisson_course", "step"]


@dataclass(frozen=True)
class Input:
    """A type of stimulus and its fields in the form of a network document; made by the functions of this module."""

    form: dict[str, Any] = field(hash=False)


def dc(amplitude: Value) -> Input:
    """A constant current of `amplitude` nA (a number, one a neuron of the population, or a law)."""
    return Input({"type": "dc", "amplitude": to_core("amplitude", amplitude)})


def step(times: ArrayLike, values: ArrayLike) -> Input:
    """A current of values[i] nA from times[i] ms on; times rise."""
    return Input(
        {
            "type": "step",
            "times": _given.numbers("times", times).reshape(-1),
            "values": _given.numbers("values", values).reshape(-1),
        }
    )


def ac(amplitude: Value, frequency: float, offset: float = 0.0, phase: float = 0.0) -> Input:
    """offset + amplitude sin(2 pi frequency (t - start) + phase), in nA, Hz and degrees."""
    return Input(
        {
            "type": "ac",
            "amplitude": to_core("amplitude", amplitude),
            "frequency": frequency,
            "offset": offset,
            "phase": phase,
        }
    )


def noise(stdev: float, mean: float = 0.0, interval: float = 0.0) -> Input:
    """Normal noise current in nA, drawn anew for every neuron and held for `interval` ms (0: dt)."""
    return Input({"type": "noise", "mean": mean, "stdev": stdev, "interval": interval})


def _poisson(form: dict[str, Any], weight: float, receptor: str | None) -> Input:
    form["weight"] = weight
    if receptor is not None:
        form["receptor"] = receptor
    return Input(form)


def poisson(rate: Value, weight: float, receptor: str | None = None) -> Input:
    """An independent Poisson train of `rate` Hz into every neuron, each spike of `weight` (receptor's unit)."""
    return _poisson({"type": "poisson", "rate": to_core("rate", rate)}, weight, receptor)


def poisson_course(
    times: ArrayLike, rates: ArrayLike, weight: float, receptor: str | None = None
) -> Input:
    """Poisson trains whose rate is rates[i] Hz from times[i] ms on; times rise."""
    form = {
        "type": "poisson",
        "times": _given.numbers("times", times).reshape(-1),
        "values": _given.numbers("rates", rates).reshape(-1),
    }
    return _poisson(form, weight, receptor)
