"""Keys on their way through the provider: sealed to the engine, open to the cloud, and known again when masked."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from support.provider import unsealed, engine_for, sealed_names, with_seals
from support.provider_cases import (
    CASES,
    KEYS,
    consumer_case,
    new_name,
    service_case,
    base_gateway,
)

from dashlink.provider.codec import UNKNOWN_KEY

NONE = provider_pb2.DiffResponse.DIFF_NONE
every_resource = pytest.mark.parametrize("kind", CASES)
every_created_resource = pytest.mark.parametrize("kind", [kind for kind in CASES if kind != "GatewayAddresses"])


@pytest.fixture(scope="module")
def base():
    with base_gateway() as made:
        yield made


@pytest.fixture(scope="module")
def engine(base):
    with engine_for(base.cloud) as engine:
        yield engine


@pytest.fixture
def case(kind, base):
    return CASES[kind](base)


@every_created_resource
def test_secret_properties_are_sealed_in_every_response(engine, kind, case):
    given = case.secrets & set(case.inputs)
    assert sealed_names(engine.check(kind, case.inputs).inputs) == given
    assert sealed_names(engine.preview_create(kind, case.inputs).properties) == given
    made = engine.create(kind, case.inputs, name=new_name("sealed"))
    assert sealed_names(made.properties) == given
    read = engine.read(made)
    assert sealed_names(read.inputs) == sealed_names(read.properties) == given
    assert given <= sealed_names(engine.import_(kind, made.id).properties)
    if case.in_place:
        assert sealed_names(engine.update(made, case.inputs).properties) == given
        assert sealed_names(engine.update(made, case.inputs, preview=True).properties) == given
    broken = engine.check(kind, {**case.inputs, next(iter(case.inputs)): ["wrong"]})
    assert broken.failures
    assert given <= sealed_names(broken.inputs)


@every_resource
def test_a_property_sent_as_secret_is_returned_as_secret(engine, kind, case):
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


def test_sealed_keys_reach_the_cloud_in_plain(engine, base):
    inputs = with_seals(service_case(base).inputs, "apiKeys")
    made = engine.create("AiService", inputs, name="open-keys")
    assert list(base.cloud.state.ai_services[made.id].ai_config["apiKeys"]) == KEYS


def test_one_sealed_item_seals_its_list(engine, base):
    inputs = consumer_case(base).inputs
    inputs["apiKeys"] = [rpc.wrap_rpc_secret(inputs["apiKeys"][0]), inputs["apiKeys"][1]]
    made = engine.create("Consumer", inputs, name="one-of-a-list")
    assert "apiKeys" in sealed_names(made.properties)
    assert engine.diff(engine.refresh(made), inputs).changes == NONE


def test_a_key_changed_in_the_console_is_read_as_a_change(engine, base):
    inputs = service_case(base).inputs
    made = engine.create("AiService", inputs, name="changed-keys")
    config = dict(base.cloud.state.ai_services[made.id].ai_config) | {"apiKeys": [KEYS[0], "sk-by-hand-0123456789abc"]}
    request = models.UpdateServiceRequest().from_map({"aiServiceConfig": config})
    base.client.update_service(made.id, request)
    read = engine.refresh(made)
    assert unsealed(read.inputs)["apiKeys"] == [KEYS[0], UNKNOWN_KEY]
    assert list(engine.diff(read, inputs).diffs) == ["apiKeys"]


@pytest.mark.parametrize("taken", ["apiKeys", "keyPairs", "jwt"])
def test_a_removed_credential_is_removed_from_the_cloud(engine, base, taken):
    inputs = consumer_case(base).inputs
    made = engine.create("Consumer", inputs, name=new_name("taken"))
    engine.update(made, {name: value for name, value in inputs.items() if name not in (taken, "apiKeyHeaders")})
    left = base.cloud.state.consumers[made.id]
    found = {
        "apiKeys": (left.api_key_config or {}).get("credentials"),
        "keyPairs": left.ak_sk_configs,
        "jwt": left.jwt_config,
    }
    assert not found.pop(taken)
    assert all(found.values())


def test_an_invalid_key_is_reported_without_its_value(engine):
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


def test_an_import_has_placeholders_for_unknown_keys(engine, base):
    case = service_case(base)
    made = engine.create("AiService", case.inputs, name="imported-keys")
    assert unsealed(engine.import_("AiService", made.id).inputs)["apiKeys"] == [UNKNOWN_KEY, UNKNOWN_KEY]
