"""PyNN's populations, views and assemblies over a description that the native network is built from."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import numpy as np
import pyNN
from numpy.typing import NDArray
from pyNN import common, errors
from pyNN.parameters import LazyArray, ParameterSpace, Sequence, simplify

import ranvier
from ranvier.pynn import simulator
from ranvier.pynn.inh_gamma import InhGammaTrains
from ranvier.pynn.parameters import all_columns, changed, column, columns, native_values, uniform
from ranvier.pynn.recording import Recorder
from ranvier.pynn.rules import seed_by_setup

__all__ = ["Assembly", "Population", "PopulationView", "cells_of"]


class Assembly(common.Assembly):  # type: ignore[misc]
    __doc__ = common.Assembly.__doc__
    _simulator = simulator

    @property
    def receptor_types(self) -> list[str]:
        """Those that all populations have, in the first one's order: excitation is the default, the same in every process."""
        first, *others = (population.celltype.receptor_types for population in self.populations)
        return [name for name in first if all(name in other for other in others)]

    @property
    def _numbers(self) -> NDArray[np.int64]:
        return np.concatenate([part._numbers for part in self.populations])


class _Parameters:
    """Reading and setting, shared by a population and its views: `_native` holds one value a cell."""

    celltype: Any
    size: int

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
        seed_by_setup(parameter_space)
        parameter_space.shape = (len(chosen),)
        try:
            parameter_space.evaluate(simplify=False)
        except ValueError as error:
            raise errors.InvalidParameterValueError(str(error)) from error
        self._owner()._change(chosen, parameter_space.as_dict())

    def _set_initial_value_array(self, variable: str, initial_values: Any) -> None:
        owner = self._owner()
        chosen = slice(None) if owner is self else self._cells()
        seed_by_setup(initial_values)
        given = initial_values.evaluate(simplify=True)
        values = given if np.ndim(given) else uniform(given, self.size)
        owner._change_initial(variable, chosen, values)
        native = self.celltype.native_state.get(variable)
        if owner is not self and isinstance(native, str):
            owner.initial_values[variable] = LazyArray(owner._native_initial[native])

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


class _Numbered:
    """What PyNN's constructor of a view asks of its parent, with numbers for the cells, which may not be made yet."""

    def __init__(self, parent: Any) -> None:
        self.celltype = parent.celltype
        self.label = parent.label
        self.recorder = parent.recorder
        self.all_cells = parent._numbers
        self._mask_local = parent._mask_local

    def __len__(self) -> int:
        return len(self.all_cells)


class PopulationView(_Parameters, common.PopulationView):  # type: ignore[misc]
    __doc__ = common.PopulationView.__doc__
    _assembly_class = Assembly
    _simulator = simulator

    def __init__(self, parent: Any, selector: Any, label: str | None = None) -> None:
        super().__init__(_Numbered(parent), selector, label)
        self.parent = parent
        self._numbers: NDArray[np.int64] = self.all_cells
        del self.all_cells, self.local_cells, self.first_id, self.last_id

    @cached_property
    def all_cells(self) -> NDArray[Any]:
        """The cells, [size], those of the parent."""
        return np.asarray(self.parent.all_cells[self.mask])

    @cached_property
    def local_cells(self) -> NDArray[Any]:
        """The cells, [size]: every process holds all."""
        return np.asarray(self.all_cells[self._mask_local])

    @cached_property
    def first_id(self) -> Any:
        """The cell of the least number."""
        return np.min(self.all_cells)

    @cached_property
    def last_id(self) -> Any:
        """The cell of the largest number."""
        return np.max(self.all_cells)

    @property
    def initial_values(self) -> dict[str, LazyArray]:
        """Initial values of these cells by name, as a copy: `initialize` sets them."""
        values = self._owner().initial_values
        return {name: LazyArray(value.evaluate()[self._cells()]) for name, value in values.items()}

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

    def __init__(
        self,
        size: Any,
        cellclass: Any,
        cellparams: Any = None,
        structure: Any = None,
        initial_values: Mapping[str, Any] | None = None,
        label: str | None = None,
    ) -> None:
        initial = {} if initial_values is None else initial_values
        try:
            super().__init__(size, cellclass, cellparams, structure, initial, label)
        finally:
            self.__dict__.pop("all_cells", None)  # the first and the last, which PyNN has kept

    @cached_property
    def all_cells(self) -> NDArray[Any]:
        """The cells, [size]; made when they are first asked for: most scripts never do, and have many of them."""
        with _no_collection():
            cells = np.fromiter(map(self._cell, self._record_filter), object, self.size)
        cells[0], cells[-1] = self.first_id, self.last_id
        return cells

    @property
    def _numbers(self) -> NDArray[np.int64]:
        return np.arange(self._record_filter[0], self._record_filter[-1] + 1)

    def _owner(self) -> Population:
        return self

    def _cells(self) -> Any:
        return np.arange(self.size)

    @property
    def positions(self) -> NDArray[np.float64]:
        """Positions of the cells, um, [3, size]. Connections that were drawn by distance stay when they are set."""
        return np.asarray(self._get_positions())

    @positions.setter
    def positions(self, positions: NDArray[np.float64]) -> None:
        self._leave_places()
        self._set_positions(positions)

    @property
    def structure(self) -> Any:
        """The structure that positions are taken from; None where they were set themselves."""
        return self._get_structure()

    @structure.setter
    def structure(self, structure: Any) -> None:
        self._leave_places()
        seed_by_setup(structure)
        self._set_structure(structure)

    def _set_cell_position(self, cell: Any, position: Any) -> None:
        self._leave_places()
        super()._set_cell_position(cell, position)

    def _leave_places(self) -> None:
        for projection in simulator.state.projections:
            projection._keep_places(self)

    def _set_cell_initial_value(self, cell: Any, variable: str, value: float) -> None:
        self[[self.id_to_index(cell)]].initialize(**{variable: value})

    def _create_cells(self) -> None:
        state = simulator.state
        if not hasattr(self.celltype, "native_model"):
            raise ranvier.UnsupportedError(
                f"{type(self.celltype).__name__}: not a cell type of this backend"
            )
        if self.size < 1:
            raise ranvier.RangeError(f"{self.label}: {self.size} cells, must be one or more")
        # A class of its own, which is quicker than an attribute of each cell.
        self._cell = type("ID", (simulator.ID,), {"parent": self})
        self._record_filter = range(state.id_counter, state.id_counter + self.size)  # all of them
        first = self._cell(self._record_filter[0])
        last = self._cell(self._record_filter[-1]) if self.size > 1 else first
        self.all_cells = np.array([first, last], dtype=object)
        state.id_counter += self.size
        self._mask_local = np.ones(self.size, dtype=bool)
        seed_by_setup(self.celltype.parameter_space)
        seed_by_setup(self._structure)
        self._native: dict[str, Any] = {
            name: column(value, self.size) for name, value in native_values(self.celltype).items()
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
            initial=all_columns(self._native_initial) or None,
            spike_times=trains,
            positions=self.positions.T if self._has_places else None,
            **getattr(self.celltype, "native_constants", {}),
            **({} if trains is not None else all_columns(self._native)),
        )

    def _drawn(self, ms: float) -> list[Any] | None:
        """Spikes up to `ms` of sources whose trains are drawn here; None for others."""
        if not hasattr(self.celltype, "draws_trains"):
            return None
        if self._trains is None:
            self._trains = InhGammaTrains(self._native, simulator.state.seed, self._number)
        return self._trains.until(ms)

    def _draw_until(self, ms: float) -> None:
        trains = self._drawn(ms)
        if trains is None:
            return
        cells = simulator.state.running_cells(self)
        if cells is not None:
            cells.set(spike_times=trains)

    def _change(self, chosen: Any, values: dict[str, Any]) -> None:
        if "spike_times" in values:
            _check_order(np.atleast_1d(values["spike_times"]))
        before = {name: self._native[name] for name in values}
        for name, value in values.items():
            self._native[name] = changed(before[name], chosen, value)
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
                    cells[chosen].set(**columns(name, self._native[name][chosen]))
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
                _warn(text)
            return
        cells = simulator.state.running_cells(self)
        if cells is not None:
            cells[chosen].set(**{native: values})
        if isinstance(chosen, slice) and values.strides == (0,):
            self._native_initial[native] = values
        else:
            before = self._native_initial.get(native, uniform(0.0, self.size))
            self._native_initial[native] = changed(before, chosen, values)


def _warn(text: str) -> None:
    """Warns of the line of the script that led here, through however much of PyNN."""
    inside = tuple(os.path.dirname(file) + os.sep for file in (ranvier.__file__, pyNN.__file__))
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(inside):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, stacklevel=level)


def _check_order(trains: Any) -> None:
    for train in _trains(trains):
        if np.any(np.diff(train) < 0):
            raise errors.InvalidParameterValueError(
                f"spike times of a SpikeSourceArray must rise: {np.asarray(train)}"
            )


def _trains(values: Any) -> list[Any]:
    """Spike times of every source out of PyNN's sequences; those at 0, before the first step, come to nothing, as in pyNN.nest."""
    trains = [np.reshape(v.value if isinstance(v, Sequence) else v, -1) for v in values]
    return [train[train != 0] for train in trains]


def cells_of(cells: Any) -> NDArray[np.int64]:
    """Of every cell of a population, view or assembly: number of its population, index in it; [n, 2]."""
    parts = []
    for part in getattr(cells, "populations", [cells]):
        owner = part._owner()
        parts.append(np.column_stack([np.full(part.size, owner._number), part._cells()]))
    return np.concatenate(parts)
