"""A client of the OpenAPI's RPC style that signs as the alicloud provider does.

The signature is HMAC-SHA1 over query and form, written from the cloud's description and not from
the sandbox's verifier, so that each finds mistakes of the other.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from typing import Any


class RefusedError(Exception):
    """The cloud refused a call."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body.get('Code')}: {body.get('Message')}")
        self.status = status
        self.code = str(body.get("Code"))
        self.body = body


class Rpc:
    """Calls ``url`` with one access key."""

    def __init__(self, url: str, key_id: str, secret: str, token: str = "") -> None:
        self.url = url
        self.key_id = key_id
        self.secret = secret
        self.token = token
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    @classmethod
    def from_env(cls, url: str, env: Mapping[str, str]) -> Rpc:
        """A client with the access key of the alicloud provider's environment variables."""
        return cls(url, env["ALICLOUD_ACCESS_KEY"], env["ALICLOUD_SECRET_KEY"])

    def envelope(self, version: str, action: str) -> dict[str, str]:
        """The public parameters of one request."""
        fields = {
            "Action": action,
            "Version": version,
            "Format": "json",
            "AccessKeyId": self.key_id,
            "SignatureMethod": "HMAC-SHA1",
            "SignatureType": "",
            "SignatureVersion": "1.0",
            "SignatureNonce": uuid.uuid4().hex,
            "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        if self.token:
            fields["SecurityToken"] = self.token
        return fields

    def signature(self, fields: dict[str, str]) -> str:
        """The signature over every parameter of a POST."""
        pairs = urllib.parse.urlencode(
            sorted(fields.items()), quote_via=urllib.parse.quote, safe="~"
        )
        text = "POST&%2F&" + urllib.parse.quote(pairs, safe="~")
        digest = hmac.digest((self.secret + "&").encode(), text.encode(), hashlib.sha1)
        return base64.b64encode(digest).decode()

    def send(self, query: dict[str, str], form: dict[str, str]) -> dict[str, Any]:
        """Send one request unchanged."""
        headers = {"x-acs-action": query["Action"], "x-acs-version": query["Version"]}
        body = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(
            f"{self.url}/?{urllib.parse.urlencode(query)}", body, headers
        )
        try:
            with self._open(request, timeout=20) as response:
                return dict(json.load(response))
        except urllib.error.HTTPError as error:
            raise RefusedError(error.code, json.load(error)) from error

    def __call__(self, version: str, action: str, **params: str) -> dict[str, Any]:
        """Call an action with its parameters in the form."""
        query = self.envelope(version, action)
        return self.send({**query, "Signature": self.signature({**query, **params})}, params)
