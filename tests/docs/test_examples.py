"""The replay examples do what their pages say, on recordings that are bundled or made."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DATA = Path(
    os.environ.get("RANVIER_RECORDINGS", Path(__file__).resolve().parents[4] / "shared" / "data")
)


def run(script, *words):
    command = [sys.executable, EXAMPLES / script, os.environ["RANVIER_PROGRAM"], *words]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "script",
    ["direction_selectivity/check_directions.py", "tracking/track.py", "nmnist/check_digits.py",
     "microcircuit/compare_rates.py"],
)  # fmt: skip
def test_a_script_without_words_says_what_it_takes(script):
    done = subprocess.run([sys.executable, EXAMPLES / script], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith(f"usage: {Path(script).name}")


def test_a_disc_is_followed_by_a_winner_take_all(tmp_path):
    assert "the disc was followed" in run("tracking/track.py", tmp_path)


def test_digits_of_the_bundled_recordings_are_read(tmp_path):
    assert "20 of 20 samples right" in run("nmnist/check_digits.py", tmp_path / "out")


@pytest.mark.skipif(not (DATA / "nmnist").exists(), reason="../shared/data is not there")
def test_digits_of_all_test_recordings_are_read(tmp_path):
    assert "72 of 72 samples right" in run(
        "nmnist/check_digits.py", tmp_path / "out", DATA / "nmnist/test"
    )
