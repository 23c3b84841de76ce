"""`dashlink check` without a cloud: its pure decisions, its report and its command line."""

from __future__ import annotations

import json
import sys
from ipaddress import IPv4Network

import pytest
from support.cli import dashlink

from dashlink.check.findings import Finding, Findings, is_selected
from dashlink.check.reader import Route
from dashlink.check.report import document_of, is_good, summary_of
from dashlink.check.routes import route_fault
from dashlink.check.zones import _in_force
from dashlink.cli.check import print_findings
from dashlink.errors import CloudError

BLOCK = IPv4Network("10.30.0.0/16")
THERE = {"tr-attach-1"}
SETTINGS = """\
config:
  alicloud:region: cn-beijing
  dashlink:network: {cidr: 10.20.0.0/16, zones: [cn-beijing-h, cn-beijing-k]}
  dashlink:endpoints: {dashscope: {service: com.aliyuncs.dashscope}}
"""
OUTPUTS = {
    "version": 1,
    "stack": "dev",
    "region": "cn-beijing",
    "vpc_id": "vpc-1",
    "vswitch_ids": {},
    "security_group_id": "sg-1",
    "endpoints": {},
}


def route(cidr, hop="havip-1", kind="HaVip"):
    return Route(IPv4Network(cidr), {hop: kind})


@pytest.mark.parametrize(
    ("routes", "published", "problem"),
    [
        ([], True, ""),
        ([], False, "has no route to 10.30.0.0/16"),
        ([route("10.30.0.0/16", "tr-attach-1", "Attachment")], False, ""),
        ([route("10.0.0.0/8", "tr-attach-1", "Attachment")], False, ""),
        ([route("10.30.0.0/16", "x", "of an unknown type")], False, ""),
        ([route("10.30.0.0/16")], True, "leads 10.30.0.0/16 to HaVip havip-1"),
        ([route("10.30.4.0/24")], True, "leads 10.30.4.0/24 to HaVip havip-1"),
        ([route("0.0.0.0/0", "ngw-1", "NatGateway")], True, ""),
        ([route("0.0.0.0/0", "ngw-1", "NatGateway")], False, "leads 0.0.0.0/0 to NatGateway ngw-1"),
        ([route("10.40.0.0/16")], True, ""),
    ],
    ids=[
        "published",
        "none",
        "own",
        "wider",
        "unknown-type",
        "elsewhere",
        "part-elsewhere",
        "published-beside-a-default",
        "default-alone",
        "another-block",
    ],
)
def test_the_route_to_a_block_is_judged(routes, published, problem):
    assert route_fault(routes, BLOCK, THERE, published) == problem


@pytest.mark.parametrize(
    ("host", "zone"),
    [
        ("b.models.example", "models.example"),
        ("b.a.models.example", "a.models.example"),
        ("models.example", "models.example"),
        ("xmodels.example", None),
    ],
    ids=["below", "longest", "itself", "other-label"],
)
def test_the_longest_zone_that_covers_a_host_is_in_force(host, zone):
    zones = [{"ZoneName": "models.example"}, {"ZoneName": "a.models.example"}]
    expected = None if zone is None else {"ZoneName": zone}
    assert _in_force(zones, host) == expected


def test_what_the_cloud_refuses_is_not_checked():
    found = Findings("gateway")
    with found.reading("status", "addresses"):
        found.ok("status", "it runs")
        raise CloudError("no permission", code="Forbidden.RAM")
    assert [(row.check, row.state) for row in found.rows] == [
        ("status", "ok"),
        ("addresses", "not checked"),
    ]
    assert "Forbidden.RAM" in found.rows[1].message


@pytest.mark.parametrize(
    ("states", "good"),
    [
        (("ok", "ok"), True),
        (("ok", "not checked"), True),
        (("ok", "failed"), False),
        (("not checked",), False),
        ((), False),
    ],
    ids=["all", "some-unknown", "one-failed", "all-unknown", "none"],
)
def test_a_check_is_good_if_something_is_ok_and_nothing_failed(states, good):
    assert is_good([Finding("gateway", "status", state, "text") for state in states]) == good


def test_the_document_counts_and_lists_every_check():
    findings = [
        Finding("gateway", "status", "ok", "runs"),
        Finding("gateway", "addresses", "failed", "gone", "Do it.", 1.5),
    ]
    document = document_of(findings, "dev", "outside")
    assert (document["stack"], document["from"], document["version"]) == ("dev", "outside", 1)
    assert (document["ok"], document["failed"], document["not_checked"]) == (1, 1, 0)
    assert document["checks"][1] == {
        "subject": "gateway",
        "check": "addresses",
        "state": "failed",
        "message": "gone",
        "advice": "Do it.",
        "milliseconds": 1.5,
    }
    assert summary_of(findings) == "1 ok, 1 failed, 0 not checked"


@pytest.mark.parametrize(
    ("only", "selected"),
    [
        (None, True),
        ("endpoints", True),
        ("endpoints.dashscope", True),
        ("endpoints.dash", False),
        ("gateway", False),
    ],
    ids=str,
)
def test_a_section_or_a_subject_is_selected(only, selected):
    assert is_selected("endpoints.dashscope", only) == selected


@pytest.mark.parametrize("on_terminal", [True, False], ids=["terminal", "pipe"])
def test_a_terminal_groups_the_lines_by_subject(monkeypatch, capsys, on_terminal):
    findings = [
        Finding("gateway", "status", "ok", "runs"),
        Finding("gateway", "addresses", "failed", "gone", "Do it.", 12.4),
    ]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: on_terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    print_findings(findings)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    subject = [] if on_terminal else ["gateway"]
    assert lines == [
        ["ok", "gateway", "status", "runs"],
        ["failed", *subject, "addresses", "gone", "(12", "ms)"],
        ["Do", "it."],
        ["1", "ok,", "1", "failed,", "0", "not", "checked"],
    ]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(SETTINGS)
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["--outputs", "outputs.json"], 1, "credentials"),
        (["--from-inside", "--outputs", "outputs.json"], 1, "nothing to check"),
        (["-"], 2, "`-` reads the outputs alone"),
        (["--only", "gateway", "--endpoint", "x"], 2, "name one of: --only, --endpoint"),
        (["prod", "--outputs", "outputs.json"], 1, "Pulumi.prod.yaml"),
        (["--from-inside", "dev", "--outputs", "outputs.json"], 2, "name one of"),
    ],
    ids=["no-account", "nothing", "stdin-outside", "two-selections", "no-stack", "two-sources"],
)
def test_a_bad_command_line_is_one_line(folder, arguments, code, text):
    done = dashlink("check", *arguments, cwd=folder)
    assert done.returncode == code, done
    assert text in done.output
    assert "Traceback" not in done.output


def test_a_stack_with_nothing_to_check_is_no_success(folder):
    account = {"ALICLOUD_ACCESS_KEY": "key", "ALICLOUD_SECRET_KEY": "secret"}
    done = dashlink("check", "dev", "--outputs", "outputs.json", cwd=folder, **account)
    assert done.returncode == 1
    assert "stack dev: nothing to check" in done.stderr


@pytest.mark.parametrize("only", ["endpoints.dashscop", "gateway"], ids=str)
def test_an_unknown_subject_is_refused_with_a_suggestion(folder, only):
    endpoint = {
        "endpoint_id": "ep-1",
        "service_name": "com.aliyuncs.dashscope",
        "service_id": "epsrv-1",
        "private_domain": None,
        "endpoint_domain": "ep-1.example",
        "zones": {},
        "scheme": "http",
        "host": "ep-1.example",
        "base_urls": {},
    }
    outputs = {**OUTPUTS, "endpoints": {"dashscope": endpoint}}
    (folder / "outputs.json").write_text(json.dumps(outputs))
    command = ("check", "--from-inside", "--outputs", "outputs.json", "--only", only)
    done = dashlink(*command, cwd=folder)
    assert done.returncode == 2
    assert "endpoints.dashscope" in done.stderr
