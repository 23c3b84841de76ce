"""The official vpc, ecs and privatelink SDKs, unmodified."""

from __future__ import annotations

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official

_REGION = "cn-beijing"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """The SDKs take a proxy from the environment, for loopback too."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["http", "https"])
def how(request, sandbox) -> dict[str, str]:
    """How the SDKs get there: each test runs over HTTP and over TLS."""
    return {"protocol": request.param, "ca": str(sandbox.ca_file)}


def test_a_network_and_an_endpoint_are_made_and_read_back(sandbox, settle, how):
    vpc, ecs, privatelink = (make(sandbox, **how) for make in (official.vpc, official.ecs, official.privatelink))
    vpc_id = vpc.create_vpc(
        vpc_models.CreateVpcRequest(region_id=_REGION, cidr_block="10.20.0.0/16", vpc_name="models")
    ).body.vpc_id
    settle()
    vswitch_id = vpc.create_vswitch(
        vpc_models.CreateVSwitchRequest(
            region_id=_REGION, vpc_id=vpc_id, zone_id="cn-beijing-h", cidr_block="10.20.1.0/24"
        )
    ).body.v_switch_id
    group_id = ecs.create_security_group(
        ecs_models.CreateSecurityGroupRequest(region_id=_REGION, vpc_id=vpc_id)
    ).body.security_group_id
    rule = ecs_models.AuthorizeSecurityGroupRequestPermissions(
        ip_protocol="tcp", port_range="443/443", source_cidr_ip="10.20.0.0/16"
    )
    ecs.authorize_security_group(
        ecs_models.AuthorizeSecurityGroupRequest(region_id=_REGION, security_group_id=group_id, permissions=[rule])
    )
    zone = privatelink_models.CreateVpcEndpointRequestZone(zone_id="cn-beijing-h", v_switch_id=vswitch_id)
    endpoint_id = privatelink.create_vpc_endpoint(
        privatelink_models.CreateVpcEndpointRequest(
            region_id=_REGION,
            vpc_id=vpc_id,
            service_name="com.aliyuncs.dashscope",
            security_group_id=[group_id],
            zone=[zone],
            tag=[privatelink_models.CreateVpcEndpointRequestTag(key="stack", value="dev")],
        )
    ).body.endpoint_id
    settle()

    zones = privatelink.list_vpc_endpoint_zones(
        privatelink_models.ListVpcEndpointZonesRequest(region_id=_REGION, endpoint_id=endpoint_id)
    ).body.zones
    assert [(row.zone_status, row.eni_ip) for row in zones] == [("Connected", "10.20.1.2")]
    (listed,) = privatelink.list_vpc_endpoints(
        privatelink_models.ListVpcEndpointsRequest(region_id=_REGION, vpc_id=vpc_id)
    ).body.endpoints
    assert (listed.connection_status, [(tag.key, tag.value) for tag in listed.tags]) == (
        "Connected",
        [("stack", "dev")],
    )
    (vswitch,) = vpc.describe_vswitches(
        vpc_models.DescribeVSwitchesRequest(region_id=_REGION, vpc_id=vpc_id)
    ).body.v_switches.v_switch
    assert vswitch.available_ip_address_count == 250
    permissions = ecs.describe_security_group_attribute(
        ecs_models.DescribeSecurityGroupAttributeRequest(region_id=_REGION, security_group_id=group_id)
    ).body.permissions.permission
    assert [(row.direction, row.port_range) for row in permissions] == [("ingress", "443/443")]


def test_tags_go_through_each_sdk(sandbox, how):
    vpc, ecs = official.vpc(sandbox, **how), official.ecs(sandbox, **how)
    vpc_id = vpc.create_vpc(vpc_models.CreateVpcRequest(region_id=_REGION)).body.vpc_id
    group_id = ecs.create_security_group(
        ecs_models.CreateSecurityGroupRequest(region_id=_REGION, vpc_id=vpc_id)
    ).body.security_group_id
    vpc.tag_resources(
        vpc_models.TagResourcesRequest(
            region_id=_REGION,
            resource_type="VPC",
            resource_id=[vpc_id],
            tag=[vpc_models.TagResourcesRequestTag(key="a", value="1")],
        )
    )
    ecs.tag_resources(
        ecs_models.TagResourcesRequest(
            region_id=_REGION,
            resource_type="securitygroup",
            resource_id=[group_id],
            tag=[ecs_models.TagResourcesRequestTag(key="b", value="2")],
        )
    )
    assert sandbox.state.vpcs[vpc_id].tags == {"a": "1"}
    (found,) = ecs.describe_security_groups(
        ecs_models.DescribeSecurityGroupsRequest(region_id=_REGION, security_group_id=group_id)
    ).body.security_groups.security_group
    assert [(tag.tag_key, tag.tag_value) for tag in found.tags.tag] == [("b", "2")]


@pytest.mark.parametrize("algorithm", ["ACS3-HMAC-SHA256", "v2"])
def test_a_wrong_secret_is_refused_by_either_signature(sandbox, how, algorithm):
    request = vpc_models.DescribeVpcsRequest(region_id=_REGION)
    right = official.vpc(sandbox, **how, signature_algorithm=algorithm)
    assert right.describe_vpcs(request).body.total_count == 0
    wrong = official.vpc(sandbox, **how, signature_algorithm=algorithm, access_key_secret="not the secret")
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        wrong.describe_vpcs(request)


def test_an_error_keeps_its_code_and_request_id(sandbox, how):
    request = privatelink_models.GetVpcEndpointAttributeRequest(region_id=_REGION, endpoint_id="ep-absent")
    with pytest.raises(Exception, match="EndpointNotFound") as caught:
        official.privatelink(sandbox, **how).get_vpc_endpoint_attribute(request)
    assert caught.value.code == "EndpointNotFound"
    assert caught.value.data["RequestId"]
