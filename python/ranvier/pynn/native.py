"""Native cell types: any model of the kernel as a cell type of PyNN, with its own names and units."""

from __future__ import annotations

from typing import Any

from pyNN.models import BaseCellType
from pyNN.parameters import ParameterSpace

import ranvier

__all__ = ["NativeCellType", "native_cell_type"]


class NativeCellType(BaseCellType):  # type: ignore[misc]
    """A model of the kernel; made by `native_cell_type`. Nothing is translated."""

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


def native_cell_type(name: str) -> type[NativeCellType]:
    """A cell type out of a model of `ranvier.neuron_models()` or a source of `ranvier.source_models()`.

    Args:
        name: of the model.

    Returns:
        A class as PyNN's own cell types are; its recordables are the model's state variables.

    Raises:
        Error: there is no such model.
    """
    model = ranvier.describe_model(name)
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
