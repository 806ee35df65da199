"""PyNN's projections: rules that the kernel draws, or lists of connections that PyNN's connectors enumerate.

What a script gave is kept as it was given. Weights of plastic synapses are asked of the running simulation, where they are set
too; other changes count from the next run on, by `Simulation.rebuild`, which leaves plastic synapses their weights and traces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common, errors
from pyNN.connectors import Connector
from pyNN.parameters import ParameterSpace
from pyNN.space import Space

import ranvier
from ranvier.pynn import rules, simulator
from ranvier.pynn.connections import Connection
from ranvier.pynn.parameters import is_list, native_values, number_of, table_of_pairs
from ranvier.pynn.populations import Population, cells_of
from ranvier.pynn.synapses import StaticSynapse, checked, checked_delays, time_of_current
from ranvier.values import Value

__all__ = ["Projection"]


@dataclass(frozen=True)
class _Rule:
    """Connections that are not listed: the kernel draws them. `parameters`: of the synapse type, by name."""

    connector: ranvier.Connector
    weight: Value
    delay: Value
    stream: int
    parameters: dict[str, float]


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
        if getattr(postsynaptic_population, "receptor_types", None) in ((), []):
            label = postsynaptic_population.label
            raise errors.ConnectionError(f"{label}: has no receptors to connect to")
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
        for end in (self.pre, self.post):
            simulator.state.must_hold(end)
        if not hasattr(self.synapse_type, "native_rule"):
            raise ranvier.UnsupportedError(
                f"{type(self.synapse_type).__name__}: not a synapse type of this backend"
            )
        rules.seed_by_setup(self.synapse_type.parameter_space)
        given = native_values(self.synapse_type)
        self._attributes = list(given)
        self._parts: dict[str, list[Any]] = {
            name: [] for name in ("pre", "post", *self._attributes)
        }
        self._whole: dict[str, Any] | None = None
        self._rule: _Rule | None = None
        self._place: Any = slice(None)
        self._now: NDArray[np.float64] | None = None
        self._is_set = False
        self._state: dict[str, Any] = {}  # as initialize() gave it: one number, or one a connection
        self._state_due: set[str] = set()  # what of it the simulation has yet to be given
        self._number = len(simulator.state.projections)
        self._tau_psc = self._times_of_current()
        self._connect(connector, given)
        simulator.state.projections.append(self)
        simulator.state.structure_changed()

    # -- connecting -----------------------------------------------------------------------------

    def _connect(self, connector: Connector, given: Mapping[str, Any]) -> None:
        rule = rules.rule_of(connector, self)
        if rule is None:
            connector.connect(self)
            return
        values = {name: rules.value_of(given[name]) for name in self._attributes}
        weight, delay = values.pop("weight"), values.pop("delay")
        numbers = {name: v for name, v in values.items() if isinstance(v, float)}
        own, seeds = rules.seeds_of(connector, [given["weight"], given["delay"]])
        stream = self._stream(own)
        if seeds - {own}:  # the kernel draws all of a projection from one
            weight = None
        if weight is None or delay is None or len(numbers) < len(values):
            drawn = rules.draw(self, rule, 0.0, simulator.state.dt, stream)
            by_target = rules._by_target(drawn.sources, drawn.targets, self.post.size)
            connector._standard_connect(self, by_target)
            return
        self._rule = _Rule(rule, weight, delay, stream, numbers)
        self._check_values(connector, self._rule)
        rules.check_delays(self, self._rule)
        ends = (self.pre, self.post)
        several = len(self._tau_psc) > 1 and np.ptp(self._tau_psc) > 0
        if several or not all(isinstance(end, Population) for end in ends):
            self._own_arrays()
        elif rule.rule == "distance_dependent":
            for end in ends:
                end._has_places = True
        if connector.callback:
            connector.callback(1.0)

    def _stream(self, seed: int | None) -> int:
        """The number under which the kernel draws this projection: its own, and its generator's seed."""
        seed = 0 if seed is None else seed + 1
        return int((seed * 1_000_003 + self._number) % 2**47)

    def _times_of_current(self) -> NDArray[np.float64]:
        """Of Tsodyks & Markram's synapses: how long the current lasts that a spike gives, ms, one a target cell; as now."""
        if not self.synapse_type.takes_time_of_current:
            return np.zeros(1)
        parts = []
        for part in getattr(self.post, "populations", [self.post]):
            owner = part._owner()
            name = time_of_current(owner.celltype, self.receptor_type)
            parts.append(
                np.zeros(part.size) if name is None else owner._native[name][part._cells()]
            )
        return np.concatenate(parts, dtype=float)

    def _check_values(self, connector: Any, rule: _Rule) -> None:
        """PyNN's check of the weights' signs. They are drawn for it where a law may give both."""
        check = self.synapse_type.parameter_checks.get("weight")
        if check is None or not connector.safe:
            return
        low, high = rules.reach(rule.weight)
        if low < 0 < high:
            drawn = rules.draw(self, rule.connector, rule.weight, rule.delay, rule.stream)
            check(drawn.weights, self)
        else:
            check(low if low == high else np.array([low, high]), self)

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
        checked_delays(self, parameters["delay"])
        self._parts["pre"].append(pre)
        self._parts["post"].append(post)
        for name in self._attributes:
            self._parts[name].append(np.broadcast_to(parameters[name], pre.shape).astype(float))
        self._whole = None

    # -- looking --------------------------------------------------------------------------------

    def _arrays(self) -> dict[str, Any]:
        """Columns pre, post, weight (receptor's unit), delay (ms) and parameters as given, one entry a connection."""
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
        # By target, as PyNN enumerates; the kernel draws by source: `_place` is where its k-th synapse lies.
        order = np.lexsort((drawn.sources, drawn.targets))
        self._place = np.argsort(order)
        columns: dict[str, Any] = {"pre": drawn.sources[order], "post": drawn.targets[order]}
        for name, values in (("weight", drawn.weights), ("delay", drawn.delays)):
            given = getattr(rule, name)
            columns[name] = (
                np.full(values.shape, given) if isinstance(given, float) else values[order]
            )
        for name, number in rule.parameters.items():
            columns[name] = np.full(drawn.sources.shape, number)
        return columns

    def _own_arrays(self) -> dict[str, Any]:
        """The columns, to be changed: a rule is drawn and becomes a list."""
        arrays = self._arrays()
        self._rule = None
        self._parts = {name: [column] for name, column in arrays.items()}
        return arrays

    def _keep_places(self, end: Any) -> None:
        """Draws what it is to draw by distance while the cells of an end are still where they are."""
        if self._rule is None or self._rule.connector.rule != "distance_dependent":
            return
        if end is self.pre or end is self.post:
            self._own_arrays()

    def _weights(self) -> NDArray[np.float64]:
        """The weights as they are now, one a connection."""
        if self.synapse_type.native_rule is None or not simulator.state.placed.get(self):
            return np.asarray(self._arrays()["weight"])
        if self._now is None:
            self._now = np.empty(len(self))
            for synapses, where in self._synapses():
                self._now[where] = synapses.weights
        return self._now

    def _synapses(self) -> Iterator[tuple[ranvier.Synapses, Any]]:
        """What the running simulation has of it, and which connections those are, in their order."""
        for part, where in simulator.state.placed[self]:
            yield simulator.state.synapses(part), self._place if where is None else where

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
        indices = {"presynaptic_index": "pre", "postsynaptic_index": "post"}
        if name in indices:
            return np.asarray(self._arrays()[indices[name]]).astype(int)
        if name in self._attributes or name.removesuffix("s") in self._attributes:
            name = name if name in self._attributes else name.removesuffix("s")
            return self._weights() if name == "weight" else np.asarray(self._arrays()[name])
        return self._state_column(name)

    def _state_column(self, name: str) -> NDArray[np.float64]:
        """A variable of the rule's state, as the last presynaptic spike of each connection left it."""
        column = np.empty(len(self))
        if name in self._state_due or not simulator.state.placed.get(self):
            if name not in self._state:
                raise AttributeError(f"{name}: connections have none, or none before the first run")
            column[:] = self._state[name]
        else:
            for synapses, where in self._synapses():
                column[where] = synapses.get(name)
        return column

    def _get_attributes_as_arrays(
        self, names: list[str], multiple_synapses: str = "sum"
    ) -> list[NDArray[np.float64]]:
        pre, post = self._column("presynaptic_index"), self._column("postsynaptic_index")
        return [
            table_of_pairs(self.shape, (pre, post), self._column(name), multiple_synapses)
            for name in names
        ]

    # -- changing -------------------------------------------------------------------------------

    def _value_list_to_array(self, attributes: dict[str, Any]) -> Any:
        if not any(is_list(value) for value in attributes.values()):
            return attributes  # PyNN would make a matrix of all pairs first
        try:
            return super()._value_list_to_array(attributes)
        except ValueError:
            raise self._wrong_number(attributes) from None

    def _wrong_number(self, attributes: dict[str, Any]) -> ranvier.RangeError:
        given = ", ".join(f"{name} {np.shape(value)}" for name, value in attributes.items())
        return ranvier.RangeError(f"{self.label}: {given}: must be as many as pairs")

    def set(self, **attributes: Any) -> None:
        """Sets weights, delays or other attributes of all connections, also between runs; see PyNN's documentation."""
        rule = self._rule
        plain = all(isinstance(value, (int, float)) for value in attributes.values())
        if rule is None or not plain or not set(attributes) <= set(self._attributes):
            if all(is_list(x) or isinstance(x, (int, float)) for x in attributes.values()):
                self._set_each(attributes)
            else:
                super().set(**attributes)
            return
        numbers: dict[str, Any] = {name: float(value) for name, value in attributes.items()}
        for name, number in numbers.items():
            checked(self, name, number)
        ends = {name: numbers[name] for name in ("weight", "delay") if name in numbers}
        others = {name: value for name, value in numbers.items() if name not in ends}
        self._rule = replace(rule, **ends, parameters={**rule.parameters, **others})
        self._whole = None
        self._changed(list(numbers))

    def _set_each(self, attributes: dict[str, Any]) -> None:
        """Sets numbers, and lists with one a connected pair, without PyNN's matrix of all pairs."""
        pre, post = self._column("presynaptic_index"), self._column("postsynaptic_index")
        pairs, pair = np.unique(pre * self.post.size + post, return_inverse=True)
        if any(is_list(value) and len(value) != len(pairs) for value in attributes.values()):
            raise self._wrong_number(attributes)
        space = ParameterSpace(attributes, self.synapse_type.get_schema(), pairs.shape)
        self._assign(self.synapse_type.translate(space), pair)

    def _set_attributes(self, parameter_space: Any) -> None:
        pre, post = self._column("presynaptic_index"), self._column("postsynaptic_index")
        self._assign(parameter_space, (pre, post))

    def _assign(self, space: Any, where: Any) -> None:
        """Sets what was given, at where each connection finds its own."""
        rules.seed_by_setup(space)
        space.evaluate(simplify=True)
        given = {
            name: checked(self, name, value if np.ndim(value) == 0 else value[where])
            for name, value in space.items()
        }
        arrays = self._own_arrays()
        for name, values in given.items():  # all of them, or none where one is refused
            arrays[name][:] = values
        self._changed(list(given))

    def _set_column(self, name: str, where: Any, value: Any) -> None:
        self._own_arrays()[name][where] = checked(self, name, value)
        self._changed([name], where)

    def initialize(self, **initial_values: Any) -> None:
        """Sets state variables of the synapses' rule, as if the last presynaptic spike (or time 0) had left them so.

        Args:
            initial_values: by name (`ranvier.describe_rule(RULE)`), e.g. `u=0.3` of TsodyksMarkramSynapse: a
                number, a RandomDistribution, a list with one number a connection, a matrix as `get(format="array")` gives
                it, or a function of distance.

        Raises:
            Error: the synapses have no such variable, or a value is not accepted.
        """
        rule = self.synapse_type.native_rule
        table = {} if rule is None else ranvier.describe_rule(rule)
        known = [row[0] for row in (*table.get("trace", ()), *table.get("synapse", ()))]
        for name in initial_values:
            if name not in known:
                raise ranvier.RangeError(
                    f"{self.label}: {name}: {type(self.synapse_type).__name__} has the state "
                    f"variables {', '.join(known) or '(none)'}"
                )
        space = ParameterSpace(
            self._value_list_to_array(initial_values), dict.fromkeys(known, float), self.shape
        )
        space = self._handle_distance_expressions(space)
        rules.seed_by_setup(space)
        space.evaluate(simplify=True)
        for name, value in space.items():
            if not np.isscalar(value):
                pre, post = self._column("presynaptic_index"), self._column("postsynaptic_index")
                value = value[pre, post]
                if not any(np.ndim(other) for other in self._state.values()):
                    self._own_arrays()  # the kernel keeps traces of every connection from now on
                    simulator.state.structure_changed()
            self._state[name] = self.initial_values[name] = value
            self._state_due.add(name)

    def _changed(self, names: list[str], where: Any = slice(None)) -> None:
        """Columns have changed: weights that a rule moves are set where it moves them, all else when the next run begins."""
        is_moving = self.synapse_type.native_rule is not None and self in simulator.state.placed
        if is_moving and "weight" in names:
            self._weights()[where] = self._arrays()["weight"][where]
            self._is_set = True
        if not is_moving or names != ["weight"]:
            simulator.state.structure_changed()

    def _hand_over(self) -> None:
        """Gives the running simulation the weights that were set since it stood still."""
        if self._is_set:
            for synapses, where in self._synapses():
                synapses.weights = self._weights()[where]
        self._now, self._is_set = None, False

    def _hand_over_state(self) -> None:
        """Gives it, built as it is now, what initialize() gave since."""
        for name in sorted(self._state_due):
            for synapses, where in self._synapses():
                value = self._state[name]
                synapses.set(name, value if np.isscalar(value) else value[where])
        self._state_due.clear()

    def _forget(self) -> None:
        """The simulation is no more."""
        self._now, self._is_set = None, False
        self._state_due = set(self._state)

    # -- the native network ---------------------------------------------------------------------

    def _native_receptor(self, post: Population) -> str:
        """The receptor as the kernel names it in a population that is the target, or part of it."""
        rename = getattr(post.celltype, "native_receptor", str)
        return str(rename(self.receptor_type))

    def _describe(self, net: ranvier.Network) -> list[tuple[ranvier.Projection, Any]]:
        """Adds it to a network, as one projection or several.

        Returns:
            Those projections, and which connections are theirs, in their order; None: all, in the order drawn.
        """
        name = f"{self._number}: {self.label}"
        rule = self._rule
        if rule is not None:
            drawn = net.project(
                self.pre._native_name,
                self.post._native_name,
                rule.connector,
                weight=rule.weight,
                delay=rule.delay,
                receptor=self._native_receptor(self.post),
                name=name,
                stream=rule.stream,
                synapse=self._native_synapse(rule.parameters, self._tau_psc),
            )
            return [(drawn, None)]
        arrays = self._arrays()
        if not len(arrays["pre"]):
            return []
        source, target = cells_of(self.pre), cells_of(self.post)
        pre, post = source[arrays["pre"].astype(int)], target[arrays["post"].astype(int)]
        many = len(simulator.state.populations)
        ends = pre[:, 0] * many + post[:, 0]
        pairs = np.unique(ends)
        placed = []
        for a, b in (divmod(int(pair), many) for pair in pairs):
            chosen = np.flatnonzero(ends == a * many + b)
            chosen = chosen[np.argsort(pre[chosen, 1], kind="stable")]
            rows = np.column_stack(
                [pre[chosen, 1], post[chosen, 1], arrays["weight"][chosen], arrays["delay"][chosen]]
            )
            own = {
                name: arrays[name][chosen]
                for name in self._attributes
                if name not in ("weight", "delay")
            }
            times = self._tau_psc
            if len(times) > 1:
                times = times[arrays["post"][chosen].astype(int)]
            start, end = (simulator.state.populations[k] for k in (a, b))
            listed = net.project(
                start._native_name,
                end._native_name,
                ranvier.from_list(rows),
                receptor=self._native_receptor(end),
                name=name if len(pairs) == 1 else f"{name} ({a} to {b})",
                stream=self._stream(rules.seeds_of(self._connector, [])[0]),
                synapse=self._native_synapse(own, times),
            )
            placed.append((listed, chosen))
        return placed

    def _native_synapse(self, values: Mapping[str, Any], tau_psc: Any) -> ranvier.Rule | None:
        """The kernel's rule, with parameters as numbers where they are all alike; None for static synapses."""
        rule = self.synapse_type.native_rule
        if rule is None:
            return None
        if self.synapse_type.takes_time_of_current:
            values = {**values, "tau_psc": tau_psc}
        parameters = {name: number_of(value) for name, value in values.items()}
        if any(
            np.ndim(value) for value in self._state.values()
        ):  # a parameter that varies: traces do
            uniform = ranvier.describe_rule(rule)["uniform"]
            name = next(name for name in values if name not in uniform)
            parameters[name] = values[name]
        return ranvier.synapse(rule, **parameters, **self.synapse_type.native_options)
