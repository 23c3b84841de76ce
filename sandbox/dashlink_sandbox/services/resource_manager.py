"""ResourceManager: an account's resource groups, from the data; the first is its default one."""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.services.base import Answer, Call, Service
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.wire.errors import not_found


def list_resource_groups(call: Call) -> Answer:
    """ListResourceGroups."""
    groups = call.account.resource_group_ids
    shape = partial(_shape, call)
    page, counts = by_number(call.params, groups, shape, size=10, largest=100)
    return {"ResourceGroups": {"ResourceGroup": page}, **counts}


def get_resource_group(call: Call) -> Answer:
    """GetResourceGroup."""
    group = call.params.required("ResourceGroupId")
    if group not in call.account.resource_group_ids:
        raise not_found("EntityNotExists.ResourceGroup", "The resource group does not exist.")
    return {"ResourceGroup": {**_shape(call, group), "RegionStatuses": {"RegionStatus": []}}}


def _shape(call: Call, group: str) -> Answer:
    name = "default" if group == call.account.resource_group_id else group
    return {
        "Id": group,
        "Name": name,
        "DisplayName": name,
        "AccountId": call.account.id,
        "Status": "OK",
        "CreateDate": "2020-01-01T00:00:00+08:00",
    }


SERVICE = Service(
    "ResourceManager",
    "2020-03-31",
    {"ListResourceGroups": list_resource_groups, "GetResourceGroup": get_resource_group},
)
