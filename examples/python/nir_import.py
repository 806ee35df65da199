#!/usr/bin/env python3
"""A trained network from a NIR file: the recurrent network of the NIR paper that reads Braille letters.

Without --graph the sample of the tests is taken (Pedersen et al. 2024, Nature Communications 15:8122). Its inputs get random
spikes; the output neuron that spikes most would be the answer.

Usage: nir_import.py [--graph FILE] [--ms MS] [--rate HZ] [--pictures FOLDER]
"""

from pathlib import Path

import numpy as np
import ranvier
import ranvier.nir
from pictures import options, picture

SAMPLE = Path(__file__).parents[2] / "tests/golden/nir/braille_noDelay_bias_zero.nir"


def main():
    parser = options(__doc__)
    parser.add_argument("--graph", default=SAMPLE, help="NIR file")
    parser.add_argument("--ms", type=float, default=25.0)
    parser.add_argument("--rate", type=float, default=1500.0, help="Hz, of every input")
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    silent = ranvier.nir.load(arguments.graph, dt=0.1)
    source = next(iter(silent.populations.values()))
    counts = rng.poisson(arguments.rate * arguments.ms / 1000, source.size)
    spikes = [np.sort(rng.uniform(0.1, arguments.ms, n)) for n in counts]
    net = ranvier.nir.load(
        arguments.graph, dt=0.1, method="euler", spikes={source.name: [t.round(1) for t in spikes]}
    )
    result = net.run(arguments.ms)
    print(net)
    for name, train in result.spikes.items():
        print(f"{name}: {len(train)} spikes")
    output = list(result.spikes.values())[-1]
    votes = np.bincount(output.neurons.astype(int), minlength=1)
    print(f"most spikes: output {votes.argmax()} with {votes.max()}")
    if arguments.pictures:
        from ranvier import plot

        with picture(arguments.pictures, "nir_import", rows=2) as axes:
            plot.raster(result, axes[0])
            axes[1].bar(np.arange(len(votes)), votes)
            axes[1].set(xlabel="output neuron", ylabel="number of spikes")


if __name__ == "__main__":
    main()
