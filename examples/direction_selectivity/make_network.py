#!/usr/bin/env python3
"""Writes a network that sees which way things move: network.json and one CSV list of connections a direction.

Eight populations, one a direction of motion (0 = right, then clockwise in 45 degree steps, as y points down), each a grid of
leaky integrate-and-fire neurons over square patches of a 128 x 128 event camera. A pixel reaches a neuron after a delay
that falls along the neuron's preferred direction, so that events of an edge moving that way at the preferred speed arrive
together (Jeffress 1948; delays for direction: Barlow & Levick 1965), and events of an edge moving the other way arrive
spread out. At each place the eight neurons inhibit each other.

Usage: make_network.py FOLDER [--speed PIXELS_PER_MS]
"""

import argparse
import json
import math
import pathlib

SIDE, PATCH, STRIDE = 128, 16, 16
DIRECTIONS = ["right", "down_right", "down", "down_left", "left", "up_left", "up", "up_right"]


def taps(direction, speed):
    """Rows (pixel, neuron, weight, delay in ms) of one direction."""
    angle = math.radians(45 * direction)
    grid = (SIDE - PATCH) // STRIDE + 1
    reach = (PATCH - 1) / 2 * (abs(math.cos(angle)) + abs(math.sin(angle)))
    for row in range(grid):
        for column in range(grid):
            neuron = row * grid + column
            for j in range(PATCH):
                for i in range(PATCH):
                    along = (i - (PATCH - 1) / 2) * math.cos(angle) + (
                        j - (PATCH - 1) / 2
                    ) * math.sin(angle)
                    delay = 1 + round((reach - along) / speed)
                    pixel = (row * STRIDE + j) * SIDE + column * STRIDE + i
                    yield pixel, neuron, 1.0, delay


def network(size, inhibition):
    neuron = {"v_rest": 0, "v_reset": 0, "v_thresh": 40, "tau_m": 6, "tau_refrac": 5}
    populations = {
        "camera": {
            "model": "spike_source_events",
            "size": SIDE * SIDE,
            "options": {"width": SIDE, "height": SIDE, "polarity": "merge"},
        }
    }
    projections, probes = [], [{"population": "camera", "variables": ["spikes"]}]
    for name in DIRECTIONS:
        populations[name] = {"model": "if_curr_delta", "size": size, "parameters": neuron}
        projections.append(
            {
                "name": f"camera->{name}",
                "source": "camera",
                "target": name,
                "connector": {"rule": "csv", "file": f"{name}.csv"},
                "receptor": "excitatory",
            }
        )
        probes.append({"population": name, "variables": ["spikes"]})
    for a in DIRECTIONS:
        for b in DIRECTIONS:
            if a != b:
                projections.append(
                    {
                        "name": f"{a}->{b}",
                        "source": a,
                        "target": b,
                        "connector": {"rule": "one_to_one"},
                        "weight": -inhibition,
                        "delay": 1,
                        "receptor": "inhibitory",
                    }
                )
    return {
        "ranvier": 1,
        "run": {"duration": 1000, "dt": 1, "seed": 1},
        "populations": populations,
        "projections": projections,
        "probes": probes,
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument(
        "--speed", type=float, default=0.2, help="preferred speed, pixels per ms (default 0.2)"
    )
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    size = ((SIDE - PATCH) // STRIDE + 1) ** 2
    for direction, name in enumerate(DIRECTIONS):
        with open(arguments.folder / f"{name}.csv", "w") as file:
            file.write("source,target,weight,delay\n")
            file.writelines("%d,%d,%g,%d\n" % row for row in taps(direction, arguments.speed))
    (arguments.folder / "network.json").write_text(
        json.dumps(network(size, inhibition=10), indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
