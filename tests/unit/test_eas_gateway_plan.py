"""Decisions on dedicated gateways: names, inputs of links and lists, outputs."""

from __future__ import annotations

import pytest

from dashlink.clients.outputs import DedicatedGatewayOutputs
from dashlink.eas import gateway_plan
from dashlink.eas.gateway_settings import (
    EasAclEntry,
    EasGatewaySettings,
    EasLinkSettings,
    EasPeerVpc,
)
from dashlink.eas.settings import EasDeployment

ZONES = ("cn-beijing-k", "cn-beijing-h")
LINKED = {"vpc_id": "vpc-1", "vswitch_id": "vsw-1", "address": "10.0.0.9"}
FOUND = {
    "kind": "managed",
    "vpc_domain": "gw-1-vpc",
    "internet_domain": "",
    "linked_vpcs": [LINKED],
}


@pytest.mark.parametrize(
    ("settings", "name"),
    [(EasGatewaySettings(), "shop-dev-main"), (EasGatewaySettings(name="models"), "models")],
    ids=["default", "written"],
)
def test_a_gateway_is_named_after_the_stack(settings, name):
    assert gateway_plan.gateway_name("shop", "dev", "main", settings) == name


def test_a_long_name_is_cut():
    name = gateway_plan.gateway_name("shop" * 20, "dev", "main", EasGatewaySettings())
    assert len(name) <= 64


@pytest.mark.parametrize(
    ("text", "is_id"),
    [("gw-abc", True), ("gw-1uhcqmsc7x22", True), ("main", False), ("gw-", False)],
    ids=str,
)
def test_ids_are_told_from_names(text, is_id):
    assert gateway_plan.is_gateway_id(text) is is_id


@pytest.mark.parametrize(
    ("link", "zone"),
    [
        (EasLinkSettings(), "cn-beijing-h"),
        (EasLinkSettings(zone="cn-beijing-k"), "cn-beijing-k"),
        (EasLinkSettings(vpc_id="vpc-1", vswitch_id="vsw-1"), None),
    ],
    ids=["first", "written", "other-vpc"],
)
def test_a_link_of_the_own_vpc_has_a_zone(link, zone):
    assert gateway_plan.link_zone(link, ZONES) == zone


def test_peers_are_in_the_region_of_the_stack_by_default():
    peers = (EasPeerVpc(vpc_id="vpc-b", region="cn-shanghai"), EasPeerVpc(vpc_id="vpc-a"))
    assert gateway_plan.peer_inputs(peers, "cn-beijing") == [
        {"vpc_id": "vpc-b", "region": "cn-shanghai"},
        {"vpc_id": "vpc-a", "region": "cn-beijing"},
    ]


def test_a_list_that_is_not_written_is_not_sent():
    assert gateway_plan.acl_entries(None) is None
    entries = (EasAclEntry(cidr="172.16.0.0/12"), EasAclEntry(cidr="10.0.0.0/8", comment="a"))
    assert gateway_plan.acl_entries(entries) == [
        {"cidr": "10.0.0.0/8", "comment": "a"},
        {"cidr": "172.16.0.0/12", "comment": ""},
    ]


def test_a_service_gets_the_id_of_its_gateway():
    deploy = EasDeployment(image="i", instance_type="ecs.c7.large", gateway="main")
    assert gateway_plan.with_gateway(deploy, None).gateway == "main"
    assert gateway_plan.with_gateway(deploy, "gw-1").gateway == "gw-1"


@pytest.mark.parametrize(
    ("kind", "note", "unverified"),
    [
        ("managed", "linked VPCs", []),
        ("application", "ALB", ["GatewayType"]),
        ("unknown", "linked VPCs", ["signs disagree"]),
    ],
    ids=str,
)
def test_outputs_say_what_differs_by_kind(kind, note, unverified):
    settings = EasGatewaySettings(id="gw-1")
    found = {**FOUND, "kind": kind}
    outputs = gateway_plan.gateway_outputs("gw-1", settings, found)
    document = DedicatedGatewayOutputs(**outputs)
    assert (document.kind, document.internet_domain) == (kind, None)
    assert note in document.notes[0]
    assert len(document.unverified) == len(unverified)
    for text, part in zip(document.unverified, unverified, strict=True):
        assert part in text
