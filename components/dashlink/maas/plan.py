"""Decisions on a service of MaaS: its base URLs, its models, its outputs. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from dashlink.maas.catalog import (
    CHAT_PROTOCOLS,
    LOW_REQUESTS,
    PROTOCOL_PATHS,
    SERVICE_HOSTS,
    SERVICE_PATH,
    SERVICE_PROTOCOL,
    UNIFIED_URLS,
    Limit,
    Protocol,
    default_limit,
)
from dashlink.maas.settings import MaasServiceSettings

UNVERIFIED_ADDRESS = "the address: no source names this host of MaaS"
UNVERIFIED_SOURCE = (
    "source_addresses: those of the VPC's way out; whether requests of an AI gateway leave by them "
    "is not documented"
)

OF_ADDRESSES = ("source_addresses", "notes", "unverified")
"""Outputs that depend on the addresses of the way out."""


def root_of(settings: MaasServiceSettings) -> str:
    """Return the base URL without a slash at its end."""
    return settings.base_url.rstrip("/")


def is_single_service(settings: MaasServiceSettings) -> bool:
    """Return whether the base URL is that of a single service."""
    return re.fullmatch(SERVICE_PATH, urlsplit(root_of(settings)).path) is not None


def is_known_address(settings: MaasServiceSettings) -> bool:
    """Return whether a source names the host for this kind of base URL."""
    root = root_of(settings)
    if is_single_service(settings):
        return re.sub(f"{SERVICE_PATH}$", "", root) in SERVICE_HOSTS
    return root in UNIFIED_URLS


def protocols_of(settings: MaasServiceSettings) -> tuple[Protocol, ...]:
    """Return the protocols of a service: as written, else the default of its kind of address."""
    if settings.protocols is not None:
        return settings.protocols
    return (SERVICE_PROTOCOL,) if is_single_service(settings) else ("openai",)


def base_urls_of(settings: MaasServiceSettings) -> dict[str, str]:
    """Return the base URL of each protocol."""
    root = root_of(settings)
    return {protocol: f"{root}{PROTOCOL_PATHS[protocol]}" for protocol in protocols_of(settings)}


def chat_base_url(settings: MaasServiceSettings) -> str | None:
    """Return the base URL of the first protocol that OpenAI's SDKs call; None without one."""
    for protocol, url in base_urls_of(settings).items():
        if protocol in CHAT_PROTOCOLS:
            return url
    return None


def default_model_of(settings: MaasServiceSettings) -> str | None:
    """Return the model that client files name."""
    if settings.default_model is not None or not settings.models:
        return settings.default_model
    return settings.models[0]


def limit_of(settings: MaasServiceSettings, model: str) -> Limit:
    """Return the limits of a model: that of the account as written, else the default."""
    if settings.requests_per_minute is not None:
        return Limit(settings.requests_per_minute)
    return default_limit(model)


def maas_outputs(
    settings: MaasServiceSettings, source_addresses: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the outputs of a service, in the shape of `MaasServiceOutputs`; no key is in them.

    Args:
        settings: Its settings, without faults.
        source_addresses: Public IPv4 addresses by which requests leave the VPC.
    """
    unverified = []
    if not is_known_address(settings):
        unverified.append(UNVERIFIED_ADDRESS)
    if source_addresses:
        unverified.append(UNVERIFIED_SOURCE)
    return {
        "base_urls": base_urls_of(settings),
        "models": list(settings.models),
        "default_model": default_model_of(settings),
        "source_addresses": list(source_addresses),
        "notes": _notes(settings, source_addresses),
        "unverified": unverified,
    }


def _notes(settings: MaasServiceSettings, source_addresses: Sequence[str]) -> list[str]:
    notes = []
    if source_addresses:
        addresses = ", ".join(source_addresses)
        notes.append(f"If the key has a list of allowed addresses, it must contain {addresses}.")
    if settings.key_label is not None:
        notes.append(f"Its key has the label {settings.key_label} in ModelArts Studio.")
    source = "default limit, second-hand"
    if settings.requests_per_minute is not None:
        source = "by the settings"
    for model in settings.models:
        limit = limit_of(settings, model)
        if limit.requests < LOW_REQUESTS:
            notes.append(f"{model} answers at most {limit_text(limit)} ({source}).")
    return notes


def limit_text(limit: Limit) -> str:
    """Return limits as a message shows them."""
    tokens = "" if limit.tokens is None else f" and {limit.tokens:,} tokens"
    return f"{limit.requests} requests{tokens} a minute"
