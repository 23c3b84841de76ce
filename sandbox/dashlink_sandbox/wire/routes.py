"""Paths of the ROA style: the action of a method and path, and the values in the path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

_PLACEHOLDER = re.compile(r"\\{(\w+)\\}")


class Routes:
    """The paths of one product.

    Args:
        table: ``GET /v1/gateways/{gatewayId}`` -> the action's name.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self._routes = [(*_compile(route), action) for route, action in table.items()]

    def find(self, method: str, path: str) -> tuple[str, dict[str, str]] | None:
        """Return the action and the decoded values in the path; None if no route matches."""
        for route_method, pattern, action in self._routes:
            match = pattern.fullmatch(path.rstrip("/"))
            if route_method == method and match is not None:
                return action, {name: unquote(value) for name, value in match.groupdict().items()}
        return None


def _compile(route: str) -> tuple[str, re.Pattern[str]]:
    method, _, path = route.partition(" ")
    return method, re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", re.escape(path)))
