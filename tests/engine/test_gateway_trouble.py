"""Model APIs when a run is killed, when somebody made them by hand, when the cloud says no; on the real engine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.ground import (
    CONSUMER_KEY,
    DOMAIN,
    STUDIO_KEY,
    api,
    ground,
    nothing_of_ours_left,
    settled,
    with_secrets,
)
from support.trouble import plant, processes_of, until

pytestmark = pytest.mark.engine

STALL_SECONDS = (
    600  # what a killed run asked for comes about long after the test; nobody waits for it
)

PROGRAM = """
import pulumi
from dashlink import Provider
from dashlink.resources.ai_service import AiService
from dashlink.resources.model_api import ModelApi

config = pulumi.Config("shop")
provider = Provider("dashlink", region="cn-beijing")
service = AiService(
    "models",
    opts=pulumi.ResourceOptions(provider=provider),
    gateway_id=config.require("gateway"),
    name="models",
    vendor="custom",
    address="https://models.example.com/v1",
    api_keys=[config.require_secret("key")],
)
api = ModelApi(
    "chat",
    opts=pulumi.ResourceOptions(provider=provider, import_=config.get("import")),
    name="chat",
    gateway_id=config.require("gateway"),
    environment_id=config.require("environment"),
    category="Text",
    protocol="OpenAI/v1",
    base_path="/chat",
    routing="SingleService",
    targets=[{"service_id": service.id, "model": "qwen-plus"}],
    statistics=False,
    description="made by hand",
)
pulumi.export("api", api.id)
"""


def by_hand(cloud, config, service_id):
    """A Model API as somebody makes it in the console; its id."""
    (environment_id,) = cloud.state.environments
    body = {
        "name": "chat",
        "type": "LLM",
        "modelCategory": "Text",
        "aiProtocols": ["OpenAI/v1"],
        "basePath": "/chat",
        "removeBasePathOnForward": True,
        "description": "made by hand",
        "deployConfigs": [
            {
                "gatewayId": config["dashlink:gateway"]["id"],
                "environmentId": environment_id,
                "gatewayType": "AI",
                "autoDeploy": True,
                "backendScene": "SingleService",
                "customDomainIds": [],
                "serviceConfigs": [{"serviceId": service_id, "modelName": "qwen-plus"}],
                "policyConfigs": [],
            }
        ],
    }
    request = models.CreateHttpApiRequest().from_map(body)
    return official.apig(cloud).create_http_api(request).body.data.http_api_id


def test_an_api_that_was_made_in_the_console_is_imported_and_then_nothing_is_to_do(
    make_stack, cloud
):
    config = ground(cloud)
    (environment_id,) = cloud.state.environments
    own = {"shop:gateway": config["dashlink:gateway"]["id"], "shop:environment": environment_id}
    only_service = PROGRAM[: PROGRAM.index("api = ")]
    stack = make_stack(own, program=only_service)
    stack.run("config", "set", "--secret", "shop:key", STUDIO_KEY)
    stack.deploy()
    (service_id,) = cloud.state.ai_services
    api_id = by_hand(cloud, config, service_id)

    (stack.folder / "stacks" / "__main__.py").write_text(PROGRAM)
    stack.configure({**own, "shop:import": api_id})
    assert stack.plan() == {"import": ["chat"]}
    stack.deploy()
    settled(stack)
    stack.configure(own)
    assert stack.plan() == {}
    assert set(cloud.state.http_apis) == {api_id}
    stack.destroy()
    assert not cloud.state.http_apis
    assert not cloud.state.ai_services
    assert STUDIO_KEY not in "\n".join((stack.state(), *stack.log))


def none_left(stack):
    """Kill every process of the stack; whether there was none. One that is being started shows at the next look."""
    found = processes_of(stack)
    for process in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return not found


def kill_during(stack, cloud, action, kind):
    """Run `up` until the cloud has been asked for ``action``, and kill everything of it while the answer is awaited."""
    plant(cloud, kind=kind, product="APIG", action=action, seconds=STALL_SECONDS)
    running = subprocess.Popen(
        [str(stack.engine.pulumi), "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.folder,
        env=stack.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(lambda: not cloud.cloud.faults.active, 120, f"{action} ({kind})")
    os.kill(running.pid, signal.SIGKILL)
    running.wait(timeout=30)
    until(lambda: none_left(stack), 60, "the end of the killed run")
    stack.run("cancel", "--yes")


KILLED_AT = [
    ("ListHttpApis", "stall"),  # before the Model API is made
    ("CreateHttpApi", "delay"),  # asked for, not made
    ("CreateHttpApi", "stall"),  # made, and nobody has heard of it
    ("GetHttpApi", "stall"),  # made and known, not yet seen deployed
    ("CreateConsumerAuthorizationRules", "stall"),
]


def test_a_run_that_is_killed_at_any_step_leaves_no_duplicate_and_no_orphan(make_stack, cloud):
    config = ground(cloud)
    stack = make_stack(config)
    with_secrets(stack)
    stack.deploy()  # the alicloud provider's part: what it was making when it was killed is its own affair
    config["dashlink:consumers"] = {"search-team": {"api_keys": [{"config": "searchTeamKey"}]}}
    config["dashlink:model_apis"] = {"chat": api("text", "/chat", consumers=["search-team"])}
    stack.configure(config)
    for action, kind in KILLED_AT:
        kill_during(stack, cloud, action, kind)
        assert len(cloud.state.http_apis) <= 1, (action, kind)
        assert len(cloud.state.consumers) <= 1, (action, kind)
    config["dashlink:consumers"]["ranking"] = {"api_keys": [{"config": "spareKey"}]}
    config["dashlink:model_apis"]["chat"]["consumers"] = ["search-team", "ranking"]
    stack.configure(config)
    kill_during(stack, cloud, "CreateConsumer", "stall")  # made, and nobody has heard of it
    stack.deploy()
    assert [row.name for row in cloud.state.http_apis.values()] == ["chat"]
    services = sorted(row.name for row in cloud.state.ai_services.values())
    assert services == ["dashlink-test-spare", "dashlink-test-studio"]
    assert sorted(row.name for row in cloud.state.consumers.values()) == ["ranking", "search-team"]
    assert len(cloud.state.authorization_rules) == 2
    assert [row.name for row in cloud.state.domains.values()] == [DOMAIN]
    settled(stack)
    stack.destroy()
    nothing_of_ours_left(cloud)
    for key in (STUDIO_KEY, CONSUMER_KEY):
        assert key not in "\n".join((stack.state(), *stack.log))


def test_what_the_cloud_refuses_is_one_line_without_a_key(make_stack, cloud):
    config = ground(cloud)
    config["dashlink:model_apis"] = {"chat": api("text", "/chat")}
    stack = make_stack(config)
    with_secrets(stack)
    plant(
        cloud,
        kind="error",
        product="APIG",
        action="CreateService",
        code="Forbidden.NoPermission",
        times=50,
    )
    plant(cloud, kind="throttle", product="APIG", action="CreateDomain", times=3)
    refused = stack.up()
    assert refused.code != 0
    assert "cannot create the AI service: " in refused.output
    assert "Forbidden.NoPermission" in refused.output
    assert "Traceback" not in refused.output
    assert STUDIO_KEY not in refused.output
    assert len(cloud.state.domains) == 1  # throttled, and asked for again
    cloud.cloud.faults.active.clear()
    stack.deploy()
    settled(stack)
    stack.destroy()
    nothing_of_ours_left(cloud)


def test_a_name_that_the_account_has_is_refused_before_anything_is_made(make_stack, cloud):
    config = ground(cloud)
    request = models.CreateHttpApiRequest().from_map(
        {"name": "chat", "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    )
    api_id = official.apig(cloud).create_http_api(request).body.data.http_api_id
    config["dashlink:model_apis"] = {"chat": api("text", "/chat")}
    stack = make_stack(config)
    with_secrets(stack)
    refused = stack.up()
    assert refused.code != 0
    assert f"model_apis.chat: the account has an API of this name ({api_id})" in refused.output
    assert not cloud.state.ai_services
    assert not cloud.state.domains
