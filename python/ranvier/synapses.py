"""Synapses: rules to be handed to `Network.project`, and the synapses of a running simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import _given
from ranvier.errors import RangeError, UsageError
from ranvier.values import Value, to_core

if TYPE_CHECKING:
    from ranvier.network import Projection
    from ranvier.simulation import Simulation

__all__ = ["Rule", "Synapses", "synapse"]


@dataclass(frozen=True)
class Rule:
    """A rule of synapses and its parameters in the form of a network document; made by `synapse`."""

    form: dict[str, Any] = field(hash=False)


def synapse(model: str, **parameters: Value | str) -> Rule:
    """Synapses with a state of their own.

    Args:
        model: a name of `synapse_rules()`, e.g. "stdp_pair" or "tsodyks_markram".
        parameters: of the rule (`describe_rule`): a number, an array where the connector fixes the pairs, a law, or a
            word such as weight_dependence="multiplicative".

    Example:
        >>> rule = ranvier.synapse("stdp_pair", A_plus=0.02)
        >>> net.project(a, b, ranvier.all_to_all(), weight=0.1, synapse=rule)
    """
    form = {k: v if isinstance(v, str) else to_core(k, v) for k, v in parameters.items()}
    return Rule({"model": model, **form})


def to_form(
    rule: Rule | Mapping[str, Any] | str, shape: tuple[int | None, int | None]
) -> dict[str, Any]:
    """The field "synapse" of a projection of so many sources and targets, arrays flat."""
    if isinstance(rule, str):
        return {"model": rule}
    if not isinstance(rule, (Rule, Mapping)):
        raise UsageError(f"synapse: a {type(rule).__name__}, must be a name or a rule")
    given = rule.form if isinstance(rule, Rule) else dict(rule)
    return {k: _given.flat(k, v, shape) for k, v in given.items()}


class Synapses:
    """The synapses of one projection in a simulation: `sim[projection]`.

    Arrays follow the order of `projection.connections()`. A weight changes when a presynaptic spike reaches the synapse;
    one that was set reads back as the same double until then.
    """

    __slots__ = ("_projection", "_simulation")

    def __init__(self, simulation: Simulation, projection: Projection) -> None:
        self._simulation = simulation
        self._projection = projection

    @property
    def weights(self) -> NDArray[np.float64]:
        """[n] in the receptor's unit, as they stand; set one number or [n] numbers."""
        return self.get("weight")

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        self.set_weights(values)

    def get(self, name: str) -> NDArray[np.float64]:
        """[n] values of "weight", "delay" (ms), a parameter of the rule, or a variable of its state (`describe_rule`) as the
        last presynaptic spike left it.
        """
        self._simulation._must_be_open()
        return self._simulation._core.synapse_values(self._projection.index, name)

    def set_weights(self, values: ArrayLike, synapses: ArrayLike | None = None) -> None:
        """Sets weights from now on.

        Args:
            values: in the receptor's unit: a number, or one a synapse.
            synapses: positions in `projection.connections()`; default: all.

        Raises:
            Error: a value or position is not accepted, or the synapses are static.
        """
        self._set("weight", values, synapses)

    def set(self, name: str, values: ArrayLike, synapses: ArrayLike | None = None) -> None:
        """Sets the weight, or a variable of the rule's state as if the last presynaptic spike (or time 0) had left it so.

        Args:
            name: "weight", or one of `describe_rule(NAME)["trace"]` or `["synapse"]`, e.g. "u" of "tsodyks_markram".
            values: a number, or one a synapse; a trace is kept once a source where no parameter differs from synapse to
                synapse, and all synapses of a source need the same number then.
            synapses: positions in `projection.connections()`; default: all.

        Raises:
            Error: a name, value or position is not accepted, or the synapses are static.
        """
        self._set(name, values, synapses)

    def _set(self, name: str, values: ArrayLike, synapses: ArrayLike | None) -> None:
        n = len(self.get("delay"))
        index = np.arange(n) if synapses is None else _given.whole_numbers("synapses", synapses, n)
        label = "weights" if name == "weight" else name
        array = _given.numbers(label, values).reshape(-1)
        if array.size not in (1, index.size):
            raise RangeError(
                f'projection "{self._projection.name}": {label}: {array.size} values, '
                f"must be one or {index.size}"
            )
        flat = np.array(np.broadcast_to(array, index.shape))
        self._simulation._core.set_synapse_values(self._projection.index, name, index, flat)

    def __repr__(self) -> str:
        return f'<Synapses of "{self._projection.name}">'
