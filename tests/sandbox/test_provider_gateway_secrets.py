"""Keys in the provider: sealed for the engine, plain for the cloud, matched when masked."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2
from support.provider import sealed_names, unsealed, with_seals
from support.provider_cases import (
    CASES,
    KEYS,
    consumer_case,
    new_name,
    service_case,
)

from dashlink.provider.codec import UNKNOWN_KEY

NONE = provider_pb2.DiffResponse.DIFF_NONE
every_resource = pytest.mark.parametrize("resource", CASES, ids=str)
every_created_resource = pytest.mark.parametrize(
    "resource", sorted({*CASES} - {"GatewayAddresses"}), ids=str
)


@every_created_resource
def test_secret_properties_are_sealed_in_every_response(engine, resource, case):
    given = case.secrets & set(case.inputs)
    assert sealed_names(engine.check(resource, case.inputs).inputs) == given
    assert sealed_names(engine.preview_create(resource, case.inputs).properties) == given
    created = engine.create(resource, case.inputs, name=new_name("sealed"))
    assert sealed_names(created.properties) == given
    read = engine.read(created)
    assert sealed_names(read.inputs) == sealed_names(read.properties) == given
    assert given <= sealed_names(engine.import_(resource, created.id).properties)
    if case.in_place:
        assert sealed_names(engine.update(created, case.inputs).properties) == given
        assert sealed_names(engine.update(created, case.inputs, preview=True).properties) == given
    broken = engine.check(resource, {**case.inputs, next(iter(case.inputs)): ["invalid"]})
    assert broken.failures
    assert given <= sealed_names(broken.inputs)


@every_resource
def test_a_property_sent_as_secret_is_returned_as_secret(engine, resource, case):
    for name in ("name", "gatewayId", "consumerId"):
        if name not in case.inputs:
            continue
        inputs = with_seals(case.inputs, name)
        assert name in sealed_names(engine.check(resource, inputs).inputs)
        assert name in sealed_names(engine.preview_create(resource, inputs).properties)
        created = engine.create(resource, inputs, name=new_name("came-sealed"))
        assert name in sealed_names(created.properties)
        read = engine.read(created)
        assert name in sealed_names(read.inputs) & sealed_names(read.properties)
        if case.in_place:
            assert name in sealed_names(engine.update(created, inputs).properties)
        engine.delete(created)


def test_sealed_keys_reach_the_cloud_in_plain(engine, base):
    inputs = with_seals(service_case(base).inputs, "apiKeys")
    created = engine.create("AiService", inputs, name="open-keys")
    assert list(base.cloud.state.ai_services[created.id].ai_config["apiKeys"]) == KEYS


def test_one_sealed_item_seals_its_list(engine, base):
    inputs = consumer_case(base).inputs
    inputs["apiKeys"] = [rpc.wrap_rpc_secret(inputs["apiKeys"][0]), inputs["apiKeys"][1]]
    created = engine.create("Consumer", inputs, name="one-of-a-list")
    assert "apiKeys" in sealed_names(created.properties)
    assert engine.diff(engine.refresh(created), inputs).changes == NONE


def test_a_key_changed_in_the_console_is_read_as_a_change(engine, base):
    inputs = service_case(base).inputs
    created = engine.create("AiService", inputs, name="changed-keys")
    config = dict(base.cloud.state.ai_services[created.id].ai_config) | {
        "apiKeys": [KEYS[0], "sk-by-hand-0123456789abc"]
    }
    request = models.UpdateServiceRequest().from_map({"aiServiceConfig": config})
    base.client.update_service(created.id, request)
    read = engine.refresh(created)
    assert unsealed(read.inputs)["apiKeys"] == [KEYS[0], UNKNOWN_KEY]
    assert list(engine.diff(read, inputs).diffs) == ["apiKeys"]


@pytest.mark.parametrize("removed", ["apiKeys", "keyPairs", "jwt"], ids=str)
def test_a_removed_credential_is_removed_from_the_cloud(engine, base, removed):
    inputs = consumer_case(base).inputs
    created = engine.create("Consumer", inputs, name=new_name("removed"))
    engine.update(created, {**inputs, removed: None, "apiKeyHeaders": None})
    consumer = base.cloud.state.consumers[created.id]
    credentials = {
        "apiKeys": (consumer.api_key_config or {}).get("credentials"),
        "keyPairs": consumer.ak_sk_configs,
        "jwt": consumer.jwt_config,
    }
    assert not credentials.pop(removed)
    assert all(credentials.values())


def test_an_invalid_key_is_reported_without_its_value(engine):
    for resource, name, value in (
        ("AiService", "apiKeys", "sk-very-secret-0123456789"),
        (
            "AiService",
            "bedrock",
            {"region": "us", "accessKey": ["sk-very-secret-0123456789"], "secretKey": 1},
        ),
        ("Consumer", "keyPairs", ["sk-very-secret-0123456789"]),
        ("Consumer", "jwt", "sk-very-secret-0123456789"),
        ("ModelApi", "cache", {"mode": "exact", "ttlSeconds": "sk-very-secret-0123456789"}),
    ):
        answer = engine.check(resource, {name: value})
        texts = [f"{failure.property}: {failure.reason}" for failure in answer.failures]
        assert any(text.startswith(name) for text in texts)
        assert "very-secret" not in "".join(texts)


def test_an_import_has_placeholders_for_unknown_keys(engine, base):
    case = service_case(base)
    created = engine.create("AiService", case.inputs, name="imported-keys")
    assert unsealed(engine.import_("AiService", created.id).inputs)["apiKeys"] == [
        UNKNOWN_KEY,
        UNKNOWN_KEY,
    ]
