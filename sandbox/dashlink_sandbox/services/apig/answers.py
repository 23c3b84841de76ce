"""APIG's response envelope and pagination, and access to its request bodies and records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from dashlink_sandbox.records import Fixed
from dashlink_sandbox.services.base import Answer, Call, Handler
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.wire.errors import ApiError, ParameterError, missing

_Record = TypeVar("_Record", bound=Fixed)
_Row = TypeVar("_Row")
_SHOWN = 4


def ok(data: Any = None) -> Answer:
    """Return a successful response."""
    answer: Answer = {"code": "Ok", "message": "success"}
    if data is not None:
        answer["data"] = data
    return answer


def in_apig_codes(handler: Handler) -> Handler:
    """Return ``handler`` with APIG's codes for parameters: the message names the parameter.

    Source: SDK 11.6.0: InvalidParameter.IsEmpty (CreateGateway, InstallPlugin, CreateSource),
    InvalidParameter.WithValue (CreateMcpServer, CreatePluginClass, ListExternalServices). Which of
    them a field of another action has is open; InvalidParameter.WithDetail and .BothEmpty, which
    the texts name too, are not used.
    """

    def handle(call: Call) -> Answer:
        try:
            return handler(call)
        except ParameterError as error:
            code = "InvalidParameter.WithValue"
            if error.absent:
                code = "InvalidParameter.IsEmpty"
            raise ApiError(code, f"{error.name}: {error.message}", error.status) from error

    return handle


def listed(call: Call, records: Sequence[_Row], shape: Callable[[_Row], Answer]) -> Answer:
    """Return a page of ``records``, by pageNumber and pageSize (10, at most 100)."""
    names = ("pageNumber", "pageSize")
    items, counts = by_number(call.params, records, shape, size=10, largest=100, names=names)
    return ok(
        {
            "items": items,
            "totalSize": counts["TotalCount"],
            "pageNumber": counts["PageNumber"],
            "pageSize": counts["PageSize"],
        }
    )


def required(body: Mapping[str, Any], name: str) -> Any:
    """Return a required field of the body.

    Raises:
        ParameterError: It is absent, null or empty text.
    """
    value = body.get(name)
    if value is None or value == "":
        raise missing(name)
    return value


def items_of(body: Mapping[str, Any], name: str) -> list[Any]:
    """Return the list in a field of the body; empty if the field is absent or null."""
    return list(body.get(name) or ())


def changes_of(body: Mapping[str, Any], fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the changes that a body makes to a record; absent and null fields change nothing.

    Args:
        body: The request's body.
        fields: Field of the body -> field of the record. Lists become tuples.
    """
    changes = {}
    for name, field in fields.items():
        value = body.get(name)
        if value is not None:
            changes[field] = tuple(value) if isinstance(value, list) else value
    return changes


def check_unique_name(records: Sequence[Any], name: str, code: str, message: str) -> None:
    """Refuse a name that one of ``records`` has already.

    Raises:
        ApiError: ``Conflict.<code>``, HTTP 409.
    """
    if any(record.name == name for record in records):
        raise conflict(code, message)


def conflict(code: str, message: str) -> ApiError:
    """A conflict with another resource: HTTP 409; codes without a source are unverified."""
    return ApiError(f"Conflict.{code}", message, 409)


def new_record(call: Call) -> dict[str, Any]:
    """Return the common fields of a new record; resource group and tags are in the body."""
    tags = {tag["key"]: tag.get("value", "") for tag in items_of(call.body, "tag")}
    return call.ownership(tags, call.body.get("resourceGroupId") or "")


def delete_where(records: dict[str, _Record], field: str, value: str) -> None:
    """Delete the records with this value in a field."""
    for record_id, record in list(records.items()):
        if getattr(record, field) == value:
            del records[record_id]


def mask(key: str) -> str:
    """Return a key as responses show it."""
    if len(key) <= 2 * _SHOWN:
        return "****"
    return f"{key[:_SHOWN]}****{key[-_SHOWN:]}"


def masked(config: Mapping[str, Any], secret: str) -> dict[str, Any]:
    """Return ``config`` with the field ``secret`` masked, if it is set."""
    shown = dict(config)
    if config.get(secret):
        shown[secret] = mask(str(config[secret]))
    return shown


def milliseconds(seconds: float) -> int:
    """Return a time as APIG writes it: milliseconds since the epoch."""
    return int(seconds * 1000)
