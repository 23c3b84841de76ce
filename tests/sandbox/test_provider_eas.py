"""A service of PAI-EAS in a cloud that accepts another word for its address."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import provider_pb2
from support.base_stacks import gateway_stack
from support.provider import engine_for, refused, unsealed

from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect

NONE = provider_pb2.DiffResponse.DIFF_NONE
EAS = {"workspaceId": "12345", "serviceName": "llm", "serviceId": "eas-m-1"}


def eas_inputs(gateway_id, endpoint_type="vpc"):
    eas = {**EAS, "endpointType": endpoint_type}
    return {"gatewayId": gateway_id, "name": "own", "vendor": "pai-eas", "eas": eas}


@pytest.fixture(scope="module")
def private_words():
    """The engine's side and a gateway, in a cloud that says `private` instead of `vpc`."""
    with Sandbox(dialect=Dialect.of({"eas-endpoint-types": "private"})) as cloud:
        gateway_id = gateway_stack(cloud)["dashlink:gateway"]["id"]
        with engine_for(cloud) as engine:
            yield cloud, engine, gateway_id


def test_the_next_candidate_is_sent_where_one_is_refused(private_words):
    cloud, engine, gateway_id = private_words
    inputs = eas_inputs(gateway_id)
    created = engine.create("AiService", inputs)
    config = cloud.state.ai_services[created.id].ai_config
    assert config["paiEASServiceConfig"]["endpointType"] == "private"
    (word,) = unsealed(created.properties)["verified"]
    assert (word["term"], word["value"]) == ("eas.private", "private")
    assert word["how"] == "CreateService refused vpc"
    refreshed = engine.refresh(created)
    assert engine.diff(refreshed, inputs).changes == NONE
    assert unsealed(refreshed.properties)["verified"] == [word]
    changed = engine.update(refreshed, {**inputs, "defaultModel": "llm"})
    assert unsealed(changed.properties)["verified"] == [word]
    engine.delete(changed)


def test_a_word_of_the_settings_is_not_replaced(private_words):
    cloud, engine, gateway_id = private_words
    before = set(cloud.state.ai_services)
    error = refused(engine.create, "AiService", eas_inputs(gateway_id, "intranet"))
    assert "cannot create the AI service: " in error
    assert set(cloud.state.ai_services) == before
