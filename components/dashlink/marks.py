"""Marks: properties of a field that are written once, in its type, and read wherever they matter.

    api_key: Annotated[str, Mark.SECRET]

The functions below read marks and follow a path through types: models, lists, maps and unions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


class Mark(Enum):
    """A property of a field of settings or resources."""

    SECRET = "secret"  # noqa: S105 - the name of a mark
    """The value is encrypted in state and never shown. In settings: a reference to a secret."""
    CREATE_ONLY = "create-only"
    """The cloud takes the value at creation only: a change replaces the resource."""
    SERVER_DEFAULT = "server-default"
    """Where a program leaves the field out, the cloud's own value is no difference."""
    WRITE_ONLY = "write-only"
    """The API does not return the value: it is the last known one, and unknown after an import."""
    PUBLIC_ID = "public-id"
    """The value is the id of a key: it has the shape of a secret and is none."""


def marks_of(annotation: Any) -> frozenset[Mark]:
    """Return the marks of a type and of the members of a union, but not of items or fields."""
    marks: set[Mark] = set()
    if get_origin(annotation) is Annotated:
        marks.update(mark for mark in annotation.__metadata__ if isinstance(mark, Mark))
        marks |= marks_of(annotation.__origin__)
    elif get_origin(annotation) in (Union, UnionType):
        for member in get_args(annotation):
            marks |= marks_of(member)
    return frozenset(marks)


def holds_secret(annotation: Any) -> bool:
    """Return whether a value of this type is a secret, or contains one at any depth."""
    if Mark.SECRET in marks_of(annotation):
        return True
    for member in members_of(annotation):
        inner: list[Any] = list(get_args(member))
        if is_model(member):
            inner = [type_of(field) for field in member.model_fields.values()]
        if any(holds_secret(one) for one in inner):
            return True
    return False


def members_of(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, without None, or the one type that is no union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members_of(annotation.__origin__)
    elif origin in (Union, UnionType):
        for member in get_args(annotation):
            yield from members_of(member)
    elif annotation is not NoneType:
        yield annotation


def is_model(annotation: Any) -> bool:
    """Return whether a type is a pydantic model."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def field_of(annotation: Any, key: str) -> FieldInfo | None:
    """Return the field ``key`` of the model that a type is, or that is a member of its union."""
    for member in members_of(annotation):
        if is_model(member) and key in member.model_fields:
            field: FieldInfo = member.model_fields[key]
            return field
    return None


def type_of(field: FieldInfo) -> Any:
    """Return the type of a field together with its marks."""
    if not field.metadata:
        return field.annotation
    return Annotated[(field.annotation, *field.metadata)]


def item_type(annotation: Any) -> Any:
    """Return the type of the items of a list or of the values of a map; None for other types."""
    for member in members_of(annotation):
        origin = get_origin(member)
        if origin is tuple or origin is list:
            return get_args(member)[0]
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return get_args(member)[1]
    return None
