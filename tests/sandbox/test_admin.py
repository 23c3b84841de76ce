"""The admin calls: faults on demand, the console's part, a look inside."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

import pytest
from support.rpc import RefusedError

_VPC = "2016-04-28"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture
def admin(sandbox):
    def call(method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{sandbox.url}/_sandbox/{path}", data, method=method)
        with _direct.open(request, timeout=20) as answer:
            return json.load(answer)

    return call


def _describe(rpc) -> dict[str, Any]:
    return rpc(_VPC, "DescribeVpcs", RegionId="cn-beijing")


@pytest.mark.parametrize(
    ("kind", "answer"), [("throttle", (400, "Throttling.User")), ("error", (500, "InternalError"))]
)
def test_a_fault_answers_in_the_services_place_as_often_as_it_was_planted(admin, rpc, kind, answer):
    admin("POST", "faults", {"kind": kind, "product": "vpc", "action": "DescribeVpcs", "times": 2})
    rpc(_VPC, "DescribeZones", RegionId="cn-beijing")
    seen = []
    for _ in range(2):
        with pytest.raises(RefusedError) as caught:
            _describe(rpc)
        seen.append((caught.value.status, caught.value.code))
    assert seen == [answer, answer]
    assert _describe(rpc)["TotalCount"] == 0
    assert admin("GET", "faults") == {"faults": []}


def test_a_faults_code_may_be_chosen(admin, rpc):
    admin("POST", "faults", {"kind": "error", "code": "SystemBusy"})
    with pytest.raises(RefusedError, match="SystemBusy"):
        _describe(rpc)


def test_a_dropped_connection_leaves_nothing_done(admin, rpc):
    admin("POST", "faults", {"kind": "drop"})
    with pytest.raises((http.client.HTTPException, urllib.error.URLError, ConnectionError)):
        rpc(_VPC, "CreateVpc", RegionId="cn-beijing")
    assert _describe(rpc)["TotalCount"] == 0


def test_a_crash_leaves_the_work_done_and_the_same_client_token_finds_it(admin, rpc):
    admin("POST", "faults", {"kind": "crash", "action": "CreateVpc"})
    asked = {"RegionId": "cn-beijing", "ClientToken": "token"}
    with pytest.raises((http.client.HTTPException, urllib.error.URLError, ConnectionError)):
        rpc(_VPC, "CreateVpc", **asked)
    (made,) = _describe(rpc)["Vpcs"]["Vpc"]
    assert rpc(_VPC, "CreateVpc", **asked)["VpcId"] == made["VpcId"]


def test_a_delay_holds_up_one_call_and_no_other(admin, rpc):
    admin("POST", "faults", {"kind": "delay", "action": "DescribeVpcs", "seconds": 0.2})
    before = time.monotonic()
    rpc(_VPC, "DescribeZones", RegionId="cn-beijing")
    assert _describe(rpc)["TotalCount"] == 0
    assert time.monotonic() - before >= 0.2


def test_faults_are_taken_back(admin, rpc):
    admin("POST", "faults", {"kind": "error", "times": 5})
    admin("DELETE", "faults")
    assert _describe(rpc)["TotalCount"] == 0


def test_the_log_of_calls_names_what_was_asked_and_shows_no_key(sandbox, admin, rpc):
    rpc(_VPC, "CreateVpc", RegionId="cn-beijing", VpcName="not-in-the-log")
    with pytest.raises(RefusedError):
        rpc(_VPC, "DeleteVpc", VpcId="vpc-absent")
    log = admin("GET", "calls")["calls"]
    assert [(row["product"], row["action"], row["status"], row["code"]) for row in log] == [
        ("Vpc", "CreateVpc", 200, ""),
        ("Vpc", "DeleteVpc", 404, "InvalidVpcId.NotFound"),
    ]
    everything = json.dumps([log, admin("GET", "state")])
    assert all(secret not in everything for secret in (rpc.secret, rpc.key_id, sandbox.api_key))
    assert "not-in-the-log" not in json.dumps(log)


def test_the_console_switches_lists_and_connects(sandbox, admin, rpc):
    ids = [rpc(_VPC, "CreateVpc", RegionId="cn-beijing", CidrBlock=f"10.{n}.0.0/16")["VpcId"] for n in (1, 2)]
    asked = {"RegionId": "cn-beijing", "VpcId": ids[0], "ServiceName": "com.aliyuncs.dashscope"}
    endpoint_id = rpc("2020-04-15", "CreateVpcEndpoint", **asked)["EndpointId"]
    admin("POST", "console/custom-domain", {"endpoint_id": endpoint_id, "enabled": True})
    admin("POST", "console/peer", {"vpc_ids": ids})
    admin("POST", "console/allow-list", {"service_id": "epsrv-zm0sandboxclosed", "accounts": None})
    state = sandbox.state
    assert state.endpoints[endpoint_id].custom_domain_enabled
    assert [state.vpcs[vpc_id].peers for vpc_id in ids] == [[ids[1]], [ids[0]]]
    assert state.endpoint_services["epsrv-zm0sandboxclosed"].allow_listed_accounts is None


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", {"kind": "explode"}, 400),
        ("faults", {"kind": "error", "tims": 3}, 400),
        ("console/accept", {"endpoint_id": "ep-absent"}, 404),
        ("console/peer", {"vpc_ids": ["vpc-absent"]}, 400),
        ("console/zone-status", {"endpoint_id": "ep-x", "zone_id": "z", "status": "Wait"}, 400),
        ("console/nothing", {}, 404),
    ],
)
def test_a_wrong_admin_call_is_refused_with_its_reason(admin, path, body, status):
    with pytest.raises(urllib.error.HTTPError) as caught:
        admin("POST", path, body)
    assert caught.value.code == status
    assert json.load(caught.value)["Message"]


def test_a_reset_empties_the_cloud_and_gives_no_id_twice(sandbox, admin, rpc):
    first = rpc(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"]
    admin("POST", "console/allow-list", {"service_id": "epsrv-zm0sandboxclosed", "accounts": None})
    admin("POST", "reset")
    assert _describe(rpc)["TotalCount"] == 0
    assert rpc(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"] > first
    assert sandbox.state.endpoint_services["epsrv-zm0sandboxclosed"].allow_listed_accounts == []
