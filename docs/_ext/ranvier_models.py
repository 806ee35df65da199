"""The directive `ranvier-models`: every neuron and source model with its tables, as the installed program knows them."""

import ranvier
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


def table(title, header, rows):
    """A table node with a title. `rows`: texts, as many a row as `header` has."""
    group = nodes.tgroup(cols=len(header))
    group += [nodes.colspec(colwidth=1) for _ in header]

    def row(cells):
        return nodes.row("", *[nodes.entry("", nodes.paragraph(text=cell)) for cell in cells])

    group += nodes.thead("", row(header))
    group += nodes.tbody("", *[row(cells) for cells in rows])
    return nodes.table("", nodes.title(text=title), group)


def fields(entries):
    return [[name, f"{default:g}", unit, meaning] for name, unit, default, _, meaning in entries]


class Models(SphinxDirective):
    """A section a model: summary, source, parameters, state."""

    def run(self):
        sections = []
        for name in ranvier.neuron_models():
            model = ranvier.describe_model(name)
            section = nodes.section(ids=[f"model-{name.replace('_', '-')}"])
            section += nodes.title(text=name)
            section += nodes.paragraph(text=f"{model['summary']}. {model['source']}.")
            for title in ("parameters", "state"):
                section += table(
                    title, ["name", "default", "unit", "meaning"], fields(model[title])
                )
            sections.append(section)
        return sections


def setup(app: Sphinx):
    app.add_directive("ranvier-models", Models)
    return {"parallel_read_safe": True}
