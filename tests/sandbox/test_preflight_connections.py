"""The preflight's lookups of CEN and peerings, in a running sandbox."""

from __future__ import annotations

import pytest
from support.clouds import REGION, create_network
from support.waiting import wait_for

from dashlink.cloud.credentials import resolve_account
from dashlink.preflight.cloud import CloudLookups
from dashlink_sandbox.router_transitions import is_settled_between_vpcs

FAR = "cn-shanghai"
_CBN, _PEER = "2017-09-12", "2022-01-01"


@pytest.fixture
def lookups(sandbox, monkeypatch):
    """Lookups with the account and the API hosts of the sandbox's environment."""
    for name, value in sandbox.env.items():
        monkeypatch.setenv(name, value)
    return CloudLookups(resolve_account({"region": REGION}))


def create_router(sandbox, rpc, cen_id, region=REGION):
    wait_until_settled(sandbox)
    created = rpc(_CBN, "CreateTransitRouter", RegionId=region, CenId=cen_id)
    wait_until_settled(sandbox)
    return created["TransitRouterId"]


def wait_until_settled(sandbox):
    wait_for(lambda: is_settled_between_vpcs(sandbox.state), "CEN is settled")


def test_an_existing_cen_is_read_with_its_attachments(sandbox, rpc, lookups):
    network = create_network(sandbox)
    cen_id = rpc(_CBN, "CreateCen", Name="models")["CenId"]
    routers = {region: create_router(sandbox, rpc, cen_id, region) for region in (REGION, FAR)}
    attached = rpc(
        _CBN,
        "CreateTransitRouterVpcAttachment",
        **{
            "RegionId": REGION,
            "CenId": cen_id,
            "TransitRouterId": routers[REGION],
            "VpcId": network.vpc_id,
            "ZoneMappings.1.ZoneId": "cn-beijing-h",
            "ZoneMappings.1.VSwitchId": network.vswitch_ids[0],
            "AutoPublishRouteEnabled": "true",
        },
    )
    wait_until_settled(sandbox)
    peer = rpc(
        _CBN,
        "CreateTransitRouterPeerAttachment",
        RegionId=REGION,
        CenId=cen_id,
        TransitRouterId=routers[REGION],
        PeerTransitRouterId=routers[FAR],
        PeerTransitRouterRegionId=FAR,
        BandwidthType="DataTransfer",
        Bandwidth="10",
    )
    assert lookups.cen.cen(cen_id)["CenId"] == cen_id
    assert lookups.cen.cen("cen-none") is None
    found = {region: row["TransitRouterId"] for region, row in lookups.cen.routers(cen_id).items()}
    assert found == routers
    (row,) = lookups.cen.vpc_attachments(cen_id, REGION)
    assert row["TransitRouterAttachmentId"] == attached["TransitRouterAttachmentId"]
    assert (row["VpcId"], row["AutoPublishRouteEnabled"]) == (network.vpc_id, True)
    assert lookups.cen.vpc_attachments(cen_id, FAR) == []
    (row,) = lookups.cen.peer_attachments(cen_id, REGION)
    assert row["TransitRouterAttachmentId"] == peer["TransitRouterAttachmentId"]
    assert (row["PeerTransitRouterRegionId"], row["AutoPublishRouteEnabled"]) == (FAR, False)


def test_the_peerings_of_a_vpc_are_found_from_either_side(sandbox, rpc, lookups):
    near, far = create_network(sandbox), create_network(sandbox, "10.30")
    created = rpc(
        _PEER,
        "CreateVpcPeerConnection",
        RegionId=REGION,
        VpcId=near.vpc_id,
        AcceptingAliUid=sandbox.cloud.catalog.accounts[0].id,
        AcceptingRegionId=REGION,
        AcceptingVpcId=far.vpc_id,
    )
    for network in (near, far):
        (row,) = lookups.peerings(network.vpc_id)
        assert row["InstanceId"] == created["InstanceId"]
        assert (row["Vpc"]["VpcId"], row["AcceptingVpc"]["VpcId"]) == (near.vpc_id, far.vpc_id)
    assert lookups.peerings("vpc-none") == []
