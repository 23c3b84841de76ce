"""Rules of a security group: given one at a time, or as the list ``Permissions.N``.

What is the other side is named Source… for ingress and Dest… for egress; the records call it the source in both.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, moment
from dashlink_sandbox.services.ecs.rules import check_rule
from dashlink_sandbox.state import Rule, SecurityGroup
from dashlink_sandbox.wire.errors import forbidden, not_found
from dashlink_sandbox.wire.params import Params

_DESCRIPTIVE = {"rule_id", "description", "created", "nic_type"}


def authorize(call: Call, *, direction: str) -> Answer:
    """AuthorizeSecurityGroup, AuthorizeSecurityGroupEgress.

    A rule that is already there is accepted and changes nothing (AuthorizeSecurityGroup, 2024).
    """
    group = _group(call)
    for permission in call.params.elements("Permissions") or [call.params]:
        rule = _rule(permission, direction)
        check_rule(rule)
        if rule.source_group_id:
            _check_group_exists(call, rule.source_group_id)
        if any(_same(rule, other) for other in group.rules):
            continue
        if len(group.rules) >= call.catalog.quotas["rules_per_security_group"]:
            raise forbidden("AuthorizationLimitExceed", "The limit of authorization records in the group is reached.")
        group.rules.append(rule.model_copy(update={"rule_id": call.new_id("sgr"), "created": call.now}))
    return {}


def revoke(call: Call, *, direction: str) -> Answer:
    """RevokeSecurityGroup, RevokeSecurityGroupEgress: by rule id or by content; an absent rule is no error."""
    group = _group(call)
    ids = call.params.texts("SecurityGroupRuleId")
    if ids:
        group.rules = [rule for rule in group.rules if rule.rule_id not in ids]
        return {}
    for permission in call.params.elements("Permissions") or [call.params]:
        gone = _rule(permission, direction)
        group.rules = [rule for rule in group.rules if not _same(rule, gone)]
    return {}


def modify(call: Call, *, direction: str) -> Answer:
    """ModifySecurityGroupRule, ModifySecurityGroupEgressRule: another description, or by rule id other content."""
    group = _group(call)
    rule_id = call.params.text("SecurityGroupRuleId")
    changed = _rule(call.params, direction)
    for position, rule in enumerate(group.rules):
        if rule.rule_id == rule_id or (not rule_id and _same(rule, changed)):
            kept = {"rule_id": rule.rule_id, "created": rule.created}
            if rule_id and "IpProtocol" not in call.params:
                changed = rule.model_copy(update={"description": call.params.text("Description")})
            check_rule(changed)
            group.rules[position] = changed.model_copy(update=kept)
            return {}
    raise not_found("InvalidSecurityGroupRule.RuleNotExist", "The specified rule does not exist.")


def permission_shape(rule: Rule) -> Answer:
    """A rule as DescribeSecurityGroupAttribute writes it: empty text for the fields that it does not use."""
    other_side = (rule.source_cidr, rule.ipv6_source_cidr, rule.source_group_id, rule.source_prefix_list_id)
    nothing = ("",) * len(other_side)
    ingress = rule.direction == "ingress"
    source, dest = (other_side, nothing) if ingress else (nothing, other_side)
    return {
        "Direction": rule.direction,
        "IpProtocol": rule.protocol.upper(),
        "PortRange": rule.ports,
        "Policy": rule.policy.capitalize(),
        "Priority": str(rule.priority),
        "NicType": rule.nic_type,
        "Description": rule.description,
        "SecurityGroupRuleId": rule.rule_id,
        "CreateTime": moment(rule.created),
        **dict(zip(("SourceCidrIp", "Ipv6SourceCidrIp", "SourceGroupId", "SourcePrefixListId"), source, strict=True)),
        **dict(zip(("DestCidrIp", "Ipv6DestCidrIp", "DestGroupId", "DestPrefixListId"), dest, strict=True)),
    }


def _rule(params: Params, direction: str) -> Rule:
    side = "Source" if direction == "ingress" else "Dest"
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


def _same(one: Rule, other: Rule) -> bool:
    """Whether two rules let in (or keep out) the same; what they are called does not count."""
    return one.model_dump(exclude=_DESCRIPTIVE) == other.model_dump(exclude=_DESCRIPTIVE)


def _group(call: Call) -> SecurityGroup:
    group_id = call.params.required("SecurityGroupId")
    return call.owned(call.state.security_groups, group_id, "InvalidSecurityGroupId.NotFound", "security group")


def _check_group_exists(call: Call, group_id: str) -> None:
    call.owned(call.state.security_groups, group_id, "InvalidSourceGroupId.NotFound", "source security group")
