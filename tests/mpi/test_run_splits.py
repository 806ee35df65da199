"""The program on ranks and threads: equal bytes for every split, whose threads all work, and an end in order on Ctrl-C."""

import json
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from program import PROGRAM, clocked, command, conductances, encoded, event_driven, run
from program import write_network

SPLITS = [(1, 2), (2, 1), (2, 2), (4, 1)]


def ranks_that_worked(summary, ranks, threads):
    """The ranks on which as many threads as asked for took up chunks."""
    assert summary["ranks"] == ranks
    assert len(summary["workers"]) == ranks
    assert all(len(chunks) <= threads for chunks in summary["workers"])
    return {r for r, chunks in enumerate(summary["workers"]) if len(chunks) == threads}


def cv_of_intervals(folder, population):
    """Mean over neurons with three spikes or more (0: none has), by NumPy from the file."""
    with h5py.File(folder / "spikes.h5") as file:
        times = file[f"spikes/{population}/timestamps"][:]
        ids = file[f"spikes/{population}/node_ids"][:]
    trains = [np.diff(times[ids == i]) for i in np.unique(ids)]
    cvs = [np.std(t) / np.mean(t) for t in trains if len(t) >= 2]
    return np.mean(cvs) if cvs else 0


@pytest.mark.parametrize("reports", [True, False], ids=["reports", "spikes"])
@pytest.mark.parametrize("make", [clocked, event_driven, conductances, encoded])
def test_every_split_leaves_the_same_bytes_by_the_work_of_all_its_threads(tmp_path, make, reports):
    network = write_network(tmp_path / "network.json", make, reports)
    one, summary = run(network, tmp_path / "one")
    assert ranks_that_worked(summary, 1, 1) == {0}
    assert all(p["spikes"] > 100 for p in summary["populations"].values())
    assert any(name.startswith("reports/") for name in one) == reports
    with h5py.File(tmp_path / "one" / "spikes.h5") as file:
        recorded = list(file["spikes"])
    for name in recorded:
        have = summary["populations"][name]["cv_isi"]
        assert have == pytest.approx(cv_of_intervals(tmp_path / "one", name), abs=1e-6)
    for ranks, threads in SPLITS:
        split, other = run(network, tmp_path / f"{ranks}x{threads}", ranks, threads)
        assert split == one
        for key in ("populations", "spikes", "synapses", "synaptic_events"):
            assert other[key] == summary[key]
        assert ranks_that_worked(other, ranks, threads) == set(range(ranks))


def test_ctrl_c_ends_in_order(tmp_path):
    network = write_network(tmp_path / "network.json", clocked)
    out = tmp_path / "stopped"
    process = subprocess.Popen(command(network, out, extra=["--duration", "1e7"]))
    while not (tmp_path / "stopped.partial" / "spool" / "plan.json").exists():
        time.sleep(0.05)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 130
    status = json.loads((out / "status.json").read_text())
    assert status["complete"] is False
    assert 0 < status["ended_at"] < 1e7
    assert not (out / "spool").exists()
    assert not (tmp_path / "stopped.partial").exists()


@pytest.mark.parametrize(
    "words,code,message",
    [
        (["run", "missing.json"], 1, "missing.json: no such file"),
        (["run"], 2, "NETWORK is missing"),
        (["rum"], 2, 'did you mean "run"?'),
        (["run", "--threads", "0", "x.json"], 2, "--threads: 0, must lie in [1, 1024]"),
        (["info", "models", "izikevich"], 2, 'did you mean "izhikevich"?'),
        (["report", "nowhere"], 1, "nowhere"),
        (["recover", "nowhere", "-o", "x"], 1, "nowhere: holds no spool"),
        (["recover", "nowhere"], 2, "-o OUT is missing"),
    ],
)
def test_bad_usage_has_one_line_and_a_code(words, code, message):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
