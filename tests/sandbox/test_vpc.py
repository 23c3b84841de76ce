"""VPCs and vSwitches."""

from __future__ import annotations

import pytest
from alibabacloud_vpc20160428 import models as vpc_models
from support import official

_BAD_BLOCKS = [
    "100.64.0.0/10",
    "100.100.0.0/16",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "0.0.0.0/8",
    "10.0.0.0/7",
    "10.0.0.0/29",
    "10.0.0.1/16",
    "10.0.0.0",
    "2001:db8::/64",
    "x",
]


@pytest.mark.parametrize("cidr", _BAD_BLOCKS, ids=str)
def test_a_reserved_vpc_block_or_a_mask_not_8_to_28_is_refused(bench, cidr):
    assert bench.refused("Vpc", "CreateVpc", CidrBlock=cidr) == "InvalidCidrBlock.Malformed"


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "172.0.0.0/12", "192.168.7.0/28"], ids=str)
def test_a_new_vpc_is_pending_and_then_available(bench, cidr):
    vpc_id = bench("Vpc", "CreateVpc", CidrBlock=cidr, VpcName="models")["VpcId"]
    assert bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)["Status"] == "Pending"
    bench.later(1)
    vpc = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert (vpc["Status"], vpc["CidrBlock"], vpc["VpcName"]) == ("Available", cidr, "models")


@pytest.mark.parametrize(
    "name", ["http://x", "https://x", "n" * 129], ids=["http URL", "https URL", "too long"]
)
def test_a_name_that_is_a_url_or_too_long_is_refused(bench, name):
    assert bench.refused("Vpc", "CreateVpc", VpcName=name) == "InvalidVpcName.Malformed"


def test_a_vswitch_needs_an_available_vpc(bench):
    vpc_id = bench("Vpc", "CreateVpc", CidrBlock="10.20.0.0/16")["VpcId"]
    params = {"VpcId": vpc_id, "ZoneId": "cn-beijing-h", "CidrBlock": "10.20.1.0/24"}
    assert bench.refused("Vpc", "CreateVSwitch", **params) == "IncorrectVpcStatus"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"CidrBlock": "10.20.1.0/30"}, "InvalidCirdrBlock.MaskLength"),
        ({"CidrBlock": "10.0.0.0/15"}, "InvalidCirdrBlock.MaskLength"),
        ({"CidrBlock": "10.21.1.0/24"}, "InvalidParameter"),
        ({"CidrBlock": "10.20.0.0/23"}, "InvalidCidrBlock.Overlapped"),
        ({"CidrBlock": "10.20.1.128/25"}, "InvalidCidrBlock.Overlapped"),
        ({"CidrBlock": "10.20.1.7/24"}, "InvalidCidrBlock.Malformed"),
        ({"ZoneId": "cn-beijing-z"}, "InvalidZoneId.NotFound"),
        ({"ZoneId": "cn-hangzhou-h"}, "InvalidZoneId.NotFound"),
        ({"VpcId": "vpc-absent"}, "InvalidVpcId.NotFound"),
        ({"VpcId": ""}, "MissingVpcId"),
        ({"VSwitchName": "http://x"}, "InvalidVSwitchName.Malformed"),
        ({"RegionId": "cn-atlantis"}, "InvalidRegionId.NotFound"),
        ({"RegionId": "cn-hangzhou", "ZoneId": "cn-hangzhou-h"}, "InvalidVpcId.NotFound"),
    ],
    ids=str,
)
def test_each_invalid_field_of_a_vswitch_is_refused(bench, changed, code):
    vpc_id = bench.vpc()
    bench.vswitch(vpc_id, cidr="10.20.1.0/24")
    params = {"VpcId": vpc_id, "ZoneId": "cn-beijing-k", "CidrBlock": "10.20.2.0/24", **changed}
    assert bench.refused("Vpc", "CreateVSwitch", **params) == code


def test_a_quota_limits_the_vpcs_of_each_region(bench):
    for _ in range(bench.cloud.catalog.quotas["vpcs_per_region"]):
        bench("Vpc", "CreateVpc")
    assert bench.refused("Vpc", "CreateVpc") == "QuotaExceeded.Vpc"
    bench("Vpc", "CreateVpc", RegionId="cn-hangzhou")


def test_a_vpc_is_deleted_only_when_it_is_empty(bench):
    vpc_id = bench.vpc()
    vswitch_id, group_id = bench.vswitch(vpc_id), bench.group(vpc_id)
    endpoint_id = bench.endpoint(vpc_id)
    refusals = []
    for product, action, params in (
        ("Vpc", "DeleteVSwitch", {"VSwitchId": vswitch_id}),
        ("Ecs", "DeleteSecurityGroup", {"SecurityGroupId": group_id}),
        ("Privatelink", "DeleteVpcEndpoint", {"EndpointId": endpoint_id}),
    ):
        refusals.append(bench.refused("Vpc", "DeleteVpc", VpcId=vpc_id))
        bench(product, action, **params)
        bench.later()
    assert refusals == [
        "DependencyViolation.VSwitch",
        "DependencyViolation.SecurityGroup",
        "DependencyViolation.PrivateLink",
    ]
    bench("Vpc", "DeleteVpc", VpcId=vpc_id)
    assert bench.refused("Vpc", "DescribeVpcAttribute", VpcId=vpc_id) == "InvalidVpcId.NotFound"


def test_a_vpc_has_its_system_route_table(bench):
    vpc_id, other = bench.vpc(), bench.vpc("192.168.0.0/16")
    response = bench("Vpc", "DescribeRouteTableList", VpcId=vpc_id)
    (table,) = response["RouterTableList"]["RouterTableListType"]
    assert (table["VpcId"], table["RouteTableType"]) == (vpc_id, "System")
    assert other not in str(table)


def test_name_and_description_change_in_place_even_to_empty(bench):
    vpc_id = bench.vpc()
    bench("Vpc", "ModifyVpcAttribute", VpcId=vpc_id, VpcName="one", Description="text")
    bench("Vpc", "ModifyVpcAttribute", VpcId=vpc_id, Description="")
    vpc = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert (vpc["VpcName"], vpc["Description"]) == ("one", "")


def test_vswitches_are_listed_by_zone_with_free_addresses(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id, "cn-beijing-h", "10.20.1.0/28")
    bench.vswitch(vpc_id, "cn-beijing-k", "10.20.2.0/24")
    bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": vswitch_id})
    response = bench("Vpc", "DescribeVSwitches", VpcId=vpc_id, ZoneId="cn-beijing-h")
    (row,) = response["VSwitches"]["VSwitch"]
    assert (row["VSwitchId"], row["AvailableIpAddressCount"]) == (vswitch_id, 10)


def test_a_vswitch_with_an_interface_is_not_deleted(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": vswitch_id})
    refusal = bench.refused("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    assert refusal == "DependencyViolation.NetworkInterface"


@pytest.mark.parametrize(
    ("region", "zone"),
    [
        ("cn-beijing", "cn-beijing-h"),
        ("eu-central-1", "eu-central-1a"),
        ("ap-southeast-1", "ap-southeast-1b"),
        ("us-west-1", "us-west-1a"),
        ("me-central-1", "me-central-1b"),
        ("cn-heyuan", "cn-heyuan-a"),
        ("cn-shanghai-finance-1", "cn-shanghai-finance-1-f"),
    ],
    ids=str,
)
def test_a_network_is_created_in_any_region_of_the_cloud(bench, region, zone):
    bench.region = region
    assert region in bench.column("Vpc", "DescribeRegions", "Regions.Region.RegionId")
    assert zone in bench.column("Vpc", "DescribeZones", "Zones.Zone.ZoneId")
    vswitch_id = bench.vswitch(bench.vpc(), zone)
    assert bench("Vpc", "DescribeVSwitchAttributes", VSwitchId=vswitch_id)["ZoneId"] == zone


@pytest.mark.parametrize(
    ("action", "path", "create"),
    [
        ("DescribeVpcs", "Vpcs.Vpc.VpcId", "vpc"),
        ("DescribeVSwitches", "VSwitches.VSwitch.VSwitchId", "vswitch"),
    ],
    ids=["VPCs", "vSwitches"],
)
def test_networks_are_listed_by_resource_group(bench, action, path, create):
    record_id = bench.vpc()
    if create == "vswitch":
        record_id = bench.vswitch(record_id)
    one, other = bench.cloud.catalog.accounts[0].resource_group_ids
    assert bench.column("Vpc", action, path, ResourceGroupId=one) == [record_id]
    assert bench.column("Vpc", action, path, ResourceGroupId=other) == []


@pytest.mark.parametrize(
    ("cidrs", "code"),
    [
        ("30.0.0.0/16,31.0.0.0/16,32.0.0.0/16,33.0.0.0/16", "InvalidUserCidr.Quota"),
        ("x", "InvalidParameter"),
        ("30.0.0.1/16", "IllegalParam.UserCidr"),
        ("100.64.0.0/16", "InvalidUserCidr.Malformed"),
    ],
    ids=["four", "no block", "host bits", "services"],
)
def test_each_invalid_user_cidr_is_refused(bench, cidrs, code):
    assert bench.refused("Vpc", "CreateVpc", UserCidr=cidrs) == code


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"EnableIpv6": "true", "Ipv6Isp": "ChinaMobile"}, "UnsupportedFeature.Ipv6Isp"),
        ({"EnableIpv6": "true", "Ipv6Isp": "Other"}, "IllegalParam.Ipv6Isp"),
        ({"Ipv6CidrBlock": "2001:db8::/56"}, "MissingParam.EnableIpv6"),
        (
            {"EnableIpv6": "true", "Ipv6CidrBlock": "2001:db8::/56"},
            "OperationFailed.IPv6CidrNotReserved",
        ),
        ({"EnableIpv6": "perhaps"}, "InvalidParameter.EnableIpv6"),
    ],
    ids=["single ISP", "no ISP", "without IPv6", "not reserved", "no flag"],
)
def test_each_invalid_ipv6_field_of_a_vpc_is_refused(bench, params, code):
    assert bench.refused("Vpc", "CreateVpc", **params) == code


def _ipv6_vpc(bench) -> tuple[str, str]:
    """Create a VPC with IPv6; return its id and its IPv6 block."""
    vpc_id = bench("Vpc", "CreateVpc", CidrBlock="10.20.0.0/16", EnableIpv6="true")["VpcId"]
    bench.later()
    return vpc_id, bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)["Ipv6CidrBlock"]


def test_ipv6_of_a_vpc_is_turned_off_when_no_vswitch_uses_it(bench):
    vpc_id, block = _ipv6_vpc(bench)
    params = {"VpcId": vpc_id, "ZoneId": "cn-beijing-h", "CidrBlock": "10.20.1.0/24"}
    vswitch_id = bench("Vpc", "CreateVSwitch", **params, Ipv6CidrBlock="7")["VSwitchId"]
    vswitch = bench("Vpc", "DescribeVSwitchAttributes", VSwitchId=vswitch_id)
    assert vswitch["Ipv6CidrBlock"] == block.replace("00::/56", "07::/64")
    off = {"VpcId": vpc_id, "EnableIPv6": "false"}
    assert bench.refused("Vpc", "ModifyVpcAttribute", **off) == "OperationFailed.CidrInUse"
    bench("Vpc", "ModifyVSwitchAttribute", VSwitchId=vswitch_id, EnableIPv6="false")
    bench("Vpc", "ModifyVpcAttribute", **off)
    vpc = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert (vpc["EnabledIpv6"], vpc["Ipv6CidrBlocks"]) == (False, {"Ipv6CidrBlock": []})


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Ipv6CidrBlock": "256"}, "IllegalParam.Ipv6CidrBlock"),
        ({"Ipv6CidrBlock": "x"}, "IllegalParam.Ipv6CidrBlock"),
        ({"Ipv6CidrBlock": "7"}, "OperationFailed.Ipv6CidrBlockOverLapped"),
        (
            {"Ipv6CidrBlock": "8", "VpcIpv6CidrBlock": "2001:db8:f::/56"},
            "IllegalParam.Ipv6CidrBlock",
        ),
    ],
    ids=["too large", "no number", "taken", "no block of the VPC"],
)
def test_each_invalid_ipv6_field_of_a_vswitch_is_refused(bench, params, code):
    vpc_id, _ = _ipv6_vpc(bench)
    base = {"VpcId": vpc_id, "ZoneId": "cn-beijing-h"}
    bench("Vpc", "CreateVSwitch", **base, CidrBlock="10.20.1.0/24", Ipv6CidrBlock="7")
    assert bench.refused("Vpc", "CreateVSwitch", **base, CidrBlock="10.20.2.0/24", **params) == code


def test_the_ipv6_block_of_a_vswitch_does_not_change(bench):
    vpc_id, _ = _ipv6_vpc(bench)
    vswitch_id = bench.vswitch(vpc_id)
    on = {"VSwitchId": vswitch_id, "EnableIPv6": "true"}
    assert bench.refused("Vpc", "ModifyVSwitchAttribute", **on) == "MissingParam.Ipv6CidrBlock"
    bench("Vpc", "ModifyVSwitchAttribute", **on, Ipv6CidrBlock="1")
    refusal = bench.refused("Vpc", "ModifyVSwitchAttribute", **on, Ipv6CidrBlock="2")
    assert refusal == "OperationFailed.Ipv6CidrBlockExisted"


def test_a_vpc_is_extended_and_shrunk_around_its_vswitches(bench):
    vpc_id = bench.vpc("10.20.0.0/16")
    bench.vswitch(vpc_id, cidr="10.20.1.0/24")
    for cidr, code in (
        ("10.20.2.0/24", "OperationFailed.CidrInUse"),
        ("192.168.0.0/16", "InvalidCidrBlock.Malformed"),
    ):
        assert bench.refused("Vpc", "ModifyVpcAttribute", VpcId=vpc_id, CidrBlock=cidr) == code
    for cidr in ("10.0.0.0/8", "10.20.0.0/20"):
        bench("Vpc", "ModifyVpcAttribute", VpcId=vpc_id, CidrBlock=cidr)
        assert bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)["CidrBlock"] == cidr


@pytest.mark.parametrize(
    ("cidr", "code"),
    [
        ("10.20.0.0/16", "Duplicated.SecondaryCidrBlock"),
        ("10.0.0.0/8", "IllegalParam.SecondaryCidrBlock"),
        ("169.254.0.0/16", "InvalidCidrBlock.Malformed"),
        ("", "MissingParam.SecondaryCidrBlockOrIpv6CidrBlock"),
    ],
    ids=["same", "overlap", "reserved", "none"],
)
def test_each_invalid_secondary_block_is_refused(bench, cidr, code):
    params = {"VpcId": bench.vpc("10.20.0.0/16"), "SecondaryCidrBlock": cidr}
    assert bench.refused("Vpc", "AssociateVpcCidrBlock", **params) == code


def test_a_secondary_block_has_vswitches_and_then_stays(bench):
    vpc_id = bench.vpc("10.20.0.0/16")
    block = {"VpcId": vpc_id, "SecondaryCidrBlock": "192.168.0.0/16"}
    bench("Vpc", "AssociateVpcCidrBlock", **block)
    vswitch_id = bench.vswitch(vpc_id, cidr="192.168.1.0/24")
    refusal = bench.refused("Vpc", "UnassociateVpcCidrBlock", **block)
    assert refusal == "OperationFailed.CidrInUse"
    bench("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    bench("Vpc", "UnassociateVpcCidrBlock", **block)
    vpc = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert vpc["SecondaryCidrBlocks"] == {"SecondaryCidrBlock": []}


def test_a_quota_limits_the_secondary_blocks_of_a_vpc(bench):
    vpc_id = bench.vpc("10.20.0.0/16")
    for number in range(5):
        block = f"192.168.{number}.0/24"
        bench("Vpc", "AssociateVpcCidrBlock", VpcId=vpc_id, SecondaryCidrBlock=block)
    params = {"VpcId": vpc_id, "SecondaryCidrBlock": "192.168.9.0/24"}
    refusal = bench.refused("Vpc", "AssociateVpcCidrBlock", **params)
    assert refusal == "QuotaExceeded.VpcMultiCidr"


def test_a_region_has_one_default_vpc_and_a_vswitch_a_zone(bench):
    zone = {"ZoneId": "cn-beijing-h"}
    assert bench.refused("Vpc", "CreateDefaultVSwitch", **zone) == "InvalidVpcId.NotFound"
    vpc_id = bench("Vpc", "CreateDefaultVpc")["VpcId"]
    bench.later()
    assert bench.refused("Vpc", "CreateDefaultVpc") == "OperationDenied.DefaultVpcExist"
    bench("Vpc", "CreateDefaultVSwitch", **zone)
    refusal = bench.refused("Vpc", "CreateDefaultVSwitch", **zone)
    assert refusal == "OperationDenied.DefaultVSwitchExist"
    bench("Vpc", "CreateDefaultVSwitch", ZoneId="cn-beijing-k")
    path = "VSwitches.VSwitch.CidrBlock"
    blocks = bench.column("Vpc", "DescribeVSwitches", path, VpcId=vpc_id, IsDefault="true")
    assert blocks == ["172.31.0.0/20", "172.31.16.0/20"]
    assert bench.column("Vpc", "DescribeVpcs", "Vpcs.Vpc.VpcId", IsDefault="false") == []


def _table(bench, vpc_id: str, **other: str) -> str:
    return str(bench("Vpc", "CreateRouteTable", VpcId=vpc_id, **other)["RouteTableId"])


def test_a_custom_route_table_is_deleted_when_nothing_uses_it(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    table = {"RouteTableId": _table(bench, vpc_id)}
    both = {**table, "VSwitchId": vswitch_id}
    bench("Vpc", "AssociateRouteTable", **both)
    refusal = bench.refused("Vpc", "AssociateRouteTable", **both)
    assert refusal == "Forbidden.VSwitchAlreadyAssociatedRouteTable"
    assert bench.refused("Vpc", "DeleteRouteTable", **table) == "IncorrectRouteTableStatus"
    refusal = bench.refused("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    assert refusal == "DependencyViolation.RouteTable"
    bench("Vpc", "UnassociateRouteTable", **both)
    bench("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    refusal = bench.refused("Vpc", "DeleteVpc", VpcId=vpc_id)
    assert refusal == "DependencyViolation.RouteTable"
    bench("Vpc", "DeleteRouteTable", **table)
    bench("Vpc", "DeleteVpc", VpcId=vpc_id)


def test_a_system_route_table_is_renamed_and_not_deleted(bench):
    vpc_id = bench.vpc()
    path = "RouterTableList.RouterTableListType.RouteTableId"
    (table_id,) = bench.column("Vpc", "DescribeRouteTableList", path, RouteTableType="System")
    change = {"RouteTableName": "routes", "Description": "d", "RoutePropagationEnable": "false"}
    bench("Vpc", "ModifyRouteTableAttributes", RouteTableId=table_id, **change)
    response = bench("Vpc", "DescribeRouteTableList", RouteTableName="routes")
    (table,) = response["RouterTableList"]["RouterTableListType"]
    assert (table["VpcId"], table["Description"]) == (vpc_id, "d")
    assert table["RoutePropagationEnable"] is False
    refusal = bench.refused("Vpc", "DeleteRouteTable", RouteTableId=table_id)
    assert refusal == "IncorrectRouteTableType"


@pytest.fixture
def route(bench) -> dict[str, str]:
    """The parameters of a route to a HaVip in a VPC with one vSwitch, 10.20.1.0/24."""
    vpc_id = bench.vpc()
    vip = bench("Vpc", "CreateHaVip", VSwitchId=bench.vswitch(vpc_id))
    return {
        "RouteTableId": _table(bench, vpc_id),
        "DestinationCidrBlock": "10.0.0.0/8",
        "NextHopType": "HaVip",
        "NextHopId": vip["HaVipId"],
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"DestinationCidrBlock": "10.20.1.0/24"}, "InvalidCidrBlock"),
        ({"DestinationCidrBlock": "10.20.1.7"}, "InvalidCidrBlock"),
        ({"DestinationCidrBlock": "100.64.0.0/10"}, "InvalidCidrBlock"),
        ({"DestinationCidrBlock": "x"}, "InvalidCidrBlock.Malformed"),
        ({"NextHopType": "Camel"}, "InvalidNextHopType"),
        ({"NextHopType": "NatGateway", "NextHopId": "ngw-1"}, "InvalidNextHop.NotFound"),
        ({"NextHopId": "havip-absent"}, "InvalidNextHop.NotFound"),
        ({"RouteEntryName": "http://x"}, "InvalidRouteEntryName.Malformed"),
        ({"RouteTableId": "vtb-absent"}, "InvalidRouteTableId.NotFound"),
    ],
    ids=str,
)
def test_each_invalid_field_of_a_route_is_refused(bench, route, changed, code):
    assert bench.refused("Vpc", "CreateRouteEntry", **{**route, **changed}) == code


def test_a_destination_is_once_in_a_route_table(bench, route):
    bench("Vpc", "CreateRouteEntry", **route)
    refusal = bench.refused("Vpc", "CreateRouteEntry", **route)
    assert refusal == "RouterEntryConflict.Duplicated"
    table = {"RouteTableId": route["RouteTableId"]}
    refusal = bench.refused("Vpc", "DeleteRouteTable", **table)
    assert refusal == "IncorrectRouteTableStatus.RouteEntryExist"
    refusal = bench.refused("Vpc", "DeleteHaVip", HaVipId=route["NextHopId"])
    assert refusal == "DependencyViolation.RouteEntry"
    bench("Vpc", "DeleteRouteEntry", **table, DestinationCidrBlock="10.0.0.0/8")
    refusal = bench.refused("Vpc", "DeleteRouteEntry", **table, DestinationCidrBlock="10.0.0.0/8")
    assert refusal == "InvalidRouteEntry.NotFound"
    bench("Vpc", "DeleteHaVip", HaVipId=route["NextHopId"])


def test_a_havip_has_a_free_address_of_its_vswitch(bench):
    vswitch_id = bench.vswitch(bench.vpc())
    first = bench("Vpc", "CreateHaVip", VSwitchId=vswitch_id)
    assert first["IpAddress"] == "10.20.1.2"
    for address in ("10.20.1.2", "10.20.2.9", "10.20.1.255", "x"):
        params = {"VSwitchId": vswitch_id, "IpAddress": address}
        refusal = bench.refused("Vpc", "CreateHaVip", **params)
        assert refusal == "InvalidIpAddress.AlreadyUsed"
    chosen = bench("Vpc", "CreateHaVip", VSwitchId=vswitch_id, IpAddress="10.20.1.9")
    of_vswitch = {"Filter.1.Key": "VSwitchId", "Filter.1.Value.1": vswitch_id}
    path = "HaVips.HaVip.HaVipId"
    ids = bench.column("Vpc", "DescribeHaVips", path, **of_vswitch)
    assert ids == [first["HaVipId"], chosen["HaVipId"]]
    refusal = bench.refused("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    assert refusal == "DependencyViolation.HaVip"


def test_the_vpc_sdk_reads_blocks_and_routes_as_written(sandbox, settle):
    client = official.vpc(sandbox)
    region = {"region_id": "cn-beijing"}
    request = vpc_models.CreateVpcRequest(
        **region,
        cidr_block="10.20.0.0/16",
        user_cidr="30.0.0.0/16,31.0.0.0/16",
        enable_ipv_6=True,
        enable_dns_hostname=True,
    )
    vpc_id = client.create_vpc(request).body.vpc_id
    settle()
    block = vpc_models.AssociateVpcCidrBlockRequest(
        **region, vpc_id=vpc_id, secondary_cidr_block="192.168.0.0/16", ip_version="IPV4"
    )
    assert client.associate_vpc_cidr_block(block).body.cidr_block == "192.168.0.0/16"
    read = vpc_models.DescribeVpcAttributeRequest(**region, vpc_id=vpc_id)
    vpc = client.describe_vpc_attribute(read).body
    assert vpc.user_cidrs.user_cidr == ["30.0.0.0/16", "31.0.0.0/16"]
    assert vpc.secondary_cidr_blocks.secondary_cidr_block == ["192.168.0.0/16"]
    assert (vpc.enabled_ipv_6, vpc.dns_hostname_status) == (True, "ENABLED")
    (ipv6,) = vpc.ipv_6cidr_blocks.ipv_6cidr_block
    assert (ipv6.ipv_6cidr_block, ipv6.ipv_6isp) == (vpc.ipv_6cidr_block, "BGP")

    vswitch = vpc_models.CreateVSwitchRequest(
        **region, vpc_id=vpc_id, zone_id="cn-beijing-h", cidr_block="10.20.1.0/24"
    )
    vswitch_id = client.create_vswitch(vswitch).body.v_switch_id
    vip = vpc_models.CreateHaVipRequest(**region, v_switch_id=vswitch_id)
    vip_id = client.create_ha_vip(vip).body.ha_vip_id
    table = vpc_models.CreateRouteTableRequest(**region, vpc_id=vpc_id, route_table_name="routes")
    table_id = client.create_route_table(table).body.route_table_id
    route = vpc_models.CreateRouteEntryRequest(
        **region,
        route_table_id=table_id,
        destination_cidr_block="0.0.0.0/0",
        next_hop_type="HaVip",
        next_hop_id=vip_id,
    )
    entry_id = client.create_route_entry(route).body.route_entry_id
    request = vpc_models.DescribeRouteEntryListRequest(
        **region, route_table_id=table_id, route_entry_type="Custom"
    )
    (entry,) = client.describe_route_entry_list(request).body.route_entrys.route_entry
    (hop,) = entry.next_hops.next_hop
    assert (entry.route_entry_id, hop.next_hop_id) == (entry_id, vip_id)
    tables = vpc_models.DescribeRouteTablesRequest(**region, route_table_id=table_id)
    (row,) = client.describe_route_tables(tables).body.route_tables.route_table
    routes = [(route.type, route.destination_cidr_block) for route in row.route_entrys.route_entry]
    assert routes == [
        ("System", "10.20.1.0/24"),
        ("System", "100.64.0.0/10"),
        ("Custom", "0.0.0.0/0"),
    ]
