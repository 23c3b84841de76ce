"""Values that the sandbox's models fit to a JSON schema."""

from __future__ import annotations

import pytest

from dashlink_sandbox.inside.models import schemas

TREE = {
    "$ref": "#/$defs/Node",
    "$defs": {
        "Node": {
            "type": "object",
            "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}},
        }
    },
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "heard"),
        ({}, "heard"),
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "boolean"}, True),
        ({"type": ["string", "null"]}, "heard"),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 7, "type": "integer"}, 7),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, None),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, 1),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, [1, 1]),
        ({"properties": {"a": {}, "b": {}}, "required": ["b"]}, {"b": "heard"}),
        ({"properties": {"a": {"type": "integer"}}}, {"a": 1}),
        ({"$ref": "#/$defs/X", "$defs": {"X": {"type": "boolean"}}}, True),
        ({"type": "null"}, None),
    ],
    ids=[
        *("text", "any", "minimum", "boolean", "types", "enum", "const", "null", "one of"),
        *("array", "required", "properties", "reference", "only null"),
    ],
)
def test_a_value_fits_its_schema(schema, value):
    assert schemas.fit(schema, "heard") == value


def test_a_schema_that_refers_to_itself_ends():
    assert schemas.fit(TREE, "heard")["children"][0]["children"] is not None
