"""Rates, irregularity and correlation of a population's spikes; the bound on their difference.

The same code measures Ranvier's run folders and the peers' recordings, here and in tests/cross.
"""

import math

import numpy as np

MEASURES = ("rate", "cv", "correlation")
FEWEST_INTERVALS = 3
NEURONS_CORRELATED = 200


def measure(times, neurons, size, case):
    """Measures of one population from its spikes.

    Args:
        times: spike times in ms, any order; those outside (discard, duration] are left out.
        neurons: the neuron (0 to size - 1) of each spike.
        size: number of neurons.
        case: what was run: its discard, duration and bin in ms.

    Returns:
        rate: mean over all neurons, Hz.
        cv: coefficient of variation of the inter-spike intervals (s.d. over mean), averaged over
            the neurons with at least 3 intervals.
        correlation: mean of Pearson's coefficient over all pairs of those of the first 200 neurons
            that fired, of their spike counts in bins of case.bin.
    """
    times, neurons = np.asarray(times, float), np.asarray(neurons, np.int64)
    inside = (times > case.discard) & (times <= case.duration)
    times, neurons = times[inside], neurons[inside]
    order = np.lexsort((times, neurons))
    times, neurons = times[order], neurons[order]
    return {
        "rate": 1000 * len(times) / (size * (case.duration - case.discard)),
        "cv": _irregularity(times, neurons, size),
        "correlation": _correlation(times, neurons, min(size, NEURONS_CORRELATED), case),
    }


def _irregularity(times, neurons, size):
    trains = np.split(times, np.cumsum(np.bincount(neurons, minlength=size))[:-1])
    intervals = [np.diff(train) for train in trains if len(train) > FEWEST_INTERVALS]
    return float(np.mean([np.std(x) / np.mean(x) for x in intervals])) if intervals else math.nan


def _correlation(times, neurons, n, case):
    edges = np.linspace(
        case.discard, case.duration, round((case.duration - case.discard) / case.bin) + 1
    )
    counts = np.zeros((n, len(edges) - 1))
    few = neurons < n
    # Times lie on the grid: a bin is (begin, end], so that rounding cannot move them between bins.
    bins = np.searchsorted(edges, times[few] - 1e-6) - 1
    np.add.at(counts, (neurons[few], bins), 1)
    counts = counts[counts.std(axis=1) > 0]
    if len(counts) < 2:
        return math.nan
    matrix = np.corrcoef(counts)
    return float((matrix.sum() - len(matrix)) / (len(matrix) * (len(matrix) - 1)))
