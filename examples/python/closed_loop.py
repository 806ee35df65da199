#!/usr/bin/env python3
"""A closed loop: every 20 ms the measured rate of a population sets the rate of its input, until it fires as wanted.

Usage: closed_loop.py [--target HZ] [--steps N] [--pictures FOLDER]
"""

import numpy as np
import ranvier
from pictures import options, picture


def main():
    parser = options(__doc__)
    parser.add_argument("--target", type=float, default=20.0, help="wanted rate, Hz")
    parser.add_argument("--steps", type=int, default=60)
    arguments = parser.parse_args()
    net = ranvier.Network(dt=0.1, seed=3)
    source = net.population("spike_source_poisson", 100, name="in", rate=5)
    cells = net.population("if_curr_exp", 200, name="cells")
    net.project(source, cells, ranvier.fixed_probability(0.3), weight=0.3, delay=1.0)
    rate, course = 5.0, []
    with net.simulation() as sim:
        for step in range(arguments.steps):
            measured = sim.run(20.0).spikes["cells"].rate()
            course.append((sim.now, measured, rate))
            rate = max(0.0, rate + 0.03 * (arguments.target - measured))
            sim["in"].rate = rate
            if step % 10 == 9:
                print(f"{sim.now:5.0f} ms: {measured:5.1f} Hz with an input of {rate:4.1f} Hz")
        settled = sim.run(400.0).spikes["cells"].rate()
    print(f"settled at {settled:.1f} Hz")
    if arguments.pictures:
        times, measured, given = np.array(course).T
        with picture(arguments.pictures, "closed_loop") as axes:
            axes.plot(times, measured, label="rate of the cells")
            axes.plot(times, given, label="rate of each input")
            axes.axhline(arguments.target, color="gray", ls=":", label="wanted")
            axes.set(xlabel="time (ms)", ylabel="rate (Hz)")
            axes.legend()
    if abs(settled - arguments.target) > 0.25 * arguments.target:
        raise SystemExit("the loop has not settled")


if __name__ == "__main__":
    main()
