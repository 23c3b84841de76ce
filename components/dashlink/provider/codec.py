"""Models of the contract as Pulumi's properties and as the cloud's JSON, in both directions.

In Pulumi a field is named in camelCase. In the cloud's API its alias is its place, see
`dashlink.resources.contract`; a field without an alias has none.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, create_model
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from dashlink.marks import Mark, is_model, item_type, marks_of, members_of, type_of
from dashlink.resources.contract import unread_fields

ModelT = TypeVar("ModelT", bound=BaseModel)
Json = Mapping[str, Any]

UNKNOWN_KEY = "a key that this stack does not know"
"""Placeholder in state for a key that the cloud has and the stack lacks; it is no key."""


# -- Pulumi's properties -------------------------------------------------------------------------


def to_properties(value: Any) -> Any:
    """Return a model as Pulumi's properties, without fields that are None."""
    if isinstance(value, BaseModel):
        properties = {}
        for name in type(value).model_fields:
            item = getattr(value, name)
            if item is not None:
                properties[to_camel(name)] = to_properties(item)
        return properties
    if isinstance(value, Mapping):
        return {key: to_properties(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [to_properties(item) for item in value]
    return value


def from_properties(model: type[ModelT], properties: Json) -> ModelT:
    """Return a validated model of Pulumi's properties; properties of no field are left out.

    Raises:
        pydantic.ValidationError: If a value does not fit its field.
    """
    return model.model_validate(_field_values(model, properties, _python_names))


def stored(model: type[ModelT], properties: Json) -> ModelT:
    """Return a model of properties from the state, without validation.

    After a refresh they are what the cloud has, which may be outside the limits of new inputs. A
    write-only field that is absent is unknown: None.
    """
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    absent = dict.fromkeys((*required, *unread_fields(model)))
    values = {**absent, **_field_values(model, properties, stored)}
    return model.model_construct(**values)


def _field_values(
    model: type[BaseModel], properties: Json, of_model: Callable[[Any, Any], Any]
) -> dict[str, Any]:
    """Return the properties of fields by Python names, with nested models converted."""
    values = {}
    for name, field in model.model_fields.items():
        value = properties.get(to_camel(name))
        if value is not None:
            values[name] = _map_models(field.annotation, value, of_model)
    return values


def secret_texts(annotation: Any, value: Any) -> Iterator[str]:
    """Yield the secrets in properties of a type, and every text in a secret that is JSON."""
    if isinstance(value, str) and Mark.SECRET in marks_of(annotation):
        yield value
        yield from _texts_in_json(value)
    for member in members_of(annotation):
        if is_model(member) and isinstance(value, Mapping):
            for name, field in member.model_fields.items():
                yield from secret_texts(type_of(field), value.get(to_camel(name)))
    item_annotation = item_type(annotation)
    if item_annotation is not None and isinstance(value, list):
        for item in value:
            yield from secret_texts(item_annotation, item)


def _texts_in_json(text: str) -> Iterator[str]:
    left: list[Any] = []
    try:
        left.append(json.loads(text))
    except ValueError:
        return
    while left:
        value = left.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)


@functools.lru_cache(maxsize=256)
def with_unknown(model: type[ModelT], unknown: frozenset[str]) -> type[ModelT]:
    """Return `model` with `unknown` properties (camelCase) optional and of any type."""
    if not unknown:
        return model
    optional: dict[str, Any] = {}
    for name in model.model_fields:
        if to_camel(name) in unknown:
            optional[name] = (Any, None)
    return create_model(model.__name__, __base__=model, **optional)


def _python_names(model: type[BaseModel], properties: Json) -> dict[str, Any]:
    """Return the properties of a nested model by Python names; unknown names stay as they are."""
    names = {to_camel(name): name for name in model.model_fields}
    values = {}
    for key, value in properties.items():
        if key in names:
            annotation = model.model_fields[names[key]].annotation
            values[names[key]] = _map_models(annotation, value, _python_names)
        else:
            values[key] = value
    return values


# -- the cloud's JSON ----------------------------------------------------------------------------


def to_api(model: BaseModel, *fields: str, but: Collection[str] = ()) -> dict[str, Any]:
    """Return a model as the cloud's JSON, without fields that are None or have no alias.

    Args:
        model: The model.
        fields: Python names of the fields to include; none: all.
        but: Python names of the fields to leave out.
    """
    body: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        included = name not in but and (not fields or name in fields)
        if included and field.alias is not None and value is not None:
            _put(body, field.alias, _to_json(value))
    return body


def from_api(
    model: type[ModelT], data: Json, known: ModelT | None = None, /, **values: Any
) -> ModelT:
    """Return a model of the cloud's JSON, without validation.

    A field that the API leaves out, or returns empty, has its default, or is False, zero or empty.

    Args:
        model: The model.
        data: JSON of the API.
        known: Last known values, for write-only fields; None for an import.
        values: Fields that the caller has translated, by Python name.
    """
    for name, field in model.model_fields.items():
        if name in values:
            continue
        if Mark.WRITE_ONLY in marks_of(type_of(field)):
            values[name] = _unknown(field) if known is None else getattr(known, name)
            continue
        value = _get(data, field.alias) if field.alias is not None else None
        if value:
            nested = functools.partial(_nested_from_api, getattr(known, name, None))
            values[name] = _map_models(field.annotation, value, nested)
        else:
            values[name] = _empty(field)
    return model.model_construct(**values)


def _nested_from_api(known: Any, model: type[BaseModel], data: Json) -> BaseModel:
    return from_api(model, data, known if isinstance(known, model) else None)


def _to_json(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return to_api(value)
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return value


def _put(body: dict[str, Any], path: str, value: Any) -> None:
    """Put a value into JSON at an alias: `a.b` is inside an object, `a.0` the item of a list."""
    step, _, rest = path.partition(".")
    if not rest:
        body[step] = value
    elif rest == "0":
        body[step] = [value]
    elif rest.startswith("0."):
        _put(body.setdefault(step, [{}])[0], rest.removeprefix("0."), value)
    else:
        _put(body.setdefault(step, {}), rest, value)


def _get(data: Any, path: str) -> Any:
    """Return the value at an alias, or None."""
    for step in path.split("."):
        if step == "0":
            data = data[0] if data else None
        elif isinstance(data, Mapping):
            data = data.get(step)
        else:
            return None
    return data


def _unknown(field: FieldInfo) -> Any:
    """Return the value of a write-only field that is not known: None, or a key if it is required.

    A field without a place in the API is an option of dashlink and has its default.
    """
    if field.is_required():
        return UNKNOWN_KEY
    if field.alias is not None:
        return None
    return field.get_default(call_default_factory=True)


def _empty(field: FieldInfo) -> Any:
    """Return the value of a field that the API leaves out."""
    (kind,) = members_of(field.annotation)
    if kind is bool:
        return False
    if not field.is_required():
        return field.get_default(call_default_factory=True)
    if item_type(kind) is not None:
        return ()
    if kind is int:
        return 0
    return ""


def _map_models(annotation: Any, value: Any, of_model: Callable[[Any, Any], Any]) -> Any:
    """Return a value of a type, with its nested models converted and lists as tuples."""
    for member in members_of(annotation):
        if is_model(member) and isinstance(value, Mapping):
            return of_model(member, value)
    item_annotation = item_type(annotation)
    if item_annotation is not None and isinstance(value, list):
        return tuple(_map_models(item_annotation, item, of_model) for item in value)
    return value
