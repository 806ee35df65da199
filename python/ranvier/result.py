"""What a run has recorded, as NumPy arrays that own the memory in which C++ recorded: nothing is copied."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ranvier import _html
from ranvier.errors import RangeError

if TYPE_CHECKING:
    from ranvier.network import Population

__all__ = ["Result", "Samples", "Spikes"]


@dataclass(frozen=True, eq=False)
class Spikes:
    """Spikes of one population, sorted by time, then neuron.

    Attributes:
        population: its name.
        size: number of its neurons.
        begin: ms: spikes later than this are in here.
        end: ms: up to and with this.
        times: [n_spikes] in ms.
        neurons: [n_spikes] indices in the population.
    """

    population: str
    size: int
    begin: float
    end: float
    times: NDArray[np.float64]
    neurons: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.times)

    def train(self, neuron: int) -> NDArray[np.float64]:
        """Spike times of one neuron, ms."""
        if not 0 <= neuron < self.size:
            raise RangeError(
                f'population "{self.population}": index {neuron}, must be from 0 to {self.size - 1}'
            )
        return np.asarray(self.times[self.neurons == neuron])

    def trains(self) -> list[NDArray[np.float64]]:
        """Spike times of every neuron, [size] arrays in ms."""
        order = np.argsort(self.neurons, kind="stable")
        return np.split(self.times[order], np.cumsum(self.counts())[:-1])

    def counts(self) -> NDArray[np.int64]:
        """Number of spikes of every neuron, [size]."""
        return np.bincount(self.neurons, minlength=self.size)

    def rates(self) -> NDArray[np.float64]:
        """Mean rate of every neuron in Hz, [size]."""
        return np.asarray(self.counts() / ((self.end - self.begin) * 1e-3))

    def rate(self) -> float:
        """Mean rate over neurons and time, Hz."""
        return len(self.times) / (self.size * (self.end - self.begin) * 1e-3)

    def intervals(self) -> NDArray[np.float64]:
        """All intervals between a neuron's successive spikes, ms."""
        order = np.argsort(self.neurons, kind="stable")
        times, neurons = self.times[order], self.neurons[order]
        return np.asarray(np.diff(times)[neurons[1:] == neurons[:-1]])

    def correlations(self, bin: float = 2.0) -> NDArray[np.float64]:
        """Pearson's correlation coefficients of the neurons' spike counts, as elephant's `correlation_coefficient`.

        Args:
            bin: ms, > 0; what is left behind the last whole bin is left out.

        Returns:
            [size, size]; NaN in the rows and columns of neurons whose count never changes.
        """
        from ranvier import measures

        if not 0 < bin <= self.end - self.begin:
            raise RangeError(f"bin: {bin} ms, must be > 0 and at most what was recorded")
        n_bins = int((self.end - self.begin) / bin + 1e-9)
        begin = self.begin - 5e-7  # half a nanosecond: a spike on an edge begins the next bin
        return measures.correlation(self, bin, begin, begin + n_bins * bin)

    def cv(self) -> NDArray[np.float64]:
        """Coefficient of variation of the intervals of every neuron, [size]; NaN below three spikes.

        Standard deviation (of the sample, not its unbiased estimate) over mean, as elephant's `cv`.
        """
        from ranvier import measures

        return measures.cv(self)


@dataclass(frozen=True, eq=False)
class Samples:
    """One state variable of one population, sampled in time.

    Attributes:
        population: its name.
        variable: its name, e.g. "v".
        unit: e.g. "mV".
        interval: ms between samples.
        times: [n_steps] in ms.
        neurons: [n_neurons] indices in the population: the columns.
        values: [n_steps, n_neurons].
    """

    population: str
    variable: str
    unit: str
    interval: float
    times: NDArray[np.float64]
    neurons: NDArray[np.int64]
    values: NDArray[np.float64]

    def of(self, neuron: int) -> NDArray[np.float64]:
        """The values of one neuron, [n_steps]."""
        columns = np.flatnonzero(self.neurons == neuron)
        if len(columns) == 0:
            raise RangeError(
                f"{self.population}: {self.variable} of neuron {neuron} is not recorded"
            )
        return self.values[:, columns[0]]


class _SpikesByName(Mapping[Any, Spikes]):
    """Spikes by the population's name, or by the population itself."""

    def __init__(self, spikes: Sequence[Spikes]) -> None:
        self._all = {s.population: s for s in spikes}

    def __getitem__(self, key: str | Population) -> Spikes:
        name = str(getattr(key, "name", key))
        if name not in self._all:
            known = ", ".join(self._all) or "none"
            raise RangeError(f'spikes of "{name}" are not recorded; recorded: {known}')
        return self._all[name]

    def __contains__(self, key: object) -> bool:
        return getattr(key, "name", key) in self._all

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


class Result:
    """What was recorded from `begin` to `end`; the same on every rank.

    Attributes:
        begin: ms.
        end: ms.
        spikes: `Spikes` by population (name or handle).
        reports: all `Samples`, in the order of the probes.
    """

    def __init__(
        self, begin: float, end: float, spikes: Sequence[Spikes], reports: Sequence[Samples]
    ) -> None:
        self.begin = begin
        self.end = end
        self.spikes: Mapping[Any, Spikes] = _SpikesByName(spikes)
        self.reports = list(reports)

    def samples(self, population: str | Population, variable: str) -> Samples:
        """The samples of one variable of one population.

        Raises:
            Error: it is not recorded, or by several probes (look in `reports` then).
        """
        name = population if isinstance(population, str) else population.name
        found = [r for r in self.reports if r.population == name and r.variable == variable]
        if len(found) != 1:
            known = ", ".join(f"{r.population}/{r.variable}" for r in self.reports) or "none"
            what = "not recorded" if not found else f"recorded by {len(found)} probes"
            raise RangeError(f"{name}/{variable} is {what}; reports: {known}")
        return found[0]

    @property
    def duration(self) -> float:
        """Biological time, ms."""
        return self.end - self.begin

    @staticmethod
    def concatenate(slices: Sequence[Result]) -> Result:
        """One result out of those of successive slices (copies where there are several).

        What only some of them have, since the network was rebuilt, begins and ends with those.
        """
        if not slices:
            raise RangeError("concatenate: no slices")
        if len(slices) == 1:
            return slices[0]
        trains: dict[str, list[Spikes]] = defaultdict(list)
        probes: dict[Any, list[Samples]] = defaultdict(list)
        for part in slices:
            for s in part.spikes.values():
                trains[s.population].append(s)
            seen: Counter[Any] = Counter()
            for r in part.reports:
                key = (r.population, r.variable, r.interval, r.neurons.tobytes())
                probes[key, seen[key]].append(r)
                seen[key] += 1
        spikes = [
            replace(
                parts[0],
                end=parts[-1].end,
                times=np.concatenate([part.times for part in parts]),
                neurons=np.concatenate([part.neurons for part in parts]),
            )
            for parts in trains.values()
        ]
        reports = [
            replace(
                parts[0],
                times=np.concatenate([part.times for part in parts]),
                values=np.concatenate([part.values for part in parts]),
            )
            for parts in probes.values()
        ]
        return Result(slices[0].begin, slices[-1].end, spikes, reports)

    def __repr__(self) -> str:
        spikes = ", ".join(f"{name} {len(s)}" for name, s in self.spikes.items())
        return (
            f"<Result {self.begin:g} to {self.end:g} ms; spikes: {spikes or 'none recorded'}; "
            f"reports: {len(self.reports)}>"
        )

    def _repr_html_(self) -> str:
        return _html.result(self)

    def to_pandas(self) -> dict[str, Any]:
        """Tables of pandas: "spikes" (population, neuron, time in ms) and "POPULATION/VARIABLE" (one column a neuron).

        Needs the package pandas.
        """
        from ranvier.export import to_pandas

        return to_pandas(self)

    def to_neo(self) -> Any:
        """A `neo.Block` of one segment: spike trains of every neuron and analog signals. Needs the package neo."""
        from ranvier.export import to_neo

        return to_neo(self)
