"""Clients in Beijing and Shanghai reach models by name, over CEN and over a peering.

The scene over CEN is that of Alibaba Cloud's own Terraform module
private-network-access-for-bailian (v2.0.0), from the file stacks/Pulumi.far.yaml with a gateway
added: the endpoint in Beijing, a VPC in Shanghai. Each piece is taken away by the API in turn.
"""

from __future__ import annotations

import json

import pytest
import yaml
from support.checks import Checked
from support.cli import DASHLINK
from support.clouds import REGION, ZONES
from support.inside import ask, vpc_environment
from support.processes import run, run_ok
from support.rpc import Rpc
from support.stack_files import ROOT, read_stack_file
from support.waiting import wait_for

from dashlink_sandbox.router_transitions import is_settled_between_vpcs
from engine.process import clean_environment

pytestmark = pytest.mark.engine

FAR = "cn-shanghai"
NEAR_CIDR, FAR_CIDR, PARTNER_CIDR = "10.20.0.0/16", "10.30.0.0/16", "10.40.0.0/16"
STACK_FILE = read_stack_file(ROOT / "stacks" / "Pulumi.far.yaml")["config"]
MESSAGE = "hello there"
DOMAIN = "models.example.internal"
_VPC, _CBN, _ECS, _PVTZ, _LINK, _PEER = (
    "2016-04-28",
    "2017-09-12",
    "2014-05-26",
    "2018-01-01",
    "2020-04-15",
    "2022-01-01",
)


class Places:
    """Machines in the near and the far VPC with the rendered files, and the cloud's API."""

    def __init__(self, stack, cloud, folder):
        self.outputs = stack.outputs()
        self.cloud = cloud
        self.check = Checked(stack.settings_file, self.outputs, cloud)
        self.folder = folder
        run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=json.dumps(self.outputs))
        self.rpc = Rpc.from_env(cloud.url, cloud.env)

    @property
    def state(self):
        return self.cloud.state

    def vpc_id(self, place):
        if place == "near":
            return self.outputs["vpc_id"]
        key = {"far": "shanghai"}.get(place, place)
        return self.outputs["connected_vpcs"][key]["vpc_id"]

    def run(self, place, command, **options):
        """Run a command on a machine in a VPC."""
        proxy = self.cloud.proxy.replace("http://", f"http://{self.vpc_id(place)}:inside@")
        environment = {
            **clean_environment(),
            **vpc_environment(proxy, self.cloud.ca_file),
            "DASHSCOPE_API_KEY": self.cloud.api_key,
            "CURL_HOME": str(self.folder),  # curl prints headers, and so the cause of a refusal
        }
        return run(command, environment=environment, seconds=60, **options)

    def chat(self, place):
        """Run the rendered curl client in a VPC."""
        (self.folder / ".curlrc").write_text("include\n")
        return self.run(place, ["sh", "chat.sh", MESSAGE], folder=self.folder / "dashscope")

    def ask_model_api(self, place):
        """Call the Model API by its name in a VPC."""
        base_url = self.outputs["model_apis"]["chat"]["base_urls"]["openai"]
        return ask(self.cloud, self.vpc_id(place), base_url, MESSAGE)

    def ids(self):
        """The ids of all pieces, for the causes of refusals."""
        ids = {"far_vpc": self.vpc_id("far"), "near_vpc": self.vpc_id("near")}
        ids["group"] = self.outputs["security_group_id"]
        ids["endpoint"] = self.outputs["endpoints"]["dashscope"]["endpoint_id"]
        (ids["zone"],) = [one.zone_id for one in self.zones()]
        for place, region in (("near", REGION), ("far", FAR)):
            ids[place] = self.attachment(place)
            ids[f"{place}_table"] = self.table(region).table_id
            ids[f"{place}_router"] = self.table(region).router_id
        ids["peer"] = self.attachment("peer")
        return ids

    def zones(self):
        """The stack's private zones of Model Studio's name."""
        zones = self.state.private_zones.values()
        return [one for one in zones if one.tags and one.name.endswith("dashscope.aliyuncs.com")]

    def table(self, region):
        """The System table of a region's transit router."""
        (table,) = [one for one in self.state.router_tables.values() if one.region == region]
        return table

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
        ids = {
            "TransitRouterAttachmentId": self.attachment(place),
            "TransitRouterRouteTableId": self.table(region).table_id,
        }
        self.rpc(_CBN, action, **ids)

    def change(self, action, place, **params):
        self.rpc(_CBN, action, TransitRouterAttachmentId=self.attachment(place), **params)
        wait_for(lambda: is_settled_between_vpcs(self.state), "the attachment is settled")


def _bind_names(places, place):
    """Attach the private zone to the VPC of `place` alone."""
    (zone,) = places.zones()
    region = {"near": REGION, "far": FAR}[place]
    vpcs = {"Vpcs.1.VpcId": places.vpc_id(place), "Vpcs.1.RegionId": region}
    places.rpc(_PVTZ, "BindZoneVpc", ZoneId=zone.zone_id, **vpcs)


def _delete_record(places):
    (zone,) = places.zones()
    (record_id,) = zone.records
    places.rpc(_PVTZ, "DeleteZoneRecord", RecordId=record_id)


def _delete_zone(places):
    (zone,) = places.zones()
    places.rpc(_PVTZ, "BindZoneVpc", ZoneId=zone.zone_id)
    places.rpc(_PVTZ, "DeleteZone", ZoneId=zone.zone_id)


def _close(places, place):
    """Revoke the rule of port 443 for the clients of a VPC."""
    rule = {
        "IpProtocol": "tcp",
        "PortRange": "443/443",
        "SourceCidrIp": places.state.vpcs[places.vpc_id(place)].cidr,
        "Policy": "accept",
        "Priority": "1",
        "NicType": "intranet",
    }
    group_id = places.outputs["security_group_id"]
    places.rpc(_ECS, "RevokeSecurityGroup", RegionId=REGION, SecurityGroupId=group_id, **rule)


def _remove_zones(places):
    """Remove the endpoint from every zone."""
    endpoint_id = places.outputs["endpoints"]["dashscope"]["endpoint_id"]
    ids = {"RegionId": REGION, "EndpointId": endpoint_id}
    for zone in places.state.endpoints[endpoint_id].zones.values():
        places.rpc(_LINK, "RemoveZoneFromVpcEndpoint", ZoneId=zone.zone_id, **ids)
    wait_for(lambda: not places.state.endpoints[endpoint_id].zones, "the endpoint has no zone")
    return ids


def _delete_endpoint(places):
    ids = _remove_zones(places)
    places.rpc(_LINK, "DeleteVpcEndpoint", **ids)
    wait_for(lambda: not places.state.endpoints, "the endpoint is gone")


def _detach(places, *sides):
    for side in sides:
        action = _DELETE_PEER if side == "peer" else _DELETE
        places.change(action, side, Force="true")


def _delete_cen(places):
    """Delete the CEN instance, which the cloud allows when its routers are gone."""
    _detach(places, "near", "far", "peer")
    routers = list(places.state.transit_routers.values())
    for router in routers:
        ids = {"RegionId": router.region, "TransitRouterId": router.router_id}
        places.rpc(_CBN, "DeleteTransitRouter", **ids)
    wait_for(lambda: not places.state.transit_routers, "the routers are gone")
    (cen_id,) = places.state.cens
    places.rpc(_CBN, "DeleteCen", CenId=cen_id)
    wait_for(lambda: not places.state.cens, "the CEN instance is gone")


_DISSOCIATE = "DissociateTransitRouterAttachmentFromRouteTable"
_DISABLE = "DisableTransitRouterRouteTablePropagation"
_DELETE = "DeleteTransitRouterVpcAttachment"
_DELETE_PEER = "DeleteTransitRouterPeerAttachment"
_UPDATE = "UpdateTransitRouterVpcAttachmentAttribute"
_UPDATE_PEER = "UpdateTransitRouterPeerAttachmentAttribute"
_SILENT = {"AutoPublishRouteEnabled": "false"}
LINKS = {
    "near association": (
        lambda p: p.link(_DISSOCIATE, "near", REGION),
        "attachment {near} is associated with no route table of {near_router}",
    ),
    "far association": (
        lambda p: p.link(_DISSOCIATE, "far", FAR),
        "attachment {far} is associated with no route table of {far_router}",
    ),
    "peer association near": (
        lambda p: p.link(_DISSOCIATE, "peer", REGION),
        "the peer attachment {peer} is associated with no route table of {near_router}",
    ),
    "peer association far": (
        lambda p: p.link(_DISSOCIATE, "peer", FAR),
        "the peer attachment {peer} is associated with no route table of {far_router}",
    ),
    "near propagation": (
        lambda p: p.link(_DISABLE, "near", REGION),
        "attachment {near} of {near_vpc} does not propagate to the route table {near_table}",
    ),
    "far propagation": (
        lambda p: p.link(_DISABLE, "far", FAR),
        "attachment {far} of {far_vpc} does not propagate to the route table {far_table}",
    ),
    "peer propagation near": (
        lambda p: p.link(_DISABLE, "peer", REGION),
        "the peer attachment {peer} does not propagate to the route table {near_table}",
    ),
    "peer propagation far": (
        lambda p: p.link(_DISABLE, "peer", FAR),
        "the peer attachment {peer} does not propagate to the route table {far_table}",
    ),
}
PUBLISHING = {
    "near publishing": (
        lambda p: p.change(_UPDATE, "near", **_SILENT),
        "attachment {near} does not publish routes",
    ),
    "far publishing": (
        lambda p: p.change(_UPDATE, "far", **_SILENT),
        "attachment {far} does not publish routes",
    ),
    "peer publishing": (
        lambda p: p.change(_UPDATE_PEER, "peer", **_SILENT),
        "the peer attachment {peer} does not publish routes",
    ),
}
FAR_PIECES = {
    "CEN instance": (_delete_cen, "{far_vpc} has no route"),
    "near attachment": (
        lambda p: _detach(p, "near"),
        "{near_vpc} is attached to no transit router",
    ),
    "far attachment": (
        lambda p: _detach(p, "far"),
        "to which {far_vpc} has no route: it is attached to no transit router",
    ),
    "peer attachment": (
        lambda p: _detach(p, "peer"),
        "no peer attachment connects {far_router} and {near_router}",
    ),
    **LINKS,
    **PUBLISHING,
    "zone attachment": (
        lambda p: _bind_names(p, "near"),
        "no such name in {far_vpc}: vpc-cn-beijing.dashscope.aliyuncs.com is in the private zone",
    ),
    "rule for the far VPC": (
        lambda p: _close(p, "far"),
        "the security group {group} of {endpoint} lets no tcp 443 in",
    ),
}
NEAR_PIECES = {
    "zone attachment": (
        lambda p: _bind_names(p, "far"),
        "no such name in {near_vpc}: vpc-cn-beijing.dashscope.aliyuncs.com is in the private zone",
    ),
    "rule for the near VPC": (
        lambda p: _close(p, "near"),
        "the security group {group} of {endpoint} lets no tcp 443 in",
    ),
}
SHARED_PIECES = {
    "record": (_delete_record, "({zone}) is in force for vpc-cn-beijing"),
    "private zone": (_delete_zone, "vpc-cn-beijing.dashscope.aliyuncs.com has no private zone"),
    "zones of the endpoint": (_remove_zones, "the endpoint {endpoint} has no zone"),
    "endpoint": (_delete_endpoint, "no endpoint has the domain {endpoint}"),
}

# The checks of `dashlink check` that fail without a piece, by its name above.
_CONNECTED, _ENDPOINT = "network.connected_vpcs.shanghai", "endpoints.dashscope"
NAMED = {
    "CEN instance": {(_CONNECTED, "CEN")},
    "near attachment": {(_CONNECTED, "near attachment")},
    "far attachment": {(_CONNECTED, "far attachment")},
    "peer attachment": {(_CONNECTED, "peer attachment")},
    "near association": {(_CONNECTED, "near association")},
    "far association": {(_CONNECTED, "far association")},
    "peer association near": {(_CONNECTED, f"peer association in {REGION}")},
    "peer association far": {(_CONNECTED, f"peer association in {FAR}")},
    "near propagation": {(_CONNECTED, "near propagation")},
    "far propagation": {(_CONNECTED, "far propagation")},
    "peer propagation near": {(_CONNECTED, f"peer propagation in {REGION}")},
    "peer propagation far": {(_CONNECTED, f"peer propagation in {FAR}")},
    "near publishing": {(_CONNECTED, "near route")},
    "far publishing": {(_CONNECTED, "far route")},
    "peer publishing": {(_CONNECTED, "peer publishing")},
    "zone attachment": {(_ENDPOINT, "zone in {far}")},
    "rule for the far VPC": {(_ENDPOINT, "port 443 from the connected VPC shanghai")},
    "rule for the near VPC": {(_ENDPOINT, "port 443 from the VPC")},
    "record": {(_ENDPOINT, "record")},
    "private zone": {(_ENDPOINT, "private zone")},
    "zones of the endpoint": {(_ENDPOINT, "connection"), (_ENDPOINT, "zones")},
    "endpoint": {(_ENDPOINT, "connection")},
}


def _create_far_vpc(cloud, cidr=FAR_CIDR, rpc=None):
    rpc = rpc or Rpc.from_env(cloud.url, cloud.env)
    vpc_id = rpc(_VPC, "CreateVpc", RegionId=FAR, CidrBlock=cidr)["VpcId"]
    wait_for(lambda: cloud.state.vpcs[vpc_id].status == "Available", "the far VPC is available")
    zone = {"ZoneId": "cn-shanghai-m", "CidrBlock": cidr.replace("/16", "/24")}
    rpc(_VPC, "CreateVSwitch", RegionId=FAR, VpcId=vpc_id, **zone)
    return vpc_id


def _partner(cloud):
    """The cloud's API for another account than the stack's."""
    account = cloud.cloud.catalog.accounts[1]
    return account.id, Rpc(cloud.url, account.access_key_id, account.access_key_secret)


def _with_gateway(config, bandwidth=10):
    """The stack file with a Model API by http, and another bandwidth."""
    network = json.loads(json.dumps(config["dashlink:network"]))
    network["connected_vpcs"]["shanghai"]["bandwidth_mbps"] = bandwidth
    api = {"scene": "text", "domains": DOMAIN, "base_path": "/chat", "service": "studio"}
    return {
        **config,
        "dashlink:network": network,
        "dashlink:gateway": {},
        "dashlink:domains": {DOMAIN: {"scheme": "http"}},
        "dashlink:ai_services": {
            "studio": {"endpoint": "dashscope", "api_keys": [{"config": "studioKey"}]}
        },
        "dashlink:model_apis": {"chat": api},
    }


def _over_peering(cloud):
    """A stack with existing far VPCs: one of the stack's account, one of another account."""
    account_id, rpc = _partner(cloud)
    shanghai = {
        "region": FAR,
        "cidr": FAR_CIDR,
        "vpc_id": _create_far_vpc(cloud),
        "over": "peering",
        "account_id": cloud.cloud.catalog.accounts[0].id,
    }
    partner = {
        "region": FAR,
        "cidr": PARTNER_CIDR,
        "vpc_id": _create_far_vpc(cloud, PARTNER_CIDR, rpc),
        "over": "peering",
        "account_id": account_id,
        "acceptance": "pending",
    }
    return {
        "alicloud:region": REGION,
        "dashlink:network": {
            "cidr": NEAR_CIDR,
            "zones": list(ZONES),
            "connected_vpcs": {"shanghai": shanghai, "partner": partner},
        },
        "dashlink:endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
        "dashlink:clients": ["curl"],
    }


@pytest.fixture(scope="class")
def stack(request, create_stack, cloud):
    """The deployed stack, whose far VPC is connected as the test class says."""
    stack = create_stack(request.cls.config(cloud))
    stack.set_secret("dashlink:studioKey", cloud.api_key)
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
    def config(cloud):
        del cloud
        return _with_gateway(STACK_FILE)

    @pytest.fixture
    def intact(self, places):
        """The cloud; what a test takes away is there again after it."""
        before = places.cloud.cloud.draft()
        yield places
        places.cloud.cloud.replace(before)

    @pytest.mark.parametrize("place", ["near", "far"], ids=str)
    def test_a_client_reaches_a_model_api_by_name(self, places, place):
        asked = places.ask_model_api(place)
        assert asked.returncode == 0, asked
        assert f"qwen-plus heard: {MESSAGE}" in asked.output

    @pytest.mark.parametrize(("remove", "cause"), FAR_PIECES.values(), ids=list(FAR_PIECES))
    def test_the_far_client_needs_each_piece(self, intact, remove, cause):
        ids = intact.ids()
        remove(intact)
        refused = intact.chat("far")
        assert refused.returncode != 0
        assert cause.format(**ids) in refused.output
        assert intact.chat("near").returncode == 0

    @pytest.mark.parametrize(("remove", "cause"), NEAR_PIECES.values(), ids=list(NEAR_PIECES))
    def test_the_near_client_needs_each_piece(self, intact, remove, cause):
        ids = intact.ids()
        remove(intact)
        refused = intact.chat("near")
        assert refused.returncode != 0
        assert cause.format(**ids) in refused.output
        assert intact.chat("far").returncode == 0

    @pytest.mark.parametrize("place", ["near", "far"], ids=str)
    @pytest.mark.parametrize(("remove", "cause"), SHARED_PIECES.values(), ids=list(SHARED_PIECES))
    def test_both_clients_need_each_piece(self, intact, remove, cause, place):
        ids = intact.ids()
        remove(intact)
        refused = intact.chat(place)
        assert refused.returncode != 0
        assert cause.format(**ids) in refused.output

    def test_check_finds_nothing_wrong_with_all_pieces(self, places):
        assert places.check.named() == set()

    @pytest.mark.parametrize("piece", NAMED, ids=list(NAMED))
    def test_check_names_the_piece_that_is_missing(self, intact, piece):
        remove, _ = {**NEAR_PIECES, **SHARED_PIECES, **FAR_PIECES}[piece]
        far = intact.vpc_id("far")
        remove(intact)
        expected = {(subject, check.format(far=far)) for subject, check in NAMED[piece]}
        assert intact.check.named() == expected

    def test_up_restores_links_rules_and_names(self, stack, places):
        pieces = [*LINKS.values(), *PUBLISHING.values()]
        for remove, _ in pieces:
            remove(places)
        for place in ("near", "far"):
            _close(places, place)
        _delete_record(places)
        _bind_names(places, "near")
        stack.configure(_with_gateway(STACK_FILE, bandwidth=20))
        self._assert_restored(stack, places)
        (peer,) = [one for one in places.state.router_attachments.values() if not one.vpc_id]
        assert peer.bandwidth == 20

    def test_up_restores_endpoint_cen_and_zone(self, stack, places):
        _delete_zone(places)
        _delete_endpoint(places)
        _delete_cen(places)
        self._assert_restored(stack, places)

    @staticmethod
    def _assert_restored(stack, places):
        """Both clients fail; after a refresh and an update, both get answers."""
        assert [places.chat(place).returncode == 0 for place in ("near", "far")] == [False, False]
        refreshed = stack.run("refresh", "--yes", "--skip-preview")
        assert refreshed.returncode == 0, refreshed
        stack.deploy()
        places.outputs = stack.outputs()
        for place in ("near", "far"):
            chat = places.chat(place)
            assert chat.returncode == 0, chat
        assert stack.preview() == {}

    def test_destroy_leaves_nothing(self, stack, places):
        stack.destroy()
        state = places.state
        left = [state.cens, state.router_attachments, state.private_zones, state.vpcs]
        assert left == [{}, {}, {}, {}]


class TestOverPeering(Reaching):
    over = "peering"

    @staticmethod
    def config(cloud):
        return _over_peering(cloud)

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
        refused = places.chat("far")
        assert refused.returncode != 0
        assert f"{places.vpc_id(place)} has no route" in refused.output
        places.cloud.cloud.replace(before)
        assert places.chat("far").returncode == 0

    def test_check_finds_nothing_wrong_while_an_owner_is_awaited(self, places):
        assert places.check.named() == set()

    def test_a_pending_peering_waits_for_its_owner(self, places):
        connection_id = places.outputs["connected_vpcs"]["partner"]["connection_id"]
        assert places.state.peer_connections[connection_id].status == "Accepting"
        (zone,) = places.zones()
        assert places.vpc_id("partner") not in [vpc.vpc_id for vpc in zone.vpcs]

    def test_a_client_of_another_account_works_once_accepted(self, stack, places):
        connection_id = self._accept(places)
        config = yaml.safe_load(stack.settings_file.read_text())["config"]
        config["dashlink:network"]["connected_vpcs"]["partner"]["acceptance"] = "accepted"
        stack.configure(config)
        assert stack.deploy() == {"create": ["access-connections-partner-there"]}
        chat = places.chat("partner")
        assert chat.returncode == 0, chat
        self._leave(places, connection_id)

    @staticmethod
    def _accept(places):
        """Do what the note of the stack says, with the other account."""
        _, rpc = _partner(places.cloud)
        connection_id = places.outputs["connected_vpcs"]["partner"]["connection_id"]
        rpc(_PEER, "AcceptVpcPeerConnection", InstanceId=connection_id)
        wait_for(
            lambda: places.state.peer_connections[connection_id].status == "Activated",
            "the peering is accepted",
        )
        vpc_id = places.vpc_id("partner")
        route = {
            "RouteTableId": places.state.vpcs[vpc_id].route_table_id,
            "DestinationCidrBlock": NEAR_CIDR,
            "NextHopType": "VpcPeer",
            "NextHopId": connection_id,
        }
        rpc(_VPC, "CreateRouteEntry", RegionId=FAR, **route)
        endpoint = places.outputs["endpoints"]["dashscope"]
        zone_id = rpc(_PVTZ, "AddZone", ZoneName=endpoint["private_domain"])["ZoneId"]
        record = {"Rr": "@", "Type": "CNAME", "Value": endpoint["endpoint_domain"]}
        rpc(_PVTZ, "AddZoneRecord", ZoneId=zone_id, **record)
        vpcs = {"Vpcs.1.VpcId": vpc_id, "Vpcs.1.RegionId": FAR}
        rpc(_PVTZ, "BindZoneVpc", ZoneId=zone_id, **vpcs)
        return connection_id

    @staticmethod
    def _leave(places, connection_id):
        """Remove the other account's route, which keeps the peering from being deleted."""
        _, rpc = _partner(places.cloud)
        params = {
            "RouteTableId": places.state.vpcs[places.vpc_id("partner")].route_table_id,
            "DestinationCidrBlock": NEAR_CIDR,
            "NextHopId": connection_id,
        }
        rpc(_VPC, "DeleteRouteEntry", RegionId=FAR, **params)

    def test_destroy_leaves_the_far_vpcs_alone(self, stack, places):
        stack.destroy()
        assert not places.state.peer_connections
        assert set(places.state.vpcs) == {places.vpc_id("far"), places.vpc_id("partner")}
