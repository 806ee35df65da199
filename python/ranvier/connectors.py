"""How the neurons of two populations are paired: one function a rule, to be handed to `Network.project`.

Rules by probability or number are drawn in C++ from the network's seed. `self_connections` says whether a neuron may be
connected to itself where source and target are one population, `multiple_connections` whether a pair may be connected more
than once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from ranvier import _given
from ranvier.errors import UsageError
from ranvier.values import DistanceFunction

__all__ = [
    "Connector",
    "all_to_all",
    "distance_dependent",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "fixed_total_number",
    "from_file",
    "from_list",
    "one_to_one",
    "small_world",
]


@dataclass(frozen=True)
class Connector:
    """A rule and its fields in the form of a network document; made by the functions of this module."""

    form: dict[str, Any] = field(hash=False)

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return str(self.form["rule"])

    def procedural(self) -> Connector:
        """The same connector with rows that are not stored: a source's synapses are drawn again when it spikes.

        The spikes are those of stored rows; memory no longer grows with the number of synapses, time does
        (docs/decisions/procedural-projections.md; Knight & Nowotny 2021, Nature Computational Science 1, 136-142). For static
        synapses onto clocked populations, and every rule but `fixed_indegree`, lists and files.

        Returns:
            A new connector; `Network.project`, or the run, raises an `Error` where rows must be stored.
        """
        return Connector({**self.form, "procedural": True})


def _make(rule: str, self_connections: bool, **fields: Any) -> Connector:
    form: dict[str, Any] = {"rule": rule, **fields}
    if self_connections is not True:
        form["self_connections"] = self_connections
    return Connector(form)


def _degree(rule: str, number: int, self_connections: bool, multiple: bool) -> Connector:
    fields: dict[str, Any] = {"number": number}
    if multiple is not True:
        fields["multiple_connections"] = multiple
    return _make(rule, self_connections, **fields)


def all_to_all(self_connections: bool = True) -> Connector:
    """Every source to every target. Arrays of weights and delays: [sources x targets], row-major."""
    return _make("all_to_all", self_connections)


def one_to_one() -> Connector:
    """Source i to target i; both populations have one size. Arrays of weights and delays: [size]."""
    return _make("one_to_one", True)


def fixed_probability(probability: float, self_connections: bool = True) -> Connector:
    """Every pair with the given probability, in [0, 1]."""
    return _make("fixed_probability", self_connections, probability=probability)


def fixed_indegree(
    number: int, self_connections: bool = True, multiple_connections: bool = True
) -> Connector:
    """Every target gets `number` connections from random sources."""
    return _degree("fixed_indegree", number, self_connections, multiple_connections)


def fixed_outdegree(
    number: int, self_connections: bool = True, multiple_connections: bool = True
) -> Connector:
    """Every source gets `number` connections to random targets."""
    return _degree("fixed_outdegree", number, self_connections, multiple_connections)


def fixed_total_number(
    number: int, self_connections: bool = True, multiple_connections: bool = True
) -> Connector:
    """`number` connections in all, between random sources and targets."""
    return _degree("fixed_total_number", number, self_connections, multiple_connections)


def distance_dependent(probability: DistanceFunction, self_connections: bool = True) -> Connector:
    """Every pair with a probability that is a function of distance; both populations have positions."""
    if not isinstance(probability, DistanceFunction):
        raise UsageError(
            f"probability: a {type(probability).__name__}, must be a function such as "
            "ranvier.distance_gaussian(1, 100)"
        )
    return _make("distance_dependent", self_connections, probability=probability.to_document())


def small_world(number: int, rewiring: float, self_connections: bool = True) -> Connector:
    """A ring of `number` (even) neighbours each, every edge rewired with probability `rewiring`.

    Source: Watts and Strogatz, Nature 393 (1998).
    """
    return _make("small_world", self_connections, number=number, rewiring=rewiring)


def from_list(connections: ArrayLike, self_connections: bool = True) -> Connector:
    """The given connections.

    Args:
        connections: [n, 2], [n, 3] or [n, 4]: source index, target index, weight (receptor's unit), delay (ms).
        self_connections: False leaves out pairs of one neuron.
    """
    array = _given.numbers("connections", connections)
    if array.size == 0:
        array = array.reshape(0, array.shape[1] if array.ndim == 2 else 2)
    return _make("list", self_connections, connections=array)


def from_file(
    path: str,
    format: str = "csv",
    group: str | None = None,
    population: str | None = None,
    self_connections: bool = True,
) -> Connector:
    """The connections of a file, as rules "csv", "hdf5" (`group`) and "sonata" (`population`) of a document read them."""
    fields: dict[str, Any] = {"file": str(path)}
    if group is not None:
        fields["group"] = group
    if population is not None:
        fields["population"] = population
    return _make(format, self_connections, **fields)
