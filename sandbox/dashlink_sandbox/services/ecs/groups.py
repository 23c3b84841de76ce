"""Security groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from dashlink_sandbox.services.base import Answer, Call, moment, wrong_name
from dashlink_sandbox.services.ecs.permissions import permission_shape
from dashlink_sandbox.services.paging import by_number, by_token
from dashlink_sandbox.services.tags import tags_fit
from dashlink_sandbox.services.vpc import vpcs
from dashlink_sandbox.state import SecurityGroup
from dashlink_sandbox.wire.errors import ApiError, forbidden, invalid, missing


def create(call: Call) -> Answer:
    """CreateSecurityGroup: in a VPC; the classic network is gone."""
    region = call.region().id
    if "VpcId" not in call.params:
        raise missing("VpcId")
    vpc = vpcs.find(call, call.params.required("VpcId"))
    _check_names(call)
    used = len(call.mine(call.state.security_groups.values()))
    call.refuse_over_quota("security_groups_per_region", used, "QuotaExceed.SecurityGroup")
    group = SecurityGroup(
        security_group_id=call.new_id("sg"),
        region=region,
        vpc_id=vpc.vpc_id,
        name=call.params.text("SecurityGroupName"),
        description=call.params.text("Description"),
        type=call.params.one_of("SecurityGroupType", ("normal", "enterprise"), "normal"),
        **call.birth(),
    )
    call.state.security_groups[group.security_group_id] = group
    return {"SecurityGroupId": group.security_group_id}


def list_groups(call: Call) -> Answer:
    """DescribeSecurityGroups, by id, ids, VPC, name and tags."""
    region = call.region().id
    ids = _ids(call)
    found = [
        group
        for group in call.mine(call.state.security_groups.values())
        if (not ids or group.security_group_id in ids)
        and call.params.text("VpcId", group.vpc_id) == group.vpc_id
        and call.params.text("SecurityGroupName", group.name) == group.name
        and call.params.text("ResourceGroupId", group.resource_group_id) == group.resource_group_id
        and tags_fit(call.params, group.tags)
    ]
    page, counts = _page(call, found)
    return {"SecurityGroups": {"SecurityGroup": [_shape(group) for group in page]}, "RegionId": region, **counts}


def describe(call: Call) -> Answer:
    """DescribeSecurityGroupAttribute: the group with its rules, of one direction or of both."""
    group = find(call, call.params.required("SecurityGroupId"))
    direction = call.params.one_of("Direction", ("ingress", "egress", "all"), "all")
    rules = [rule for rule in group.rules if direction in ("all", rule.direction)]
    page, beside = by_token(call.params, rules, size=500, largest=1000)
    return {
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc_id,
        "RegionId": group.region,
        "InnerAccessPolicy": group.inner_access_policy,
        "Permissions": {"Permission": [permission_shape(rule) for rule in page]},
        "NextToken": beside.get("NextToken", ""),
    }


def modify(call: Call) -> Answer:
    """ModifySecurityGroupAttribute: name and description."""
    group = find(call, call.params.required("SecurityGroupId"))
    _check_names(call)
    group.name = call.params.changed("SecurityGroupName", group.name)
    group.description = call.params.changed("Description", group.description)
    return {}


def modify_policy(call: Call) -> Answer:
    """ModifySecurityGroupPolicy: whether members of the group reach each other."""
    group = find(call, call.params.required("SecurityGroupId"))
    policy = call.params.required("InnerAccessPolicy").capitalize()
    if policy not in ("Accept", "Drop"):
        raise invalid("InnerAccessPolicy")
    group.inner_access_policy = policy
    return {}


def delete(call: Call) -> Answer:
    """DeleteSecurityGroup: refused while an endpoint is in it or another group's rule names it."""
    group_id = find(call, call.params.required("SecurityGroupId")).security_group_id
    if any(group_id in endpoint.security_group_ids for endpoint in call.state.endpoints.values()):
        raise forbidden("DependencyViolation", "There is still instance(s) in the specified security group.")
    others = (group for group in call.state.security_groups.values() if group.security_group_id != group_id)
    if any(rule.source_group_id == group_id for group in others for rule in group.rules):
        raise forbidden("DependencyViolation", "The specified security group has been authorized in another one.")
    del call.state.security_groups[group_id]
    return {}


def find(call: Call, group_id: str) -> SecurityGroup:
    """The caller's security group with this id.

    Raises:
        ApiError: InvalidSecurityGroupId.NotFound.
    """
    return call.owned(call.state.security_groups, group_id, "InvalidSecurityGroupId.NotFound", "security group")


def _check_names(call: Call) -> None:
    name, description = call.params.text("SecurityGroupName"), call.params.text("Description")
    if name and wrong_name(name):
        raise ApiError("InvalidSecurityGroupName.Malformed", "Specified security group name is not valid.")
    if description.startswith(("http://", "https://")):
        raise ApiError("InvalidSecurityGroupDiscription.Malformed", "Specified description is not valid.")


def _page(call: Call, rows: Sequence[SecurityGroup]) -> tuple[list[SecurityGroup], Answer]:
    """A page in the way that the request asks for: by token as ECS would have it, else by number."""
    if "MaxResults" in call.params or "NextToken" in call.params:
        return by_token(call.params, rows, size=10, largest=100)
    return by_number(call.params, rows, size=10, largest=100)


def _ids(call: Call) -> Iterable[str]:
    """The ids asked for: one, or a JSON list of them."""
    single = call.params.text("SecurityGroupId")
    try:
        return [single] if single else json.loads(call.params.text("SecurityGroupIds", "[]"))
    except ValueError as error:
        raise invalid("SecurityGroupIds") from error


def _shape(group: SecurityGroup) -> Answer:
    return {
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.type,
        "VpcId": group.vpc_id,
        "CreationTime": moment(group.created),
        "ResourceGroupId": group.resource_group_id,
        "ServiceManaged": False,
        "EcsCount": 0,
        "RuleCount": len(group.rules),
        "Tags": {"Tag": [{"TagKey": key, "TagValue": value} for key, value in group.tags.items()]},
    }
