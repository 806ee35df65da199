"""PyNN's source distribution, which scripts/test fetches, and running the tests in it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def source_folder(name):
    """A folder of the source distribution of the PyNN installed; skips the test where it was not fetched."""
    pyNN = pytest.importorskip("pyNN")
    folder = ROOT / "build/pynn" / pyNN.__version__ / name
    if not folder.is_dir():
        pytest.skip("PyNN's source distribution is not there: scripts/test fetches it")
    return folder


def run_pytest(folder, *arguments):
    """Runs pytest in `folder`, where nothing may fail. Returns {outcome: number of tests}."""
    command = [sys.executable, "-m", "pytest", "-q", "-W", "ignore", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    return {
        outcome: int(n) for n, outcome in re.findall(r"(\d+) (\w+)", done.stdout.splitlines()[-1])
    }
