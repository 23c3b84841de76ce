"""Security groups and their rules."""

from __future__ import annotations

import json

import pytest

_RULE = {"IpProtocol": "tcp", "PortRange": "443/443", "SourceCidrIp": "10.0.0.0/8"}


def _rules(bench, group_id: str, **filters: str) -> list[dict]:
    params = {"SecurityGroupId": group_id, **filters}
    return bench("Ecs", "DescribeSecurityGroupAttribute", **params)["Permissions"]["Permission"]


def _numbered(rule: dict[str, str], number: int = 1) -> dict[str, str]:
    return {f"Permissions.{number}.{name}": value for name, value in rule.items()}


@pytest.fixture
def group_id(bench) -> str:
    return bench.group(bench.vpc())


@pytest.mark.parametrize("form", [dict, _numbered], ids=["parameters", "list"])
def test_a_rule_in_either_form_reads_as_written(bench, group_id, form):
    bench(
        "Ecs",
        "AuthorizeSecurityGroup",
        SecurityGroupId=group_id,
        **form({**_RULE, "Priority": "7"}),
    )
    (rule,) = _rules(bench, group_id, Direction="ingress", NicType="<nil>")
    expected = {"IpProtocol": "TCP", "PortRange": "443/443", "SourceCidrIp": "10.0.0.0/8"}
    expected |= {"Policy": "Accept", "Priority": "7", "NicType": "intranet"}
    assert rule == rule | expected


def test_an_existing_rule_is_accepted_and_changes_nothing(bench, group_id):
    for description in ("one", "other"):
        params = {**_RULE, "Description": description}
        bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **params)
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **{**_RULE, "Priority": "2"})
    one, two = _rules(bench, group_id)
    assert (one["Description"], one["Priority"]) == ("one", "1")
    assert (two["Description"], two["Priority"]) == ("", "2")


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
    ids=str,
)
def test_each_invalid_field_of_a_rule_is_refused(bench, group_id, changed, code):
    params = {"SecurityGroupId": group_id, **_RULE, **changed}
    assert bench.refused("Ecs", "AuthorizeSecurityGroup", **params) == code
    assert _rules(bench, group_id) == []


def test_a_list_with_one_invalid_rule_is_refused_as_a_whole(bench, group_id):
    both = {**_numbered(_RULE, 1), **_numbered({**_RULE, "PortRange": "x"}, 2)}
    bench.refused("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **both)
    assert _rules(bench, group_id) == []


def test_ingress_and_egress_rules_are_separate(bench, group_id):
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    out = {"IpProtocol": "all", "PortRange": "-1/-1", "DestCidrIp": "0.0.0.0/0", "Policy": "drop"}
    bench("Ecs", "AuthorizeSecurityGroupEgress", SecurityGroupId=group_id, **out)
    (egress,) = _rules(bench, group_id, Direction="egress")
    assert (egress["DestCidrIp"], egress["SourceCidrIp"]) == ("0.0.0.0/0", "")
    assert egress["Policy"] == "Drop"
    bench("Ecs", "RevokeSecurityGroupEgress", SecurityGroupId=group_id, **out)
    (rule,) = _rules(bench, group_id)
    assert rule["Direction"] == "ingress"


def test_revoking_by_content_or_by_id_ignores_absent_rules(bench, group_id):
    for port in ("80/80", "443/443"):
        params = {**_RULE, "PortRange": port}
        bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **params)
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    (rule,) = _rules(bench, group_id)
    assert rule["PortRange"] == "80/80"
    rule_id = {"SecurityGroupRuleId.1": rule["SecurityGroupRuleId"]}
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=group_id, **rule_id)
    assert _rules(bench, group_id) == []


def test_the_description_of_a_rule_changes_in_place(bench, group_id):
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=group_id, **_RULE)
    (before,) = _rules(bench, group_id)
    changed = {"SecurityGroupId": group_id, **_RULE, "Description": "models"}
    bench("Ecs", "ModifySecurityGroupRule", **changed)
    (after,) = _rules(bench, group_id)
    assert after == {**before, "Description": "models"}


def test_a_group_in_use_is_not_deleted(bench):
    vpc_id = bench.vpc()
    group_id, other = bench.group(vpc_id), bench.group(vpc_id)
    named = {"IpProtocol": "tcp", "PortRange": "80/80", "SourceGroupId": group_id}
    bench("Ecs", "AuthorizeSecurityGroup", SecurityGroupId=other, **named)
    params = {"SecurityGroupId": group_id}
    assert bench.refused("Ecs", "DeleteSecurityGroup", **params) == "DependencyViolation"
    bench("Ecs", "RevokeSecurityGroup", SecurityGroupId=other, **named)
    bench.endpoint(vpc_id, **{"SecurityGroupId.1": group_id})
    assert bench.refused("Ecs", "DeleteSecurityGroup", **params) == "DependencyViolation"
    bench("Ecs", "DeleteSecurityGroup", SecurityGroupId=other)


def test_groups_are_listed_by_ids_vpc_and_tags(bench):
    vpc_id = bench.vpc()
    plain = bench.group(vpc_id)
    tag = {"Tag.1.Key": "team", "Tag.1.Value": "models"}
    tagged = bench("Ecs", "CreateSecurityGroup", VpcId=vpc_id, **tag)["SecurityGroupId"]

    def listed(**filters: str) -> list[str]:
        path = "SecurityGroups.SecurityGroup.SecurityGroupId"
        return bench.column("Ecs", "DescribeSecurityGroups", path, **filters)

    assert listed(VpcId=vpc_id) == [plain, tagged]
    assert listed(**tag) == [tagged]
    assert listed(SecurityGroupIds=json.dumps([plain])) == [plain]
    assert listed(SecurityGroupId="sg-absent") == []


def test_the_inner_access_policy_is_accept_or_drop(bench, group_id):
    params = {"SecurityGroupId": group_id, "InnerAccessPolicy": "Drop"}
    bench("Ecs", "ModifySecurityGroupPolicy", **params)
    group = bench("Ecs", "DescribeSecurityGroupAttribute", SecurityGroupId=group_id)
    assert group["InnerAccessPolicy"] == "Drop"
    params["InnerAccessPolicy"] = "Perhaps"
    refusal = bench.refused("Ecs", "ModifySecurityGroupPolicy", **params)
    assert refusal == "InvalidParameter.InnerAccessPolicy"


def _pages(bench, action: str, table: str, field: str, **params: str) -> list[str]:
    """Read all pages of a list, two rows each, and return one field of its rows."""
    outer, inner = table.split(".")
    values, token = [], ""
    while True:
        page = bench("Ecs", action, MaxResults="2", NextToken=token, **params)
        for row in page[outer][inner]:
            values.append(row[field])
        token = page.get("NextToken")
        if not token:
            return values


def test_groups_are_paginated(bench):
    vpc_id = bench.vpc()
    groups = [bench.group(vpc_id) for _ in range(3)]
    table = "SecurityGroups.SecurityGroup"
    assert _pages(bench, "DescribeSecurityGroups", table, "SecurityGroupId") == groups


def test_rules_are_paginated(bench, group_id):
    group = {"SecurityGroupId": group_id}
    ports = ["80/80", "443/443", "8080/8080"]
    for port in ports:
        bench("Ecs", "AuthorizeSecurityGroup", **group, **{**_RULE, "PortRange": port})
    table = "Permissions.Permission"
    assert _pages(bench, "DescribeSecurityGroupAttribute", table, "PortRange", **group) == ports


@pytest.mark.parametrize(
    "changed",
    [{"SourcePortRange": "1/1"}, {"NicType": "internet"}, {"SourceGroupOwnerAccount": "other"}],
    ids=["source port", "network type", "owner"],
)
@pytest.mark.parametrize("form", [dict, _numbered], ids=["parameters", "list"])
def test_an_unsupported_field_of_a_rule_is_refused(bench, group_id, form, changed):
    params = {"SecurityGroupId": group_id, **form({**_RULE, **changed})}
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **params)
    assert refusal == "Sandbox.UnsupportedParameter"
    assert _rules(bench, group_id) == []


def test_security_groups_are_listed_by_type(bench, group_id):
    path = "SecurityGroups.SecurityGroup.SecurityGroupId"
    assert bench.column("Ecs", "DescribeSecurityGroups", path, SecurityGroupType="normal") == [
        group_id
    ]
    rows = bench.column("Ecs", "DescribeSecurityGroups", path, SecurityGroupType="enterprise")
    assert rows == []
