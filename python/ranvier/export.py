"""Results as tables of pandas and blocks of neo; each package is needed only where it is used."""

from __future__ import annotations

from typing import Any

from ranvier.result import Result

__all__ = ["to_neo", "to_pandas"]


def to_pandas(result: Result) -> dict[str, Any]:
    """Tables of pandas.

    Args:
        result: what a run recorded.

    Returns:
        "spikes": columns population, neuron, time (ms); "POPULATION/VARIABLE": index time (ms), one column a neuron.
        A variable recorded by several probes gets "POPULATION/VARIABLE #2" and so on.
    """
    import pandas

    spikes = [
        pandas.DataFrame({"population": name, "neuron": s.neurons, "time": s.times})
        for name, s in result.spikes.items()
    ]
    empty = pandas.DataFrame({"population": [], "neuron": [], "time": []})
    tables = {"spikes": pandas.concat(spikes, ignore_index=True) if spikes else empty}
    for r in result.reports:
        plain = name = f"{r.population}/{r.variable}"
        n = 2
        while name in tables:
            name = f"{plain} #{n}"
            n += 1
        index = pandas.Index(r.times, name="time")
        tables[name] = pandas.DataFrame(r.values, index=index, columns=list(r.neurons))
    return tables


def to_neo(result: Result) -> Any:
    """A `neo.Block` of one segment.

    Args:
        result: what a run recorded.

    Returns:
        Spike trains of every neuron (annotations `population`, `neuron`) in ms and one analog signal a report
        (annotations `population`, `neurons`) in its unit; state variables without a physical unit are dimensionless.
    """
    import neo
    import quantities
    from neo.core.spiketrainlist import SpikeTrainList

    segment = neo.Segment(name="Ranvier run")
    trains = []
    for name, spikes in result.spikes.items():
        for neuron, times in enumerate(spikes.trains()):
            train = neo.SpikeTrain(
                times,
                units="ms",
                t_start=result.begin,
                t_stop=result.end,
                name=f"{name}[{neuron}]",
                population=name,
                neuron=neuron,
            )
            train.segment = segment
            trains.append(train)
    # Appended one by one, each would be looked for among those before.
    segment.spiketrains = SpikeTrainList(trains, parent=segment)
    for r in result.reports:
        try:
            unit = quantities.Quantity(1.0, r.unit).units
        except LookupError:
            unit = quantities.dimensionless
        signal = neo.AnalogSignal(
            r.values,
            units=unit,
            t_start=quantities.Quantity(r.times[0] if len(r.times) else result.begin, "ms"),
            sampling_period=quantities.Quantity(r.interval, "ms"),
            name=r.variable,
            population=r.population,
            neurons=r.neurons,
        )
        segment.analogsignals.append(signal)
    block = neo.Block(name="Ranvier")
    block.segments.append(segment)
    return block
