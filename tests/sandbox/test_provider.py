"""The provider as the engine calls it: over gRPC, against the sandbox, with a real endpoint."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from alibabacloud_privatelink20200415 import models as privatelink_models
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc
from support import official
from support.clouds import create_vpc, create_vswitches
from support.sandbox_admin import console, inject_fault, set_zone_status
from support.waiting import wait_for

from dashlink.provider.server import Provider
from dashlink_sandbox import Sandbox

REGION = "cn-beijing"
TOKEN = "dashlink:endpoint:EndpointConnection"
URN = f"urn:pulumi:dev::shop::dashlink:endpoint:PrivateEndpoint${TOKEN}::c"
PARTNER = "epsrv-2zesandboxpartner"


@pytest.fixture(scope="module")
def cloud():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def vswitches(cloud):
    """A VPC with a vSwitch in two zones: its id, and the vSwitches by zone."""
    vpc_id = create_vpc(cloud, "10.70.0.0/16")
    blocks = {"cn-beijing-h": "10.70.0.0/24", "cn-beijing-k": "10.70.1.0/24"}
    return vpc_id, create_vswitches(cloud, vpc_id, blocks)


@pytest.fixture
def endpoint(cloud, vswitches):
    """Create an endpoint with both zones, to a service by its name or id."""

    def make(**service):
        vpc_id, created = vswitches
        zones = [
            privatelink_models.CreateVpcEndpointRequestZone(zone_id=zone, v_switch_id=one)
            for zone, one in created.items()
        ]
        request = privatelink_models.CreateVpcEndpointRequest(
            region_id=REGION, vpc_id=vpc_id, zone=zones, endpoint_type="Interface", **service
        )
        return official.privatelink(cloud).create_vpc_endpoint(request).body.endpoint_id

    return make


class Engine:
    """The engine's side of the protocol."""

    def __init__(self, cloud, monkeypatch):
        for name, value in cloud.env.items():
            monkeypatch.setenv(name, value)
        self.messages = []
        self.provider = Provider("0.1.0", lambda urn, text: self.messages.append(text))
        self.server = grpc.server(ThreadPoolExecutor(max_workers=8))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self.provider, self.server)
        port = self.server.add_insecure_port("127.0.0.1:0")
        self.server.start()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self.channel)
        self.stub.Configure(provider_pb2.ConfigureRequest(args=struct({"region": REGION})))

    def create(self, **inputs):
        return self.stub.Create(provider_pb2.CreateRequest(urn=URN, properties=struct(inputs)))

    def refused(self, call, request):
        with pytest.raises(grpc.RpcError) as caught:
            call(request)
        return caught.value.details()

    def stop(self):
        self.channel.close()
        self.server.stop(grace=None).wait()


@pytest.fixture
def engine(cloud, monkeypatch):
    engine = Engine(cloud, monkeypatch)
    yield engine
    engine.stop()


def struct(values):
    created = struct_pb2.Struct()
    created.update(values)
    return created


def plain(message):
    return json_format.MessageToDict(message)


def inputs_of(endpoint_id, **more):
    return {
        "endpointId": endpoint_id,
        "region": REGION,
        "zoneIds": ["cn-beijing-h", "cn-beijing-k"],
        "timeoutSeconds": 60,
        **more,
    }


def test_the_schema_describes_every_property(engine):
    schema = json.loads(engine.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    resource = schema["resources"]["dashlink:endpoint:EndpointConnection"]
    assert set(resource["requiredInputs"]) == {"endpointId", "region", "zoneIds"}
    assert set(resource["inputProperties"]) < set(resource["properties"])
    assert all(item["description"] for item in resource["properties"].values())
    assert resource["inputProperties"]["endpointId"]["willReplaceOnChanges"]
    assert schema["config"]["variables"]["secretKey"]["secret"]
    for item in resource["properties"].values():
        inner = item.get("items") or item.get("additionalProperties") or item
        assert inner.get("type") or inner["$ref"].removeprefix("#/types/") in schema["types"]


def test_check_reports_every_fault_and_accepts_unknown_values(engine):
    bad = {"endpointId": 7, "zoneIds": [], "timeoutSeconds": 1.5}
    answer = engine.stub.Check(provider_pb2.CheckRequest(urn=URN, news=struct(bad)))
    assert {failure.property for failure in answer.failures} == {
        "endpointId",
        "region",
        "zoneIds",
        "timeoutSeconds",
    }
    unknown = inputs_of(rpc.UNKNOWN)
    answer = engine.stub.Check(provider_pb2.CheckRequest(urn=URN, news=struct(unknown)))
    assert not answer.failures
    assert plain(answer.inputs) == unknown


@pytest.mark.parametrize(
    ("change", "replaces"),
    [({}, []), ({"zoneIds": ["cn-beijing-h"]}, []), ({"endpointId": "ep-2"}, ["endpointId"])],
    ids=["no change", "zones", "endpoint"],
)
def test_a_diff_names_what_changes_and_what_replaces(engine, change, replaces):
    before = inputs_of("ep-1")
    request = provider_pb2.DiffRequest(
        id="ep-1",
        urn=URN,
        olds=struct(before),
        old_inputs=struct(before),
        news=struct({**before, **change}),
    )
    answer = engine.stub.Diff(request)
    assert sorted(answer.diffs) == sorted(answer.detailedDiff) == sorted(change)
    assert list(answer.replaces) == replaces
    assert answer.changes == (
        provider_pb2.DiffResponse.DIFF_SOME if change else provider_pb2.DiffResponse.DIFF_NONE
    )


def test_a_preview_marks_what_is_unknown_before_a_deployment(engine):
    request = provider_pb2.CreateRequest(
        urn=URN, properties=struct(inputs_of(rpc.UNKNOWN)), preview=True
    )
    created = plain(engine.stub.Create(request).properties)
    assert created["zones"] == created["endpointDomain"] == rpc.UNKNOWN
    assert created["zoneIds"] == ["cn-beijing-h", "cn-beijing-k"]


def test_creation_waits_and_returns_addresses_and_names(engine, cloud, endpoint):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    answer = engine.create(**inputs_of(endpoint_id))
    created = plain(answer.properties)
    assert answer.id == endpoint_id
    assert created["connectionStatus"] == "Connected"
    there = cloud.state.endpoints[endpoint_id].zones
    assert set(created["zones"]) == set(there)
    for zone_id, zone in created["zones"].items():
        assert set(zone) == {"domain", "address", "eniId", "vswitchId", "status"}
        assert zone["address"] == there[zone_id].eni_ip


def test_an_imported_connection_has_no_difference(engine, endpoint):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    engine.create(**inputs_of(endpoint_id))
    read = engine.stub.Read(provider_pb2.ReadRequest(id=endpoint_id, urn=URN))
    assert plain(read.inputs)["zoneIds"] == ["cn-beijing-h", "cn-beijing-k"]
    program = {**plain(read.inputs)}
    request = provider_pb2.DiffRequest(
        id=endpoint_id, urn=URN, old_inputs=read.inputs, news=struct(program)
    )
    assert engine.stub.Diff(request).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_zone_that_lost_its_connection_is_read_as_a_change(engine, cloud, endpoint):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    engine.create(**inputs_of(endpoint_id))
    set_zone_status(cloud, endpoint_id, "cn-beijing-h", "Disconnected")
    read = engine.stub.Read(
        provider_pb2.ReadRequest(id=endpoint_id, urn=URN, inputs=struct(inputs_of(endpoint_id)))
    )
    assert plain(read.inputs)["zoneIds"] == ["cn-beijing-k"]
    assert plain(read.properties)["zones"]["cn-beijing-h"]["status"] == "Disconnected"
    request = provider_pb2.DiffRequest(
        id=endpoint_id, urn=URN, old_inputs=read.inputs, news=struct(inputs_of(endpoint_id))
    )
    assert list(engine.stub.Diff(request).diffs) == ["zoneIds"]


def test_zones_that_are_all_lost_come_back_by_a_refresh_alone(engine, cloud, endpoint):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    created = engine.create(**inputs_of(endpoint_id))
    inputs, properties = struct(inputs_of(endpoint_id)), created.properties
    for status, expected in (
        ("Disconnected", []),
        ("Disconnected", []),
        ("Connected", ["cn-beijing-h", "cn-beijing-k"]),
    ):
        for zone in ("cn-beijing-h", "cn-beijing-k"):
            set_zone_status(cloud, endpoint_id, zone, status)
        read = engine.stub.Read(
            provider_pb2.ReadRequest(id=endpoint_id, urn=URN, inputs=inputs, properties=properties)
        )
        inputs, properties = read.inputs, read.properties
        assert plain(inputs)["zoneIds"] == expected
    engine.stub.Delete(
        provider_pb2.DeleteRequest(
            id=endpoint_id, urn=URN, properties=struct({}), old_inputs=struct({})
        )
    )


def test_an_endpoint_that_does_not_exist_reads_as_gone(engine):
    read = engine.stub.Read(
        provider_pb2.ReadRequest(id="ep-nowhere", urn=URN, inputs=struct(inputs_of("ep-nowhere")))
    )
    assert read.id == ""


def test_a_wait_for_acceptance_fails_in_one_line_and_can_resume(engine, cloud, endpoint):
    endpoint_id = endpoint(service_id=PARTNER)
    properties = struct(inputs_of(endpoint_id, timeoutSeconds=1))
    error = engine.refused(
        engine.stub.Create, provider_pb2.CreateRequest(urn=URN, properties=properties)
    )
    assert error.startswith(f"{endpoint_id}: waiting for acceptance by the owner of {PARTNER}")
    assert "\n" not in error
    assert engine.messages[0].startswith("waiting: ")
    console(cloud, "accept", endpoint_id=endpoint_id)
    assert engine.create(**inputs_of(endpoint_id)).id == endpoint_id


def test_a_cancel_ends_a_wait_long_before_its_time(engine, endpoint):
    endpoint_id = endpoint(service_id=PARTNER)
    error = []
    request = provider_pb2.CreateRequest(
        urn=URN, properties=struct(inputs_of(endpoint_id, timeoutSeconds=3600))
    )
    waiting = threading.Thread(
        target=lambda: error.append(engine.refused(engine.stub.Create, request))
    )
    waiting.start()
    wait_for(lambda: engine.messages, "a message")
    engine.stub.Cancel(empty_pb2.Empty())
    waiting.join(timeout=20)
    assert not waiting.is_alive()
    assert "the wait was cancelled" in error[0]


@pytest.mark.parametrize("kind", ["throttle", "error", "drop"], ids=str)
def test_a_temporary_failure_of_the_cloud_is_retried(engine, cloud, endpoint, kind):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    inject_fault(cloud, kind=kind, product="privatelink", action="GetVpcEndpointAttribute", times=2)
    assert engine.create(**inputs_of(endpoint_id)).id == endpoint_id
    assert not cloud.cloud.faults.active  # both were met


def test_invalid_keys_are_reported_in_one_line_without_them(engine, endpoint, monkeypatch):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    settings = {"region": REGION, "accessKey": "LTAIwrong", "secretKey": "very-secret"}
    engine.stub.Configure(provider_pb2.ConfigureRequest(args=struct(settings)))
    request = provider_pb2.CreateRequest(urn=URN, properties=struct(inputs_of(endpoint_id)))
    error = engine.refused(engine.stub.Create, request)
    assert error.startswith("cannot read the endpoint: ")
    assert "InvalidAccessKeyId.NotFound" in error
    assert "request id" in error
    assert "very-secret" not in error
    assert "\n" not in error


def test_secrets_arrive_wrapped_and_are_used_unwrapped(engine, cloud, endpoint):
    endpoint_id = endpoint(service_name="com.aliyuncs.dashscope")
    wrapped = {key: rpc.wrap_rpc_secret(cloud.env[name]) for key, name in KEYS.items()}
    engine.stub.Configure(provider_pb2.ConfigureRequest(args=struct({"region": REGION, **wrapped})))
    assert engine.create(**inputs_of(endpoint_id)).id == endpoint_id


KEYS = {"accessKey": "ALICLOUD_ACCESS_KEY", "secretKey": "ALICLOUD_SECRET_KEY"}


def test_an_unknown_resource_is_reported_with_the_known_ones(engine):
    urn = "urn:pulumi:dev::shop::dashlink:endpoint:Nothing::n"
    error = engine.refused(engine.stub.Check, provider_pb2.CheckRequest(urn=urn))
    assert error.startswith(
        "dashlink:endpoint:Nothing: this version of dashlink has no such resource. "
        "Known: dashlink:endpoint:EndpointConnection, dashlink:gateway:GatewayAddresses, "
    )
