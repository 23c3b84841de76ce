"""A request as it came over the wire, in either style of the OpenAPI, before authentication.

RPC style: parameters in the query and in a form body, the action and the version among them or in
the ``x-acs-`` headers. ROA style: a real method and path, a JSON body. Every client sends
``x-acs-version``, which identifies the product.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from dashlink_sandbox.wire.params import Params

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class WireRequest:
    """One HTTP request.

    Attributes:
        method: The HTTP method, in capitals.
        path: The path, still encoded.
        query: The query, decoded.
        headers: The headers; names in lower case.
        body: The body's bytes.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a form body; empty for any other body."""
        if not self.headers.get("content-type", "").startswith(_FORM):
            return {}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @cached_property
    def fields(self) -> dict[str, str]:
        """Query and form together: clients spread parameters over both."""
        return {**self.query, **self.form}

    @cached_property
    def json(self) -> dict[str, Any]:
        """The object of a JSON body; empty for any other body."""
        if self.form or not self.body.strip():
            return {}
        try:
            body = json.loads(self.body)
        except ValueError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def client_token(self) -> str:
        """The idempotency token; ROA spells it with a small letter. Empty if there is none."""
        return self.fields.get("ClientToken") or self.fields.get("clientToken") or ""

    @property
    def is_dry_run(self) -> bool:
        """Whether the request is only to be validated."""
        by_query = self.params.flag("DryRun") or self.params.flag("dryRun")
        return by_query or self.json.get("dryRun") is True

    @property
    def params(self) -> Params:
        """The parameters of the action."""
        return Params(self.fields)

    @property
    def version(self) -> str:
        """The API version, a date; it differs between products."""
        return self.headers.get("x-acs-version") or self.fields.get("Version", "")

    @property
    def action(self) -> str:
        """The action's name; for a ROA request that names none, its method and path."""
        named = self.headers.get("x-acs-action") or self.fields.get("Action")
        return named or f"{self.method} {self.path}"
