"""`EndpointApi` by the official PrivateLink SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dashlink.cloud import clients
from dashlink.cloud.credentials import Account
from dashlink.cloud.retry import call
from dashlink.errors import CloudError
from dashlink.resources.endpoint_connection import ConnectedZone

_NOT_FOUND = "EndpointNotFound"
_PAGE = 100


@dataclass(frozen=True)
class EndpointReading:
    """One look at an endpoint with all of its zones."""

    status: str
    connection_status: str
    business_status: str
    endpoint_domain: str
    service_id: str
    service_name: str
    zones: Mapping[str, ConnectedZone]


class PrivatelinkApi:
    """Reads endpoints of one account and region."""

    def __init__(self, account: Account, region: str) -> None:
        """Make the SDK's client once; it is safe to share."""
        self._client = clients.privatelink(account)
        self._region = region

    def read(self, endpoint_id: str) -> EndpointReading | None:
        """The endpoint by GetVpcEndpointAttribute, its zones by ListVpcEndpointZones, page after page.

        Raises:
            CloudError: If the cloud refuses or cannot be reached.
        """
        from alibabacloud_privatelink20200415 import models  # noqa: PLC0415 - large

        request = models.GetVpcEndpointAttributeRequest(
            region_id=self._region, endpoint_id=endpoint_id
        )
        try:
            found = call(
                "read the endpoint", partial(self._client.get_vpc_endpoint_attribute, request)
            ).body
            zones = self._zones(endpoint_id)
        except CloudError as error:
            if error.code == _NOT_FOUND:
                return None
            raise
        return EndpointReading(
            status=found.endpoint_status or "",
            connection_status=found.connection_status or "",
            business_status=found.endpoint_business_status or "",
            endpoint_domain=found.endpoint_domain or "",
            service_id=found.service_id or "",
            service_name=found.service_name or "",
            zones=zones,
        )

    def _zones(self, endpoint_id: str) -> dict[str, ConnectedZone]:
        from alibabacloud_privatelink20200415 import models  # noqa: PLC0415 - large

        zones: dict[str, ConnectedZone] = {}
        token: str | None = None
        while True:
            request = models.ListVpcEndpointZonesRequest(
                region_id=self._region, endpoint_id=endpoint_id, max_results=_PAGE, next_token=token
            )
            page = call(
                "list the endpoint's zones", partial(self._client.list_vpc_endpoint_zones, request)
            ).body
            zones |= {zone.zone_id: _zone(zone) for zone in page.zones or ()}
            token = page.next_token
            if not token:
                return zones


def _zone(zone: Any) -> ConnectedZone:
    return ConnectedZone(
        domain=zone.zone_domain or "",
        address=zone.eni_ip or "",
        eni_id=zone.eni_id or "",
        vswitch_id=zone.v_switch_id or "",
        status=zone.zone_status or "",
    )
