"""Requests that change nothing, with the request id and the error code of each answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi, path_of
from dashlink.errors import CloudError

# The RPC products refuse a dry run that passes with this code (ECS, VPC API references, 2026); that
# APIG does is unverified.
_PASSED = "DryRunOperation"


@dataclass(frozen=True)
class Answer:
    """The answer to one request.

    Attributes:
        data: Content of the answer; empty for a refusal.
        refusal: The cloud's error; None where it accepted the request.
        request_id: Id of the request; empty where the answer has none.
    """

    data: Json = field(default_factory=dict)
    refusal: CloudError | None = None
    request_id: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the cloud accepted the request."""
        return self.refusal is None

    @property
    def code(self) -> str:
        """The error code; empty for an accepted request, or where there was no answer."""
        return self.refusal.code if self.refusal is not None else ""


class Requests:
    """Read-only requests and dry runs of one account and region."""

    def __init__(self, account: Account) -> None:
        """Configure the clients."""
        self._apig = OpenApi(account, "apig")
        self._privatelink = OpenApi(account, "privatelink")
        self._region = account.region

    def read(self, action: str, *path: str, **query: Any) -> Answer:
        """Send a GET request to APIG.

        Args:
            action: Name of the action: ``GetService``.
            path: Segments of the path after ``/v1``.
            query: Query parameters.
        """
        purpose = "read " + "/".join(path)

        def request() -> Json:
            return self._apig.roa(purpose, action, "GET", path_of("v1", *path), query=query)

        return _answer(request)

    def dry_run(self, body: Mapping[str, Any]) -> Answer:
        """Send CreateHttpApi as a dry run, which validates and creates nothing (SDK 11.6.0)."""
        content = {**body, "dryRun": True}

        def request() -> Json:
            path = path_of("v1", "http-apis")
            return self._apig.roa("try a Model API", "CreateHttpApi", "POST", path, body=content)

        answer = _answer(request)
        if answer.code == _PASSED:
            return Answer(request_id=answer.request_id)
        return answer

    def endpoint_services(self, **parameters: str | None) -> Answer:
        """Send ListVpcEndpointServicesByEndUser."""
        action = "ListVpcEndpointServicesByEndUser"

        def request() -> Json:
            return self._privatelink.rpc(
                "list endpoint services", action, {"RegionId": self._region, **parameters}
            )

        return _answer(request)


def _answer(request: Callable[[], Json]) -> Answer:
    try:
        document = request()
    except CloudError as error:
        return Answer(refusal=error, request_id=error.request_id)
    request_id = document.get("requestId") or document.get("RequestId") or ""
    return Answer(document.get("data", document), request_id=str(request_id))
