"""One connection of a PyNN projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyNN import common

if TYPE_CHECKING:
    from ranvier.pynn.projections import Projection

__all__ = ["Connection"]


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

    def __getattr__(self, name: str) -> float:
        """`weight`, `delay` (ms) and the parameters of the synapse type."""
        if name.startswith("_") or name not in self._projection._attributes:
            raise AttributeError(f"a connection has no {name}")
        return float(self._projection._column(name)[self._index])

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        elif name not in self._projection._attributes:
            raise AttributeError(f"a connection has no {name} that can be set")
        else:
            self._projection._set_column(name, self._index, value)

    def as_tuple(self, *names: str) -> tuple[Any, ...]:
        """The attributes named, in that order."""
        return tuple(getattr(self, name) for name in names)
