"""Outbound endpoints of the resolver: the addresses in a VPC that queries leave from.

Sources: Alibaba Cloud's OpenAPI metadata of pvtz (2024-07-30: parameters, statuses, the name's 20
characters); the alicloud provider v1.285.0 (2 to 6 addresses, ResolverEndpoint.NotExists). Other
codes are unverified.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from dashlink_sandbox.services.base import Answer, Call, name_of
from dashlink_sandbox.services.pvtz.zones import paginate, times
from dashlink_sandbox.services.vpc import vswitches
from dashlink_sandbox.state import ResolverAddress, ResolverEndpoint
from dashlink_sandbox.wire.errors import ApiError, invalid
from dashlink_sandbox.wire.params import Params

_LONGEST_NAME = 20
_FEWEST_ADDRESSES, _MOST_ADDRESSES = 2, 6
_STATUSES = ("SUCCESS", "INIT", "FAILED", "CHANGE_INIT", "CHANGE_FAILED", "EXCEPTION")


def create(call: Call) -> Answer:
    """AddResolverEndpoint: continues in the background."""
    vpc_id = call.params.required("VpcId")
    region = call.params.required("VpcRegionId")
    vpc = call.state.vpcs.get(vpc_id)
    if vpc is None or vpc.owner != call.account.id or vpc.region != region:
        raise invalid("VpcId", f"The VPC {vpc_id} does not exist in {region}.")
    group_id = call.params.required("SecurityGroupId")
    group = call.state.security_groups.get(group_id)
    if group is None or group.vpc_id != vpc_id:
        raise invalid("SecurityGroupId", f"The security group {group_id} is not in {vpc_id}.")
    endpoint = ResolverEndpoint(
        endpoint_id=f"hra{call.new_number():08d}",
        name=_name(call),
        region=region,
        vpc_id=vpc_id,
        security_group_id=group_id,
        since=call.now,
        updated=call.now,
        **call.new_record(),
    )
    call.state.resolver_endpoints[endpoint.endpoint_id] = endpoint
    endpoint.addresses = _addresses(call, endpoint)
    return {"EndpointId": endpoint.endpoint_id}


def describe(call: Call) -> Answer:
    """DescribeResolverEndpoint."""
    return _shape(call, find(call))


def list_endpoints(call: Call) -> Answer:
    """DescribeResolverEndpoints, by a substring of the name, status and VPC's region."""
    params = call.params
    keyword = params.text("Keyword")
    if "Status" in params:
        params.one_of("Status", _STATUSES, "")
    rows = []
    for endpoint in call.select(call.state.resolver_endpoints, {"Status": "status"}):
        in_region = params.text("VpcRegionId", endpoint.region) == endpoint.region
        if keyword in endpoint.name and in_region:
            rows.append(endpoint)
    page, counts = paginate(call, rows, partial(_shape, call))
    return {"Endpoints": page, **counts}


def update(call: Call) -> Answer:
    """UpdateResolverEndpoint: the name, or all addresses."""
    endpoint = find(call)
    if "Name" in call.params:
        endpoint.name = _name(call)
    if call.params.elements("IpConfig"):
        endpoint.addresses = _addresses(call, endpoint)
        endpoint.status = "CHANGE_INIT"
        endpoint.since = call.now
    endpoint.updated = call.now
    return {}


def delete(call: Call) -> Answer:
    """DeleteResolverEndpoint: refused while a rule uses it."""
    endpoint = find(call)
    for rule in call.state.resolver_rules.values():
        if rule.endpoint_id == endpoint.endpoint_id:
            message = f"The endpoint is used by the rule {rule.name}."
            raise ApiError("ResolverEndpoint.RuleExists", message)
    del call.state.resolver_endpoints[endpoint.endpoint_id]
    return {}


def list_zones(call: Call) -> Answer:
    """DescribeResolverAvailableZones: every zone of the region (unverified)."""
    region = call.params.required("ResolverRegionId")
    if region not in call.catalog.regions:
        raise invalid("ResolverRegionId")
    rows = []
    for zone in call.catalog.regions[region].zones:
        if call.params.text("AzId", zone) == zone:
            rows.append({"AzId": zone, "Status": "NORMAL"})
    return {"AvailableZones": rows}


def find(call: Call) -> ResolverEndpoint:
    """Return the caller's resolver endpoint ``EndpointId``.

    Raises:
        ApiError: ResolverEndpoint.NotExists.
    """
    endpoint = call.state.resolver_endpoints.get(call.params.required("EndpointId"))
    if endpoint is None or endpoint.owner != call.account.id:
        raise ApiError("ResolverEndpoint.NotExists", "The endpoint does not exist.")
    return endpoint


def _name(call: Call) -> str:
    name = call.params.required("Name")
    if len(name) > _LONGEST_NAME:
        raise invalid("Name", f"The name has at most {_LONGEST_NAME} characters.")
    return name


def _addresses(call: Call, endpoint: ResolverEndpoint) -> list[ResolverAddress]:
    rows = call.params.elements("IpConfig")
    if not _FEWEST_ADDRESSES <= len(rows) <= _MOST_ADDRESSES:
        message = f"An endpoint has {_FEWEST_ADDRESSES} to {_MOST_ADDRESSES} addresses."
        raise invalid("IpConfig", message)
    endpoint.addresses, old = [], endpoint.addresses
    for row in rows:
        endpoint.addresses = [*endpoint.addresses, _address(call, endpoint, row, old)]
    return endpoint.addresses


def _address(
    call: Call, endpoint: ResolverEndpoint, row: Params, old: list[ResolverAddress]
) -> ResolverAddress:
    """Return an address: the requested one, the one that the vSwitch had before, or a free one."""
    vswitch_id = row.required("VSwitchId")
    vswitch = call.state.vswitches.get(vswitch_id)
    if vswitch is None or vswitch.vpc_id != endpoint.vpc_id:
        message = f"The vSwitch {vswitch_id} is not in {endpoint.vpc_id}."
        raise invalid("IpConfig.VSwitchId", message)
    if row.required("AzId") != vswitch.zone_id or row.required("CidrBlock") != vswitch.cidr:
        message = f"The vSwitch {vswitch_id} has another zone or CIDR block."
        raise invalid("IpConfig", message)
    used = {address.address for address in endpoint.addresses}
    free = [ip for ip in vswitches.free_addresses(call.state, vswitch) if ip not in used]
    ip = row.text("Ip")
    for address in old:
        if not ip and address.vswitch_id == vswitch_id and address.address in free:
            ip = address.address
    ip = ip or free[0]
    if ip not in free:
        raise invalid("IpConfig.Ip", f"The address {ip} is not free in {vswitch_id}.")
    return ResolverAddress(
        zone_id=vswitch.zone_id, vswitch_id=vswitch_id, cidr=vswitch.cidr, address=ip
    )


def _shape(call: Call, endpoint: ResolverEndpoint) -> Answer:
    addresses: list[dict[str, Any]] = []
    for address in endpoint.addresses:
        addresses.append(
            {
                "AzId": address.zone_id,
                "VSwitchId": address.vswitch_id,
                "CidrBlock": address.cidr,
                "Ip": address.address,
            }
        )
    return {
        "Id": endpoint.endpoint_id,
        "Name": endpoint.name,
        "Status": endpoint.status,
        "VpcId": endpoint.vpc_id,
        "VpcName": name_of(call.state.vpcs, endpoint.vpc_id),
        "VpcRegionId": endpoint.region,
        "VpcRegionName": call.catalog.regions[endpoint.region].local_name,
        "SecurityGroupId": endpoint.security_group_id,
        "IpConfigs": addresses,
        **times(endpoint.created, endpoint.updated),
    }
