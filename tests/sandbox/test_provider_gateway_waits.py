"""Waits of gateway resources: for a gateway, for a deployment; timed out and cancelled."""

from __future__ import annotations

import threading

import pytest
from alibabacloud_apig20240327 import models
from support.provider import engine_for, refused, unsealed
from support.provider_cases import addresses_case, new_name, plain_api
from support.waiting import wait_for

from dashlink_sandbox import transitions
from dashlink_sandbox.services.apig import http_apis

FOREVER = 3600.0
PATIENCE_SECONDS = 20


def in_background(call, *arguments):
    """The thread of a call that is to be refused, and what it says in the end."""
    error = []
    thread = threading.Thread(target=lambda: error.append(refused(call, *arguments)))
    thread.start()
    return thread, error


def slow_gateway(base):
    """A gateway whose creation takes for ever."""
    vswitches = base.cloud.state.gateways[base.gateway_id].vswitches
    zones = [{"zoneId": zone, "vSwitchId": vswitch} for zone, vswitch in vswitches]
    body = {"name": new_name("slow"), "gatewayType": "AI", "spec": "aigw.small.x1"}
    body |= {"vpcId": base.cloud.state.gateways[base.gateway_id].vpc_id}
    body |= {"zoneConfig": {"zones": zones}, "networkAccessConfig": {"type": "Intranet"}}
    request = models.CreateGatewayRequest().from_map(body)
    return base.client.create_gateway(request).body.data.gateway_id


def set_gateway(base, gateway_id, **changed):
    draft = base.cloud.cloud.draft()
    draft.gateways[gateway_id] = draft.gateways[gateway_id].model_copy(update=changed)
    base.cloud.cloud.replace(draft)


def test_a_cancel_ends_the_wait_for_a_gateway(base, monkeypatch):
    monkeypatch.setattr(transitions, "GATEWAY_SECONDS", FOREVER)
    gateway_id = slow_gateway(base)
    with engine_for(base.cloud) as engine:
        inputs = {"gatewayId": gateway_id, "timeoutSeconds": 3600}
        thread, error = in_background(engine.create, "GatewayAddresses", inputs)
        wait_for(lambda: engine.messages, "a message", seconds=PATIENCE_SECONDS)
        engine.cancel()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
        assert engine.messages == ["waiting: the gateway is Creating"]
    assert error == [
        f"{gateway_id}: the wait was cancelled while the gateway is Creating. "
        "The next `up` resumes it."
    ]


def test_a_cancelled_deployment_is_resumed_by_the_next_run(engine, base, monkeypatch):
    inputs = plain_api(base)
    before = set(base.cloud.state.http_apis)
    with monkeypatch.context() as patched, engine_for(base.cloud) as cancelled:
        patched.setattr(http_apis, "DEPLOY_SECONDS", FOREVER)
        thread, error = in_background(cancelled.create, "ModelApi", inputs, "hangs")
        wait_for(lambda: cancelled.messages, "a message", seconds=PATIENCE_SECONDS)
        cancelled.cancel()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
        assert "the wait was cancelled while the Model API is being deployed" in error[0]
    created = engine.create("ModelApi", inputs, name="hangs")
    assert set(base.cloud.state.http_apis) - before == {created.id}


def test_a_gateway_that_is_not_ready_in_time_is_an_error(engine, base, monkeypatch):
    monkeypatch.setattr(transitions, "GATEWAY_SECONDS", FOREVER)
    gateway_id = slow_gateway(base)
    error = refused(
        engine.create, "GatewayAddresses", {"gatewayId": gateway_id, "timeoutSeconds": 1}
    )
    assert error == f"{gateway_id}: the gateway is Creating after 1 s. `up` again."


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"status": "CreateFailed"}, "the gateway is CreateFailed. Look at it in the console."),
        ({"type": "API"}, "a gateway of type API, not an AI gateway. Use another."),
    ],
    ids=["failed", "another type"],
)
def test_a_gateway_that_cannot_become_ready_is_an_error(engine, base, changed, expected):
    gateway_id = slow_gateway(base)
    set_gateway(base, gateway_id, **changed)
    inputs = {"gatewayId": gateway_id, "timeoutSeconds": 3600}
    assert refused(engine.create, "GatewayAddresses", inputs) == f"{gateway_id}: {expected}"


def test_a_gateway_that_does_not_exist_is_an_error(engine):
    error = refused(
        engine.create, "GatewayAddresses", {"gatewayId": "gw-nowhere", "timeoutSeconds": 3600}
    )
    assert (
        error == "gw-nowhere: there is no such gateway. Check the id, the region and the account."
    )
    assert engine.import_("GatewayAddresses", "gw-nowhere").id == ""


def deployments(monkeypatch, *statuses):
    """Script the statuses of deployments that the sandbox returns; the last one repeats."""
    left = list(statuses)
    monkeypatch.setattr(
        http_apis, "_status", lambda call, api: left.pop(0) if len(left) > 1 else left[0]
    )


@pytest.mark.parametrize(
    "statuses",
    [
        ["Deployed"],
        ["Deploying", "Deploying", "Deployed"],
        ["NotDeployed", "Deploying", "Deployed"],
        ["DeployFailed", "Deploying", "Deployed"],
        ["DeployedWithChanges", "Deployed"],
    ],
    ids=["deployed", "in progress", "not deployed", "failed before", "deployed before"],
)
def test_a_deployment_is_requested_only_where_none_runs(engine, base, monkeypatch, statuses):
    deployments(
        monkeypatch, statuses[0], *statuses
    )  # once more: whether it is there is looked at first
    before = len(base.cloud.cloud.log())
    engine.create("ModelApi", plain_api(base), name=new_name("followed"))
    actions = [call["action"] for call in base.cloud.cloud.log()[before:]]
    asked_again = statuses[0] not in ("Deployed", "Deploying")
    assert actions.count("UpdateHttpApi") == asked_again
    assert actions.count("CreateHttpApi") == 1
    assert "DeployHttpApi" not in actions


def test_a_deployment_that_fails_twice_is_an_error(engine, base, monkeypatch):
    inputs = plain_api(base)
    with monkeypatch.context() as patched:
        deployments(patched, "DeployFailed")
        error = refused(engine.create, "ModelApi", inputs, "fails")
        assert error.endswith(
            "the deployment failed. Look at the API in the console, then `up` again."
        )
    created = engine.create("ModelApi", inputs, name="fails")
    assert error.startswith(f"{created.id}: ")


def test_an_api_deleted_during_the_wait_is_an_error(base, monkeypatch):
    monkeypatch.setattr(http_apis, "DEPLOY_SECONDS", FOREVER)
    before = set(base.cloud.state.http_apis)
    with engine_for(base.cloud) as engine:
        thread, error = in_background(engine.create, "ModelApi", plain_api(base), "goes")
        wait_for(lambda: engine.messages, "a message", seconds=PATIENCE_SECONDS)
        (api_id,) = set(base.cloud.state.http_apis) - before
        draft = base.cloud.cloud.draft()
        del draft.http_apis[api_id]
        base.cloud.cloud.replace(draft)
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
    assert error == [f"{api_id}: the Model API no longer exists. `up` again creates it."]


def test_the_environment_can_be_chosen(engine, base):
    created = engine.create(
        "GatewayAddresses", {**addresses_case(base).inputs, "environmentId": "env-mine"}
    )
    assert unsealed(created.properties)["defaultEnvironmentId"] == "env-mine"
