"""PyNN's projections: rules that the kernel draws, or lists of connections that PyNN's connectors enumerate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common
from pyNN.connectors import Connector
from pyNN.space import Space

import ranvier
from ranvier.pynn import rules, simulator
from ranvier.pynn.cells import StaticSynapse
from ranvier.pynn.populations import Population
from ranvier.values import Value

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
        self._projection._own_arrays()[name][self._index] = value

    weight = property(lambda self: self._get("weight"), lambda self, w: self._set("weight", w))
    delay = property(lambda self: self._get("delay"), lambda self, d: self._set("delay", d))

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """The attributes named, in that order."""
        return tuple(getattr(self, name) for name in names)


@dataclass(frozen=True)
class _Rule:
    """Connections that are not listed: the kernel draws them."""

    connector: ranvier.Connector
    weight: Value
    delay: Value
    stream: int


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
        self._rule: _Rule | None = None
        self._connect(connector)
        simulator.state.projections.append(self)
        simulator.state.structure_changed()

    # -- connecting -----------------------------------------------------------------------------

    def _connect(self, connector: Connector) -> None:
        rule = rules.rule_of(connector, self)
        if rule is None:
            connector.connect(self)
            return
        parameters = self.synapse_type.native_parameters
        weight, delay = (rules.value_of(parameters[name]) for name in ("weight", "delay"))
        stream = self._stream(connector)
        if weight is None or delay is None:
            drawn = rules.draw(self, rule, 0.0, simulator.state.dt, stream)
            by_target = rules._by_target(drawn.sources, drawn.targets, self.post.size)
            connector._standard_connect(self, by_target)
            return
        self._check_values(connector, weight, delay)
        self._rule = _Rule(rule, weight, delay, stream)
        ends = (self.pre, self.post)
        if not all(isinstance(end, Population) for end in ends):
            self._own_arrays()
        elif rule.rule == "distance_dependent":
            for end in ends:
                end._has_places = True
        if connector.callback:
            connector.callback(1.0)

    def _stream(self, connector: Any) -> int:
        """The number under which the kernel draws this projection: its own, and its generator's seed."""
        rng = getattr(connector, "native_rng", None)
        seed = 0 if rng is None or rng.seed is None else rng.seed + 1
        return int((seed * 1_000_003 + len(simulator.state.projections)) % 2**47)

    def _check_values(self, connector: Any, weight: Any, delay: Any) -> None:
        if not connector.safe:
            return
        for name, value in (("weight", weight), ("delay", delay)):
            check = self.synapse_type.parameter_checks.get(name)
            if check is not None and isinstance(value, float):
                check(value, self)

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
        self._take_columns(pre, np.full(pre.shape, postsynaptic_index), parameters)

    def _take_columns(self, pre: Any, post: Any, parameters: Any) -> None:
        """Adds connections: indices and, by name, one value or one a connection."""
        self._parts["pre"].append(pre)
        self._parts["post"].append(post)
        for name in ("weight", "delay"):
            self._parts[name].append(np.broadcast_to(parameters[name], pre.shape).astype(float))
        self._whole = None

    # -- looking --------------------------------------------------------------------------------

    def _arrays(self) -> dict[str, Any]:
        """Columns pre, post, weight (receptor's unit), delay (ms), one entry a connection."""
        if self._whole is None:
            if self._rule is not None:
                self._whole = self._draw(self._rule)
            else:
                self._whole = {
                    name: np.concatenate(parts) if parts else np.zeros(0)
                    for name, parts in self._parts.items()
                }
                self._parts = {name: [column] for name, column in self._whole.items()}
        return self._whole

    def _draw(self, rule: _Rule) -> dict[str, Any]:
        drawn = rules.draw(self, rule.connector, rule.weight, rule.delay, rule.stream)
        columns: dict[str, Any] = {"pre": drawn.sources, "post": drawn.targets}
        for name, values in (("weight", drawn.weights), ("delay", drawn.delays)):
            given = getattr(rule, name)
            columns[name] = np.full(values.shape, given) if isinstance(given, float) else values
        return columns

    def _own_arrays(self) -> dict[str, Any]:
        """The columns, to be changed: a rule is drawn and becomes a list."""
        arrays = self._arrays()
        self._rule = None
        self._parts = {name: [column] for name, column in arrays.items()}
        simulator.state.structure_changed()
        return arrays

    def _delays(self) -> NDArray[np.float64]:
        if self._rule is not None and isinstance(self._rule.delay, float):
            return np.array([self._rule.delay])
        return np.asarray(self._arrays()["delay"])

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

    def _get_attributes_as_list(self, names: list[str]) -> list[Any]:
        columns = [self._column(name).tolist() for name in names]
        return list(zip(*columns, strict=True))

    def _column(self, name: str) -> NDArray[Any]:
        arrays = self._arrays()
        indices = {"presynaptic_index": "pre", "postsynaptic_index": "post"}
        if name in indices:
            return np.asarray(arrays[indices[name]]).astype(int)
        return np.asarray(arrays[name if name in arrays else name.removesuffix("s")])

    # -- changing -------------------------------------------------------------------------------

    def set(self, **attributes: Any) -> None:
        """Sets weights, delays or other attributes of all connections, also between runs; see PyNN's documentation."""
        rule = self._rule
        plain = all(isinstance(value, (int, float)) for value in attributes.values())
        if rule is None or not plain or not set(attributes) <= {"weight", "delay"}:
            super().set(**attributes)
            return
        numbers: dict[str, Any] = {name: float(value) for name, value in attributes.items()}
        self._rule = replace(rule, **numbers)
        self._whole = None
        simulator.state.structure_changed()

    def _set_attributes(self, parameter_space: Any) -> None:
        parameter_space.evaluate(simplify=False)
        arrays = self._own_arrays()
        for name, value in parameter_space.items():
            arrays[name][:] = value[arrays["pre"].astype(int), arrays["post"].astype(int)]

    # -- the native network ---------------------------------------------------------------------

    def _native_receptor(self) -> str:
        celltype = self.post.celltype if hasattr(self.post, "celltype") else None
        if celltype is None:  # an assembly of one kind of synapses
            celltype = self.post.populations[0].celltype
        rename = getattr(celltype, "native_receptor", str)
        return str(rename(self.receptor_type))

    def _describe(self, net: ranvier.Network) -> None:
        name = f"{len(net.projections)}: {self.label}"
        if self._rule is not None:
            net.project(
                self.pre._native_name,
                self.post._native_name,
                self._rule.connector,
                weight=self._rule.weight,
                delay=self._rule.delay,
                receptor=self._native_receptor(),
                name=name,
                stream=self._rule.stream,
            )
            return
        arrays = self._arrays()
        if not len(arrays["pre"]):
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
                receptor=self._native_receptor(),
                name=f"{len(net.projections)}: {self.label}",
            )


def _cells_of(cells: Any) -> Any:
    """Of every cell of a population, view or assembly: number of its population, index in it; [n, 2]."""
    parts = []
    for part in getattr(cells, "populations", [cells]):
        owner = part._owner()
        parts.append(np.column_stack([np.full(part.size, owner._number), part._cells()]))
    return np.concatenate(parts)
