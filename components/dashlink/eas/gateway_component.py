"""`EasGatewayAccess`: a dedicated gateway of PAI-EAS, new or existing, with its links.

EasGateway -> EasGatewayLink for each linked VPC; or ExistingEasGateway
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from dashlink.component import CheckedComponent
from dashlink.eas import gateway_rules
from dashlink.eas.gateway_plan import (
    acl_entries,
    domain_inputs,
    gateway_name,
    gateway_outputs,
    link_zone,
    peer_inputs,
)
from dashlink.eas.gateway_settings import EasGatewaySettings, EasLinkSettings
from dashlink.resources.eas_gateway import EasGateway, EasGatewayLink, ExistingEasGateway
from dashlink.resources.eas_service import TagArgs
from dashlink.resources.provider import provider_for


@dataclass(frozen=True, kw_only=True)
class EasGatewayAccessArgs:
    """Arguments of `EasGatewayAccess`.

    Attributes:
        key: Name of the gateway in the settings; part of the default name in the cloud.
        settings: Settings of the gateway.
        region: Region of the gateway, the same as that of the provider.
        vpc_id: The stack's own VPC, for links without a `vpc_id`.
        vswitch_ids: vSwitches of that VPC by zone.
        tags: Tags of a new gateway.
        private_only: Refuse what is on the internet.
    """

    key: str
    settings: EasGatewaySettings
    region: str
    vpc_id: pulumi.Input[str] | None = None
    vswitch_ids: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    private_only: bool = False


class EasGatewayAccess(CheckedComponent):
    """A dedicated gateway through which callers reach model services of PAI-EAS.

    Attributes:
        gateway_id: Id of the gateway, known once its links work: what uses it comes after them, and
            is deleted before them.
        outputs: Names and links, in the shape of
            `dashlink.clients.outputs.DedicatedGatewayOutputs`.

    Raises:
        ConfigError: If the settings have faults: all of them.
    """

    gateway_id: pulumi.Output[str]
    outputs: pulumi.Output[dict[str, Any]]

    def __init__(
        self, name: str, args: EasGatewayAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        context = gateway_rules.GatewayContext(
            private_only=args.private_only, zones=tuple(args.vswitch_ids), vpc_id=args.vpc_id
        )
        faults = [*gateway_rules.find_faults({args.key: args.settings}, context)]
        super().__init__("dashlink:eas:EasGatewayAccess", name, opts, faults=faults)
        self._args = args
        provider = provider_for(self, name, args.region)
        self._child = pulumi.ResourceOptions(parent=self, provider=provider)
        if args.settings.id is not None:
            self._adopt(args.settings.id)
        else:
            self._create()
        self.register_outputs({"gateway_id": self.gateway_id, "outputs": self.outputs})

    def _adopt(self, gateway_id: str) -> None:
        gateway = ExistingEasGateway(
            self._name,
            gateway_id=gateway_id,
            timeout_seconds=self._args.settings.timeout_seconds,
            opts=self._child,
        )
        self.gateway_id = gateway.id
        found = {
            "kind": gateway.kind,
            "vpc_domain": gateway.vpc_domain,
            "internet_domain": gateway.internet_domain,
            "linked_vpcs": gateway.linked_vpcs,
        }
        self.outputs = pulumi.Output.all(gateway_id=gateway.id, **found).apply(self._outputs)

    def _create(self) -> None:
        settings = self._args.settings
        tags: list[TagArgs] = []
        for key, value in sorted(self._args.tags.items()):
            tags.append({"key": key, "value": value})
        project, stack = pulumi.get_project(), pulumi.get_stack()
        gateway = EasGateway(
            self._name,
            name=gateway_name(project, stack, self._args.key, settings),
            resource_group=settings.resource_group,
            instance_type=settings.instance_type,
            replicas=settings.replicas,
            internet=settings.internet,
            intranet=settings.intranet,
            ssl_redirection=settings.ssl_redirection,
            is_default=settings.default,
            internet_acl=acl_entries(settings.internet_acl),
            domains=domain_inputs(settings),
            tags=tags,
            timeout_seconds=settings.timeout_seconds,
            opts=self._child,
        )
        links = []
        for number, link in enumerate(settings.links):
            links.append(self._link(gateway, link, number))
        ids = [link.id for link in links]
        self.gateway_id = pulumi.Output.all(gateway.id, *ids).apply(lambda known: known[0])
        rows = [
            _linked(link, declared) for link, declared in zip(settings.links, links, strict=True)
        ]
        found = {
            "kind": "managed",
            "vpc_domain": gateway.vpc_domain,
            "internet_domain": gateway.internet_domain,
            "linked_vpcs": rows,
        }
        self.outputs = pulumi.Output.all(gateway_id=gateway.id, **found).apply(self._outputs)

    def _link(self, gateway: EasGateway, link: EasLinkSettings, number: int) -> EasGatewayLink:
        """Declare a link, named by its VPC, so that the order in the settings does not count."""
        args = self._args
        zone = link_zone(link, args.vswitch_ids)
        vpc_id: pulumi.Input[str] | None = link.vpc_id
        vswitch_id: pulumi.Input[str] | None = link.vswitch_id
        suffix = link.vpc_id if isinstance(link.vpc_id, str) else f"vpc-{number}"
        if zone is not None:
            vpc_id, vswitch_id = args.vpc_id, args.vswitch_ids[zone]
            suffix = "own-vpc"
        assert vpc_id is not None  # noqa: S101 - by the rules of links
        assert vswitch_id is not None  # noqa: S101 - above
        return EasGatewayLink(
            f"{self._name}-{suffix}",
            gateway_id=gateway.id,
            vpc_id=vpc_id,
            vswitch_id=vswitch_id,
            zone_id=zone,
            account_id=link.account_id,
            authoritative_dns=link.authoritative_dns,
            peers=peer_inputs(link.peers, args.region),
            acl=acl_entries(link.acl),
            timeout_seconds=args.settings.timeout_seconds,
            opts=self._child,
        )

    def _outputs(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return gateway_outputs(known["gateway_id"], self._args.settings, known)


def _linked(link: EasLinkSettings, declared: EasGatewayLink) -> dict[str, Any]:
    """Return the outputs of a link."""
    peers: Sequence[Any] = [peer.vpc_id for peer in link.peers]
    return {
        "vpc_id": declared.vpc_id,
        "vswitch_id": declared.vswitch_id,
        "address": declared.address,
        "authoritative_dns": link.authoritative_dns,
        "peer_vpc_ids": peers,
    }
