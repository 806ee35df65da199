#!/usr/bin/env python3
"""A network trained elsewhere reads N-MNIST recordings: every bundled one right.

The network is a graph in the Neuromorphic Intermediate Representation (cnn_sinabs.nir, trained with Sinabs); network.json puts a
camera in the place of its input. Usage: check_digits.py RANVIER FOLDER [RECORDINGS], the last one a folder of recordings a
digit (default: the bundled ones).
"""

import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent


def main():
    program, out = sys.argv[1], pathlib.Path(sys.argv[2])
    recordings = sys.argv[3] if len(sys.argv) > 3 else HERE / "recordings"
    words = ["replay", recordings, "--network", HERE / "network.json", "-o", out, "--overwrite"]
    words += ["--output-population", "12"]
    subprocess.run([program, *map(str, words)], check=True)
    accuracy = json.loads((out / "results.json").read_text())["accuracy"]
    return 0 if accuracy >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
