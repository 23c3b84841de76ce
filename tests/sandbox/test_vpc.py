"""VPCs and vSwitches."""

from __future__ import annotations

import pytest

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
