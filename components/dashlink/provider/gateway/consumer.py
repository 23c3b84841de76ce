"""`Consumer`: creates, reads, updates and deletes consumers (names as in SDK 11.6.0).

The API calls the keys `apikeyIdentityConfig` in requests and `apiKeyIdentityConfig` in responses.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from dashlink.provider.codec import Json, from_api, to_api
from dashlink.provider.gateway.adoption import create_once, name_in_use
from dashlink.provider.gateway.client import apig
from dashlink.provider.gateway.masked_keys import matched_key, matched_keys
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation
from dashlink.resources.models.consumer import (
    CONSUMER,
    ConsumerInputs,
    ConsumerState,
    JwtInputs,
    KeyPairInputs,
)

_NO_CREDENTIALS: Mapping[str, Any] = {
    "apikeyIdentityConfig": {"type": "Apikey", "credentials": []},
    "akSkIdentityConfigs": [],
    "jwtIdentityConfig": {"type": "Jwt", "jwks": ""},
}


class ConsumerHandler(Handler[ConsumerInputs, ConsumerState]):
    """Consumers. A consumer that a killed run left is recognized by its name and description."""

    contract = CONSUMER
    delete_before_replace = True  # its credentials are in use until the old one is deleted

    def create(self, inputs: ConsumerInputs, operation: Operation) -> tuple[str, ConsumerState]:
        """Create or adopt the consumer."""
        api = apig(operation.account)
        existing = api.consumer_named(inputs.name)
        if existing is None:
            body = {**consumer_values(inputs), **consumer_create_only(inputs)}
            create = partial(api.create_consumer, body)
            consumer_id = create_once(operation.urn, inputs.name, create, api.consumer)
        else:
            consumer_id = _own_id(existing, inputs)
            api.update_consumer(consumer_id, consumer_update(inputs))
        return consumer_id, ConsumerState(consumer_id=consumer_id)

    def read(
        self,
        identity: str,
        inputs: ConsumerInputs | None,
        state: ConsumerState | None,
        operation: Operation,
    ) -> tuple[ConsumerInputs, ConsumerState] | None:
        """Return the consumer."""
        data = apig(operation.account).consumer(identity)
        if data is None:
            return None
        return read_consumer(data, inputs), ConsumerState(consumer_id=identity)

    def update(
        self, identity: str, inputs: ConsumerInputs, state: ConsumerState, operation: Operation
    ) -> ConsumerState:
        """Change the consumer in place; credentials of each type are replaced as a whole."""
        apig(operation.account).update_consumer(identity, consumer_update(inputs))
        return ConsumerState(consumer_id=identity)

    def delete(self, identity: str, operation: Operation) -> None:
        """Delete the consumer."""
        apig(operation.account).delete_consumer(identity)


def consumer_update(inputs: ConsumerInputs) -> dict[str, Any]:
    """Return the body of UpdateConsumer: everything that can change.

    A type of credential that is not desired is sent empty, or a removed credential would stay
    valid. That an empty one clears it is not verified against the live cloud.
    """
    return {**_NO_CREDENTIALS, **consumer_values(inputs)}


def consumer_values(inputs: ConsumerInputs) -> dict[str, Any]:
    """Return what a consumer has; with `consumer_create_only` the body of CreateConsumer."""
    body = {"description": inputs.description or "", **to_api(inputs, "enabled")}
    if inputs.api_keys:
        body["apikeyIdentityConfig"] = _api_key_config(inputs)
    if inputs.key_pairs:
        fixed = {"type": "AkSk", "generateMode": "Custom"}
        body["akSkIdentityConfigs"] = [{**fixed, **to_api(pair)} for pair in inputs.key_pairs]
    if inputs.jwt is not None:
        jwt = {"type": "Jwt", **to_api(inputs.jwt)}
        jwt["jwtTokenConfig"].update({"position": "HEADER", "pass": False})
        body["jwtIdentityConfig"] = jwt
    return body


def consumer_create_only(inputs: ConsumerInputs) -> dict[str, Any]:
    """Return what only CreateConsumer takes."""
    return {"name": inputs.name, "gatewayType": "AI"}


def read_consumer(data: Json, known: ConsumerInputs | None) -> ConsumerInputs:
    """Return a consumer of the API's JSON.

    Args:
        data: Data of GetConsumer.
        known: Last known inputs, with the secrets that the API masks; None for an import.
    """
    config: Json = data.get("apiKeyIdentityConfig") or {}
    headers: list[str] = []
    query = None
    for source in config.get("apikeySources") or [config.get("apikeySource") or {}]:
        if source.get("source") == "Header":
            headers.append(source["value"])
        elif source.get("source") == "QueryString" and query is None:
            query = source.get("value")
    return from_api(
        ConsumerInputs,
        data,
        enabled=data.get("enable") is not False,
        api_keys=_read_api_keys(config, known),
        api_key_headers=tuple(headers),
        api_key_query=query,
        key_pairs=_read_key_pairs(data, known),
        jwt=_read_jwt(data.get("jwtIdentityConfig"), known),
    )


def _api_key_config(inputs: ConsumerInputs) -> dict[str, Any]:
    config: dict[str, Any] = {
        "type": "Apikey",
        "credentials": [{"apikey": key, "generateMode": "Custom"} for key in inputs.api_keys],
    }
    if inputs.api_key_query is not None:
        config["apikeySource"] = {"source": "QueryString", "value": inputs.api_key_query}
    elif inputs.api_key_headers:
        sources = [{"source": "Header", "value": header} for header in inputs.api_key_headers]
        config["apikeySource"] = sources[0]
        config["apikeySources"] = sources
    else:
        config["apikeySource"] = {"source": "Default", "value": "Authorization"}
    return config


def _read_api_keys(config: Json, known: ConsumerInputs | None) -> tuple[str, ...]:
    returned = [row.get("apikey", "") for row in config.get("credentials") or ()]
    return matched_keys(() if known is None else known.api_keys, returned)


def _read_key_pairs(data: Json, known: ConsumerInputs | None) -> tuple[KeyPairInputs, ...]:
    secrets = {}
    if known is not None:
        secrets = {pair.access_key: pair.secret_key for pair in known.key_pairs}
    pairs = []
    for row in data.get("akSkIdentityConfigs") or ():
        secret_key = matched_key(secrets.get(row.get("ak")), row.get("sk"))
        pairs.append(from_api(KeyPairInputs, row, secret_key=secret_key))
    return tuple(pairs)


def _read_jwt(data: Json | None, known: ConsumerInputs | None) -> JwtInputs | None:
    if not data or not (data.get("jwks") or data.get("jwtPayloadConfig")):
        return None
    known_jwks = None
    if known is not None and known.jwt is not None:
        known_jwks = known.jwt.jwks
    return from_api(JwtInputs, data, jwks=matched_key(known_jwks, data.get("jwks")))


def _own_id(row: Json, inputs: ConsumerInputs) -> str:
    """Return the id of an existing consumer with the desired description.

    Raises:
        DashlinkError: If it has another description, so another owner.
    """
    if not inputs.description or row.get("description") != inputs.description:
        raise name_in_use(f"a consumer {inputs.name}", row.get("consumerId"))
    return str(row["consumerId"])
