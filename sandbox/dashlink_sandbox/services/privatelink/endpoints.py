"""Interface endpoints.

transitions.py does what follows a request: Creating becomes Active, zones connect, and a Deleting
endpoint disappears.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, is_valid_name, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.privatelink.endpoint_services import find_service
from dashlink_sandbox.services.privatelink.groups import group_ids
from dashlink_sandbox.services.privatelink.lookup import find_endpoint, find_settled
from dashlink_sandbox.services.privatelink.zones import place, zone_label
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import vpcs
from dashlink_sandbox.state import Endpoint
from dashlink_sandbox.wire.errors import invalid

_LARGEST_BANDWIDTH_MBPS = 10_000  # unverified
# SDK 4.0.9. DualStack requires a VPC and a service with both; the sandbox has no IPv6 and does not
# check that: the zones of such an endpoint have IPv4 addresses.
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
    vpc = vpcs.find(call, call.params.required("VpcId"))
    service = find_service(call, call.params.text("ServiceRegionId", region))
    used = len(call.own(call.state.endpoints))
    call.check_quota("endpoints_per_region", used, "QuotaExceeded.Endpoint")
    endpoint_id = call.new_id("ep")
    endpoint = Endpoint(
        endpoint_id=endpoint_id,
        region=region,
        vpc_id=vpc.vpc_id,
        service_id=service.service_id,
        service_name=service.service_name,
        service_region=service.region,
        endpoint_domain=f"{endpoint_id}.{zone_label(service)}.{region}.privatelink.aliyuncs.com",
        type=call.params.one_of("EndpointType", ("Interface",), "Interface"),
        status="Creating",
        since=call.now,
        acceptance="accepted" if service.auto_accept else "waiting",
        protected=call.params.flag("ProtectedEnabled"),
        creator=call.identity.role,
        security_group_ids=group_ids(call, vpc.vpc_id),
        **call.new_record(),
    )
    _change(call, endpoint)
    call.state.endpoints[endpoint_id] = endpoint
    for zone in call.params.elements("Zone"):
        place(call, endpoint, zone)
    return {**_shape(endpoint), "Bandwidth": _bandwidth_mbps(endpoint)}


def describe(call: Call) -> Answer:
    """GetVpcEndpointAttribute."""
    endpoint = find_endpoint(call)
    return {
        **_shape(endpoint),
        "Bandwidth": _bandwidth_mbps(endpoint),
        "Payer": "Endpoint",
        "PolicyDocument": endpoint.policy_document,
        "ZonePrivateIpAddressCount": 1,
    }


def list_endpoints(call: Call) -> Answer:
    """ListVpcEndpoints."""
    call.region()
    endpoints = call.select(call.state.endpoints, _FILTERS)
    page, counts = by_token(call.params, endpoints, _row)
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
    if not is_valid_name(name):
        raise invalid("EndpointName")
    policy = params.text("PolicyDocument", endpoint.policy_document)
    rules.check_policy(policy)
    old_mbps = endpoint.cross_region_bandwidth_mbps
    mbps = params.number("CrossRegionBandwidth", old_mbps, 1, _LARGEST_BANDWIDTH_MBPS)
    if mbps and endpoint.service_region == endpoint.region:
        raise invalid("CrossRegionBandwidth", "The service is in the endpoint's own region.")
    endpoint.name = name
    endpoint.description = params.changed("EndpointDescription", endpoint.description)
    endpoint.policy_document = policy
    endpoint.cross_region_bandwidth_mbps = mbps
    version = params.one_of("AddressIpVersion", _IP_VERSIONS, endpoint.address_ip_version)
    endpoint.address_ip_version = version
    if "ZoneAffinityEnabled" in params:
        endpoint.zone_affinity_enabled = params.flag("ZoneAffinityEnabled")


def _bandwidth_mbps(endpoint: Endpoint) -> int:
    """Return the bandwidth of an endpoint; within a region the service's 3072 (SDK example)."""
    return endpoint.cross_region_bandwidth_mbps or 3072


def _row(endpoint: Endpoint) -> Answer:
    more = {"PolicyDocument": endpoint.policy_document, "Tags": tag_list(endpoint.tags)}
    return {**_shape(endpoint), **more}


def _shape(endpoint: Endpoint) -> Answer:
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
        "ResourceOwner": True,
        "ZoneAffinityEnabled": endpoint.zone_affinity_enabled,
    }
