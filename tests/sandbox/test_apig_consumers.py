"""Consumers and what they may use, by the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import Body, Place, api_keys, authorize, make_consumer, refused, standing

KEY = "sk-0123456789abcdef"
PAIR = {"type": "AkSk", "generateMode": "Custom", "ak": "consumer-ak", "sk": "0123456789abcdef"}
JWT = {
    "type": "Jwt",
    "jwks": '{"keys": []}',
    "jwtTokenConfig": {"position": "HEADER", "key": "X-Token", "prefix": "Bearer ", "pass": False},
    "jwtPayloadConfig": {"payloadKeyName": "uid", "payloadKeyValue": "team-a"},
}


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _read(place: Place, consumer_id: str) -> models.GetConsumerResponseBodyData:
    return place.apig.get_consumer(consumer_id).body.data


def _update(place: Place, consumer_id: str, **body: Any) -> None:
    place.apig.update_consumer(consumer_id, models.UpdateConsumerRequest().from_map(body))


def _rules(place: Place, **filters: Any) -> list[Body]:
    request = models.QueryConsumerAuthorizationRulesRequest(**filters)
    return [row.to_map() for row in place.apig.query_consumer_authorization_rules(request).body.data.items]


def test_api_keys_are_written_in_one_spelling_and_read_in_another(place):
    source = {"source": "Header", "value": "X-Key"}
    consumer_id = make_consumer(place.cloud, place.new_name("keys"), **api_keys(KEY, source=source), description="d")
    told = _read(place, consumer_id).to_map()
    assert (told["description"], told["enable"], told["deployStatus"]) == ("d", True, "Deployed")
    assert told["apiKeyIdentityConfig"] == {
        "type": "Apikey",
        "apikeySource": source,
        "apikeySources": [],
        "credentials": [{"apikey": "sk-0****cdef", "generateMode": "Custom"}],
    }


def test_several_headers_for_a_key_are_read_as_they_were_written(place):
    headers = [{"source": "Header", "value": name} for name in ("X-One", "X-Two", "X-Three")]
    config = {**api_keys("sk-several")["apikeyIdentityConfig"], "apikeySource": headers[0], "apikeySources": headers}
    consumer_id = make_consumer(place.cloud, place.new_name("headers"), apikeyIdentityConfig=config)
    assert _read(place, consumer_id).to_map()["apiKeyIdentityConfig"]["apikeySources"] == headers
    fourth = {**config, "apikeySources": [*headers, {"source": "Header", "value": "X-Four"}]}
    with refused("InvalidParameter.apikeySources"):
        _update(place, consumer_id, apikeyIdentityConfig=fourth)


def test_key_pairs_and_tokens_read_as_they_were_written_but_for_secrets(place):
    pairs = make_consumer(place.cloud, place.new_name("pairs"), akSkIdentityConfigs=[PAIR])
    assert _read(place, pairs).to_map()["akSkIdentityConfigs"] == [{**PAIR, "sk": "0123****cdef"}]
    tokens = make_consumer(place.cloud, place.new_name("tokens"), jwtIdentityConfig=JWT)
    told = _read(place, tokens).to_map()["jwtIdentityConfig"]
    assert {key: told[key] for key in JWT} == JWT


def test_the_cloud_makes_a_key_where_it_is_asked_for_one(place):
    config = {"type": "Apikey", "credentials": [{"generateMode": "System"}]}
    pair = {"type": "AkSk", "generateMode": "System"}
    name = place.new_name("system")
    made = make_consumer(place.cloud, name, apikeyIdentityConfig=config, akSkIdentityConfigs=[pair])
    row = place.cloud.state.consumers[made]
    assert len(row.api_key_config["credentials"][0]["apikey"]) >= 32
    assert min(len(row.ak_sk_configs[0]["ak"]), len(row.ak_sk_configs[0]["sk"])) >= 16


def test_an_update_replaces_what_it_names_and_leaves_the_rest(place):
    consumer_id = make_consumer(place.cloud, place.new_name("update"), **api_keys("sk-before-0000", "sk-beside-0000"))
    _update(place, consumer_id, description="after", enable=False)
    told = _read(place, consumer_id)
    assert (told.description, told.enable, len(told.api_key_identity_config.credentials)) == ("after", False, 2)
    _update(place, consumer_id, **api_keys("sk-after-00000"))
    told = _read(place, consumer_id)
    assert [row.apikey for row in told.api_key_identity_config.credentials] == ["sk-a****0000"]
    assert (told.description, told.enable) == ("after", False)


def test_a_name_and_a_credential_come_once(place):
    name = place.new_name("once")
    make_consumer(place.cloud, name, **api_keys("sk-taken"))
    with refused("Conflict.ConsumerNameExisted", 409):
        make_consumer(place.cloud, name)
    with refused("Conflict.ConsumerCredentialExisted", 409):
        make_consumer(place.cloud, place.new_name("other"), **api_keys("sk-taken"))
    other = make_consumer(place.cloud, place.new_name("other"))
    with refused("Conflict.ConsumerCredentialExisted", 409):
        _update(place, other, **api_keys("sk-taken"))


def test_a_key_must_be_there(place):
    with refused("Missingapikey"):
        make_consumer(place.cloud, place.new_name("bad"), **api_keys(""))


def test_consumers_are_found_by_a_part_of_their_name(place):
    name = place.new_name("findable")
    consumer_id = make_consumer(place.cloud, name)
    request = models.ListConsumersRequest(name_like=name, gateway_type="AI")
    assert [row.consumer_id for row in place.apig.list_consumers(request).body.data.items] == [consumer_id]
    assert place.apig.list_consumers(models.ListConsumersRequest(gateway_type="API")).body.data.items == []


def test_a_consumer_is_deleted_with_its_authorizations(place):
    served = place.serve()
    consumer_id = make_consumer(place.cloud, place.new_name("gone"))
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    place.apig.delete_consumer(consumer_id)
    assert _rules(place, resource_id=served.api_id) == []
    for ask in (_read, _update, lambda _, gone: place.apig.delete_consumer(gone)):
        with refused("NotFound.ConsumerNotFound", 404):
            ask(place, consumer_id)


def test_a_dry_run_makes_no_consumer(place):
    name = place.new_name("dry")
    with refused("DryRunOperation"):
        place.apig.create_consumer(models.CreateConsumerRequest(name=name, gateway_type="AI", dry_run=True))
    assert place.apig.list_consumers(models.ListConsumersRequest(name_like=name)).body.data.items == []


def test_the_same_client_token_gets_the_same_consumer(place):
    name = place.new_name("token")

    def make(description: str) -> str:
        asked = models.CreateConsumerRequest(
            name=name, gateway_type="AI", description=description, client_token="consumer-token"
        )
        return place.apig.create_consumer(asked).body.data.consumer_id

    assert make("one") == make("one")
    with refused("IdempotentParameterMismatch"):
        make("two")


def test_an_authorization_reads_as_it_was_written(place):
    served, name = place.serve(), place.new_name("allowed")
    consumer_id = make_consumer(place.cloud, name)
    rule_id = authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    (rule,) = _rules(place, consumer_id=consumer_id)
    assert {key: rule[key] for key in ("consumerAuthorizationRuleId", "resourceId", "resourceType", "expireMode")} == {
        "consumerAuthorizationRuleId": rule_id,
        "resourceId": served.api_id,
        "resourceType": "LLM",
        "expireMode": "LongTerm",
    }
    assert (rule["consumerInfo"]["name"], rule["environmentInfo"]["environmentId"]) == (name, place.environment_id)


def test_authorizations_are_found_by_each_filter(place):
    served = place.serve()
    consumer_id = make_consumer(place.cloud, place.new_name("filtered"))
    rule_id = authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    by_environment = {"consumer_id": consumer_id, "environment_id": place.environment_id}
    for filters in ({"resource_id": served.api_id}, by_environment, {"consumer_id": consumer_id}):
        assert [row["consumerAuthorizationRuleId"] for row in _rules(place, **filters)] == [rule_id]
    assert _rules(place, consumer_id=consumer_id, resource_type="MCP") == []
    with refused("InvalidParameter.resourceId"):
        _rules(place)


def test_an_authorization_comes_once(place):
    served = place.serve()
    consumer_id = make_consumer(place.cloud, place.new_name("once"))
    authorize(place.cloud, consumer_id, served.api_id, place.environment_id)
    with refused("Conflict.ConsumerAuthorizationRuleExisted", 409):
        authorize(place.cloud, consumer_id, served.api_id, place.environment_id)


def test_authorizations_are_taken_back_one_by_one_or_together_and_again_without_harm(place):
    consumer_id = make_consumer(place.cloud, place.new_name("back"))
    rules = [authorize(place.cloud, consumer_id, place.serve().api_id, place.environment_id) for _ in range(3)]
    for _ in range(2):
        place.apig.remove_consumer_authorization_rule(rules[0])
    assert [row["consumerAuthorizationRuleId"] for row in _rules(place, consumer_id=consumer_id)] == rules[1:]
    request = models.BatchDeleteConsumerAuthorizationRuleRequest(consumer_authorization_rule_ids=",".join(rules))
    place.apig.batch_delete_consumer_authorization_rule(request)
    assert _rules(place, consumer_id=consumer_id) == []


def test_an_authorization_is_refused_where_one_side_is_not_there(place):
    served, consumer_id = place.serve(), make_consumer(place.cloud, place.new_name("sided"))
    with refused("NotFound.ConsumerNotFound", 404):
        authorize(place.cloud, "cs-absent", served.api_id, place.environment_id)
    with refused("DatabaseError.RecordNotFound", 404):
        authorize(place.cloud, consumer_id, "api-absent", place.environment_id)
    with refused("NotFound.EnvironmentNotFound", 404):
        authorize(place.cloud, consumer_id, served.api_id, "env-absent")
