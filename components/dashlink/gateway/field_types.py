"""Field types of the gateway's settings that take a value in several forms.

A value of one form is validated by one type, so that its faults concern that form alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
)

from dashlink.types import wrong

_BOOLEAN = TypeAdapter(bool)


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    return value


OneOrMore = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
"""A list of texts; one text is a list of one."""


def block_or_boolean(model: type[BaseModel]) -> Any:
    """Type of a nested block that `true` turns on with its defaults, and `false` off."""

    def read(value: Any, read_block: Callable[[Any], Any]) -> Any:
        if is_map(value):
            return read_block(value)
        try:
            return _BOOLEAN.validate_python(value)
        except ValidationError:
            advice = "Write true for the defaults, or a map of its keys."
            raise wrong("neither true, false nor a map", advice) from None

    return Annotated[model, WrapValidator(read, json_schema_input_type=model | bool)]


def is_map(value: Any) -> bool:
    """Whether ``value`` has the form of a nested block: a mapping, or its model."""
    return isinstance(value, Mapping | BaseModel)
