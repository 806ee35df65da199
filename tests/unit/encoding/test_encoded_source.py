"""Networks whose source encodes values from the document, a NumPy, CSV or HDF5 file: first spikes where the formula puts
them, the same digest for every split, faults named."""

import json
import os
import subprocess

import h5py
import numpy as np
import pytest

VALUES = np.array([[0.0, 0.25, 1.0], [0.5, 0.75, 0.0]])


def program(*words):
    return subprocess.run(
        [os.environ["RANVIER_PROGRAM"], *map(str, words)], capture_output=True, text=True
    )


def document(folder, values, **options):
    options = {"code": "ttfs_linear", "window": 40, "gap": 10} | options
    path = folder / "net.json"
    path.write_text(
        json.dumps(
            {
                "ranvier": 1,
                "run": {"duration": 120, "dt": 0.1, "seed": 4},
                "populations": {
                    "in": {
                        "model": "spike_source_encoded",
                        "size": 3,
                        "values": values,
                        "options": options,
                    },
                    "out": {"model": "if_curr_delta", "size": 3},
                },
                "projections": [
                    {
                        "source": "in",
                        "target": "out",
                        "connector": {"rule": "one_to_one"},
                        "weight": 20,
                        "delay": 1,
                    }
                ],
                "probes": [
                    {"population": "in", "variables": ["spikes"]},
                    {"population": "out", "variables": ["spikes"]},
                ],
            }
        )
    )
    return path


def spikes(folder, path, population="in"):
    done = program("run", path, "-o", folder / "out", "-q")
    assert done.returncode == 0, done.stderr
    with h5py.File(folder / "out/spikes.h5") as file:
        group = file[f"spikes/{population}"]
        return [
            (round(t, 6), int(n))
            for t, n in zip(group["timestamps"], group["node_ids"], strict=True)
        ]


def write(folder, form):
    if form == "npy":
        np.save(folder / "x.npy", VALUES)
        return {"file": "x.npy"}
    if form == "npy_float32":
        np.save(folder / "x.npy", VALUES.reshape(2, 3, 1).astype(np.float32))
        return {"file": "x.npy"}
    if form == "csv":
        (folder / "x.csv").write_text("# a, b, c\n0, 0.25, 1\n\n0.5;0.75;0\n")
        return {"file": "x.csv"}
    if form == "csv_quoted":
        (folder / "x.csv").write_text('"0","0.25","1"\n"0.5","0.75",0\n', encoding="utf-8-sig")
        return {"file": "x.csv"}
    if form == "hdf5":
        with h5py.File(folder / "x.h5", "w") as file:
            file["values"] = VALUES
        return {"file": "x.h5", "dataset": "values"}
    return VALUES.tolist()


@pytest.mark.parametrize("form", ["document", "npy", "npy_float32", "csv", "csv_quoted", "hdf5"])
def test_first_spikes_lie_where_the_formula_puts_them(tmp_path, form):
    path = document(tmp_path, write(tmp_path, form))
    expected = [
        (50 * s + max(40 * (1 - x), 1e-6), n)
        for s, row in enumerate(VALUES)
        for n, x in enumerate(row)
        if x > 0
    ]
    assert spikes(tmp_path, path) == sorted((round(t, 6), n) for t, n in expected)


def test_a_spike_reaches_the_target_a_delay_later(tmp_path):
    path = document(tmp_path, VALUES.tolist())
    assert spikes(tmp_path, path, "out") == [(1.1, 2), (31, 1), (61, 1), (71, 0)]


def test_the_digest_is_the_same_for_every_number_of_threads(tmp_path):
    values = np.random.default_rng(1).uniform(size=(2, 3)).tolist()
    path = document(tmp_path, values, code="rate_poisson", rate_max=400)
    digests = set()
    for n in (1, 2, 3):
        folder = tmp_path / f"out{n}"
        program("run", path, "-o", folder, "-q", "--threads", n)
        digests.add(program("digest", folder).stdout)
    assert len(digests) == 1
    assert len(digests.pop()) == 65


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([[0.5, 2, 0]], {}, "sample 0, channel 1: 2, must lie in [0, 1]"),
        ([[0.5, 1, 0], [1]], {}, "/populations/in/values/1: 1 elements, the first list has 3"),
        ([[0.5, 1, 0], 1], {}, "must be a list or a number as the elements before it"),
        ([[0.5, 1, 0]], {"code": "tfs_linear"}, 'did you mean "ttfs_linear"?'),
        ([[0.5, 1, 0]], {"window": -1}, "window: -1 ms, must lie in"),
        ({"file": "none.npy"}, {}, "none.npy"),
        ({"file": "net.json"}, {}, "must be a .npy or .csv file, or HDF5"),
    ],
)
def test_faults_are_named_before_the_run(tmp_path, values, options, message):
    done = program("validate", document(tmp_path, values, **options))
    assert done.returncode == 1
    assert message in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"1 0.5 x\n", 'line 1: "x", must be a number'),
        ("x.csv", b"0.1, 0.2 0.3\n", 'line 1: "0.2 0.3", must be a number'),
        ("x.csv", b"0.1,,0.2\n", 'line 1: "", must be a number'),
        ("x.csv", b'"1,5" 0.2\n', 'line 1: "1,5", must be a number'),
        ("x.csv", b'1,0.5,"0\n', "line 1: a quote that is not closed"),
        ("x.csv", b"1 0.5 0\n\n1 0.5\n", "line 3: 2 numbers, the first row has 3"),
        ("x.csv", b"", "values: missing"),
        ("x.npy", b"\x93NUMPY\x01\x00", "no NumPy array"),
        ("x.npy", "cut", "cut off"),
        ("x.npy", "structured", "a structured NumPy array, must be a plain one"),
    ],
)
def test_faults_of_files_are_named(tmp_path, name, content, message):
    if content == "cut":
        np.save(tmp_path / name, VALUES)
        content = (tmp_path / name).read_bytes()[:-8]
    if content == "structured":
        np.save(tmp_path / name, np.zeros(3, dtype=[("a", float), ("b", float)]))
    else:
        (tmp_path / name).write_bytes(content)
    done = program("validate", document(tmp_path, {"file": name}))
    assert done.returncode == 1
    assert message in done.stderr


def test_the_program_tells_of_every_code():
    names = [line.split()[0] for line in program("info", "codes").stdout.splitlines()[1:]]
    assert "ttfs_linear" in names
    for name in names:
        text = program("info", "codes", name).stdout
        assert text.startswith(f"{name}: ")
        assert "source: " in text
        assert "error of a round trip: " in text
    assert 'did you mean "phase"?' in program("info", "codes", "phases").stderr
