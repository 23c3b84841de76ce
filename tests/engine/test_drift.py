"""Changes behind the back of a stack: `dashlink drift` sees each, and one `up` undoes all."""

from __future__ import annotations

import json

import pytest
from alibabacloud_apig20240327 import models as apig_models
from support import official
from support.base_stacks import DOMAIN, gateway_stack, model_api, service_id, set_secrets
from support.cli import DASHLINK
from support.clouds import REGION, bind_zone, open_port
from support.processes import run
from support.rpc import Rpc

pytestmark = pytest.mark.engine

ECS, PVTZ, PRIVATELINK = "2014-05-26", "2018-01-01", "2020-04-15"
CIDR = "10.50.0.0/16"
DENY = {"Effect": "Deny", "Action": "*", "Principal": "*", "Resource": "*"}
POLICY = json.dumps({"Version": "1", "Statement": [DENY]})
APIS = ["deleted", "kept", "undeployed"]
CONTENTS = "access-contents"
NAME = "access-gateway-domain-models.example.internal"
SEEN_RESOURCES = {
    *("access-dashscope-attachment", "access-security-group", "access-dashscope-endpoint"),
}
SEEN = {
    ("access-443-from-vpc", ""),
    (f"{NAME}-record", "value"),
    (f"{NAME}-record", "ttl"),
    ("access-gateway-api-kept", "basePath"),
    ("access-gateway-api-kept-consumers", "consumerIds"),
    ("access-gateway-api-undeployed", "deployed"),
    ("access-gateway-api-deleted", ""),
    ("access-gateway-consumer-other", "enabled"),
    ("access-gateway-service-spare", "apiKeys"),
}


class Hand:
    """Somebody with the console: each method is one change behind the stack's back."""

    def __init__(self, stack, cloud):
        self.cloud = cloud
        self.outputs = stack.outputs()
        self.apig = official.apig(cloud)
        self.rpc = Rpc.from_env(cloud.url, cloud.env)
        self.group_id = self.outputs["security_group_id"]

    def zone(self, name):
        (zone,) = (one for one in self.cloud.state.private_zones.values() if one.name == name)
        return zone

    def rules(self):
        rules = self.cloud.state.security_groups[self.group_id].rules
        return sorted((rule.ports, rule.source_cidr) for rule in rules)

    def revoke(self, port):
        rule = {"IpProtocol": "tcp", "PortRange": f"{port}/{port}", "SourceCidrIp": CIDR}
        target = {"RegionId": REGION, "SecurityGroupId": self.group_id, "NicType": "intranet"}
        self.rpc(ECS, "RevokeSecurityGroup", **target, **rule, Policy="accept", Priority=1)

    def api(self, name):
        return self.outputs["model_apis"][name]["api_id"]

    def undeploy(self, name):
        gateway = self.outputs["gateway"]
        request = apig_models.UndeployHttpApiRequest(
            gateway_id=gateway["gateway_id"], environment_id=gateway["environment_id"]
        )
        self.apig.undeploy_http_api(self.api(name), request)

    def delete_api(self, name):
        self.undeploy(name)
        self.apig.delete_http_api(self.api(name), apig_models.DeleteHttpApiRequest())


@pytest.fixture(scope="class")
def config(cloud):
    config = gateway_stack(cloud)
    config["dashlink:endpoints"] = {"dashscope": {"service": "com.aliyuncs.dashscope"}}
    apis = {name: model_api("text", f"/{name}") for name in APIS}
    apis["kept"]["consumers"] = ["team", "other"]
    config["dashlink:consumers"] = {
        "team": {"api_keys": [{"config": "searchTeamKey"}]},
        "other": {"api_keys": [{"config": "spareKey"}]},
    }
    config["dashlink:model_apis"] = apis
    return config


@pytest.fixture(scope="class")
def stack(create_stack, config):
    """The deployed stack."""
    stack = create_stack(config)
    set_secrets(stack)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def hand(stack, cloud):
    return Hand(stack, cloud)


def drift(stack):
    """The exit code of `dashlink drift`, and what the cloud has by resource and property."""
    command = [DASHLINK, "drift", stack.name, "--json"]
    done = run(command, folder=stack.folder, environment=stack.environment(), seconds=120)
    assert done.returncode in (0, 7), done
    found = {}
    for row in json.loads(done.stdout)["differences"]:
        found.setdefault((row["name"], row["property"]), []).append(row["cloud"])
    return done.returncode, found


@pytest.fixture(scope="class")
def opened(hand):
    """Rules, records and a policy of others; a rule turned to everybody."""
    open_port(hand.cloud, hand.group_id, 22, "10.0.0.0/8")
    hand.revoke(443)
    open_port(hand.cloud, hand.group_id, 443, "0.0.0.0/0")
    zone_id = hand.zone(DOMAIN).zone_id
    hand.rpc(PVTZ, "AddZoneRecord", ZoneId=zone_id, Rr="www", Type="A", Value="10.6.6.6")
    endpoint_id = hand.outputs["endpoints"]["dashscope"]["endpoint_id"]
    target = {"RegionId": REGION, "EndpointId": endpoint_id}
    hand.rpc(PRIVATELINK, "UpdateVpcEndpointAttribute", **target, PolicyDocument=POLICY)
    return endpoint_id


@pytest.fixture(scope="class")
def changed(hand, opened):
    """Properties of the stack's own resources, changed by hand."""
    zone = hand.zone(DOMAIN)
    (record,) = (one for one in zone.records.values() if one.type == "CNAME")
    other = {"Rr": "@", "Type": "CNAME", "Value": "evil.example.com", "Ttl": 60}
    hand.rpc(PVTZ, "UpdateZoneRecord", RecordId=record.record_id, **other)
    bind_zone(hand.rpc, hand.zone("vpc-cn-beijing.dashscope.aliyuncs.com").zone_id)
    group = {"RegionId": REGION, "SecurityGroupId": hand.group_id}
    hand.rpc(ECS, "ModifySecurityGroupPolicy", **group, InnerAccessPolicy="Accept")
    target = {"RegionId": REGION, "EndpointId": opened}
    hand.rpc(PRIVATELINK, "UpdateVpcEndpointAttribute", **target, EndpointName="renamed")
    request = apig_models.UpdateHttpApiRequest(base_path="/else")
    hand.apig.update_http_api(hand.api("kept"), request)
    service = service_id(hand.cloud, "spare")
    draft = hand.cloud.cloud.draft()
    draft.ai_services[service].ai_config["apiKeys"] = ["sk-another-0123456789"]
    for consumer_id, consumer in draft.consumers.items():
        if consumer.name == "other":
            draft.consumers[consumer_id] = consumer.model_copy(update={"enabled": False})
    hand.cloud.cloud.replace(draft)


@pytest.fixture(scope="class")
def deleted(hand, changed):
    """Resources of the stack, deleted by hand."""
    hand.undeploy("undeployed")
    hand.delete_api("deleted")
    draft = hand.cloud.cloud.draft()
    draft.authorization_rules.popitem()
    hand.cloud.cloud.replace(draft)


@pytest.fixture(scope="class")
def seen(stack, deleted):
    """What `dashlink drift` says of all of it."""
    return drift(stack)


@pytest.fixture(scope="class")
def restored(stack, seen):
    """The stack after one `up --refresh`."""
    done = stack.run("up", "--yes", "--skip-preview", "--refresh")
    assert done.returncode == 0, done
    return stack


class TestDrift:
    def test_a_new_stack_has_no_drift(self, stack, hand):
        assert drift(stack) == (0, {})

    def test_every_change_is_seen(self, seen, opened):
        code, found = seen
        assert code == 7
        assert found[CONTENTS, "foreign record"] == ["www A 10.6.6.6"]
        assert found[CONTENTS, "foreign endpoint policy"] == [f"{opened} {POLICY}"]
        openings = ["TCP 22 is open to 10.0.0.0/8", "TCP 443 is open to 0.0.0.0/0"]
        assert found[CONTENTS, "foreign rule"] == openings
        assert SEEN - set(found) == set()
        assert SEEN_RESOURCES - {name for name, _ in found} == set()

    def test_one_up_undoes_all(self, restored, hand, opened):
        state = hand.cloud.state
        assert hand.rules() == [("443/443", CIDR), ("80/80", CIDR)]
        assert len(hand.zone(DOMAIN).records) == 1
        assert state.endpoints[opened].policy_document == ""
        assert state.endpoints[opened].name == "dashlink-test-access-dashscope-endpoint"
        assert state.security_groups[hand.group_id].inner_access_policy == "Drop"
        assert sorted(api.name for api in state.http_apis.values()) == APIS
        assert all(api.deployed is not None for api in state.http_apis.values())
        assert len(state.authorization_rules) == 2
        assert all(consumer.enabled for consumer in state.consumers.values())
        assert drift(restored) == (0, {})
