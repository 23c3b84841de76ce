"""Keys on their way through the provider: sealed to the engine, open to the cloud, and known again when masked."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from support.provider import bare, engine_for, sealed_names, with_seals
from support.provider_cases import (
    CASES,
    KEYS,
    consumer_case,
    new_name,
    service_case,
    standing_place,
)

from dashlink.provider.codec import UNKNOWN_KEY

NONE = provider_pb2.DiffResponse.DIFF_NONE
every_kind = pytest.mark.parametrize("kind", CASES)
makes_something = pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "GatewayAddresses"])


@pytest.fixture(scope="module")
def place():
    with standing_place() as made:
        yield made


@pytest.fixture(scope="module")
def engine(place):
    with engine_for(place.cloud) as engine:
        yield engine


@pytest.fixture
def case(kind, place):
    return CASES[kind](place)


@makes_something
def test_what_is_secret_comes_back_sealed_from_every_verb(engine, kind, case):
    given = case.secrets & set(case.inputs)
    assert sealed_names(engine.check(kind, case.inputs).inputs) == given
    assert sealed_names(engine.preview_create(kind, case.inputs).properties) == given
    made = engine.create(kind, case.inputs, name=new_name("sealed"))
    assert sealed_names(made.properties) == given
    read = engine.read(made)
    assert sealed_names(read.inputs) == sealed_names(read.properties) == given
    assert given <= sealed_names(engine.bring_in(kind, made.id).properties)
    if case.in_place:
        assert sealed_names(engine.update(made, case.inputs).properties) == given
        assert sealed_names(engine.update(made, case.inputs, preview=True).properties) == given
    broken = engine.check(kind, {**case.inputs, next(iter(case.inputs)): ["wrong"]})
    assert broken.failures
    assert given <= sealed_names(broken.inputs)


@every_kind
def test_what_came_sealed_goes_back_sealed(engine, kind, case):
    for name in ("name", "gatewayId", "consumerId"):
        if name not in case.inputs:
            continue
        inputs = with_seals(case.inputs, name)
        assert name in sealed_names(engine.check(kind, inputs).inputs)
        assert name in sealed_names(engine.preview_create(kind, inputs).properties)
        made = engine.create(kind, inputs, name=new_name("came-sealed"))
        assert name in sealed_names(made.properties)
        read = engine.read(made)
        assert name in sealed_names(read.inputs) & sealed_names(read.properties)
        if case.in_place:
            assert name in sealed_names(engine.update(made, inputs).properties)
        engine.delete(made)


def test_sealed_keys_reach_the_cloud_open(engine, place):
    inputs = with_seals(service_case(place).inputs, "apiKeys")
    made = engine.create("AiService", inputs, name="open-keys")
    assert list(place.cloud.state.ai_services[made.id].ai_config["apiKeys"]) == KEYS


def test_a_key_is_sealed_also_in_a_list_of_which_it_is_one(engine, place):
    inputs = consumer_case(place).inputs
    inputs["apiKeys"] = [rpc.wrap_rpc_secret(inputs["apiKeys"][0]), inputs["apiKeys"][1]]
    made = engine.create("Consumer", inputs, name="one-of-a-list")
    assert "apiKeys" in sealed_names(made.properties)
    assert engine.diff(engine.refresh(made), inputs).changes == NONE


def test_a_key_that_the_console_changed_is_read_as_a_change(engine, place):
    inputs = service_case(place).inputs
    made = engine.create("AiService", inputs, name="changed-keys")
    config = dict(place.cloud.state.ai_services[made.id].ai_config) | {"apiKeys": [KEYS[0], "sk-by-hand-0123456789abc"]}
    request = models.UpdateServiceRequest().from_map({"aiServiceConfig": config})
    place.client.update_service(made.id, request)
    read = engine.refresh(made)
    assert bare(read.inputs)["apiKeys"] == [KEYS[0], UNKNOWN_KEY]
    assert list(engine.diff(read, inputs).diffs) == ["apiKeys"]


@pytest.mark.parametrize("taken", ["apiKeys", "keyPairs", "jwt"])
def test_a_credential_that_is_taken_away_is_gone_from_the_cloud(engine, place, taken):
    inputs = consumer_case(place).inputs
    made = engine.create("Consumer", inputs, name=new_name("taken"))
    engine.update(made, {name: value for name, value in inputs.items() if name not in (taken, "apiKeyHeaders")})
    left = place.cloud.state.consumers[made.id]
    found = {
        "apiKeys": (left.api_key_config or {}).get("credentials"),
        "keyPairs": left.ak_sk_configs,
        "jwt": left.jwt_config,
    }
    assert not found.pop(taken)
    assert all(found.values())


def test_a_wrong_key_is_told_without_being_shown(engine):
    for kind, name, value in (
        ("AiService", "apiKeys", "sk-very-secret-0123456789"),
        ("AiService", "bedrock", {"region": "us", "accessKey": ["sk-very-secret-0123456789"], "secretKey": 1}),
        ("Consumer", "keyPairs", ["sk-very-secret-0123456789"]),
        ("Consumer", "jwt", "sk-very-secret-0123456789"),
        ("ModelApi", "cache", {"mode": "NORMAL", "ttlSeconds": "sk-very-secret-0123456789"}),
    ):
        answer = engine.check(kind, {name: value})
        told = [f"{failure.property}: {failure.reason}" for failure in answer.failures]
        assert any(text.startswith(name) for text in told)
        assert "very-secret" not in "".join(told)


def test_keys_that_an_import_cannot_know_are_no_keys(engine, place):
    case = service_case(place)
    made = engine.create("AiService", case.inputs, name="imported-keys")
    assert bare(engine.bring_in("AiService", made.id).inputs)["apiKeys"] == [UNKNOWN_KEY, UNKNOWN_KEY]
