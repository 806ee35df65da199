"""Run folders as other programs read them: libsonata, PyNN's SONATA reader, h5py.

The run is made by the `ranvier` program from a document whose spikes are known beforehand: two populations of spike
sources with listed times, one neuron that nothing drives, so that its potential stays at rest.
"""

import json
import os
import subprocess

import h5py
import libsonata
import numpy as np
import pytest
from pyNN.serialization.sonata import SonataIO

TIMES = {"left": [[1.0, 12.5, 40.0], [12.5], []], "right": [[0.3], [12.5, 99.9]]}
V_REST = -65.0


def expected(population):
    """(time, neuron) of all listed spikes, sorted by time, then neuron."""
    return sorted((t, i) for i, times in enumerate(TIMES[population]) for t in times)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    here = tmp_path_factory.mktemp("run")
    populations = {
        name: {"model": "spike_source_array", "size": len(times), "spike_times": times}
        for name, times in TIMES.items()
    }
    populations["cell"] = {
        "model": "if_curr_exp",
        "size": 2,
        "initial": {"v": V_REST},
        "parameters": {"v_rest": V_REST},
    }
    document = {
        "ranvier": 1,
        "run": {"duration": 100.0, "dt": 0.1, "seed": 1},
        "populations": populations,
        "probes": [
            {"population": "left", "variables": ["spikes"]},
            {"population": "right", "variables": ["spikes"]},
            {"population": "cell", "variables": ["v"], "interval": 0.5},
        ],
    }
    (here / "net.json").write_text(json.dumps(document))
    command = [
        os.environ["RANVIER_PROGRAM"],
        "run",
        str(here / "net.json"),
        "-o",
        str(here / "out"),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return here / "out"


@pytest.mark.parametrize("population", sorted(TIMES))
def test_libsonata_reads_the_spikes(folder, population):
    reader = libsonata.SpikeReader(str(folder / "spikes.h5"))
    spikes = reader[population]
    assert spikes.sorting == "by_time"
    assert spikes.time_units == "ms"
    assert [(t, i) for i, t in spikes.get()] == expected(population)
    assert len(spikes.get(tstart=12.0, tstop=13.0)) == sum(
        12.0 <= t <= 13.0 for t, _ in expected(population)
    )


def test_libsonata_reads_the_report(folder):
    reader = libsonata.ElementReportReader(str(folder / "reports" / "cell_v.h5"))["cell"]
    assert reader.times == pytest.approx((0.0, 100.5, 0.5))
    assert reader.time_units == "ms"
    assert reader.data_units == "mV"
    frames = reader.get()
    assert frames.data.shape == (201, 2)
    assert np.all(frames.data == V_REST)
    assert sorted(np.asarray(frames.ids)[:, 0]) == [0, 1]


@pytest.mark.parametrize("population", sorted(TIMES))
def test_pynn_reads_the_spikes(folder, population):
    (block,) = SonataIO(str(folder / "pynn"), spikes_file=f"{population}.h5").read()
    read = [
        (t, int(train.annotations["channel_id"]))
        for train in block.segments[0].spiketrains
        for t in train.rescale("ms").magnitude.tolist()
    ]
    assert sorted(read) == expected(population)


def test_h5py_sees_version_1_of_the_format(folder):
    with h5py.File(folder / "spikes.h5") as file:
        assert file.attrs["magic"] == 0x0A7A
        assert list(file.attrs["version"]) == [0, 1]
        assert file["spikes/left/node_ids"].dtype == np.uint64
    status = json.loads((folder / "status.json").read_text())
    assert status["complete"] is True
    assert status["ended_at"] == 100
    assert len(status["state_sha256"]) == 64
