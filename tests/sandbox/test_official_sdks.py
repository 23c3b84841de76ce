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
    """Remove proxies from the environment: the SDKs use them for loopback addresses too."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["http", "https"])
def transport(request, sandbox) -> dict[str, str]:
    """The SDKs' protocol and CA file; each test runs over HTTP and over TLS."""
    return {"protocol": request.param, "ca": str(sandbox.ca_file)}


def test_a_network_with_an_endpoint_reads_as_written(sandbox, settle, transport):
    vpc = official.vpc(sandbox, **transport)
    ecs = official.ecs(sandbox, **transport)
    privatelink = official.privatelink(sandbox, **transport)
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
        ecs_models.AuthorizeSecurityGroupRequest(
            region_id=_REGION, security_group_id=group_id, permissions=[rule]
        )
    )
    zone = privatelink_models.CreateVpcEndpointRequestZone(
        zone_id="cn-beijing-h", v_switch_id=vswitch_id
    )
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

    (zone,) = privatelink.list_vpc_endpoint_zones(
        privatelink_models.ListVpcEndpointZonesRequest(region_id=_REGION, endpoint_id=endpoint_id)
    ).body.zones
    assert (zone.zone_status, zone.eni_ip) == ("Connected", "10.20.1.2")
    (listed,) = privatelink.list_vpc_endpoints(
        privatelink_models.ListVpcEndpointsRequest(region_id=_REGION, vpc_id=vpc_id)
    ).body.endpoints
    (tag,) = listed.tags
    assert (listed.connection_status, tag.key, tag.value) == ("Connected", "stack", "dev")
    (vswitch,) = vpc.describe_vswitches(
        vpc_models.DescribeVSwitchesRequest(region_id=_REGION, vpc_id=vpc_id)
    ).body.v_switches.v_switch
    assert vswitch.available_ip_address_count == 250
    (permission,) = ecs.describe_security_group_attribute(
        ecs_models.DescribeSecurityGroupAttributeRequest(
            region_id=_REGION, security_group_id=group_id
        )
    ).body.permissions.permission
    assert (permission.direction, permission.port_range) == ("ingress", "443/443")


def test_tags_are_set_by_each_sdk(sandbox, transport):
    vpc, ecs = official.vpc(sandbox, **transport), official.ecs(sandbox, **transport)
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
    (group,) = ecs.describe_security_groups(
        ecs_models.DescribeSecurityGroupsRequest(region_id=_REGION, security_group_id=group_id)
    ).body.security_groups.security_group
    (tag,) = group.tags.tag
    assert (tag.tag_key, tag.tag_value) == ("b", "2")


@pytest.mark.parametrize("algorithm", ["ACS3-HMAC-SHA256", "v2"], ids=str)
def test_a_wrong_secret_is_refused_by_either_signature(sandbox, transport, algorithm):
    request = vpc_models.DescribeVpcsRequest(region_id=_REGION)
    right = official.vpc(sandbox, **transport, signature_algorithm=algorithm)
    assert right.describe_vpcs(request).body.total_count == 0
    options = {"signature_algorithm": algorithm, "access_key_secret": "not the secret"}
    wrong = official.vpc(sandbox, **transport, **options)
    with pytest.raises(Exception, match="SignatureDoesNotMatch"):
        wrong.describe_vpcs(request)


def test_an_error_keeps_its_code_and_request_id(sandbox, transport):
    request = privatelink_models.GetVpcEndpointAttributeRequest(
        region_id=_REGION, endpoint_id="ep-absent"
    )
    with pytest.raises(Exception, match="EndpointNotFound") as caught:
        official.privatelink(sandbox, **transport).get_vpc_endpoint_attribute(request)
    assert caught.value.code == "EndpointNotFound"
    assert caught.value.data["RequestId"]
