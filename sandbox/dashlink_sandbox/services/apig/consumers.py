"""Consumers and their authorization rules.

Sources: SDK 11.6.0, models CreateConsumerRequest, GetConsumerResponseBodyData (which spells
apiKeyIdentityConfig with a capital K), CreateConsumerAuthorizationRulesRequest. HiMarket,
AIGWOperator and APIGOperator (acceb32, 2026-06-26): the resource types LLM, MCP, Agent and
RestApiOperation, Conflict.ConsumerNameDuplicate, Conflict.ConsumerAuthorizationForbidden. The
alicloud provider v1.291.0: the type HttpApiRoute, NotFound.ConsumerNotFound,
NotFound.ConsumerAuthorizationRuleNotFound. Other codes are unverified. A public JavaScript service
that drives an AI gateway of a live account: the rule for names. ListConsumers returns no
credentials (SDK, ListConsumersResponseBodyDataItems). Struct JwtIdentityConfig (alibabacloud.com,
2025-12): secretType is Asymmetry or Symmetry; "Create a consumer" (2025-12): for a symmetric key
the gateway generates the key set, for an asymmetric one it must be entered.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any

from dashlink_sandbox.gateways import AuthorizationRule, Consumer
from dashlink_sandbox.services.apig import late
from dashlink_sandbox.services.apig.answers import (
    changes_of,
    check_unique_name,
    conflict,
    items_of,
    listed,
    masked,
    milliseconds,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.apig.authorizations import end_authorizations, end_rule
from dashlink_sandbox.services.apig.environments import the_environment
from dashlink_sandbox.services.apig.http_apis import find_api
from dashlink_sandbox.services.base import Answer, Call, name_of
from dashlink_sandbox.wire.errors import check_choice, invalid

_RESOURCE_TYPES = ("LLM", "HttpApiRoute", "RestApiOperation", "MCP", "Agent")
_SECRET_TYPES = ("Asymmetry", "Symmetry")
_MOST_SOURCES = 3
# Letters, digits, "." and "-", the first and the last a letter or a digit, 2 to 64 characters.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,62}[A-Za-z0-9]")
_RULE_FILTERS = {
    "consumerId": "consumer_id",
    "resourceId": "resource_id",
    "environmentId": "environment_id",
    "resourceType": "resource_type",
}
_RULE_SUBJECTS = ("consumerId", "consumerGroupId", "resourceId", "parentResourceId")


def create(call: Call) -> Answer:
    """CreateConsumer."""
    name = required(call.body, "name")
    if _NAME.fullmatch(name) is None:
        raise invalid(
            "name", "It has 2 to 64 letters, digits, dots and dashes, no other at an end."
        )
    message = f"The account has a consumer {name} already."
    consumers = call.own(call.state.consumers)
    check_unique_name(consumers, name, "ConsumerNameDuplicate", message)
    blank = Consumer(
        consumer_id=call.new_id("cs"),
        name=name,
        gateway_type=call.body.get("gatewayType") or "API",
        **new_record(call),
    )
    changed = _changed(call, blank)
    late.note(call, Consumer, call.state.consumers, blank.consumer_id)
    call.state.consumers[blank.consumer_id] = changed
    return ok({"consumerId": blank.consumer_id})


def describe(call: Call) -> Answer:
    """GetConsumer."""
    consumer = _requested(call)
    return ok({**_shape(consumer), **_credentials(call, consumer)})


def list_consumers(call: Call) -> Answer:
    """ListConsumers: as of a moment ago (late.py)."""
    consumers = late.shown(call, Consumer, call.state.consumers)
    rows = call.select(consumers, {"gatewayType": "gateway_type"}, "nameLike")
    return listed(call, rows, _shape)


def update(call: Call) -> Answer:
    """UpdateConsumer: replaces the credentials of the body as a whole."""
    consumer = _changed(call, _requested(call))
    late.note(call, Consumer, call.state.consumers, consumer.consumer_id)
    call.state.consumers[consumer.consumer_id] = consumer
    return ok()


def delete(call: Call) -> Answer:
    """DeleteConsumer; what becomes of its authorization rules is open."""
    consumer_id = _requested(call).consumer_id
    end_authorizations(call, "consumer_id", consumer_id)
    late.note(call, Consumer, call.state.consumers, consumer_id)
    del call.state.consumers[consumer_id]
    return ok()


def authorize(call: Call) -> Answer:
    """CreateConsumerAuthorizationRules: one or several; an existing one is refused."""
    rule_ids = []
    for body in required(call.body, "authorizationRules"):
        rule = _new_rule(call, body)
        for other in call.state.authorization_rules.values():
            if _grant(other) == _grant(rule):
                message = "The consumer is authorized already."
                raise conflict("ConsumerAuthorizationForbidden", message)
        late.note(call, AuthorizationRule, call.state.authorization_rules, rule.rule_id)
        call.state.authorization_rules[rule.rule_id] = rule
        rule_ids.append(rule.rule_id)
    return ok({"consumerAuthorizationRuleIds": rule_ids})


def query_rules(call: Call) -> Answer:
    """QueryConsumerAuthorizationRules: requires a consumer or a resource."""
    if not any(name in call.params for name in _RULE_SUBJECTS):
        raise invalid("resourceId", "Specify a consumer or a resource.")
    shown = late.shown(call, AuthorizationRule, call.state.authorization_rules)
    rules = call.select(shown, _RULE_FILTERS)
    return listed(call, rules, partial(_rule_shape, call))


def remove_rules(call: Call) -> Answer:
    """BatchDeleteConsumerAuthorizationRule: rules that do not exist are ignored (open)."""
    for rule_id in call.params.split("consumerAuthorizationRuleIds"):
        rule = call.state.authorization_rules.get(rule_id)
        if rule is not None and rule.owner == call.account.id:
            end_rule(call, rule_id)
    return ok()


def remove_rule(call: Call) -> Answer:
    """RemoveConsumerAuthorizationRule: refused if the rule does not exist."""
    rule_id = call.params.required("consumerAuthorizationRuleId")
    code = "NotFound.ConsumerAuthorizationRuleNotFound"
    call.find(call.state.authorization_rules, rule_id, code, "authorization rule")
    end_rule(call, rule_id)
    return ok()


def _new_rule(call: Call, body: Mapping[str, Any]) -> AuthorizationRule:
    kind = required(body, "resourceType")
    check_choice("resourceType", kind, _RESOURCE_TYPES)
    resource = required(body, "resourceIdentifier")
    consumer_id = required(body, "consumerId")
    resource_id = required(resource, "resourceId")
    _find(call, consumer_id)
    if kind == "LLM":
        find_api(call, resource_id)
    environment = the_environment(call, required(resource, "environmentId"))
    return AuthorizationRule(
        rule_id=call.new_id("car"),
        consumer_id=consumer_id,
        resource_type=kind,
        resource_id=resource_id,
        environment_id=environment.environment_id,
        parent_resource_id=resource.get("parentResourceId") or "",
        expire_mode=body.get("expireMode") or "LongTerm",
        **new_record(call),
    )


def _grant(rule: AuthorizationRule) -> tuple[str, str, str]:
    """Return what a rule grants; unique among rules."""
    return rule.consumer_id, rule.resource_id, rule.environment_id


def _find(call: Call, consumer_id: str) -> Consumer:
    return call.find(call.state.consumers, consumer_id, "NotFound.ConsumerNotFound", "consumer")


def _requested(call: Call) -> Consumer:
    return _find(call, call.params.required("consumerId"))


def _changed(call: Call, consumer: Consumer) -> Consumer:
    body = call.body
    changes = changes_of(body, {"description": "description"})
    changes["updated"] = call.now
    if body.get("enable") is not None:
        changes["enabled"] = bool(body["enable"])
    clears = call.dialect["empty-credentials"] == "cleared"
    keys_sent = body.get("apikeyIdentityConfig")
    if keys_sent is not None and (clears or keys_sent.get("credentials")):
        changes["api_key_config"] = _api_keys(keys_sent)
    pairs_sent = body.get("akSkIdentityConfigs")
    if pairs_sent is not None and (clears or pairs_sent):
        changes["ak_sk_configs"] = tuple(_pair(row) for row in pairs_sent)
    jwt_sent = body.get("jwtIdentityConfig")
    if jwt_sent is not None and (clears or jwt_sent.get("jwks") or jwt_sent.get("secretType")):
        changes["jwt_config"] = _jwt(jwt_sent)
    changed = consumer.model_copy(update=changes)
    keys = _keys_of(changed)
    for other in call.own(call.state.consumers):
        if other.consumer_id != consumer.consumer_id and keys & _keys_of(other):
            message = "Another consumer has one of these credentials."
            raise conflict("ConsumerCredentialExisted", message)
    return changed


def _api_keys(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration, with generated keys where it requests them (System)."""
    if len(items_of(config, "apikeySources")) > _MOST_SOURCES:
        raise invalid("apikeySources", f"There are at most {_MOST_SOURCES}.")
    credentials = []
    for row in items_of(config, "credentials"):
        credential = dict(row)
        if row.get("generateMode") == "System" and not row.get("apikey"):
            credential["apikey"] = secrets.token_urlsafe(24)
        required(credential, "apikey")
        credentials.append(credential)
    return {**config, "credentials": credentials}


def _jwt(config: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the configuration, with a generated key set for a symmetric key; None to clear it."""
    secret_type = config.get("secretType")
    if secret_type:
        check_choice("secretType", secret_type, _SECRET_TYPES)
    if secret_type == "Symmetry" and not config.get("jwks"):  # noqa: S105 - not a secret
        key = {"kty": "oct", "alg": "HS256", "k": secrets.token_urlsafe(32)}
        return {**config, "jwks": json.dumps({"keys": [key]})}
    if secret_type:
        required(config, "jwks")
    return dict(config) if config.get("jwks") else None


def _pair(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a key pair, generated where the configuration requests it (System)."""
    if config.get("generateMode") == "System" and not config.get("ak"):
        return {**config, "ak": secrets.token_urlsafe(16), "sk": secrets.token_urlsafe(24)}
    return {**config, "ak": required(config, "ak"), "sk": required(config, "sk")}


def _keys_of(consumer: Consumer) -> set[str]:
    """Return the API keys and access keys that identify a consumer."""
    keys = {pair["ak"] for pair in consumer.ak_sk_configs}
    for credential in items_of(consumer.api_key_config or {}, "credentials"):
        keys.add(credential["apikey"])
    return keys


def _shape(consumer: Consumer) -> Answer:
    """Return a consumer as ListConsumers does, without credentials."""
    return {
        "consumerId": consumer.consumer_id,
        "name": consumer.name,
        "description": consumer.description,
        "enable": consumer.enabled,
        "deployStatus": "Deployed",
        "createTimestamp": milliseconds(consumer.created),
        "updateTimestamp": milliseconds(consumer.updated),
    }


def _credentials(call: Call, consumer: Consumer) -> Answer:
    shape: Answer = {}
    config = consumer.api_key_config
    if config is not None:
        credentials = [_shown(call, row, "apikey") for row in config["credentials"]]
        shape["apiKeyIdentityConfig"] = {**config, "credentials": credentials}
    if consumer.ak_sk_configs:
        shape["akSkIdentityConfigs"] = [_shown(call, one, "sk") for one in consumer.ak_sk_configs]
    if consumer.jwt_config is not None:
        shape["jwtIdentityConfig"] = consumer.jwt_config
    return shape


def _shown(call: Call, config: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Return credentials as this cloud shows them: in plain or masked."""
    return dict(config) if call.dialect["consumer-keys"] == "plain" else masked(config, secret)


def _rule_shape(call: Call, rule: AuthorizationRule) -> Answer:
    consumer_id = rule.consumer_id
    name = name_of(call.state.consumers, consumer_id)
    return {
        "consumerAuthorizationRuleId": rule.rule_id,
        "consumerId": consumer_id,
        "consumerInfo": {"consumerId": consumer_id, "name": name},
        "principalType": "Consumer",
        "resourceId": rule.resource_id,
        "resourceType": rule.resource_type,
        "environmentInfo": {"environmentId": rule.environment_id},
        "expireMode": rule.expire_mode,
        "deployStatus": "Deployed",
        "createTimestamp": milliseconds(rule.created),
    }
