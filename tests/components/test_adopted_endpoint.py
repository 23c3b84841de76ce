"""`PrivateEndpoint` with an existing endpoint: nothing of the endpoint is a resource."""

from __future__ import annotations

import pytest

from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
from dashlink.endpoint.settings import EndpointSettings

VSWITCHES = {"cn-beijing-h": "vsw-h", "cn-beijing-k": "vsw-k"}


def adopted(**settings):
    return PrivateEndpoint(
        "dashscope",
        PrivateEndpointArgs(
            settings=EndpointSettings(id="ep-2ze1", **settings),
            region="cn-beijing",
            vpc_id="vpc-1",
            vswitch_ids=VSWITCHES,
            security_group_ids=["sg-1"],
        ),
    )


@pytest.mark.parametrize(
    ("mode", "host"),
    [
        ("service", "vpc-cn-beijing.dashscope.aliyuncs.com"),
        ("none", "ep-2ze1.dashscope.cn-beijing.privatelink.aliyuncs.com"),
    ],
    ids=["named by the platform", "without a name"],
)
def test_an_adopted_endpoint_is_no_resource(deploy, mode, host):
    deployed = deploy(lambda: adopted(private_name=mode).outputs)
    declared = {row.type for row in deployed.resources if row.type.startswith("alicloud:")}
    assert declared == set()
    connection = deployed.one(":EndpointConnection")
    assert connection.inputs["endpointId"] == "ep-2ze1"
    assert connection.inputs["zoneIds"] == sorted(VSWITCHES)
    assert deployed.result["endpoint_id"] == "ep-2ze1"
    assert deployed.result["service_name"] == "com.aliyuncs.dashscope"
    assert deployed.result["host"] == host
    assert not any("new endpoints" in text for text in deployed.result["unverified"])


def test_a_requested_name_leads_to_the_endpoint(deploy):
    deployed = deploy(lambda: adopted(private_name="private-zone").outputs)
    assert deployed.of(":VpcEndpoint") == {}
    record = deployed.one(":ZoneRecord").inputs
    assert record["value"] == "ep-2ze1.dashscope.cn-beijing.privatelink.aliyuncs.com"


def test_the_connection_waits_for_the_zones_of_the_settings(deploy):
    zones = ["cn-beijing-g"]
    deployed = deploy(lambda: adopted(private_name="service", zones=zones).outputs)
    assert deployed.one(":EndpointConnection").inputs["zoneIds"] == zones
