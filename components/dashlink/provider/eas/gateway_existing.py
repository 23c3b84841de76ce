"""`ExistingEasGateway`: reads dedicated gateways of PAI-EAS that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dashlink.provider.codec import Json
from dashlink.provider.eas.gateway import running_or_pending
from dashlink.provider.eas.gateway_lists import eas_gateways, read_peers
from dashlink.provider.handler import WaitHandler
from dashlink.provider.waiting import Operation, wait_until
from dashlink.resources.models.eas_gateway import (
    EXISTING_EAS_GATEWAY,
    ExistingEasGatewayInputs,
    ExistingEasGatewayState,
    LinkedVpcState,
)

if TYPE_CHECKING:
    from dashlink.cloud.eas_gateways import EasGatewayApi

_FIRST_PAUSE_SECONDS = 0.25


class ExistingEasGatewayHandler(WaitHandler[ExistingEasGatewayInputs, ExistingEasGatewayState]):
    """Waits for a gateway; changes nothing of it. The id is the gateway's."""

    contract = EXISTING_EAS_GATEWAY

    def create(
        self, inputs: ExistingEasGatewayInputs, operation: Operation
    ) -> tuple[str, ExistingEasGatewayState]:
        """Wait until the gateway runs.

        Raises:
            CloudError: If it does not exist, has failed, or does not run in time.
        """
        api = eas_gateways(operation.account)
        gateway_id, seconds = inputs.gateway_id, inputs.timeout_seconds
        data = wait_until(
            lambda: running_or_pending(gateway_id, api.gateway(gateway_id), seconds),
            operation,
            subject=gateway_id,
            seconds=seconds,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )
        return gateway_id, _state(api, gateway_id, data)

    def read(
        self,
        identity: str,
        inputs: ExistingEasGatewayInputs | None,
        state: ExistingEasGatewayState | None,
        operation: Operation,
    ) -> tuple[ExistingEasGatewayInputs, ExistingEasGatewayState] | None:
        """Return the gateway as it is now."""
        api = eas_gateways(operation.account)
        data = api.gateway(identity)
        if data is None:
            return None
        new_inputs = inputs or ExistingEasGatewayInputs(gateway_id=identity)
        return new_inputs, _state(api, identity, data)


def _state(api: EasGatewayApi, gateway_id: str, data: Json) -> ExistingEasGatewayState:
    kind = _kind(api, gateway_id, data)
    linked: tuple[LinkedVpcState, ...] = ()
    if kind != "application":
        linked = tuple(_links(api, gateway_id))
    return ExistingEasGatewayState(
        kind=kind,
        status=str(data.get("Status")),
        name=str(data.get("GatewayName") or ""),
        vpc_domain=str(data.get("IntranetDomain") or ""),
        internet_domain=str(data.get("InternetDomain") or ""),
        linked_vpcs=linked,
    )


def _links(api: EasGatewayApi, gateway_id: str) -> list[LinkedVpcState]:
    links = []
    for row in api.linked_vpcs(gateway_id):
        vpc_id = str(row.get("VpcId"))
        peers = read_peers(api, gateway_id, vpc_id)
        links.append(
            LinkedVpcState(
                vpc_id=vpc_id,
                vswitch_id=str(row.get("VSwitchId") or ""),
                address=str(row.get("Ip") or ""),
                authoritative_dns=bool(row.get("AuthoritativeDnsEnabled")),
                peer_vpc_ids=tuple(peer.vpc_id for peer in peers),
            )
        )
    return links


def _kind(
    api: EasGatewayApi, gateway_id: str, data: Json
) -> Literal["managed", "application", "unknown"]:
    """Return the kind by two signs: the filter GatewayType of ListGateway, and the node type.

    No answer has the kind. Where the signs disagree, it is unknown.
    """
    listed = api.is_application(gateway_id)
    if listed == bool(data.get("InstanceType")):
        return "unknown"
    return "application" if listed else "managed"
