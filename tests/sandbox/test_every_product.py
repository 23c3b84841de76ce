"""Features of every product: client tokens, dry runs, pages, tags, accounts, and saved state."""

from __future__ import annotations

import inspect
import re
import stat

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from hypothesis import given
from hypothesis import strategies as st

from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.services import SERVICES
from dashlink_sandbox.services.parameters import supported
from dashlink_sandbox.state import Vpc
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.params import Params


def _vpc_ids(bench, **filters: str) -> list[str]:
    return bench.column("Vpc", "DescribeVpcs", "Vpcs.Vpc.VpcId", **filters)


@pytest.mark.parametrize(
    ("action", "params", "names"),
    [
        ("CreateVpc", {"Ipv6CidrMask": "56"}, "Ipv6CidrMask"),
        ("CreateVpc", {"Ipv4IpamPoolId": "x", "Ipv4CidrMask": "9"}, "Ipv4CidrMask, Ipv4IpamPoolId"),
        ("CreateVpc", {"Tag.1.Kye": "stack"}, "Tag.1.Kye"),
        ("DescribeVpcs", {"DhcpOptionsSetId": "dopt-1"}, "DhcpOptionsSetId"),
        ("DescribeZones", {"ZoneType": "LocalZone"}, "ZoneType (only availabilityzone)"),
    ],
    ids=["one", "two", "list", "filter", "value"],
)
def test_an_unsupported_parameter_is_refused_by_its_name(bench, action, params, names):
    with pytest.raises(ApiError, match=re.escape(f"support {names}.")) as caught:
        bench("Vpc", action, **params)
    assert (caught.value.code, caught.value.status) == ("Sandbox.UnsupportedParameter", 400)
    assert _vpc_ids(bench) == []


@pytest.mark.parametrize(
    ("product", "action"),
    [("pvtz", "AddZone"), ("Privatelink", "ListVpcEndpoints"), ("Ecs", "DescribeSecurityGroups")],
    ids=str,
)
def test_each_product_refuses_an_unknown_parameter(bench, product, action):
    refusal = bench.refused(product, action, ZoneName="x.com", Unheard="of")
    assert refusal == "Sandbox.UnsupportedParameter"


def test_an_empty_or_common_parameter_is_accepted(bench):
    defaults = {"EnableIpv6": "False", "EnableDnsHostname": "false", "UserCidr": ""}
    bench("Vpc", "CreateVpc", OwnerId="1", ResourceOwnerAccount="a", **defaults)
    assert len(_vpc_ids(bench, Lang="en")) == 1


def test_each_action_of_a_checked_product_has_parameters():
    actions = {}
    for service in SERVICES:
        if service.product in supported():
            actions[service.product] = set(service.actions)
    assert {name: set(table) for name, table in supported().items()} == actions
    assert set(actions) == {"Vpc", "Ecs", "Privatelink", "pvtz", "Nlb", "Slb", "Cbn", "VpcPeer"}


@pytest.mark.parametrize(
    ("product", "models"),
    [("Vpc", vpc_models), ("Ecs", ecs_models), ("Privatelink", privatelink_models)],
    ids=["Vpc", "Ecs", "Privatelink"],
)
def test_supported_parameters_are_those_of_the_sdk(product, models):
    common = _heads(supported()[product]["DescribeRegions"])
    for action, parameters in supported()[product].items():
        request = getattr(models, f"{action}Request", None)
        source = inspect.getsource(request.to_map) if request else ""  # CheckProductOpen has none
        known = set(re.findall(r"result\['(\w+)'\]", source))
        assert _heads(parameters) - common <= known, action


def _heads(parameters) -> set[str]:
    return {name.partition(".")[0] for name in parameters}


def test_a_client_token_creates_one_resource(bench):
    params = {"VpcName": "models", "ClientToken": "token"}
    first = bench("Vpc", "CreateVpc", **params)["VpcId"]
    assert bench("Vpc", "CreateVpc", **params)["VpcId"] == first
    assert _vpc_ids(bench) == [first]
    assert bench.other_account()("Vpc", "CreateVpc", **params)["VpcId"] != first


def test_a_client_token_with_other_parameters_is_refused(bench):
    bench("Vpc", "CreateVpc", VpcName="models", ClientToken="token")
    refusal = bench.refused("Vpc", "CreateVpc", VpcName="other", ClientToken="token")
    assert refusal == "IdempotentParameterMismatch"


def test_a_refused_call_leaves_its_client_token_unused(bench):
    bench.refused("Vpc", "CreateVpc", CidrBlock="100.64.0.0/10", ClientToken="token")
    assert bench("Vpc", "CreateVpc", CidrBlock="10.0.0.0/8", ClientToken="token")["VpcId"]


def test_a_client_token_expires_after_a_day(bench):
    first = bench("Vpc", "CreateVpc", ClientToken="token")["VpcId"]
    bench.later(25 * 3600)
    bench("Vpc", "ModifyVpcAttribute", VpcId=first, VpcName="touched")
    assert bench("Vpc", "CreateVpc", ClientToken="token")["VpcId"] != first


def test_a_dry_run_applies_every_rule_and_changes_nothing(bench):
    assert bench.refused("Vpc", "CreateVpc", DryRun="true") == "DryRunOperation"
    refusal = bench.refused("Vpc", "CreateVpc", DryRun="true", CidrBlock="100.64.0.0/10")
    assert refusal == "InvalidCidrBlock.Malformed"
    assert _vpc_ids(bench) == []


def test_numbered_pages_hold_every_row_once(bench):
    vpc_ids = [bench("Vpc", "CreateVpc")["VpcId"] for _ in range(5)]
    for number, expected in ((1, vpc_ids[:2]), (2, vpc_ids[2:4]), (3, vpc_ids[4:]), (4, [])):
        params = {"PageNumber": str(number), "PageSize": "2"}
        assert _vpc_ids(bench, **params) == expected
        assert bench("Vpc", "DescribeVpcs", **params)["TotalCount"] == 5
    assert bench.refused("Vpc", "DescribeVpcs", PageSize="51") == "InvalidParameter.PageSize"


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [(5, [2, 2, 1]), (4, [2, 2]), (0, [0])],
    ids=["last page short", "last page full", "no rows"],
)
def test_pages_by_token_hold_every_row_once(bench, rows, sizes):
    vpc_id = bench.vpc()
    endpoint_ids = [bench.endpoint(vpc_id) for _ in range(rows)]
    read, token = [], ""
    for position, size in enumerate(sizes, 1):
        page = bench("Privatelink", "ListVpcEndpoints", MaxResults="2", NextToken=token)
        read += [row["EndpointId"] for row in page["Endpoints"]]
        assert len(page["Endpoints"]) == size
        assert ("NextToken" in page) == (position < len(sizes))
        token = page.get("NextToken", "")
    assert read == endpoint_ids


def test_an_unreadable_token_is_refused(bench):
    refusal = bench.refused("Privatelink", "ListVpcEndpoints", NextToken="%%")
    assert refusal == "InvalidParameter.NextToken"


@pytest.mark.parametrize(
    ("product", "kind", "untag"),
    [
        ("Vpc", "VPC", "UnTagResources"),
        ("Vpc", "VSWITCH", "UnTagResources"),
        ("Vpc", "ROUTETABLE", "UnTagResources"),
        ("Ecs", "securitygroup", "UntagResources"),
        ("Privatelink", "VpcEndpoint", "UntagResources"),
        ("pvtz", "ZONE", "UnTagResources"),
    ],
    ids=["VPC", "vSwitch", "route table", "security group", "endpoint", "private zone"],
)
def test_tags_are_set_listed_and_removed(bench, product, kind, untag):
    vpc_id = bench.vpc()
    create = {
        "VPC": lambda: vpc_id,
        "VSWITCH": lambda: bench.vswitch(vpc_id),
        "ROUTETABLE": lambda: bench("Vpc", "CreateRouteTable", VpcId=vpc_id)["RouteTableId"],
        "securitygroup": lambda: bench.group(vpc_id),
        "VpcEndpoint": lambda: bench.endpoint(vpc_id),
        "ZONE": lambda: bench("pvtz", "AddZone", ZoneName="x.com")["ZoneId"],
    }
    resource = {"ResourceType": kind, "ResourceId.1": create[kind]()}

    def tags() -> dict[str, str]:
        rows = bench(product, "ListTagResources", **resource)["TagResources"]
        if isinstance(rows, dict):
            rows = rows["TagResource"]
        return {row["TagKey"]: row["TagValue"] for row in rows}

    both = {"Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "b", "Tag.2.Value": ""}
    bench(product, "TagResources", **resource, **both)
    bench(product, "TagResources", **resource, **{"Tag.1.Key": "a", "Tag.1.Value": "2"})
    assert tags() == {"a": "2", "b": ""}
    bench(product, untag, **resource, **{"TagKey.1": "a"})
    assert tags() == {"b": ""}
    absent = {**resource, "ResourceId.1": "absent", "Tag.1.Key": "a"}
    assert bench.refused(product, "TagResources", **absent) == "InvalidResourceId.NotFound"


def test_a_resource_moves_between_the_groups_of_its_account(bench):
    path = "ResourceGroups.ResourceGroup.Id"
    default, other = bench.column("ResourceManager", "ListResourceGroups", path)
    vpc_id = bench.vpc()
    resource = {"ResourceType": "vpc", "ResourceId": vpc_id}
    vpc = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert vpc["ResourceGroupId"] == default
    bench("Vpc", "MoveResourceGroup", NewResourceGroupId=other, **resource)
    vpc = bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)
    assert vpc["ResourceGroupId"] == other
    absent = {**resource, "NewResourceGroupId": "rg-absent"}
    assert bench.refused("Vpc", "MoveResourceGroup", **absent) == "InvalidResourceGroup.NotFound"


def test_an_account_sees_no_resource_of_another(bench):
    vpc_id = bench.vpc()
    other = bench.other_account()
    assert _vpc_ids(other) == []
    assert other.refused("Vpc", "DescribeVpcAttribute", VpcId=vpc_id) == "InvalidVpcId.NotFound"
    assert other.refused("Vpc", "DeleteVpc", VpcId=vpc_id) == "InvalidVpcId.NotFound"


def test_a_region_has_no_resource_of_another(bench):
    vpc_id = bench.vpc()
    assert _vpc_ids(bench, RegionId="cn-hangzhou") == []
    params = {"VpcId": vpc_id, "RegionId": "cn-hangzhou"}
    assert bench.refused("Vpc", "DescribeVpcAttribute", **params) == "InvalidVpcId.NotFound"


def test_a_state_that_was_returned_never_changes(bench):
    vpc_id = bench.vpc()
    before = bench.cloud.current()
    copy = before.model_copy(deep=True)
    bench.endpoint(vpc_id)
    bench.later()
    assert bench.cloud.current() != copy
    assert before == copy


def test_a_cloud_is_restored_from_its_state_file(state_file):
    first = Cloud(state_file)
    draft = first.draft()
    draft.next_number = 42
    first.replace(draft)
    assert Cloud(state_file).current() == first.current()
    assert list(state_file.parent.iterdir()) == [state_file]
    assert stat.S_ISREG(state_file.stat().st_mode)


def test_a_restored_cloud_has_the_zones_of_its_catalog(state_file):
    first = Cloud(state_file)
    draft = first.draft()
    for service in draft.endpoint_services.values():
        service.zones = ["ap-southeast-1-a"]
        service.auto_accept = False
    first.replace(draft)
    service = Cloud(state_file).current().endpoint_services["epsrv-t4nsandboxdashscope"]
    assert service.zones == ["ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"]
    assert service.auto_accept is False


def test_a_restored_vpc_has_its_system_route_table(state_file):
    first = Cloud(state_file)
    draft = first.draft()
    fields = {"region": "cn-beijing", "cidr": "10.0.0.0/8", "route_table_id": "vtb-1"}
    draft.vpcs["vpc-1"] = Vpc(vpc_id="vpc-1", **fields)
    first.replace(draft)
    (table,) = Cloud(state_file).current().route_tables.values()
    assert (table.table_id, table.vpc_id, table.type) == ("vtb-1", "vpc-1", "System")


def test_an_unchanged_state_is_not_written_again(state_file):
    cloud = Cloud(state_file)
    state_file.unlink()
    cloud.save()
    assert not state_file.exists()


_TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


_ROW = st.dictionaries(st.sampled_from(["Key", "Value", "Sub.1"]), _TEXT, min_size=1)


@given(st.lists(_ROW, max_size=12), _TEXT)
def test_flat_lists_are_read_in_the_order_of_their_numbers(rows, noise):
    flat = {}
    for number, row in enumerate(rows, 1):
        for name, value in row.items():
            flat[f"Tag.{number}.{name}"] = value
    params = Params({"TagX.1.Key": noise, "Other": noise, **flat, "Tag": noise})
    assert [element.flat for element in params.elements("Tag")] == rows
    assert Params({"Id.10": "10", "Id.2": "2", "Id.1": "1"}).texts("Id") == ["1", "2", "10"]
