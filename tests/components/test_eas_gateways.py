"""`EasGatewayAccess`: what it declares of new and existing gateways, and what it returns."""

from __future__ import annotations

import json

import pytest

from dashlink import (
    ConfigError,
    EasDeployment,
    EasGatewayAccess,
    EasGatewayAccessArgs,
    EasGatewaySettings,
    EasLinkSettings,
    EasServiceSettings,
    NetworkSettings,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)
from dashlink.eas.gateway_settings import EasAclEntry, EasGatewayDomain, EasPeerVpc

VSWITCHES = {"cn-beijing-k": "vsw-k", "cn-beijing-h": "vsw-h"}
OTHER = {"vpc_id": "vpc-other", "vswitch_id": "vsw-other"}


def access(settings, **more):
    values = {"vpc_id": "vpc-own", "vswitch_ids": VSWITCHES, "tags": {"a": "b"}, **more}
    args = EasGatewayAccessArgs(key="main", settings=settings, region="cn-beijing", **values)
    return EasGatewayAccess("one", args)


def declared(deployed, kind):
    return [item for item in deployed.resources if item.type == f"dashlink:eas:{kind}"]


def test_a_new_gateway_is_private_and_linked_to_the_own_vpc(deploy):
    deployed = deploy(lambda: access(EasGatewaySettings()).outputs)
    (gateway,) = declared(deployed, "EasGateway")
    (link,) = declared(deployed, "EasGatewayLink")
    assert gateway.inputs["name"].endswith("-main")
    assert (gateway.inputs["internet"], gateway.inputs["intranet"]) == (False, True)
    assert gateway.inputs["tags"] == [{"key": "a", "value": "b"}]
    assert "internetAcl" not in gateway.inputs
    assert (link.name, link.inputs["vpcId"], link.inputs["vswitchId"]) == (
        *("one-own-vpc", "vpc-own", "vsw-h"),
    )
    assert link.inputs["zoneId"] == "cn-beijing-h"
    assert "acl" not in link.inputs


def test_outputs_are_the_clouds_names(deploy):
    outputs = deploy(lambda: access(EasGatewaySettings(internet=True)).outputs).result
    assert (outputs["kind"], outputs["internet_domain"]) == ("managed", "gw-1.cn-beijing")
    assert outputs["vpc_domain"] == "gw-1-vpc.cn-beijing.pai-eas.aliyuncs.com"
    (linked,) = outputs["linked_vpcs"]
    assert (linked["vpc_id"], linked["address"]) == ("vpc-own", "10.20.0.30")
    assert outputs["unverified"] == []


def test_every_setting_of_a_link_is_declared(deploy):
    link = EasLinkSettings(
        **OTHER,
        account_id="123",
        authoritative_dns=True,
        peers=(EasPeerVpc(vpc_id="vpc-a"), EasPeerVpc(vpc_id="vpc-b", region="cn-shanghai")),
        acl=(EasAclEntry(cidr="192.168.0.0/16"), EasAclEntry(cidr="10.0.0.0/8", comment="x")),
    )
    deployed = deploy(lambda: access(EasGatewaySettings(links=(link,))).outputs)
    (declared_link,) = declared(deployed, "EasGatewayLink")
    inputs = declared_link.inputs
    assert declared_link.name == "one-vpc-other"
    assert inputs["peers"] == [
        {"vpcId": "vpc-a", "region": "cn-beijing"},
        {"vpcId": "vpc-b", "region": "cn-shanghai"},
    ]
    assert [entry["cidr"] for entry in inputs["acl"]] == ["10.0.0.0/8", "192.168.0.0/16"]
    assert (inputs["accountId"], inputs["authoritativeDns"]) == ("123", True)
    assert "zoneId" not in inputs
    (row,) = deployed.result["linked_vpcs"]
    assert row["peer_vpc_ids"] == ["vpc-a", "vpc-b"]
    assert "access list" in deployed.result["unverified"][0]


def test_domains_are_declared_by_the_words_of_the_api(deploy):
    domains = (
        EasGatewayDomain(domain="b.example.com", access="internet", certificate_id="1"),
        EasGatewayDomain(domain="a.example.com"),
    )
    settings = EasGatewaySettings(internet=True, domains=domains)
    (gateway,) = declared(deploy(lambda: access(settings).outputs), "EasGateway")
    assert gateway.inputs["domains"] == [
        {"domain": "a.example.com", "type": "intranet"},
        {"domain": "b.example.com", "type": "internet", "certificateId": "1"},
    ]


def test_an_existing_gateway_is_only_read(deploy):
    deployed = deploy(lambda: access(EasGatewaySettings(id="gw-abc")).outputs)
    assert not declared(deployed, "EasGateway")
    assert not declared(deployed, "EasGatewayLink")
    outputs = deployed.result
    assert (outputs["kind"], outputs["vpc_domain"]) == ("application", None)
    assert "ALB" in outputs["notes"][0]
    assert "GatewayType" in outputs["unverified"][0]


def test_a_private_stack_refuses_a_gateway_on_the_internet(deploy):
    with pytest.raises(ConfigError, match=r"eas_gateways\.main\.internet: a gateway on the"):
        deploy(lambda: access(EasGatewaySettings(internet=True), private_only=True).outputs)


def stack_of(reference):
    deploy = EasDeployment(image="i", instance_type="ecs.c7.large", gateway=reference)
    return PrivateModelAccess(
        "access",
        PrivateModelAccessArgs(
            region="cn-beijing",
            settings=StackSettings(
                network=NetworkSettings(cidr="10.20.0.0/16", zones=tuple(VSWITCHES)),
                eas_gateways={"main": EasGatewaySettings()},
                eas_services={"own": EasServiceSettings(deploy=deploy)},
            ),
        ),
    )


@pytest.mark.parametrize(
    ("reference", "sent"), [("main", "gateway"), ("gw-theirs", "gw-theirs")], ids=["name", "id"]
)
def test_a_service_is_deployed_to_the_id_of_its_gateway(deploy, reference, sent):
    deployed = deploy(lambda: stack_of(reference).outputs["eas_gateways"]["main"])
    (service,) = declared(deployed, "EasService")
    gateway_id = json.loads(service.inputs["config"])["networking"]["gateway"]
    if sent == "gateway":
        sent = deployed.result["gateway_id"]
    assert gateway_id == sent
