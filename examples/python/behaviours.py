"""Twenty ways to fire: what to look for in a run, and the parameters and currents that bring them about.

Names, parameters and currents of the Izhikevich model: Izhikevich 2004 (IEEE Trans. Neural Networks 15:1063), Fig. 1 and
the script published with it. Two of its panels have other equations, which a shift of the variables turns into ours:
  v' = 0.04 v^2 + 4.1 v + 108 - u + I   with v = w + 11.25 (then u less 11.25 b, I more by 19.1875 - 11.25 b)
  u' = a b (v + 65)                     kept as a (b v - u) by an a so small that u does not fall back (accommodation)
Three lean on the step of the script's integration and have a value of our own: bistability (the second pulse at 207 instead
of 216 ms), the depolarizing afterpotential (d = -19 instead of -21), inhibition-induced bursting (c = -48 and d = 0
instead of -45 and -2). Tonic spiking is shown for 200 instead of 100 ms.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Demonstration:
    """One neuron: its parameters, state at time 0, current as (from ms, nA), and for how long."""

    behaviour: str
    parameters: dict
    current: list
    ms: float
    initial: dict = field(default_factory=dict)
    shift: float = 0.0  # mV, to be added to v


# -- what to look for: functions of the demonstration, the spikes (ms), and the trace (ms, mV) ------------------------


def onset(demo):
    """When the current changes for the first time, ms."""
    return demo.current[1][0]


def bursts(spikes):
    """Spikes in groups, where intervals are unlike: a gap is longer than the geometric mean of the shortest and longest."""
    intervals = np.diff(spikes)
    if len(spikes) < 3 or intervals.max() < 5 * intervals.min():
        return [spikes]
    gap = np.sqrt(intervals.min() * intervals.max())
    return np.split(spikes, np.flatnonzero(intervals > gap) + 1)


def goes_on(demo, spikes):
    """It fires to the end of the demonstration."""
    return len(spikes) > 3 and demo.ms - spikes[-1] < 1.5 * np.diff(spikes).max()


def tonic_spiking(demo, spikes, times, v):
    last = np.diff(spikes)[-3:]
    return goes_on(demo, spikes) and last.max() < 1.1 * last.min()


def phasic_spiking(demo, spikes, times, v):
    return len(spikes) == 1 and spikes[0] > onset(demo)


def tonic_bursting(demo, spikes, times, v):
    groups = bursts(spikes)
    return (
        goes_on(demo, spikes) and len(groups) >= 3 and all(len(group) > 1 for group in groups[:-1])
    )


def phasic_bursting(demo, spikes, times, v):
    return len(spikes) > 2 and spikes[-1] - spikes[0] < 0.25 * (demo.ms - onset(demo))


def mixed_mode(demo, spikes, times, v):
    groups = bursts(spikes)
    return (
        goes_on(demo, spikes)
        and len(groups[0]) > 1
        and len(groups) > 3
        and all(len(group) == 1 for group in groups[1:])
    )


def spike_frequency_adaptation(demo, spikes, times, v):
    intervals = np.diff(spikes)
    return (
        goes_on(demo, spikes)
        and np.all(np.diff(intervals) > -0.3)
        and intervals[-1] > 1.4 * intervals[0]
    )


def class_1(demo, spikes, times, v):
    """Under a rising current it begins slowly, below 30 Hz."""
    return goes_on(demo, spikes) and np.diff(spikes).max() > 1000 / 30


def class_2(demo, spikes, times, v):
    """Under a rising current it begins fast, above 40 Hz."""
    return goes_on(demo, spikes) and np.diff(spikes).max() < 1000 / 40


def spike_latency(demo, spikes, times, v):
    """The spike comes milliseconds after the end of the pulse."""
    return len(spikes) == 1 and spikes[0] > demo.current[2][0] + 3


def subthreshold_oscillations(demo, spikes, times, v):
    if len(spikes) == 0:
        return False
    after = v[times > spikes[-1] + 20]
    swings = np.diff(np.sign(np.diff(after)))
    return np.count_nonzero(swings) >= 4 and np.ptp(after) > 0.2


def pairs_answered(demo, spikes):
    """Which of two pairs of pulses are followed by a spike within 40 ms."""
    begins = [
        t for (t, x), (_, last) in zip(demo.current[1:], demo.current, strict=False) if x > last
    ]
    return [bool(np.any((spikes > t) & (spikes < t + 40))) for t in (begins[1], begins[3])]


def resonator(demo, spikes, times, v):
    """Of a narrow and a wide pair of pulses it answers the wide one, whose pulses are its own period apart."""
    return len(spikes) == 1 and pairs_answered(demo, spikes) == [False, True]


def integrator(demo, spikes, times, v):
    """Of a narrow and a wide pair of pulses it answers the narrow one."""
    return len(spikes) == 1 and pairs_answered(demo, spikes) == [True, False]


def rebound_spike(demo, spikes, times, v):
    return len(spikes) == 1 and spikes[0] > demo.current[2][0]


def rebound_burst(demo, spikes, times, v):
    return len(spikes) > 2 and spikes[0] > demo.current[2][0] and len(bursts(spikes)) == 1


def threshold_variability(demo, spikes, times, v):
    last = demo.current[-2][0]  # the pulse behind the inhibition
    return len(spikes) == 1 and spikes[0] > last


def bistability(demo, spikes, times, v):
    on, off = demo.current[-4][0], demo.current[-2][0]
    return len(spikes) > 3 and spikes[0] > on and spikes[-1] < off + 25 and spikes[-1] > off - 25


def depolarizing_afterpotential(demo, spikes, times, v):
    after = v[(times > spikes[-1] + 1) & (times < spikes[-1] + 15)] if len(spikes) else v[:1]
    return len(spikes) == 1 and after.max() > v[0] + 5


def accommodation(demo, spikes, times, v):
    fast = demo.ms * 0.75  # where the second, faster ramp begins
    return len(spikes) == 1 and spikes[0] > fast


def inhibition_induced_spiking(demo, spikes, times, v):
    begin, end = demo.current[1][0], demo.current[2][0]
    inside = (spikes > begin) & (spikes < end + 20)
    return len(spikes) > 2 and np.all(inside) and min(np.diff(spikes)) > 10


def inhibition_induced_bursting(demo, spikes, times, v):
    begin, end = demo.current[1][0], demo.current[2][0]
    inside = (spikes > begin) & (spikes < end + 20)
    return np.all(inside) and len([b for b in bursts(spikes) if len(b) > 1]) > 1


BEHAVIOURS = {
    function.__name__.replace("_", " "): function
    for function in (
        *(tonic_spiking, phasic_spiking, tonic_bursting, phasic_bursting, mixed_mode),
        *(spike_frequency_adaptation, class_1, class_2, spike_latency, subthreshold_oscillations),
        *(resonator, integrator, rebound_spike, rebound_burst, threshold_variability, bistability),
        *(depolarizing_afterpotential, accommodation, inhibition_induced_spiking),
        inhibition_induced_bursting,
    )
}


# -- currents, in the unit of the source; `scale` makes nA of them -----------------------------------------------------


def steps(*pairs):
    """(from ms, value), 0 before the first."""
    return [(0.0, 0.0), *pairs]


def pulses(height, length, *begins, base=0.0):
    """`height` for `length` ms from every begin on, `base` elsewhere."""
    return [(0.0, base), *(x for t in begins for x in ((t, height), (t + length, base)))]


def ramp(begin, end, low, slope):
    """`low` until `begin`, then rising by `slope` a ms, in steps of 0.5 ms."""
    at = np.arange(begin, end, 0.5)
    return [(0.0, low), *((float(t), float(low + slope * (t - begin))) for t in at)]


def scaled(current, scale, offset=0.0):
    return [(t, (x + offset) * scale) for t, x in current]


# -- who shows what ---------------------------------------------------------------------------------------------------


def izhikevich(behaviour, ms, v, current, a, b, c, d, *, w=0.0, u_rests_at=0.0, u=None):
    """Parameters and currents as published; w and u_rests_at shift the variables (see the head of this file)."""
    more = (19.1875 if w else 0.0) - b * w + b * u_rests_at
    start = {"v": v - w, "u": (b * v if u is None else u) - b * w + b * u_rests_at}
    return Demonstration(
        behaviour,
        {"a": a, "b": b, "c": c - w, "d": d},
        scaled(current, 1e-3, more),  # 1 pA stands for 1 mV/ms
        ms,
        initial=start,
        shift=w,
    )


IZHIKEVICH = [
    izhikevich("tonic spiking", 200, -70, steps((10, 14)), 0.02, 0.2, -65, 6),
    izhikevich("phasic spiking", 200, -64, steps((20, 0.5)), 0.02, 0.25, -65, 6),
    izhikevich("tonic bursting", 220, -70, steps((22, 15)), 0.02, 0.2, -50, 2),
    izhikevich("phasic bursting", 200, -64, steps((20, 0.6)), 0.02, 0.25, -55, 0.05),
    izhikevich("mixed mode", 160, -70, steps((16, 10)), 0.02, 0.2, -55, 4),
    izhikevich("spike frequency adaptation", 85, -70, steps((8.5, 30)), 0.01, 0.2, -65, 8),
    izhikevich("class 1", 300, -60, ramp(30, 300, 0, 0.075), 0.02, -0.1, -55, 6, w=11.25),
    izhikevich("class 2", 300, -64, ramp(30, 300, -0.5, 0.015), 0.2, 0.26, -65, 0),
    izhikevich("spike latency", 100, -70, pulses(7.04, 3, 10), 0.02, 0.2, -65, 6),
    izhikevich("subthreshold oscillations", 200, -62, pulses(2, 5, 20), 0.05, 0.26, -60, 0),
    izhikevich("resonator", 400, -62, pulses(0.65, 4, 40, 60, 280, 320), 0.1, 0.26, -60, -1),
    izhikevich("integrator", 100, -60, pulses(9, 2, 9, 14, 70, 80), 0.02, -0.1, -55, 6, w=11.25),
    izhikevich("rebound spike", 200, -64, pulses(-15, 5, 20), 0.03, 0.25, -60, 4),
    izhikevich("rebound burst", 200, -64, pulses(-15, 5, 20), 0.03, 0.25, -52, 0),
    izhikevich(
        "threshold variability",
        *(100, -64, steps((10, 1), (15, 0), (70, -6), (75, 0), (80, 1), (85, 0))),
        *(0.03, 0.25, -60, 4),
    ),
    izhikevich("bistability", 300, -61, pulses(1.24, 5, 37.5, 207, base=0.24), 0.1, 0.26, -60, 0),
    izhikevich("depolarizing afterpotential", 50, -70, pulses(20, 2, 9), 1, 0.2, -60, -19),
    izhikevich(
        "accommodation",
        *(
            400,
            -65,
            [*ramp(0.5, 200, 0, 0.04), (200.0, 0.0), *ramp(300, 312.5, 0, 0.32)[1:], (312.5, 0.0)],
        ),
        *(1e-4, 200, -55, 4),
        u_rests_at=-65,
        u=-16,
    ),
    izhikevich(
        "inhibition induced spiking", 350, -63.8, [(0, 80), (50, 75), (250, 80)], -0.02, -1, -60, 8
    ),
    izhikevich(
        "inhibition induced bursting",
        *(350, -63.8, [(0, 80), (50, 75), (250, 80)], -0.026, -1, -48, 0),
    ),
]


def adex(behaviour, ms, current, cm, g, rest, threshold, slope, a, tau_w, b, reset):
    """Units of the table of Naud et al.: pF, nS, mV, ms, pA."""
    return Demonstration(
        behaviour,
        {
            "cm": cm / 1000,
            "tau_m": cm / g,
            "v_rest": rest,
            "v_thresh": threshold,
            "delta_T": slope,
            "a": a,
            "tau_w": tau_w,
            "b": b / 1000,
            "v_reset": reset,
            "v_spike": 0.0,
            "tau_refrac": 0.0,
        },
        scaled(current, 1e-3),
        ms,
    )


ADEX = [
    adex("tonic spiking", 400, steps((50, 500)), 200, 10, -70, -50, 2, 2, 30, 0, -58),
    adex(
        "spike frequency adaptation", 500, steps((50, 500)), 200, 12, -70, -50, 2, 2, 300, 60, -58
    ),
    adex("mixed mode", 500, steps((50, 400)), 130, 18, -58, -50, 2, 4, 150, 120, -50),
    adex("tonic bursting", 500, steps((50, 210)), 200, 10, -58, -50, 2, 2, 120, 100, -46),
    adex("class 1", 1000, ramp(50, 1000, 200, 0.3), 200, 10, -70, -50, 2, 0, 30, 0, -58),
    adex("integrator", 200, pulses(1600, 2, 20, 25, 120, 150), 200, 10, -70, -50, 2, 0, 30, 0, -58),
    adex("rebound spike", 300, pulses(-600, 100, 50), 200, 10, -60, -50, 2, 80, 150, 300, -58),
    adex("phasic spiking", 300, steps((50, 400)), 100, 10, -65, -50, 2, 30, 60, 300, -65),
]

LIF = {"tau_m": 20.0, "cm": 0.2, "v_rest": -65, "v_reset": -65, "v_thresh": -50}
INTEGRATE_AND_FIRE = [
    Demonstration("tonic spiking", LIF, steps((20, 0.3)), 200),
    Demonstration("class 1", LIF, ramp(20, 1000, 0.1, 0.0003), 1000),
    Demonstration("integrator", LIF, pulses(0.9, 2, 20, 25, 120, 150), 200),
]

HODGKIN_HUXLEY = [  # 1 nA is 10 uA/cm2
    Demonstration("tonic spiking", {}, steps((20, 1.0)), 200),
    Demonstration("phasic spiking", {}, steps((20, 0.4)), 200),
    Demonstration("class 2", {}, ramp(20, 160, 0.0, 0.02), 160),
    Demonstration("subthreshold oscillations", {}, pulses(1.0, 3, 20, base=0.2), 150),
    Demonstration("resonator", {}, pulses(0.36, 2, 20, 27, 120, 135), 200),
    Demonstration("rebound spike", {}, pulses(-1.0, 20, 20), 100),
    Demonstration("threshold variability", {}, steps((20, 0.3), (22, 0), (96, -0.5), (104, 0), (106, 0.3), (108, 0)), 150),
    Demonstration("accommodation", {}, [*ramp(0.5, 200, 0, 0.0025), (200.0, 0.0), *ramp(300, 310, 0, 0.05)[1:], (310.0, 0.0)], 400),
]  # fmt: skip

DEMONSTRATIONS = {
    "if_curr_exp": INTEGRATE_AND_FIRE,
    "izhikevich": IZHIKEVICH,
    "eif_cond_exp_isfa_ista": ADEX,
    "hh_1952": HODGKIN_HUXLEY,
}
