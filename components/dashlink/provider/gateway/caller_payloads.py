"""Inputs of domains, consumers and authorizations as the API's JSON, and back. Pure; names as in SDK 11.6.0.

Consumers: apikeyIdentityConfig when written, apiKeyIdentityConfig when read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.cloud.apig import without_none
from dashlink.provider.gateway.service_payloads import UNKNOWN_KEY, recognised
from dashlink.resources.gateway_models import ConsumerInputs, DomainInputs, JwtInputs, KeyPairInputs

_JSON = Mapping[str, Any]


def domain_update(inputs: DomainInputs) -> dict[str, Any]:
    """The body of UpdateDomain: all that can change."""
    return without_none(
        {
            "protocol": inputs.protocol,
            "certIdentifier": inputs.certificate_id,
            "forceHttps": inputs.force_https,
            "tlsMin": inputs.tls_min,
        }
    )


def domain_birth(inputs: DomainInputs) -> dict[str, Any]:
    """What only CreateDomain takes. Without the gateway type it would be a domain of the other product."""
    return without_none(
        {"name": inputs.name, "gatewayType": "AI", "resourceGroupId": inputs.resource_group_id}
    )


def read_domain(data: _JSON) -> DomainInputs:
    """A domain as the API tells it."""
    return DomainInputs(
        name=data.get("name", ""),
        protocol=data.get("protocol", ""),
        certificate_id=data.get("certIdentifier") or None,
        force_https=bool(data.get("forceHttps")),
        tls_min=data.get("tlsMin") or None,
        resource_group_id=data.get("resourceGroupId") or None,
    )


_NO_CREDENTIALS: Mapping[str, Any] = {
    "apikeyIdentityConfig": {"type": "Apikey", "credentials": []},
    "akSkIdentityConfigs": [],
    "jwtIdentityConfig": {"type": "Jwt", "jwks": ""},
}


def consumer_update(inputs: ConsumerInputs) -> dict[str, Any]:
    """The body of UpdateConsumer: all that can change; a kind of credential that is not wanted is sent empty.

    Else what was taken away would stay valid. That an empty one clears it is not verified against the live cloud.
    """
    return {**_NO_CREDENTIALS, **consumer_values(inputs)}


def consumer_values(inputs: ConsumerInputs) -> dict[str, Any]:
    """What a consumer has, without what it has not: with `consumer_birth` the body of CreateConsumer."""
    jwt = inputs.jwt
    return without_none(
        {
            "description": inputs.description or "",
            "enable": inputs.enabled,
            "apikeyIdentityConfig": _api_key_config(inputs) if inputs.api_keys else None,
            "akSkIdentityConfigs": [
                {
                    "type": "AkSk",
                    "generateMode": "Custom",
                    "ak": pair.access_key,
                    "sk": pair.secret_key,
                }
                for pair in inputs.key_pairs
            ]
            or None,
            "jwtIdentityConfig": jwt
            and {
                "type": "Jwt",
                "jwks": jwt.jwks,
                "jwtTokenConfig": {
                    "position": "HEADER",
                    "key": jwt.header,
                    "prefix": jwt.prefix,
                    "pass": False,
                },
                "jwtPayloadConfig": {"payloadKeyName": jwt.claim, "payloadKeyValue": jwt.value},
            },
        }
    )


def consumer_birth(inputs: ConsumerInputs) -> dict[str, Any]:
    """What only CreateConsumer takes."""
    return {"name": inputs.name, "gatewayType": "AI"}


def _api_key_config(inputs: ConsumerInputs) -> dict[str, Any]:
    config: dict[str, Any] = {
        "type": "Apikey",
        "credentials": [{"apikey": key, "generateMode": "Custom"} for key in inputs.api_keys],
    }
    if inputs.api_key_query is not None:
        return {**config, "apikeySource": {"source": "QueryString", "value": inputs.api_key_query}}
    if not inputs.api_key_headers:
        return {**config, "apikeySource": {"source": "Default", "value": "Authorization"}}
    headers = [{"source": "Header", "value": header} for header in inputs.api_key_headers]
    return {**config, "apikeySource": headers[0], "apikeySources": headers}


def read_consumer(data: _JSON, known: ConsumerInputs | None) -> ConsumerInputs:
    """A consumer as the API tells it; secrets come masked and are taken from ``known`` where they fit."""
    config = data.get("apiKeyIdentityConfig") or {}
    told = [row.get("apikey", "") for row in config.get("credentials") or ()]
    sources = config.get("apikeySources") or [config.get("apikeySource") or {}]
    query = next((row.get("value") for row in sources if row.get("source") == "QueryString"), None)
    return ConsumerInputs(
        name=data.get("name", ""),
        description=data.get("description") or None,
        enabled=data.get("enable") is not False,
        api_keys=recognised(known.api_keys if known is not None else (), told),
        api_key_headers=tuple(row["value"] for row in sources if row.get("source") == "Header"),
        api_key_query=query,
        key_pairs=_read_pairs(data, known),
        jwt=_read_jwt(data.get("jwtIdentityConfig"), known),
    )


def _read_pairs(data: _JSON, known: ConsumerInputs | None) -> tuple[KeyPairInputs, ...]:
    secrets = (
        {pair.access_key: pair.secret_key for pair in known.key_pairs} if known is not None else {}
    )
    return tuple(
        KeyPairInputs(
            access_key=row.get("ak", ""),
            secret_key=_one_of(secrets.get(row.get("ak")), row.get("sk")),
        )
        for row in data.get("akSkIdentityConfigs") or ()
    )


def _read_jwt(told: _JSON | None, known: ConsumerInputs | None) -> JwtInputs | None:
    if not told or not (told.get("jwks") or told.get("jwtPayloadConfig")):
        return None
    place, payload = told.get("jwtTokenConfig") or {}, told.get("jwtPayloadConfig") or {}
    return JwtInputs(
        jwks=_one_of(
            known.jwt.jwks if known is not None and known.jwt is not None else None,
            told.get("jwks"),
        ),
        header=place.get("key", ""),
        prefix=place.get("prefix", ""),
        claim=payload.get("payloadKeyName", ""),
        value=payload.get("payloadKeyValue", ""),
    )


def _one_of(known: str | None, told: str | None) -> str:
    """One secret: the known one where it fits what is told, or where nothing is told."""
    if known is None:
        return UNKNOWN_KEY
    return recognised([known], [told])[0] if told else known


def authorization_rule(
    consumer_id: str, api_id: str, environment_id: str, resource_type: str
) -> dict[str, Any]:
    """One rule of CreateConsumerAuthorizationRules."""
    return {
        "consumerId": consumer_id,
        "principalType": "Consumer",
        "resourceType": resource_type,
        "expireMode": "LongTerm",
        "resourceIdentifier": {"resourceId": api_id, "environmentId": environment_id},
    }
