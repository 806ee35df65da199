"""Every recording of ../shared/data decodes to the events that independent decoders found in it.

MANIFEST.json there names, for each file, the decoder (tonic, expelliarmus, evt3, aedat,
event_stream, h5py, ...) and what it found: counts, times and the SHA-256 of all events.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

DATA = Path(
    os.environ.get("RANVIER_RECORDINGS", Path(__file__).resolve().parents[4] / "shared" / "data")
)
FIELDS = ("format", "events", "on", "off", "t_first", "t_last", "backward_steps", "events_sha256")
SENSORLESS = {"40-bit .bin (ATIS AER)", "text t x y p"}  # their files do not name the sensor
# Clips of N-MNIST, of one form all: fewer where a sanitizer makes each start of the program slow.
CLIPS = int(os.environ.get("RANVIER_CLIPS", 1000))

pytestmark = pytest.mark.skipif(
    not (DATA / "MANIFEST.json").exists(), reason="../shared/data is not there"
)


def info(path, *options):
    done = subprocess.run(
        [os.environ["RANVIER_PROGRAM"], "events", "info", path, "--json", *options],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def recordings():
    files = json.loads((DATA / "MANIFEST.json").read_text())["files"]
    files = [f for f in files if "events_sha256" in f]
    clips = [f for f in files if f["file"].startswith("nmnist/")]
    return [f for f in files if f not in clips[CLIPS:]]


def test_every_recording_has_the_events_that_other_decoders_found():
    files = recordings()
    assert len(files) > 30
    for expected in files:
        found = info(DATA / expected["file"])
        for field in FIELDS:
            assert found[field] == expected[field], (expected["file"], field)
        sensor = None if expected["format"] in SENSORLESS else expected["sensor"]
        assert found["sensor"] == sensor, expected["file"]


def test_stored_coordinates_are_those_of_decoders_that_do_not_turn_y_over():
    files = [
        f for f in recordings() if f["format"].startswith("ES") and "events_sha256_stored_y" in f
    ]
    assert files
    for expected in files:
        found = info(DATA / expected["file"], "--no-flip")
        assert found["events_sha256"] == expected["events_sha256_stored_y"], expected["file"]
