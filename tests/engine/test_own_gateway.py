"""The gateway that a stack creates, on the real engine: drift, edits, replacement, killed runs."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
from alibabacloud_apig20240327 import models
from support import official
from support.base_stacks import (
    DOMAIN,
    STUDIO_KEY,
    assert_no_key,
    assert_no_model_apis,
    assert_no_network,
    assert_settled,
    assert_sound,
    gateway_stack,
    model_api,
    resource_names,
    set_secrets,
)
from support.clouds import REGION
from support.kills import kill_during, kill_once
from support.sandbox_admin import inject_fault

pytestmark = pytest.mark.engine

ZONES = ["cn-beijing-h", "cn-beijing-k"]
FURTHER_ZONE = "cn-beijing-l"
CONFIG = {
    "alicloud:region": REGION,
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": [*ZONES, FURTHER_ZONE]},
    "dashlink:gateway": {"zones": ZONES},
    "dashlink:domains": {DOMAIN: {"scheme": "http"}},
    "dashlink:ai_services": {
        "studio": {
            "base_url": "https://studio.example.com/compatible-mode/v1",
            "vendor": "qwen",
            "private_address": True,
            "api_keys": [{"config": "studioKey"}],
        }
    },
    "dashlink:model_apis": {"chat": model_api("text", "/chat")},
    "dashlink:tags": {"team": "search"},
}
TAGS = {
    "team": "search",
    "made-by": "dashlink",
    "dashlink-project": "dashlink",
    "dashlink-stack": "test",
}
AWAITING_SECONDS = 8.0  # a kill takes less
GATEWAY = resource_names("ai-gateway")
WITH_ADDRESSES = resource_names("ai-gateway", "ai-addresses")
ON_THE_GATEWAY = resource_names("ai-gateway", "ai-addresses", "service-studio", "api-chat")


def with_gateway(**settings):
    """`CONFIG` with further settings of the gateway."""
    config = deepcopy(CONFIG)
    config["dashlink:gateway"] |= settings
    return config


def gateway_of(cloud):
    """The only gateway, as the official SDK reads it."""
    (gateway_id,) = cloud.state.gateways
    return official.apig(cloud).get_gateway(gateway_id).body.data


def tags_of(gateway):
    return {tag.key: tag.value for tag in gateway.tags}


def kept_ids(cloud):
    """The ids of the gateway and of what is on it."""
    state = cloud.state
    return set(state.gateways) | set(state.ai_services) | set(state.http_apis)


def refresh(stack):
    """Run `pulumi refresh`, which may find changes."""
    done = stack.run("refresh", "--yes", "--skip-preview")
    assert done.returncode == 0, done


def replaced(steps):
    """The properties that cause each replacement in the steps of a preview, by logical name."""
    causes = {}
    for step in steps:
        if step["op"] == "replace":
            causes[step["urn"].rpartition("::")[2]] = properties = set()
            for path, details in step["detailedDiff"].items():
                if details["kind"].endswith("-replace"):
                    properties.add(re.split(r"[.[]", path)[0])
    return causes


@pytest.fixture(scope="class")
def stack(create_stack):
    """The deployed stack with its gateway."""
    stack = create_stack(CONFIG)
    set_secrets(stack)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def ids(cloud, stack):
    return kept_ids(cloud)


@pytest.fixture(scope="class")
def retagged(cloud, stack, ids):
    """Change the gateway's tags in the console, and refresh; return the preview."""
    client = official.apig(cloud)
    same = {"resource_type": "gateway", "resource_id": [gateway_of(cloud).gateway_id]}
    tag = models.TagResourcesRequestTag(key="team", value="by hand")
    client.tag_resources(models.TagResourcesRequest(**same, tag=[tag]))
    client.untag_resources(models.UntagResourcesRequest(**same, tag_key=["made-by"]))
    refresh(stack)
    return stack.preview()


@pytest.fixture(scope="class")
def edited(stack, ids):
    """Change tags and network access in the settings; return what `up` changed."""
    stack.configure(with_gateway(internet=True, tags={"cost-center": "42"}))
    return stack.deploy()


@pytest.fixture(scope="class")
def scaled(cloud, stack, ids):
    """Scale the gateway in the console, and refresh; return the steps of a preview."""
    draft = cloud.cloud.draft()
    (gateway_id,) = draft.gateways
    larger = {"spec": "aigw.small.x2"}  # its request is in no SDK
    draft.gateways[gateway_id] = draft.gateways[gateway_id].model_copy(update=larger)
    cloud.cloud.replace(draft)
    stack.configure(CONFIG)
    stack.deploy()
    refresh(stack)
    return stack.preview_steps()


@pytest.fixture(scope="class")
def replacement(stack, ids):
    """Turn the access log on, and deploy; return the steps of the preview."""
    stack.configure(with_gateway(spec="aigw.small.x2", access_log=True))
    steps = stack.preview_steps()
    stack.deploy()
    return steps


class TestOwnGateway:
    def test_the_cloud_has_the_gateway_of_the_settings(self, cloud, stack):
        gateway = gateway_of(cloud)
        assert gateway.name == "dashlink-test-access-gateway-ai"
        assert (gateway.gateway_type, gateway.spec) == ("AI", "aigw.small.x1")
        assert gateway.vpc.vpc_id == stack.outputs()["vpc_id"]
        assert [zone.zone_id for zone in gateway.zones] == ZONES
        assert [row.address_type for row in gateway.load_balancers] == ["Intranet"]
        assert tags_of(gateway) == TAGS

    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)
        assert_sound(stack)

    def test_a_refresh_finds_changed_tags(self, retagged):
        assert retagged == {"update": GATEWAY}

    def test_up_restores_the_tags(self, cloud, stack, ids, retagged):
        stack.deploy()
        assert tags_of(gateway_of(cloud)) == TAGS
        assert kept_ids(cloud) == ids
        assert_settled(stack)

    def test_tags_and_network_access_change_in_place(self, cloud, ids, edited):
        gateway = gateway_of(cloud)
        assert edited == {"update": sorted(WITH_ADDRESSES)}
        assert tags_of(gateway) == {**TAGS, "cost-center": "42"}
        types = {row.address_type for row in gateway.load_balancers}
        assert types == {"Intranet", "Internet"}
        assert kept_ids(cloud) == ids

    def test_an_edit_leaves_nothing_to_do(self, stack, edited):
        assert_settled(stack)

    def test_a_gateway_scaled_by_hand_would_be_replaced(self, scaled):
        causes = replaced(scaled)
        assert causes[GATEWAY[0]] == {"spec"}
        assert sorted(causes) == sorted(ON_THE_GATEWAY)

    def test_its_specification_in_the_settings_keeps_it(self, cloud, stack, ids, scaled):
        stack.configure(with_gateway(spec="aigw.small.x2"))
        stack.deploy()
        assert kept_ids(cloud) == ids
        assert_settled(stack)

    def test_other_zones_would_replace_the_gateway(self, stack, scaled):
        stack.configure(with_gateway(spec="aigw.small.x2", zones=[ZONES[0], FURTHER_ZONE]))
        causes = replaced(stack.preview_steps())
        assert causes[GATEWAY[0]] == {"zones"}
        assert sorted(causes) == sorted(ON_THE_GATEWAY)

    def test_the_preview_names_the_cause_of_a_replacement(self, replacement):
        causes = replaced(replacement)
        assert causes[GATEWAY[0]] == {"logConfig"}
        assert sorted(causes) == sorted(ON_THE_GATEWAY)

    def test_a_replacement_leaves_one_gateway(self, cloud, stack, ids, replacement):
        assert kept_ids(cloud).isdisjoint(ids)
        assert len(kept_ids(cloud)) == len(ids)
        assert cloud.state.gateways[gateway_of(cloud).gateway_id].sls_enabled
        assert stack.outputs()["gateway"]["gateway_id"] == gateway_of(cloud).gateway_id
        assert_settled(stack)

    def test_destroy_leaves_nothing(self, cloud, stack):
        stack.destroy()
        assert not cloud.state.gateways
        assert_no_model_apis(cloud)
        assert_no_network(cloud)

    def test_no_key_is_in_state_or_output(self, stack):
        assert_no_key(stack, STUDIO_KEY)


# -- killed runs -----------------------------------------------------------------------------------


def clear_pending(stack):
    """Do what docs/operations.md describes after a killed run."""
    done = stack.run("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert done.returncode == 0, done


@pytest.fixture(scope="class")
def killed(create_stack, cloud):
    """A stack on an existing network whose first run is killed when the cloud has its gateway."""
    config = gateway_stack(cloud)
    (existing,) = cloud.state.gateways
    config["dashlink:gateway"] = {}
    config["dashlink:model_apis"] = {"chat": model_api("text", "/chat")}
    stack = create_stack(config)
    set_secrets(stack)
    kill_during(stack, cloud, "CreateGateway", "stall")
    return stack, existing


@pytest.fixture(scope="class")
def gateway_id(cloud, killed):
    """The gateway of the killed run."""
    _, existing = killed
    (gateway_id,) = set(cloud.state.gateways) - {existing}
    return gateway_id


@pytest.fixture(scope="class")
def planned(killed):
    """The preview after the steps of docs/operations.md."""
    stack, _ = killed
    clear_pending(stack)
    return stack.preview()


@pytest.fixture(scope="class")
def awaiting(cloud, killed, gateway_id, planned):
    """Delete the gateway as documented; kill `up` while it awaits the addresses of the next one.

    Return what the run was creating.
    """
    stack, _ = killed
    official.apig(cloud).delete_gateway(gateway_id)
    slow = {"kind": "delay", "times": 1000, "seconds": AWAITING_SECONDS}
    inject_fault(cloud, product="APIG", action="GetGateway", **slow)
    line = "access-gateway-ai-addresses creating"
    kill_once(stack, lambda output: line in output, line)
    cloud.cloud.faults.active.clear()
    operations = stack.export()["deployment"]["pending_operations"]
    clear_pending(stack)
    return [row["resource"]["urn"].rpartition("::")[2] for row in operations]


@pytest.fixture(scope="class")
def resumed(cloud, killed, awaiting):
    """The stack after the run that was not killed, and the gateway of the second killed run."""
    stack, existing = killed
    (created,) = set(cloud.state.gateways) - {existing}
    stack.deploy()
    return stack, created


class TestKilledRuns:
    def test_the_preview_creates_a_gateway_that_exists(self, cloud, planned, gateway_id):
        assert GATEWAY[0] in planned["create"]

    def test_the_gateway_is_found_by_its_name(self, cloud, killed, gateway_id):
        request = models.ListGatewaysRequest(name="dashlink-test-access-gateway-ai")
        (row,) = official.apig(cloud).list_gateways(request).body.data.items
        assert row.gateway_id == gateway_id

    def test_a_run_is_killed_while_it_awaits_the_addresses(self, awaiting):
        assert awaiting == resource_names("ai-addresses")

    def test_the_next_run_creates_no_second_gateway(self, cloud, killed, resumed):
        stack, created = resumed
        _, existing = killed
        assert set(cloud.state.gateways) == {existing, created}
        assert stack.outputs()["gateway"]["gateway_id"] == created
        assert len(cloud.state.http_apis) == 1

    def test_up_leaves_nothing_to_do(self, resumed):
        assert_settled(resumed[0])

    def test_destroy_leaves_the_existing_gateway(self, cloud, killed, resumed):
        resumed[0].destroy()
        assert set(cloud.state.gateways) == {killed[1]}
        assert_no_model_apis(cloud)
