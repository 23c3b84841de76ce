"""Look-ups of endpoints, private zones and gateways.

Fields of the answers: SDK privatelink 4.0.9, pvtz 1.5.0 and apig 11.6.0. Ids: section "Import" of
the page of each resource of the alicloud provider v1.285.0 (website/docs/r); the id of a record is
that of resource_alicloud_pvtz_zone_record.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.cloud.openapi import Json
from dashlink.recovery.desired import Found, Inputs
from dashlink.recovery.ownership import has_owner, is_going, owned, tags_of
from dashlink.recovery.reads import Reads


def endpoints(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """Endpoints of the VPC with the name and the stack's tags."""
    vpc_id, name = inputs.text("vpcId"), inputs.text("vpcEndpointName")
    rows = reads.privatelink("ListVpcEndpoints", "Endpoints", VpcId=vpc_id)
    for row in owned(rows, inputs, name="EndpointName", named=name):
        if str(row.get("EndpointStatus")).lower() != "deleting":
            yield Found(row["EndpointId"], row["EndpointId"])


def endpoint_zones(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The zone of the endpoint."""
    endpoint_id, zone_id = inputs.text("endpointId"), inputs.text("zoneId")
    for row in reads.privatelink("ListVpcEndpointZones", "Zones", EndpointId=endpoint_id):
        if row.get("ZoneId") == zone_id and str(row.get("ZoneStatus")).lower() != "deleting":
            yield Found(f"{endpoint_id} in {zone_id}", f"{endpoint_id}:{zone_id}")


def private_zones(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """Private zones of the name with the stack's tags, or empty ones without any tag.

    The name is not the stack's alone, and the remark is sent after the creation too: a zone without
    tags is taken only if it is attached to no VPC and has no record.
    """
    name = inputs.text("zoneName") or inputs.text("name")
    rows = reads.pvtz("DescribeZones", "Zones.Zone", Keyword=name, SearchMode="EXACT")
    for row in rows:
        if row.get("ZoneName") != name:
            continue
        if has_owner(row, inputs) or _is_empty(reads, row, inputs.text("remark")):
            yield Found(row["ZoneId"], row["ZoneId"])


def _is_empty(reads: Reads, row: Json, remark: str) -> bool:
    """Return whether a zone has no tag, no VPC, no record, and no remark but the stack's."""
    if tags_of(row) or row.get("Remark") not in (None, "", remark) or _vpcs_of(reads, row):
        return False
    return not reads.pvtz("DescribeZoneRecords", "Records.Record", ZoneId=row["ZoneId"])


def _vpcs_of(reads: Reads, row: Json) -> list[Json]:
    bound = reads.zone(row["ZoneId"]).get("BindVpcs") or {}
    return list(bound.get("Vpc") or ())


def zone_records(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The record of the zone; a name has one CNAME, which is taken whatever its value is."""
    zone_id, host, kind = inputs.text("zoneId"), inputs.text("rr"), inputs.text("type")
    value = "" if kind == "CNAME" else inputs.text("value")
    for row in reads.pvtz("DescribeZoneRecords", "Records.Record", ZoneId=zone_id):
        is_alike = (row.get("Rr"), row.get("Type")) == (host, kind)
        if is_alike and value in ("", row.get("Value")):
            record_id = str(row["RecordId"])
            yield Found(f"record {record_id} of {zone_id}", f"{record_id}:{zone_id}")


def zone_attachments(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The list of VPCs of the zone, unless it is empty."""
    zone_id = inputs.text("zoneId")
    if _vpcs_of(reads, {"ZoneId": zone_id}):
        yield Found(zone_id, zone_id)


def gateways(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """AI gateways of the VPC with the name."""
    vpc_id, name = inputs.text("vpc", "vpcId"), inputs.text("gatewayName")
    rows = list(reads.gateways())
    for row in owned(rows, inputs, name="name", named=name, tagged_later=True):
        if (row.get("vpc") or {}).get("vpcId") == vpc_id and not is_going(row):
            yield Found(row["gatewayId"], row["gatewayId"])
