"""An account's own endpoint services, by the official SDK of PrivateLink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_privatelink20200415 import models
from alibabacloud_privatelink20200415.client import Client
from support import official
from support.clouds import REGION, Network, create_network
from support.rpc import RefusedError, Rpc
from support.waiting import wait_for

from dashlink_sandbox import Sandbox

_NLB = "2022-04-30"
_ZONES = ("cn-beijing-h", "cn-beijing-k")


@dataclass
class Owner:
    """An account that offers endpoint services.

    Attributes:
        cloud: The sandbox.
        sdk: The official client of the account.
        network: A network with a vSwitch in each of two zones.
        settle: Waits until no transition is in progress.
    """

    cloud: Sandbox
    sdk: Client
    network: Network
    settle: Any

    def service(self, **fields: Any) -> str:
        """Create a service and return its id."""
        request = models.CreateVpcEndpointServiceRequest(region_id=REGION, **fields)
        service_id: str = self.sdk.create_vpc_endpoint_service(request).body.service_id
        self.settle()
        return service_id

    def balancer(self) -> str:
        """Create an NLB in both zones and return its id."""
        mappings = {}
        for number, zone in enumerate(_ZONES, 1):
            mappings[f"ZoneMappings.{number}.ZoneId"] = zone
            mappings[f"ZoneMappings.{number}.VSwitchId"] = self.network.vswitch_ids[number - 1]
        rpc = Rpc.from_env(self.cloud.url, self.cloud.env)
        params = {"RegionId": REGION, "VpcId": self.network.vpc_id, "AddressType": "Intranet"}
        created = rpc(_NLB, "CreateLoadBalancer", **params, **mappings)
        self.settle()
        return str(created["LoadbalancerId"])

    def attach(self, service_id: str, resource_id: str, zone: str = _ZONES[0]) -> None:
        """Add a load balancer's zone to a service."""
        request = models.AttachResourceToVpcEndpointServiceRequest(
            region_id=REGION,
            service_id=service_id,
            resource_id=resource_id,
            resource_type="nlb",
            zone_id=zone,
        )
        self.sdk.attach_resource_to_vpc_endpoint_service(request)

    def offered(self, **fields: Any) -> str:
        """Create a service with a load balancer in both zones and return its id."""
        service_id = self.service(service_resource_type="nlb", **fields)
        resource_id = self.balancer()
        for zone in _ZONES:
            self.attach(service_id, resource_id, zone)
        return service_id

    def endpoint(self, service_id: str, *zones: str) -> str:
        """Create an endpoint to a service and return its id."""
        rows = []
        for zone in zones:
            vswitch_id = self.network.vswitch_ids[_ZONES.index(zone)]
            rows.append(models.CreateVpcEndpointRequestZone(zone_id=zone, v_switch_id=vswitch_id))
        request = models.CreateVpcEndpointRequest(
            region_id=REGION,
            vpc_id=self.network.vpc_id,
            service_id=service_id,
            security_group_id=[self.network.group_id],
            zone=rows,
        )
        endpoint_id: str = self.sdk.create_vpc_endpoint(request).body.endpoint_id
        self.settle_endpoint(endpoint_id)
        return endpoint_id

    def settle_endpoint(self, endpoint_id: str) -> None:
        """Wait until an endpoint, which may wait for its service, is Active."""
        wait_for(lambda: self.cloud.state.endpoints[endpoint_id].status == "Active", "it is Active")

    def read(self, service_id: str) -> models.GetVpcEndpointServiceAttributeResponseBody:
        """Read a service."""
        request = models.GetVpcEndpointServiceAttributeRequest(
            region_id=REGION, service_id=service_id
        )
        return self.sdk.get_vpc_endpoint_service_attribute(request).body

    def connections(self, service_id: str, **fields: Any) -> list[Any]:
        """List the connections of a service."""
        request = models.ListVpcEndpointConnectionsRequest(
            region_id=REGION, service_id=service_id, **fields
        )
        return list(self.sdk.list_vpc_endpoint_connections(request).body.connections)

    def status(self, service_id: str) -> str:
        """Return the status of a service's only connection."""
        (connection,) = self.connections(service_id)
        return str(connection.connection_status)


@pytest.fixture
def owner(sandbox: Sandbox, settle: Any) -> Owner:
    return Owner(sandbox, official.privatelink(sandbox), create_network(sandbox), settle)


@contextmanager
def _refused(code: str) -> Iterator[None]:
    with pytest.raises(Exception, match=code) as caught:
        yield
    assert caught.value.code == code


def test_a_service_reads_as_written(owner):
    service_id = owner.service(
        service_resource_type="nlb",
        service_description="models of our own",
        address_ip_version="DualStack",
        auto_accept_enabled=True,
        payer="EndpointService",
        resource_group_id="rg-acfmsandboxother",
        service_support_ipv_6=True,
        supported_region_list=["cn-hangzhou", "eu-central-1"],
        zone_affinity_enabled=True,
        tag=[models.CreateVpcEndpointServiceRequestTag(key="team", value="a")],
    )
    service = owner.read(service_id)
    assert service.service_name == f"com.aliyuncs.privatelink.{REGION}.{service_id}"
    assert service.service_domain == f"{service_id}.{REGION}.privatelink.aliyuncs.com"
    assert (service.service_status, service.service_type) == ("Active", "Interface")
    assert (service.service_description, service.payer) == ("models of our own", "EndpointService")
    assert (service.address_ip_version, service.service_resource_type) == ("DualStack", "nlb")
    assert service.auto_accept_enabled
    assert service.service_support_ipv_6
    assert service.zone_affinity_enabled
    assert service.resource_group_id == "rg-acfmsandboxother"
    regions = [row.supported_region_id for row in service.supported_region_set]
    assert regions == ["cn-hangzhou", "eu-central-1"]
    request = models.ListVpcEndpointServicesRequest(region_id=REGION, service_id=service_id)
    (row,) = owner.sdk.list_vpc_endpoint_services(request).body.services
    assert [(tag.key, tag.value) for tag in row.tags] == [("team", "a")]


def test_the_attributes_of_a_service_change_in_place(owner):
    service_id = owner.service(supported_region_list=["cn-hangzhou"])
    before = owner.read(service_id)
    assert (before.connect_bandwidth, before.auto_accept_enabled) == (3072, False)
    request = models.UpdateVpcEndpointServiceAttributeRequest(
        region_id=REGION,
        service_id=service_id,
        service_description="changed",
        connect_bandwidth=103,
        auto_accept_enabled=True,
        add_supported_region_set=["cn-shanghai"],
        delete_supported_region_set=["cn-hangzhou"],
    )
    owner.sdk.update_vpc_endpoint_service_attribute(request)
    after = owner.read(service_id)
    assert (after.connect_bandwidth, after.auto_accept_enabled) == (103, True)
    assert after.service_description == "changed"
    assert [row.supported_region_id for row in after.supported_region_set] == ["cn-shanghai"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"service_resource_type": "elb"}, "InvalidParameter.ServiceResourceType"),
        ({"payer": "Nobody"}, "InvalidParameter.Payer"),
        ({"address_ip_version": "DualStack"}, "EndpointServiceNotSupportIpv6"),
        ({"supported_region_list": ["moon-1"]}, "InvalidRegionId.NotFound"),
        ({"service_description": "http://x"}, "InvalidParameter.ServiceDescription"),
    ],
    ids=["resource type", "payer", "CLB with IPv6", "region", "description"],
)
def test_each_invalid_field_of_a_service_is_refused(owner, fields, code):
    with _refused(code):
        owner.service(**fields)


def test_a_dual_stack_service_is_not_downgraded(owner):
    service_id = owner.service(service_resource_type="nlb", address_ip_version="DualStack")
    request = models.UpdateVpcEndpointServiceAttributeRequest(
        region_id=REGION, service_id=service_id, address_ip_version="IPv4"
    )
    with _refused("EndpointServiceDowngradeNotAllowed"):
        owner.sdk.update_vpc_endpoint_service_attribute(request)


def test_services_are_listed_by_each_filter(owner):
    service_id = owner.service(service_resource_type="nlb", auto_accept_enabled=True)
    other_id = owner.service()
    resource_id = owner.balancer()
    owner.attach(service_id, resource_id)

    def listed(**fields: Any) -> list[str]:
        request = models.ListVpcEndpointServicesRequest(region_id=REGION, **fields)
        services = owner.sdk.list_vpc_endpoint_services(request).body.services
        return [service.service_id for service in services]

    assert listed() == [service_id, other_id]
    assert listed(auto_accept_enabled=True) == listed(resource_id=resource_id) == [service_id]
    assert listed(service_resource_type="slb") == [other_id]
    assert listed(service_status="Creating") == listed(service_business_status="Other") == []


def test_resources_of_a_service_give_it_its_zones(owner):
    service_id = owner.service(service_resource_type="nlb")
    assert owner.read(service_id).zones == []
    resource_id = owner.balancer()
    owner.attach(service_id, resource_id, _ZONES[1])
    request = models.ListVpcEndpointServiceResourcesRequest(region_id=REGION, service_id=service_id)
    (row,) = owner.sdk.list_vpc_endpoint_service_resources(request).body.resources
    assert (row.resource_id, row.resource_type, row.zone_id) == (resource_id, "nlb", _ZONES[1])
    assert (row.vpc_id, row.v_switch_id) == (owner.network.vpc_id, owner.network.vswitch_ids[1])
    assert owner.read(service_id).zones == [_ZONES[1]]
    with _refused("EndpointServiceResourceExist"):
        owner.attach(service_id, resource_id, _ZONES[1])


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"resource_id": "nlb-absent"}, "LoadBalancerNotFound"),
        ({"resource_type": "slb"}, "EndpointServiceResourceTypeNotEqual"),
        ({"zone_id": "cn-beijing-g"}, "EndpointServiceNotSupportedZone"),
        ({"zone_id": ""}, "MissingZoneId"),
        ({"service_id": "epsrv-absent"}, "EndpointServiceNotFound"),
    ],
    ids=["no load balancer", "type", "zone", "no zone", "no service"],
)
def test_each_invalid_field_of_a_resource_is_refused(owner, changed, code):
    fields = {
        "service_id": owner.service(service_resource_type="nlb"),
        "resource_id": owner.balancer(),
        "resource_type": "nlb",
        "zone_id": _ZONES[0],
    }
    request = models.AttachResourceToVpcEndpointServiceRequest(
        region_id=REGION, **{**fields, **changed}
    )
    with _refused(code):
        owner.sdk.attach_resource_to_vpc_endpoint_service(request)


def _detach(owner: Owner, service_id: str, resource_id: str) -> None:
    request = models.DetachResourceFromVpcEndpointServiceRequest(
        region_id=REGION,
        service_id=service_id,
        resource_id=resource_id,
        resource_type="nlb",
        zone_id=_ZONES[0],
    )
    owner.sdk.detach_resource_from_vpc_endpoint_service(request)


def test_the_last_resource_of_a_connected_zone_stays(owner):
    service_id = owner.service(service_resource_type="nlb", auto_accept_enabled=True)
    resource_id = owner.balancer()
    owner.attach(service_id, resource_id)
    owner.endpoint(service_id, _ZONES[0])
    owner.settle()
    with _refused("EndpointServiceConnectionDependence"):
        _detach(owner, service_id, resource_id)
    other_id = owner.balancer()
    owner.attach(service_id, other_id)
    _detach(owner, service_id, resource_id)
    with _refused("EndpointServiceResourceNotFound"):
        _detach(owner, service_id, resource_id)


def test_one_resource_of_a_zone_is_allocated_automatically(owner):
    service_id = owner.offered()
    request = models.ListVpcEndpointServiceResourcesRequest(region_id=REGION, service_id=service_id)
    row, _ = owner.sdk.list_vpc_endpoint_service_resources(request).body.resources
    change = models.UpdateVpcEndpointServiceResourceAttributeRequest(
        region_id=REGION,
        service_id=service_id,
        resource_id=row.resource_id,
        zone_id=_ZONES[0],
        auto_allocated_enabled=False,
    )
    with _refused("ResourceAutoAllocateViolation"):
        owner.sdk.update_vpc_endpoint_service_resource_attribute(change)
    owner.attach(service_id, owner.balancer())
    owner.sdk.update_vpc_endpoint_service_resource_attribute(change)
    row, *_ = owner.sdk.list_vpc_endpoint_service_resources(request).body.resources
    assert row.auto_allocated_enabled is False


def _users(owner: Owner, service_id: str, kind: str) -> list[Any]:
    request = models.ListVpcEndpointServiceUsersRequest(
        region_id=REGION, service_id=service_id, user_list_type=kind
    )
    body = owner.sdk.list_vpc_endpoint_service_users(request).body
    accounts = [row.user_id for row in body.users]
    return [*accounts, *(row.user_arn for row in body.user_arns)]


def test_only_listed_accounts_use_a_service(owner):
    service_id = owner.service()
    second = owner.cloud.cloud.catalog.accounts[1]
    keys = {"access_key_id": second.access_key_id, "access_key_secret": second.access_key_secret}
    other = official.privatelink(owner.cloud, **keys)

    def visible() -> list[str]:
        request = models.ListVpcEndpointServicesByEndUserRequest(
            region_id=REGION, service_id=service_id
        )
        services = other.list_vpc_endpoint_services_by_end_user(request).body.services
        return [service.service_id for service in services]

    assert visible() == []
    arn = f"acs:ram:*:{second.id}:*"
    for user, kind, shown in (
        ({"user_id": int(second.id)}, "Users", int(second.id)),
        ({"user_arn": arn}, "UserARNs", arn),
    ):
        add = models.AddUserToVpcEndpointServiceRequest(
            region_id=REGION, service_id=service_id, **user
        )
        owner.sdk.add_user_to_vpc_endpoint_service(add)
        assert visible() == [service_id]
        assert _users(owner, service_id, kind) == [shown]
        remove = models.RemoveUserFromVpcEndpointServiceRequest(
            region_id=REGION, service_id=service_id, **user
        )
        owner.sdk.remove_user_from_vpc_endpoint_service(remove)
        assert visible() == []


@pytest.mark.parametrize(
    ("user", "code"),
    [
        ({}, "MissingParam.UserArn"),
        ({"user_id": 1, "user_arn": "acs:ram:*:2:*"}, "Mismatch.UserIdAndUserArn"),
        ({"user_arn": "1"}, "IllegalParamFormat.UserArn"),
    ],
    ids=["none", "two accounts", "no resource name"],
)
def test_each_invalid_user_of_a_service_is_refused(owner, user, code):
    request = models.AddUserToVpcEndpointServiceRequest(
        region_id=REGION, service_id=owner.service(), **user
    )
    with _refused(code):
        owner.sdk.add_user_to_vpc_endpoint_service(request)


def _connection(service_id: str, endpoint_id: str) -> dict[str, str]:
    return {"region_id": REGION, "service_id": service_id, "endpoint_id": endpoint_id}


def test_the_owner_accepts_and_rejects_a_connection(owner):
    service_id = owner.offered()
    endpoint_id = owner.endpoint(service_id, *_ZONES)
    connection = _connection(service_id, endpoint_id)
    assert owner.status(service_id) == "Pending"
    enable = models.EnableVpcEndpointConnectionRequest(**connection, bandwidth=200)
    owner.sdk.enable_vpc_endpoint_connection(enable)
    assert owner.status(service_id) == "Connecting"
    with _refused("EndpointConnectionOperationDenied"):
        owner.sdk.enable_vpc_endpoint_connection(enable)
    owner.settle()
    (row,) = owner.connections(service_id)
    assert (row.connection_status, row.bandwidth) == ("Connected", 200)
    assert {zone.zone_id: zone.zone_status for zone in row.zones} == dict.fromkeys(
        _ZONES, "Connected"
    )
    disable = models.DisableVpcEndpointConnectionRequest(**connection)
    owner.sdk.disable_vpc_endpoint_connection(disable)
    assert owner.status(service_id) == "Disconnected"


def test_a_connection_without_zones_is_accepted(owner):
    service_id = owner.service()
    endpoint_id = owner.endpoint(service_id)
    connection = _connection(service_id, endpoint_id)
    enable = models.EnableVpcEndpointConnectionRequest(**connection)
    owner.sdk.enable_vpc_endpoint_connection(enable)
    assert owner.status(service_id) == "Connected"


def test_a_zone_of_a_connection_is_disconnected_alone(owner):
    service_id = owner.offered(auto_accept_enabled=True)
    endpoint_id = owner.endpoint(service_id, *_ZONES)
    owner.settle()
    zone = {**_connection(service_id, endpoint_id), "zone_id": _ZONES[0]}
    disable = models.DisableVpcEndpointZoneConnectionRequest(**zone)
    owner.sdk.disable_vpc_endpoint_zone_connection(disable)

    def statuses() -> list[str]:
        owner.settle()
        (row,) = owner.connections(service_id)
        return [zone.zone_status for zone in row.zones]

    assert statuses() == ["Disconnected", "Connected"]
    with _refused("IncorrectStatus.VpcEndpointZone"):
        owner.sdk.disable_vpc_endpoint_zone_connection(disable)
    enable = models.EnableVpcEndpointZoneConnectionRequest(**zone)
    owner.sdk.enable_vpc_endpoint_zone_connection(enable)
    assert statuses() == ["Connected", "Connected"]


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("nlb", {"bandwidth": 50_001}, "InvalidParameter.Bandwidth"),
        ("slb", {"bandwidth": 10_241}, "InvalidParameter.Bandwidth"),
        ("slb", {"traffic_control_mode": "Scalability"}, "InvalidParameter.TrafficControlMode"),
    ],
    ids=["NLB", "CLB", "CLB without limit"],
)
def test_each_invalid_limit_of_a_connection_is_refused(owner, kind, fields, code):
    service_id = owner.service(service_resource_type=kind, auto_accept_enabled=True)
    endpoint_id = owner.endpoint(service_id)
    request = models.UpdateVpcEndpointConnectionAttributeRequest(
        **_connection(service_id, endpoint_id), **fields
    )
    with _refused(code):
        owner.sdk.update_vpc_endpoint_connection_attribute(request)


def test_the_limit_of_a_connection_changes(owner):
    service_id = owner.service(service_resource_type="nlb", auto_accept_enabled=True)
    endpoint_id = owner.endpoint(service_id)
    (row,) = owner.connections(service_id)
    assert (row.bandwidth, row.traffic_control_mode) == (3072, "Scalability")
    request = models.UpdateVpcEndpointConnectionAttributeRequest(
        **_connection(service_id, endpoint_id),
        bandwidth=12_000,
        traffic_control_mode="BandwidthLimit",
    )
    owner.sdk.update_vpc_endpoint_connection_attribute(request)
    (row,) = owner.connections(service_id)
    assert (row.bandwidth, row.traffic_control_mode) == (12_000, "BandwidthLimit")


def test_connections_are_listed_by_each_filter(owner):
    service_id = owner.offered(auto_accept_enabled=True)
    one, two = owner.endpoint(service_id, _ZONES[0]), owner.endpoint(service_id)
    owner.settle()

    def listed(**fields: Any) -> list[str]:
        return [row.endpoint_id for row in owner.connections(service_id, **fields)]

    account = int(owner.cloud.cloud.catalog.accounts[0].id)
    assert listed() == listed(endpoint_owner_id=account) == [one, two]
    assert listed(connection_status="Connected") == listed(endpoint_id=one) == [one]
    (row, _) = owner.connections(service_id)
    (zone,) = row.zones
    assert listed(eni_id=zone.eni_id) == listed(resource_id=zone.resource_id) == [one]
    assert listed(endpoint_owner_id=1) == []


def _delete(owner: Owner, service_id: str) -> None:
    request = models.DeleteVpcEndpointServiceRequest(region_id=REGION, service_id=service_id)
    owner.sdk.delete_vpc_endpoint_service(request)


def test_a_service_is_deleted_in_the_background(owner):
    service_id = owner.service()
    _delete(owner, service_id)
    assert owner.read(service_id).service_status == "Deleting"
    owner.settle()
    with _refused("EndpointServiceNotFound"):
        owner.read(service_id)


def test_a_service_with_a_resource_is_not_deleted(owner):
    service_id = owner.offered()
    with _refused("EndpointServiceDependenceViolation"):
        _delete(owner, service_id)


def test_a_connected_service_is_not_deleted(owner):
    service_id = owner.service()
    endpoint_id = owner.endpoint(service_id)
    connection = _connection(service_id, endpoint_id)
    owner.sdk.enable_vpc_endpoint_connection(
        models.EnableVpcEndpointConnectionRequest(**connection)
    )
    with _refused("EndpointServiceConnectionDependence"):
        _delete(owner, service_id)
    owner.sdk.disable_vpc_endpoint_connection(
        models.DisableVpcEndpointConnectionRequest(**connection)
    )
    _delete(owner, service_id)
    owner.settle()
    assert owner.cloud.state.endpoints[endpoint_id].connection_status == "ServiceDeleted"


def test_a_service_is_used_from_supported_regions_only(owner, rpc):
    service_id = owner.service(supported_region_list=["cn-hangzhou"])

    def create(region: str) -> None:
        envelope = {"RegionId": region, "ServiceRegionId": REGION, "ServiceId": service_id}
        created = rpc("2016-04-28", "CreateVpc", RegionId=region, CidrBlock="10.0.0.0/8")
        owner.settle()
        rpc("2020-04-15", "CreateVpcEndpoint", VpcId=created["VpcId"], **envelope)

    create("cn-hangzhou")
    with pytest.raises(RefusedError, match="EndpointServiceNotFound"):
        create("cn-shanghai")


def test_a_gateway_load_balancer_service_needs_its_type(owner, rpc):
    service_id = owner.service(service_resource_type="gwlb")
    assert owner.read(service_id).service_type == "GatewayLoadBalancer"
    params = {"RegionId": REGION, "VpcId": owner.network.vpc_id, "ServiceId": service_id}
    with pytest.raises(RefusedError, match="is mismatched for Interface"):
        rpc("2020-04-15", "CreateVpcEndpoint", **params)
    rpc("2020-04-15", "CreateVpcEndpoint", EndpointType="GatewayLoadBalancer", **params)


def test_services_are_tagged_and_moved(owner):
    service_id = owner.service()
    tag = models.TagResourcesRequest(
        region_id=REGION,
        resource_type="vpcendpointservice",
        resource_id=[service_id],
        tag=[models.TagResourcesRequestTag(key="team", value="b")],
    )
    owner.sdk.tag_resources(tag)
    move = models.ChangeResourceGroupRequest(
        resource_type="VpcEndpointService",
        resource_id=service_id,
        resource_group_id="rg-acfmsandboxother",
    )
    owner.sdk.change_resource_group(move)
    service = owner.cloud.state.endpoint_services[service_id]
    assert (service.tags, service.resource_group_id) == ({"team": "b"}, "rg-acfmsandboxother")


def test_the_product_is_open_already(owner):
    owner.sdk.check_product_open()
    with _refused("OrderOpend"):
        owner.sdk.open_private_link_service(models.OpenPrivateLinkServiceRequest())
