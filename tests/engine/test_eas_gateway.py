"""Dedicated gateways of PAI-EAS on the real engine: created, changed, drifted and called."""

from __future__ import annotations

import json
import sys
from copy import deepcopy

import pytest
from support import clouds
from support.base_stacks import assert_settled
from support.cli import DASHLINK
from support.clouds import REGION, ZONES
from support.inside import vpc_environment
from support.kills import STALL_SECONDS, kill_once
from support.processes import run, run_ok
from support.sandbox_admin import inject_fault

from dashlink_sandbox.eas import EasGateway, LinkedVpc
from engine.process import clean_environment

pytestmark = pytest.mark.engine

OWNER = "1000000000000001"
TOKEN = "token-of-our-service-0123456789"
NAME = "dashlink-test-main"
# A change of each setting that the cloud takes in place.
CHANGES = {
    "name": "models",
    "instance_type": "4c8g",
    "replicas": 3,
    "internet": True,
    "internet_acl": [{"cidr": "203.0.113.0/24", "comment": "office"}],
    "domains": [{"domain": "llm.example.com", "certificate_id": "14731"}],
    "ssl_redirection": True,
    "default": True,
}


def gateway_of(cloud):
    (row,) = (row for row in cloud.state.eas_gateways.values() if row.gateway_id != "gw-theirs")
    return row


def write_gateway(cloud, change):
    """Change the gateway as somebody in the console does."""
    draft = cloud.cloud.draft()
    change(draft.eas_gateways[gateway_of(cloud).gateway_id])
    cloud.cloud.replace(draft)


def clear_list(row):
    for linked in row.linked.values():
        linked.acl = []


@pytest.fixture(scope="class")
def networks(cloud):
    """Three VPCs: the stack's own, one that is linked, and one that is not; id and vSwitches."""
    rows = []
    for number in (50, 51, 52):
        vpc_id = clouds.create_vpc(cloud, f"10.{number}.0.0/16")
        blocks = {ZONES[0]: f"10.{number}.0.0/20", ZONES[1]: f"10.{number}.16.0/20"}
        rows.append((vpc_id, clouds.create_vswitches(cloud, vpc_id, blocks)))
    return rows


@pytest.fixture(scope="class")
def config(cloud, networks):
    """Settings of a stack with a gateway, one of somebody else, and a service."""
    (vpc_id, vswitch_ids), (linked_id, linked_vswitches), _ = networks
    linked = LinkedVpc(vpc_id=vpc_id, vswitch_id=vswitch_ids[ZONES[0]], address="10.50.0.31")
    draft = cloud.cloud.draft()
    draft.eas_gateways["gw-theirs"] = EasGateway(
        gateway_id="gw-theirs",
        name="theirs",
        region=REGION,
        owner=OWNER,
        status="Running",
        linked={vpc_id: linked},
    )
    cloud.cloud.replace(draft)
    links = [
        {"zone": ZONES[1]},
        {
            "vpc_id": linked_id,
            "vswitch_id": linked_vswitches[ZONES[0]],
            "acl": [{"cidr": "10.51.0.0/16"}],
        },
    ]
    return {
        "alicloud:region": REGION,
        "dashlink:network": {"vpc_id": vpc_id, "zones": list(ZONES), "vswitch_ids": vswitch_ids},
        "dashlink:eas_gateways": {"main": {"links": links}, "theirs": {"id": "gw-theirs"}},
        "dashlink:eas_services": {
            "own": {
                "token": {"config": "easToken"},
                "default_model": "qwen-plus",
                "deploy": {
                    "image": "registry.example.com/vllm:1",
                    "instance_type": "ecs.gn7i-c8g1.2xlarge",
                    "gateway": "main",
                },
            },
        },
    }


@pytest.fixture(scope="class")
def stack(create_stack, config, cloud):
    """A deployed stack, whose first `up` was killed while the cloud created the gateway."""
    stack = create_stack(config)
    stack.set_secret("dashlink:easToken", TOKEN)
    fault = {"product": "eas", "action": "CreateGateway", "seconds": STALL_SECONDS}
    inject_fault(cloud, kind="stall", **fault)
    kill_once(stack, lambda _: not cloud.cloud.faults.active, "CreateGateway")
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def call(stack, cloud, networks, tmp_path_factory):
    """Call the service by its rendered file, from a machine in one of the VPCs."""
    folder = tmp_path_factory.mktemp("clients")
    run_ok([DASHLINK, "render", "-", "--out", str(folder)], stdin=json.dumps(stack.outputs()))

    def send(number):
        vpc_id, vswitch_ids = networks[number]
        user = f"{vpc_id}.{vswitch_ids[ZONES[0]]}"
        proxy = cloud.proxy.replace("http://", f"http://{user}:inside@")
        environment = {
            **clean_environment(),
            **vpc_environment(proxy, cloud.ca_file),
            "EAS_TOKEN": TOKEN,
        }
        command = [sys.executable, "openai_client.py", "hello"]
        client = folder / "eas-services" / "own"
        return run(command, environment=environment, folder=client, seconds=120)

    return send


class TestEasGateways:
    def test_up_leaves_nothing_to_do(self, stack):
        assert_settled(stack)

    def test_the_gateway_of_a_killed_up_is_adopted(self, stack, cloud):
        assert stack.outputs()["eas_gateways"]["main"]["gateway_id"] == gateway_of(cloud).gateway_id

    def test_the_gateway_is_private_and_linked(self, stack, cloud, networks):
        row = gateway_of(cloud)
        assert (row.name, row.internet, row.intranet, row.charge_type) == (
            *(NAME, False, True, "PostPaid"),
        )
        assert sorted(row.linked) == sorted(vpc_id for vpc_id, _ in networks[:2])
        assert row.tags["dashlink-stack"] == "test"

    def test_outputs_are_the_clouds_addresses(self, stack, cloud, networks):
        row, outputs = gateway_of(cloud), stack.outputs()
        gateway = outputs["eas_gateways"]["main"]
        assert (gateway["gateway_id"], gateway["kind"]) == (row.gateway_id, "managed")
        assert gateway["vpc_domain"] == row.intranet_domain
        addresses = {one["vpc_id"]: one["address"] for one in gateway["linked_vpcs"]}
        assert addresses == {vpc_id: link.address for vpc_id, link in row.linked.items()}
        assert addresses[networks[0][0]].startswith("10.50.16.")
        (used,) = outputs["eas_services"]["own"]["gateways"]
        assert (used["kind"], used["gateway_id"]) == ("PrivateGateway", row.gateway_id)

    def test_a_service_comes_after_the_links_of_its_gateway(self, stack):
        """The engine deletes in the opposite order: the service before the links."""
        depends = {}
        for row in stack.export()["deployment"]["resources"]:
            depends[row["urn"].rpartition("::")[2], row["type"]] = row.get("dependencies", [])
        of_service = depends["access-eas-own", "dashlink:eas:EasService"]
        linked = [urn for urn in of_service if "EasGatewayLink" in urn]
        assert len(linked) == 2
        (link,) = (
            urns
            for (name, kind), urns in depends.items()
            if kind.endswith("EasGatewayLink") and name.endswith("own-vpc")
        )
        assert any("EasGateway::" in urn for urn in link)

    def test_an_existing_gateway_is_shown_as_it_is(self, stack, networks):
        gateway = stack.outputs()["eas_gateways"]["theirs"]
        (linked,) = gateway["linked_vpcs"]
        assert (gateway["kind"], gateway["gateway_id"]) == ("managed", "gw-theirs")
        assert (linked["vpc_id"], linked["address"]) == (networks[0][0], "10.50.0.31")

    @pytest.mark.parametrize("number", [0, 1], ids=["own-vpc", "linked-vpc"])
    def test_a_client_in_a_linked_vpc_is_answered(self, call, number):
        done = call(number)
        assert done.returncode == 0, done
        assert "qwen-plus heard: hello" in done.output

    def test_a_client_in_another_vpc_does_not_find_the_name(self, call, networks, cloud):
        done = call(2)
        assert done.returncode != 0
        cause = f"no such name in {networks[2][0]}: {gateway_of(cloud).gateway_id} is not linked"
        assert cause in done.output

    def test_drift_of_a_list_is_shown_and_undone(self, stack, cloud, networks):
        linked_id = networks[1][0]
        write_gateway(cloud, clear_list)
        stack.run("refresh", "--yes", "--skip-preview")
        link = f"access-eas-gateway-main-{linked_id}"
        assert stack.preview() == {"update": [link]}
        stack.deploy()
        (entry,) = gateway_of(cloud).linked[linked_id].acl
        assert entry.entry == "10.51.0.0/16"
        assert_settled(stack)

    def test_a_deleted_link_is_created_again(self, stack, cloud, networks):
        own_id = networks[0][0]
        write_gateway(cloud, lambda row: row.linked.pop(own_id))
        stack.run("refresh", "--yes", "--skip-preview")
        stack.deploy()
        assert own_id in gateway_of(cloud).linked
        assert_settled(stack)

    def test_every_setting_is_changed_in_place(self, stack, cloud, config, networks):
        before = gateway_of(cloud)
        changed = deepcopy(config)
        main = changed["dashlink:eas_gateways"]["main"]
        main.update(CHANGES)
        main["links"][0]["peers"] = [{"vpc_id": networks[2][0]}]
        main["links"][1]["acl"] = [{"cidr": "10.51.0.0/20", "comment": "data"}]
        changed["dashlink:tags"] = {"team": "search"}
        stack.configure(changed)
        assert set(stack.deploy()) == {"update"}
        after = gateway_of(cloud)
        assert after.gateway_id == before.gateway_id
        assert (after.name, after.instance_type, after.replicas) == ("models", "4c8g", 3)
        assert (after.internet, after.ssl_redirection, after.is_default) == (True, True, True)
        assert [entry.entry for entry in after.internet_acl] == ["203.0.113.0/24"]
        assert after.domains["llm.example.com"].certificate_id == "14731"
        assert [peer.vpc_id for peer in after.linked[networks[0][0]].peers] == [networks[2][0]]
        assert [entry.entry for entry in after.linked[networks[1][0]].acl] == ["10.51.0.0/20"]
        assert after.tags["team"] == "search"
        assert stack.outputs()["eas_gateways"]["main"]["internet_domain"] == after.internet_domain
        assert_settled(stack)

    def test_destroy_leaves_the_existing_gateway(self, stack, cloud):
        stack.destroy()
        assert list(cloud.state.eas_gateways) == ["gw-theirs"]
        assert cloud.state.eas_gateways["gw-theirs"].linked
        assert not cloud.state.eas_services
