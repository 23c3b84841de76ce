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
    vpcs = {f"Vpcs.{n}.VpcId": vpc_id for n, vpc_id in enumerate(vpc_ids, 1)}
    regions = {f"Vpcs.{n}.RegionId": bench.region for n, _ in enumerate(vpc_ids, 1)}
    bench("pvtz", "BindZoneVpc", ZoneId=zone_id, **vpcs, **regions)


def _bound(bench, zone_id: str) -> list[str]:
    return [vpc["VpcId"] for vpc in bench("pvtz", "DescribeZoneInfo", ZoneId=zone_id)["BindVpcs"]["Vpc"]]


@pytest.mark.parametrize("name", ["a b.com", "-x.com", "x..com", "x" * 64 + ".com", "http://x"])
def test_a_zone_needs_a_domain_name(bench, name):
    assert bench.refused("pvtz", "AddZone", ZoneName=name) == "Zone.Invalid.Name"


def test_binding_sets_the_whole_set_of_vpcs_and_none_unbinds_all(bench, zone_id):
    one, two = bench.vpc(), bench.vpc("192.168.0.0/16")
    seen = []
    for vpcs in ((one, two), (two,), ()):
        _bind(bench, zone_id, *vpcs)
        seen.append(_bound(bench, zone_id))
    assert seen == [[one, two], [two], []]


def test_a_vpc_that_is_not_there_or_has_a_zone_of_this_name_is_not_bound(bench, zone_id):
    absent = {"ZoneId": zone_id, "Vpcs.1.RegionId": "cn-beijing", "Vpcs.1.VpcId": "vpc-absent"}
    assert bench.refused("pvtz", "BindZoneVpc", **absent) == "ZoneVpc.NotExists.VpcId"
    vpc_id = bench.vpc()
    _bind(bench, bench("pvtz", "AddZone", ZoneName=_NAME)["ZoneId"], vpc_id)
    taken = {"ZoneId": zone_id, "Vpcs.1.RegionId": "cn-beijing", "Vpcs.1.VpcId": vpc_id}
    assert bench.refused("pvtz", "BindZoneVpc", **taken) == "ZoneVpc.Conflict"


def test_a_zone_is_deleted_only_when_no_vpc_is_bound(bench, zone_id):
    _bind(bench, zone_id, bench.vpc())
    assert bench.refused("pvtz", "DeleteZone", ZoneId=zone_id) == "Zone.VpcExists"
    _bind(bench, zone_id)
    bench("pvtz", "DeleteZone", ZoneId=zone_id)
    assert bench.refused("pvtz", "DescribeZoneInfo", ZoneId=zone_id) == "Zone.NotExists"


def test_a_vpc_that_is_deleted_is_bound_no_more(bench, zone_id):
    vpc_id = bench.vpc()
    _bind(bench, zone_id, vpc_id)
    bench("Vpc", "DeleteVpc", VpcId=vpc_id)
    assert _bound(bench, zone_id) == []


def test_the_life_of_a_record(bench, zone_id):
    made = {"Rr": "@", "Type": "CNAME", "Value": "ep-x.dashscope.cn-beijing.privatelink.aliyuncs.com", "Ttl": "15"}
    record_id = str(bench("pvtz", "AddZoneRecord", ZoneId=zone_id, **made)["RecordId"])
    bench("pvtz", "SetZoneRecordStatus", RecordId=record_id, Status="DISABLE")
    changed = {**made, "Value": "ep-y.dashscope.cn-beijing.privatelink.aliyuncs.com"}
    bench("pvtz", "UpdateZoneRecord", RecordId=record_id, **changed)
    bench("pvtz", "UpdateRecordRemark", RecordId=record_id, Remark="models")
    (record,) = _records(bench, zone_id)
    assert [record[name] for name in ("Value", "Ttl", "Status", "Remark")] == [
        changed["Value"],
        15,
        "DISABLE",
        "models",
    ]
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
        (("www", "A", "10.0.0.1"), "Record.Invalid.Conflict"),  # a CNAME stands alone
        (("api", "CNAME", "x.com"), "Record.Invalid.Conflict"),
        (("api", "A", "10.0.0.1"), "Record.Invalid.Conflict"),
    ],
)
def test_a_record_is_refused_for_each_rule_that_it_breaks(bench, zone_id, record, code):
    for rr, kind, value in (("www", "CNAME", "x.com"), ("api", "A", "10.0.0.1")):
        bench("pvtz", "AddZoneRecord", ZoneId=zone_id, Rr=rr, Type=kind, Value=value)
    rr, kind, value = record
    assert bench.refused("pvtz", "AddZoneRecord", ZoneId=zone_id, Rr=rr, Type=kind, Value=value) == code
    bench("pvtz", "AddZoneRecord", ZoneId=zone_id, Rr="api", Type="A", Value="10.0.0.2")


def test_zones_are_found_by_name_and_by_vpc(bench, zone_id):
    vpc_id = bench.vpc()
    _bind(bench, zone_id, vpc_id)
    bench("pvtz", "AddZone", ZoneName="other.com")

    def found(**filters: str) -> list[str]:
        return [zone["ZoneName"] for zone in bench("pvtz", "DescribeZones", **filters)["Zones"]["Zone"]]

    assert found() == [_NAME, "other.com"]
    assert found(QueryVpcId=vpc_id) == found(Keyword="dashscope") == [_NAME]
    assert found(Keyword="dashscope", SearchMode="EXACT") == []


def test_a_zones_remark_and_pattern_change_in_place_and_it_syncs_no_hosts(bench, zone_id):
    bench("pvtz", "UpdateZoneRemark", ZoneId=zone_id, Remark="models")
    bench("pvtz", "SetProxyPattern", ZoneId=zone_id, ProxyPattern="RECORD")
    found = bench("pvtz", "DescribeZoneInfo", ZoneId=zone_id)
    assert (found["Remark"], found["ProxyPattern"]) == ("models", "RECORD")
    assert bench.refused("pvtz", "DescribeSyncEcsHostTask", ZoneId=zone_id) == "Ecs.SyncTask.NotExists"
