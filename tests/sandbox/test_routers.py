"""CEN and VPC peering: what they refuse, and every piece that a connection needs.

Each scene has a client in Shanghai and an endpoint's address in Beijing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from dashlink_sandbox.inside.routes import Place, find_fault

NEAR, FAR = "cn-beijing", "cn-shanghai"
_BLOCKS = {NEAR: "10.20", FAR: "10.30"}
_ZONES = {NEAR: "cn-beijing-h", FAR: "cn-shanghai-m"}
_ACCOUNT_2 = 1


@dataclass
class Scene:
    """Two VPCs in two regions, with what connects them, by region."""

    bench: Any
    vpcs: dict[str, str] = field(default_factory=dict)
    vswitches: dict[str, str] = field(default_factory=dict)
    routers: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    attachments: dict[str, str] = field(default_factory=dict)
    peer: str = ""
    cen: str = ""

    def cbn(self, action: str, region: str = NEAR, **params: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.bench("Cbn", action, RegionId=region, **params)
        self.bench.later()
        return answer

    def link(self, action: str, attachment_id: str, table_id: str) -> None:
        ids = {"TransitRouterAttachmentId": attachment_id, "TransitRouterRouteTableId": table_id}
        self.cbn(action, **ids)

    def fault(self) -> str | None:
        return find_fault(self.bench.cloud.current(), self.place(FAR), self.place(NEAR))

    def place(self, region: str) -> Place:
        address = f"{_BLOCKS[region]}.1.10"
        return Place(self.vpcs[region], self.vswitches[region], address)

    def ids(self) -> dict[str, str]:
        """The ids of all pieces, by name."""
        ids = {"cen": self.cen, "peer": self.peer}
        for side, region in (("near", NEAR), ("far", FAR)):
            ids[side] = self.attachments[region]
            ids[f"{side}_vpc"] = self.vpcs[region]
            ids[f"{side}_router"] = self.routers[region]
            ids[f"{side}_table"] = self.tables[region]
        return ids

    def main_table(self, region: str) -> str:
        vpc = self.bench.cloud.current().vpcs[self.vpcs[region]]
        return str(vpc.route_table_id)


@pytest.fixture
def scene(bench) -> Scene:
    scene = Scene(bench)
    for region, block in _BLOCKS.items():
        created = bench("Vpc", "CreateVpc", RegionId=region, CidrBlock=f"{block}.0.0/16")
        bench.later()
        scene.vpcs[region] = created["VpcId"]
        params = {"ZoneId": _ZONES[region], "CidrBlock": f"{block}.1.0/24"}
        created = bench("Vpc", "CreateVSwitch", RegionId=region, VpcId=created["VpcId"], **params)
        scene.vswitches[region] = created["VSwitchId"]
    return scene


@pytest.fixture
def cen(scene) -> Scene:
    """The scene connected by CEN, as Alibaba's own Terraform module connects it."""
    scene.cen = scene.cbn("CreateCen", Name="models")["CenId"]
    for region in _BLOCKS:
        created = scene.cbn("CreateTransitRouter", region, CenId=scene.cen)
        scene.routers[region] = created["TransitRouterId"]
        listed = scene.cbn(
            "ListTransitRouterRouteTables",
            region,
            TransitRouterId=created["TransitRouterId"],
            TransitRouterRouteTableType="System",
        )
        (table,) = listed["TransitRouterRouteTables"]
        scene.tables[region] = table["TransitRouterRouteTableId"]
        scene.attachments[region] = _attach(scene, region)["TransitRouterAttachmentId"]
    scene.peer = scene.cbn(
        "CreateTransitRouterPeerAttachment",
        CenId=scene.cen,
        TransitRouterId=scene.routers[NEAR],
        PeerTransitRouterId=scene.routers[FAR],
        PeerTransitRouterRegionId=FAR,
        BandwidthType="DataTransfer",
        Bandwidth="10",
        AutoPublishRouteEnabled="true",
    )["TransitRouterAttachmentId"]
    for region in _BLOCKS:
        for attachment_id in (scene.attachments[region], scene.peer):
            table_id = scene.tables[region]
            scene.link("AssociateTransitRouterAttachmentWithRouteTable", attachment_id, table_id)
            scene.link("EnableTransitRouterRouteTablePropagation", attachment_id, table_id)
    return scene


def _attach(scene: Scene, region: str, **params: str) -> dict[str, Any]:
    fields = {
        "CenId": scene.cen,
        "TransitRouterId": scene.routers[region],
        "VpcId": scene.vpcs[region],
        "ZoneMappings.1.ZoneId": _ZONES[region],
        "ZoneMappings.1.VSwitchId": scene.vswitches[region],
        "AutoPublishRouteEnabled": "true",
    }
    return scene.cbn("CreateTransitRouterVpcAttachment", region, **{**fields, **params})


def _detach_vpc(scene: Scene, region: str) -> None:
    attachment_id = scene.attachments[region]
    params = {"TransitRouterAttachmentId": attachment_id, "Force": "true"}
    scene.cbn("DeleteTransitRouterVpcAttachment", **params)


def _detach_peer(scene: Scene) -> None:
    params = {"TransitRouterAttachmentId": scene.peer, "Force": "true"}
    scene.cbn("DeleteTransitRouterPeerAttachment", **params)


def _stop_publishing(scene: Scene, region: str) -> None:
    params = {
        "TransitRouterAttachmentId": scene.attachments[region],
        "AutoPublishRouteEnabled": "false",
    }
    scene.cbn("UpdateTransitRouterVpcAttachmentAttribute", **params)


def _stop_advertising(scene: Scene) -> None:
    params = {"TransitRouterAttachmentId": scene.peer, "AutoPublishRouteEnabled": "false"}
    scene.cbn("UpdateTransitRouterPeerAttachmentAttribute", **params)


_DISSOCIATE = "DissociateTransitRouterAttachmentFromRouteTable"
_DISABLE = "DisableTransitRouterRouteTablePropagation"
_PIECES = {
    "near VPC attachment": (lambda s: _detach_vpc(s, NEAR), "{near_vpc} is attached to no"),
    "far VPC attachment": (lambda s: _detach_vpc(s, FAR), "attached to no transit router of {cen}"),
    "peer attachment": (_detach_peer, "no peer attachment connects {far_router} and {near_router}"),
    "near association of the VPC": (
        lambda s: s.link(_DISSOCIATE, s.attachments[NEAR], s.tables[NEAR]),
        "its attachment {near} is associated with no route table of {near_router}",
    ),
    "far association of the VPC": (
        lambda s: s.link(_DISSOCIATE, s.attachments[FAR], s.tables[FAR]),
        "its attachment {far} is associated with no route table of {far_router}",
    ),
    "near association of the peer": (
        lambda s: s.link(_DISSOCIATE, s.peer, s.tables[NEAR]),
        "the peer attachment {peer} is associated with no route table of {near_router}",
    ),
    "far association of the peer": (
        lambda s: s.link(_DISSOCIATE, s.peer, s.tables[FAR]),
        "the peer attachment {peer} is associated with no route table of {far_router}",
    ),
    "near propagation of the VPC": (
        lambda s: s.link(_DISABLE, s.attachments[NEAR], s.tables[NEAR]),
        "the attachment {near} of {near_vpc} does not propagate to the route table {near_table}",
    ),
    "far propagation of the VPC": (
        lambda s: s.link(_DISABLE, s.attachments[FAR], s.tables[FAR]),
        "the attachment {far} of {far_vpc} does not propagate to the route table {far_table}",
    ),
    "near propagation of the peer": (
        lambda s: s.link(_DISABLE, s.peer, s.tables[NEAR]),
        "the peer attachment {peer} does not propagate to the route table {near_table}",
    ),
    "far propagation of the peer": (
        lambda s: s.link(_DISABLE, s.peer, s.tables[FAR]),
        "the peer attachment {peer} does not propagate to the route table {far_table}",
    ),
    "near publishing": (lambda s: _stop_publishing(s, NEAR), "its attachment {near} does not publ"),
    "far publishing": (lambda s: _stop_publishing(s, FAR), "its attachment {far} does not publish"),
    "advertising between the routers": (
        _stop_advertising,
        "the peer attachment {peer} does not publish routes",
    ),
}


def test_two_vpcs_without_a_connection_have_no_route(scene):
    assert scene.vpcs[FAR] in str(scene.fault())


def test_cen_connects_two_regions(cen):
    assert cen.fault() is None


@pytest.mark.parametrize(("remove", "cause"), _PIECES.values(), ids=list(_PIECES))
def test_a_missing_piece_of_cen_is_named(cen, remove, cause):
    remove(cen)
    assert cause.format(**cen.ids()) in str(cen.fault())


def test_a_static_route_replaces_a_propagation(cen):
    cen.link(_DISABLE, cen.attachments[NEAR], cen.tables[NEAR])
    entry = {
        "TransitRouterRouteTableId": cen.tables[NEAR],
        "TransitRouterRouteEntryDestinationCidrBlock": "10.20.0.0/16",
        "TransitRouterRouteEntryNextHopType": "Attachment",
        "TransitRouterRouteEntryNextHopId": cen.attachments[NEAR],
    }
    cen.cbn("CreateTransitRouterRouteEntry", **entry)
    assert cen.fault() is None


def test_a_black_hole_drops_packets(cen):
    entry = {
        "TransitRouterRouteTableId": cen.tables[FAR],
        "TransitRouterRouteEntryDestinationCidrBlock": "10.20.1.10/32",
        "TransitRouterRouteEntryNextHopType": "BlackHole",
    }
    cen.cbn("CreateTransitRouterRouteEntry", FAR, **entry)
    assert cen.tables[FAR] in str(cen.fault())


def test_a_table_that_receives_no_routes_gets_none_published(cen):
    params = {"RouteTableId": cen.main_table(FAR), "RoutePropagationEnable": "false"}
    cen.bench("Vpc", "ModifyRouteTableAttributes", RegionId=FAR, **params)
    assert cen.vpcs[FAR] in str(cen.fault())


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("DeleteCen", {"CenId": "cen"}, "InvalidOperation.CenInstanceStatus"),
        (
            "DeleteTransitRouter",
            {"TransitRouterId": "router"},
            "InvalidOperation.AttachedChildInstanceExist",
        ),
        (
            "DeleteTransitRouterPeerAttachment",
            {"TransitRouterAttachmentId": "peer"},
            "IncorrectStatus.Attachment",
        ),
        ("CreateTransitRouter", {"CenId": "cen"}, "OperationInvalid.TransitRouterExist"),
        ("DeleteCen", {"CenId": "another"}, "ParameterCenInstanceId"),
        (
            "DeleteTransitRouterRouteTable",
            {"TransitRouterRouteTableId": "table"},
            "IncorrectStatus.TransitRouterRouteTable",
        ),
    ],
    ids=["CEN in use", "router in use", "peer in use", "second router", "no CEN", "System table"],
)
def test_cen_refuses(cen, action, params, code):
    ids = {
        "cen": cen.cen,
        "router": cen.routers[NEAR],
        "peer": cen.peer,
        "table": cen.tables[NEAR],
        "another": "cen-another",
    }
    sent = {name: ids[value] for name, value in params.items()}
    assert cen.bench.refused("Cbn", action, **sent) == code


@pytest.fixture
def peering(scene) -> Scene:
    """The scene connected by a peering, with a route on each side."""
    account = scene.bench.cloud.catalog.accounts[0].id
    params = {"AcceptingAliUid": account, "AcceptingRegionId": FAR, "Bandwidth": "100"}
    created = scene.bench(
        "VpcPeer",
        "CreateVpcPeerConnection",
        VpcId=scene.vpcs[NEAR],
        AcceptingVpcId=scene.vpcs[FAR],
        **params,
    )
    scene.peer = created["InstanceId"]
    scene.bench.later()
    for region, other in ((NEAR, FAR), (FAR, NEAR)):
        _route(scene, region, f"{_BLOCKS[other]}.0.0/16")
    return scene


def _route(scene: Scene, region: str, cidr: str) -> None:
    scene.bench(
        "Vpc",
        "CreateRouteEntry",
        RegionId=region,
        RouteTableId=scene.main_table(region),
        DestinationCidrBlock=cidr,
        NextHopType="VpcPeer",
        NextHopId=scene.peer,
    )


def test_peering_connects_two_regions(peering):
    assert peering.fault() is None


@pytest.mark.parametrize("region", [NEAR, FAR], ids=["near", "far"])
def test_peering_needs_the_route_of_each_side(peering, region):
    other = {NEAR: FAR, FAR: NEAR}[region]
    params = {
        "RouteTableId": peering.main_table(region),
        "DestinationCidrBlock": f"{_BLOCKS[other]}.0.0/16",
    }
    peering.bench("Vpc", "DeleteRouteEntry", RegionId=region, **params)
    assert peering.vpcs[region] in str(peering.fault())


def test_peering_with_routes_is_deleted_by_force_alone(peering):
    refusal = peering.bench.refused("VpcPeer", "DeleteVpcPeerConnection", InstanceId=peering.peer)
    assert refusal == "OperationDenied.RouteEntryExist"
    peering.bench("VpcPeer", "DeleteVpcPeerConnection", InstanceId=peering.peer, Force="true")
    assert peering.fault() is not None


def test_another_account_has_to_accept_a_peering(scene):
    bench = scene.bench
    other = bench.other_account()
    vpc_id = other("Vpc", "CreateVpc", RegionId=FAR, CidrBlock="10.40.0.0/16")["VpcId"]
    bench.later()
    params = {
        "VpcId": scene.vpcs[NEAR],
        "AcceptingAliUid": bench.cloud.catalog.accounts[_ACCOUNT_2].id,
        "AcceptingRegionId": FAR,
        "AcceptingVpcId": vpc_id,
    }
    scene.peer = bench("VpcPeer", "CreateVpcPeerConnection", **params)["InstanceId"]
    bench.later()
    ids = {"InstanceId": scene.peer}
    assert bench("VpcPeer", "GetVpcPeerConnectionAttribute", **ids)["Status"] == "Accepting"
    with pytest.raises(Exception, match=r"IncorrectStatus\.VpcPeer"):
        _route(scene, NEAR, "10.40.0.0/16")
    assert bench.refused("VpcPeer", "AcceptVpcPeerConnection", **ids) == "IncorrectStatus.VpcPeer"
    other("VpcPeer", "AcceptVpcPeerConnection", **ids)
    bench.later()
    assert bench("VpcPeer", "GetVpcPeerConnectionAttribute", **ids)["Status"] == "Activated"
