"""Inputs, outputs and contracts of `EasGateway` and `ExistingEasGateway`."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from dashlink.resources.contract import (
    CREATE_ONLY,
    SERVER_DEFAULT,
    WRITE_ONLY,
    Contract,
    ResourceModel,
)
from dashlink.resources.models.eas_service import TagInputs


class AclEntryInputs(ResourceModel):
    """A block of addresses that an access list lets in."""

    cidr: str
    """The block, in CIDR notation."""
    comment: str = ""
    """What it is for."""


class CustomDomainInputs(ResourceModel):
    """A domain of your own on a gateway."""

    domain: str
    """The domain name."""
    type: Literal["intranet", "internet"]
    """Where it is served: within VPCs or on the internet."""
    certificate_id: str | None = None
    """Certificate of Certificate Management Service, for HTTPS."""


class EasGatewayInputs(ResourceModel):
    """Inputs of `EasGateway`."""

    name: str
    """Name of the gateway; with its tags it identifies one that a killed run left."""
    resource_group: Annotated[str | None, CREATE_ONLY, WRITE_ONLY] = None
    """Self-managed resource group that it runs on; default: none."""
    instance_type: str
    """Type of its nodes: 2c4g, 4c8g, 8c16g or 16c32g."""
    replicas: Annotated[int, Field(ge=1)] = 2
    """Number of its nodes."""
    internet: bool = False
    """Whether it is reached from the internet."""
    intranet: bool = True
    """Whether it is reached from linked VPCs."""
    ssl_redirection: bool = False
    """Whether it redirects HTTP to HTTPS."""
    is_default: bool = False
    """Whether services of the account that name no gateway are deployed to it."""
    internet_acl: Annotated[tuple[AclEntryInputs, ...] | None, SERVER_DEFAULT] = None
    """Access list of the internet, complete; default: not changed."""
    domains: tuple[CustomDomainInputs, ...] = ()
    """All domains of your own."""
    tags: tuple[TagInputs, ...] = ()
    """Tags (labels of the API)."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 1800
    """Time limit of each wait until the gateway works as requested, in seconds."""


class EasGatewayState(ResourceModel):
    """Outputs of `EasGateway` that come from the cloud."""

    status: str
    """Status of the gateway: `Running` once it works."""
    vpc_domain: str
    """Domain name in linked VPCs; empty without `intranet`."""
    internet_domain: str
    """Domain name on the internet; empty without `internet`."""


EAS_GATEWAY: Final = Contract("dashlink:eas:EasGateway", EasGatewayInputs, EasGatewayState)
"""`EasGateway`: a fully managed dedicated gateway of PAI-EAS, paid by use."""


class LinkedVpcState(ResourceModel):
    """A VPC that an existing gateway is linked to."""

    vpc_id: str
    """Id of the VPC (`vpc-…`)."""
    vswitch_id: str
    """vSwitch of the gateway's interface (`vsw-…`)."""
    address: str
    """Private address of the gateway there."""
    authoritative_dns: bool
    """Whether the gateway's name resolves outside linked and peer VPCs too."""
    peer_vpc_ids: tuple[str, ...]
    """Further VPCs in which the gateway's name resolves to the address."""


class ExistingEasGatewayInputs(ResourceModel):
    """Inputs of `ExistingEasGateway`."""

    gateway_id: Annotated[str, CREATE_ONLY]
    """Id of the gateway (`gw-…`)."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 600
    """Time limit of the wait until the gateway is Running, in seconds."""


class ExistingEasGatewayState(ResourceModel):
    """Outputs of `ExistingEasGateway` that come from the cloud."""

    kind: Literal["managed", "application", "unknown"]
    """Kind of the gateway; `application` is one on an Application Load Balancer."""
    status: str
    """Status of the gateway: `Running` once it works."""
    name: str
    """Name of the gateway."""
    vpc_domain: str
    """Domain name within VPCs; empty if it is not reached there."""
    internet_domain: str
    """Domain name on the internet; empty if it is not reached there."""
    linked_vpcs: tuple[LinkedVpcState, ...]
    """The VPCs that it is linked to."""


EXISTING_EAS_GATEWAY: Final = Contract(
    "dashlink:eas:ExistingEasGateway", ExistingEasGatewayInputs, ExistingEasGatewayState
)
"""`ExistingEasGateway`: a dedicated gateway that exists; nothing of it is changed."""
