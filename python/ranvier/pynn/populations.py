"""PyNN's populations, views and assemblies over a description that the native network is built from."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from pyNN import common, errors
from pyNN.parameters import ParameterSpace, Sequence, simplify

import ranvier
from ranvier.pynn import simulator
from ranvier.pynn.inh_gamma import InhGammaTrains
from ranvier.pynn.recording import Recorder

__all__ = ["Assembly", "Population", "PopulationView"]


class Assembly(common.Assembly):  # type: ignore[misc]
    __doc__ = common.Assembly.__doc__
    _simulator = simulator

    @property
    def receptor_types(self) -> list[str]:
        """Those that all populations have, in the first one's order: excitation is the default, the same in every process."""
        first, *others = (population.celltype.receptor_types for population in self.populations)
        return [name for name in first if all(name in other for other in others)]


class _Parameters:
    """Reading and setting, shared by a population and its views: `_native` holds one value a cell, `_chosen` the cells."""

    _chosen: Any
    celltype: Any

    def _owner(self) -> Population:
        raise NotImplementedError

    def _get_view(self, selector: Any, label: str | None = None) -> PopulationView:
        return PopulationView(self, selector, label)

    def _get_parameters(self, *names: str) -> ParameterSpace:
        computed = any(name in self.celltype.computed_parameters() for name in names)
        native = self.celltype.get_native_names(*(() if computed else names))
        return self.celltype.reverse_translate(self._get_native_parameters(*native))

    def _get_native_parameters(self, *names: str) -> ParameterSpace:
        owner, chosen = self._owner(), self._cells()
        values = {name: simplify(owner._native[name][chosen]) for name in names}
        return ParameterSpace(values, shape=(len(chosen),))

    def _set_parameters(self, parameter_space: ParameterSpace) -> None:
        chosen = self._cells()
        parameter_space.shape = (len(chosen),)
        try:
            parameter_space.evaluate(simplify=False)
        except ValueError as error:
            raise errors.InvalidParameterValueError(str(error)) from error
        self._owner()._change(chosen, parameter_space.as_dict())

    def _set_initial_value_array(self, variable: str, initial_values: Any) -> None:
        chosen = self._cells()
        values = np.broadcast_to(initial_values.evaluate(simplify=True), (len(chosen),))
        self._owner()._change_initial(variable, chosen, values)

    def _cells(self) -> Any:
        raise NotImplementedError


@contextmanager
def _no_collection() -> Iterator[None]:
    """Many objects are made that all stay: looking for garbage among all others again and again takes most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class PopulationView(_Parameters, common.PopulationView):  # type: ignore[misc]
    __doc__ = common.PopulationView.__doc__
    _assembly_class = Assembly
    _simulator = simulator

    def _owner(self) -> Population:
        grandparent: Population = self.grandparent
        return grandparent

    def _cells(self) -> Any:
        return np.asarray(self.index_in_grandparent(np.arange(self.size)), dtype=int)


class Population(_Parameters, common.Population):  # type: ignore[misc]
    __doc__ = common.Population.__doc__
    _simulator = simulator
    _recorder_class = Recorder
    _assembly_class = Assembly

    def _owner(self) -> Population:
        return self

    def _cells(self) -> Any:
        return np.arange(self.size)

    def _create_cells(self) -> None:
        state = simulator.state
        if not hasattr(self.celltype, "native_model"):
            raise ranvier.UnsupportedError(
                f"{type(self.celltype).__name__}: not a cell type of this backend"
            )
        if self.size < 1:
            raise ranvier.RangeError(f"{self.label}: {self.size} cells, must be one or more")
        first = state.id_counter
        of_this = type("ID", (simulator.ID,), {"parent": self})  # quicker than an attribute of each
        cells = map(of_this, range(first, first + self.size))
        with _no_collection():
            self.all_cells = np.fromiter(cells, dtype=object, count=self.size)
        state.id_counter += self.size
        self._mask_local = np.ones(self.size, dtype=bool)
        space = self.celltype.native_parameters
        space.shape = (self.size,)
        self._native: dict[str, Any] = {
            name: _column(value, self.size) for name, value in space.items()
        }
        if "spike_times" in self._native:
            _check_order(self._native["spike_times"])
        self._native_initial: dict[str, Any] = {}
        self._number = len(state.populations)
        self._native_name = f"{self._number}: {self.label}".replace("/", "_")  # as messages have it
        self._has_places = False
        self._trains: InhGammaTrains | None = None
        state.populations.append(self)
        state.structure_changed()

    def _describe(self, net: ranvier.Network) -> None:
        trains = self._drawn(simulator.state.t)
        if trains is None and "spike_times" in self._native:
            trains = _trains(self._native["spike_times"])
        net.population(
            self.celltype.native_model,
            self.size,
            name=self._native_name,
            initial={
                key: value
                for name, column in self._native_initial.items()
                for key, value in _columns(name, column).items()
            }
            or None,
            spike_times=trains,
            positions=self.positions.T if self._has_places else None,
            **getattr(self.celltype, "native_constants", {}),
            **({} if trains is not None else self._native_columns()),
        )

    def _native_columns(self) -> dict[str, Any]:
        return {
            key: value
            for name, column in self._native.items()
            for key, value in _columns(name, column).items()
        }

    def _drawn(self, ms: float) -> list[Any] | None:
        """Spikes up to `ms` of sources whose trains are drawn here; None for others."""
        if not hasattr(self.celltype, "draws_trains"):
            return None
        if self._trains is None:
            self._trains = InhGammaTrains(self._native, simulator.state.seed, self._number)
        return self._trains.until(ms)

    def _draw_until(self, ms: float) -> None:
        trains = self._drawn(ms)
        cells = simulator.state.running_cells(self)
        if trains is not None and cells is not None:
            cells.set(spike_times=trains)

    def _change(self, chosen: Any, values: dict[str, Any]) -> None:
        if "spike_times" in values:
            _check_order(np.atleast_1d(values["spike_times"]))
        before = {name: self._native[name].copy() for name in values}
        for name, value in values.items():
            self._native[name][chosen] = value
        cells = simulator.state.running_cells(self)
        if self._trains is not None:
            self._trains.change(simulator.state.t)
        if cells is None or self._trains is not None:
            return
        try:
            for name in values:
                if name == "spike_times":
                    cells.set(spike_times=_trains(self._native[name]))
                else:
                    cells[chosen].set(**_columns(name, self._native[name][chosen]))
        except ranvier.Error:
            self._native.update(before)
            raise

    def _change_initial(self, variable: str, chosen: Any, values: Any) -> None:
        native = self.celltype.native_state.get(variable)
        if not isinstance(native, str):
            standard = self.celltype.default_initial_values.get(variable)
            known = [k for k, v in self.celltype.native_state.items() if isinstance(v, str)]
            text = (
                f"{self.label}: {variable}: cannot be initialized; what can: "
                f"{', '.join(known) or '(nothing)'}"
            )
            if standard is None:
                raise ranvier.RangeError(text)
            if np.any(values != standard):
                warnings.warn(text, stacklevel=5)
            return
        cells = simulator.state.running_cells(self)
        if cells is not None:
            cells[chosen].set(**{native: values})
        if native not in self._native_initial:
            self._native_initial[native] = np.zeros(self.size)
        self._native_initial[native][chosen] = values


def _column(value: Any, size: int) -> Any:
    """A lazy array as one value a cell, whole at once where they are one number."""
    if isinstance(value.base_value, (int, float)):
        one = value.evaluate(simplify=True)
        if isinstance(one, (int, float)):
            return np.full(size, float(one))
    return np.array(np.broadcast_to(value.evaluate(simplify=False), (size,)))


def _columns(name: str, values: Any) -> dict[str, Any]:
    """A native parameter as the kernel has it: one number a cell, or NAME_1, NAME_2, ... of array parameters."""
    if values.dtype != object:
        return {name: values[0] if len(values) and np.all(values == values[0]) else values}
    rows = np.array([np.asarray(v.value, dtype=float) for v in values])
    return {f"{name}_{k + 1}": rows[:, k] for k in range(rows.shape[1])}


def _check_order(trains: Any) -> None:
    for train in _trains(trains):
        if np.any(np.diff(np.reshape(train, -1)) < 0):
            raise errors.InvalidParameterValueError(
                f"spike times of a SpikeSourceArray must rise: {np.asarray(train)}"
            )


def _trains(values: Any) -> list[Any]:
    """Spike times of every source out of PyNN's sequences."""
    return [v.value if isinstance(v, Sequence) else v for v in values]
