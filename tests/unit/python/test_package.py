"""The package imports, and says the version of CMakeLists.txt and the models of the folder neurons/models."""

import re
from pathlib import Path

import ranvier

ROOT = Path(__file__).resolve().parents[3]


def test_the_version_is_that_of_the_build():
    text = (ROOT / "CMakeLists.txt").read_text()
    assert ranvier.__version__ == re.search(r"project\(ranvier VERSION ([0-9.]+)", text).group(1)


def test_the_models_are_the_files_of_the_models_folder():
    files = (ROOT / "neurons/models").glob("*.cpp")
    assert ranvier.neuron_models() == sorted(file.stem for file in files)
