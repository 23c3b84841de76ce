"""The server of MaaS: paths, checks in order, sockets.

A request passes: the gateway in front (path, its own limit, method), the key, the body, the model
and its state, the limits of the model, the parameters and the moderation. The public address that
a client comes from decides about the lists of keys, so that each address has sockets of its own.

Sources: "Call a model service deployed by ModelArts Studio (MaaS)" (2025-06-09): the three paths
of a service and no other; "MaaS API V1", "V2", "OpenAI-compatible API", "Anthropic-compatible
API", "Embeddings", "Rerank", "Models" (2025-10 to 2026-08): those of the unified hosts; "Error
codes": the refusals. The order of the checks is unverified.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from dashlink_sandbox.certificates import Authority
from dashlink_sandbox.inside.maas import chat, others
from dashlink_sandbox.inside.maas.hosts import HOSTS, Host
from dashlink_sandbox.inside.maas.keys import check_model, key_of
from dashlink_sandbox.inside.maas.limits import Limits
from dashlink_sandbox.inside.maas.models import find_model, models_of
from dashlink_sandbox.inside.maas.parameters import LONGEST_SPAN_ID
from dashlink_sandbox.inside.maas.refusal import Body, MaasError, not_allowed
from dashlink_sandbox.inside.models import RecordedRequest, recorded
from dashlink_sandbox.inside.models.protocol import Fault, Fields, named_model, read_body
from dashlink_sandbox.inside.proxy import LOOPBACK
from dashlink_sandbox.maas import MaasModel
from dashlink_sandbox.state import State

_LARGEST_BODY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class _Path:
    """What a path is: its kind, method, the protocol of its chats, and the body of its errors."""

    kind: str
    method: str = "POST"
    protocol: str = ""
    body: Body = "maas"


_UNIFIED = {
    "/v1/models": _Path("models", "GET"),
    "/v1/chat/completions": _Path("chat", protocol="v1"),
    "/v2/chat/completions": _Path("chat", protocol="v2"),
    "/openai/v1/chat/completions": _Path("chat", protocol="openai", body="openai"),
    "/anthropic/v1/messages": _Path("chat", protocol="anthropic", body="anthropic"),
    "/v1/embeddings": _Path("embedding"),
    "/v1/rerank": _Path("rerank"),
}
_SERVICE = re.compile(r"/v1/infers/(?P<service>[0-9A-Za-z-]+)(?P<tail>/v1/.*)")
_OF_SERVICES = {
    "/v1/models": _Path("models", "GET"),
    "/v1/chat/completions": _Path("chat"),
    "/v1/completions": _Path("completion"),
}


@dataclass(frozen=True)
class _Call:
    """A request whose path exists. ``own``: the model of a single service; None: all models."""

    state: State
    request: web.Request
    host: Host
    path: _Path
    own: MaasModel | None


class MaasServer:
    """One HTTP application for all hosts of MaaS, with sockets for each public address."""

    def __init__(
        self,
        read_state: Callable[[], State],
        authority: Authority,
        api_key: str,
        requests: deque[RecordedRequest],
    ) -> None:
        """Prepare the application.

        Args:
            read_state: Returns the sandbox's records.
            authority: Issues the certificates of the hosts.
            api_key: A key that is valid on every host, from everywhere.
            requests: Each request is appended here.
        """
        self._read_state = read_state
        self._authority = authority
        self._api_key = api_key
        self._requests = requests
        self._limits = Limits()
        self._ports: dict[str, int] = {}
        self._addresses: dict[int, str] = {}
        app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)

    async def start(self) -> None:
        """Get ready to open sockets."""
        await self._runner.setup()

    async def stop(self) -> None:
        """Close every connection and socket."""
        await self._runner.cleanup()

    async def port(self, address: str) -> int:
        """Return the port on 127.0.0.1, with TLS, for clients from a public address."""
        if address not in self._ports:
            context = self._authority.context_by_name(
                lambda name: [name] if name is not None and name in HOSTS else []
            )
            site = web.TCPSite(self._runner, LOOPBACK, 0, ssl_context=context)
            await site.start()
            self._ports[address] = site.port
            self._addresses[site.port] = address
        return self._ports[address]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        state = self._read_state()
        self._requests.append(recorded(request, await named_model(request)))
        host = HOSTS.get(request.host.partition(":")[0].lower())
        path, own = _path(state, host, request.path)
        if host is None or path is None:
            return MaasError("APIG.0101").response("front", state.dialect)
        address = self._address(request)
        down = await _simulated(state, host, request)
        if down is not None:
            return down
        try:
            self._limits.pass_front(state.maas_fronts.get(host.name), host.name, address)
            if request.method != path.method:
                return not_allowed()
            return await self._answer(_Call(state, request, host, path, own), address)
        except MaasError as error:
            return error.response(path.body, state.dialect)

    def _address(self, request: web.Request) -> str:
        """Return the public address that a client comes from."""
        transport = request.transport
        port = transport.get_extra_info("sockname")[1] if transport is not None else 0
        return self._addresses.get(port, "")

    async def _answer(self, call: _Call, address: str) -> web.StreamResponse:
        named = call.path.protocol == "anthropic"
        key = key_of(call.state, self._api_key, call.request, call.host, address, named=named)
        if call.path.kind == "models":
            models = [call.own] if call.own is not None else models_of(call.state)
            return web.json_response(others.list_models(models))
        body = await _body(call)
        model = _model(call, body)
        check_model(key, model)
        _check_state(model)
        self._limits.admit(model, call.state.dialect)
        if not model.instances:
            raise MaasError("81010")
        if model.slow:
            raise MaasError("APIG.0203")
        return await self._by_kind(call, model, body)

    async def _by_kind(self, call: _Call, model: MaasModel, body: Fields) -> web.StreamResponse:
        kind = call.path.kind
        if kind != "chat":
            answers = {
                "completion": others.complete,
                "embedding": others.embed,
                "rerank": others.rerank,
            }
            document = answers[kind](model, body)
            self._limits.spend(model, int(document["usage"]["total_tokens"]))
            return web.json_response(document)
        messages = chat.check_chat(model, body)
        answer = chat.reply(model, body, messages, unified=call.host.unified)
        self._limits.spend(model, answer.usage()["total_tokens"])
        if call.path.protocol == "anthropic":
            return await chat.send_message(call.request, model, body, answer)
        if body.get("stream"):
            unified = call.host.unified
            return await chat.send_stream(call.request, model, body, answer, unified=unified)
        return web.json_response(chat.completion_of(model, body, answer))


async def _simulated(state: State, host: Host, request: web.Request) -> web.Response | None:
    """Wait and fail as ``console/upstream`` says; None where the host works."""
    upstream = state.upstreams.get(host.name)
    if upstream is None:
        return None
    await asyncio.sleep(upstream.delay_seconds)
    if upstream.failing < 0 and request.transport is not None:
        request.transport.abort()
    if not upstream.failing:
        return None
    error = {"error_code": "APIG.0203", "error_msg": "Backend timeout"}
    return web.json_response(error, status=max(upstream.failing, 500))


def _path(state: State, host: Host | None, path: str) -> tuple[_Path | None, MaasModel | None]:
    """Return what a path of a host is, and the model of a single service."""
    if host is None:
        return None, None
    if host.unified:
        return _UNIFIED.get(path), None
    match = _SERVICE.fullmatch(path)
    service = state.maas_services.get(match["service"]) if match is not None else None
    if match is None or service is None or service.host != host.name:
        return None, None
    return _OF_SERVICES.get(match["tail"]), service.model


async def _body(call: _Call) -> Fields:
    span = call.request.headers.get("x-span-id", "")
    if len(span) > LONGEST_SPAN_ID:
        text = f"Invalid request header x-span-id, max length is {LONGEST_SPAN_ID}."
        raise MaasError("81001", text)
    try:
        return await read_body(call.request)
    except Fault as fault:
        if call.own is None or not call.own.strict:
            raise MaasError("81001") from None
        error = {"type": "json_invalid", "loc": ("body", 0), "msg": "JSON decode error"}
        text = str([{**error, "input": {}, "ctx": {"error": str(fault)}}])
        raise MaasError("81001", text, by_vllm=True) from None


def _model(call: _Call, body: Fields) -> MaasModel:
    name = body.get("model")
    own = call.own
    if not isinstance(name, str) or not name:
        if own is None or not own.strict:
            raise MaasError("81001", "Failed to format request body, model is empty.")
        error = {"type": "missing", "loc": ("body", "model"), "msg": "Field required"}
        raise MaasError("81001", str([{**error, "input": dict(body)}]), by_vllm=True)
    if own is not None:
        if name != own.name:
            text = f"The model `{name}` does not exist."
            raise MaasError("81009", text, by_vllm=own.strict)
        return own
    model = find_model(call.state, name)
    kind = call.path.kind
    if model is None or model.kind != kind:
        raise MaasError("81009")
    if kind == "chat" and call.path.protocol not in model.protocols:
        raise MaasError("81009")
    return model


def _check_state(model: MaasModel) -> None:
    if not model.opened:
        raise MaasError("81004")
    if model.free == "used-up":
        raise MaasError("81005")
    if model.free == "expired":
        raise MaasError("81014")
    if model.frozen:
        raise MaasError("81006")
