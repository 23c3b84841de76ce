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
    assert bench.refused("pvtz", "BindZoneVpc", **used) == "ZoneVpc.Zone.Repeated"


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
        (("@", "MX", "10 mail.x.com"), "Record.Invalid.Value"),
        (("@", "SRV", "sip.x.com"), "Record.Invalid.Value"),
        (("@", "TXT", "x" * 513), "Record.Invalid.Value"),
        (("a b", "A", "10.0.0.1"), "Record.Invalid.Rr"),
        (("www", "A", "10.0.0.1"), "Record.Invalid.Conflict"),  # a CNAME excludes others
        (("api", "CNAME", "x.com"), "Record.Invalid.Conflict"),
        (("api", "A", "10.0.0.1"), "Record.Invalid.Conflict"),
    ],
    ids=[
        "address",
        "target",
        "type",
        "mail server",
        "service",
        "long text",
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


def test_zones_are_listed_by_region_and_group(bench, zone_id):
    _bind(bench, zone_id, bench.vpc())
    other = bench.cloud.catalog.accounts[0].resource_group_ids[1]
    bench("pvtz", "AddZone", ZoneName="other.com", ResourceGroupId=other)

    def names(**filters: str) -> list[str]:
        return bench.column("pvtz", "DescribeZones", "Zones.Zone.ZoneName", **filters)

    assert names(QueryRegionId="cn-beijing") == [_NAME]
    assert names(QueryRegionId="cn-hangzhou") == []
    assert names(ResourceGroupId=other) == ["other.com"]


@pytest.mark.parametrize(
    ("kind", "value", "priority"),
    [
        ("A", "10.0.0.1", "1"),
        ("AAAA", "2001:db8::1", "1"),
        ("CNAME", "x.com", "1"),
        ("MX", "mail.x.com", "10"),
        ("PTR", "host.x.com", "1"),
        ("SRV", "0 5 5060 sip.x.com", "1"),
        ("TXT", "any text, even with = and ;", "1"),
    ],
    ids=["A", "AAAA", "CNAME", "MX", "PTR", "SRV", "TXT"],
)
def test_a_record_of_each_type_reads_as_written(bench, zone_id, kind, value, priority):
    params = {"Rr": "www", "Type": kind, "Value": value, "Ttl": "30", "Priority": priority}
    bench("pvtz", "AddZoneRecord", ZoneId=zone_id, Remark="first", **params)
    (record,) = _records(bench, zone_id)
    assert (record["Type"], record["Value"], record["Ttl"]) == (kind, value, 30)
    assert (record["Priority"], record["Remark"]) == (int(priority), "first")


def test_records_are_listed_by_exact_host_unless_asked(bench, zone_id):
    for host in ("www", "www2"):
        bench("pvtz", "AddZoneRecord", ZoneId=zone_id, Rr=host, Type="A", Value="10.0.0.1")

    def hosts(**filters: str) -> list[str]:
        return [record["Rr"] for record in _records(bench, zone_id, **filters)]

    assert hosts(Keyword="www") == ["www"]
    assert hosts(Keyword="ww", SearchMode="LIKE") == hosts() == ["www", "www2"]
    assert hosts(Tag="ecs") == []


@pytest.mark.parametrize(
    "remark",
    ["x" * 51, "dashlink: models", "a/b"],
    ids=["51 characters", "colon", "slash"],
)
def test_a_remark_has_few_characters(bench, zone_id, remark):
    params = {"Rr": "www", "Type": "A", "Value": "10.0.0.1"}
    record_id = str(bench("pvtz", "AddZoneRecord", ZoneId=zone_id, **params)["RecordId"])
    refused = bench.refused("pvtz", "UpdateZoneRemark", ZoneId=zone_id, Remark=remark)
    assert refused == "Zone.Remark"
    refused = bench.refused("pvtz", "UpdateRecordRemark", RecordId=record_id, Remark=remark)
    assert refused == "Zone.Remark"
    params["Rr"] = "other"
    refused = bench.refused("pvtz", "AddZoneRecord", ZoneId=zone_id, Remark=remark, **params)
    assert refused == "Zone.Remark"
    bench("pvtz", "UpdateZoneRemark", ZoneId=zone_id, Remark="a remark_of-1, or so.")


def test_the_task_that_syncs_hosts_reads_as_written(bench, zone_id):
    refusal = bench.refused("pvtz", "DescribeSyncEcsHostTask", ZoneId=zone_id)
    assert refusal == "Ecs.SyncTask.NotExists"
    one, two = (account.id for account in bench.cloud.catalog.accounts)
    regions = {
        "Region.1.UserId": one,
        "Region.1.RegionId": "cn-beijing",
        "Region.2.RegionId": "cn-hangzhou",
        "Region.3.UserId": two,
        "Region.3.RegionId": "cn-shanghai",
    }
    bench("pvtz", "UpdateSyncEcsHostTask", ZoneId=zone_id, Status="ON", **regions)
    task = bench("pvtz", "DescribeSyncEcsHostTask", ZoneId=zone_id)
    assert task["Status"] == "ON"
    read = {}
    for row in task["EcsRegions"]["EcsRegion"]:
        read[str(row["UserId"])] = row["RegionIds"]["RegionId"]
    assert read == {one: ["cn-beijing", "cn-hangzhou"], two: ["cn-shanghai"]}
    assert task["Regions"]["RegionId"] == ["cn-beijing", "cn-hangzhou"]


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ({"Status": "ON"}, "MissingRegion"),
        ({"Region.1.RegionId": "cn-beijing"}, "MissingStatus"),
        ({"Status": "ON", "Region.1.RegionId": "moon-1"}, "InvalidRegionId.NotFound"),
    ],
    ids=["no region", "no status", "absent region"],
)
def test_each_invalid_task_that_syncs_hosts_is_refused(bench, zone_id, task, code):
    assert bench.refused("pvtz", "UpdateSyncEcsHostTask", ZoneId=zone_id, **task) == code


def test_a_zone_is_bound_to_an_authorized_accounts_vpc(bench, zone_id):
    other = bench.other_account()
    vpc_id = other.vpc()
    owner = bench.cloud.catalog.accounts[1].id
    vpcs = {"Vpcs.1.RegionId": "cn-beijing", "Vpcs.1.VpcId": vpc_id}
    refused = bench.refused("pvtz", "BindZoneVpc", ZoneId=zone_id, **vpcs)
    assert refused == "ZoneVpc.NotExists.VpcId"
    authorization = {"AuthorizedUserId": owner, "AuthType": "NORMAL"}
    refused = bench.refused("pvtz", "AddUserVpcAuthorization", **authorization)
    assert refused == "Sandbox.UnsupportedParameter"
    channel = "RESOURCE_DIRECTORY"
    bench("pvtz", "AddUserVpcAuthorization", AuthChannel=channel, **authorization)
    path = "Users.AuthorizedUserId"
    assert bench.column("pvtz", "DescribeUserVpcAuthorizations", path) == [int(owner)]
    bench("pvtz", "BindZoneVpc", ZoneId=zone_id, **vpcs)
    assert _bound(bench, zone_id) == [vpc_id]
    bench("pvtz", "DeleteUserVpcAuthorization", **authorization)
    refused = bench.refused("pvtz", "DeleteUserVpcAuthorization", **authorization)
    assert refused == "ZoneVpc.Auth.NotExists"


def test_an_unknown_account_is_not_authorized(bench):
    params = {"AuthorizedUserId": "1", "AuthType": "CLOUD_PRODUCT"}
    assert bench.refused("pvtz", "AddUserVpcAuthorization", **params) == "IllegalUser"


def test_the_product_is_open(bench):
    assert bench("pvtz", "DescribeUserServiceStatus")["Status"] == "OPENED"
