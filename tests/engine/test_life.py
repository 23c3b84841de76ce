"""Stacks with a network of their own, from `up` to `destroy` on the real engine.

The settings are those of stacks/: `prod` and `finance` have a gateway, `dev` gets a second
endpoint.
"""

from __future__ import annotations

import json
import sys
from copy import deepcopy

import pytest
import yaml
from alibabacloud_privatelink20200415 import models as privatelink_models
from support import official
from support.base_stacks import (
    CONSUMER_KEY,
    assert_no_model_apis,
    assert_no_network,
    assert_settled,
    assert_sound,
)
from support.cli import DASHLINK
from support.inside import vpc_environment
from support.life import OWN_TAGS, Deployed, Life
from support.processes import run, run_ok
from support.sandbox_admin import console
from support.stack_files import references, stack_config

from engine.process import clean_environment

pytestmark = pytest.mark.engine

DEV = stack_config("dev")
DIRECT = {"service": "com.aliyuncs.dashscope", "private_name": "none", "scheme": "http"}
TWO_ENDPOINTS = {
    **DEV,
    "dashlink:endpoints": {**DEV["dashlink:endpoints"], "direct": DIRECT},
}
DEV_BLOCKS = {"cn-beijing-h": "10.20.7.0/24", "cn-beijing-k": "10.20.10.0/24"}
DEV_TAGS = {**OWN_TAGS, "stage": "dev"}
FINANCE_REGION = "cn-shanghai-finance-1"
FINANCE_SERVICE = "epsrv-zm0qfzkk1lcxfr3efci8"
FINANCE_DOMAIN = "models.finance.internal"
PROD_TAGS = {**OWN_TAGS, "stage": "prod", "owner": "platform"}
FINANCE_TAGS = {**OWN_TAGS, "stage": "finance"}
PROD_BLOCKS = {
    "cn-beijing-g": "10.28.96.0/20",
    "cn-beijing-h": "10.28.112.0/20",
    "cn-beijing-k": "10.28.160.0/20",
}
FINANCE_BLOCKS = {f"{FINANCE_REGION}-f": "10.40.80.0/20", f"{FINANCE_REGION}-g": "10.40.96.0/20"}


FREE_BLOCK = "10.20.14.0/24"
IN_ZONE_H = ["access-cn-beijing-h", "access-dashscope-cn-beijing-h", "access-direct-cn-beijing-h"]
CONNECTIONS = ["access-dashscope-connection", "access-direct-connection"]
REFUSED = {
    "of-the-vpc": ({"cidr": "10.21.0.0/20"}, "network.cidr: the block of vpc-"),
    "of-a-vswitch": (
        {"vswitches": {"cn-beijing-k": "10.20.10.0/25"}},
        "network.vswitches.cn-beijing-k: overlaps 10.20.10.0/24",
    ),
}


def set_secrets(stack, cloud):
    """Store a value for each secret of the settings, the cloud's own key for Model Studio."""
    for name in set(references(yaml.safe_load(stack.settings_file.read_text()))):
        value = cloud.api_key if name == "studioKey" else f"{CONSUMER_KEY}-of-{name}"
        stack.set_secret(f"dashlink:{name}", value)


def ask(cloud, outputs, folder, key):
    """Send a message from inside the VPC through the gateway, by the rendered file alone."""
    run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=json.dumps(outputs))
    user = f"{outputs['vpc_id']}.{next(iter(outputs['vswitch_ids'].values()))}"
    proxy = cloud.proxy.replace("http://", f"http://{user}:inside@")
    environment = {
        **clean_environment(),
        **vpc_environment(proxy, cloud.ca_file),
        "MODEL_API_KEY": f"{CONSUMER_KEY}-of-{key}",
    }
    command = [sys.executable, "openai_client.py", "hello there"]
    chat = folder / "model-apis" / "chat"
    done = run(command, environment=environment, folder=chat, seconds=120)
    assert done.returncode == 0, done
    return done.output


class TestProdStack(Life):
    config = stack_config("prod")
    cidr = "10.28.0.0/16"
    blocks = PROD_BLOCKS
    further_block = "10.28.176.0/20"
    tags = PROD_TAGS
    ports = (443,)

    @pytest.fixture(scope="class")
    @classmethod
    def stack(cls, create_stack, cloud):
        stack = create_stack(cls.config)
        set_secrets(stack, cloud)
        stack.deploy()
        return stack

    def test_the_outputs_have_the_private_name(self, outputs):
        endpoint = outputs["endpoints"]["dashscope"]
        host = "vpc-cn-beijing.dashscope.aliyuncs.com"
        assert endpoint["private_domain"] == host
        assert endpoint["base_urls"]["openai"] == f"https://{host}/compatible-mode/v1"

    def test_a_client_is_answered_through_the_gateway(self, cloud, outputs, tmp_path):
        assert "qwen-plus heard: hello there" in ask(cloud, outputs, tmp_path, "batchJobsKey")

    def test_check_finds_nothing_wrong(self, stack):
        assert_sound(stack)

    def test_destroy_leaves_nothing(self, stack, cloud):
        stack.destroy()
        assert_no_model_apis(cloud)
        assert_no_network(cloud)


class TestTwoEndpoints(Life):
    config = TWO_ENDPOINTS
    cidr = "10.20.0.0/20"
    blocks = DEV_BLOCKS
    further_block = "10.20.11.0/24"
    tags = DEV_TAGS

    def test_each_endpoint_has_its_own_base_urls(self, outputs):
        endpoints = outputs["endpoints"]
        assert endpoints["direct"]["endpoint_id"] != endpoints["dashscope"]["endpoint_id"]
        assert endpoints["direct"]["base_urls"]["openai"].startswith("http://ep-")

    def test_removing_an_endpoint_deletes_only_its_resources(self, stack, cloud, wider, widened):
        without = deepcopy(wider)
        del without["dashlink:endpoints"]["direct"]
        stack.configure({**without, "dashlink:tags": {"team": "ranking"}})
        planned = stack.preview()
        assert planned.pop("update") == ["access-contents"]
        assert set(planned) == {"delete"}
        assert all("direct" in name for name in planned["delete"])

    @pytest.mark.parametrize("change", REFUSED, ids=REFUSED)
    def test_a_block_that_cannot_change_is_refused(self, stack, wider, widened, change):
        network, message = REFUSED[change]
        stack.configure({**wider, "dashlink:network": {**wider["dashlink:network"], **network}})
        output = stack.refused()
        assert message in output
        assert "error: update failed" not in output

    def test_a_zone_moves_to_another_vswitch(self, stack, cloud, wider, widened):
        moved = deepcopy(wider)
        moved["dashlink:network"]["vswitches"] = {"cn-beijing-h": FREE_BLOCK}
        stack.configure({**moved, "dashlink:tags": {"team": "ranking"}})
        planned = stack.preview()
        assert planned == {"replace": IN_ZONE_H, "update": CONNECTIONS}
        stack.deploy()
        outputs = stack.outputs()
        for endpoint in outputs["endpoints"].values():
            assert endpoint["zones"] == self._zones(cloud, endpoint)
        assert self._vswitches(cloud, outputs)["cn-beijing-h"].cidr_block == FREE_BLOCK
        assert_settled(stack)

    def test_check_finds_nothing_wrong(self, stack):
        assert_sound(stack)

    def test_destroy_leaves_nothing(self, stack, cloud):
        stack.destroy()
        assert_no_network(cloud)


def offered(cloud, **account):
    """The ids of the endpoint services that an account sees in the finance region."""
    client = official.privatelink(cloud, region_id=FINANCE_REGION, **account)
    request = privatelink_models.ListVpcEndpointServicesByEndUserRequest(region_id=FINANCE_REGION)
    rows = client.list_vpc_endpoint_services_by_end_user(request).body.services
    return {row.service_id for row in rows}


@pytest.fixture(scope="class")
def refused(create_stack, cloud):
    """The output of `up` of an account that is not on the allow-list, and who sees the service."""
    own, other = cloud.cloud.catalog.accounts
    console(cloud, "allow-list", service_id=FINANCE_SERVICE, accounts=[other.id])
    keys = {"access_key_id": other.access_key_id, "access_key_secret": other.access_key_secret}
    stack = create_stack(stack_config("finance"))
    set_secrets(stack, cloud)
    refusal = stack.refused()
    seen_by = {"own": offered(cloud), "other": offered(cloud, **keys)}
    created = len(cloud.state.vpcs)
    console(cloud, "allow-list", service_id=FINANCE_SERVICE, accounts=[other.id, own.id])
    return stack, refusal, seen_by, created


class TestFinanceStack(Deployed):
    config = stack_config("finance")
    tags = FINANCE_TAGS
    region = FINANCE_REGION
    cidr = "10.40.0.0/16"
    blocks = FINANCE_BLOCKS

    @pytest.fixture(scope="class")
    @classmethod
    def stack(cls, refused):
        """The deployed stack, after its account was added to the allow-list."""
        stack, *_ = refused
        stack.deploy()
        return stack

    def test_an_account_off_the_allow_list_is_refused_first(self, refused):
        _, refusal, seen_by, created = refused
        assert seen_by == {"own": set(), "other": {FINANCE_SERVICE}}
        where = f"not offered to this account in {FINANCE_REGION} (got {FINANCE_SERVICE})"
        assert f"endpoints.dashscope.service_id: {where}" in refusal
        assert "allow-list" in refusal
        assert created == 0

    def test_the_outputs_have_the_endpoints_own_domain(self, outputs, cloud):
        endpoint = outputs["endpoints"]["dashscope"]
        assert endpoint["private_domain"] is None
        assert endpoint["scheme"] == "http"
        assert endpoint["host"] == endpoint["endpoint_domain"]
        service = f"{FINANCE_SERVICE}.{FINANCE_REGION}.privatelink.aliyuncs.com"
        assert endpoint["host"].endswith(f".{service}")
        assert {row.name for row in cloud.state.private_zones.values()} == {FINANCE_DOMAIN}

    def test_a_client_is_answered_through_the_gateway(self, cloud, outputs, tmp_path):
        assert "qwen-plus heard: hello there" in ask(cloud, outputs, tmp_path, "tellerKey")

    def test_check_finds_nothing_wrong(self, stack):
        assert_sound(stack)

    def test_destroy_leaves_nothing(self, stack, cloud):
        stack.destroy()
        assert_no_model_apis(cloud)
        assert_no_network(cloud)
