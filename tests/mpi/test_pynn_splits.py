"""A PyNN script under mpirun: the spikes, signals and connections of one process on every rank, and one file written."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("ranvier.simulation", reason="built without RANVIER_PYTHON")
pytest.importorskip("pyNN")

SCRIPT = """
import hashlib
import sys
import numpy as np
import ranvier.pynn as sim
from pyNN.random import NumpyRNG, RandomDistribution

sim.setup(timestep=0.1, seed=3)
rng = NumpyRNG(seed=5, parallel_safe=True)
noise = sim.Population(40, sim.SpikeSourcePoisson(rate=60.0))
unseeded = RandomDistribution("uniform", (-65.0, -50.0))
unseeded_cm = sim.RandomDistribution("normal", (1.0, 0.1))
exc = sim.Population(80, sim.IF_cond_exp(tau_m=RandomDistribution("uniform", (15, 25), rng=rng)))
ball = sim.space.RandomStructure(sim.space.Sphere(100.0))
inh = sim.Population(20, sim.IF_cond_exp(v_rest=unseeded), structure=ball, initial_values={"v": unseeded})
exc.initialize(v=sim.RandomDistribution("uniform", (-65.0, -50.0)))
for population in (exc, inh):
    sim.Projection(noise, population, sim.FixedProbabilityConnector(0.3), sim.StaticSynapse(weight=0.02, delay=1.0))
recurrent = sim.Projection(exc, exc + inh, sim.FixedProbabilityConnector(0.1, rng=rng), sim.StaticSynapse(weight=0.004, delay=1.5))
exc.record("spikes")
exc[0:3].record("v")
sim.run(60.0)
recurrent.set(weight=0.006)
inh.set(tau_refrac=sim.RandomDistribution("uniform_int", (1, 5)))
inh.initialize(v=sim.RandomDistribution("normal", (-60.0, 2.0)))
inh[3:9].set(cm=unseeded_cm)
more = sim.Population(10, sim.IF_cond_exp(i_offset=1.0))
sim.Projection(exc, more, sim.FixedNumberPreConnector(5), sim.StaticSynapse(weight=0.01, delay=0.5))
more.record("spikes")
sim.run(60.0)
segment = exc.get_data().segments[0]
sha = hashlib.sha256(segment.analogsignals[0].magnitude.tobytes())
for train in [*segment.spiketrains, *more.get_data().segments[0].spiketrains]:
    sha.update(train.magnitude.tobytes())
sha.update(np.array(inh.get(["v_rest", "tau_refrac", "cm"])).tobytes())
sha.update(inh.positions.tobytes())
sha.update(np.array(recurrent.get(["weight", "delay"], format="list")).tobytes())
exc.write_data(sys.argv[2])
assert sim.num_processes() == int(sys.argv[1]) and 0 <= sim.rank() < sim.num_processes()
assert exc.mean_spike_count() > 1 or sim.rank() > 0
sys.stdout.write(f"{sha.hexdigest()} {len(recurrent)} {recurrent.size()}\\n")
sim.end()
"""


def lines(tmp_path, ranks):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [
        sys.executable,
        "-W",
        "ignore",
        str(script),
        str(ranks),
        str(tmp_path / f"data{ranks}.pkl"),
    ]
    if ranks > 1:
        command = ["mpirun", "-n", str(ranks), *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / f"data{ranks}.pkl").is_file()
    return done.stdout.split("\n")[:-1]


def test_a_pynn_script_gives_the_same_on_any_number_of_processes(tmp_path):
    one = lines(tmp_path, 1)
    for ranks in (2, 3):
        assert lines(tmp_path, ranks) == one * ranks
