"""The guard's hooks: what they refuse, what they let happen, and what they report afterwards."""

from __future__ import annotations

import asyncio

import pulumi
import pytest

from dashlink.cloud.credentials import resolve_account
from dashlink.errors import CloudError, DashlinkError
from dashlink.recovery import guard
from dashlink.recovery.catalog import EIP, LOOK_UPS, NAT_GATEWAY
from dashlink.recovery.desired import Found
from dashlink.recovery.reads import Reads
from dashlink.recovery.state import State

ACCOUNT = resolve_account({"access_key": "id", "secret_key": "secret", "region": "cn-beijing"}, {})


@pytest.fixture
def watch():
    return guard._Watch(Reads(ACCOUNT))


@pytest.fixture
def world(monkeypatch):
    """A function that sets what the cloud and the state have; returns the regions asked for."""
    regions = []
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")

    def are(kind, ids, known=()):
        def look_up(reads, inputs):
            regions.append(reads.region)
            return [Found(one, one) for one in ids]

        resources = [{"urn": f"urn::{one}", "type": kind, "id": one} for one in known]
        state = State({"deployment": {"resources": resources}})
        monkeypatch.setitem(LOOK_UPS, kind, look_up)  # type: ignore[arg-type]
        monkeypatch.setattr(guard, "_read_state", lambda: state)
        return regions

    return are


def args(kind, cloud_id="", **inputs):
    return pulumi.ResourceHookArgs("urn", cloud_id, "access-it", kind, new_inputs=inputs)


def test_what_the_state_does_not_have_is_refused(watch, world):
    world(EIP, ["eip-1"])
    with pytest.raises(DashlinkError, match=r"eip-1\).*Run `dashlink up dev`"):
        asyncio.run(watch.before_creation(args(EIP)))


@pytest.mark.parametrize("ids", [[], ["eip-1"]], ids=["nothing in the cloud", "a replacement"])
def test_a_creation_of_what_is_not_lost_happens(watch, world, ids):
    world(EIP, ids, known=ids)
    asyncio.run(watch.before_creation(args(EIP)))


def test_without_a_state_to_read_it_refuses(watch, world, monkeypatch):
    def fail():
        raise DashlinkError("pulumi: not on PATH.")

    world(EIP, ["eip-1"])
    monkeypatch.setattr(guard, "_read_state", fail)
    with pytest.raises(DashlinkError, match=r"eip-1\).*not on PATH\. Set DASHLINK_PULUMI"):
        asyncio.run(watch.before_creation(args(EIP)))


def test_without_the_right_to_list_it_warns(watch, world, monkeypatch):
    world(EIP, [])

    def refuse(reads, inputs):
        raise CloudError("cannot read", code="Forbidden.RAM")

    warnings = []
    monkeypatch.setitem(LOOK_UPS, EIP, refuse)
    monkeypatch.setattr(pulumi.log, "warn", warnings.append)
    asyncio.run(watch.before_creation(args(EIP)))
    (line,) = warnings
    assert line.startswith("access-it: not known whether it exists already: cannot read")


def test_a_second_one_is_reported_with_its_deletion(watch, world):
    world(NAT_GATEWAY, ["ngw-1", "ngw-2"], known=["ngw-0"])
    command = "aliyun vpc DeleteNatGateway --RegionId cn-beijing --NatGatewayId ngw-1"
    with pytest.raises(DashlinkError, match=command):
        asyncio.run(watch.after_creation(args(NAT_GATEWAY, "ngw-2")))


def test_the_resource_itself_is_no_second_one(watch, world):
    world(NAT_GATEWAY, ["ngw-2"])
    asyncio.run(watch.after_creation(args(NAT_GATEWAY, "ngw-2")))


def test_the_provider_of_a_resource_says_the_region(watch, world):
    regions = world(EIP, [])

    async def create():
        watch.regions["access-it"] = pulumi.Output.from_input("cn-shanghai")
        await watch.before_creation(args(EIP))

    asyncio.run(create())
    assert regions == ["cn-shanghai"]


def test_secret_inputs_are_not_read():
    async def plain():
        return guard._plain({"tags": {"stage": "dev"}, "password": pulumi.Output.secret("hidden")})

    assert asyncio.run(plain()) == {"tags": {"stage": "dev"}}
