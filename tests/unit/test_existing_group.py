"""An existing security group: what it must let in, and the messages where it does not."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from dashlink.network.existing_group import (
    Clients,
    ExistingRule,
    allowed_ranges,
    closed_faults,
    partly_closed_warnings,
)

HTTPS = (443,)
VPC = Clients("the VPC", (IPv4Network("10.50.0.0/16"),))
OFFICE = Clients("the office", (IPv4Network("10.99.0.0/24"),), all_connect=True)


def rule(cidr=None, ports="443/443", *, protocol="tcp", policy="accept", priority=1, **source):
    block = IPv4Network(cidr) if cidr else None
    return ExistingRule(protocol, ports, policy, priority, block, **source)


GROUP = {"source_security_group_id": "sg-9"}
PREFIX_LIST = {"source_prefix_list_id": "pl-9"}


def faults(rules, clients=(VPC,), ports=HTTPS, groups=()):
    return [str(fault) for fault in closed_faults(rules, ports, clients, groups)]


def warnings(rules, clients=(VPC,)):
    return [str(warning) for warning in partly_closed_warnings(rules, HTTPS, clients)]


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule("10.99.0.0/16")],
        [rule("10.50.0.0/16", "80/80")],
        [rule("10.50.0.0/16", protocol="udp")],
        [rule("10.50.0.0/16"), rule("10.0.0.0/8", policy="drop")],
        [rule()],
        [rule(**GROUP), rule(**GROUP, policy="drop")],
    ],
    ids=[
        "no rule",
        "another range",
        "another port",
        "udp",
        "wider drop",
        "no IPv4 source",
        "dropped group",
    ],
)
def test_a_group_that_lets_in_no_client_is_a_fault(rules):
    assert faults(rules) == [
        "network.security_group_id: the existing security group does not let the VPC "
        "(10.50.0.0/16) connect on TCP 443. Add an ingress rule to it: accept, TCP, port 443/443, "
        "from 10.50.0.0/16; or correct the clients in `network.ingress`."
    ]
    assert warnings(rules) == []


@pytest.mark.parametrize(
    "rules",
    [
        [rule("10.50.0.0/16")],
        [rule("0.0.0.0/0", "-1/-1", protocol="all")],
        [rule("10.0.0.0/8", "1/65535")],
        [rule("10.50.0.0/16"), rule("10.50.0.0/16", policy="drop", priority=2)],
        [rule("10.50.0.0/17"), rule("10.50.128.0/17", priority=9)],
        [rule(**PREFIX_LIST)],
    ],
    ids=["443 only", "everything", "wider", "drop of lower priority", "two halves", "prefix list"],
)
def test_a_group_that_lets_in_the_vpc_is_right(rules):
    assert faults(rules) == warnings(rules) == []


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        ([rule("10.50.16.0/20")], "10.50.16.0/20"),
        ([rule("10.50.16.0/20"), rule("10.50.32.0/20")], "10.50.16.0/20 and 10.50.32.0/20"),
        (
            [rule("10.50.0.0/16"), rule("10.50.0.0/17", policy="drop")],
            "10.50.128.0/17",
        ),
        ([rule(**GROUP)], "members of other groups"),
    ],
    ids=["one vSwitch", "two vSwitches", "narrower drop", "members of a group"],
)
def test_a_group_that_lets_in_some_of_the_vpc_is_a_warning(rules, allowed):
    assert faults(rules) == []
    assert warnings(rules) == [
        "network.security_group_id: of the VPC (10.50.0.0/16), the existing security group lets "
        f"only {allowed} connect on TCP 443. If others must connect, add a rule to it; else write "
        "your clients under `network.ingress`."
    ]


def test_clients_that_the_settings_name_must_all_be_let_in():
    (fault,) = faults([rule("10.99.0.0/25"), rule(**GROUP)], [OFFICE])
    assert fault.startswith(
        "network.security_group_id: the existing security group does not let the office "
        "(10.99.0.0/24) connect on TCP 443. "
    )
    assert faults([rule("10.99.0.0/24")], [OFFICE]) == []


def test_a_range_is_reported_once_for_a_port():
    inside = Clients("the AI gateway", (IPv4Network("10.50.16.0/20"),), all_connect=True)
    assert len(faults([], [VPC, inside], (80, 443))) == 2
    assert len(faults([rule("10.50.0.0/24")], [VPC, inside])) == 1


def test_the_members_of_a_named_group_need_a_rule():
    (fault,) = faults([rule(**GROUP)], [], groups=["sg-1"])
    assert fault == (
        "network.security_group_id: the existing security group does not let the members of sg-1 "
        "connect on TCP 443. Add an ingress rule to it: accept, TCP, port 443/443, from sg-1; or "
        "correct the clients in `network.ingress`."
    )
    assert faults([rule(**GROUP)], [], groups=["sg-9"]) == []
    assert faults([rule("10.50.0.0/16")], [], groups=["sg-1"]) == []


def test_the_rule_of_lowest_priority_decides_each_address():
    rules = [
        rule("10.50.0.0/16", priority=50),
        rule("10.50.1.0/24", policy="drop", priority=10),
        rule("10.50.1.128/25", priority=5),
        rule("10.50.2.0/24", policy="drop", priority=60),
    ]
    client = [IPv4Network("10.50.0.0/22")]
    assert allowed_ranges(client, 443, rules) == [
        IPv4Network("10.50.0.0/24"),
        IPv4Network("10.50.1.128/25"),
        IPv4Network("10.50.2.0/23"),
    ]
    assert allowed_ranges(client, 80, rules) == []
