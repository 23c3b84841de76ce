"""The contract of every component: its children, its outputs, its options, its preview."""

from __future__ import annotations

import pulumi
import pytest

from dashlink import (
    AiGateway,
    AiGatewayArgs,
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    EasAccess,
    EasAccessArgs,
    EasDeployment,
    EasGatewayAccess,
    EasGatewayAccessArgs,
    EasGatewaySettings,
    EasServiceSettings,
    Egress,
    EgressArgs,
    EndpointSettings,
    GatewayConfig,
    GatewaySettings,
    ModelApiSettings,
    ModelGateway,
    ModelGatewayArgs,
    Network,
    NetworkArgs,
    NetworkSettings,
    PrivateEndpoint,
    PrivateEndpointArgs,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
    VpcConnections,
    VpcConnectionsArgs,
)

ZONES = ("cn-beijing-h", "cn-beijing-k")
NETWORK = NetworkSettings(cidr="10.20.0.0/16", zones=ZONES)
ENDPOINT = EndpointSettings(service="com.aliyuncs.dashscope")


def network(name, opts):
    return Network(name, NetworkArgs(settings=NETWORK), opts)


def endpoint(name, opts):
    vswitches = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
    args = PrivateEndpointArgs(
        settings=ENDPOINT,
        region="cn-beijing",
        vpc_id="vpc-1",
        vswitch_ids=vswitches,
        security_group_ids=["sg-1"],
    )
    return PrivateEndpoint(name, args, opts)


def access(name, opts):
    settings = StackSettings(network=NETWORK, endpoints={"dashscope": ENDPOINT})
    return PrivateModelAccess(
        name, PrivateModelAccessArgs(settings=settings, region="cn-beijing"), opts
    )


def ai_gateway(name, opts):
    vswitches = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
    args = AiGatewayArgs(
        settings=GatewaySettings(), region="cn-beijing", vpc_id="vpc-1", vswitch_ids=vswitches
    )
    return AiGateway(name, args, opts)


def model_gateway(name, opts):
    vswitches = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
    config = GatewayConfig(
        GatewaySettings(),
        {"models.example.internal": DomainSettings(scheme="http")},
        {
            "studio": AiServiceSettings(
                base_url="https://models.example.com/v1", api_keys=[pulumi.Output.secret("k")]
            )
        },
        {"team": ConsumerSettings(api_keys=[pulumi.Output.secret("c")])},
        {
            "chat": ModelApiSettings(
                scene="text",
                service="studio",
                domains=["models.example.internal"],
                consumers=["team"],
            )
        },
    )
    args = ModelGatewayArgs(
        config=config, region="cn-beijing", vpc_id="vpc-1", vswitch_ids=vswitches
    )
    return ModelGateway(name, args, opts)


def eas_access(name, opts):
    deploy = EasDeployment(image="i", instance_type="ecs.c7.large", gateway="gw-1")
    settings = EasServiceSettings(deploy=deploy)
    return EasAccess(name, EasAccessArgs(key="chat", settings=settings, region="cn-beijing"), opts)


def eas_gateway_access(name, opts):
    vswitches = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
    args = EasGatewayAccessArgs(
        key="apps",
        settings=EasGatewaySettings(),
        region="cn-beijing",
        vpc_id="vpc-1",
        vswitch_ids=vswitches,
    )
    return EasGatewayAccess(name, args, opts)


def connections(name, opts):
    far = {
        "vpc_id": "vpc-far",
        "region": "cn-shanghai",
        "cidr": "10.30.0.0/16",
        "vswitch_ids": {"cn-shanghai-m": "vsw-m"},
    }
    settings = NetworkSettings(cidr="10.20.0.0/16", zones=ZONES, connected_vpcs={"shanghai": far})
    args = VpcConnectionsArgs(
        settings=settings,
        region="cn-beijing",
        vpc_id="vpc-1",
        vswitch_ids={zone: f"vsw-{zone[-1]}" for zone in ZONES},
    )
    return VpcConnections(name, args, opts)


def egress(name, opts):
    settings = NetworkSettings(cidr="10.20.0.0/16", zones=ZONES, egress={})
    vswitches = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
    args = EgressArgs(settings=settings, vpc_id="vpc-1", vswitch_ids=vswitches)
    return Egress(name, args, opts)


COMPONENTS = {
    make.__name__: make
    for make in (
        network,
        connections,
        egress,
        endpoint,
        ai_gateway,
        model_gateway,
        access,
        eas_access,
        eas_gateway_access,
    )
}
COMPONENT_TYPES = {
    "AiGateway",
    "EasAccess",
    "EasGatewayAccess",
    "Egress",
    "ModelGateway",
    "Network",
    "PrivateEndpoint",
    "PrivateModelAccess",
    "VpcConnections",
}
every_component = pytest.mark.parametrize("make", COMPONENTS.values(), ids=COMPONENTS)


def test_the_contract_covers_every_component():
    import dashlink

    components = set()
    for name in dashlink.__all__:
        item = getattr(dashlink, name)
        if isinstance(item, type) and issubclass(item, pulumi.ComponentResource):
            components.add(item)
    assert components == {
        AiGateway,
        EasAccess,
        EasGatewayAccess,
        Egress,
        ModelGateway,
        Network,
        PrivateEndpoint,
        PrivateModelAccess,
        VpcConnections,
    }


@every_component
def test_every_child_has_its_component_as_ancestor(deploy, make):
    deployed = deploy(lambda: make("one", None) and None)
    top = deployed.resources[0]
    assert top.name == "one"
    assert len(deployed.resources) > 2
    ours = {item.urn for item in deployed.resources}
    assert [child.urn for child in deployed.resources[1:] if child.parent not in ours] == []


@every_component
def test_every_component_registers_its_outputs(deploy, make):
    deployed = deploy(lambda: make("one", None) and None)
    components = {
        item.urn
        for item in deployed.resources
        if item.type.startswith("dashlink:") and item.type.rpartition(":")[2] in COMPONENT_TYPES
    }
    assert components
    assert components <= deployed.with_outputs


@every_component
def test_protection_reaches_every_resource(deploy, make):
    deployed = deploy(lambda: make("one", pulumi.ResourceOptions(protect=True)) and None)
    assert [item.name for item in deployed.resources if not item.protect] == []


@every_component
def test_a_program_can_have_two_of_a_component(deploy, make):
    def program():
        make("one", None)
        make("two", None)

    urns = [item.urn for item in deploy(program).resources]
    assert len(urns) == len(set(urns))
    names = []
    for item in deploy(program).resources:
        for key in ("vpcName", "vswitchName", "securityGroupName", "vpcEndpointName"):
            if key in item.inputs:
                names.append(item.inputs[key])
    assert len(names) == len(set(names))


@every_component
def test_preview_and_up_declare_the_same_resources(deploy, make):
    def urns(preview):
        deployed = deploy(lambda: make("one", None) and None, preview=preview)
        return sorted(item.urn for item in deployed.resources)

    assert urns(preview=True) == urns(preview=False)


def test_the_outputs_have_the_documented_shape(deploy):
    from dashlink.clients.outputs import parse_outputs

    deployed = deploy(lambda: dict(access("access", None).outputs))
    outputs = parse_outputs(deployed.result)
    assert outputs.stack == "dev"
    assert set(outputs.vswitch_ids) == set(ZONES)
    assert outputs.endpoints["dashscope"].base_urls["openai"].endswith("/compatible-mode/v1")


def test_resources_are_tagged_with_project_and_stack(deploy):
    deployed = deploy(lambda: access("access", None) and None)
    tags = deployed.one("vpc/network:Network").inputs["tags"]
    assert tags == {"made-by": "dashlink", "dashlink-project": "shop", "dashlink-stack": "dev"}
