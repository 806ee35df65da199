"""The replay examples do what their pages say, on recordings that are bundled or made."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def run(script, *words):
    command = [sys.executable, EXAMPLES / script, os.environ["RANVIER_PROGRAM"], *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_disc_is_followed_by_a_winner_take_all(tmp_path):
    assert "the disc was followed" in run("tracking/track.py", tmp_path)
