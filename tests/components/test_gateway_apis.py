"""`ModelGateway`: its Model APIs, their consumers, secrets and outputs."""

from __future__ import annotations

import json

import pulumi
import pytest
from pulumi.runtime import rpc
from support.declared_gateway import (
    DOMAIN,
    KEYS,
    SECOND,
    WHOLE,
    chat,
    declared,
    gateway,
    opened,
    ref,
    studio,
)

from dashlink import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
)
from dashlink.clients.outputs import ModelApiOutputs
from dashlink.gateway.model_api.outputs import LOGGING_NOTE, PLAIN_HTTP_NOTE
from dashlink.resources.ai_service import AiService


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The stack's secrets."""
    values = {f"dashlink:{name}": value for name, value in KEYS.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(values)))


# -- secrets ---------------------------------------------------------------------------------------

WITH_SECRETS = {
    "ai_services": {
        "studio": studio(api_keys=[ref("studioKey"), ref("spareKey")]),
        "aws": AiServiceSettings(
            bedrock={"region": "us", "access_key": ref("awsKey"), "secret_key": ref("awsSecret")}
        ),
        "google": AiServiceSettings(
            vertex={"project_id": "p", "region": "us", "auth_key": ref("googleKey")}
        ),
    },
    "consumers": {
        "search": ConsumerSettings(
            api_keys=[ref("teamKey")],
            ak_sk=[{"access_key": "ak", "secret_key": ref("pairSecret")}],
            jwt={"jwks": ref("jwks")},
        )
    },
    "model_apis": {
        "chat": chat(
            consumers=["search"],
            cache={
                "mode": "semantic",
                "redis": {"host": "r", "password": ref("redisPassword")},
                "embedding_service": "studio",
                "embedding_model": "e",
                "vector_host": "v",
                "vector_collection": "c",
                "vector_key": ref("vectorKey"),
            },
        )
    },
}


def in_plain(value):
    """``value`` without its secrets."""
    if rpc.is_rpc_secret(value):
        return None
    if isinstance(value, dict):
        return {name: in_plain(item) for name, item in value.items()}
    return [in_plain(item) for item in value] if isinstance(value, list) else value


def test_every_secret_is_encrypted_and_complete(deploy):
    deployed = declared(deploy, **WITH_SECRETS)
    everything = json.dumps([item.inputs for item in deployed.resources])
    plain = json.dumps([in_plain(item.inputs) for item in deployed.resources])
    assert [name for name, key in KEYS.items() if key not in everything] == []
    assert [name for name, key in KEYS.items() if key in plain] == []
    services = deployed.of(":AiService")
    assert opened(services["gw-service-studio"].inputs["apiKeys"]) == [
        KEYS["studioKey"],
        KEYS["spareKey"],
    ]
    consumer = deployed.one(":Consumer").inputs
    assert opened(consumer["keyPairs"]) == [{"accessKey": "ak", "secretKey": KEYS["pairSecret"]}]
    assert opened(consumer["jwt"])["value"] == "search"
    cache = opened(deployed.one(":ModelApi").inputs["cache"])
    assert (cache["redisPassword"], cache["vectorKey"]) == (
        KEYS["redisPassword"],
        KEYS["vectorKey"],
    )


def test_an_output_as_a_secret_is_encrypted(deploy):
    def program():
        gateway(
            ai_services={"studio": studio(api_keys=[pulumi.Output.from_input("sk-of-a-program")])}
        )

    created = deploy(program).one(":AiService")
    assert opened(created.inputs["apiKeys"]) == ["sk-of-a-program"]


def test_plain_text_as_a_secret_is_encrypted(deploy):
    def program():
        AiService("own", gateway_id="gw-1", name="own", vendor="custom", api_keys=["sk-plain"])

    assert opened(deploy(program).one(":AiService").inputs["apiKeys"]) == ["sk-plain"]


def test_no_output_contains_a_secret(deploy):
    def program():
        created = gateway(**WITH_SECRETS)
        return {
            "gateway": created.outputs,
            "apis": dict(created.api_outputs),
            "notes": list(created.notes),
        }

    text = json.dumps(deploy(program).result)
    assert [name for name, key in KEYS.items() if key in text] == []


def test_an_unknown_argument_of_a_resource_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'keys'"):
        AiService("own", keys=["sk"])


# -- Model APIs and their consumers ----------------------------------------------------------------


def test_each_consumer_is_authorized_for_its_apis_only(deploy):
    deployed = declared(deploy, **WHOLE)
    rights = {
        name: (item.inputs["modelApiId"], item.inputs["consumerIds"])
        for name, item in deployed.of(":ModelApiAuthorization").items()
    }
    assert rights == {
        "gw-api-chat-consumers": (
            "gw-api-chat-id",
            ["gw-consumer-search-id", "gw-consumer-shop-id"],
        ),
        "gw-api-other-consumers": ("gw-api-other-id", ["gw-consumer-shop-id"]),
    }
    scopes = {
        (item.inputs["environmentId"], item.inputs["resourceType"])
        for item in deployed.of("Authorization").values()
    }
    assert scopes == {("env-1", "LLM")}
    assert deployed.of(":ModelApi")["gw-api-chat"].inputs["authType"] == "Apikey"


def test_without_consumers_no_credential_is_required(deploy):
    deployed = declared(deploy)
    assert "authType" not in deployed.one(":ModelApi").inputs
    assert deployed.of(":ModelApiAuthorization") == {}


def test_targets_and_fallbacks_name_services_by_id(deploy):
    apis = {
        "chat": chat(
            by_model=[{"match": "qwen-max*", "service": "studio"}],
            default={"service": "spare", "model": "qwen-plus"},
            fallbacks=[{"service": "spare", "model": "qwen-flash"}],
        )
    }
    inputs = (
        declared(deploy, ai_services=WHOLE["ai_services"], model_apis=apis).one(":ModelApi").inputs
    )
    assert inputs["routing"] == "MultiServiceByModelName"
    assert inputs["targets"] == [
        {"serviceId": "gw-service-studio-id", "pattern": "qwen-max*"},
        {"serviceId": "gw-service-spare-id", "pattern": "*", "model": "qwen-plus"},
    ]
    assert inputs["fallbacks"] == [{"serviceId": "gw-service-spare-id", "model": "qwen-flash"}]


def test_spellings_of_the_settings_reach_the_cloud(deploy):
    spellings = {
        "routing.single": "Single",
        "auth.api-key": "Key",
        "authorization.model-api": "ModelApi",
    }
    settings = GatewaySettings(spellings=spellings)
    consumers = {"search": WHOLE["consumers"]["search"]}
    apis = {"chat": chat(consumers=["search"])}
    deployed = declared(deploy, gateway=settings, model_apis=apis, consumers=consumers)
    inputs = deployed.one(":ModelApi").inputs
    assert (inputs["routing"], inputs["authType"]) == ("Single", "Key")
    assert deployed.one(":ModelApiAuthorization").inputs["resourceType"] == "ModelApi"


def test_the_resource_group_of_an_api_overrides_the_stacks(deploy):
    apis = {"chat": chat(resource_group_id="rg-2"), "other": chat(base_path="/other")}
    created = declared(deploy, model_apis=apis, group="rg-1").of(":ModelApi")
    groups = {name: item.inputs["resourceGroupId"] for name, item in created.items()}
    assert groups == {"gw-api-chat": "rg-2", "gw-api-other": "rg-1"}


def test_protection_reaches_every_resource_of_the_gateway(deploy):
    deployed = deploy(lambda: gateway(pulumi.ResourceOptions(protect=True), **WHOLE) and None)
    assert [item.name for item in deployed.resources if not item.protect] == []


def test_all_dashlink_resources_share_one_provider(deploy):
    deployed = declared(deploy, **WHOLE)
    ours = [
        item
        for item in deployed.resources
        if item.type.startswith("dashlink:gateway:") and item.provider
    ]
    assert len({item.provider for item in ours}) == 1
    assert set(deployed.of("pulumi:providers:dashlink")) == {"gw-provider"}


# -- outputs ---------------------------------------------------------------------------------------


def test_outputs_name_the_base_urls(deploy):
    def program():
        created = gateway(**WHOLE)
        return {"gateway": created.outputs, "apis": dict(created.api_outputs)}

    outputs = deploy(program).result
    assert outputs["gateway"] == {
        "gateway_id": "gw-ai-gateway-id",
        "environment_id": "env-1",
        "addresses": ["nlb-1.cn-beijing.nlb.aliyuncsslb.com"],
        "internet_addresses": [],
    }
    chat_outputs = ModelApiOutputs.model_validate(outputs["apis"]["chat"])
    assert chat_outputs.api_id == "gw-api-chat-id"
    assert chat_outputs.base_urls == {"openai": f"http://{DOMAIN}/v1"}
    assert set(chat_outputs.domains) == {DOMAIN, SECOND}
    assert chat_outputs.consumers == ("search", "shop")
    assert outputs["apis"]["other"]["base_urls"] == {"openai": f"http://{DOMAIN}/other/v1"}


def test_each_note_is_printed_once_with_its_apis(deploy):
    apis = {
        "chat": chat(observe={"logging": True}),
        "other": chat(base_path="/other"),
    }

    def program():
        settings = GatewaySettings(access_log=True)
        return list(gateway(gateway=settings, model_apis=apis).notes)

    assert deploy(program).result == [
        f"Model API chat: it {LOGGING_NOTE}",
        f"Model APIs chat, other: it {PLAIN_HTTP_NOTE}",
    ]


def test_https_needs_no_note(deploy):
    secure = DomainSettings(certificate_id="1-cn-hangzhou")
    assert deploy(lambda: list(gateway(domains={DOMAIN: secure}).notes)).result == []


OTHER_ROUTE = {"name": "chat", "path": "/v2/chat/completions", "methods": ["POST"]}
ROUTE_LINE = "none -> chat POST /v2/chat/completions"


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "up"])
def test_the_clouds_routes_are_in_the_outputs_and_reported(deploy, monkeypatch, preview):
    messages = []
    monkeypatch.setattr(pulumi.log, "info", lambda message, resource: messages.append(message))
    apis = {"chat": chat(), "other": chat(base_path="/other")}

    def program():
        return dict(gateway(model_apis=apis).api_outputs)

    routes = {"routes": [OTHER_ROUTE], "verified": []}
    read = {"gw-api-chat": routes, "gw-api-other": routes, "gw-service-studio": {"verified": []}}
    outputs = deploy(program, preview=preview, outputs=read).result
    assert outputs["other"]["base_urls"] == {"openai": f"http://{DOMAIN}/other/v2"}
    path = "/other/v2/chat/completions"
    assert outputs["other"]["routes"] == [{**OTHER_ROUTE, "path": path}]
    assert ROUTE_LINE in outputs["chat"]["notes"][-1]
    assert len(messages) == (0 if preview else 1)
    for message in messages:
        assert message.startswith("Model APIs chat, other: it has built-in routes")
        assert ROUTE_LINE in message


def test_routes_that_were_not_read_are_the_catalogs(deploy):
    outputs = deploy(lambda: dict(gateway().api_outputs)).result["chat"]
    assert outputs["routes"][0]["path"] == "/v1/chat/completions"
    assert not [note for note in outputs["notes"] if "routes" in note]
