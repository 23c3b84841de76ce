"""The preflight of an existing CEN instance, against lookups in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from support.memory_cloud import MemoryCloud

from dashlink.preflight import find
from dashlink.settings import StackSettings

NEAR, FAR = "cn-beijing", "cn-shanghai"
OWNER = "shop-dev"
ZONES = ["cn-beijing-h", "cn-beijing-k"]


def router(router_id):
    return {"TransitRouterId": router_id, "Tags": []}


def attached(attachment_id, **changed):
    row = {"Status": "Attached", "AutoPublishRouteEnabled": True, "Tags": []}
    return {"TransitRouterAttachmentId": attachment_id, **row, **changed}


@dataclass
class MemoryCen:
    """A CEN instance with a router in each of two regions."""

    cens: dict[str, Any] = field(default_factory=lambda: {"cen-1": {"CenId": "cen-1"}})
    known: dict[str, Any] = field(
        default_factory=lambda: {NEAR: router("tr-near"), FAR: router("tr-far")}
    )
    vpcs: list[Any] = field(default_factory=list)
    peers: list[Any] = field(default_factory=list)

    def cen(self, cen_id):
        return self.cens.get(cen_id)

    def routers(self, cen_id):
        return self.known

    def vpc_attachments(self, cen_id, region):
        return [row for row in self.vpcs if row["VpcRegionId"] == region]

    def peer_attachments(self, cen_id, region):
        return self.peers


def faults(found, **cen):
    connected = {
        "zones": ["cn-shanghai-m"],
        "region": FAR,
        "cidr": "10.30.0.0/16",
    }
    if "shanghai" in cen.get("attachment_ids", {}):
        connected |= {"vpc_id": "vpc-far", "zones": [], "vswitch_ids": {}}
    settings = StackSettings(
        network={
            "cidr": "10.20.0.0/16",
            "zones": ZONES,
            "connected_vpcs": {"shanghai": connected},
            "cen": {
                "cen_id": "cen-1",
                "transit_router_ids": {NEAR: "tr-near", FAR: "tr-far"},
                **cen,
            },
        },
        endpoints={"dashscope": {"service": "com.aliyuncs.dashscope"}},
    )
    far = MemoryCloud()
    cloud = MemoryCloud(cen=found, regions={FAR: far})
    all_faults = map(str, find(settings, cloud, NEAR, OWNER).faults)
    return [fault for fault in all_faults if ".cen." in fault]


FAR_VPC = {"VpcRegionId": FAR, "VpcId": "vpc-far"}
PEER = {"RegionId": NEAR, "PeerTransitRouterRegionId": FAR}
OWN = [{"Key": "dashlink-project", "Value": "shop"}, {"Key": "dashlink-stack", "Value": "dev"}]


def test_a_sound_cen_instance_has_no_fault():
    own = [*OWN, {"Key": "made-by", "Value": "dashlink"}]
    found = MemoryCen(peers=[attached("tr-attach-1", **PEER, Tags=own)])
    assert faults(found) == []


def test_existing_attachments_that_are_named_have_no_fault():
    found = MemoryCen(
        vpcs=[attached("tr-attach-1", **FAR_VPC)], peers=[attached("tr-attach-2", **PEER)]
    )
    named = {
        "attachment_ids": {"shanghai": "tr-attach-1"},
        "peer_attachment_ids": {FAR: "tr-attach-2"},
    }
    assert faults(found, **named) == []


@pytest.mark.parametrize(
    ("found", "cen", "message"),
    [
        (MemoryCen(cens={}), {}, "cen_id: no such CEN instance"),
        (
            MemoryCen(known={NEAR: router("tr-other"), FAR: router("tr-far")}),
            {},
            "transit_router_ids.cn-beijing: not the router of cen-1 in cn-beijing, which is "
            "tr-other",
        ),
        (
            MemoryCen(),
            {"transit_router_ids": {NEAR: "tr-near"}},
            "transit_router_ids.cn-shanghai: cen-1 has a router there already (got tr-far)",
        ),
        (
            MemoryCen(peers=[attached("tr-attach-9", **PEER)]),
            {},
            "peer_attachment_ids.cn-shanghai: the routers are connected already, by tr-attach-9",
        ),
        (
            MemoryCen(vpcs=[attached("tr-attach-1", **{**FAR_VPC, "VpcId": "vpc-else"})]),
            {"attachment_ids": {"shanghai": "tr-attach-1"}},
            "attachment_ids.shanghai: not an attachment of vpc-far",
        ),
        (
            MemoryCen(vpcs=[attached("tr-attach-1", **FAR_VPC, Status="Attaching")]),
            {"attachment_ids": {"shanghai": "tr-attach-1"}},
            "attachment_ids.shanghai: Attaching, not Attached",
        ),
        (
            MemoryCen(peers=[attached("tr-attach-2", **PEER, AutoPublishRouteEnabled=False)]),
            {"peer_attachment_ids": {FAR: "tr-attach-2"}},
            "peer_attachment_ids.cn-shanghai: it does not publish routes to the other router",
        ),
    ],
    ids=[
        "no CEN",
        "other router",
        "unnamed router",
        "unnamed connection",
        "other VPC",
        "not attached",
        "silent",
    ],
)
def test_what_an_existing_cen_lacks_is_reported(found, cen, message):
    (fault,) = faults(found, **cen)
    assert fault.startswith(f"network.cen.{message}")


def test_a_vpc_that_is_attached_already_is_reported():
    attachment = attached("tr-attach-1", VpcRegionId=NEAR, VpcId="vpc-1")
    settings = StackSettings(
        network={
            "vpc_id": "vpc-1",
            "zones": ZONES,
            "vswitches": {"cn-beijing-h": "10.50.1.0/24", "cn-beijing-k": "10.50.2.0/24"},
            "connected_vpcs": {
                "near": {"zones": ["cn-beijing-h"], "region": NEAR, "cidr": "10.30.0.0/16"}
            },
            "cen": {"cen_id": "cen-1", "transit_router_ids": {NEAR: "tr-near"}},
        },
        endpoints={"dashscope": {"service": "com.aliyuncs.dashscope"}},
    )
    cloud = MemoryCloud(cen=MemoryCen(vpcs=[attachment]))
    (fault,) = map(str, find(settings, cloud, NEAR, OWNER).faults)
    assert fault == (
        "network.cen.attachment_ids.network: vpc-1 is attached to the router already, by "
        "tr-attach-1. Write tr-attach-1 to use it, or detach the VPC."
    )
