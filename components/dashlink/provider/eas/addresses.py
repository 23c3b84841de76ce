"""`EasAddresses`: waits until a model service of PAI-EAS runs and answers; reads its addresses.

`Running` is not `reachable`: a gateway answers 404 with an empty body, or 503, until it has the
route of a new service (SDK alipai 0.4.13, which polls for the same reason).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from dashlink.provider.codec import Json
from dashlink.provider.eas.change import RESTORED, RUNNING, running_or_pending
from dashlink.provider.eas.service import eas
from dashlink.provider.handler import WaitHandler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.eas_addresses import (
    EAS_ADDRESSES,
    EasAddressesInputs,
    EasAddressesState,
    EasGatewayAddresses,
)

if TYPE_CHECKING:
    from dashlink.cloud.eas import EasApi

_GATEWAYS = ("DefaultGateway", "PrivateGateway")
_NOT_FOUND = 404
_UNAVAILABLE = 503
_FIRST_PAUSE_SECONDS = 0.25
_PROBE_SECONDS = 5.0
_PROXY_HEADER = "Proxy-Status"  # RFC 9209: the answer is a proxy's, not the gateway's


class EasAddressesHandler(WaitHandler[EasAddressesInputs, EasAddressesState]):
    """Waits for a model service; the id is the service's name."""

    contract = EAS_ADDRESSES
    changes_state: ClassVar = {
        "gateways": ("trigger",),
        "access_token": ("trigger",),
        "status": ("trigger",),
        "queue_vpc_urls": ("trigger",),
        "queue_internet_urls": ("trigger",),
    }

    def create(
        self, inputs: EasAddressesInputs, operation: Operation
    ) -> tuple[str, EasAddressesState]:
        """Wait until the service runs and answers.

        Raises:
            CloudError: If it does not exist, has failed, or does not answer in time.
        """
        wait = _Wait(eas(operation.account), inputs)
        state = wait_until(
            wait.probe,
            operation,
            subject=inputs.name,
            seconds=inputs.timeout_seconds,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )
        return inputs.name, state

    def read(
        self,
        identity: str,
        inputs: EasAddressesInputs | None,
        state: EasAddressesState | None,
        operation: Operation,
    ) -> tuple[EasAddressesInputs, EasAddressesState] | None:
        """Return the service's addresses and token as they are now."""
        api = eas(operation.account)
        data, endpoints = api.service(identity), api.endpoints(identity)
        if data is None or endpoints is None:
            return None
        return inputs or EasAddressesInputs(name=identity), _state(data, endpoints)

    def restored(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return that an update waits again for a service that was stopped, or has failed."""
        return {"status": RUNNING} if state.get("status") in RESTORED else {}


class _Wait:
    """The wait for a service; remembers an address that cannot be reached from here."""

    def __init__(self, api: EasApi, inputs: EasAddressesInputs) -> None:
        self._api = api
        self._inputs = inputs
        self._unreachable: set[str] = set()

    def probe(self) -> EasAddressesState | Pending:
        name, seconds = self._inputs.name, self._inputs.timeout_seconds
        data = running_or_pending(name, self._api.service(name), seconds)
        if isinstance(data, Pending):
            return data
        endpoints = self._api.endpoints(name) or {}
        state = _state(data, endpoints)
        reason = self._not_answering(state) if self._inputs.probe else ""
        if reason:
            message = f"{name}: {reason} after {seconds} s. `up` again."
            return Pending(reason, message)
        return state

    def _not_answering(self, state: EasAddressesState) -> str:
        """Return why the service does not answer; empty if it does, or cannot be reached."""
        for url in _urls(state):
            if url in self._unreachable:
                continue
            status = _status_of(url)
            if status is None:
                self._unreachable.add(url)
            elif status:
                return f"its gateway answers {status} at {url}"
        return ""


def _urls(state: EasAddressesState) -> Iterator[str]:
    for gateway in state.gateways:
        if gateway.kind in _GATEWAYS and gateway.path_type == "Service":
            yield from (*gateway.internet_urls, *gateway.vpc_urls)


def _status_of(url: str) -> str | None:
    """Return the gateway's refusal, empty for an answer; None if it cannot be reached from here.

    The request has no token: a gateway with the route answers 401.
    """
    import urllib3  # noqa: PLC0415 - the plugin starts without it

    from dashlink.cloud.connections import connections_to  # noqa: PLC0415 - above

    parts = urlsplit(url)
    pool = connections_to(parts.scheme, parts.netloc)
    try:
        answer = pool.request("GET", f"{url}/v1/models", timeout=_PROBE_SECONDS)
    except urllib3.exceptions.HTTPError:
        return None
    if _PROXY_HEADER in answer.headers:
        return None
    if answer.status == _UNAVAILABLE:
        return "503 (no healthy upstream)"
    if answer.status == _NOT_FOUND and not answer.data:
        return "404 without a body (it does not know the service yet)"
    return ""


def _state(data: Json, endpoints: Json) -> EasAddressesState:
    gateways = []
    for row in endpoints.get("Endpoints") or ():
        gateways.append(
            EasGatewayAddresses(
                kind=str(row.get("EndpointType")),
                gateway_id=str(row.get("BackendId") or ""),
                vpc_urls=tuple(row.get("IntranetEndpoints") or ()),
                internet_urls=tuple(row.get("InternetEndpoints") or ()),
                path_type=str(row.get("PathType") or "Service"),
                port=row.get("Port"),
            )
        )
    return EasAddressesState(
        found_service_id=str(data["ServiceId"]),
        status=str(data.get("Status")),
        gateways=tuple(gateways),
        queue_vpc_urls=_given(data, "SecondaryIntranetEndpoint"),
        queue_internet_urls=_given(data, "SecondaryInternetEndpoint"),
        access_token=str(endpoints.get("AccessToken") or data.get("AccessToken") or ""),
    )


def _given(data: Json, field: str) -> tuple[str, ...]:
    """Return the URL in a field, if there is one."""
    url = str(data.get(field) or "")
    return (url,) if url else ()
