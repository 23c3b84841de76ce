"""AI services at model services of the stack, PAI-EAS and MaaS: addresses, keys, outputs."""

from __future__ import annotations

import json

import pulumi
import pytest
from support.declared_gateway import KEYS, chat, gateway, opened, ref

from dashlink import (
    AiServiceSettings,
    ConfigError,
    EasAccess,
    EasAccessArgs,
    EasServiceSettings,
    MaasServiceSettings,
    ModelApiSettings,
    NetworkSettings,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)
from dashlink.gateway.model_services import eas_address
from dashlink.maas.catalog import MAINLAND

BASE = "http://1.vpc.cn-beijing.pai-eas.aliyuncs.com/qwen_chat"
ZONES = ["cn-beijing-h", "cn-beijing-k"]
SINGLE = "https://maas-cn-east-4.modelarts-maas.com/v1/infers/abc-1"


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The stack's secrets."""
    values = {f"dashlink:{name}": value for name, value in KEYS.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(values)))


def maas(base_url=MAINLAND, **more):
    return MaasServiceSettings(**{"base_url": base_url, "api_key": ref("spareKey"), **more})


def at_maas(deploy, service, api=None, **more):
    """The AI service that is declared for a MaaS service."""
    deployed = deploy(
        lambda: (
            gateway(
                maas_services={"huawei": service},
                ai_services={"studio": AiServiceSettings(maas="huawei", **more)},
                model_apis={"chat": api or chat()},
            )
            and None
        )
    )
    return deployed.one(":AiService").inputs


def at_eas(deploy, api=None, *, urls=("openai",), outputs=None, **more):
    """The AI service that is declared for an EAS service."""

    def program():
        settings = EasServiceSettings(name="qwen_chat", protocols=urls)
        args = EasAccessArgs(key="chat", settings=settings, region="cn-beijing")
        gateway(
            eas_services={"chat": EasAccess("eas", args)},
            ai_services={"studio": AiServiceSettings(eas_service="chat", **more)},
            model_apis={"chat": api or chat()},
        )

    return deploy(program, outputs=outputs).one(":AiService").inputs


@pytest.mark.parametrize(
    ("protocols", "address"),
    [
        (None, f"{MAINLAND}/openai/v1"),
        (["v1", "openai"], f"{MAINLAND}/v1"),
        (["v2", "openai"], f"{MAINLAND}/openai/v1"),
        (["v2"], f"{MAINLAND}/v2"),
    ],
    ids=["default", "first", "v2 and openai", "v2 alone"],
)
def test_a_maas_service_is_called_at_its_base_url(deploy, protocols, address):
    inputs = at_maas(deploy, maas(protocols=protocols))
    assert (inputs["vendor"], inputs["address"]) == ("custom", address)
    assert inputs["protocols"] == ["OpenAI/v1"]


def test_a_single_maas_service_is_called_under_its_id(deploy):
    assert at_maas(deploy, maas(SINGLE))["address"] == f"{SINGLE}/v1"


def test_the_first_protocol_decides_the_address_at_maas(deploy):
    service = maas(protocols=["openai", "anthropic", "v1"])
    messages = chat(protocol="Anthropic")
    inputs = at_maas(deploy, service, messages, protocols=["Anthropic"])
    assert inputs["address"] == f"{MAINLAND}/anthropic"
    rerank = chat(scene="rerank", protocol="vLLM")
    assert at_maas(deploy, service, rerank, protocols=["vLLM"])["address"] == f"{MAINLAND}/v1"


def test_the_key_of_a_maas_service_stays_secret(deploy):
    (key,) = opened(at_maas(deploy, maas())["apiKeys"])
    assert key == "sk-spare-0123456789"


def test_an_eas_service_is_called_at_the_url_of_the_cloud(deploy):
    inputs = at_eas(deploy)
    assert (inputs["vendor"], inputs["address"]) == ("custom", f"{BASE}/v1")


def test_the_first_protocol_decides_the_address_at_eas(deploy):
    messages = chat(protocol="Anthropic")
    inputs = at_eas(deploy, messages, urls=["anthropic"], protocols=["Anthropic"])
    assert inputs["address"] == BASE


def test_the_token_of_an_eas_service_stays_secret(deploy):
    (token,) = opened(at_eas(deploy)["apiKeys"])
    assert token == "token-of-the-service"


def test_an_eas_service_without_an_address_ends_the_deployment(deploy):
    without = {"eas": {"gateways": []}}
    with pytest.raises(pulumi.RunError, match=r"eas_services\.chat: the service has no address"):
        at_eas(deploy, outputs=without)


def test_another_protocol_is_at_the_url_of_the_service():
    urls = {"base_urls": {"predict": BASE, "openai": f"{BASE}/v1"}}
    assert eas_address(urls, "chat", "ComfyUI") == BASE


def test_programs_are_refused_an_unknown_model_service(deploy):
    with pytest.raises(ConfigError, match=r"ai_services\.studio\.maas: no such MaaS service"):
        deploy(lambda: gateway(ai_services={"studio": AiServiceSettings(maas="huawei")}) and None)


EIP = {"it-egress-eip": {"ipAddress": "47.93.0.10"}}


def stack(**more):
    network = NetworkSettings(cidr="10.20.0.0/16", zones=ZONES, egress={})
    settings = StackSettings(network=network, **more)
    return PrivateModelAccess("it", PrivateModelAccessArgs(settings=settings, region="cn-beijing"))


def outputs_of(deploy, **more):
    """The outputs of a stack with one MaaS service, `h`."""
    service = maas(models=["DeepSeek-V3"], key_label="search")

    def program():
        return dict(stack(maas_services={"h": service}).outputs)

    return deploy(program, outputs=EIP, **more).result


def test_a_stack_needs_nothing_but_a_maas_service(deploy):
    outputs = outputs_of(deploy)
    assert outputs["maas_services"]["h"]["base_urls"] == {"openai": f"{MAINLAND}/openai/v1"}
    assert outputs["maas_services"]["h"]["default_model"] == "DeepSeek-V3"
    assert "spare" not in json.dumps(outputs)


def test_outputs_have_the_addresses_of_the_way_out(deploy):
    outputs = outputs_of(deploy)
    service = outputs["maas_services"]["h"]
    assert service["source_addresses"] == outputs["egress"]["addresses"] == ["47.93.0.10"]
    assert any("47.93.0.10" in note for note in service["notes"])


def test_the_model_gateway_of_a_stack_calls_both(deploy):
    model_api = ModelApiSettings(
        scene="text",
        domains=["m.example.internal"],
        service="own",
        fallbacks=[{"service": "other", "model": "DeepSeek-V3"}],
        consumers=[],
    )

    def program():
        stack(
            maas_services={"h": maas()},
            eas_services={"e": EasServiceSettings(name="qwen_chat")},
            gateway={},
            domains={"m.example.internal": {"scheme": "http"}},
            ai_services={"own": {"eas_service": "e"}, "other": {"maas": "h"}},
            model_apis={"chat": model_api},
        )

    addresses = {}
    for item in deploy(program, outputs=EIP).resources:
        if item.type.endswith(":AiService"):
            addresses[item.inputs["name"].rpartition("-")[2]] = item.inputs["address"]
    assert addresses == {"own": f"{BASE}/v1", "other": f"{MAINLAND}/openai/v1"}
