"""A network that is built once and moved slice by slice: closed loops, changes of state and parameters between slices.

Where nothing is changed, slices give the same bits as one run. Under MPI every rank runs the same script and makes the same
calls; results are the same on every rank.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NoReturn, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import _core, _given
from ranvier.errors import RangeError, UsageError
from ranvier.network import Network, Population, Projection, Stimulus
from ranvier.progress import Bar, wants_bar
from ranvier.result import Result, Samples, Spikes
from ranvier.synapses import Synapses
from ranvier.values import Value, to_core

__all__ = ["Neurons", "Simulation", "rank", "ranks"]

_Native = _core.Simulation


def rank() -> int:
    """Number of this process among those of `mpirun`, 0 without it."""
    return _core.rank()


def ranks() -> int:
    """How many processes `mpirun` started, 1 without it."""
    return _core.ranks()


class Simulation:
    """A built network, standing at a biological time.

    Args:
        network: what is simulated; later changes of it do not count.
        threads: workers, 1 to 1024.
        output: run folder to write as well; it is whole after `close()`, which leaves none where nothing has run. When an
            exception leaves the `with` block, or a run fails, what was recorded is in `output` + ".partial", as after a
            failed `ranvier run`: `ranvier recover` makes a run folder of it. After Ctrl-C it is whole, marked as ended early.
        overwrite: whether an earlier run folder of that name is replaced.
        resume: file that `save` wrote, to go on from where it was; `network` is that simulation's `network`, threads and ranks
            may be others.

    Raises:
        Error: the network cannot be built, or the file is not of this network.

    Example:
        >>> with ranvier.Simulation(net, threads=2) as sim:
        ...     for _ in range(100):
        ...         spikes = sim.run(10.0).spikes["exc"]
        ...         sim["in"].rate = 20.0 if spikes.rate() < 5 else 5.0
    """

    def __init__(
        self,
        network: Network,
        threads: int = 1,
        output: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        resume: str | os.PathLike[str] | None = None,
        *,
        _first_run: float | None = None,
    ) -> None:
        if not isinstance(network, Network):
            raise UsageError(f"network: a {type(network).__name__}, must be a Network")
        if not isinstance(threads, (int, np.integer)):
            raise UsageError(f"threads: a {type(threads).__name__}, must be a whole number")
        if not 1 <= threads <= 1024:
            raise RangeError(f"threads: {threads}, must lie in [1, 1024]")
        self._network = network
        self._populations = network.populations
        self._is_moving = False
        self._native = _Native(
            network._core,
            threads,
            "" if output is None else os.fspath(output),
            overwrite,
            "" if resume is None else os.fspath(resume),
            _first_run,
        )
        self._end = self._native.now()

    @property
    def _core(self) -> _Native:
        """What runs, while it stands still."""
        if self._is_moving:
            raise UsageError("the simulation is running: it can be called again between two slices")
        return self._native

    @contextmanager
    def _moving(self) -> Iterator[_Native]:
        """Keeps others (`progress`, handlers of signals, threads) out as long as the interpreter is free."""
        core = self._core
        self._is_moving = True
        try:
            yield core
        finally:
            self._is_moving = False

    def run(
        self,
        ms: float,
        *,
        every: float | None = None,
        callback: Callable[[Simulation, Result], object] | None = None,
        progress: bool | Callable[[float], object] | None = False,
    ) -> Result:
        """Moves on by `ms` and returns what was recorded on the way.

        Args:
            ms: biological time, whole nanoseconds, > 0; a multiple of dt where clocked populations exist.
            every: ms between calls of `callback`, which may look at the slice's result and change the simulation; a
                callback that returns False ends the run there.
            callback: called as callback(simulation, result of the slice).
            progress: as for `Network.run`.

        Raises:
            Error: the time is not accepted, or the simulation is closed.
            KeyboardInterrupt: after Ctrl-C, once the slice has ended in order; the simulation can go on.
        """
        _given.must_be_ms("ms", ms)
        if every is not None:
            _given.must_be_ms("every", every)
        if (every is None) != (callback is None):
            raise UsageError("every and callback belong together")
        if not (callback is None or callable(callback)):
            raise UsageError(f"callback: a {type(callback).__name__}, must be a function")
        show = _shower(progress, self.now, ms)
        try:
            if every is None or callback is None:
                return self._slice(ms, show)
            if not every > 0:
                raise RangeError(f"every: {every} ms, must be > 0")
            self._core.require_can_run(ms)
            slices = []
            begin = self.now
            while (left := begin + ms - self.now) > 5e-7:  # half a nanosecond
                slices.append(self._slice(round(min(every, left), 9), show))
                if callback(self, slices[-1]) is False:
                    break
            return Result.concatenate(slices)
        finally:
            if isinstance(show, Bar):
                show.close()

    def _slice(self, ms: float, show: Callable[[float], object] | None) -> Result:
        begin = self._end
        with self._moving() as core:
            reached, spikes, reports, failure = core.run(ms, show)
        self._end = core.now()
        result = Result(
            begin,
            self._end,
            [
                Spikes(name, self._populations[name].size, begin, self._end, times, neurons)
                for name, times, neurons in spikes
            ],
            [_samples(*report) for report in reports],
        )
        self.last = result
        if failure is not None:
            raise failure
        if not reached:
            raise KeyboardInterrupt("the run was ended on another rank")
        return result

    #: What the last slice recorded, also after an interrupt.
    last: Result | None = None

    @property
    def now(self) -> float:
        """Biological time, ms; of a closed simulation where it ended."""
        return self._end if self._native.is_closed() else self._native.now()

    @overload
    def __getitem__(self, part: str | Population) -> Neurons: ...
    @overload
    def __getitem__(self, part: Projection) -> Synapses: ...
    def __getitem__(self, part: str | Population | Projection) -> Neurons | Synapses:
        """The neurons of a population, for reading and setting: `sim["exc"].v`, `sim[exc][3:5].tau_m = 12`; or the
        synapses of a projection: `sim[projection].weights`.
        """
        if isinstance(part, Projection):
            if part.network is not self._network:
                raise UsageError(f'projection "{part.name}" belongs to another network')
            return Synapses(self, part)
        return Neurons(self, self._find(part), slice(None))

    def _find(self, population: str | Population) -> Population:
        if isinstance(population, Population):
            if population.network is not self._network:
                raise UsageError(f'population "{population.name}" belongs to another network')
            population = population.name
        if population not in self._populations:
            raise RangeError(f'there is no population "{population}"')
        return self._populations[population]

    def change(self, stimulus: Stimulus, **fields: Value) -> None:
        """Changes an input from now on.

        Args:
            stimulus: a stimulus of the network.
            fields: what is replaced: `rate` (Hz), `amplitude` (nA), `start`, `stop` (ms), `times`, `values`, `offset`,
                `frequency`, `phase`, `mean`, `stdev`, as its type has them.
        """
        if not isinstance(stimulus, Stimulus) or stimulus.network is not self._network:
            raise UsageError("change: must be a stimulus of the simulated network")
        self._core.change_stimulus(
            stimulus.index, {key: to_core(key, value) for key, value in fields.items()}
        )

    def current(self, stimulus: Stimulus, neuron: int, times: ArrayLike) -> NDArray[np.float64]:
        """What a current stimulus, as it stands, gives to one neuron at `times` (ms), nA; noise is as the kernel draws it.

        Args:
            stimulus: a current of the network.
            neuron: index in its target.
            times: [n] ms; the current of a step is its value at the step's begin.
        """
        if not isinstance(stimulus, Stimulus) or stimulus.network is not self._network:
            raise UsageError("current: must be a stimulus of the simulated network")
        self._must_be_open()
        at = _given.numbers("times", times).reshape(-1)
        if not np.all(np.isfinite(at)):
            raise RangeError("times: must be finite")
        return self._core.current(stimulus.index, neuron, at)

    def inject(
        self, population: str | Population, neurons: Iterable[int] | int, times: ArrayLike
    ) -> None:
        """Makes spike sources emit spikes beside their own.

        Args:
            population: spike sources (a spike_source_array may have empty lists of its own).
            neurons: indices, one a spike, or one for all.
            times: ms, later than `now`: one a spike, or one for all.
        """
        at = _given.numbers("times", times).reshape(-1)
        index = _given.whole_numbers("neurons", neurons, self._find(population).size)
        if len(index) != len(at) and 1 not in (len(index), len(at)):
            raise RangeError(f"{len(index)} neurons, {len(at)} times: must be as many, or one")
        index, at = np.broadcast_arrays(index, at)
        self._core.inject(self._find(population).index, index, at)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes where the simulation stands, aside and renamed: `Simulation(network, resume=path)` goes on to the same bits.

        The network itself is not in the file; where something was set since the start, keep `simulation.network` with it
        (`simulation.network.save(...)`).

        Args:
            path: an HDF5 file; an earlier one is replaced, so that a run may save where it stands again and again.

        Raises:
            UsageError: nothing has run yet.
            IoError: the file cannot be written.

        Example:
            >>> sim.run(60_000, every=1000, callback=lambda sim, part: sim.save("state.h5"))
        """
        with self._moving() as core:
            core.save(os.fspath(path))

    @property
    def network(self) -> Network:
        """A copy of the network as it is now, with what was set since the start: to be added to and given to `rebuild`."""
        self._must_be_open()
        return Network._wrap(self._core.network(), ".")

    def rebuild(self, network: Network) -> None:
        """Goes on with another network from `now`.

        Its first populations are those that run (same names, models and sizes), others may follow; parameters, projections,
        weights, delays, stimuli and probes are what it says. Neurons keep their state, and a spike on its way arrives when
        and as strong as it was sent. Synapses with a rule keep their weights and traces in a projection of the same name,
        populations and rule.

        Args:
            network: usually `simulation.network` with parts added.

        Raises:
            Error: it cannot take the running network's place, or a run folder is written; nothing has changed then.

        Example:
            >>> net = sim.network
            >>> net.project("exc", net.population("if_curr_exp", 10, name="more"), ranvier.one_to_one(), weight=0.1)
            >>> sim.rebuild(net)
        """
        if not isinstance(network, Network):
            raise UsageError(f"network: a {type(network).__name__}, must be a Network")
        with self._moving() as core:
            core.rebuild(network._core)
        self._network = network
        self._populations = network.populations

    def totals(self) -> dict[str, int]:
        """Numbers of neurons, synapses, spikes and synaptic events so far, over all ranks."""
        names = ("neurons", "synapses", "spikes", "synaptic_events")
        return dict(zip(names, self._core.totals(), strict=True))

    def state_digest(self) -> str:
        """SHA-256 of the whole state: equal for any number of threads and ranks."""
        return self._core.state_digest()

    def _must_be_open(self) -> None:
        if self._core.is_closed():
            raise UsageError("the simulation is closed")

    def close(self) -> None:
        """Ends the run folder, if any, and frees the network; calling it again does nothing."""
        with self._moving() as core:
            core.close()

    def __enter__(self) -> Simulation:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._moving() as core:
            if kind is None:
                core.close()
            elif issubclass(kind, Exception):
                core.close_failed()
            else:  # Ctrl-C, or an end of the program
                core.close_early()

    def __repr__(self) -> str:
        where = "closed" if self._native.is_closed() else f"at {self.now:g} ms"
        return f"<Simulation {where} of {self._network!r}>"

    def __reduce__(self) -> NoReturn:
        """Refuses pickles and copies, of its `Neurons` too: raises UsageError, which is a TypeError."""
        raise UsageError(
            "a Simulation cannot be pickled or copied; its network (sim.network) and its results can, "
            "and sim.save(path) keeps where it stands for Simulation(network, resume=path)"
        )


class Neurons:
    """Neurons of a population in a simulation: state variables and parameters by name, for all or by index and slice.

    Reading gives an array (one value a neuron) that cannot be written to; setting takes a number or one value a neuron:
    `sim["exc"].v = -60`, `sim["exc"][:10].i_offset = 0.5`. A change counts from now on.
    """

    __slots__ = ("_index", "_population", "_simulation")

    _index: NDArray[np.int64]
    _population: Population
    _simulation: Simulation

    def __init__(self, simulation: Simulation, population: Population, index: Any) -> None:
        object.__setattr__(self, "_simulation", simulation)
        object.__setattr__(self, "_population", population)
        object.__setattr__(self, "_index", _select(population, np.arange(population.size), index))

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, index: Any) -> Neurons:
        """A part of them: an index, a slice, a list of indices or a mask."""
        part = Neurons(self._simulation, self._population, slice(None))
        object.__setattr__(part, "_index", _select(self._population, self._index, index))
        return part

    def __iter__(self) -> Iterator[Neurons]:
        return (self[i] for i in range(len(self)))

    def __getattr__(self, name: str) -> NDArray[np.float64]:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        self.set(**{name: value})

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._fields("parameters"), *self._fields("state")]

    def get(self, name: str) -> NDArray[np.float64]:
        """A state variable or parameter of these neurons, [len] in its unit. Under MPI every rank has to ask."""
        core, index = self._simulation._core, self._population.index
        is_state = name in self._fields("state")
        values = core.state(index, name) if is_state else core.parameter(index, name)
        values = values[self._index]
        values.flags.writeable = False
        return values

    def set(self, **values: ArrayLike) -> None:
        """Sets state variables and parameters: a number, or one value a neuron.

        Raises:
            Error: an unknown name, a value out of range, another number of values than neurons.
        """
        core, index = self._simulation._core, self._population.index
        for name, value in values.items():
            if name == "spike_times":
                self._set_spike_times(value)
                continue
            array = _given.numbers(name, value)
            if array.ndim > 0 and array.shape != self._index.shape:
                raise RangeError(
                    f'population "{self._population.name}": {name}: {array.size} values, must be '
                    f"one or {len(self._index)}"
                )
            array = np.broadcast_to(array, self._index.shape)
            if name in self._fields("state"):
                core.set_state(index, name, self._index, array)
            else:
                core.set_parameter(index, name, self._index, array)

    def _set_spike_times(self, trains: Any) -> None:
        if len(self._index) != self._population.size:
            raise RangeError("spike_times: must be set for the whole population")
        times: Sequence[ArrayLike] = trains
        self._simulation._core.set_spike_times(self._population.index, _given.trains(times))

    def _fields(self, kind: str) -> list[str]:
        return [field[0] for field in _core.describe_model(self._population.model).get(kind, [])]

    def __repr__(self) -> str:
        return f'<{len(self)} of the {self._population.size} neurons of "{self._population.name}">'


def _select(population: Population, known: NDArray[np.int64], index: Any) -> NDArray[np.int64]:
    try:
        return np.atleast_1d(known[index])
    except IndexError as error:
        raise RangeError(f'population "{population.name}": {error}') from None


def _samples(
    population: str,
    variable: str,
    unit: str,
    interval: float,
    first: int,
    neurons: NDArray[np.int64],
    values: NDArray[np.float64],
) -> Samples:
    times = np.asarray((first + np.arange(len(values))) * interval, dtype=np.float64)
    return Samples(population, variable, unit, interval, times, neurons, values)


def _shower(
    progress: bool | Callable[[float], object] | None, begin: float, ms: float
) -> Callable[[float], object] | None:
    if callable(progress):
        return progress
    on = wants_bar() if progress is None else progress
    return Bar(begin, begin + ms) if on and rank() == 0 else None
