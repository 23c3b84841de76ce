"""The JSON Schemas of a stack's settings, for editors, and of its outputs, for programs."""

from __future__ import annotations

import re
from typing import Any

from dashlink.clients.formats import formats
from dashlink.clients.outputs import Outputs
from dashlink.settings import StackSettings

_DRAFT = "http://json-schema.org/draft-07/schema#"
_REFERENCE = "#/definitions/{model}"
# Keys of the namespace that are no settings hold encrypted secrets.
_SECRET = {
    "type": "object",
    "required": ["secure"],
    "description": "A secret that settings refer to.",
}


def stack_schema() -> dict[str, Any]:
    """Return the schema of the file stacks/Pulumi.<stack>.yaml."""
    settings = _unwrapped(StackSettings.model_json_schema(ref_template=_REFERENCE))
    definitions = settings.pop("$defs")
    properties = settings["properties"]
    properties["clients"]["items"] = {"type": "string", "enum": list(formats())}
    required = ["alicloud:region", *(f"dashlink:{key}" for key in settings["required"])]
    region = {"type": "string", "description": "Region of the stack, e.g. cn-beijing."}
    config = {
        "type": "object",
        "required": required,
        "anyOf": [
            {"required": ["dashlink:endpoints"]},
            {"required": ["dashlink:gateway"]},
            {"required": ["dashlink:eas_services"]},
            {"required": ["dashlink:maas_services"]},
        ],
        "properties": {
            "alicloud:region": region,
            **{f"dashlink:{key}": value for key, value in properties.items()},
        },
        "patternProperties": {"^(?!dashlink:)": True},
        "additionalProperties": _SECRET,
    }
    return {
        "$schema": _DRAFT,
        "title": "Settings of a dashlink stack",
        "type": "object",
        "required": ["config"],
        "properties": {"config": config},
        "definitions": definitions,
    }


def outputs_schema() -> dict[str, Any]:
    """Return the schema of a stack's outputs."""
    schema = _unwrapped(Outputs.model_json_schema(ref_template=_REFERENCE))
    schema["definitions"] = schema.pop("$defs")
    return {"$schema": _DRAFT, **schema, "title": "Outputs of a dashlink stack"}


def _unwrapped(schema: Any) -> Any:
    """Join the lines of each paragraph in the descriptions of a schema."""
    if isinstance(schema, list):
        return [_unwrapped(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    unwrapped = {key: _unwrapped(value) for key, value in schema.items()}
    description = schema.get("description")
    if isinstance(description, str):
        unwrapped["description"] = re.sub(r"(?<!\n)\n(?!\n)", " ", description)
    return unwrapped
