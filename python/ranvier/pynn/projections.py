"""PyNN's projections: PyNN's own connectors enumerate the pairs, the native network gets them as lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from pyNN import common
from pyNN.space import Space

import ranvier
from ranvier.pynn import simulator
from ranvier.pynn.cells import StaticSynapse

__all__ = ["Projection"]


class Connection(common.Connection):  # type: ignore[misc]
    """One connection, seen through its projection."""

    def __init__(self, projection: Projection, index: int) -> None:
        self._projection = projection
        self._index = index

    @property
    def presynaptic_index(self) -> int:
        """Index in the presynaptic population."""
        return int(self._projection._arrays()["pre"][self._index])

    @property
    def postsynaptic_index(self) -> int:
        """Index in the postsynaptic population."""
        return int(self._projection._arrays()["post"][self._index])

    @property
    def presynaptic_cell(self) -> Any:
        """The source cell."""
        return self._projection.pre[self.presynaptic_index]

    @property
    def postsynaptic_cell(self) -> Any:
        """The target cell."""
        return self._projection.post[self.postsynaptic_index]

    def _get(self, name: str) -> float:
        return float(self._projection._arrays()[name][self._index])

    def _set(self, name: str, value: float) -> None:
        simulator.state.require_before_run(name)
        self._projection._arrays()[name][self._index] = value

    weight = property(lambda self: self._get("weight"), lambda self, w: self._set("weight", w))
    delay = property(lambda self: self._get("delay"), lambda self, d: self._set("delay", d))

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """The attributes named, in that order."""
        return tuple(getattr(self, name) for name in names)


class Projection(common.Projection):  # type: ignore[misc]
    __doc__ = common.Projection.__doc__
    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: str | None = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        simulator.state.require_before_run("projection")
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            Space() if space is None else space,
            label,
        )
        if not isinstance(self.synapse_type, StaticSynapse):
            raise ranvier.UnsupportedError(
                f"{type(self.synapse_type).__name__}: this backend has static synapses alone"
            )
        self._parts: dict[str, list[Any]] = {"pre": [], "post": [], "weight": [], "delay": []}
        self._whole: dict[str, Any] | None = None
        connector.connect(self)
        simulator.state.projections.append(self)

    def _convergent_connect(
        self,
        presynaptic_indices: Any,
        postsynaptic_index: int,
        location_selector: Any = None,
        **parameters: Any,
    ) -> None:
        if location_selector is not None:
            raise ranvier.UnsupportedError("location_selector: cells of this backend are points")
        pre = np.asarray(presynaptic_indices).reshape(-1)
        self._parts["pre"].append(pre)
        self._parts["post"].append(np.full(pre.shape, postsynaptic_index))
        for name in ("weight", "delay"):
            self._parts[name].append(np.broadcast_to(parameters[name], pre.shape).astype(float))
        self._whole = None

    def _arrays(self) -> dict[str, Any]:
        """Columns pre, post, weight (receptor's unit), delay (ms), one entry a connection."""
        if self._whole is None:
            self._whole = {
                name: np.concatenate(parts) if parts else np.zeros(0)
                for name, parts in self._parts.items()
            }
            self._parts = {name: [column] for name, column in self._whole.items()}
        return self._whole

    def __len__(self) -> int:
        return len(self._arrays()["pre"])

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            return [Connection(self, k) for k in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(f"connection {i} of {len(self)}")
        return Connection(self, i % len(self))

    @property
    def connections(self) -> Iterator[Connection]:
        """All connections."""
        return (Connection(self, k) for k in range(len(self)))

    def _set_attributes(self, parameter_space: Any) -> None:
        simulator.state.require_before_run("projection")
        parameter_space.evaluate(simplify=False)
        arrays = self._arrays()
        for name, value in parameter_space.items():
            arrays[name][:] = value[arrays["pre"].astype(int), arrays["post"].astype(int)]

    def _describe(self, net: ranvier.Network) -> None:
        arrays = self._arrays()
        if not len(self):
            return
        source, target = _cells_of(self.pre), _cells_of(self.post)
        pre, post = source[arrays["pre"].astype(int)], target[arrays["post"].astype(int)]
        for pair in np.unique(np.column_stack([pre[:, 0], post[:, 0]]), axis=0):
            chosen = (pre[:, 0] == pair[0]) & (post[:, 0] == pair[1])
            rows = np.column_stack(
                [pre[chosen, 1], post[chosen, 1], arrays["weight"][chosen], arrays["delay"][chosen]]
            )
            net.project(
                f"p{pair[0]}",
                f"p{pair[1]}",
                ranvier.from_list(rows),
                receptor=self.receptor_type,
                name=f"{len(net.projections)}: {self.label}",
            )


def _cells_of(cells: Any) -> Any:
    """Of every cell of a population, view or assembly: number of its population, index in it; [n, 2]."""
    numbers = {id(p): k for k, p in enumerate(simulator.state.populations)}
    pairs = [(numbers[id(c.parent)], c.parent.id_to_index(c)) for c in cells.all_cells]
    return np.array(pairs, dtype=int).reshape(-1, 2)
