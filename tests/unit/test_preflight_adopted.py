"""The checks of existing endpoints, against a cloud in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.endpoint.settings import EndpointSettings
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import AdoptedEndpoint, ExistingZone
from dashlink.settings import StackSettings

REGION = "cn-beijing"
SOUND = AdoptedEndpoint(
    endpoint_id="ep-1",
    vpc_id="vpc-1",
    service_name="com.aliyuncs.dashscope",
    service_id="epsrv-1",
    service_region=REGION,
    connection_status="Connected",
    zones=ZONES,
)
NEW_NETWORK = {"cidr": "10.20.0.0/16", "zones": ZONES}


def findings(endpoint, network=None, **settings):
    """Findings for a stack that adopts an endpoint, where the cloud offers no service any more."""
    found = {} if endpoint is None else {"ep-1": endpoint}
    settings = {"id": "ep-1", "private_name": "service", **settings}
    stack = StackSettings(
        network=NetworkSettings(**(network or {"vpc_id": "vpc-1", "zones": ZONES})),
        endpoints={"dashscope": EndpointSettings(**settings)},
    )
    return find(stack, MemoryCloud(service=None, adopted=found), REGION, "shop-dev")


def test_a_sound_endpoint_needs_no_offered_service():
    found = findings(SOUND)
    assert (found.faults, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("changes", "settings", "message"),
    [
        (
            {"vpc_id": "vpc-2"},
            {},
            "endpoints.dashscope.id: not in the stack's VPC, but in vpc-2 (got ep-1). Use an "
            "endpoint of vpc-1, or write `network: {vpc_id: vpc-2}`.",
        ),
        (
            {"zones": ("cn-beijing-h",)},
            {},
            "endpoints.dashscope.zones: ep-1 is not in this zone (got cn-beijing-k). Write "
            "`zones: [cn-beijing-h]`, or add the zone in the PrivateLink console.",
        ),
        (
            {"service_name": "com.aliyuncs.oss"},
            {},
            "endpoints.dashscope.id: its service is com.aliyuncs.oss, which is not of the profile "
            "dashscope (got ep-1). Write `profile: plain`, with `base_paths`, or use another "
            "endpoint.",
        ),
        (
            {},
            {"profile": "dashscope-finance", "private_name": "none"},
            "endpoints.dashscope.id: its service is com.aliyuncs.dashscope, which is not of the "
            "profile dashscope-finance (got ep-1). Write `profile: dashscope`.",
        ),
        (
            {"service_region": "cn-shanghai"},
            {"private_name": {"mode": "service", "domain": "models.example.com"}},
            "endpoints.dashscope.service_region: its service is in cn-shanghai, not in cn-beijing "
            "(got ep-1). Write `service_region: cn-shanghai`.",
        ),
    ],
    ids=["VPC", "zone", "service", "profile", "region of the service"],
)
def test_an_endpoint_that_does_not_fit_is_a_fault(changes, settings, message):
    found = findings(replace(SOUND, **changes), **settings)
    assert list(map(str, found.faults)) == [message]


def test_an_endpoint_that_does_not_exist_is_a_fault():
    found = findings(None)
    assert list(map(str, found.faults)) == [
        "endpoints.dashscope.id: there is no such endpoint in cn-beijing (got ep-1). Copy it from "
        "the PrivateLink console, of an endpoint in cn-beijing."
    ]


def test_a_connection_that_is_not_accepted_is_a_warning():
    found = findings(replace(SOUND, connection_status="Pending"))
    assert found.faults == ()
    assert list(map(str, found.warnings)) == [
        "endpoints.dashscope.id: its connection is Pending; `up` waits for it (got ep-1). Ask the "
        "owner of com.aliyuncs.dashscope to accept the endpoint."
    ]


def test_an_endpoint_beside_a_new_vpc_is_a_warning():
    found = findings(SOUND, NEW_NETWORK)
    assert found.faults == ()
    (message,) = map(str, found.warnings)
    assert "in vpc-1, and the stack creates its own VPC" in message


def test_zones_of_the_endpoint_need_no_vswitch_of_the_network():
    found = findings(replace(SOUND, zones=("cn-beijing-g",)), zones=["cn-beijing-g"])
    assert found.faults == ()


HOST = "llm-34o9-vpc-1.cn-beijing.maas.aliyuncs.com"


@pytest.mark.parametrize("taken", [True, False], ids=["taken", "free"])
def test_the_host_of_a_workspace_may_be_taken_in_a_further_vpc(taken):
    far = {"vpc_id": "vpc-far", "region": "cn-shanghai"}
    workspace = {
        "workspace_id": "ws-1",
        "host": HOST,
        "attach_to": [far],
        "addresses": ["10.1.0.7"],
    }
    stack = StackSettings(
        network=NetworkSettings(vpc_id="vpc-1", zones=ZONES),
        endpoints={"studio": EndpointSettings(workspace=workspace)},
    )
    zones = {(HOST, "vpc-far"): ExistingZone("z-1")} if taken else {}
    found = find(stack, MemoryCloud(service=None, zones=zones), REGION, "shop-dev")
    expected = []
    if taken:
        expected = [
            "endpoints.studio.workspace.attach_to: vpc-far already has a private zone "
            f"{HOST} (z-1). Remove the VPC from `attach_to`, or detach that zone from the VPC."
        ]
    assert list(map(str, found.faults)) == expected
