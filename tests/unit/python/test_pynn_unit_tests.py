"""PyNN's own unit tests (test/unittests of its source distribution) that ask for a backend, with ranvier.pynn in the place of pyNN.mock.

Nothing else of them is changed. scripts/test fetches the source distribution.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pyNN = pytest.importorskip("pyNN")

ROOT = Path(__file__).resolve().parents[3]
UNIT_TESTS = ROOT / "build/pynn" / pyNN.__version__ / "test/unittests"

REPLACED = """
import sys
import pyNN
import ranvier.pynn

sys.modules["pyNN.mock"] = pyNN.mock = ranvier.pynn
"""

MADE_UP = "mock makes two spikes up in every cell; these cells get no input and are silent"
FAKED = "fakes a second process by hand, where each holds half of the cells; here every process holds all"
# Files and tests that cannot apply, and why.
LEFT_OUT = {
    "test_connectors_parallel.py": FAKED,
    "test_assembly.py::AssemblyTest::test_get_multiple_params_no_gather": FAKED,
    "test_population.py::PopulationTest::test_get_multiple_params_no_gather": FAKED,
    "test_population.py::PopulationTest::test_set_random_distribution_parallel_unsafe": FAKED,
    "test_population.py::PopulationTest::test_set_random_distribution_parallel_safe": FAKED,
    "test_assembly.py::AssemblyTest::test_mean_spike_count": MADE_UP,
    "test_population.py::PopulationTest::test_get_spike_counts": MADE_UP,
    "test_population.py::PopulationTest::test_get_spikes_with_gather": MADE_UP,
    "test_population.py::PopulationTest::test_mean_spike_count": MADE_UP,
    "test_populationview.py::PopulationViewTest::test_get_data_with_gather": MADE_UP,
    "test_populationview.py::PopulationViewTest::test_get_spike_counts": MADE_UP,
    "test_populationview.py::PopulationViewTest::test_mean_spike_count": MADE_UP,
}
# Of PyNN 0.13.0; two more are skipped by upstream itself.
PASSED = 222


def test_every_unit_test_passes_that_is_not_mocks_own(tmp_path):
    if not UNIT_TESTS.is_dir():
        pytest.skip("PyNN's source distribution is not there: scripts/test fetches it")
    shutil.copytree(UNIT_TESTS, tmp_path / "unittests")
    (tmp_path / "unittests/conftest.py").write_text(REPLACED)
    files = sorted(
        f"unittests/{path.name}"
        for path in UNIT_TESTS.glob("test_*.py")
        if "import pyNN.mock as sim" in path.read_text() and path.name not in LEFT_OUT
    )
    left_out = [f"--deselect=unittests/{name}" for name in LEFT_OUT if "::" in name]
    command = [sys.executable, "-m", "pytest", "-q", "-W", "ignore", *left_out, *files]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) deselected", done.stdout).group(1)) == len(left_out)
    assert int(re.search(r"(\d+) passed", done.stdout).group(1)) == PASSED, done.stdout
