"""Pages of lists, in the two ways of the cloud: by number and size, or by a token that leads to the next page."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from dashlink_sandbox.services.base import Answer
from dashlink_sandbox.wire.errors import invalid
from dashlink_sandbox.wire.params import Params

_Row = TypeVar("_Row")
_LARGEST_PAGE_NUMBER = 10**6


def by_number(params: Params, rows: Sequence[_Row], *, size: int, largest: int) -> tuple[list[_Row], Answer]:
    """The page PageNumber of PageSize ``rows`` (default ``size``, at most ``largest``), and the counts beside it."""
    page = params.number("PageNumber", 1, 1, _LARGEST_PAGE_NUMBER)
    length = params.number("PageSize", size, 1, largest)
    counts = {"TotalCount": len(rows), "PageNumber": page, "PageSize": length}
    return list(rows[(page - 1) * length : page * length]), counts


def by_token(params: Params, rows: Sequence[_Row], *, size: int, largest: int) -> tuple[list[_Row], Answer]:
    """The MaxResults ``rows`` after NextToken, and what stands beside them; no NextToken on the last page."""
    length = params.number("MaxResults", size, 1, largest)
    start = _position(params.text("NextToken"))
    beside: dict[str, Any] = {"TotalCount": len(rows), "MaxResults": length}
    if start + length < len(rows):
        beside["NextToken"] = base64.urlsafe_b64encode(str(start + length).encode()).decode()
    return list(rows[start : start + length]), beside


def _position(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except (ValueError, binascii.Error) as error:
        raise invalid("NextToken") from error
