"""From pydantic's errors to faults: the place of each error, the value, and what to do.

A section of the settings with an invalid value is validated again without that value, so that one
mistake does not hide another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Generic, TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dashlink.errors import Fault, shown
from dashlink.marks import field_of, holds_secret, is_model, item_type, members_of, type_of

_ModelT = TypeVar("_ModelT", bound=BaseModel)

_HIDDEN = "(its value is not shown)"
_BOOLEAN = ("neither true nor false", "Write true or false, without quotes.")
_LIST = ("not a list", "Write a list, e.g. [first, second].")
_MAP = ("not a map", "Write keys and values.")
_NUMBER = ("not a whole number", "Write a whole number, without quotes.")
# Type of pydantic's error -> problem and advice.
_TEXTS = {
    "string_type": ("not text", "Write text, in quotes where YAML reads it as something else."),
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _MAP,
    "mapping_type": _MAP,
    "model_type": _MAP,
    "model_attributes_type": _MAP,
    "string_pattern_mismatch": ("invalid format", "See docs/settings.md for the format."),
    "too_short": ("empty", "Write at least one."),
    "string_too_short": ("too short", "See docs/settings.md for the length."),
    "string_too_long": ("too long", "See docs/settings.md for the length."),
}


def inside(where: str, fault: Fault) -> Fault:
    """Prefix the path of ``fault`` with ``where``, unless that is empty."""
    if not where:
        return fault
    return replace(fault, where=f"{where}.{fault.where}")


def suggestion_for(name: str, known: Sequence[str]) -> str:
    """Return advice for an unknown name: the most similar known one, or all of them."""
    similar = most_similar(name, known)
    if similar is not None:
        return f"Did you mean {similar}?"
    return f"Known here: {', '.join(sorted(known))}."


def most_similar(name: str, known: Iterable[str]) -> str | None:
    """Return the name of ``known`` that is most similar to ``name``; None if none is similar."""
    matches = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def place(*path: str | int) -> str:
    """Return a path as a fault shows it: ``network.zones.1``."""
    return ".".join(str(step) for step in path if step != "[key]")


def faults_of(error: ValidationError, model: type[BaseModel], where: str) -> Iterator[Fault]:
    """Yield one fault for each error in the validation of ``model``.

    Args:
        error: What pydantic raised.
        model: The model that was validated.
        where: Path of the value that was validated; empty for none.
    """
    for details in error.errors(include_url=False):
        path = place(*details["loc"])
        fault = _fault(details, model, f"{where}.{path}" if where and path else where or path)
        if fault.got is not None and holds_secret(_type_at(model, details["loc"])):
            fault = hide_value(fault)
        yield fault


def hide_value(fault: Fault) -> Fault:
    """Remove the value from ``fault``, and say so."""
    return replace(fault, problem=f"{fault.problem} {_HIDDEN}", got=None)


def _fault(details: ErrorDetails, model: type[BaseModel], path: str) -> Fault:
    context = details.get("ctx", {})
    kind = details["type"]
    if kind == "missing":
        return Fault(path, "missing", "Write it.", code="missing")
    if kind == "extra_forbidden":
        *steps, key = details["loc"]
        advice = suggestion_for(str(key), _keys_of(_type_at(model, steps)))
        return Fault(path, "unknown key", advice, code="unknown-key")
    if kind == "dashlink_secret":
        problem = f"not a reference to a secret {_HIDDEN}"
        return Fault(path, problem, context["advice"], code="not-a-secret-reference")
    problem, advice = _problem_and_advice(details, context)
    return Fault(path, problem, advice, shown(details["input"]))


def _problem_and_advice(details: ErrorDetails, context: Mapping[str, Any]) -> tuple[str, str]:
    kind = details["type"]
    if kind == "dashlink":
        return context["problem"], context["advice"]
    if kind in ("literal_error", "enum"):
        return "not one of the allowed values", f"Write {context['expected']}."
    if kind in ("greater_than", "greater_than_equal"):
        return "too small", f"The limit is {next(iter(context.values()))}."
    if kind in ("less_than", "less_than_equal"):
        return "too large", f"The limit is {next(iter(context.values()))}."
    if kind in _TEXTS:
        return _TEXTS[kind]
    message = details["msg"]
    return message[:1].lower() + message[1:], "See docs/settings.md."


def _type_at(model: type[BaseModel], path: Sequence[str | int]) -> Any:
    """Return the type of the value at ``path``, as pydantic writes it, inside ``model``."""
    current: Any = model
    for step in path:
        members = tuple(members_of(current))
        if len(members) > 1:  # pydantic names the member of the union in a step of its own
            current = _member_named(members, str(step))
            continue
        field = field_of(current, str(step))
        current = item_type(current) if field is None else type_of(field)
    return current


def _member_named(members: Iterable[Any], name: str) -> Any:
    for member in members:
        kind = get_origin(member) or member
        if getattr(kind, "__name__", "") == name.partition("[")[0]:
            return member
    return None


def _keys_of(annotation: Any) -> list[str]:
    """Return the keys of the models that a type is, or that are members of its union."""
    keys: list[str] = []
    for member in members_of(annotation):
        if is_model(member):
            keys += member.model_fields
    return keys


@dataclass(frozen=True)
class Section(Generic[_ModelT]):
    """A section of the settings as far as it could be read.

    Attributes:
        value: The section without its invalid values; None where nothing could be read.
        faults: Faults of the invalid values.
        invalid_keys: Keys of the section below which a value is invalid.
    """

    value: _ModelT | None
    faults: tuple[Fault, ...] = ()
    invalid_keys: frozenset[str] = frozenset()


def read_section(model: type[_ModelT], raw: Any, where: str) -> Section[_ModelT]:
    """Validate ``raw``; if it has invalid values, validate it again without them.

    Args:
        model: The model to read.
        raw: Plain values.
        where: Path of ``raw`` for the faults.
    """
    try:
        return Section(model.model_validate(raw))
    except ValidationError as error:
        rest, invalid_keys = _rest(model, raw, error)
        return Section(rest, tuple(faults_of(error, model, where)), invalid_keys)


def _rest(
    model: type[_ModelT], raw: Any, error: ValidationError
) -> tuple[_ModelT | None, frozenset[str]]:
    if not isinstance(raw, Mapping):
        return None, frozenset()
    rest = deepcopy(raw)
    invalid_keys: set[str] = set()
    # Later places first, so that removing an item of a list moves none that is still to be removed.
    places = [details["loc"] for details in error.errors(include_url=False)]
    for place_of_error in sorted(places, key=str, reverse=True):
        path = [step for step in place_of_error if step != "[key]"]
        if path:
            invalid_keys.add(str(path[0]))
            _remove(rest, path)
    try:
        return model.model_validate(rest), frozenset(invalid_keys)
    except ValidationError:
        return None, frozenset(invalid_keys)


def _remove(value: Any, path: Sequence[str | int]) -> None:
    """Remove the value at ``path``; where there is none, leave ``value`` as it is."""
    *steps, last = path
    with suppress(KeyError, IndexError, TypeError):
        for step in steps:
            value = value[step]
        del value[last]
