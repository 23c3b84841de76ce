"""`dashlink drift`: what it reads from Pulumi's documents, and what it prints."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.fake_pulumi import fake_stack

from dashlink.drift import report
from dashlink.drift.findings import Difference, differences, opening
from dashlink.errors import DashlinkError
from dashlink.operate import operations
from dashlink.pulumi_stack import document_of

PREFIX = "urn:pulumi:dev::shop::dashlink:access:PrivateModelAccess$"
RECORD = f"{PREFIX}alicloud:pvtz/zoneRecord:ZoneRecord::access-record"
RULE = f"{PREFIX}alicloud:ecs/securityGroupRule:SecurityGroupRule::access-443-from-vpc"
CONTENTS = f"{PREFIX}dashlink:network:ForeignContents::access-contents"
CONSUMER = f"{PREFIX}dashlink:gateway:Consumer::access-consumer"
OPEN = "ingress accept tcp 443/443 0.0.0.0/0 1"
SEALED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"}


def step(urn, *names, op="update", old=None, new=None):
    detailed = {name: {"kind": "update"} for name in names}
    states = {"oldState": {"outputs": old or {}}, "newState": {"outputs": new or {}}}
    return {"op": op, "urn": urn, "detailedDiff": detailed or None, **states}


def rows(*steps, up=None):
    planned = None if up is None else {"steps": up}
    found = differences({"steps": steps}, planned)
    return [(one.name, one.property, one.state, one.cloud, one.up) for one in found]


def test_each_property_has_both_values_and_what_up_does():
    changed = step(RECORD, "value", "ttl", old={"value": "a", "ttl": 15}, new={"value": "b"})
    gone = step(RULE, op="delete")
    planned = [{"op": "update", "urn": RECORD}, {"op": "create", "urn": RULE}]
    assert rows(changed, gone, step("same", op="same"), up=planned) == [
        ("access-443-from-vpc", "", "exists", None, "creates it"),
        ("access-record", "ttl", 15, None, "writes what the state has"),
        ("access-record", "value", "a", "b", "writes what the state has"),
    ]


def test_what_up_does_not_touch_is_said():
    changed = step(RECORD, "value", new={"value": "b"})
    assert rows(changed, up=[])[0][-1] == "changes nothing"
    assert rows(changed)[0][-1] == "restores it"


@pytest.mark.parametrize(
    ("path", "value"),
    [("tags.team", "x"), ('tags["a.b"]', "y"), ("vpcs[0].vpcId", "vpc-1"), ("vpcs[3]", None)],
    ids=["dot", "quoted", "list", "beyond"],
)
def test_paths_lead_into_maps_and_lists(path, value):
    new = {"tags": {"team": "x", "a.b": "y"}, "vpcs": [{"vpcId": "vpc-1"}]}
    assert rows(step(RECORD, path, new=new))[0][1:4] == (path, None, value)


def test_outputs_are_compared_where_pulumi_names_no_property():
    bare = step(RECORD, old={"a": 1, "__meta": 1, "b": 2}, new={"a": 1, "__meta": 2, "b": 3})
    assert [row[1] for row in rows(bare)] == ["b"]


def test_secrets_are_never_shown():
    sealed = step(CONSUMER, "apiKeys", old={"apiKeys": SEALED}, new={"apiKeys": [SEALED]})
    assert rows(sealed)[0][2:4] == ("[secret]", ["[secret]"])


def test_foreign_contents_are_shown_as_openings():
    new = {"foreignRules": [OPEN], "foreignRecords": ["www A 10.6.6.6"], "foreignIds": ["sgr-1"]}
    foreign = step(CONTENTS, "foreignRules[0]", "foreignRecords[0]", old={}, new=new)
    assert rows(foreign) == [
        ("access-contents", "foreign record", None, "www A 10.6.6.6", "removes it"),
        ("access-contents", "foreign rule", None, "TCP 443 is open to 0.0.0.0/0", "removes it"),
    ]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("ingress accept all -1/-1 sg-1 1", "ALL every port is open to sg-1"),
        ("ingress accept tcp 1/200 ::/0 100", "TCP 1 to 200 is open to ::/0"),
        ("egress drop all -1/-1 10.0.0.0/8 1", "egress drop all -1/-1 10.0.0.0/8 1"),
    ],
    ids=["all", "range", "egress"],
)
def test_openings_name_port_and_source(rule, text):
    assert opening(rule) == text


def test_the_document_is_found_among_other_lines():
    assert document_of('warning: x\n{"steps": []}\nmore {') == {"steps": []}
    assert document_of("no document") is None
    assert document_of("{broken") is None


def test_the_report_groups_properties_by_resource():
    found = [
        Difference("record", "ZoneRecord", "ttl", 15, 60, "writes what the state has"),
        Difference("record", "ZoneRecord", "value", "a", "b" * 130, "writes what the state has"),
        Difference("rule", "SecurityGroupRule", "", "exists", None, "creates it"),
    ]
    assert list(report.lines(found, "stacks/x: no")) == [
        "record (ZoneRecord)",
        "  ttl: 15 in the state, 60 in the cloud; up --refresh writes what the state has",
        f"  value: a in the state, {'b' * 120}… in the cloud; "
        "up --refresh writes what the state has",
        "rule (SecurityGroupRule)",
        "  the cloud no longer has it; up --refresh creates it",
        "3 differences in 2 resources",
        "up is refused: stacks/x: no",
    ]
    assert report.document("dev", found[:1], "")["differences"][0]["property"] == "ttl"


@pytest.fixture
def stack(tmp_path):
    """A deployed stack with a CLI that prints what `PRINTS` has."""
    stack = fake_stack(tmp_path / "shop")
    stack.query("stack", "init")
    return stack


def printing(stack, text, code=0):
    environment = {**stack.environment, "PRINTS": text, "EXIT_CODE": str(code)}
    return replace(stack, environment=environment)


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_a_difference_has_an_exit_code_of_its_own(stack, as_json):
    changed = step(RECORD, "ttl", old={"ttl": 15}, new={"ttl": 60})
    printed = []
    drifted = printing(stack, json.dumps({"steps": [changed]}))
    assert operations.drift(drifted, (), printed.append, as_json=as_json) == 7
    text = "\n".join(printed)
    if as_json:
        document = json.loads(text)
        assert (document["stack"], document["drift"]) == ("dev", True)
    else:
        assert "  ttl: 15 in the state, 60 in the cloud; up --refresh restores it" in printed


@pytest.mark.parametrize(
    ("text", "code"),
    [("nothing", 0), ('{"diagnostics": [{"severity": "error", "message": "error: no key"}]}', 1)],
    ids=["no-document", "failed"],
)
def test_a_failed_read_is_no_absence_of_drift(stack, text, code):
    with pytest.raises(DashlinkError, match="stack dev: the cloud cannot be read: no "):
        operations.drift(printing(stack, text, code), (), print)
