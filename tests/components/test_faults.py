"""Programs with mistakes: they get the faults that a file with the same mistakes gets."""

from __future__ import annotations

import json

import pulumi
import pytest

from dashlink import (
    AiServiceSettings,
    ConfigError,
    ConsumerSettings,
    DomainSettings,
    EndpointSettings,
    GatewaySettings,
    IngressSettings,
    ModelApiSettings,
    Network,
    NetworkArgs,
    NetworkSettings,
    PrivateEndpoint,
    PrivateEndpointArgs,
    PrivateModelAccess,
    PrivateModelAccessArgs,
    StackSettings,
)
from dashlink.clients.formats import formats
from dashlink.settings import load_settings

REGION = "cn-beijing"
ZONES = ["cn-beijing-h", "cn-beijing-k"]
FILE = "stacks/Pulumi.dev.yaml"
# Ten mistakes, one for each path in PATHS.
WITH_MISTAKES = {
    "network": {"cidr": "10.20.0.0/16", "zones": [*ZONES, "cn-shanghai-b"]},
    "endpoints": {
        "first": {"service": "com.aliyuncs.dashscop"},
        "second": {"service": "com.aliyuncs.dashscope", "zones": [ZONES[0], "cn-beijing-l"]},
    },
    "clients": ["curll"],
    "gateway": {"zones": [ZONES[0]]},
    "domains": {"models.example.internal": {"scheme": "https"}},
    "ai_services": {"qwen": {"base_url": "https://models.example.com/v1", "vendor": "qwenn"}},
    "consumers": {
        "app": {"api_keys": [{"config": "appKey"}]},
        "job": {"description": "job without a credential"},
    },
    "model_apis": {
        "chat": {
            "scene": "text",
            "domains": ["models.example.internal"],
            "by_weight": [{"service": "qwen", "weight": 90}],
            "consumers": ["app", "job"],
        },
    },
}
PATHS = [
    "ai_services.qwen.vendor",
    "clients",
    "consumers.app.api_keys.0",
    "consumers.job",
    "domains.models.example.internal.certificate_id",
    "endpoints.first.service",
    "endpoints.second.zones",
    "gateway.zones",
    "model_apis.chat.by_weight",
    "network.zones",
]


def models(settings):
    """Build each section of ``settings`` as a program does."""

    def each(model, key):
        return {name: model(**values) for name, values in settings[key].items()}

    return StackSettings(
        network=NetworkSettings(**settings["network"]),
        endpoints=each(EndpointSettings, "endpoints"),
        clients=settings["clients"],
        gateway=GatewaySettings(**settings["gateway"]),
        domains=each(DomainSettings, "domains"),
        ai_services=each(AiServiceSettings, "ai_services"),
        consumers=each(ConsumerSettings, "consumers"),
        model_apis=each(ModelApiSettings, "model_apis"),
    )


def faults_of_file(settings, region=REGION):
    with pytest.raises(ConfigError) as caught:
        load_settings(
            {key: json.dumps(value) for key, value in settings.items()},
            region=region,
            client_formats=formats(),
            source=FILE,
        )
    return str(caught.value).replace(f"{FILE}: ", "")


@pytest.fixture
def refused(deploy):
    """Run a program that must be refused, and return its error without the component's name."""

    def run(program, component):
        errors = []

        def guarded():
            with pytest.raises(ConfigError) as caught:
                program()
            errors.append(caught.value)

        assert deploy(guarded).resources == []
        (error,) = errors
        assert isinstance(error, pulumi.RunError)  # Pulumi prints those without a traceback
        lines = str(error).splitlines()
        assert all(line.startswith(f"{component}: ") for line in lines)
        return "\n".join(line.removeprefix(f"{component}: ") for line in lines)

    return run


def access(settings, region=REGION):
    return PrivateModelAccess("all", PrivateModelAccessArgs(settings=settings, region=region))


def test_a_program_gets_the_faults_of_the_file(refused):
    text = refused(lambda: access(models(WITH_MISTAKES)), "PrivateModelAccess all")
    assert text == faults_of_file(WITH_MISTAKES)
    assert [line.split(": ")[0] for line in text.splitlines()] == PATHS


def test_an_invalid_region_gets_the_faults_of_the_file(refused):
    settings = {**WITH_MISTAKES, "network": {"zones": ZONES}}
    text = refused(lambda: access(models(settings), "Beijing"), "PrivateModelAccess all")
    assert text == faults_of_file(settings, "Beijing")
    assert "alicloud:region: not a region (got Beijing)" in text


def test_a_secret_in_a_program_is_refused_and_not_repeated(refused):
    key = "sk-0123456789abcdef0123456789abcdef"
    settings = {
        "network": {"cidr": "10.20.0.0/16", "zones": ZONES, "tags": {"note": key}},
        "endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    }
    model = StackSettings(
        network=NetworkSettings(**settings["network"]),
        endpoints={"dashscope": EndpointSettings(**settings["endpoints"]["dashscope"])},
    )
    text = refused(lambda: access(model), "PrivateModelAccess all")
    assert text == faults_of_file(settings)
    assert "network.tags.note: looks like a secret" in text
    assert key not in text


def test_a_network_reports_all_faults_before_any_resource(refused):
    settings = NetworkSettings(
        cidr="8.8.0.0/16", zones=ZONES[:1], ingress=IngressSettings(from_vpc=False)
    )
    text = refused(lambda: Network("models", NetworkArgs(settings=settings)), "Network models")
    assert [line.split(": ")[0] for line in text.splitlines()] == ["cidr", "ingress", "zones"]


def test_a_network_without_a_vswitch_in_a_zone_is_refused(refused):
    settings = NetworkSettings(vpc_id="vpc-1", zones=ZONES, vswitch_ids={ZONES[0]: "vsw-1"})
    text = refused(lambda: Network("models", NetworkArgs(settings=settings)), "Network models")
    assert text.startswith("zones: this zone has no vSwitch in the existing VPC (got cn-beijing-k)")


@pytest.mark.parametrize(
    ("region", "paths"),
    [(REGION, ["service", "zones"]), ("Beijing", ["region"]), ("", ["region"])],
    ids=["valid region", "invalid region", "no region"],
)
def test_an_endpoint_reports_all_faults_before_any_resource(refused, region, paths):
    args = PrivateEndpointArgs(
        settings=EndpointSettings(
            service="com.aliyuncs.dashscop", zones=[ZONES[0], "cn-beijing-l"]
        ),
        region=region,
        vpc_id="vpc-1",
        vswitch_ids=dict.fromkeys(ZONES, "vsw-1"),
        security_group_ids=["sg-1"],
    )
    text = refused(lambda: PrivateEndpoint("models", args), "PrivateEndpoint models")
    assert [line.split(": ")[0] for line in text.splitlines()] == paths


def test_a_model_with_invalid_values_reports_all_of_them():
    with pytest.raises(ConfigError) as caught:
        NetworkSettings(cidr="10.20.0.5/16", zones=["beijing"], cdir=1, name=2)
    assert str(caught.value).splitlines() == [
        "NetworkSettings: cdir: unknown key. Did you mean cidr?",
        "NetworkSettings: cidr: the address is not the first of its block (got 10.20.0.5/16). "
        "Write 10.20.0.0/16.",
        "NetworkSettings: name: not text (got 2). Write text, in quotes where YAML reads it as "
        "something else.",
        "NetworkSettings: zones.0: not a zone (got beijing). Write the id of the zone, e.g. "
        "cn-beijing-h.",
    ]


def test_a_model_reports_the_invalid_values_of_nested_ones():
    with pytest.raises(ConfigError) as caught:
        StackSettings(
            network={"cidr": 5, "ingress": {"https": True}},
            endpoints={"dashscope": {"zones": "all"}},
        )
    assert [fault.where for fault in caught.value.faults] == [
        "endpoints.dashscope.zones",
        "network.cidr",
        "network.ingress.https",
        "network.zones",
    ]
    assert [fault.code for fault in caught.value.faults] == [
        "invalid",
        "invalid",
        "unknown-key",
        "missing",
    ]


@pytest.mark.parametrize(
    "build",
    [
        lambda key: AiServiceSettings(api_keys=[key]),
        lambda key: AiServiceSettings(api_keys=key),
        lambda key: AiServiceSettings(bedrock=key),
        lambda key: ConsumerSettings(jwt={"jwks": {"value": key}}),
        lambda key: ModelApiSettings(scene="text", domains=["a.b"], cache={"redis": [key]}),
        lambda key: StackSettings(network={"zones": ZONES}, ai_services=key),
    ],
    ids=["in a list", "for a list", "for a model", "nested", "in a nested list", "for a section"],
)
def test_a_model_never_repeats_a_secret(build):
    with pytest.raises(ConfigError) as caught:
        build("correct-horse-battery")
    assert "(its value is not shown)" in str(caught.value)
    assert "correct-horse" not in str(caught.value)
