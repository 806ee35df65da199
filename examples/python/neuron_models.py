#!/usr/bin/env python3
"""Neuron models by biological plausibility and cost: which of twenty ways to fire a model shows, and what a step of it takes.

The twenty behaviours are those of Fig. 1 of Izhikevich, IEEE Trans. Neural Networks 15:1063 (2004), whose published script
has the parameters and currents for his model; Fig. 2 of that paper, and Fig. 19 of Capra et al., IEEE Access 8 (2020), set
plausibility against cost. Here a behaviour counts where the model's own run shows it (`behaviours.py` says what to look for),
cost is the time that a neuron takes for a step in this machine's run, beside the operations that the 2004 paper counts for
1 ms. AdEx is younger than that paper; its parameters: Naud et al., Biol. Cybern. 99:335 (2008), table 1. Hodgkin & Huxley are
their squid axon of 1952, without the further currents that would show more.

Usage: neuron_models.py [--neurons N] [--pictures FOLDER]
"""

import time

import ranvier
from behaviours import BEHAVIOURS, DEMONSTRATIONS
from pictures import options, picture

DT = 0.1  # ms
MODELS = {  # name: (model, operations for 1 ms by Izhikevich 2004, Fig. 2)
    "leaky integrate-and-fire": ("if_curr_exp", 5),
    "Izhikevich": ("izhikevich", 13),
    "AdEx": ("eif_cond_exp_isfa_ista", None),
    "Hodgkin-Huxley": ("hh_1952", 1200),
}


def demonstrate(model, demonstrations):
    """Runs all of a model's demonstrations side by side; gives (demonstration, spike times, trace) of each."""
    net = ranvier.Network(dt=DT, seed=1)
    for demo in demonstrations:
        cell = net.population(
            model, 1, name=demo.behaviour, initial=demo.initial, **demo.parameters
        )
        times, values = zip(*demo.current, strict=True)
        net.stimulate(cell, ranvier.step(times, values))
        net.record(cell, "spikes", "v")
    result = net.run(max(demo.ms for demo in demonstrations))
    for demo in demonstrations:
        spikes = result.spikes[demo.behaviour].times
        trace = result.samples(demo.behaviour, "v")
        shown = trace.times <= demo.ms
        yield (
            demo,
            spikes[spikes <= demo.ms],
            (trace.times[shown], trace.values[shown, 0] + demo.shift),
        )


def nanoseconds_a_step(model, neurons):
    """Wall time of a step of one of many neurons that are driven to fire."""
    net = ranvier.Network(dt=DT, seed=1)
    cells = net.population(model, neurons)
    net.stimulate(cells, ranvier.dc(0.5 if model != "izhikevich" else 0.01))
    with net.simulation() as simulation:
        simulation.run(10.0)
        begin = time.perf_counter()
        simulation.run(40.0)
        return (time.perf_counter() - begin) * 1e9 / (neurons * 40.0 / DT)


def draw(runs, table, folder):
    """The twenty behaviours as traces, and the models in the plane of cost and plausibility."""
    with picture(folder, "neuron_models_behaviours", 5, 4, figsize=(14, 12)) as axes:
        for axis, (demo, _, (times, v)) in zip(axes.flat, runs, strict=True):
            axis.plot(times, v, lw=0.8)
            at, values = zip(*demo.current, (demo.ms, demo.current[-1][1]), strict=True)
            low, span = min(values), (max(values) - min(values)) or 1
            axis.step(at, [-105 + 12 * (x - low) / span for x in values], "gray", where="post")
            axis.set(title=demo.behaviour, ylim=(-110, 40), xlabel="time (ms)", ylabel="v (mV)")
    with picture(folder, "neuron_models_cost", columns=2, figsize=(11, 4.5)) as axes:
        for name, shown, nanoseconds, operations in table:
            axes[0].semilogx(nanoseconds, shown, "o", label=name)
            if operations:
                axes[1].semilogx(operations, shown, "o", label=name)
            else:
                axes[1].plot([], [], "o", label=f"{name}: not in the paper")
        axes[0].set(xlabel=f"measured: time of a step of {DT} ms (ns)")
        axes[1].set(xlabel="Izhikevich 2004: operations for 1 ms (1)")
        for axis in axes:
            axis.set(ylabel="behaviours shown, of 20 (1)", ylim=(0, 21))
            axis.legend(loc="lower right")


def main():
    parser = options(__doc__)
    parser.add_argument("--neurons", type=int, default=20000, help="for the measurement of cost")
    arguments = parser.parse_args()
    marks, table, runs = {}, [], {}
    for name, (model, operations) in MODELS.items():
        runs[name] = list(demonstrate(model, DEMONSTRATIONS[model]))
        marks[name] = {
            demo.behaviour
            for demo, spikes, trace in runs[name]
            if BEHAVIOURS[demo.behaviour](demo, spikes, *trace)
        }
        cost = nanoseconds_a_step(model, arguments.neurons)
        table.append((name, len(marks[name]), cost, operations))
    print(" " * 30 + "  ".join(name[:12].ljust(12) for name in MODELS))
    for behaviour in BEHAVIOURS:
        row = ["+" if behaviour in marks[name] else "." for name in MODELS]
        print(f"{behaviour:30}" + "  ".join(mark.ljust(12) for mark in row))
    for name, shown, cost, operations in table:
        print(
            f"{name}: {shown} behaviours, {cost:.2f} ns a step of a neuron here, "
            f"{operations or 'no count of'} operations for 1 ms by the paper"
        )
    if arguments.pictures:
        draw(runs["Izhikevich"], table, arguments.pictures)
    for name, (model, _) in MODELS.items():
        missing = {demo.behaviour for demo in DEMONSTRATIONS[model]} - marks[name]
        if missing:
            raise SystemExit(f"{name} does not show: {', '.join(sorted(missing))}")


if __name__ == "__main__":
    main()
