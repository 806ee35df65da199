"""The program on ranks and threads: equal bytes for every split, an end in order on Ctrl-C, and going on after a kill."""

import hashlib
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

PROGRAM = os.environ["RANVIER_PROGRAM"]
NETWORK = {
    "ranvier": 1,
    "run": {"duration": 100, "dt": 0.1, "seed": 7},
    "populations": {
        "exc": {
            "model": "if_curr_exp",
            "size": 800,
            "parameters": {"tau_m": 10, "cm": 0.25, "tau_syn_E": 0.5, "tau_syn_I": 0.5},
            "initial": {"v": {"distribution": "normal", "mean": -58, "sd": 5}},
        },
        "inh": {
            "model": "if_curr_exp",
            "size": 200,
            "parameters": {"tau_m": 10, "cm": 0.25, "tau_syn_E": 0.5, "tau_syn_I": 0.5},
        },
    },
    "projections": [
        {
            "source": "exc",
            "target": "exc",
            "connector": {"rule": "fixed_total_number", "number": 40000},
            "weight": {"distribution": "normal", "mean": 0.2, "sd": 0.02},
            "delay": {"distribution": "normal", "mean": 1.5, "sd": 0.7, "low": 0.5},
        },
        {
            "source": "exc",
            "target": "inh",
            "connector": {"rule": "fixed_probability", "probability": 0.1},
            "weight": 0.2,
            "delay": 1.5,
        },
        {
            "source": "inh",
            "target": "exc",
            "connector": {"rule": "fixed_indegree", "number": 20},
            "weight": -1,
            "delay": 0.8,
            "receptor": "inhibitory",
        },
    ],
    "stimuli": [
        {"type": "poisson", "target": p, "rate": 6000, "weight": 0.2} for p in ("exc", "inh")
    ],
    "probes": [
        {"population": "exc", "variables": ["spikes", "v"], "interval": 5},
        {"population": "inh", "variables": ["spikes"]},
    ],
}


@pytest.fixture
def network(tmp_path):
    path = tmp_path / "network.json"
    path.write_text(json.dumps(NETWORK))
    return path


def run(network, out, ranks=1, threads=1, extra=()):
    launcher = [] if ranks == 1 else ["mpirun", "-n", str(ranks)]
    subprocess.run(
        launcher
        + [
            PROGRAM,
            "run",
            str(network),
            "-o",
            str(out),
            "--threads",
            str(threads),
            "-q",
            "--summary",
            f"{out}.json",
            *extra,
        ],
        check=True,
    )
    files = sorted(p for p in pathlib.Path(out).rglob("*") if p.is_file())
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize("ranks,threads", [(1, 2), (2, 1), (2, 2), (4, 1)])
def test_run_folders_have_equal_bytes(network, tmp_path, ranks, threads):
    one = run(network, tmp_path / "one")
    assert one == run(network, tmp_path / "split", ranks, threads)
    summary = json.loads((tmp_path / "split.json").read_text())
    assert summary["ranks"] == ranks
    assert summary["spikes"] > 500


def test_ctrl_c_ends_in_order(network, tmp_path):
    out = tmp_path / "stopped"
    process = subprocess.Popen(
        [PROGRAM, "run", str(network), "-o", str(out), "-q", "--duration", "1e7"]
    )
    while not (tmp_path / "stopped.partial" / "spikes.h5").exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    status = json.loads((out / "status.json").read_text())
    assert status["complete"] is False
    assert 0 < status["ended_at"] < 1e7


def test_a_killed_run_goes_on_to_the_same_bits_on_another_split(network, tmp_path):
    whole = run(network, tmp_path / "whole", extra=["--duration", "3000"])
    out = tmp_path / "killed"
    process = subprocess.Popen(
        [
            PROGRAM,
            "run",
            str(network),
            "-o",
            str(out),
            "-q",
            "--duration",
            "3000",
            "--checkpoint-every",
            "50",
        ]
    )
    while not (tmp_path / "killed.partial" / "checkpoint.h5").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    resumed = run(network, out, ranks=2, extra=["--duration", "3000", "--resume"])
    for name in ("status.json", "run.json"):
        assert resumed[name] == whole[name]
    digests = [
        subprocess.run(
            [PROGRAM, "digest", str(tmp_path / name)], check=True, capture_output=True
        ).stdout
        for name in ("whole", "killed")
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["run", "missing.json"], 1, "missing.json: no such file"),
        (["run"], 2, "NETWORK is missing"),
        (["rum"], 2, 'did you mean "run"?'),
        (["run", "--threads", "0", "x.json"], 2, "--threads: 0, must lie in [1, 1024]"),
        (["info", "models", "izikevich"], 2, 'did you mean "izhikevich"?'),
        (["report", "nowhere"], 1, "nowhere"),
    ],
)
def test_bad_usage_has_one_line_and_a_code(words, code, message):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
