"""A Model API of the console, imported by the steps of docs/model-apis.md.

The built-in routes of this cloud are not those of dashlink's catalog.
"""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.base_stacks import DOMAIN, assert_settled, gateway_stack, model_api, service_id

from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect

pytestmark = pytest.mark.engine

BY_HAND = "made by hand"
OTHER_ROUTES = {"route-names": "v1-chat-completions", "route-versions": "none"}
CHAT = {
    **model_api("text", "/chat", service="plain"),
    "remove_base_path": False,
    "first_byte_timeout_seconds": 45,
    "observe": {"metrics": False},
    "description": BY_HAND,
    "consumers": [],
}


def create_in_console(cloud, domain_id):
    """Create the Model API `chat` as a user of the console does; return its id."""
    (gateway_id,) = cloud.state.gateways
    (environment_id,) = cloud.state.environments
    deploy_config = {
        "gatewayId": gateway_id,
        "environmentId": environment_id,
        "gatewayType": "AI",
        "autoDeploy": True,
        "backendScene": "SingleService",
        "customDomainIds": [domain_id],
        "serviceConfigs": [{"serviceId": service_id(cloud, "plain")}],
        "policyConfigs": [],
    }
    body = {
        "name": "chat",
        "type": "LLM",
        "modelCategory": "Text",
        "aiProtocols": ["OpenAI/v1"],
        "basePath": "/chat",
        "firstByteTimeout": 45,
        "description": BY_HAND,
        "deployConfigs": [deploy_config],
    }
    request = models.CreateHttpApiRequest().from_map(body)
    return official.apig(cloud).create_http_api(request).body.data.http_api_id


def undeploy(cloud, api_id):
    """Undeploy an API as a user of the console does."""
    (environment_id,) = cloud.state.environments
    request = models.UndeployHttpApiRequest(environment_id=environment_id)
    official.apig(cloud).undeploy_http_api(api_id, request)


def changed_inputs(steps):
    """The properties that differ, by logical name and operation of the step."""
    return {
        (step["urn"].rpartition("::")[2], step["op"]): sorted(step["detailedDiff"])
        for step in steps
    }


@pytest.fixture(scope="class")
def cloud(folder):
    dialect = Dialect.of(OTHER_ROUTES)
    with Sandbox(state_file=folder / "cloud" / "state.json", dialect=dialect) as sandbox:
        yield sandbox


@pytest.fixture(scope="class")
def domain_id(cloud):
    request = models.CreateDomainRequest(name=DOMAIN, protocol="HTTP", gateway_type="AI")
    return official.apig(cloud).create_domain(request).body.data.domain_id


@pytest.fixture(scope="class")
def stack(create_stack, cloud, domain_id):
    """Step 1: the stack with gateway, domain and services, deployed without the API."""
    config = gateway_stack(cloud)
    config["dashlink:domains"][DOMAIN]["id"] = domain_id
    plain = {"base_url": "https://plain.example.com/v1", "private_address": True}
    config["dashlink:ai_services"] = {"plain": plain}
    stack = create_stack(config)
    stack.deploy()
    stack.configure({**config, "dashlink:model_apis": {"chat": CHAT}})  # step 2
    return stack


@pytest.fixture(scope="class")
def api_id(cloud, domain_id, stack):
    return create_in_console(cloud, domain_id)


@pytest.fixture(scope="class")
def imported(stack, api_id):
    """Step 3."""
    urns = {}
    for resource in stack.export()["deployment"]["resources"]:
        urns[resource["urn"].rpartition("::")[2]] = resource["urn"]
    done = stack.run(
        *("import", "dashlink:gateway:ModelApi", "access-gateway-api-chat", api_id),
        *("--generate-code=false", "--protect=false", "--yes"),
        *("--parent", f"gateway={urns['access-gateway']}"),
        *("--provider", f"dashlink={urns['access-gateway-provider']}"),
    )
    assert done.returncode == 0, done
    return stack


@pytest.fixture(scope="class")
def written(imported, api_id):
    """Step 4, and an `up`."""
    imported.deploy()
    return imported


class TestImportByTheDocumentedSteps:
    def test_the_preview_shows_what_no_api_returns(self, imported):
        assert changed_inputs(imported.preview_steps()) == {
            ("access-gateway-api-chat", "update"): ["firstByteTimeoutSeconds", "removeBasePath"]
        }

    def test_a_refresh_invents_nothing(self, imported):
        assert imported.run("refresh", "--yes", "--skip-preview").returncode == 0
        assert imported.preview() == {"update": ["access-gateway-api-chat"]}

    def test_up_writes_the_settings_once(self, cloud, written, api_id):
        assert set(cloud.state.http_apis) == {api_id}
        assert not cloud.state.http_apis[api_id].remove_base_path_on_forward
        assert_settled(written)

    def test_the_outputs_have_the_routes_of_the_cloud(self, written):
        outputs = written.outputs()["model_apis"]["chat"]
        assert outputs["base_urls"] == {"openai": f"http://{DOMAIN}/chat"}
        assert [route["path"] for route in outputs["routes"]] == [
            "/chat/chat/completions",
            "/chat/completions",
        ]
        (note,) = [note for note in outputs["notes"] if "built-in routes" in note]
        assert "Please report this line: text OpenAI/v1: create-chat-completion POST" in note
        assert any(f"Model API chat: it {note[3:]}" in text for text in written.log)

    def test_an_api_undeployed_elsewhere_is_deployed_again(self, cloud, written, api_id):
        undeploy(cloud, api_id)
        assert written.run("refresh", "--yes", "--skip-preview").returncode == 0
        assert written.preview() == {"update": ["access-gateway-api-chat"]}
        written.deploy()
        assert cloud.state.http_apis[api_id].deployed is not None
        assert_settled(written)

    def test_destroy_leaves_nothing(self, cloud, written, domain_id):
        written.destroy()
        assert not cloud.state.http_apis
        assert set(cloud.state.domains) == {domain_id}
