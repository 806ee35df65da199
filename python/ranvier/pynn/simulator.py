"""The state of the PyNN backend: what scripts have described, and the native simulation that is made of it.

PyNN's objects describe; the native network is built when the first run begins, and again after `reset()`. In between,
parameters, initial values, rates and currents are handed on to the running simulation.
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

    def __init__(self, n: int) -> None:
        int.__init__(n)
        common.IDMixin.__init__(self)


class State(common.control.BaseState):  # type: ignore[misc]
    """What `setup()` set, what was described since, and the simulation that runs it."""

    def __init__(self) -> None:
        super().__init__()
        self.mpi_rank = 0
        self.num_processes = 1
        self.dt = 0.1
        self.asked_delays: tuple[float | str, float | str] = ("auto", "auto")
        self.seed = 1
        self.threads = 1
        self.clear()

    def clear(self) -> None:
        """Forgets the network."""
        self.recorders: set[Any] = set()
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.currents: list[CurrentSource] = []
        self.id_counter = 0
        self.segment_counter = -1
        self.simulation: ranvier.Simulation | None = None
        self.reset()

    def reset(self) -> None:
        """Back to time 0; the network stays as it is described."""
        if self.simulation is not None:
            self.simulation.close()
        self.simulation = None
        self.results: list[ranvier.Result] = []
        self.running = False
        self.t = 0.0
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
        delays = [p._arrays()["delay"].min() for p in self.projections if len(p)]
        return float(min(delays, default=self.dt))

    @property
    def max_delay(self) -> float:
        """What setup() asked for; "auto": the largest delay of the network, dt without any, ms."""
        asked = self.asked_delays[1]
        if not isinstance(asked, str):
            return asked
        delays = [p._arrays()["delay"].max() for p in self.projections if len(p)]
        return float(max(delays, default=self.dt))

    def require_before_run(self, what: str) -> None:
        """Refuses a change of structure while the network runs."""
        if self.simulation is not None:
            raise ranvier.UnsupportedError(
                f"{what}: cannot change while the network runs; call reset() before"
            )

    def run_until(self, tstop: float) -> None:
        """Moves to `tstop` ms, to the nearest step."""
        if self.simulation is None:
            self._build()
        assert self.simulation is not None
        steps = round((tstop - self.t) / self.dt)
        if steps > 0:
            done = round(self.t / self.dt)
            for current in self.currents:
                current._sample(done + (done > 0), done + steps + 1)
            self.results.append(self.simulation.run(steps * self.dt))
            self.t = self.simulation.now
        self.running = True

    def run(self, simtime: float) -> None:
        """Moves on by `simtime` ms."""
        self.run_until(self.t + simtime)

    def _build(self) -> None:
        net = ranvier.Network(dt=self.dt, seed=self.seed)
        for population in self.populations:
            population._describe(net)
        for projection in self.projections:
            projection._describe(net)
        for current in self.currents:
            current._describe(net)
        for recorder in self.recorders:
            recorder._describe(net)
        for (
            population
        ) in self.populations:  # no probe at all would mean: spikes of every population
            net.record(population._native_name, "spikes")
        self.simulation = net.simulation(threads=self.threads)

    def spikes(self, population: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Times (ms) and indices of a population's spikes since time 0, sorted by time."""
        if not self.results:
            return np.zeros(0), np.zeros(0, dtype=np.int64)
        merged = self._merged()
        return merged.spikes[population].times, merged.spikes[population].neurons

    def samples(self, population: str, variable: str) -> ranvier.Samples | None:
        """Samples of a variable since time 0, or None before the first run."""
        return self._merged().samples(population, variable) if self.results else None

    def _merged(self) -> ranvier.Result:
        if len(self.results) > 1:
            self.results = [ranvier.Result.concatenate(self.results)]
        return self.results[0]


state = State()
