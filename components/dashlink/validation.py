"""pydantic's errors in our words: one fault for each, with the place, the value, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dashlink.errors import ConfigError, Fault, shown
from dashlink.types import SettingsModel

_KINDS = {
    "string_type": (
        "not text",
        "Write it as text, in quotes where YAML would take it for something else.",
    ),
    "int_type": ("not a whole number", "Write a whole number, without quotes."),
    "int_parsing": ("not a whole number", "Write a whole number, without quotes."),
    "int_from_float": ("not a whole number", "Write a whole number."),
    "bool_type": ("neither true nor false", "Write true or false, without quotes."),
    "bool_parsing": ("neither true nor false", "Write true or false, without quotes."),
    "tuple_type": ("not a list", "Write a list, e.g. [first, second]."),
    "list_type": ("not a list", "Write a list, e.g. [first, second]."),
    "dict_type": ("not a map", "Write keys with values."),
    "mapping_type": ("not a map", "Write keys with values."),
    "model_type": ("not a map", "Write keys with values."),
    "model_attributes_type": ("not a map", "Write keys with values."),
    "string_pattern_mismatch": (
        "not of the form that the cloud takes",
        "See docs/settings.md for this key's form.",
    ),
    "too_short": ("empty", "Write one at least."),
    "string_too_short": ("too short", "See docs/settings.md for this key's length."),
    "string_too_long": ("too long", "See docs/settings.md for this key's length."),
}


def place(*path: str | int) -> str:
    """A path as a fault shows it: ``network.zones.1``."""
    return ".".join(str(step) for step in path if step != "[key]")


def faults_of(error: ValidationError, model: type[BaseModel], where: str) -> Iterator[Fault]:
    """One fault for each error of ``model``'s validation; ``where`` is put in front of the paths."""
    for details in error.errors(include_url=False):
        yield _fault(details, model, where)


def _fault(details: ErrorDetails, model: type[BaseModel], where: str) -> Fault:
    path = place(*(step for step in (where, *details["loc"]) if step != ""))
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return Fault(path, "missing", "Write it.", code="missing")
    if kind == "extra_forbidden":
        known = _keys_at(model, details["loc"][:-1])
        advice = likeliest_of(str(details["loc"][-1]), known)
        return Fault(path, "unknown key", advice, code="unknown-key")
    if kind == "dashlink_secret":
        return Fault(
            path,
            "not a reference to a secret (its value is not shown)",
            context["advice"],
            code="not-a-secret-reference",
        )
    return _fault_with_value(path, details, context)


def _fault_with_value(path: str, details: ErrorDetails, context: Mapping[str, Any]) -> Fault:
    kind, got = details["type"], shown(details["input"])
    if kind == "dashlink":
        return Fault(path, context["problem"], context["advice"], got)
    if kind in ("literal_error", "enum"):
        return Fault(
            path, "not one of the values that it may have", f"Write {context['expected']}.", got
        )
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        bound = next(iter(context.values()))
        return Fault(
            path, "too small" if "greater" in kind else "too large", f"The limit is {bound}.", got
        )
    problem, advice = _KINDS.get(
        kind, (details["msg"][:1].lower() + details["msg"][1:], "See docs/settings.md.")
    )
    return Fault(path, problem, advice, got)


def likeliest_of(word: str, known: Sequence[str]) -> str:
    """Advice for an unknown word: the nearest known one, or all of them."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}."


def _keys_at(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """The keys that the model at ``path`` inside ``model`` takes."""
    current: Any = model
    for step in path:
        field = current.model_fields.get(step) if _is_model(current) else None
        if field is None:
            continue  # an index of a list or a key of a map: the model behind it stays the same
        current = _model_in(field.annotation) or current
    return list(current.model_fields)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if _is_model(annotation):
        return annotation  # type: ignore[no-any-return]  # just checked
    for part in getattr(annotation, "__args__", ()):
        found = _model_in(part)
        if found is not None:
            return found
    return None


def without(raw: Mapping[str, Any], error: ValidationError) -> tuple[dict[str, Any], set[str]]:
    """``raw`` without the values that ``error`` speaks of, and the top keys under which something was taken away."""
    rest = _copy(raw)
    touched: set[str] = set()
    # Later places first, so that taking one item from a list moves none that is still to be taken.
    for details in sorted(
        error.errors(include_url=False), key=lambda item: str(item["loc"]), reverse=True
    ):
        path = [step for step in details["loc"] if step != "[key]"]
        if path:
            touched.add(str(path[0]))
            _take(rest, path)
    return rest, touched


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list | tuple) else value


def _take(value: Any, path: Sequence[str | int]) -> None:
    """Take what is at ``path`` away, or, where that is missing, leave ``value`` as it is."""
    *steps, last = path
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return
    try:
        del value[last]
    except (KeyError, IndexError, TypeError):
        return


_Part = TypeVar("_Part", bound=SettingsModel)


def check(
    model: type[_Part],
    raw: Any,
    where: str,
    follow_ups: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> tuple[_Part | None, list[Fault]]:
    """The model of ``raw``, or as much as can be checked of it; and its faults.

    ``follow_ups``: keys about which nothing can be said when a key is broken.
    """
    try:
        return model.model_validate(raw), []
    except ConfigError as error:
        return None, [inside(where, fault) for fault in error.faults]
    except ValidationError as error:
        faults = list(faults_of(error, model, where))
        if not isinstance(raw, Mapping):
            return None, faults
        rest, touched = without(raw, error)
        touched |= {key for broken in touched for key in follow_ups.get(broken, ())}
    try:
        return model.model_validate(rest), faults
    except ConfigError as error:
        further = [fault for fault in error.faults if fault.where.partition(".")[0] not in touched]
        return None, faults + [inside(where, fault) for fault in further]
    except ValidationError:
        return None, faults


def check_map(
    model: type[_Part], raw: Any, where: str, is_name: Any, advice: str
) -> tuple[dict[str, _Part], list[Fault]]:
    """The models of a map from names to parts: the whole ones, and every fault; ``advice`` says what a name is."""
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        return {}, [Fault(where, "not a map", "Write names with what belongs to them.", shown(raw))]
    found: dict[str, _Part] = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        place = f"{where}.{name}"
        if not is_name(str(name)):
            faults.append(Fault(place, "not a name for it", advice, shown(name)))
        part, own = check(model, {} if value is None else value, place)
        faults += own
        if part is not None:
            found[str(name)] = part
    return found, faults


def inside(where: str, fault: Fault) -> Fault:
    """Prefix the path of ``fault`` with ``where``, unless that is empty."""
    return replace(fault, where=f"{where}.{fault.where}") if where else fault


def raise_if_any(faults: Iterable[Fault], source: str = "") -> None:
    """Raise a ConfigError with all of ``faults``, or return where there are none.

    Args:
        faults: The faults.
        source: Name of the file that has them, put in front of each line; empty where there is none.

    Raises:
        ConfigError: With every fault, sorted by path.
    """
    collected = tuple(faults)
    if collected:
        raise ConfigError(collected, source)
