"""`AiGateway` and `ModelGateway` in programs: faults of files, before the first resource."""

from __future__ import annotations

import json

import pulumi
import pytest
from support.declared_gateway import BASE_URLS, DOMAIN, KEYS, chat, gateway, ref, studio

from dashlink import (
    AiGateway,
    AiGatewayArgs,
    AiServiceSettings,
    ConfigError,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
)

ZONES = ["cn-beijing-h", "cn-beijing-k"]
EAS = {"workspace_id": "w", "service_name": "llm", "vpc_id": "vpc-2ze0other1"}
MISTAKES = {
    "gateway": GatewaySettings(zones=[ZONES[0], "cn-beijing-l"]),
    "domains": {DOMAIN: DomainSettings(), "Models.example": DomainSettings(scheme="http")},
    "ai_services": {
        "studio": studio(endpoint="dashscope"),
        "model-studio": AiServiceSettings(endpoint="dashscop"),
        "own": AiServiceSettings(eas=EAS),
    },
    "consumers": {
        "search": ConsumerSettings(),
        "shop": ConsumerSettings(api_keys=[ref("shopKey")]),
    },
    "model_apis": {
        "chat": chat(consumers=["search"], limits=[{"tokens": 5, "by": "header"}]),
        "talk": chat(service="studdio"),
    },
}
FAULTS = """\
ai_services.model-studio.endpoint: no such endpoint in `endpoints` (got dashscop). Did you mean \
dashscope?
ai_services.own.eas.vpc_id: private access needs a service in the gateway's VPC, vpc-1 (got \
vpc-2ze0other1). Put the gateway into that VPC with `network.vpc_id`, or write `access: public`.
ai_services.studio: more than one target: endpoint, base_url. Write one of endpoint, eas, \
eas_service, maas, base_url, bedrock, vertex.
consumers.search: no credential. Write `api_keys`, `ak_sk` or `jwt`.
consumers.shop.api_keys.0: the stack has no such secret (got shopKey). Store it: `pulumi config \
set --secret dashlink:shopKey`.
consumers.shop: no Model API allows this consumer. Add it to the `consumers` of a Model API, or \
remove it.
domains.Models.example: not a valid name (got Models.example). Write a domain name in lower case, \
e.g. models.example.internal.
domains.models.example.internal.certificate_id: https without a certificate. Write \
`certificate_id`, or `scheme: http`.
gateway.zones: the network has no vSwitch in this zone (got cn-beijing-l). Add it to \
`network.zones`, or use cn-beijing-h, cn-beijing-k.
model_apis.chat.limits.0.key: missing for a limit by header. Write the name of the header.
model_apis.talk.base_path: chat already has this path of models.example.internal (got /). Change \
the base path or the domain of one of them.
model_apis.talk.service: no such service in `ai_services` (got studdio). Did you mean studio?"""


@pytest.fixture(autouse=True)
def configured(monkeypatch):
    """The secrets of the stack."""
    values = {f"dashlink:{name}": value for name, value in KEYS.items()}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))
    monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", json.dumps(list(values)))


@pytest.fixture
def refused(deploy):
    """Run a program that must be refused before its first resource; return its faults."""

    def run(program):
        faults = []

        def guarded():
            with pytest.raises(ConfigError) as caught:
                program()
            faults.extend(caught.value.faults)

        assert deploy(guarded).resources == []
        return [str(fault) for fault in faults]

    return run


def endpoints():
    return {"dashscope": pulumi.Output.from_input({"base_urls": BASE_URLS})}


def ai_gateway(settings, zones=ZONES):
    vswitch_ids = {zone: f"vsw-{zone[-1]}" for zone in zones}
    args = AiGatewayArgs(
        settings=settings, region="cn-beijing", vpc_id="vpc-1", vswitch_ids=vswitch_ids
    )
    return AiGateway("gw", args)


def test_a_program_gets_all_faults_in_the_words_of_files(refused):
    faults = refused(lambda: gateway(endpoints=endpoints(), **MISTAKES))
    assert faults == FAULTS.replace(" \\\n", " ").splitlines()


def test_an_endpoint_that_is_not_passed_is_no_key_error(refused):
    services = {"studio": AiServiceSettings(endpoint="dashscope")}
    (fault,) = refused(lambda: gateway(ai_services=services))
    assert fault == (
        "ai_services.studio.endpoint: no such endpoint in `endpoints` (got dashscope). "
        "Add it to `endpoints`."
    )


def test_model_apis_without_a_gateway_are_refused(refused):
    (fault,) = refused(lambda: gateway(gateway=None))
    assert fault.startswith("gateway: missing: domains, AI services, consumers and Model APIs need")


@pytest.mark.parametrize(
    ("settings", "zones", "fault"),
    [
        (
            GatewaySettings(zones=["cn-beijing-h", "cn-beijing-l"]),
            ZONES,
            "gateway.zones: the network has no vSwitch in this zone (got cn-beijing-l)",
        ),
        (GatewaySettings(), ZONES[:1], "gateway.zones: not two different zones (got cn-beijing-h)"),
        (
            GatewaySettings(id="gw-1", spec="aigw.large.x1"),
            ZONES,
            "gateway.spec: not used with `id`: an existing gateway is never changed",
        ),
    ],
    ids=["zone without a vSwitch", "one zone", "a key for new gateways"],
)
def test_a_gateway_alone_is_checked_too(refused, settings, zones, fault):
    (only,) = refused(lambda: ai_gateway(settings, zones))
    assert only.startswith(fault)


def test_unknown_values_are_not_judged(deploy):
    def program():
        services = {
            "studio": AiServiceSettings(endpoint="dashscope"),
            "own": AiServiceSettings(eas={**EAS, "vpc_id": pulumi.Output.from_input("vpc-2")}),
        }
        gateway(ai_services=services, endpoints=endpoints())

    assert len(deploy(program).of(":AiService")) == 2
