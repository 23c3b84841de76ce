"""The admin API: faults, console operations, inspection."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from functools import partial
from typing import Any

import pytest
from support import sandbox_admin
from support.rpc import RefusedError

_VPC = "2016-04-28"


@pytest.fixture
def admin(sandbox):
    """A function that calls the admin API: method, path and body."""
    return partial(sandbox_admin.call, sandbox)


def _describe(rpc) -> dict[str, Any]:
    return rpc(_VPC, "DescribeVpcs", RegionId="cn-beijing")


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("throttle", (400, "Throttling.User")),
        ("refuse", (403, "Forbidden.RAM")),
        ("error", (500, "InternalError")),
    ],
    ids=["throttle", "refuse", "error"],
)
def test_a_fault_answers_as_many_calls_as_it_was_injected_for(admin, rpc, kind, answer):
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


def test_a_fault_can_have_another_code(admin, rpc):
    admin("POST", "faults", {"kind": "error", "code": "SystemBusy"})
    with pytest.raises(RefusedError, match="SystemBusy"):
        _describe(rpc)


def test_a_dropped_connection_changes_nothing(admin, rpc):
    admin("POST", "faults", {"kind": "drop"})
    with pytest.raises((http.client.HTTPException, urllib.error.URLError, ConnectionError)):
        rpc(_VPC, "CreateVpc", RegionId="cn-beijing")
    assert _describe(rpc)["TotalCount"] == 0


def test_after_a_crash_the_client_token_returns_the_resource(admin, rpc):
    admin("POST", "faults", {"kind": "crash", "action": "CreateVpc"})
    request = {"RegionId": "cn-beijing", "ClientToken": "token"}
    with pytest.raises((http.client.HTTPException, urllib.error.URLError, ConnectionError)):
        rpc(_VPC, "CreateVpc", **request)
    (created,) = _describe(rpc)["Vpcs"]["Vpc"]
    assert rpc(_VPC, "CreateVpc", **request)["VpcId"] == created["VpcId"]


def test_a_delay_applies_to_one_call(admin, rpc):
    admin("POST", "faults", {"kind": "delay", "action": "DescribeVpcs", "seconds": 0.2})
    before = time.monotonic()
    rpc(_VPC, "DescribeZones", RegionId="cn-beijing")
    assert _describe(rpc)["TotalCount"] == 0
    assert time.monotonic() - before >= 0.2


def test_faults_can_be_removed(admin, rpc):
    admin("POST", "faults", {"kind": "error", "times": 5})
    admin("DELETE", "faults")
    assert _describe(rpc)["TotalCount"] == 0


def test_the_log_of_calls_has_actions_and_no_keys(sandbox, admin, rpc):
    rpc(_VPC, "CreateVpc", RegionId="cn-beijing", VpcName="not-in-the-log")
    with pytest.raises(RefusedError):
        rpc(_VPC, "DeleteVpc", VpcId="vpc-absent")
    log = admin("GET", "calls")["calls"]
    create, delete = log
    fields = ("product", "action", "status", "code")
    assert tuple(map(create.get, fields)) == ("Vpc", "CreateVpc", 200, "")
    assert tuple(map(delete.get, fields)) == ("Vpc", "DeleteVpc", 404, "InvalidVpcId.NotFound")
    everything = json.dumps([log, admin("GET", "state")])
    for secret in (rpc.secret, rpc.key_id, sandbox.api_key):
        assert secret not in everything
    assert "not-in-the-log" not in json.dumps(log)


def test_console_operations_change_the_state(sandbox, admin, rpc):
    ids = [
        rpc(_VPC, "CreateVpc", RegionId="cn-beijing", CidrBlock=f"10.{n}.0.0/16")["VpcId"]
        for n in (1, 2)
    ]
    request = {"RegionId": "cn-beijing", "VpcId": ids[0], "ServiceName": "com.aliyuncs.dashscope"}
    endpoint_id = rpc("2020-04-15", "CreateVpcEndpoint", **request)["EndpointId"]
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
    ids=[
        "unknown fault",
        "misspelt field",
        "unknown endpoint",
        "one VPC",
        "status of another kind",
        "unknown operation",
    ],
)
def test_an_invalid_admin_call_is_refused_with_the_reason(admin, path, body, status):
    with pytest.raises(urllib.error.HTTPError) as caught:
        admin("POST", path, body)
    assert caught.value.code == status
    assert json.load(caught.value)["Message"]


def test_a_reset_empties_the_cloud_and_reuses_no_id(sandbox, admin, rpc):
    first = rpc(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"]
    admin("POST", "console/allow-list", {"service_id": "epsrv-zm0sandboxclosed", "accounts": None})
    admin("POST", "reset")
    assert _describe(rpc)["TotalCount"] == 0
    assert rpc(_VPC, "CreateVpc", RegionId="cn-beijing")["VpcId"] > first
    assert sandbox.state.endpoint_services["epsrv-zm0sandboxclosed"].allow_listed_accounts == []


def _status(url: str, headers: dict[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(url, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=20) as response:
            return response.status, ""
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["Code"]


def test_the_admin_api_is_closed_to_others(sandbox):
    url, token = f"{sandbox.url}/_sandbox/state", {"X-Sandbox-Token": sandbox.admin_token}
    forbidden = (403, "Sandbox.Forbidden")
    assert _status(url, token) == (200, "")
    assert _status(url, {}) == forbidden
    assert _status(url, {"X-Sandbox-Token": "other"}) == forbidden
    assert _status(url, {**token, "Host": "sandbox.example:80"}) == forbidden


@pytest.mark.parametrize("path", ["/_sandbox/state", "/?Action=DescribeVpcs"], ids=["admin", "api"])
def test_pages_of_a_browser_are_refused(sandbox, path):
    headers = {"X-Sandbox-Token": sandbox.admin_token, "Origin": "https://page.example"}
    assert _status(sandbox.url + path, headers) == (403, "Sandbox.Forbidden")
