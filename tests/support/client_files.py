"""What the files of clients have in common."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from dashlink.clients.catalog import is_blocked


def without_blocked(values: Mapping[str, str | None]) -> dict[str, str]:
    """The variables of a file but those of protocols that are not served."""
    served = {}
    for name, value in values.items():
        if value is not None and not is_blocked(urlsplit(value).hostname or ""):
            served[name] = value
    return served
