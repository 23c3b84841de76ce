"""Look-ups of a network and its way out: VPC, vSwitch, security group, rule, NAT gateway, EIP.

Fields of the answers: SDK vpc 7.2.2 and ecs 7.11.8. Ids: section "Import" of the page of each
resource of the alicloud provider v1.285.0 (website/docs/r).
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.recovery.desired import Found, Inputs
from dashlink.recovery.ownership import owned
from dashlink.recovery.reads import Reads


def vpcs(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """VPCs of the name, with the stack's tags."""
    name = inputs.text("vpcName")
    rows = reads.vpc("DescribeVpcs", "Vpcs.Vpc", VpcName=name)
    for row in owned(rows, inputs, name="VpcName", named=name):
        yield Found(row["VpcId"], row["VpcId"])


def vswitches(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """VSwitches of the VPC with the name, the zone and the block."""
    vpc_id, name = inputs.text("vpcId"), inputs.text("vswitchName")
    place = (inputs.text("zoneId"), inputs.text("cidrBlock"))
    rows = reads.vpc("DescribeVSwitches", "VSwitches.VSwitch", VpcId=vpc_id)
    for row in owned(rows, inputs, name="VSwitchName", named=name, tagged_later=True):
        if (row.get("ZoneId"), row.get("CidrBlock")) == place:
            yield Found(row["VSwitchId"], row["VSwitchId"])


def security_groups(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """Security groups of the VPC with the name and the stack's tags."""
    vpc_id, name = inputs.text("vpcId"), inputs.text("securityGroupName")
    rows = reads.ecs("DescribeSecurityGroups", "SecurityGroups.SecurityGroup", VpcId=vpc_id)
    for row in owned(rows, inputs, name="SecurityGroupName", named=name):
        yield Found(row["SecurityGroupId"], row["SecurityGroupId"])


def rules(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The rule of the group: by direction, protocol, ports, source, policy and priority."""
    group_id, direction = inputs.text("securityGroupId"), inputs.text("type")
    source_id = inputs.text("sourceSecurityGroupId")
    protocol, ports = inputs.text("ipProtocol"), inputs.text("portRange")
    source = inputs.text("cidrIp") or source_id
    policy, priority = inputs.text("policy"), inputs.text("priority")
    rows = reads.ecs(
        "DescribeSecurityGroupAttribute",
        "Permissions.Permission",
        SecurityGroupId=group_id,
        Direction=direction,
    )
    for row in rows:
        actual = (
            str(row.get("IpProtocol")).lower(),
            row.get("PortRange"),
            row.get("SourceCidrIp") or row.get("SourceGroupId"),
            str(row.get("Policy")).lower(),
            str(row.get("Priority")),
        )
        if actual == (protocol.lower(), ports, source, policy.lower(), priority):
            nic_type = inputs.text("nicType")
            parts = (group_id, direction, protocol, ports, nic_type, source, policy, priority)
            yield Found(str(row.get("SecurityGroupRuleId") or source), ":".join(parts))
            return


def nat_gateways(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """NAT gateways of the VPC with the name."""
    vpc_id, name = inputs.text("vpcId"), inputs.text("natGatewayName")
    rows = reads.vpc("DescribeNatGateways", "NatGateways.NatGateway", VpcId=vpc_id)
    for row in owned(rows, inputs, name="Name", named=name, tagged_later=True):
        yield Found(row["NatGatewayId"], row["NatGatewayId"])


def eips(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """EIPs of the name."""
    name = inputs.text("addressName")
    rows = reads.vpc("DescribeEipAddresses", "EipAddresses.EipAddress", EipName=name)
    for row in owned(rows, inputs, name="Name", named=name, tagged_later=True):
        yield Found(row["AllocationId"], row["AllocationId"])


def eip_associations(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The association of the EIP with the instance."""
    eip_id, instance_id = inputs.text("allocationId"), inputs.text("instanceId")
    for row in reads.vpc("DescribeEipAddresses", "EipAddresses.EipAddress", AllocationId=eip_id):
        if row.get("InstanceId") == instance_id:
            yield Found(eip_id, f"{eip_id}:{instance_id}")


def snat_entries(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The entry of the SNAT table for the vSwitch, which has one at a time."""
    table_id, vswitch_id = inputs.text("snatTableId"), inputs.text("sourceVswitchId")
    action, rows = "DescribeSnatTableEntries", "SnatTableEntries.SnatTableEntry"
    for row in reads.vpc(action, rows, SnatTableId=table_id):
        if row.get("SourceVSwitchId") == vswitch_id:
            yield Found(row["SnatEntryId"], f"{table_id}:{row['SnatEntryId']}")


def route_entries(reads: Reads, inputs: Inputs) -> Iterator[Found]:
    """The route of the table: by block and next hop."""
    table_id, hop_id = inputs.text("routeTableId"), inputs.text("nexthopId")
    cidr, hop_type = inputs.text("destinationCidrblock"), inputs.text("nexthopType")
    if not _has_route(reads, table_id, cidr, hop_id):
        return
    action, rows = "DescribeRouteTableList", "RouterTableList.RouterTableListType"
    for table in reads.vpc(action, rows, RouteTableId=table_id):
        parts = (table_id, str(table.get("RouterId")), cidr, hop_type, hop_id)
        yield Found(cidr, ":".join(parts))


def _has_route(reads: Reads, table_id: str, cidr: str, hop_id: str) -> bool:
    for route in reads.routes(RouteTableId=table_id):
        hops = (route.get("NextHops") or {}).get("NextHop") or ()
        if route.get("DestinationCidrBlock") == cidr:
            return any(hop.get("NextHopId") == hop_id for hop in hops)
    return False
