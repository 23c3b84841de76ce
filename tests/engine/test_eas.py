"""Model services of PAI-EAS on the real engine: used and deployed, changed, drifted, called."""

from __future__ import annotations

import base64
import json
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from support.base_stacks import assert_settled, assert_sound
from support.cli import DASHLINK
from support.clouds import REGION, ZONES
from support.inside import vpc_environment
from support.processes import run, run_ok
from support.stack_files import stack_config

from dashlink_sandbox.eas import EasService
from engine.process import clean_environment

pytestmark = pytest.mark.engine

CHAT = str(Path(__file__).parents[2] / "examples" / "chat.py")
OWNER = "1000000000000001"
TOKEN = "token-of-our-service-0123456789"
THEIR_TOKEN = "token-of-their-service-456789"
SECRETS = {
    "easToken": TOKEN,
    "registryLogin": "user:password-of-the-registry",
    "hfToken": "value-of-the-variable",
}
# A change of each setting that the cloud takes in place; None removes it.
CHANGES = {
    "image": "registry.example.com/vllm:2",
    "command": None,
    "script": "prepare\nvllm serve /model_dir --port 8001",
    "port": 8001,
    "environment": {"LEVEL": "info"},
    "secret_environment": {"OTHER": {"config": "hfToken"}},
    "docker_auth": None,
    "startup_check": None,
    "liveness_check": {"port": 8001, "period_seconds": 30},
    "readiness_check": {"command": ["test", "-f", "/ready"]},
    "instances": 2,
    "instance_type": "ecs.gn7i-c16g1.4xlarge",
    "spot_price_limit": 2.5,
    "shm_size_gb": 64,
    "storage": [{"mount_path": "/model", "oss": "oss://models/qwen/"}],
    "gateway": None,
    "gateway_limits": {"requests_per_second": 100, "concurrent_requests": 8},
    "in_vpc": True,
    "nlb": [{"port": 8443}],
    "rate_limit": None,
    "keepalive_ms": 600000,
    "max_queue_size": 32,
    "autoscaling": {"min_instances": 1, "max_instances": 4, "qps": 10},
    "rolling_update": {"max_surge": "2%", "max_unavailable": 0},
    "termination_grace_seconds": 60,
    "extra": {"metadata": {"disk": "30Gi"}},
}
CHANGED = {
    "metadata": {
        "name": "dashlink_test_own",
        "instance": 2,
        "shm_size": 64,
        "disk": "30Gi",
        "rolling_strategy": {"max_surge": "2%", "max_unavailable": 0},
    },
    "containers": [
        {
            "image": "registry.example.com/vllm:2",
            "script": "prepare\nvllm serve /model_dir --port 8001",
            "port": 8001,
            "env": [
                {"name": "LEVEL", "value": "info"},
                {"name": "OTHER", "value": "value-of-the-variable"},
            ],
            "liveness_check": {"tcp_socket": {"port": 8001}, "period_seconds": 30},
            "readiness_check": {"exec": {"command": ["test", "-f", "/ready"]}},
        }
    ],
    "storage": [{"mount_path": "/model", "oss": {"path": "oss://models/qwen/", "readOnly": True}}],
    "networking": {
        "gateway_policy": {
            "rate_limit": {"enable": True, "limit": 100},
            "concurrency_limit": {"enable": True, "limit": 8},
        },
        "nlb": [{"id": "default", "listener_port": 8443, "netType": "intranet"}],
    },
    "rpc": {"keepalive": 600000, "max_queue_size": 32},
    "runtime": {"termination_grace_period": 60},
    "autoscaler": {"min": 1, "max": 4, "strategies": {"qps": 10}},
}
CLIENTS = {
    "openai": [sys.executable, "openai_client.py"],
    "openai by .env": [sys.executable, CHAT, ".env"],
    "curl": ["sh", "chat.sh"],
}
OF_SERVICE = "access-eas-own"  # the service, and the wait for its addresses


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


def theirs(service_id, name, region):
    """A service of somebody else."""
    return EasService(
        service_id=service_id,
        name=name,
        region=region,
        owner=OWNER,
        token=THEIR_TOKEN,
        config={"metadata": {"name": name, "instance": 1}, "containers": [{"image": "i"}]},
        status="Running",
        ready=1.0,
    )


@pytest.fixture(scope="class")
def config(cloud):
    """stacks/Pulumi.eas.yaml with one more service, of another region."""
    draft = cloud.cloud.draft()
    draft.eas_services["eas-m-theirs"] = theirs("eas-m-theirs", "qwen_chat", REGION)
    draft.eas_services["eas-m-far"] = theirs("eas-m-far", "qwen_far", "cn-shanghai")
    cloud.cloud.replace(draft)
    config = stack_config("eas")
    far = {"name": "qwen_far", "region": "cn-shanghai", "access": "internet"}
    config["dashlink:eas_services"]["far"] = far
    config["dashlink:eas_services"]["own"]["workspace_id"] = "4711"
    return config


@pytest.fixture(scope="class")
def stack(create_stack, config):
    stack = create_stack(config)
    for key, value in SECRETS.items():
        stack.set_secret(f"dashlink:{key}", value)
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
    own = changed["dashlink:eas_services"]["own"]
    deploy = {**own["deploy"], **CHANGES}
    own["deploy"] = {key: value for key, value in deploy.items() if value is not None}
    own["workspace_id"] = "4712"
    return changed


class TestEasServices:
    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)
        assert_sound(stack)

    def test_outputs_are_the_clouds_addresses(self, stack, cloud):
        services = stack.outputs()["eas_services"]
        host = f"http://{OWNER}.vpc.{REGION}.pai-eas.aliyuncs.com/api/predict"
        assert services["existing"]["base_urls"]["openai"] == f"{host}/qwen_chat/v1"
        (row,) = cloud.state.eas_gateways.values()
        own = f"http://{row.intranet_domain}/api/predict/dashlink_test_own"
        assert services["own"]["base_urls"]["predict"] == own
        (gateway,) = services["own"]["gateways"]
        assert (gateway["kind"], gateway["gateway_id"]) == ("PrivateGateway", row.gateway_id)

    def test_a_service_of_another_region_has_its_internet_address(self, stack):
        far = stack.outputs()["eas_services"]["far"]
        host = f"http://{OWNER}.cn-shanghai.pai-eas.aliyuncs.com/api/predict"
        assert (far["region"], far["base_urls"]["predict"]) == ("cn-shanghai", f"{host}/qwen_far")

    def test_secrets_reach_the_service_and_nothing_else(self, stack, cloud):
        config = service_of(cloud, "dashlink_test_own").config
        secret = {"name": "HF_TOKEN", "value": SECRETS["hfToken"]}
        assert config["containers"][0]["env"] == [secret]
        login = base64.b64decode(config["credential"]["docker_auth"]).decode()
        assert login == SECRETS["registryLogin"]
        text = "\n".join([json.dumps(stack.outputs()), stack.state(), *stack.log])
        encoded = config["credential"]["docker_auth"]
        shown = [one for one in (*SECRETS.values(), THEIR_TOKEN, encoded) if one in text]
        assert shown == []

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
        assert stack.preview() == {"update": [OF_SERVICE]}
        stack.deploy()
        assert service_of(cloud, row.name).config == row.config
        assert stack.preview() == {}

    def test_a_service_that_was_stopped_is_started(self, stack, cloud):
        write_service(cloud, "dashlink_test_own", status="Stopped")
        stack.run("refresh", "--yes", "--skip-preview")
        assert stack.deploy() == {"update": [OF_SERVICE, OF_SERVICE]}
        assert service_of(cloud, "dashlink_test_own").status == "Running"
        assert stack.preview() == {}

    def test_every_setting_is_changed_in_place(self, stack, cloud, changed_config):
        before = service_of(cloud, "dashlink_test_own")
        stack.configure(changed_config)
        assert stack.deploy() == {"update": [OF_SERVICE, OF_SERVICE]}
        after = service_of(cloud, "dashlink_test_own")
        assert (after.service_id, after.token) == (before.service_id, TOKEN)
        assert after.workspace_id == "4712"
        outputs = stack.outputs()
        networking = {
            "vpc_id": outputs["vpc_id"],
            "vswitch_id": ",".join(outputs["vswitch_ids"][zone] for zone in sorted(ZONES)),
            "security_group_id": outputs["security_group_id"],
        }
        config = deepcopy(after.config)
        assert config["metadata"].pop("workspace_id") == "4712"
        assert config.pop("cloud") == {
            "computing": {
                "instances": [{"type": "ecs.gn7i-c16g1.4xlarge", "spot_price_limit": 2.5}]
            },
            "networking": networking,
        }
        assert config == CHANGED
        assert_settled(stack)

    def test_a_load_balancer_is_among_the_addresses(self, stack):
        kinds = [row["kind"] for row in stack.outputs()["eas_services"]["own"]["gateways"]]
        assert kinds == ["DefaultGateway", "Nlb"]

    def test_a_new_token_is_sent_and_stays_secret(self, stack, cloud):
        stack.set_secret("dashlink:easToken", "another-token-0123456789")
        stack.set_secret("dashlink:hfToken", "another-value-0123456789")
        stack.deploy()
        row = service_of(cloud, "dashlink_test_own")
        assert row.token == "another-token-0123456789"
        assert row.config["containers"][0]["env"][1]["value"] == "another-value-0123456789"
        assert stack.preview() == {}
        assert "another-token-0123456789" not in stack.state()
        assert "another-value-0123456789" not in stack.state()
        assert addresses_of(stack)["accessToken"] == "another-token-0123456789"

    def test_tags_are_changed_in_place(self, stack, cloud, changed_config):
        stack.configure({**changed_config, "dashlink:tags": {"team": "search"}})
        stack.deploy()
        assert service_of(cloud, "dashlink_test_own").tags["team"] == "search"
        assert stack.preview() == {}

    def test_a_service_that_is_gone_is_created_again(self, stack, cloud):
        draft = cloud.cloud.draft()
        del draft.eas_services[service_of(cloud, "dashlink_test_own").service_id]
        cloud.cloud.replace(draft)
        stack.run("refresh", "--yes", "--skip-preview")
        stack.deploy()
        assert service_of(cloud, "dashlink_test_own").status == "Running"
        assert_settled(stack)

    @pytest.mark.parametrize(
        ("service", "changes", "problem"),
        [
            ("existing", {"name": "nobodys"}, "no such EAS service in cn-beijing"),
            ("far", {"access": "vpc"}, "the shared gateway's VPC address works in cn-shanghai"),
        ],
        ids=["missing", "far"],
    )
    def test_the_preflight_names_what_cannot_work(
        self, stack, changed_config, service, changes, problem
    ):
        refused = deepcopy(changed_config)
        refused["dashlink:eas_services"][service] |= changes
        stack.configure(refused)
        assert problem in stack.refused()
        stack.configure(changed_config)

    def test_destroy_leaves_the_existing_service(self, stack, cloud):
        stack.destroy()
        names = sorted(row.name for row in cloud.state.eas_services.values())
        assert names == ["qwen_chat", "qwen_far"]
