"""The provider's schema in Pulumi's form, made from the kinds' models: names, types, what is required or secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from dashlink.provider.handler import Handler

_CONFIGURATION: Mapping[str, str] = {
    "region": "Region of the provider, e.g. cn-beijing.",
    "accessKey": "Access key id.",
    "secretKey": "Access key secret.",
    "securityToken": "Token of temporary credentials.",
    "profile": "Profile of the aliyun CLI.",
    "sharedCredentialsFile": "File of the profiles.",
    "ecsRoleName": "Role of the ECS instance.",
    "credentialsUri": "Where credentials are served.",
    "assumeRole": "Role to take, JSON.",
    "assumeRoleWithOidc": "Role to take by OIDC, JSON.",
    "endpoints": "API host by product, JSON.",
    "protocol": "https or http.",
}
_SECRET = ("accessKey", "secretKey", "securityToken")


def provider_schema(version: str, kinds: Mapping[str, Handler[Any, Any]]) -> dict[str, Any]:
    """The whole schema."""
    types: dict[str, Any] = {}
    resources = {token: _resource(kind, types) for token, kind in kinds.items()}
    configuration = {
        name: {
            "type": "string",
            "description": text,
            **({"secret": True} if name in _SECRET else {}),
        }
        for name, text in _CONFIGURATION.items()
    }
    return {
        "name": "dashlink",
        "version": version,
        "description": "What private access to model services needs and the alicloud provider lacks.",
        "config": {"variables": configuration},
        "provider": {"inputProperties": configuration},
        "resources": resources,
        "types": types,
    }


def _resource(kind: Handler[Any, Any], types: dict[str, Any]) -> dict[str, Any]:
    inputs = _properties(kind.inputs, kind, types)
    outputs = {**inputs, **_properties(kind.state, kind, types)}
    required = [
        to_camel(name) for name, field in kind.inputs.model_fields.items() if field.is_required()
    ]
    return {
        "description": (type(kind).__doc__ or "").strip(),
        "inputProperties": inputs,
        "requiredInputs": required,
        "properties": outputs,
        "required": sorted(outputs),
    }


def _properties(
    model: type[BaseModel], kind: Handler[Any, Any], types: dict[str, Any]
) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=False)
    found = {}
    for name, property_schema in schema["properties"].items():
        entry = _type(property_schema, schema.get("$defs", {}), kind, types)
        entry["description"] = property_schema.get("description", "")
        if name in kind.replaces:
            entry["willReplaceOnChanges"] = True
        if name in kind.secrets:
            entry["secret"] = True
        found[to_camel(name)] = entry
    return found


def _type(
    schema: Mapping[str, Any],
    models: Mapping[str, Any],
    kind: Handler[Any, Any],
    types: dict[str, Any],
) -> dict[str, Any]:
    """A JSON Schema type in Pulumi's words; a nested model becomes a named type, what may be absent is its own type."""
    if "anyOf" in schema:
        return _type(
            next(one for one in schema["anyOf"] if one.get("type") != "null"), models, kind, types
        )
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        token = f"{kind.token.rpartition(':')[0]}:{name}"
        types[token] = {
            "type": "object",
            "properties": {
                to_camel(field): {
                    **_type(item, models, kind, types),
                    "description": item.get("description", ""),
                }
                for field, item in models[name]["properties"].items()
            },
        }
        return {"$ref": f"#/types/{token}"}
    if schema.get("type") == "array":
        return {"type": "array", "items": _type(schema["items"], models, kind, types)}
    if schema.get("type") == "object":
        return {
            "type": "object",
            "additionalProperties": _type(schema["additionalProperties"], models, kind, types),
        }
    return {"type": schema["type"]}
