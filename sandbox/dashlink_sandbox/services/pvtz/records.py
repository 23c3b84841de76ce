"""Records of PrivateZones. The cloud's record ids are whole numbers."""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.pvtz import zones
from dashlink_sandbox.services.pvtz.rules import check_record, check_remark
from dashlink_sandbox.state import DnsRecord, PrivateZone
from dashlink_sandbox.wire.errors import ApiError

_LONGEST_TTL_SECONDS = 86400
_LARGEST_PRIORITY = 99


def create(call: Call) -> Answer:
    """AddZoneRecord."""
    zone = zones.find(call)
    call.check_quota("records_per_private_zone", len(zone.records), "QuotaExceeded.Record")
    blank = DnsRecord(record_id=str(call.new_number()), rr="", type="", value="")
    record = _requested(call, blank)
    check_remark(record.remark)
    check_record(record, zone.records.values())
    zone.records[record.record_id] = record
    return {"Success": True, "RecordId": int(record.record_id)}


def list_records(call: Call) -> Answer:
    """DescribeZoneRecords, by host: by default all of it, a substring in the SearchMode LIKE.

    The Tag `ecs` is for the host names of ECS instances, of which the sandbox has none.
    """
    zone = zones.find(call)
    keyword = call.params.text("Keyword")
    tag = call.params.text("Tag")
    rows = []
    for record in zone.records.values():
        if not tag and zones.keyword_matches(call, keyword, record.rr, "EXACT"):
            rows.append(record)
    page, counts = zones.paginate(call, rows, partial(_shape, zone))
    return {"Records": {"Record": page}, **counts}


def update(call: Call) -> Answer:
    """UpdateZoneRecord."""
    zone, old = _find(call)
    record = _requested(call, old)
    others = [row for row in zone.records.values() if row.record_id != old.record_id]
    check_record(record, others)
    zone.records[record.record_id] = record
    return {"RecordId": int(record.record_id)}


def update_remark(call: Call) -> Answer:
    """UpdateRecordRemark."""
    _, record = _find(call)
    remark = call.params.text("Remark")
    check_remark(remark)
    record.remark = remark
    return {"RecordId": int(record.record_id)}


def set_status(call: Call) -> Answer:
    """SetZoneRecordStatus: a disabled record is not resolved."""
    _, record = _find(call)
    record.status = call.params.one_of("Status", ("ENABLE", "DISABLE"), record.status)
    return {"RecordId": int(record.record_id), "Status": record.status}


def delete(call: Call) -> Answer:
    """DeleteZoneRecord."""
    zone, record = _find(call)
    del zone.records[record.record_id]
    return {"RecordId": int(record.record_id)}


def _find(call: Call) -> tuple[PrivateZone, DnsRecord]:
    record_id = call.params.required("RecordId")
    for zone in call.own(call.state.private_zones):
        if record_id in zone.records:
            return zone, zone.records[record_id]
    raise ApiError("Record.NotExists", "The record does not exist.")


def _requested(call: Call, old: DnsRecord) -> DnsRecord:
    """Return ``old`` with the fields that the request sends."""
    params = call.params
    return old.model_copy(
        update={
            "rr": params.text("Rr", old.rr),
            "type": params.text("Type", old.type).upper(),
            "value": params.text("Value", old.value),
            "ttl": params.number("Ttl", old.ttl, 1, _LONGEST_TTL_SECONDS),
            "priority": params.number("Priority", old.priority, 1, _LARGEST_PRIORITY),
            "remark": params.changed("Remark", old.remark),
        }
    )


def _shape(zone: PrivateZone, record: DnsRecord) -> Answer:
    return {
        "RecordId": int(record.record_id),
        "ZoneId": zone.zone_id,
        "Rr": record.rr,
        "Type": record.type,
        "Value": record.value,
        "Ttl": record.ttl,
        "Priority": record.priority,
        "Remark": record.remark,
        "Status": record.status,
        "Line": "default",
        "Weight": 1,
    }
