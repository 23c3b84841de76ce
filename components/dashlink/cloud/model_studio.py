"""The OpenAPI of Model Studio (2026-02-10): workspaces. It has no action on private connections."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.cloud.credentials import Account
from dashlink.cloud.openapi import Json, OpenApi, path_of

_PAGE_SIZE = 100  # an example of the SDK's models (2026-08)
REGIONS = (
    "cn-beijing",
    "cn-hongkong",
    "ap-southeast-1",
    "ap-northeast-1",
    "us-east-1",
    "eu-central-1",
)
"""Regions with this API (SDK alibabacloud_modelstudio20260210 2.2.3, `Client.__init__`)."""


class ModelStudioApi:
    """The workspaces of one account and region; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure the client."""
        self._api = OpenApi(account, "modelstudio")

    def workspaces(self, workspace_id: str | None = None) -> Iterator[Json]:
        """ListWorkspaces for every page: all, or the one with an id."""
        token: str | None = None
        while True:
            query = {"workspaceId": workspace_id, "maxResults": _PAGE_SIZE, "nextToken": token}
            path = path_of("modelstudio", "workspaces")
            purpose = "look up the workspace"
            page = self._api.roa(purpose, "ListWorkspaces", "GET", path, query=query)
            yield from page.get("workspaces", ())
            token = page.get("nextToken")
            if not token:
                return
