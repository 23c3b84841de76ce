"""The API of PAI-EAS (2021-07-01): model services and their addresses, one method for each action.

A resource that does not exist is None. Creations carry no client token: the API has none, a
service's name is unique in its region.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi, path_of
from dashlink.errors import CloudError

# terraform-provider-alicloud v1.285.0, resource_alicloud_pai_service.go; the second is unverified.
_GONE = ("InvalidService.NotFound", "InvalidGateway.NotFound")


class EasApi:
    """The services of one account and region; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure the clients of both versions."""
        self._region = account.region
        self._api = OpenApi(account, "eas")
        host = account.host("eas")
        if host is not None:
            account = replace(account, hosts={**account.hosts, "eas-tags": host})
        self._tags = OpenApi(account, "eas-tags")

    def service(self, name: str) -> Json | None:
        """DescribeService."""
        return self._get("read the EAS service", "DescribeService", self._service_path(name))

    def endpoints(self, name: str) -> Json | None:
        """DescribeServiceEndpoints: addresses by gateway, and the token."""
        path = self._service_path(name, "endpoints")
        return self._get("read the addresses of the EAS service", "DescribeServiceEndpoints", path)

    def create_service(
        self, config: Mapping[str, Any], workspace_id: str | None, tags: Mapping[str, str]
    ) -> str:
        """CreateService; returns the service's id."""
        query = {"WorkspaceId": workspace_id, "Labels": json.dumps(dict(tags)) if tags else None}
        path = path_of("api", "v2", "services")
        purpose = "create the EAS service"
        answer = self._api.roa(purpose, "CreateService", "POST", path, query=query, body=config)
        return str(answer["ServiceId"])

    def replace_service(self, name: str, config: Mapping[str, Any]) -> None:
        """UpdateService with the whole service JSON.

        Without UpdateType the cloud merges: a key that is left out would stay (SDK model
        UpdateServiceRequest, 2026-08).
        """
        query = {"UpdateType": "replace"}
        path = self._service_path(name)
        purpose = "update the EAS service"
        self._api.roa(purpose, "UpdateService", "PUT", path, query=query, body=config)

    def start_service(self, name: str) -> None:
        """StartService: a stopped service runs again."""
        path = self._service_path(name, "start")
        self._api.roa("start the EAS service", "StartService", "PUT", path)

    def delete_service(self, name: str) -> None:
        """DeleteService; a service that does not exist is no error."""
        try:
            path = self._service_path(name)
            self._api.roa("delete the EAS service", "DeleteService", "DELETE", path)
        except CloudError as error:
            if error.code not in _GONE:
                raise

    def tag_service(self, service_id: str, tags: Mapping[str, str]) -> None:
        """TagResources (2021-07-02)."""
        parameters = self._tagged(service_id)
        for number, (key, value) in enumerate(sorted(tags.items()), 1):
            parameters[f"Tag.{number}.Key"] = key
            parameters[f"Tag.{number}.Value"] = value
        self._tags.rpc("tag the EAS service", "TagResources", parameters)

    def untag_service(self, service_id: str, keys: Collection[str]) -> None:
        """UntagResources (2021-07-02)."""
        parameters = self._tagged(service_id)
        for number, key in enumerate(sorted(keys), 1):
            parameters[f"TagKey.{number}"] = key
        self._tags.rpc("untag the EAS service", "UntagResources", parameters)

    def _tagged(self, service_id: str) -> dict[str, str]:
        return {
            "RegionId": self._region,
            "ResourceType": "service",
            "ResourceId.1": service_id,
        }

    def _service_path(self, name: str, *more: str) -> str:
        return path_of("api", "v2", "services", self._region, name, *more)

    def _get(self, purpose: str, action: str, path: str) -> Json | None:
        try:
            return self._api.roa(purpose, action, "GET", path)
        except CloudError as error:
            if error.code in _GONE:
                return None
            raise
