"""The admin calls under ``/_sandbox/``: faults, the console's part, a look inside. JSON in and out, unsigned.

=======  ======================  =================================================================================
POST     faults                  plant one: see :class:`dashlink_sandbox.faults.Fault`
GET      faults                  what is planted
DELETE   faults                  plant nothing any more
POST     limits                  ``{product, calls_per_second}``: throttle what is over it; 0 lifts it
POST     console/custom-domain   ``{endpoint_id, enabled}``: the switch that no API has
POST     console/protection      ``{endpoint_id, enabled}``: against deletion; no API lifts it (PrivateLink SDK 4.0.9)
POST     console/allow-list      ``{service_id, accounts}``: who may use a service; null for everybody
POST     console/accept, reject  ``{endpoint_id}``: what the service's owner says to a connection
POST     console/zone-status     ``{endpoint_id, zone_id, status}``: Disconnected or Connected
POST     console/peer            ``{vpc_ids: [one, other]}``: a route between two VPCs, both ways
POST     console/way-out         ``{vpc_id, enabled}``: a NAT gateway of the VPC
POST     console/upstream        ``{host, vpc_id, failing, delay_seconds}``: a model server beside the
                                 endpoints; a service's name for host: it fails with the status ``failing``
GET      state, calls            everything that exists; the latest calls
GET      access-log, metrics     what passed through the gateways
POST     reset                   an empty cloud
=======  ======================  =================================================================================
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.faults import Fault, Limit
from dashlink_sandbox.gateways import Upstream
from dashlink_sandbox.state import Endpoint, State
from dashlink_sandbox.wire.errors import ApiError, not_found

_Model = TypeVar("_Model", bound=BaseModel)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def apply(self, state: State) -> None:
        """Change ``state`` as the body says."""
        raise NotImplementedError


class CustomDomain(_Body):
    """Turn an endpoint's custom service domain on or off."""

    endpoint_id: str
    enabled: bool

    def apply(self, state: State) -> None:
        """Set the switch."""
        _endpoint(state, self.endpoint_id).custom_domain_enabled = self.enabled


class Protection(_Body):
    """Protect an endpoint against deletion, or lift that."""

    endpoint_id: str
    enabled: bool

    def apply(self, state: State) -> None:
        """Set the protection."""
        _endpoint(state, self.endpoint_id).protected = self.enabled


class AllowList(_Body):
    """Say which accounts may use a service; None for every account."""

    service_id: str
    accounts: list[str] | None

    def apply(self, state: State) -> None:
        """Replace the list."""
        if self.service_id not in state.endpoint_services:
            raise not_found("EndpointServiceNotFound", f"There is no endpoint service {self.service_id}.")
        state.endpoint_services[self.service_id].allow_listed_accounts = self.accounts


class Accept(_Body):
    """Accept an endpoint's connection."""

    endpoint_id: str

    def apply(self, state: State) -> None:
        """Waiting or rejected zones may connect."""
        endpoint = _endpoint(state, self.endpoint_id)
        endpoint.acceptance = "accepted"
        for zone in endpoint.zones.values():
            zone.status = "Wait" if zone.status == "Disconnected" else zone.status


class Reject(_Body):
    """Reject an endpoint's connection."""

    endpoint_id: str

    def apply(self, state: State) -> None:
        """Disconnect every zone."""
        endpoint = _endpoint(state, self.endpoint_id)
        endpoint.acceptance = "rejected"
        for zone in endpoint.zones.values():
            zone.status = "Disconnected"


class ZoneStatus(_Body):
    """Take an endpoint's zone down, or bring it back."""

    endpoint_id: str
    zone_id: str
    status: Literal["Connected", "Disconnected"]

    def apply(self, state: State) -> None:
        """Set the zone's status."""
        zone = _endpoint(state, self.endpoint_id).zones.get(self.zone_id)
        if zone is None:
            raise not_found("EndpointZoneNotFound", f"{self.endpoint_id} has no zone {self.zone_id}.")
        zone.status = self.status


class Peer(_Body):
    """Make a route between two VPCs."""

    vpc_ids: tuple[str, str]

    def apply(self, state: State) -> None:
        """Each gets to know the other."""
        for vpc_id, other in (self.vpc_ids, self.vpc_ids[::-1]):
            if vpc_id not in state.vpcs:
                raise not_found("InvalidVpcId.NotFound", f"There is no VPC {vpc_id}.")
            peers = state.vpcs[vpc_id].peers
            state.vpcs[vpc_id].peers = sorted({*peers, other})


class WayOut(_Body):
    """Give a VPC a way to the internet, or take it away."""

    vpc_id: str
    enabled: bool

    def apply(self, state: State) -> None:
        """Set it."""
        if self.vpc_id not in state.vpcs:
            raise not_found("InvalidVpcId.NotFound", f"There is no VPC {self.vpc_id}.")
        state.vpcs[self.vpc_id].has_way_out = self.enabled


class MakeUpstream(_Body):
    """Make a model server, or let a service fail or work again."""

    host: str
    vpc_id: str = ""
    failing: int = 0
    delay_seconds: float = 0.0

    def apply(self, state: State) -> None:
        """Replace what is there."""
        state.upstreams[self.host] = Upstream(**self.model_dump())


_CONSOLE: dict[str, type[_Body]] = {
    "custom-domain": CustomDomain,
    "protection": Protection,
    "allow-list": AllowList,
    "accept": Accept,
    "reject": Reject,
    "zone-status": ZoneStatus,
    "peer": Peer,
    "way-out": WayOut,
    "upstream": MakeUpstream,
}


def build_app(cloud: Cloud) -> web.Application:
    """The application for the admin calls on ``cloud``."""
    app = web.Application(middlewares=[_errors])
    _add_faults(app, cloud)
    _add_console(app, cloud)
    _add_look_inside(app, cloud)
    return app


def _add_faults(app: web.Application, cloud: Cloud) -> None:
    async def plant(request: web.Request) -> web.Response:
        cloud.faults.active.append(_read(Fault, await request.read()))
        return _planted(cloud)

    async def planted(_request: web.Request) -> web.Response:
        return _planted(cloud)

    async def clear(_request: web.Request) -> web.Response:
        cloud.faults.active.clear()
        return _planted(cloud)

    async def limit(request: web.Request) -> web.Response:
        cloud.limits.set(_read(Limit, await request.read()))
        return web.json_response({})

    app.router.add_post("/limits", limit)
    app.router.add_post("/faults", plant)
    app.router.add_get("/faults", planted)
    app.router.add_delete("/faults", clear)


def _add_console(app: web.Application, cloud: Cloud) -> None:
    async def console(request: web.Request) -> web.Response:
        body = _CONSOLE.get(request.match_info["what"])
        if body is None:
            raise not_found("Sandbox.NotFound", f"The console has {', '.join(_CONSOLE)}.")
        draft = cloud.draft()
        _read(body, await request.read()).apply(draft)
        cloud.replace(draft)
        return web.json_response({})

    app.router.add_post("/console/{what}", console)


def _add_look_inside(app: web.Application, cloud: Cloud) -> None:
    async def state(_request: web.Request) -> web.Response:
        return web.json_response(cloud.current().model_dump(mode="json"))

    async def calls(_request: web.Request) -> web.Response:
        return web.json_response({"calls": cloud.log()})

    async def reset(_request: web.Request) -> web.Response:
        cloud.reset()
        return web.json_response({})

    async def access_log(_request: web.Request) -> web.Response:
        return web.json_response({"entries": cloud.journal.log()})

    async def metrics(_request: web.Request) -> web.Response:
        return web.json_response(cloud.journal.metrics())

    app.router.add_get("/access-log", access_log)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/state", state)
    app.router.add_get("/calls", calls)
    app.router.add_post("/reset", reset)


@web.middleware
async def _errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response({"Code": error.code, "Message": error.message}, status=error.status)


def _planted(cloud: Cloud) -> web.Response:
    return web.json_response({"faults": [fault.model_dump(mode="json") for fault in cloud.faults.active]})


def _read(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults: list[Any] = [f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors()]
        raise ApiError("Sandbox.BadRequest", "; ".join(faults), HTTPStatus.BAD_REQUEST) from error


def _endpoint(state: State, endpoint_id: str) -> Endpoint:
    if endpoint_id not in state.endpoints:
        raise not_found("EndpointNotFound", f"There is no endpoint {endpoint_id}.")
    return state.endpoints[endpoint_id]
