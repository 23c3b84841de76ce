"""`GatewayAddresses`: waits for a gateway, and changes the networks that reach it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dashlink.cloud.words import (
    ADDRESS_TYPES,
    BALANCER_ABSENT,
    BALANCER_READY,
    GATEWAY_FAILED,
    GATEWAY_TYPE,
    INTERNET,
    INTRANET,
    RUNNING,
    NetworkAccess,
)
from dashlink.errors import CloudError
from dashlink.provider.codec import from_api
from dashlink.provider.gateway.client import apig
from dashlink.provider.handler import WaitHandler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.gateway_addresses import (
    GATEWAY_ADDRESSES,
    GatewayAddressesInputs,
    GatewayAddressesState,
)

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi

_NOT_READY = "its load balancers are not ready"


class GatewayAddressesHandler(WaitHandler[GatewayAddressesInputs, GatewayAddressesState]):
    """Waits for a gateway and its addresses; the id is the gateway's.

    The alicloud provider sends the network access of a gateway when it creates one, and never
    again (v1.285.0): changes of it are made here.
    """

    contract = GATEWAY_ADDRESSES
    changes_state: ClassVar = {"internet_addresses": ("network_access",)}

    def create(
        self, inputs: GatewayAddressesInputs, operation: Operation
    ) -> tuple[str, GatewayAddressesState]:
        """Wait until the gateway runs and has its addresses, in the expected networks.

        Raises:
            CloudError: If it does not exist, has failed, is no AI gateway, or is not ready in time.
        """
        return inputs.gateway_id, _wait(inputs, operation, is_new=True)

    def update(
        self,
        identity: str,
        inputs: GatewayAddressesInputs,
        state: GatewayAddressesState,
        operation: Operation,
    ) -> GatewayAddressesState:
        """Change the network access where it differs, and wait as for a new gateway."""
        return _wait(inputs, operation, is_new=False)

    def read(
        self,
        identity: str,
        inputs: GatewayAddressesInputs | None,
        state: GatewayAddressesState | None,
        operation: Operation,
    ) -> tuple[GatewayAddressesInputs, GatewayAddressesState] | None:
        """Return the gateway's addresses and, where the stack has set it, its network access.

        An address that was added or removed outside the stack is a difference: the next `up`
        undoes it.
        """
        data = apig(operation.account).gateway(identity)
        if data is None:
            return None
        if inputs is None:
            access = _network_access(data)
            inputs = GatewayAddressesInputs(gateway_id=identity, network_access=access)
        elif inputs.network_access is not None:
            inputs = inputs.model_copy(update={"network_access": _network_access(data)})
        return inputs, _state(inputs, data)

    def recorded(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """Add the network access, which earlier versions did not store, by the addresses."""
        if "networkAccess" in inputs:
            return inputs
        types = set()
        if state.get("intranetAddresses"):
            types.add(INTRANET)
        if state.get("internetAddresses"):
            types.add(INTERNET)
        return {**inputs, "networkAccess": _access_of(frozenset(types))}


def _wait(
    inputs: GatewayAddressesInputs, operation: Operation, *, is_new: bool
) -> GatewayAddressesState:
    wait = _Wait(apig(operation.account), inputs, is_new=is_new)
    seconds = inputs.timeout_seconds
    return wait_until(wait.probe, operation, subject=inputs.gateway_id, seconds=seconds)


class _Wait:
    """The wait for a gateway, with at most one request that changes its network access."""

    def __init__(self, api: ApigApi, inputs: GatewayAddressesInputs, *, is_new: bool) -> None:
        self._api = api
        self._inputs = inputs
        self._is_new = is_new
        self._requested = False

    def probe(self) -> GatewayAddressesState | Pending:
        gateway_id = self._inputs.gateway_id
        data = _usable(gateway_id, self._api.gateway(gateway_id))
        missing = _not_running(data) or self._missing_networks(data)
        if missing:
            seconds = self._inputs.timeout_seconds
            return Pending(missing, f"{gateway_id}: {missing} after {seconds} s. `up` again.")
        return _state(self._inputs, data)

    def _missing_networks(self, data: Mapping[str, Any]) -> str:
        """Return what the addresses lack, a clause; request a change of the networks once."""
        existing = _address_types(data)
        access = self._inputs.network_access
        expected = ADDRESS_TYPES[access] if access is not None else existing
        if access is not None and existing != expected and not self._requested:
            if self._is_new and _will_have(expected, data):
                return _NOT_READY
            self._api.change_network_access(self._inputs.gateway_id, access)
            self._requested = True
        if INTERNET in existing - expected:
            return "its address on the internet is being removed"
        if existing != expected or not _are_ready(data):
            return _NOT_READY
        return ""


def _usable(gateway_id: str, data: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return the data of a gateway that can still become ready.

    Raises:
        CloudError: If it cannot.
    """
    if data is None:
        raise CloudError(
            f"{gateway_id}: there is no such gateway. Check the id, the region and the account."
        )
    gateway_type = data.get("gatewayType")
    if gateway_type != GATEWAY_TYPE:
        raise CloudError(
            f"{gateway_id}: a gateway of type {gateway_type}, not an AI gateway. Use another."
        )
    status = data.get("status")
    if status in GATEWAY_FAILED:
        raise CloudError(f"{gateway_id}: the gateway is {status}. Look at it in the console.")
    return data


def _not_running(data: Mapping[str, Any]) -> str:
    status = data.get("status")
    return "" if status == RUNNING else f"the gateway is {status}"


def _are_ready(data: Mapping[str, Any]) -> bool:
    """Return whether the gateway has load balancers, all of them ready."""
    statuses = {row.get("status") for row in _load_balancers(data)} - {BALANCER_ABSENT}
    return statuses == {BALANCER_READY}


def _will_have(expected: frozenset[str], data: Mapping[str, Any]) -> bool:
    """Return whether a new gateway announces the expected load balancers, or none yet."""
    announced = {row.get("addressType") for row in _load_balancers(data)}
    return announced in (expected, set())


def _load_balancers(data: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return tuple(data.get("loadBalancers") or ())


def _address_types(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the types of the load balancers that exist."""
    rows = _load_balancers(data)
    return frozenset(str(row.get("addressType")) for row in rows if _exists(row))


def _exists(load_balancer: Mapping[str, Any]) -> bool:
    return load_balancer.get("status") != BALANCER_ABSENT


def _network_access(data: Mapping[str, Any]) -> NetworkAccess | None:
    return _access_of(_address_types(data))


def _access_of(address_types: frozenset[str]) -> NetworkAccess | None:
    """Return the network access of a gateway with these addresses; None without any."""
    for access, types in ADDRESS_TYPES.items():
        if types == address_types:
            return access
    return None


def _state(inputs: GatewayAddressesInputs, data: Mapping[str, Any]) -> GatewayAddressesState:
    values: dict[str, Any] = {
        "intranet_addresses": _addresses(data, INTRANET),
        "internet_addresses": _addresses(data, INTERNET),
    }
    if inputs.environment_id is not None:
        values["default_environment_id"] = inputs.environment_id
    return from_api(GatewayAddressesState, data, **values)


def _addresses(data: Mapping[str, Any], address_type: str) -> tuple[str, ...]:
    addresses = []
    for row in _load_balancers(data):
        if row.get("addressType") == address_type and _exists(row):
            addresses.append(str(row.get("address")))
    return tuple(sorted(addresses))
