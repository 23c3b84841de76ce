"""Clients in Beijing and Shanghai reach a model by its private name, from one stack file.

The scene is that of Alibaba Cloud's own Terraform module private-network-access-for-bailian: the
endpoint in Beijing, a VPC in Shanghai over CEN. Each piece is taken away by the API in turn.
"""

from __future__ import annotations

import json

import pytest
from support.cli import DASHLINK
from support.clouds import REGION, ZONES
from support.inside import vpc_environment
from support.processes import run, run_ok
from support.rpc import Rpc
from support.sandbox_admin import set_zone_status
from support.waiting import wait_for

from dashlink_sandbox.router_transitions import is_settled_between_vpcs
from engine.process import clean_environment

pytestmark = pytest.mark.engine

FAR = "cn-shanghai"
FAR_ZONES = {"cn-shanghai-m": "10.30.1.0/24", "cn-shanghai-n": "10.30.2.0/24"}
NEAR_CIDR, FAR_CIDR = "10.20.0.0/16", "10.30.0.0/16"
MESSAGE = "hello there"
_VPC, _CBN, _ECS, _PVTZ, _PEER = (
    "2016-04-28",
    "2017-09-12",
    "2014-05-26",
    "2018-01-01",
    "2022-01-01",
)


class Places:
    """Machines in the near and the far VPC with the rendered files, and the cloud's API."""

    def __init__(self, stack, cloud, folder):
        self.outputs = stack.outputs()
        self.cloud = cloud
        self.folder = folder
        run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=json.dumps(self.outputs))
        self.rpc = Rpc.from_env(cloud.url, cloud.env)

    @property
    def state(self):
        return self.cloud.state

    def vpc_id(self, place):
        if place == "near":
            return self.outputs["vpc_id"]
        return self.outputs["connected_vpcs"]["shanghai"]["vpc_id"]

    def chat(self, place):
        """Run the rendered curl client in a VPC."""
        proxy = self.cloud.proxy.replace("http://", f"http://{self.vpc_id(place)}:inside@")
        environment = {
            **clean_environment(),
            **vpc_environment(proxy, self.cloud.ca_file),
            "DASHSCOPE_API_KEY": self.cloud.api_key,
        }
        folder = self.folder / "dashscope"
        return run(["sh", "chat.sh", MESSAGE], environment=environment, folder=folder, seconds=60)

    def attachment(self, place):
        """The attachment of a VPC, or `peer` for that of the two routers."""
        vpc_id = "" if place == "peer" else self.vpc_id(place)
        (found,) = [
            one.attachment_id
            for one in self.state.router_attachments.values()
            if one.vpc_id == vpc_id
        ]
        return found

    def link(self, action, place, region):
        (table,) = [one for one in self.state.router_tables.values() if one.region == region]
        ids = {
            "TransitRouterAttachmentId": self.attachment(place),
            "TransitRouterRouteTableId": table.table_id,
        }
        self.rpc(_CBN, action, **ids)

    def change(self, action, place, **params):
        self.rpc(_CBN, action, TransitRouterAttachmentId=self.attachment(place), **params)
        wait_for(lambda: is_settled_between_vpcs(self.state), "the attachment is settled")


def _bind_names(places, place):
    """Attach the private zone to the VPC of `place` alone."""
    (zone,) = places.state.private_zones.values()
    region = {"near": REGION, "far": FAR}[place]
    vpcs = {"Vpcs.1.VpcId": places.vpc_id(place), "Vpcs.1.RegionId": region}
    places.rpc(_PVTZ, "BindZoneVpc", ZoneId=zone.zone_id, **vpcs)


def _delete_record(places):
    (zone,) = places.state.private_zones.values()
    (record_id,) = zone.records
    places.rpc(_PVTZ, "DeleteZoneRecord", RecordId=record_id)


def _close(places, cidr):
    rule = {
        "IpProtocol": "tcp",
        "PortRange": "443/443",
        "SourceCidrIp": cidr,
        "Policy": "accept",
        "Priority": "1",
        "NicType": "intranet",
    }
    group_id = places.outputs["security_group_id"]
    places.rpc(_ECS, "RevokeSecurityGroup", RegionId=REGION, SecurityGroupId=group_id, **rule)


def _disconnect_zones(places):
    for zone in ZONES:
        endpoint_id = places.outputs["endpoints"]["dashscope"]["endpoint_id"]
        set_zone_status(places.cloud, endpoint_id, zone, "Disconnected")


_DISSOCIATE = "DissociateTransitRouterAttachmentFromRouteTable"
_DISABLE = "DisableTransitRouterRouteTablePropagation"
_DELETE = "DeleteTransitRouterVpcAttachment"
_UPDATE = "UpdateTransitRouterVpcAttachmentAttribute"
_UPDATE_PEER = "UpdateTransitRouterPeerAttachmentAttribute"
_SILENT = {"AutoPublishRouteEnabled": "false"}
FAR_PIECES = {
    "near attachment": lambda p: p.change(_DELETE, "near", Force="true"),
    "far attachment": lambda p: p.change(_DELETE, "far", Force="true"),
    "peer attachment": lambda p: p.change(
        "DeleteTransitRouterPeerAttachment", "peer", Force="true"
    ),
    "near association": lambda p: p.link(_DISSOCIATE, "near", REGION),
    "far association": lambda p: p.link(_DISSOCIATE, "far", FAR),
    "peer association near": lambda p: p.link(_DISSOCIATE, "peer", REGION),
    "peer association far": lambda p: p.link(_DISSOCIATE, "peer", FAR),
    "near propagation": lambda p: p.link(_DISABLE, "near", REGION),
    "far propagation": lambda p: p.link(_DISABLE, "far", FAR),
    "peer propagation near": lambda p: p.link(_DISABLE, "peer", REGION),
    "peer propagation far": lambda p: p.link(_DISABLE, "peer", FAR),
    "near publishing": lambda p: p.change(_UPDATE, "near", **_SILENT),
    "far publishing": lambda p: p.change(_UPDATE, "far", **_SILENT),
    "peer publishing": lambda p: p.change(_UPDATE_PEER, "peer", **_SILENT),
    "zone attachment": lambda p: _bind_names(p, "near"),
    "rule for the far VPC": lambda p: _close(p, FAR_CIDR),
}
NEAR_PIECES = {
    "zone attachment": lambda p: _bind_names(p, "far"),
    "rule for the near VPC": lambda p: _close(p, NEAR_CIDR),
}
SHARED_PIECES = {"record": _delete_record, "connected zones": _disconnect_zones}


def _create_far_vpc(cloud):
    rpc = Rpc.from_env(cloud.url, cloud.env)
    vpc_id = rpc(_VPC, "CreateVpc", RegionId=FAR, CidrBlock=FAR_CIDR)["VpcId"]
    wait_for(lambda: cloud.state.vpcs[vpc_id].status == "Available", "the far VPC is available")
    vswitch_ids = {}
    for zone, block in FAR_ZONES.items():
        params = {"RegionId": FAR, "VpcId": vpc_id, "ZoneId": zone, "CidrBlock": block}
        vswitch_ids[zone] = rpc(_VPC, "CreateVSwitch", **params)["VSwitchId"]
    return vpc_id, vswitch_ids


def _config(connected):
    return {
        "alicloud:region": REGION,
        "dashlink:network": {
            "cidr": NEAR_CIDR,
            "zones": list(ZONES),
            "connected_vpcs": {"shanghai": {"region": FAR, "cidr": FAR_CIDR, **connected}},
        },
        "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
        "dashlink:clients": ["curl"],
    }


@pytest.fixture(scope="class")
def stack(request, create_stack, cloud):
    """The deployed stack, whose far VPC is connected as the test class says."""
    vpc_id, vswitch_ids = _create_far_vpc(cloud)
    stack = create_stack(_config(request.cls.connected(vpc_id, vswitch_ids, cloud)))
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def places(stack, cloud, folder):
    return Places(stack, cloud, folder / "clients")


class Reaching:
    """What is asserted of each way to connect the far VPC."""

    @pytest.mark.parametrize("place", ["near", "far"], ids=str)
    def test_a_client_reaches_the_model_by_name(self, places, place):
        chat = places.chat(place)
        assert chat.returncode == 0, chat
        assert f"qwen-plus heard: {MESSAGE}" in chat.output

    def test_the_outputs_name_the_connected_vpc(self, places):
        connected = places.outputs["connected_vpcs"]["shanghai"]
        assert connected["region"] == FAR
        assert connected["over"] == self.over

    def test_a_preview_after_the_deployment_is_empty(self, stack):
        assert stack.preview() == {}
        stack.refresh()


class TestOverCen(Reaching):
    over = "cen"

    @staticmethod
    def connected(vpc_id, vswitch_ids, cloud):
        return {"vpc_id": vpc_id, "vswitch_ids": vswitch_ids}

    @pytest.fixture
    def intact(self, places):
        """The cloud; what a test takes away is there again after it."""
        before = places.cloud.cloud.draft()
        yield places
        places.cloud.cloud.replace(before)

    @pytest.mark.parametrize("piece", FAR_PIECES, ids=list(FAR_PIECES))
    def test_the_far_client_needs_each_piece(self, intact, piece):
        FAR_PIECES[piece](intact)
        assert intact.chat("far").returncode != 0
        assert intact.chat("near").returncode == 0

    @pytest.mark.parametrize("piece", NEAR_PIECES, ids=list(NEAR_PIECES))
    def test_the_near_client_needs_each_piece(self, intact, piece):
        NEAR_PIECES[piece](intact)
        assert intact.chat("near").returncode != 0
        assert intact.chat("far").returncode == 0

    @pytest.mark.parametrize("piece", SHARED_PIECES, ids=list(SHARED_PIECES))
    def test_both_clients_need_each_piece(self, intact, piece):
        SHARED_PIECES[piece](intact)
        assert intact.chat("near").returncode != 0
        assert intact.chat("far").returncode != 0

    def test_a_client_works_again_with_all_pieces(self, places):
        assert places.chat("far").returncode == 0  # each piece was the only cause

    def test_destroy_leaves_the_far_vpc_alone(self, stack, places):
        stack.destroy()
        assert not places.state.cens
        assert not places.state.router_attachments
        assert list(places.state.vpcs) == [places.vpc_id("far")]


class TestOverPeering(Reaching):
    over = "peering"

    @staticmethod
    def connected(vpc_id, vswitch_ids, cloud):
        account = cloud.cloud.catalog.accounts[0].id
        return {"vpc_id": vpc_id, "over": "peering", "account_id": account}

    @pytest.mark.parametrize("place", ["near", "far"], ids=str)
    def test_the_far_client_needs_the_route_of_each_side(self, places, place):
        before = places.cloud.cloud.draft()
        table_id = places.state.vpcs[places.vpc_id(place)].route_table_id
        params = {
            "RegionId": {"near": REGION, "far": FAR}[place],
            "RouteTableId": table_id,
            "DestinationCidrBlock": {"near": FAR_CIDR, "far": NEAR_CIDR}[place],
        }
        places.rpc(_VPC, "DeleteRouteEntry", **params)
        assert places.chat("far").returncode != 0
        places.cloud.cloud.replace(before)
        assert places.chat("far").returncode == 0

    def test_destroy_leaves_the_far_vpc_alone(self, stack, places):
        stack.destroy()
        assert not places.state.peer_connections
        assert list(places.state.vpcs) == [places.vpc_id("far")]
