"""`Network`: the resources that it declares for new, existing and mixed networks."""

from __future__ import annotations

import pulumi
import pytest

from dashlink.network.component import Network, NetworkArgs
from dashlink.network.settings import IngressSettings, NetworkSettings

ZONES = ("cn-beijing-h", "cn-beijing-k")


def network(name="models", **settings):
    settings.setdefault("zones", ZONES)
    return Network(name, NetworkArgs(settings=NetworkSettings(**settings), tags={"team": "search"}))


def test_a_new_network_has_a_vpc_vswitches_and_a_group(deploy):
    deployed = deploy(lambda: network(cidr="10.20.0.0/16").vswitch_ids)
    assert deployed.one("vpc/network:Network").inputs["cidrBlock"] == "10.20.0.0/16"
    vswitches = deployed.of("vpc/switch:Switch")
    assert {item.inputs["zoneId"] for item in vswitches.values()} == set(ZONES)
    assert set(deployed.result) == set(ZONES)
    rules = deployed.of(":SecurityGroupRule").values()
    assert sorted((rule.inputs["portRange"], rule.inputs["cidrIp"]) for rule in rules) == [
        ("443/443", "10.20.0.0/16"),
        ("80/80", "10.20.0.0/16"),
    ]
    assert all(rule.inputs["nicType"] == "intranet" for rule in rules)


def test_members_of_the_group_cannot_reach_each_other(deploy):
    deployed = deploy(lambda: network(cidr="10.20.0.0/16").vpc_id)
    assert deployed.one(":SecurityGroup").inputs["innerAccessPolicy"] == "Drop"


def test_every_resource_that_supports_tags_has_them(deploy):
    deployed = deploy(lambda: network(cidr="10.20.0.0/16", tags={"cost": "42"}).vpc_id)
    tagged = [
        item
        for item in deployed.resources
        if item.type.startswith("alicloud:") and "Rule" not in item.type
    ]
    assert len(tagged) == 4
    assert all(item.inputs["tags"] == {"team": "search", "cost": "42"} for item in tagged)


def test_https_only_declares_one_rule(deploy):
    deployed = deploy(
        lambda: network(cidr="10.20.0.0/16", ingress=IngressSettings(https_only=True)).vpc_id
    )
    assert deployed.one(":SecurityGroupRule").inputs["portRange"] == "443/443"


def test_an_existing_network_is_used_and_not_declared(deploy):
    program = lambda: (
        network(
            vpc_id="vpc-1",
            vswitch_ids={ZONES[0]: "vsw-1", ZONES[1]: "vsw-2"},
            security_group_id="sg-1",
        ).vswitch_ids
    )
    deployed = deploy(program)
    assert [item.type for item in deployed.resources if item.type.startswith("alicloud:")] == []
    assert deployed.result == {ZONES[0]: "vsw-1", ZONES[1]: "vsw-2"}


def test_a_new_group_in_an_existing_vpc_allows_its_range(deploy):
    program = lambda: (
        network(
            vpc_id="vpc-1", vswitch_ids={ZONES[0]: "vsw-1", ZONES[1]: "vsw-2"}
        ).security_group_id
    )
    deployed = deploy(program)
    assert {rule.inputs["cidrIp"] for rule in deployed.of(":SecurityGroupRule").values()} == {
        "10.90.0.0/16"
    }
    assert deployed.one("vpc/network:Network").resource_id == "vpc-1"


def test_one_new_vswitch_beside_an_existing_one(deploy):
    program = lambda: (
        network(
            vpc_id="vpc-1",
            vswitch_ids={ZONES[0]: "vsw-1"},
            vswitches={ZONES[1]: "10.90.8.0/24"},
            security_group_id="sg-1",
        ).vswitch_ids
    )
    deployed = deploy(program)
    assert deployed.one("vpc/switch:Switch").inputs["cidrBlock"] == "10.90.8.0/24"
    assert deployed.result[ZONES[0]] == "vsw-1"


def test_ids_may_be_outputs_of_another_resource(deploy):
    def program():
        vpc_id = pulumi.Output.from_input("vpc-9")
        ids = {zone: pulumi.Output.from_input(f"vsw-{zone[-1]}") for zone in ZONES}
        return network(
            vpc_id=vpc_id, vswitch_ids=ids, security_group_id=pulumi.Output.from_input("sg-9")
        ).vpc_id

    assert deploy(program).result == "vpc-9"


@pytest.mark.parametrize(
    "zones",
    [ZONES, ZONES[::-1], (*ZONES, "cn-beijing-l")],
    ids=["two zones", "reversed", "three zones"],
)
def test_order_and_number_of_zones_move_no_block(deploy, zones):
    deployed = deploy(lambda: network(cidr="10.20.0.0/16", zones=zones).vpc_id)
    blocks = {
        item.inputs["zoneId"]: item.inputs["cidrBlock"]
        for item in deployed.of("vpc/switch:Switch").values()
    }
    assert blocks["cn-beijing-h"] == "10.20.112.0/20"
    assert blocks["cn-beijing-k"] == "10.20.160.0/20"


def test_two_networks_in_one_program_share_no_name(deploy):
    def program():
        network("blue", cidr="10.20.0.0/16")
        network("green", cidr="10.21.0.0/16")

    deployed = deploy(program)
    names = []
    for item in deployed.resources:
        for key in ("vpcName", "vswitchName"):
            if key in item.inputs:
                names.append(item.inputs[key])
    assert len(names) == 6
    assert len(set(names)) == 6


def test_a_preview_with_unknown_ids_declares_the_same(deploy):
    deployed = deploy(lambda: network(cidr="10.20.0.0/16").vswitch_ids, preview=True)
    assert len(deployed.of("vpc/switch:Switch")) == 2
