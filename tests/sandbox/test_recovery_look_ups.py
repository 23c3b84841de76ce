"""The look-ups of a recovery, in the recorded cloud of a stack with a resource of every type.

`tests/recovery` has the state of the stack, as `up` left it: each look-up gets the inputs of a
resource and has to find its id. `tests/engine/test_recovery.py` imports by the same ids.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashlink.cloud import pages
from dashlink.cloud.credentials import resolve_account
from dashlink.recovery.catalog import GUARDED, LOOK_UPS, REPEATED
from dashlink.recovery.desired import UNKNOWN, Inputs, UnknownInputError
from dashlink.recovery.reads import Reads
from dashlink_sandbox import Sandbox

RECORDED = Path(__file__).parents[1] / "recovery"
ALICLOUD = "alicloud:"
ACCEPTER = "alicloud:vpc/peerConnectionAccepter:PeerConnectionAccepter"
_STATE = json.loads((RECORDED / "stack.json").read_text())["deployment"]["resources"]


def _region(resource):
    """The region of a resource's provider: the far one, by its name, or the stack's."""
    return "cn-shanghai" if "::access-connections-cn-shanghai::" in resource["provider"] else ""


RESOURCES = {}
for _resource in _STATE:
    if _resource["type"].startswith(ALICLOUD):
        _name = _resource["urn"].rpartition("::")[2]
        RESOURCES[_name] = _resource
TAGGED = {
    "access-vpc": "vpcs",
    "access-security-group": "security_groups",
    "access-dashscope-endpoint": "endpoints",
    "access-connections-cen": "cens",
    "access-cn-beijing-h": "vswitches",
    "access-egress-nat-gateway": "nat_gateways",
    "access-egress-eip": "eips",
    "access-gateway-ai-gateway": "gateways",
    "access-connections-peered-peering": "peer_connections",
    "access-dashscope-private-zone": "private_zones",
}
"""Table of the sandbox's records by the name of a resource with tags."""

TAGGED_AT_ONCE = ("vpcs", "security_groups", "endpoints", "cens")
every_resource = pytest.mark.parametrize("name", sorted(RESOURCES), ids=sorted(RESOURCES))
every_tagged = pytest.mark.parametrize("name", sorted(TAGGED), ids=sorted(TAGGED))


@pytest.fixture
def cloud(tmp_path):
    """A running sandbox in the recorded state."""
    file = tmp_path / "state.json"
    shutil.copy(RECORDED / "cloud.json", file)
    with Sandbox(state_file=file) as sandbox:
        yield sandbox


@pytest.fixture
def find(cloud, monkeypatch) -> Callable[..., list[str]]:
    """A function that looks for a recorded resource, and returns the ids to import."""
    for variable, value in cloud.env.items():
        monkeypatch.setenv(variable, value)
    reads = Reads(resolve_account({"region": "cn-beijing"}))

    def look_up(name: str, **changes: Any) -> list[str]:
        resource = RESOURCES[name]
        region = _region(resource) or reads.region
        inputs = Inputs({**resource["inputs"], **changes}, region)
        found = LOOK_UPS[resource["type"]](reads.in_region(region), inputs)
        return [one.import_id for one in found]

    return look_up


def change(cloud, name, **changes):
    """Change the record of a tagged resource, and return its copies by key."""
    draft = cloud.cloud.draft()
    records = getattr(draft, TAGGED[name])
    key = RESOURCES[name]["id"]
    records[key] = records[key].model_copy(update=changes)
    cloud.cloud.replace(draft)


@every_resource
def test_each_resource_is_found_by_its_inputs(find, name):
    assert find(name) == [RESOURCES[name]["id"]]


def test_the_recorded_stack_has_every_type():
    recorded = {resource["type"] for resource in RESOURCES.values()}
    assert set(LOOK_UPS) - recorded == {ACCEPTER}
    assert recorded <= set(LOOK_UPS)
    assert set(LOOK_UPS) >= GUARDED
    assert REPEATED <= GUARDED


@every_tagged
def test_what_another_stack_owns_is_not_found(cloud, find, name):
    tags = {"made-by": "dashlink", "dashlink-project": "dashlink", "dashlink-stack": "other"}
    change(cloud, name, tags=tags)
    assert find(name) == []


@every_tagged
def test_what_has_no_tags_yet_is_found(cloud, find, name):
    change(cloud, name, tags={})
    is_private_zone = TAGGED[name] == "private_zones"  # its name is not the stack's
    if TAGGED[name] in TAGGED_AT_ONCE or is_private_zone:
        assert find(name) == []
    else:
        assert find(name) == [RESOURCES[name]["id"]]


def test_an_empty_zone_without_tags_is_found(cloud, find):
    name = "access-dashscope-private-zone"
    change(cloud, name, tags={}, vpcs=[], records={}, remark="")
    assert find(name) == [RESOURCES[name]["id"]]
    change(cloud, name, remark="of somebody else")
    assert find(name) == []


def test_two_of_one_name_are_both_found(cloud, find, monkeypatch):
    monkeypatch.setattr(pages, "_PAGE_SIZE", 1)
    draft = cloud.cloud.draft()
    first = RESOURCES["access-vpc"]["id"]
    draft.vpcs["vpc-second"] = draft.vpcs[first].model_copy(update={"vpc_id": "vpc-second"})
    cloud.cloud.replace(draft)
    assert sorted(find("access-vpc")) == sorted([first, "vpc-second"])


def test_a_record_is_found_whatever_its_value_is(find):
    name = "access-dashscope-record"
    assert find(name, value=UNKNOWN) == [RESOURCES[name]["id"]]
    assert find(name, type="A") == []


def test_a_vswitch_of_another_block_is_not_found(find):
    assert find("access-cn-beijing-h", cidrBlock="10.20.240.0/20") == []


def test_a_resource_without_its_parent_waits(find):
    with pytest.raises(UnknownInputError):
        find("access-cn-beijing-h", vpcId=UNKNOWN)


def test_an_acceptance_is_never_lost():
    inputs = Inputs({"instanceId": "pcc-1"}, "cn-beijing")
    reads = Reads(resolve_account({"access_key": "a", "secret_key": "b"}, {}))
    assert list(LOOK_UPS[ACCEPTER](reads, inputs)) == []
