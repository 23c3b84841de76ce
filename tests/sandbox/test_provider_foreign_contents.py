"""`ForeignContents` against the sandbox: what is listed, what is removed, and what stays."""

from __future__ import annotations

import json

import pytest
from support.clouds import (
    REGION,
    create_endpoint,
    create_group,
    create_name,
    create_network,
    open_port,
)

from dashlink.cloud.credentials import resolve_account
from dashlink.provider.endpoint.foreign_contents import ForeignContentsHandler
from dashlink.provider.waiting import Operation
from dashlink.resources.models.foreign_contents import (
    ForeignContentsInputs,
    ForeignContentsState,
    ZoneContentsInputs,
    rule_text,
)

ECS, PVTZ = "2014-05-26", "2018-01-01"
NAME = "models.example.internal"
URN = "urn:pulumi:dev::shop::dashlink:network:ForeignContents::access-contents"


def text_of(port, source, **more):
    rule = {"protocol": "tcp", "policy": "accept", "priority": 1, "direction": "ingress", **more}
    return rule_text(source=source, ports=f"{port}/{port}", **rule)


@pytest.fixture
def operation(sandbox, monkeypatch):
    for name, value in sandbox.env.items():
        monkeypatch.setenv(name, value)
    account = resolve_account({"region": REGION})
    return Operation(account, lambda text: None, lambda: False, urn=URN)


@pytest.fixture
def network(sandbox):
    return create_network(sandbox)


@pytest.fixture
def zone_id(sandbox, network):
    create_name(sandbox, network, NAME, "nlb.example.com")
    (zone_id,) = (one.zone_id for one in sandbox.state.private_zones.values() if one.name == NAME)
    return zone_id


@pytest.fixture
def inputs(network, zone_id):
    """The contents as they are: two rules, and one CNAME."""
    return ForeignContentsInputs(
        region=REGION,
        security_group_id=network.group_id,
        rules=[text_of(port, "10.20.0.0/16") for port in (80, 443)],
        private_zones=[ZoneContentsInputs(zone_id=zone_id, hosts=["@ CNAME"])],
    )


def read(inputs, operation):
    return ForeignContentsHandler().read("it", inputs, ForeignContentsState(), operation)


def add_record(rpc, zone_id, **record):
    return str(rpc(PVTZ, "AddZoneRecord", ZoneId=zone_id, **record)["RecordId"])


def rules_of(sandbox, group_id):
    rules = sandbox.state.security_groups[group_id].rules
    return sorted((rule.ports, rule.source_cidr) for rule in rules)


def test_the_stacks_own_contents_are_not_listed(inputs, operation):
    assert read(inputs, operation) == (inputs, ForeignContentsState())


def test_what_others_added_is_listed_and_removed(sandbox, rpc, inputs, zone_id, operation):
    group_id = inputs.security_group_id
    before = rules_of(sandbox, group_id)
    open_port(sandbox, group_id, 443, "0.0.0.0/0")
    open_port(sandbox, group_id, 22, "10.20.0.0/16")
    other = create_group(sandbox, sandbox.state.security_groups[group_id].vpc_id)
    egress = {"IpProtocol": "ALL", "PortRange": "-1/-1", "Policy": "drop", "NicType": "intranet"}
    for action, side in (("", {"SourceGroupId": other}), ("Egress", {"DestCidrIp": "10.9.0.0/16"})):
        target = {"RegionId": REGION, "SecurityGroupId": group_id, **egress, **side}
        rpc(ECS, f"AuthorizeSecurityGroup{action}", **target)
    add_record(rpc, zone_id, Rr="www", Type="A", Value="10.6.6.6")
    listed, state = read(inputs, operation)
    everything = {"protocol": "ALL", "policy": "drop"}
    assert set(listed.foreign_rules) == {
        text_of(443, "0.0.0.0/0"),
        text_of(22, "10.20.0.0/16"),
        text_of(-1, other, **everything),
        text_of(-1, "10.9.0.0/16", **everything, direction="egress"),
    }
    assert listed.foreign_records == ("www A 10.6.6.6",)
    assert len(state.foreign_ids) == 5
    after = ForeignContentsHandler().update("it", inputs, state, operation)
    assert after == ForeignContentsState()
    assert rules_of(sandbox, group_id) == before
    assert read(inputs, operation) == (inputs, ForeignContentsState())


def test_what_was_not_listed_is_not_removed(sandbox, inputs, operation):
    group_id = inputs.security_group_id
    open_port(sandbox, group_id, 443, "0.0.0.0/0")
    _, state = read(inputs, operation)
    open_port(sandbox, group_id, 22, "10.0.0.0/8")
    ForeignContentsHandler().update("it", inputs, state, operation)
    assert ("22/22", "10.0.0.0/8") in rules_of(sandbox, group_id)
    assert ("443/443", "0.0.0.0/0") not in rules_of(sandbox, group_id)


def test_a_listed_rule_that_the_settings_have_now_stays(sandbox, inputs, operation):
    open_port(sandbox, inputs.security_group_id, 443, "10.99.0.0/24")
    _, state = read(inputs, operation)
    rules = (*inputs.rules, text_of(443, "10.99.0.0/24"))
    wider = inputs.model_copy(update={"rules": rules})
    ForeignContentsHandler().update("it", wider, state, operation)
    assert ("443/443", "10.99.0.0/24") in rules_of(sandbox, inputs.security_group_id)


def test_the_creation_removes_nothing(sandbox, inputs, operation):
    open_port(sandbox, inputs.security_group_id, 443, "0.0.0.0/0")
    created = ForeignContentsHandler().create(inputs, operation)
    assert created == ("access-contents", ForeignContentsState())
    assert ("443/443", "0.0.0.0/0") in rules_of(sandbox, inputs.security_group_id)


def test_a_policy_of_an_endpoint_is_listed_and_reset(sandbox, rpc, inputs, network, operation):
    endpoint_id = create_endpoint(sandbox, network)
    own = inputs.model_copy(update={"private_zones": (), "endpoint_ids": (endpoint_id,)})
    assert read(own, operation)[0] == own
    everyone = {"Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*"}
    for effect, expected in (("Allow", False), ("Deny", True)):
        policy = json.dumps({"Version": "1", "Statement": [{**everyone, "Effect": effect}]})
        target = {"RegionId": REGION, "EndpointId": endpoint_id, "PolicyDocument": policy}
        rpc("2020-04-15", "UpdateVpcEndpointAttribute", **target)
        listed, state = read(own, operation)
        assert (listed.foreign_policies == (f"{endpoint_id} {policy}",)) is expected
    ForeignContentsHandler().update("it", own, state, operation)
    assert sandbox.state.endpoints[endpoint_id].policy_document == ""


def test_foreign_contents_may_be_kept(sandbox, inputs, operation):
    open_port(sandbox, inputs.security_group_id, 443, "0.0.0.0/0")
    kept = inputs.model_copy(update={"keep_foreign": True})
    assert read(kept, operation) == (kept, ForeignContentsState())


def test_a_record_of_the_stack_is_known_by_its_id(rpc, inputs, zone_id, operation):
    own = add_record(rpc, zone_id, Rr="own", Type="A", Value="10.20.1.5")
    add_record(rpc, zone_id, Rr="own", Type="A", Value="10.6.6.6")
    zone = ZoneContentsInputs(zone_id=zone_id, hosts=["@ CNAME"], record_ids=[own])
    listed, _ = read(inputs.model_copy(update={"private_zones": (zone,)}), operation)
    assert listed.foreign_records == ("own A 10.6.6.6",)


def test_a_group_and_a_zone_that_are_gone_contain_nothing(inputs, operation):
    gone = {
        "security_group_id": "sg-gone",
        "private_zones": (ZoneContentsInputs(zone_id="gone"),),
    }
    missing = inputs.model_copy(update=gone)
    assert read(missing, operation) == (missing, ForeignContentsState())
