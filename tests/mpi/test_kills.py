"""kill -9 at any moment: what `--resume` and `recover` make of it.

The bytes to arrive at are those of a run that nobody disturbed. Moments are drawn from a seeded generator, over the
length of an undisturbed run, and around the making of the results at its end; where in the program's work they fall
differs from machine to machine, which is as good. Under mpirun, launcher and ranks are killed one by one, in any order.
"""

import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import time

import h5py
import numpy as np
import pytest

from program import PROGRAM, clocked, command, conductances, encoded, event_driven, files_of
from program import projection, run, write_network

EVERY = ["--checkpoint-every", "40"]


def children(pid):
    """Processes below a process, as /proc has them."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # ended meanwhile
        if int(after_name[1]) == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def kill(process, moments):
    """kill -9 for a process and all below it. False: it had ended."""
    victims = [process.pid, *children(process.pid)]
    moments.shuffle(victims)
    for pid in victims:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    failed = process.wait(timeout=60) != 0
    for pid in victims:
        while is_alive(pid):
            time.sleep(0.001)
    return failed


def start(network, out, split, extra):
    return subprocess.Popen(
        command(network, out, *split, extra), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def wait_for(path, process):
    """Until a file is there. False: the process ended before."""
    while not path.exists():
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    return True


def partial(out):
    return out.with_name(out.name + ".partial")


def resumed_flags(out):
    """How a user goes on after a kill."""
    if (partial(out) / "checkpoint.h5").exists() or (partial(out) / "status.json").exists():
        return ["--resume"]
    return ["--resume"] if (out / "status.json").exists() else ["--overwrite"]


def killed_again_and_again(network, out, splits, moments, longest):
    """Starts, kills and goes on, in turn on the given splits; ends with a run that is left alone. Returns its summary
    (None where a kill came too late) and the number of kills."""
    kills = 0
    for split in splits:
        process = start(network, out, split, [*EVERY, *resumed_flags(out)])
        if moments.random() < 0.6:
            time.sleep(moments.random() * longest)
        elif wait_for(partial(out) / "spikes.h5", process):  # the results are being made
            time.sleep(moments.random() * 0.05)
        kills += kill(process, moments)
    if (out / "status.json").exists():
        return None, kills  # done before it was killed
    _, summary = run(network, out, *splits[0], [*EVERY, *resumed_flags(out)])
    return summary, kills


@pytest.mark.parametrize(
    "make,splits",
    [
        (clocked, [(1, 2), (1, 1), (2, 1)]),
        (event_driven, [(2, 1), (1, 2), (4, 1)]),
        (conductances, [(2, 2), (1, 1), (1, 2)]),
        (encoded, [(1, 2), (2, 1), (1, 1)]),
    ],
)
def test_a_run_killed_at_any_moments_ends_in_the_same_bytes_on_other_splits(tmp_path, make, splits):
    network = write_network(tmp_path / "network.json", make, duration=400)
    moments = random.Random(f"{make.__name__}")
    begin = time.monotonic()
    whole, expected = run(network, tmp_path / "whole", extra=EVERY)
    longest = time.monotonic() - begin
    kills = 0
    for repeat in range(8):
        out = tmp_path / f"killed{repeat}"
        summary, n = killed_again_and_again(network, out, splits, moments, longest)
        assert files_of(out) == whole
        assert not partial(out).exists()
        kills += n
        if summary:  # counts and intervals are those of the whole run, not of its last part
            for key in ("populations", "spikes", "synaptic_events"):
                assert summary[key] == expected[key]
        if kills >= 5:
            break
    assert kills >= 3


def test_a_run_killed_while_its_results_are_made_is_resumed_or_recovered(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=200)
    whole, _ = run(network, tmp_path / "whole")
    moments = random.Random(1)
    for delay in (0, 0.002, 0.01):
        out = tmp_path / f"killed{delay}"
        process = start(network, out, (2, 1), EVERY)
        wait_for(partial(out) / "spikes.h5", process)
        time.sleep(delay)
        kill(process, moments)
        if out.exists():
            continue
        subprocess.run(command(network, out, 1, 2, ["--resume"]), check=True)
        assert files_of(out) == whole


def test_a_run_is_not_resumed_or_replaced_while_another_process_makes_its_results(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=400)
    whole, _ = run(network, tmp_path / "whole")
    for repeat in range(20):
        out = tmp_path / f"out{repeat}"
        process = start(network, out, (1, 1), EVERY)
        assert wait_for(partial(out) / "spikes.h5", process)
        process.send_signal(signal.SIGSTOP)
        if (partial(out) / "checkpoint.h5").exists():
            break  # it stands still in the midst of them
        process.send_signal(signal.SIGCONT)
        process.wait()
    said = [
        subprocess.run(
            command(network, out, extra=[*EVERY, flag]), capture_output=True, text=True
        ).stderr
        for flag in ("--resume", "--overwrite")
    ]
    process.send_signal(signal.SIGCONT)
    assert process.wait(timeout=60) == 0
    assert said == [f"ranvier: {partial(out)}: is still being written by another process\n"] * 2
    assert files_of(out) == whole


@pytest.mark.parametrize("flags", [[], ["--overwrite"]])
def test_of_two_runs_begun_at_one_moment_on_one_name_one_is_refused(tmp_path, flags):
    network = write_network(tmp_path / "network.json", clocked, duration=150)
    whole, _ = run(network, tmp_path / "whole")
    known = ("is under way", "exists already", "being written by another process")
    for repeat in range(20):
        out = tmp_path / f"out{repeat}"
        pair = [
            subprocess.Popen(
                [PROGRAM, "run", network, "-o", out, "-q", *flags],
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        said = [process.communicate()[1] for process in pair]
        codes = [process.returncode for process in pair]
        # One after the other, the second may take the first one's place.
        assert codes in ([0, 1], [1, 0]) or (flags and codes == [0, 0]), said
        for code, text in zip(codes, said, strict=True):
            assert code == 0 or any(words in text for words in known), text
        assert files_of(out) == whole
        assert not partial(out).exists()


def test_resuming_twice_says_that_nothing_is_left(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=60)
    out = tmp_path / "out"
    whole, _ = run(network, out, extra=EVERY)
    done = subprocess.run(
        command(network, out, extra=[*EVERY, "--resume"]), capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "is there, complete; nothing was left to run" in done.stderr
    assert files_of(out) == whole


def test_a_run_is_not_resumed_to_a_time_before_its_checkpoint(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=2000)
    out = tmp_path / "killed"
    process = start(network, out, (1, 1), [*EVERY, "--duration", "1e6"])
    wait_for(partial(out) / "checkpoint.h5", process)
    assert kill(process, random.Random(3))
    before = files_of(partial(out))
    resume = command(network, out, extra=["--resume", "--duration", "20"])
    refused = subprocess.run(resume, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "--duration: 20 ms, must be at least" in refused.stderr
    assert files_of(partial(out)) == before


def test_settings_that_differ_are_named_when_a_run_is_resumed(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=60)
    out, killed = tmp_path / "out", tmp_path / "killed"
    run(network, out)
    process = start(network, killed, (1, 1), [*EVERY, "--duration", "1e6"])
    wait_for(partial(killed) / "checkpoint.h5", process)
    assert kill(process, random.Random(3))
    checkpoint = f"{partial(killed)}/checkpoint.h5: belongs to a run"
    finished = f"{out}: holds a finished run"
    for folder, words, said in [
        (killed, ["--seed", 8], f"{checkpoint} with seed 7, this one has seed 8"),
        (
            killed,
            ["--seed", 8, "--dt", 0.05, "--storage", "compact"],
            f"{checkpoint} with seed 7 and dt 0.1 ms and exact storage, "
            "this one has seed 8 and dt 0.05 ms and compact storage",
        ),
        (out, ["--seed", 8], f"{finished} with seed 7, this one has seed 8"),
        (
            out,
            ["--dt", 0.05, "--duration", 90],
            f"{finished} with dt 0.1 ms and duration 60 ms, this one has dt 0.05 ms and duration 90 ms",
        ),
    ]:
        resume = command(network, folder, extra=["--resume", *map(str, words)])
        refused = subprocess.run(resume, capture_output=True, text=True)
        assert refused.returncode == 1
        assert refused.stderr.startswith(f"ranvier: {said}")
        assert refused.stderr.count("\n") == 1
    anew = subprocess.run(command(network, killed), capture_output=True, text=True)
    assert f"{partial(killed)}: a run was cut short here" in anew.stderr
    assert "--resume goes on with it, `ranvier recover" in anew.stderr


def test_a_run_that_was_killed_without_checkpoint_is_recovered(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=2000)
    whole, _ = run(network, tmp_path / "whole", extra=["--duration", "1000"])
    out, saved = tmp_path / "killed", tmp_path / "saved"
    process = start(network, out, (2, 1), ["--duration", "1e6"])
    spool = partial(out) / "spool" / "0-0.spikes"
    wait_for(spool, process)
    while spool.stat().st_size < 20_000 and process.poll() is None:
        time.sleep(0.001)
    assert kill(process, random.Random(2))
    refused = subprocess.run(
        command(network, out, extra=["--resume"]), capture_output=True, text=True
    )
    assert refused.returncode == 1
    assert f"`ranvier recover {partial(out)} -o DIR`" in refused.stderr
    subprocess.run([PROGRAM, "recover", str(partial(out)), "-o", str(saved)], check=True)
    status = json.loads((saved / "status.json").read_text())
    assert status["complete"] is False
    until = status["ended_at"]
    assert until >= 100
    with h5py.File(saved / "spikes.h5") as have, h5py.File(tmp_path / "whole/spikes.h5") as all_:
        for population in ("exc", "inh"):
            times = all_[f"spikes/{population}/timestamps"][:]
            n = np.count_nonzero(times <= min(until, 1000))
            for column in ("timestamps", "node_ids"):
                data = f"spikes/{population}/{column}"
                assert np.array_equal(have[data][:n], all_[data][:n])
            if until < 1000:
                assert len(have[f"spikes/{population}/timestamps"]) == n > 0
    page = subprocess.run([PROGRAM, "report", str(saved)], capture_output=True, text=True)
    assert page.returncode == 0, page.stderr


@pytest.mark.parametrize("file,every", [("checkpoint.h5", "1"), ("0-0.spikes", "0")])
def test_a_full_disk_ends_the_run_with_a_message_and_leaves_what_was_whole(tmp_path, file, every):
    """A limit of file size stands for the full disk: the checkpoint meets it first, or else the spool."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))

    network = write_network(tmp_path / "network.json", clocked, reports=False, duration=1e6)
    out = tmp_path / "out"
    done = subprocess.run(
        command(network, out, extra=["--checkpoint-every", every]),
        capture_output=True,
        text=True,
        preexec_fn=limit,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"{file}" in done.stderr and "cannot be written" in done.stderr
    assert not out.exists()
    assert not list(partial(out).glob("checkpoint.h5*"))


def test_ctrl_c_under_mpirun_ends_in_order_where_the_launcher_waits(tmp_path):
    network = write_network(tmp_path / "network.json", clocked, duration=1e6)
    out = tmp_path / "out"
    process = subprocess.Popen(
        command(network, out, 2),
        env={**os.environ, "OMPI_MCA_odls_base_sigkill_timeout": "5"},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    assert wait_for(partial(out) / "spool" / "0-1.spikes", process)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) != 0
    status = json.loads((out / "status.json").read_text())
    assert status["complete"] is False
    assert 0 < status["ended_at"] < 1e6
    assert not partial(out).exists()


def test_a_file_of_the_network_that_has_changed_is_named_when_a_run_is_resumed(tmp_path):
    pairs, out = tmp_path / "pairs.csv", tmp_path / "out"
    pairs.write_text("source,target\n0,1\n2,3\n")

    def listed():
        made = clocked()
        connector = {"rule": "csv", "file": "pairs.csv"}
        made["projections"].append(projection("exc", "inh", connector, 0.1, 1.5))
        return made

    network = write_network(tmp_path / "network.json", listed, duration=3000)
    process = start(network, out, (1, 1), EVERY)
    assert wait_for(partial(out) / "checkpoint.h5", process)
    assert kill(process, random.Random(3))
    as_it_was = pairs.read_text()
    pairs.write_text(as_it_was.replace("2,3", "2,4"))
    resume = command(network, out, extra=["--resume"])
    refused = subprocess.run(resume, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "checkpoint.h5: the network's file pairs.csv has changed" in refused.stderr
    pairs.write_text(as_it_was)
    subprocess.run(resume, check=True)
    whole, _ = run(network, tmp_path / "whole")
    assert files_of(out) == whole
    # A finished run of the network as it was is not taken for one of the network as it is.
    pairs.write_text(as_it_was + "4,5\n")
    refused = subprocess.run(resume, capture_output=True, text=True)
    assert refused.returncode == 1 and "there is no run to resume" in refused.stderr
