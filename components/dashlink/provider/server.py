"""Pulumi's provider protocol, answered for every kind: check, diff, create, read, update, delete, import, cancel.

Thin on purpose: properties in, models to the kind, properties out. Whatever goes wrong reaches the user as one line;
there is no traceback, and nothing of a request is repeated in an error.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from dashlink.cloud.credentials import Account, resolve_account
from dashlink.endpoint.connection import Waiting
from dashlink.errors import DashlinkError
from dashlink.provider.kinds import Kind, all_kinds, from_wire, to_wire
from dashlink.provider.schema import provider_schema
from dashlink.words import faults_of

_Method = TypeVar("_Method", bound=Callable[..., Any])
_Properties = dict[str, Any]


def _in_one_line(method: _Method) -> _Method:
    """Answer an exception of ``method`` with its text, not with a traceback."""

    @functools.wraps(method)
    def answer(self: Provider, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except DashlinkError as error:
            text = str(error)
        except ValidationError as error:
            text = f"{error.error_count()} properties are not as they should be"
        except Exception as error:
            text = f"a mistake in dashlink's provider ({type(error).__name__})"
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return answer  # type: ignore[return-value]  # the same signature


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The servicer. One process serves one configuration.

    Attributes:
        ended: Set when the engine cancels: waits end at once.
    """

    def __init__(self, version: str, log: Callable[[str, str], None]) -> None:
        """``log(urn, text)`` shows a passing word beside a resource."""
        self.ended = threading.Event()
        self._version = version
        self._log = log
        self._kinds = all_kinds()
        self._settings: Mapping[str, Any] = {}
        self._account: Account | None = None
        self._resolving = threading.Lock()

    # -- the provider itself ------------------------------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002, N802 - the protocol's
        """The version of the wheel."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802 - the protocol's
        """The engine goes on without one."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no handshake")

    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: ARG002, N802 - the protocol's
        """The schema of all kinds."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps(provider_schema(self._version, self._kinds)))

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002, N802 - the protocol's
        """Whatever is given is taken: what is wrong with an account shows when it is needed."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002, N802 - the protocol's
        """Another account or region changes no resource by itself."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: ARG002, N802 - the protocol's
        """Keep the settings; the account is resolved at the first request that needs it."""
        self._settings = {key: _plain(value) for key, value in _properties(request.args).items()}
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802 - the protocol's
        """End every wait."""
        self.ended.set()
        return empty_pb2.Empty()

    # -- its resources ------------------------------------------------------------------------------------------------

    @_in_one_line
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002, N802 - the protocol's
        """All faults of the inputs at once; unknown values pass."""
        kind = self._kind(request.urn)
        news = _properties(request.news)
        known = {name: value for name, value in news.items() if not _is_unknown(value)}
        try:
            inputs = {**to_wire(from_wire(kind.inputs, known)), **{k: v for k, v in news.items() if _is_unknown(v)}}
            failures = []
        except ValidationError as error:
            inputs = news
            waiting = {name for name in kind.inputs.model_fields if _is_unknown(news.get(to_camel(name)))}
            found = [fault for fault in faults_of(error, kind.inputs, "") if fault.where not in waiting]
            failures = [
                provider_pb2.CheckFailure(property=to_camel(f.where), reason=f"{f.problem}. {f.advice}") for f in found
            ]
        return provider_pb2.CheckResponse(inputs=_struct(inputs), failures=failures)

    @_in_one_line
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002, N802 - the protocol's
        """Which inputs changed, and which of them make a new resource; and what the cloud no longer has as it was."""
        kind = self._kind(request.urn)
        before, wanted = _properties(request.old_inputs), _properties(request.news)
        fields = [to_camel(name) for name in kind.inputs.model_fields]
        changed = [name for name in fields if before.get(name) != wanted.get(name)]
        replaces = [name for name in changed if name in {to_camel(field) for field in kind.replaces}]
        detailed = {name: _difference(before.get(name), wanted.get(name), name in replaces) for name in changed}
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    @_in_one_line
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: ARG002, N802 - the protocol's
        """Make it; at a preview, say what will be known only then."""
        kind = self._kind(request.urn)
        given = _properties(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=_struct(_foreseen(kind, given)))
        inputs = from_wire(kind.inputs, given)
        identity, state = kind.create(inputs, self._the_account(), self._waiting(request.urn))
        return provider_pb2.CreateResponse(id=identity, properties=_struct({**to_wire(inputs), **to_wire(state)}))

    @_in_one_line
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: ARG002, N802 - the protocol's
        """What is there now, for a refresh; without inputs it is an import."""
        kind = self._kind(request.urn)
        given = _properties(request.inputs)
        wanted = kind.wanted(given, _properties(request.properties)) if given else None
        inputs = from_wire(kind.inputs, wanted) if wanted is not None else None
        found = kind.read(request.id, inputs, self._the_account())
        if found is None:
            return provider_pb2.ReadResponse()
        read, state = (to_wire(model) for model in found)
        return provider_pb2.ReadResponse(id=request.id, inputs=_struct(read), properties=_struct({**read, **state}))

    @_in_one_line
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: ARG002, N802 - the protocol's
        """Change it in place."""
        kind = self._kind(request.urn)
        given = _properties(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=_struct(_foreseen(kind, given)))
        inputs = from_wire(kind.inputs, given)
        state = kind.update(request.id, inputs, self._the_account(), self._waiting(request.urn))
        return provider_pb2.UpdateResponse(properties=_struct({**to_wire(inputs), **to_wire(state)}))

    @_in_one_line
    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802 - the protocol's
        """Take it away."""
        kind = self._kind(request.urn)
        kind.delete(request.id, self._the_account(), self._waiting(request.urn))
        return empty_pb2.Empty()

    # -- what they share ----------------------------------------------------------------------------------------------

    def _kind(self, urn: str) -> Kind[Any, Any]:
        token = urn.split("::")[2].rpartition("$")[2]
        if token not in self._kinds:
            raise DashlinkError(
                f"{token}: this version of dashlink has no such resource. Known: {', '.join(self._kinds)}."
            )
        return self._kinds[token]

    def _the_account(self) -> Account:
        with self._resolving:
            if self._account is None:
                self._account = resolve_account(self._settings)
            return self._account

    def _waiting(self, urn: str) -> Waiting:
        return Waiting(tell=lambda text: self._log(urn, text), cancelled=self.ended.is_set, pause=self.ended.wait)


def _foreseen(kind: Kind[Any, Any], given: _Properties) -> _Properties:
    """What a preview can say: the inputs, and that the rest is not known yet."""
    return {**{to_camel(name): rpc.UNKNOWN for name in kind.state.model_fields}, **given}


def _difference(before: Any, wanted: Any, replaces: bool) -> provider_pb2.PropertyDiff:
    kinds = provider_pb2.PropertyDiff
    if before is None:
        kind = kinds.ADD_REPLACE if replaces else kinds.ADD
    elif wanted is None:
        kind = kinds.DELETE_REPLACE if replaces else kinds.DELETE
    else:
        kind = kinds.UPDATE_REPLACE if replaces else kinds.UPDATE
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=True)


def _properties(struct: struct_pb2.Struct) -> _Properties:
    properties: _Properties = json_format.MessageToDict(struct)
    return properties


def _struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct


def _is_unknown(value: Any) -> bool:
    """Whether a value, or a part of it, is known only when something else has been made."""
    if isinstance(value, Mapping):
        return any(_is_unknown(item) for item in value.values())
    return any(_is_unknown(item) for item in value) if isinstance(value, list) else value == rpc.UNKNOWN


def _plain(value: Any) -> Any:
    """A provider's setting as it was written: the engine wraps secrets, and hands nested settings over as JSON text."""
    if rpc.is_rpc_secret(value):
        return _plain(rpc.unwrap_rpc_secret(value))
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def engine_log(address: str) -> Callable[[str, str], None]:
    """Show a passing word beside a resource, through the engine at ``address``."""
    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def log(urn: str, text: str) -> None:
        stub.Log(engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=text, ephemeral=True))

    return log
