"""Who calls an API, and whether it may: API key, AK/SK signature, JWT; then the authorization rules. Pure.

Sources: SDK 11.6.0 (ApiKeyIdentityConfig and its sources, JwtIdentityConfig); the signature is that of API Gateway
("Call an API by signature authentication", help.aliyun.com, 2024), in its plain form: method, accept, content-md5,
content-type, date, path with query. JWTs are verified by HS256 alone. The spellings of authType are unverified.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashlink_sandbox.gateways import Consumer, HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.state import State


@dataclass(frozen=True)
class Request:
    """What of a request says who sends it; header names in lower case, ``target`` is the path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    query: Mapping[str, str]


def caller(state: State, api: HttpApi, request: Request) -> Consumer | None:
    """The consumer that may use ``api``; None where the API asks for none.

    Raises:
        GatewayRefusal: 401, nobody or somebody unknown; 403, not authorized.
    """
    if not api.enable_auth:
        return None
    kind = str(api.auth_config.get("authType", "")).replace("-", "").lower()
    known = [row for row in state.consumers.values() if row.owner == api.owner and row.enabled]
    find = {"apikey": _by_key, "aksk": _by_signature, "jwt": _by_token}.get(kind)
    consumer = find(known, request) if find is not None else None
    if consumer is None:
        raise GatewayRefusal(401, "unauthorized", f"The API {api.name} asks for a consumer's credential ({kind}).")
    rules = state.authorization_rules.values()
    if not any(rule.consumer_id == consumer.consumer_id and rule.resource_id == api.http_api_id for rule in rules):
        raise GatewayRefusal(403, "forbidden", f"The consumer {consumer.name} is not authorized for {api.name}.")
    return consumer


def _by_key(known: list[Consumer], request: Request) -> Consumer | None:
    for consumer in known:
        config = consumer.api_key_config or {}
        keys = [item["apikey"] for item in config.get("credentials") or ()]
        for given in _given_keys(config, request):
            if any(hmac.compare_digest(given.encode(), key.encode()) for key in keys):
                return consumer
    return None


def _given_keys(config: Mapping[str, Any], request: Request) -> Iterator[str]:
    sources = config.get("apikeySources") or [config.get("apikeySource") or {"source": "Default"}]
    for source in sources:
        place, name = source.get("source", "Default"), source.get("value") or ""
        if place == "QueryString":
            yield request.query.get(name, "")
        else:
            value = request.headers.get((name or "authorization").lower(), "")
            yield value.removeprefix("Bearer ").strip()


def _by_signature(known: list[Consumer], request: Request) -> Consumer | None:
    headers = request.headers
    names = ("accept", "content-md5", "content-type", "date")
    text = "\n".join((request.method, *(headers.get(name, "") for name in names), request.target))
    for consumer in known:
        for pair in consumer.ak_sk_configs:
            digest = hmac.digest(str(pair.get("sk", "")).encode(), text.encode(), hashlib.sha256)
            signed = base64.b64encode(digest).decode()
            if headers.get("x-ca-key") == pair.get("ak") and hmac.compare_digest(
                headers.get("x-ca-signature", ""), signed
            ):
                return consumer
    return None


def _by_token(known: list[Consumer], request: Request) -> Consumer | None:
    for consumer in known:
        config = consumer.jwt_config or {}
        place = config.get("jwtTokenConfig") or {}
        name = (place.get("key") or "authorization").lower()
        token = (request.query if place.get("position") == "QueryString" else request.headers).get(name, "")
        claims = _claims(token.removeprefix(place.get("prefix") or "Bearer ").strip(), config.get("jwks") or "{}")
        payload = config.get("jwtPayloadConfig") or {}
        if claims is not None and claims.get(payload.get("payloadKeyName") or "uid") == (
            payload.get("payloadKeyValue") or consumer.name
        ):
            return consumer
    return None


def _claims(token: str, jwks: str) -> Mapping[str, Any] | None:
    """The claims of a token that one of the keys has signed and that has not expired."""
    try:
        head, body, signature = token.split(".")
        claims: dict[str, Any] = json.loads(_decoded(body))
        loaded = json.loads(jwks)
        keys = loaded.get("keys") or [loaded]
    except (ValueError, binascii.Error):
        return None
    for key in keys:
        digest = hmac.digest(_decoded(key.get("k", "")), f"{head}.{body}".encode(), hashlib.sha256)
        if hmac.compare_digest(digest, _decoded(signature)) and claims.get("exp", time.time() + 1) > time.time():
            return claims
    return None


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
