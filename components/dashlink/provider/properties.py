"""Pulumi's properties as the protocol carries them: secrets wrapped, unknown values marked; opened and sealed here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

Properties = dict[str, Any]


@dataclass(frozen=True)
class Opened:
    """Properties in plain, and the names of those that hold a secret, anywhere in them."""

    values: Properties
    secret: frozenset[str]


def opened(struct: struct_pb2.Struct) -> Opened:
    """The properties of a request."""
    told: Properties = json_format.MessageToDict(struct)
    return Opened(
        {name: _without_seals(value) for name, value in told.items()},
        frozenset(name for name, value in told.items() if _holds_seal(value)),
    )


def sealed(values: Mapping[str, Any], secret: Collection[str]) -> struct_pb2.Struct:
    """Properties for an answer, those of ``secret`` names marked as secrets."""
    struct = struct_pb2.Struct()
    struct.update(
        {name: _seal(value) if name in secret else value for name, value in values.items()}
    )
    return struct


def is_unknown(value: Any) -> bool:
    """Whether a value, or a part of it, is known only when something else has been made."""
    if isinstance(value, Mapping):
        return any(is_unknown(item) for item in value.values())
    return (
        any(is_unknown(item) for item in value) if isinstance(value, list) else value == rpc.UNKNOWN
    )


def plain(value: Any) -> Any:
    """A provider's setting as it was written: the engine hands nested settings over as JSON text."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _seal(value: Any) -> Any:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def _without_seals(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _without_seals(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {name: _without_seals(item) for name, item in value.items()}
    return [_without_seals(item) for item in value] if isinstance(value, list) else value


def _holds_seal(value: Any) -> bool:
    if rpc.is_rpc_secret(value):
        return True
    if isinstance(value, Mapping):
        return any(_holds_seal(item) for item in value.values())
    return isinstance(value, list) and any(_holds_seal(item) for item in value)
