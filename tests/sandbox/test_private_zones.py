"""PrivateZones and their records."""

from __future__ import annotations

import pytest

_NAME = "vpc-cn-beijing.dashscope.aliyuncs.com"


@pytest.fixture
def zone_id(bench) -> str:
    return bench("pvtz", "AddZone", ZoneName=_NAME)["ZoneId"]


def _records(bench, zone_id: str, **filters: str) -> list[dict]:
    return bench("pvtz", "DescribeZoneRecords", ZoneId=zone_id, **filters)["Records"]["Record"]


def _bind(bench, zone_id: str, *vpc_ids: str) -> None:
    vpcs = {}
    for number, vpc_id in enumerate(vpc_ids, 1):
        vpcs[f"Vpcs.{number}.VpcId"] = vpc_id
        vpcs[f"Vpcs.{number}.RegionId"] = bench.region
    bench("pvtz", "BindZoneVpc", ZoneId=zone_id, **vpcs)


def _bound(bench, zone_id: str) -> list[str]:
    return bench.column("pvtz", "DescribeZoneInfo", "BindVpcs.Vpc.VpcId", ZoneId=zone_id)


@pytest.mark.parametrize(
    "name",
    ["a b.com", "-x.com", "x..com", "x" * 64 + ".com", "http://x"],
    ids=["space", "leading hyphen", "empty label", "long label", "URL"],
)
def test_a_zone_needs_a_domain_name(bench, name):
    assert bench.refused("pvtz", "AddZone", ZoneName=name) == "Zone.Invalid.Name"


def test_binding_replaces_all_vpcs_and_none_unbinds_all(bench, zone_id):
    one, two = bench.vpc(), bench.vpc("192.168.0.0/16")
    seen = []
    for vpcs in ((one, two), (two,), ()):
        _bind(bench, zone_id, *vpcs)
        seen.append(_bound(bench, zone_id))
    assert seen == [[one, two], [two], []]


def test_an_absent_vpc_or_one_with_this_zone_name_is_refused(bench, zone_id):
    absent = {"ZoneId": zone_id, "Vpcs.1.RegionId": "cn-beijing", "Vpcs.1.VpcId": "vpc-absent"}
    assert bench.refused("pvtz", "BindZoneVpc", **absent) == "ZoneVpc.NotExists.VpcId"
    vpc_id = bench.vpc()
    _bind(bench, bench("pvtz", "AddZone", ZoneName=_NAME)["ZoneId"], vpc_id)
    used = {"ZoneId": zone_id, "Vpcs.1.RegionId": "cn-beijing", "Vpcs.1.VpcId": vpc_id}
    assert bench.refused("pvtz", "BindZoneVpc", **used) == "ZoneVpc.Conflict"


def test_a_zone_is_deleted_only_when_no_vpc_is_bound(bench, zone_id):
    _bind(bench, zone_id, bench.vpc())
    assert bench.refused("pvtz", "DeleteZone", ZoneId=zone_id) == "Zone.VpcExists"
    _bind(bench, zone_id)
    bench("pvtz", "DeleteZone", ZoneId=zone_id)
    assert bench.refused("pvtz", "DescribeZoneInfo", ZoneId=zone_id) == "Zone.NotExists"


def test_a_deleted_vpc_is_unbound(bench, zone_id):
    vpc_id = bench.vpc()
    _bind(bench, zone_id, vpc_id)
    bench("Vpc", "DeleteVpc", VpcId=vpc_id)
    assert _bound(bench, zone_id) == []


def test_a_record_is_created_changed_and_deleted(bench, zone_id):
    target = "ep-x.dashscope.cn-beijing.privatelink.aliyuncs.com"
    params = {"Rr": "@", "Type": "CNAME", "Value": target, "Ttl": "15"}
    record_id = str(bench("pvtz", "AddZoneRecord", ZoneId=zone_id, **params)["RecordId"])
    bench("pvtz", "SetZoneRecordStatus", RecordId=record_id, Status="DISABLE")
    changed = {**params, "Value": "ep-y.dashscope.cn-beijing.privatelink.aliyuncs.com"}
    bench("pvtz", "UpdateZoneRecord", RecordId=record_id, **changed)
    bench("pvtz", "UpdateRecordRemark", RecordId=record_id, Remark="models")
    (record,) = _records(bench, zone_id)
    assert (record["Value"], record["Ttl"]) == (changed["Value"], 15)
    assert (record["Status"], record["Remark"]) == ("DISABLE", "models")
    bench("pvtz", "DeleteZoneRecord", RecordId=record_id)
    assert _records(bench, zone_id) == []
    assert bench.refused("pvtz", "DeleteZoneRecord", RecordId=record_id) == "Record.NotExists"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (("@", "A", "10.0.0.256"), "Record.Invalid.Value"),
        (("@", "CNAME", "not a name"), "Record.Invalid.Value"),
        (("@", "SPF", "x"), "Record.Invalid.Type"),
        (("a b", "A", "10.0.0.1"), "Record.Invalid.Rr"),
        (("www", "A", "10.0.0.1"), "Record.Invalid.Conflict"),  # a CNAME excludes others
        (("api", "CNAME", "x.com"), "Record.Invalid.Conflict"),
        (("api", "A", "10.0.0.1"), "Record.Invalid.Conflict"),
    ],
    ids=[
        "address",
        "target",
        "type",
        "host",
        "beside a CNAME",
        "CNAME beside others",
        "same record",
    ],
)
def test_each_invalid_field_of_a_record_is_refused(bench, zone_id, record, code):
    for rr, kind, value in (("www", "CNAME", "x.com"), ("api", "A", "10.0.0.1")):
        bench("pvtz", "AddZoneRecord", ZoneId=zone_id, Rr=rr, Type=kind, Value=value)
    rr, kind, value = record
    params = {"ZoneId": zone_id, "Rr": rr, "Type": kind, "Value": value}
    assert bench.refused("pvtz", "AddZoneRecord", **params) == code
    bench("pvtz", "AddZoneRecord", ZoneId=zone_id, Rr="api", Type="A", Value="10.0.0.2")


def test_zones_are_listed_by_name_and_by_vpc(bench, zone_id):
    vpc_id = bench.vpc()
    _bind(bench, zone_id, vpc_id)
    bench("pvtz", "AddZone", ZoneName="other.com")

    def names(**filters: str) -> list[str]:
        return bench.column("pvtz", "DescribeZones", "Zones.Zone.ZoneName", **filters)

    assert names() == [_NAME, "other.com"]
    assert names(QueryVpcId=vpc_id) == names(Keyword="dashscope") == [_NAME]
    assert names(Keyword="dashscope", SearchMode="EXACT") == []


def test_remark_and_pattern_of_a_zone_change_in_place(bench, zone_id):
    bench("pvtz", "UpdateZoneRemark", ZoneId=zone_id, Remark="models")
    bench("pvtz", "SetProxyPattern", ZoneId=zone_id, ProxyPattern="RECORD")
    zone = bench("pvtz", "DescribeZoneInfo", ZoneId=zone_id)
    assert (zone["Remark"], zone["ProxyPattern"]) == ("models", "RECORD")


def test_a_zone_has_no_task_that_syncs_ecs_hosts(bench, zone_id):
    refusal = bench.refused("pvtz", "DescribeSyncEcsHostTask", ZoneId=zone_id)
    assert refusal == "Ecs.SyncTask.NotExists"
