"""Lookups of the preflight for the way out: NAT gateways, SNAT entries and EIPs."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.cloud.openapi import Json, OpenApi
from dashlink.preflight.lookups import ExistingEip, ExistingNatGateway, ExistingSnatEntry

_PAGE_SIZE = 50  # the largest that DescribeNatGateways and DescribeSnatTableEntries accept


class EgressLookups:
    """Requests of one account and region, which `CloudLookups` has too.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    _vpc: OpenApi
    _region: str

    def nat_gateway(self, nat_gateway_id: str) -> ExistingNatGateway | None:
        """DescribeNatGateways; None where the account has none of that id in the region."""
        for row in self._nat_rows("DescribeNatGateways", "NatGateway", NatGatewayId=nat_gateway_id):
            return _nat_gateway(row)
        return None

    def nat_gateways(self, vpc_id: str) -> tuple[ExistingNatGateway, ...]:
        """DescribeNatGateways of a VPC for every page."""
        rows = self._nat_rows("DescribeNatGateways", "NatGateway", VpcId=vpc_id)
        return tuple(map(_nat_gateway, rows))

    def snat_entries(self, nat_gateway_id: str) -> tuple[ExistingSnatEntry, ...]:
        """DescribeSnatTableEntries of a NAT gateway for every page."""
        entries = []
        action, item = "DescribeSnatTableEntries", "SnatTableEntry"
        for row in self._nat_rows(action, item, NatGatewayId=nat_gateway_id):
            name, vswitch_id = row.get("SnatEntryName", ""), row.get("SourceVSwitchId", "")
            entries.append(ExistingSnatEntry(row["SnatEntryId"], name, vswitch_id))
        return tuple(entries)

    def eip(self, eip_id: str) -> ExistingEip | None:
        """DescribeEipAddresses; None where the account has none of that id in the region."""
        for row in self._nat_rows("DescribeEipAddresses", "EipAddress", AllocationId=eip_id):
            return ExistingEip(row["AllocationId"], row.get("InstanceId") or "")
        return None

    def _nat_rows(self, action: str, item: str, **filters: str) -> Iterator[Json]:
        """Yield the rows of every page; their lists are called as the item, in the plural."""
        collection = {
            "NatGateway": "NatGateways",
            "SnatTableEntry": "SnatTableEntries",
            "EipAddress": "EipAddresses",
        }[item]
        page = 1
        while True:
            parameters = {
                "RegionId": self._region,
                "PageNumber": page,
                "PageSize": _PAGE_SIZE,
                **filters,
            }
            answer = self._vpc.rpc("look up the way out", action, parameters)
            rows = answer.get(collection, {}).get(item, [])
            yield from rows
            if len(rows) < _PAGE_SIZE:
                return
            page += 1


def _nat_gateway(row: Json) -> ExistingNatGateway:
    tags = {}
    for tag in row.get("Tags", {}).get("Tag", ()):
        tags[str(tag.get("TagKey"))] = str(tag.get("TagValue", ""))
    addresses = row.get("IpLists", {}).get("IpList", ())
    return ExistingNatGateway(
        nat_gateway_id=row["NatGatewayId"],
        vpc_id=row["VpcId"],
        network_type=row.get("NetworkType") or "internet",
        snat_table_ids=tuple(row.get("SnatTableIds", {}).get("SnatTableId", ())),
        addresses=tuple(address["IpAddress"] for address in addresses),
        tags=tags,
    )
