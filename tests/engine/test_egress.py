"""The way out of a VPC: a client reaches MaaS by it, and by each of its pieces alone.

MaaS binds a key to the EIP, so that an answer shows which address a client leaves with. Each piece
is taken away by the API in turn.
"""

from __future__ import annotations

import pytest
from support.base_stacks import assert_settled
from support.clouds import REGION, ZONES, create_network
from support.inside import vpc_environment
from support.processes import run
from support.rpc import Rpc
from support.sandbox_admin import console
from support.stack_files import stack_config
from support.waiting import wait_for

from dashlink_sandbox.nat_transitions import is_settled_way_out
from engine.process import clean_environment

pytestmark = pytest.mark.engine

_VPC = "2016-04-28"
MODELS = "https://api.modelarts-maas.com/v1/models"
KEY, OTHER_KEY = "key-of-the-eip", "key-of-another-address"
OTHER_ADDRESS = "203.0.113.99"


def _config(**egress):
    """The settings of stacks/Pulumi.maas.yaml with another way out."""
    config = stack_config("maas")
    config["dashlink:network"]["egress"] = egress
    return config


class Place:
    """A machine in a vSwitch of the stack's VPC, and the cloud's API."""

    def __init__(self, stack, cloud):
        self.stack = stack
        self.cloud = cloud
        self.rpc = Rpc.from_env(cloud.url, cloud.env)

    @property
    def state(self):
        return self.cloud.state

    @property
    def egress(self):
        return self.stack.outputs()["egress"]

    @property
    def eip(self):
        """The EIP with which clients leave."""
        (address,) = self.egress["addresses"]
        (eip,) = [one for one in self.state.eips.values() if one.address == address]
        return eip

    def get(self, key=KEY, zone=ZONES[0]):
        """List the models of MaaS, with the headers of the proxy."""
        outputs = self.stack.outputs()
        user = f"{outputs['vpc_id']}.{outputs['vswitch_ids'][zone]}"
        proxy = self.cloud.proxy.replace("http://", f"http://{user}:inside@")
        environment = {**clean_environment(), **vpc_environment(proxy, self.cloud.ca_file)}
        command = ["curl", "-sS", "-i", "-H", f"Authorization: Bearer {key}", MODELS]
        return run(command, environment=environment, seconds=60)

    def call(self, action, **params):
        self.rpc(_VPC, action, RegionId=REGION, **params)
        wait_for(lambda: is_settled_way_out(self.state), f"{action} is done")

    def bind_key(self):
        """Bind one key of MaaS to the stack's EIP, and another one to another address."""
        console(self.cloud, "maas-key", key=KEY, addresses=self.egress["addresses"])
        console(self.cloud, "maas-key", key=OTHER_KEY, addresses=[OTHER_ADDRESS])


def _delete_route(place):
    table_id = place.state.vpcs[place.stack.outputs()["vpc_id"]].route_table_id
    params = {"RouteTableId": table_id, "DestinationCidrBlock": "0.0.0.0/0"}
    place.call("DeleteRouteEntry", **params)


def _delete_gateway(place):
    place.call("DeleteNatGateway", NatGatewayId=place.egress["nat_gateway_id"], Force="true")


def _delete_entries(place):
    for entry in list(place.state.snat_entries.values()):
        place.call("DeleteSnatEntry", SnatTableId=entry.table_id, SnatEntryId=entry.entry_id)


def _disassociate(place):
    params = {"AllocationId": place.eip.allocation_id, "InstanceType": "Nat"}
    place.call("UnassociateEipAddress", Force="true", **params)


def _delete_eip(place):
    eip_id = place.eip.allocation_id
    _disassociate(place)
    place.call("ReleaseEipAddress", AllocationId=eip_id)


PIECES = {
    "route": (_delete_route, "has no way out: its route table has no route to"),
    "NAT gateway": (_delete_gateway, "and the VPC has no NAT gateway"),
    "SNAT entries": (_delete_entries, "no SNAT entry of {gateway} covers 10.20."),
    "association": (_disassociate, "has {address}, which is no EIP of {gateway}"),
    "EIP": (_delete_eip, "has {address}, which is no EIP of {gateway}"),
}


@pytest.fixture(scope="class")
def place(stack, cloud):
    """A machine of the deployed stack, whose EIP a key of MaaS is bound to."""
    place = Place(stack, cloud)
    place.bind_key()
    return place


class TestEgress:
    config = _config()

    @pytest.fixture
    def intact(self, place):
        """The cloud; what a test takes away is there again after it."""
        before = place.cloud.cloud.draft()
        yield place
        place.cloud.cloud.replace(before)

    @pytest.mark.parametrize("zone", ZONES, ids=str)
    def test_a_public_host_sees_the_eip_of_the_outputs(self, place, zone):
        answer = place.get(zone=zone)
        assert " 200 " in answer.output, answer
        assert "ModelArts.81015" in place.get(OTHER_KEY, zone).output

    def test_program_state_and_cloud_agree(self, stack, place):
        assert place.eip.bandwidth_mbps == 100
        assert_settled(stack)

    @pytest.mark.parametrize(("remove", "cause"), PIECES.values(), ids=list(PIECES))
    def test_a_client_needs_each_piece(self, intact, remove, cause):
        egress = intact.egress
        known = {"gateway": egress["nat_gateway_id"], "address": egress["addresses"][0]}
        remove(intact)
        refused = intact.get()
        assert refused.returncode != 0
        assert cause.format(**known) in refused.output

    def test_a_disassociated_eip_is_found_and_associated_again(self, stack, place):
        _disassociate(place)
        refreshed = stack.run("refresh", "--yes", "--skip-preview")
        assert refreshed.returncode == 0, refreshed
        assert stack.deploy() == {"create": ["access-egress-association"]}
        assert " 200 " in place.get().output

    def test_the_bandwidth_is_changed_in_place(self, stack, place):
        before = place.eip
        stack.configure(_config(bandwidth_mbps=20))
        assert stack.deploy() == {"update": ["access-egress-eip"]}
        after = place.eip
        assert (after.allocation_id, after.bandwidth_mbps) == (before.allocation_id, 20)

    def test_another_zone_replaces_the_gateway_and_keeps_the_eip(self, stack, place):
        before, gateway = place.eip, place.egress["nat_gateway_id"]
        stack.configure(_config(bandwidth_mbps=20, zone=ZONES[1]))
        stack.deploy()
        assert place.egress["nat_gateway_id"] != gateway
        assert place.eip.address == before.address
        assert " 200 " in place.get().output
        assert stack.preview() == {}

    def test_an_existing_eip_takes_the_place_of_the_stacks(self, stack, place):
        existing = place.rpc(_VPC, "AllocateEipAddress", RegionId=REGION)
        stack.configure(_config(zone=ZONES[1], eip_id=existing["AllocationId"]))
        stack.deploy()
        assert place.egress["addresses"] == [existing["EipAddress"]]
        assert "ModelArts.81015" in place.get().output
        place.bind_key()
        assert " 200 " in place.get().output
        assert stack.preview() == {}

    def test_destroy_leaves_the_existing_eip_alone(self, stack, place):
        existing = place.eip.allocation_id
        stack.destroy()
        state = place.state
        assert list(state.eips) == [existing]
        assert [state.nat_gateways, state.snat_entries, state.vswitches, state.vpcs] == [{}] * 4


class TestExistingGateway:
    """A NAT gateway and a VPC that exist, with a new EIP and new SNAT entries."""

    @pytest.fixture(scope="class")
    @staticmethod
    def stack(create_stack, cloud):
        network = create_network(cloud)
        rpc = Rpc.from_env(cloud.url, cloud.env)
        ids = {"VpcId": network.vpc_id, "VSwitchId": network.vswitch_ids[0]}
        created = rpc(_VPC, "CreateNatGateway", RegionId=REGION, **ids)
        wait_for(lambda: is_settled_way_out(cloud.state), "the NAT gateway is available")
        config = _config(nat_gateway_id=created["NatGatewayId"])
        config["dashlink:network"] |= {
            "vpc_id": network.vpc_id,
            "vswitch_ids": dict(zip(ZONES, network.vswitch_ids, strict=True)),
        }
        del config["dashlink:network"]["cidr"]
        stack = create_stack(config)
        stack.deploy()
        return stack

    @pytest.mark.parametrize("zone", ZONES, ids=str)
    def test_a_client_leaves_by_the_new_eip(self, place, zone):
        assert " 200 " in place.get(zone=zone).output

    def test_a_second_preview_is_empty(self, stack):
        assert stack.preview() == {}

    def test_destroy_leaves_the_gateway_alone(self, stack, place):
        gateway_id = place.egress["nat_gateway_id"]
        stack.destroy()
        state = place.state
        assert list(state.nat_gateways) == [gateway_id]
        assert [state.eips, state.snat_entries] == [{}, {}]
        assert len(state.vpcs) == 1
