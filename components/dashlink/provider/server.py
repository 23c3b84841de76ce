"""Pulumi's provider protocol, answered for every kind: check, diff, create, read, update, delete, import, cancel.

Thin on purpose: properties in, models to the kind, properties out. Whatever goes wrong reaches the user as one line;
there is no traceback, and nothing of a request is repeated in an error.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from dashlink.cloud.credentials import Account, resolve_account
from dashlink.errors import DashlinkError
from dashlink.provider.handler import Handler, from_wire, to_wire, without
from dashlink.provider.properties import Opened, Properties, is_unknown, opened, plain, sealed
from dashlink.provider.registry import all_handlers
from dashlink.provider.schema import provider_schema
from dashlink.provider.waiting import Waiting
from dashlink.validation import faults_of

# How many resources are worked on at once: enough for a large stack, and few enough that the cloud's limits on requests
# are met now and then, not all the time.
_AT_ONCE = 12

_Method = TypeVar("_Method", bound=Callable[..., Any])


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
        self._kinds = all_handlers()
        self._settings: Mapping[str, Any] = {}
        self._account: Account | None = None
        self._resolving = threading.Lock()
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    # -- the provider itself ------------------------------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002, N802 - the protocol's
        """The version of the wheel."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802 - the protocol's
        """The engine goes on without one."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no handshake")

    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: ARG002, N802 - the protocol's
        """The schema of all kinds."""
        return provider_pb2.GetSchemaResponse(
            schema=json.dumps(provider_schema(self._version, self._kinds))
        )

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002, N802 - the protocol's
        """Whatever is given is taken: what is wrong with an account shows when it is needed."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002, N802 - the protocol's
        """Another account or region changes no resource by itself."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: ARG002, N802 - the protocol's
        """Keep the settings; the account is resolved at the first request that needs it."""
        self._settings = {key: plain(value) for key, value in opened(request.args).values.items()}
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802 - the protocol's
        """End every wait."""
        self.ended.set()
        return empty_pb2.Empty()

    # -- its resources ------------------------------------------------------------------------------------------------

    @_in_one_line
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002, N802 - the protocol's
        """All faults of the inputs at once; unknown values pass."""
        kind = self._kind(request.urn)
        asked = opened(request.news)
        unknown = {name: value for name, value in asked.values.items() if is_unknown(value)}
        known = {name: value for name, value in asked.values.items() if name not in unknown}
        try:
            inputs, failures = (
                {**to_wire(from_wire(without(kind.inputs, unknown), known)), **unknown},
                [],
            )
        except ValidationError as error:
            inputs, found = asked.values, faults_of(error, kind.inputs, "")
            failures = [
                provider_pb2.CheckFailure(property=f.where, reason=f"{f.problem}. {f.advice}")
                for f in found
            ]
        return provider_pb2.CheckResponse(
            inputs=sealed(inputs, _secret(kind, asked)), failures=failures
        )

    @_in_one_line
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002, N802 - the protocol's
        """Which inputs changed, and which of them make a new resource."""
        kind = self._kind(request.urn)
        before, wanted = opened(request.old_inputs).values, opened(request.news).values
        fields = [to_camel(name) for name in kind.inputs.model_fields]
        kept = {to_camel(name) for name in kind.kept if wanted.get(to_camel(name)) is None}
        changed = [
            name for name in fields if before.get(name) != wanted.get(name) and name not in kept
        ]
        replaces = [
            name for name in changed if name in {to_camel(field) for field in kind.replaces}
        ]
        detailed = {
            name: _difference(before.get(name), wanted.get(name), name in replaces)
            for name in changed
        }
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME
            if changed
            else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            detailedDiff=detailed,
            hasDetailedDiff=True,
            # A replacement that no input asks for (`up --replace`) has the old one's name, and would be taken for it.
            deleteBeforeReplace=kind.deletes_first or not replaces,
        )

    @_in_one_line
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: ARG002, N802 - the protocol's
        """Make it; at a preview, say what will be known only then."""
        kind = self._kind(request.urn)
        given = opened(request.properties)
        secret = _secret(kind, given)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=sealed(_foreseen(kind, given.values), secret)
            )
        inputs = from_wire(kind.inputs, given.values)
        with self._turn(kind):
            identity, state = kind.create(inputs, self._the_account(), self._waiting(request.urn))
        return provider_pb2.CreateResponse(
            id=identity, properties=sealed({**to_wire(inputs), **to_wire(state)}, secret)
        )

    @_in_one_line
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: ARG002, N802 - the protocol's
        """What is there now, for a refresh; without inputs it is an import."""
        kind = self._kind(request.urn)
        given = opened(request.inputs)
        wanted = (
            kind.wanted(given.values, opened(request.properties).values) if given.values else None
        )
        inputs = from_wire(kind.inputs, wanted) if wanted is not None else None
        with self._turn(kind):
            found = kind.read(request.id, inputs, self._the_account())
        if found is None:
            return provider_pb2.ReadResponse()
        read, state = (to_wire(model) for model in found)
        secret = _secret(kind, given)
        return provider_pb2.ReadResponse(
            id=request.id, inputs=sealed(read, secret), properties=sealed({**read, **state}, secret)
        )

    @_in_one_line
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: ARG002, N802 - the protocol's
        """Change it in place."""
        kind = self._kind(request.urn)
        given = opened(request.news)
        secret = _secret(kind, given)
        if request.preview:
            before = opened(request.olds).values
            state = {to_camel(name): before.get(to_camel(name)) for name in kind.state.model_fields}
            foreseen = {**state, **given.values} if kind.stable else _foreseen(kind, given.values)
            return provider_pb2.UpdateResponse(properties=sealed(foreseen, secret))
        inputs = from_wire(kind.inputs, given.values)
        with self._turn(kind):
            changed = kind.update(
                request.id, inputs, self._the_account(), self._waiting(request.urn)
            )
        return provider_pb2.UpdateResponse(
            properties=sealed({**to_wire(inputs), **to_wire(changed)}, secret)
        )

    @_in_one_line
    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802 - the protocol's
        """Take it away; what is gone already is no error."""
        kind = self._kind(request.urn)
        with self._turn(kind):
            kind.delete(request.id, self._the_account(), self._waiting(request.urn))
        return empty_pb2.Empty()

    # -- what they share ----------------------------------------------------------------------------------------------

    def _kind(self, urn: str) -> Handler[Any, Any]:
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
        return Waiting(
            tell=lambda text: self._log(urn, text),
            cancelled=self.ended.is_set,
            pause=self.ended.wait,
            urn=urn,
        )

    def _turn(self, kind: Handler[Any, Any]) -> AbstractContextManager[Any]:
        """A turn at the cloud, of which there are few at once; who waits for minutes takes none."""
        return nullcontext() if kind.patient else self._turns


def _secret(kind: Handler[Any, Any], given: Opened) -> frozenset[str]:
    """What of a resource is secret: by its schema, and what came as a secret."""
    return given.secret | {to_camel(name) for name in kind.secrets}


def _foreseen(kind: Handler[Any, Any], given: Properties) -> Properties:
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


def engine_log(address: str) -> Callable[[str, str], None]:
    """Show a passing word beside a resource, through the engine at ``address``."""
    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def log(urn: str, text: str) -> None:
        stub.Log(
            engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=text, ephemeral=True)
        )

    return log
