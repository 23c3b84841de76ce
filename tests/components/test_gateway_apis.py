"""`ModelGateway`: its Model APIs, who may call them, where keys go, and what `up` promises."""

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
from dashlink.gateway.model_api.outputs import LOGGING_NOTE, PLAIN_HTTP_NOTE, TRACING_NOTE
from dashlink.resources.ai_service import AiService


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The stack's secrets."""
    values = {f"dashlink:{name}": value for name, value in KEYS.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(values)))


# -- secrets -----------------------------------------------------------------------------------------------------------

SECRETIVE = {
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
    """``value`` without what is under a seal."""
    if rpc.is_rpc_secret(value):
        return None
    if isinstance(value, dict):
        return {name: in_plain(item) for name, item in value.items()}
    return [in_plain(item) for item in value] if isinstance(value, list) else value


def test_every_key_goes_sealed_and_whole(deploy):
    deployed = declared(deploy, **SECRETIVE)
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


def test_a_secret_of_another_program_goes_sealed_whatever_it_was(deploy):
    def program():
        gateway(
            ai_services={"studio": studio(api_keys=[pulumi.Output.from_input("sk-of-a-program")])}
        )

    made = deploy(program).one(":AiService")
    assert opened(made.inputs["apiKeys"]) == ["sk-of-a-program"]


def test_a_key_that_a_program_writes_plainly_goes_sealed(deploy):
    def program():
        AiService("own", gateway_id="gw-1", name="own", vendor="custom", api_keys=["sk-plain"])

    assert opened(deploy(program).one(":AiService").inputs["apiKeys"]) == ["sk-plain"]


def test_no_output_holds_a_key(deploy):
    def program():
        made = gateway(**SECRETIVE)
        return {"gateway": made.outputs, "apis": dict(made.api_outputs), "notes": list(made.notes)}

    told = json.dumps(deploy(program).result)
    assert [name for name, key in KEYS.items() if key in told] == []


def test_an_unknown_property_of_a_resource_is_refused_with_those_that_there_are():
    with pytest.raises(TypeError, match="unexpected keyword argument 'keys'"):
        AiService("own", keys=["sk"])


# -- APIs and who may call them ----------------------------------------------------------------------------------------


def test_each_consumer_of_an_api_is_authorized_for_it_alone(deploy):
    deployed = declared(deploy, **WHOLE)
    rights = {
        name: (item.inputs["consumerId"], item.inputs["modelApiId"])
        for name, item in deployed.of(":ConsumerAuthorization").items()
    }
    assert rights == {
        "gw-api-chat-for-search": ("gw-consumer-search-id", "gw-api-chat-id"),
        "gw-api-chat-for-shop": ("gw-consumer-shop-id", "gw-api-chat-id"),
        "gw-api-other-for-shop": ("gw-consumer-shop-id", "gw-api-other-id"),
    }
    kinds = {
        (item.inputs["environmentId"], item.inputs["resourceType"])
        for item in deployed.of("Authorization").values()
    }
    assert kinds == {("env-1", "LLM")}
    assert deployed.of(":ModelApi")["gw-api-chat"].inputs["authType"] == "Apikey"


def test_without_consumers_nobody_is_asked(deploy):
    deployed = declared(deploy)
    assert "authType" not in deployed.one(":ModelApi").inputs
    assert deployed.of(":ConsumerAuthorization") == {}


def test_an_api_says_where_requests_go_by_the_ids_of_its_services(deploy):
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


def test_the_settings_spellings_go_over_the_wire(deploy):
    spellings = {
        "routing.single": "Single",
        "auth.api-key": "Key",
        "authorization.model-api": "ModelApi",
    }
    settings = GatewaySettings(spellings=spellings)
    things = {name: WHOLE[name] for name in ("consumers", "domains")}
    apis = {"chat": chat(consumers=["search"])}
    deployed = declared(deploy, gateway=settings, model_apis=apis, **things)
    inputs = deployed.one(":ModelApi").inputs
    assert (inputs["routing"], inputs["authType"]) == ("Single", "Key")
    assert deployed.one(":ConsumerAuthorization").inputs["resourceType"] == "ModelApi"


def test_an_apis_own_group_goes_before_the_stacks(deploy):
    apis = {"chat": chat(resource_group_id="rg-2"), "other": chat(base_path="/other")}
    made = declared(deploy, model_apis=apis, group="rg-1").of(":ModelApi")
    groups = {name: item.inputs["resourceGroupId"] for name, item in made.items()}
    assert groups == {"gw-api-chat": "rg-2", "gw-api-other": "rg-1"}


def test_protection_reaches_everything_on_the_gateway(deploy):
    deployed = deploy(lambda: gateway(pulumi.ResourceOptions(protect=True), **WHOLE) and None)
    assert [item.name for item in deployed.resources if not item.protect] == []


def test_everything_of_ours_acts_by_one_provider(deploy):
    deployed = declared(deploy, **WHOLE)
    ours = [
        item
        for item in deployed.resources
        if item.type.startswith("dashlink:gateway:") and item.provider
    ]
    assert len({item.provider for item in ours}) == 1
    assert set(deployed.of("pulumi:providers:dashlink")) == {"gw-provider"}


# -- what `up` promises ------------------------------------------------------------------------------------------------


def test_the_outputs_say_where_clients_dial(deploy):
    def program():
        made = gateway(**WHOLE)
        return {"gateway": made.outputs, "apis": dict(made.api_outputs)}

    told = deploy(program).result
    assert told["gateway"] == {
        "gateway_id": "gw-ai-gateway-id",
        "environment_id": "env-1",
        "addresses": ["nlb-1.cn-beijing.nlb.aliyuncsslb.com"],
        "internet_addresses": [],
    }
    chat_outputs = ModelApiOutputs.model_validate(told["apis"]["chat"])
    assert chat_outputs.api_id == "gw-api-chat-id"
    assert chat_outputs.base_urls == {"openai": f"http://{DOMAIN}/v1"}
    assert set(chat_outputs.domains) == {DOMAIN, SECOND}
    assert chat_outputs.consumers == ("search", "shop")
    assert told["apis"]["other"]["base_urls"] == {"openai": f"http://{DOMAIN}/other/v1"}


def test_a_person_is_told_once_what_to_know(deploy):
    apis = {
        "chat": chat(observe={"logging": True, "tracing": True}),
        "other": chat(base_path="/other"),
    }

    def program():
        return list(gateway(model_apis=apis).notes)

    assert deploy(program).result == [
        f"Model API chat: it {LOGGING_NOTE}",
        f"Model API chat: it {TRACING_NOTE}",
        f"Model APIs chat, other: it {PLAIN_HTTP_NOTE}",
    ]


def test_over_https_there_is_nothing_to_tell(deploy):
    secure = DomainSettings(certificate_id="1-cn-hangzhou")
    assert deploy(lambda: list(gateway(domains={DOMAIN: secure}).notes)).result == []
