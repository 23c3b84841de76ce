"""A JSON client for every product of the cloud: signs, sends and repeats requests.

The official SDKs are slow to import, and their models change what is sent and read: an empty list
for every absent one, and no field that the model lacks (APIG 11.6.0: `fieldPaths` of a log).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from dashlink import __version__
from dashlink.cloud.catalog import PRODUCTS
from dashlink.cloud.connections import connections_to
from dashlink.cloud.credentials import Account
from dashlink.cloud.retry import ApiError, call
from dashlink.cloud.signature import authorization, body_hash, query_string

Json = dict[str, Any]
_FIRST_ERROR_STATUS = 400


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``values`` without the items that are None."""
    return {name: value for name, value in values.items() if value is not None}


def path_of(*segments: str) -> str:
    """Return a path of percent-encoded ``segments``: ``path_of("services", "svc-1")``."""
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


class OpenApi:
    """The OpenAPI of one product for one account; threads may share it.

    Every request is repeated where that can help (`dashlink.cloud.retry`).

    Raises:
        CloudError: From every request, if the cloud refuses it or cannot be reached.
    """

    def __init__(self, account: Account, product: str) -> None:
        """Configure the client.

        Args:
            account: Signs the requests; its region and `hosts` choose the API host.
            product: A product code of `PRODUCTS`.
        """
        self._account = account
        self._product = PRODUCTS[product]
        self._host = account.host(product) or self._product.host(account.region)
        self._connections = connections_to(account.protocol, self._host)

    def rpc(self, purpose: str, action: str, parameters: Mapping[str, Any]) -> Json:
        """Call an action of an RPC product.

        Args:
            purpose: Completes "cannot ..." in errors: ``look up the VPC``.
            action: Name of the action: ``DescribeVpcs``.
            parameters: Flat parameters by their API names; None is not sent.

        Returns:
            The response body, without fields that are null.
        """
        return self._call(purpose, action, "POST", "/", parameters)

    def roa(
        self,
        purpose: str,
        action: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        once: bool = False,
    ) -> Json:
        """Send a request to a ROA product.

        Args:
            purpose: Completes "cannot ..." in errors: ``read the gateway``.
            action: Name of the action: ``GetGateway``.
            method: HTTP method.
            path: Path with its leading slash, percent-encoded.
            query: Query parameters; None is not sent.
            body: JSON body, sent as it is.
            once: Repeat it only if it was refused as too frequent.

        Returns:
            The response body, without fields that are null.
        """
        return self._call(purpose, action, method, path, query or {}, body, once=once)

    def _call(
        self,
        purpose: str,
        action: str,
        method: str,
        path: str,
        parameters: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
        *,
        once: bool = False,
    ) -> Json:
        query = {name: str(value) for name, value in without_none(parameters).items()}

        def attempt() -> Any:
            return self._send(action, method, path, query_string(query), body)

        answer: Json = _without_nulls(call(purpose, attempt, once=once))
        return answer

    def _send(
        self, action: str, method: str, path: str, query: str, body: Mapping[str, Any] | None
    ) -> Any:
        """Send one signed request and return the response body.

        Raises:
            ApiError: If the API refuses the request.
        """
        content = b""
        headers = {
            "host": self._host,
            "accept": "application/json",
            "user-agent": f"dashlink/{__version__}",
            "x-acs-action": action,
            "x-acs-version": self._product.version,
            "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": uuid4().hex,
        }
        if body is not None:
            content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            headers["content-type"] = "application/json; charset=utf-8"
        headers["x-acs-content-sha256"] = body_hash(content)
        key = self._account.credentials.get_credential()
        if key.security_token:
            headers["x-acs-accesskey-id"] = key.access_key_id
            headers["x-acs-security-token"] = key.security_token
        headers["authorization"] = authorization(
            method, path, query, headers, key.access_key_id, key.access_key_secret
        )
        url = f"{self._account.protocol}://{self._host}{path}"
        if query:
            url += f"?{query}"
        response = self._connections.request(method, url, body=content or None, headers=headers)
        return _answer(response.status, response.data)


def _answer(status: int, content: bytes) -> Any:
    """Return the JSON of a response.

    Raises:
        ApiError: If it reports an error, or is not the API's: a proxy's page.
    """
    try:
        answer = json.loads(content)
    except ValueError:
        raise ApiError(status, {"Message": f"HTTP status {status} with no JSON"}) from None
    if status >= _FIRST_ERROR_STATUS:
        raise ApiError(status, answer)
    return answer


def _without_nulls(value: Any) -> Any:
    """Return JSON without null fields: the API writes null for what a resource does not have."""
    if isinstance(value, Mapping):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
