"""Model APIs when a run is killed, when a name is in use, when the cloud refuses; and imports."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.base_stacks import (
    CONSUMER_KEY,
    DOMAIN,
    STUDIO_KEY,
    assert_no_key,
    assert_no_model_apis,
    assert_settled,
    gateway_stack,
    model_api,
    set_secrets,
)
from support.kills import kill_during
from support.sandbox_admin import inject_fault

pytestmark = pytest.mark.engine

PROGRAM = """
import pulumi
from dashlink import Provider
from dashlink.resources.ai_service import AiService
from dashlink.resources.model_api import ModelApi

config = pulumi.Config("shop")
provider = Provider("dashlink", region="cn-beijing")
"""
SERVICE = """
service = AiService(
    "models",
    opts=pulumi.ResourceOptions(provider=provider),
    gateway_id=config.require("gateway"),
    name="models",
    vendor="custom",
    address="https://models.example.com/v1",
    api_keys=[config.require_secret("key")],
)
"""
API = """
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


def create_in_console(cloud, gateway_id, environment_id, service_id):
    """Create the Model API of `API` as a user of the console does; return its id."""
    deploy_config = {
        "gatewayId": gateway_id,
        "environmentId": environment_id,
        "gatewayType": "AI",
        "autoDeploy": True,
        "backendScene": "SingleService",
        "customDomainIds": [],
        "serviceConfigs": [{"serviceId": service_id, "modelName": "qwen-plus"}],
        "policyConfigs": [],
    }
    body = {
        "name": "chat",
        "type": "LLM",
        "modelCategory": "Text",
        "aiProtocols": ["OpenAI/v1"],
        "basePath": "/chat",
        "removeBasePathOnForward": True,
        "description": "made by hand",
        "deployConfigs": [deploy_config],
    }
    request = models.CreateHttpApiRequest().from_map(body)
    return official.apig(cloud).create_http_api(request).body.data.http_api_id


@pytest.fixture(scope="class")
def config(cloud):
    return gateway_stack(cloud)


@pytest.fixture(scope="class")
def program_config(cloud, config):
    """The configuration of `PROGRAM`."""
    (environment_id,) = cloud.state.environments
    gateway_id = config["dashlink:gateway"]["id"]
    return {"shop:gateway": gateway_id, "shop:environment": environment_id}


@pytest.fixture(scope="class")
def stack_with_service(create_stack, program_config):
    """The deployed stack without the Model API."""
    stack = create_stack(program_config, PROGRAM + SERVICE)
    stack.set_secret("shop:key", STUDIO_KEY)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def api_id(cloud, stack_with_service, program_config):
    """The Model API of the console."""
    (service_id,) = cloud.state.ai_services
    gateway_id, environment_id = program_config.values()
    return create_in_console(cloud, gateway_id, environment_id, service_id)


@pytest.fixture(scope="class")
def import_preview(stack_with_service, program_config, api_id):
    """Declare the Model API as an import; return the preview."""
    stack_with_service.write_program(PROGRAM + SERVICE + API)
    stack_with_service.configure({**program_config, "shop:import": api_id})
    return stack_with_service.preview()


@pytest.fixture(scope="class")
def imported(stack_with_service, import_preview):
    """The stack after the import."""
    stack_with_service.deploy()
    return stack_with_service


class TestImport:
    def test_the_preview_has_the_import_only(self, import_preview):
        assert import_preview == {"import": ["chat"]}

    def test_the_next_up_writes_what_no_api_returns(self, imported):
        assert imported.preview() == {"update": ["chat"]}
        imported.deploy()
        assert_settled(imported)

    def test_the_import_option_can_be_removed(self, imported, program_config):
        imported.configure(program_config)
        assert imported.preview() == {}

    def test_no_second_api_is_created(self, cloud, imported, api_id):
        assert set(cloud.state.http_apis) == {api_id}

    def test_destroy_leaves_nothing(self, cloud, imported):
        imported.destroy()
        assert not cloud.state.http_apis
        assert not cloud.state.ai_services

    def test_no_key_is_in_state_or_output(self, imported):
        assert_no_key(imported, STUDIO_KEY)


KILLED_AT = [
    ("ListHttpApis", "stall"),  # before the Model API is created
    ("CreateHttpApi", "delay"),  # requested, not created
    ("CreateHttpApi", "stall"),  # created, no response
    ("GetHttpApi", "stall"),  # created, not yet read as deployed
    ("CreateConsumerAuthorizationRules", "stall"),
]


@pytest.fixture(scope="class")
def killed_runs(create_stack, cloud, config):
    """The stack after several killed runs, and the numbers of APIs and consumers after each."""
    stack = create_stack(config)
    set_secrets(stack)
    stack.deploy()  # without a run to kill: the alicloud provider does not adopt resources
    config["dashlink:consumers"] = {"search-team": {"api_keys": [{"config": "searchTeamKey"}]}}
    api = model_api("text", "/chat", consumers=["search-team"])
    config["dashlink:model_apis"] = {"chat": api}
    stack.configure(config)
    numbers = {}
    for action, kind in KILLED_AT:
        kill_during(stack, cloud, action, kind)
        numbers[action, kind] = (len(cloud.state.http_apis), len(cloud.state.consumers))
    config["dashlink:consumers"]["ranking"] = {"api_keys": [{"config": "spareKey"}]}
    api["consumers"] = ["search-team", "ranking"]
    stack.configure(config)
    kill_during(stack, cloud, "CreateConsumer", "stall")  # created, no response
    return stack, numbers


@pytest.fixture(scope="class")
def resumed(killed_runs):
    """The stack after the run that was not killed."""
    stack, _ = killed_runs
    stack.deploy()
    return stack


class TestKilledRuns:
    @pytest.mark.parametrize(("action", "kind"), KILLED_AT, ids=str)
    def test_a_killed_run_leaves_no_duplicate(self, killed_runs, action, kind):
        _, numbers = killed_runs
        apis, consumers = numbers[action, kind]
        assert apis <= 1
        assert consumers <= 1

    def test_the_next_run_adopts_apis_services_and_domains(self, cloud, resumed):
        state = cloud.state
        assert [row.name for row in state.http_apis.values()] == ["chat"]
        services = sorted(row.name for row in state.ai_services.values())
        assert services == ["dashlink-test-spare", "dashlink-test-studio"]
        assert [row.name for row in state.domains.values()] == [DOMAIN]

    def test_the_next_run_adopts_consumers_and_rules(self, cloud, resumed):
        state = cloud.state
        assert sorted(row.name for row in state.consumers.values()) == ["ranking", "search-team"]
        assert len(state.authorization_rules) == 2

    def test_up_leaves_nothing_to_do(self, resumed):
        assert_settled(resumed)

    def test_destroy_leaves_nothing(self, cloud, resumed):
        resumed.destroy()
        assert_no_model_apis(cloud)

    def test_no_key_is_in_state_or_output(self, resumed):
        assert_no_key(resumed, STUDIO_KEY, CONSUMER_KEY)


@pytest.fixture(scope="class")
def one_api(create_stack, config):
    """A stack with one Model API, not deployed."""
    config["dashlink:model_apis"] = {"chat": model_api("text", "/chat")}
    stack = create_stack(config)
    set_secrets(stack)
    return stack


@pytest.fixture(scope="class")
def refusal(cloud, one_api):
    """The output of `up` when the cloud refuses to create services and throttles domains."""
    service = {"action": "CreateService", "code": "Forbidden.NoPermission", "times": 50}
    inject_fault(cloud, kind="error", product="APIG", **service)
    inject_fault(cloud, kind="throttle", product="APIG", action="CreateDomain", times=3)
    return one_api.refused()


class TestRefusedServices:
    def test_the_error_names_resource_and_cause_but_no_key(self, refusal):
        assert "cannot create the AI service: " in refusal
        assert "Forbidden.NoPermission" in refusal
        assert STUDIO_KEY not in refusal

    def test_a_throttled_call_is_repeated(self, cloud, refusal):
        calls = [call for call in cloud.cloud.log() if call["action"] == "CreateDomain"]
        codes = [call["code"] for call in calls]
        assert codes == ["Throttling.User"] * 3 + [""]
        assert len(cloud.state.domains) == 1

    def test_up_succeeds_once_the_cloud_accepts(self, cloud, one_api, refusal):
        cloud.cloud.faults.active.clear()
        one_api.deploy()
        assert_settled(one_api)

    def test_destroy_leaves_nothing(self, cloud, one_api):
        one_api.destroy()
        assert_no_model_apis(cloud)


def test_an_api_name_in_use_is_refused_before_anything_else(cloud, one_api):
    body = {"name": "chat", "type": "Rest", "basePath": "/", "protocols": ["HTTP"]}
    request = models.CreateHttpApiRequest().from_map(body)
    api_id = official.apig(cloud).create_http_api(request).body.data.http_api_id
    refusal = one_api.refused()
    assert f"model_apis.chat: the account has an API of this name ({api_id})" in refusal
    assert not cloud.state.ai_services
    assert not cloud.state.domains
