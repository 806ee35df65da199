"""Is it the same network? Rates, CV, correlations and weights of every side, compared within the case's tolerances."""

import dataclasses
import math

import numpy as np

from harness.measures import measure

MOST_WIDENING = 3  # of tolerances; beyond that a comparison says nothing
NEURONS_MEASURED = 20_000  # of a population, for the irregularity


@dataclasses.dataclass(frozen=True)
class Span:
    """What measure() needs to know, ms: spikes in (discard, duration], counted in bins."""

    discard: float
    duration: float
    bin: float


def measure_run(spikes, populations, span, recorded):
    """{population: {measure: value}} of one run.

    Args:
        spikes: {population: (times in ms, neurons)}.
        populations: those of the document.
        span: a Span.
        recorded: neurons of each population whose spikes were recorded.
    """
    out = {}
    for name, population in populations.items():
        times, neurons = (np.asarray(x) for x in spikes[name])
        size = min(population["size"], recorded)
        few = min(size, NEURONS_MEASURED)
        inside = neurons < few
        out[name] = measure(times[inside], neurons[inside], few, span)
        in_time = (times > span.discard) & (times <= span.duration)
        out[name]["rate"] = 1000 * in_time.sum() / (size * (span.duration - span.discard))
    return out


def mean_of(runs):
    """Mean over runs of what measure_run gives; a measure that no run could give stays nan."""
    out = {}
    for name in runs[0]:
        out[name] = {}
        for m in runs[0][name]:
            values = [run[name][m] for run in runs if not math.isnan(run[name][m])]
            out[name][m] = float(np.mean(values)) if values else math.nan
    return out


def widening(case, end):
    """How much further apart than the case's tolerances the measures of a run up to `end` ms may lie.

    The tolerances hold on the shortest stretch that the case itself compares. On a shorter one the error of a mean over
    time grows with the root of how much shorter it is.

    Returns:
        A factor >= 1, or the words that say why the stretch is too short to compare.
    """
    own = min(peer.duration or case.duration for peer in (case, *case.peers.values()))
    stretch, whole = end - case.discard, own - case.discard
    least = whole / MOST_WIDENING**2
    if stretch < least:
        return (
            f"{end:g} ms are too short to compare: the first {case.discard:g} ms are left out, "
            f"at least {math.ceil(least):g} ms more are needed"
        )
    return max(1.0, math.sqrt(whole / stretch))


def differences(found, reference, tolerance, whose, wider=1.0):
    """Texts of what lies further from the reference than allowed, and of what cannot be told.

    Weights are compared where they were read. On a short stretch (`wider` of widening() above 1) what no neuron gives
    tells nothing.
    """
    faults = []
    for name, values in reference.items():
        if name not in found and "weight_mean" in values:
            continue
        for m, wanted in values.items():
            if m not in tolerance or math.isnan(wanted):
                continue
            bound = tolerance[m]
            if isinstance(bound, tuple):
                bound = bound[0] + bound[1] * abs(wanted)
            bound *= wider
            if wider > 1 and math.isnan(found[name][m]):
                continue
            if not abs(found[name][m] - wanted) <= bound:
                faults.append(
                    f"{m} of {name} {found[name][m]:.4g}, {whose} {wanted:.4g}, "
                    f"allowed {bound:.2g} apart"
                )
    return faults
