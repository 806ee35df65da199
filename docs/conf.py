"""How Sphinx makes the site: build/venv/bin/sphinx-build -b html docs build/docs."""

import pathlib
import sys

import ranvier

sys.path.insert(0, str(pathlib.Path(__file__).parent / "_ext"))

project = "Ranvier"
version = release = ranvier.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "ranvier_models"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_ext"]
html_theme = "alabaster"
html_theme_options = {
    "description": "spiking neural networks and neuromorphic hardware",
    "fixed_sidebar": True,
}
html_show_copyright = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
# Pages also point at files of the source tree (../../core/...), which are no pages of the site.
suppress_warnings = ["myst.xref_missing"]
myst_heading_anchors = 3
