"""A gateway's addresses: waited for until it runs and they are ready, read for drift; it makes nothing in the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.errors import CloudError
from dashlink.provider.gateway.adoption import HandlerDefaults
from dashlink.provider.waiting import Waiting
from dashlink.resources.gateway_models import GatewayAddressesInputs, GatewayAddressesState

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 1.0, 10.0
_FAILED = ("CreateFailed", "UpgradeFailed", "RestartFailed", "DeleteFailed", "Deleting")


class GatewayAddressesHandler(HandlerDefaults):
    """The wait for a gateway; its id is the gateway's."""

    token = "dashlink:gateway:GatewayAddresses"  # noqa: S105 - a type token
    inputs = GatewayAddressesInputs
    state = GatewayAddressesState
    replaces = frozenset({"gateway_id", "environment_id"})
    patient = True

    def create(
        self, inputs: GatewayAddressesInputs, account: Account, waiting: Waiting
    ) -> tuple[str, GatewayAddressesState]:
        """Wait until the gateway runs and has its addresses.

        Raises:
            CloudError: It is gone, failed, is no AI gateway, or took too long.
        """
        api = ApigApi(account)
        deadline, pause = waiting.clock() + inputs.timeout_seconds, _FIRST_PAUSE_SECONDS
        while True:
            data = api.gateway(inputs.gateway_id)
            missing = _what_is_missing(inputs.gateway_id, data)
            if data is not None and not missing:
                return inputs.gateway_id, _state(inputs, data)
            if waiting.cancelled():
                raise CloudError(
                    f"{inputs.gateway_id}: cancelled while {missing}. The next `up` waits again."
                )
            if waiting.clock() >= deadline:
                raise CloudError(
                    f"{inputs.gateway_id}: {missing} after {inputs.timeout_seconds} s. `up` again."
                )
            waiting.tell(f"waiting: {missing}")
            waiting.pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def read(
        self, identity: str, inputs: GatewayAddressesInputs | None, account: Account
    ) -> tuple[GatewayAddressesInputs, GatewayAddressesState] | None:
        """The gateway now."""
        data = ApigApi(account).gateway(identity)
        if data is None:
            return None
        wanted = inputs or GatewayAddressesInputs(gateway_id=identity)
        return wanted, _state(wanted, data)

    def update(
        self,
        identity: str,
        inputs: GatewayAddressesInputs,
        account: Account,
        waiting: Waiting,
    ) -> GatewayAddressesState:
        """Look again."""
        return self.create(inputs, account, waiting)[1]

    def delete(self, identity: str, account: Account, waiting: Waiting) -> None:
        """Nothing: the gateway is a resource of its own."""


def _what_is_missing(gateway_id: str, data: Mapping[str, Any] | None) -> str:
    """What stands between now and a gateway that works, a clause; empty for nothing.

    Raises:
        CloudError: Waiting cannot help.
    """
    if data is None:
        raise CloudError(
            f"{gateway_id}: there is no such gateway. Check the id, the region and the account."
        )
    if data.get("gatewayType") != "AI":
        raise CloudError(
            f"{gateway_id}: a gateway of type {data.get('gatewayType')}, not an AI gateway. Use another."
        )
    status = str(data.get("status"))
    if status in _FAILED:
        raise CloudError(f"{gateway_id}: the gateway is {status}. Look at it in the console.")
    if status != "Running":
        return f"the gateway is {status}"
    rows = data.get("loadBalancers") or ()
    waiting = [row for row in rows if row.get("status") != "Ready"]
    return "its load balancers are not ready" if waiting or not rows else ""


def _state(inputs: GatewayAddressesInputs, data: Mapping[str, Any]) -> GatewayAddressesState:
    environments = data.get("environments") or [{}]
    return GatewayAddressesState(
        status=str(data.get("status")),
        default_environment_id=inputs.environment_id
        or str(environments[0].get("environmentId", "")),
        intranet_addresses=_addresses(data, "Intranet"),
        internet_addresses=_addresses(data, "Internet"),
        vpc_id=str((data.get("vpc") or {}).get("vpcId", "")),
        version=str(data.get("version") or ""),
    )


def _addresses(data: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    rows = data.get("loadBalancers") or ()
    return tuple(sorted(str(row.get("address")) for row in rows if row.get("addressType") == kind))
