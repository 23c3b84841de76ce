"""Stacks from `up` to `destroy` on the real engine: outputs, small changes, nothing left."""

from __future__ import annotations

from copy import deepcopy

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official
from support.base_stacks import assert_no_network, assert_settled

pytestmark = pytest.mark.engine

PUBLIC = {
    "alicloud:region": "cn-beijing",
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]},
    "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    "dashlink:clients": ["dotenv", "openai-python", "dashscope-python", "curl"],
    "dashlink:tags": {"team": "search"},
}
DIRECT = {"service": "com.aliyuncs.dashscope", "private_name": "none", "scheme": "http"}
TWO_ENDPOINTS = {
    **PUBLIC,
    "dashlink:endpoints": {**PUBLIC["dashlink:endpoints"], "direct": DIRECT},
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
RETAGGED = {"dashlink:tags": {"team": "ranking"}}


def with_range(config, **ingress):
    """``config`` with one more CIDR block that may connect."""
    changed = deepcopy(config)
    changed["dashlink:network"]["ingress"] = {**ingress, "from_cidrs": ["10.99.0.0/24"]}
    return changed


def with_zone(config, zone):
    """``config`` with one more zone."""
    changed = deepcopy(config)
    changed["dashlink:network"]["zones"].append(zone)
    return changed


def reordered(value):
    """``value`` with every map and list in reverse order."""
    if isinstance(value, dict):
        return {key: reordered(item) for key, item in reversed(value.items())}
    if isinstance(value, list):
        return [reordered(item) for item in reversed(value)]
    return value


@pytest.fixture(scope="class")
def outputs(stack):
    return stack.outputs()


@pytest.fixture(scope="class")
def retagged(request, stack):
    """Change a tag and deploy; return the preview of the change."""
    stack.configure(request.cls.config | RETAGGED)
    planned = stack.preview()
    stack.deploy()
    return planned


class TestPublicStack:
    config = PUBLIC

    def test_the_outputs_have_the_private_name(self, outputs):
        endpoint = outputs["endpoints"]["dashscope"]
        host = "vpc-cn-beijing.dashscope.aliyuncs.com"
        assert endpoint["private_domain"] == host
        assert endpoint["base_urls"]["openai"] == f"https://{host}/compatible-mode/v1"
        assert set(endpoint["zones"]) == {"cn-beijing-h", "cn-beijing-k"}

    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)

    def test_the_vpc_has_its_block_and_tags(self, cloud, outputs):
        request = vpc_models.DescribeVpcsRequest(region_id="cn-beijing")
        (vpc,) = official.vpc(cloud).describe_vpcs(request).body.vpcs.vpc
        assert (vpc.vpc_id, vpc.cidr_block) == (outputs["vpc_id"], "10.20.0.0/16")
        assert {tag.key: tag.value for tag in vpc.tags.tag} == {
            "team": "search",
            "made-by": "dashlink",
            "dashlink-project": "dashlink",
            "dashlink-stack": "test",
        }

    def test_the_vswitches_have_their_blocks(self, cloud, outputs):
        request = vpc_models.DescribeVSwitchesRequest(
            region_id="cn-beijing", vpc_id=outputs["vpc_id"]
        )
        rows = official.vpc(cloud).describe_vswitches(request).body.v_switches.v_switch
        vswitches = {row.zone_id: (row.v_switch_id, row.cidr_block) for row in rows}
        assert vswitches == {
            "cn-beijing-h": (outputs["vswitch_ids"]["cn-beijing-h"], "10.20.112.0/20"),
            "cn-beijing-k": (outputs["vswitch_ids"]["cn-beijing-k"], "10.20.160.0/20"),
        }

    def test_the_security_group_allows_http_and_https(self, cloud, outputs):
        request = ecs_models.DescribeSecurityGroupAttributeRequest(
            region_id="cn-beijing",
            security_group_id=outputs["security_group_id"],
            direction="ingress",
        )
        response = official.ecs(cloud).describe_security_group_attribute(request)
        rules = []
        for rule in response.body.permissions.permission:
            rules.append((rule.port_range, rule.source_cidr_ip, rule.policy.lower()))
        assert sorted(rules) == [
            ("443/443", "10.20.0.0/16", "accept"),
            ("80/80", "10.20.0.0/16", "accept"),
        ]

    def test_the_zones_of_the_outputs_are_those_of_the_cloud(self, cloud, outputs):
        endpoint = outputs["endpoints"]["dashscope"]
        request = privatelink_models.ListVpcEndpointZonesRequest(
            region_id="cn-beijing", endpoint_id=endpoint["endpoint_id"]
        )
        zones = {}
        for zone in official.privatelink(cloud).list_vpc_endpoint_zones(request).body.zones:
            zones[zone.zone_id] = {"domain": zone.zone_domain, "address": zone.eni_ip}
        assert zones == endpoint["zones"]

    def test_the_order_of_settings_is_irrelevant(self, stack):
        config = dict(reversed(deepcopy(PUBLIC).items()))
        zones = ["cn-beijing-k", "cn-beijing-h"]
        config["dashlink:network"] = {"zones": zones, "cidr": "10.20.0.0/16"}
        stack.configure(config)
        assert stack.preview() == {}

    def test_a_changed_tag_is_an_update_in_place(self, stack, cloud, retagged):
        assert set(retagged) == {"update"}
        assert {vpc.tags["team"] for vpc in cloud.state.vpcs.values()} == {"ranking"}
        assert stack.preview() == {}

    def test_one_more_range_is_one_more_rule_for_each_port(self, stack, retagged):
        stack.configure(with_range(PUBLIC | RETAGGED, https_only=False))
        planned = stack.preview()
        assert set(planned) == {"create"}
        assert len(planned["create"]) == 2
        assert all("10.99.0.0" in name for name in planned["create"])

    def test_one_more_zone_replaces_and_deletes_nothing(self, stack, retagged):
        config = with_range(PUBLIC | RETAGGED, https_only=False)
        stack.configure(with_zone(config, "cn-beijing-l"))
        planned = stack.preview()
        for operation in planned:
            assert "replace" not in operation
            assert "delete" not in operation
        in_zone = [name for name in planned["create"] if name.endswith("cn-beijing-l")]
        assert len(in_zone) == 2  # the vSwitch and the endpoint's zone
        stack.deploy()
        zones = stack.outputs()["endpoints"]["dashscope"]["zones"]
        assert set(zones) == {"cn-beijing-h", "cn-beijing-k", "cn-beijing-l"}
        assert_settled(stack)

    def test_destroy_leaves_nothing(self, stack, cloud):
        stack.destroy()
        assert_no_network(cloud)


class SmallChanges:
    """What a deployed stack with the settings `config` plans for small changes."""

    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)

    def test_the_order_of_settings_is_irrelevant(self, stack):
        stack.configure(reordered(self.config))
        assert stack.preview() == {}

    def test_one_more_range_is_one_more_rule_for_each_port(self, stack):
        stack.configure(with_range(self.config))
        rules = ["access-443-from-10.99.0.0-24", "access-80-from-10.99.0.0-24"]
        assert stack.preview() == {"create": rules}

    def test_one_more_zone_replaces_and_deletes_nothing(self, stack):
        stack.configure(with_zone(self.config, self.further_zone))
        planned = stack.preview()
        assert set(planned) == {"create", "update"}
        assert all(name.endswith(self.further_zone) for name in planned["create"])
        assert all(name.endswith("-connection") for name in planned["update"])

    def test_a_changed_tag_is_an_update_in_place(self, stack, retagged):
        assert set(retagged) == {"update"}
        assert stack.preview() == {}


class TestFinanceStack(SmallChanges):
    config = FINANCE
    further_zone = "cn-shanghai-finance-1-k"

    def test_the_outputs_have_the_endpoints_own_domain(self, outputs, cloud):
        endpoint = outputs["endpoints"]["dashscope"]
        assert endpoint["private_domain"] is None
        assert endpoint["scheme"] == "http"
        assert endpoint["host"] == endpoint["endpoint_domain"]
        service = "epsrv-zm0qfzkk1lcxfr3efci8.cn-shanghai-finance-1.privatelink.aliyuncs.com"
        assert endpoint["host"].endswith(f".{service}")
        assert not cloud.state.private_zones

    def test_destroy_leaves_nothing(self, stack, cloud):
        stack.destroy()
        assert_no_network(cloud)


class TestTwoEndpoints(SmallChanges):
    config = TWO_ENDPOINTS
    further_zone = "cn-beijing-l"

    def test_each_endpoint_has_its_own_base_urls(self, outputs):
        endpoints = outputs["endpoints"]
        assert endpoints["direct"]["endpoint_id"] != endpoints["dashscope"]["endpoint_id"]
        assert endpoints["direct"]["base_urls"]["openai"].startswith("http://ep-")

    def test_removing_an_endpoint_deletes_only_its_resources(self, stack, retagged):
        stack.configure(PUBLIC | RETAGGED)
        planned = stack.preview()
        assert set(planned) == {"delete"}
        assert all("direct" in name for name in planned["delete"])

    def test_destroy_leaves_nothing(self, stack, cloud):
        stack.destroy()
        assert_no_network(cloud)
