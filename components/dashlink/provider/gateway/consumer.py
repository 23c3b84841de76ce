"""`Consumer`: creates, reads, updates and deletes consumers (names as in SDK 11.6.0).

The API calls the keys `apikeyIdentityConfig` in requests and `apiKeyIdentityConfig` in responses.
GetConsumer returns them in plain (HiMarket, AIGWOperator, 2026-06), also keys that the console
generated: a key that the stack does not have is read as `UNKNOWN_KEY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from dashlink.cloud.words import (
    DEFAULT_HEADER,
    GATEWAY_TYPE,
    JWT_IDENTITY,
    JWT_IN_HEADER,
    KEY_BY_DEFAULT,
    KEY_IDENTITY,
    KEY_IN_HEADER,
    KEY_IN_QUERY,
    KEYS_OF_USERS,
    PAIR_IDENTITY,
)
from dashlink.errors import CloudError
from dashlink.provider.codec import Json, from_api, to_api
from dashlink.provider.gateway.adoption import create_once, name_in_use
from dashlink.provider.gateway.client import apig
from dashlink.provider.gateway.key_sets import matched_key_set, secret_type
from dashlink.provider.gateway.masked_keys import matched_key, matched_keys
from dashlink.provider.gateway.rights import withdraw_rights
from dashlink.provider.gateway.shown import not_shown, wait_until_shown
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending
from dashlink.resources.models.consumer import (
    CONSUMER,
    ConsumerInputs,
    ConsumerState,
    JwtInputs,
    KeyPairInputs,
)

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi

_NAME_TAKEN = "Conflict.ConsumerNameDuplicate"  # HiMarket, APIGOperator (2026-06)
_NAME_SECONDS = 30  # HiClaw, aliyun-api.py (2026), looks again for some seconds
_NO_CREDENTIALS: Mapping[str, Any] = {
    "apikeyIdentityConfig": {"type": KEY_IDENTITY, "credentials": []},
    "akSkIdentityConfigs": [],
    "jwtIdentityConfig": {"type": JWT_IDENTITY, "jwks": ""},
}


class ConsumerHandler(Handler[ConsumerInputs, ConsumerState]):
    """Consumers. A consumer that a killed run left is recognized by its name and description."""

    contract = CONSUMER
    delete_before_replace = True  # its credentials are in use until the old one is deleted

    def create(self, inputs: ConsumerInputs, operation: Operation) -> tuple[str, ConsumerState]:
        """Create or adopt the consumer."""
        api = apig(operation.account)
        existing: Json | None = api.consumer_named(inputs.name)
        consumer_id = ""
        if existing is None:
            body = {**consumer_values(inputs), **consumer_create_only(inputs)}
            create = partial(api.create_consumer, body)
            try:
                consumer_id = create_once(operation.urn, inputs.name, create, api.consumer)
            except CloudError as error:
                if error.code != _NAME_TAKEN:
                    raise
                existing = _wait_for_name(api, inputs.name, error, operation)
        if existing is not None:
            consumer_id = _own_id(existing, inputs)
            api.update_consumer(consumer_id, consumer_update(inputs))
            _check_revoked(api, consumer_id, inputs)
        _wait_for_change(api, consumer_id, inputs, operation)
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
        api = apig(operation.account)
        api.update_consumer(identity, consumer_update(inputs))
        _check_revoked(api, identity, inputs)
        _wait_for_change(api, identity, inputs, operation)
        return ConsumerState(consumer_id=identity)

    def delete(self, identity: str, operation: Operation) -> None:
        """Withdraw remaining rights, delete the consumer, and wait until it is not listed."""
        api = apig(operation.account)
        data = api.consumer(identity)
        if data is None:
            return
        withdraw_rights(api, operation, consumer_id=identity)
        api.delete_consumer(identity)
        _wait_for_deletion(api, identity, str(data.get("name") or ""), operation)


def _wait_for_change(
    api: ApigApi, consumer_id: str, inputs: ConsumerInputs, operation: Operation
) -> None:
    """Wait until ListConsumers shows a consumer with its new description and `enable`."""

    def probe() -> bool | Pending:
        row = _listed(api, consumer_id, inputs.name)
        if row is not None:
            enabled = row.get("enable", inputs.enabled) == inputs.enabled
            if enabled and (row.get("description") or "") == (inputs.description or ""):
                return True
        return not_shown(f"the consumer {inputs.name} is not shown as it was sent")

    wait_until_shown(probe, operation, consumer_id)


def _check_revoked(api: ApigApi, consumer_id: str, inputs: ConsumerInputs) -> None:
    """Read the consumer back: an old credential that the cloud retained would stay valid.

    Raises:
        CloudError: If it has credentials of a type that is not desired.
    """
    data = api.consumer(consumer_id) or {}
    config: Json = data.get("apiKeyIdentityConfig") or {}
    jwt: Json = data.get("jwtIdentityConfig") or {}
    retained = []
    if config.get("credentials") and not inputs.api_keys:
        retained.append("API keys")
    if data.get("akSkIdentityConfigs") and not inputs.key_pairs:
        retained.append("access keys")
    if jwt.get("jwks") and inputs.jwt is None:
        retained.append("key set of JSON Web Tokens")
    if retained:
        raise CloudError(
            f"{consumer_id}: the cloud retains the {', '.join(retained)} of the consumer "
            f"{inputs.name}, which stay valid although the settings have none. "
            "Delete and create it: `up --replace URN`."
        )


def _wait_for_deletion(api: ApigApi, consumer_id: str, name: str, operation: Operation) -> None:
    def probe() -> bool | Pending:
        if _listed(api, consumer_id, name) is None:
            return True
        return not_shown(f"the deleted consumer {name} is still shown")

    wait_until_shown(probe, operation, consumer_id)


def _wait_for_name(api: ApigApi, name: str, refusal: CloudError, operation: Operation) -> Json:
    """Return the consumer that has the name; a killed run may have created it a moment ago.

    Raises:
        CloudError: The refusal, if no consumer of AI gateways has the name.
    """

    def probe() -> Json | Pending:
        row = api.consumer_named(name)
        if row is None:
            return Pending(f"the consumer {name} is not shown yet", str(refusal))
        return row

    return wait_until_shown(probe, operation, name, _NAME_SECONDS)


def _listed(api: ApigApi, consumer_id: str, name: str) -> Json | None:
    for row in api.consumers_named_like(name):
        if row.get("consumerId") == consumer_id:
            return row
    return None


def consumer_update(inputs: ConsumerInputs) -> dict[str, Any]:
    """Return the body of UpdateConsumer: everything that can change.

    A type of credential that is not desired is sent empty, or a removed credential would stay
    valid. No source states that an empty one clears it: the consumer is read back.
    """
    return {**_NO_CREDENTIALS, **consumer_values(inputs)}


def consumer_values(inputs: ConsumerInputs) -> dict[str, Any]:
    """Return what a consumer has; with `consumer_create_only` the body of CreateConsumer."""
    body = {"description": inputs.description or "", **to_api(inputs, "enabled")}
    if inputs.api_keys:
        body["apikeyIdentityConfig"] = _api_key_config(inputs)
    if inputs.key_pairs:
        fixed = {"type": PAIR_IDENTITY, "generateMode": KEYS_OF_USERS}
        body["akSkIdentityConfigs"] = [{**fixed, **to_api(pair)} for pair in inputs.key_pairs]
    if inputs.jwt is not None:
        fixed = {"type": JWT_IDENTITY, "secretType": secret_type(inputs.jwt.jwks)}
        jwt = {**fixed, **to_api(inputs.jwt)}
        jwt["jwtTokenConfig"].update({"position": JWT_IN_HEADER, "pass": False})
        body["jwtIdentityConfig"] = jwt
    return body


def consumer_create_only(inputs: ConsumerInputs) -> dict[str, Any]:
    """Return what only CreateConsumer takes."""
    return {"name": inputs.name, "gatewayType": GATEWAY_TYPE}


def read_consumer(data: Json, known: ConsumerInputs | None) -> ConsumerInputs:
    """Return a consumer of the API's JSON.

    Args:
        data: Data of GetConsumer.
        known: Last known inputs, with the secrets of the stack; None for an import.
    """
    config: Json = data.get("apiKeyIdentityConfig") or {}
    headers: list[str] = []
    query = None
    for source in config.get("apikeySources") or [config.get("apikeySource") or {}]:
        if source.get("source") == KEY_IN_HEADER:
            headers.append(source["value"])
        elif source.get("source") == KEY_IN_QUERY and query is None:
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
        "type": KEY_IDENTITY,
        "credentials": [{"apikey": key, "generateMode": KEYS_OF_USERS} for key in inputs.api_keys],
    }
    if inputs.api_key_query is not None:
        config["apikeySource"] = {"source": KEY_IN_QUERY, "value": inputs.api_key_query}
    elif inputs.api_key_headers:
        sources = [{"source": KEY_IN_HEADER, "value": header} for header in inputs.api_key_headers]
        config["apikeySource"] = sources[0]
        config["apikeySources"] = sources
    else:
        config["apikeySource"] = {"source": KEY_BY_DEFAULT, "value": DEFAULT_HEADER}
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
    return from_api(JwtInputs, data, jwks=matched_key_set(known_jwks, data.get("jwks")))


def _own_id(row: Json, inputs: ConsumerInputs) -> str:
    """Return the id of an existing consumer with the desired description.

    Raises:
        DashlinkError: If it has another description, so another owner.
    """
    if not inputs.description or row.get("description") != inputs.description:
        raise name_in_use(f"a consumer {inputs.name}", row.get("consumerId"))
    return str(row["consumerId"])
