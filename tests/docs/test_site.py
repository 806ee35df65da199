"""The site builds without a warning, and its reference holds every public name of the Python package."""

import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

ranvier = pytest.importorskip("ranvier", reason="built without RANVIER_PYTHON")
pytest.importorskip("ranvier.simulation", reason="built without RANVIER_PYTHON")
pytest.importorskip("sphinx")

INTERNAL = {"progress"}  # what `run` draws on a terminal
DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_site_builds_without_warnings(tmp_path):
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "--keep-going",
            "-q",
            "-b",
            "html",
            "-d",
            tmp_path / "trees",
            DOCS,
            tmp_path / "html",
        ],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    models = (tmp_path / "html/reference/models.html").read_text()
    python = (tmp_path / "html/reference/python.html").read_text()
    assert all(f'id="model-{name.replace("_", "-")}"' in models for name in ranvier.neuron_models())
    assert all(
        f"{name}</span>" in python for name in ranvier.__all__ if callable(getattr(ranvier, name))
    )


def test_every_public_module_is_in_the_reference():
    page = (DOCS / "reference/python.md").read_text()
    for info in pkgutil.iter_modules(ranvier.__path__):
        if info.name.startswith("_") or f"automodule:: ranvier.{info.name}\n" in page:
            continue
        if (
            info.ispkg or info.name in INTERNAL
        ):  # ranvier.pynn: PyNN's own reference describes its names
            continue
        module = importlib.import_module(f"ranvier.{info.name}")
        missing = set(getattr(module, "__all__", [])) - set(ranvier.__all__)
        missing = {name for name in missing if f":: ranvier.{info.name}.{name}\n" not in page}
        assert not missing, f"ranvier.{info.name}: {missing}"
