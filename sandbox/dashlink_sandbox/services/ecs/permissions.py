"""Rules of a security group: one in the parameters, or a list in ``Permissions.N``.

The API names the other side Source… for ingress and Dest… for egress; the records call it the
source in both directions.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.ecs import groups, prefix_lists
from dashlink_sandbox.services.ecs.rules import SIDES, check_rule, normalized_ipv6
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.state import Rule, SecurityGroup
from dashlink_sandbox.wire.errors import ApiError, forbidden, not_found
from dashlink_sandbox.wire.params import Params

_DESCRIPTIVE = {"rule_id", "description", "created"}
_INTRANET, _INTERNET = "intranet", "internet"
_NO_RULE = Rule(rule_id="")


def describe(call: Call) -> Answer:
    """DescribeSecurityGroupAttribute: the group with its rules, of one direction or of both."""
    group = groups.requested(call)
    direction = call.params.one_of("Direction", ("ingress", "egress", "all"), "all")
    nic_type = _nic_type(call.params, "")
    rules = []
    for rule in group.rules:
        if direction in ("all", rule.direction) and nic_type in ("", rule.nic_type):
            rules.append(rule)
    page, counts = by_token(call.params, rules, _shape, size=500)
    return {
        "SecurityGroupId": group.security_group_id,
        "SecurityGroupName": group.name,
        "Description": group.description,
        "VpcId": group.vpc_id,
        "RegionId": group.region,
        "InnerAccessPolicy": group.inner_access_policy,
        "Permissions": {"Permission": page},
        "NextToken": counts.get("NextToken", ""),
    }


def authorize(call: Call, *, direction: str) -> Answer:
    """AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress.

    An existing rule is accepted and changes nothing (AuthorizeSecurityGroup, 2024).
    """
    group = groups.changeable(call)
    for permission in _permissions(call):
        rule = _rule(permission, direction, group)
        _check(call, group, rule)
        if any(_is_same(rule, other) for other in group.rules):
            continue
        if len(group.rules) >= call.catalog.quotas["rules_per_security_group"]:
            message = "The limit of authorization records in the group is reached."
            raise forbidden("AuthorizationLimitExceed", message)
        rule.rule_id = call.new_id("sgr")
        rule.created = call.now
        group.rules.append(rule)
    return {}


def revoke(call: Call, *, direction: str) -> Answer:
    """RevokeSecurityGroup, RevokeSecurityGroupEgress: by rule id or content, if it exists."""
    group = groups.changeable(call)
    if ids := call.params.texts("SecurityGroupRuleId"):
        group.rules = [rule for rule in group.rules if rule.rule_id not in ids]
        return {}
    for permission in _permissions(call):
        revoked = _rule(permission, direction, group)
        group.rules = [rule for rule in group.rules if not _is_same(rule, revoked)]
    return {}


def modify(call: Call, *, direction: str) -> Answer:
    """ModifySecurityGroupRule, ModifySecurityGroupEgressRule.

    A rule found by its content gets a new description; one named by its id any new content.
    """
    group = groups.changeable(call)
    rule_id = call.params.text("SecurityGroupRuleId")
    changed = _rule(call.params, direction, group)
    for position, rule in enumerate(group.rules):
        if rule.rule_id == rule_id or (not rule_id and _is_same(rule, changed)):
            if rule_id and "IpProtocol" not in call.params:
                description = call.params.text("Description")
                changed = rule.model_copy(update={"description": description})
            _check(call, group, changed)
            identity = {"rule_id": rule.rule_id, "created": rule.created}
            group.rules[position] = changed.model_copy(update=identity)
            return {}
    raise not_found("InvalidSecurityGroupRule.RuleNotExist", "The specified rule does not exist.")


def _check(call: Call, group: SecurityGroup, rule: Rule) -> None:
    """Refuse an invalid rule, or one that names a group or a prefix list that it may not name."""
    check_rule(rule, group)
    if group.vpc_id and rule.nic_type != _INTRANET:
        message = "The specified NicType conflicts with the authorization record."
        raise forbidden("InvalidNicType.Mismatch", message)  # the code is unverified
    if rule.source_prefix_list_id and not group.vpc_id:
        message = "The prefix list is not supported when the network type is classic."
        raise ApiError("NotSupported.ClassicNetworkPrefixList", message)
    if rule.source_prefix_list_id:
        prefix_lists.find(call, rule.source_prefix_list_id)
    if not rule.source_group_id:
        return
    side = SIDES[rule.direction]
    other = call.state.security_groups.get(rule.source_group_id)
    owner = rule.source_group_owner or group.owner
    if other is None or other.owner != owner or other.region != group.region:
        message = f"The {side}GroupId provided does not exist in our records."
        raise not_found(f"Invalid{side}GroupId.NotFound", message)
    if bool(other.vpc_id) != bool(group.vpc_id):
        message = "The network types of the two security groups should be the same."
        raise forbidden("InvalidNetworkType.Conflict", message)
    if not rule.source_group_owner and other.vpc_id != group.vpc_id:
        message = "Specified security group and source group are not in the same VPC."
        raise ApiError(f"Invalid{side}GroupId.Mismatch", message)
    references = sum(bool(existing.source_group_id) for existing in group.rules)
    call.check_quota(
        "group_rules_per_security_group", references, "AuthorizedGroupRule.LimitExceed"
    )


def _permissions(call: Call) -> list[Params]:
    return call.params.elements("Permissions") or [call.params]


def _nic_type(params: Params, default: str) -> str:
    """Return the network type of a rule; the provider sends ``<nil>`` for none."""
    nic_type = params.text("NicType", default).lower()
    return default if nic_type == "<nil>" else nic_type


def _rule(params: Params, direction: str, group: SecurityGroup) -> Rule:
    """Return the rule of ``group`` that the parameters describe.

    A CIDR block wins over a group, and each of them over a prefix list (SDK ecs 7.11.8).
    """
    side = SIDES[direction]
    priority = params.text("Priority", "1")
    source_cidr = params.text(f"{side}CidrIp")
    ipv6_source_cidr = normalized_ipv6(params.text(f"Ipv6{side}CidrIp"))
    source_group_id = params.text(f"{side}GroupId")
    if source_cidr or ipv6_source_cidr:
        source_group_id = ""
    prefix_list_id = params.text(f"{side}PrefixListId")
    if source_cidr or ipv6_source_cidr or source_group_id:
        prefix_list_id = ""
    owner = params.text(f"{side}GroupOwnerAccount", params.text(f"{side}GroupOwnerId"))
    return Rule(
        rule_id="",
        direction=direction,
        protocol=params.required("IpProtocol").lower(),
        ports=params.text("PortRange"),
        policy=params.text("Policy", "accept").lower(),
        nic_type=_nic_type(params, _INTRANET if group.vpc_id else _INTERNET),
        priority=int(priority) if priority.isdecimal() else 0,
        source_cidr=source_cidr,
        ipv6_source_cidr=ipv6_source_cidr,
        source_group_id=source_group_id,
        source_group_owner=owner if source_group_id else "",
        source_prefix_list_id=prefix_list_id,
        description=params.text("Description"),
    )


def _is_same(one: Rule, other: Rule) -> bool:
    """Whether two rules match the same traffic with the same policy and priority."""
    return one.model_dump(exclude=_DESCRIPTIVE) == other.model_dump(exclude=_DESCRIPTIVE)


def _shape(rule: Rule) -> Answer:
    """Return a rule as DescribeSecurityGroupAttribute writes it; unused fields are empty text."""
    shape = {
        "Direction": rule.direction,
        "IpProtocol": rule.protocol.upper(),
        "PortRange": rule.ports,
        "Policy": rule.policy.capitalize(),
        "Priority": str(rule.priority),
        "NicType": rule.nic_type,
        "Description": rule.description,
        "SecurityGroupRuleId": rule.rule_id,
        "CreateTime": timestamp(rule.created),
    }
    for direction, side in SIDES.items():
        shown = rule if direction == rule.direction else _NO_RULE
        shape[f"{side}CidrIp"] = shown.source_cidr
        shape[f"Ipv6{side}CidrIp"] = shown.ipv6_source_cidr
        shape[f"{side}GroupId"] = shown.source_group_id
        shape[f"{side}GroupOwnerAccount"] = shown.source_group_owner
        shape[f"{side}PrefixListId"] = shown.source_prefix_list_id
    return shape
