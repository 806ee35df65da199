"""bench/run as a user starts it: the list, a short case without peers, a wrong network, bad words."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bench(*words, **variables):
    return subprocess.run(
        [ROOT / "bench/run", *map(str, words)], capture_output=True, text=True, cwd=ROOT,
        env={**os.environ, **variables},
    )  # fmt: skip


def test_every_case_is_listed_and_has_its_network():
    done = bench("--list")
    assert done.returncode == 0, done.stderr
    names = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(names) == len(set(names)) >= 16
    assert {"microcircuit_full", "brunel", "sparse", "silent"} <= set(names)


def test_a_case_without_peers_gives_table_json_and_picture(tmp_path):
    done = bench(
        "vogels_abbott_cuba", "--runs", 2, "--duration", 1300, "--threads", 1, "--peers", "none",
        "--json", tmp_path / "r.json", "--markdown", tmp_path / "r.md", "--plot", tmp_path / "r.svg",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Vogels-Abbott CUBA  ranvier" in done.stdout
    measured = json.loads((tmp_path / "r.json").read_text())
    assert measured["machine"]["processor"] and measured["machine"]["versions"]["ranvier"]
    row, exact = measured["cases"][0]["rows"]
    assert "exact storage" in exact["simulator"]
    assert row["runs"] == len(row["real_time_factors"]) == len(row["others_cores"]) == 2
    assert row["real_time_factor"] > 0 and row["memory_mib"] > 1
    assert 4.7 < row["physics"]["E"]["rate"] < 6.6  # NEST's 5.68 Hz, eight seeds
    assert (tmp_path / "r.md").read_text().count("| Vogels-Abbott CUBA | ranvier |") == 1
    assert "<svg" in (tmp_path / "r.svg").read_text()

    again = bench("--from", tmp_path / "r.json")
    assert (again.returncode, again.stdout) == (0, done.stdout)
    measured["machine"]["processor"] = "another"
    (tmp_path / "other.json").write_text(json.dumps(measured))
    refused = bench("--from", tmp_path / "r.json", tmp_path / "other.json")
    assert refused.returncode == 1
    assert "other.json: measured on another" in refused.stderr


CHANGED = """#!{python}
import json, os, sys
if sys.argv[1] == "run":
    with open(sys.argv[2]) as file:
        document = json.load(file)
    document["populations"]["E"]["parameters"]["v_thresh"] += {higher}
    with open(sys.argv[2], "w") as file:
        json.dump(document, file)
os.execv({program!r}, [{program!r}, *sys.argv[1:]])
"""


def test_a_network_with_other_physics_gets_no_ratio(tmp_path):
    # A threshold 5 mV higher: the network falls silent, far from the rates that NEST shows.
    program = os.environ.get("RANVIER_PROGRAM") or str(ROOT / "build/release/ranvier")
    changed = tmp_path / "changed"
    changed.write_text(CHANGED.format(python=sys.executable, program=program, higher=5))
    changed.chmod(0o755)
    words = ["vogels_abbott_cuba", "--runs", 1, "--threads", 1, "--peers", "none"]
    done = bench(*words, "--duration", 1300, RANVIER_PROGRAM=str(changed))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "physics differ" in done.stdout
    assert "rate of E" in done.stdout


@pytest.mark.parametrize("duration", [20, 250, 500])
def test_a_stretch_that_is_too_short_is_not_called_other_physics(tmp_path, duration):
    # The first 300 ms hold the kick and are left out; 6 s are what the case compares.
    words = ["vogels_abbott_cuba", "--runs", 1, "--threads", 1, "--peers", "none"]
    done = bench(*words, "--duration", duration, "--json", tmp_path / "r.json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "differ" not in done.stdout
    assert done.stdout.count("too short to compare\n") == 2  # a row of each storage
    assert f"Vogels-Abbott CUBA: {duration} ms are too short to compare: the first 300 ms are left out, "
    assert "at least 667 ms more are needed\n" in done.stdout
    (record,) = json.loads((tmp_path / "r.json").read_text())["cases"]
    assert not any("ratio" in row for row in record["rows"])
    assert bench("--from", tmp_path / "r.json").stdout == done.stdout


def test_tolerances_widen_on_a_short_stretch_as_the_error_of_a_mean():
    sys.path.insert(0, str(ROOT / "bench"))
    from harness import physics
    from harness.case import load_cases

    cases = load_cases()
    for case in cases.values():
        assert physics.widening(case, case.duration) == 1
        for peer in case.peers.values():
            assert physics.widening(case, peer.duration or case.duration) == 1
    case = cases["vogels_abbott_cuba"]  # 300 ms left out of 6300
    assert physics.widening(case, 300 + 6000 / 4) == 2  # a quarter of the time: twice the error
    assert physics.widening(case, 300 + 6000 / 9) == pytest.approx(3)
    assert "too short" in physics.widening(case, 300 + 6000 / 9.1)
    far, near = {"E": {"rate": 7.5}}, {"E": {"rate": 5.7}}
    assert physics.differences(far, near, case.tolerance, "NEST")
    assert not physics.differences(far, near, case.tolerance, "NEST", 2.1)


def test_modules_that_lack_are_named(tmp_path):
    # A checkout of its own, without build/venv; a Python that sees no installed packages.
    (tmp_path / "bench").mkdir()
    shutil.copy(ROOT / "bench/run", tmp_path / "bench")
    script = f"import runpy; runpy.run_path({str(tmp_path / 'bench/run')!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "has no numpy and no h5py: run scripts/test" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_picture_without_matplotlib_is_refused_before_anything_runs():
    words = ["bench/run", "vogels_abbott_cuba", "--plot", "r.svg"]
    script = (
        f"import runpy, sys; sys.modules['matplotlib'] = None; sys.argv = {words!r}; "
        "runpy.run_path('bench/run', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"bench/run: --plot: {sys.executable} has no matplotlib: run ")


@pytest.mark.parametrize(
    "words, message",
    [
        (["brunell"], 'unknown case "brunell", did you mean "brunel"?'),
        (["brunel", "--duration", "-5"], "--duration: -5 ms, must be > 0"),
        (["brunel", "--threads", "0"], "--threads: 0, must be numbers >= 1"),
        (["brunel", "--peers", "nset"], '"nset", must be nest, brian2 or none'),
        (["brunel", "--plot", "a.gif"], "a.gif, must end in .png or .svg"),
        (["brunel", "--json", "none/a.json"], "--json: none/a.json: there is no folder none"),
        ([], "name cases, or all"),
    ],
)
def test_wrong_words_are_answered(words, message):
    done = bench(*words)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_peer_that_is_not_installed_is_skipped_with_a_word():
    done = bench(
        "vogels_abbott_cuba", "--runs", 2, "--duration", 1300, "--threads", 1,
        "--peers", "brian2", "--peer-python", "/usr/bin/python3",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "brian2 is skipped: /usr/bin/python3 has no brian2" in done.stderr
