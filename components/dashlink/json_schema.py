"""The JSON Schemas, made from the models: of a stack's settings file for editors, of the outputs for programs."""

from __future__ import annotations

from typing import Any

from dashlink.clients.outputs import Outputs
from dashlink.clients.render import formats
from dashlink.settings import StackSettings

_DRAFT = "http://json-schema.org/draft-07/schema#"


# A key that nothing else explains is a secret that settings refer to, encrypted.
_SECRET = {
    "type": "object",
    "required": ["secure"],
    "description": "A secret that others refer to.",
}


def stack_schema() -> dict[str, Any]:
    """The schema of a file stacks/Pulumi.<stack>.yaml: its `config` with the keys of dashlink."""
    settings = StackSettings.model_json_schema(
        by_alias=False, ref_template="#/definitions/{model}"
    )
    definitions = settings.pop("$defs")
    properties = settings["properties"]
    properties["clients"]["items"] = {"type": "string", "enum": list(formats())}
    own = {f"dashlink:{key}": value for key, value in properties.items()}
    return {
        "$schema": _DRAFT,
        "title": "Settings of a dashlink stack",
        "type": "object",
        "required": ["config"],
        "properties": {
            "config": {
                "type": "object",
                "required": [
                    "alicloud:region",
                    *(f"dashlink:{key}" for key in settings["required"]),
                ],
                "anyOf": [{"required": ["dashlink:endpoints"]}, {"required": ["dashlink:gateway"]}],
                "properties": {
                    "alicloud:region": {
                        "type": "string",
                        "description": "Region of the stack, e.g. cn-beijing.",
                    },
                    **own,
                },
                "patternProperties": {"^(?!dashlink:)": True},
                "additionalProperties": _SECRET,
            }
        },
        "definitions": definitions,
    }


def outputs_schema() -> dict[str, Any]:
    """The schema of a stack's outputs."""
    schema = Outputs.model_json_schema(ref_template="#/definitions/{model}")
    definitions = schema.pop("$defs")
    return {
        "$schema": _DRAFT,
        **schema,
        "title": "Outputs of a dashlink stack",
        "definitions": definitions,
    }
