"""Rules of a security group: one in the parameters, or a list in ``Permissions.N``.

The API names the other side Source… for ingress and Dest… for egress; the records call it the
source in both directions.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.ecs import groups
from dashlink_sandbox.services.ecs.rules import SIDES, check_rule
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.state import Rule
from dashlink_sandbox.wire.errors import forbidden, not_found
from dashlink_sandbox.wire.params import Params

_DESCRIPTIVE = {"rule_id", "description", "created", "nic_type"}
_NO_RULE = Rule(rule_id="")


def describe(call: Call) -> Answer:
    """DescribeSecurityGroupAttribute: the group with its rules, of one direction or of both."""
    group = groups.requested(call)
    direction = call.params.one_of("Direction", ("ingress", "egress", "all"), "all")
    rules = [rule for rule in group.rules if direction in ("all", rule.direction)]
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
    group = groups.requested(call)
    for permission in _permissions(call):
        rule = _rule(permission, direction)
        check_rule(rule)
        if rule.source_group_id:
            groups.find(call, rule.source_group_id, "InvalidSourceGroupId.NotFound")
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
    group = groups.requested(call)
    if ids := call.params.texts("SecurityGroupRuleId"):
        group.rules = [rule for rule in group.rules if rule.rule_id not in ids]
        return {}
    for permission in _permissions(call):
        revoked = _rule(permission, direction)
        group.rules = [rule for rule in group.rules if not _is_same(rule, revoked)]
    return {}


def modify(call: Call, *, direction: str) -> Answer:
    """ModifySecurityGroupRule, ModifySecurityGroupEgressRule.

    A rule found by its content gets a new description; one named by its id any new content.
    """
    group = groups.requested(call)
    rule_id = call.params.text("SecurityGroupRuleId")
    changed = _rule(call.params, direction)
    for position, rule in enumerate(group.rules):
        if rule.rule_id == rule_id or (not rule_id and _is_same(rule, changed)):
            if rule_id and "IpProtocol" not in call.params:
                description = call.params.text("Description")
                changed = rule.model_copy(update={"description": description})
            check_rule(changed)
            identity = {"rule_id": rule.rule_id, "created": rule.created}
            group.rules[position] = changed.model_copy(update=identity)
            return {}
    raise not_found("InvalidSecurityGroupRule.RuleNotExist", "The specified rule does not exist.")


def _permissions(call: Call) -> list[Params]:
    return call.params.elements("Permissions") or [call.params]


def _rule(params: Params, direction: str) -> Rule:
    side = SIDES[direction]
    priority = params.text("Priority", "1")
    return Rule(
        rule_id="",
        direction=direction,
        protocol=params.required("IpProtocol").lower(),
        ports=params.text("PortRange", "-1/-1"),
        policy=params.text("Policy", "accept").lower(),
        priority=int(priority) if priority.isdecimal() else 0,
        source_cidr=params.text(f"{side}CidrIp"),
        ipv6_source_cidr=params.text(f"Ipv6{side}CidrIp"),
        source_group_id=params.text(f"{side}GroupId"),
        source_prefix_list_id=params.text(f"{side}PrefixListId"),
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
        shape[f"{side}PrefixListId"] = shown.source_prefix_list_id
    return shape
