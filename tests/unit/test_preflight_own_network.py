"""The blocks of VPCs that the stack has created: what cannot change is refused before `up`."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.endpoint.settings import EndpointSettings
from dashlink.naming import default_tags
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingVpc, ExistingVSwitch
from dashlink.settings import StackSettings

REGION, FAR = "cn-beijing", "cn-shanghai"
OWNER = "shop-dev"
TAGS = default_tags("shop", "dev")
SLOTS = {ZONES[0]: "10.20.112.0/20", ZONES[1]: "10.20.160.0/20"}
AGAIN = "Write 10.20.0.0/16 again."


def settings(cidr="10.20.0.0/16", **network):
    return StackSettings(
        network=NetworkSettings(**{"cidr": cidr, "zones": ZONES, **network}),
        endpoints={"dashscope": EndpointSettings(service="com.aliyuncs.dashscope")},
    )


def vswitch(zone, cidr, vpc_id="vpc-own"):
    return ExistingVSwitch(f"vsw-{zone[-1]}", vpc_id, zone, IPv4Network(cidr), "")


def cloud_with(*vpcs, blocks=SLOTS):
    vswitches = [vswitch(zone, cidr) for zone, cidr in blocks.items()]
    return MemoryCloud(vpcs={vpc.vpc_id: vpc for vpc in vpcs}, switches=vswitches)


def vpc(name="shop-dev-access-vpc", *, vpc_id="vpc-own", tags=TAGS, cidr="10.20.0.0/16"):
    return ExistingVpc(vpc_id, (IPv4Network(cidr),), name, tags)


def faults(cloud, desired, owner=OWNER):
    return sorted(str(fault) for fault in find(desired, cloud, REGION, owner).faults)


@pytest.mark.parametrize(
    ("desired", "expected"),
    [
        (settings(), ()),
        (settings(zones=[*ZONES, "cn-beijing-g"]), ()),
        (settings(vswitches={ZONES[0]: "10.20.200.0/24"}), ()),
        (settings("10.20.0.0/17"), ("network.cidr: the block", "vsw-k (10.20.160.0/20)", AGAIN)),
        (settings("10.21.0.0/16"), ("network.cidr: the block of vpc-own is 10.20.0.0/16", AGAIN)),
        (settings("10.20.0.0/15", vswitches=SLOTS), ()),
        (settings("10.20.0.0/15"), ()),
        (
            settings(vswitches={ZONES[0]: "10.20.112.0/24"}),
            ("network.vswitches.cn-beijing-h: overlaps 10.20.112.0/20", "e.g. 10.20.0.0/24"),
        ),
    ],
    ids=["same", "zone", "block", "shrunk", "other", "larger", "slots", "overlap"],
)
def test_a_block_that_cannot_change_is_refused(desired, expected):
    lines = faults(cloud_with(vpc()), desired)
    assert bool(lines) == bool(expected), lines
    for text in expected:
        assert text in "\n".join(lines)


@pytest.mark.parametrize(
    ("other", "owner"),
    [
        (vpc(tags=default_tags("shop", "prod")), OWNER),
        (vpc(tags={}), OWNER),
        (vpc(), ""),
    ],
    ids=["another-stack", "no-tags", "no-owner"],
)
def test_a_vpc_of_another_owner_is_no_fault(other, owner):
    assert faults(cloud_with(other), settings("10.21.0.0/16"), owner) == []


def test_a_renamed_vpc_is_recognized_by_its_tags():
    assert AGAIN in faults(cloud_with(vpc("old")), settings("10.21.0.0/16", name="new"))[0]


def test_two_vpcs_of_the_stack_are_not_compared():
    cloud = cloud_with(vpc("one"), vpc("two", vpc_id="vpc-two"))
    assert faults(cloud, settings("10.21.0.0/16")) == []


def test_a_new_connected_vpc_is_compared_in_its_region():
    connected = {"region": FAR, "cidr": "10.31.0.0/16", "zones": ["cn-shanghai-m"]}
    created = vpc("shop-dev-access-connections-far", cidr="10.30.0.0/16")
    cloud = cloud_with(vpc())
    cloud.regions[FAR] = cloud_with(created, blocks={"cn-shanghai-m": "10.30.192.0/20"})
    (line,) = faults(cloud, settings(connected_vpcs={"far": connected}))
    assert line.startswith("network.connected_vpcs.far.cidr: the block of vpc-own is 10.30.0.0/16")
