"""Inhomogeneous gamma processes: renewal with a gamma law of intervals whose parameters change from bin to bin.

At a time t after the last spike the intensity is the hazard of the gamma law of t's bin at that age (Muller et al. 2007,
Neural Computation 19:2958, section 3). Within a bin the law is one, so that the next spike is drawn exactly: an interval of
the bin's law, given that it is longer than the age; where it ends beyond the bin, the next bin goes on from there. Trains are
drawn as far as the simulation has come, one generator a source, and do not depend on how the run is cut.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["InhGammaTrains"]

_MOST_TRIES = 1_000_000


class InhGammaTrains:
    """Spike trains of a population of sources, drawn on demand.

    Args:
        parameters: native columns `a` (shape), `b` (scale, s), `tbins` (ms), `start`, `stop` (ms), one entry a source.
        seed: of the network.
        number: of the population.
    """

    def __init__(self, parameters: dict[str, Any], seed: int, number: int) -> None:
        size = len(parameters["start"])
        self._parameters = parameters
        self._draws = [
            np.random.Generator(np.random.Philox(key=seed, counter=[0, number, i, 0]))
            for i in range(size)
        ]
        self._spikes: list[list[float]] = [[] for _ in range(size)]
        self._last = np.array(parameters["start"], dtype=float)
        self._next = [self._after(i, self._last[i]) for i in range(size)]

    def until(self, ms: float) -> list[NDArray[np.float64]]:
        """All spikes up to `ms`, ms."""
        for i, spikes in enumerate(self._spikes):
            while self._next[i] <= ms:
                self._last[i] = self._next[i]
                spikes.append(self._last[i])
                self._next[i] = self._after(i, self._last[i])
        return [np.asarray(spikes) for spikes in self._spikes]

    def change(self, now: float) -> None:
        """Takes the parameters as they are now: what comes after `now` is drawn anew."""
        for i in range(len(self._spikes)):
            self._last[i] = max(self._last[i], self._parameters["start"][i])
            self._next[i] = self._after(i, max(now, self._last[i]))

    def _after(self, i: int, now: float) -> float:
        """The first spike after `now`, which is not before the last one; infinity where there is none."""
        a, b, edges = (np.asarray(self._parameters[name][i].value) for name in ("a", "b", "tbins"))
        stop = float(self._parameters["stop"][i])
        for k in range(len(edges)):
            end = edges[k + 1] if k + 1 < len(edges) else np.inf
            begin = max(now, float(edges[k]))
            if begin >= end:
                continue
            at = self._last[i] + self._longer(
                i, float(a[k]), 1e3 * float(b[k]), begin - self._last[i]
            )
            if at > stop:
                return np.inf
            if at <= end:
                return float(at)
        return np.inf

    def _longer(self, i: int, shape: float, scale: float, age: float) -> float:
        """An interval of the gamma law (ms) that is longer than `age`."""
        tries = 16
        while tries < _MOST_TRIES:
            drawn = self._draws[i].gamma(shape, scale, tries)
            fits = np.flatnonzero(drawn > age)
            if len(fits):
                return float(drawn[fits[0]])
            tries *= 4
        # So far out in the law's tail its hazard is 1/scale but for a part of scale/age.
        hazard = 1 / scale - (shape - 1) / age
        return age + float(self._draws[i].exponential(1 / hazard))
