"""PyNN's cells as translation tables: PyNN's names and units are Ranvier's own, so that most are the same.

`native_model` is the kernel's model; `native_state` maps PyNN's recordable and initial variables to its state variables, or
to several whose sum they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from pyNN.standardmodels import build_translations, cells

_CURRENT = (
    "v_rest",
    "cm",
    "tau_m",
    "tau_refrac",
    "tau_syn_E",
    "tau_syn_I",
    "i_offset",
    "v_reset",
    "v_thresh",
)
_CONDUCTANCE = (*_CURRENT, "e_rev_E", "e_rev_I")
_ADAPTIVE = (*_CONDUCTANCE, "v_spike", "a", "b", "delta_T", "tau_w")
_CONDUCTANCES = {"v": "v", "gsyn_exc": "g_e", "gsyn_inh": "g_i"}


def _same(names: Iterable[str]) -> Any:
    return build_translations(*((name, name) for name in names))


class IF_curr_exp(cells.IF_curr_exp):  # type: ignore[misc]
    __doc__ = cells.IF_curr_exp.__doc__
    translations = _same(_CURRENT)
    native_model = "if_curr_exp"
    native_state: ClassVar = {"v": "v", "isyn_exc": "i_e", "isyn_inh": "i_i"}


class IF_curr_alpha(cells.IF_curr_alpha):  # type: ignore[misc]
    __doc__ = cells.IF_curr_alpha.__doc__
    translations = _same(_CURRENT)
    native_model = "if_curr_alpha"
    native_state: ClassVar = {"v": "v", "isyn_exc": "i_e", "isyn_inh": "i_i"}


class IF_curr_delta(cells.IF_curr_delta):  # type: ignore[misc]
    __doc__ = cells.IF_curr_delta.__doc__
    translations = _same(name for name in _CURRENT if not name.startswith("tau_syn"))
    native_model = "if_curr_delta"
    native_state: ClassVar = {"v": "v"}


class IF_cond_exp(cells.IF_cond_exp):  # type: ignore[misc]
    __doc__ = cells.IF_cond_exp.__doc__
    translations = _same(_CONDUCTANCE)
    native_model = "if_cond_exp"
    native_state: ClassVar = _CONDUCTANCES


class IF_cond_alpha(cells.IF_cond_alpha):  # type: ignore[misc]
    __doc__ = cells.IF_cond_alpha.__doc__
    translations = _same(_CONDUCTANCE)
    native_model = "if_cond_alpha"
    native_state: ClassVar = _CONDUCTANCES


class EIF_cond_exp_isfa_ista(cells.EIF_cond_exp_isfa_ista):  # type: ignore[misc]
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    translations = _same(_ADAPTIVE)
    native_model = "eif_cond_exp_isfa_ista"
    native_state: ClassVar = {**_CONDUCTANCES, "w": "w"}


class EIF_cond_alpha_isfa_ista(cells.EIF_cond_alpha_isfa_ista):  # type: ignore[misc]
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    translations = _same(_ADAPTIVE)
    native_model = "eif_cond_alpha_isfa_ista"
    native_state: ClassVar = {**_CONDUCTANCES, "w": "w"}


class IF_cond_exp_gsfa_grr(cells.IF_cond_exp_gsfa_grr):  # type: ignore[misc]
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    translations = _same(cells.IF_cond_exp_gsfa_grr.default_parameters)
    native_model = "if_cond_exp_gsfa_grr"
    native_state: ClassVar = {**_CONDUCTANCES, "g_s": "g_s", "g_r": "g_r"}


class IF_facets_hardware1(cells.IF_facets_hardware1):  # type: ignore[misc]
    __doc__ = cells.IF_facets_hardware1.__doc__
    # What the hardware fixes: cm 0.2 nF, tau_refrac 1 ms, e_rev_E 0 mV (PyNN's text of the model).
    translations = build_translations(
        ("g_leak", "tau_m", "0.2 * 1000.0 / g_leak", "0.2 * 1000.0 / tau_m"),
        *(
            (name, name)
            for name in ("tau_syn_E", "tau_syn_I", "v_reset", "e_rev_I", "v_rest", "v_thresh")
        ),
    )
    native_model = "if_cond_exp"
    native_state: ClassVar = _CONDUCTANCES
    native_constants: ClassVar = {"cm": 0.2, "tau_refrac": 1.0, "e_rev_E": 0.0}


class HH_cond_exp(cells.HH_cond_exp):  # type: ignore[misc]
    __doc__ = cells.HH_cond_exp.__doc__
    translations = _same(
        (
            "gbar_Na",
            "gbar_K",
            "g_leak",
            "cm",
            "v_offset",
            "e_rev_Na",
            "e_rev_K",
            "e_rev_leak",
            "e_rev_E",
            "e_rev_I",
            "tau_syn_E",
            "tau_syn_I",
            "i_offset",
        )
    )
    native_model = "hh_cond_exp"
    native_state: ClassVar = {**_CONDUCTANCES, "m": "m", "h": "h", "n": "n"}
    receptor_types = ("excitatory", "inhibitory")


class Izhikevich(cells.Izhikevich):  # type: ignore[misc]
    __doc__ = cells.Izhikevich.__doc__
    translations = _same(("a", "b", "c", "d", "i_offset"))
    native_model = "izhikevich"
    native_state: ClassVar = {"v": "v", "u": "u"}


class GIF_cond_exp(cells.GIF_cond_exp):  # type: ignore[misc]
    __doc__ = cells.GIF_cond_exp.__doc__
    translations = build_translations(
        *((name, name) for name in _CONDUCTANCE if name != "v_thresh"),
        ("delta_v", "delta_v"),
        ("v_t_star", "v_t_star"),
        ("lambda0", "lambda0"),
        # Three values each; the kernel has a parameter for every one: tau_eta_1, ...
        *((name, name) for name in ("tau_eta", "a_eta", "tau_gamma", "a_gamma")),
    )
    native_model = "gif_cond_exp"
    native_state: ClassVar = {
        **_CONDUCTANCES,
        "i_eta": ("eta_1", "eta_2", "eta_3"),
        "v_t": ("v_t_star", "gamma_1", "gamma_2", "gamma_3"),
    }


class SpikeSourcePoisson(cells.SpikeSourcePoisson):  # type: ignore[misc]
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = build_translations(
        ("rate", "rate"),
        ("start", "start"),
        ("duration", "stop", "start + duration", "stop - start"),
    )
    native_model = "spike_source_poisson"
    native_state: ClassVar[dict[str, str]] = {}


class SpikeSourcePoissonRefractory(cells.SpikeSourcePoissonRefractory):  # type: ignore[misc]
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    translations = build_translations(
        ("rate", "rate"),
        ("tau_refrac", "tau_refrac"),
        ("start", "start"),
        ("duration", "stop", "start + duration", "stop - start"),
    )
    native_model = "spike_source_poisson_refractory"
    native_state: ClassVar[dict[str, str]] = {}


class SpikeSourceGamma(cells.SpikeSourceGamma):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceGamma.__doc__
    translations = build_translations(
        ("alpha", "shape"),
        ("beta", "rate", "beta / alpha", "rate * shape"),
        ("start", "start"),
        ("duration", "stop", "start + duration", "stop - start"),
    )
    native_model = "spike_source_gamma"
    native_state: ClassVar[dict[str, str]] = {}


class SpikeSourceInhGamma(cells.SpikeSourceInhGamma):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceInhGamma.__doc__
    translations = build_translations(
        *((name, name) for name in ("a", "b", "tbins", "start")),
        ("duration", "stop", "start + duration", "stop - start"),
    )
    native_model = "spike_source_array"
    native_state: ClassVar[dict[str, str]] = {}
    draws_trains = True


class SpikeSourceArray(cells.SpikeSourceArray):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = _same(("spike_times",))
    native_model = "spike_source_array"
    native_state: ClassVar[dict[str, str]] = {}
