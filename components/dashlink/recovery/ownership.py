"""Whether a resource of the cloud is the stack's: by its exact name and the tags of the stack.

The alicloud provider v1.285.0 sends tags with most creations. For a vSwitch, an EIP, a NAT gateway,
a private zone, a peering and a gateway it sends them by a second call (resource_alicloud_*.go), so
that a run that was killed in between leaves one without any tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dashlink.cloud.openapi import Json
from dashlink.recovery.desired import Inputs

_LISTS_OF_TAGS = ("Tags", "ResourceTags", "tags")
_ITEMS = ("Tag", "ResourceTag")
_KEYS, _VALUES = ("Key", "TagKey", "key"), ("Value", "TagValue", "value")
_GOING = ("deleting", "deleted", "releasing", "rejected", "expired")


def owned(
    rows: Sequence[Json], inputs: Inputs, *, name: str, named: str, tagged_later: bool = False
) -> Iterator[Json]:
    """Yield the rows that are the stack's.

    Args:
        rows: Resources of one kind, as the cloud lists them.
        inputs: The desired resource.
        name: Field of a row with its name.
        named: The desired name.
        tagged_later: Whether the provider sends the tags by a second call.
    """
    for row in rows:
        if not named or row.get(name) != named or is_going(row):
            continue
        if has_owner(row, inputs) or (tagged_later and not tags_of(row)):
            yield row


def has_owner(row: Json, inputs: Inputs) -> bool:
    """Return whether a row has the tags that name the stack; false for a program without tags."""
    owner = inputs.owner
    tags = tags_of(row)
    return bool(owner) and all(tags.get(key) == value for key, value in owner.items())


def tags_of(row: Json) -> dict[str, str]:
    """Return the tags of a row; products differ in the names of lists and fields."""
    tags: dict[str, str] = {}
    for field in _LISTS_OF_TAGS:
        listed: Any = row.get(field) or ()
        if isinstance(listed, dict):
            listed = _first(listed, _ITEMS) or ()
        for tag in listed:
            tags[str(_first(tag, _KEYS))] = str(_first(tag, _VALUES) or "")
    return tags


def is_going(row: Json) -> bool:
    """Return whether the cloud is deleting the resource."""
    return str(row.get("Status") or row.get("status") or "").lower() in _GOING


def _first(row: Json, names: Sequence[str]) -> Any:
    for name in names:
        if name in row:
            return row[name]
    return None
