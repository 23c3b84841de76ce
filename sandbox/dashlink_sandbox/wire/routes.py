"""Paths of the ROA style: which action a method and a path mean, and what stands in the path's places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote

_PLACE = re.compile(r"\\{(\w+)\\}")


class Routes:
    """The paths of one product.

    Args:
        table: From ``GET /v1/gateways/{gatewayId}`` to the action's name.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._patterns = [(*_compiled(route), action) for route, action in table.items()]

    def find(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """The action, and the values in the path; None where no path fits."""
        for wanted, pattern, action in self._patterns:
            found = pattern.fullmatch(path.rstrip("/"))
            if wanted == method and found is not None:
                return action, {name: unquote(value) for name, value in found.groupdict().items()}
        return None

    def actions(self) -> Iterable[str]:
        """The names of all actions."""
        return (action for _, _, action in self._patterns)


def _compiled(route: str) -> tuple[str, re.Pattern[str]]:
    method, _, path = route.partition(" ")
    return method, re.compile(_PLACE.sub(r"(?P<\1>[^/]+)", re.escape(path)))
