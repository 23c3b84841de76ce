"""Tags and resource groups: the same four actions in every product, over that product's own records.

Source: help.aliyun.com, TagResources, UntagResources, ListTagResources of VPC, ECS, PrivateLink and PrivateZone (2024).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dashlink_sandbox.records import Tagged
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.state import State
from dashlink_sandbox.wire.errors import ApiError, invalid, missing
from dashlink_sandbox.wire.params import Params

Records = Callable[[State], Mapping[str, Tagged]]


@dataclass(frozen=True)
class Tags:
    """The tag actions of one product.

    Attributes:
        kinds: From ResourceType, in lower case, to the records of that type.
        nested: Whether lists are wrapped (``TagResources.TagResource[]``), as the older products do.
    """

    kinds: Mapping[str, Records]
    nested: bool = True

    def tag(self, call: Call) -> Answer:
        """TagResources."""
        added = {tag.required("Key"): tag.text("Value") for tag in call.params.elements("Tag")}
        if not added:
            raise missing("Tag.1.Key")
        for record in self._asked(call).values():
            record.tags = {**record.tags, **added}
            if len(record.tags) > call.catalog.quotas["tags_per_resource"]:
                raise ApiError("NumberExceed.Tags", "The maximum number of tags per resource is exceeded.")
        return {}

    def untag(self, call: Call) -> Answer:
        """UntagResources: the tags named, or all of them."""
        everything = call.params.flag("All")
        keys = call.params.texts("TagKey")
        if not keys and not everything:
            raise missing("TagKey.1")
        for record in self._asked(call).values():
            record.tags = {key: value for key, value in record.tags.items() if key not in keys and not everything}
        return {}

    def list_tags(self, call: Call) -> Answer:
        """ListTagResources: of the resources named, or of all."""
        kind = call.params.required("ResourceType")
        rows = [
            {"ResourceId": record_id, "ResourceType": kind, "TagKey": key, "TagValue": value}
            for record_id, record in self._listed(call, kind).items()
            for key, value in record.tags.items()
            if tags_fit(call.params, {key: value}) or not call.params.elements("Tag")
        ]
        page, beside = by_token(call.params, rows, size=50, largest=1000)
        return {"TagResources": {"TagResource": page} if self.nested else page, **beside}

    def move(self, call: Call) -> Answer:
        """MoveResourceGroup, JoinResourceGroup, ChangeResourceGroup: by one name and meaning in each product."""
        kind = call.params.text("ResourceType", next(iter(self.kinds)))
        group = call.params.text("NewResourceGroupId") or call.params.required("ResourceGroupId")
        self._record(call, kind, call.params.required("ResourceId")).resource_group_id = call.resource_group(group)
        return {}

    def _asked(self, call: Call) -> dict[str, Tagged]:
        kind = call.params.required("ResourceType")
        ids = call.params.texts("ResourceId")
        if not ids:
            raise missing("ResourceId.1")
        return {record_id: self._record(call, kind, record_id) for record_id in ids}

    def _listed(self, call: Call, kind: str) -> dict[str, Tagged]:
        ids = call.params.texts("ResourceId")
        records = self._records(call, kind)
        return {key: row for key, row in records.items() if row.owner == call.account.id and (not ids or key in ids)}

    def _record(self, call: Call, kind: str, record_id: str) -> Tagged:
        return call.owned(self._records(call, kind), record_id, "InvalidResourceId.NotFound", "resource")

    def _records(self, call: Call, kind: str) -> Mapping[str, Tagged]:
        if kind.lower() not in self.kinds:
            raise invalid("ResourceType")
        return self.kinds[kind.lower()](call.state)


def tags_fit(params: Params, tags: Mapping[str, str]) -> bool:
    """Whether ``tags`` hold every tag that the filter ``Tag.N`` asks for; a filter without a value asks for the key."""
    return all(
        wanted.text("Key") in tags and ("Value" not in wanted or tags[wanted.text("Key")] == wanted.text("Value"))
        for wanted in params.elements("Tag")
    )


def key_value(tags: Mapping[str, str]) -> list[dict[str, Any]]:
    """``tags`` as most products write them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
