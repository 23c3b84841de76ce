"""Model services of PAI-EAS by dashlink's provider: created, changed, adopted, drifted, deleted."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from pulumi.runtime.proto import provider_pb2
from pydantic.alias_generators import to_camel
from support import clouds
from support.leaks import open_text
from support.provider import engine_for, plain, refused, sealed_names, unsealed
from support.waiting import wait_for

from dashlink.cloud.credentials import resolve_account
from dashlink.cloud.eas import EasApi
from dashlink.resources.models.eas_addresses import EAS_ADDRESSES
from dashlink.resources.models.eas_service import EAS_SERVICE
from dashlink_sandbox import Sandbox

KINDS = provider_pb2.DiffResponse
SERVICE = "EasService$dashlink:eas:EasService"
ADDRESSES = "EasAddresses$dashlink:eas:EasAddresses"
TAGS = [{"key": "dashlink-project", "value": "shop"}, {"key": "dashlink-stack", "value": "dev"}]
CONFIG = {
    "metadata": {"instance": 1},
    "cloud": {"computing": {"instances": [{"type": "ecs.gn7i-c8g1.2xlarge"}]}},
    "containers": [{"image": "registry.example.com/vllm:1", "port": 8000, "command": "serve"}],
}


@pytest.fixture(scope="module")
def served():
    with Sandbox() as cloud, engine_for(cloud) as engine:
        yield cloud, engine


@pytest.fixture(scope="module")
def api(served):
    return EasApi(resolve_account({"region": "cn-beijing"}))


def inputs_of(name, config=CONFIG, **more):
    return {"name": name, "config": json.dumps(config), "tags": TAGS, **more}


def config_of(cloud, name):
    for row in cloud.state.eas_services.values():
        if row.name == name:
            return row.config
    raise AssertionError(name)


@contextmanager
def written(cloud, name):
    """Change a service's record, as somebody in the console does."""
    with cloud.cloud._lock:
        draft = cloud.cloud.draft()
        for row in draft.eas_services.values():
            if row.name == name:
                yield row
        cloud.cloud.replace(draft)


def test_a_service_runs_when_it_is_created(served):
    cloud, engine = served
    created = engine.create(SERVICE, inputs_of("first"))
    assert created.id == "first"
    assert unsealed(created.properties)["status"] == "Running"
    assert config_of(cloud, "first")["metadata"]["name"] == "first"


def test_what_the_cloud_adds_is_no_difference(served):
    _, engine = served
    inputs = inputs_of("with_workspace", workspaceId="4711")
    refreshed = engine.refresh(engine.create(SERVICE, inputs))
    assert engine.diff(refreshed, inputs).changes == KINDS.DIFF_NONE


def test_another_spelling_and_order_are_no_difference(served):
    _, engine = served
    config = {**CONFIG, "metadata": {"instance": 1, "rpc": {"keepalive": 9000}}}
    created = engine.create(SERVICE, inputs_of("spelled", config))
    refreshed = engine.refresh(created)
    assert engine.diff(refreshed, inputs_of("spelled", config)).changes == KINDS.DIFF_NONE
    primary = {**CONFIG, "rpc": {"keepalive": 9000}}
    assert engine.diff(refreshed, inputs_of("spelled", primary)).changes == KINDS.DIFF_NONE


def test_a_key_that_is_taken_out_is_gone(served):
    cloud, engine = served
    limited = {**CONFIG, "rpc": {"rate_limit": 5}}
    created = engine.create(SERVICE, inputs_of("shrinks", limited))
    changed = engine.update(created, inputs_of("shrinks"))
    assert "rpc" not in config_of(cloud, "shrinks")
    assert engine.diff(engine.refresh(changed), inputs_of("shrinks")).changes == KINDS.DIFF_NONE


def test_drift_shows_and_an_update_undoes_it(served):
    cloud, engine = served
    created = engine.create(SERVICE, inputs_of("drifts"))
    with written(cloud, "drifts") as row:
        row.config["metadata"]["instance"] = 3
        row.tags = {"somebody": "else"}
    refreshed = engine.refresh(created)
    assert sorted(engine.diff(refreshed, inputs_of("drifts")).diffs) == ["config", "tags"]
    updated = engine.update(refreshed, inputs_of("drifts"))
    assert config_of(cloud, "drifts")["metadata"]["instance"] == 1
    assert engine.diff(engine.refresh(updated), inputs_of("drifts")).changes == KINDS.DIFF_NONE


def test_a_token_is_kept_by_updates_and_sealed(served):
    cloud, engine = served
    inputs = inputs_of("tokened", token="token-of-the-team-0123")
    created = engine.create(SERVICE, inputs)
    assert "token" in sealed_names(created.properties)
    changed = {**inputs, "config": json.dumps({**CONFIG, "rpc": {"rate_limit": 2}})}
    updated = engine.refresh(engine.update(created, changed))
    (row,) = (one for one in cloud.state.eas_services.values() if one.name == "tokened")
    assert row.token == "token-of-the-team-0123"
    assert engine.diff(updated, changed).changes == KINDS.DIFF_NONE
    other = {**changed, "token": "token-of-others-456789"}
    assert engine.diff(updated, other).diffs == ["token"]
    engine.update(updated, other)
    (row,) = (one for one in cloud.state.eas_services.values() if one.name == "tokened")
    assert row.token == "token-of-others-456789"


def test_a_generated_token_survives_an_update(served):
    cloud, engine = served
    created = engine.create(SERVICE, inputs_of("generated"))
    (before,) = (one.token for one in cloud.state.eas_services.values() if one.name == "generated")
    engine.update(created, inputs_of("generated", {**CONFIG, "rpc": {"rate_limit": 2}}))
    (after,) = (one.token for one in cloud.state.eas_services.values() if one.name == "generated")
    assert after == before


def test_what_a_killed_run_left_is_adopted(served):
    cloud, engine = served
    engine.create(SERVICE, inputs_of("left"))
    again = engine.create(SERVICE, inputs_of("left", {**CONFIG, "rpc": {"rate_limit": 7}}))
    assert again.id == "left"
    assert config_of(cloud, "left")["rpc"] == {"rate_limit": 7}


def test_a_name_of_another_owner_is_refused(served):
    _, engine = served
    engine.create(SERVICE, inputs_of("theirs"))
    mine = inputs_of("theirs") | {"tags": [{"key": "dashlink-stack", "value": "other"}]}
    error = refused(engine.create, SERVICE, mine)
    assert "the account has an EAS service theirs already" in error


def test_a_failed_service_ends_the_wait_with_its_reason(served):
    cloud, engine = served
    created = engine.create(SERVICE, inputs_of("fails"))
    with written(cloud, "fails") as row:
        row.status = "Failed"
    error = refused(engine.create, ADDRESSES, {"name": "fails"})
    assert "fails: the EAS service is Failed (Service is Failed)" in error
    engine.delete(created)


@pytest.mark.parametrize(
    ("config", "code"),
    [
        ({**CONFIG, "containers": [{"image": "i", "port": 8080}]}, "InvalidParameter"),
        ({**CONFIG, "metadata": {}}, "InvalidParameter.metadata.instance"),
        ({**CONFIG, "containers": [], "processor": "pmml"}, "Missingmodel_path"),
        ({**CONFIG, "cloud": {}}, "Missingcloud.computing.instances"),
        (
            {**CONFIG, "cloud": {**CONFIG["cloud"], "networking": {"vpc_id": "vpc-1"}}},
            "vpcId, vswId and securityGroupId are required",
        ),
    ],
    ids=["port", "instances", "model-path", "computing", "networking"],
)
def test_the_cloud_refuses_a_service_json(served, config, code):
    _, engine = served
    assert code in refused(engine.create, SERVICE, inputs_of("refused", config))


def test_text_that_is_no_json_is_refused(served):
    _, engine = served
    error = refused(engine.create, SERVICE, {"name": "nothing", "config": "[1]"})
    assert error == "config: not a JSON object. Write the service JSON as an object."


def test_addresses_are_those_of_the_cloud(served):
    cloud, engine = served
    engine.create(SERVICE, inputs_of("addressed"))
    created = engine.create(ADDRESSES, {"name": "addressed"})
    properties = unsealed(created.properties)
    (gateway,) = properties["gateways"]
    owner = cloud.cloud.catalog.accounts[0].id
    path = "api/predict/addressed"
    host = f"{owner}.vpc.cn-beijing.pai-eas.aliyuncs.com"
    assert gateway["kind"] == "DefaultGateway"
    assert gateway["vpcUrls"] == [f"http://{host}/{path}"]
    assert "accessToken" in sealed_names(created.properties)
    assert engine.diff(engine.refresh(created), {"name": "addressed"}).changes == KINDS.DIFF_NONE


def test_addresses_of_groups_queues_and_balancers_are_read(served):
    cloud, engine = served
    vpc_id = clouds.create_vpc(cloud, "10.61.0.0/16")
    blocks = {clouds.ZONES[0]: "10.61.0.0/20", clouds.ZONES[1]: "10.61.16.0/20"}
    vswitch_ids = clouds.create_vswitches(cloud, vpc_id, blocks)
    group_id = clouds.create_group(cloud, vpc_id)
    networking = {
        "vpc_id": vpc_id,
        "vswitch_id": ",".join(vswitch_ids.values()),
        "security_group_id": group_id,
    }
    config = {
        **CONFIG,
        "metadata": {"instance": 1, "group": "team", "type": "Async"},
        "cloud": {**CONFIG["cloud"], "networking": networking},
        "networking": {"nlb": [{"id": "default", "listener_port": 8443, "netType": "intranet"}]},
    }
    engine.create(SERVICE, inputs_of("member", config))
    properties = unsealed(engine.create(ADDRESSES, {"name": "member"}).properties)
    rows = [(row["kind"], row["pathType"], row.get("port")) for row in properties["gateways"]]
    expected = [("DefaultGateway", "Service", None), ("DefaultGateway", "Group", None)]
    assert rows == [*expected, ("Nlb", "Service", 8443)]
    assert properties["gateways"][1]["vpcUrls"][0].endswith("/api/predict/team")
    (queue,) = properties["queueVpcUrls"]
    assert queue.endswith("/api/predict/async_path.member")
    one_zone = {**networking, "vswitch_id": vswitch_ids[clouds.ZONES[0]]}
    config["cloud"] = {**CONFIG["cloud"], "networking": one_zone}
    error = refused(engine.create, SERVICE, inputs_of("one_zone", config))
    assert "An NLB needs vSwitches in two zones" in error


def test_every_secret_of_eas_is_sealed_by_its_mark(served):
    _, engine = served
    secret = {
        "token": "token-of-the-team-0123",
        "trigger": "digest-0123456789",
        "dockerAuth": "user:password-of-the-registry",
        "variable": "value-of-the-variable",
    }
    inputs = inputs_of(
        "sealed",
        token=secret["token"],
        dockerAuth=secret["dockerAuth"],
        secretEnvironment=[{"name": "HF_TOKEN", "value": secret["variable"]}],
    )
    service = engine.create(SERVICE, inputs)
    addresses = engine.create(ADDRESSES, {"name": "sealed", "trigger": secret["trigger"]})
    sealed = sealed_names(service.properties) | sealed_names(addresses.properties)
    marked = EAS_SERVICE.secret_fields() | EAS_ADDRESSES.secret_fields()
    assert sealed == {to_camel(name) for name in marked}
    assert sealed == {"token", "trigger", "accessToken", "dockerAuth", "secretEnvironment"}
    for created in (service, addresses, engine.refresh(service), engine.refresh(addresses)):
        shown = json.dumps([open_text(plain(created.inputs)), open_text(plain(created.properties))])
        assert not [text for text in secret.values() if text in shown]


def test_addresses_of_no_service_are_refused(served):
    _, engine = served
    assert "nowhere: there is no such EAS service" in refused(
        engine.create, ADDRESSES, {"name": "nowhere"}
    )


def test_deleting_addresses_leaves_the_service(served):
    cloud, engine = served
    engine.create(SERVICE, inputs_of("stays"))
    engine.delete(engine.create(ADDRESSES, {"name": "stays"}))
    assert config_of(cloud, "stays")


def test_a_deleted_service_is_gone(served, api):
    _, engine = served
    created = engine.create(SERVICE, inputs_of("goes"))
    engine.delete(created)
    assert api.service("goes") is None
    assert engine.read(created).id == ""
    engine.delete(created)


def test_an_import_reads_everything_but_the_token(served):
    _, engine = served
    engine.create(SERVICE, inputs_of("imported", workspaceId="4711"))
    read = engine.import_(SERVICE, "imported")
    inputs = unsealed(read.inputs)
    assert json.loads(inputs["config"]) == CONFIG
    assert (inputs["workspaceId"], inputs["tags"]) == ("4711", TAGS)
    assert "token" not in inputs


def test_a_wait_lasts_until_the_gateway_has_the_route(served, monkeypatch):
    cloud, engine = served
    user = _vpc_user(cloud)
    created = engine.create(SERVICE, inputs_of("late"))
    with written(cloud, "late") as row:
        row.ready += 1.0
    proxy = cloud.proxy.replace("http://", f"http://{user}:@")
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    engine.messages.clear()
    engine.create(ADDRESSES, {"name": "late"})
    assert [text for text in engine.messages if "404 without a body" in text]
    engine.delete(created)


def _vpc_user(cloud):
    vpc_id = clouds.create_vpc(cloud, "10.60.0.0/16")
    clouds.create_vswitches(cloud, vpc_id, {clouds.ZONES[0]: "10.60.0.0/20"})
    return vpc_id


def test_gateways_are_created_linked_and_deleted(served, api):
    cloud, _ = served
    send = api._api.roa
    answer = send("c", "CreateGateway", "POST", "/api/v2/gateways", body={"Name": "own"})
    gateway_id = answer["GatewayId"]
    path = f"/api/v2/gateways/cn-beijing/{gateway_id}"
    wait_for(
        lambda: send("r", "DescribeGateway", "GET", path)["Status"] == "Running", "it is Running"
    )
    vpc_id = _vpc_user(cloud)
    (vswitch_id,) = (
        row.vswitch_id for row in cloud.state.vswitches.values() if row.vpc_id == vpc_id
    )
    linked = f"{path}/intranet_endpoint_linked_vpc"
    query = {"VpcId": vpc_id, "VSwitchId": vswitch_id}
    send("l", "CreateGatewayIntranetLinkedVpc", "POST", linked, query=query)

    def is_linked():
        (row,) = send("l", "ListGatewayIntranetLinkedVpc", "GET", linked)["IntranetLinkedVpcList"]
        return (row["VpcId"], row["Status"]) == (vpc_id, "Running")

    wait_for(is_linked, "the VPC is linked")
    with pytest.raises(Exception, match="GatewayInUse"):
        send("d", "DeleteGateway", "DELETE", path)
    send("u", "DeleteGatewayIntranetLinkedVpc", "DELETE", linked, query={"VpcId": vpc_id})
    send("u", "UpdateGateway", "PUT", path, body={"Replicas": 3, "EnableInternet": True})
    shown = send("r", "DescribeGateway", "GET", path)
    assert (shown["Replicas"], shown["InternetEnabled"]) == (3, True)
    send("d", "DeleteGateway", "DELETE", path)
