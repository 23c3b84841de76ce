"""The life of a stack on the real engine: up, nothing, changes in place, destroy; for each kind of stack."""

from __future__ import annotations

from copy import deepcopy

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official

pytestmark = pytest.mark.engine

PUBLIC = {
    "alicloud:region": "cn-beijing",
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]},
    "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    "dashlink:clients": ["dotenv", "openai-python", "dashscope-python", "curl"],
    "dashlink:tags": {"team": "search"},
}
FINANCE = {
    "alicloud:region": "cn-shanghai-finance-1",
    "dashlink:network": {
        "cidr": "10.40.0.0/16",
        "zones": ["cn-shanghai-finance-1-f", "cn-shanghai-finance-1-g"],
    },
    "dashlink:endpoints": {"dashscope": {"service_id": "epsrv-zm0qfzkk1lcxfr3efci8"}},
    "dashlink:clients": ["dotenv", "curl"],
}


def assert_settled(stack):
    """Nothing to do, and nothing in the cloud that the state does not know."""
    assert stack.plan() == {}
    stack.refresh()
    assert stack.plan() == {}


def turned_round(value):
    """``value`` with the order of every map and list turned round: it means the same."""
    if isinstance(value, dict):
        return {key: turned_round(item) for key, item in reversed(value.items())}
    return [turned_round(item) for item in reversed(value)] if isinstance(value, list) else value


def assert_changes_stay_small(stack, config, further_zone):
    """What is planned for small changes of a settled stack; nothing of it is carried out but the tag."""
    stack.configure(turned_round(config))
    assert stack.plan() == {}

    opened = deepcopy(config)
    opened["dashlink:network"].setdefault("ingress", {})["from_cidrs"] = ["10.99.0.0/24"]
    stack.configure(opened)
    planned = stack.plan()
    assert list(planned) == ["create"]
    ports = ["443", "80"]
    assert planned["create"] == [
        f"access-{port}-from-10.99.0.0-24" for port in ports
    ]  # one rule for each open port

    widened = deepcopy(config)
    widened["dashlink:network"]["zones"].append(further_zone)
    stack.configure(widened)
    planned = stack.plan()
    assert set(planned) == {
        "create",
        "update",
    }  # the wait follows the new zone; nothing is replaced or deleted
    assert all(name.endswith(further_zone) for name in planned["create"])
    assert all(name.endswith("-connection") for name in planned["update"])

    tagged = {**config, "dashlink:tags": {"team": "ranking"}}
    stack.configure(tagged)
    assert set(stack.plan()) == {"update"}
    stack.deploy()
    assert stack.plan() == {}


def assert_empty(cloud):
    """No record of anything that a stack makes is left."""
    left = cloud.state
    kinds = (left.vpcs, left.vswitches, left.security_groups, left.endpoints, left.private_zones)
    assert [sorted(kind) for kind in kinds] == [[], [], [], [], []]


def assert_read_by_the_official_sdks(cloud, outputs):
    """The SDKs, used directly, read what the stack declared."""
    vpcs = (
        official.vpc(cloud)
        .describe_vpcs(vpc_models.DescribeVpcsRequest(region_id="cn-beijing"))
        .body.vpcs.vpc
    )
    assert [(vpc.vpc_id, vpc.cidr_block) for vpc in vpcs] == [(outputs["vpc_id"], "10.20.0.0/16")]
    tags = {tag.key: tag.value for tag in vpcs[0].tags.tag}
    assert tags == {
        "team": "search",
        "made-by": "dashlink",
        "dashlink-project": "dashlink",
        "dashlink-stack": "test",
    }
    request = vpc_models.DescribeVSwitchesRequest(region_id="cn-beijing", vpc_id=outputs["vpc_id"])
    vswitches = official.vpc(cloud).describe_vswitches(request).body.v_switches.v_switch
    assert {found.zone_id: (found.v_switch_id, found.cidr_block) for found in vswitches} == {
        "cn-beijing-h": (outputs["vswitch_ids"]["cn-beijing-h"], "10.20.112.0/20"),
        "cn-beijing-k": (outputs["vswitch_ids"]["cn-beijing-k"], "10.20.160.0/20"),
    }
    request = ecs_models.DescribeSecurityGroupAttributeRequest(
        region_id="cn-beijing", security_group_id=outputs["security_group_id"], direction="ingress"
    )
    rules = (
        official.ecs(cloud).describe_security_group_attribute(request).body.permissions.permission
    )
    assert sorted(
        (rule.port_range, rule.source_cidr_ip, rule.policy.lower()) for rule in rules
    ) == [
        ("443/443", "10.20.0.0/16", "accept"),
        ("80/80", "10.20.0.0/16", "accept"),
    ]
    endpoint = outputs["endpoints"]["dashscope"]
    zones = official.privatelink(cloud).list_vpc_endpoint_zones(
        privatelink_models.ListVpcEndpointZonesRequest(
            region_id="cn-beijing", endpoint_id=endpoint["endpoint_id"]
        )
    )
    read = {
        zone.zone_id: {"domain": zone.zone_domain, "address": zone.eni_ip}
        for zone in zones.body.zones
    }
    assert read == endpoint["zones"]


def test_the_public_stack_lives_changes_in_place_and_leaves_nothing(make_stack, cloud):
    stack = make_stack(PUBLIC)
    stack.deploy()
    outputs = stack.outputs()
    endpoint = outputs["endpoints"]["dashscope"]
    assert endpoint["private_domain"] == "vpc-cn-beijing.dashscope.aliyuncs.com"
    assert (
        endpoint["base_urls"]["openai"]
        == "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1"
    )
    assert set(endpoint["zones"]) == {"cn-beijing-h", "cn-beijing-k"}
    assert_settled(stack)
    assert_read_by_the_official_sdks(cloud, outputs)

    reordered = dict(reversed(deepcopy(PUBLIC).items()))
    reordered["dashlink:network"] = {
        "zones": ["cn-beijing-k", "cn-beijing-h"],
        "cidr": "10.20.0.0/16",
    }
    stack.configure(reordered)
    assert stack.plan() == {}

    tagged = {**PUBLIC, "dashlink:tags": {"team": "ranking"}}
    stack.configure(tagged)
    assert set(stack.plan()) == {"update"}
    stack.deploy()
    assert {vpc.tags["team"] for vpc in cloud.state.vpcs.values()} == {"ranking"}
    assert stack.plan() == {}

    opened = deepcopy(tagged)
    opened["dashlink:network"]["ingress"] = {"https_only": False, "from_cidrs": ["10.99.0.0/24"]}
    stack.configure(opened)
    planned = stack.plan()
    assert set(planned) == {"create"}
    assert all("10.99.0.0" in name for name in planned["create"])
    assert len(planned["create"]) == 2  # one for each port

    widened = deepcopy(opened)
    widened["dashlink:network"]["zones"].append("cn-beijing-l")
    stack.configure(widened)
    planned = stack.plan()
    assert not {
        operation for operation in planned if "replace" in operation or "delete" in operation
    }
    assert (
        len([name for name in planned["create"] if name.endswith("cn-beijing-l")]) == 2
    )  # vSwitch, endpoint's zone
    stack.deploy()
    assert set(stack.outputs()["endpoints"]["dashscope"]["zones"]) == {
        "cn-beijing-h",
        "cn-beijing-k",
        "cn-beijing-l",
    }
    assert_settled(stack)

    stack.destroy()
    assert_empty(cloud)


def test_the_finance_stack_lives_on_the_endpoints_own_domain_over_http(make_stack, cloud):
    stack = make_stack(FINANCE)
    stack.deploy()
    endpoint = stack.outputs()["endpoints"]["dashscope"]
    assert endpoint["private_domain"] is None
    assert endpoint["scheme"] == "http"
    assert endpoint["host"] == endpoint["endpoint_domain"]
    assert endpoint["host"].endswith(
        ".epsrv-zm0qfzkk1lcxfr3efci8.cn-shanghai-finance-1.privatelink.aliyuncs.com"
    )
    assert not cloud.state.private_zones
    assert_settled(stack)
    assert_changes_stay_small(stack, FINANCE, "cn-shanghai-finance-1-k")
    stack.destroy()
    assert_empty(cloud)


def test_two_endpoints_of_one_stack_live_side_by_side(make_stack, cloud):
    config = deepcopy(PUBLIC)
    config["dashlink:endpoints"]["direct"] = {
        "service": "com.aliyuncs.dashscope",
        "private_name": "none",
        "scheme": "http",
    }
    stack = make_stack(config)
    stack.deploy()
    endpoints = stack.outputs()["endpoints"]
    assert endpoints["direct"]["endpoint_id"] != endpoints["dashscope"]["endpoint_id"]
    assert endpoints["direct"]["base_urls"]["openai"].startswith("http://ep-")
    assert_settled(stack)
    assert_changes_stay_small(stack, config, "cn-beijing-l")
    only_one = {**PUBLIC, "dashlink:tags": {"team": "ranking"}}
    stack.configure(only_one)
    planned = stack.plan()
    assert set(planned) == {"delete"}
    assert all("direct" in name for name in planned["delete"])
    stack.destroy()
    assert_empty(cloud)
