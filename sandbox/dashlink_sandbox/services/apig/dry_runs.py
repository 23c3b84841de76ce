"""Dry runs of APIG: every validation, no side effect.

Source: SDK 11.6.0: the actions with `dryRun`, in the body of CreateHttpApi and in the query of the
others; "all synchronous validations identical to an actual update are performed, but no
configurations are updated and no side effects are produced" (UpdateHttpApi). What a dry run that
passes is answered with is open.
"""

from __future__ import annotations

from collections.abc import Mapping

from dashlink_sandbox.services.apig.answers import ok
from dashlink_sandbox.services.base import Answer, Call, DryRunPassed, Handler
from dashlink_sandbox.wire.errors import ApiError

_FIELD = "dryRun"
_PLACES: Mapping[str, str] = {
    "CreateHttpApi": "body",
    "UpdateHttpApi": "query",
    "DeleteHttpApi": "query",
    "CreateConsumer": "query",
    "CreateDomain": "query",
}


def with_dry_run(action: str, handler: Handler) -> Handler:
    """Return ``handler`` with the dry run that ``action`` has, or refusing it if it has none."""

    def handle(call: Call) -> Answer:
        answer = handler(call)
        if is_dry_run(call):
            _check_place(call, action)
            if call.dialect["dry-run-answer"] == "DryRunOperation":
                message = "Request validation has been passed with DryRun flag set."
                raise ApiError("DryRunOperation", message)
            raise DryRunPassed(ok())
        return answer

    return handle


def is_dry_run(call: Call) -> bool:
    """Whether a request asks for a dry run, in its query or its body."""
    return call.body.get(_FIELD) is True or call.params.flag(_FIELD)


def checks_words(call: Call) -> bool:
    """Whether the request is one whose words are validated: any but some dry runs (open)."""
    return not is_dry_run(call) or call.dialect["dry-run-checks"] == "all"


def _check_place(call: Call, action: str) -> None:
    """Refuse a dry run where the action has none, which the cloud might take for a request."""
    place = _PLACES.get(action)
    sent = "body" if call.body.get(_FIELD) is True else "query"
    if place == sent:
        return
    message = f"{action} has no {_FIELD} in its {sent}."
    raise ApiError("Sandbox.UnsupportedParameter", message)
