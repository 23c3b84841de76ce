"""Load balancers of NLB and CLB, as far as endpoint services need them."""

from __future__ import annotations

from typing import Any

import pytest

_ZONES = ("cn-beijing-h", "cn-beijing-k")


def _nlb(bench, *vswitch_ids: str, **changed: str) -> dict[str, Any]:
    vpc_id = bench.cloud.current().vswitches[vswitch_ids[0]].vpc_id
    params = {"VpcId": vpc_id, "AddressType": "Intranet", "LoadBalancerName": "models"}
    for number, vswitch_id in enumerate(vswitch_ids, 1):
        zone_id = bench.cloud.current().vswitches[vswitch_id].zone_id
        params[f"ZoneMappings.{number}.VSwitchId"] = vswitch_id
        params[f"ZoneMappings.{number}.ZoneId"] = zone_id
    created = bench("Nlb", "CreateLoadBalancer", **{**params, **changed})
    return bench("Nlb", "GetLoadBalancerAttribute", LoadBalancerId=created["LoadbalancerId"])


def _clb(bench, vswitch_id: str, **changed: str) -> dict[str, Any]:
    params = {"VSwitchId": vswitch_id, "AddressType": "intranet", "LoadBalancerName": "models"}
    created = bench("Slb", "CreateLoadBalancer", **{**params, **changed})
    balancer_id = created["LoadBalancerId"]
    return bench("Slb", "DescribeLoadBalancerAttribute", LoadBalancerId=balancer_id)


@pytest.fixture
def vswitch_ids(bench) -> list[str]:
    vpc_id = bench.vpc()
    blocks = ("10.20.1.0/24", "10.20.2.0/24")
    return [bench.vswitch(vpc_id, zone, cidr) for zone, cidr in zip(_ZONES, blocks, strict=True)]


def test_a_network_load_balancer_has_an_address_in_each_zone(bench, vswitch_ids):
    balancer = _nlb(bench, *vswitch_ids, **{"ZoneMappings.2.PrivateIPv4Address": "10.20.2.9"})
    assert balancer["LoadBalancerStatus"] == "Provisioning"
    addresses = {}
    for mapping in balancer["ZoneMappings"]:
        (address,) = mapping["LoadBalancerAddresses"]
        addresses[mapping["ZoneId"]] = address["PrivateIPv4Address"]
    assert addresses == {_ZONES[0]: "10.20.1.2", _ZONES[1]: "10.20.2.9"}
    bench.later()
    params = {"LoadBalancerId": balancer["LoadBalancerId"]}
    balancer = bench("Nlb", "GetLoadBalancerAttribute", **params)
    assert balancer["LoadBalancerStatus"] == "Active"
    bench("Nlb", "UpdateLoadBalancerAttribute", CrossZoneEnabled="false", **params)
    assert bench("Nlb", "GetLoadBalancerAttribute", **params)["CrossZoneEnabled"] is False


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VpcId": "vpc-absent"}, "ResourceNotFound.Vpc"),
        ({"ZoneMappings.1.VSwitchId": "vsw-absent"}, "ResourceNotFound.VSwitch"),
        ({"ZoneMappings.1.ZoneId": "cn-beijing-g"}, "Mismatch.ZoneIdAndVswitchId"),
        ({"ZoneMappings.1.PrivateIPv4Address": "10.20.9.9"}, "ResourceNotEnough.VSwitchIp"),
        ({"AddressType": "Internet"}, "Sandbox.UnsupportedParameter"),
        ({"BandwidthPackageId": "cbwp-1"}, "Sandbox.UnsupportedParameter"),
    ],
    ids=["VPC", "vSwitch", "zone", "address", "public", "bandwidth package"],
)
def test_each_invalid_field_of_an_nlb_is_refused(bench, vswitch_ids, changed, code):
    vswitch = bench.cloud.current().vswitches[vswitch_ids[0]]
    params = {
        "VpcId": vswitch.vpc_id,
        "AddressType": "Intranet",
        "ZoneMappings.1.VSwitchId": vswitch.vswitch_id,
        "ZoneMappings.1.ZoneId": vswitch.zone_id,
    }
    assert bench.refused("Nlb", "CreateLoadBalancer", **{**params, **changed}) == code
    assert bench.cloud.current().load_balancers == {}


def test_a_classic_load_balancer_has_two_zones(bench, vswitch_ids):
    balancer = _clb(bench, vswitch_ids[0], SlaveZoneId=_ZONES[1], LoadBalancerSpec="slb.s2.small")
    assert (balancer["MasterZoneId"], balancer["SlaveZoneId"]) == _ZONES
    assert (balancer["Address"], balancer["LoadBalancerStatus"]) == ("10.20.1.2", "active")
    assert balancer["LoadBalancerSpec"] == "slb.s2.small"
    rename = {"LoadBalancerId": balancer["LoadBalancerId"], "LoadBalancerName": "renamed"}
    bench("Slb", "SetLoadBalancerName", **rename)
    path = "LoadBalancers.LoadBalancer.LoadBalancerId"
    listed = bench.column("Slb", "DescribeLoadBalancers", path, LoadBalancerName="renamed")
    assert listed == [balancer["LoadBalancerId"]]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VSwitchId": "vsw-absent"}, "VSwitchNotExist"),
        ({"VSwitchId": ""}, "Sandbox.UnsupportedParameter"),
        ({"Address": "10.20.9.9"}, "VSwitchAvailableIpNotExist"),
        ({"MasterZoneId": "cn-hangzhou-h"}, "InvalidParameter.MasterZoneId"),
        ({"AddressType": "internet"}, "Sandbox.UnsupportedParameter"),
    ],
    ids=["vSwitch", "no vSwitch", "address", "zone", "public"],
)
def test_each_invalid_field_of_a_clb_is_refused(bench, vswitch_ids, changed, code):
    params = {"VSwitchId": vswitch_ids[0], "AddressType": "intranet"}
    assert bench.refused("Slb", "CreateLoadBalancer", **{**params, **changed}) == code


def test_a_load_balancer_occupies_its_vswitch(bench, vswitch_ids):
    balancer = _clb(bench, vswitch_ids[0])
    params = {"VSwitchId": vswitch_ids[0]}
    assert bench.refused("Vpc", "DeleteVSwitch", **params).startswith("DependencyViolation")
    bench("Slb", "DeleteLoadBalancer", LoadBalancerId=balancer["LoadBalancerId"])
    bench("Vpc", "DeleteVSwitch", **params)


def test_a_load_balancer_of_a_service_is_not_deleted(bench, vswitch_ids):
    balancers = {
        "slb": _clb(bench, vswitch_ids[0])["LoadBalancerId"],
        "nlb": _nlb(bench, *vswitch_ids)["LoadBalancerId"],
    }
    codes = {}
    for kind, resource_id in balancers.items():
        resource = {
            "Resource.1.ResourceId": resource_id,
            "Resource.1.ResourceType": kind,
            "Resource.1.ZoneId": _ZONES[0],
        }
        create = {"ServiceResourceType": kind, **resource}
        bench("Privatelink", "CreateVpcEndpointService", **create)
        product = kind.capitalize()
        codes[kind] = bench.refused(product, "DeleteLoadBalancer", LoadBalancerId=resource_id)
    assert codes == {
        "slb": "Operation.NotAllowed",
        "nlb": "OperationDenied.PrivateLinkAssociated",
    }


def test_another_account_sees_no_load_balancer(bench, vswitch_ids):
    nlb = _nlb(bench, *vswitch_ids)["LoadBalancerId"]
    clb = _clb(bench, vswitch_ids[0])["LoadBalancerId"]
    other = bench.other_account()
    missing = other.refused("Nlb", "GetLoadBalancerAttribute", LoadBalancerId=nlb)
    assert missing == "ResourceNotFound.loadBalancer"
    missing = other.refused("Slb", "DescribeLoadBalancerAttribute", LoadBalancerId=clb)
    assert missing == "InvalidLoadBalancerId.NotFound"


def test_every_zone_of_the_region_has_load_balancers(bench):
    zones = bench.cloud.catalog.regions[bench.region].zones
    assert tuple(bench.column("Nlb", "DescribeZones", "Zones.ZoneId")) == zones
    path = "AvailableResources.AvailableResource.MasterZoneId"
    assert tuple(bench.column("Slb", "DescribeAvailableResource", path)) == zones
    assert tuple(bench.column("Slb", "DescribeZones", "Zones.Zone.ZoneId")) == zones
