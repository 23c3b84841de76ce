"""`EasAccess`: what it declares of a deployed and of an existing service, and what it returns."""

from __future__ import annotations

import json

import pulumi
import pytest
from pulumi.runtime import rpc

from dashlink import (
    ConfigError,
    EasAccess,
    EasAccessArgs,
    EasDeployment,
    EasServiceSettings,
    NetworkSettings,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)

DEPLOY = EasDeployment(image="registry.example.com/vllm:1", instance_type="ecs.c7.large")


def access(settings, **more):
    args = EasAccessArgs(key="my-chat", settings=settings, region="cn-beijing", **more)
    return EasAccess("one", args)


def declared(deployed, kind):
    return [item.inputs for item in deployed.resources if item.type == f"dashlink:eas:{kind}"]


def test_an_existing_service_is_only_waited_for(deploy):
    deployed = deploy(lambda: access(EasServiceSettings(name="qwen_chat")).outputs)
    assert declared(deployed, "EasService") == []
    (addresses,) = declared(deployed, "EasAddresses")
    assert addresses["name"] == "qwen_chat"


def test_outputs_have_urls_and_no_token(deploy):
    settings = EasServiceSettings(name="qwen_chat", protocols=["openai", "anthropic"])
    outputs = deploy(lambda: access(settings).outputs).result
    base = "http://1.vpc.cn-beijing.pai-eas.aliyuncs.com/qwen_chat"
    assert outputs["base_urls"] == {"predict": base, "openai": f"{base}/v1", "anthropic": base}
    assert outputs["gateways"][0]["vpc_urls"] == [base]
    assert "token-of-the-service" not in json.dumps(outputs)


def test_a_deployed_service_is_tagged_and_named_after_the_stack(deploy):
    deployed = deploy(lambda: access(EasServiceSettings(deploy=DEPLOY), tags={"a": "b"}).outputs)
    (service,) = declared(deployed, "EasService")
    assert service["name"].endswith("_my_chat")
    assert service["tags"] == [{"key": "a", "value": "b"}]
    config = json.loads(service["config"])
    assert config["containers"] == [{"image": "registry.example.com/vllm:1"}]


def test_instances_in_the_vpc_have_its_ids(deploy):
    settings = EasServiceSettings(deploy=DEPLOY.model_copy(update={"in_vpc": True}))
    deployed = deploy(
        lambda: (
            access(
                settings,
                vpc_id=pulumi.Output.from_input("vpc-1"),
                vswitch_ids={"cn-beijing-k": "vsw-k", "cn-beijing-h": "vsw-h"},
                security_group_ids=["sg-1"],
            ).outputs
        )
    )
    (service,) = declared(deployed, "EasService")
    ids = {"vpc_id": "vpc-1", "vswitch_id": "vsw-h", "security_group_id": "sg-1"}
    assert json.loads(service["config"])["cloud"]["networking"] == ids


SECRETS = {"dashlink:login": "user:password-1", "dashlink:hf": "value-of-the-variable"}


@pytest.fixture
def secrets():
    """The secrets in the stack's configuration."""
    pulumi.runtime.set_all_config(SECRETS, list(SECRETS))
    yield
    pulumi.runtime.set_all_config({}, [])


@pytest.mark.usefixtures("secrets")
def test_secrets_are_inputs_of_their_own(deploy):
    secrets = {"docker_auth": {"config": "login"}, "secret_environment": {"HF": {"config": "hf"}}}
    written = EasDeployment(**DEPLOY.model_dump(exclude_defaults=True), **secrets)
    settings = EasServiceSettings(deploy=written)
    deployed = deploy(lambda: access(settings).outputs)
    (service,) = declared(deployed, "EasService")
    assert rpc.is_rpc_secret(service["dockerAuth"])
    assert rpc.is_rpc_secret(service["secretEnvironment"])
    assert "value-of-the-variable" not in json.dumps(service["config"])
    assert "value-of-the-variable" not in json.dumps(deployed.result)


@pytest.mark.parametrize(
    ("written", "vswitch_ids"),
    [({"nlb": [{"port": 80}]}, "vsw-h,vsw-k"), ({"vpc_zones": ["cn-beijing-k"]}, "vsw-k")],
    ids=["balancer", "written"],
)
def test_instances_use_the_vswitches_of_their_zones(deploy, written, vswitch_ids):
    deployment = {**DEPLOY.model_dump(exclude_defaults=True), "in_vpc": True, **written}
    settings = EasServiceSettings(deploy=deployment)
    network = {
        "vpc_id": "vpc-1",
        "vswitch_ids": {"cn-beijing-k": "vsw-k", "cn-beijing-h": "vsw-h"},
        "security_group_ids": ["sg-1"],
    }
    deployed = deploy(lambda: access(settings, **network).outputs)
    (service,) = declared(deployed, "EasService")
    assert json.loads(service["config"])["cloud"]["networking"]["vswitch_id"] == vswitch_ids


def test_a_service_of_another_region_has_its_provider(deploy):
    far = EasServiceSettings(name="qwen_chat", region="cn-shanghai", access="internet")
    deployed = deploy(lambda: access(far).outputs)
    (provider,) = (one for one in deployed.resources if one.type == "pulumi:providers:dashlink")
    assert provider.inputs["region"] == "cn-shanghai"
    assert deployed.result["region"] == "cn-shanghai"


def test_a_stack_needs_nothing_but_a_service(deploy):
    settings = StackSettings(
        network=NetworkSettings(cidr="10.20.0.0/16", zones=["cn-beijing-h", "cn-beijing-k"]),
        eas_services={"chat": EasServiceSettings(name="qwen_chat")},
    )
    args = PrivateModelAccessArgs(settings=settings, region="cn-beijing")
    outputs = deploy(lambda: PrivateModelAccess("it", args).outputs["eas_services"]["chat"]).result
    assert outputs["name"] == "qwen_chat"


def test_faults_are_raised_before_a_resource_is_declared(deploy):
    with pytest.raises(ConfigError, match=r"eas_services\.my-chat\.name: missing"):
        deploy(lambda: access(EasServiceSettings()).outputs)
