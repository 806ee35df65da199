"""Recordings in HDF5 and NumPy files: layouts, storage and faults, written here by h5py and NumPy."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest

RECORDING = Path(__file__).resolve().parents[3] / "examples/data/dvs_gesture_1.bin"
N = 40_001
RANDOM = np.random.default_rng(7)
T = np.cumsum(RANDOM.integers(0, 50, N)).astype(np.int64)
X = RANDOM.integers(0, 640, N)
Y = RANDOM.integers(0, 480, N)
P = RANDOM.integers(0, 2, N)


def sha256(t, x=X, y=Y, p=P):
    rows = np.stack([np.asarray(a).astype("<i8") for a in (t, x, y, p)], axis=1)
    return hashlib.sha256(rows.tobytes()).hexdigest()


def run(*words, code=0):
    words = [os.environ["RANVIER_PROGRAM"], "events", *map(str, words)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return done


def info(*words, **more):
    return json.loads(run("info", "--json", *words, **more).stdout)


def write(path, columns, **storage):
    with h5py.File(path, "w") as file:
        for name, values in columns.items():
            file.create_dataset(name, data=values, **storage)


def dsec(t_type="u4"):
    return {
        "events/t": T.astype(t_type),
        "events/x": X.astype("u2"),
        "events/y": Y.astype("u2"),
        "events/p": P.astype("u1"),
    }


STORAGES = {
    "contiguous": {},
    "chunks": {"chunks": (1000,)},
    "gzip": {"chunks": (1000,), "compression": "gzip"},
    "one_chunk": {"chunks": (N,), "compression": "gzip", "compression_opts": 9},
    "shuffle": {"chunks": (777,), "compression": "gzip", "shuffle": True},
    "checksum": {"chunks": (777,), "compression": "gzip", "fletcher32": True},
}


@pytest.mark.parametrize("storage", STORAGES)
def test_dsec_columns_are_read_however_they_are_stored(storage, tmp_path):
    path = tmp_path / "a.h5"
    write(path, dsec(), **STORAGES[storage])
    with h5py.File(path, "a") as file:
        file["t_offset"] = np.int64(5_000_000_000)
    found = info(path)
    assert found["format"] == "HDF5 events"
    assert found["events_sha256"] == sha256(T + 5_000_000_000)


def test_numbers_of_every_type_are_read(tmp_path):
    for t, small in (("i8", "i2"), (">i4", ">u2"), ("u8", "i4"), ("i4", "f4"), ("i8", "f8")):
        columns = dsec(t)
        columns["events/x"] = X.astype(small)
        columns["events/y"] = Y.astype(small)
        columns["events/p"] = (2 * P - 1).astype("i1" if t == "i8" else "f8")
        write(tmp_path / "a.h5", columns, chunks=(1000,), compression="gzip", shuffle=True)
        assert info(tmp_path / "a.h5")["events_sha256"] == sha256(T)
    columns["events/p"] = P.astype(bool)
    write(tmp_path / "a.h5", columns)
    assert info(tmp_path / "a.h5")["events_sha256"] == sha256(T)


def test_e2vid_times_are_seconds(tmp_path):
    columns = {"events/ts": T * 1e-6, "events/xs": X, "events/ys": Y, "events/ps": P}
    write(tmp_path / "a.h5", columns, chunks=(5000,))
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file.attrs["sensor_resolution"] = (480, 640)
    found = info(tmp_path / "a.h5")
    assert found["events_sha256"] == sha256(T)
    assert found["sensor"] == [640, 480]


def test_a_sensor_that_there_cannot_be_is_refused(tmp_path):
    write(
        tmp_path / "a.h5", {"events/ts": T * 1e-6, "events/xs": X, "events/ys": Y, "events/ps": P}
    )
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file.attrs["sensor_resolution"] = (480, 2**33)
    said = run("info", tmp_path / "a.h5", code=1).stderr
    assert "attribute sensor_resolution names a sensor of 8589934592 x 480 pixels" in said
    assert "must be at most 65536 x 65536 (--sensor WIDTHxHEIGHT wins over it)" in said
    given = run("info", tmp_path / "a.h5", "--sensor", "640x480", "--json").stdout
    assert json.loads(given)["sensor"] == [640, 480]


def test_mvsec_is_a_table_of_reals(tmp_path):
    table = np.stack([X, Y, T * 1e-6 + 1_506_118_124.7, 2 * P - 1], axis=1)
    write(tmp_path / "a.hdf5", {"davis/left/events": table}, chunks=(1000, 4))
    expected = np.rint(table[:, 2] * 1e6)
    assert info(tmp_path / "a.hdf5")["events_sha256"] == sha256(expected)


def test_prophesee_events_are_compounds(tmp_path):
    events = np.zeros(N, dtype=[("x", "<u2"), ("y", "<u2"), ("p", "<i2"), ("t", "<i8")])
    events["t"], events["x"], events["y"], events["p"] = T, X, Y, P
    write(tmp_path / "a.h5", {"CD/events": events}, chunks=(1000,), compression="gzip")
    assert info(tmp_path / "a.h5")["events_sha256"] == sha256(T)


def test_real_times_of_no_known_unit_have_to_be_told(tmp_path):
    columns = {"raw_events/t": T * 1.0, "raw_events/x": X, "raw_events/y": Y, "raw_events/p": P}
    write(tmp_path / "a.h5", columns)
    assert "pass --time-unit s or us" in run("info", tmp_path / "a.h5", code=1).stderr
    assert info(tmp_path / "a.h5", "--time-unit", "us")["events_sha256"] == sha256(T)
    assert info(tmp_path / "a.h5", "--time-unit", "s")["t_last"] == int(T[-1]) * 1_000_000


def test_whole_times_are_microseconds_unless_told_otherwise(tmp_path):
    write(tmp_path / "a.h5", dsec())
    assert info(tmp_path / "a.h5", "--time-unit", "s")["t_last"] == int(T[-1]) * 1_000_000
    message = run("info", tmp_path / "a.h5", "--time-unit", "ms", code=2).stderr
    assert '--time-unit: "ms", must be s or us' in message


@pytest.mark.parametrize("name", ["a.h5", "a.npy"])
def test_arrays_are_not_read_from_a_pipe(name, tmp_path):
    if name == "a.h5":
        write(tmp_path / name, dsec())
    else:
        np.save(tmp_path / name, structured())
    words = [os.environ["RANVIER_PROGRAM"], "events", "info", "/dev/stdin"]
    done = subprocess.run(words, input=(tmp_path / name).read_bytes(), capture_output=True)
    assert done.returncode == 1
    assert b"cannot be read from a pipe" in done.stderr


def test_written_hdf5_is_dsec_as_h5py_reads_it(tmp_path):
    out, again = tmp_path / "a.h5", tmp_path / "b.h5"
    run("convert", RECORDING, out, "--sensor", "128x128")
    with h5py.File(out) as file:
        t, x, y, p = (file[f"events/{c}"][:] for c in "txyp")
        index = file["ms_to_idx"][:]
        assert sha256(t, x, y, p) == info(RECORDING)["events_sha256"]
        assert (x.dtype, p.dtype, file["t_offset"][()]) == (np.uint16, np.uint8, 0)
    assert np.array_equal(index, np.searchsorted(t, 1000 * np.arange(len(index))))
    assert (len(index) - 1) * 1000 <= t[-1] < len(index) * 1000
    assert info(out)["sensor"] == [128, 128]
    run("convert", out, again)
    run("convert", RECORDING, again, "--sensor", "128x128", "--overwrite")
    assert out.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("steps_back", [False, True])
def test_the_index_of_a_day_takes_no_memory_and_goes_where_times_step_back(steps_back, tmp_path):
    hour = 3_600_000_000
    times = np.array([5, 20 * hour, 20 * hour + 1500, 7 if steps_back else 20 * hour + 1500])
    (tmp_path / "a.csv").write_text("t,x,y,p\n" + "".join(f"{t},1,2,1\n" for t in times))
    out = tmp_path / "a.h5"
    words = [os.environ["RANVIER_PROGRAM"], "events", "convert", tmp_path / "a.csv", out]
    _, status, used = os.wait4(subprocess.Popen(words, stdout=subprocess.DEVNULL).pid, 0)
    assert status == 0
    assert used.ru_maxrss < 500_000  # KiB, a sanitizer included; the index is 72 million numbers
    with h5py.File(out) as file:
        assert np.array_equal(file["events/t"][:], times)
        assert ("ms_to_idx" in file) == (not steps_back)
        if not steps_back:
            index, found = file["ms_to_idx"], [0, 1, 72_000_000, 72_000_001]
            assert len(index) == 72_000_002
            assert [index[ms] for ms in found] == np.searchsorted(
                times, 1000 * np.array(found)
            ).tolist()


def test_a_filter_that_is_not_there_is_named(tmp_path):
    write(tmp_path / "a.h5", dsec(), chunks=(1000,), compression="lzf")
    assert "packed by the filter LZF" in run("info", tmp_path / "a.h5", code=1).stderr


def test_faulty_hdf5_files_are_told_in_one_line(tmp_path):
    path = tmp_path / "a.h5"
    columns = dsec()
    columns["events/x"] = columns["events/x"][:-1]
    write(path, columns)
    assert "columns of events differ in length" in run("info", path, code=1).stderr
    columns["events/x"] = X.astype("i4")
    columns["events/x"][20_000] = -1
    write(path, columns)
    found = run("info", path, "--json", code=1)
    assert json.loads(found.stdout)["events"] == 20_000
    assert "row 20000: an event at (-1," in found.stderr
    write(path, {"frames": X})
    assert "holds no events that are known here" in run("info", path, code=1).stderr
    write(path, dsec(), chunks=(1000,), compression="gzip")
    whole = path.read_bytes()
    for size in (100, len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:size])
        assert run("info", path, code=1).stderr.count("\n") == 1
    noise = np.frombuffer(whole, "u1").copy()
    noise[20_000:60_000] ^= 0x5A
    path.write_bytes(noise.tobytes())
    assert run("info", path, code=1).stderr.count("\n") == 1
    with open(path, "rb") as stream:
        done = subprocess.run(
            [os.environ["RANVIER_PROGRAM"], "events", "info", "-"],
            stdin=stream,
            capture_output=True,
        )
    assert done.returncode == 1
    assert b"hdf5 cannot be read from a pipe" in done.stderr


def structured(t_type="<i8"):
    fields = [("t", t_type), ("x", "<u2"), ("y", "<i2"), ("extra", "<f4"), ("p", "|b1")]
    events = np.zeros(N, dtype=fields)
    events["t"], events["x"], events["y"], events["p"] = T, X, Y, P
    return events


def test_structured_arrays_are_read(tmp_path):
    np.save(tmp_path / "a.npy", structured())
    assert info(tmp_path / "a.npy")["events_sha256"] == sha256(T)
    np.save(tmp_path / "a.npy", structured("<f8"))
    assert "--time-unit" in run("info", tmp_path / "a.npy", code=1).stderr
    assert info(tmp_path / "a.npy", "--time-unit", "us")["events_sha256"] == sha256(T)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_archives_are_read(save, tmp_path):
    save(tmp_path / "a.npz", x=X.astype("u2"), t=T, p=P.astype(bool), y=Y, label=np.arange(3))
    assert info(tmp_path / "a.npz")["events_sha256"] == sha256(T)
    save(tmp_path / "a.npz", structured())
    assert info(tmp_path / "a.npz")["events_sha256"] == sha256(T)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_with_a_changed_byte_is_refused_as_numpy_refuses_it(save, tmp_path):
    path = tmp_path / "a.npz"
    save(path, t=T[:500], x=X[:500], y=Y[:500], p=P[:500])
    whole, right = path.read_bytes(), info(path)["events_sha256"]
    refused = 0
    for place in np.random.default_rng(1).integers(0, len(whole), 40):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            with np.load(path) as file:
                arrays = [file[name] for name in "txyp"]
        except Exception:
            assert "a.npz" in run("info", path, code=1).stderr
            refused += 1
        else:
            assert sha256(*arrays) == right
    assert refused > 20


REAL = [("t", "<i8"), ("x", "<f4"), ("y", "<f4"), ("p", "<f4")]


@pytest.mark.parametrize("form", ["npy", "h5"])
def test_pixels_are_whole_and_polarities_above_zero_are_on(form, tmp_path):
    path = tmp_path / f"a.{form}"

    def save(rows):
        events = np.array(rows, dtype=REAL)
        if form == "npy":
            np.save(path, events)
        else:
            write(path, {f"events/{name}": events[name] for name in "txyp"})

    save([(1, 2, 3, 0.25), (2, 3, 4, -0.25), (3, 4, 5, 0)])
    assert info(path)["events_sha256"] == sha256([1, 2, 3], [2, 3, 4], [3, 4, 5], [1, 0, 0])
    save([(1, 2, 3, 1), (2, 2.5, 3, 1)])
    assert "no whole number of pixels" in run("info", path, code=1).stderr


BEYOND = {"t": "must be below 2^63 us", "x": "must be at most 65535"}


@pytest.mark.parametrize("storage", ["contiguous", "shuffle", "compound", "npy"])
@pytest.mark.parametrize("value", [2**63, 2**64 - 1])
def test_unsigned_numbers_beyond_63_bits_are_refused_and_the_events_before_them_kept(
    storage, value, tmp_path
):
    for row in (0, 20_000):
        for name, accepted in BEYOND.items():
            events = np.zeros(N, dtype=[(c, "<u8") for c in "txyp"])
            events["t"], events["x"], events["y"], events["p"] = T, X, Y, P
            events[name][row] = value
            events["p"][0] = value  # ON, as all above 0
            path = tmp_path / ("a.npy" if storage == "npy" else "a.h5")
            if storage == "npy":
                np.save(path, events)
            elif storage == "compound":
                write(path, {"CD/events": events})
            else:
                write(path, {f"events/{c}": events[c] for c in "txyp"}, **STORAGES[storage])
            found = run("info", path, "--json", code=1)
            assert f"{path}: row {row}: {name} = {value}, {accepted}" in found.stderr
            if row == 0:
                continue
            parts = [a[:row] for a in (T, X, Y, np.concatenate([[1], P[1:]]))]
            assert json.loads(found.stdout)["events_sha256"] == sha256(*parts)


@pytest.mark.parametrize("form", ["npy", "h5"])
def test_events_before_a_number_that_is_none_are_kept(form, tmp_path):
    path = tmp_path / f"a.{form}"
    rows = np.array([(1, 2, 3, 1), (2, np.nan, 3, 1), (3, 0.5, 3, 1)], dtype=REAL)
    if form == "npy":
        np.save(path, rows)
    else:
        write(path, {f"events/{name}": rows[name] for name in "txyp"})
    found = run("info", path, "--json", code=1)
    assert "row 1: x = nan, must be a finite number below 1e+18" in found.stderr
    assert json.loads(found.stdout)["events"] == 1


def test_times_beyond_64_bits_are_refused(tmp_path):
    write(tmp_path / "a.h5", dsec())
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["t_offset"] = np.int64(2**63 - 1)
    said = run("info", tmp_path / "a.h5", code=1).stderr
    assert "t_offset = 9223372036854775807 us are together beyond 64 bits" in said
    for offset in (2**63, 2**64 - 1):  # which the HDF5 library reads as 2^63 - 1
        with h5py.File(tmp_path / "a.h5", "a") as file:
            del file["t_offset"]
            file["t_offset"] = np.uint64(offset)
        said = run("info", tmp_path / "a.h5", code=1).stderr
        assert f"a.h5: t_offset: {offset}, must be below 2^63" in said
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["t_offset"]
        file["t_offset"] = np.uint64(5_000_000_000)
    assert info(tmp_path / "a.h5")["events_sha256"] == sha256(T + 5_000_000_000)


def test_faulty_numpy_files_are_told_in_one_line(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, structured())
    path.write_bytes(path.read_bytes()[: -18 * 100])
    found = run("info", path, "--json", code=1)
    events = json.loads(found.stdout)["events"]
    assert N - 110 < events < N
    assert f"cut off after {events} of its {N} events" in found.stderr
    np.save(path, np.zeros((5, 4)))
    assert "not just one axis" in run("info", path, code=1).stderr
    np.save(path, structured()[["t", "x", "p"]].copy())
    assert run("info", path, code=1).stderr.count("\n") == 1
    np.savez_compressed(tmp_path / "a.npz", t=T, x=X, y=Y, p=P)
    whole = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(whole[:-100])
    assert "damaged or cut off" in run("info", tmp_path / "a.npz", code=1).stderr
    (tmp_path / "a.npz").write_bytes(whole[:500] + bytes(200) + whole[700:])
    assert run("info", tmp_path / "a.npz", code=1).stderr.count("\n") == 1
