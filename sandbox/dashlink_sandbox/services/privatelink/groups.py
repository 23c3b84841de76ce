"""The security groups of an endpoint's network interfaces."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink.lookup import (
    find_endpoint,
    find_group,
    find_settled,
)
from dashlink_sandbox.wire.errors import ApiError, invalid


def attach(call: Call) -> Answer:
    """AttachSecurityGroupToVpcEndpoint."""
    endpoint = find_settled(call)
    group_id = call.params.required("SecurityGroupId")
    if group_id in endpoint.security_group_ids:
        message = "The specified security group already exists."
        raise ApiError("SecurityGroupExist", message)
    ids = [*endpoint.security_group_ids, group_id]
    _check(call, ids, endpoint.vpc_id)
    endpoint.security_group_ids = ids
    return {}


def detach(call: Call) -> Answer:
    """DetachSecurityGroupFromVpcEndpoint: refused for the last group."""
    endpoint = find_settled(call)
    detached = call.params.required("SecurityGroupId")
    ids = [group_id for group_id in endpoint.security_group_ids if group_id != detached]
    if len(ids) == len(endpoint.security_group_ids):
        message = "The specified security group does not exist."
        raise ApiError("SecurityGroupNotFound", message)
    if not ids:
        message = "The specified endpoint must have at least one security group."
        raise ApiError("EndpointMustContainSecurityGroup", message)
    endpoint.security_group_ids = ids
    return {}


def list_groups(call: Call) -> Answer:
    """ListVpcEndpointSecurityGroups."""
    page, counts = by_token(call.params, find_endpoint(call).security_group_ids, _shape)
    return {"SecurityGroups": page, **counts}


def group_ids(call: Call, vpc_id: str) -> list[str]:
    """Return the groups that the request names; each must exist in this VPC."""
    ids = call.params.texts("SecurityGroupId")
    _check(call, ids, vpc_id)
    return ids


def _check(call: Call, ids: list[str], vpc_id: str) -> None:
    quota = call.catalog.quotas["security_groups_per_endpoint"]
    if len(set(ids)) > quota:
        message = f"An endpoint may have {quota} security groups."
        raise ApiError("QuotaMisMatched", message)  # which quotas have this code is unverified
    for group_id in ids:
        if find_group(call, group_id).vpc_id != vpc_id:
            message = f"The security group {group_id} is not in the VPC {vpc_id}."
            raise invalid("SecurityGroupId", message)


def _shape(group_id: str) -> Answer:
    return {"SecurityGroupId": group_id, "SecurityGroupStatus": "Attached"}
