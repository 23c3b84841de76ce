"""Connected VPCs: the resources that a stack declares, and the regions of their providers."""

from __future__ import annotations

import pulumi_alicloud as alicloud
import pytest

from dashlink import (
    ConfigError,
    NetworkSettings,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
    VpcConnections,
    VpcConnectionsArgs,
)

NEAR, FAR = "cn-beijing", "cn-shanghai"
ZONES = ["cn-beijing-h", "cn-beijing-k"]
SHANGHAI = {
    "vpc_id": "vpc-far",
    "region": FAR,
    "cidr": "10.30.0.0/16",
    "vswitch_ids": {"cn-shanghai-m": "vsw-m"},
}


def settings(**network):
    return StackSettings(
        network={"cidr": "10.20.0.0/16", "zones": ZONES, **network},
        endpoints={"dashscope": {"service": "com.aliyuncs.dashscope"}},
    )


@pytest.fixture
def deployed(deploy):
    """A function that deploys a stack with connected VPCs."""

    def run(connected, **network):
        chosen = settings(connected_vpcs=connected, **network)
        return deploy(
            lambda: PrivateModelAccess(
                "models", PrivateModelAccessArgs(settings=chosen, region=NEAR)
            )
        )

    return run


def test_cen_has_every_piece_of_two_regions(deployed):
    declared = deployed({"shanghai": SHANGHAI})
    counts = {
        "Instance": 1,
        "TransitRouter": 2,
        "TransitRouterVpcAttachment": 2,
        "TransitRouterPeerAttachment": 1,
        "TransitRouterRouteTableAssociation": 4,
        "TransitRouterRouteTablePropagation": 4,
    }
    for name, count in counts.items():
        assert len(declared.of(f":{name}")) == count, name
    for attachment in declared.of(":TransitRouterVpcAttachment").values():
        assert attachment.inputs["autoPublishRouteEnabled"] is True
    assert declared.one(":TransitRouterPeerAttachment").inputs["bandwidth"] == 10


def test_resources_of_the_far_region_have_its_provider(deployed):
    declared = deployed({"shanghai": SHANGHAI})
    far = declared.of(":TransitRouterVpcAttachment")["models-connections-vpc-shanghai"]
    near = declared.of(":TransitRouterVpcAttachment")["models-connections-near"]
    provider = declared.one("pulumi:providers:alicloud")
    assert provider.inputs["region"] == FAR
    assert provider.urn in far.provider
    assert provider.urn not in near.provider


def test_one_attachment_has_all_vpcs_of_a_private_name(deployed):
    declared = deployed({"shanghai": SHANGHAI})
    vpcs = declared.one(":ZoneAttachment").inputs["vpcs"]
    assert [row["regionId"] for row in vpcs] == [NEAR, FAR]
    assert vpcs[1]["vpcId"] == "vpc-far"


def test_the_security_group_opens_to_near_and_far(deployed):
    declared = deployed({"shanghai": SHANGHAI})
    sources = set()
    for rule in declared.of(":SecurityGroupRule").values():
        sources.add((rule.inputs["portRange"], rule.inputs["cidrIp"]))
    blocks = ("10.20.0.0/16", "10.30.0.0/16")
    assert sources == {(port, block) for port in ("80/80", "443/443") for block in blocks}


def test_two_vpcs_of_a_region_share_its_router(deployed):
    second = {**SHANGHAI, "vpc_id": "vpc-2", "cidr": "10.31.0.0/16", "bandwidth_mbps": 30}
    declared = deployed({"first": SHANGHAI, "second": second})
    assert len(declared.of(":TransitRouter")) == 2
    assert len(declared.of(":TransitRouterVpcAttachment")) == 3
    assert declared.one(":TransitRouterPeerAttachment").inputs["bandwidth"] == 30


def test_a_vpc_of_the_same_region_needs_no_peer(deployed):
    near = {
        **SHANGHAI,
        "region": NEAR,
        "vswitch_ids": {"cn-beijing-h": "vsw-1"},
    }
    declared = deployed({"office": near})
    assert len(declared.of(":TransitRouter")) == 1
    assert declared.of(":TransitRouterPeerAttachment") == {}
    assert declared.of("pulumi:providers:alicloud") == {}


def test_an_existing_cen_and_its_routers_are_used(deployed):
    cen = {"cen_id": "cen-1", "transit_router_ids": {FAR: "tr-far"}}
    declared = deployed({"shanghai": SHANGHAI}, cen=cen)
    assert declared.of(":Instance") == {}
    assert declared.one(":TransitRouter").inputs["cenId"] == "cen-1"
    peer = declared.one(":TransitRouterPeerAttachment")
    assert peer.inputs["peerTransitRouterId"] == "tr-far"


def test_existing_attachments_are_used_as_they_are(deployed):
    cen = {
        "cen_id": "cen-1",
        "transit_router_ids": {NEAR: "tr-near", FAR: "tr-far"},
        "attachment_ids": {"shanghai": "tr-attach-1"},
        "peer_attachment_ids": {FAR: "tr-attach-2"},
    }
    declared = deployed({"shanghai": SHANGHAI}, cen=cen)
    assert list(declared.of(":TransitRouterVpcAttachment")) == ["models-connections-near"]
    assert declared.of(":TransitRouterPeerAttachment") == {}
    associated = declared.of(":TransitRouterRouteTableAssociation")
    assert list(associated) == ["models-connections-near-association"]


def test_a_peering_has_a_route_on_each_side(deployed):
    peering = {
        "vpc_id": "vpc-far",
        "region": FAR,
        "cidr": "10.30.0.0/16",
        "over": "peering",
        "account_id": "1234567890123456",
    }
    declared = deployed({"shanghai": peering})
    assert declared.one(":PeerConnection").inputs["acceptingVpcId"] == "vpc-far"
    routes = declared.of(":RouteEntry")
    destinations = [route.inputs["destinationCidrblock"] for route in routes.values()]
    assert sorted(destinations) == ["10.20.0.0/16", "10.30.0.0/16"]
    assert declared.of(":Instance") == {}


def test_a_program_gets_the_faults_of_a_file(deploy):
    network = NetworkSettings(
        cidr="10.20.0.0/16",
        zones=ZONES,
        connected_vpcs={"shanghai": {**SHANGHAI, "cidr": "10.20.0.0/16", "region": "us-east-1"}},
    )
    args = VpcConnectionsArgs(settings=network, region=NEAR, vpc_id="vpc-1", vswitch_ids={})
    with pytest.raises(ConfigError, match="overlaps") as caught:
        deploy(lambda: VpcConnections("models", args))
    assert "across the border" in str(caught.value)


def test_the_host_of_a_workspace_resolves_in_connected_vpcs(deploy):
    host = "llm-1-vpc-1.cn-beijing.maas.aliyuncs.com"
    workspace = {"host": host, "workspace_id": "ws-1", "addresses": ["10.20.1.5"]}
    chosen = StackSettings(
        network={"cidr": "10.20.0.0/16", "zones": ZONES, "connected_vpcs": {"shanghai": SHANGHAI}},
        endpoints={"studio": {"workspace": workspace}},
    )
    args = PrivateModelAccessArgs(settings=chosen, region=NEAR)
    declared = deploy(lambda: PrivateModelAccess("models", args))
    vpcs = declared.one(":ZoneAttachment").inputs["vpcs"]
    assert "vpc-far" in [row["vpcId"] for row in vpcs]


@pytest.mark.parametrize(
    ("attach_to", "regions"),
    [([], {"vpc-far": FAR}), (["vpc-2"], {"vpc-2": NEAR, "vpc-far": FAR})],
    ids=["none of its own", "one of its own"],
)
def test_a_domain_of_the_gateway_resolves_in_connected_vpcs(deploy, attach_to, regions):
    chosen = StackSettings(
        network={"cidr": "10.20.0.0/16", "zones": ZONES, "connected_vpcs": {"shanghai": SHANGHAI}},
        gateway={},
        domains={"models.internal": {"scheme": "http", "attach_to": attach_to}},
    )
    args = PrivateModelAccessArgs(settings=chosen, region=NEAR)
    declared = deploy(lambda: PrivateModelAccess("models", args))
    _, *further = declared.one(":ZoneAttachment").inputs["vpcs"]
    assert {row["vpcId"]: row["regionId"] for row in further} == regions


def test_a_gateway_for_connected_vpcs_has_a_note(deploy):
    notes = []

    def program(**network):
        chosen = StackSettings(
            network={"cidr": "10.20.0.0/16", "zones": ZONES, **network},
            gateway={},
            domains={"models.internal": {"scheme": "http"}},
        )
        args = PrivateModelAccessArgs(settings=chosen, region=NEAR)
        notes.append(PrivateModelAccess("models", args).notes)

    deploy(lambda: program(connected_vpcs={"shanghai": SHANGHAI}))
    deploy(program)
    assert ["load balancer admits them" in " ".join(each) for each in notes] == [True, False]


def test_a_vpc_is_attached_once_to_a_private_name(deploy):
    name = {"mode": "private-zone", "attach_to": [{"vpc_id": "vpc-far", "region": FAR}]}
    chosen = StackSettings(
        network={"cidr": "10.20.0.0/16", "zones": ZONES, "connected_vpcs": {"shanghai": SHANGHAI}},
        endpoints={"dashscope": {"service": "com.aliyuncs.dashscope", "private_name": name}},
    )
    args = PrivateModelAccessArgs(settings=chosen, region=NEAR)
    declared = deploy(lambda: PrivateModelAccess("models", args))
    vpcs = declared.one(":ZoneAttachment").inputs["vpcs"]
    assert [row["vpcId"] for row in vpcs].count("vpc-far") == 1


def test_a_peering_reads_the_route_table_of_an_existing_network(deploy):
    peering = {
        "vpc_id": "vpc-far",
        "region": FAR,
        "cidr": "10.30.0.0/16",
        "over": "peering",
        "account_id": "1234567890123456",
    }
    network = {
        "vpc_id": "vpc-near",
        "zones": ZONES,
        "vswitch_ids": {"cn-beijing-h": "vsw-1", "cn-beijing-k": "vsw-2"},
        "connected_vpcs": {"shanghai": peering},
    }
    chosen = StackSettings(
        network=network, endpoints={"dashscope": {"service": "com.aliyuncs.dashscope"}}
    )
    args = PrivateModelAccessArgs(settings=chosen, region=NEAR)
    declared = deploy(lambda: PrivateModelAccess("models", args))
    tables = []
    for route in declared.of(":RouteEntry").values():
        tables.append((route.inputs["destinationCidrblock"], route.inputs["routeTableId"]))
    assert sorted(tables) == [
        ("10.30.0.0/16", "vtb-models-connections-near-vpc"),
        ("10.90.0.0/16", "vtb-models-connections-shanghai-vpc"),
    ]


NEW = {"zones": ["cn-shanghai-m", "cn-shanghai-n"], "region": FAR, "cidr": "10.30.0.0/16"}
PEERING = {
    "vpc_id": "vpc-far",
    "region": FAR,
    "cidr": "10.30.0.0/16",
    "over": "peering",
    "account_id": "1234567890123456",
}


def test_a_new_connected_vpc_is_created_in_its_region(deployed):
    declared = deployed({"shanghai": NEW})
    created = declared.of(":Network")["models-connections-shanghai-new-vpc"]
    assert created.inputs["cidrBlock"] == "10.30.0.0/16"
    assert declared.one("pulumi:providers:alicloud").urn in created.provider
    vswitches = declared.of(":Switch")
    blocks = {}
    for zone in NEW["zones"]:
        vswitch = vswitches[f"models-connections-shanghai-{zone}"].inputs
        blocks[zone] = (vswitch["zoneId"], vswitch["cidrBlock"])
    assert blocks == {
        "cn-shanghai-m": ("cn-shanghai-m", "10.30.192.0/20"),
        "cn-shanghai-n": ("cn-shanghai-n", "10.30.208.0/20"),
    }


def test_a_new_connected_vpc_is_attached_and_named(deployed):
    declared = deployed({"shanghai": NEW})
    attachment = declared.of(":TransitRouterVpcAttachment")["models-connections-vpc-shanghai"]
    assert attachment.inputs["vpcId"] == "models-connections-shanghai-new-vpc-id"
    zones = [mapping["zoneId"] for mapping in attachment.inputs["zoneMappings"]]
    assert zones == NEW["zones"]
    vpcs = declared.one(":ZoneAttachment").inputs["vpcs"]
    assert vpcs[1] == {"vpcId": "models-connections-shanghai-new-vpc-id", "regionId": FAR}


def test_a_pending_peering_has_no_route_and_says_what_to_do(deploy):
    chosen = settings(connected_vpcs={"shanghai": {**PEERING, "acceptance": "pending"}})
    notes = []

    def program():
        args = PrivateModelAccessArgs(settings=chosen, region=NEAR)
        notes.extend(PrivateModelAccess("models", args).notes)

    declared = deploy(program)
    assert declared.one(":PeerConnection").inputs["acceptingVpcId"] == "vpc-far"
    assert declared.of(":RouteEntry") == {}
    assert [row["vpcId"] for row in declared.one(":ZoneAttachment").inputs["vpcs"]] == [
        "models-vpc-id"
    ]
    (note,) = [note for note in notes if "AcceptVpcPeerConnection" in note]
    assert "--DestinationCidrBlock 10.20.0.0/16" in note
    assert "1234567890123456" in note


def test_an_accepted_peering_has_the_route_of_the_network(deployed):
    declared = deployed({"shanghai": {**PEERING, "acceptance": "accepted"}})
    route = declared.one(":RouteEntry").inputs
    assert route["destinationCidrblock"] == "10.30.0.0/16"


def test_the_provider_of_another_account_accepts_a_peering(deploy):
    network = NetworkSettings(
        cidr="10.20.0.0/16",
        zones=ZONES,
        connected_vpcs={"shanghai": {**PEERING, "acceptance": "pending"}},
    )

    def program():
        other = alicloud.Provider("other", region=FAR)
        args = VpcConnectionsArgs(
            settings=network,
            region=NEAR,
            vpc_id="vpc-1",
            vswitch_ids={},
            route_table_id="vtb-1",
            accepters={"shanghai": other},
        )
        VpcConnections("models", args)

    declared = deploy(program)
    other = declared.of("pulumi:providers:alicloud")["other"].urn
    accepter = declared.one(":PeerConnectionAccepter")
    assert other in accepter.provider
    routes = declared.of(":RouteEntry")
    assert other in routes["models-shanghai-back"].provider
    assert other not in routes["models-shanghai-there"].provider


def test_what_the_cloud_has_once_is_deleted_first(deployed):
    peered = {
        "vpc_id": "vpc-peered",
        "region": NEAR,
        "cidr": "10.40.0.0/16",
        "over": "peering",
        "account_id": "12345",
    }
    declared = deployed({"shanghai": SHANGHAI, "peered": peered})
    once = set()
    for resource in declared.resources:
        if resource.deleted_first:
            once.add(resource.type.rpartition(":")[2])
    assert once == {
        *("VpcEndpointZone", "Zone", "ZoneRecord", "PeerConnection", "RouteEntry"),
        *("TransitRouterVpcAttachment", "TransitRouterPeerAttachment"),
    }
