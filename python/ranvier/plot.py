"""Pictures of results and networks through matplotlib (`pip install ranvier[plot]`): one call each, with labels and units.

Every function draws into `ax`, or into new axes, and returns the axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ranvier.errors import RangeError, UsageError
from ranvier.network import Network, Population
from ranvier.result import Result, Samples, Spikes

__all__ = ["connectivity", "cv", "intervals", "raster", "rates", "traces"]


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots()[1]


def _must_be(name: str, value: Any, kind: type, such_as: str) -> None:
    if not isinstance(value, kind):
        raise UsageError(
            f"{name}: a {type(value).__name__}, must be {kind.__name__} such as {such_as}"
        )


def raster(result: Result, ax: Any = None, most: int = 20000) -> Any:
    """Spikes as dots: one row a neuron, one colour a population, the first population lowest.

    Args:
        result: what a run recorded.
        ax: matplotlib axes.
        most: dots drawn at most; of more spikes every k-th is drawn, and the title says so.
    """
    _must_be("result", result, Result, "that of net.run(...)")
    ax = _axes(ax)
    total = sum(len(spikes) for spikes in result.spikes.values())
    every = max(1, -(-total // most))
    base, ticks, names = 0, [], []
    for name, spikes in result.spikes.items():
        ax.plot(spikes.times[::every], base + spikes.neurons[::every], ".", ms=2, label=name)
        ticks.append(base + spikes.size / 2)
        names.append(f"{name} ({spikes.size})")
        base += spikes.size
    ax.set(
        xlim=(result.begin, result.end),
        ylim=(-0.5, base - 0.5),
        xlabel="time (ms)",
        ylabel="neuron",
    )
    ax.set_yticks(ticks, names)
    ax.set_title("spikes" if every == 1 else f"spikes (1 of {every})")
    return ax


def rates(result: Result, ax: Any = None, bin: float = 10.0) -> Any:
    """Mean rate of every population in bins of `bin` ms, Hz."""
    _must_be("result", result, Result, "that of net.run(...)")
    if not bin > 0:
        raise RangeError(f"bin: {bin} ms, must be > 0")
    ax = _axes(ax)
    edges = np.arange(result.begin, result.end + bin * 1e-9, bin)
    if len(edges) < 2:
        raise RangeError(f"bin: {bin} ms, must be at most the result's {result.duration:g} ms")
    for name, spikes in result.spikes.items():
        counts, _ = np.histogram(spikes.times, edges)
        ax.stairs(counts / (spikes.size * bin * 1e-3), edges, label=name)
    ax.set(xlabel="time (ms)", ylabel="rate (Hz)", xlim=(result.begin, result.end))
    ax.set_ylim(bottom=0)
    ax.legend()
    return ax


def traces(samples: Samples, ax: Any = None, neurons: ArrayLike | None = None) -> Any:
    """A state variable in time, one line a neuron.

    Args:
        samples: of `Result.samples`.
        ax: matplotlib axes.
        neurons: indices of those drawn; default: the first five that were recorded.
    """
    _must_be("samples", samples, Samples, 'result.samples("exc", "v")')
    ax = _axes(ax)
    chosen = samples.neurons[:5] if neurons is None else np.asarray(neurons).reshape(-1)
    for neuron in chosen:
        ax.plot(
            samples.times, samples.of(int(neuron)), lw=1, label=f"{samples.population}[{neuron}]"
        )
    ax.set(xlabel="time (ms)", ylabel=f"{samples.variable} ({samples.unit})")
    ax.legend()
    return ax


def intervals(spikes: Spikes, ax: Any = None, bins: int = 50) -> Any:
    """Histogram of the intervals between a neuron's successive spikes, ms."""
    _must_be("spikes", spikes, Spikes, 'result.spikes["exc"]')
    return _histogram(spikes.intervals(), ax, bins, "interval (ms)", spikes)


def cv(spikes: Spikes, ax: Any = None, bins: int = 30) -> Any:
    """Histogram over neurons of the coefficient of variation of their intervals."""
    _must_be("spikes", spikes, Spikes, 'result.spikes["exc"]')
    values = spikes.cv()
    return _histogram(values[np.isfinite(values)], ax, bins, "CV of the intervals", spikes)


def _histogram(values: NDArray[np.float64], ax: Any, bins: int, label: str, spikes: Spikes) -> Any:
    ax = _axes(ax)
    ax.hist(values, bins=bins)
    ax.set(xlabel=label, ylabel="count", title=f"{spikes.population}: {len(values)} values")
    return ax


def connectivity(
    network: Network, source: Population | str, target: Population | str, ax: Any = None
) -> Any:
    """Summed weight of every pair of two populations as a matrix, sources down, targets across; at most 4,000,000 pairs."""
    names = [p if isinstance(p, str) else p.name for p in (source, target)]
    shape = (network[names[0]].size, network[names[1]].size)
    if shape[0] * shape[1] > 4_000_000:
        raise RangeError(f"{shape[0]} x {shape[1]} pairs, must be at most 4000000")
    ax = _axes(ax)
    matrix = np.zeros(shape)
    for projection in network.projections:
        if [projection.source, projection.target] == names:
            made = projection.connections()
            np.add.at(matrix, (made.sources, made.targets), made.weights)
    largest = float(np.max(np.abs(matrix), initial=0.0)) or 1.0
    image = ax.imshow(matrix, cmap="RdBu_r", vmin=-largest, vmax=largest, aspect="auto")
    ax.figure.colorbar(image, ax=ax, label="weight")
    ax.set(xlabel=f"target in {names[1]}", ylabel=f"source in {names[0]}")
    return ax
