"""Endpoints: interface endpoints, and those of Gateway Load Balancers.

transitions.py does what follows a request: Creating becomes Active, zones connect, and a Deleting
endpoint disappears.
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.privatelink.endpoint_services import find_service
from dashlink_sandbox.services.privatelink.groups import group_ids
from dashlink_sandbox.services.privatelink.lookup import find_endpoint, find_settled, find_vpc
from dashlink_sandbox.services.privatelink.zones import place, zone_label
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import Endpoint, EndpointService, State
from dashlink_sandbox.wire.errors import invalid

# SDK 4.0.9: at least 100, at most the account's quota (unverified), and only across regions.
_SMALLEST_BANDWIDTH_MBPS, _LARGEST_BANDWIDTH_MBPS = 100, 10_000
_TYPES = ("Interface", "GatewayLoadBalancer")
# SDK 4.0.9. DualStack requires a VPC and a service with both; the sandbox checks an account's own
# service only. The zones of such an endpoint have IPv4 addresses.
_IP_VERSIONS = ("IPv4", "DualStack")
_FILTERS = {
    "EndpointId": "endpoint_id",
    "EndpointName": "name",
    "VpcId": "vpc_id",
    "ServiceName": "service_name",
    "ServiceRegionId": "service_region",
    "EndpointType": "type",
    "AddressIpVersion": "address_ip_version",
    "ResourceGroupId": "resource_group_id",
    "EndpointStatus": "status",
    "ConnectionStatus": "connection_status",
}


def create(call: Call) -> Answer:
    """CreateVpcEndpoint, with the zones that the request names."""
    region = call.region().id
    vpc = find_vpc(call)
    service = find_service(call, call.params.text("ServiceRegionId", region))
    kind = call.params.one_of("EndpointType", _TYPES, "Interface")
    rules.check_usable(service, call.account.id, kind)
    used = len(call.own(call.state.endpoints))
    call.check_quota("endpoints_per_region", used, "QuotaMisMatched")
    endpoint_id = call.new_id("ep")
    endpoint = Endpoint(
        endpoint_id=endpoint_id,
        region=region,
        vpc_id=vpc.vpc_id,
        service_id=service.service_id,
        service_name=service.service_name,
        service_region=service.region,
        endpoint_domain=f"{endpoint_id}.{zone_label(service)}.{region}.privatelink.aliyuncs.com",
        type=kind,
        status="Creating",
        since=call.now,
        acceptance="accepted" if service.auto_accept else "waiting",
        protected=call.params.flag("ProtectedEnabled"),
        creator=call.identity.role,
        connection_modified=call.now,
        security_group_ids=group_ids(call, vpc.vpc_id),
        **call.new_record(),
    )
    _change(call, endpoint)
    call.state.endpoints[endpoint_id] = endpoint
    for zone in call.params.elements("Zone"):
        place(call, endpoint, zone)
    return {**_shape(call.state, endpoint), "Bandwidth": bandwidth_mbps(call.state, endpoint)}


def describe(call: Call) -> Answer:
    """GetVpcEndpointAttribute."""
    endpoint = find_endpoint(call)
    return {
        **_shape(call.state, endpoint),
        "Bandwidth": bandwidth_mbps(call.state, endpoint),
        "Payer": _service_of(call.state, endpoint).payer,
        "PolicyDocument": endpoint.policy_document,
        "ZonePrivateIpAddressCount": 1,
    }


def list_endpoints(call: Call) -> Answer:
    """ListVpcEndpoints."""
    call.region()
    endpoints = call.select(call.state.endpoints, _FILTERS)
    page, counts = by_token(call.params, endpoints, partial(_row, call.state))
    return {"Endpoints": page, **counts}


def update(call: Call) -> Answer:
    """UpdateVpcEndpointAttribute; it cannot change the deletion protection (SDK 4.0.9)."""
    endpoint = find_settled(call)
    rules.check_protection(endpoint, call.identity.role)
    _change(call, endpoint)
    if call.params.flag("ResetPolicy"):
        endpoint.policy_document = ""
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpcEndpoint: continues in the background."""
    endpoint = find_settled(call)
    rules.check_protection(endpoint, call.identity.role)
    rules.check_without_zones(endpoint)
    endpoint.status = "Deleting"
    endpoint.since = call.now
    return {}


def _change(call: Call, endpoint: Endpoint) -> None:
    """Set the fields that both creation and update may set."""
    params = call.params
    name = params.changed("EndpointName", endpoint.name)
    rules.check_name(name)
    description = params.changed("EndpointDescription", endpoint.description)
    rules.check_description("EndpointDescription", description)
    policy = params.text("PolicyDocument", endpoint.policy_document)
    rules.check_policy(policy)
    old_mbps = endpoint.cross_region_bandwidth_mbps
    limits = (_SMALLEST_BANDWIDTH_MBPS, _LARGEST_BANDWIDTH_MBPS)
    mbps = params.number("CrossRegionBandwidth", old_mbps, *limits)
    if mbps and endpoint.service_region == endpoint.region:
        raise invalid("CrossRegionBandwidth", "The service is in the endpoint's own region.")
    endpoint.name = name
    endpoint.description = description
    endpoint.policy_document = policy
    endpoint.cross_region_bandwidth_mbps = mbps
    version = params.one_of("AddressIpVersion", _IP_VERSIONS, endpoint.address_ip_version)
    rules.check_ip_version(version, _service_of(call.state, endpoint))
    endpoint.address_ip_version = version
    if "ZoneAffinityEnabled" in params:
        endpoint.zone_affinity_enabled = params.flag("ZoneAffinityEnabled")


def bandwidth_mbps(state: State, endpoint: Endpoint) -> int:
    """Return the bandwidth of an endpoint's connection."""
    if endpoint.cross_region_bandwidth_mbps:
        return endpoint.cross_region_bandwidth_mbps
    return endpoint.bandwidth_mbps or _service_of(state, endpoint).connect_bandwidth_mbps


def _service_of(state: State, endpoint: Endpoint) -> EndpointService:
    """Return the service of an endpoint, or one that stands for it after its deletion."""
    service = state.endpoint_services.get(endpoint.service_id)
    if service is not None:
        return service
    return EndpointService(
        service_id=endpoint.service_id,
        service_name=endpoint.service_name,
        region=endpoint.service_region,
        zones=[],
    )


def _row(state: State, endpoint: Endpoint) -> Answer:
    more = {"PolicyDocument": endpoint.policy_document, "Tags": tag_list(endpoint.tags)}
    return {**_shape(state, endpoint), "Bandwidth": bandwidth_mbps(state, endpoint), **more}


def _shape(state: State, endpoint: Endpoint) -> Answer:
    return {
        "EndpointId": endpoint.endpoint_id,
        "EndpointName": endpoint.name,
        "EndpointDescription": endpoint.description,
        "EndpointDomain": endpoint.endpoint_domain,
        "EndpointStatus": endpoint.status,
        "EndpointBusinessStatus": "Normal",
        "EndpointType": endpoint.type,
        "ConnectionStatus": endpoint.connection_status,
        "AddressIpVersion": endpoint.address_ip_version,
        "CrossRegionBandwidth": endpoint.cross_region_bandwidth_mbps,
        "CreateTime": timestamp(endpoint.created),
        "ProtectedEnabled": endpoint.protected,
        "RegionId": endpoint.region,
        "VpcId": endpoint.vpc_id,
        "ServiceId": endpoint.service_id,
        "ServiceName": endpoint.service_name,
        "ServiceRegionId": endpoint.service_region,
        "ResourceGroupId": endpoint.resource_group_id,
        "ResourceOwner": _service_of(state, endpoint).owner == endpoint.owner,
        "ZoneAffinityEnabled": endpoint.zone_affinity_enabled,
    }
