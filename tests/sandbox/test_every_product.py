"""What holds in every product: client tokens, dry runs, pages, tags, accounts, regions, and the state on disk."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashlink_sandbox.cloud import Cloud
from dashlink_sandbox.wire.params import Params


def _vpc_ids(bench, **filters: str) -> list[str]:
    return [vpc["VpcId"] for vpc in bench("Vpc", "DescribeVpcs", **filters)["Vpcs"]["Vpc"]]


def test_the_same_client_token_makes_one_thing_and_other_parameters_are_refused(bench):
    asked = {"VpcName": "models", "ClientToken": "token"}
    first, again = (bench("Vpc", "CreateVpc", **asked)["VpcId"] for _ in range(2))
    assert first == again
    assert _vpc_ids(bench) == [first]
    assert bench.refused("Vpc", "CreateVpc", **{**asked, "VpcName": "other"}) == "IdempotentParameterMismatch"
    assert bench.other_account()("Vpc", "CreateVpc", **asked)["VpcId"] != first


def test_a_refused_call_leaves_its_client_token_unused(bench):
    asked = {"ClientToken": "token"}
    bench.refused("Vpc", "CreateVpc", CidrBlock="11.0.0.0/8", **asked)
    assert bench("Vpc", "CreateVpc", CidrBlock="10.0.0.0/8", **asked)["VpcId"]


def test_a_client_token_is_forgotten_after_a_day(bench):
    first = bench("Vpc", "CreateVpc", ClientToken="token")["VpcId"]
    bench.later(25 * 3600)
    bench("Vpc", "ModifyVpcAttribute", VpcId=first, VpcName="touched")
    assert bench("Vpc", "CreateVpc", ClientToken="token")["VpcId"] != first


def test_a_dry_run_applies_every_rule_and_changes_nothing(bench):
    assert bench.refused("Vpc", "CreateVpc", DryRun="true") == "DryRunOperation"
    assert bench.refused("Vpc", "CreateVpc", DryRun="true", CidrBlock="11.0.0.0/8") == "InvalidCidrBlock.Malformed"
    assert _vpc_ids(bench) == []


def test_numbered_pages_hold_every_row_once(bench):
    made = [bench("Vpc", "CreateVpc")["VpcId"] for _ in range(5)]
    pages = [bench("Vpc", "DescribeVpcs", PageNumber=str(number), PageSize="2") for number in (1, 2, 3, 4)]
    assert [len(page["Vpcs"]["Vpc"]) for page in pages] == [2, 2, 1, 0]
    assert [vpc["VpcId"] for page in pages for vpc in page["Vpcs"]["Vpc"]] == made
    assert {page["TotalCount"] for page in pages} == {5}
    assert bench.refused("Vpc", "DescribeVpcs", PageSize="51") == "InvalidParameter.PageSize"


@pytest.mark.parametrize(("rows", "sizes"), [(5, [2, 2, 1]), (4, [2, 2]), (0, [0])])
def test_a_token_leads_to_the_next_page_until_there_is_none(bench, rows, sizes):
    vpc_id = bench.vpc()
    made = [bench.endpoint(vpc_id) for _ in range(rows)]
    pages, token = [], ""
    while not pages or token:
        page = bench("Privatelink", "ListVpcEndpoints", MaxResults="2", NextToken=token)
        pages.append([row["EndpointId"] for row in page["Endpoints"]])
        token = page.get("NextToken", "")
    assert [endpoint_id for page in pages for endpoint_id in page] == made
    assert [len(page) for page in pages] == sizes
    assert bench.refused("Privatelink", "ListVpcEndpoints", NextToken="%%") == "InvalidParameter.NextToken"


@pytest.mark.parametrize(
    ("product", "kind", "untag"),
    [
        ("Vpc", "VPC", "UnTagResources"),
        ("Vpc", "VSWITCH", "UnTagResources"),
        ("Ecs", "securitygroup", "UntagResources"),
        ("Privatelink", "VpcEndpoint", "UntagResources"),
        ("pvtz", "ZONE", "UnTagResources"),
    ],
)
def test_tags_are_set_listed_and_removed(bench, product, kind, untag):
    vpc_id = bench.vpc()
    made = {
        "VPC": lambda: vpc_id,
        "VSWITCH": lambda: bench.vswitch(vpc_id),
        "securitygroup": lambda: bench.group(vpc_id),
        "VpcEndpoint": lambda: bench.endpoint(vpc_id),
        "ZONE": lambda: bench("pvtz", "AddZone", ZoneName="x.com")["ZoneId"],
    }
    ask = {"ResourceType": kind, "ResourceId.1": made[kind]()}

    def tags() -> dict[str, str]:
        found = bench(product, "ListTagResources", **ask)["TagResources"]
        rows = found["TagResource"] if isinstance(found, dict) else found
        return {row["TagKey"]: row["TagValue"] for row in rows}

    both = {"Tag.1.Key": "a", "Tag.1.Value": "1", "Tag.2.Key": "b", "Tag.2.Value": ""}
    bench(product, "TagResources", **ask, **both)
    bench(product, "TagResources", **ask, **{"Tag.1.Key": "a", "Tag.1.Value": "2"})
    assert tags() == {"a": "2", "b": ""}
    bench(product, untag, **ask, **{"TagKey.1": "a"})
    assert tags() == {"b": ""}
    absent = {**ask, "ResourceId.1": "absent", "Tag.1.Key": "a"}
    assert bench.refused(product, "TagResources", **absent) == "InvalidResourceId.NotFound"


def test_a_resource_moves_between_the_groups_of_its_account(bench):
    groups = bench("ResourceManager", "ListResourceGroups")["ResourceGroups"]["ResourceGroup"]
    default, other = (group["Id"] for group in groups)
    vpc_id = bench.vpc()
    ask = {"ResourceType": "vpc", "ResourceId": vpc_id}
    seen = [bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)["ResourceGroupId"]]
    bench("Vpc", "MoveResourceGroup", NewResourceGroupId=other, **ask)
    seen.append(bench("Vpc", "DescribeVpcAttribute", VpcId=vpc_id)["ResourceGroupId"])
    assert seen == [default, other]
    absent = {**ask, "NewResourceGroupId": "rg-absent"}
    assert bench.refused("Vpc", "MoveResourceGroup", **absent) == "InvalidResourceGroup.NotFound"


def test_an_account_sees_nothing_of_another(bench):
    vpc_id = bench.vpc()
    other = bench.other_account()
    assert _vpc_ids(other) == []
    assert other.refused("Vpc", "DescribeVpcAttribute", VpcId=vpc_id) == "InvalidVpcId.NotFound"
    assert other.refused("Vpc", "DeleteVpc", VpcId=vpc_id) == "InvalidVpcId.NotFound"


def test_a_region_sees_nothing_of_another(bench):
    vpc_id = bench.vpc()
    assert _vpc_ids(bench, RegionId="cn-hangzhou") == []
    asked = {"VpcId": vpc_id, "RegionId": "cn-hangzhou"}
    assert bench.refused("Vpc", "DescribeVpcAttribute", **asked) == "InvalidVpcId.NotFound"


def test_a_state_that_was_handed_out_never_changes(bench):
    vpc_id = bench.vpc()
    before = bench.cloud.current()
    copy = before.model_copy(deep=True)
    bench.endpoint(vpc_id)
    bench.later()
    assert bench.cloud.current() != copy
    assert before == copy


def test_a_cloud_that_is_opened_again_is_the_same(kept):
    first = Cloud(kept)
    draft = first.draft()
    draft.next_number = 42
    first.replace(draft)
    assert Cloud(kept).current() == first.current()
    assert sorted(path.name for path in kept.parent.iterdir()) == ["state.json"]
    assert stat.S_ISREG(kept.stat().st_mode)


def test_a_state_that_did_not_change_is_not_written_again(kept):
    cloud = Cloud(kept)
    kept.unlink()
    cloud.save()
    assert not kept.exists()


_TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1)


@given(st.lists(st.dictionaries(st.sampled_from(["Key", "Value", "Sub.1"]), _TEXT, min_size=1), max_size=12), _TEXT)
def test_flat_lists_are_read_back_as_they_were_meant(rows, noise):
    flat = {f"Tag.{number}.{name}": value for number, row in enumerate(rows, 1) for name, value in row.items()}
    params = Params({"TagX.1.Key": noise, "Other": noise, **flat, "Tag": noise})
    assert [element.flat for element in params.elements("Tag")] == rows
    assert Params({f"Id.{n}": str(n) for n in (10, 2, 1)}).texts("Id") == ["1", "2", "10"]
