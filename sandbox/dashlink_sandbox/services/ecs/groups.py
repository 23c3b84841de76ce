"""Security groups."""

from __future__ import annotations

from collections.abc import Sequence

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.ecs import rules
from dashlink_sandbox.services.paging import by_number, by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import vpcs
from dashlink_sandbox.state import SecurityGroup
from dashlink_sandbox.wire.errors import ApiError, forbidden, not_found

_FILTERS = {
    "SecurityGroupId": "security_group_id",
    "VpcId": "vpc_id",
    "SecurityGroupName": "name",
    "SecurityGroupType": "type",
    "ResourceGroupId": "resource_group_id",
}


# The type of a group -> whether its members reach each other (CreateSecurityGroup, 2024-12).
_INNER_ACCESS = {"normal": "Accept", rules.ENTERPRISE: "Drop"}


def create(call: Call) -> Answer:
    """CreateSecurityGroup: in a VPC, or in the classic network of a region that has it."""
    region = call.region()
    kind = call.params.text("SecurityGroupType", "normal")
    if kind not in _INNER_ACCESS:
        message = "The specified security group type is not valid."
        raise ApiError("InvalidParams.GroupType", message)
    vpc_id = call.params.text("VpcId")
    if vpc_id:
        vpcs.find(call, vpc_id)
    elif not region.classic_network:
        message = "The VpcId must not empty when only support vpc vm."
        raise forbidden("InvalidVpcId.NotFound", message)
    elif kind == rules.ENTERPRISE:
        message = "Only VPC instance supports enterprise level security group."
        raise ApiError("InvalidParams.VpcIdGroupType", message)
    _check_names(call)
    own = call.own(call.state.security_groups)
    used = len([group for group in own if not group.managed_by])
    call.check_quota("security_groups_per_region", used, "QuotaExceed.SecurityGroup")
    group = SecurityGroup(
        security_group_id=call.new_id("sg"),
        region=region.id,
        vpc_id=vpc_id,
        name=call.params.text("SecurityGroupName"),
        description=call.params.text("Description"),
        type=kind,
        inner_access_policy=_INNER_ACCESS[kind],
        **call.new_record(),
    )
    call.state.security_groups[group.security_group_id] = group
    return {"SecurityGroupId": group.security_group_id}


def list_groups(call: Call) -> Answer:
    """DescribeSecurityGroups, by id, ids (a JSON list), VPC, network, name and others."""
    region = call.region().id
    groups = call.select(call.state.security_groups, _FILTERS)
    if "NetworkType" in call.params:
        in_vpc = call.params.text("NetworkType").lower() == "vpc"
        groups = [group for group in groups if bool(group.vpc_id) == in_vpc]
    if "ServiceManaged" in call.params:
        managed = call.params.flag("ServiceManaged")
        groups = [group for group in groups if bool(group.managed_by) == managed]
    if "SecurityGroupId" not in call.params and "SecurityGroupIds" in call.params:
        ids = call.params.json_list("SecurityGroupIds")
        groups = [group for group in groups if not ids or group.security_group_id in ids]
    page, counts = _page(call, groups)
    return {"SecurityGroups": {"SecurityGroup": page}, "RegionId": region, **counts}


def modify(call: Call) -> Answer:
    """ModifySecurityGroupAttribute: name and description."""
    group = changeable(call)
    _check_names(call)
    group.name = call.params.changed("SecurityGroupName", group.name)
    group.description = call.params.changed("Description", group.description)
    return {}


def modify_policy(call: Call) -> Answer:
    """ModifySecurityGroupPolicy: whether members of the group reach each other."""
    group = changeable(call)
    policy = call.params.required("InnerAccessPolicy").capitalize()
    if policy not in _INNER_ACCESS.values():
        message = "The Policy is invalid. Only 'Accept' and 'Drop' are supported. Ignore case."
        raise ApiError("InvalidPolicy.Malformed", message)
    if group.type == rules.ENTERPRISE:
        message = "The InnerAccessPolicy attribute of enterprise level security group can't change."
        raise not_found("InvalidParameter.InnerAccessPolicy", message)
    group.inner_access_policy = policy
    return {}


def delete(call: Call) -> Answer:
    """DeleteSecurityGroup: refused while an endpoint or another group's rule uses it."""
    group_id = changeable(call).security_group_id
    for endpoint in call.state.endpoints.values():
        if group_id in endpoint.security_group_ids:
            message = "There is still instance(s) in the specified security group."
            raise forbidden("DependencyViolation", message)
    for group in call.state.security_groups.values():
        sources = {rule.source_group_id for rule in group.rules}
        if group.security_group_id != group_id and group_id in sources:
            message = "The specified security group has been authorized in another one."
            raise forbidden("DependencyViolation", message)
    del call.state.security_groups[group_id]
    return {}


def requested(call: Call) -> SecurityGroup:
    """Return the caller's security group ``SecurityGroupId``."""
    return find(call, call.params.required("SecurityGroupId"))


def changeable(call: Call) -> SecurityGroup:
    """Return the caller's security group ``SecurityGroupId``, which a user must have created.

    Raises:
        ApiError: InvalidOperation.ResourceManagedByCloudProduct (error codes of
            DeleteSecurityGroup, help.aliyun.com), for a group of a cloud product.
    """
    group = requested(call)
    if group.managed_by:
        where = f'"{group.security_group_id}" has been managed by product "{group.managed_by}"'
        message = f"The specified SecurityGroup {where}."
        raise forbidden("InvalidOperation.ResourceManagedByCloudProduct", message)
    return group


def find(call: Call, group_id: str, code: str = "InvalidSecurityGroupId.NotFound") -> SecurityGroup:
    """Return the caller's security group with this id.

    Raises:
        ApiError: ``code``.
    """
    return call.find(call.state.security_groups, group_id, code, "security group")


def _check_names(call: Call) -> None:
    rules.check_group_name(call.params.text("SecurityGroupName"))
    if not rules.is_valid_description(call.params.text("Description")):
        message = "Specified description is not valid."
        raise ApiError("InvalidSecurityGroupDiscription.Malformed", message)


def _page(call: Call, rows: Sequence[SecurityGroup]) -> tuple[list[Answer], Answer]:
    """Paginate by token where the request uses one, as ECS recommends; else by number."""
    if "MaxResults" in call.params or "NextToken" in call.params:
        return by_token(call.params, rows, _shape, size=10, largest=100)
    return by_number(call.params, rows, _shape, size=10, largest=100)


def _shape(group: SecurityGroup) -> Answer:
    return {
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "SecurityGroupType": group.type,
        "VpcId": group.vpc_id,
        "CreationTime": timestamp(group.created),
        "ResourceGroupId": group.resource_group_id,
        "ServiceManaged": bool(group.managed_by),
        "EcsCount": 0,
        "RuleCount": len(group.rules),
        "Tags": {"Tag": tag_list(group.tags, "TagKey", "TagValue")},
    }
