"""Endpoints as PrivateLink 2020-04-15 reports them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi
from dashlink.errors import CloudError
from dashlink.resources.endpoint_connection import ConnectedZone

_NOT_FOUND = "EndpointNotFound"
_PAGE_SIZE = 100


@dataclass(frozen=True)
class EndpointReading:
    """An endpoint with all of its zones at one moment; zones by zone id."""

    status: str
    connection_status: str
    business_status: str
    endpoint_domain: str
    service_id: str
    service_name: str
    zones: Mapping[str, ConnectedZone]


class PrivatelinkApi:
    """Reads the endpoints of one account and region; threads may share it."""

    def __init__(self, account: Account, region: str) -> None:
        """Configure the client."""
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
        return EndpointReading(
            status=row.get("EndpointStatus", ""),
            connection_status=row.get("ConnectionStatus", ""),
            business_status=row.get("EndpointBusinessStatus", ""),
            endpoint_domain=row.get("EndpointDomain", ""),
            service_id=row.get("ServiceId", ""),
            service_name=row.get("ServiceName", ""),
            zones=zones,
        )

    def _zones(self, target: Mapping[str, str]) -> dict[str, ConnectedZone]:
        zones: dict[str, ConnectedZone] = {}
        token: str | None = None
        while True:
            parameters = {**target, "MaxResults": _PAGE_SIZE, "NextToken": token}
            page = self._api.rpc("list the endpoint's zones", "ListVpcEndpointZones", parameters)
            for row in page.get("Zones", ()):
                zones[row["ZoneId"]] = _connected_zone(row)
            token = page.get("NextToken")
            if not token:
                return zones


def _connected_zone(row: Json) -> ConnectedZone:
    return ConnectedZone(
        domain=row.get("ZoneDomain", ""),
        address=row.get("EniIp", ""),
        eni_id=row.get("EniId", ""),
        vswitch_id=row.get("VSwitchId", ""),
        status=row.get("ZoneStatus", ""),
    )
