"""AI services: checks, keys and protocols, from the provider to the cloud."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import provider_pb2
from support.provider import Created, struct, unsealed
from support.provider_cases import new_name

NONE = provider_pb2.DiffResponse.DIFF_NONE


def service_inputs(base, **more):
    inputs = {"gatewayId": base.gateway_id, "name": new_name("service"), "vendor": "custom"}
    return {**inputs, "address": "https://models.example.com/v1", **more}


def health_check(base, created):
    return base.cloud.state.ai_services[created.id].health_check


def without_statuses(created):
    """The resource as a version without expected statuses has stored it."""
    inputs = unsealed(created.inputs)
    properties = unsealed(created.properties)
    for values in (inputs, properties):
        values["healthCheck"].pop("expectedStatuses", None)
    return Created(created.urn, created.id, struct(inputs), struct(properties))


def test_a_check_by_http_expects_200_by_default(engine, base):
    inputs = service_inputs(base, healthCheck={"protocol": "HTTP", "path": "/health"})
    created = engine.create("AiService", inputs)
    assert health_check(base, created)["expectedStatuses"] == ["200"]
    assert engine.diff(engine.refresh(created), inputs).changes == NONE


@pytest.mark.parametrize("protocol", ["TCP", "GRPC"], ids=str)
def test_other_checks_send_no_statuses(engine, base, protocol):
    inputs = service_inputs(base, healthCheck={"protocol": protocol})
    created = engine.create("AiService", inputs)
    sent = health_check(base, created)
    assert (sent["protocol"], "expectedStatuses" in sent, "httpHost" in sent) == (
        protocol,
        False,
        False,
    )
    assert engine.diff(engine.refresh(created), inputs).changes == NONE


def test_host_and_statuses_are_read_back(engine, base):
    check = {"protocol": "HTTP", "host": "a.example.com", "expectedStatuses": ["200", "204"]}
    inputs = service_inputs(base, healthCheck=check)
    created = engine.create("AiService", inputs)
    sent = health_check(base, created)
    assert (sent["httpHost"], sent["expectedStatuses"]) == ("a.example.com", ["200", "204"])
    assert engine.diff(engine.refresh(created), inputs).changes == NONE


def test_an_older_check_by_tcp_is_no_change(engine, base):
    inputs = service_inputs(base, healthCheck={"protocol": "TCP"})
    older = without_statuses(engine.create("AiService", inputs))
    assert engine.diff(older, inputs).changes == NONE


def test_an_older_check_by_http_gets_its_statuses_in_place(engine, base):
    inputs = service_inputs(base, healthCheck={"protocol": "HTTP"})
    older = without_statuses(engine.create("AiService", inputs))
    diff = engine.diff(older, inputs)
    assert (list(diff.diffs), list(diff.replaces)) == (["healthCheck"], [])
    engine.update(older, inputs)
    assert health_check(base, older)["expectedStatuses"] == ["200"]


def test_a_service_takes_ten_keys_at_most(engine, base):
    keys = [f"sk-{number}-0123456789abcdef" for number in range(11)]
    inputs = service_inputs(base, apiKeys=keys)
    failures = engine.check("AiService", inputs).failures
    assert [failure.property for failure in failures] == ["apiKeys"]
    assert keys[0] not in failures[0].reason
    assert not engine.check("AiService", {**inputs, "apiKeys": keys[:10]}).failures


# -- states of earlier versions ------------------------------------------------------------------


EARLIER = ["OpenAI/v1", "DashScope", "Anthropic", "vLLM"]
OFFERED = ["OpenAI/v1", "DashScope", "Anthropic"]


def test_protocols_of_an_earlier_version_stay_as_they_are(engine, base):
    earlier = service_inputs(base, vendor="qwen", protocols=EARLIER)
    created = engine.create("AiService", earlier)
    inputs = {**earlier, "protocols": ["OpenAI/v1"], "compatibleProtocols": OFFERED}
    assert engine.diff(created, inputs).changes == NONE
    assert engine.diff(engine.refresh(created), inputs).changes == NONE
    changed = engine.update(created, {**inputs, "defaultModel": "qwen-plus"})
    assert base.cloud.state.ai_services[changed.id].ai_config["compatibleProtocols"] == OFFERED


def test_a_protocol_that_was_not_declared_is_a_change(engine, base):
    earlier = service_inputs(base, vendor="qwen", protocols=EARLIER)
    created = engine.create("AiService", earlier)
    inputs = {**earlier, "protocols": ["OpenAI/v1"], "compatibleProtocols": [*OFFERED, "ComfyUI"]}
    assert list(engine.diff(created, inputs).diffs) == ["protocols", "compatibleProtocols"]


def test_a_shorter_list_of_the_settings_is_a_change(engine, base):
    written = service_inputs(base, vendor="qwen", protocols=["OpenAI/v1", "DashScope"])
    created = engine.create("AiService", written)
    assert list(engine.diff(created, {**written, "protocols": ["OpenAI/v1"]}).diffs) == [
        "protocols"
    ]
