"""The keys that docs/reference/run-folder.md lists are those that runs write: none left out, none invented."""

import json
import os
import pathlib
import re
import subprocess

PROGRAM = os.environ["RANVIER_PROGRAM"]
PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/run-folder.md"
NETWORK = {
    "ranvier": 1,
    "run": {"duration": 20, "dt": 1},
    "populations": {
        "camera": {
            "model": "spike_source_events",
            "size": 4,
            "file": "events.csv",
            "options": {"width": 2, "height": 1, "polarity": "split", "format": "text"},
        },
        "out": {"model": "if_curr_exp", "size": 2},
    },
    "projections": [
        {
            "source": "camera",
            "target": "out",
            "connector": {"rule": "csv", "file": "pairs.csv"},
            "weight": 4.0,
            "delay": 1,
        }
    ],
}
# Objects whose keys are names of the document's, and lists of objects.
NAMES = {
    "files": "NAME",
    "inputs": "NAME",
    "populations": "NAME",
    "chosen/populations": "NAME",
    "inputs/NAME": "OPTION",
    "profile": "RANK",
    "profile/RANK/chunks": "CHUNK",
}


def listed(section):
    """The keys in the first columns of a section's tables."""
    text = PAGE.read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(.*?)`", cell)}


def keys(value, path=""):
    """The paths of a file's values."""
    inner = value
    if isinstance(value, list) and path in NAMES:
        inner = {str(i): item for i, item in enumerate(value)}
    if not isinstance(inner, dict) or path == "document":
        return {path}
    found = set()
    for key, item in inner.items():
        name = key if path == "inputs/NAME" and key == "file" else NAMES.get(path, key)
        found |= keys(item, f"{path}/{name}".lstrip("/"))
    return found


def run(folder, *words, **more):
    subprocess.run([PROGRAM, *words], cwd=folder, check=True, capture_output=True, **more)


def test_the_page_lists_the_keys_that_runs_write(tmp_path):
    events = "".join(f"{1000 * ms},{ms % 2},0,1\n" for ms in range(1, 20))
    (tmp_path / "events.csv").write_text(events)
    (tmp_path / "pairs.csv").write_text("0,0\n1,1\n")
    (tmp_path / "network.json").write_text(json.dumps(NETWORK))
    run(tmp_path, "run", "network.json", "-o", "out", "--profile", "--summary", "summary.json")
    assert keys(json.loads((tmp_path / "out/run.json").read_text())) == listed("run.json")
    assert keys(json.loads((tmp_path / "out/status.json").read_text())) == listed("status.json")

    live = ["--speed", "10x", "--store", "kept.csv", "--summary", "live.json", "--profile"]
    words = ["replay", "-", "--network", "network.json", *live]
    run(tmp_path, *words, input=events.encode())
    written = {
        name: keys(json.loads((tmp_path / name).read_text()))
        for name in ("summary.json", "live.json")
    }
    assert written["live.json"] == listed("The summary")
    more = {key for key in written["live.json"] if key.startswith(("pace/", "live/"))}
    assert written["summary.json"] == listed("The summary") - more
