"""The admin API under ``/_sandbox/``: faults, console operations, inspection. Unsigned JSON.

Its state holds keys, and it can empty the cloud, so that every call needs the token of this process
in the header X-Sandbox-Token, and a Host on loopback: no page that a browser shows can call it.

=======  ======================  ==================================================================
POST     faults                  inject one: see :class:`dashlink_sandbox.faults.Fault`
GET      faults                  list the active faults
DELETE   faults                  remove all faults
POST     limits                  ``{product, calls_per_second}``: throttle calls above it; 0: no
                                 limit
POST     console/custom-domain   ``{endpoint_id, enabled}``: the switch that no API has
POST     console/protection      ``{endpoint_id, enabled}``: against deletion; no API lifts it
                                 (PrivateLink SDK 4.0.9)
POST     console/allow-list      ``{service_id, accounts}``: the accounts that may use a service;
                                 null for every account
POST     console/accept, reject  ``{endpoint_id}``: the service owner's answer to a connection
POST     console/zone-status     ``{endpoint_id, zone_id, status}``: Disconnected or Connected
POST     console/peer            ``{vpc_ids: [one, other]}``: a route between two VPCs, both ways
POST     console/way-out         ``{vpc_id, enabled}``: a NAT gateway of the VPC
POST     console/upstream        ``{host, vpc_id, failing, delay_seconds}``: a model server beside
                                 the endpoints; with a service's name as host, that service answers
                                 with the status ``failing``
POST     console/workspace       ``{label, vpc_id, vswitch_ids, security_group_id}``: a private
                                 connection of a Model Studio workspace with that host label
POST     console/eas-gateway     ``{name, region, vpc_id, vswitch_ids}``: a dedicated gateway of the
                                 ALB kind, which no API makes
POST     console/maas-key        ``{key, region, addresses, models, endpoints}``: a key of MaaS;
                                 fields here and below: :mod:`dashlink_sandbox.maas`
POST     console/maas-model      ``{name, …}``: the state of a model there; fields that are not
                                 sent are as they were
POST     console/maas-service    ``{service_id, host, model}``: a service of its own there
POST     console/maas-front      ``{host, requests}``: a limit a minute of the gateway in front
POST     console/select          ``{host, selected}``: whether the workspace uses its connection
GET      state, calls            all records; the latest calls
GET      dialect                 every open question with its options, their sources, and this
                                 cloud's answer
GET      access-log, metrics     the requests that passed through the gateways
POST     reset                   empty the cloud
=======  ======================  ==================================================================
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Literal, TypeVar

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import BaseModel, ConfigDict, ValidationError

from dashlink_sandbox import workspaces
from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.dialects import questions
from dashlink_sandbox.eas import EasGateway
from dashlink_sandbox.faults import Fault, Limit
from dashlink_sandbox.gateways import Upstream
from dashlink_sandbox.inside.maas.models import find_model
from dashlink_sandbox.maas import MaasFront, MaasKey, MaasModel, MaasService
from dashlink_sandbox.state import Endpoint, State, Vpc
from dashlink_sandbox.wire.errors import ApiError, not_found

TOKEN_HEADER = "X-Sandbox-Token"  # noqa: S105 - a header's name
_LOOPBACK = ("127.0.0.1", "localhost")
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_Model = TypeVar("_Model", bound=BaseModel)


class _Operation(BaseModel):
    """The body of a console operation."""

    model_config = ConfigDict(extra="forbid")

    def apply(self, state: State) -> None:
        """Apply the operation to ``state``."""
        raise NotImplementedError


class CustomDomain(_Operation):
    """Turn an endpoint's custom service domain on or off."""

    endpoint_id: str
    enabled: bool

    def apply(self, state: State) -> None:
        """Set the switch."""
        _endpoint(state, self.endpoint_id).custom_domain_enabled = self.enabled


class Protection(_Operation):
    """Turn an endpoint's deletion protection on or off."""

    endpoint_id: str
    enabled: bool

    def apply(self, state: State) -> None:
        """Set the protection."""
        _endpoint(state, self.endpoint_id).protected = self.enabled


class AllowList(_Operation):
    """Replace the list of accounts that may use a service; None for every account."""

    service_id: str
    accounts: list[str] | None

    def apply(self, state: State) -> None:
        """Replace the list."""
        service = state.endpoint_services.get(self.service_id)
        if service is None:
            message = f"There is no endpoint service {self.service_id}."
            raise not_found("EndpointServiceNotFound", message)
        service.allow_listed_accounts = self.accounts


class Accept(_Operation):
    """Accept an endpoint's connection."""

    endpoint_id: str

    def apply(self, state: State) -> None:
        """Let waiting and rejected zones connect."""
        endpoint = _endpoint(state, self.endpoint_id)
        endpoint.acceptance = "accepted"
        for zone in endpoint.zones.values():
            if zone.status == "Disconnected":
                zone.status = "Wait"


class Reject(_Operation):
    """Reject an endpoint's connection."""

    endpoint_id: str

    def apply(self, state: State) -> None:
        """Disconnect every zone."""
        endpoint = _endpoint(state, self.endpoint_id)
        endpoint.acceptance = "rejected"
        for zone in endpoint.zones.values():
            zone.status = "Disconnected"


class ZoneStatus(_Operation):
    """Disconnect or reconnect one zone of an endpoint."""

    endpoint_id: str
    zone_id: str
    status: Literal["Connected", "Disconnected"]

    def apply(self, state: State) -> None:
        """Set the zone's status."""
        zone = _endpoint(state, self.endpoint_id).zones.get(self.zone_id)
        if zone is None:
            message = f"{self.endpoint_id} has no zone {self.zone_id}."
            raise not_found("EndpointZoneNotFound", message)
        zone.status = self.status


class Peer(_Operation):
    """Create a route between two VPCs."""

    vpc_ids: tuple[str, str]

    def apply(self, state: State) -> None:
        """Add each VPC to the peers of the other."""
        one, other = self.vpc_ids
        for vpc_id, peer in ((one, other), (other, one)):
            vpc = _vpc(state, vpc_id)
            vpc.peers = sorted({*vpc.peers, peer})


class InternetAccess(_Operation):
    """Add or remove a VPC's NAT gateway."""

    vpc_id: str
    enabled: bool

    def apply(self, state: State) -> None:
        """Set the VPC's internet access."""
        _vpc(state, self.vpc_id).has_way_out = self.enabled


class SetUpstream(_Operation):
    """Create or replace a model server, or set whether a service fails."""

    host: str
    vpc_id: str = ""
    failing: int = 0
    delay_seconds: float = 0.0

    def apply(self, state: State) -> None:
        """Store the upstream under its host."""
        state.upstreams[self.host] = Upstream(**self.model_dump())


class ConnectWorkspace(_Operation):
    """Create a private connection of a Model Studio workspace, and select it."""

    label: str
    vpc_id: str
    vswitch_ids: list[str]
    security_group_id: str

    def apply(self, state: State) -> None:
        """Create the connection."""
        workspaces.connect(state, self.label, self.vpc_id, self.vswitch_ids, self.security_group_id)


class SelectConnection(_Operation):
    """Select the connection of a workspace, or end that."""

    host: str
    selected: bool

    def apply(self, state: State) -> None:
        """Set whether the host resolves."""
        workspaces.select(state, self.host, selected=self.selected)


class CreateAlbGateway(_Operation):
    """Create a dedicated gateway of PAI-EAS of the ALB kind, of the VPC's owner."""

    name: str
    region: str
    vpc_id: str
    vswitch_ids: list[str]

    def apply(self, state: State) -> None:
        """Store the gateway."""
        gateway_id = f"gw-sb{state.next_number:010d}"
        state.next_number += 1
        state.eas_gateways[gateway_id] = EasGateway(
            gateway_id=gateway_id,
            kind="application",
            status="Running",
            owner=_vpc(state, self.vpc_id).owner,
            **self.model_dump(),
        )


class SetMaasKey(_Operation, MaasKey):
    """Create or replace a key of MaaS."""

    def apply(self, state: State) -> None:
        """Store the key."""
        state.maas_keys[self.key] = MaasKey(**self.model_dump())


class SetMaasModel(_Operation):
    """Create a model of MaaS, or change its state."""

    model_config = ConfigDict(extra="allow")

    name: str

    def apply(self, state: State) -> None:
        """Store the model."""
        known = find_model(state, self.name)
        fields = known.model_dump() if known is not None else {}
        state.maas_models[self.name] = MaasModel.model_validate({**fields, **self.model_dump()})


class SetMaasService(_Operation, MaasService):
    """Create or replace a service of MaaS."""

    def apply(self, state: State) -> None:
        """Store the service."""
        state.maas_services[self.service_id] = MaasService(**self.model_dump())


class SetMaasFront(_Operation, MaasFront):
    """Set the limit of the gateway in front of a host of MaaS."""

    def apply(self, state: State) -> None:
        """Store the limit."""
        state.maas_fronts[self.host] = MaasFront(**self.model_dump())


_CONSOLE: dict[str, type[_Operation]] = {
    "custom-domain": CustomDomain,
    "protection": Protection,
    "allow-list": AllowList,
    "accept": Accept,
    "reject": Reject,
    "zone-status": ZoneStatus,
    "peer": Peer,
    "way-out": InternetAccess,
    "upstream": SetUpstream,
    "workspace": ConnectWorkspace,
    "select": SelectConnection,
    "maas-key": SetMaasKey,
    "maas-model": SetMaasModel,
    "maas-service": SetMaasService,
    "maas-front": SetMaasFront,
    "eas-gateway": CreateAlbGateway,
}


def build_app(cloud: Cloud) -> web.Application:
    """Return the aiohttp application of the admin API of ``cloud``."""
    app = web.Application(middlewares=[_errors, _guard(cloud.admin_token)])
    _add_faults(app, cloud)
    _add_console(app, cloud)
    _add_inspection(app, cloud)
    return app


def _add_faults(app: web.Application, cloud: Cloud) -> None:
    def active() -> web.Response:
        faults = [fault.model_dump(mode="json") for fault in cloud.faults.active]
        return web.json_response({"faults": faults})

    async def inject(request: web.Request) -> web.Response:
        cloud.faults.active.append(_read(Fault, await request.read()))
        return active()

    async def show(_request: web.Request) -> web.Response:
        return active()

    async def clear(_request: web.Request) -> web.Response:
        cloud.faults.active.clear()
        return active()

    async def limit(request: web.Request) -> web.Response:
        cloud.limits.set(_read(Limit, await request.read()))
        return web.json_response({})

    app.router.add_post("/limits", limit)
    app.router.add_post("/faults", inject)
    app.router.add_get("/faults", show)
    app.router.add_delete("/faults", clear)


def _add_console(app: web.Application, cloud: Cloud) -> None:
    async def console(request: web.Request) -> web.Response:
        operation = _CONSOLE.get(request.match_info["operation"])
        if operation is None:
            raise not_found("Sandbox.NotFound", f"The console has {', '.join(_CONSOLE)}.")
        draft = cloud.draft()
        _read(operation, await request.read()).apply(draft)
        cloud.replace(draft)
        return web.json_response({})

    app.router.add_post("/console/{operation}", console)


def _add_inspection(app: web.Application, cloud: Cloud) -> None:
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

    async def dialect(_request: web.Request) -> web.Response:
        answers = cloud.current().dialect
        rows = {}
        for name, question in questions().items():
            sources = {option: row.source for option, row in question.options.items()}
            rows[name] = {
                "question": question.text,
                "answer": answers[name],
                "default": question.default,
                "options": sources,
            }
        return web.json_response(rows)

    app.router.add_get("/dialect", dialect)
    app.router.add_get("/access-log", access_log)
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/state", state)
    app.router.add_get("/calls", calls)
    app.router.add_post("/reset", reset)


def _guard(token: str) -> Middleware:
    """Return the middleware that refuses callers without ``token``, or by a name not loopback's."""

    @web.middleware
    async def guard(request: web.Request, handler: _Handler) -> web.StreamResponse:
        host = request.host.rpartition(":")[0] or request.host
        if host not in _LOOPBACK:
            message = f"The admin API is for 127.0.0.1 and localhost (got Host: {request.host})."
            raise ApiError("Sandbox.Forbidden", message, HTTPStatus.FORBIDDEN)
        if not secrets.compare_digest(
            request.headers.get(TOKEN_HEADER, "").encode(), token.encode()
        ):
            message = f"Send the sandbox's admin_token in the header {TOKEN_HEADER}."
            raise ApiError("Sandbox.Forbidden", message, HTTPStatus.FORBIDDEN)
        return await handler(request)

    return guard


@web.middleware
async def _errors(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as error:
        body = {"Code": error.code, "Message": error.message}
        return web.json_response(body, status=error.status)


def _read(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = []
        for row in error.errors():
            field = ".".join(map(str, row["loc"]))
            faults.append(f"{field}: {row['msg']}")
        raise ApiError("Sandbox.BadRequest", "; ".join(faults), HTTPStatus.BAD_REQUEST) from error


def _endpoint(state: State, endpoint_id: str) -> Endpoint:
    if endpoint_id not in state.endpoints:
        raise not_found("EndpointNotFound", f"There is no endpoint {endpoint_id}.")
    return state.endpoints[endpoint_id]


def _vpc(state: State, vpc_id: str) -> Vpc:
    if vpc_id not in state.vpcs:
        raise not_found("InvalidVpcId.NotFound", f"There is no VPC {vpc_id}.")
    return state.vpcs[vpc_id]
