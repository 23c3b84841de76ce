"""Security groups and their rules."""

from __future__ import annotations

import json

import pytest

_RULE = {"IpProtocol": "tcp", "PortRange": "443/443", "SourceCidrIp": "10.0.0.0/8"}


def _rules(bench, group_id: str, **filters: str) -> list[dict]:
    found = bench("Ecs", "DescribeSecurityGroupAttribute", SecurityGroupId=group_id, **filters)
    return found["Permissions"]["Permission"]


def _numbered(rule: dict[str, str], number: int = 1) -> dict[str, str]:
    return {f"Permissions.{number}.{name}": value for name, value in rule.items()}


@pytest.fixture
def group_id(bench) -> str:
    return bench.group(bench.vpc())


@pytest.mark.parametrize("form", [dict, _numbered])
def test_a_rule_is_taken_in_either_form_and_read_back(bench, group_id, form):
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **form({**_RULE, "Priority": "7"}))
    (rule,) = _rules(bench, group_id, Direction="ingress", NicType="<nil>")
    read = {name: rule[name] for name in ("IpProtocol", "PortRange", "SourceCidrIp", "Policy", "Priority", "NicType")}
    assert list(read.values()) == ["TCP", "443/443", "10.0.0.0/8", "Accept", "7", "intranet"]


def test_the_same_rule_again_is_accepted_and_changes_nothing(bench, group_id):
    for description in ("one", "other"):
        asked = {**_RULE, "Description": description}
        bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **asked)
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **{**_RULE, "Priority": "2"})
    assert [(rule["Description"], rule["Priority"]) for rule in _rules(bench, group_id)] == [("one", "1"), ("", "2")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"IpProtocol": "tcpp"}, "InvalidIpProtocol.ValueNotSupported"),
        ({"PortRange": "-1/-1"}, "InvalidPortRange.Malformed"),
        ({"PortRange": "0/80"}, "InvalidPortRange.Malformed"),
        ({"PortRange": "443/80"}, "InvalidPortRange.Malformed"),
        ({"PortRange": "80"}, "InvalidPortRange.Malformed"),
        ({"PortRange": "1/65536"}, "InvalidPortRange.Malformed"),
        ({"IpProtocol": "all"}, "InvalidPortRange.Malformed"),
        ({"Policy": "maybe"}, "InvalidPolicy.Malformed"),
        ({"Priority": "0"}, "InvalidPriority.ValueNotSupported"),
        ({"Priority": "101"}, "InvalidPriority.ValueNotSupported"),
        ({"SourceCidrIp": "10.0.0.0/33"}, "InvalidSourceCidrIp.Malformed"),
        ({"SourceCidrIp": ""}, "MissingParameter.Source"),
        ({"SourceGroupId": "sg-absent"}, "MissingParameter.Source"),
        ({"SourceCidrIp": "", "SourceGroupId": "sg-absent"}, "InvalidSourceGroupId.NotFound"),
    ],
)
def test_a_rule_is_refused_for_each_part_that_cannot_be(bench, group_id, changed, code):
    asked = {**_RULE, **changed}
    assert bench.refused("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **asked) == code
    assert _rules(bench, group_id) == []


def test_of_a_list_with_one_bad_rule_none_is_taken(bench, group_id):
    both = {**_numbered(_RULE, 1), **_numbered({**_RULE, "PortRange": "x"}, 2)}
    bench.refused("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **both)
    assert _rules(bench, group_id) == []


def test_ingress_and_egress_are_apart(bench, group_id):
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    out = {"IpProtocol": "all", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0", "Policy": "drop"}
    bench("Ecs", "AuthorizeSecurityGroupEgress", SecurityGroupId=group_id, **out)
    (egress,) = _rules(bench, group_id, Direction="egress")
    assert (egress["DestCidrIp"], egress["SourceCidrIp"], egress["Policy"]) == ("0.0.0.0/0", "", "Drop")
    bench("Ecs", "RevokeSecurityGroupEgress", SecurityGroupId=group_id, **out)
    assert [rule["Direction"] for rule in _rules(bench, group_id)] == ["ingress"]


def test_a_rule_is_revoked_by_content_or_by_id_and_an_absent_one_is_no_error(bench, group_id):
    for port in ("80/80", "443/443"):
        asked = {**_RULE, "PortRange": port}
        bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **asked)
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    (rule,) = _rules(bench, group_id)
    assert rule["PortRange"] == "80/80"
    rule_id = {"SecurityGroupRuleId.1": rule["SecurityGroupRuleId"]}
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=group_id, **rule_id)
    assert _rules(bench, group_id) == []


def test_a_rules_description_changes_in_place(bench, group_id):
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    (before,) = _rules(bench, group_id)
    bench("Ecs", "ModifySecurityGroupRule", SecurityGroupId=group_id, **_RULE, Description="models")
    (after,) = _rules(bench, group_id)
    assert after == {**before, "Description": "models"}


def test_a_group_is_deleted_only_when_no_endpoint_and_no_other_group_needs_it(bench):
    vpc_id = bench.vpc()
    group_id, other = bench.group(vpc_id), bench.group(vpc_id)
    named = {"IpProtocol": "tcp", "PortRange": "80/80", "SourceGroupId": group_id}
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=other, **named)
    assert bench.refused("Ecs", "DeleteSecurityGroup", SecurityGroupId=group_id) == "DependencyViolation"
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=other, **named)
    bench.endpoint(vpc_id, **{"SecurityGroupId.1": group_id})
    assert bench.refused("Ecs", "DeleteSecurityGroup", SecurityGroupId=group_id) == "DependencyViolation"
    bench("Ecs", "DeleteSecurityGroup", SecurityGroupId=other)


def test_groups_are_found_by_ids_vpc_and_tags(bench):
    vpc_id = bench.vpc()
    plain = bench.group(vpc_id)
    tag = {"Tag.1.Key": "team", "Tag.1.Value": "models"}
    tagged = bench("Ecs", "CreateSecurityGroup", VpcId=vpc_id, **tag)["SecurityGroupId"]

    def found(**filters: str) -> list[str]:
        rows = bench("Ecs", "DescribeSecurityGroups", **filters)["SecurityGroups"]["SecurityGroup"]
        return [row["SecurityGroupId"] for row in rows]

    assert found(VpcId=vpc_id) == [plain, tagged]
    assert found(**tag) == [tagged]
    assert found(SecurityGroupIds=json.dumps([plain])) == [plain]
    assert found(SecurityGroupId="sg-absent") == []


def test_the_inner_policy_is_one_of_two(bench, group_id):
    bench("Ecs", "ModifySecurityGroupPolicy", SecurityGroupId=group_id, InnerAccessPolicy="Drop")
    found = bench("Ecs", "DescribeSecurityGroupAttribute", SecurityGroupId=group_id)
    assert found["InnerAccessPolicy"] == "Drop"
    asked = {"SecurityGroupId": group_id, "InnerAccessPolicy": "Perhaps"}
    assert bench.refused("Ecs", "ModifySecurityGroupPolicy", **asked) == "InvalidParameter.InnerAccessPolicy"


def test_rules_and_groups_come_in_pages(bench):
    vpc_id = bench.vpc()
    made = [bench.group(vpc_id) for _ in range(3)]
    ports = [f"{port}/{port}" for port in (80, 443, 8080)]
    for port in ports:
        bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=made[0], **{**_RULE, "PortRange": port})

    def pages(read) -> list[str]:
        seen, token = [], ""
        while True:
            rows, token = read({"MaxResults": "2", "NextToken": token})
            seen += rows
            if not token:
                return seen

    def groups(page):
        found = bench("Ecs", "DescribeSecurityGroups", **page)
        return [row["SecurityGroupId"] for row in found["SecurityGroups"]["SecurityGroup"]], found.get("NextToken")

    def rules(page):
        found = bench("Ecs", "DescribeSecurityGroupAttribute", SecurityGroupId=made[0], **page)
        return [row["PortRange"] for row in found["Permissions"]["Permission"]], found.get("NextToken")

    assert pages(groups) == made
    assert pages(rules) == ports
