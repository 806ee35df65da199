"""A Python script under mpirun: the spikes, samples, states of one process, on every rank, and an end in order."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("ranvier.simulation", reason="built without RANVIER_PYTHON")

SCRIPT = """
import sys
if "single" in sys.argv:
    import mpi4py
    mpi4py.rc.thread_level = "single"
if "mpi4py" in sys.argv:
    from mpi4py import MPI
import hashlib
import ranvier

net = ranvier.Network(dt=0.1, seed=11)
source = net.population("spike_source_poisson", 60, name="in", rate=50)
exc = net.population("if_curr_exp", 300, name="exc", initial={"v": ranvier.normal(-60, 3)})
net.project(source, exc, ranvier.fixed_probability(0.3), weight=0.6, delay=1.5)
net.project(exc, exc, ranvier.fixed_indegree(20), weight=ranvier.normal(0.1, 0.02), delay=2.0)
net.record(exc, "spikes")
net.record(exc, "v", neurons=[0, 150, 299], interval=1.0)
rule = "tsodyks_markram"
dynamic = net.project(source, exc, ranvier.fixed_probability(0.1), weight=0.1, synapse=rule, name="dynamic")
dynamic.record("u", "x", "weight", interval=5.0)
sha = hashlib.sha256()
with net.simulation(threads=int(sys.argv[1])) as sim:
    for k in range(4):
        result = sim.run(20.0)
        sha.update(result.spikes["exc"].times.tobytes() + result.spikes["exc"].neurons.tobytes())
        sha.update(result.samples("exc", "v").values.tobytes() + sim["exc"].v.tobytes())
        for name in ("u", "x", "weight"):
            sha.update(result.samples(dynamic, name).values.tobytes())
        sim["exc"][10 * k].v = -50.0
        sim["in"].rate = 40.0 + 5 * k
        sim.inject("in", [k, 59], sim.now + 0.5)
    assert len(result.spikes["exc"]) > 0
    line = f"{sha.hexdigest()} {sim.state_digest()}\\n"
if "fail" in sys.argv:
    net.population("if_curr_exp", -1)
sys.stdout.write(line)
assert ranvier.ranks() == int(sys.argv[2]) and 0 <= ranvier.rank() < ranvier.ranks()
"""


def lines(tmp_path, ranks, threads, *arguments):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(threads), str(ranks), *arguments]
    if ranks > 1:
        command = ["mpirun", "-n", str(ranks), *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ)
    return done.returncode, done.stdout.split("\n")[:-1], done.stderr


def test_every_split_gives_the_same_on_every_rank(tmp_path):
    code, one, error = lines(tmp_path, 1, 1)
    assert code == 0, error
    for ranks, threads in ((1, 2), (2, 1), (2, 2), (3, 1)):
        code, got, error = lines(tmp_path, ranks, threads)
        assert code == 0, error
        assert got == one * ranks


SAVED = """
import sys
import ranvier

def network():
    net = ranvier.Network(dt=0.1, seed=4)
    source = net.population("spike_source_gamma", 40, name="in", rate=80, shape=2)
    exc = net.population("if_curr_exp", 100, name="exc", initial={"v": ranvier.normal(-60, 3)})
    net.project(source, exc, ranvier.fixed_probability(0.4), weight=0.5, delay=1.5, synapse="stdp_pair")
    net.project(exc, exc, ranvier.fixed_indegree(10), weight=0.1, delay=ranvier.uniform(1, 5))
    net.record(exc, "spikes")
    return net

if sys.argv[1] == "save":
    with network().simulation() as sim:
        sim.run(30.0)
        sim.inject("in", [39], [31.0])
        sim.save(sys.argv[2])
        spikes = sim.run(30.0).spikes["exc"]
        digest = sim.state_digest()
else:
    with network().simulation(resume=sys.argv[2]) as sim:
        spikes = sim.run(30.0).spikes["exc"]
        digest = sim.state_digest()
assert len(spikes) > 20
if ranvier.rank() == 0:
    print(len(spikes), spikes.times.sum(), digest)
"""


def test_what_some_ranks_saved_others_go_on_from(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SAVED)
    said = []
    for k, (ranks, verb) in enumerate([(2, "save"), (1, "go on"), (3, "go on"), (1, "save")]):
        file = tmp_path / ("one.h5" if k == 3 else "state.h5")
        command = ["mpirun", "-n", str(ranks), sys.executable, script, verb, file]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert len(set(said)) == 1
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "state.h5").read_bytes()


def test_mpi4py_may_be_there(tmp_path):
    pytest.importorskip("mpi4py")
    _, one, _ = lines(tmp_path, 1, 1)
    code, got, error = lines(tmp_path, 2, 1, "mpi4py")
    assert code == 0, error
    assert got == one * 2


def test_mpi_without_threads_is_refused(tmp_path):
    pytest.importorskip("mpi4py")
    code, _, error = lines(tmp_path, 1, 1, "mpi4py", "single")
    assert code != 0
    assert "ask for MPI_THREAD_FUNNELED or more" in error


def test_an_error_on_every_rank_ends_the_program(tmp_path):
    code, _, error = lines(tmp_path, 2, 1, "fail")
    assert code != 0
    assert "size: -1" in error
