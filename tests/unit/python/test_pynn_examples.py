"""The example scripts of PyNN's source distribution run unchanged with `ranvier` as the simulator's name, draw their figures, and
give what pyNN.nest gives (tests/golden/pynn_examples.json).

scripts/test fetches the source distribution. Left out are those that ask for NEURON or for NineML, and simpleRandomNetwork_csa.py,
which fails for every backend: it passes `mask_local` to a generator, which PyNN 0.13 no longer accepts.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pynn_source import source_folder

pytest.importorskip("pyNN")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/golden/pynn_examples.py"
RECORDED = json.loads(GOLDEN.with_suffix(".json").read_text())["cases"]
SPEC = importlib.util.spec_from_file_location("pynn_examples", GOLDEN)
RECORDER = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(RECORDER)
PLOTTED = [
    "Izhikevich.py",
    "cell_type_demonstration.py",
    "current_injection.py",
    "gif_neuron.py",
    "monolith_vs_composed.py",
    "multi_synapse.py",
    "multiquantal_synapses.py",
    "simple_STDP.py",
    "small_network.py",
    "stochastic_deterministic_comparison.py",
    "stochastic_tsodyksmarkram.py",
    "synaptic_input.py",
    "tsodyksmarkram.py",
]
PLAIN = [  # beside those that are compared
    "connections.py",
    "distrib_example.py",
    "random_distributions.py",
    "random_numbers.py",
    "stdp_network.py",
]


def play(folder, script, *arguments):
    """Runs an example in `folder`; its output, and the pictures that it made."""
    (folder / "Results").mkdir(exist_ok=True)
    command = [sys.executable, "-W", "ignore", str(source_folder("examples") / script), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env={**os.environ, "MPLBACKEND": "Agg"}
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout, list(folder.rglob("*.png"))


@pytest.mark.parametrize("script", PLOTTED)
def test_an_example_runs_and_draws_its_figure(script, tmp_path):
    pytest.importorskip("matplotlib")
    _, pictures = play(tmp_path, script, "--plot-figure", "ranvier")
    assert pictures and all(p.stat().st_size > 1000 for p in pictures)


@pytest.mark.parametrize("script", PLAIN)
def test_an_example_runs(script, tmp_path):
    if script == "distrib_example.py":
        pytest.importorskip("mpi4py")
    play(tmp_path, script, "ranvier")


def played(case):
    """What the script's populations recorded, as tests/golden/pynn_examples.py sums it up."""
    return RECORDER.played(case, source_folder("examples"), "ranvier")


@pytest.mark.parametrize("case", RECORDER.EXACT)
def test_an_example_gives_what_pynn_nest_gives(case):
    ours, theirs = played(case), RECORDED[case]
    assert len(ours) == len(theirs) > 0
    for a, b in zip(ours, theirs, strict=True):
        assert a["spikes"] == b["spikes"]
        assert a["signals"].keys() == b["signals"].keys()
        for name, (mean, sd) in b["signals"].items():
            assert a["signals"][name] == pytest.approx([mean, sd], abs=5e-3 * sd), name


@pytest.mark.parametrize("case", RECORDER.RANDOM)
def test_a_random_example_gives_about_what_pynn_nest_gives(case):
    ours, theirs = played(case), RECORDED[case]
    of_spikes, of_means = RECORDER.RANDOM[case]
    assert len(ours) == len(theirs) > 0
    for a, b in zip(ours, theirs, strict=True):
        largest = max(a["spikes"], b["spikes"])
        assert abs(a["spikes"] - b["spikes"]) <= of_spikes * largest
        assert a["signals"].keys() == b["signals"].keys()
        for name, (mean, sd) in b["signals"].items():
            assert a["signals"][name][0] == pytest.approx(mean, abs=of_means * sd), name
