"""Every row of an action that answers in pages: by page number, or by token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.cloud.openapi import Json, OpenApi

_PAGE_SIZE = 50
_LARGEST_PAGE = 100


def rows_by_number(api: OpenApi, action: str, path: str, **parameters: Any) -> list[Json]:
    """Return the rows of every page of an action with page numbers.

    Args:
        api: The product.
        action: Name of the action: ``DescribeVpcs``.
        path: Where the rows are in an answer: ``Vpcs.Vpc``.
        parameters: Parameters of the action without those of pages.
    """
    found: list[Json] = []
    number = 1
    while True:
        page = {"PageNumber": number, "PageSize": _PAGE_SIZE}
        answer = api.rpc(f"read ({action})", action, {**parameters, **page})
        items = rows_at(answer, path)
        found += items
        if len(items) < _PAGE_SIZE:
            return found
        number += 1


def rows_by_token(
    api: OpenApi, action: str, path: str, size: str = "MaxResults", **parameters: Any
) -> list[Json]:
    """Return the rows of every page of an action with tokens; ``size`` is its parameter for it."""
    found: list[Json] = []
    token: str | None = None
    while True:
        page = {size: _LARGEST_PAGE, "NextToken": token}
        answer = api.rpc(f"read ({action})", action, {**parameters, **page})
        found += rows_at(answer, path)
        token = answer.get("NextToken")
        if not token:
            return found


def rows_at(answer: Mapping[str, Any], path: str) -> list[Json]:
    """Return the list at a path of field names; empty where a field is missing."""
    value: Any = answer
    for name in path.split("."):
        value = (value or {}).get(name)
    return list(value or ())
