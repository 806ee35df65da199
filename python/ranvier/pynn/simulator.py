"""The state of the PyNN backend: what scripts have described, and the native simulation that is made of it.

PyNN's objects describe; the native network is built when the first run begins, and again after `reset()`. In between,
parameters, initial values, rates, currents and weights of plastic synapses are handed on to the running simulation; a change of
structure (populations, projections, static weights, delays, parameters of synapses, current sources, what is recorded) when
the next run begins, by `Simulation.rebuild`. Under MPI every rank runs the whole script and holds every cell, so PyNN has nothing to gather:
`state.num_processes` is 1 for it, whatever `num_processes()` says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pyNN import common

import ranvier

if TYPE_CHECKING:
    from ranvier.pynn.electrodes import CurrentSource
    from ranvier.pynn.populations import Population
    from ranvier.pynn.projections import Projection

name = "Ranvier"


class ID(int, common.IDMixin):  # type: ignore[misc]
    """A cell by its number among all cells of the script."""

    local = True  # every process holds every cell


class State(common.control.BaseState):  # type: ignore[misc]
    """What `setup()` set, what was described since, and the simulation that runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.num_processes = 1
        self.dt = 0.1
        self.asked_delays: tuple[float | str, float | str] = ("auto", "auto")
        self.seed = 1
        self.threads = 1
        self.setups = 0
        self.clear()

    def clear(self) -> None:
        """Forgets the network."""
        self.recorders: set[Any] = set()
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.currents: list[CurrentSource] = []
        self.id_counter = 0
        self.setups += 1
        self.generators = 0  # without a seed of their own, that have drawn since setup()
        self.segment_counter = -1
        self.simulation: ranvier.Simulation | None = None
        self.built: list[Population] = []
        #: Of every projection in the running simulation: the native ones, and which connections are theirs.
        self.placed: dict[Projection, list[tuple[ranvier.Projection, Any]]] = {}
        self.reset()

    @property
    def mpi_rank(self) -> int:
        """This process among those of `mpirun`: the first one writes files."""
        return ranvier.rank()

    def reset(self) -> None:
        """Back to time 0; the network stays as it is described."""
        if self.simulation is not None:
            self.simulation.close()
        self.simulation = None
        self.is_stale = False
        self.epochs: list[list[ranvier.Result]] = []
        self.running = False
        self.t = 0.0
        for population in self.populations:
            population._trains = None
        for current in self.currents:
            current._forget()
        self.placed = {}
        for projection in self.projections:
            projection._forget()
        self.t_start = 0.0
        self.segment_counter += 1

    @property
    def least_delay(self) -> float:
        """The delay of synapses that were given none, ms."""
        asked = self.asked_delays[0]
        return self.dt if isinstance(asked, str) else asked

    @property
    def min_delay(self) -> float:
        """What setup() asked for; "auto": the least delay of the network, dt without any, ms."""
        asked = self.asked_delays[0]
        if not isinstance(asked, str):
            return asked
        delays = [p._delays().min() for p in self.projections if p._delays().size]
        return float(min(delays, default=self.dt))

    @property
    def max_delay(self) -> float:
        """What setup() asked for; "auto": the largest delay of the network, dt without any, ms."""
        asked = self.asked_delays[1]
        if not isinstance(asked, str):
            return asked
        delays = [p._delays().max() for p in self.projections if p._delays().size]
        return float(max(delays, default=self.dt))

    def structure_changed(self) -> None:
        """Makes the next run begin with a network that has the change."""
        self.is_stale = True

    def must_hold(self, cells: Any) -> None:
        """Raises UsageError for populations, views and assemblies of a network that setup() has freed since."""
        for part in getattr(cells, "populations", [cells]):
            if not any(part._owner() is population for population in self.populations):
                raise ranvier.UsageError(f"{part.label}: of a network that setup() has freed")

    def running_cells(self, population: Population) -> ranvier.Neurons | None:
        """The cells of a population in the running simulation; None where it is not part of one yet."""
        if self.simulation is None or population not in self.built:
            return None
        return self.simulation[population._native_name]

    def synapses(self, part: ranvier.Projection) -> ranvier.Synapses:
        """The synapses of a native projection in the running simulation."""
        assert self.simulation is not None
        return self.simulation[part]

    def run_until(self, tstop: float) -> None:
        """Moves to `tstop` ms, to the nearest step."""
        if not np.isfinite(tstop):
            raise ranvier.RangeError(f"run until {tstop} ms, must be finite")
        for projection in self.projections:
            projection._hand_over()
        if self.simulation is None or self.is_stale:
            self._build()
        assert self.simulation is not None
        for projection in self.projections:
            projection._hand_over_state()
        steps = round((tstop - self.t) / self.dt)
        if steps > 0:
            for population in self.populations:
                population._draw_until(self.t + steps * self.dt)
            try:
                self.simulation.run(steps * self.dt)
            finally:  # also where Ctrl-C has ended it early
                self._take_in()
        self.running = True

    def _take_in(self) -> None:
        """What was recorded since, if anything has run."""
        assert self.simulation is not None
        last = self.simulation.last
        if last is not None and last.end > self.t:
            begin, end = round(self.t / self.dt), round(last.end / self.dt)
            for current in self.currents:
                current._sample(begin + (begin > 0), end + 1)
            self.epochs[-1].append(last)
            self.t = last.end

    def run(self, simtime: float) -> None:
        """Moves on by `simtime` ms."""
        self.run_until(self.t + simtime)

    def _build(self) -> None:
        net = ranvier.Network(dt=self.dt, seed=self.seed)
        for population in self.populations:
            population._describe(net)
        placed = {projection: projection._describe(net) for projection in self.projections}
        for current in self.currents:
            current._describe(net)
        # The set of recorders has another order in every process.
        for population in self.populations:
            population.recorder._describe(net)
        for population in self.populations:  # no probe at all would mean: of every population
            net.record(population._native_name, "spikes")
        if self.simulation is None:
            self.simulation = net.simulation(threads=self.threads)
        else:
            self.simulation.rebuild(net)
        self.built, self.placed = list(self.populations), placed
        self.epochs.append([])
        self.is_stale = False

    def _parts(self) -> list[ranvier.Result]:
        """What was recorded since time 0: one result for every time between changes of structure."""
        for k, results in enumerate(self.epochs):
            if len(results) > 1:
                self.epochs[k] = [ranvier.Result.concatenate(results)]
        return [results[0] for results in self.epochs if results]

    def spikes(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times (ms) and indices of a population's spikes since time 0, sorted by time."""
        parts = [part.spikes[population] for part in self._parts() if population in part.spikes]
        if not parts:
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        return np.concatenate([s.times for s in parts]), np.concatenate([s.neurons for s in parts])

    def signal(
        self, population: str, variable: str, neurons: Any, interval: float, since: float
    ) -> NDArray[np.float64]:
        """Samples at `since` ms and every `interval` after it, [n_steps, len(neurons)]; NaN where none was recorded."""
        if self.simulation is None:
            return np.zeros((0, len(neurons)))
        first = int(np.ceil(since / interval - 1e-9))
        last = int(np.floor(self.t / interval + 1e-9))
        values = np.full((max(last - first + 1, 0), len(neurons)), np.nan)
        for part in self._parts():
            for report in part.reports:
                if (report.population, report.variable) != (population, variable):
                    continue
                steps = np.rint(report.times / interval)
                is_due = np.abs(report.times - steps * interval) < self.dt / 2
                rows = steps.astype(int) - first
                to = np.flatnonzero(np.isin(neurons, report.neurons))
                columns = np.searchsorted(report.neurons, np.asarray(neurons)[to])
                late = is_due & (rows >= 0)  # an earlier part may have had another interval
                values[np.ix_(rows[late], to)] = report.values[np.ix_(late, columns)]
        return values


state = State()
