"""Changes that show late: of consumers, of authorization rules, and of resource groups.

Source: the alicloud provider: v1.291.0 waits after it has created, updated or deleted a consumer
until ListConsumers shows it, and after an authorization until the query shows the rule; after a
move (81c43b6) it waits 35 s, for a gateway 5 s, and then polls the resource group. HiClaw (2026-04)
looks three times, 2 s apart, for a consumer whose name is taken. GetConsumer by id is not late:
HiClaw reads with it the key of a consumer that it has just created. Whether changes are late is a
matter of the dialect; for how long, the sandbox's own choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from dashlink_sandbox.gateways import LateChange
from dashlink_sandbox.records import Fixed, Tagged
from dashlink_sandbox.services.base import Call

LATE_SECONDS = 1.0  # much shorter than the waits of the sources, long enough to be seen

_GROUP = "resource_group_id"
_Record = TypeVar("_Record", bound=Fixed)


def note(call: Call, kind: type[_Record], records: Mapping[str, _Record], record_id: str) -> None:
    """Let lists show a record for a while as it is now; call it before each change.

    Args:
        call: The call that changes the record.
        kind: The record's class.
        records: The records of this class.
        record_id: The id of the record; a new one is not among ``records`` yet.
    """
    record = records.get(record_id)
    shown_fields = None if record is None else record.model_dump()
    _keep(call, _key(kind.__name__, record_id), shown_fields)


def shown(call: Call, kind: type[_Record], records: Mapping[str, _Record]) -> dict[str, _Record]:
    """Return ``records`` as lists show them now."""
    rows = dict(records)
    prefix = _key(kind.__name__, "")
    for key, change in call.state.late_changes.items():
        if call.now >= change.until or not key.startswith(prefix):
            continue
        record_id = key.removeprefix(prefix)
        if change.shown is not None:
            rows[record_id] = kind.model_validate(change.shown)
        else:
            rows.pop(record_id, None)
    return rows


def note_group(call: Call, record_id: str, record: Tagged) -> None:
    """Let a record show for a while the resource group that it has now; call it before a move."""
    _keep(call, _key(_GROUP, record_id), {_GROUP: record.resource_group_id})


def shown_group(call: Call, record_id: str, record: Tagged) -> str:
    """Return the resource group that the API shows for a record."""
    change = call.state.late_changes.get(_key(_GROUP, record_id))
    if change is None or call.now >= change.until or change.shown is None:
        return record.resource_group_id
    return str(change.shown[_GROUP])


def _key(kind: str, record_id: str) -> str:
    return f"{kind}/{record_id}"


def _keep(call: Call, key: str, fields: Mapping[str, Any] | None) -> None:
    """Store what is shown until the change is; an earlier change that is not shown yet stays."""
    if call.dialect["late-records"] != "late":
        return
    changes = call.state.late_changes
    for other, change in list(changes.items()):
        if call.now >= change.until:
            del changes[other]
    if key in changes:
        fields = changes[key].shown
    changes[key] = LateChange(until=call.now + LATE_SECONDS, shown=fields)
