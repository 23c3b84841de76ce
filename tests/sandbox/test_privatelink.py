"""Endpoints, their zones, and the services that they connect to."""

from __future__ import annotations

import json

import pytest

from dashlink_sandbox import admin
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.request import WireRequest

_FINANCE = "epsrv-zm0qfzkk1lcxfr3efci8"
_CLOSED = "epsrv-zm0sandboxclosed"
_PARTNER = "epsrv-2zesandboxpartner"


def _get(bench, endpoint_id: str) -> dict:
    return bench("Privatelink", "GetVpcEndpointAttribute", EndpointId=endpoint_id)


def _zones(bench, endpoint_id: str) -> dict[str, dict]:
    response = bench("Privatelink", "ListVpcEndpointZones", EndpointId=endpoint_id)
    return {zone["ZoneId"]: zone for zone in response["Zones"]}


def _console(bench, change: admin._Body) -> None:
    draft = bench.cloud.draft()
    change.apply(draft)
    bench.cloud.replace(draft)


def test_the_status_of_an_endpoint_follows_its_zones(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    params = {"VpcId": vpc_id, "ServiceName": "com.aliyuncs.dashscope"}
    endpoint_id = bench("Privatelink", "CreateVpcEndpoint", **params)["EndpointId"]

    def status() -> tuple[str, str]:
        endpoint = _get(bench, endpoint_id)
        return endpoint["EndpointStatus"], endpoint["ConnectionStatus"]

    assert status() == ("Creating", "Disconnected")
    zone = {"EndpointId": endpoint_id, "ZoneId": "cn-beijing-h", "VSwitchId": vswitch_id}
    assert bench.refused("Privatelink", "AddZoneToVpcEndpoint", **zone) == "EndpointOperationDenied"
    bench.later()
    assert status() == ("Active", "Disconnected")
    bench("Privatelink", "AddZoneToVpcEndpoint", **zone)
    assert status() == ("Active", "Connecting")
    bench.later()
    assert status() == ("Active", "Connected")
    del zone["VSwitchId"]
    bench("Privatelink", "RemoveZoneFromVpcEndpoint", **zone)
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneStatus"] == "Deleting"
    bench.later()
    assert status() == ("Active", "Disconnected")
    assert _zones(bench, endpoint_id) == {}


def test_domains_of_endpoints_and_zones_have_the_clouds_form(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    zone = {"Zone.1.ZoneId": "cn-beijing-h", "Zone.1.VSwitchId": vswitch_id}
    endpoint_id = bench.endpoint(vpc_id, **zone)
    suffix = "dashscope.cn-beijing.privatelink.aliyuncs.com"
    assert _get(bench, endpoint_id)["EndpointDomain"] == f"{endpoint_id}.{suffix}"
    (zone,) = _zones(bench, endpoint_id).values()
    assert zone["ZoneDomain"] == f"{endpoint_id}-cn-beijing-h.{suffix}"
    bench.region = "cn-shanghai-finance-1"
    finance = _get(bench, bench.endpoint(bench.vpc(), _FINANCE))
    suffix = f"{_FINANCE}.cn-shanghai-finance-1.privatelink.aliyuncs.com"
    assert finance["EndpointDomain"].endswith(f".{suffix}")


def test_interfaces_get_the_next_free_addresses(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id, cidr="10.20.1.0/29")
    zone = {"Zone.1.VSwitchId": vswitch_id}
    for address in ("10.20.1.2", "10.20.1.3", "10.20.1.4"):
        endpoint_id = bench.endpoint(vpc_id, **zone)
        assert _zones(bench, endpoint_id)["cn-beijing-h"]["EniIp"] == address
    params = {"VpcId": vpc_id, "ServiceName": "com.aliyuncs.dashscope", **zone}
    assert (
        bench.refused("Privatelink", "CreateVpcEndpoint", **params) == "ResourceNotEnough.VSwitchIp"
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ZoneId": "cn-beijing-k"}, "InvalidParameter.VSwitchId"),
        ({"ZoneId": "cn-beijing-a", "VSwitchId": "a"}, "EndpointServiceNotSupportedZone"),
        ({"ZoneId": "cn-beijing-g", "VSwitchId": "g"}, "EndpointZoneDuplicated"),
        ({"VSwitchId": "elsewhere"}, "InvalidParameter.VSwitchId"),
        ({"VSwitchId": "vsw-absent"}, "VSwitchNotFound"),
        ({"ip": "10.20.1.0"}, "EniIpUnavailable"),
        ({"ip": "10.20.2.9"}, "EniIpUnavailable"),
        ({"EndpointId": "ep-absent"}, "EndpointNotFound"),
    ],
    ids=str,
)
def test_each_invalid_field_of_a_zone_is_refused(bench, changed, code):
    vpc_id = bench.vpc()
    vswitches = {
        "h": bench.vswitch(vpc_id, "cn-beijing-h", "10.20.1.0/24"),
        "a": bench.vswitch(vpc_id, "cn-beijing-a", "10.20.2.0/24"),
        "g": bench.vswitch(vpc_id, "cn-beijing-g", "10.20.3.0/24"),
        "elsewhere": bench.vswitch(bench.vpc("192.168.0.0/16"), "cn-beijing-h", "192.168.1.0/24"),
    }
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": vswitches["g"]})
    params = {"EndpointId": endpoint_id, "ZoneId": "cn-beijing-h", "VSwitchId": "h", **changed}
    params["VSwitchId"] = vswitches.get(params["VSwitchId"], params["VSwitchId"])
    assert bench.refused("Privatelink", "AddZoneToVpcEndpoint", **params) == code


def test_a_zone_may_request_its_address(bench):
    vpc_id = bench.vpc()
    zone = {"Zone.1.VSwitchId": bench.vswitch(vpc_id), "Zone.1.ip": "10.20.1.77"}
    endpoint_id = bench.endpoint(vpc_id, **zone)
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["EniIp"] == "10.20.1.77"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ServiceName": ""}, "MissingServiceName"),
        ({"ServiceName": "com.aliyuncs.nothing"}, "EndpointServiceNotFound"),
        ({"ServiceId": _PARTNER}, "EndpointServiceNotFound"),  # not the service of this name
        ({"ServiceRegionId": "cn-hangzhou"}, "EndpointServiceNotFound"),
        ({"VpcId": "vpc-absent"}, "VpcNotFound"),
        ({"SecurityGroupId.1": "sg-absent"}, "SecurityGroupNotFound"),
        ({"PolicyDocument": "{"}, "InvalidParameter.PolicyDocument"),
        ({"EndpointType": "Reverse"}, "Sandbox.UnsupportedParameter"),
        ({"EndpointType": "GatewayLoadBalancer"}, "Mismatch.EndpointType"),
        ({"EndpointName": "https://x"}, "InvalidParameter.EndpointName"),
        ({"CrossRegionBandwidth": "100"}, "InvalidParameter.CrossRegionBandwidth"),
        ({"ResourceGroupId": "rg-absent"}, "InvalidResourceGroup.NotFound"),
    ],
    ids=str,
)
def test_each_invalid_field_of_an_endpoint_is_refused(bench, changed, code):
    params = {"VpcId": bench.vpc(), "ServiceName": "com.aliyuncs.dashscope", **changed}
    assert bench.refused("Privatelink", "CreateVpcEndpoint", **params) == code
    assert bench.cloud.current().endpoints == {}


def test_a_security_group_of_another_vpc_is_refused(bench):
    params = {"VpcId": bench.vpc(), "ServiceName": "com.aliyuncs.dashscope"}
    params["SecurityGroupId.1"] = bench.group(bench.vpc("192.168.0.0/16"))
    refusal = bench.refused("Privatelink", "CreateVpcEndpoint", **params)
    assert refusal == "InvalidParameter.SecurityGroupId"


def test_an_endpoint_connects_to_a_service_of_another_region(bench):
    bench.region = "cn-hangzhou"
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id, "cn-hangzhou-b")
    params = {"ServiceRegionId": "cn-beijing", "CrossRegionBandwidth": "100"}
    endpoint_id = bench.endpoint(vpc_id, **params, **{"Zone.1.VSwitchId": vswitch_id})
    endpoint = _get(bench, endpoint_id)
    assert (endpoint["RegionId"], endpoint["ServiceRegionId"]) == ("cn-hangzhou", "cn-beijing")
    assert (endpoint["CrossRegionBandwidth"], endpoint["ConnectionStatus"]) == (100, "Connected")


def _visible(bench, **filters: str) -> set[str]:
    action = "ListVpcEndpointServicesByEndUser"
    return set(bench.column("Privatelink", action, "Services.ServiceId", **filters))


def test_only_accounts_on_the_allow_list_see_and_use_a_service(bench):
    bench.region = "cn-shanghai-finance-1"
    assert _visible(bench) == {_FINANCE}
    params = {"VpcId": bench.vpc(), "ServiceId": _CLOSED}
    refusal = bench.refused("Privatelink", "CreateVpcEndpoint", **params)
    assert refusal == "EndpointServiceNotAuthorized"
    assert _visible(bench.other_account()) == set()
    account_id = bench.cloud.catalog.accounts[0].id
    other_id = bench.cloud.catalog.accounts[1].id
    _console(bench, admin.AllowList(service_id=_CLOSED, accounts=[other_id]))
    assert (_visible(bench), _visible(bench.other_account())) == ({_FINANCE}, {_CLOSED})
    assert bench.refused("Privatelink", "CreateVpcEndpoint", **params) == refusal
    _console(bench, admin.AllowList(service_id=_CLOSED, accounts=[other_id, account_id]))
    assert _visible(bench) == {_FINANCE, _CLOSED}
    bench("Privatelink", "CreateVpcEndpoint", **params)


def test_services_are_listed_by_name_with_their_zones(bench):
    params = {"ServiceName": "com.aliyuncs.dashscope"}
    response = bench("Privatelink", "ListVpcEndpointServicesByEndUser", **params)
    (service,) = response["Services"]
    assert service["Zones"] == [f"cn-beijing-{letter}" for letter in "ghikl"]
    assert _visible(bench, ServiceName="com.aliyuncs.nothing") == set()
    assert bench("Privatelink", "ListVpcEndpointServices")["Services"] == []


def test_the_service_accepts_or_rejects_a_connection(bench):
    vpc_id = bench.vpc()
    vswitch_id = bench.vswitch(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, _PARTNER, **{"Zone.1.VSwitchId": vswitch_id})

    def statuses() -> tuple[str, str]:
        bench.later()
        connection = _get(bench, endpoint_id)["ConnectionStatus"]
        return connection, _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneStatus"]

    assert statuses() == ("Pending", "Wait")
    for change, status in (
        (admin.Accept, "Connected"),
        (admin.Reject, "Disconnected"),
        (admin.Accept, "Connected"),
    ):
        _console(bench, change(endpoint_id=endpoint_id))
        assert statuses() == (status, status)


def test_a_disconnected_zone_stays_disconnected(bench):
    vpc_id = bench.vpc()
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": bench.vswitch(vpc_id)})
    down = admin.ZoneStatus(endpoint_id=endpoint_id, zone_id="cn-beijing-h", status="Disconnected")
    _console(bench, down)
    bench.later()
    assert _zones(bench, endpoint_id)["cn-beijing-h"]["ZoneStatus"] == "Disconnected"
    assert _get(bench, endpoint_id)["ConnectionStatus"] == "Disconnected"


def test_an_endpoint_with_zones_is_not_deleted(bench):
    vpc_id = bench.vpc()
    endpoint_id = bench.endpoint(vpc_id, **{"Zone.1.VSwitchId": bench.vswitch(vpc_id)})
    params = {"EndpointId": endpoint_id}
    assert (
        bench.refused("Privatelink", "DeleteVpcEndpoint", **params) == "EndpointDependenceViolation"
    )
    bench("Privatelink", "RemoveZoneFromVpcEndpoint", ZoneId="cn-beijing-h", **params)
    bench.later()
    bench("Privatelink", "DeleteVpcEndpoint", **params)
    assert _get(bench, endpoint_id)["EndpointStatus"] == "Deleting"
    bench.later()
    assert bench.refused("Privatelink", "GetVpcEndpointAttribute", **params) == "EndpointNotFound"


def _as_role(bench, role: str, action: str, **params: str) -> dict:
    """Call an action of PrivateLink with a temporary key of ``role``."""
    account = bench.cloud.catalog.accounts[0]
    identity = Identity(account, f"acs:ram::{account.id}:assumed-role/{role}/session")
    envelope = {"Action": action, "Version": "2020-04-15", "RegionId": bench.region}
    request = WireRequest("POST", "/", {**envelope, **params}, {})
    return bench.cloud.perform(request, identity, "127.0.0.1")


def test_protection_has_no_effect_without_a_temporary_key(bench):
    endpoint_id = bench.endpoint(bench.vpc(), ProtectedEnabled="true")
    assert _get(bench, endpoint_id)["ProtectedEnabled"] is True
    _as_role(bench, "other", "DeleteVpcEndpoint", EndpointId=endpoint_id)


def test_only_its_creator_deletes_a_protected_endpoint(bench):
    params = {"VpcId": bench.vpc(), "ServiceName": "com.aliyuncs.dashscope"}
    params["ProtectedEnabled"] = "true"
    endpoint_id = _as_role(bench, "creator", "CreateVpcEndpoint", **params)["EndpointId"]
    bench.later()
    endpoint = {"EndpointId": endpoint_id}
    for action in ("UpdateVpcEndpointAttribute", "DeleteVpcEndpoint"):
        refusal = bench.refused("Privatelink", action, **endpoint)
        assert refusal == "OperationDenied.EndpointProtected"
        with pytest.raises(ApiError, match="EndpointProtected"):
            _as_role(bench, "other", action, **endpoint)
        _as_role(bench, "creator", action, **endpoint)


def test_the_console_lifts_the_protection_of_an_endpoint(bench):
    params = {"VpcId": bench.vpc(), "ServiceName": "com.aliyuncs.dashscope"}
    params["ProtectedEnabled"] = "true"
    endpoint_id = _as_role(bench, "creator", "CreateVpcEndpoint", **params)["EndpointId"]
    bench.later()
    _console(bench, admin.Protection(endpoint_id=endpoint_id, enabled=False))
    bench("Privatelink", "DeleteVpcEndpoint", EndpointId=endpoint_id)


def test_an_update_cannot_change_the_protection(bench):
    endpoint_id = bench.endpoint(bench.vpc(), ProtectedEnabled="true")
    params = {"EndpointId": endpoint_id, "ProtectedEnabled": "false"}
    refusal = bench.refused("Privatelink", "UpdateVpcEndpointAttribute", **params)
    assert refusal == "Sandbox.UnsupportedParameter"
    assert _get(bench, endpoint_id)["ProtectedEnabled"] is True


def test_an_endpoint_has_at_most_ten_security_groups(bench):
    vpc_id = bench.vpc()
    groups = {}
    for number in range(1, 11):
        groups[f"SecurityGroupId.{number}"] = bench.group(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, **groups)
    params = {"EndpointId": endpoint_id, "SecurityGroupId": bench.group(vpc_id)}
    refusal = bench.refused("Privatelink", "AttachSecurityGroupToVpcEndpoint", **params)
    assert refusal == "QuotaMisMatched"


@pytest.mark.parametrize("version", ["IPv4", "DualStack"], ids=str)
def test_an_endpoint_has_either_protocol_version(bench, version):
    endpoint_id = bench.endpoint(bench.vpc(), AddressIpVersion=version)
    assert _get(bench, endpoint_id)["AddressIpVersion"] == version
    params = {"EndpointId": endpoint_id, "AddressIpVersion": "IPv6"}
    refusal = bench.refused("Privatelink", "UpdateVpcEndpointAttribute", **params)
    assert refusal == "InvalidParameter.AddressIpVersion"


def test_attributes_of_an_endpoint_change_in_place(bench):
    endpoint_id = bench.endpoint(bench.vpc(), EndpointName="one", EndpointDescription="text")
    policy = json.dumps({"Version": "1", "Statement": []})
    changed = {
        "EndpointName": "two",
        "EndpointDescription": "",
        "PolicyDocument": policy,
        "ZoneAffinityEnabled": "true",
    }
    bench("Privatelink", "UpdateVpcEndpointAttribute", EndpointId=endpoint_id, **changed)
    endpoint = _get(bench, endpoint_id)
    assert endpoint == endpoint | changed | {"ZoneAffinityEnabled": True}
    reset = {"EndpointId": endpoint_id, "ResetPolicy": "true"}
    bench("Privatelink", "UpdateVpcEndpointAttribute", **reset)
    assert _get(bench, endpoint_id)["PolicyDocument"] == ""


def test_security_groups_are_attached_and_detached(bench):
    vpc_id = bench.vpc()
    one, two = bench.group(vpc_id), bench.group(vpc_id)
    endpoint_id = bench.endpoint(vpc_id, **{"SecurityGroupId.1": one})
    params = {"EndpointId": endpoint_id}

    def attached() -> list[str]:
        path = "SecurityGroups.SecurityGroupId"
        return bench.column("Privatelink", "ListVpcEndpointSecurityGroups", path, **params)

    bench("Privatelink", "AttachSecurityGroupToVpcEndpoint", SecurityGroupId=two, **params)
    assert attached() == [one, two]
    bench("Privatelink", "DetachSecurityGroupFromVpcEndpoint", SecurityGroupId=one, **params)
    assert attached() == [two]


def test_endpoints_are_listed_by_name_vpc_and_tags(bench):
    vpc_id = bench.vpc()
    tag = {"Tag.1.Key": "stack", "Tag.1.Value": "dev"}
    named = bench.endpoint(vpc_id, EndpointName="models", **tag)
    other = bench.endpoint(vpc_id)

    def listed(**filters: str) -> list[str]:
        path = "Endpoints.EndpointId"
        return bench.column("Privatelink", "ListVpcEndpoints", path, **filters)

    assert listed(VpcId=vpc_id) == [named, other]
    assert listed(EndpointName="models") == listed(**tag) == [named]
    assert listed(EndpointStatus="Creating") == []


def test_endpoints_are_listed_by_region_and_type(bench):
    endpoint_id = bench.endpoint(bench.vpc())

    def listed(**filters: str) -> list[str]:
        path = "Endpoints.EndpointId"
        return bench.column("Privatelink", "ListVpcEndpoints", path, **filters)

    group = bench.cloud.catalog.accounts[0].resource_group_id
    own = {"ServiceRegionId": "cn-beijing", "EndpointType": "Interface", "ResourceGroupId": group}
    assert listed(**own, AddressIpVersion="IPv4") == [endpoint_id]
    for name in (*own, "AddressIpVersion"):
        assert listed(**{name: "other"}) == []
