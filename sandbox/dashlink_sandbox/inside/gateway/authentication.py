"""Authenticate and authorize the consumer of a Model API: API key, AK/SK signature or JWT. Pure.

Sources: SDK 11.6.0 (ApiKeyIdentityConfig and its sources, JwtIdentityConfig); the signature is that
of API Gateway ("Call an API by signature authentication", help.aliyun.com, 2024), in its plain
form: method, accept, content-md5, content-type, date, path with query. Which algorithms of JWTs the
cloud accepts and the spellings of authType are unverified.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

from dashlink_sandbox.gateways import Consumer, HttpApi
from dashlink_sandbox.inside.gateway.refusal import GatewayRefusal
from dashlink_sandbox.state import State

_SIGNED_HEADERS = ("accept", "content-md5", "content-type", "date")
_JWT_ALGORITHMS = ("HS256", "RS256", "ES256")
_JWT_OPTIONS: jwt.types.Options = {  # only the signature, exp and nbf decide
    "verify_aud": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_jti": False,
    "verify_sub": False,
}


@dataclass(frozen=True)
class Request:
    """A request without its body.

    Attributes:
        method: As in the request line.
        target: The path with its query, encoded.
        headers: With lower-case names.
        query: Decoded.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    query: Mapping[str, str]


def authenticate(state: State, api: HttpApi, request: Request) -> Consumer | None:
    """Return the consumer that sent ``request``; None where ``api`` needs no authentication.

    Raises:
        GatewayRefusal: 401 without a valid credential; 403 without an authorization rule.
    """
    if not api.enable_auth:
        return None
    kind = str(api.auth_config.get("authType", "")).replace("-", "").lower()
    enabled = [row for row in state.consumers.values() if row.owner == api.owner and row.enabled]
    identify = {"apikey": _by_key, "aksk": _by_signature, "jwt": _by_token}.get(kind)
    consumer = identify(enabled, request) if identify is not None else None
    if consumer is None:
        message = f"The API {api.name} requires a consumer's credential ({kind})."
        raise GatewayRefusal(401, "unauthorized", message)
    if not _authorized(state, consumer, api):
        message = f"The consumer {consumer.name} is not authorized for {api.name}."
        raise GatewayRefusal(403, "forbidden", message)
    return consumer


def _authorized(state: State, consumer: Consumer, api: HttpApi) -> bool:
    required = (
        consumer.consumer_id,
        api.http_api_id,
        str(api.deploy_config.get("environmentId")),
    )
    for rule in state.authorization_rules.values():
        if (rule.consumer_id, rule.resource_id, rule.environment_id) == required:
            return True
    return False


def _by_key(consumers: Sequence[Consumer], request: Request) -> Consumer | None:
    for consumer in consumers:
        config = consumer.api_key_config or {}
        for sent in _sent_keys(config, request):
            for credential in config.get("credentials") or ():
                if hmac.compare_digest(sent.encode(), credential["apikey"].encode()):
                    return consumer
    return None


def _sent_keys(config: Mapping[str, Any], request: Request) -> Iterator[str]:
    sources = config.get("apikeySources") or [config.get("apikeySource") or {}]
    for source in sources:
        name = source.get("value") or ""
        if source.get("source") == "QueryString":
            yield request.query.get(name, "")
        else:
            value = request.headers.get((name or "authorization").lower(), "")
            yield value.removeprefix("Bearer ").strip()


def _by_signature(consumers: Sequence[Consumer], request: Request) -> Consumer | None:
    headers = request.headers
    signed = [headers.get(name, "") for name in _SIGNED_HEADERS]
    text = "\n".join((request.method, *signed, request.target)).encode()
    sent = headers.get("x-ca-signature", "").encode()
    for consumer in consumers:
        for pair in consumer.ak_sk_configs:
            if headers.get("x-ca-key") != pair.get("ak"):
                continue
            digest = hmac.digest(str(pair.get("sk", "")).encode(), text, hashlib.sha256)
            if hmac.compare_digest(sent, base64.b64encode(digest)):
                return consumer
    return None


def _by_token(consumers: Sequence[Consumer], request: Request) -> Consumer | None:
    for consumer in consumers:
        config = consumer.jwt_config or {}
        token = _sent_token(config.get("jwtTokenConfig") or {}, request)
        payload = config.get("jwtPayloadConfig") or {}
        expected = payload.get("payloadKeyValue") or consumer.name
        claims = _verified_claims(token, config.get("jwks") or "")
        if claims.get(payload.get("payloadKeyName") or "uid") == expected:
            return consumer
    return None


def _sent_token(config: Mapping[str, Any], request: Request) -> str:
    name = config.get("key") or "Authorization"
    if str(config.get("position", "")).upper().startswith("QUERY"):
        token = request.query.get(name, "")
    else:
        token = request.headers.get(name.lower(), "")
    return token.removeprefix(config.get("prefix") or "Bearer ").strip()


def _verified_claims(token: str, jwks: str) -> Mapping[str, Any]:
    """Return the claims of a token that is valid now; empty where no key verifies it."""
    try:
        key_id = jwt.get_unverified_header(token).get("kid")
        keys = _keys(jwks)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return {}
    for key in keys:
        if key_id is not None and key.key_id not in (None, key_id):
            continue
        try:
            return jwt.decode(token, key, algorithms=_JWT_ALGORITHMS, options=_JWT_OPTIONS)
        except jwt.PyJWTError:
            continue
    return {}


def _keys(jwks: str) -> Sequence[jwt.PyJWK]:
    """Read a key set, or a single key in its place."""
    document = json.loads(jwks)
    if not isinstance(document, dict):
        return ()
    return jwt.PyJWKSet(document.get("keys", [document])).keys
