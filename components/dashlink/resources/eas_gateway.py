"""Dedicated gateways of PAI-EAS: new and existing ones, and the VPCs linked to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.eas_service import TagArgs
from dashlink.resources.models.eas_gateway import EAS_GATEWAY, EXISTING_EAS_GATEWAY
from dashlink.resources.models.eas_gateway_link import EAS_GATEWAY_LINK


class AclEntryArgs(TypedDict):
    """See `AclEntryInputs`."""

    cidr: pulumi.Input[str]
    comment: NotRequired[pulumi.Input[str]]


class CustomDomainArgs(TypedDict):
    """See `CustomDomainInputs`."""

    domain: pulumi.Input[str]
    type: pulumi.Input[Literal["intranet", "internet"]]
    certificate_id: NotRequired[pulumi.Input[str] | None]


class EasGateway(DashlinkResource):
    """A fully managed dedicated gateway of PAI-EAS, changed in place.

    The creation waits until the gateway is Running. The id is the gateway's.
    """

    contract = EAS_GATEWAY

    name: pulumi.Output[str]
    resource_group: pulumi.Output[str | None]
    instance_type: pulumi.Output[str]
    replicas: pulumi.Output[int]
    internet: pulumi.Output[bool]
    intranet: pulumi.Output[bool]
    ssl_redirection: pulumi.Output[bool]
    is_default: pulumi.Output[bool]
    internet_acl: pulumi.Output[list[dict[str, Any]] | None]
    domains: pulumi.Output[list[dict[str, Any]]]
    tags: pulumi.Output[list[dict[str, Any]]]
    timeout_seconds: pulumi.Output[int]
    status: pulumi.Output[str]
    vpc_domain: pulumi.Output[str]
    internet_domain: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        resource_group: pulumi.Input[str] | None = None,
        instance_type: pulumi.Input[str],
        replicas: pulumi.Input[int] | None = None,
        internet: pulumi.Input[bool] | None = None,
        intranet: pulumi.Input[bool] | None = None,
        ssl_redirection: pulumi.Input[bool] | None = None,
        is_default: pulumi.Input[bool] | None = None,
        internet_acl: pulumi.Input[Sequence[pulumi.Input[AclEntryArgs]]] | None = None,
        domains: pulumi.Input[Sequence[pulumi.Input[CustomDomainArgs]]] | None = None,
        tags: pulumi.Input[Sequence[pulumi.Input[TagArgs]]] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the gateway; the arguments are the fields of `EasGatewayInputs`."""
        super().__init__(resource_name, locals(), opts)


class ExistingEasGateway(DashlinkResource):
    """Reads a dedicated gateway that exists, once it is Running; nothing of it is changed.

    The id is the gateway's.
    """

    contract = EXISTING_EAS_GATEWAY

    gateway_id: pulumi.Output[str]
    timeout_seconds: pulumi.Output[int]
    kind: pulumi.Output[Literal["managed", "application", "unknown"]]
    status: pulumi.Output[str]
    name: pulumi.Output[str]
    vpc_domain: pulumi.Output[str]
    internet_domain: pulumi.Output[str]
    linked_vpcs: pulumi.Output[list[dict[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        gateway_id: pulumi.Input[str],
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the lookup; the arguments are the fields of `ExistingEasGatewayInputs`."""
        super().__init__(resource_name, locals(), opts)


class PeerVpcArgs(TypedDict):
    """See `PeerVpcInputs`."""

    vpc_id: pulumi.Input[str]
    region: pulumi.Input[str]


class EasGatewayLink(DashlinkResource):
    """Links a VPC to a dedicated gateway, with peer VPCs and an access list.

    The creation waits until the link is Running. The id is `<gateway>/<VPC>`.
    """

    contract = EAS_GATEWAY_LINK

    gateway_id: pulumi.Output[str]
    vpc_id: pulumi.Output[str]
    vswitch_id: pulumi.Output[str]
    zone_id: pulumi.Output[str | None]
    account_id: pulumi.Output[str | None]
    authoritative_dns: pulumi.Output[bool]
    peers: pulumi.Output[list[dict[str, Any]]]
    acl: pulumi.Output[list[dict[str, Any]] | None]
    timeout_seconds: pulumi.Output[int]
    status: pulumi.Output[str]
    address: pulumi.Output[str]
    security_group_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        gateway_id: pulumi.Input[str],
        vpc_id: pulumi.Input[str],
        vswitch_id: pulumi.Input[str],
        zone_id: pulumi.Input[str] | None = None,
        account_id: pulumi.Input[str] | None = None,
        authoritative_dns: pulumi.Input[bool] | None = None,
        peers: pulumi.Input[Sequence[pulumi.Input[PeerVpcArgs]]] | None = None,
        acl: pulumi.Input[Sequence[pulumi.Input[AclEntryArgs]]] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the link; the arguments are the fields of `EasGatewayLinkInputs`."""
        super().__init__(resource_name, locals(), opts)
