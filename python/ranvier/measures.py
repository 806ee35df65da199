"""Measures of spike trains, in C++: rates, irregularity, histograms, distances, correlations.

Trains are given as the `Spikes` of a population, as a `Result` that holds the spikes of one population, as a list of arrays
of times (ms, rising), or as one such array. Intervals of time are (begin, end], ms; for `Spikes` and `Result` they default to
what was recorded. Definitions and sources: encoding/measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier import _core, _given
from ranvier.errors import RangeError, UsageError
from ranvier.result import Result, Spikes

__all__ = [
    "correlation",
    "covariance",
    "cv",
    "cv2",
    "fano_factor",
    "isi_distance",
    "isi_histogram",
    "lv",
    "psth",
    "rate",
    "spike_distance",
    "van_rossum_distance",
    "victor_purpura_distance",
]

#: What holds spike trains.
Trains = Spikes | Result | ArrayLike | Sequence[ArrayLike]


def rate(
    trains: Trains, begin: float | None = None, end: float | None = None
) -> NDArray[np.float64]:
    """Mean rate of each train in Hz, [n_trains]."""
    return _core.rates(_trains(trains), *_span(trains, begin, end))


def psth(
    trains: Trains, bin: float, begin: float | None = None, end: float | None = None
) -> NDArray[np.float64]:
    """Mean rate of the trains over time in Hz (peristimulus time histogram), [n_bins]; bin in ms.

    A last bin that `end` cuts off is as wide as it is.
    """
    return _core.psth(_trains(trains), *_span(trains, begin, end), bin)


def cv(trains: Trains) -> NDArray[np.float64]:
    """Coefficient of variation of the intervals of each train, [n_trains]; NaN below three spikes."""
    return _core.cv(_trains(trains))


def cv2(trains: Trains) -> NDArray[np.float64]:
    """Local coefficient of variation of each train, [n_trains] (Holt et al. 1996); NaN below three spikes."""
    return _core.cv2(_trains(trains))


def lv(trains: Trains) -> NDArray[np.float64]:
    """Local variation of each train, [n_trains] (Shinomoto et al. 2003); NaN below three spikes."""
    return _core.lv(_trains(trains))


def isi_histogram(trains: Trains, bin: float, longest: float) -> NDArray[np.int64]:
    """Number of intervals of all trains in [0, bin), [bin, 2 bin), ... ms up to `longest`, [n_bins]."""
    if not (bin > 0 and longest >= bin):
        raise RangeError(f"bin: {bin} ms, must be > 0 and at most longest = {longest} ms")
    if not longest / bin <= 1e9:
        raise RangeError(f"bin: {bin} ms, makes {longest / bin:g} bins, must be at most 1e9")
    return _core.interval_histogram(_trains(trains), bin, round(longest / bin))


def fano_factor(trains: Trains, begin: float | None = None, end: float | None = None) -> float:
    """Variance over mean of the trains' spike counts; NaN where there are no spikes."""
    return _core.fano_factor(_trains(trains), *_span(trains, begin, end))


def covariance(
    trains: Trains, bin: float, begin: float | None = None, end: float | None = None
) -> NDArray[np.float64]:
    """Covariances of the trains' spike counts in bins of `bin` ms, [n_trains, n_trains].

    What is left behind the last whole bin is left out.
    """
    return _core.covariances(_trains(trains), *_span(trains, begin, end), bin)


def correlation(
    trains: Trains, bin: float, begin: float | None = None, end: float | None = None
) -> NDArray[np.float64]:
    """Correlation coefficients of the trains' spike counts in bins of `bin` ms, [n_trains, n_trains].

    What is left behind the last whole bin is left out.
    """
    return _core.correlations(_trains(trains), *_span(trains, begin, end), bin)


def van_rossum_distance(trains: Trains, tau: float) -> NDArray[np.float64]:
    """van Rossum distances, [n_trains, n_trains]; tau in ms.

    A lone spike is 1 away from silence, as in elephant; van Rossum's own scale is smaller by sqrt(2).
    """
    return _core.van_rossum_distances(_trains(trains), tau)


def victor_purpura_distance(trains: Trains, cost: float) -> NDArray[np.float64]:
    """Victor-Purpura distances, [n_trains, n_trains]; cost of moving a spike in 1/ms."""
    return _core.victor_purpura_distances(_trains(trains), cost)


def isi_distance(
    trains: Trains, begin: float | None = None, end: float | None = None
) -> NDArray[np.float64]:
    """ISI-distances, [n_trains, n_trains], with PySpike's rules for the edges."""
    return _core.isi_distances(_trains(trains), *_span(trains, begin, end))


def spike_distance(
    trains: Trains, begin: float | None = None, end: float | None = None
) -> NDArray[np.float64]:
    """SPIKE-distances, [n_trains, n_trains] (Kreuz et al. 2013), with PySpike's rules for the edges."""
    return _core.spike_distances(_trains(trains), *_span(trains, begin, end))


def _spikes(trains: Trains) -> Spikes | None:
    """The one population of a result; nothing for arrays."""
    if not isinstance(trains, Result):
        return trains if isinstance(trains, Spikes) else None
    if len(trains.spikes) != 1:
        names = ", ".join(str(name) for name in trains.spikes) or "none"
        raise RangeError(f"spikes of {names}: choose one population, result.spikes[NAME]")
    return next(iter(trains.spikes.values()))


def _trains(trains: Trains) -> _core.Trains:
    spikes = _spikes(trains)
    if spikes is not None:
        order = np.argsort(spikes.neurons, kind="stable")
        begin = np.concatenate([[0], np.cumsum(spikes.counts())])
        return _core.Trains(spikes.times[order], begin)
    arrays = _arrays(trains)  # type: ignore[arg-type]
    begin = np.concatenate([[0], np.cumsum([len(one) for one in arrays], dtype=np.int64)])
    return _core.Trains(np.concatenate([np.empty(0), *arrays]), begin)


def _arrays(trains: ArrayLike | Sequence[ArrayLike]) -> list[NDArray[np.float64]]:
    if isinstance(trains, str) or not isinstance(trains, Iterable):
        raise UsageError(f"trains: a {type(trains).__name__}, must be spikes or spike times")
    given = trains if isinstance(trains, np.ndarray) else list(trains)
    if len(given) > 0 and np.ndim(given[0]) == 1:
        return [_given.numbers("trains", one) for one in given]
    single = _given.numbers("trains", given)
    if single.ndim != 1:
        raise RangeError(f"trains: {single.ndim} axes, must be one train or a list of trains")
    return [single]


def _span(trains: Trains, begin: float | None, end: float | None) -> tuple[float, float]:
    spikes = _spikes(trains)
    if begin is None:
        begin = spikes.begin if spikes is not None else 0.0
    if end is None:
        if spikes is None:
            raise RangeError("end: missing; arrays do not say how long was recorded")
        end = spikes.end
    return begin, end
