"""A peering of the network with one connected VPC, and a route on each side.

Within an account a peering needs no acceptance. The VPC of another account is accepted by its
owner: by `accepters` of `VpcConnectionsArgs`, the provider of that account, or by hand. Routes over
a peering that is not accepted yet were not verified, so that `acceptance: pending` has none.

Source: alicloud provider v1.285.0, resource_alicloud_vpc_peer_connection*.go: a creation ends in
Activated or Accepting, and AcceptVpcPeerConnection is a resource of the other account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pulumi
from pulumi_alicloud import vpc

from dashlink.component import deleted_first
from dashlink.network.connected import ConnectedVpcSettings
from dashlink.network.connected_vpc import Labels


@dataclass(frozen=True)
class Side:
    """One side of a peering.

    Attributes:
        vpc_id: Its VPC.
        cidr: Block to which the other side has a route.
        table_id: Its system route table; called only for a route.
        options: Options for its resources, with the provider of its region and account.
    """

    vpc_id: pulumi.Input[str]
    cidr: Callable[[], pulumi.Input[str]]
    table_id: Callable[[], pulumi.Input[str]]
    options: pulumi.ResourceOptions


def declare_peering(
    key: str,
    connected: ConnectedVpcSettings,
    near: Side,
    far: Side,
    labels: Labels,
    *,
    accepted_here: bool,
) -> pulumi.Output[str]:
    """Declare the connection and its routes; return its id.

    Args:
        key: Name of the connected VPC.
        connected: Its settings.
        near: The network.
        far: The connected VPC.
        labels: Names and tags.
        accepted_here: Whether ``far.options`` have the provider of another account, which accepts.
    """
    peering = vpc.PeerConnection(
        f"{labels.logical}-{key}-peering",
        peer_connection_name=labels.physical(key),
        vpc_id=near.vpc_id,
        accepting_ali_uid=int(connected.account_id or 0),  # the rules require it
        accepting_region_id=connected.region,
        accepting_vpc_id=far.vpc_id,
        bandwidth=connected.bandwidth_mbps,
        resource_group_id=labels.resource_group_id,
        tags=labels.tags,
        opts=deleted_first(near.options),
    )
    after: list[pulumi.Resource] = []
    if accepted_here:
        accepter = vpc.PeerConnectionAccepter(
            f"{labels.logical}-{key}-accepter", instance_id=peering.id, opts=far.options
        )
        after.append(accepter)
    if accepted_here or connected.acceptance != "pending":
        _route(f"{key}-there", peering, near, far, labels, after)
    if accepted_here or connected.is_of_stack:
        _route(f"{key}-back", peering, far, near, labels, after)
    return peering.id


def _route(
    name: str,
    peering: vpc.PeerConnection,
    source: Side,
    target: Side,
    labels: Labels,
    after: list[pulumi.Resource],
) -> None:
    """Declare the route of one side to the other."""
    options = pulumi.ResourceOptions.merge(
        deleted_first(source.options), pulumi.ResourceOptions(depends_on=after or None)
    )
    vpc.RouteEntry(
        f"{labels.logical}-{name}",
        route_table_id=source.table_id(),
        destination_cidrblock=target.cidr(),
        nexthop_type="VpcPeer",
        nexthop_id=peering.id,
        name=labels.physical(name),
        opts=options,
    )


def steps_of_owner(key: str, connected: ConnectedVpcSettings, cidr: str) -> str:
    """Return what the owner of a pending peering has to do, as one note with its commands.

    Args:
        key: Name of the connected VPC.
        connected: Its settings.
        cidr: Block of the network, or words for it where it is unknown.
    """
    return (
        f"The account {connected.account_id} has to accept the peering to {connected.vpc_id} (its "
        f"id: connected_vpcs.{key}.connection_id of the outputs): aliyun vpcpeer "
        f"AcceptVpcPeerConnection --region {connected.region} --InstanceId pcc-…. Then a route "
        f"back in that VPC's route table: aliyun vpc CreateRouteEntry --region {connected.region} "
        f"--RouteTableId vtb-… --DestinationCidrBlock {cidr} --NextHopType VpcPeer --NextHopId "
        "pcc-…. And a private zone of its own for each name, with a CNAME to endpoint_domain. When "
        f"it is accepted, write `acceptance: accepted` under network.connected_vpcs.{key}."
    )
