"""Inputs, outputs and contract of `EasGatewayLink`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import (
    CREATE_ONLY,
    SERVER_DEFAULT,
    WRITE_ONLY,
    Contract,
    ResourceModel,
)
from dashlink.resources.models.eas_gateway import AclEntryInputs


class PeerVpcInputs(ResourceModel):
    """A VPC in which the gateway's name resolves to the address of the link."""

    vpc_id: str
    """Id of the VPC (`vpc-…`)."""
    region: str
    """Region of the VPC."""


class EasGatewayLinkInputs(ResourceModel):
    """Inputs of `EasGatewayLink`."""

    gateway_id: Annotated[str, CREATE_ONLY]
    """Id of the gateway (`gw-…`)."""
    vpc_id: Annotated[str, CREATE_ONLY]
    """VPC that is linked, of the gateway's region (`vpc-…`)."""
    vswitch_id: Annotated[str, CREATE_ONLY]
    """vSwitch of the gateway's interface there, in a supported zone (`vsw-…`)."""
    zone_id: Annotated[str | None, WRITE_ONLY] = None
    """Zone of the vSwitch, checked against the supported ones before the link is created."""
    account_id: Annotated[str | None, CREATE_ONLY, SERVER_DEFAULT] = None
    """Account of the VPC; default: that of the gateway."""
    authoritative_dns: Annotated[bool, CREATE_ONLY] = False
    """Whether the gateway's name resolves outside linked and peer VPCs too."""
    peers: tuple[PeerVpcInputs, ...] = ()
    """All further VPCs in which the gateway's name resolves."""
    acl: Annotated[tuple[AclEntryInputs, ...] | None, SERVER_DEFAULT] = None
    """Access list of the VPC, complete; default: not changed."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 900
    """Time limit of each wait until the link works, or is gone, in seconds."""


class EasGatewayLinkState(ResourceModel):
    """Outputs of `EasGatewayLink` that come from the cloud."""

    status: str
    """Status of the link: `Running` once it works."""
    address: str
    """Private address of the gateway in the vSwitch."""
    security_group_id: str
    """Security group of the interface, set by the cloud; empty where it returns none."""


EAS_GATEWAY_LINK: Final = Contract(
    "dashlink:eas:EasGatewayLink", EasGatewayLinkInputs, EasGatewayLinkState
)
"""`EasGatewayLink`: a VPC from which a dedicated gateway of PAI-EAS is reached."""
