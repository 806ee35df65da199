#!/usr/bin/env python3
"""A bar that moves in direction k has to make population k fire most, for all eight directions.

Writes recordings of moving bars (40-bit events), replays them and reads the closing table.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from make_network import DIRECTIONS, SIDE  # noqa: E402


def moving_bar(direction, speed=0.2):
    """Events of a bar, wide across its motion, that crosses the sensor: one event a pixel as its edge passes."""
    angle = math.radians(45 * direction)
    events = []
    for y in range(SIDE):
        for x in range(SIDE):
            along = (x - SIDE / 2) * math.cos(angle) + (y - SIDE / 2) * math.sin(angle)
            events.append((int((along + SIDE) / speed * 1000), x, y))
    events.sort()
    data = bytearray()
    for t, x, y in events:
        data += bytes((x, y)) + ((1 << 23) | t).to_bytes(3, "big")
    return bytes(data)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", metavar="RANVIER", help="build/release/ranvier")
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path, help="to write to")
    words = parser.parse_args()
    program, folder = words.program, words.folder
    subprocess.run(
        [sys.executable, str(pathlib.Path(__file__).parent / "make_network.py"), str(folder)],
        check=True,
    )
    wrong = 0
    for direction, name in enumerate(DIRECTIONS):
        recording = folder / f"bar_{name}.bin"
        recording.write_bytes(moving_bar(direction))
        summary = folder / f"bar_{name}.json"
        subprocess.run(
            [
                program,
                "replay",
                str(recording),
                "--network",
                str(folder / "network.json"),
                "-q",
                "--summary",
                str(summary),
            ],
            check=True,
        )
        spikes = {
            d: json.loads(summary.read_text())["populations"][d]["spikes"] for d in DIRECTIONS
        }
        most = max(spikes, key=spikes.get)
        print(f"bar moving {name}: " + ", ".join(f"{d} {n}" for d, n in spikes.items()))
        wrong += most != name or sorted(spikes.values())[-2] * 2 > spikes[name]
    print("every bar is seen by its own population" if wrong == 0 else f"{wrong} directions wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
