"""The README's network is the example's, and its commands run as written."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ["RANVIER_PROGRAM"])
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_the_network_is_the_example():
    (shown,) = blocks("json")
    assert json.loads(shown) == json.loads((ROOT / "examples/first/network.json").read_text())


def test_the_commands_of_the_first_network_run(tmp_path):
    (commands,) = (block for block in blocks("sh") if "ranvier run" in block)
    (tmp_path / "build").mkdir()
    (tmp_path / "build/release").symlink_to(PROGRAM.parent)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    script = ["bash", "-euo", "pipefail", "-c", commands]
    done = subprocess.run(script, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^[0-9a-f]{64}$", done.stdout, re.M)
    assert (tmp_path / "out.html").stat().st_size > 10_000


def test_the_python_script_runs():
    (script,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d+\.\d+ Hz\n", done.stdout)


def test_every_model_source_and_rule_is_named():
    text = subprocess.run([PROGRAM, "info"], capture_output=True, text=True, check=True).stdout
    body = text.split("neuron models\n")[1].split("codes\n")[0]
    names = [line.split()[0] for line in body.splitlines() if line.startswith("  ")]
    missing = [name for name in names if f"`{name}`" not in README and name[:4] != "nir_"]
    assert len(names) > 30 and missing == []
