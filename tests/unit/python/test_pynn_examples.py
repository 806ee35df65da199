"""The example scripts of PyNN's source distribution run unchanged with `ranvier` as the simulator's name, and draw their figures.

scripts/test fetches the source distribution. Left out are those that ask for NEURON or for NineML, and simpleRandomNetwork_csa.py,
which calls what PyNN 0.13 no longer has.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pyNN = pytest.importorskip("pyNN")

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "build/pynn" / pyNN.__version__ / "examples"
PLOTTED = [
    "Izhikevich.py",
    "cell_type_demonstration.py",
    "current_injection.py",
    "gif_neuron.py",
    "multi_synapse.py",
    "simple_STDP.py",
    "small_network.py",
    "stochastic_deterministic_comparison.py",
    "stochastic_tsodyksmarkram.py",
    "synaptic_input.py",
    "tsodyksmarkram.py",
]
PLAIN = [
    "HH_cond_exp2.py",
    "StepCurrentSource.py",
    "connections.py",
    "inhomogeneous_network.py",
    "parameter_changes.py",
    "random_distributions.py",
    "random_numbers.py",
    "simpleRandomNetwork.py",
    "specific_network.py",
    "stdp_network.py",
    "stochastic_synapses.py",
    "update_spike_source_array.py",
    "varying_poisson.py",
]


def play(folder, script, *arguments):
    """Runs an example in `folder`; its output, and the pictures that it made."""
    if not EXAMPLES.is_dir():
        pytest.skip("PyNN's source distribution is not there: scripts/test fetches it")
    (folder / "Results").mkdir(exist_ok=True)
    command = [sys.executable, "-W", "ignore", str(EXAMPLES / script), *arguments]
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
    play(tmp_path, script, "ranvier")


@pytest.mark.parametrize(("benchmark", "low", "high"), [("COBA", 5.0, 60.0), ("CUBA", 1.0, 30.0)])
def test_the_benchmark_networks_fire(benchmark, low, high, tmp_path):
    text, _ = play(tmp_path, "VAbenchmarks.py", "ranvier", benchmark)
    rate = float(text.split("Excitatory rate")[1].split(":")[1].split()[0])
    assert low < rate < high, text[-1000:]
