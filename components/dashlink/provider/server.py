"""Pulumi's provider protocol: properties in, models to the handler, properties out.

An error reaches the user as one line without a traceback; no value of a request is repeated in it.
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
)
from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel

from dashlink.errors import DashlinkError
from dashlink.provider.codec import (
    from_properties,
    secret_texts,
    stored,
    to_properties,
    with_unknown,
)
from dashlink.provider.handler import Handler
from dashlink.provider.properties import (
    Properties,
    Unsealed,
    is_unknown,
    seal,
    setting_value,
    unseal,
)
from dashlink.provider.waiting import Operation
from dashlink.resources.contract import (
    create_only_fields,
    secret_fields,
    server_default_fields,
    unread_fields,
)
from dashlink.resources.models.provider import ProviderSettings
from dashlink.validation import faults_of

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account

# Operations at a time: enough for a large stack, and few enough to meet the cloud's request limits
# only now and then.
_SLOTS = 12
_SHORTEST_SECRET = 6  # a shorter text is no secret, and may be a word of the message
_AnyHandler = Handler[Any, Any]
_Log = Callable[[str, str], None]
_MethodT = TypeVar("_MethodT", bound=Callable[..., Any])


def _abort_with_one_line(method: _MethodT) -> _MethodT:
    """Respond to an exception of `method` with its message instead of a traceback."""

    @functools.wraps(method)
    def respond(self: Provider, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except DashlinkError as error:
            text = str(error)
        except ValidationError as error:
            text = f"{error.error_count()} properties are invalid"
        except Exception as error:
            text = f"a mistake in dashlink's provider ({type(error).__name__})"
        return context.abort(grpc.StatusCode.UNKNOWN, self.without_secrets(text, request))

    return respond  # type: ignore[return-value]  # the same signature


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The servicer. One process serves one configuration.

    Attributes:
        cancelled: Set when the engine cancels; every wait ends then.
    """

    def __init__(self, version: str, log: _Log) -> None:
        """Prepare to serve.

        Args:
            version: Version of dashlink.
            log: Shows a progress message; called with the resource's URN and the message.
        """
        self.cancelled = threading.Event()
        self._version = version
        self._log = log
        self._settings: Mapping[str, Any] = {}
        self._account: Account | None = None
        self._imported: set[str] = set()  # ids of resources that this process has imported
        self._resolving = threading.Lock()
        self._slots = threading.BoundedSemaphore(_SLOTS)

    @functools.cached_property
    def handlers(self) -> Mapping[str, _AnyHandler]:
        """A handler for every resource by its type token; the first use imports them."""
        from dashlink.provider.registry import all_handlers  # noqa: PLC0415 - above

        return all_handlers()

    # -- the provider --------------------------------------------------------------------------

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: ARG002, N802 - protocol
        """Return the version of dashlink."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002, N802 - protocol
        """Decline; the engine continues without a handshake."""
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no handshake")

    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: ARG002, N802 - protocol
        """Return the schema of all resources."""
        from dashlink.provider.schema import provider_schema  # noqa: PLC0415 - rarely requested

        schema = provider_schema(self._version, self.handlers)
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002, N802 - protocol
        """Accept every setting: a wrong account is reported when it is needed."""
        news = unseal(request.news)
        secret = news.secret | _property_names(secret_fields(ProviderSettings))
        return provider_pb2.CheckResponse(inputs=seal(news.values, secret))

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002, N802 - protocol
        """Report no change: another account or region changes no resource by itself."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: ARG002, N802 - protocol
        """Store the settings; the account is resolved by the first request that needs it."""
        settings = unseal(request.args).values
        self._settings = {name: setting_value(value) for name, value in settings.items()}
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802 - protocol
        """End every wait."""
        self.cancelled.set()
        return empty_pb2.Empty()

    # -- its resources -------------------------------------------------------------------------

    @_abort_with_one_line
    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: ARG002, N802 - protocol
        """Return the inputs with their defaults, or all faults; unknown values are accepted."""
        handler = self._handler(request.urn)
        news = unseal(request.news)
        secret = _secret_properties(handler, news)
        unknown = {name: value for name, value in news.values.items() if is_unknown(value)}
        inputs_model: type[BaseModel] = handler.contract.inputs
        model = with_unknown(inputs_model, frozenset(unknown))
        try:
            inputs = {**to_properties(from_properties(model, news.values)), **unknown}
        except ValidationError as error:
            failures = _failures(error, model)
            return provider_pb2.CheckResponse(inputs=seal(news.values, secret), failures=failures)
        return provider_pb2.CheckResponse(inputs=seal(inputs, secret))

    @_abort_with_one_line
    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: ARG002, N802 - protocol
        """Return which inputs change, and which of them replace the resource."""
        handler = self._handler(request.urn)
        model = handler.contract.inputs
        outputs = unseal(request.olds).values
        before = dict(handler.recorded(unseal(request.old_inputs).values, outputs))
        after = unseal(request.news).values
        # The engine compares an import with the program at once, and refuses any difference.
        unwritten = frozenset() if request.id in self._imported else _unwritten(handler, outputs)
        changed = _changed(handler, before, after, outputs, unwritten)
        create_only = _property_names(create_only_fields(model))
        replaces = [name for name in changed if name in create_only]
        detailed = {}
        for name in changed:
            detailed[name] = _property_diff(before.get(name), after.get(name), name in replaces)
        for name in handler.restored(outputs):
            changed.append(name)
            detailed[name] = provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.UPDATE)
        kinds = provider_pb2.DiffResponse
        return provider_pb2.DiffResponse(
            changes=kinds.DIFF_SOME if changed else kinds.DIFF_NONE,
            diffs=changed,
            replaces=replaces,
            detailedDiff=detailed,
            hasDetailedDiff=True,
            # Without a changed input, a replacement (`up --replace`) has the old one's name and
            # would adopt it.
            deleteBeforeReplace=handler.delete_before_replace or not replaces,
        )

    @_abort_with_one_line
    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: ARG002, N802 - protocol
        """Create the resource; a preview returns unknown values for what the cloud adds."""
        handler = self._handler(request.urn)
        news = unseal(request.properties)
        secret = _secret_properties(handler, news)
        if request.preview:
            outputs = _preview_outputs(handler, news.values)
            return provider_pb2.CreateResponse(properties=seal(outputs, secret))
        inputs = from_properties(handler.contract.inputs, news.values)
        with self._operation(handler, request.urn) as operation:
            identity, state = handler.create(inputs, operation)
        outputs = {**to_properties(inputs), **to_properties(state)}
        return provider_pb2.CreateResponse(id=identity, properties=seal(outputs, secret))

    @_abort_with_one_line
    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: ARG002, N802 - protocol
        """Return what the cloud has, for a refresh, or without inputs for an import."""
        handler = self._handler(request.urn)
        olds = unseal(request.inputs)
        inputs = None
        known = None
        if olds.values:
            outputs = unseal(request.properties).values
            unwritten = _unwritten(handler, outputs)
            written = {name: olds.values[name] for name in olds.values if name not in unwritten}
            inputs = stored(handler.contract.inputs, handler.desired(written, outputs))
            known = stored(handler.contract.state, outputs)
        else:
            self._imported.add(request.id)
        with self._operation(handler, request.urn) as operation:
            resource = handler.read(request.id, inputs, known, operation)
        if resource is None:
            return provider_pb2.ReadResponse()
        current, state = resource
        secret = _secret_properties(handler, olds)
        properties = to_properties(current)
        return provider_pb2.ReadResponse(
            id=request.id,
            inputs=seal(properties, secret),
            properties=seal({**properties, **to_properties(state)}, secret),
        )

    @_abort_with_one_line
    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: ARG002, N802 - protocol
        """Change the resource in place."""
        handler = self._handler(request.urn)
        news = unseal(request.news)
        secret = _secret_properties(handler, news)
        if request.preview:
            outputs = _preview_outputs(handler, news.values)
            if handler.keeps_state:
                before = unseal(request.old_inputs).values
                olds = unseal(request.olds).values
                changed = _changed(handler, before, news.values, olds, ())
                outputs |= _state_of(handler, olds, changed)
            return provider_pb2.UpdateResponse(properties=seal(outputs, secret))
        inputs = from_properties(handler.contract.inputs, news.values)
        known = stored(handler.contract.state, unseal(request.olds).values)
        with self._operation(handler, request.urn) as operation:
            state = handler.update(request.id, inputs, known, operation)
        outputs = {**to_properties(inputs), **to_properties(state)}
        return provider_pb2.UpdateResponse(properties=seal(outputs, secret))

    @_abort_with_one_line
    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802 - protocol
        """Delete the resource; one that does not exist is no error."""
        handler = self._handler(request.urn)
        with self._operation(handler, request.urn) as operation:
            handler.delete(request.id, operation)
        return empty_pb2.Empty()

    # -- shared ------------------------------------------------------------------------------

    def without_secrets(self, text: str, request: Any) -> str:
        """Return an error without the secrets of its request, which the cloud may have repeated."""
        handler = self.handlers.get(_token_of(request.urn))
        if handler is None:
            return text
        secrets: set[str] = set()
        for _, value in request.ListFields():
            if isinstance(value, struct_pb2.Struct):
                secrets.update(secret_texts(handler.contract.inputs, unseal(value).values))
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "…")
        return text

    def _handler(self, urn: str) -> _AnyHandler:
        token = _token_of(urn)
        if token not in self.handlers:
            known = ", ".join(self.handlers)
            raise DashlinkError(
                f"{token}: this version of dashlink has no such resource. Known: {known}."
            )
        return self.handlers[token]

    def _resolved_account(self) -> Account:
        # The SDK's credentials are large, and a preview needs none.
        from dashlink.cloud.credentials import resolve_account  # noqa: PLC0415 - above

        with self._resolving:
            if self._account is None:
                self._account = resolve_account(self._settings)
            return self._account

    @contextmanager
    def _operation(self, handler: _AnyHandler, urn: str) -> Iterator[Operation]:
        """Yield an operation; it takes a concurrency slot, unless it waits for minutes."""
        with nullcontext() if handler.blocking else self._slots:
            yield Operation(
                account=self._resolved_account(),
                report=functools.partial(self._log, urn),
                cancelled=self.cancelled.is_set,
                pause=self.cancelled.wait,
                urn=urn,
            )


def _token_of(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _property_names(fields: Collection[str]) -> frozenset[str]:
    return frozenset(to_camel(name) for name in fields)


def _secret_properties(handler: _AnyHandler, request: Unsealed) -> frozenset[str]:
    """Return the properties to seal: those of secret fields, and those that came sealed."""
    return request.secret | _property_names(handler.contract.secret_fields())


def _failures(error: ValidationError, model: type[BaseModel]) -> list[provider_pb2.CheckFailure]:
    failures = []
    for fault in faults_of(error, model, ""):
        path = ".".join(_camel_step(step) for step in fault.where.split("."))
        reason = f"{fault.problem}. {fault.advice}"
        failures.append(provider_pb2.CheckFailure(property=path, reason=reason))
    return failures


def _camel_step(step: str) -> str:
    return to_camel(step) if "_" in step else step


def _unwritten(handler: _AnyHandler, outputs: Properties) -> frozenset[str]:
    """Return the write-only properties that the outputs in the state lack: they are unknown.

    The engine completes the inputs of an imported resource with what the program declares, which
    nothing has written yet; outputs come from the provider alone.
    """
    names = _property_names(unread_fields(handler.contract.inputs))
    return names - set(outputs)


def _changed(
    handler: _AnyHandler,
    before: Properties,
    after: Properties,
    outputs: Properties,
    unwritten: Collection[str],
) -> list[str]:
    """Return the inputs that differ, or that are declared and `unwritten`.

    No change are: the cloud's own value of a field that is left out, the default of a field that
    the version which wrote the state lacked, and another word for the same.
    """
    before = dict(handler.comparable(before, after, outputs))
    model: type[BaseModel] = handler.contract.inputs
    server_default = _property_names(server_default_fields(model))
    changed = []
    for field_name, field in model.model_fields.items():
        name = to_camel(field_name)
        if name in server_default and after.get(name) is None:
            continue
        default = None
        if not field.is_required():
            default = to_properties(field.get_default(call_default_factory=True))
        is_unwritten = name in unwritten and after.get(name) is not None
        if is_unwritten or before.get(name, default) != after.get(name):
            changed.append(name)
    return changed


def _property_diff(before: Any, after: Any, replaces: bool) -> provider_pb2.PropertyDiff:
    kinds = provider_pb2.PropertyDiff
    if before is None:
        kind = kinds.ADD_REPLACE if replaces else kinds.ADD
    elif after is None:
        kind = kinds.DELETE_REPLACE if replaces else kinds.DELETE
    else:
        kind = kinds.UPDATE_REPLACE if replaces else kinds.UPDATE
    return provider_pb2.PropertyDiff(kind=kind, inputDiff=True)


def _preview_outputs(handler: _AnyHandler, inputs: Properties) -> Properties:
    """Return the inputs, and unknown values for the outputs that come from the cloud."""
    outputs = dict.fromkeys(_property_names(handler.contract.state.model_fields), rpc.UNKNOWN)
    return {**outputs, **inputs}


def _state_of(handler: _AnyHandler, olds: Properties, changed: Collection[str]) -> Properties:
    """Return the outputs that come from the cloud, as an update of `changed` inputs leaves them."""
    names = _property_names(handler.contract.state.model_fields)
    state = {name: olds.get(name, rpc.UNKNOWN) for name in names}
    for name, inputs in handler.changes_state.items():
        if _property_names(inputs).intersection(changed):
            state[to_camel(name)] = rpc.UNKNOWN
    return {**state, **handler.restored(olds)}


def engine_log(address: str) -> _Log:
    """Return a log that shows messages beside a resource, through the engine at `address`."""
    stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def log(urn: str, text: str) -> None:
        stub.Log(
            engine_pb2.LogRequest(severity=engine_pb2.INFO, urn=urn, message=text, ephemeral=True)
        )

    return log


def no_log(urn: str, text: str) -> None:
    """Drop a message: there is no engine to show it."""
