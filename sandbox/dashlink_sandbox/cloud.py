"""The cloud without a network: one request in, one answer out, with the state stored in a file.

A request is identified by its signature, then performed by the service of its version. A read uses
the current state; a write changes a draft, which becomes the state, and is on disk, before the
answer is sent. A request with a client token that was answered before gets that answer again. A dry
run that passes every check is refused with DryRunOperation, as the cloud does, unless the product
has an answer of its own.

A state that was returned never changes, so that any thread may read it without a lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dashlink_sandbox.catalog import Catalog
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.faults import Faults, Limits
from dashlink_sandbox.inside.gateway.health import ServiceHealth
from dashlink_sandbox.inside.gateway.journal import Journal
from dashlink_sandbox.keyring import Identity, Keyring
from dashlink_sandbox.nat_transitions import is_settled_way_out, settle_way_out
from dashlink_sandbox.records import ClientToken
from dashlink_sandbox.router_transitions import is_settled_between_vpcs, settle_between_vpcs
from dashlink_sandbox.services import SERVICES
from dashlink_sandbox.services.base import Answer, Call, DryRunPassed, Handler, Service, is_read
from dashlink_sandbox.services.parameters import check_parameters
from dashlink_sandbox.state import State
from dashlink_sandbox.transitions import is_settled, settle
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.params import Params
from dashlink_sandbox.wire.request import WireRequest

_UNSIGNED = {"AssumeRoleWithOIDC"}
_TOKEN_SECONDS = 24 * 3600  # validity of a client token (ECS, "How to ensure idempotence", 2024)
_MAX_CALLS = 10_000
_ENVELOPE = {
    "AccessKeyId",
    "Action",
    "ClientToken",
    "clientToken",
    "Format",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
}
"""Fields about the request itself, not about its action."""


class BrokenFile(Exception):  # noqa: N818 - names what it reports
    """A file of the sandbox cannot be read: it was truncated, or is of something else."""


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
    """The state of the cloud and the operations on it.

    Attributes:
        faults: The injected faults.
        limits: The limits of calls.
        calls: The latest calls, oldest first.
        journal: The gateways' log of the requests that passed through them.
        health: The health of the gateways' services, as requests have found it.
        catalog: The content of the data files.
        admin_token: What callers of the admin API must send, new in each process.
    """

    def __init__(
        self,
        file: Path | None = None,
        clock: Callable[[], float] = time.time,
        dialect: Dialect | None = None,
    ) -> None:
        """Load the state from ``file``, or hold it in memory only.

        Args:
            file: The state file; None for none.
            clock: Returns seconds since the epoch.
            dialect: How the cloud answers the open questions; None: as before, a new one as the
                best sources state.

        Raises:
            BrokenFile: The file is not the state of a sandbox.
        """
        self.catalog = Catalog.read()
        self.faults = Faults()
        self.limits = Limits()
        self.journal = Journal()
        self.health = ServiceHealth()
        self.calls: deque[CallRecord] = deque(maxlen=_MAX_CALLS)
        self._keyring = Keyring(self.catalog)
        self._clock = clock
        self._file = file
        self._saved = b""
        self._lock = threading.RLock()
        self.admin_token = secrets.token_urlsafe(32)
        self._state = State()
        if file is not None and file.exists():
            self._state = _read_state(file)
        if dialect is not None:
            self._state.dialect = dialect
        self._offer_services(self._state)
        self.save()

    def current(self) -> State:
        """The state as it is now, with all transitions that are due. Callable from any thread."""
        with self._lock:
            if not _is_settled(self._state):
                draft = self._state.draft()
                _settle(draft, self._clock())
                self._state = draft
            return self._state

    def identify(self, request: WireRequest) -> Identity:
        """Return the identity that signed ``request``.

        Raises:
            ApiError: The signature is not valid.
        """
        if request.action in _UNSIGNED:
            return Identity(self.catalog.accounts[0], "")  # the action itself names the identity
        return self._keyring.identify(request, self._clock())

    def throttle(self, request: WireRequest, identity: Identity) -> None:
        """Count ``request`` against the limit of its product.

        Raises:
            ApiError: There were too many.
        """
        self.limits.refuse_over(product_of(request), identity.account.id, self._clock())

    def perform(self, request: WireRequest, identity: Identity, host: str) -> Answer:
        """Perform ``request`` and return the answer without its RequestId.

        Raises:
            ApiError: The service refused.
        """
        handler = handler_of(request)
        check_parameters(product_of(request), action_of(request), request.fields)
        if is_read(action_of(request)):
            return handler(self._call(request, identity, host, self.current()))
        with self._lock:
            return self._write(request, identity, host, handler)

    def _write(
        self, request: WireRequest, identity: Identity, host: str, handler: Handler
    ) -> Answer:
        key = _token_key(request, identity)
        digest = _digest(request)
        previous = self.current().client_tokens.get(key)
        if previous is not None:
            if previous.asked != digest:
                message = "The client token was used already, with other parameters."
                raise ApiError("IdempotentParameterMismatch", message)
            return previous.answer
        draft = self.draft()
        try:
            answer = handler(self._call(request, identity, host, draft))
        except DryRunPassed as passed:
            return passed.answer
        if request.is_dry_run:
            message = "Request validation has been passed with DryRun flag set."
            raise ApiError("DryRunOperation", message)
        self._store_token(draft, key, digest, answer)
        self.replace(draft)
        return answer

    def draft(self) -> State:
        """A copy of the current state, to change and to pass to :meth:`replace`."""
        return self.current().draft()

    def replace(self, state: State) -> None:
        """Make ``state`` the cloud's state, and write it."""
        with self._lock:
            _settle(state, self._clock())
            self._state = state
            self.save()

    def reset(self) -> None:
        """Remove all records, faults and logs. Ids are not used again; the dialect stays."""
        self.faults.active.clear()
        self.calls.clear()
        self.journal.entries.clear()
        current = self.current()
        empty = State(next_number=current.next_number, dialect=current.dialect)
        self._offer_services(empty)
        self.replace(empty)

    def save(self) -> None:
        """Write the state atomically, unless it is what was written last."""
        if self._file is None:
            return
        content = self._state.model_dump_json(indent=1).encode()
        if content == self._saved:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_name(f".{self._file.name}.new")
        with open(draft, "wb", opener=_privately) as file:
            file.write(content)
        draft.replace(self._file)
        self._saved = content

    def record(self, request: WireRequest, account: str, status: int, code: str) -> None:
        """Add a line to the log of calls."""
        product = product_of(request)
        call = CallRecord(self._clock(), product, action_of(request), account, status, code)
        self.calls.append(call)

    def log(self) -> list[dict[str, Any]]:
        """The log of calls as plain data."""
        return [asdict(call) for call in self.calls]

    def _offer_services(self, state: State) -> None:
        """Add the catalog's services; those that ``state`` has only get the catalog's zones."""
        for service in self.catalog.endpoint_services:
            copied = service.model_copy(deep=True)
            offered = state.endpoint_services.setdefault(service.service_id, copied)
            offered.zones = copied.zones

    def _call(self, request: WireRequest, identity: Identity, host: str, state: State) -> Call:
        params = dict(request.fields)
        service = _service_of(request)
        if service is not None:
            params |= service.resolve(request)[1]
        return Call(
            state=state,
            params=Params(params),
            body=request.json,
            identity=identity,
            catalog=self.catalog,
            keyring=self._keyring,
            now=self._clock(),
            host=host,
            unhealthy=frozenset(self.health.unhealthy()),
        )

    def _store_token(self, draft: State, key: str, digest: str, answer: Answer) -> None:
        """Store the answer under its client token, and drop expired tokens."""
        now = self._clock()
        for stored, row in list(draft.client_tokens.items()):
            if now - row.created >= _TOKEN_SECONDS:
                del draft.client_tokens[stored]
        if key:
            draft.client_tokens[key] = ClientToken(asked=digest, answer=answer, created=now)


def _read_state(file: Path) -> State:
    try:
        return State.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise BrokenFile(f"{file}: not the state of a sandbox ({first})") from None


def _privately(path: str, flags: int) -> int:
    """Open a file that only this user can read: it holds the accounts' keys."""
    return os.open(path, flags, 0o600)


def product_of(request: WireRequest) -> str:
    """The product that a request is for, empty if there is none of its version."""
    service = _service_of(request)
    if service is None:
        return ""
    return service.product


def action_of(request: WireRequest) -> str:
    """The name of a request's action."""
    service = _service_of(request)
    if service is None:
        return request.action
    return service.resolve(request)[0]


def handler_of(request: WireRequest) -> Handler:
    """The handler of a request.

    Raises:
        ApiError: HTTP 400 with the name of an action that the sandbox does not have. The cloud
            answers 404 InvalidAction.NotFound, but the alicloud provider takes a 404 for a resource
            that is gone, which would hide the gap; a 5xx it retries for minutes.
    """
    service = _service_of(request)
    action = action_of(request)
    if service is not None and action in service.actions:
        return service.actions[action]
    owner = f"version {request.version!r}"
    if service is not None:
        owner = service.product
    message = f"The sandbox has no {action} of {owner}."
    raise ApiError("Sandbox.NotImplemented", message, HTTPStatus.BAD_REQUEST)


def _service_of(request: WireRequest) -> Service | None:
    for service in SERVICES:
        if service.version == request.version:
            return service
    return None


def _token_key(request: WireRequest, identity: Identity) -> str:
    """The key of a request's client token in the state, empty if it has none."""
    token = request.client_token
    if not token:
        return ""
    return f"{identity.account.id}/{request.version}/{action_of(request)}/{token}"


def _digest(request: WireRequest) -> str:
    fields = {name: value for name, value in request.fields.items() if name not in _ENVELOPE}
    text = json.dumps([fields, request.path, request.json], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_settled(state: State) -> bool:
    return is_settled(state) and is_settled_between_vpcs(state) and is_settled_way_out(state)


def _settle(state: State, now: float) -> None:
    settle(state, now)
    settle_between_vpcs(state, now)
    settle_way_out(state, now)
