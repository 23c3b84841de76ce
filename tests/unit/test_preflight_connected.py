"""The preflight of connected VPCs, against lookups in memory."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from support.clouds import MODEL_STUDIO
from support.memory_cloud import MemoryCloud

from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingVpc, ExistingVSwitch, ExistingZone
from dashlink.settings import StackSettings

_BLOCK = IPv4Network("10.30.0.0/16")
_ZONE = "cn-shanghai-m"


def _far(vpc_id="vpc-far", zone=_ZONE):
    vswitch = ExistingVSwitch("vsw-far", vpc_id, zone, IPv4Network("10.30.1.0/24"), "far")
    return MemoryCloud(vpcs={"vpc-far": ExistingVpc("vpc-far", (_BLOCK,))}, switches=[vswitch])


def _settings(**changed):
    connected = {
        "vpc_id": "vpc-far",
        "region": "cn-shanghai",
        "cidr": "10.30.0.0/16",
        "vswitch_ids": {_ZONE: "vsw-far"},
        **changed,
    }
    network = {
        "cidr": "10.20.0.0/16",
        "zones": ["cn-beijing-h", "cn-beijing-k"],
        "connected_vpcs": {"shanghai": connected},
    }
    endpoints = {"dashscope": {"service": "com.aliyuncs.dashscope"}}
    return StackSettings(network=NetworkSettings(**network), endpoints=endpoints)


def _faults(settings, far):
    cloud = MemoryCloud(regions={"cn-shanghai": far})
    return list(map(str, find(settings, cloud, "cn-beijing").faults))


def test_a_sound_connected_vpc_has_no_fault():
    assert _faults(_settings(), _far()) == []


@pytest.mark.parametrize(
    ("changed", "far", "where", "problem"),
    [
        ({"vpc_id": "vpc-none"}, _far(), "vpc_id", "no such VPC in cn-shanghai"),
        ({"cidr": "10.31.0.0/16"}, _far(), "cidr", "not inside the VPC"),
        ({"vswitch_ids": {_ZONE: "vsw-none"}}, _far(), f"vswitch_ids.{_ZONE}", "no such vSwitch"),
        ({}, _far(vpc_id="vpc-else"), f"vswitch_ids.{_ZONE}", "a vSwitch of vpc-else"),
        ({}, _far(zone="cn-shanghai-n"), f"vswitch_ids.{_ZONE}", "a vSwitch in cn-shanghai-n"),
    ],
    ids=["no VPC", "other block", "no vSwitch", "other VPC's vSwitch", "other zone"],
)
def test_a_fault_of_a_connected_vpc_is_reported(changed, far, where, problem):
    (fault,) = _faults(_settings(**changed), far)
    assert fault.startswith(f"network.connected_vpcs.shanghai.{where}: {problem}")


def test_an_existing_network_that_overlaps_is_reported():
    settings = _settings()
    network = NetworkSettings(
        vpc_id="vpc-near",
        zones=["cn-beijing-h", "cn-beijing-k"],
        vswitches={"cn-beijing-h": "10.29.1.0/24", "cn-beijing-k": "10.29.2.0/24"},
        connected_vpcs=settings.network.connected_vpcs,
    )
    near = ExistingVpc("vpc-near", (IPv4Network("10.29.0.0/16"), _BLOCK))
    cloud = MemoryCloud(vpcs={"vpc-near": near}, regions={"cn-shanghai": _far()})
    changed = settings.model_copy(update={"network": network})
    (fault,) = map(str, find(changed, cloud, "cn-beijing").faults)
    assert "overlaps 10.30.0.0/16 of the network's VPC" in fault


def test_a_name_that_a_connected_vpc_has_already_is_reported():
    taken = {(MODEL_STUDIO, "vpc-far"): ExistingZone("zone-1")}
    cloud = MemoryCloud(regions={"cn-shanghai": _far()}, zones=taken)
    (fault,) = map(str, find(_settings(), cloud, "cn-beijing", "project-stack").faults)
    assert fault.startswith("endpoints.dashscope.private_name")
    assert "vpc-far" in fault


def test_a_domain_that_a_connected_vpc_has_already_is_reported():
    taken = {("models.internal", "vpc-far"): ExistingZone("zone-1")}
    cloud = MemoryCloud(regions={"cn-shanghai": _far()}, zones=taken)
    changed = StackSettings(
        **{**dict(_settings()), "gateway": {}, "domains": {"models.internal": {"scheme": "http"}}}
    )
    (fault,) = map(str, find(changed, cloud, "cn-beijing", "project-stack").faults)
    assert fault.startswith("domains.models.internal.name_by: vpc-far already has a private zone")
