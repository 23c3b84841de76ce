"""`PrivateEndpoint`: the resources that it declares for each kind of service and name."""

from __future__ import annotations

import json
import re

import pulumi
import pulumi_alicloud
import pytest

from dashlink.endpoint.component import PrivateEndpoint, PrivateEndpointArgs
from dashlink.endpoint.settings import EndpointSettings
from dashlink.resources.provider import Provider

VSWITCHES = {"cn-beijing-h": "vsw-h", "cn-beijing-k": "vsw-k"}


def endpoint(component="dashscope", opts=None, vswitch_ids=VSWITCHES, **settings):
    settings.setdefault("service", "com.aliyuncs.dashscope")
    return PrivateEndpoint(
        component,
        PrivateEndpointArgs(
            settings=EndpointSettings(**settings),
            region="cn-beijing",
            vpc_id="vpc-1",
            vswitch_ids=vswitch_ids,
            security_group_ids=["sg-1"],
            tags={"team": "search"},
        ),
        opts,
    )


def test_an_endpoint_has_zones_a_connection_and_a_private_name(deploy):
    deployed = deploy(lambda: endpoint().outputs)
    created = deployed.one(":VpcEndpoint")
    assert created.inputs["endpointType"] == "Interface"
    assert created.inputs["serviceName"] == "com.aliyuncs.dashscope"
    zones = deployed.of(":VpcEndpointZone")
    assert {item.inputs["zoneId"]: item.inputs["vswitchId"] for item in zones.values()} == VSWITCHES
    assert deployed.one(":EndpointConnection").inputs["zoneIds"] == sorted(VSWITCHES)
    assert (
        deployed.one("pvtz/zone:Zone").inputs["zoneName"] == "vpc-cn-beijing.dashscope.aliyuncs.com"
    )
    record = deployed.one(":ZoneRecord").inputs
    assert (record["rr"], record["type"], record["ttl"]) == ("@", "CNAME", 15)
    assert record["value"] == "ep-dashscope-endpoint.dashscope.cn-beijing.privatelink.aliyuncs.com"
    assert deployed.one(":ZoneAttachment").inputs["vpcs"] == [
        {"vpcId": "vpc-1", "regionId": "cn-beijing"}
    ]
    assert deployed.result["host"] == "vpc-cn-beijing.dashscope.aliyuncs.com"
    assert deployed.result["zones"]["cn-beijing-h"]["address"] == "10.20.0.2"


@pytest.mark.parametrize("name", ["dashscope", "a-name-" * 10], ids=["short", "long"])
def test_the_remark_of_the_private_name_fits_the_cloud(deploy, name):
    remark = deploy(lambda: endpoint(name).outputs).one("pvtz/zone:Zone").inputs["remark"]
    assert re.fullmatch("dashlink-endpoint-[a-z0-9-]+", remark)
    assert len(remark) <= 50  # Zone.Remark


@pytest.mark.parametrize("mode", ["service", "none"], ids=str)
def test_modes_service_and_none_create_no_private_zone(deploy, mode):
    deployed = deploy(lambda: endpoint(private_name=mode).outputs)
    assert deployed.of("pvtz/zone:Zone") == {}
    if mode == "service":
        assert (deployed.result["host"], deployed.result["scheme"]) == (
            "vpc-cn-beijing.dashscope.aliyuncs.com",
            "https",
        )
    else:
        assert (deployed.result["private_domain"], deployed.result["scheme"]) == (None, "http")
        assert deployed.result["host"] == deployed.result["endpoint_domain"]


def test_the_name_resolves_in_vpcs_of_other_regions(deploy):
    further = {"vpc_id": "vpc-2", "region": "cn-hangzhou"}
    deployed = deploy(
        lambda: endpoint(private_name={"mode": "private-zone", "attach_to": [further]}).outputs
    )
    assert {"vpcId": "vpc-2", "regionId": "cn-hangzhou"} in deployed.one(":ZoneAttachment").inputs[
        "vpcs"
    ]


def test_an_endpoint_can_use_some_of_the_zones(deploy):
    three = {**VSWITCHES, "cn-beijing-l": "vsw-l"}
    deployed = deploy(
        lambda: endpoint(vswitch_ids=three, zones=["cn-beijing-k", "cn-beijing-l"]).outputs
    )
    assert {item.inputs["zoneId"] for item in deployed.of(":VpcEndpointZone").values()} == {
        "cn-beijing-k",
        "cn-beijing-l",
    }


def test_all_settings_of_an_endpoint_are_inputs(deploy):
    policy = {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "*", "Principal": "*", "Resource": "*"}],
    }
    deployed = deploy(
        lambda: (
            endpoint(
                policy=policy,
                deletion_protection=True,
                service_region="cn-shanghai",
                cross_region_bandwidth_mbps=200,
                private_name="none",
                tags={"cost": "42"},
                resource_group_id="rg-1",
                name="my-endpoint",
                description="to the models",
            ).outputs
        )
    )
    created = deployed.one(":VpcEndpoint")
    assert json.loads(created.inputs["policyDocument"]) == policy
    assert created.protect
    assert {
        key: created.inputs[key]
        for key in ("serviceRegionId", "crossRegionBandwidth", "resourceGroupId")
    } == {
        "serviceRegionId": "cn-shanghai",
        "crossRegionBandwidth": 200,
        "resourceGroupId": "rg-1",
    }
    assert created.inputs["tags"] == {"team": "search", "cost": "42"}
    assert (created.inputs["vpcEndpointName"], created.inputs["endpointDescription"]) == (
        "my-endpoint",
        "to the models",
    )


def test_the_connection_uses_an_explicit_providers_account(deploy):
    def program():
        cloud = pulumi_alicloud.Provider(
            "cloud", region="cn-beijing", access_key="AK", secret_key="hidden"
        )
        endpoint(opts=pulumi.ResourceOptions(provider=cloud))

    deployed = deploy(program)
    ours = deployed.of("pulumi:providers:dashlink")["dashscope-provider"]
    assert ours.inputs["accessKey"]["value"] == "AK"  # wrapped: it is a secret
    assert "dashscope-provider" in deployed.one(":EndpointConnection").provider
    assert "cloud" in deployed.one(":VpcEndpoint").provider


def test_an_explicit_dashlink_provider_is_used(deploy):
    def program():
        mine = Provider(
            "mine", region="cn-beijing", assume_role={"role_arn": "acs:ram::1:role/network"}
        )
        endpoint(opts=pulumi.ResourceOptions(providers=[mine]))

    deployed = deploy(program)
    assert set(deployed.of("pulumi:providers:dashlink")) == {"mine"}
    assert "mine" in deployed.one(":EndpointConnection").provider


def test_the_provider_refuses_an_unknown_argument():
    with pytest.raises(TypeError, match="unexpected keyword argument 'acces_key'"):
        Provider("mine", acces_key="AK")
