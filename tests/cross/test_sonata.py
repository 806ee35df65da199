"""The SONATA example of 300 point neurons, run from its own config, fires NEST's spikes.

All spikes of 1.5 s are compared, each at its step of 0.01 ms (record_sonata.py made the recording
and says how NEST was driven). The example is looked for in RANVIER_SAMPLES or ../shared/data.
"""

import json
import os
import subprocess
from pathlib import Path

import h5py
import pytest
from sonata_trains import summarise

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("RANVIER_SAMPLES", ROOT.parent / "shared/data"))
CONFIG = DATA / "sonata/300_pointneurons/config.json"
RECORDED = json.loads(Path(__file__).with_name("sonata_300_pointneurons.json").read_text())


@pytest.mark.skipif(not CONFIG.exists(), reason=f"{CONFIG} is not there")
def test_every_spike_of_the_sonata_example_is_nests(tmp_path):
    command = [os.environ["RANVIER_PROGRAM"], "run", str(CONFIG), "-q", "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with h5py.File(tmp_path / "out/spikes.h5") as file:
        spikes = file["spikes/internal"]
        times, neurons = spikes["timestamps"][:], spikes["node_ids"][:]
    assert times.max() <= RECORDED["duration"]
    found = summarise(times, neurons, len(RECORDED["count"]), RECORDED["dt"])
    assert found["count"] == RECORDED["count"]
    assert found["checksum"] == RECORDED["checksum"]
