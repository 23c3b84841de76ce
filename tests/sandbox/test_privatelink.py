"""Endpoints, their zones, and the services that they connect to."""

from __future__ import annotations

import json

import pytest

from dashlink_sandbox import admin

_FINANCE = "epsrv-zm0qfzkk1lcxfr3efci8"
_CLOSED = "epsrv-zm0sandboxclosed"
_PARTNER = "epsrv-2zesandboxpartner"


def _get(bench, endpoint_id: str) -> dict:
    return bench("Privatelink", "GetVpcEndpointAttribute", EndpointId=endpoint_id)


def _zones(bench, endpoint_id: str) -> dict[str, dict]:
    found = bench("Privatelink", "ListVpcEndpointZones", EndpointId=endpoint_id)["Zones"]
    return {zone["ZoneId"]: zone for zone in found}


def _console(bench, change: admin._Body) -> None:
    draft = bench.cloud.draft()
    change.apply(draft)
    bench.cloud.replace(draft)


def test_an_endpoint_becomes_active_and_its_connection_follows_its_zones(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    asked = {"VpcId": vpc_id, "ServiceName": "com.aliyuncs.dashscope"}
    endpoint_id = bench("Privatelink", "CreateVpcEndpoint", **asked)["EndpointId"]
    seen = [_get(bench, endpoint_id)]
    zone = {"EndpointId": endpoint_id, "ZoneId": "cn-beijing-h", "VSwitchId": vswitch_id}
    assert bench.refused("Privatelink", "AddZoneToVpcEndpoint", **zone) == "EndpointOperationDenied"
    bench.later()
    seen.append(_get(bench, endpoint_id))
    bench("Privatelink", "AddZoneToVpcEndpoint", **zone)
    seen.append(_get(bench, endpoint_id))
    bench.later()
    seen.append(_get(bench, endpoint_id))
    bench("Privatelink", "RemoveZoneFromVpcEndpoint", EndpointId=endpoint_id, ZoneId="cn-beijing-h")
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneStatus"] == "Deleting"
    bench.later()
    seen.append(_get(bench, endpoint_id))
    assert [(row["EndpointStatus"], row["ConnectionStatus"]) for row in seen] == [
        ("Creating", "Disconnected"),
        ("Active", "Disconnected"),
        ("Active", "Connecting"),
        ("Active", "Connected"),
        ("Active", "Disconnected"),
    ]
    assert _zones(bench, endpoint_id) == {}


def test_names_of_endpoints_and_zones_have_the_forms_of_the_cloud(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.ZoneId": "cn-beijing-h", "Zone.1.VSwitchId": vswitch_id})
    suffix = "dashscope.cn-beijing.privatelink.aliyuncs.com"
    assert _get(bench, endpoint_id)["EndpointDomain"] == f"{endpoint_id}.{suffix}"
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneDomain"] == f"{endpoint_id}-cn-beijing-h.{suffix}"
    bench.region = "cn-shanghai-finance-1"
    finance = _get(bench, bench.endpoint(bench.vpc(), _FINANCE))
    assert finance["EndpointDomain"].endswith(f".{_FINANCE}.cn-shanghai-finance-1.privatelink.aliyuncs.com")


def test_interfaces_take_the_next_free_addresses_from_the_second_on(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id, cidr="10.20.1.0/29")
    zone = {"Zone.1.VSwitchId": vswitch_id}
    made = [bench.endpoint(vpc_id, **zone) for _ in range(3)]
    addresses = [_zones(bench, endpoint_id)["cn-beijing-h"]["EniIp"] for endpoint_id in made]
    assert addresses == ["10.20.1.2", "10.20.1.3", "10.20.1.4"]
    asked = {"VpcId": vpc_id, "ServiceName": "com.aliyuncs.dashscope", **zone}
    assert bench.refused("Privatelink", "CreateVpcEndpoint", **asked) == "InsufficientIpAddress"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ZoneId": "cn-beijing-k"}, "InvalidParameter.VSwitchId"),
        ({"ZoneId": "cn-beijing-a", "VSwitchId": "a"}, "EndpointServiceZoneNotSupported"),
        ({"ZoneId": "cn-beijing-g", "VSwitchId": "g"}, "EndpointZoneAlreadyExists"),
        ({"VSwitchId": "elsewhere"}, "InvalidParameter.VSwitchId"),
        ({"VSwitchId": "vsw-absent"}, "InvalidVSwitchId.NotFound"),
        ({"ip": "10.20.1.0"}, "InvalidParameter.ip"),
        ({"ip": "10.20.2.9"}, "InvalidParameter.ip"),
        ({"EndpointId": "ep-absent"}, "EndpointNotFound"),
    ],
)
def test_a_zone_is_refused_for_each_rule_that_it_breaks(bench, changed, code):
    vpc_id = bench.vpc()
    vswitches = {
        "h": bench.vswitch(vpc_id, "cn-beijing-h", "10.20.1.0/24"),
        "a": bench.vswitch(vpc_id, "cn-beijing-a", "10.20.2.0/24"),
        "g": bench.vswitch(vpc_id, "cn-beijing-g", "10.20.3.0/24"),
        "elsewhere": bench.vswitch(bench.vpc("192.168.0.0/16"), "cn-beijing-h", "192.168.1.0/24"),
    }
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": vswitches["g"]})
    asked = {"EndpointId": endpoint_id, "ZoneId": "cn-beijing-h", "VSwitchId": "h", **changed}
    asked["VSwitchId"] = vswitches.get(asked["VSwitchId"], asked["VSwitchId"])
    assert bench.refused("Privatelink", "AddZoneToVpcEndpoint", **asked) == code


def test_an_address_may_be_asked_for(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": vswitch_id, "Zone.1.ip": "10.20.1.77"})
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["EniIp"] == "10.20.1.77"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ServiceName": ""}, "MissingServiceName"),
        ({"ServiceName": "com.aliyuncs.nothing"}, "EndpointServiceNotFound"),
        ({"ServiceId": _PARTNER}, "EndpointServiceNotFound"),  # a name and an id that are not one service's
        ({"ServiceRegionId": "cn-hangzhou"}, "EndpointServiceNotFound"),
        ({"VpcId": "vpc-absent"}, "InvalidVpcId.NotFound"),
        ({"SecurityGroupId.1": "sg-absent"}, "InvalidSecurityGroupId.NotFound"),
        ({"PolicyDocument": "{"}, "InvalidParameter.PolicyDocument"),
        ({"EndpointType": "Reverse"}, "InvalidParameter.EndpointType"),
        ({"EndpointName": "https://x"}, "InvalidParameter.EndpointName"),
        ({"CrossRegionBandwidth": "100"}, "InvalidParameter.CrossRegionBandwidth"),
        ({"ResourceGroupId": "rg-absent"}, "InvalidResourceGroup.NotFound"),
    ],
)
def test_an_endpoint_is_refused_for_each_rule_that_it_breaks(bench, changed, code):
    asked = {"VpcId": bench.vpc(), "ServiceName": "com.aliyuncs.dashscope", **changed}
    assert bench.refused("Privatelink", "CreateVpcEndpoint", **asked) == code
    assert bench.cloud.current().endpoints == {}


def test_a_security_group_of_another_vpc_is_refused(bench):
    vpc_id, group_id = bench.vpc(), bench.group(bench.vpc("192.168.0.0/16"))
    asked = {"VpcId": vpc_id, "ServiceName": "com.aliyuncs.dashscope", "SecurityGroupId.1": group_id}
    assert bench.refused("Privatelink", "CreateVpcEndpoint", **asked) == "InvalidParameter.SecurityGroupId"


def test_a_service_of_another_region_is_reached_by_its_region(bench):
    bench.region = "cn-hangzhou"
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id, "cn-hangzhou-b")
    asked = {"ServiceRegionId": "cn-beijing", "CrossRegionBandwidth": "100", "Zone.1.VSwitchId": vswitch_id}
    found = _get(bench, bench.endpoint(vpc_id, **asked))
    assert [found[name] for name in ("RegionId", "ServiceRegionId", "CrossRegionBandwidth", "ConnectionStatus")] == [
        "cn-hangzhou",
        "cn-beijing",
        100,
        "Connected",
    ]


def _visible(bench, **filters: str) -> set[str]:
    found = bench("Privatelink", "ListVpcEndpointServicesByEndUser", **filters)["Services"]
    return {service["ServiceId"] for service in found}


def test_a_service_is_seen_and_used_only_by_accounts_on_its_allow_list(bench):
    bench.region = "cn-shanghai-finance-1"
    assert _visible(bench) == {_FINANCE}
    asked = {"VpcId": bench.vpc(), "ServiceId": _CLOSED}
    assert bench.refused("Privatelink", "CreateVpcEndpoint", **asked) == "EndpointServiceNotFound"
    assert _visible(bench.other_account()) == set()
    _console(bench, admin.AllowList(service_id=_CLOSED, accounts=[bench.cloud.catalog.accounts[0].id]))
    assert _visible(bench) == {_FINANCE, _CLOSED}
    bench("Privatelink", "CreateVpcEndpoint", **asked)


def test_services_are_found_by_name_with_the_zones_that_they_offer(bench):
    (service,) = bench("Privatelink", "ListVpcEndpointServicesByEndUser", ServiceName="com.aliyuncs.dashscope")[
        "Services"
    ]
    assert service["Zones"] == [f"cn-beijing-{letter}" for letter in "ghikl"]
    assert _visible(bench, ServiceName="com.aliyuncs.nothing") == set()
    assert bench("Privatelink", "ListVpcEndpointServices")["Services"] == []


def test_a_connection_waits_until_the_service_accepts_and_ends_when_it_rejects(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, _PARTNER, **{"Zone.1.VSwitchId": vswitch_id})

    def statuses() -> tuple[str, str]:
        bench.later()
        connection = _get(bench, endpoint_id)["ConnectionStatus"]
        return connection, _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneStatus"]

    seen = [statuses()]
    for change in (admin.Accept, admin.Reject, admin.Accept):
        _console(bench, change(endpoint_id=endpoint_id))
        seen.append(statuses())
    connected, rejected = ("Connected", "Connected"), ("Disconnected", "Disconnected")
    assert seen == [("Pending", "Wait"), connected, rejected, connected]


def test_a_zone_that_is_taken_down_stays_down(bench):
    vpc_id = bench.vpc()
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": bench.vswitch(vpc_id)})
    down = admin.ZoneStatus(endpoint_id=endpoint_id, zone_id="cn-beijing-h", status="Disconnected")
    _console(bench, down)
    bench.later()
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneStatus"] == "Disconnected"
    assert _get(bench, endpoint_id)["ConnectionStatus"] == "Disconnected"


def test_an_endpoint_is_deleted_only_without_zones_and_without_protection(bench):
    vpc_id = bench.vpc()
    zone = {"Zone.1.VSwitchId": bench.vswitch(vpc_id)}
    endpoint_id = bench.endpoint(vpc_id, ProtectedEnabled="true", **zone)
    ask = {"EndpointId": endpoint_id}
    assert bench.refused("Privatelink", "DeleteVpcEndpoint", **ask) == "OperationDenied.EndpointProtected"
    bench("Privatelink", "UpdateVpcEndpointAttribute", ProtectedEnabled="false", **ask)
    assert _get(bench, endpoint_id)["ProtectedEnabled"] is True
    _console(bench, admin.Protection(endpoint_id=endpoint_id, enabled=False))
    assert bench.refused("Privatelink", "DeleteVpcEndpoint", **ask) == "EndpointOperationDenied"
    bench("Privatelink", "RemoveZoneFromVpcEndpoint", ZoneId="cn-beijing-h", **ask)
    bench.later()
    bench("Privatelink", "DeleteVpcEndpoint", **ask)
    assert _get(bench, endpoint_id)["EndpointStatus"] == "Deleting"
    bench.later()
    assert bench.refused("Privatelink", "GetVpcEndpointAttribute", **ask) == "EndpointNotFound"


def test_attributes_change_in_place(bench):
    endpoint_id = bench.endpoint(bench.vpc(), EndpointName="one", EndpointDescription="text")
    policy = json.dumps({"Version": "1", "Statement": []})
    changed = {
        "EndpointName": "two",
        "EndpointDescription": "",
        "PolicyDocument": policy,
        "ZoneAffinityEnabled": "true",
    }
    bench("Privatelink", "UpdateVpcEndpointAttribute", EndpointId=endpoint_id, **changed)
    found = _get(bench, endpoint_id)
    read = [found[name] for name in ("EndpointName", "EndpointDescription", "PolicyDocument", "ZoneAffinityEnabled")]
    assert read == ["two", "", policy, True]
    bench("Privatelink", "UpdateVpcEndpointAttribute", EndpointId=endpoint_id, ResetPolicy="true")
    assert _get(bench, endpoint_id)["PolicyDocument"] == ""


def test_security_groups_are_attached_and_detached(bench):
    vpc_id = bench.vpc()
    one, two = bench.group(vpc_id), bench.group(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, **{"SecurityGroupId.1": one})
    ask = {"EndpointId": endpoint_id}

    def attached() -> list[str]:
        found = bench("Privatelink", "ListVpcEndpointSecurityGroups", **ask)["SecurityGroups"]
        return [row["SecurityGroupId"] for row in found]

    bench("Privatelink", "AttachSecurityGroupToVpcEndpoint", SecurityGroupId=two, **ask)
    assert attached() == [one, two]
    bench("Privatelink", "DetachSecurityGroupFromVpcEndpoint", SecurityGroupId=one, **ask)
    assert attached() == [two]


def test_endpoints_are_listed_by_name_vpc_and_tags(bench):
    vpc_id = bench.vpc()
    tag = {"Tag.1.Key": "stack", "Tag.1.Value": "dev"}
    named = bench.endpoint(vpc_id, EndpointName="models", **tag)
    other = bench.endpoint(vpc_id)

    def listed(**filters: str) -> list[str]:
        return [row["EndpointId"] for row in bench("Privatelink", "ListVpcEndpoints", **filters)["Endpoints"]]

    assert listed(VpcId=vpc_id) == [named, other]
    assert listed(EndpointName="models") == listed(**tag) == [named]
    assert listed(EndpointStatus="Creating") == []
