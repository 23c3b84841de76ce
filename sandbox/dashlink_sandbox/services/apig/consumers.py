"""Consumers and what they may use.

Sources: SDK 11.6.0, models CreateConsumerRequest, GetConsumerResponseBodyData (which spells apiKeyIdentityConfig with a
capital K), CreateConsumerAuthorizationRulesRequest. The resource type LLM: HiMarket, AIGWOperator (2026). Codes are
unverified; so is that credentials are answered masked.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from dashlink_sandbox.gateways import AuthorizationRule, Consumer
from dashlink_sandbox.services.apig.ai_services import masked
from dashlink_sandbox.services.apig.answers import bad, birth, conflict, find, listed, millis, ok, own, required
from dashlink_sandbox.services.apig.gateways import the_environment
from dashlink_sandbox.services.base import Answer, Call

_RESOURCE_TYPES = ("LLM", "HttpApi", "HttpApiRoute", "MCP", "Agent")
_MOST_SOURCES = 3


def create(call: Call) -> Answer:
    """CreateConsumer."""
    name = required(call.body, "name")
    if any(row.name == name for row in own(call, call.state.consumers)):
        raise conflict("ConsumerNameExisted", f"The account has a consumer {name} already.")
    kind = call.body.get("gatewayType") or "API"
    row = _changed(call, Consumer(consumer_id=call.new_id("cs"), name=name, gateway_type=kind, **birth(call)))
    call.state.consumers[row.consumer_id] = row
    return ok({"consumerId": row.consumer_id})


def describe(call: Call) -> Answer:
    """GetConsumer."""
    return ok(_shape(_the_consumer(call)))


def list_consumers(call: Call) -> Answer:
    """ListConsumers."""
    text = call.params.text
    rows = [
        row
        for row in own(call, call.state.consumers)
        if text("nameLike") in row.name and text("gatewayType", row.gateway_type) == row.gateway_type
    ]
    return listed(call, [_shape(row) for row in rows])


def update(call: Call) -> Answer:
    """UpdateConsumer: credentials that the body has are replaced as a whole."""
    row = _changed(call, _the_consumer(call))
    call.state.consumers[row.consumer_id] = row
    return ok()


def delete(call: Call) -> Answer:
    """DeleteConsumer: its authorizations go with it."""
    row = _the_consumer(call)
    del call.state.consumers[row.consumer_id]
    for rule in [r for r in call.state.authorization_rules.values() if r.consumer_id == row.consumer_id]:
        del call.state.authorization_rules[rule.rule_id]
    return ok()


def authorize(call: Call) -> Answer:
    """CreateConsumerAuthorizationRules: several at once; one that is there already is refused."""
    made = []
    for asked in required(call.body, "authorizationRules"):
        rule = _rule(call, asked)
        for other in call.state.authorization_rules.values():
            if (other.consumer_id, other.resource_id, other.environment_id) == (
                rule.consumer_id,
                rule.resource_id,
                rule.environment_id,
            ):
                raise conflict("ConsumerAuthorizationRuleExisted", "The consumer is authorized already.")
        call.state.authorization_rules[rule.rule_id] = rule
        made.append(rule.rule_id)
    return ok({"consumerAuthorizationRuleIds": made})


def query_rules(call: Call) -> Answer:
    """QueryConsumerAuthorizationRules: needs a consumer or a resource."""
    text = call.params.text
    if not any(text(name) for name in ("consumerId", "consumerGroupId", "resourceId", "parentResourceId")):
        raise bad("resourceId", "Name a consumer or a resource.")
    rows = [
        row
        for row in own(call, call.state.authorization_rules)
        if text("consumerId", row.consumer_id) == row.consumer_id
        and text("resourceId", row.resource_id) == row.resource_id
        and text("environmentId", row.environment_id) == row.environment_id
        and text("resourceType", row.resource_type) == row.resource_type
    ]
    return listed(call, [_rule_shape(call, row) for row in rows])


def remove_rules(call: Call) -> Answer:
    """BatchDeleteConsumerAuthorizationRule, RemoveConsumerAuthorizationRule: what is gone already is no error."""
    one = call.params.text("consumerAuthorizationRuleId")
    for rule_id in [one, *call.params.text("consumerAuthorizationRuleIds").split(",")]:
        rule = call.state.authorization_rules.get(rule_id)
        if rule is not None and rule.owner == call.account.id:
            del call.state.authorization_rules[rule_id]
    return ok()


def _rule(call: Call, asked: Mapping[str, Any]) -> AuthorizationRule:
    kind = required(asked, "resourceType")
    if kind not in _RESOURCE_TYPES:
        raise bad("resourceType", f"It must be one of {', '.join(_RESOURCE_TYPES)}.")
    identifier = required(asked, "resourceIdentifier")
    consumer_id, resource_id = required(asked, "consumerId"), required(identifier, "resourceId")
    find(call, call.state.consumers, consumer_id, "NotFound.ConsumerNotFound", "consumer")
    if kind == "LLM":
        find(call, call.state.http_apis, resource_id, "DatabaseError.RecordNotFound", "API")
    environment = the_environment(call, required(identifier, "environmentId"))
    return AuthorizationRule(
        rule_id=call.new_id("car"),
        consumer_id=consumer_id,
        resource_type=kind,
        resource_id=resource_id,
        environment_id=environment.environment_id,
        parent_resource_id=identifier.get("parentResourceId") or "",
        expire_mode=asked.get("expireMode") or "LongTerm",
        **birth(call),
    )


def _the_consumer(call: Call) -> Consumer:
    consumer_id = call.params.required("consumerId")
    return find(call, call.state.consumers, consumer_id, "NotFound.ConsumerNotFound", "consumer")


def _changed(call: Call, row: Consumer) -> Consumer:
    body = call.body
    changes: dict[str, Any] = {"updated": call.now}
    if body.get("description") is not None:
        changes["description"] = body["description"]
    if body.get("enable") is not None:
        changes["enabled"] = bool(body["enable"])
    if body.get("apikeyIdentityConfig") is not None:
        changes["api_key_config"] = _api_keys(body["apikeyIdentityConfig"])
    if body.get("akSkIdentityConfigs") is not None:
        changes["ak_sk_configs"] = tuple(_pair(given) for given in body["akSkIdentityConfigs"])
    if body.get("jwtIdentityConfig") is not None:
        changes["jwt_config"] = body["jwtIdentityConfig"] if body["jwtIdentityConfig"].get("jwks") else None
    changed = row.model_copy(update=changes)
    taken = {
        key
        for other in own(call, call.state.consumers)
        if other.consumer_id != row.consumer_id
        for key in keys_of(other)
    }
    if taken & set(keys_of(changed)):
        raise conflict("ConsumerCredentialExisted", "Another consumer has one of these credentials.")
    return changed


def _api_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with a key of the cloud's own where it is asked for one (generateMode System)."""
    if len(config.get("apikeySources") or ()) > _MOST_SOURCES:
        raise bad("apikeySources", f"There are at most {_MOST_SOURCES}.")
    credentials = []
    for given in config.get("credentials") or ():
        own_key = given.get("generateMode") == "System" and not given.get("apikey")
        credential = {**given, "apikey": secrets.token_urlsafe(24)} if own_key else given
        required(credential, "apikey")
        credentials.append(credential)
    return {**config, "credentials": credentials}


def _pair(given: Mapping[str, Any]) -> dict[str, Any]:
    """A key pair, of the cloud's own where it is asked for one."""
    if given.get("generateMode") == "System" and not given.get("ak"):
        return {**given, "ak": secrets.token_urlsafe(16), "sk": secrets.token_urlsafe(24)}
    return {**given, "ak": required(given, "ak"), "sk": required(given, "sk")}


def keys_of(row: Consumer) -> Iterator[str]:
    """The API keys and access keys by which a consumer is known."""
    for credential in (row.api_key_config or {}).get("credentials") or ():
        yield credential["apikey"]
    for pair in row.ak_sk_configs:
        yield pair["ak"]


def _shape(row: Consumer) -> Answer:
    shape: Answer = {
        "consumerId": row.consumer_id,
        "name": row.name,
        "description": row.description,
        "enable": row.enabled,
        "deployStatus": "Deployed",
        "createTimestamp": millis(row.created),
        "updateTimestamp": millis(row.updated),
    }
    if row.api_key_config is not None:
        credentials = [masked(item, "apikey") for item in row.api_key_config["credentials"]]
        shape["apiKeyIdentityConfig"] = {**row.api_key_config, "credentials": credentials}
    if row.ak_sk_configs:
        shape["akSkIdentityConfigs"] = [masked(pair, "sk") for pair in row.ak_sk_configs]
    if row.jwt_config is not None:
        shape["jwtIdentityConfig"] = row.jwt_config
    return shape


def _rule_shape(call: Call, row: AuthorizationRule) -> Answer:
    consumer = call.state.consumers.get(row.consumer_id)
    return {
        "consumerAuthorizationRuleId": row.rule_id,
        "consumerId": row.consumer_id,
        "consumerInfo": {"consumerId": row.consumer_id, "name": consumer.name if consumer else ""},
        "principalType": "Consumer",
        "resourceId": row.resource_id,
        "resourceType": row.resource_type,
        "environmentInfo": {"environmentId": row.environment_id},
        "expireMode": row.expire_mode,
        "deployStatus": "Deployed",
        "createTimestamp": millis(row.created),
    }
