"""VPCs and vSwitches."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "cidr", ["11.0.0.0/8", "172.0.0.0/12", "10.0.0.0/7", "10.0.0.0/29", "10.0.0.1/16", "10.0.0.0", "2001:db8::/64", "x"]
)
def test_a_vpc_is_refused_a_block_outside_rfc_1918_or_of_a_size_that_the_cloud_does_not_have(bench, cidr):
    assert bench.refused("Vpc", "CreateVpc", CidrBlock=cidr) == "InvalidCidrBlock.Malformed"


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "172.16.0.0/12", "192.168.7.0/28"])
def test_a_vpc_is_pending_at_first_and_available_soon(bench, cidr):
    vpc_id = bench("Vpc", "CreateVpc", CidrBlock=cidr, VpcName="models")["VpcId"]
    assert bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)["Status"] == "Pending"
    bench.later(1)
    found = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert (found["Status"], found["CidrBlock"], found["VpcName"]) == ("Available", cidr, "models")


@pytest.mark.parametrize("name", ["http://x", "https://x", "n" * 129])
def test_names_that_are_addresses_or_too_long_are_refused(bench, name):
    assert bench.refused("Vpc", "CreateVpc", VpcName=name) == "InvalidVpcName.Malformed"


def test_a_vswitch_needs_an_available_vpc(bench):
    vpc_id = bench("Vpc", "CreateVpc", CidrBlock="10.20.0.0/16")["VpcId"]
    asked = {"VpcId": vpc_id, "ZoneId": "cn-beijing-h", "CidrBlock": "10.20.1.0/24"}
    assert bench.refused("Vpc", "CreateVSwitch", **asked) == "IncorrectVpcStatus"


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
)
def test_a_vswitch_is_refused_for_each_rule_that_it_breaks(bench, changed, code):
    vpc_id = bench.vpc()
    bench.vswitch(vpc_id, cidr="10.20.1.0/24")
    asked = {"VpcId": vpc_id, "ZoneId": "cn-beijing-k", "CidrBlock": "10.20.2.0/24", **changed}
    assert bench.refused("Vpc", "CreateVSwitch", **asked) == code


def test_quotas_end_the_number_of_vpcs_per_region(bench):
    for _ in range(bench.cloud.catalog.quotas["vpcs_per_region"]):
        bench("Vpc", "CreateVpc")
    assert bench.refused("Vpc", "CreateVpc") == "QuotaExceeded.Vpc"
    bench("Vpc", "CreateVpc", RegionId="cn-hangzhou")


def test_a_vpc_is_deleted_only_when_nothing_is_in_it(bench):
    vpc_id = bench.vpc()
    vswitch_id, group_id = bench.vswitch(vpc_id), bench.group(vpc_id)
    endpoint_id = bench.endpoint(vpc_id)
    refusals = []
    for delete in (
        lambda: bench("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id),
        lambda: bench("Ecs", "DeleteSecurityGroup", SecurityGroupId=group_id),
        lambda: bench("Privatelink", "DeleteVpcEndpoint", EndpointId=endpoint_id),
    ):
        refusals.append(bench.refused("Vpc", "DeleteVpc", VpcId=vpc_id))
        delete()
        bench.later()
    assert refusals == [f"DependencyViolation.{kind}" for kind in ("VSwitch", "SecurityGroup", "PrivateLink")]
    bench("Vpc", "DeleteVpc", VpcId=vpc_id)
    assert bench.refused("Vpc", "DescribeVpcAttribute", VpcId=vpc_id) == "InvalidVpcId.NotFound"


def test_a_vpc_has_its_system_route_table(bench):
    vpc_id, other = bench.vpc(), bench.vpc("192.168.0.0/16")
    tables = bench("Vpc", "DescribeRouteTableList", VpcId=vpc_id)["RouterTableList"]["RouterTableListType"]
    assert [(table["VpcId"], table["RouteTableType"]) for table in tables] == [(vpc_id, "System")]
    assert other not in str(tables)


def test_names_and_descriptions_change_in_place_and_can_be_emptied(bench):
    vpc_id = bench.vpc()
    bench("Vpc", "ModifyVpcAttribute", VpcId=vpc_id, VpcName="one", Description="text")
    bench("Vpc", "ModifyVpcAttribute", VpcId=vpc_id, Description="")
    found = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert (found["VpcName"], found["Description"]) == ("one", "")


def test_vswitches_are_found_by_vpc_and_zone_and_count_their_free_addresses(bench):
    vpc_id = bench.vpc()
    wanted = bench.vswitch(vpc_id, "cn-beijing-h", "10.20.1.0/28")
    bench.vswitch(vpc_id, "cn-beijing-k", "10.20.2.0/24")
    bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": wanted})
    found = bench("Vpc", "DescribeVSwitches", VpcId=vpc_id, ZoneId="cn-beijing-h")["VSwitches"]["VSwitch"]
    assert [(row["VSwitchId"], row["AvailableIpAddressCount"]) for row in found] == [(wanted, 10)]


def test_a_vswitch_with_an_interface_in_it_stays(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": vswitch_id})
    refusal = bench.refused("Vpc", "DeleteVSwitch", VSwitchId=vswitch_id)
    assert refusal == "DependencyViolation.NetworkInterface"
