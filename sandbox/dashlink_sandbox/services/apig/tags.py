"""Tags of gateways, and the resource groups of APIG's resources, in ROA style.

Sources: SDK 11.6.0, models TagResourcesRequest, ListTagResourcesRequest (ResourceType: Gateway,
else InvalidParameter.UnsupportedTagResourceType; without ResourceId and Tag
InvalidParameter.BothEmpty), ChangeResourceGroupRequest (ResourceType is case-sensitive). The
alicloud provider v1.285.0 writes `gateway` for tags, and moves a gateway without a ResourceType;
the other ResourceTypes are those of the provider (81c43b6, 2026-08-21). Other codes are unverified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from dashlink_sandbox.services.apig.answers import ok, required
from dashlink_sandbox.services.apig.late import note_group
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import remaining_tags, tag_rows
from dashlink_sandbox.wire.errors import ApiError, invalid, missing, not_found

_MOVABLE = {
    "Gateway": "gateways",
    "HttpApi": "http_apis",
    "Service": "ai_services",
    "Domain": "domains",
    "Environment": "environments",
}


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
    ids = _list(call, "ResourceId")
    if not ids and "Tag" not in call.params:
        message = "At least one of ResourceId and Tag must be specified."
        raise ApiError("InvalidParameter.BothEmpty", message)
    if ids:
        gateways = [table[record_id] for record_id, table in _gateways(call, ids)]
    else:
        gateways = call.own(call.state.gateways)
    rows = []
    for gateway in gateways:
        if has_tags(call, "Tag", gateway.tags):
            rows += tag_rows(kind, gateway.gateway_id, gateway.tags)
    page, counts = by_token(call.params, rows, dict[str, Any])
    answer: Answer = {"TagResources": page}
    if "NextToken" in counts:
        answer["NextToken"] = counts["NextToken"]
    return answer


def move(call: Call) -> Answer:
    """ChangeResourceGroup: all parameters in the query, and no envelope."""
    group = call.resource_group(call.params.required("ResourceGroupId"))
    record_id = call.params.required("ResourceId")
    names = tuple(_MOVABLE.values())
    if "ResourceType" in call.params:
        kind = call.params.one_of("ResourceType", tuple(_MOVABLE), "")
        names = (_MOVABLE[kind],)
    table = _table_of(call, record_id, names)
    note_group(call, record_id, table[record_id])
    table[record_id] = table[record_id].model_copy(update={"resource_group_id": group})
    return {}


def has_tags(call: Call, name: str, tags: Mapping[str, str]) -> bool:
    """Whether ``tags`` satisfy the parameter ``name``, a JSON list of tags.

    Each tag has a key and, unless any value matches, a value; the names of these two fields begin
    with a capital letter in some actions.

    Raises:
        ApiError: ``InvalidParameter.<name>``.
    """
    try:
        conditions = json.loads(call.params.text(name, "[]"))
        for condition in conditions:
            fields = {field.lower(): value for field, value in condition.items()}
            if fields["key"] not in tags:
                return False
            if fields.get("value") not in (None, tags[fields["key"]]):
                return False
    except (ValueError, TypeError, AttributeError, LookupError) as error:
        raise invalid(name, "It is not a JSON list of tags.") from error
    return True


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
