"""`GatewayAddresses`: waits for a gateway and its addresses. Creates nothing in the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

_FAILED = ("CreateFailed", "UpgradeFailed", "RestartFailed", "DeleteFailed", "Deleting")


class GatewayAddressesHandler(WaitHandler[GatewayAddressesInputs, GatewayAddressesState]):
    """Waits for a gateway; the id is the gateway's."""

    contract = GATEWAY_ADDRESSES

    def create(
        self, inputs: GatewayAddressesInputs, operation: Operation
    ) -> tuple[str, GatewayAddressesState]:
        """Wait until the gateway runs and has its addresses.

        Raises:
            CloudError: If it does not exist, has failed, is no AI gateway, or is not ready in time.
        """
        api = apig(operation.account)
        gateway_id = inputs.gateway_id

        def probe() -> GatewayAddressesState | Pending:
            data = _usable(gateway_id, api.gateway(gateway_id))
            missing = _missing(data)
            if missing:
                seconds = inputs.timeout_seconds
                return Pending(missing, f"{gateway_id}: {missing} after {seconds} s. `up` again.")
            return _state(inputs, data)

        state = wait_until(probe, operation, subject=gateway_id, seconds=inputs.timeout_seconds)
        return gateway_id, state

    def read(
        self,
        identity: str,
        inputs: GatewayAddressesInputs | None,
        state: GatewayAddressesState | None,
        operation: Operation,
    ) -> tuple[GatewayAddressesInputs, GatewayAddressesState] | None:
        """Return the gateway's addresses."""
        data = apig(operation.account).gateway(identity)
        if data is None:
            return None
        if inputs is None:
            inputs = GatewayAddressesInputs(gateway_id=identity)
        return inputs, _state(inputs, data)


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
    if gateway_type != "AI":
        raise CloudError(
            f"{gateway_id}: a gateway of type {gateway_type}, not an AI gateway. Use another."
        )
    status = data.get("status")
    if status in _FAILED:
        raise CloudError(f"{gateway_id}: the gateway is {status}. Look at it in the console.")
    return data


def _missing(data: Mapping[str, Any]) -> str:
    """Return what is not ready yet, a clause; empty if everything is."""
    status = data.get("status")
    if status != "Running":
        return f"the gateway is {status}"
    load_balancers = data.get("loadBalancers") or ()
    ready = all(row.get("status") == "Ready" for row in load_balancers)
    if not load_balancers or not ready:
        return "its load balancers are not ready"
    return ""


def _state(inputs: GatewayAddressesInputs, data: Mapping[str, Any]) -> GatewayAddressesState:
    values: dict[str, Any] = {
        "intranet_addresses": _addresses(data, "Intranet"),
        "internet_addresses": _addresses(data, "Internet"),
    }
    if inputs.environment_id is not None:
        values["default_environment_id"] = inputs.environment_id
    return from_api(GatewayAddressesState, data, **values)


def _addresses(data: Mapping[str, Any], address_type: str) -> tuple[str, ...]:
    addresses = []
    for row in data.get("loadBalancers") or ():
        if row.get("addressType") == address_type:
            addresses.append(str(row.get("address")))
    return tuple(sorted(addresses))
