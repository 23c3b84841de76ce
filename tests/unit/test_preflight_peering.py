"""The preflight of VPC peerings, against lookups in memory."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingVpc
from dashlink.settings import StackSettings

OWN = {"made-by": "dashlink", "dashlink-project": "shop", "dashlink-stack": "dev"}


def peering(status="Activated", tags=None, far="vpc-far"):
    return {
        "InstanceId": "pcc-1",
        "Status": status,
        "Vpc": {"VpcId": "vpc-1"},
        "AcceptingVpc": {"VpcId": far},
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    }


def findings(rows, acceptance):
    partner = {
        "vpc_id": "vpc-far",
        "region": "cn-shanghai",
        "cidr": "10.30.0.0/16",
        "over": "peering",
        "account_id": "1234567890123456",
        "acceptance": acceptance,
    }
    settings = StackSettings(
        network={"vpc_id": "vpc-1", "zones": ZONES, "connected_vpcs": {"partner": partner}},
        endpoints={"studio": {"service": "com.aliyuncs.dashscope", "private_name": "service"}},
    )
    far = MemoryCloud(vpcs={"vpc-far": ExistingVpc("vpc-far", (IPv4Network("10.30.0.0/16"),))})
    cloud = MemoryCloud(peering_rows=rows, regions={"cn-shanghai": far})
    return find(settings, cloud, "cn-beijing", "shop-dev")


@pytest.mark.parametrize(
    ("rows", "acceptance"),
    [
        ([], "none"),
        ([], "pending"),
        ([peering("Accepting", OWN)], "pending"),
        ([peering(tags=OWN)], "accepted"),
        ([peering(tags=OWN)], "none"),
        ([{**peering(), "Name": "shop-dev-access-connections-partner"}], "none"),
    ],
    ids=["new", "new of another account", "waiting", "accepted", "own", "own, no tags yet"],
)
def test_a_sound_peering_has_no_findings(rows, acceptance):
    found = findings(rows, acceptance)
    assert (found.faults, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("rows", "acceptance", "where", "message"),
    [
        ([peering()], "none", "vpc_id", "the two VPCs have a peering already (pcc-1)"),
        ([], "accepted", "acceptance", "the stack has no peering with this VPC yet"),
        (
            [peering("Accepting", OWN)],
            "accepted",
            "acceptance",
            "pcc-1 is Accepting, not Activated (got accepted). Let the account 1234567890123456 "
            "run: aliyun vpcpeer AcceptVpcPeerConnection --region cn-shanghai --InstanceId pcc-1.",
        ),
    ],
    ids=["another peering", "none yet", "not accepted"],
)
def test_a_peering_that_cannot_work_is_a_fault(rows, acceptance, where, message):
    (fault,) = map(str, findings(rows, acceptance).faults)
    assert fault.startswith(f"network.connected_vpcs.partner.{where}: {message}")


def test_a_pending_peering_that_is_accepted_is_reported():
    (warning,) = map(str, findings([peering(tags=OWN)], "pending").warnings)
    assert "pcc-1 is accepted, and the network has no route to it" in warning
