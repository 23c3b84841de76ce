"""Reads the gateway's part of a stack's settings: five keys in, one `GatewayPart` out, with every fault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from dashlink.errors import Fault
from dashlink.gateway.part import GatewayPart
from dashlink.gateway.settings import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
    ModelApiSettings,
)
from dashlink.reading import check, check_map
from dashlink.types import SecretRef

KEYS = ("gateway", "domains", "ai_services", "consumers", "model_apis")
_KEY = re.compile(r"[a-z][a-z0-9-]{0,31}")
_KEY_ADVICE = "Use lower-case letters, digits and dashes, a letter first, at most 32."
# "Manage Model APIs" (help.aliyun.com, as saved 2026-11)
_API = re.compile(r"[A-Za-z0-9_-]{1,64}")
_API_ADVICE = "Use letters, digits, `_` and `-`, at most 64."
_DOMAIN = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
_DOMAIN_ADVICE = "Write a domain name in small letters, e.g. models.example.internal."


def read_part(raw: Mapping[str, Any]) -> tuple[GatewayPart, list[Fault]]:
    """The gateway's part of ``raw`` and the faults of its values; what is broken is left out of the part."""
    gateway: GatewaySettings | None = None
    faults: list[Fault] = []
    if "gateway" in raw:
        written = {} if raw["gateway"] is None else raw["gateway"]
        gateway, faults = check(GatewaySettings, written, "gateway")
    domains, more = check_map(DomainSettings, raw.get("domains"), "domains", _DOMAIN.fullmatch, _DOMAIN_ADVICE)
    faults += more
    services, more = check_map(AiServiceSettings, raw.get("ai_services"), "ai_services", _KEY.fullmatch, _KEY_ADVICE)
    faults += more
    consumers, more = check_map(ConsumerSettings, raw.get("consumers"), "consumers", _KEY.fullmatch, _KEY_ADVICE)
    faults += more
    apis, more = check_map(ModelApiSettings, raw.get("model_apis"), "model_apis", _API.fullmatch, _API_ADVICE)
    faults += more
    return GatewayPart(gateway, domains, services, consumers, apis), faults


def secret_references(part: GatewayPart) -> Iterator[tuple[str, str]]:
    """Place and key of every secret that the part refers to."""
    for where, things in (
        ("ai_services", part.ai_services),
        ("consumers", part.consumers),
        ("model_apis", part.model_apis),
    ):
        for name, thing in things.items():
            yield from _references(thing, f"{where}.{name}")


def _references(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, SecretRef):
        yield where, value.config
    elif isinstance(value, BaseModel):
        for name, item in value:
            yield from _references(item, f"{where}.{name}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _references(item, f"{where}.{number}")
