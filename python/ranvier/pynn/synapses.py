"""PyNN's synapse types as rules of the kernel, which has PyNN's names and units for their parameters.

`native_rule` is the rule's name (none: static), `native_options` its parameters that are words. Weights change when NEST's
definitions say: at presynaptic spikes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pyNN import errors
from pyNN.standardmodels import build_translations, synapses

import ranvier
from ranvier.pynn.simulator import state

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "ElectricalSynapse",
    "GutigWeightDependence",
    "MultiQuantalSynapse",
    "MultiplicativeWeightDependence",
    "STDPMechanism",
    "SimpleStochasticSynapse",
    "SpikePairRule",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "TsodyksMarkramSynapse",
    "Vogels2011Rule",
    "checked",
    "checked_delays",
    "checked_weights",
    "time_of_current",
]


def _same(*names: str) -> Any:
    return build_translations(*((name, name) for name in names))


class _Synapse:
    """What the synapse types share."""

    native_rule: str | None = None
    translations: Mapping[str, Any]
    takes_time_of_current = False  # of the target's receptor, as the rule's `tau_psc`

    @property
    def native_options(self) -> dict[str, str]:
        """Parameters of the rule that are words."""
        return {}

    def get_native_names(self, *names: str) -> list[str]:
        """The rule's names of parameters, all where none is given; its state has the same names in PyNN."""
        table = self.translations
        return [table[n]["translated_name"] if n in table else n for n in names or table]

    def _get_minimum_delay(self) -> float:
        return state.least_delay


class StaticSynapse(_Synapse, synapses.StaticSynapse):  # type: ignore[misc]
    __doc__ = synapses.StaticSynapse.__doc__
    translations = _same("weight", "delay")


class TsodyksMarkramSynapse(_Synapse, synapses.TsodyksMarkramSynapse):  # type: ignore[misc]
    __doc__ = synapses.TsodyksMarkramSynapse.__doc__
    translations = _same("weight", "delay", "U", "tau_rec", "tau_facil")
    native_rule = "tsodyks_markram"
    takes_time_of_current = True


class StochasticTsodyksMarkramSynapse(_Synapse, synapses.StochasticTsodyksMarkramSynapse):  # type: ignore[misc]
    __doc__ = synapses.StochasticTsodyksMarkramSynapse.__doc__
    translations = _same("weight", "delay", "U", "tau_rec", "tau_facil")
    native_rule = "stochastic_tsodyks_markram"


class SimpleStochasticSynapse(_Synapse, synapses.SimpleStochasticSynapse):  # type: ignore[misc]
    __doc__ = synapses.SimpleStochasticSynapse.__doc__
    translations = _same("weight", "delay", "p")
    native_rule = "simple_stochastic"


class MultiQuantalSynapse(_Synapse, synapses.MultiQuantalSynapse):  # type: ignore[misc]
    """Depression and facilitation of a synapse with `n` release sites, each of which releases or fails.

    As in NEST, `weight` is that of one quantum; `U`, `tau_rec` and `tau_facil` (ms) as for the other Tsodyks-Markram types.
    """

    translations = _same("weight", "delay", "U", "n", "tau_rec", "tau_facil")
    native_rule = "multi_quantal"


class ElectricalSynapse(synapses.ElectricalSynapse):  # type: ignore[misc]
    """Refused: electrical synapses are not part of Ranvier."""

    def __init__(self, **parameters: Any) -> None:
        raise ranvier.UnsupportedError(
            "ElectricalSynapse: electrical synapses (gap junctions) are not part of Ranvier"
        )


class STDPMechanism(_Synapse, synapses.STDPMechanism):  # type: ignore[misc]
    __doc__ = synapses.STDPMechanism.__doc__
    base_translations = _same("weight", "delay", "dendritic_delay_fraction")

    def _build_translations(self) -> None:
        for part in ("timing_dependence", "weight_dependence"):
            if getattr(self, part) is None:
                raise ranvier.UsageError(f"STDPMechanism: {part} must be given")
        if self.voltage_dependence is not None:
            raise ranvier.UnsupportedError("STDPMechanism: there is no voltage_dependence")
        self.translations = {
            **self.base_translations,
            **self.timing_dependence.translations,
            **self.weight_dependence.translations,
        }
        self.native_rule = self.model

    @property
    def native_options(self) -> dict[str, str]:
        """The weight dependence, where the rule has several."""
        if self.native_rule != "stdp_pair":
            return {}
        return {"weight_dependence": self.weight_dependence.native_name}


class AdditiveWeightDependence(synapses.AdditiveWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.AdditiveWeightDependence.__doc__
    translations = _same("w_min", "w_max")
    possible_models: ClassVar = {"stdp_pair", "vogels_2011"}
    native_name = "additive"


class MultiplicativeWeightDependence(synapses.MultiplicativeWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.MultiplicativeWeightDependence.__doc__
    translations = _same("w_min", "w_max")
    possible_models: ClassVar = {"stdp_pair"}
    native_name = "multiplicative"


class AdditivePotentiationMultiplicativeDepression(
    synapses.AdditivePotentiationMultiplicativeDepression  # type: ignore[misc]
):
    __doc__ = synapses.AdditivePotentiationMultiplicativeDepression.__doc__
    translations = _same("w_min", "w_max")
    possible_models: ClassVar = {"stdp_pair"}
    native_name = "additive_potentiation_multiplicative_depression"


class GutigWeightDependence(synapses.GutigWeightDependence):  # type: ignore[misc]
    __doc__ = synapses.GutigWeightDependence.__doc__
    translations = _same("w_min", "w_max", "mu_plus", "mu_minus")
    possible_models: ClassVar = {"stdp_pair"}
    native_name = "guetig"


class SpikePairRule(synapses.SpikePairRule):  # type: ignore[misc]
    __doc__ = synapses.SpikePairRule.__doc__
    translations = _same("tau_plus", "tau_minus", "A_plus", "A_minus")
    possible_models: ClassVar = {"stdp_pair"}


class Vogels2011Rule(synapses.Vogels2011Rule):  # type: ignore[misc]
    __doc__ = synapses.Vogels2011Rule.__doc__
    translations = _same("tau", "eta", "rho")
    possible_models: ClassVar = {"vogels_2011"}


def checked_weights(projection: Any, weights: Any) -> Any:
    """The weights themselves, where the projection's receptor takes them: conductances (uS) are not negative."""
    if np.any(np.asarray(weights) < 0) and projection.post.conductance_based:
        raise errors.ConnectionError(
            f"{projection.label}: weight: {np.min(weights)} uS, a conductance must be >= 0"
        )
    return weights


def checked_delays(projection: Any, delays: Any) -> Any:
    """The delays themselves (ms), where to the nearest step they lie within what setup() was given; "auto" is no limit."""
    low, high = state.asked_delays
    given = np.atleast_1d(np.asarray(delays, dtype=float))

    def in_steps(ms: Any) -> Any:
        return np.floor(np.asarray(ms, dtype=float) / state.dt + 0.5)

    steps = in_steps(given)
    limits, is_outside = [], np.zeros(steps.shape, dtype=bool)
    if not isinstance(low, str):
        limits.append(f"at least min_delay = {low:g} ms")
        is_outside |= steps < in_steps(low)
    if not isinstance(high, str):
        limits.append(f"at most max_delay = {high:g} ms")
        is_outside |= steps > in_steps(high)
    if is_outside.any():
        raise errors.ConnectionError(
            f"{projection.label}: delay: {given[is_outside][0]:g} ms, must be "
            f"{' and '.join(limits)} (setup)"
        )
    return delays


def checked(projection: Any, name: str, values: Any) -> Any:
    """The values of an attribute of connections themselves, where they may be set."""
    check = {"weight": checked_weights, "delay": checked_delays}.get(name)
    return values if check is None else check(projection, values)


def time_of_current(celltype: Any, receptor: str) -> str | None:
    """The native parameter that says how long a receptor's current lasts (ms); None where it is a pulse."""
    if hasattr(celltype, "native_time"):
        return str(celltype.native_time(receptor))
    name = {"excitatory": "tau_syn_E", "inhibitory": "tau_syn_I"}.get(receptor, "")
    return name if name in celltype.get_native_names() else None
