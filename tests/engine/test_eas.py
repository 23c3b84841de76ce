"""Model services of PAI-EAS on the real engine: used and deployed, changed, drifted, called."""

from __future__ import annotations

import json
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from support import clouds
from support.base_stacks import assert_settled
from support.cli import DASHLINK
from support.clouds import REGION, ZONES
from support.inside import vpc_environment
from support.processes import run, run_ok

from dashlink_sandbox.eas import EasGateway, EasService
from engine.process import clean_environment

pytestmark = pytest.mark.engine

CHAT = str(Path(__file__).parents[2] / "examples" / "chat.py")
OWNER = "1000000000000001"
TOKEN = "token-of-our-service-0123456789"
THEIR_TOKEN = "token-of-their-service-456789"
DEPLOY = {
    "image": "registry.example.com/vllm:1",
    "command": "serve",
    "port": 8000,
    "instance_type": "ecs.gn7i-c8g1.2xlarge",
    "rate_limit": 20,
}
# A change of each setting that the cloud takes in place; None removes it.
CHANGES = {
    "image": "registry.example.com/vllm:2",
    "command": "serve --fast",
    "port": 8001,
    "environment": {"LEVEL": "info"},
    "instances": 2,
    "instance_type": "ecs.gn7i-c16g1.4xlarge",
    "storage": [{"mount_path": "/model", "oss": "oss://models/qwen/"}],
    "in_vpc": True,
    "rate_limit": None,
    "keepalive_ms": 600000,
    "max_queue_size": 32,
    "autoscaling": {"min_instances": 1, "max_instances": 4, "qps": 10},
    "extra": {"metadata": {"shm_size": 64}},
}
CLIENTS = {
    "openai": [sys.executable, "openai_client.py"],
    "openai by .env": [sys.executable, CHAT, ".env"],
    "curl": ["sh", "chat.sh"],
}


def service_of(cloud, name):
    (row,) = (row for row in cloud.state.eas_services.values() if row.name == name)
    return row


def write_service(cloud, name, **changes):
    """Change a service as somebody in the console does."""
    draft = cloud.cloud.draft()
    for key, row in draft.eas_services.items():
        if row.name == name:
            draft.eas_services[key] = row.model_copy(update=changes)
    cloud.cloud.replace(draft)


def addresses_of(stack):
    """The decrypted outputs of the deployed service's `EasAddresses`."""
    for row in stack.export("--show-secrets")["deployment"]["resources"]:
        if row["type"] == "dashlink:eas:EasAddresses" and row["urn"].endswith("own"):
            outputs = row["outputs"]
            token = outputs["accessToken"]
            if isinstance(token, dict):
                token = json.loads(token["plaintext"])
            return {**outputs, "accessToken": token}
    raise AssertionError("the state has no addresses")


@pytest.fixture(scope="class")
def config(cloud):
    """Settings of a stack on a network, with a service, and a gateway, of somebody else."""
    vpc_id = clouds.create_vpc(cloud, "10.50.0.0/16")
    blocks = {ZONES[0]: "10.50.0.0/20", ZONES[1]: "10.50.16.0/20"}
    vswitch_ids = clouds.create_vswitches(cloud, vpc_id, blocks)
    draft = cloud.cloud.draft()
    draft.eas_services["eas-m-theirs"] = EasService(
        service_id="eas-m-theirs",
        name="theirs",
        region=REGION,
        owner=OWNER,
        token=THEIR_TOKEN,
        config={"metadata": {"name": "theirs", "instance": 1}, "containers": [{"image": "i"}]},
        status="Running",
        ready=1.0,
    )
    draft.eas_gateways["gw-1"] = EasGateway(
        gateway_id="gw-1", name="own", region=REGION, owner=OWNER, status="Running"
    )
    cloud.cloud.replace(draft)
    return {
        "alicloud:region": REGION,
        "dashlink:network": {"vpc_id": vpc_id, "zones": list(ZONES), "vswitch_ids": vswitch_ids},
        "dashlink:eas_services": {
            "existing": {"name": "theirs", "default_model": "qwen-plus"},
            "own": {
                "token": {"config": "easToken"},
                "workspace_id": "4711",
                "default_model": "qwen-plus",
                "deploy": DEPLOY,
            },
        },
    }


@pytest.fixture(scope="class")
def stack(create_stack, config):
    stack = create_stack(config)
    stack.set_secret("dashlink:easToken", TOKEN)
    stack.deploy()
    return stack


class Inside:
    """A machine in the VPC with the rendered files and a token."""

    def __init__(self, stack, cloud, folder):
        self.cloud = cloud
        self.outputs = stack.outputs()
        self.folder = folder / "eas-services"
        run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=json.dumps(self.outputs))

    def call(self, command, service="own", token=TOKEN):
        user = f"{self.outputs['vpc_id']}.{self.outputs['vswitch_ids'][ZONES[0]]}"
        proxy = self.cloud.proxy.replace("http://", f"http://{user}:inside@")
        environment = {
            **clean_environment(),
            **vpc_environment(proxy, self.cloud.ca_file),
            "EAS_TOKEN": token,
        }
        folder = self.folder / service
        return run(command, environment=environment, folder=folder, seconds=120)


@pytest.fixture(scope="class")
def inside(stack, cloud, tmp_path_factory):
    return Inside(stack, cloud, tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="class")
def changed_config(config):
    changed = deepcopy(config)
    deploy = {**DEPLOY, **CHANGES}
    written = {key: value for key, value in deploy.items() if value is not None}
    changed["dashlink:eas_services"]["own"]["deploy"] = written
    return changed


class TestEasServices:
    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)

    def test_outputs_are_the_clouds_addresses(self, stack):
        services = stack.outputs()["eas_services"]
        host = f"http://{OWNER}.vpc.{REGION}.pai-eas.aliyuncs.com/api/predict"
        assert services["existing"]["base_urls"]["openai"] == f"{host}/theirs/v1"
        assert services["own"]["base_urls"]["predict"] == f"{host}/dashlink_test_own"
        (gateway,) = services["own"]["gateways"]
        assert gateway["kind"] == "DefaultGateway"

    def test_no_token_is_in_outputs_state_or_logs(self, stack):
        text = "\n".join([json.dumps(stack.outputs()), stack.state(), *stack.log])
        assert TOKEN not in text
        assert THEIR_TOKEN not in text

    @pytest.mark.parametrize("client", CLIENTS, ids=str)
    @pytest.mark.parametrize(
        ("service", "token"), [("own", TOKEN), ("existing", THEIR_TOKEN)], ids=["own", "existing"]
    )
    def test_a_client_is_answered_by_the_rendered_files(self, inside, client, service, token):
        done = inside.call([*CLIENTS[client], "hello"], service, token)
        assert done.returncode == 0, done
        assert "qwen-plus heard: hello" in done.output

    @pytest.mark.parametrize("client", CLIENTS, ids=str)
    def test_a_client_with_a_wrong_token_fails_with_401(self, inside, client):
        done = inside.call([*CLIENTS[client], "hello"], token="wrong")
        assert done.returncode != 0
        assert "401" in done.output or "Invalid token" in done.output

    @pytest.mark.parametrize(
        ("path", "token", "cause"),
        [
            ("/v1/models", TOKEN, '"qwen-plus"'),
            ("/v1/models", "wrong", "401, the token is missing or wrong"),
            ("/models", TOKEN, "404, the path is incomplete"),
        ],
        ids=["right", "wrong-token", "wrong-path"],
    )
    def test_plain_requests_name_the_cause(self, inside, path, token, cause):
        assert (
            cause in inside.call([sys.executable, "requests_client.py", path], token=token).output
        )

    def test_drift_is_shown_and_undone(self, stack, cloud):
        row = service_of(cloud, "dashlink_test_own")
        drifted = {**row.config, "metadata": {**row.config["metadata"], "instance": 5}}
        write_service(cloud, row.name, config=drifted)
        stack.run("refresh", "--yes", "--skip-preview")
        assert stack.preview() == {"update": ["access-eas-own"]}
        stack.deploy()
        assert service_of(cloud, row.name).config == row.config
        assert_settled(stack)

    def test_every_setting_is_changed_in_place(self, stack, cloud, changed_config):
        before = service_of(cloud, "dashlink_test_own")
        stack.configure(changed_config)
        assert stack.preview() == {"update": ["access-eas-own", "access-eas-own"]}
        stack.deploy()
        after = service_of(cloud, "dashlink_test_own")
        assert (after.service_id, after.token) == (before.service_id, TOKEN)
        config = after.config
        assert config["rpc"] == {"keepalive": 600000, "max_queue_size": 32}
        assert config["metadata"]["instance"] == 2
        assert config["metadata"]["shm_size"] == 64
        assert config["containers"][0]["image"].endswith(":2")
        assert config["cloud"]["networking"]["vpc_id"] == stack.outputs()["vpc_id"]
        assert_settled(stack)

    def test_a_new_token_is_sent_and_stays_secret(self, stack, cloud):
        stack.set_secret("dashlink:easToken", "another-token-0123456789")
        stack.deploy()
        assert service_of(cloud, "dashlink_test_own").token == "another-token-0123456789"
        assert_settled(stack)
        assert "another-token-0123456789" not in stack.state()
        assert addresses_of(stack)["accessToken"] == "another-token-0123456789"

    def test_tags_are_changed_in_place(self, stack, cloud, changed_config):
        stack.configure({**changed_config, "dashlink:tags": {"team": "search"}})
        stack.deploy()
        assert service_of(cloud, "dashlink_test_own").tags["team"] == "search"
        assert_settled(stack)

    def test_a_service_that_is_gone_is_created_again(self, stack, cloud):
        draft = cloud.cloud.draft()
        del draft.eas_services[service_of(cloud, "dashlink_test_own").service_id]
        cloud.cloud.replace(draft)
        stack.run("refresh", "--yes", "--skip-preview")
        stack.deploy()
        assert service_of(cloud, "dashlink_test_own").status == "Running"
        assert_settled(stack)

    def test_the_preflight_names_a_service_that_is_missing(self, stack, changed_config):
        missing = deepcopy(changed_config)
        missing["dashlink:eas_services"]["existing"]["name"] = "nobodys"
        stack.configure(missing)
        assert "no such EAS service in cn-beijing" in stack.refused()
        stack.configure(changed_config)

    def test_destroy_leaves_the_existing_service(self, stack, cloud):
        stack.destroy()
        assert [row.name for row in cloud.state.eas_services.values()] == ["theirs"]
