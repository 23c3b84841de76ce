"""Endpoints as PrivateLink 2020-04-15 reports them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from dashlink.errors import CloudError
from dashlink.provider.codec import from_api
from dashlink.resources.contract import ResourceModel
from dashlink.resources.models.endpoint_connection import ConnectedZone

if TYPE_CHECKING:
    from dashlink.cloud.credentials import Account

_NOT_FOUND = "EndpointNotFound"
_PAGE_SIZE = 100


class EndpointReading(ResourceModel):
    """An endpoint with all of its zones at one moment; zones by zone id."""

    status: Annotated[str, Field(alias="EndpointStatus")]
    connection_status: Annotated[str, Field(alias="ConnectionStatus")]
    business_status: Annotated[str, Field(alias="EndpointBusinessStatus")]
    endpoint_domain: Annotated[str, Field(alias="EndpointDomain")]
    service_id: Annotated[str, Field(alias="ServiceId")]
    service_name: Annotated[str, Field(alias="ServiceName")]
    zones: Mapping[str, ConnectedZone]


class PrivatelinkApi:
    """Reads the endpoints of one account and region; threads may share it."""

    def __init__(self, account: Account, region: str) -> None:
        """Read endpoints of `region`."""
        # The client is large: it is not imported when the plugin starts.
        from dashlink.cloud.openapi import OpenApi  # noqa: PLC0415 - above

        self._api = OpenApi(account, "privatelink")
        self._region = region

    def read(self, endpoint_id: str) -> EndpointReading | None:
        """Return the endpoint, or None if it does not exist.

        Calls GetVpcEndpointAttribute, then ListVpcEndpointZones for every page.

        Raises:
            CloudError: If the cloud refuses or cannot be reached.
        """
        target = {"RegionId": self._region, "EndpointId": endpoint_id}
        try:
            row = self._api.rpc("read the endpoint", "GetVpcEndpointAttribute", target)
            zones = self._zones(target)
        except CloudError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        return from_api(EndpointReading, row, zones=zones)

    def _zones(self, target: Mapping[str, str]) -> dict[str, ConnectedZone]:
        zones: dict[str, ConnectedZone] = {}
        token: str | None = None
        while True:
            parameters = {**target, "MaxResults": _PAGE_SIZE, "NextToken": token}
            page = self._api.rpc("list the endpoint's zones", "ListVpcEndpointZones", parameters)
            for row in page.get("Zones", ()):
                zones[row["ZoneId"]] = from_api(ConnectedZone, row)
            token = page.get("NextToken")
            if not token:
                return zones
