"""The JSON Schemas that are committed are those of the models, and editors find mistakes by them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from dashlink.json_schema import outputs_schema, stack_schema

ROOT = Path(__file__).parents[2]
STACKS = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))


@pytest.mark.parametrize(("name", "make"), [("stack", stack_schema), ("outputs", outputs_schema)])
def test_a_committed_schema_is_what_the_models_say(name, make):
    committed = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    assert committed == json.loads(json.dumps(make())), (
        f"stale: dashlink schema {name} > schemas/{name}.schema.json"
    )


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.stem)
def test_each_stack_names_its_schema_and_is_valid_by_it(path):
    text = path.read_text()
    assert text.startswith("# yaml-language-server: $schema=../schemas/stack.schema.json\n")
    jsonschema.validate(yaml.safe_load(text), stack_schema())


@pytest.mark.parametrize(
    "case", ["misspelt-key", "misspelt-endpoint-key", "misspelt-ingress-key", "unknown-client"]
)
def test_an_editor_finds_a_misspelt_word(case):
    document = yaml.safe_load(
        (ROOT / "tests" / "settings" / "invalid" / f"{case}.yaml").read_text()
    )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, stack_schema())


def test_every_key_of_the_settings_is_explained():
    def keys(schema):
        for part in [schema, *schema.get("definitions", {}).values()]:
            yield from part.get("properties", {}).items()

    config = stack_schema()["properties"]["config"]
    unexplained = [
        name
        for name, value in keys({**config, "definitions": stack_schema()["definitions"]})
        if not value.get("description")
    ]
    assert unexplained == []


def test_every_key_of_the_settings_stands_in_their_page():
    page = (ROOT / "docs" / "settings.md").read_text()
    schema = stack_schema()
    keys = {name for part in schema["definitions"].values() for name in part["properties"]}
    keys |= set(schema["properties"]["config"]["properties"])
    assert sorted(key for key in keys if f"`{key}`" not in page) == []
