"""Models of the contract as Pulumi's properties and as the cloud's JSON, in both directions.

In Pulumi a field is named in camelCase. In the cloud's API it has its alias, else its Python name;
a dot in an alias leads into an object: `redisConfig.host` is `{"redisConfig": {"host": ...}}`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, create_model
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from dashlink.marks import is_model, item_type, members_of

ModelT = TypeVar("ModelT", bound=BaseModel)
Json = Mapping[str, Any]
_NameOf = Callable[[str, FieldInfo], str]


def to_properties(model: BaseModel) -> dict[str, Any]:
    """Return a model as Pulumi's properties, without fields that are None."""
    encoded: dict[str, Any] = _encode(model, _property_name)
    return encoded


def from_properties(model: type[ModelT], properties: Json) -> ModelT:
    """Return a validated model of Pulumi's properties; properties of no field are left out.

    Raises:
        pydantic.ValidationError: If a value does not fit its field.
    """
    values = {}
    for name, field in model.model_fields.items():
        value = properties.get(to_camel(name))
        if value is not None:
            values[name] = _python_names(field.annotation, value)
    return model.model_validate(values)


def stored(model: type[ModelT], properties: Json) -> ModelT:
    """Return a model of properties from the state, without validation.

    After a refresh they are what the cloud has, which may be outside the limits of new inputs.
    """
    return _construct(model, properties, _property_name, _default)


def to_api(model: BaseModel, *fields: str) -> dict[str, Any]:
    """Return a model as the cloud's JSON, without fields that are None.

    Args:
        model: The model.
        fields: Python names of the fields to include; none: all.
    """
    encoded: dict[str, Any] = _encode(model, _api_name, fields)
    return encoded


def from_api(model: type[ModelT], data: Json, /, **known: Any) -> ModelT:
    """Return a model of the cloud's JSON, without validation.

    A field that the API leaves out, or returns empty, has its default, or is False, zero or empty.

    Args:
        model: The model.
        data: JSON of the API.
        known: Fields whose values do not come from `data`, by Python name.
    """
    return _construct(model, data, _api_name, _empty, known)


def with_unknown(model: type[ModelT], unknown: Collection[str]) -> type[ModelT]:
    """Return `model` with `unknown` properties (camelCase) optional and of any type."""
    if not unknown:
        return model
    return _with_unknown(model, frozenset(unknown))


@functools.lru_cache(maxsize=256)
def _with_unknown(model: type[ModelT], unknown: frozenset[str]) -> type[ModelT]:
    optional: dict[str, Any] = {}
    for name in model.model_fields:
        if to_camel(name) in unknown:
            optional[name] = (Any, None)
    return create_model(model.__name__, __base__=model, **optional)


def _property_name(name: str, field: FieldInfo) -> str:  # noqa: ARG001 - as _api_name
    return to_camel(name)


def _api_name(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _encode(value: Any, name_of: _NameOf, fields: Collection[str] = ()) -> Any:
    if isinstance(value, BaseModel):
        encoded: dict[str, Any] = {}
        for name, field in type(value).model_fields.items():
            item = getattr(value, name)
            if item is not None and (not fields or name in fields):
                _put(encoded, name_of(name, field), _encode(item, name_of))
        return encoded
    if isinstance(value, Mapping):
        return {key: _encode(item, name_of) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_encode(item, name_of) for item in value]
    return value


def _put(target: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        target = target.setdefault(step, {})
    target[last] = value


def _get(data: Json, path: str) -> Any:
    value: Any = data
    for step in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def _construct(
    model: type[ModelT],
    data: Json,
    name_of: _NameOf,
    absent: Callable[[FieldInfo], Any],
    known: Json | None = None,
) -> ModelT:
    values = {}
    for name, field in model.model_fields.items():
        value = _get(data, name_of(name, field))
        if known is not None and name in known:
            values[name] = known[name]
        elif value is None or (absent is _empty and not value):
            values[name] = absent(field)
        else:
            values[name] = _decode(field.annotation, value, name_of, absent)
    return model.model_construct(**values)


def _decode(
    annotation: Any, value: Any, name_of: _NameOf, absent: Callable[[FieldInfo], Any]
) -> Any:
    model = _model_of(annotation)
    if model is not None and isinstance(value, Mapping):
        return _construct(model, value, name_of, absent)
    item_annotation = item_type(annotation)
    if item_annotation is not None and isinstance(value, list):
        items = []
        for item in value:
            items.append(_decode(item_annotation, item, name_of, absent))
        return tuple(items)
    return value


def _python_names(annotation: Any, value: Any) -> Any:
    """Return properties with the Python names of fields; unknown names stay, to be reported."""
    model = _model_of(annotation)
    if model is not None and isinstance(value, Mapping):
        fields = {to_camel(name): name for name in model.model_fields}
        renamed = {}
        for key, item in value.items():
            name = fields.get(key)
            if name is None:
                renamed[key] = item
            else:
                renamed[name] = _python_names(model.model_fields[name].annotation, item)
        return renamed
    item_annotation = item_type(annotation)
    if item_annotation is not None and isinstance(value, list):
        return [_python_names(item_annotation, item) for item in value]
    return value


def _default(field: FieldInfo) -> Any:
    if field.is_required():
        return None
    return field.get_default(call_default_factory=True)


def _empty(field: FieldInfo) -> Any:
    (kind, *_) = members_of(field.annotation)
    if kind is bool:
        return False
    if not field.is_required():
        return field.get_default(call_default_factory=True)
    if item_type(field.annotation) is not None:
        return ()
    if kind is int:
        return 0
    return ""


def _model_of(annotation: Any) -> type[BaseModel] | None:
    for member in members_of(annotation):
        if is_model(member):
            model: type[BaseModel] = member
            return model
    return None
