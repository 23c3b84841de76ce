"""Payloads of the gateway's resources: inputs as the API's JSON, and the secrets that it omits."""

from __future__ import annotations

import pytest
from alibabacloud_apig20240327 import models as sdk
from support.gateway_inputs import ENVIRONMENT, GATEWAY, GROUP, WITHOUT_ADDRESS, without_address
from support.gateway_wire import API, API_ON_THE_WIRE, update_body

from dashlink.provider.codec import UNKNOWN_KEY
from dashlink.provider.gateway.ai_service import service_config, service_update
from dashlink.provider.gateway.consumer import (
    consumer_create_only,
    consumer_update,
    consumer_values,
    read_consumer,
)
from dashlink.provider.gateway.domain import domain_create_only, domain_update
from dashlink.provider.gateway.model_api_payload import model_api_create_only, model_api_update
from dashlink.provider.gateway.rights import authorization_rule
from dashlink.resources.blocks import HealthCheck, OutlierDetection
from dashlink.resources.models.ai_service import AiServiceInputs
from dashlink.resources.models.authorization import ModelApiAuthorizationInputs
from dashlink.resources.models.consumer import ConsumerInputs, JwtInputs, KeyPairInputs
from dashlink.resources.models.domain import DomainInputs
from dashlink.resources.models.model_api import ModelApiInputs, TargetInputs


def test_model_api_payload():
    assert update_body(API) == API_ON_THE_WIRE
    assert model_api_create_only(API) == {
        "name": "chat",
        "type": "LLM",
        "modelCategory": "Text",
        "belongGatewayId": GATEWAY,
        "resourceGroupId": GROUP,
    }


def test_minimal_model_api_payload():
    plain = ModelApiInputs(
        name="chat",
        gateway_id=GATEWAY,
        environment_id=ENVIRONMENT,
        protocol="OpenAI/v1",
        routing="SingleService",
        targets=(TargetInputs(service_id="svc-1"),),
        statistics=False,
    )
    assert model_api_update(plain) == {
        "basePath": "/",
        "removeBasePathOnForward": True,
        "protocols": ["HTTP", "HTTPS"],
        "aiProtocols": ["OpenAI/v1"],
        "enableAuth": False,
        "description": "",
        "deployConfigs": [
            {
                "gatewayId": GATEWAY,
                "environmentId": ENVIRONMENT,
                "gatewayType": "AI",
                "autoDeploy": True,
                "envDomainIds": [],
                "backendScene": "SingleService",
                "customDomainIds": [],
                "serviceConfigs": [{"serviceId": "svc-1"}],
                "policyConfigs": [],
            }
        ],
    }
    assert model_api_create_only(plain) == {
        "name": "chat",
        "type": "LLM",
        "belongGatewayId": GATEWAY,
    }


CHECK = HealthCheck(
    path="/health",
    protocol="HTTP",
    host="models.example.com",
    interval_seconds=7,
    timeout_seconds=3,
    healthy_after=2,
    unhealthy_after=4,
)
OUTLIER = OutlierDetection(
    interval_seconds=31, ejection_seconds=32, failure_percent=33, minimum_hosts=2
)
SERVICE = AiServiceInputs(
    gateway_id=GATEWAY,
    name="studio",
    vendor="qwen",
    address="https://studio.example.com/v1",
    protocols=("OpenAI/v1",),
    compatible_protocols=("Anthropic",),
    api_keys=("sk-one", "sk-two"),
    default_model="qwen-plus",
    health_check=CHECK,
    outlier_detection=OUTLIER,
    resource_group_id=GROUP,
)


def test_ai_service_payload():
    assert service_update(SERVICE) == {
        "aiServiceConfig": {
            "provider": "qwen",
            "address": "https://studio.example.com/v1",
            "protocols": ["OpenAI/v1"],
            "compatibleProtocols": ["Anthropic"],
            "apiKeys": ["sk-one", "sk-two"],
            "ApiKeyGenerateMode": "Custom",
            "defaultModelName": "qwen-plus",
            "enableHealthCheck": True,
            "enableOutlierDetection": True,
        },
        "healthCheckConfig": {
            "enable": True,
            "protocol": "HTTP",
            "httpPath": "/health",
            "httpHost": "models.example.com",
            "expectedStatuses": ["200"],
            "interval": 7,
            "timeout": 3,
            "healthyThreshold": 2,
            "unhealthyThreshold": 4,
        },
        "outlierDetectionConfig": {
            "enable": True,
            "interval": 31,
            "baseEjectionTime": 32,
            "failurePercentageThreshold": 33,
            "failurePercentageMinimumHosts": 2,
        },
    }


WITHOUT_ADDRESS_ON_THE_WIRE = {
    "pai-eas": {
        "paiEASServiceConfig": {
            "workspaceId": "w",
            "serviceId": "eas-m-1",
            "serviceName": "llm",
            "endpointType": "vpc",
        }
    },
    "bedrock": {
        "bedrockServiceConfig": {
            "awsRegion": "us-east-1",
            "awsAccessKey": "AKIA-one",
            "awsSecretKey": "bedrock-secret",
        }
    },
    "vertex": {
        "vertexServiceConfig": {
            "vertexProjectId": "p",
            "vertexRegion": "us",
            "vertexAuthKey": '{"k": 1}',
            "vertexAuthServiceName": "oauth.dns",
        }
    },
}


@pytest.mark.parametrize("vendor", WITHOUT_ADDRESS, ids=str)
def test_payload_of_a_service_without_an_address(vendor):
    switches = {"enableHealthCheck": False, "enableOutlierDetection": False}
    assert service_config(without_address(vendor)) == {
        "provider": vendor,
        "apiKeys": [],
        "ApiKeyGenerateMode": "Custom",
        **switches,
        **WITHOUT_ADDRESS_ON_THE_WIRE[vendor],
    }


def test_absent_checks_are_disabled():
    body = service_update(without_address("pai-eas"))
    assert (body["healthCheckConfig"], body["outlierDetectionConfig"]) == (
        {"enable": False},
        {"enable": False},
    )


DOMAIN = DomainInputs(
    name="models.example.com",
    protocol="HTTPS",
    certificate_id="1-cn-hangzhou",
    force_https=True,
    tls_min="TLS 1.2",
    resource_group_id=GROUP,
)


def test_domain_payload():
    changeable = {
        "protocol": "HTTPS",
        "certIdentifier": "1-cn-hangzhou",
        "forceHttps": True,
        "tlsMin": "TLS 1.2",
    }
    assert domain_update(DOMAIN) == changeable
    assert domain_create_only(DOMAIN) == {
        "name": "models.example.com",
        "gatewayType": "AI",
        "resourceGroupId": GROUP,
    }


CONSUMER = ConsumerInputs(
    name="search",
    description="The search team",
    enabled=False,
    api_keys=("ck-one", "ck-two"),
    api_key_headers=("x-api-key", "Authorization"),
    key_pairs=(KeyPairInputs(access_key="ak", secret_key="pair-secret"),),
    jwt=JwtInputs(
        jwks='{"keys": []}', header="Authorization", prefix="Bearer ", claim="uid", value="search"
    ),
)
CONSUMER_ON_THE_WIRE = {
    "description": "The search team",
    "enable": False,
    "apikeyIdentityConfig": {
        "type": "Apikey",
        "credentials": [
            {"apikey": "ck-one", "generateMode": "Custom"},
            {"apikey": "ck-two", "generateMode": "Custom"},
        ],
        "apikeySource": {"source": "Header", "value": "x-api-key"},
        "apikeySources": [
            {"source": "Header", "value": "x-api-key"},
            {"source": "Header", "value": "Authorization"},
        ],
    },
    "akSkIdentityConfigs": [
        {"type": "AkSk", "generateMode": "Custom", "ak": "ak", "sk": "pair-secret"}
    ],
    "jwtIdentityConfig": {
        "type": "Jwt",
        "secretType": "Asymmetry",
        "jwks": '{"keys": []}',
        "jwtTokenConfig": {
            "position": "HEADER",
            "key": "Authorization",
            "prefix": "Bearer ",
            "pass": False,
        },
        "jwtPayloadConfig": {"payloadKeyName": "uid", "payloadKeyValue": "search"},
    },
}


def test_consumer_payload():
    assert consumer_values(CONSUMER) == consumer_update(CONSUMER) == CONSUMER_ON_THE_WIRE
    assert consumer_create_only(CONSUMER) == {"name": "search", "gatewayType": "AI"}


@pytest.mark.parametrize(
    ("carrier", "source"),
    [
        (
            {"api_key_headers": ()},
            {"apikeySource": {"source": "Default", "value": "Authorization"}},
        ),
        (
            {"api_key_headers": (), "api_key_query": "key"},
            {"apikeySource": {"source": "QueryString", "value": "key"}},
        ),
    ],
    ids=["default header", "query parameter"],
)
def test_source_of_an_api_key(carrier, source):
    config = consumer_values(CONSUMER.model_copy(update=carrier))["apikeyIdentityConfig"]
    assert {
        name: value for name, value in config.items() if name not in ("type", "credentials")
    } == source


def test_an_update_sends_removed_credentials_empty():
    nothing = ConsumerInputs(name="search")
    assert consumer_update(nothing) == {
        "description": "",
        "enable": True,
        "apikeyIdentityConfig": {"type": "Apikey", "credentials": []},
        "akSkIdentityConfigs": [],
        "jwtIdentityConfig": {"type": "Jwt", "jwks": ""},
    }
    assert consumer_values(nothing) == {"description": "", "enable": True}


def test_secrets_that_the_api_omits_are_the_known_ones():
    returned = {
        "name": "search",
        "description": "The search team",
        "enable": False,
        "apiKeyIdentityConfig": CONSUMER_ON_THE_WIRE["apikeyIdentityConfig"],
        "akSkIdentityConfigs": [{"type": "AkSk", "ak": "ak"}],
        "jwtIdentityConfig": {**CONSUMER_ON_THE_WIRE["jwtIdentityConfig"], "jwks": None},
    }
    assert read_consumer(returned, CONSUMER) == CONSUMER
    unknown = read_consumer(returned, None)
    assert (unknown.key_pairs[0].secret_key, unknown.jwt.jwks) == (UNKNOWN_KEY, UNKNOWN_KEY)


AUTHORIZATION = ModelApiAuthorizationInputs(
    model_api_id="api-1", environment_id=ENVIRONMENT, consumer_ids=("cs-2", "cs-1", "cs-2")
)


def test_authorization_payload():
    assert AUTHORIZATION.consumer_ids == ("cs-1", "cs-2")
    assert authorization_rule(AUTHORIZATION, "cs-1") == {
        "consumerId": "cs-1",
        "principalType": "Consumer",
        "resourceType": "LLM",
        "expireMode": "LongTerm",
        "resourceIdentifier": {"resourceId": "api-1", "environmentId": ENVIRONMENT},
    }


def thinned(value):
    """JSON without what is empty and without log fields, of which the SDK's model has only one."""
    if isinstance(value, dict):
        left = {name: thinned(item) for name, item in value.items() if name != "fieldPaths"}
        return {name: item for name, item in left.items() if item not in ({}, [])}
    return [thinned(item) for item in value] if isinstance(value, list) else value


def without_field_paths(value):
    if isinstance(value, dict):
        return {
            name: without_field_paths(item) for name, item in value.items() if name != "fieldPaths"
        }
    return [without_field_paths(item) for item in value] if isinstance(value, list) else value


BODIES = {
    "create Model API": (
        sdk.CreateHttpApiRequest,
        {**API_ON_THE_WIRE, **model_api_create_only(API)},
    ),
    "update Model API": (sdk.UpdateHttpApiRequest, API_ON_THE_WIRE),
    "update service": (sdk.UpdateServiceRequest, service_update(SERVICE)),
    "update service of EAS": (
        sdk.UpdateServiceRequest,
        service_update(without_address("pai-eas")),
    ),
    "update service of Bedrock": (
        sdk.UpdateServiceRequest,
        service_update(without_address("bedrock")),
    ),
    "update service of Vertex": (
        sdk.UpdateServiceRequest,
        service_update(without_address("vertex")),
    ),
    "create domain": (
        sdk.CreateDomainRequest,
        {**domain_update(DOMAIN), **domain_create_only(DOMAIN)},
    ),
    "update domain": (sdk.UpdateDomainRequest, domain_update(DOMAIN)),
    "create consumer": (
        sdk.CreateConsumerRequest,
        {**consumer_values(CONSUMER), **consumer_create_only(CONSUMER)},
    ),
    "update consumer": (sdk.UpdateConsumerRequest, consumer_update(CONSUMER)),
    "authorize consumer": (
        sdk.CreateConsumerAuthorizationRulesRequest,
        {"authorizationRules": [authorization_rule(AUTHORIZATION, "cs-1")]},
    ),
}


@pytest.mark.parametrize(("model", "body"), BODIES.values(), ids=BODIES)
def test_the_official_sdk_knows_every_name_in_a_payload(model, body):
    assert thinned(model().from_map(without_field_paths(body)).to_map()) == thinned(body)


def test_the_official_sdk_knows_every_name_of_a_log_field():
    for field in field_paths()["custom"]:
        assert sdk.AiStatisticsPathField().from_map(field).to_map() == field


def field_paths():
    policies = {row["type"]: row for row in API_ON_THE_WIRE["deployConfigs"][0]["policyConfigs"]}
    (path,) = policies["AiStatistics"]["aiStatisticsConfig"]["pathFieldConfigs"]
    return path["fieldPaths"]
