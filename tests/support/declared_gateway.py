"""A `ModelGateway` with settings to vary: the start of tests of the component."""

from __future__ import annotations

from pulumi.runtime import rpc

from dashlink import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewayConfig,
    GatewaySettings,
    ModelApiSettings,
    ModelGateway,
    ModelGatewayArgs,
)

VSWITCHES = {"cn-beijing-h": "vsw-h", "cn-beijing-k": "vsw-k"}
DOMAIN, SECOND = "models.example.internal", "second.example.internal"
KEYS = {
    "studioKey": "sk-studio-0123456789",
    "spareKey": "sk-spare-0123456789",
    "teamKey": "ck-team-0123456789",
    "pairSecret": "pair-secret-0123456789",
    "jwks": "jwks-0123456789",
    "redisPassword": "redis-0123456789",
    "vectorKey": "vector-0123456789",
    "awsKey": "AKIA0123456789",
    "awsSecret": "aws-0123456789",
    "googleKey": "google-0123456789",
}
BASE_URLS = {"openai": "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1"}


def ref(name):
    return {"config": name}


def studio(**more):
    return AiServiceSettings(
        **{"base_url": "https://studio.example.com/v1", "api_keys": [ref("studioKey")], **more}
    )


def chat(**more):
    routing = {} if {"by_model", "by_weight"} & set(more) else {"service": "studio"}
    return ModelApiSettings(**{"scene": "text", "domains": [DOMAIN], **routing, **more})


def config(**more):
    """A gateway with one domain over http, one AI service and one Model API, unless overridden."""
    sections = {
        "gateway": GatewaySettings(),
        "domains": {DOMAIN: DomainSettings(scheme="http")},
        "ai_services": {"studio": studio()},
        "consumers": {},
        "model_apis": {"chat": chat()},
    }
    return GatewayConfig(**{**sections, **more})


def gateway(
    opts=None,
    *,
    endpoints=None,
    eas_services=None,
    maas_services=None,
    tags=None,
    group=None,
    **more,
):
    args = ModelGatewayArgs(
        config=config(**more),
        region="cn-beijing",
        vpc_id="vpc-1",
        vswitch_ids=VSWITCHES,
        endpoints=endpoints or {},
        eas_services=eas_services or {},
        maas_services=maas_services or {},
        tags=tags or {},
        resource_group_id=group,
    )
    return ModelGateway("gw", args, opts)


def declared(deploy, **more):
    return deploy(lambda: gateway(**more) and None)


def opened(value):
    """The value of a secret."""
    assert rpc.is_rpc_secret(value)
    return value["value"]


WHOLE = {
    "domains": {DOMAIN: DomainSettings(scheme="http"), SECOND: DomainSettings(scheme="http")},
    "ai_services": {
        "studio": studio(),
        "spare": AiServiceSettings(base_url="https://spare.example.com/v1"),
    },
    "consumers": {name: ConsumerSettings(api_keys=[ref("teamKey")]) for name in ("search", "shop")},
    "model_apis": {
        "chat": chat(domains=[DOMAIN, SECOND], consumers=["search", "shop"]),
        "other": chat(base_path="/other", service="spare", consumers=["shop"]),
    },
}
