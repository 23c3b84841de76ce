"""Private connections of Model Studio workspaces, which only the console creates and binds.

Stored as an endpoint and a service that belong to the cloud: no account lists them, and their
addresses, security group and zones follow the same rules as those of other endpoints.

Sources: Model Studio, "Access Model Studio APIs over a private network" (help page of 2026-10-11
and its Chinese copy of 2026): a VPC with one or two zones and vSwitches, a security group, one
address in each zone; the host is shown once a workspace has selected the connection, has the form
``{WorkspaceId}-{VpcId}.{region}.maas.aliyuncs.com``, resolves in that VPC alone, and takes HTTPS
on 443 alone. The SDK's example of 2026-08 has a host whose label is not the workspace's id, so that
the console's user chooses the label here.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashlink_sandbox.services.vpc.vswitches import free_addresses
from dashlink_sandbox.state import Endpoint, EndpointService, EndpointZone, State
from dashlink_sandbox.wire.errors import ApiError, not_found

REGIONS = ("cn-beijing", "cn-hongkong")
_HTTPS_ALONE = [443]
_MOST_ZONES = 2


def connect(
    state: State, label: str, vpc_id: str, vswitch_ids: Sequence[str], security_group_id: str
) -> None:
    """Create a connection in a VPC, and select it for the workspace with the host label ``label``.

    Raises:
        ApiError: If VPC, vSwitches or security group do not exist there, or the region has no
            connections.
    """
    vpc = state.vpcs.get(vpc_id)
    if vpc is None:
        raise not_found("InvalidVpcId.NotFound", f"There is no VPC {vpc_id}.")
    if vpc.region not in REGIONS:
        raise ApiError("Sandbox.BadRequest", f"{vpc.region} has no private connections.")
    group = state.security_groups.get(security_group_id)
    if group is None or group.vpc_id != vpc_id:
        message = f"There is no security group {security_group_id} in {vpc_id}."
        raise not_found("InvalidSecurityGroupId.NotFound", message)
    if not 1 <= len(vswitch_ids) <= _MOST_ZONES:
        raise ApiError("Sandbox.BadRequest", "A connection has one or two vSwitches.")
    host = host_of(label, vpc_id, vpc.region)
    number = state.next_number
    state.next_number += 1
    endpoint_id = f"ep-sbw{number:09d}"
    service = EndpointService(
        service_id=f"epsrv-sbw{number:09d}",
        service_name=f"com.aliyuncs.privatelink.{vpc.region}.epsrv-sbw{number:09d}",
        region=vpc.region,
        zones=[],
        allow_listed_accounts=[],
        private_domain=host,
        tls_names=[host],
        ports=_HTTPS_ALONE,
    )
    zones = _zones(state, vpc_id, vswitch_ids, number)
    state.endpoint_services[service.service_id] = service
    state.endpoints[endpoint_id] = Endpoint(
        endpoint_id=endpoint_id,
        region=vpc.region,
        vpc_id=vpc_id,
        service_id=service.service_id,
        service_name=service.service_name,
        service_region=vpc.region,
        endpoint_domain="",
        connection_status="Connected",
        custom_domain_enabled=True,
        security_group_ids=[security_group_id],
        zones=zones,
    )


def _zones(
    state: State, vpc_id: str, vswitch_ids: Sequence[str], number: int
) -> dict[str, EndpointZone]:
    """Return the zones of a connection, one address in each vSwitch."""
    zones = {}
    for vswitch_id in vswitch_ids:
        vswitch = state.vswitches.get(vswitch_id)
        if vswitch is None or vswitch.vpc_id != vpc_id:
            message = f"There is no vSwitch {vswitch_id} in {vpc_id}."
            raise not_found("InvalidVSwitchId.NotFound", message)
        zones[vswitch.zone_id] = EndpointZone(
            zone_id=vswitch.zone_id,
            vswitch_id=vswitch_id,
            eni_id=f"eni-sbw{number:09d}{vswitch.zone_id[-1]}",
            eni_ip=next(free_addresses(state, vswitch)),
            zone_domain="",
        )
    return zones


def select(state: State, host: str, *, selected: bool) -> None:
    """Select a connection for its workspace, or end that: then its host does not resolve.

    Raises:
        ApiError: If no connection has the host.
    """
    connection_of(state, host).custom_domain_enabled = selected


def connection_of(state: State, host: str) -> Endpoint:
    """Return the connection with a host.

    Raises:
        ApiError: If there is none.
    """
    for endpoint in state.endpoints.values():
        service = state.endpoint_services.get(endpoint.service_id)
        if service is not None and service.private_domain == host and not endpoint.owner:
            return endpoint
    raise not_found("Sandbox.NotFound", f"No connection has the host {host}.")


def host_of(label: str, vpc_id: str, region: str) -> str:
    """Return the private host that the console shows for a workspace's host label."""
    return f"{label}-{vpc_id}.{region}.maas.aliyuncs.com"
