"""CEN instances, which belong to no region."""

from __future__ import annotations

from dashlink_sandbox.routers import Cen
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, check_choice, not_found

_LEVELS = ("REDUCED",)  # provider, docs of cen_instance: overlapping blocks are allowed


def create(call: Call) -> Answer:
    """CreateCen."""
    level = call.params.text("ProtectionLevel", _LEVELS[0])
    check_choice("ProtectionLevel", level, _LEVELS)
    cen = Cen(
        cen_id=call.new_id("cen"),
        name=call.params.text("Name"),
        description=call.params.text("Description"),
        protection_level=level,
        since=call.now,
        **call.new_record(),
    )
    call.state.cens[cen.cen_id] = cen
    return {"CenId": cen.cen_id}


def list_cens(call: Call) -> Answer:
    """DescribeCens: by ``Filter.N.Key`` CenId or Name with one of ``Filter.N.Value.M``."""
    rows = []
    for cen in call.select(call.state.cens, {}):
        values = {"CenId": cen.cen_id, "Name": cen.name}
        matches = True
        for condition in call.params.elements("Filter"):
            key = condition.required("Key")
            check_choice("Filter", key, values)
            matches = matches and values[key] in condition.texts("Value")
        if matches:
            rows.append(cen)
    page, counts = by_number(call.params, rows, _shape, size=10, largest=50)
    return {"Cens": {"Cen": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyCenAttribute: name, description and protection level."""
    cen = find(call)
    cen.name = call.params.changed("Name", cen.name)
    cen.description = call.params.changed("Description", cen.description)
    return {}


def delete(call: Call) -> Answer:
    """DeleteCen: refused while it has transit routers."""
    cen = find(call)
    for router in call.state.transit_routers.values():
        if router.cen_id == cen.cen_id:
            message = "The CEN instance has transit routers."
            raise ApiError("InvalidOperation.CenInstanceStatus", message)
    del call.state.cens[cen.cen_id]
    return {}


def find(call: Call) -> Cen:
    """Return the account's CEN ``CenId``.

    Raises:
        ApiError: ParameterCenInstanceId, or Operation.Blocking while it is being created.
    """
    cen = call.state.cens.get(call.params.required("CenId"))
    if cen is None or cen.owner != call.account.id:
        raise not_found("ParameterCenInstanceId", "The CEN instance does not exist.")
    if cen.status != "Active":
        raise ApiError("Operation.Blocking", "The CEN instance is being changed.")
    return cen


def _shape(cen: Cen) -> Answer:
    return {
        "CenId": cen.cen_id,
        "Name": cen.name,
        "Description": cen.description,
        "ProtectionLevel": cen.protection_level,
        "Status": cen.status,
        "CreationTime": timestamp(cen.created),
        "ResourceGroupId": cen.resource_group_id,
        "Tags": {"Tag": tag_list(cen.tags)},
    }
