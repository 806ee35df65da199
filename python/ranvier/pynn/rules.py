"""PyNN's connectors as rules of the kernel, which draws their pairs in C++ from the network's seed.

A connector becomes a rule where PyNN describes it by one and no `NumpyRNG` is given: an explicit `NumpyRNG` is honoured, so
that the same seed gives the connections of every other backend, and then PyNN enumerates them.
"""

from __future__ import annotations

import ast
import math
from functools import cached_property
from typing import Any

import numpy as np
from pyNN import connectors, random
from pyNN.core import IndexBasedExpression
from pyNN.parameters import LazyArray, ParameterSpace
from pyNN.space import BaseStructure, Space

import ranvier
from ranvier.pynn.simulator import state
from ranvier.pynn.synapses import checked_delays
from ranvier.values import Value

__all__ = [
    "DistanceDependentProbabilityConnector",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "NativeRNG",
    "RandomDistribution",
    "SmallWorldConnector",
    "distance_function",
    "draw",
    "law",
    "reach",
    "rule_of",
    "seed_by_setup",
    "seeds_of",
    "value_of",
]


class _LateRNG(random.NumpyRNG):  # type: ignore[misc]
    """PyNN's generator, seeded when something draws from it: what the kernel draws never does."""

    parallel_safe = True

    def __init__(self, seed: int | None) -> None:
        random.AbstractRNG.__init__(self, seed)

    @property
    def mpi_rank(self) -> int:
        """This process among those of `mpirun`."""
        return ranvier.rank()

    @property
    def num_processes(self) -> int:
        """How many processes `mpirun` has started."""
        return ranvier.ranks()

    @cached_property
    def rng(self) -> np.random.RandomState:
        """NumPy's generator."""
        return np.random.RandomState(self.seed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.rng, name)


class NativeRNG(random.NativeRNG, _LateRNG):  # type: ignore[misc]
    """The simulator's own random numbers: connectors that have it are drawn in C++.

    Numbers that a script asks for itself come from NumPy's Philox, a counter-based generator like the kernel's: of this
    seed, or, without one, of that of `setup()` and a number among such generators of the script, so that each gives other
    numbers, the same in every process and whenever the script is run again.
    """

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(seed)
        self._made = None if seed is None else np.random.RandomState(np.random.Philox(key=seed))
        self._setup = 0  # which one `_made` is of, where there is no seed

    @property
    def rng(self) -> np.random.RandomState:
        """NumPy's generator; without a seed another one after every `setup()`."""
        if self._made is None or (self.seed is None and self._setup != state.setups):
            state.generators += 1
            # Apart from a seed's own numbers, which begin at 0.
            counter = [0, 0, 0, state.generators]
            self._made = np.random.RandomState(np.random.Philox(key=state.seed, counter=counter))
            self._setup = state.setups
        return self._made

    def __deepcopy__(self, memo: Any) -> NativeRNG:
        other = NativeRNG(self.seed)
        if self.seed is not None:
            other.rng.set_state(self.rng.get_state(legacy=False))
        return other


def _is_native(rng: Any) -> bool:
    return rng is None or isinstance(rng, NativeRNG)


def _is_process_seeded(rng: Any) -> bool:
    """Whether it is what PyNN makes where it is given none: the operating system's, another one in every process."""
    return type(rng) is random.NumpyRNG and rng.seed is None


def seed_by_setup(values: Any) -> None:
    """Gives what draws without a seed generators that follow from setup()'s: distributions in lazy arrays, structures."""
    if isinstance(values, BaseStructure):
        rng = getattr(values, "rng", 0)  # not all have one
        if rng is None or _is_process_seeded(rng):
            values.rng = NativeRNG()
    elif isinstance(values, ParameterSpace):
        for value in values._parameters.values():
            seed_by_setup(value)
    elif isinstance(values, LazyArray):
        base = values.base_value
        if isinstance(base, random.RandomDistribution) and _is_process_seeded(base.rng):
            base.rng = NativeRNG()
        for _, operand in values.operations:
            seed_by_setup(operand)


class RandomDistribution(random.RandomDistribution):  # type: ignore[misc]
    __doc__ = random.RandomDistribution.__doc__

    def __init__(
        self, distribution: str, parameters_pos: Any = None, rng: Any = None, **parameters: Any
    ) -> None:
        rng = NativeRNG() if rng is None else rng
        super().__init__(distribution, parameters_pos, rng, **parameters)


_CONNECTORS_SEED: int = connectors._get_rng(None).seed  # what PyNN takes where none is given


class _Drawn(connectors.MapConnector):  # type: ignore[misc]
    """A connector that remembers whether it was given a generator of its own."""

    native_rng: NativeRNG | None = None
    is_native = False

    def __init__(self, *args: Any, rng: Any = None, **options: Any) -> None:
        rng_or_late = _LateRNG(_CONNECTORS_SEED) if rng is None else rng
        super().__init__(*args, rng=rng_or_late, **options)
        self.is_native = _is_native(rng)
        self.native_rng = rng if isinstance(rng, NativeRNG) else None


def _drawn(base: type) -> type:
    return type(base.__name__, (_Drawn, base), {"__doc__": base.__doc__})


FixedProbabilityConnector = _drawn(connectors.FixedProbabilityConnector)
FixedNumberPreConnector = _drawn(connectors.FixedNumberPreConnector)
FixedNumberPostConnector = _drawn(connectors.FixedNumberPostConnector)
FixedTotalNumberConnector = _drawn(connectors.FixedTotalNumberConnector)
DistanceDependentProbabilityConnector = _drawn(connectors.DistanceDependentProbabilityConnector)


class SmallWorldConnector(connectors.SmallWorldConnector, connectors.MapConnector):  # type: ignore[misc]
    """Connects cells within `degree` um of each other, and rewires each edge with probability `rewiring`.

    A rewired edge goes to a target drawn from all of them; `n_connections`: how many edges a cell keeps at most. PyNN 0.13
    declares the connector and leaves its `connect` to the backends.
    """

    def connect(self, projection: Any) -> None:
        """Draws the edges from `rng`, source by source."""
        n_post = projection.post.size
        near = self._generate_distance_map(projection).evaluate() < float(self.d_expression[4:])
        itself = projection.pre._numbers[:, None] == projection.post._numbers
        allowed = ~itself if not self.allow_self_connections else np.ones_like(itself)
        sources, targets = [], []
        for i in range(projection.pre.size):
            edges = np.flatnonzero(near[i] & allowed[i])
            anywhere = np.flatnonzero(allowed[i])
            rewired = self.rng.next(len(edges)) < self.rewiring
            drawn = self.rng.next(len(edges))
            edges[rewired] = anywhere[(drawn[rewired] * len(anywhere)).astype(int)]
            if self.n_connections is not None:
                edges = self.rng.permutation(edges)[: self.n_connections]
            sources.append(np.full(len(edges), i))
            targets.append(edges)
        by_target = _by_target(np.concatenate(sources), np.concatenate(targets), n_post)
        self._standard_connect(projection, by_target)


class FromListConnector(connectors.FromListConnector):  # type: ignore[misc]
    __doc__ = connectors.FromListConnector.__doc__

    def connect(self, projection: Any) -> None:
        """Takes the list as arrays; only parameters that are drawn or computed are enumerated."""
        space = projection.synapse_type.parameter_space
        missing = [name for name in space.keys() if name not in self.column_names]
        plain = all(
            isinstance(space[name].base_value, (int, float)) and not space[name].operations
            for name in missing
        )
        if not plain or self.conn_list.size == 0 or self.location_selector is not None:
            super().connect(projection)
            return
        known = projection.synapse_type.get_parameter_names()
        for name in self.column_names:
            if name not in known:
                raise ValueError(
                    f"{name} is not a valid parameter for {type(projection.synapse_type).__name__}"
                )
        table = self.conn_list[np.argsort(self.conn_list[:, 1], kind="stable")]
        for column, end in ((0, projection.pre), (1, projection.post)):
            given = table[:, column]
            wrong = given[~((given >= 0) & (given < end.size) & (given == np.trunc(given)))]
            if len(wrong):
                raise connectors.errors.ConnectionError(
                    f"{projection.label}: index {wrong[0]:g}, must be a whole number from 0 to "
                    f"{end.size - 1} of {end.label}"
                )
        pre, post = table[:, 0].astype(int), table[:, 1].astype(int)
        columns = {name: space[name].base_value for name in missing}
        columns.update(zip(self.column_names, table[:, 2:].T, strict=True))
        projection._take_columns(pre, post, columns)


class FromFileConnector(FromListConnector, connectors.FromFileConnector):  # type: ignore[misc]
    __doc__ = connectors.FromFileConnector.__doc__

    def __init__(self, *args: Any, **options: Any) -> None:
        connectors.FromFileConnector.__init__(self, *args, **options)

    def connect(self, projection: Any) -> None:
        """Reads the file; every process reads the whole list."""
        self.column_names = list(self.file.get_metadata().get("columns", ("weight", "delay")))
        self.column_names = [name for name in self.column_names if name not in ("i", "j")]
        self.conn_list = self.file.read()
        FromListConnector.connect(self, projection)


def rule_of(connector: Any, projection: Any) -> ranvier.Connector | None:
    """The kernel's rule for a connector, or None where PyNN has to enumerate its pairs."""
    kind = type(connector)
    itself = getattr(connector, "allow_self_connections", True)
    pre, post = projection.pre, projection.post
    if connector.location_selector is not None or itself not in (True, False):
        return None
    # The kernel knows a cell as its own target by its index: in one population alone.
    if not itself and pre is not post and np.isin(pre._numbers, post._numbers).any():
        return None
    if kind is connectors.AllToAllConnector:
        return ranvier.all_to_all(itself)
    if kind is connectors.OneToOneConnector:
        return ranvier.one_to_one() if pre.size == post.size else None
    if not getattr(connector, "is_native", False):
        return None
    if kind is FixedProbabilityConnector:
        return ranvier.fixed_probability(float(connector.p_connect), itself)
    if kind is DistanceDependentProbabilityConnector:
        return _distance_rule(connector, projection, itself)
    return _number_rule(kind, connector, projection, itself)


def _number_rule(
    kind: type, connector: Any, projection: Any, itself: bool
) -> ranvier.Connector | None:
    if not isinstance(connector.n, int):
        return None
    n_pre, n_post = projection.shape
    alone = int(not itself and projection.pre is projection.post)
    rules: dict[type, tuple[Any, int]] = {
        FixedNumberPreConnector: (ranvier.fixed_indegree, n_pre - alone),
        FixedNumberPostConnector: (ranvier.fixed_outdegree, n_post - alone),
        FixedTotalNumberConnector: (ranvier.fixed_total_number, n_pre * (n_post - alone)),
    }
    if kind not in rules:
        return None
    rule, most = rules[kind]
    if not connector.with_replacement and connector.n > most:
        return None
    if most == 0 and connector.n > 0:
        return None
    made: ranvier.Connector = rule(connector.n, itself, bool(connector.with_replacement))
    return made


def _distance_rule(connector: Any, projection: Any, itself: bool) -> ranvier.Connector | None:
    space: Space = projection.space
    plain = (
        space.periodic_boundaries is None
        and space.axes.size == 3
        and space.scale_factor == 1
        and np.all(np.asarray(space.offset) == 0)
    )
    function = distance_function(connector) if plain else None
    return None if function is None else ranvier.distance_dependent(function, itself)


_SMOOTH = (
    ast.Expression,
    ast.BinOp,
    ast.UnaryOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Pow,
    ast.USub,
    ast.UAdd,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.Call,
)


def _is_smooth(expression: Any) -> bool:
    """Whether it is a text of arithmetic, `exp` and `abs` of `d` alone, so that a few of its values tell it from others.

    No comparison, for one: "d < 200" is 1 at every distance below.
    """
    if not isinstance(expression, str):
        return False
    nodes = list(ast.walk(ast.parse(expression.strip(), mode="eval")))
    return all(
        isinstance(node, _SMOOTH)
        and (not isinstance(node, ast.Name) or node.id in ("d", "exp", "abs"))
        and (not isinstance(node, ast.Constant) or type(node.value) in (int, float))
        for node in nodes
    )


def distance_function(connector: Any) -> ranvier.DistanceFunction | None:
    """A connector's probability by distance (um) in the kernel's form, or None where it is none of its three.

    The forms are a + b d, a exp(-d / b) and a exp(-d^2 / (2 b^2)); which one it is, is seen from its values.
    """
    if not _is_smooth(connector.d_expression):
        return None
    f = connector.distance_function
    d = np.array([0.0, 1.0, 2.0, 3.5, 7.0, 11.0, 16.0, 40.0, 113.0, 1e3, 1e4, 1e5])
    try:
        with np.errstate(all="ignore"):
            values = np.broadcast_to(np.asarray(f(d), dtype=float), d.shape)
    except (TypeError, ValueError):
        return None
    if not np.all(np.isfinite(values)):
        return None

    def is_close(form: Any) -> bool:
        return bool(np.allclose(values, form, rtol=1e-9, atol=1e-15))

    a = float(values[0])
    slope = float(values[1] - values[0])
    if is_close(a + slope * d):
        return ranvier.distance_linear(a, slope, low=0.0, high=1.0)
    ratio = values[1] / a if a > 0 else 0.0
    if not 0 < ratio < 1:
        return None
    decay = -math.log(ratio)
    if is_close(a * np.exp(-d * decay)):
        return ranvier.distance_exponential(a, 1 / decay, low=0.0, high=1.0)
    if is_close(a * np.exp(-d * d * decay)):
        return ranvier.distance_gaussian(a, math.sqrt(1 / (2 * decay)), low=0.0, high=1.0)
    return None


def law(distribution: random.RandomDistribution) -> ranvier.Law | None:
    """A distribution of PyNN as a law of the kernel, or None where it has none or a generator was given."""
    if not (isinstance(distribution.rng, NativeRNG) or _is_process_seeded(distribution.rng)):
        return None
    p = distribution.parameters
    if distribution.name == "uniform":
        return ranvier.uniform(min(p.values()), max(p.values()))
    if distribution.name == "normal":
        return ranvier.normal(p["mu"], p["sigma"])
    if distribution.name in ("normal_clipped", "normal_clipped_to_boundary"):
        bounds = "redraw" if distribution.name == "normal_clipped" else "clip"
        low, high = (float(p[k]) if math.isfinite(p[k]) else None for k in ("low", "high"))
        return ranvier.normal(p["mu"], p["sigma"], low, high, bounds)
    if distribution.name == "lognormal":
        return ranvier.lognormal(p["mu"], p["sigma"])
    if distribution.name == "exponential":
        return ranvier.exponential(p["beta"])
    return None


def seeds_of(connector: Any, values: list[Any]) -> tuple[int | None, set[int]]:
    """The seed that the kernel draws a projection from, and all seeds of the generators that it is to draw with.

    The first is the connector's; of one that draws nothing, that of its weights and delays. None: that of `setup()`.
    """
    rngs = [v.base_value.rng for v in values if isinstance(v.base_value, random.RandomDistribution)]
    seeds = {rng.seed for rng in rngs if rng.seed is not None}
    if hasattr(connector, "native_rng"):
        rng = connector.native_rng
        return (None if rng is None else rng.seed), seeds
    return (min(seeds) if seeds else None), seeds


def value_of(lazy: Any) -> Value | None:
    """A weight or delay as the kernel takes it, or None where PyNN has to compute it pair by pair."""
    base = lazy.base_value
    if lazy.operations or isinstance(base, IndexBasedExpression):
        return None
    if isinstance(base, random.RandomDistribution):
        return law(base)
    if isinstance(base, (int, float, np.integer, np.floating)) and not isinstance(base, bool):
        return float(base)
    return None


def reach(value: Value) -> tuple[float, float]:
    """The least and the largest value that a number, or a law, gives; of a normal one to 8 sd, beyond which 1 in 10^15 lies."""
    if not isinstance(value, ranvier.values.Law):
        return float(value), float(value)  # type: ignore[arg-type]
    form = value.form
    low, high = 0.0, math.inf  # lognormal, exponential
    if form["distribution"] == "uniform":
        low = -math.inf
    elif form["distribution"] == "normal":
        low, high = form["mean"] - 8 * form["sd"], form["mean"] + 8 * form["sd"]
    return max(low, form.get("low", low)), min(high, form.get("high", high))


def draw(
    projection: Any,
    rule: ranvier.Connector,
    weight: Value,
    delay: Value,
    stream: int,
) -> ranvier.network.Connections:
    """The synapses that the kernel makes of a rule, between the cells of a projection's two ends."""
    net = ranvier.Network(dt=state.dt, seed=state.seed)
    places = rule.rule == "distance_dependent"

    def end(cells: Any, name: str) -> ranvier.Population:
        where = np.asarray(cells.positions).T if places else None
        return net.population("if_curr_delta", cells.size, name=name, positions=where)

    source = end(projection.pre, "pre")
    target = source if projection.post is projection.pre else end(projection.post, "post")
    return net.project(
        source, target, rule, weight=weight, delay=delay, receptor="excitatory", stream=stream
    ).connections()


def check_delays(projection: Any, rule: Any) -> None:
    """As `checked_delays` of what a projection's rule gives: drawn for it where a law reaches beyond the limits."""
    try:
        checked_delays(projection, np.array(reach(rule.delay)))
    except connectors.errors.ConnectionError:
        drawn = draw(projection, rule.connector, rule.weight, rule.delay, rule.stream)
        checked_delays(projection, drawn.delays)


def _by_target(sources: Any, targets: Any, n_targets: int) -> Any:
    """A generator of the sources of every target, as `MapConnector._standard_connect` asks for."""
    order = np.argsort(targets, kind="stable")
    groups = np.split(sources[order], np.cumsum(np.bincount(targets, minlength=n_targets))[:-1])
    return lambda mask=None: groups
