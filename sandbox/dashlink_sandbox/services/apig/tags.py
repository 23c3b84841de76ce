"""Tags of gateways, and the resource groups of all APIG's resources, in ROA style.

Sources: SDK 11.6.0, models TagResourcesRequest, ListTagResourcesRequest (ResourceType: Gateway,
else InvalidParameter.UnsupportedTagResourceType), ChangeResourceGroupRequest. The alicloud provider
v1.285.0 writes `gateway`. Other codes are unverified.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dashlink_sandbox.services.apig.answers import ok, required
from dashlink_sandbox.services.apig.late import note_group
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.tags import remaining_tags, tag_rows
from dashlink_sandbox.wire.errors import ApiError, missing, not_found

_MOVABLE = ("gateways", "http_apis", "ai_services", "domains", "environments", "policies")


def tag(call: Call) -> Answer:
    """TagResources: ids and tags in the body."""
    added = {row["key"]: row.get("value", "") for row in required(call.body, "tag")}
    _check_type(str(call.body.get("resourceType") or ""))
    for record_id, table in _gateways(call, required(call.body, "resourceId")):
        tags = {**table[record_id].tags, **added}
        table[record_id] = table[record_id].model_copy(update={"tags": tags})
    return ok()


def untag(call: Call) -> Answer:
    """UntagResources: ids and keys in the query, as JSON lists."""
    _check_type(call.params.text("ResourceType"))
    keys = _list(call, "TagKey")
    remove_all = call.params.flag("All")
    for record_id, table in _gateways(call, _list(call, "ResourceId")):
        tags = remaining_tags(table[record_id].tags, keys, remove_all=remove_all)
        table[record_id] = table[record_id].model_copy(update={"tags": tags})
    return ok()


def list_tags(call: Call) -> Answer:
    """ListTagResources: not in APIG's envelope (SDK 11.6.0, ListTagResourcesResponseBody)."""
    kind = call.params.text("ResourceType")
    _check_type(kind)
    rows = []
    for record_id, table in _gateways(call, _list(call, "ResourceId")):
        rows += tag_rows(kind, record_id, table[record_id].tags)
    return {"TagResources": rows}


def move(call: Call) -> Answer:
    """ChangeResourceGroup: all parameters in the query, and no envelope."""
    group = call.resource_group(call.params.required("ResourceGroupId"))
    record_id = call.params.required("ResourceId")
    table = _table_of(call, record_id, _MOVABLE)
    note_group(call, record_id, table[record_id])
    table[record_id] = table[record_id].model_copy(update={"resource_group_id": group})
    return {}


def _check_type(kind: str) -> None:
    if kind.lower() != "gateway":
        message = "The ResourceType must be Gateway."
        raise ApiError("InvalidParameter.UnsupportedTagResourceType", message)


def _list(call: Call, name: str) -> list[str]:
    """Return a list in any of its forms: JSON, a single text, or ``name.1``, ``name.2``, …."""
    text = call.params.text(name)
    if text.startswith("["):
        return call.params.json_list(name)
    return [text] if text else call.params.texts(name)


def _gateways(call: Call, ids: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """Return each gateway's id with the table of its record.

    Raises:
        ApiError: There is no id, or NotFound.ResourceNotFound.
    """
    pairs = [(record_id, _table_of(call, record_id, ("gateways",))) for record_id in ids]
    if not pairs:
        raise missing("resourceId")
    return pairs


def _table_of(call: Call, record_id: str, names: Iterable[str]) -> dict[str, Any]:
    for name in names:
        table: dict[str, Any] = getattr(call.state, name)
        if record_id in table and table[record_id].owner == call.account.id:
            return table
    message = f"The resource {record_id} does not exist."
    raise not_found("NotFound.ResourceNotFound", message)
