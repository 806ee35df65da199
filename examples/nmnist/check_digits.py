#!/usr/bin/env python3
"""A network trained elsewhere reads N-MNIST recordings: every bundled one right.

The network is a graph in the Neuromorphic Intermediate Representation (cnn_sinabs.nir, trained with Sinabs); network.json puts a
camera in the place of its input.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("program", metavar="RANVIER", help="build/release/ranvier")
    parser.add_argument("folder", metavar="FOLDER", type=pathlib.Path, help="to write to")
    parser.add_argument(
        "recordings", metavar="RECORDINGS", nargs="?", default=HERE / "recordings",
        help="a folder with a folder of recordings a digit (default: the bundled ones)",
    )  # fmt: skip
    given = parser.parse_args()
    out = given.folder
    words = ["replay", given.recordings, "--network", HERE / "network.json", "-o", out]
    words.append("--overwrite")
    words += ["--output-population", "12"]
    subprocess.run([given.program, *map(str, words)], check=True)
    accuracy = json.loads((out / "results.json").read_text())["accuracy"]
    return 0 if accuracy >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
