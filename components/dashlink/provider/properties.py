"""Pulumi's properties on the wire: secrets are wrapped and unknown values are marked."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

Properties = dict[str, Any]


@dataclass(frozen=True)
class Unsealed:
    """Properties of a request, decrypted.

    Attributes:
        values: The properties without wrappers.
        secret: Names of the properties that hold a secret at any depth.
    """

    values: Properties
    secret: frozenset[str]


def unseal(struct: struct_pb2.Struct) -> Unsealed:
    """Return the properties of a request."""
    properties: Properties = json_format.MessageToDict(struct)
    values = {}
    secret = set()
    for name, value in properties.items():
        values[name] = _unwrap(value)
        if values[name] != value:
            secret.add(name)
    return Unsealed(values, frozenset(secret))


def seal(values: Mapping[str, Any], secret: Collection[str]) -> struct_pb2.Struct:
    """Return properties for a response, with those named in `secret` wrapped as secrets."""
    struct = struct_pb2.Struct()
    for name, value in values.items():
        struct.update({name: _wrap(value) if name in secret else value})
    return struct


def is_unknown(value: Any) -> bool:
    """Return whether a value, or anything inside it, is known only after a deployment."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return any(is_unknown(item) for item in value)
    return bool(value == rpc.UNKNOWN)


def setting_value(value: Any) -> Any:
    """Return a provider setting as it was written: the engine sends nested ones as JSON text."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _wrap(value: Any) -> Any:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def _unwrap(value: Any) -> Any:
    if rpc.is_rpc_secret(value):
        return _unwrap(rpc.unwrap_rpc_secret(value))
    if isinstance(value, Mapping):
        return {name: _unwrap(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unwrap(item) for item in value]
    return value
