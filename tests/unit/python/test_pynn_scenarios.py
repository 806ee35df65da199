"""PyNN's own cross-simulator scenarios (test/system/scenarios of its source distribution) against the backend.

Nothing of them is changed but fixtures.py, the list of simulators. scripts/test fetches the source distribution.
"""

import shutil

import pytest
from pynn_source import run_pytest, source_folder

pytestmark = pytest.mark.slow

FIXTURES = """
import importlib
import pytest


def run_with_simulators(*names):
    return pytest.mark.parametrize("sim", [importlib.import_module("pyNN.ranvier")], ids=["ranvier"])
"""

# All but the one for cells of many compartments, which upstream keeps in a folder of its own. With pyNN.nest 0.13.0 on NEST 3.10.0
# in our place: 64 passed, 1 failed, 1 skipped.
SCENARIOS_FOR_POINTS = 65


def test_every_scenario_passes(tmp_path):
    shutil.copytree(source_folder("test/system/scenarios"), tmp_path / "scenarios")
    (tmp_path / "scenarios/fixtures.py").write_text(FIXTURES)
    assert run_pytest(tmp_path, "--tb=line", "scenarios")["passed"] == SCENARIOS_FOR_POINTS
