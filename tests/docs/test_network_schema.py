"""The schema of the network document agrees with the loader: what the loader accepts it accepts, and what it refuses is
listed in tests/bad_input with an error. The page docs/reference/network.md shows a document that holds to it."""

import json
import pathlib
import re

import pytest

jsonschema = pytest.importorskip("jsonschema")
ROOT = pathlib.Path(__file__).resolve().parents[2]
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
    page = (ROOT / "docs/reference/network.md").read_text()
    document = json.loads(re.search(r"```json\n(.*?)```", page, re.S).group(1))
    assert [error.message for error in validator.iter_errors(document)] == []


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
