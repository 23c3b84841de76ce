"""NAT gateways, EIPs and SNAT entries: what the cloud creates, changes, refuses and deletes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

_NAMES_WITH_A_URL = "https://nat"


@dataclass
class WayOut:
    """A VPC with a vSwitch and everything that lets its clients out."""

    bench: Any
    vpc: str = ""
    vswitch: str = ""
    gateway: str = ""
    table: str = ""
    eip: str = ""
    address: str = ""
    entry: str = ""

    def call(self, action: str, **params: str) -> dict[str, Any]:
        """Call an action of Vpc, and let its transition pass."""
        answer: dict[str, Any] = self.bench("Vpc", action, **params)
        self.bench.later()
        return answer

    def refused(self, action: str, **params: str) -> str:
        return str(self.bench.refused("Vpc", action, **params))

    def nat_gateway(self, **params: str) -> dict[str, Any]:
        ids = {"VpcId": self.vpc, "VSwitchId": self.vswitch}
        return self.call("CreateNatGateway", **{**ids, **params})

    def row(self, action: str, path: str, **params: str) -> dict[str, Any]:
        """The only row of a list."""
        rows: Any = self.bench("Vpc", action, **params)
        for name in path.split("."):
            rows = rows[name]
        (row,) = rows
        return dict(row)

    def eip_row(self) -> dict[str, Any]:
        return self.row("DescribeEipAddresses", "EipAddresses.EipAddress", AllocationId=self.eip)

    def gateway_row(self) -> dict[str, Any]:
        path = "NatGateways.NatGateway"
        return self.row("DescribeNatGateways", path, NatGatewayId=self.gateway)

    def entry_row(self) -> dict[str, Any]:
        path = "SnatTableEntries.SnatTableEntry"
        return self.row("DescribeSnatTableEntries", path, SnatEntryId=self.entry)

    def associate(self) -> None:
        ids = {"AllocationId": self.eip, "InstanceId": self.gateway}
        self.call("AssociateEipAddress", InstanceType="Nat", **ids)

    def entries_of_table(self, **params: str) -> dict[str, str]:
        return {"SnatTableId": self.table, "SnatIp": self.address, **params}

    def default_routes(self) -> list[str]:
        table = self.bench.cloud.current().vpcs[self.vpc].route_table_id
        params = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
        answer = self.bench("Vpc", "DescribeRouteEntryList", **params)
        entries = answer["RouteEntrys"]["RouteEntry"]
        return [entry["NextHops"]["NextHop"][0]["NextHopId"] for entry in entries]


@pytest.fixture
def bare(bench) -> WayOut:
    """A NAT gateway and an EIP, which are not associated."""
    way = WayOut(bench)
    way.vpc = bench.vpc()
    way.vswitch = bench.vswitch(way.vpc)
    created = way.nat_gateway()
    way.gateway = created["NatGatewayId"]
    (way.table,) = created["SnatTableIds"]["SnatTableId"]
    allocated = way.call("AllocateEipAddress", InternetChargeType="PayByTraffic")
    way.eip, way.address = allocated["AllocationId"], allocated["EipAddress"]
    return way


@pytest.fixture
def way(bare) -> WayOut:
    bare.associate()
    created = bare.call("CreateSnatEntry", **bare.entries_of_table(SourceVSwitchId=bare.vswitch))
    bare.entry = created["SnatEntryId"]
    return bare


def test_a_new_gateway_is_being_created_and_then_available(bare):
    created = bare.bench("Vpc", "CreateNatGateway", VpcId=bare.vpc, VSwitchId=bare.vswitch)
    bare.gateway = created["NatGatewayId"]
    assert bare.gateway_row()["Status"] == "Creating"
    bare.bench.later()
    assert bare.gateway_row()["Status"] == "Available"


def test_an_internet_gateway_adds_the_default_route(bare):
    assert bare.default_routes() == [bare.gateway]


def test_a_second_gateway_does_not_change_the_default_route(bare):
    bare.nat_gateway()
    assert bare.default_routes() == [bare.gateway]


def test_a_gateway_of_a_vpc_adds_no_route(bare):
    other = WayOut(bare.bench, bare.bench.vpc("10.30.0.0/16"))
    other.vswitch = bare.bench.vswitch(other.vpc, cidr="10.30.1.0/24")
    other.nat_gateway(NetworkType="intranet")
    assert other.default_routes() == []


def test_a_gateway_takes_an_address_of_its_vswitch(bare):
    assert bare.gateway_row()["NatGatewayPrivateInfo"]["PrivateIpAddress"].startswith("10.20.1.")
    refused = bare.bench.refused("Vpc", "DeleteVSwitch", VSwitchId=bare.vswitch)
    assert refused == "DependencyViolation.EnhancedNatgw"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VpcId": "vpc-nothing"}, "InvalidVpcId.NotFound"),
        ({"VSwitchId": "vsw-nothing"}, "InvalidVSwitchId.NotFound"),
        ({"VSwitchId": ""}, "MissingVSwitchId"),
        ({"Name": _NAMES_WITH_A_URL}, "InvalidParameter.Name.Malformed"),
        ({"Description": "x" * 257}, "InvalidParameter.Description.Malformed"),
        ({"NetworkType": "both"}, "InvalidParameter.NetworkType"),
        ({"EipBindMode": "BINDED"}, "InvalidParameter.EipBindMode"),
        ({"NatType": "Normal"}, "Sandbox.UnsupportedParameter"),
    ],
    ids=["vpc", "vswitch", "no vswitch", "name", "description", "type", "binding", "normal"],
)
def test_each_invalid_field_of_a_gateway_is_refused(bare, changed, code):
    params = {"VpcId": bare.vpc, "VSwitchId": bare.vswitch, **changed}
    assert bare.refused("CreateNatGateway", **params) == code


def test_a_vswitch_of_another_vpc_is_refused(bare):
    params = {"VpcId": bare.bench.vpc("10.30.0.0/16"), "VSwitchId": bare.vswitch}
    assert bare.refused("CreateNatGateway", **params) == "InvalidParameter.VSwitchId"


def test_a_gateway_is_changed_in_place(bare):
    params = {"Name": "nat", "Description": "out", "IcmpReplyEnabled": "false"}
    bare.call("ModifyNatGatewayAttribute", NatGatewayId=bare.gateway, **params)
    row = bare.gateway_row()
    assert (row["Name"], row["Description"], row["IcmpReplyEnabled"]) == ("nat", "out", False)


def test_the_binding_of_eips_is_changed_to_nat_alone(bare):
    change = {"NatGatewayId": bare.gateway}
    bare.call("ModifyNatGatewayAttribute", EipBindMode="NAT", **change)
    assert bare.gateway_row()["EipBindMode"] == "NAT"
    refused = bare.refused("ModifyNatGatewayAttribute", EipBindMode="MULTI_BINDED", **change)
    assert refused == "InvalidParameter.EipBindMode"


def test_a_gateway_that_is_being_created_is_not_changed(bare):
    created = bare.bench("Vpc", "CreateNatGateway", VpcId=bare.vpc, VSwitchId=bare.vswitch)
    change = {"NatGatewayId": created["NatGatewayId"], "Name": "early"}
    assert bare.refused("ModifyNatGatewayAttribute", **change) == "IncorrectStatus.NATGW"


def test_a_gateway_is_deleted_last_with_its_route(way):
    target = {"NatGatewayId": way.gateway}
    assert way.refused("DeleteNatGateway", **target) == "DependencyViolation.SnatEntry"
    way.call("DeleteSnatEntry", SnatTableId=way.table, SnatEntryId=way.entry)
    assert way.refused("DeleteNatGateway", **target) == "DependencyViolation.EIPS"
    way.call("UnassociateEipAddress", AllocationId=way.eip, InstanceType="Nat")
    way.call("DeleteNatGateway", **target)
    assert way.default_routes() == []
    assert way.bench.cloud.current().nat_gateways == {}


def test_force_deletes_the_entries_and_frees_the_eips(way):
    way.call("DeleteNatGateway", NatGatewayId=way.gateway, Force="true")
    state = way.bench.cloud.current()
    assert (state.nat_gateways, state.snat_entries) == ({}, {})
    assert way.eip_row()["Status"] == "Available"


def test_a_gateway_with_a_route_of_a_user_is_not_deleted(bare):
    table = bare.bench.cloud.current().vpcs[bare.vpc].route_table_id
    hop = {"NextHopType": "NatGateway", "NextHopId": bare.gateway}
    params = {"RouteTableId": table, "DestinationCidrBlock": "203.0.113.0/24"}
    bare.call("CreateRouteEntry", **params, **hop)
    refused = bare.refused("DeleteNatGateway", NatGatewayId=bare.gateway)
    assert refused == "DependencyViolation.RouterEntry"


@pytest.mark.parametrize("kind", ["NATGW", "EIP"], ids=["gateway", "EIP"])
def test_a_protected_resource_is_not_deleted(bare, kind):
    protected = {"NATGW": bare.gateway, "EIP": bare.eip}[kind]
    change = {"InstanceId": protected, "Type": kind}
    bare.call("DeletionProtection", ProtectionEnable="true", **change)
    delete = {
        "NATGW": ("DeleteNatGateway", {"NatGatewayId": bare.gateway}),
        "EIP": ("ReleaseEipAddress", {"AllocationId": bare.eip}),
    }
    action, target = delete[kind]
    assert bare.refused(action, **target) == "InvalidOperation.DeletionProtection"
    bare.call("DeletionProtection", ProtectionEnable="false", **change)
    bare.call(action, **target)


def test_a_vpc_with_a_gateway_is_not_deleted(bare):
    refused = bare.bench.refused("Vpc", "DeleteVpc", VpcId=bare.vpc)
    assert refused == "DependencyViolation.NatGateway"


@pytest.mark.parametrize(
    ("params", "bandwidth"),
    [
        ({}, "5"),
        ({"Bandwidth": "200", "InternetChargeType": "PayByTraffic"}, "200"),
        ({"Bandwidth": "500", "InternetChargeType": "PayByBandwidth"}, "500"),
    ],
    ids=["default", "by traffic", "by bandwidth"],
)
def test_an_eip_has_a_bandwidth_by_its_charge(bare, params, bandwidth):
    bare.eip = bare.call("AllocateEipAddress", **params)["AllocationId"]
    assert bare.eip_row()["Bandwidth"] == bandwidth


@pytest.mark.parametrize(
    "params",
    [
        {"Bandwidth": "201", "InternetChargeType": "PayByTraffic"},
        {"Bandwidth": "501"},
        {"Bandwidth": "0"},
        {"Bandwidth": "much"},
    ],
    ids=["traffic", "bandwidth", "none", "text"],
)
def test_a_bandwidth_out_of_range_is_refused(bare, params):
    assert bare.refused("AllocateEipAddress", **params) == "InvalidParameter"


def test_an_eip_is_associating_and_then_in_use(bare):
    ids = {"AllocationId": bare.eip, "InstanceId": bare.gateway}
    bare.bench("Vpc", "AssociateEipAddress", InstanceType="Nat", **ids)
    assert (bare.eip_row()["Status"], bare.eip_row()["InstanceId"]) == ("Associating", bare.gateway)
    bare.bench.later()
    assert (bare.eip_row()["Status"], bare.eip_row()["InstanceType"]) == ("InUse", "Nat")


def test_an_associated_eip_is_neither_associated_nor_released(way):
    ids = {"AllocationId": way.eip, "InstanceId": way.gateway}
    refused = way.refused("AssociateEipAddress", InstanceType="Nat", **ids)
    assert refused == "IncorrectEipStatus"
    assert way.refused("ReleaseEipAddress", AllocationId=way.eip) == "IncorrectEipStatus"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"AllocationId": "eip-nothing"}, "InvalidAllocationId.NotFound"),
        ({"InstanceId": "ngw-nothing"}, "InvalidInstanId.NotFound"),
        ({"InstanceType": "Router"}, "InvalidInstanceType.ValueNotSupported"),
    ],
    ids=["eip", "instance", "type"],
)
def test_each_invalid_field_of_an_association_is_refused(bare, changed, code):
    params = {"AllocationId": bare.eip, "InstanceId": bare.gateway, "InstanceType": "Nat"}
    assert bare.refused("AssociateEipAddress", **{**params, **changed}) == code


def test_a_gateway_of_a_vpc_has_no_eip(bare):
    intranet = bare.nat_gateway(NetworkType="intranet")["NatGatewayId"]
    ids = {"AllocationId": bare.eip, "InstanceId": intranet}
    assert bare.refused("AssociateEipAddress", InstanceType="Nat", **ids) == "OperationDenied"


def test_an_eip_of_an_entry_is_disassociated_by_force_alone(way):
    target = {"AllocationId": way.eip, "InstanceType": "Nat"}
    refused = way.refused("UnassociateEipAddress", **target)
    assert refused == "InvalidIpStatus.HasBeenUsedBySnatTable"
    way.call("UnassociateEipAddress", Force="true", **target)
    assert (way.eip_row()["Status"], way.eip_row()["InstanceId"]) == ("Available", "")
    assert way.entry_row()["SnatIp"] == way.address


def test_a_released_eip_is_gone(bare):
    bare.call("ReleaseEipAddress", AllocationId=bare.eip)
    assert bare.bench.cloud.current().eips == {}


def test_an_entry_has_the_block_of_its_vswitch(way):
    row = way.entry_row()
    assert (row["SourceVSwitchId"], row["SourceCIDR"]) == (way.vswitch, "10.20.1.0/24")
    refused = way.bench.refused("Vpc", "DeleteVSwitch", VSwitchId=way.vswitch)
    assert refused.startswith("DependencyViolation.")


def test_an_entry_is_changed_in_place(way):
    ids = {"SnatTableId": way.table, "SnatEntryId": way.entry}
    way.bench("Vpc", "ModifySnatEntry", SnatEntryName="out", EipAffinity="1", **ids)
    assert way.entry_row()["Status"] == "Modifying"
    way.bench.later()
    row = way.entry_row()
    assert (row["SnatEntryName"], row["EipAffinity"]) == ("out", "1")
    assert row["Status"] == "Available"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"SnatTableId": "stb-nothing"}, "InvalidSnatTableId.NotFound"),
        ({"SnatIp": "nat.example.com"}, "InvalidSnatIp.Malformed"),
        ({"SnatIp": "198.18.0.1"}, "EIP_NOT_IN_GATEWAY"),
        ({"SourceVSwitchId": "vsw-nothing"}, "InvalidVSwitchId.NotFound"),
        ({"SourceVSwitchId": ""}, "INVALID_PARAMETER"),
        ({"SourceCIDR": "10.20.2.0/24"}, "INVALID_PARAMETER"),
        ({"SourceVSwitchId": "", "SourceCIDR": "everything"}, "INVALID_PARAMETER"),
        ({"SnatEntryName": _NAMES_WITH_A_URL}, "InvalidParameter.Name.Malformed"),
    ],
    ids=["table", "address", "eip", "vswitch", "no source", "two sources", "block", "name"],
)
def test_each_invalid_field_of_an_entry_is_refused(bare, changed, code):
    bare.associate()
    params = bare.entries_of_table(SourceVSwitchId=bare.vswitch)
    assert bare.refused("CreateSnatEntry", **{**params, **changed}) == code


def test_an_entry_waits_for_its_eip(bare):
    ids = {"AllocationId": bare.eip, "InstanceId": bare.gateway}
    bare.bench("Vpc", "AssociateEipAddress", InstanceType="Nat", **ids)
    params = bare.entries_of_table(SourceVSwitchId=bare.vswitch)
    assert bare.refused("CreateSnatEntry", **params) == "OperationUnsupported.EipInBinding"


def test_a_vswitch_has_one_entry(way):
    params = way.entries_of_table(SourceVSwitchId=way.vswitch)
    assert way.refused("CreateSnatEntry", **params) == "Forbidden.SourceVSwitchId.Duplicated"


def test_a_vswitch_with_a_havip_has_no_entry(bare):
    bare.associate()
    bare.call("CreateHaVip", VSwitchId=bare.vswitch)
    params = bare.entries_of_table(SourceVSwitchId=bare.vswitch)
    assert bare.refused("CreateSnatEntry", **params) == "Forbidden.SourceVSwitchId.IncludeHaVip"


def test_no_entry_is_deleted_while_one_is_being_created(way):
    way.bench("Vpc", "CreateSnatEntry", **way.entries_of_table(SourceCIDR="10.20.9.0/24"))
    ids = {"SnatTableId": way.table, "SnatEntryId": way.entry}
    assert way.refused("DeleteSnatEntry", **ids) == "IncorretSnatEntryStatus"


@pytest.mark.parametrize(
    ("quota", "action", "code"),
    [
        ("nat_gateways_per_vpc", "gateway", "QuotaExceeded.NatGateway"),
        ("eips_per_account", "eip", "QuotaExceeded.Eip"),
        ("eips_per_nat_gateway", "association", "QuotaExceeded.Eip"),
        ("snat_entries_per_nat_gateway", "entry", "Forbidden.SnatEntryCountLimited"),
    ],
    ids=["gateways", "eips", "eips of a gateway", "entries"],
)
def test_a_quota_limits_each_resource(way, quota, action, code):
    eip = way.call("AllocateEipAddress")["AllocationId"]
    calls = {
        "gateway": ("CreateNatGateway", {"VpcId": way.vpc, "VSwitchId": way.vswitch}),
        "eip": ("AllocateEipAddress", {}),
        "association": ("AssociateEipAddress", {"AllocationId": eip, "InstanceId": way.gateway}),
        "entry": ("CreateSnatEntry", way.entries_of_table(SourceCIDR="10.20.9.0/24")),
    }
    way.bench.cloud.catalog.quotas[quota] = 1
    name, params = calls[action]
    assert way.refused(name, **params) == code


def test_tags_are_those_of_gateways_and_eips(bare):
    for kind, target in (("NATGATEWAY", bare.gateway), ("EIP", bare.eip)):
        tag = {"ResourceType": kind, "ResourceId.1": target, "Tag.1.Key": "a", "Tag.1.Value": "b"}
        bare.call("TagResources", **tag)
    assert bare.gateway_row()["Tags"]["Tag"] == [{"TagKey": "a", "TagValue": "b"}]
    assert bare.eip_row()["Tags"]["Tag"] == [{"Key": "a", "Value": "b"}]


def test_another_account_sees_nothing_of_a_way_out(way):
    other = WayOut(way.bench.other_account())
    for action, path in (
        ("DescribeNatGateways", "NatGateways.NatGateway"),
        ("DescribeEipAddresses", "EipAddresses.EipAddress"),
        ("DescribeSnatTableEntries", "SnatTableEntries.SnatTableEntry"),
    ):
        assert other.bench.column("Vpc", action, f"{path}.Status") == []
