"""Interface endpoints: made, looked up, changed, deleted.

What follows creation is in transitions.py: Creating becomes Active, zones connect, Deleting becomes nothing.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, moment, wrong_name
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.services.privatelink.endpoint_services import find_service
from dashlink_sandbox.services.privatelink.groups import group_ids
from dashlink_sandbox.services.privatelink.zones import place, zone_label
from dashlink_sandbox.services.tags import key_value, tags_fit
from dashlink_sandbox.services.vpc import vpcs
from dashlink_sandbox.state import Endpoint
from dashlink_sandbox.wire.errors import invalid

_LARGEST_BANDWIDTH_MBPS = 10_000  # unverified


def create(call: Call) -> Answer:
    """CreateVpcEndpoint, with zones at once where the request names them."""
    region = call.region().id
    vpc = vpcs.find(call, call.params.required("VpcId"))
    service = find_service(call, call.params.text("ServiceRegionId", region))
    used = len(call.mine(call.state.endpoints.values()))
    call.refuse_over_quota("endpoints_per_region", used, "QuotaExceeded.Endpoint")
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
        security_group_ids=group_ids(call, vpc.vpc_id),
        **call.birth(),
    )
    _change(call, endpoint)
    call.state.endpoints[endpoint_id] = endpoint
    for zone in call.params.elements("Zone"):
        place(call, endpoint, zone)
    return {**_shape(endpoint), "Bandwidth": _bandwidth(endpoint)}


def describe(call: Call) -> Answer:
    """GetVpcEndpointAttribute."""
    endpoint = find(call)
    return {
        **_shape(endpoint),
        "Bandwidth": _bandwidth(endpoint),
        "Payer": "Endpoint",
        "PolicyDocument": endpoint.policy_document,
        "ZonePrivateIpAddressCount": 1,
    }


def list_endpoints(call: Call) -> Answer:
    """ListVpcEndpoints."""
    call.region()
    text = call.params.text
    found = [
        row
        for row in call.mine(call.state.endpoints.values())
        if text("EndpointId", row.endpoint_id) == row.endpoint_id
        and text("EndpointName", row.name) == row.name
        and text("VpcId", row.vpc_id) == row.vpc_id
        and text("ServiceName", row.service_name) == row.service_name
        and text("EndpointStatus", row.status) == row.status
        and text("ConnectionStatus", row.connection_status) == row.connection_status
        and tags_fit(call.params, row.tags)
    ]
    page, beside = by_token(call.params, found, size=50, largest=1000)
    rows = [{**_shape(row), "PolicyDocument": row.policy_document, "Tags": key_value(row.tags)} for row in page]
    return {"Endpoints": rows, **beside}


def update(call: Call) -> Answer:
    """UpdateVpcEndpointAttribute; the protection against deletion is not among what it changes (SDK 4.0.9)."""
    endpoint = find(call)
    rules.check_settled(endpoint)
    _change(call, endpoint)
    if call.params.flag("ResetPolicy"):
        endpoint.policy_document = ""
    return {}


def delete(call: Call) -> Answer:
    """DeleteVpcEndpoint: it goes on in the background."""
    endpoint = find(call)
    rules.check_deletable(endpoint)
    endpoint.status = "Deleting"
    endpoint.since = call.now
    return {}


def find(call: Call) -> Endpoint:
    """The caller's endpoint that the request names.

    Raises:
        ApiError: EndpointNotFound.
    """
    return call.owned(call.state.endpoints, call.params.required("EndpointId"), "EndpointNotFound", "endpoint")


def _change(call: Call, endpoint: Endpoint) -> None:
    """Set what both creation and update may set."""
    params = call.params
    name = params.changed("EndpointName", endpoint.name)
    if name and wrong_name(name):
        raise invalid("EndpointName")
    policy = params.text("PolicyDocument", endpoint.policy_document)
    rules.check_policy(policy)
    bandwidth = params.number("CrossRegionBandwidth", endpoint.cross_region_bandwidth_mbps, 1, _LARGEST_BANDWIDTH_MBPS)
    if bandwidth and endpoint.service_region == endpoint.region:
        raise invalid("CrossRegionBandwidth", "The service is in the endpoint's own region.")
    endpoint.name = name
    endpoint.description = params.changed("EndpointDescription", endpoint.description)
    endpoint.policy_document = policy
    endpoint.cross_region_bandwidth_mbps = bandwidth
    endpoint.address_ip_version = params.one_of("AddressIpVersion", ("IPv4",), endpoint.address_ip_version)
    if "ZoneAffinityEnabled" in params:
        endpoint.zone_affinity_enabled = params.flag("ZoneAffinityEnabled")


def _bandwidth(endpoint: Endpoint) -> int:
    """Mbit/s of an endpoint: none of ours is limited below the service's 3072 (SDK example)."""
    return endpoint.cross_region_bandwidth_mbps or 3072


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
        "CreateTime": moment(endpoint.created),
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
