"""PyNN's control functions and its procedural interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

from pyNN import common
from pyNN.common.control import DEFAULT_MAX_DELAY, DEFAULT_MIN_DELAY, DEFAULT_TIMESTEP
from pyNN.connectors import FixedProbabilityConnector
from pyNN.recording import get_io

import ranvier
from ranvier.pynn import simulator
from ranvier.pynn.populations import Population
from ranvier.pynn.projections import Projection
from ranvier.pynn.synapses import StaticSynapse


def setup(
    timestep: float = DEFAULT_TIMESTEP,
    min_delay: float | str = DEFAULT_MIN_DELAY,
    **extra_params: Any,
) -> int:
    """Starts anew: an existing network is forgotten.

    Args:
        timestep: ms.
        min_delay: ms, the delay of synapses that are given none, and the least that others may have; "auto": the time step.
        extra_params: `max_delay` (ms; "auto": no limit), `seed` of the native random numbers (`rng_seed` too), `threads`; those of other
            backends are accepted and do nothing, as PyNN asks.

    Returns:
        Number of this process among those of `mpirun`, 0 without it.

    Raises:
        Error: the time step or the seed is not accepted; the existing network stays then.
    """
    seed = extra_params.get("seed", extra_params.get("rng_seed", 1))
    ranvier.Network(dt=timestep, seed=seed)  # refuses what is no step or no seed
    common.setup(timestep, min_delay, **extra_params)
    state = simulator.state
    state.clear()
    state.dt = timestep
    state.asked_delays = (min_delay, extra_params.get("max_delay", DEFAULT_MAX_DELAY))
    state.seed = seed
    state.threads = extra_params.get("threads", 1)
    return state.mpi_rank


def end(compatible_output: bool = True) -> None:
    """Writes what `record(..., to_file)` asked for. The network can be read until the next `setup()`."""
    for population, variables, filename in simulator.state.write_on_end:
        population.write_data(get_io(filename), variables)
    simulator.state.write_on_end = []


_, _run_until = common.build_run(simulator)


def run_until(
    time_point: float, callbacks: Iterable[Callable[[float], float]] | None = None
) -> float:
    """Runs until `time_point` ms.

    Args:
        time_point: ms since the last `reset()`.
        callbacks: each is called with the time (ms), and answers when it is to be called next.

    Returns:
        The time, ms.

    Raises:
        ValueError: the time point has passed, or a callback's answer is no later time.
    """
    checked = [_looking_ahead(callback, time_point) for callback in callbacks or ()]
    return _run_until(time_point, checked)  # type: ignore[no-any-return]


def run(simtime: float, callbacks: Iterable[Callable[[float], float]] | None = None) -> float:
    """Runs for `simtime` ms; see `run_until`."""
    return run_until(simulator.state.t + simtime, callbacks)


def _looking_ahead(callback: Callable[[float], float], end: float) -> Callable[[float], float]:
    """The callback, whose answers before the end must lie a step ahead: else PyNN's loop stays where it is."""
    half = simulator.state.dt / 2

    def checked(now: float) -> float:
        then = callback(now)
        if now < end - half and not (isinstance(then, Real) and float(then) > now + half):
            name = getattr(callback, "__name__", type(callback).__name__)
            raise ValueError(f"callback {name}: {then!r} at {now} ms, must be a later time")
        return then

    return checked


run_for = run
reset = common.build_reset(simulator)
initialize = common.initialize
set = common.set
(
    get_current_time,
    get_time_step,
    get_min_delay,
    get_max_delay,
    _,
    rank,
) = common.build_state_queries(simulator)
num_processes = ranvier.ranks
create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
record = common.build_record(simulator)


def record_v(source: Any, filename: str) -> Any:
    """Records membrane potentials of cells to a file."""
    return record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> Any:
    """Records synaptic conductances of cells to a file."""
    return record(["gsyn_exc", "gsyn_inh"], source, filename)
