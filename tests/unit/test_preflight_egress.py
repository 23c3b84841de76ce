"""The preflight of the way out, against lookups in memory."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from support.memory_cloud import VPC, MemoryCloud

from dashlink.naming import default_tags
from dashlink.preflight import find
from dashlink.preflight.lookups import (
    ExistingEip,
    ExistingNatGateway,
    ExistingSnatEntry,
    ExistingVSwitch,
)
from dashlink.settings import StackSettings

ADDRESS = "203.0.113.10"
ZONES = ("cn-beijing-h", "cn-beijing-k")
OWNER = "shop-dev"
OWN_TAGS = default_tags("shop", "dev")
GATEWAY = ExistingNatGateway("ngw-1", "vpc-1", "internet", ("stb-1",), (ADDRESS,))
FREE_EIP = ExistingEip("eip-1", "")


def settings(*, new=False, **egress):
    network = {"cidr": "10.50.0.0/16", "zones": ZONES}
    if not new:
        ids = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
        network = {"vpc_id": "vpc-1", "zones": ZONES, "vswitch_ids": ids}
    endpoints = {"dashscope": {"service": "com.aliyuncs.dashscope"}}
    return StackSettings(network={**network, "egress": egress}, endpoints=endpoints)


def cloud(*gateways, **more):
    switches = []
    for number, zone in enumerate(ZONES, 1):
        block = IPv4Network(f"10.50.{number}.0/24")
        switches.append(ExistingVSwitch(f"vsw-{zone[-1]}", VPC.vpc_id, zone, block, "s"))
    nat = {one.nat_gateway_id: one for one in gateways}
    return MemoryCloud(switches=switches, nat=nat, **more)


def faults(chosen, there):
    return list(map(str, find(chosen, there, "cn-beijing", OWNER).faults))


def warnings(chosen, there):
    return list(map(str, find(chosen, there, "cn-beijing", OWNER).warnings))


@pytest.mark.parametrize(
    ("egress", "there"),
    [
        ({}, cloud()),
        ({"nat_gateway_id": "ngw-1"}, cloud(GATEWAY)),
        ({"nat_gateway_id": "ngw-1", "snat_table_id": "stb-1"}, cloud(GATEWAY)),
        ({"nat_gateway_id": "ngw-1", "addresses": [ADDRESS]}, cloud(GATEWAY)),
        ({"eip_id": "eip-1"}, cloud(eips={"eip-1": FREE_EIP})),
        (
            {"nat_gateway_id": "ngw-1", "eip_id": "eip-1"},
            cloud(GATEWAY, eips={"eip-1": ExistingEip("eip-1", "ngw-1")}),
        ),
    ],
    ids=["new", "gateway", "table", "addresses", "eip", "eip of the gateway"],
)
def test_a_way_out_that_fits_has_no_fault(egress, there):
    assert faults(settings(**egress), there) == []


@pytest.mark.parametrize(
    ("egress", "there", "where", "problem"),
    [
        (
            {"nat_gateway_id": "ngw-2"},
            cloud(GATEWAY),
            "nat_gateway_id",
            "no such NAT gateway in cn-beijing",
        ),
        (
            {"nat_gateway_id": "ngw-2"},
            cloud(ExistingNatGateway("ngw-2", "vpc-2", "internet")),
            "nat_gateway_id",
            "in VPC vpc-2",
        ),
        (
            {"nat_gateway_id": "ngw-2"},
            cloud(ExistingNatGateway("ngw-2", "vpc-1", "intranet")),
            "nat_gateway_id",
            "of the type intranet, which has no EIP",
        ),
        (
            {"nat_gateway_id": "ngw-1", "snat_table_id": "stb-2"},
            cloud(GATEWAY),
            "snat_table_id",
            "no SNAT table of ngw-1",
        ),
        (
            {"nat_gateway_id": "ngw-1", "addresses": [ADDRESS, "203.0.113.11"]},
            cloud(GATEWAY),
            "addresses.1",
            "no EIP of ngw-1",
        ),
        ({"eip_id": "eip-2"}, cloud(), "eip_id", "no such EIP in cn-beijing"),
        (
            {"eip_id": "eip-1"},
            cloud(eips={"eip-1": ExistingEip("eip-1", "i-1")}),
            "eip_id",
            "associated with i-1 already",
        ),
        (
            {"eip_id": "eip-1"},
            cloud(GATEWAY, eips={"eip-1": ExistingEip("eip-1", "ngw-1")}),
            "eip_id",
            "associated with ngw-1 already",
        ),
    ],
    ids=[
        "no gateway",
        "other VPC",
        "other type",
        "other table",
        "other address",
        "no EIP",
        "EIP of an instance",
        "EIP of a gateway",
    ],
)
def test_what_does_not_fit_is_a_fault(egress, there, where, problem):
    (fault,) = faults(settings(**egress), there)
    assert fault.startswith(f"network.egress.{where}: {problem}")


def test_an_eip_of_the_stacks_own_gateway_is_no_fault():
    own = ExistingNatGateway("ngw-9", "vpc-9", "internet", tags=OWN_TAGS)
    there = cloud(own, eips={"eip-1": ExistingEip("eip-1", "ngw-9")})
    assert faults(settings(new=True, eip_id="eip-1"), there) == []


def test_a_second_entry_of_a_vswitch_is_a_fault():
    entry = ExistingSnatEntry("snat-1", "theirs", "vsw-k")
    there = cloud(GATEWAY, entries={"ngw-1": [entry]})
    (fault,) = faults(settings(nat_gateway_id="ngw-1"), there)
    where = "network.vswitch_ids.cn-beijing-k"
    assert fault.startswith(f"{where}: ngw-1 has an SNAT entry for it already (snat-1)")


@pytest.mark.parametrize(
    ("entry", "egress"),
    [
        (ExistingSnatEntry("snat-1", f"{OWNER}-models-egress-k", "vsw-k"), {}),
        (ExistingSnatEntry("snat-1", "theirs", "vsw-k"), {"addresses": [ADDRESS]}),
        (ExistingSnatEntry("snat-1", "theirs", ""), {}),
    ],
    ids=["own", "none is created", "of a block"],
)
def test_an_entry_that_is_in_no_way_is_no_fault(entry, egress):
    there = cloud(GATEWAY, entries={"ngw-1": [entry]})
    assert faults(settings(nat_gateway_id="ngw-1", **egress), there) == []


def test_a_second_gateway_of_a_vpc_is_a_warning():
    (warning,) = warnings(settings(), cloud(GATEWAY))
    assert warning.startswith("network.egress: the VPC has a NAT gateway already (ngw-1)")


@pytest.mark.parametrize(
    "gateway",
    [
        ExistingNatGateway("ngw-9", "vpc-1", "internet", tags=OWN_TAGS),
        ExistingNatGateway("ngw-9", "vpc-1", "intranet"),
        ExistingNatGateway("ngw-9", "vpc-2", "internet"),
    ],
    ids=["own", "intranet", "other VPC"],
)
def test_a_gateway_beside_a_new_one_may_be_no_warning(gateway):
    assert warnings(settings(), cloud(gateway)) == []
