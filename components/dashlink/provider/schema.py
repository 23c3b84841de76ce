"""The provider's schema in Pulumi's form, derived from the contracts of the resources."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from dashlink.documented import field_docs
from dashlink.marks import holds_secret, is_model, item_type, members_of, type_of
from dashlink.provider.handler import Handler
from dashlink.resources.contract import create_only_fields
from dashlink.resources.models.provider import ProviderSettings

_Types = dict[str, Any]
_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean"}


def provider_schema(version: str, handlers: Mapping[str, Handler[Any, Any]]) -> dict[str, Any]:
    """Return the schema of the provider.

    Args:
        version: Version of dashlink.
        handlers: Handlers by type token.
    """
    types: _Types = {}
    resources = {}
    for token, handler in handlers.items():
        resources[token] = _resource(handler, types)
    settings = _properties(ProviderSettings, "dashlink:provider", types)
    return {
        "name": "dashlink",
        "version": version,
        "description": "Resources for private access to model services that the alicloud provider "
        "lacks: endpoint connections, AI services, Model APIs, domains and consumers.",
        "config": {"variables": settings},
        "provider": {"inputProperties": settings},
        "resources": resources,
        "types": types,
    }


def _resource(handler: Handler[Any, Any], types: _Types) -> dict[str, Any]:
    contract = handler.contract
    module = contract.token.rpartition(":")[0]
    inputs = _properties(contract.inputs, module, types)
    outputs = {**inputs, **_properties(contract.state, module, types)}
    retired = {"deprecationMessage": handler.retired} if handler.retired else {}
    return {
        **retired,
        "description": inspect.getdoc(type(handler)),
        "inputProperties": inputs,
        "requiredInputs": _required(contract.inputs),
        "properties": outputs,
        "required": sorted(outputs),
    }


def _required(model: type[BaseModel]) -> list[str]:
    return [to_camel(name) for name, field in model.model_fields.items() if field.is_required()]


def _properties(model: type[BaseModel], module: str, types: _Types) -> dict[str, Any]:
    """Return the properties of a model; nested models are added to `types`."""
    create_only = create_only_fields(model)
    docs = field_docs(model)
    properties = {}
    for name, field in model.model_fields.items():
        entry = _type(field.annotation, module, types)
        entry["description"] = docs.get(name)
        if name in create_only:
            entry["willReplaceOnChanges"] = True
        if holds_secret(type_of(field)):
            entry["secret"] = True
        properties[to_camel(name)] = entry
    return properties


def _type(annotation: Any, module: str, types: _Types) -> dict[str, Any]:
    """Return a Python type in Pulumi's form; an optional value has the type of the value."""
    (kind,) = members_of(annotation)
    if is_model(kind):
        token = f"{module}:{kind.__name__}"
        types[token] = {
            "type": "object",
            "description": inspect.getdoc(kind),
            "properties": _properties(kind, module, types),
            "required": _required(kind),
        }
        return {"$ref": f"#/types/{token}"}
    item = item_type(kind)
    if item is None:
        if get_origin(kind) is Literal:
            kind = type(get_args(kind)[0])
        return {"type": _SCALARS[kind]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _type(item, module, types)}
    return {"type": "object", "additionalProperties": _type(item, module, types)}
