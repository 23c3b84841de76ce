"""PrivateZone's resolver: outbound endpoints and forwarding rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

_ZONES = ("cn-beijing-h", "cn-beijing-k")
_SERVERS = {"ForwardIp.1.Ip": "10.9.0.1", "ForwardIp.1.Port": "53"}


@dataclass
class Place:
    """A VPC with a vSwitch in each of two zones, and a security group."""

    bench: Any
    vpc_id: str
    group_id: str
    vswitches: list[Any]

    def addresses(self, **changed: str) -> dict[str, str]:
        """An address in each vSwitch, as AddResolverEndpoint takes them."""
        rows = {}
        for number, vswitch in enumerate(self.vswitches, 1):
            rows[f"IpConfig.{number}.VSwitchId"] = vswitch.vswitch_id
            rows[f"IpConfig.{number}.AzId"] = vswitch.zone_id
            rows[f"IpConfig.{number}.CidrBlock"] = vswitch.cidr
        return {**rows, **changed}

    def fields(self, **changed: str) -> dict[str, str]:
        """The parameters of AddResolverEndpoint."""
        fields = {
            "Name": "outbound",
            "VpcId": self.vpc_id,
            "VpcRegionId": "cn-beijing",
            "SecurityGroupId": self.group_id,
        }
        return {**fields, **self.addresses(), **changed}

    def endpoint(self, **changed: str) -> str:
        """Create an endpoint and return its id."""
        created = self.bench("pvtz", "AddResolverEndpoint", **self.fields(**changed))
        self.bench.later()
        return str(created["EndpointId"])

    def rule(self, endpoint_id: str, **changed: str) -> str:
        """Create a rule of an endpoint and return its id."""
        params = {"EndpointId": endpoint_id, "Name": "corp", "ZoneName": "corp.example.com"}
        created = self.bench("pvtz", "AddResolverRule", **{**params, **_SERVERS, **changed})
        return str(created["RuleId"])


@pytest.fixture
def place(bench) -> Place:
    vpc_id = bench.vpc()
    vswitches = []
    for zone, cidr in zip(_ZONES, ("10.20.1.0/24", "10.20.2.0/24"), strict=True):
        vswitch_id = bench.vswitch(vpc_id, zone, cidr)
        vswitches.append(bench.cloud.current().vswitches[vswitch_id])
    return Place(bench, vpc_id, bench.group(vpc_id), vswitches)


def test_an_endpoint_reads_as_written(bench, place):
    created = bench("pvtz", "AddResolverEndpoint", **place.fields(**{"IpConfig.1.Ip": "10.20.1.9"}))
    params = {"EndpointId": created["EndpointId"]}
    endpoint = bench("pvtz", "DescribeResolverEndpoint", **params)
    assert (endpoint["Status"], endpoint["Name"]) == ("INIT", "outbound")
    assert (endpoint["VpcId"], endpoint["SecurityGroupId"]) == (place.vpc_id, place.group_id)
    assert [row["Ip"] for row in endpoint["IpConfigs"]] == ["10.20.1.9", "10.20.2.2"]
    bench.later()
    assert bench("pvtz", "DescribeResolverEndpoint", **params)["Status"] == "SUCCESS"


def test_addresses_of_an_endpoint_change_and_stay(bench, place):
    endpoint_id = place.endpoint(**{"IpConfig.1.Ip": "10.20.1.9"})
    changed = place.addresses(**{"IpConfig.2.Ip": "10.20.2.9"})
    bench("pvtz", "UpdateResolverEndpoint", EndpointId=endpoint_id, Name="renamed", **changed)
    endpoint = bench("pvtz", "DescribeResolverEndpoint", EndpointId=endpoint_id)
    assert (endpoint["Name"], endpoint["Status"]) == ("renamed", "CHANGE_INIT")
    assert [row["Ip"] for row in endpoint["IpConfigs"]] == ["10.20.1.9", "10.20.2.9"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Name": "x" * 21}, "InvalidParameter.Name"),
        ({"VpcId": "vpc-absent"}, "InvalidParameter.VpcId"),
        ({"VpcRegionId": "cn-hangzhou"}, "InvalidParameter.VpcId"),
        ({"SecurityGroupId": "sg-absent"}, "InvalidParameter.SecurityGroupId"),
        ({"IpConfig.1.VSwitchId": "vsw-absent"}, "InvalidParameter.IpConfig.VSwitchId"),
        ({"IpConfig.1.AzId": "cn-beijing-g"}, "InvalidParameter.IpConfig"),
        ({"IpConfig.1.CidrBlock": "10.0.0.0/8"}, "InvalidParameter.IpConfig"),
        ({"IpConfig.1.Ip": "10.9.9.9"}, "InvalidParameter.IpConfig.Ip"),
    ],
    ids=["name", "VPC", "region", "group", "vSwitch", "zone", "block", "address"],
)
def test_each_invalid_field_of_an_endpoint_is_refused(bench, place, changed, code):
    assert bench.refused("pvtz", "AddResolverEndpoint", **place.fields(**changed)) == code
    assert bench.cloud.current().resolver_endpoints == {}


def test_an_endpoint_needs_two_addresses(bench, place):
    place.vswitches = place.vswitches[:1]
    refused = bench.refused("pvtz", "AddResolverEndpoint", **place.fields())
    assert refused == "InvalidParameter.IpConfig"


def test_endpoints_are_listed_by_each_filter(bench, place):
    endpoint_id = place.endpoint()
    path = "Endpoints.Id"

    def listed(**filters: str) -> list[str]:
        return bench.column("pvtz", "DescribeResolverEndpoints", path, **filters)

    assert listed() == listed(Keyword="out") == listed(Status="SUCCESS") == [endpoint_id]
    assert listed(VpcRegionId="cn-beijing") == [endpoint_id]
    assert listed(Keyword="other") == listed(Status="INIT") == listed(VpcRegionId="x") == []


def test_an_endpoint_is_deleted_after_its_rules(bench, place):
    endpoint_id = place.endpoint()
    rule_id = place.rule(endpoint_id)
    endpoint = {"EndpointId": endpoint_id}
    refused = bench.refused("pvtz", "DeleteResolverEndpoint", **endpoint)
    assert refused == "ResolverEndpoint.RuleExists"
    bench("pvtz", "DeleteResolverRule", RuleId=rule_id)
    bench("pvtz", "DeleteResolverEndpoint", **endpoint)
    for action in ("DescribeResolverEndpoint", "DeleteResolverEndpoint"):
        assert bench.refused("pvtz", action, **endpoint) == "ResolverEndpoint.NotExists"


def test_a_rule_reads_as_written_and_as_changed(bench, place):
    rule_id = place.rule(place.endpoint())
    rule = bench("pvtz", "DescribeResolverRule", RuleId=rule_id)
    assert (rule["Name"], rule["ZoneName"], rule["Type"]) == (
        "corp",
        "corp.example.com",
        "OUTBOUND",
    )
    assert rule["ForwardIps"] == [{"Ip": "10.9.0.1", "Port": 53}]
    changed = {"ForwardIp.1.Ip": "10.9.0.2", "ForwardIp.1.Port": "5353"}
    bench("pvtz", "UpdateResolverRule", RuleId=rule_id, Name="other", **changed)
    rule = bench("pvtz", "DescribeResolverRule", RuleId=rule_id)
    assert (rule["Name"], rule["ForwardIps"]) == ("other", [{"Ip": "10.9.0.2", "Port": 5353}])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"EndpointId": "hra0"}, "ResolverEndpoint.NotExists"),
        ({"ZoneName": "a b"}, "Zone.Invalid.Name"),
        ({"ForwardIp.1.Ip": "x"}, "InvalidParameter.ForwardIp.Ip"),
        ({"ForwardIp.1.Port": "0"}, "InvalidParameter.Port"),
        ({"Type": "INBOUND"}, "InvalidParameter.Type"),
    ],
    ids=["endpoint", "zone", "address", "port", "type"],
)
def test_each_invalid_field_of_a_rule_is_refused(bench, place, changed, code):
    params = {"EndpointId": place.endpoint(), "Name": "corp", "ZoneName": "x.com", **_SERVERS}
    assert bench.refused("pvtz", "AddResolverRule", **{**params, **changed}) == code


def _bind(bench, rule_id: str, *vpc_ids: str) -> None:
    vpcs = {}
    for number, vpc_id in enumerate(vpc_ids, 1):
        vpcs[f"Vpc.{number}.VpcId"] = vpc_id
        vpcs[f"Vpc.{number}.RegionId"] = "cn-beijing"
    bench("pvtz", "BindResolverRuleVpc", RuleId=rule_id, **vpcs)


def test_binding_a_rule_replaces_all_vpcs(bench, place):
    rule_id = place.rule(place.endpoint())
    other = bench.vpc("192.168.0.0/16")
    seen = []
    for vpcs in ((place.vpc_id, other), (other,), ()):
        _bind(bench, rule_id, *vpcs)
        rule = bench("pvtz", "DescribeResolverRule", RuleId=rule_id)
        seen.append(tuple(row["VpcId"] for row in rule["BindVpcs"]))
    assert seen == [(place.vpc_id, other), (other,), ()]


def test_a_vpc_has_one_rule_for_a_name(bench, place):
    endpoint_id = place.endpoint()
    _bind(bench, place.rule(endpoint_id), place.vpc_id)
    params = {"RuleId": place.rule(endpoint_id), "Vpc.1.RegionId": "cn-beijing"}
    refused = bench.refused(
        "pvtz", "BindResolverRuleVpc", **params, **{"Vpc.1.VpcId": place.vpc_id}
    )
    assert refused == "ZoneVpc.Zone.Repeated"
    refused = bench.refused("pvtz", "BindResolverRuleVpc", **params, **{"Vpc.1.VpcId": "vpc-x"})
    assert refused == "ZoneVpc.NotExists.VpcId"


def test_a_rule_is_not_bound_in_another_region(bench, place):
    rule_id = place.rule(place.endpoint())
    bench.region = "cn-hangzhou"
    vpc = {"Vpc.1.VpcId": bench.vpc(), "Vpc.1.RegionId": "cn-hangzhou"}
    refused = bench.refused("pvtz", "BindResolverRuleVpc", RuleId=rule_id, **vpc)
    assert refused == "InvalidParameter.Vpc.RegionId"


def test_a_bound_rule_is_not_deleted(bench, place):
    rule_id = place.rule(place.endpoint())
    _bind(bench, rule_id, place.vpc_id)
    refused = bench.refused("pvtz", "DeleteResolverRule", RuleId=rule_id)
    assert refused == "ResolverRule.VpcExists"
    _bind(bench, rule_id)
    bench("pvtz", "DeleteResolverRule", RuleId=rule_id)
    assert bench.refused("pvtz", "DescribeResolverRule", RuleId=rule_id) == "ResolverRule.NotExists"


def test_rules_are_listed_with_vpcs_if_asked(bench, place):
    endpoint_id = place.endpoint()
    rule_id = place.rule(endpoint_id)
    _bind(bench, rule_id, place.vpc_id)
    (row,) = bench("pvtz", "DescribeResolverRules", EndpointId=endpoint_id)["Rules"]
    assert "BindVpcs" not in row
    (row,) = bench("pvtz", "DescribeResolverRules", NeedDetailAttributes="true")["Rules"]
    assert [vpc["VpcId"] for vpc in row["BindVpcs"]] == [place.vpc_id]
    assert bench("pvtz", "DescribeResolverRules", EndpointId="other")["Rules"] == []
    assert bench("pvtz", "DescribeResolverRules", Keyword="other")["Rules"] == []


def test_every_zone_of_the_region_takes_endpoints(bench):
    zones = bench.cloud.catalog.regions["cn-beijing"].zones
    params = {"ResolverRegionId": "cn-beijing"}
    path = "AvailableZones.AzId"
    assert tuple(bench.column("pvtz", "DescribeResolverAvailableZones", path, **params)) == zones
    one = bench.column("pvtz", "DescribeResolverAvailableZones", path, AzId=zones[0], **params)
    assert one == [zones[0]]
