"""PyNN's composed neurons: a membrane (LIF, AdExp) and up to four receptors of its own kinds.

The kernel has one model a membrane and kind of synapse (current or conductance), with four numbered receptors
(`neurons/four_receptors.inc`); a `PointNeuron`'s receptors are numbered in the order of their names. A conductance that jumps has no
rise, an alpha function rises as it decays, a beta function has a time constant for each.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any, ClassVar

from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import build_translations, cells, receptors

import ranvier

__all__ = [
    "AdExp",
    "AlphaPSR",
    "BetaPSR",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CurrExpPostSynapticResponse",
    "ExpPSR",
    "LIF",
    "PointNeuron",
]

_MOST = 4


def _same(kind: Any) -> Any:
    return build_translations(*((name, name) for name in kind.default_parameters))


class LIF(cells.LIF):  # type: ignore[misc]
    __doc__ = cells.LIF.__doc__
    translations = _same(cells.LIF)
    native_name = "lif"


class AdExp(cells.AdExp):  # type: ignore[misc]
    __doc__ = cells.AdExp.__doc__
    translations = _same(cells.AdExp)
    native_name = "adex"


class CurrExpPostSynapticResponse(receptors.CurrExpPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    translations = _same(receptors.CurrExpPostSynapticResponse)
    recordable: ClassVar = ["isyn"]
    native_names: ClassVar = {"tau_syn": ("tau_syn",), "isyn": ("i",)}


class CondExpPostSynapticResponse(receptors.CondExpPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    translations = _same(receptors.CondExpPostSynapticResponse)
    recordable: ClassVar = ["gsyn"]
    native_names: ClassVar = {"e_syn": ("e_rev",), "tau_syn": ("tau_decay",), "gsyn": ("g",)}


class CondAlphaPostSynapticResponse(receptors.CondAlphaPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    translations = _same(receptors.CondAlphaPostSynapticResponse)
    recordable: ClassVar = ["gsyn"]
    native_names: ClassVar = {
        "e_syn": ("e_rev",),
        "tau_syn": ("tau_decay", "tau_rise"),
        "gsyn": ("g",),
    }


class CondBetaPostSynapticResponse(receptors.CondBetaPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    translations = _same(receptors.CondBetaPostSynapticResponse)
    recordable: ClassVar = ["gsyn"]
    native_names: ClassVar = {
        "e_syn": ("e_rev",),
        "tau_rise": ("tau_rise",),
        "tau_decay": ("tau_decay",),
        "gsyn": ("g",),
    }


ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse


class PointNeuron(cells.PointNeuron):  # type: ignore[misc]
    """A membrane with named receptors, e.g. `PointNeuron(LIF(tau_m=10), AMPA=ExpPSR(tau_syn=2), GABA=AlphaPSR(e_syn=-70))`.

    Parameters and recordables of a receptor have its name before them: `GABA.e_syn`, `AMPA.gsyn`.
    """

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        if not 1 <= len(post_synaptic_receptors) <= _MOST:
            raise ranvier.UnsupportedError(
                f"PointNeuron: {len(post_synaptic_receptors)} receptors, must be 1 to {_MOST}"
            )
        super().__init__(neuron, **post_synaptic_receptors)

    @property
    def native_model(self) -> str:
        """The kernel's model."""
        kind = "cond" if self.conductance_based else "curr"
        return f"{self.neuron.native_name}_{kind}_multi"

    @property
    def native_state(self) -> dict[str, str]:
        """The kernel's state variable of each recordable."""
        state = {name: name for name in self.neuron.recordable if name != "spikes"}
        for name, psr in self.post_synaptic_receptors.items():
            for variable in psr.recordable:
                (state[f"{name}.{variable}"],) = self._native(f"{name}.{variable}")
        return state

    @property
    def injectable(self) -> bool:
        """Whether currents may be injected: yes."""
        return True

    def _native(self, name: str) -> tuple[str, ...]:
        """Names in the kernel's tables of a parameter or recordable."""
        if "." not in name:
            return (name,)
        receptor, inner = name.split(".", 1)
        names = self.post_synaptic_receptors[receptor].native_names.get(inner, ())
        number = self.receptor_types.index(receptor) + 1
        return tuple(f"{native}_{number}" for native in names)

    def native_receptor(self, name: str) -> str:
        """The kernel's name of a receptor."""
        return f"receptor_{self.receptor_types.index(name) + 1}"

    def native_time(self, name: str) -> str:
        """The kernel's parameter for how long a receptor's current lasts (ms)."""
        psr = self.post_synaptic_receptors[name]
        inner = "tau_syn" if "tau_syn" in psr.native_names else "tau_decay"
        return self._native(f"{name}.{inner}")[0]

    def _names(self) -> list[str]:
        """All parameters, those of receptors with the receptor's name before them."""
        return list(self.neuron.default_parameters) + [
            f"{receptor}.{name}"
            for receptor, psr in self.post_synaptic_receptors.items()
            for name in psr.default_parameters
            if name != "locations"
        ]

    def get_native_names(self, *names: str) -> list[str]:
        """The kernel's names of parameters; of all where none is given."""
        return [native for name in names or self._names() for native in self._native(name)]

    @property
    def native_parameters(self) -> ParameterSpace:
        """The parameters under the kernel's names."""
        return self.translate(self.parameter_space)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Parameters under the kernel's names."""
        native = {}
        for name, value in parameters.items():
            inner = value.items() if isinstance(value, ParameterSpace) else [(None, value)]
            for part, lazy in inner:
                for key in self._native(name if part is None else f"{name}.{part}"):
                    native[key] = deepcopy(lazy)
        return ParameterSpace(native, schema=None, shape=parameters.shape)

    def reverse_translate(self, native_parameters: ParameterSpace) -> ParameterSpace:
        """Parameters under PyNN's names."""
        known = native_parameters.keys()
        standard = {
            name: native_parameters[native[0]]
            for name in self._names()
            if (native := self._native(name)) and native[0] in known
        }
        return ParameterSpace(standard, schema=None, shape=native_parameters.shape)
