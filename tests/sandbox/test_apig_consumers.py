"""Consumers and their authorization rules, by the official SDK."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import (
    Body,
    Place,
    api_keys,
    authorize,
    create_consumer,
    refused,
    running_gateway,
)

from dashlink_sandbox.dialects import Dialect

AT_ONCE = Dialect.of({"late-records": "at-once"})
KEY = "sk-0123456789abcdef"
PAIR = {"type": "AkSk", "generateMode": "Custom", "ak": "consumer-ak", "sk": "0123456789abcdef"}
JWT = {
    "type": "Jwt",
    "secretType": "Asymmetry",
    "jwks": '{"keys": []}',
    "jwtTokenConfig": {"position": "HEADER", "key": "X-Token", "prefix": "Bearer ", "pass": False},
    "jwtPayloadConfig": {"payloadKeyName": "uid", "payloadKeyValue": "team-a"},
}


@pytest.fixture(scope="module")
def place():
    """A gateway in a cloud that shows changes at once; test_late_records.py has the others."""
    with running_gateway(dialect=AT_ONCE) as started:
        yield started


def _read(place: Place, consumer_id: str) -> models.GetConsumerResponseBodyData:
    return place.apig.get_consumer(consumer_id).body.data


def _update(place: Place, consumer_id: str, **body: Any) -> None:
    place.apig.update_consumer(consumer_id, models.UpdateConsumerRequest().from_map(body))


def _rules(place: Place, **filters: Any) -> list[Body]:
    request = models.QueryConsumerAuthorizationRulesRequest(**filters)
    response = place.apig.query_consumer_authorization_rules(request)
    return [row.to_map() for row in response.body.data.items]


def _rule_ids(place: Place, **filters: Any) -> list[str]:
    return [row["consumerAuthorizationRuleId"] for row in _rules(place, **filters)]


def _consumer_ids(place: Place, **filters: Any) -> list[str]:
    response = place.apig.list_consumers(models.ListConsumersRequest(**filters))
    return [row.consumer_id for row in response.body.data.items]


def test_api_keys_read_as_written_in_another_spelling(place):
    source = {"source": "Header", "value": "X-Key"}
    body = {**api_keys(KEY, source=source), "description": "d"}
    consumer_id = create_consumer(place.cloud, place.new_name("keys"), **body)
    consumer = _read(place, consumer_id).to_map()
    assert (consumer["description"], consumer["enable"]) == ("d", True)
    assert consumer["deployStatus"] == "Deployed"
    assert consumer["apiKeyIdentityConfig"] == {
        "type": "Apikey",
        "apikeySource": source,
        "apikeySources": [],
        "credentials": [{"apikey": KEY, "generateMode": "Custom"}],
    }


def test_several_headers_for_a_key_read_as_written(place):
    headers = [{"source": "Header", "value": name} for name in ("X-One", "X-Two", "X-Three")]
    config = api_keys("sk-several")["apikeyIdentityConfig"]
    config |= {"apikeySource": headers[0], "apikeySources": headers}
    name = place.new_name("headers")
    consumer_id = create_consumer(place.cloud, name, apikeyIdentityConfig=config)
    read = _read(place, consumer_id).to_map()["apiKeyIdentityConfig"]
    assert read["apikeySources"] == headers
    fourth = {**config, "apikeySources": [*headers, {"source": "Header", "value": "X-Four"}]}
    with refused("InvalidParameter.WithValue", field="apikeySources"):
        _update(place, consumer_id, apikeyIdentityConfig=fourth)


def test_key_pairs_and_tokens_read_as_written(place):
    pairs = create_consumer(place.cloud, place.new_name("pairs"), akSkIdentityConfigs=[PAIR])
    assert _read(place, pairs).to_map()["akSkIdentityConfigs"] == [PAIR]
    tokens = create_consumer(place.cloud, place.new_name("tokens"), jwtIdentityConfig=JWT)
    read = _read(place, tokens).to_map()["jwtIdentityConfig"]
    assert read == read | JWT


def test_a_list_of_consumers_has_no_credentials(place):
    name = place.new_name("listed")
    create_consumer(place.cloud, name, **api_keys("sk-never-listed"), jwtIdentityConfig=JWT)
    response = place.apig.list_consumers(models.ListConsumersRequest(name_like=name))
    (row,) = response.body.to_map()["data"]["items"]
    assert row["name"] == name
    assert not [field for field in row if "Config" in field]
    assert "sk-never-listed" not in json.dumps(row)


def test_a_cloud_may_mask_the_keys_of_consumers():
    with running_gateway(dialect=Dialect.of({"consumer-keys": "masked"})) as place:
        body = {**api_keys(KEY), "akSkIdentityConfigs": [PAIR]}
        consumer = _read(place, create_consumer(place.cloud, "hidden", **body)).to_map()
    (credential,) = consumer["apiKeyIdentityConfig"]["credentials"]
    assert credential["apikey"] == "sk-0****cdef"
    assert consumer["akSkIdentityConfigs"] == [{**PAIR, "sk": "0123****cdef"}]


def test_a_symmetric_key_set_is_generated_where_none_is_sent(place):
    name = place.new_name("symmetric")
    symmetric = {"type": "Jwt", "secretType": "Symmetry"}
    consumer_id = create_consumer(place.cloud, name, jwtIdentityConfig=symmetric)
    (key,) = json.loads(_read(place, consumer_id).jwt_identity_config.jwks)["keys"]
    assert (key["kty"], len(key["k"]) >= 32) == ("oct", True)


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"secretType": "Asymmetry", "jwks": ""}, "InvalidParameter.IsEmpty", "jwks"),
        ({"secretType": "Other"}, "InvalidParameter.WithValue", "secretType"),
    ],
    ids=["asymmetric without a key set", "unknown type"],
)
def test_an_incomplete_key_set_is_refused(place, changed, code, field):
    with refused(code, field=field):
        create_consumer(place.cloud, place.new_name("jwt"), jwtIdentityConfig={**JWT, **changed})


@pytest.mark.parametrize("name", ["ab", "A.b-9", "x" * 64], ids=["short", "signs", "long"])
def test_names_of_letters_digits_dots_and_dashes_are_taken(place, name):
    place.apig.delete_consumer(create_consumer(place.cloud, name))


@pytest.mark.parametrize(
    "name",
    ["a", "x" * 65, "a_b", "-ab", "ab.", "a b", "ä-b"],
    ids=["short", "long", "underscore", "dash first", "dot last", "space", "letter"],
)
def test_other_names_of_consumers_are_refused(place, name):
    with refused("InvalidParameter.WithValue", field="name"):
        create_consumer(place.cloud, name)


def test_the_cloud_generates_keys_on_request(place):
    config = {"type": "Apikey", "credentials": [{"generateMode": "System"}]}
    pair = {"type": "AkSk", "generateMode": "System"}
    body = {"apikeyIdentityConfig": config, "akSkIdentityConfigs": [pair]}
    consumer_id = create_consumer(place.cloud, place.new_name("system"), **body)
    consumer = place.cloud.state.consumers[consumer_id]
    assert len(consumer.api_key_config["credentials"][0]["apikey"]) >= 32
    (generated,) = consumer.ak_sk_configs
    assert min(len(generated["ak"]), len(generated["sk"])) >= 16


def test_an_update_replaces_only_the_fields_it_names(place):
    keys = api_keys("sk-before-0000", "sk-beside-0000")
    consumer_id = create_consumer(place.cloud, place.new_name("update"), **keys)
    _update(place, consumer_id, description="after", enable=False)
    consumer = _read(place, consumer_id)
    assert (consumer.description, consumer.enable) == ("after", False)
    assert len(consumer.api_key_identity_config.credentials) == 2
    _update(place, consumer_id, **api_keys("sk-after-00000"))
    consumer = _read(place, consumer_id)
    (credential,) = consumer.api_key_identity_config.credentials
    assert credential.apikey == "sk-after-00000"
    assert (consumer.description, consumer.enable) == ("after", False)


def test_names_and_credentials_are_unique(place):
    name = place.new_name("once")
    create_consumer(place.cloud, name, **api_keys("sk-used"))
    with refused("Conflict.ConsumerNameDuplicate", 409):
        create_consumer(place.cloud, name)
    with refused("Conflict.ConsumerCredentialExisted", 409):
        create_consumer(place.cloud, place.new_name("other"), **api_keys("sk-used"))
    other = create_consumer(place.cloud, place.new_name("other"))
    with refused("Conflict.ConsumerCredentialExisted", 409):
        _update(place, other, **api_keys("sk-used"))


def test_an_empty_key_is_refused(place):
    with refused("InvalidParameter.IsEmpty", field="apikey"):
        create_consumer(place.cloud, place.new_name("bad"), **api_keys(""))


def test_consumers_are_listed_by_a_substring_of_the_name(place):
    name = place.new_name("findable")
    consumer_id = create_consumer(place.cloud, name)
    assert _consumer_ids(place, name_like=name, gateway_type="AI") == [consumer_id]
    assert _consumer_ids(place, gateway_type="API") == []


def test_deleting_a_consumer_deletes_its_rules(place):
    served = place.serve()
    consumer_id = create_consumer(place.cloud, place.new_name("gone"))
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    place.apig.delete_consumer(consumer_id)
    assert _rules(place, resource_id=served.api_id) == []
    for call in (_read, _update):
        with refused("NotFound.ConsumerNotFound", 404):
            call(place, consumer_id)
    with refused("NotFound.ConsumerNotFound", 404):
        place.apig.delete_consumer(consumer_id)


def test_a_dry_run_creates_no_consumer(place):
    name = place.new_name("dry")
    request = models.CreateConsumerRequest(name=name, gateway_type="AI", dry_run=True)
    assert place.apig.create_consumer(request).body.code == "Ok"
    assert _consumer_ids(place, name_like=name) == []


def test_a_client_token_creates_one_consumer(place):
    request = models.CreateConsumerRequest(
        name=place.new_name("token"), gateway_type="AI", client_token="consumer-token"
    )
    first = place.apig.create_consumer(request).body.data.consumer_id
    assert place.apig.create_consumer(request).body.data.consumer_id == first
    request.description = "other"
    with refused("IdempotentParameterMismatch"):
        place.apig.create_consumer(request)


def test_an_authorization_rule_reads_as_written(place):
    served, name = place.serve(), place.new_name("allowed")
    consumer_id = create_consumer(place.cloud, name)
    rule_id = authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    (rule,) = _rules(place, consumer_id=consumer_id)
    assert rule["consumerAuthorizationRuleId"] == rule_id
    assert (rule["resourceId"], rule["resourceType"]) == (served.api_id, "LLM")
    assert (rule["expireMode"], rule["consumerInfo"]["name"]) == ("LongTerm", name)
    assert rule["environmentInfo"]["environmentId"] == place.environment_id


def test_authorization_rules_are_listed_by_each_filter(place):
    served = place.serve()
    consumer_id = create_consumer(place.cloud, place.new_name("filtered"))
    rule_id = authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    environment_id = place.environment_id
    assert _rule_ids(place, resource_id=served.api_id) == [rule_id]
    assert _rule_ids(place, consumer_id=consumer_id) == [rule_id]
    assert _rule_ids(place, consumer_id=consumer_id, environment_id=environment_id) == [rule_id]
    assert _rules(place, consumer_id=consumer_id, resource_type="MCP") == []
    with refused("InvalidParameter.WithValue", field="resourceId"):
        _rules(place)


def test_an_authorization_rule_is_unique(place):
    served = place.serve()
    consumer_id = create_consumer(place.cloud, place.new_name("once"))
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    with refused("Conflict.ConsumerAuthorizationForbidden", 409):
        authorize(place.cloud, consumer_id, served.api_id, place.environment_id)


def test_authorization_rules_are_removed_singly_or_together(place):
    consumer_id = create_consumer(place.cloud, place.new_name("back"))
    rule_ids = []
    for _ in range(3):
        api_id = place.serve().api_id
        rule_ids.append(authorize(place.cloud, consumer_id, api_id, place.environment_id))
    place.apig.remove_consumer_authorization_rule(rule_ids[0])
    with refused("NotFound.ConsumerAuthorizationRuleNotFound", 404):
        place.apig.remove_consumer_authorization_rule(rule_ids[0])
    assert _rule_ids(place, consumer_id=consumer_id) == rule_ids[1:]
    request = models.BatchDeleteConsumerAuthorizationRuleRequest(
        consumer_authorization_rule_ids=",".join(rule_ids)
    )
    place.apig.batch_delete_consumer_authorization_rule(request)
    assert _rules(place, consumer_id=consumer_id) == []


def test_an_authorization_rule_needs_existing_resources(place):
    served, consumer_id = place.serve(), create_consumer(place.cloud, place.new_name("sided"))
    with refused("NotFound.ConsumerNotFound", 404):
        authorize(place.cloud, "cs-absent", served.api_id, place.environment_id)
    with refused("DatabaseError.RecordNotFound", 404):
        authorize(place.cloud, consumer_id, "api-absent", place.environment_id)
    with refused("NotFound.EnvironmentNotFound", 404):
        authorize(place.cloud, consumer_id, served.api_id, "env-absent")


def _authorize(place: Place, kind: str) -> None:
    consumer_id = create_consumer(place.cloud, place.new_name("typed"))
    rule = {
        "consumerId": consumer_id,
        "resourceType": kind,
        "resourceIdentifier": {"resourceId": "op-1", "environmentId": place.environment_id},
    }
    request = models.CreateConsumerAuthorizationRulesRequest()
    request.from_map({"authorizationRules": [rule]})
    place.apig.create_consumer_authorization_rules(request)
    assert [row["resourceType"] for row in _rules(place, consumer_id=consumer_id)] == [kind]


@pytest.mark.parametrize("kind", ["HttpApiRoute", "RestApiOperation", "MCP", "Agent"], ids=str)
def test_consumers_are_authorized_for_each_resource_type(place, kind):
    _authorize(place, kind)


def test_an_unknown_resource_type_is_refused(place):
    with refused("InvalidParameter.WithValue", field="resourceType"):
        _authorize(place, "HttpApi")
