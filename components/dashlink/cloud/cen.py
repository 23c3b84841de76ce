"""The API of Cloud Enterprise Network (Cbn 2017-09-12), as far as existing resources are read.

Source: the requests and answers of the alicloud provider v1.285.0 (service_alicloud_cbn.go).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi

_PAGE_SIZE = 50


class CenApi:
    """The CEN instances of one account; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure the client."""
        self._api = OpenApi(account, "cbn")

    def cen(self, cen_id: str) -> Json | None:
        """DescribeCens; None where the account has none of that id."""
        parameters = {"Filter.1.Key": "CenId", "Filter.1.Value.1": cen_id}
        answer = self._api.rpc("look up the CEN instance", "DescribeCens", parameters)
        rows: list[Json] = answer.get("Cens", {}).get("Cen", [])
        return next((row for row in rows if row.get("CenId") == cen_id), None)

    def routers(self, cen_id: str) -> dict[str, Json]:
        """ListTransitRouters: the router of each region."""
        routers: dict[str, Json] = {}
        number = 1
        while True:  # this action alone pages by number (SDK cbn 1.4.0)
            page = {"CenId": cen_id, "PageNumber": number, "PageSize": _PAGE_SIZE}
            answer = self._api.rpc("look up the CEN instance", "ListTransitRouters", page)
            rows = answer.get("TransitRouters", [])
            for row in rows:
                routers[str(row.get("TransitRouterRegionId") or row.get("RegionId"))] = row
            if len(rows) < _PAGE_SIZE:
                return routers
            number += 1

    def vpc_attachments(self, cen_id: str, region: str) -> list[Json]:
        """ListTransitRouterVpcAttachments of a region's router."""
        action = "ListTransitRouterVpcAttachments"
        target = {"CenId": cen_id, "RegionId": region}
        return list(self._list(action, "TransitRouterAttachments", target))

    def peer_attachments(self, cen_id: str, region: str) -> list[Json]:
        """ListTransitRouterPeerAttachments of a region's router."""
        action = "ListTransitRouterPeerAttachments"
        target = {"CenId": cen_id, "RegionId": region}
        return list(self._list(action, "TransitRouterAttachments", target))

    def _list(self, action: str, rows: str, target: Mapping[str, Any]) -> Iterator[Json]:
        token: str | None = None
        while True:
            page = {**target, "MaxResults": _PAGE_SIZE, "NextToken": token}
            answer = self._api.rpc("look up the CEN instance", action, page)
            yield from answer.get(rows, ())
            token = answer.get("NextToken")
            if not token:
                return
