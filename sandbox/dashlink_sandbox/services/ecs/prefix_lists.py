"""Prefix lists: CIDR blocks under one name, which rules of security groups refer to.

Sources: help.aliyun.com, ECS API "CreatePrefixList", "ModifyPrefixList" and "DeletePrefixList" with
their error codes (2023-11 to 2026-01); SDK ecs 7.11.8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.ecs import rules
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import PrefixEntry, PrefixList, State
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.params import Params

_NAME = re.compile(r"(?!https?://|com\.aliyun|com\.alibabacloud)[^\W\d_][\w:.-]{1,127}")
_MOST_ENTRIES = 200
_ENTRY_DESCRIPTION_LENGTHS = range(2, 32 + 1)
_FAMILIES = {"IPv4": IPv4Network, "IPv6": IPv6Network}
_FILTERS = {
    "AddressFamily": "address_family",
    "PrefixListName": "name",
    "ResourceGroupId": "resource_group_id",
}


def create(call: Call) -> Answer:
    """CreatePrefixList."""
    region = call.region().id
    family = call.params.required("AddressFamily")
    if family not in _FAMILIES:
        message = "The parameter AddressFamily should be IPv4 or IPv6."
        raise ApiError("InvalidParameter.AddressFamily", message)
    name = call.params.required("PrefixListName")
    _check_names(name, call.params.text("Description"))
    call.params.required("MaxEntries")
    record = PrefixList(
        prefix_list_id=call.new_id("pl"),
        region=region,
        name=name,
        address_family=family,
        max_entries=call.params.number("MaxEntries", _MOST_ENTRIES, 1, _MOST_ENTRIES),
        description=call.params.text("Description"),
        entries=[_entry(element, family) for element in call.params.elements("Entry")],
        **call.new_record(),
    )
    _check_entries(record.entries, record.max_entries)
    call.state.prefix_lists[record.prefix_list_id] = record
    return {"PrefixListId": record.prefix_list_id}


def describe(call: Call) -> Answer:
    """DescribePrefixListAttributes."""
    record = _requested(call)
    entries = []
    for entry in record.entries:
        entries.append({"Cidr": entry.cidr, "Description": entry.description})
    return {**_common_shape(record), "Entries": {"Entry": entries}}


def list_lists(call: Call) -> Answer:
    """DescribePrefixLists, by ids, address family, name, resource group and tags."""
    ids = call.params.texts("PrefixListId")
    rows = []
    for record in call.select(call.state.prefix_lists, _FILTERS):
        if not ids or record.prefix_list_id in ids:
            rows.append(_shape(call.state, record))
    page, counts = by_token(call.params, rows, dict, size=10, largest=100)
    return {"PrefixLists": {"PrefixList": page}, "NextToken": counts.get("NextToken", "")}


def modify(call: Call) -> Answer:
    """ModifyPrefixList: name, description, and entries to add and to remove."""
    record = _requested(call)
    name = call.params.text("PrefixListName", record.name)
    _check_names(name, call.params.text("Description"))
    record.name = name
    record.description = call.params.changed("Description", record.description)
    added = [_entry(row, record.address_family) for row in call.params.elements("AddEntry")]
    removed = [_entry(row, record.address_family) for row in call.params.elements("RemoveEntry")]
    _check_entries([*added, *removed], len(added) + len(removed))
    blocks = {entry.cidr for entry in removed}
    entries = [entry for entry in record.entries if entry.cidr not in blocks]
    _check_entries([*entries, *added], record.max_entries)
    record.entries = [*entries, *added]
    return {}


def delete(call: Call) -> Answer:
    """DeletePrefixList: refused while a rule refers to it."""
    record = _requested(call)
    if associated_groups(call.state, record.prefix_list_id):
        message = "The specified prefix list has associated resources."
        raise ApiError("NotAllowed.AssociationExist", message)
    del call.state.prefix_lists[record.prefix_list_id]
    return {}


def list_associations(call: Call) -> Answer:
    """DescribePrefixListAssociations: the security groups with rules that refer to it."""
    rows = []
    for group_id in associated_groups(call.state, _requested(call).prefix_list_id):
        rows.append({"ResourceId": group_id, "ResourceType": "securitygroup"})
    page, counts = by_token(call.params, rows, dict, size=10, largest=100)
    return {
        "PrefixListAssociations": {"PrefixListAssociation": page},
        "NextToken": counts.get("NextToken", ""),
    }


def find(call: Call, list_id: str) -> PrefixList:
    """Return the caller's prefix list with this id.

    Raises:
        ApiError: InvalidPrefixListId.NotFound.
    """
    records = call.state.prefix_lists
    return call.find(records, list_id, "InvalidPrefixListId.NotFound", "prefix list")


def associated_groups(state: State, list_id: str) -> list[str]:
    """List the ids of the security groups with rules that refer to a prefix list."""
    ids = []
    for group in state.security_groups.values():
        if any(rule.source_prefix_list_id == list_id for rule in group.rules):
            ids.append(group.security_group_id)
    return ids


def _requested(call: Call) -> PrefixList:
    return find(call, call.params.required("PrefixListId"))


def _entry(params: Params, family: str) -> PrefixEntry:
    """Return an entry with its block as the cloud writes it: an address is a block of its own."""
    cidr, description = params.required("Cidr"), params.text("Description")
    try:
        block = str(_FAMILIES[family](cidr))
    except ValueError as error:
        message = f"The CIDR block {cidr} is no {family} block."
        raise ApiError("InvalidParameter.CidrMalformed", message) from error
    is_short = not description or len(description) in _ENTRY_DESCRIPTION_LENGTHS
    if not is_short or not rules.is_valid_description(description):
        raise _bad_description()
    return PrefixEntry(cidr=block, description=description)


def _check_entries(entries: Sequence[PrefixEntry], most: int) -> None:
    """Refuse two entries with one block, and more than ``most`` entries."""
    if len({entry.cidr for entry in entries}) < len(entries):
        message = "The CIDR blocks of the entries are not unique."
        raise ApiError("InvalidParameter.CidrDuplicated", message)
    if len(entries) > most:
        message = "The number of entries exceeds the MaxEntries of the specified prefix list."
        raise ApiError("LimitExceed.MaxEntries", message)


def _check_names(name: str, description: str) -> None:
    if not _NAME.fullmatch(name):
        message = "The parameter PrefixListName is not valid."
        raise ApiError("InvalidParameter.PrefixListName", message)
    if not rules.is_valid_description(description):
        raise _bad_description()


def _bad_description() -> ApiError:
    message = "The specified Description is wrongly formed."
    return ApiError("InvalidDescription.Malformed", message)


def _common_shape(record: PrefixList) -> Answer:
    return {
        "PrefixListId": record.prefix_list_id,
        "PrefixListName": record.name,
        "Description": record.description,
        "AddressFamily": record.address_family,
        "MaxEntries": record.max_entries,
        "CreationTime": timestamp(record.created),
    }


def _shape(state: State, record: PrefixList) -> Answer:
    return {
        **_common_shape(record),
        "AssociationCount": len(associated_groups(state, record.prefix_list_id)),
        "ResourceGroupId": record.resource_group_id,
        "Tags": {"Tag": tag_list(record.tags, "TagKey", "TagValue")},
    }
