"""Networks and gateways in a sandbox, created with the official SDKs as their docs describe it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alibabacloud_apig20240327 import models as apig_models
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official
from support.rpc import Rpc
from support.waiting import wait_for

from dashlink_sandbox import Sandbox

REGION = "cn-beijing"
ZONES = ("cn-beijing-h", "cn-beijing-k")
MODEL_STUDIO = "vpc-cn-beijing.dashscope.aliyuncs.com"
_PVTZ = "2018-01-01"


@dataclass(frozen=True)
class Network:
    """A VPC with a vSwitch in each of `ZONES`.

    Attributes:
        vpc_id: The VPC.
        vswitch_ids: Its vSwitches, in the order of `ZONES`.
        group_id: Its security group, which allows HTTP and HTTPS from the VPC; empty for none.
    """

    vpc_id: str
    vswitch_ids: tuple[str, ...]
    group_id: str = ""


def create_vpc(cloud: Sandbox, cidr: str) -> str:
    """Create a VPC, wait until it is available and return its id."""
    request = vpc_models.CreateVpcRequest(region_id=REGION, cidr_block=cidr)
    vpc_id: str = official.vpc(cloud).create_vpc(request).body.vpc_id
    wait_for(lambda: cloud.state.vpcs[vpc_id].status == "Available", f"{vpc_id} is available")
    return vpc_id


def create_vswitches(cloud: Sandbox, vpc_id: str, blocks: Mapping[str, str]) -> dict[str, str]:
    """Create vSwitches from their CIDR blocks by zone; return their ids by zone."""
    client = official.vpc(cloud)
    vswitch_ids = {}
    for zone, block in blocks.items():
        request = vpc_models.CreateVSwitchRequest(
            region_id=REGION, vpc_id=vpc_id, zone_id=zone, cidr_block=block
        )
        vswitch_ids[zone] = client.create_vswitch(request).body.v_switch_id
    return vswitch_ids


def create_group(cloud: Sandbox, vpc_id: str) -> str:
    """Create a security group without rules and return its id."""
    request = ecs_models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id)
    group_id: str = official.ecs(cloud).create_security_group(request).body.security_group_id
    return group_id


def open_port(cloud: Sandbox, group_id: str, port: int, source_cidr: str) -> None:
    """Allow TCP to ``port`` from ``source_cidr``."""
    rule = ecs_models.AuthorizeSecurityGroupRequestPermissions(**_rule(port, source_cidr))
    request = ecs_models.AuthorizeSecurityGroupRequest(
        region_id=REGION, security_group_id=group_id, permissions=[rule]
    )
    official.ecs(cloud).authorize_security_group(request)


@contextmanager
def closed_port(cloud: Sandbox, group_id: str, port: int, source_cidr: str) -> Iterator[None]:
    """Remove the rule that `open_port` added, for the duration of the block."""
    rule = ecs_models.RevokeSecurityGroupRequestPermissions(**_rule(port, source_cidr))
    request = ecs_models.RevokeSecurityGroupRequest(
        region_id=REGION, security_group_id=group_id, permissions=[rule]
    )
    official.ecs(cloud).revoke_security_group(request)
    try:
        yield
    finally:
        open_port(cloud, group_id, port, source_cidr)


def _rule(port: int, source_cidr: str) -> dict[str, str]:
    return {
        "ip_protocol": "tcp",
        "port_range": f"{port}/{port}",
        "source_cidr_ip": source_cidr,
        "policy": "accept",
        "priority": "1",
        "nic_type": "intranet",
    }


def create_network(cloud: Sandbox, prefix: str = "10.20") -> Network:
    """Create a network with the CIDR block ``prefix``.0.0/16 and a security group."""
    cidr = f"{prefix}.0.0/16"
    vpc_id = create_vpc(cloud, cidr)
    blocks = {ZONES[0]: f"{prefix}.1.0/24", ZONES[1]: f"{prefix}.2.0/24"}
    vswitch_ids = create_vswitches(cloud, vpc_id, blocks)
    group_id = create_group(cloud, vpc_id)
    for port in (80, 443):
        open_port(cloud, group_id, port, cidr)
    return Network(vpc_id, tuple(vswitch_ids.values()), group_id)


def create_endpoint(cloud: Sandbox, network: Network) -> str:
    """Create an endpoint to Model Studio in both zones, with its private name; return its id."""
    zones = []
    for zone, vswitch_id in zip(ZONES, network.vswitch_ids, strict=True):
        row = privatelink_models.CreateVpcEndpointRequestZone(zone_id=zone, v_switch_id=vswitch_id)
        zones.append(row)
    request = privatelink_models.CreateVpcEndpointRequest(
        region_id=REGION,
        vpc_id=network.vpc_id,
        service_name="com.aliyuncs.dashscope",
        security_group_id=[network.group_id],
        zone=zones,
    )
    endpoint_id: str = official.privatelink(cloud).create_vpc_endpoint(request).body.endpoint_id

    def is_connected() -> bool:
        return cloud.state.endpoints[endpoint_id].connection_status == "Connected"

    wait_for(is_connected, f"{endpoint_id} is connected")
    create_name(cloud, network, MODEL_STUDIO, cloud.state.endpoints[endpoint_id].endpoint_domain)
    return endpoint_id


def create_name(
    cloud: Sandbox, network: Network, name: str, target: str, host_record: str = "@"
) -> None:
    """Create a private zone of the VPC with one CNAME, by RPC: its product has no SDK here."""
    rpc = Rpc.from_env(cloud.url, cloud.env)
    zone_id = str(rpc(_PVTZ, "AddZone", ZoneName=name)["ZoneId"])
    rpc(_PVTZ, "AddZoneRecord", ZoneId=zone_id, Rr=host_record, Type="CNAME", Value=target)
    bind_zone(rpc, zone_id, network.vpc_id)


def bind_zone(rpc: Rpc, zone_id: str, *vpc_ids: str) -> None:
    """Attach a private zone to exactly these VPCs."""
    vpcs = {}
    for number, vpc_id in enumerate(vpc_ids, 1):
        vpcs[f"Vpcs.{number}.RegionId"] = REGION
        vpcs[f"Vpcs.{number}.VpcId"] = vpc_id
    rpc(_PVTZ, "BindZoneVpc", ZoneId=zone_id, **vpcs)


def gateway_body(network: Network, name: str, **other: Any) -> dict[str, Any]:
    """The body of CreateGateway for the smallest AI gateway, with ``other`` fields."""
    zones = []
    for zone, vswitch_id in zip(ZONES, network.vswitch_ids, strict=True):
        zones.append({"zoneId": zone, "vSwitchId": vswitch_id})
    return {
        "name": name,
        "gatewayType": "AI",
        "gatewayEdition": "Professional",
        "chargeType": "POSTPAY",
        "spec": "aigw.small.x1",
        "vpcId": network.vpc_id,
        "zoneConfig": {"selectOption": "Manual", "zones": zones},
        "networkAccessConfig": {"type": "Intranet"},
        **other,
    }


def create_gateway(cloud: Sandbox, network: Network, name: str = "main", **other: Any) -> str:
    """Create a gateway, wait until it runs and return its id."""
    body = gateway_body(network, name, **other)
    request = apig_models.CreateGatewayRequest().from_map(body)
    gateway_id: str = official.apig(cloud).create_gateway(request).body.data.gateway_id
    wait_for(lambda: cloud.state.gateways[gateway_id].status == "Running", f"{gateway_id} runs")
    return gateway_id
