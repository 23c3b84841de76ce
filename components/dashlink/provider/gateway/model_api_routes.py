"""Built-in routes of a Model API as the cloud lists them (ListHttpApiRoutes, SDK 11.6.0).

`match.path` has the base path: HiMarket (2026-06, AIGWOperator and ModelEndpointResolver) dials it
as it is, and takes the type `Exact` for a whole path and `Prefix` for the beginning of one. Paths
without the base path are read too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dashlink.cloud.words import PREFIX_PATH
from dashlink.errors import CloudError
from dashlink.provider.codec import Json
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.model_api import ModelApiInputs, RouteState

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi

Routes = tuple[RouteState, ...]

_WAIT_SECONDS = 15
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 3.0


def deployed_routes(
    api: ApigApi, api_id: str, inputs: ModelApiInputs, operation: Operation
) -> Routes | None:
    """Return the routes of an API that was deployed just now.

    The cloud may list them late: an empty list is read again for some seconds.

    Raises:
        CloudError: If the operation is cancelled.
    """

    def probe() -> Routes | Pending | None:
        routes = listed_routes(api, api_id, inputs, operation)
        if routes == ():
            return Pending("the cloud lists no routes of the Model API", "")
        return routes

    try:
        return wait_until(
            probe,
            operation,
            subject=api_id,
            seconds=_WAIT_SECONDS,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
            longest_pause_seconds=_LONGEST_PAUSE_SECONDS,
        )
    except CloudError:
        if operation.cancelled():
            raise
        return ()


def listed_routes(
    api: ApigApi, api_id: str, inputs: ModelApiInputs, operation: Operation
) -> Routes | None:
    """Return the routes that the cloud lists; None, with a message, if it refuses to."""
    try:
        rows = list(api.model_api_routes(api_id, inputs.gateway_id))
    except CloudError as error:
        operation.report(f"its routes cannot be read, the outputs have the catalog's: {error}")
        return None
    return read_routes(rows, inputs.base_path)


def read_routes(rows: Iterable[Json], base_path: str) -> Routes:
    """Return the built-in routes of the API's JSON, sorted by name.

    Args:
        rows: Items of ListHttpApiRoutes; a row that does not say so is taken for built-in.
        base_path: Base path of the API.
    """
    routes = []
    for row in rows:
        if str(row.get("builtin", True)).lower() != "false":
            routes.append(_route(row))
    prefix = base_path.rstrip("/")
    paths = [route.path for route in routes if route.path.startswith("/")]  # not of every Regex
    if all(path.startswith(f"{prefix}/") for path in paths):
        routes = [_without_prefix(route, prefix) for route in routes]
    return tuple(sorted(routes, key=lambda route: (route.name, route.path)))


def _route(row: Json) -> RouteState:
    match: Json = row.get("match") or {}
    path: Json = match.get("path") or {}
    value = str(path.get("value") or "/")
    if path.get("type") == PREFIX_PATH:
        value = f"{value.rstrip('/')}/*"
    methods = tuple(match.get("methods") or ())
    return RouteState(name=str(row.get("name") or ""), path=value, methods=methods)


def _without_prefix(route: RouteState, prefix: str) -> RouteState:
    return route.model_copy(update={"path": route.path.removeprefix(prefix)})
