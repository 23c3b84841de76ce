"""The fields of APIG's requests: refused where nothing would come of them.

data/apig_fields.toml has the fields that the SDK declares, data/apig_supported.toml those that the
sandbox supports. Any other field of a body, at any depth, and any other parameter of a query is
refused with its name, so that no client takes a setting for applied that is not. The cloud itself
may know the field: the code is the sandbox's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from dashlink_sandbox.data import read_data
from dashlink_sandbox.services.base import Answer, Call, Handler
from dashlink_sandbox.wire.errors import ApiError, invalid

_PATH_VALUE = re.compile(r"{(\w+)}")
_NUMBER = re.compile(r"\.\d+$")
_ANY = "*"
_ABSENT: tuple[Any, ...] = (None, "", [], {})

_Fields = Mapping[str, str]
"""The fields of a body or model: name -> its model; `*Model`: any keys, each with that model."""


@dataclass(frozen=True)
class ActionFields:
    """The fields of one action.

    Attributes:
        query: The parameters of its query, by the SDK.
        body: The fields of its body, by the SDK.
        supported: What the sandbox supports: a field, as `zoneConfig.zones.zoneId`, or a field
            with everything below it, as `authConfig.*` -> the values that are supported; none:
            every value.
    """

    query: frozenset[str]
    body: _Fields
    supported: Mapping[str, tuple[str, ...]]


_NONE = ActionFields(frozenset(), {}, {})


@dataclass(frozen=True)
class _Sent:
    """A field of a request: its name, its value, and whether the SDK declares it."""

    name: str
    value: Any
    is_known: bool = True


def with_fields(action: str, route: str, handler: Handler) -> Handler:
    """Return ``handler``, refusing fields that ``action`` does not support.

    Args:
        action: The action's name.
        route: Its method and path. A body may repeat the values of its path, and the parameters of
            its query, as the bodies of the alicloud provider v1.285.0 do.
        handler: The handler.
    """
    path_values = frozenset(_PATH_VALUE.findall(route))

    def handle(call: Call) -> Answer:
        _check(call, action, path_values)
        return handler(call)

    return handle


@cache
def actions() -> Mapping[str, ActionFields]:
    """Return the fields of every action."""
    supported = read_data("apig_supported")
    table = {}
    for action, row in read_data("apig_fields")["actions"].items():
        acts = supported.get(action, {})
        words = f"{acts.get('acts', '')} {acts.get('stores', '')}".split()
        table[action] = ActionFields(
            query=frozenset(row["query"].split()),
            body=_fields(row["body"]),
            supported=dict(map(_support, words)),
        )
    return table


@cache
def models() -> Mapping[str, _Fields]:
    """Return the fields of every model in bodies."""
    return {name: _fields(text) for name, text in read_data("apig_fields")["models"].items()}


def _fields(text: str) -> dict[str, str]:
    fields = {}
    for word in text.split():
        name, _, kind = word.partition(":")
        fields[name] = kind
    return fields


def _support(word: str) -> tuple[str, tuple[str, ...]]:
    name, _, values = word.partition("=")
    return name, tuple(values.split("|")) if values else ()


@cache
def _common() -> frozenset[str]:
    """Return the parameters that every action accepts."""
    return frozenset(read_data("parameters")["common"].split())


def _check(call: Call, action: str, path_values: frozenset[str]) -> None:
    """Refuse the fields of a request that its action does not support.

    Raises:
        ApiError: Sandbox.UnsupportedParameter, with the names of all such fields.
    """
    fields = actions().get(action, _NONE)
    unknown, unsupported = set(), set()
    for sent in [*_query(call, fields, path_values), *_body(call, fields, path_values)]:
        if not sent.is_known:
            unknown.add(sent.name)
        elif not _is_supported(fields, sent):
            unsupported.add(sent.name)
    reasons = []
    if unknown:
        reasons.append(f"APIG's {action} has no {', '.join(sorted(unknown))}.")
    if unsupported:
        reasons.append(f"The sandbox's {action} does not support {', '.join(sorted(unsupported))}.")
    if reasons:
        raise ApiError("Sandbox.UnsupportedParameter", " ".join(reasons))


def _query(call: Call, fields: ActionFields, path_values: frozenset[str]) -> Iterator[_Sent]:
    """Yield the parameters of the query; a list is a JSON text, or `name.1`, `name.2`, …."""
    for name, value in call.params.flat.items():
        head = _NUMBER.sub("", name)
        if head not in path_values | _common():
            yield _Sent(head, value, head in fields.query)


def _body(call: Call, fields: ActionFields, path_values: frozenset[str]) -> Iterator[_Sent]:
    """Yield the fields of the body, to any depth.

    Raises:
        ParameterError: The body repeats a value of the path with another value, or a field is no
            object.
    """
    rest = {}
    for name, value in call.body.items():
        if name in path_values:
            if value != call.params.text(name):
                raise invalid(name, "The path has another value.")
        elif name in fields.query and name not in fields.body:
            yield _Sent(name, value)
        else:
            rest[name] = value
    yield from _leaves(rest, fields.body, "")


def _leaves(content: Any, fields: _Fields, prefix: str) -> Iterator[_Sent]:
    """Yield the fields of an object without fields of their own, named by their path."""
    if not isinstance(content, Mapping):
        raise invalid(prefix.rstrip("."), "It is not an object.")
    for name, value in content.items():
        path = f"{prefix}{name}"
        kind = fields.get(name)
        if kind is None:
            yield _Sent(path, value, is_known=False)
        elif value not in _ABSENT:
            yield from _below(path, value, kind)


def _below(path: str, value: Any, kind: str) -> Iterator[_Sent]:
    """Yield a field that has a value, or the fields below it if it has a model."""
    model = kind.removeprefix(_ANY)
    if not model:
        yield _Sent(path, value)
        return
    if kind.startswith(_ANY):
        if not isinstance(value, Mapping):
            raise invalid(path, "It is not an object.")
        value = [row for rows in value.values() for row in _listed(rows)]
    for row in _listed(value):
        yield from _leaves(row, models()[model], f"{path}.")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_supported(fields: ActionFields, sent: _Sent) -> bool:
    values = fields.supported.get(sent.name)
    if values is not None:
        return not values or str(sent.value).lower() in values
    parts = sent.name.split(".")
    for length in range(1, len(parts)):
        if ".".join([*parts[:length], _ANY]) in fields.supported:
            return True
    return False
