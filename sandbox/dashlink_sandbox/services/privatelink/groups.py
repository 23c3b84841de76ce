"""The security groups of an endpoint: they guard its network interfaces."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.ecs import groups
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.privatelink import rules
from dashlink_sandbox.state import Endpoint
from dashlink_sandbox.wire.errors import ApiError, invalid


def attach(call: Call) -> Answer:
    """AttachSecurityGroupToVpcEndpoint."""
    endpoint = _endpoint(call)
    rules.check_settled(endpoint)
    group_id = call.params.required("SecurityGroupId")
    _check(call, [*endpoint.security_group_ids, group_id], endpoint.vpc_id)
    if group_id not in endpoint.security_group_ids:
        endpoint.security_group_ids = [*endpoint.security_group_ids, group_id]
    return {}


def detach(call: Call) -> Answer:
    """DetachSecurityGroupFromVpcEndpoint."""
    endpoint = _endpoint(call)
    rules.check_settled(endpoint)
    group_id = call.params.required("SecurityGroupId")
    endpoint.security_group_ids = [kept for kept in endpoint.security_group_ids if kept != group_id]
    return {}


def list_groups(call: Call) -> Answer:
    """ListVpcEndpointSecurityGroups."""
    ids = _endpoint(call).security_group_ids
    rows = [{"SecurityGroupId": group_id, "SecurityGroupStatus": "Attached"} for group_id in ids]
    page, beside = by_token(call.params, rows, size=50, largest=1000)
    return {"SecurityGroups": page, **beside}


def group_ids(call: Call, vpc_id: str) -> list[str]:
    """The groups that the request names, each one there and in this VPC."""
    ids = call.params.texts("SecurityGroupId")
    _check(call, ids, vpc_id)
    return ids


def _check(call: Call, ids: list[str], vpc_id: str) -> None:
    quota = call.catalog.quotas["security_groups_per_endpoint"]
    if len(set(ids)) > quota:
        raise ApiError("QuotaExceeded.SecurityGroup", f"An endpoint may have {quota} security groups.")  # unverified
    for group_id in ids:
        if groups.find(call, group_id).vpc_id != vpc_id:
            raise invalid("SecurityGroupId", f"The security group {group_id} is not in the VPC {vpc_id}.")


def _endpoint(call: Call) -> Endpoint:
    return call.owned(call.state.endpoints, call.params.required("EndpointId"), "EndpointNotFound", "endpoint")
