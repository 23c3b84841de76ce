"""Read-only requests of one account, by region; each answer is read once.

Sources: VPC 2016-04-28 (SDK 7.2.2), PrivateZone 2018-01-01 (SDK 1.5.0), Cbn 2017-09-12 (SDK cbn
1.4.0) and VpcPeer 2022-01-01 (SDK vpcpeer 2.0.5), with the parameters and fields that the alicloud
provider v1.285.0 sends and reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv4Network
from typing import Any, TypeVar

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.cloud.eas import EasApi
from dashlink.cloud.eas_gateways import EasGatewayApi
from dashlink.cloud.openapi import Json, OpenApi
from dashlink.cloud.pages import rows_at, rows_by_number, rows_by_token
from dashlink.errors import CloudError
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import ExistingSecurityGroup, ExistingVpc, ExistingWorkspace
from dashlink.provider.endpoint.privatelink import EndpointReading, PrivatelinkApi

_NO_PEERING = "ResourceNotFound.InstanceId"

_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class Route:
    """A route of a VPC's table; ``hops`` are ids and types of its next hops, one or more."""

    cidr: IPv4Network
    hops: Mapping[str, str]


class Reader:
    """The cloud as a check reads it; threads may share it.

    A resource that does not exist is None, or is not in the list.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure a client for each product."""
        self.region = account.region
        self.apig = ApigApi(account)
        self.eas = EasApi(account)
        self.eas_gateways = EasGatewayApi(account)
        self._account = account
        self._lookups = CloudLookups(account)
        self._privatelink = OpenApi(account, "privatelink")
        self._vpc = OpenApi(account, "vpc")
        self._pvtz = OpenApi(account, "pvtz")
        self._cbn = OpenApi(account, "cbn")
        self._peering = OpenApi(account, "vpcpeer")
        self._answers: dict[Any, Any] = {}
        self._readers: dict[str, Reader] = {self.region: self}
        self._lock = threading.Lock()

    def in_region(self, region: str) -> Reader:
        """Return the reader of the same account in a region."""
        with self._lock:
            if region not in self._readers:
                reader = Reader(replace(self._account, region=region))
                reader._readers = self._readers
                self._readers[region] = reader
            return self._readers[region]

    def once(self, key: Any, request: Callable[[], _Answer]) -> _Answer:
        """Return the answer of ``request``, which is sent only if ``key`` has no answer yet."""
        if key not in self._answers:
            self._answers[key] = request()
        answer: _Answer = self._answers[key]
        return answer

    # -- network -------------------------------------------------------------------------------

    def vpc(self, vpc_id: str) -> ExistingVpc | None:
        """DescribeVpcs."""
        return self.once(("vpc", vpc_id), lambda: self._lookups.vpc(vpc_id))

    def vswitches(self, vpc_id: str) -> list[Json]:
        """DescribeVSwitches: every vSwitch of a VPC, with its route table."""
        read = partial(
            rows_by_number,
            self._vpc,
            "DescribeVSwitches",
            "VSwitches.VSwitch",
            VpcId=vpc_id,
            RegionId=self.region,
        )
        return self.once(("vswitches", vpc_id), read)

    def route_tables(self, vpc_id: str) -> dict[str, Json]:
        """DescribeRouteTableList: the route tables of a VPC by their ids."""
        read = partial(
            rows_by_number,
            self._vpc,
            "DescribeRouteTableList",
            "RouterTableList.RouterTableListType",
            VpcId=vpc_id,
            RegionId=self.region,
        )
        rows = self.once(("route tables", vpc_id), read)
        return {str(row["RouteTableId"]): row for row in rows}

    def routes(self, table_id: str) -> list[Route]:
        """DescribeRouteEntryList: every IPv4 route of a table."""
        read = partial(
            rows_by_token,
            self._vpc,
            "DescribeRouteEntryList",
            "RouteEntrys.RouteEntry",
            size="MaxResult",
            RouteTableId=table_id,
            RegionId=self.region,
        )
        rows = self.once(("routes", table_id), read)
        return [_route(row) for row in rows if ":" not in str(row.get("DestinationCidrBlock"))]

    def nat_gateway(self, gateway_id: str) -> Json | None:
        """DescribeNatGateways: one NAT gateway."""
        filters = {"NatGatewayId": gateway_id, "RegionId": self.region}
        read = partial(
            rows_by_number, self._vpc, "DescribeNatGateways", "NatGateways.NatGateway", **filters
        )
        rows = self.once(("nat", gateway_id), read)
        return next((row for row in rows if row.get("NatGatewayId") == gateway_id), None)

    def snat_entries(self, table_id: str) -> list[Json]:
        """DescribeSnatTableEntries: every entry of an SNAT table."""
        filters = {"SnatTableId": table_id, "RegionId": self.region}
        read = partial(
            rows_by_number,
            self._vpc,
            "DescribeSnatTableEntries",
            "SnatTableEntries.SnatTableEntry",
            **filters,
        )
        return self.once(("snat", table_id), read)

    def security_group(self, group_id: str) -> ExistingSecurityGroup | None:
        """DescribeSecurityGroups and DescribeSecurityGroupAttribute."""
        read = partial(self._lookups.security_group, group_id)
        return self.once(("group", group_id), read)

    def workspace(self, workspace_id: str) -> ExistingWorkspace | None:
        """ListWorkspaces of Model Studio."""
        return self._lookups.workspace(workspace_id)

    # -- endpoints and private zones -----------------------------------------------------------

    def endpoint(self, endpoint_id: str) -> EndpointReading | None:
        """GetVpcEndpointAttribute and ListVpcEndpointZones."""
        api = PrivatelinkApi(self._account, self.region)
        return self.once(("endpoint", endpoint_id), lambda: api.read(endpoint_id))

    def endpoint_groups(self, endpoint_id: str) -> list[str]:
        """ListVpcEndpointSecurityGroups: the groups of the endpoint's interfaces."""
        rows = rows_by_token(
            self._privatelink,
            "ListVpcEndpointSecurityGroups",
            "SecurityGroups",
            EndpointId=endpoint_id,
            RegionId=self.region,
        )
        return [str(row["SecurityGroupId"]) for row in rows]

    def zones_of(self, vpc_id: str, region: str) -> list[Json]:
        """DescribeZones: the private zones that are attached to a VPC of any region."""
        filters = {"QueryVpcId": vpc_id, "QueryRegionId": region}
        read = partial(rows_by_number, self._pvtz, "DescribeZones", "Zones.Zone", **filters)
        return self.once(("zones of", vpc_id), read)

    def zones_named(self, name: str) -> list[Json]:
        """DescribeZones: the account's private zones of exactly this name."""
        filters = {"Keyword": name, "SearchMode": "EXACT"}
        read = partial(rows_by_number, self._pvtz, "DescribeZones", "Zones.Zone", **filters)
        rows = self.once(("zones named", name), read)
        return [row for row in rows if row.get("ZoneName") == name]

    def records(self, zone_id: str) -> list[Json]:
        """DescribeZoneRecords: every record of a private zone."""
        read = partial(
            rows_by_number, self._pvtz, "DescribeZoneRecords", "Records.Record", ZoneId=zone_id
        )
        return self.once(("records", zone_id), read)

    # -- CEN and peering -----------------------------------------------------------------------

    def cen(self, cen_id: str) -> Json | None:
        """DescribeCens."""
        filters = {"Filter.1.Key": "CenId", "Filter.1.Value.1": cen_id}
        rows = self.once(
            ("cen", cen_id),
            partial(rows_by_number, self._cbn, "DescribeCens", "Cens.Cen", **filters),
        )
        return next((row for row in rows if row.get("CenId") == cen_id), None)

    def transit_routers(self, cen_id: str) -> list[Json]:
        """ListTransitRouters: those of a CEN instance in every region."""
        read = partial(
            rows_by_number, self._cbn, "ListTransitRouters", "TransitRouters", CenId=cen_id
        )
        return self.once(("routers", cen_id), read)

    def system_table(self, router_id: str) -> str:
        """ListTransitRouterRouteTables: the id of a router's System table, empty if unknown."""
        read = partial(
            rows_by_token,
            self._cbn,
            "ListTransitRouterRouteTables",
            "TransitRouterRouteTables",
            TransitRouterId=router_id,
        )
        for row in self.once(("router tables", router_id), read):
            if row.get("TransitRouterRouteTableType") == "System":
                return str(row["TransitRouterRouteTableId"])
        return ""

    def attachments(self, kind: str, cen_id: str, region: str) -> list[Json]:
        """ListTransitRouterVpcAttachments (kind ``Vpc``) or …PeerAttachments (``Peer``)."""
        read = partial(
            rows_by_token,
            self._cbn,
            f"ListTransitRouter{kind}Attachments",
            "TransitRouterAttachments",
            CenId=cen_id,
            RegionId=region,
        )
        return self.once((kind, cen_id, region), read)

    def links(self, kind: str, table_id: str) -> dict[str, str]:
        """Status by attachment of a router table's ``Associations`` or ``Propagations``."""
        read = partial(
            rows_by_token,
            self._cbn,
            f"ListTransitRouterRouteTable{kind}",
            f"TransitRouter{kind}",
            TransitRouterRouteTableId=table_id,
        )
        rows = self.once((kind, table_id), read)
        return {str(row["TransitRouterAttachmentId"]): str(row.get("Status")) for row in rows}

    def peering(self, connection_id: str) -> Json | None:
        """GetVpcPeerConnectionAttribute."""
        parameters = {"InstanceId": connection_id, "RegionId": self.region}
        action = "GetVpcPeerConnectionAttribute"
        try:
            return self._peering.rpc("read the peering", action, parameters)
        except CloudError as error:
            if error.code == _NO_PEERING:
                return None
            raise


def _route(row: Json) -> Route:
    hops = {}
    for hop in rows_at(row, "NextHops.NextHop"):
        hops[str(hop.get("NextHopId") or "")] = str(hop.get("NextHopType") or "")
    return Route(IPv4Network(str(row.get("DestinationCidrBlock")), strict=False), hops)
