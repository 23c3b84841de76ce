"""Tags and resource groups: the same four actions in every product, on that product's records.

Source: help.aliyun.com, TagResources, UntagResources, ListTagResources of VPC, ECS, PrivateLink
and PrivateZone (2024).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from dashlink_sandbox.records import Tagged
from dashlink_sandbox.services.base import Answer, Call, tags_match
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.wire.errors import ApiError, invalid, missing


@dataclass(frozen=True)
class Tags:
    """The tag actions of one product.

    Attributes:
        tables: ResourceType in lower case -> the name of the state's table of its records.
        nested: Whether lists are wrapped (``TagResources.TagResource[]``), as in older products.
    """

    tables: Mapping[str, str]
    nested: bool = True

    def tag(self, call: Call) -> Answer:
        """TagResources."""
        added = call.params.tags()
        if not added:
            raise missing("Tag.1.Key")
        for record in self._requested(call):
            record.tags = {**record.tags, **added}
            if len(record.tags) > call.catalog.quotas["tags_per_resource"]:
                message = "The maximum number of tags per resource is exceeded."
                raise ApiError("NumberExceed.Tags", message)
        return {}

    def untag(self, call: Call) -> Answer:
        """UntagResources: the named tags, or all of them."""
        remove_all = call.params.flag("All")
        keys = call.params.texts("TagKey")
        if not keys and not remove_all:
            raise missing("TagKey.1")
        for record in self._requested(call):
            record.tags = remaining_tags(record.tags, keys, remove_all=remove_all)
        return {}

    def list_tags(self, call: Call) -> Answer:
        """ListTagResources: of the named resources, or of all."""
        kind = call.params.required("ResourceType")
        ids = call.params.texts("ResourceId")
        rows = []
        for record_id, record in self._records(call, kind).items():
            if record.owner != call.account.id or (ids and record_id not in ids):
                continue
            for row in tag_rows(kind, record_id, record.tags):
                if tags_match(call.params, {row["TagKey"]: row["TagValue"]}):
                    rows.append(row)
        page, counts = by_token(call.params, rows, dict[str, Any])
        return {"TagResources": {"TagResource": page} if self.nested else page, **counts}

    def move(self, call: Call) -> Answer:
        """MoveResourceGroup, JoinResourceGroup, ChangeResourceGroup: one action, three names."""
        kind = call.params.text("ResourceType", next(iter(self.tables)))
        group = call.params.text("NewResourceGroupId") or call.params.required("ResourceGroupId")
        group = call.resource_group(group)
        self._find(call, kind, call.params.required("ResourceId")).resource_group_id = group
        return {}

    def _requested(self, call: Call) -> list[Tagged]:
        kind = call.params.required("ResourceType")
        ids = call.params.texts("ResourceId")
        if not ids:
            raise missing("ResourceId.1")
        return [self._find(call, kind, record_id) for record_id in ids]

    def _find(self, call: Call, kind: str, record_id: str) -> Tagged:
        records = self._records(call, kind)
        return call.find(records, record_id, "InvalidResourceId.NotFound", "resource")

    def _records(self, call: Call, kind: str) -> Mapping[str, Tagged]:
        if kind.lower() not in self.tables:
            raise invalid("ResourceType")
        records: Mapping[str, Tagged] = getattr(call.state, self.tables[kind.lower()])
        return records


def remaining_tags(
    tags: Mapping[str, str], keys: Collection[str], *, remove_all: bool
) -> dict[str, str]:
    """Return ``tags`` without ``keys``; without any tag if ``remove_all``."""
    if remove_all:
        return {}
    return {key: value for key, value in tags.items() if key not in keys}


def tag_rows(kind: str, record_id: str, tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a resource's tags as rows of ListTagResources."""
    resource = {"ResourceId": record_id, "ResourceType": kind}
    return [{**resource, **row} for row in tag_list(tags, "TagKey", "TagValue")]


def tag_list(
    tags: Mapping[str, str], key_name: str = "Key", value_name: str = "Value"
) -> list[dict[str, str]]:
    """Return ``tags`` as a list of objects; products differ in the names of the two fields."""
    return [{key_name: key, value_name: value} for key, value in tags.items()]
