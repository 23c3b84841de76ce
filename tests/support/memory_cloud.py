"""A cloud in memory, as the preflight reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from dashlink.errors import CloudError
from dashlink.preflight.lookups import ExistingVpc, OfferedService

ZONES = ("cn-beijing-h", "cn-beijing-k")
OFFERED = OfferedService("epsrv-1", "com.aliyuncs.dashscope", ("cn-beijing-g", *ZONES))
VPC = ExistingVpc("vpc-1", (IPv4Network("10.50.0.0/16"),))


class MemoryEasGateways:
    """Dedicated gateways of PAI-EAS: every id is a private one that runs."""

    def gateway(self, gateway_id):
        return {"GatewayId": gateway_id, "Status": "Running"}


@dataclass
class MemoryCloud:
    """Lookups of a cloud that has these resources."""

    service: OfferedService | None = OFFERED
    vpcs: dict[str, Any] = field(default_factory=lambda: {"vpc-1": VPC})
    switches: list[Any] = field(default_factory=list)
    groups: dict[str, Any] = field(default_factory=dict)
    regions: dict[str, Any] = field(default_factory=dict)
    gateways: dict[str, Any] = field(default_factory=dict)
    tags_of_gateways: list[Any] = field(default_factory=list)
    apis: list[Any] = field(default_factory=list)
    zones: dict[tuple[str, str], Any] = field(default_factory=dict)
    other_endpoints: list[Any] = field(default_factory=list)
    adopted: dict[str, Any] = field(default_factory=dict)
    domains: dict[str, str] = field(default_factory=dict)
    consumers: dict[str, Any] = field(default_factory=dict)
    eas_services: dict[str, Any] = field(default_factory=dict)
    eas_gateways: Any = field(default_factory=MemoryEasGateways)
    workspaces: dict[str, Any] = field(default_factory=dict)
    cen: Any = None
    peering_rows: list[Any] = field(default_factory=list)
    nat: dict[str, Any] = field(default_factory=dict)
    entries: dict[str, Any] = field(default_factory=dict)
    eips: dict[str, Any] = field(default_factory=dict)

    def endpoint_service(self, *, name, service_id, service_region):
        return self.service

    def in_region(self, region):
        return self.regions[region]

    def vpc(self, vpc_id):
        return self.vpcs.get(vpc_id)

    def stack_vpcs(self):
        return tuple(vpc for vpc in self.vpcs.values() if vpc.tags)

    def vswitches(self, vpc_id):
        return tuple(vswitch for vswitch in self.switches if vswitch.vpc_id == vpc_id)

    def vswitch(self, vswitch_id):
        for vswitch in self.switches:
            if vswitch.vswitch_id == vswitch_id:
                return vswitch
        return None

    def security_group(self, security_group_id):
        return self.groups.get(security_group_id)

    def private_zone(self, name, vpc_id):
        return self.zones.get((name, vpc_id))

    def endpoints(self, vpc_id, service_name):
        return tuple(self.other_endpoints)

    def endpoint(self, endpoint_id):
        return self.adopted.get(endpoint_id)

    def gateway(self, gateway_id):
        return self.gateways.get(gateway_id)

    def gateway_tags(self):
        return tuple(self.tags_of_gateways)

    def domain(self, name):
        return self.domains.get(name)

    def eas_service(self, name):
        return self.eas_services.get(name)

    def peerings(self, vpc_id):
        ends = ("Vpc", "AcceptingVpc")
        return [row for row in self.peering_rows if vpc_id in [row[end]["VpcId"] for end in ends]]

    def workspace(self, workspace_id):
        found = self.workspaces.get(workspace_id)
        if isinstance(found, CloudError):
            raise found
        return found

    def nat_gateway(self, nat_gateway_id):
        return self.nat.get(nat_gateway_id)

    def nat_gateways(self, vpc_id):
        return tuple(one for one in self.nat.values() if one.vpc_id == vpc_id)

    def snat_entries(self, nat_gateway_id):
        return tuple(self.entries.get(nat_gateway_id, ()))

    def eip(self, eip_id):
        return self.eips.get(eip_id)

    def consumer(self, name):
        return self.consumers.get(name)

    def model_apis(self):
        return tuple(self.apis)
