"""The deployed stack that is checked: its settings, its outputs, and a reader of its account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from dashlink.check.reader import Reader
from dashlink.clients.outputs import EndpointOutputs, Outputs
from dashlink.endpoint.settings import EndpointSettings
from dashlink.network.existing_group import Clients
from dashlink.settings import StackSettings

REPAIR = "`pulumi refresh` shows the difference, and `up` restores it."
"""Advice for a resource of the stack that was changed or deleted outside of it."""


@dataclass(frozen=True)
class DeployedStack:
    """A stack that `up` has deployed.

    Attributes:
        settings: Its settings; what they have and the outputs lack is not deployed.
        outputs: Its outputs.
        reader: Reads the cloud in its region.
    """

    settings: StackSettings
    outputs: Outputs
    reader: Reader

    @property
    def region(self) -> str:
        """Region of the stack."""
        return self.outputs.region

    def endpoints(self) -> Iterator[tuple[str, EndpointSettings, EndpointOutputs]]:
        """Yield the deployed endpoints: name, settings and outputs."""
        for name, outputs in sorted(self.outputs.endpoints.items()):
            if name in self.settings.endpoints:
                yield name, self.settings.endpoints[name], outputs

    def clients(self) -> Iterator[Clients]:
        """Yield the ranges of clients that a security group must let in.

        Raises:
            CloudError: If the VPC cannot be read.
        """
        network = self.settings.network
        vpc = self.reader.vpc(self.outputs.vpc_id)
        if network.ingress.from_vpc and vpc is not None:
            yield Clients("the VPC", vpc.cidrs)
        for cidr in network.ingress.from_cidrs:
            yield Clients(f"{cidr} of network.ingress", (cidr,), all_connect=True)
        for name, connected in sorted(self.outputs.connected_vpcs.items()):
            cidr = IPv4Network(connected.cidr)
            yield Clients(f"the connected VPC {name}", (cidr,), all_connect=True)

    def tables_of(self, vpc_id: str, within: IPv4Network | None = None) -> list[str]:
        """Return the route tables that vSwitches of a VPC use, sorted.

        Args:
            vpc_id: The stack's VPC, or a connected one.
            within: Only of vSwitches in this block; None: only of the stack's own vSwitches.

        Raises:
            CloudError: If the vSwitches cannot be read.
        """
        region = self.region
        for connected in self.outputs.connected_vpcs.values():
            if connected.vpc_id == vpc_id:
                region = connected.region
        own = set(self.outputs.vswitch_ids.values())
        tables = set()
        for row in self.reader.in_region(region).vswitches(vpc_id):
            is_used = row["VSwitchId"] in own
            if within is not None:
                is_used = IPv4Network(row["CidrBlock"]).subnet_of(within)
            table_id = (row.get("RouteTable") or {}).get("RouteTableId")
            if is_used and table_id:
                tables.add(str(table_id))
        return sorted(tables)
