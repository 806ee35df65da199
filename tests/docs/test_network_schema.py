"""The schema of the network document agrees with the loader: what the loader accepts it accepts, and what it refuses is
listed in tests/bad_input with an error. The page docs/reference/network.md shows a document that holds to it, and its
tables of stimuli and of methods are those of the schema and of the program."""

import fnmatch
import json
import os
import pathlib
import re
import subprocess

import pytest

jsonschema = pytest.importorskip("jsonschema")
ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ["RANVIER_PROGRAM"]
PAGE = (ROOT / "docs/reference/network.md").read_text()
SCHEMA = json.loads((ROOT / "docs/reference/network.schema.json").read_text())


@pytest.fixture(scope="module")
def validator():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


def embedded_document():
    """The document with every field that tests/unit/app/test_document.cpp loads."""
    text = (ROOT / "tests/unit/app/test_document.cpp").read_text()
    return json.loads(re.search(r'R"json\((.*?)\)json"', text, re.S).group(1))


def test_the_document_with_every_field_holds_to_the_schema(validator):
    assert [error.message for error in validator.iter_errors(embedded_document())] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("bench/networks/*.json")), ids=lambda p: p.name)
def test_the_networks_of_the_repository_hold_to_the_schema(validator, path):
    assert [error.message for error in validator.iter_errors(json.loads(path.read_text()))] == []


def test_the_example_of_the_page_holds_to_the_schema(validator):
    document = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.S).group(1))
    (stimuli,) = re.findall(r'^    "stimuli": (\[.*?\}\])$', PAGE, re.S | re.M)
    document["stimuli"] = json.loads(stimuli)
    assert [error.message for error in validator.iter_errors(document)] == []


def rows(head):
    """Cells of the page's table that begins with this line."""
    lines = PAGE.split(f"\n{head}\n")[1].split("\n\n")[0].splitlines()[1:]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def names(cell):
    return re.findall(r"`([\w*]+)`", cell)


def test_the_table_of_stimuli_has_the_fields_of_the_schema():
    common = {"type", "name", "target", "neurons", "start", "stop"}
    forms = SCHEMA["$defs"]["stimulus"]["oneOf"]
    table = rows("| type | needs | may have | what it does |")
    assert len(table) == len(forms)
    for (kind, needs, may, _), form in zip(table, forms):
        assert names(kind) == [form["properties"]["type"]["const"]]
        needed = set(form["required"]) - common
        # What stands in brackets explains a field.
        listed = [set(names(re.sub(r"\(.*?\)", "", cell))) for cell in (needs, may)]
        assert listed == [needed, set(form["properties"]) - common - needed]


def test_the_table_of_methods_is_the_program_s():
    def info(*words):
        words = [PROGRAM, "info", "models", *words]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    models = re.findall(r"^  (\w+)", info().split("spike sources")[0], re.M)
    has, event = {}, []
    for model in models:
        text = info(model)
        section = text.split("methods of integration")[1].split("\n\n")[0]
        for method in re.findall(r"^  (\w+)", section, re.M):
            has.setdefault(method, set()).add(model)
        event += [model] if re.search(r"^advance: .*event", text, re.M) else []
    listed = {
        names(method)[0]: {model for name in names(of) for model in fnmatch.filter(models, name)}
        for method, _, of in rows("| method | what it does | models |")
    }
    assert listed == has
    (sentence,) = re.findall(r"An event-driven form have\s(.*?);", PAGE, re.S)
    assert sorted(names(sentence)) == sorted(event)


@pytest.mark.parametrize(
    "name",
    [
        "unknown_top_field",
        "populations_missing",
        "version_text",
        "duration_text",
        "seed_fraction",
        "size_zero",
        "size_beyond_48_bits",
        "parameter_null",
        "law_unknown",
        "law_field_missing",
        "law_sd_negative",
        "method_number",
        "advance_unknown",
        "precision_unknown",
        "rule_unknown_near",
        "rule_field_of_another",
        "probability_above_one",
        "number_negative",
        "small_world_odd",
        "list_of_numbers",
        "delay_negative",
        "weight_text",
        "synapse_unknown",
        "projection_unknown_field",
        "stimulus_type_unknown",
        "stimulus_field_of_another",
        "noise_negative",
        "probe_variable_twice",
        "probe_no_variables",
    ],
)
def test_malformed_documents_break_the_schema(validator, name):
    assert not validator.is_valid(json.loads((ROOT / f"tests/bad_input/{name}.json").read_text()))
