"""The envelope of APIG's answers, its pages, and where its parameters are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from dashlink_sandbox.records import Fixed
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.wire.errors import ApiError, missing, not_found
from dashlink_sandbox.wire.params import Params

_Record = TypeVar("_Record", bound=Fixed)
_Row = TypeVar("_Row")


def ok(data: Any = None) -> Answer:
    """A good answer."""
    answer: Answer = {"code": "Ok", "message": "success"}
    return answer if data is None else {**answer, "data": data}


def page(call: Call, rows: Sequence[_Row]) -> tuple[list[_Row], Answer]:
    """The page that the query asks for by pageNumber and pageSize (10, at most 100), and the counts beside it."""
    asked = {"PageNumber": call.params.text("pageNumber"), "PageSize": call.params.text("pageSize")}
    items, counts = by_number(Params(asked), rows, size=10, largest=100)
    return items, {
        "totalSize": counts["TotalCount"],
        "pageNumber": counts["PageNumber"],
        "pageSize": counts["PageSize"],
    }


def listed(call: Call, items: Sequence[Answer]) -> Answer:
    """A page of ``items`` in the envelope."""
    rows, counts = page(call, items)
    return ok({"items": rows, **counts})


def find(call: Call, table: Mapping[str, _Record], record_id: str, code: str, what: str) -> _Record:
    """The caller's record.

    Raises:
        ApiError: ``code``, HTTP 404.
    """
    record = table.get(record_id)
    if record is None or record.owner != call.account.id:
        raise not_found(code, f"The {what} {record_id} does not exist.")
    return record


def own(call: Call, table: Mapping[str, _Record]) -> list[_Record]:
    """The caller's records, oldest first."""
    return [record for record in table.values() if record.owner == call.account.id]


def required(body: Mapping[str, Any], name: str) -> Any:
    """A field of the body that must be there.

    Raises:
        ApiError: ``Missing<name>``.
    """
    value = body.get(name)
    if value is None or value == "":
        raise missing(name)
    return value


def bad(name: str, message: str) -> ApiError:
    """A field has a value that it cannot have (the code is unverified)."""
    return ApiError(f"InvalidParameter.{name}", message)


def conflict(code: str, message: str) -> ApiError:
    """What stands against something that is there: HTTP 409 (the codes are unverified)."""
    return ApiError(f"Conflict.{code}", message, 409)


def birth(call: Call) -> dict[str, Any]:
    """What every new record gets; the resource group is in the body, tags too where the API takes them."""
    group = call.body.get("resourceGroupId") or call.account.resource_group_id
    tags = {tag["key"]: tag.get("value", "") for tag in call.body.get("tag") or ()}
    return {
        "owner": call.account.id,
        "resource_group_id": call.resource_group(group),
        "tags": tags,
        "created": call.now,
    }


def millis(seconds: float) -> int:
    """A time as APIG writes it."""
    return int(seconds * 1000)
