"""The way out: the resources that a stack declares for each of its forms."""

from __future__ import annotations

import pytest

from dashlink import (
    ConfigError,
    Egress,
    EgressArgs,
    NetworkSettings,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)
from dashlink.clients.outputs import parse_outputs

ZONES = ["cn-beijing-h", "cn-beijing-k"]
ADDRESS = "203.0.113.10"
EXISTING = {"vpc_id": "vpc-1", "vswitch_ids": {ZONES[0]: "vsw-h", ZONES[1]: "vsw-k"}}
EGRESS = "models-egress"


@pytest.fixture
def deployed(deploy):
    """A function that deploys a stack with a way out; its result is the stack's outputs."""

    def run(egress, network=None, **general):
        place = network or {"cidr": "10.20.0.0/16"}
        settings = StackSettings(
            network={"zones": ZONES, **place, "egress": egress},
            endpoints={"dashscope": {"service": "com.aliyuncs.dashscope"}},
            **general,
        )
        args = PrivateModelAccessArgs(settings=settings, region="cn-beijing")
        return deploy(lambda: dict(PrivateModelAccess("models", args).outputs))

    return run


def sources(declared):
    """Source vSwitch, table and address of each SNAT entry."""
    rows = set()
    for entry in declared.of(":SnatEntry").values():
        inputs = entry.inputs
        rows.add((inputs["sourceVswitchId"], inputs["snatTableId"], inputs["snatIp"]))
    return rows


def test_a_new_way_out_has_every_piece(deployed):
    declared = deployed({})
    gateway = declared.one(":NatGateway").inputs
    assert (gateway["natType"], gateway["networkType"]) == ("Enhanced", "internet")
    assert gateway["vswitchId"] == "models-cn-beijing-h-id"
    eip = declared.one(":EipAddress").inputs
    assert (eip["internetChargeType"], eip["bandwidth"]) == ("PayByTraffic", "100")
    association = declared.one(":EipAssociation").inputs
    assert association["instanceId"] == f"{EGRESS}-nat-gateway-id"
    assert association["allocationId"] == f"{EGRESS}-eip-id"
    assert sources(declared) == {(f"models-{zone}-id", "stb-1", ADDRESS) for zone in ZONES}


def test_the_outputs_have_the_address(deployed):
    outputs = parse_outputs(deployed({}).result)
    assert outputs.egress is not None
    assert outputs.egress.nat_gateway_id == f"{EGRESS}-nat-gateway-id"
    assert outputs.egress.addresses == (ADDRESS,)


def test_a_stack_without_a_way_out_declares_no_piece_of_it(deployed):
    declared = deployed(None)
    for kind in (":NatGateway", ":EipAddress", ":EipAssociation", ":SnatEntry"):
        assert declared.of(kind) == {}
    assert parse_outputs(declared.result).egress is None


def test_zone_and_bandwidth_are_those_of_the_settings(deployed):
    declared = deployed({"zone": ZONES[1], "bandwidth_mbps": 20})
    assert declared.one(":NatGateway").inputs["vswitchId"] == "models-cn-beijing-k-id"
    assert declared.one(":EipAddress").inputs["bandwidth"] == "20"


def test_an_existing_gateway_gets_an_eip_and_entries(deployed):
    declared = deployed({"nat_gateway_id": "ngw-1"}, EXISTING)
    assert declared.one(":NatGateway").resource_id == "ngw-1"
    assert declared.one(":EipAssociation").inputs["instanceId"] == "ngw-1"
    assert sources(declared) == {(vswitch, "stb-1", ADDRESS) for vswitch in ("vsw-h", "vsw-k")}


def test_an_existing_table_is_not_looked_up(deployed):
    declared = deployed({"nat_gateway_id": "ngw-1", "snat_table_id": "stb-9"}, EXISTING)
    assert declared.of(":NatGateway") == {}
    assert {table for _, table, _ in sources(declared)} == {"stb-9"}


def test_an_existing_eip_is_associated_and_not_created(deployed):
    declared = deployed({"eip_id": "eip-1"})
    assert declared.one(":EipAddress").resource_id == "eip-1"
    assert declared.one(":EipAssociation").inputs["allocationId"] == "eip-1"
    assert parse_outputs(declared.result).egress.addresses == (ADDRESS,)


def test_addresses_alone_declare_nothing(deployed):
    egress = {"nat_gateway_id": "ngw-1", "addresses": [ADDRESS]}
    declared = deployed(egress, EXISTING)
    for kind in (":NatGateway", ":EipAddress", ":EipAssociation", ":SnatEntry"):
        assert declared.of(kind) == {}
    outputs = parse_outputs(declared.result).egress
    assert (outputs.nat_gateway_id, outputs.addresses) == ("ngw-1", (ADDRESS,))


def test_addresses_with_a_table_declare_entries_alone(deployed):
    addresses = [ADDRESS, "203.0.113.11"]
    egress = {"nat_gateway_id": "ngw-1", "addresses": addresses, "snat_table_id": "stb-9"}
    declared = deployed(egress, EXISTING)
    assert declared.of(":EipAddress") == {}
    assert sources(declared) == {
        (vswitch, "stb-9", ",".join(addresses)) for vswitch in ("vsw-h", "vsw-k")
    }


def test_the_eip_has_the_resource_group_and_both_have_tags(deployed):
    declared = deployed({}, resource_group_id="rg-1", tags={"team": "a"})
    assert declared.one(":EipAddress").inputs["resourceGroupId"] == "rg-1"
    assert "resourceGroupId" not in declared.one(":NatGateway").inputs
    for kind in (":EipAddress", ":NatGateway"):
        assert declared.one(kind).inputs["tags"]["team"] == "a"


def test_a_program_gets_the_faults_of_a_file(deploy):
    settings = NetworkSettings(
        cidr="10.20.0.0/16", zones=ZONES, egress={"nat_gateway_id": "ngw-1", "zone": ZONES[0]}
    )
    args = EgressArgs(settings=settings, vpc_id="vpc-1", vswitch_ids={ZONES[0]: "vsw-h"})
    with pytest.raises(ConfigError, match="an existing NAT gateway, and a new VPC"):
        deploy(lambda: Egress("out", args) and None)
