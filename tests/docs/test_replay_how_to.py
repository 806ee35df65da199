"""The commands of docs/how-to/replay-experiments.md run as written, in order, and do what the page says."""

import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ["RANVIER_PROGRAM"])


def test_the_commands_of_the_page_run(tmp_path):
    page = (ROOT / "docs/how-to/replay-experiments.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", page, re.S)
    assert len(blocks) == 4
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    for block in blocks:
        script = ["bash", "-euo", "pipefail", "-c", block]
        done = subprocess.run(
            script, cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
        )
        assert done.returncode == 0, block + done.stderr
    digests = [
        subprocess.run([PROGRAM, "digest", tmp_path / run], capture_output=True).stdout
        for run in ("live", "again")
    ]
    assert digests[0] == digests[1] != b""
    assert json.loads((tmp_path / "pace.json").read_text())["pace"]["windows"] == 145
    assert json.loads((tmp_path / "digits/results.json").read_text())["accuracy"] == 1
    assert (tmp_path / "gesture.png").read_bytes().startswith(b"\x89PNG")
