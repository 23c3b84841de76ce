"""The regular step from settings to resource inputs: fields of one name pass by name."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from pydantic import BaseModel

from dashlink.resources.contract import secret_fields

SecretReader = Callable[[Any], Any]
"""Returns the secret, a Pulumi output, for a reference of the settings."""


def common_fields(
    settings: BaseModel,
    inputs: type[BaseModel],
    read_secret: SecretReader | None = None,
    but: Collection[str] = (),
) -> dict[str, Any]:
    """Values of the fields that ``settings`` and ``inputs`` both have, as arguments of a resource.

    Nested blocks become dicts, tuples become lists.

    Args:
        settings: Settings of one resource.
        inputs: Model of the resource's inputs, or of a block of them.
        read_secret: Called for each reference to a secret; None leaves references as they are.
        but: Fields that the caller translates itself.
    """
    names = set(inputs.model_fields).difference(but)
    return _plain_fields(settings, names, read_secret)


def _plain_fields(
    settings: BaseModel, names: Collection[str], read_secret: SecretReader | None
) -> dict[str, Any]:
    secrets = secret_fields(type(settings))
    fields = {}
    for name in type(settings).model_fields:
        if name in names:
            reader = read_secret if name in secrets else None
            fields[name] = plain_value(getattr(settings, name), reader)
    return fields


def plain_value(value: Any, read_secret: SecretReader | None) -> Any:
    """A value as an argument of a resource, with secrets in place of references.

    Args:
        value: Value of a field that holds references to secrets, or a plain one.
        read_secret: Returns the secret for a reference; None for a field without references.
    """
    if value is None:
        return None
    if isinstance(value, tuple):
        return [plain_value(item, read_secret) for item in value]
    if isinstance(value, BaseModel) and secret_fields(type(value)):
        return _plain_fields(value, type(value).model_fields, read_secret)
    if read_secret is not None:
        return read_secret(value)
    return value.model_dump() if isinstance(value, BaseModel) else value
