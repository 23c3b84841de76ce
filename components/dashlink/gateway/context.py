"""What the rules of the gateway know of the stack around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dashlink.endpoint.catalog import ResolvedEndpoint

if TYPE_CHECKING:
    from dashlink.eas.settings import EasServiceSettings
    from dashlink.maas.settings import MaasServiceSettings
    from dashlink.network.settings import NetworkSettings


@dataclass(frozen=True, kw_only=True)
class RuleContext:
    """Facts about the stack; what is None is unknown, and rules that need it are skipped.

    Attributes:
        zones: Zones that have a vSwitch.
        vpc_id: Id of the VPC.
        creates_vpc: Whether the stack creates its VPC, so that nothing else can be in it.
        endpoints: Endpoints of the stack by name; None for one whose facts are unknown.
        eas_services: Model services of PAI-EAS by name; None for one whose facts are unknown.
        maas_services: Model services of MaaS by name; None for one whose facts are unknown.
        private_only: Whether the stack refuses everything public.
        network: The network, with the clients that may reach the endpoints.
    """

    zones: tuple[str, ...] | None = None
    vpc_id: str | None = None
    creates_vpc: bool = False
    endpoints: Mapping[str, ResolvedEndpoint | None] | None = None
    eas_services: Mapping[str, EasServiceSettings | None] | None = None
    maas_services: Mapping[str, MaasServiceSettings | None] | None = None
    private_only: bool = False
    network: NetworkSettings | None = None

    @property
    def private_domains(self) -> frozenset[str]:
        """Private domains of the stack's endpoints, as far as they are known."""
        domains = set()
        for endpoint in (self.endpoints or {}).values():
            if endpoint is not None and endpoint.private_domain is not None:
                domains.add(endpoint.private_domain)
        return frozenset(domains)

    @classmethod
    def of_stack(
        cls,
        network: NetworkSettings | None,
        endpoints: Mapping[str, ResolvedEndpoint | None] | None,
        *,
        private_only: bool,
    ) -> RuleContext:
        """Context of a stack's settings; ``network`` and ``endpoints`` are None where invalid."""
        context = cls(endpoints=endpoints, private_only=private_only)
        if network is None:
            return context
        vpc_id = known_id(network.vpc_id)
        creates_vpc = network.vpc_id is None
        context = replace(context, network=network, creates_vpc=creates_vpc)
        return replace(context, zones=network.zones, vpc_id=vpc_id)


def known_id(value: object) -> str | None:
    """``value`` where it is text; None for the output of another resource."""
    return value if isinstance(value, str) else None
