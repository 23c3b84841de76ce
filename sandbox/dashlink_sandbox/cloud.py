"""The cloud itself, without a network: one request in, one answer out, the state kept in a file.

A request is identified by its signature, then performed by the service that its version names. Reads see the state as
it is now; a write works on a draft, which becomes the state, and is on disk, before the answer goes out. A request with
a client token that was answered before gets that answer again. A dry run is refused, by the cloud's custom, with
DryRunOperation when everything is right.

A state that has been handed out never changes: whoever holds one, in whatever thread, holds one moment of the cloud.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from dashlink_sandbox.catalog import Catalog
from dashlink_sandbox.faults import Faults, Limits
from dashlink_sandbox.inside.gateway.journal import Journal
from dashlink_sandbox.keyring import Identity, Keyring
from dashlink_sandbox.services import SERVICES
from dashlink_sandbox.services.base import Answer, Call, Handler, Service, is_read
from dashlink_sandbox.state import ClientToken, State
from dashlink_sandbox.transitions import is_settled, settle
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.params import Params
from dashlink_sandbox.wire.request import WireRequest

_UNSIGNED = {"AssumeRoleWithOIDC"}
_TOKEN_SECONDS = 24 * 3600  # how long a client token is good for (ECS, "How to ensure idempotence", 2024)
_CALLS_KEPT = 10_000
# What a request says about itself, not about what it asks for.
_ENVELOPE = {
    *("AccessKeyId", "Action", "ClientToken", "clientToken", "Format", "SecurityToken", "Signature", "SignatureMethod"),
    *("SignatureNonce", "SignatureType", "SignatureVersion", "Timestamp", "Version"),
}


@dataclass(frozen=True)
class CallRecord:
    """One line of the log of calls; no parameter, no key."""

    time: float
    product: str
    action: str
    account: str
    status: int
    code: str


class Cloud:
    """The state, and what happens to it.

    Attributes:
        faults: What is planted to go wrong.
        limits: How many calls are let through.
        calls: The latest calls, oldest first.
        journal: What its gateways wrote down of the requests that passed through them.
        catalog: What the data files say.
    """

    def __init__(self, file: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        """Open the state kept in ``file``; None keeps it in memory only. ``clock`` tells seconds since the epoch."""
        self.catalog = Catalog.read()
        self.faults = Faults()
        self.limits = Limits()
        self.journal = Journal()
        self.calls: deque[CallRecord] = deque(maxlen=_CALLS_KEPT)
        self._keyring = Keyring(self.catalog)
        self._clock = clock
        self._file = file
        self._saved = b""
        self._lock = threading.RLock()
        self._state = State()
        if file is not None and file.exists():
            self._state = State.model_validate_json(file.read_bytes())
        self._offer_services(self._state)
        self.save()

    def current(self) -> State:
        """The state as it is now: what was under way has moved along. From any thread."""
        with self._lock:
            if not is_settled(self._state):
                draft = self._state.draft()
                settle(draft, self._clock())
                self._state = draft
            return self._state

    def identify(self, request: WireRequest) -> Identity:
        """Who signed ``request``.

        Raises:
            ApiError: The signature is not good.
        """
        if request.action in _UNSIGNED:
            return Identity(self.catalog.accounts[0], "")  # the action says itself whom it is for
        return self._keyring.identify(request, self._clock())

    def throttle(self, request: WireRequest, identity: Identity) -> None:
        """Count ``request``.

        Raises:
            ApiError: There were too many.
        """
        self.limits.refuse_over(product_of(request), identity.account.id, self._clock())

    def perform(self, request: WireRequest, identity: Identity, host: str) -> Answer:
        """Do what ``request`` asks and give the answer, without its RequestId.

        Raises:
            ApiError: The service refused.
        """
        handler = handler_of(request)
        if is_read(action_of(request)):
            return handler(self._call(request, identity, host, self.current()))
        with self._lock:
            return self._write(request, identity, host, handler)

    def _write(self, request: WireRequest, identity: Identity, host: str, handler: Handler) -> Answer:
        token = self._token_key(request, identity)
        asked = _digest(request)
        if known := self.current().client_tokens.get(token):
            if known.asked != asked:
                message = "The client token was used already, with other parameters."
                raise ApiError("IdempotentParameterMismatch", message)
            return known.answer
        draft = self.draft()
        answer = handler(self._call(request, identity, host, draft))
        if request.is_dry_run:
            raise ApiError("DryRunOperation", "Request validation has been passed with DryRun flag set.")
        self._keep_token(draft, token, asked, answer)
        self.replace(draft)
        return answer

    def draft(self) -> State:
        """A copy of the state as it is now, to change and to give to :meth:`replace`."""
        return self.current().draft()

    def replace(self, state: State) -> None:
        """Make ``state`` the cloud's state, and write it."""
        with self._lock:
            settle(state, self._clock())
            self._state = state
            self.save()

    def reset(self) -> None:
        """Empty the cloud: no records, no faults, no logs. Ids are not given again."""
        self.faults.active.clear()
        self.calls.clear()
        self.journal.entries.clear()
        empty = State(next_number=self.current().next_number)
        self._offer_services(empty)
        self.replace(empty)

    def save(self) -> None:
        """Write the state, whole or not at all, if it is not what was written last."""
        if self._file is None:
            return
        content = self._state.model_dump_json(indent=1).encode()
        if content == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f".{self._file.name}.new")
        draft.write_bytes(content)
        draft.replace(self._file)
        self._saved = content

    def record(self, request: WireRequest, account: str, status: int, code: str) -> None:
        """Add a line to the log of calls."""
        product = product_of(request)
        self.calls.append(CallRecord(self._clock(), product, action_of(request), account, status, code))

    def log(self) -> list[dict[str, Any]]:
        """The log of calls as plain data."""
        return [asdict(call) for call in self.calls]

    def _offer_services(self, state: State) -> None:
        """Every service of the data is there; one that an admin call has changed stays as it is."""
        for service in self.catalog.endpoint_services:
            state.endpoint_services.setdefault(service.service_id, service.model_copy(deep=True))

    def _call(self, request: WireRequest, identity: Identity, host: str, state: State) -> Call:
        service = _service_of(request)
        in_path = service.asked(request)[1] if service else {}
        return Call(
            state=state,
            params=Params({**request.fields, **in_path}),
            body=request.json,
            identity=identity,
            catalog=self.catalog,
            keyring=self._keyring,
            now=self._clock(),
            host=host,
        )

    def _token_key(self, request: WireRequest, identity: Identity) -> str:
        token = request.client_token
        return f"{identity.account.id}/{request.version}/{action_of(request)}/{token}" if token else ""

    def _keep_token(self, draft: State, token: str, asked: str, answer: Answer) -> None:
        now = self._clock()
        kept = {key: row for key, row in draft.client_tokens.items() if now - row.created < _TOKEN_SECONDS}
        if token:
            kept[token] = ClientToken(asked=asked, answer=answer, created=now)
        draft.client_tokens = kept


def product_of(request: WireRequest) -> str:
    """The product that a request is for, empty if there is none of that version."""
    service = _service_of(request)
    return service.product if service else ""


def action_of(request: WireRequest) -> str:
    """The name of the action that a request means."""
    service = _service_of(request)
    return service.asked(request)[0] if service else request.action


def handler_of(request: WireRequest) -> Handler:
    """The handler of a request.

    Raises:
        ApiError: HTTP 501 with the name of what the sandbox does not have.
    """
    service = _service_of(request)
    action = action_of(request)
    handler = service.actions.get(action) if service else None
    if handler is None:
        what = f"{action} of {service.product if service else 'version ' + repr(request.version)}"
        raise ApiError("Sandbox.NotImplemented", f"The sandbox has no {what}.", HTTPStatus.NOT_IMPLEMENTED)
    return handler


def _service_of(request: WireRequest) -> Service | None:
    return next((service for service in SERVICES if service.version == request.version), None)


def _digest(request: WireRequest) -> str:
    asked = {name: value for name, value in request.fields.items() if name not in _ENVELOPE}
    return hashlib.sha256(json.dumps([asked, request.path, request.json], sort_keys=True).encode()).hexdigest()
