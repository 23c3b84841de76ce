"""Who calls an API, and whether it may: API key, AK/SK signature, JWT; then the authorization rules. Pure.

Sources: SDK 11.6.0 (ApiKeyIdentityConfig and its sources, JwtIdentityConfig); the signature is that of API Gateway
("Call an API by signature authentication", help.aliyun.com, 2024), in its plain form: method, accept, content-md5,
content-type, date, path with query. JWTs are verified by HS256 alone. The spellings of authType are unverified.
"""

from __future__ import annotations

import base64
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
    wanted = (consumer.consumer_id, api.http_api_id, str(api.deploy_config.get("environmentId")))
    rules = ((rule.consumer_id, rule.resource_id, rule.environment_id) for rule in state.authorization_rules.values())
    if wanted not in rules:
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
            signed = base64.b64encode(hmac.digest(str(pair.get("sk", "")).encode(), text.encode(), hashlib.sha256))
            given = headers.get("x-ca-signature", "").encode()
            if headers.get("x-ca-key") == pair.get("ak") and hmac.compare_digest(given, signed):
                return consumer
    return None


def _by_token(known: list[Consumer], request: Request) -> Consumer | None:
    for consumer in known:
        config = consumer.jwt_config or {}
        place, payload = config.get("jwtTokenConfig") or {}, config.get("jwtPayloadConfig") or {}
        name = place.get("key") or "Authorization"
        in_query = str(place.get("position", "")).upper().startswith("QUERY")
        token = request.query.get(name, "") if in_query else request.headers.get(name.lower(), "")
        claims = _claims(token.removeprefix(place.get("prefix") or "Bearer ").strip(), config.get("jwks") or "")
        wanted = payload.get("payloadKeyValue") or consumer.name
        if claims is not None and claims.get(payload.get("payloadKeyName") or "uid") == wanted:
            return consumer
    return None


def _claims(token: str, jwks: str) -> Mapping[str, Any] | None:
    """The claims of a token that one of the keys has signed and that is valid now."""
    try:
        head, body, signature = token.split(".")
        claims, signed = json.loads(_decoded(body)), _decoded(signature)
        secrets = [_decoded(key["k"]) for key in _keys(jwks) if key.get("k")]
    except (ValueError, TypeError):
        return None
    digests = [hmac.digest(secret, f"{head}.{body}".encode(), hashlib.sha256) for secret in secrets]
    now = time.time()
    if not isinstance(claims, dict) or not any(hmac.compare_digest(digest, signed) for digest in digests):
        return None
    return claims if claims.get("nbf", now) <= now < claims.get("exp", now + 1) else None


def _keys(jwks: str) -> list[Mapping[str, Any]]:
    """The keys of a key set, or the one key that stands in its place."""
    loaded = json.loads(jwks)
    keys = loaded.get("keys", [loaded]) if isinstance(loaded, dict) else []
    return [key for key in keys if isinstance(key, dict)]


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
