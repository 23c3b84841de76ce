"""Security groups and their rules."""

from __future__ import annotations

import json

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from support import clouds, official

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
        ({"PortRange": ""}, "InvalidPortRange.Malformed"),
        ({"PortRange": "-1/-1"}, "OperationDenied"),
        ({"PortRange": "0/80"}, "InvalidParam.PortRange"),
        ({"PortRange": "443/80"}, "InvalidParam.PortRange"),
        ({"PortRange": "80"}, "InvalidParam.PortRange"),
        ({"PortRange": "1/65536"}, "InvalidParam.PortRange"),
        ({"IpProtocol": "all"}, "OperationDenied"),
        ({"Policy": "maybe"}, "InvalidPolicy.Malformed"),
        ({"Priority": "0"}, "InvalidPriority.ValueNotSupported"),
        ({"Priority": "101"}, "InvalidPriority.ValueNotSupported"),
        ({"Description": "d" * 513}, "InvalidSecurityGroupDiscription.Malformed"),
        ({"SourceCidrIp": "10.0.0.0/33"}, "InvalidParam.SourceCidrIp"),
        ({"SourceCidrIp": ""}, "MissingParameter.Source"),
        ({"SourceCidrIp": "", "Ipv6SourceCidrIp": "fd::/129"}, "InvalidParam.Ipv6SourceCidrIp"),
        ({"Ipv6SourceCidrIp": "::/0"}, "InvalidParam.SourceIp"),
        ({"SourceCidrIp": "", "SourceGroupId": "sg-absent"}, "InvalidSourceGroupId.NotFound"),
        ({"SourceCidrIp": "", "SourcePrefixListId": "pl-x"}, "InvalidPrefixListId.NotFound"),
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
    assert refusal == "InvalidPolicy.Malformed"


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
    [{"SourcePortRange": "1/1"}, {"NicType": "eth0"}, {"PortRangeListId": "prl-1"}],
    ids=["source port", "network type", "port list"],
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


def _group_of_type(bench, vpc_id: str, kind: str) -> str:
    params = {"VpcId": vpc_id, "SecurityGroupType": kind}
    return str(bench("Ecs", "CreateSecurityGroup", **params)["SecurityGroupId"])


def test_members_of_an_enterprise_group_are_isolated(bench):
    group_id = _group_of_type(bench, bench.vpc(), "enterprise")
    group = bench("Ecs", "DescribeSecurityGroupAttribute", SecurityGroupId=group_id)
    assert group["InnerAccessPolicy"] == "Drop"
    params = {"SecurityGroupId": group_id, "InnerAccessPolicy": "Accept"}
    refusal = bench.refused("Ecs", "ModifySecurityGroupPolicy", **params)
    assert refusal == "InvalidParameter.InnerAccessPolicy"


def test_a_rule_of_an_enterprise_group_names_no_group(bench):
    vpc_id = bench.vpc()
    params = {
        "SecurityGroupId": _group_of_type(bench, vpc_id, "enterprise"),
        "IpProtocol": "tcp",
        "PortRange": "443/443",
        "SourceGroupId": bench.group(vpc_id),
    }
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **params)
    assert refusal == "InvalidGroupAuthParameter.OperationDenied"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"RegionId": "cn-heyuan"}, "InvalidVpcId.NotFound"),
        ({"SecurityGroupType": "enterprise", "VpcId": ""}, "InvalidParams.VpcIdGroupType"),
        ({"VpcId": "vpc-absent"}, "InvalidVpcId.NotFound"),
        ({"SecurityGroupType": "basic"}, "InvalidParams.GroupType"),
        ({"SecurityGroupName": "1st"}, "InvalidSecurityGroupName.Malformed"),
        ({"SecurityGroupName": "https://x"}, "InvalidSecurityGroupName.Malformed"),
        ({"Description": "d"}, "InvalidSecurityGroupDiscription.Malformed"),
    ],
    ids=["no VPC", "type without VPC", "unknown VPC", "type", "name", "URL", "description"],
)
def test_each_invalid_field_of_a_group_is_refused(bench, params, code):
    if not code.startswith("InvalidVpcId"):
        params = {"VpcId": bench.vpc(), **params}
    assert bench.refused("Ecs", "CreateSecurityGroup", **params) == code


def test_a_rule_of_a_group_without_a_vpc_has_a_network_type(bench):
    group_id = bench("Ecs", "CreateSecurityGroup")["SecurityGroupId"]
    params = {"SecurityGroupId": group_id, **_RULE}
    bench("Ecs", "AuthorizeSecurityGroup", **params)
    bench("Ecs", "AuthorizeSecurityGroup", **params, NicType="intranet")
    assert [rule["NicType"] for rule in _rules(bench, group_id)] == ["internet", "intranet"]
    (rule,) = _rules(bench, group_id, NicType="intranet")
    assert rule["NicType"] == "intranet"
    bench("Ecs", "RevokeSecurityGroup", **params)
    assert [rule["NicType"] for rule in _rules(bench, group_id)] == ["intranet"]
    path = "SecurityGroups.SecurityGroup.SecurityGroupId"
    bench.group(bench.vpc())
    classic = bench.column("Ecs", "DescribeSecurityGroups", path, NetworkType="classic")
    assert classic == [group_id]


def test_a_group_without_a_vpc_refuses_sides_of_a_vpc(bench):
    rule = {
        "SecurityGroupId": bench("Ecs", "CreateSecurityGroup")["SecurityGroupId"],
        "IpProtocol": "tcp",
        "PortRange": "443/443",
        "NicType": "intranet",
    }
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **rule, SourcePrefixListId="pl-1")
    assert refusal == "NotSupported.ClassicNetworkPrefixList"
    other = bench.group(bench.vpc())
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **rule, SourceGroupId=other)
    assert refusal == "InvalidNetworkType.Conflict"


def test_a_rule_of_a_group_in_a_vpc_is_of_the_intranet(bench, group_id):
    params = {"SecurityGroupId": group_id, **_RULE, "NicType": "internet"}
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **params)
    assert refusal == "InvalidNicType.Mismatch"


def test_an_ipv6_block_is_compressed_and_revoked_as_written(bench, group_id):
    rule = {"SecurityGroupId": group_id, "IpProtocol": "tcp", "PortRange": "443/443"}
    long = "2001:0DB8:3C4D:0015:0000:0000:1A2F:1A2B/56"
    bench("Ecs", "AuthorizeSecurityGroup", **rule, Ipv6SourceCidrIp=long)
    bench("Ecs", "AuthorizeSecurityGroup", **rule, Ipv6SourceCidrIp=long.lower())
    (row,) = _rules(bench, group_id)
    assert row["Ipv6SourceCidrIp"] == "2001:db8:3c4d:15::1a2f:1a2b/56"
    bench("Ecs", "RevokeSecurityGroup", **rule, Ipv6SourceCidrIp=long.title())
    assert _rules(bench, group_id) == []


@pytest.mark.parametrize(
    ("protocol", "side", "code"),
    [
        ("icmp", {"Ipv6SourceCidrIp": "::/0"}, "InvalidParam.Ipv4ProtocolConflictWithIpv6Address"),
        (
            "icmpv6",
            {"SourceCidrIp": "0.0.0.0/0"},
            "InvalidParam.Ipv6ProtocolConflictWithIpv4Address",
        ),
    ],
    ids=["icmp", "icmpv6"],
)
def test_icmp_of_one_version_has_addresses_of_that_version(bench, group_id, protocol, side, code):
    rule = {"SecurityGroupId": group_id, "IpProtocol": protocol, "PortRange": "-1/-1", **side}
    assert bench.refused("Ecs", "AuthorizeSecurityGroup", **rule) == code


def test_a_cidr_block_wins_over_a_group_of_the_same_rule(bench, group_id):
    params = {"SecurityGroupId": group_id, **_RULE, "SourceGroupId": "sg-absent"}
    bench("Ecs", "AuthorizeSecurityGroup", **params, SourcePrefixListId="pl-absent")
    (rule,) = _rules(bench, group_id)
    assert (rule["SourceGroupId"], rule["SourcePrefixListId"]) == ("", "")


def test_a_group_of_another_vpc_is_no_source(bench, group_id):
    rule = {"SecurityGroupId": group_id, "IpProtocol": "all", "PortRange": "-1/-1"}
    other = bench.group(bench.vpc("192.168.0.0/16"))
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **rule, SourceGroupId=other)
    assert refusal == "InvalidSourceGroupId.Mismatch"
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroupEgress", **rule, DestGroupId=other)
    assert refusal == "InvalidDestGroupId.Mismatch"


def test_a_group_of_another_account_is_a_source_by_its_owner(bench, group_id):
    other = bench.other_account()
    source = {
        "SourceGroupId": other.group(other.vpc()),
        "SourceGroupOwnerAccount": bench.cloud.catalog.accounts[1].id,
    }
    rule = {"SecurityGroupId": group_id, "IpProtocol": "all", "PortRange": "-1/-1"}
    bench("Ecs", "AuthorizeSecurityGroup", **rule, **source)
    (row,) = _rules(bench, group_id)
    assert row == row | source
    alone = {"SourceGroupId": source["SourceGroupId"]}
    refusal = bench.refused("Ecs", "AuthorizeSecurityGroup", **rule, **alone)
    assert refusal == "InvalidSourceGroupId.NotFound"


def _prefix_list(bench, *cidrs: str, **other: str) -> str:
    entries = {}
    for number, cidr in enumerate(cidrs, 1):
        entries[f"Entry.{number}.Cidr"] = cidr
    params = {"AddressFamily": "IPv4", "MaxEntries": "2", "PrefixListName": "offices", **entries}
    return str(bench("Ecs", "CreatePrefixList", **{**params, **other})["PrefixListId"])


def _blocks(bench, list_id: str) -> list[str]:
    return bench.column(
        "Ecs", "DescribePrefixListAttributes", "Entries.Entry.Cidr", PrefixListId=list_id
    )


def test_the_blocks_of_a_prefix_list_are_stored_normalized(bench):
    assert _blocks(bench, _prefix_list(bench, "10.0.0.1", "10.1.0.0/16")) == [
        "10.0.0.1/32",
        "10.1.0.0/16",
    ]
    ipv6 = _prefix_list(bench, "2001:0DB8:0000::/32", AddressFamily="IPv6")
    assert _blocks(bench, ipv6) == ["2001:db8::/32"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"AddressFamily": "ipv4"}, "InvalidParameter.AddressFamily"),
        ({"PrefixListName": "com.aliyun.x"}, "InvalidParameter.PrefixListName"),
        ({"Description": "https://x"}, "InvalidDescription.Malformed"),
        ({"Entry.1.Cidr": "10.0.0.1/8"}, "InvalidParameter.CidrMalformed"),
        ({"Entry.1.Cidr": "::/0"}, "InvalidParameter.CidrMalformed"),
        ({"Entry.2.Cidr": "10.0.0.0/8"}, "InvalidParameter.CidrDuplicated"),
        ({"Entry.2.Cidr": "11.0.0.0/8", "MaxEntries": "1"}, "LimitExceed.MaxEntries"),
    ],
    ids=["family", "name", "description", "host bits", "IPv6", "twice", "too many"],
)
def test_each_invalid_field_of_a_prefix_list_is_refused(bench, changed, code):
    params = {"AddressFamily": "IPv4", "MaxEntries": "2", "PrefixListName": "offices"}
    params = {**params, "Entry.1.Cidr": "10.0.0.0/8", **changed}
    assert bench.refused("Ecs", "CreatePrefixList", **params) == code


def test_entries_of_a_prefix_list_are_added_and_removed(bench):
    list_id = _prefix_list(bench, "10.0.0.0/8", "11.0.0.0/8")
    change = {"RemoveEntry.1.Cidr": "10.0.0.0/8", "AddEntry.1.Cidr": "12.0.0.0/8"}
    bench("Ecs", "ModifyPrefixList", PrefixListId=list_id, **change)
    assert _blocks(bench, list_id) == ["11.0.0.0/8", "12.0.0.0/8"]
    same = {"RemoveEntry.1.Cidr": "11.0.0.0/8", "AddEntry.1.Cidr": "11.0.0.0/8"}
    refusal = bench.refused("Ecs", "ModifyPrefixList", PrefixListId=list_id, **same)
    assert refusal == "InvalidParameter.CidrDuplicated"


def test_a_prefix_list_that_a_rule_names_is_not_deleted(bench, group_id):
    list_id = _prefix_list(bench, "10.0.0.0/8")
    rule = {"SecurityGroupId": group_id, "IpProtocol": "tcp", "PortRange": "443/443"}
    bench("Ecs", "AuthorizeSecurityGroup", **rule, SourcePrefixListId=list_id)
    path = "PrefixListAssociations.PrefixListAssociation.ResourceId"
    named = {"PrefixListId": list_id}
    assert bench.column("Ecs", "DescribePrefixListAssociations", path, **named) == [group_id]
    assert bench.refused("Ecs", "DeletePrefixList", **named) == "NotAllowed.AssociationExist"
    bench("Ecs", "RevokeSecurityGroup", **rule, SourcePrefixListId=list_id)
    bench("Ecs", "DeletePrefixList", **named)
    assert bench.column("Ecs", "DescribePrefixLists", "PrefixLists.PrefixList.PrefixListId") == []


def _available(bench, resource: str, **filters: str) -> dict[str, list[str]]:
    """Return the values of a resource by zone, as DescribeAvailableResource lists them."""
    params = {"DestinationResource": resource, **filters}
    response = bench("Ecs", "DescribeAvailableResource", **params)
    values = {}
    for zone in response["AvailableZones"]["AvailableZone"]:
        (row,) = zone["AvailableResources"]["AvailableResource"]
        supported = row["SupportedResources"]["SupportedResource"]
        values[zone["ZoneId"]] = [value["Value"] for value in supported]
    return values


def test_each_zone_of_a_region_offers_instance_types(bench):
    zones = list(bench.cloud.catalog.regions["cn-beijing"].zones)
    assert list(_available(bench, "Zone", IoOptimized="optimized")) == zones
    four = {"Cores": "4", "Memory": "16.0", "ZoneId": "cn-beijing-h"}
    assert _available(bench, "InstanceType", **four) == {"cn-beijing-h": ["ecs.g7.xlarge"]}
    assert _available(bench, "InstanceType", Cores="3") == {}
    for field in ("Cores", "Memory"):
        params = {"DestinationResource": "InstanceType", field: "few"}
        refusal = bench.refused("Ecs", "DescribeAvailableResource", **params)
        assert refusal == f"InvalidParameter.{field}"


def test_nothing_is_offered_for_the_classic_network(bench):
    assert _available(bench, "Zone", NetworkCategory="classic") == {}
    refusal = bench.refused("Ecs", "DescribeAvailableResource", DestinationResource="Castle")
    assert refusal == "InvalidParameter.DestinationResource"


def test_the_ecs_sdk_reads_prefix_lists_and_zones_as_written(sandbox):
    client = official.ecs(sandbox)
    region = {"region_id": "cn-beijing"}
    entry = ecs_models.CreatePrefixListRequestEntry(cidr="10.0.0.1", description="one")
    request = ecs_models.CreatePrefixListRequest(
        **region, address_family="IPv4", max_entries=2, prefix_list_name="offices", entry=[entry]
    )
    list_id = client.create_prefix_list(request).body.prefix_list_id
    group_id = clouds.create_group(sandbox, clouds.create_vpc(sandbox, "10.20.0.0/16"))
    permission = ecs_models.AuthorizeSecurityGroupRequestPermissions(
        ip_protocol="TCP", port_range="443/443", source_prefix_list_id=list_id
    )
    client.authorize_security_group(
        ecs_models.AuthorizeSecurityGroupRequest(
            **region, security_group_id=group_id, permissions=[permission]
        )
    )
    read = ecs_models.DescribePrefixListAttributesRequest(**region, prefix_list_id=list_id)
    (stored,) = client.describe_prefix_list_attributes(read).body.entries.entry
    assert (stored.cidr, stored.description) == ("10.0.0.1/32", "one")
    listed = client.describe_prefix_lists(ecs_models.DescribePrefixListsRequest(**region)).body
    (row,) = listed.prefix_lists.prefix_list
    assert (row.prefix_list_id, row.association_count) == (list_id, 1)

    zones = client.describe_zones(ecs_models.DescribeZonesRequest(**region)).body.zones.zone
    assert "ecs.g7.large" in zones[0].available_instance_types.instance_types
    request = ecs_models.DescribeInstanceTypesRequest(instance_type_family="ecs.c7")
    (kind,) = client.describe_instance_types(request).body.instance_types.instance_type
    assert (kind.instance_type_id, kind.cpu_core_count, kind.memory_size) == ("ecs.c7.large", 2, 4)
