"""A stack on a CEN instance that exists with everything: the network and a far VPC are attached.

The model is reached by a connection of a workspace, whose host the stack names in the far VPC.
"""

from __future__ import annotations

import pytest
import yaml
from support.clouds import REGION, ZONES, create_network, open_port
from support.inside import ask
from support.rpc import Rpc
from support.sandbox_admin import console
from support.waiting import wait_for

from dashlink_sandbox.router_transitions import is_settled_between_vpcs

pytestmark = pytest.mark.engine

FAR = "cn-shanghai"
FAR_CIDR = "10.30.0.0/16"
_VPC, _CBN = "2016-04-28", "2017-09-12"
TABLES = (
    "cens",
    "transit_routers",
    "router_tables",
    "router_attachments",
    "router_associations",
    "router_propagations",
)


class ExistingCen:
    """A CEN instance that connects two VPCs of two regions."""

    def __init__(self, cloud, vpcs):
        self.cloud = cloud
        self.rpc = Rpc.from_env(cloud.url, cloud.env)
        self.cen_id = self.rpc(_CBN, "CreateCen", Name="landing-zone")["CenId"]
        self.routers, self.attachments = {}, {}
        for region, (vpc_id, vswitches) in vpcs.items():
            created = self.change("CreateTransitRouter", region, CenId=self.cen_id)
            self.routers[region] = created["TransitRouterId"]
            self.attachments[region] = self.attach(region, vpc_id, vswitches)
        peer = self.change(
            "CreateTransitRouterPeerAttachment",
            REGION,
            CenId=self.cen_id,
            TransitRouterId=self.routers[REGION],
            PeerTransitRouterId=self.routers[FAR],
            PeerTransitRouterRegionId=FAR,
            BandwidthType="DataTransfer",
            Bandwidth="10",
            AutoPublishRouteEnabled="true",
        )
        self.peer = peer["TransitRouterAttachmentId"]
        for region, attachment_id in self.attachments.items():
            self.link(region, attachment_id)
            self.link(region, self.peer)

    def change(self, action, region, **params):
        wait_for(lambda: is_settled_between_vpcs(self.cloud.state), "CEN is settled")
        return self.rpc(_CBN, action, RegionId=region, **params)

    def attach(self, region, vpc_id, vswitches):
        mappings = {}
        for number, (zone, vswitch_id) in enumerate(vswitches.items(), 1):
            mappings[f"ZoneMappings.{number}.ZoneId"] = zone
            mappings[f"ZoneMappings.{number}.VSwitchId"] = vswitch_id
        created = self.change(
            "CreateTransitRouterVpcAttachment",
            region,
            CenId=self.cen_id,
            TransitRouterId=self.routers[region],
            VpcId=vpc_id,
            AutoPublishRouteEnabled="true",
            **mappings,
        )
        return created["TransitRouterAttachmentId"]

    def link(self, region, attachment_id):
        tables = self.cloud.state.router_tables.values()
        (table,) = [one for one in tables if one.region == region]
        ids = {
            "TransitRouterAttachmentId": attachment_id,
            "TransitRouterRouteTableId": table.table_id,
        }
        self.change("AssociateTransitRouterAttachmentWithRouteTable", region, **ids)
        self.change("EnableTransitRouterRouteTablePropagation", region, **ids)


@pytest.fixture(scope="class")
def network(cloud):
    return create_network(cloud)


@pytest.fixture(scope="class")
def far_id(cloud):
    """A VPC in Shanghai with one vSwitch."""
    rpc = Rpc.from_env(cloud.url, cloud.env)
    vpc_id = rpc(_VPC, "CreateVpc", RegionId=FAR, CidrBlock=FAR_CIDR)["VpcId"]
    wait_for(lambda: cloud.state.vpcs[vpc_id].status == "Available", "the far VPC is available")
    zone = {"ZoneId": "cn-shanghai-m", "CidrBlock": "10.30.1.0/24"}
    rpc(_VPC, "CreateVSwitch", RegionId=FAR, VpcId=vpc_id, **zone)
    return vpc_id


@pytest.fixture(scope="class")
def cen(cloud, network, far_id):
    vswitches = cloud.state.vswitches.values()
    (far_vswitch,) = [one.vswitch_id for one in vswitches if one.vpc_id == far_id]
    near = dict(zip(ZONES, network.vswitch_ids, strict=True))
    vpcs = {REGION: (network.vpc_id, near), FAR: (far_id, {"cn-shanghai-m": far_vswitch})}
    return ExistingCen(cloud, vpcs)


@pytest.fixture(scope="class")
def workspace(cloud, network):
    """A connection of a workspace in the network, which lets the far VPC in."""
    console(
        cloud,
        "workspace",
        label="llm-34o9ts1dai60z5sf",
        vpc_id=network.vpc_id,
        vswitch_ids=list(network.vswitch_ids),
        security_group_id=network.group_id,
    )
    open_port(cloud, network.group_id, 443, FAR_CIDR)
    (endpoint,) = cloud.state.endpoints.values()
    host = cloud.state.endpoint_services[endpoint.service_id].private_domain
    addresses = [zone.eni_ip for zone in endpoint.zones.values()]
    return {"workspace_id": "ws-ac3ef438bec22dc5", "host": host, "addresses": addresses}


@pytest.fixture(scope="class")
def before(cloud, cen, workspace):
    wait_for(lambda: is_settled_between_vpcs(cloud.state), "CEN is settled")
    return cloud.state.model_copy(deep=True)


@pytest.fixture(scope="class")
def stack(create_stack, network, far_id, cen, workspace, before):
    """The deployed stack."""
    branch = {"vpc_id": far_id, "region": FAR, "cidr": FAR_CIDR}
    config = {
        "alicloud:region": REGION,
        "dashlink:network": {
            "vpc_id": network.vpc_id,
            "zones": list(ZONES),
            "vswitch_ids": dict(zip(ZONES, network.vswitch_ids, strict=True)),
            "security_group_id": network.group_id,
            "connected_vpcs": {"branch": branch},
            "cen": {
                "cen_id": cen.cen_id,
                "transit_router_ids": cen.routers,
                "attachment_ids": {
                    "network": cen.attachments[REGION],
                    "branch": cen.attachments[FAR],
                },
                "peer_attachment_ids": {FAR: cen.peer},
            },
        },
        "dashlink:endpoints": {"studio": {"workspace": workspace}},
    }
    stack = create_stack(config)
    stack.deploy()
    return stack


class TestExistingCen:
    def test_a_client_in_the_far_vpc_gets_an_answer(self, cloud, stack, far_id):
        base_url = stack.outputs()["endpoints"]["studio"]["base_urls"]["openai"]
        asked = ask(cloud, far_id, base_url, "hello there")
        assert asked.returncode == 0, asked
        assert "qwen-plus heard: hello there" in asked.output

    def test_the_outputs_have_the_existing_attachment(self, stack, cen):
        branch = stack.outputs()["connected_vpcs"]["branch"]
        assert branch["connection_id"] == cen.attachments[FAR]
        assert branch["cen_id"] == cen.cen_id

    def test_nothing_of_the_cen_instance_is_changed(self, cloud, stack, before):
        for table in TABLES:
            assert getattr(cloud.state, table) == getattr(before, table), table

    def test_a_preview_after_the_deployment_is_empty(self, stack):
        assert stack.preview() == {}
        stack.refresh()

    def test_an_attachment_that_is_not_named_is_refused(self, stack, cen):
        left_out = {"attachment_ids": {}, "peer_attachment_ids": {}}
        config = yaml.safe_load(stack.settings_file.read_text())["config"]
        config["dashlink:network"]["cen"] |= left_out
        config["dashlink:network"]["connected_vpcs"]["branch"]["vswitch_ids"] = {
            "cn-shanghai-m": "vsw-none"
        }
        stack.configure(config)
        refused = stack.refused()
        for attachment_id in (*cen.attachments.values(), cen.peer):
            assert f"already, by {attachment_id}" in refused

    def test_destroy_leaves_the_cen_instance_as_it_was(self, cloud, stack, before):
        stack.destroy()
        for table in TABLES:
            assert getattr(cloud.state, table) == getattr(before, table), table
        assert cloud.state.private_zones == {}
