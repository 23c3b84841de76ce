"""Read-only requests of one account and region, for the look-ups; answers are not kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi
from dashlink.cloud.pages import rows_by_number, rows_by_token


class Reads:
    """The cloud as look-ups read it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure the requests of an account in its region."""
        self.region = account.region
        self._account = account

    def in_region(self, region: str) -> Reads:
        """Return the same in another region."""
        return self if region == self.region else Reads(replace(self._account, region=region))

    def vpc(self, action: str, rows: str, **parameters: Any) -> list[Json]:
        """Read every page of an action of VPC, which pages by number."""
        return rows_by_number(self._api("vpc"), action, rows, **self._with_region(parameters))

    def routes(self, **parameters: Any) -> list[Json]:
        """DescribeRouteEntryList, the one action of VPC that pages by token."""
        action, rows = "DescribeRouteEntryList", "RouteEntrys.RouteEntry"
        parameters = self._with_region(parameters)
        return rows_by_token(self._api("vpc"), action, rows, size="MaxResult", **parameters)

    def ecs(self, action: str, rows: str, **parameters: Any) -> list[Json]:
        """Read every page of an action of ECS."""
        return rows_by_token(self._api("ecs"), action, rows, **self._with_region(parameters))

    def privatelink(self, action: str, rows: str, **parameters: Any) -> list[Json]:
        """Read every page of an action of PrivateLink."""
        parameters = self._with_region(parameters)
        return rows_by_token(self._api("privatelink"), action, rows, **parameters)

    def pvtz(self, action: str, rows: str, **parameters: Any) -> list[Json]:
        """Read every page of an action of PrivateZone, which is the same in all regions."""
        return rows_by_number(self._api("pvtz"), action, rows, **parameters)

    def zone(self, zone_id: str) -> Json:
        """DescribeZoneInfo: a private zone with the VPCs that it is attached to."""
        return self._api("pvtz").rpc("read the zone", "DescribeZoneInfo", {"ZoneId": zone_id})

    def cens(self) -> list[Json]:
        """DescribeCens: every CEN instance of the account."""
        return rows_by_number(self._api("cbn"), "DescribeCens", "Cens.Cen")

    def routers(self, cen_id: str) -> list[Json]:
        """ListTransitRouters, which pages by number unlike the others (SDK cbn 1.4.0)."""
        api = self._api("cbn")
        return rows_by_number(api, "ListTransitRouters", "TransitRouters", CenId=cen_id)

    def cbn(self, action: str, rows: str, **parameters: Any) -> list[Json]:
        """Read every page of an action of CEN."""
        return rows_by_token(self._api("cbn"), action, rows, **parameters)

    def peerings(self, vpc_id: str) -> list[Json]:
        """ListVpcPeerConnections: those of a VPC on either side."""
        parameters = self._with_region({"VpcId.1": vpc_id})
        api = self._api("vpcpeer")
        return rows_by_token(api, "ListVpcPeerConnections", "VpcPeerConnects", **parameters)

    def gateways(self) -> Iterator[Json]:
        """ListGateways: the AI gateways of the account."""
        return ApigApi(self._account).gateways()

    def _api(self, product: str) -> OpenApi:
        return OpenApi(self._account, product)

    def _with_region(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"RegionId": self.region, **parameters}
