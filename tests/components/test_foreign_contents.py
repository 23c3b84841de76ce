"""What a stack declares as its own in its security group, private zones and endpoints."""

from __future__ import annotations

import pytest

from dashlink import PrivateModelAccess, PrivateModelAccessArgs, StackSettings

ZONES = ["cn-beijing-h", "cn-beijing-k"]
SERVICE = {"service": "com.aliyuncs.dashscope"}
POLICY = {
    "Version": "1",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
NEW = {"cidr": "10.20.0.0/16", "zones": ZONES}
EXISTING = {
    "vpc_id": "vpc-1",
    "zones": ZONES,
    "vswitch_ids": {ZONES[0]: "vsw-h", ZONES[1]: "vsw-k"},
    "security_group_id": "sg-1",
}


@pytest.fixture
def contents(deploy):
    """The declared contents of a stack with one endpoint, by property; empty without any."""

    def run(network=NEW, endpoint=SERVICE, **settings):
        chosen = StackSettings(network=network, endpoints={"dashscope": endpoint}, **settings)
        args = PrivateModelAccessArgs(settings=chosen, region="cn-beijing")
        declared = deploy(lambda: PrivateModelAccess("models", args))
        found = declared.of("ForeignContents")
        return found["models-contents"].inputs if found else {}

    return run


def test_a_new_network_and_endpoint_are_declared(contents):
    inputs = contents()
    rule = "ingress accept tcp {0}/{0} 10.20.0.0/16 1"
    assert sorted(inputs["rules"]) == [rule.format(443), rule.format(80)]
    assert inputs["securityGroupId"] == "models-security-group-id"
    (zone,) = inputs["privateZones"]
    assert zone == {"zoneId": "models-dashscope-private-zone-id", "hosts": ["@ CNAME"]}
    assert inputs["endpointIds"] == ["models-dashscope-endpoint-id"]
    assert inputs["keepForeign"] is False


def test_an_existing_group_is_not_declared(contents):
    assert "securityGroupId" not in contents(EXISTING)


def test_a_policy_of_the_settings_is_not_foreign(contents):
    assert contents(endpoint={**SERVICE, "policy": POLICY})["endpointIds"] == []


def test_nothing_of_the_stacks_own_needs_no_resource(contents):
    adopted = {"id": "ep-1", "private_name": "none"}
    assert contents(EXISTING, adopted) == {}


def test_keeping_what_is_foreign_is_passed_on(contents):
    assert contents(keep_foreign=True)["keepForeign"] is True
