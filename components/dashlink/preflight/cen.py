"""Checks of an existing CEN instance: its routers, and the attachments that it has.

A CEN instance has one transit router in a region, a VPC one attachment to a router, and two routers
one connection: what exists already is named in the settings, or it is the stack's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.network.connected import NETWORK, CenSettings
from dashlink.preflight.cloud import CloudLookups
from dashlink.settings import StackSettings

_CHECK_ID = "Check the id and the account."
_READY = "Attached"


def cen_faults(
    settings: StackSettings, cloud: CloudLookups, region: str, owner: str
) -> Iterator[Fault]:
    """Yield the faults of an existing CEN instance; a new one has none.

    Args:
        settings: Validated settings of the stack.
        cloud: Lookups in any region.
        region: Region of the stack.
        owner: `<project>-<stack>`, by whose tags the stack's own resources are recognized; empty:
            resources that the settings do not name are not checked.
    """
    cen = settings.network.cen
    if cen is None or cen.cen_id is None:
        return
    if cloud.cen.cen(cen.cen_id) is None:
        problem = "no such CEN instance for this account"
        yield Fault("network.cen.cen_id", problem, _CHECK_ID, cen.cen_id)
        return
    vpcs = _vpcs(settings, region)
    regions = {one for one, _ in vpcs.values()}
    yield from _router_faults(cen, cloud.cen.routers(cen.cen_id), regions, owner)
    for there in sorted(regions & set(cen.transit_router_ids)):
        rows = cloud.cen.vpc_attachments(cen.cen_id, there)
        for name, (vpc_region, vpc_id) in vpcs.items():
            if vpc_region == there:
                yield from _attachment_faults(cen, name, vpc_id, rows, owner)
    if len(regions) > 1:
        rows = cloud.cen.peer_attachments(cen.cen_id, region)
        for other in sorted(regions - {region}):
            yield from _peer_faults(cen, other, rows, owner)


def _vpcs(settings: StackSettings, region: str) -> dict[str, tuple[str, object]]:
    """Return region and id of each VPC over CEN, by its name in `attachment_ids`."""
    network = settings.network
    vpcs: dict[str, tuple[str, object]] = {NETWORK: (region, network.vpc_id)}
    for name, connected in network.connected_vpcs.items():
        if connected.over == "cen":
            vpcs[name] = (connected.region, connected.vpc_id)
    return vpcs


def _router_faults(
    cen: CenSettings, routers: Mapping[str, Mapping[str, Any]], regions: set[str], owner: str
) -> Iterator[Fault]:
    for region in sorted(regions):
        where = f"network.cen.transit_router_ids.{region}"
        named, row = cen.transit_router_ids.get(region), routers.get(region, {})
        existing = row.get("TransitRouterId")
        if named is None and existing and owner and not has_tags_of(owner, _tags(row)):
            problem = f"{cen.cen_id} has a router there already"
            yield Fault(where, problem, f"Write {existing}: a region has one.", str(existing))
        elif named is not None and named != existing:
            problem = f"not the router of {cen.cen_id} in {region}, which is {existing or 'none'}"
            advice = f"Write {existing}." if existing else "Remove it for a new router."
            yield Fault(where, problem, advice, named)


def _attachment_faults(
    cen: CenSettings, name: str, vpc_id: object, rows: list[dict[str, Any]], owner: str
) -> Iterator[Fault]:
    where = f"network.cen.attachment_ids.{name}"
    named = cen.attachment_ids.get(name)
    if named is None:
        for row in rows:
            if row.get("VpcId") == vpc_id and owner and not has_tags_of(owner, _tags(row)):
                existing = row["TransitRouterAttachmentId"]
                problem = f"{vpc_id} is attached to the router already, by {existing}"
                yield Fault(where, problem, f"Write {existing} to use it, or detach the VPC.")
        return
    found = next((row for row in rows if row.get("TransitRouterAttachmentId") == named), None)
    if found is None or (isinstance(vpc_id, str) and found.get("VpcId") != vpc_id):
        problem = f"not an attachment of {vpc_id} to the router in `transit_router_ids`"
        yield Fault(where, problem, _CHECK_ID, named)
        return
    yield from _state_faults(where, named, found, "the VPC")


def _peer_faults(
    cen: CenSettings, other: str, rows: list[dict[str, Any]], owner: str
) -> Iterator[Fault]:
    where = f"network.cen.peer_attachment_ids.{other}"
    named = cen.peer_attachment_ids.get(other)
    of_region = []
    for row in rows:
        if other in (row.get("PeerTransitRouterRegionId"), row.get("RegionId")):
            of_region.append(row)
    if named is None:
        for row in of_region:
            if owner and not has_tags_of(owner, _tags(row)):
                existing = row["TransitRouterAttachmentId"]
                problem = f"the routers are connected already, by {existing}"
                yield Fault(where, problem, f"Write {existing} to use it, or delete it.")
        return
    found = next((row for row in of_region if row["TransitRouterAttachmentId"] == named), None)
    if found is None:
        problem = f"not a connection of {cen.cen_id} between the two regions"
        yield Fault(where, problem, _CHECK_ID, named)
        return
    yield from _state_faults(where, named, found, "the other router")


def _state_faults(where: str, named: str, row: Mapping[str, Any], to: str) -> Iterator[Fault]:
    if row.get("Status") != _READY:
        problem = f"{row.get('Status')}, not {_READY}"
        yield Fault(where, problem, "Wait until it is, or use another.", named)
    elif not row.get("AutoPublishRouteEnabled"):
        problem = f"it does not publish routes to {to}"
        yield Fault(where, problem, "Turn on its automatic publishing in the console.", named)


def _tags(row: Mapping[str, Any]) -> dict[str, str]:
    return {str(tag.get("Key")): str(tag.get("Value", "")) for tag in row.get("Tags") or ()}
