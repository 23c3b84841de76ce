"""The text of docs/outputs.md: every output of a stack, from the models that programs read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from support.settings_tables import rows

from dashlink.json_schema import outputs_schema

HEAD = """# Outputs

What `up` leaves for programs: `pulumi stack output --json` prints it, and `make up` writes it into
a file. No key or token is in it. This page is generated from the models;
[schemas/outputs.schema.json](../schemas/outputs.schema.json) is the same as JSON Schema (`dashlink
schema outputs`). Templates of client files read these names
([clients.md](clients.md#write-your-own-template)).

`a.b` is the key `b` in the map `a`, `a[].b` is in each item of the list `a`, and `a.<name>.b` is in
each entry of the map `a`, whose names are those of the settings.
"""
STACK = "Outputs"


def page() -> str:
    """The whole page."""
    schema = outputs_schema()
    schemas = {STACK: schema, **schema["definitions"]}
    sections = dict(_sections(schema["properties"]))
    anchors = {model: key for key, model in sections.items()}
    parts = [HEAD, "## The stack\n", *_table(STACK, schemas, anchors), ""]
    for key, model in sections.items():
        parts += [f"## {key}", schemas[model]["description"], ""]
        parts += [*_table(model, schemas, anchors), ""]
    return "\n".join(parts)


def _sections(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The keys of the stack whose values are models, or maps of a model."""
    for key, field in properties.items():
        text = str(field.get("additionalProperties") or field.get("anyOf") or field)
        if "#/definitions/" in text:
            yield key, text.partition("#/definitions/")[2].partition("'")[0]


def _table(model: str, schemas: dict[str, Any], anchors: dict[str, str]) -> Iterator[str]:
    yield "| key | type | description |"
    yield "|---|---|---|"
    for row in rows(model, schemas, anchors):
        yield f"| `{row.path}` | {row.type} | {row.description} |"
