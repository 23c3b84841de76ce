"""The committed JSON Schemas are those of the models, and editors find mistakes with them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from dashlink.json_schema import outputs_schema, stack_schema

ROOT = Path(__file__).parents[2]
STACKS = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))
ACCEPTED = sorted((ROOT / "tests" / "settings").glob("[vw]a*/*.yaml"))  # valid and warned


@pytest.mark.parametrize(
    ("name", "make"),
    [("stack", stack_schema), ("outputs", outputs_schema)],
    ids=["stack", "outputs"],
)
def test_a_committed_schema_is_that_of_the_models(name, make):
    committed = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text())
    assert committed == json.loads(json.dumps(make())), (
        f"stale: dashlink schema {name} > schemas/{name}.schema.json"
    )


@pytest.mark.parametrize("path", STACKS, ids=lambda path: path.stem)
def test_each_stack_is_valid_by_the_schema_that_it_refers_to(path):
    text = path.read_text()
    assert text.startswith("# yaml-language-server: $schema=../schemas/stack.schema.json\n")
    jsonschema.validate(yaml.safe_load(text), stack_schema())


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_what_dashlink_accepts_is_valid_by_the_schema(path):
    jsonschema.validate(yaml.safe_load(path.read_text()), stack_schema())


@pytest.mark.parametrize(
    "case",
    ["misspelt-key", "misspelt-endpoint-key", "misspelt-ingress-key", "unknown-client"],
    ids=str,
)
def test_an_editor_finds_a_misspelt_key(case):
    path = ROOT / "tests" / "settings" / "invalid" / f"{case}.yaml"
    document = yaml.safe_load(path.read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, stack_schema())


def keys_of_settings():
    """Yield each key of the settings and its schema."""
    schema = stack_schema()
    for model in (schema["properties"]["config"], *schema["definitions"].values()):
        yield from model["properties"].items()


def test_every_key_of_the_settings_has_a_description():
    assert [key for key, value in keys_of_settings() if not value.get("description")] == []
