"""The key of a request: where it is, its region, and the lists that it may have.

Sources: "Error codes" of MaaS (2026): 81002 for a header that is missing or not Bearer, 81003 for
a key that cannot be read, 81015 by address, model or custom endpoint, with these texts. "Manage
API keys": a key belongs to its region. "Anthropic-compatible API" (2026-08-19): the key is in
x-api-key; programs send Bearer there too (ANTHROPIC_AUTH_TOKEN).
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address, ip_network

from aiohttp import web

from dashlink_sandbox.inside.maas.hosts import Host
from dashlink_sandbox.inside.maas.refusal import MaasError
from dashlink_sandbox.maas import MaasKey, MaasModel
from dashlink_sandbox.state import State


def key_of(
    state: State, own_key: str, request: web.Request, host: Host, address: str, *, named: bool
) -> MaasKey:
    """Return the key of a request, which may come from an address.

    Args:
        state: The sandbox's records.
        own_key: The sandbox's own key: valid in every region, from everywhere.
        request: The request.
        host: The host that it was sent to.
        address: The public address that it comes from.
        named: Whether the key may be in ``x-api-key``.

    Raises:
        MaasError: 81002, 81003 or 81015.
    """
    sent = _sent(request, named=named)
    for key in (*state.maas_keys.values(), MaasKey(key=own_key)):
        if not hmac.compare_digest(key.key.encode(), sent.encode()):
            continue
        if key.region not in ("", host.region):
            continue
        if key.addresses and not _is_listed(key, address):
            raise MaasError(
                "81015", f"Invalid client ip {address}, rejected by api key ip allowlist setting."
            )
        return key
    raise MaasError("81003")


def check_model(key: MaasKey, model: MaasModel) -> None:
    """Refuse a model or custom endpoint that the key's lists do not have.

    Raises:
        MaasError: 81015.
    """
    kind, listed = ("custom endpoint", key.endpoints) if model.behind else ("model", key.models)
    if listed and model.name not in listed:
        text = f"Invalid {kind} {model.name}, rejected by api key {kind} allowlist setting."
        raise MaasError("81015", text)


def _sent(request: web.Request, *, named: bool) -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and key.strip():
        return key.strip()
    if named and request.headers.get("x-api-key"):
        return request.headers["x-api-key"]
    raise MaasError("81002")


def _is_listed(key: MaasKey, address: str) -> bool:
    own = ip_address(address)
    return any(own in ip_network(block, strict=False) for block in key.addresses)
