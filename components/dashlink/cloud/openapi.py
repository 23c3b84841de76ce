"""A JSON client for every product of the cloud, on the SDK's core (alibabacloud_tea_openapi).

The core signs and sends; the products' own SDK packages are not needed. Their models also change
what is sent and read: an empty list for every absent one, and no field that the model lacks (APIG
11.6.0: `fieldPaths` of a log).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.runtime import RuntimeOptions

from dashlink.cloud.catalog import PRODUCTS
from dashlink.cloud.credentials import Account
from dashlink.cloud.retry import call

Json = dict[str, Any]
_CONNECT_MILLISECONDS = 10_000
_READ_MILLISECONDS = 30_000


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
        self._product = PRODUCTS[product]
        self._client = Client(
            Config(
                credential=account.credentials,
                region_id=account.region,
                endpoint=account.host(product) or self._product.host(account.region),
                protocol=account.protocol,
                connect_timeout=_CONNECT_MILLISECONDS,
                read_timeout=_READ_MILLISECONDS,
                user_agent="dashlink",
            )
        )

    def rpc(self, purpose: str, action: str, parameters: Mapping[str, Any]) -> Json:
        """Call an action of an RPC product.

        Args:
            purpose: Completes "cannot ..." in errors: ``look up the VPC``.
            action: Name of the action: ``DescribeVpcs``.
            parameters: Flat parameters by their API names; None is not sent.

        Returns:
            The response body, without fields that are null.
        """
        params = self._params(action, "POST", "/", body_type="formData")
        return self._send(purpose, params, parameters)

    def roa(
        self,
        purpose: str,
        action: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Json:
        """Send a request to a ROA product.

        Args:
            purpose: Completes "cannot ..." in errors: ``read the gateway``.
            action: Name of the action: ``GetGateway``.
            method: HTTP method.
            path: Path with its leading slash, percent-encoded.
            query: Query parameters; None is not sent.
            body: JSON body, sent as it is.

        Returns:
            The response body, without fields that are null.
        """
        params = self._params(action, method, path, body_type="json")
        return self._send(purpose, params, query or {}, body)

    def _params(self, action: str, method: str, path: str, *, body_type: str) -> Params:
        return Params(
            action=action,
            version=self._product.version,
            protocol="HTTPS",
            pathname=path,
            method=method,
            auth_type="AK",
            style=self._product.style,
            req_body_type=body_type,
            body_type="json",
        )

    def _send(
        self,
        purpose: str,
        params: Params,
        query: Mapping[str, Any],
        body: Mapping[str, Any] | None = None,
    ) -> Json:
        request = OpenApiRequest(
            headers={},
            query={name: str(value) for name, value in without_none(query).items()},
            body=None if body is None else dict(body),
        )

        def attempt() -> Any:
            return self._client.call_api(params, request, RuntimeOptions())["body"]

        answer: Json = _without_nulls(call(purpose, attempt))
        return answer


def _without_nulls(value: Any) -> Any:
    """Return JSON without null fields: the API writes null for what a resource does not have."""
    if isinstance(value, Mapping):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
