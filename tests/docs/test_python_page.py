"""The Python blocks of docs/how-to/use-from-python.md run as written, one after the other."""

import re
from pathlib import Path

import pytest

pytest.importorskip("ranvier.simulation", reason="built without RANVIER_PYTHON")
matplotlib = pytest.importorskip("matplotlib")

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/use-from-python.md"


def test_the_blocks_run_as_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(blocks) >= 5
    names = {}
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
