"""`EasGatewayLink`: links VPCs to dedicated gateways of PAI-EAS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.codec import Json
from dashlink.provider.eas.gateway_lists import (
    eas_gateways,
    in_order_of,
    read_acl,
    read_peers,
    write_acl,
    write_peers,
)
from dashlink.provider.handler import Handler
from dashlink.provider.waiting import Operation, Pending, wait_until
from dashlink.resources.models.eas_gateway_link import (
    EAS_GATEWAY_LINK,
    EasGatewayLinkInputs,
    EasGatewayLinkState,
)

if TYPE_CHECKING:
    from dashlink.cloud.eas_gateways import EasGatewayApi

_RUNNING = "Running"
_FIRST_PAUSE_SECONDS = 0.25
_DELETE_SECONDS = 900


class EasGatewayLinkHandler(Handler[EasGatewayLinkInputs, EasGatewayLinkState]):
    """Linked VPCs; the id is `<gateway>/<VPC>`, since a VPC is linked to a gateway once."""

    contract = EAS_GATEWAY_LINK
    delete_before_replace = True
    blocking = True

    def create(
        self, inputs: EasGatewayLinkInputs, operation: Operation
    ) -> tuple[str, EasGatewayLinkState]:
        """Link the VPC, or adopt the link that a killed run left; wait until it works.

        Raises:
            CloudError: If the zone is not supported, or the link does not work in time.
            DashlinkError: If the VPC is linked by another vSwitch.
        """
        api = eas_gateways(operation.account)
        gateway_id, vpc_id = inputs.gateway_id, inputs.vpc_id
        row = api.linked_vpc(gateway_id, vpc_id)
        if row is None:
            _check_zone(api, inputs)
            _link(api, inputs)
        elif not _is_same(row, inputs):
            raise DashlinkError(
                f"{gateway_id}: {vpc_id} is linked otherwise ({row.get('VSwitchId')}). "
                "Import that link, or remove it."
            )
        return f"{gateway_id}/{vpc_id}", _change(api, inputs, operation)

    def read(
        self,
        identity: str,
        inputs: EasGatewayLinkInputs | None,
        state: EasGatewayLinkState | None,
        operation: Operation,
    ) -> tuple[EasGatewayLinkInputs, EasGatewayLinkState] | None:
        """Return the link with its peers and its access list."""
        api = eas_gateways(operation.account)
        gateway_id, vpc_id = _ids(identity)
        if api.gateway(gateway_id) is None:
            return None
        row = api.linked_vpc(gateway_id, vpc_id)
        if row is None:
            return None
        written = inputs.peers if inputs is not None else None
        values: dict[str, Any] = {
            "gateway_id": gateway_id,
            "vpc_id": vpc_id,
            "vswitch_id": str(row.get("VSwitchId")),
            "account_id": row.get("AccountId") or None,
            "authoritative_dns": bool(row.get("AuthoritativeDnsEnabled")),
            "peers": in_order_of(written, read_peers(api, gateway_id, vpc_id)),
        }
        entries = read_acl(api, gateway_id, vpc_id)
        if inputs is None:
            values["acl"] = entries or None
        else:
            values["zone_id"] = inputs.zone_id
            values["timeout_seconds"] = inputs.timeout_seconds
            if inputs.acl is not None:
                values["acl"] = in_order_of(inputs.acl, entries)
        return EasGatewayLinkInputs(**values), _state(row)

    def update(
        self,
        identity: str,
        inputs: EasGatewayLinkInputs,
        state: EasGatewayLinkState,
        operation: Operation,
    ) -> EasGatewayLinkState:
        """Change peers and access list in place.

        Raises:
            CloudError: If the link does not exist, or does not work in time.
        """
        return _change(eas_gateways(operation.account), inputs, operation)

    def delete(self, identity: str, operation: Operation) -> None:
        """Remove the link and wait until it is gone."""
        api = eas_gateways(operation.account)
        gateway_id, vpc_id = _ids(identity)
        row = None
        if api.gateway(gateway_id) is not None:
            row = api.linked_vpc(gateway_id, vpc_id)
        if row is None:
            return
        api.unlink(gateway_id, vpc_id, row.get("VSwitchId"))

        def probe() -> bool | Pending:
            if api.linked_vpc(gateway_id, vpc_id) is None:
                return True
            message = f"{identity}: still linked after {_DELETE_SECONDS} s. Run `destroy` again."
            return Pending("the VPC is being unlinked", message)

        wait_until(
            probe,
            operation,
            subject=identity,
            seconds=_DELETE_SECONDS,
            first_pause_seconds=_FIRST_PAUSE_SECONDS,
        )


def _check_zone(api: EasGatewayApi, inputs: EasGatewayLinkInputs) -> None:
    """Refuse a vSwitch of a zone that takes no links; an empty answer is no list.

    Raises:
        CloudError: With the zones that are supported.
    """
    zones = api.supported_zones(inputs.gateway_id)
    if inputs.zone_id is not None and zones and inputs.zone_id not in zones:
        raise CloudError(
            f"{inputs.gateway_id}: links are not supported in the zone {inputs.zone_id} of "
            f"{inputs.vswitch_id}. Use a vSwitch in {', '.join(sorted(zones))}."
        )


def _link(api: EasGatewayApi, inputs: EasGatewayLinkInputs) -> None:
    """Link the VPC; a request without an answer may have linked it all the same."""
    gateway_id, vpc_id = inputs.gateway_id, inputs.vpc_id
    try:
        api.link(
            gateway_id,
            vpc_id,
            inputs.vswitch_id,
            account_id=inputs.account_id,
            authoritative_dns=inputs.authoritative_dns,
        )
    except CloudError as error:
        if not error.is_transient or api.linked_vpc(gateway_id, vpc_id) is None:
            raise


def _is_same(row: Json, inputs: EasGatewayLinkInputs) -> bool:
    """Return whether a link is the one that the inputs describe."""
    same_dns = bool(row.get("AuthoritativeDnsEnabled")) == inputs.authoritative_dns
    return row.get("VSwitchId") == inputs.vswitch_id and same_dns


def _change(
    api: EasGatewayApi, inputs: EasGatewayLinkInputs, operation: Operation
) -> EasGatewayLinkState:
    """Wait until the link works, then make peers and access list equal to the inputs."""
    gateway_id, vpc_id = inputs.gateway_id, inputs.vpc_id

    def probe() -> Json | Pending:
        row = api.linked_vpc(gateway_id, vpc_id)
        if row is None:
            raise CloudError(
                f"{gateway_id}: {vpc_id} is not linked any more. Run `pulumi refresh`."
            )
        status = str(row.get("Status"))
        if status == _RUNNING:
            return row
        seconds = inputs.timeout_seconds
        message = f"{gateway_id}: the link of {vpc_id} is {status} after {seconds} s. `up` again."
        return Pending(f"the link is {status}", message)

    row = wait_until(
        probe,
        operation,
        subject=f"{gateway_id}/{vpc_id}",
        seconds=inputs.timeout_seconds,
        first_pause_seconds=_FIRST_PAUSE_SECONDS,
    )
    write_peers(api, gateway_id, vpc_id, inputs.peers)
    write_acl(api, gateway_id, vpc_id, inputs.acl)
    return _state(row)


def _ids(identity: str) -> tuple[str, str]:
    """Return gateway and VPC of an id.

    Raises:
        DashlinkError: If it is not `<gateway>/<VPC>`.
    """
    gateway_id, separator, vpc_id = identity.partition("/")
    if not (separator and gateway_id and vpc_id):
        raise DashlinkError(f"{identity}: not the id of a link. Write it as gw-…/vpc-….")
    return gateway_id, vpc_id


def _state(row: Json) -> EasGatewayLinkState:
    return EasGatewayLinkState(
        status=str(row.get("Status")),
        address=str(row.get("Ip") or ""),
        security_group_id=str(row.get("SecurityGroupId") or ""),
    )
