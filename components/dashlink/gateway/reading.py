"""Reads the gateway's part of a stack's settings: five keys in, one `PartRead` out, with every fault.

Of a thing that is broken in itself nothing else is told, and nothing is told of others on its account: so the part
remembers what was written, and which of it is broken.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from dashlink.errors import Fault
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.settings import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
    ModelApiSettings,
)
from dashlink.validation import check, check_map

KEYS = ("gateway", "domains", "ai_services", "consumers", "model_apis")
NO_GATEWAY = Fault(
    "gateway",
    "missing, but there is something that needs one",
    "Write `gateway: {}` for a new one, or `gateway: {id: gw-…}`.",
)
_KEY = re.compile(r"[a-z][a-z0-9-]{0,31}")
_KEY_ADVICE = "Use lower-case letters, digits and dashes, a letter first, at most 32."
# "Manage Model APIs" (help.aliyun.com, as saved 2026-11)
_API = re.compile(r"[A-Za-z0-9_-]{1,64}")
_API_ADVICE = "Use letters, digits, `_` and `-`, at most 64."
_DOMAIN = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
_DOMAIN_ADVICE = "Write a domain name in small letters, e.g. models.example.internal."

_WITH_SECRETS = ("ai_services", "consumers", "model_apis")
_SECRET_KEY = re.compile(r"[A-Za-z][0-9A-Za-z_-]{0,63}")  # as types.SecretRef takes it
_SECRETS = ("access_key", "api_keys", "auth_key", "jwks", "password", "secret_key", "vector_key")
_HOLDERS = frozenset((*_SECRETS, "ak_sk", "bedrock", "cache", "jwt", "redis", "vertex"))
"""Keys at which, or right below which, a secret is referred to: what stands there instead may be the secret."""

_SERVICE_ADVICE = "Write {service: …}, or none."
_SWITCH = ("neither true, false nor a map", "Write true for the usual one, or its keys.")
_CHOICES: Mapping[str, tuple[str, str]] = {
    "default": ("neither a service nor none", _SERVICE_ADVICE),
    "routes": (
        "neither scene, llm nor a list",
        "Write scene, llm, or the names of some routes, e.g. [first, second].",
    ),
    "health_check": _SWITCH,
    "outlier_detection": _SWITCH,
}
"""Keys that take one of several kinds of values: what to say when a value is of none of them."""
_KIND = re.compile(r"\.(?:[A-Z]\w+|tuple\[[^]]*\]|literal\[[^]]*\]|bool)(?=\.|$)")

_Thing = TypeVar("_Thing")


@dataclass(frozen=True)
class PartRead(GatewayConfig):
    """A gateway's part with what is known of how it was written.

    Attributes:
        written: The part's keys as they were written.
        broken: Key and name of each thing with a fault in itself, for the gateway its key with one; the name is empty
            where the whole key is broken.
    """

    written: Mapping[str, Any] = field(default_factory=dict)
    broken: frozenset[tuple[str, str]] = frozenset()

    def names(self, key: str) -> tuple[str, ...]:
        """The names under ``key``, also of things that are too broken to be read."""
        written = self.written.get(key)
        return tuple(
            {
                **dict.fromkeys(map(str, written if isinstance(written, Mapping) else ())),
                **getattr(self, key),
            }
        )

    def broken_in(self, key: str) -> frozenset[str]:
        """The broken names under ``key``, the empty one among them where the whole of it is broken."""
        return frozenset(name for one, name in self.broken if one == key)

    def is_broken(self, key: str) -> bool:
        """Whether the whole of ``key`` could not be read."""
        return (key, "") in self.broken


def read_part(raw: Mapping[str, Any], unread: Collection[str] = ()) -> tuple[PartRead, list[Fault]]:
    """The gateway's part of ``raw`` and the faults of its values; what cannot be read is left out of the part.

    Args:
        raw: The settings as they were written.
        unread: Keys that were written but are not in ``raw``, for a fault of their own (encrypted by mistake).
    """
    written = {key: raw[key] for key in KEYS if key in raw}
    gateway: GatewaySettings | None = None
    faults: list[Fault] = []
    if "gateway" in raw:
        gateway, faults = check(
            GatewaySettings, {} if raw["gateway"] is None else raw["gateway"], "gateway"
        )
    elif any(written.values()) and "gateway" not in unread:
        faults = [NO_GATEWAY]
    domains, more = check_map(
        DomainSettings, raw.get("domains"), "domains", _DOMAIN.fullmatch, _DOMAIN_ADVICE
    )
    faults += more
    services, more = check_map(
        AiServiceSettings, raw.get("ai_services"), "ai_services", _KEY.fullmatch, _KEY_ADVICE
    )
    faults += more
    consumers, more = check_map(
        ConsumerSettings, raw.get("consumers"), "consumers", _KEY.fullmatch, _KEY_ADVICE
    )
    faults += more
    apis, more = check_map(
        ModelApiSettings, raw.get("model_apis"), "model_apis", _API.fullmatch, _API_ADVICE
    )
    faults += more
    broken = frozenset(
        (*(_broken_by(fault.where, written) for fault in faults), *((key, "") for key in unread))
    )
    part = PartRead(gateway, domains, services, consumers, apis, written=written, broken=broken)
    return part, [_without_value(fault) for fault in _one_for_each_choice(faults)]


def sound_part(part: GatewayConfig) -> PartRead:
    """``part`` without the things that are broken in themselves."""
    read = (
        part
        if isinstance(part, PartRead)
        else PartRead(**{key: getattr(part, key) for key in KEYS})
    )

    def sound(key: str, things: Mapping[str, _Thing]) -> dict[str, _Thing]:
        return {name: thing for name, thing in things.items() if (key, name) not in read.broken}

    return replace(
        read,
        gateway=None if read.broken_in("gateway") else read.gateway,
        domains=sound("domains", read.domains),
        ai_services=sound("ai_services", read.ai_services),
        consumers=sound("consumers", read.consumers),
        model_apis=sound("model_apis", read.model_apis),
    )


def secret_references(part: PartRead) -> Iterator[tuple[str, str]]:
    """Place and key of every secret that is referred to, also by things that are broken otherwise."""
    for key in _WITH_SECRETS:
        yield from _references(part.written.get(key), key)


def _references(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        key = value.get("config")
        if len(value) == 1 and isinstance(key, str) and _SECRET_KEY.fullmatch(key):
            yield where, key
        for name, item in value.items():
            yield from _references(item, f"{where}.{name}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _references(item, f"{where}.{number}")


def _broken_by(where: str, written: Mapping[str, Any]) -> tuple[str, str]:
    """Key and name of the thing that ``where`` is in; names may have dots, so the longest that fits is it."""
    key, _, rest = where.partition(".")
    if key == "gateway":
        return key, rest.partition(".")[0]
    things = written.get(key)
    names = [str(name) for name in things] if isinstance(things, Mapping) else []
    return key, max(
        (name for name in names if f"{rest}.".startswith(f"{name}.")), key=len, default=""
    )


def _one_for_each_choice(faults: Iterable[Fault]) -> Iterator[Fault]:
    """One fault where a value is of no kind that its key takes; else those of the kind that was meant."""
    told = list(faults)
    inside = {place for place, rest in map(_split_at_kind, told) if rest}
    for fault in told:
        place, rest = _split_at_kind(fault)
        if place is None:
            yield fault
        elif rest:
            yield replace(fault, where=f"{place}{rest}")
        elif place not in inside:
            inside.add(place)
            problem, advice = _CHOICES[place.rpartition(".")[2]]
            yield Fault(place, problem, advice, fault.got)


def _split_at_kind(fault: Fault) -> tuple[str | None, str]:
    """Where the value with several kinds is, and where in it the fault is; None where there is no such value."""
    found = next(
        (one for one in _KIND.finditer(fault.where) if _ends_in_choice(fault.where[: one.start()])),
        None,
    )
    return (
        (fault.where[: found.start()], fault.where[found.end() :])
        if found is not None
        else (None, "")
    )


def _ends_in_choice(where: str) -> bool:
    return where.rpartition(".")[2] in _CHOICES


def _without_value(fault: Fault) -> Fault:
    """``fault`` without its value, where that may be a secret which was written in place of something else."""
    steps = [step for step in fault.where.split(".") if not step.isdigit()]
    whole = steps[0] in _WITH_SECRETS and len(steps) <= len(("key", "name"))
    is_name = fault.where.endswith(f".{fault.got}")
    if fault.got is None or is_name or not (whole or steps[-1] in _HOLDERS):
        return fault
    return replace(fault, problem=f"{fault.problem} (its value is not shown)", got=None)
