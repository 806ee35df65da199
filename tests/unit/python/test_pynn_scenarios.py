"""PyNN's own cross-simulator scenarios (test/system/scenarios of its source distribution) against the backend.

Nothing of them is changed but fixtures.py, the list of simulators. scripts/test fetches the source distribution.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pyNN = pytest.importorskip("pyNN")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = ROOT / "build/pynn" / pyNN.__version__ / "test/system/scenarios"

FIXTURES = """
import importlib
import pytest


def run_with_simulators(*names):
    return pytest.mark.parametrize("sim", [importlib.import_module("pyNN.ranvier")], ids=["ranvier"])
"""

# What the backend does not have, and how many scenarios ask for it: plastic and stochastic synapses.
LACKING = {
    "STDPMechanism": 2,
    "TsodyksMarkramSynapse": 8,
    "SimpleStochasticSynapse": 1,
}
PASSED = 54


def test_every_scenario_passes_that_the_kernels_models_can_play(tmp_path):
    if not SCENARIOS.is_dir():
        pytest.skip("PyNN's source distribution is not there: scripts/test fetches it")
    shutil.copytree(SCENARIOS, tmp_path / "scenarios")
    (tmp_path / "scenarios/fixtures.py").write_text(FIXTURES)
    command = [sys.executable, "-m", "pytest", "-q", "-W", "ignore", "--tb=line", "scenarios"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    lacks = r"^E +AttributeError: module 'ranvier.pynn' has no attribute '(\w+)'"
    lacking = re.findall(lacks, done.stdout, re.MULTILINE)
    assert {name: lacking.count(name) for name in set(lacking)} == LACKING, done.stdout
    failed = int(re.search(r"(\d+) failed", done.stdout).group(1))
    passed = int(re.search(r"(\d+) passed", done.stdout).group(1))
    assert failed == sum(LACKING.values()), done.stdout
    assert passed == PASSED, done.stdout
