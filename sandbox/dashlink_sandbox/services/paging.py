"""Pagination in the two styles of the cloud: by page number and size, or by a token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from dashlink_sandbox.services.base import Answer
from dashlink_sandbox.wire.errors import invalid
from dashlink_sandbox.wire.params import Params

_Row = TypeVar("_Row")
_LARGEST_PAGE_NUMBER = 10**6


def by_number(
    params: Params,
    rows: Sequence[_Row],
    shape: Callable[[_Row], Answer],
    *,
    size: int,
    largest: int,
    names: tuple[str, str] = ("PageNumber", "PageSize"),
) -> tuple[list[Answer], Answer]:
    """Return the requested page, and the counts of the response.

    Rows are written by ``shape``; a page has ``size`` rows by default, and at most ``largest``.
    ``names`` are the parameters of the page's number and size.
    """
    page = params.number(names[0], 1, 1, _LARGEST_PAGE_NUMBER)
    length = params.number(names[1], size, 1, largest)
    counts = {"TotalCount": len(rows), "PageNumber": page, "PageSize": length}
    return [shape(row) for row in rows[(page - 1) * length : page * length]], counts


def by_token(
    params: Params,
    rows: Sequence[_Row],
    shape: Callable[[_Row], Answer],
    *,
    size: int = 50,
    largest: int = 1000,
    length_name: str = "MaxResults",
) -> tuple[list[Answer], Answer]:
    """Return the rows after NextToken, and the counts of the response.

    Rows are written by ``shape``; MaxResults (``length_name``) is ``size`` by default, and at most
    ``largest``. The last page has no NextToken.
    """
    length = params.number(length_name, size, 1, largest)
    start = _position(params.text("NextToken"))
    end = start + length
    counts: Answer = {"TotalCount": len(rows), "MaxResults": length}
    if end < len(rows):
        counts["NextToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
    return [shape(row) for row in rows[start:end]], counts


def _position(token: str) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token))
    except (ValueError, binascii.Error) as error:
        raise invalid("NextToken") from error
