"""Native types: any model and any rule of the kernel as a cell or synapse type of PyNN, with its own names and units."""

from __future__ import annotations

from typing import Any

from pyNN.models import BaseCellType, BaseSynapseType
from pyNN.parameters import ParameterSpace

import ranvier

from ranvier.pynn.synapses import _Synapse

__all__ = ["NativeCellType", "NativeSynapseType", "native_cell_type", "native_synapse_type"]


class _Native:
    """Nothing is translated."""

    default_parameters: dict[str, Any]
    parameter_space: ParameterSpace

    @property
    def native_parameters(self) -> ParameterSpace:
        """The parameters."""
        return self.parameter_space

    @classmethod
    def get_native_names(cls, *names: str) -> list[str]:
        """The names themselves; all of them where none is given."""
        return list(names or cls.default_parameters)

    @classmethod
    def computed_parameters(cls) -> list[str]:
        """None: every parameter is the kernel's own."""
        return []

    @classmethod
    def computed_parameters_include(cls, parameter_names: Any) -> bool:
        """False: every parameter is the kernel's own."""
        return False

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """The parameters themselves."""
        return parameters

    def reverse_translate(self, native_parameters: ParameterSpace) -> ParameterSpace:
        """The parameters themselves."""
        return native_parameters


class NativeCellType(_Native, BaseCellType):  # type: ignore[misc]
    """A model of the kernel; made by `native_cell_type`."""


class NativeSynapseType(_Native, _Synapse, BaseSynapseType):  # type: ignore[misc]
    """A rule of the kernel; made by `native_synapse_type`."""

    words: dict[str, str]

    @property
    def native_options(self) -> dict[str, str]:
        """Parameters of the rule that are words."""
        return self.words


def native_cell_type(
    name: str,
    *,
    method: str | None = None,
    advance: str | None = None,
    precision: str | None = None,
) -> type[NativeCellType]:
    """A cell type out of a model of `ranvier.neuron_models()` or a source of `ranvier.source_models()`.

    Args:
        name: of the model.
        method: of integration, by name (default: the model's first).
        advance: "clocked", "event" or "auto".
        precision: "auto", "single" or "double".

    Returns:
        A class as PyNN's own cell types are; its recordables are the model's state variables.

    Raises:
        Error: there is no such model, or it has no such method, or does not advance like that.
    """
    model = ranvier.describe_model(name)
    if (method, advance, precision) != (None, None, None):
        ranvier.Network().population(name, 1, method=method, advance=advance, precision=precision)
    state = [(field[0], field[1], field[2]) for field in model.get("state", [])]
    receptors = tuple(receptor[0] for receptor in model.get("receptors", []))
    units = {receptor[1] for receptor in model.get("receptors", [])}
    fields = {field[0]: field[2] for field in model["parameters"]}
    return type(
        name,
        (NativeCellType,),
        {
            "__doc__": model["summary"],
            "native_model": name,
            "native_constants": {"method": method, "advance": advance, "precision": precision},
            "native_state": {variable: variable for variable, _, _ in state},
            "default_parameters": fields,
            "default_initial_values": {},
            "recordable": ["spikes", *(variable for variable, _, _ in state)],
            "units": {
                **{variable: unit for variable, unit, _ in state},
                **{field[0]: field[1] for field in model["parameters"]},
            },
            "receptor_types": receptors,
            "injectable": bool(state),
            "conductance_based": units == {"uS"},
            "voltage_based_synapses": units == {"mV"},
        },
    )


def native_synapse_type(name: str, **words: str) -> type[NativeSynapseType]:
    """A synapse type out of a rule of `ranvier.synapse_rules()`.

    Args:
        name: of the rule.
        words: its parameters that are words, e.g. weight_dependence="power_law".

    Returns:
        A class as PyNN's own synapse types are, with the rule's parameters beside `weight` and `delay`; `tau_psc` of
        "tsodyks_markram" is as given, whatever the target.

    Raises:
        Error: there is no such rule or word.
    """
    if name == "static":
        rule: dict[str, Any] = {"summary": "a fixed weight", "parameters": [], "choices": {}}
    else:
        rule = ranvier.describe_rule(name)
    for parameter, word in words.items():
        known = rule["choices"].get(parameter, [])
        if word not in known:
            raise ranvier.RangeError(
                f"{name}: {parameter}: {word!r}, must be one of {', '.join(known) or '(no word)'}"
            )
    fields = {field[0]: field[2] for field in rule["parameters"]}
    return type(
        name,
        (NativeSynapseType,),
        {
            "__doc__": rule["summary"],
            "native_rule": None if name == "static" else name,
            "default_parameters": {"weight": 0.0, "delay": None, **fields},
            "words": words,
        },
    )
