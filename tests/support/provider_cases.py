"""Gateway resources for tests of the provider: a gateway in a sandbox, and inputs of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

from alibabacloud_apig20240327 import models
from pydantic.alias_generators import to_camel
from support import official
from support.base_stacks import gateway_stack

from dashlink.provider.registry import all_handlers
from dashlink_sandbox import Dialect, Sandbox

OTHER_GROUP = "rg-acfmsandboxother"
KEYS = ["sk-first-0123456789abcdef", "sk-second-0123456789abcdef"]
_numbers = count(1)


@dataclass
class BaseGateway:
    """A running gateway with two services and two domains; creates more by the official SDK."""

    cloud: Sandbox
    gateway_id: str
    environment_id: str
    services: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)

    @property
    def client(self):
        return official.apig(self.cloud)

    def service(self):
        config = {
            "provider": "custom",
            "address": "https://models.example.com/v1",
            "protocols": ["OpenAI/v1"],
        }
        body = {"gatewayId": self.gateway_id, "sourceType": "AI"}
        body["serviceConfigs"] = [{"name": new_name("service"), "aiServiceConfig": config}]
        request = models.CreateServiceRequest().from_map(body)
        return self.client.create_service(request).body.data.service_ids[0]

    def domain(self):
        request = models.CreateDomainRequest(
            name=f"{new_name('domain')}.example.internal", protocol="HTTP", gateway_type="AI"
        )
        return self.client.create_domain(request).body.data.domain_id

    def api(self):
        """Create another Model API, not deployed."""
        target = {"serviceId": self.services[0]}
        config = {
            "gatewayId": self.gateway_id,
            "environmentId": self.environment_id,
            "backendScene": "SingleService",
        }
        body = {
            "name": new_name("other-api"),
            "type": "LLM",
            "modelCategory": "Text",
            "aiProtocols": ["OpenAI/v1"],
        }
        body |= {
            "basePath": f"/{new_name('path')}",
            "deployConfigs": [{**config, "serviceConfigs": [target]}],
        }
        request = models.CreateHttpApiRequest().from_map(body)
        return self.client.create_http_api(request).body.data.http_api_id

    def consumer(self):
        request = models.CreateConsumerRequest(name=new_name("consumer"), gateway_type="AI")
        return self.client.create_consumer(request).body.data.consumer_id


def new_name(what):
    return f"{what}-{next(_numbers)}"


@contextmanager
def base_gateway(dialect: Dialect | None = None) -> Iterator[BaseGateway]:
    choices = dialect.choices if dialect is not None else {}
    unverified = Dialect.of({**choices, "service-verification": "never"})  # addresses are invented
    with Sandbox(dialect=unverified) as cloud:
        gateway_id = gateway_stack(cloud)["dashlink:gateway"]["id"]
        (environment_id,) = cloud.state.environments
        created = BaseGateway(cloud, gateway_id, environment_id)
        created.services = [created.service(), created.service()]
        created.domains = [created.domain(), created.domain()]
        yield created


@dataclass(frozen=True)
class Case:
    """Inputs of one resource and what holds for them; properties in camelCase.

    Attributes:
        inputs: Valid inputs with every property.
        in_place: New values that change the resource in place.
        replacing: New values that replace it.
        secrets: Properties that are secret.
        omitted: Properties that no import can read: keys, and what the API does not return.
        invalid: Inputs with faults.
        faults: Paths of these faults.
    """

    inputs: dict
    in_place: dict
    replacing: dict
    secrets: frozenset = frozenset()
    omitted: frozenset = frozenset()
    invalid: dict = field(default_factory=dict)
    faults: frozenset = frozenset()


def plain_api(base):
    return {
        "name": new_name("api"),
        "gatewayId": base.gateway_id,
        "environmentId": base.environment_id,
        "category": "Text",
        "protocol": "OpenAI/v1",
        "basePath": f"/{new_name('path')}",
        "routing": "SingleService",
        "targets": [{"serviceId": base.services[0]}],
    }


def service_case(base):
    return Case(
        inputs={
            "gatewayId": base.gateway_id,
            "name": new_name("service"),
            "vendor": "custom",
            "address": "https://models.example.com/v1",
            "protocols": ["OpenAI/v1", "Anthropic"],
            "apiKeys": KEYS,
            "defaultModel": "qwen-plus",
            "healthCheck": {
                "path": "/health",
                "protocol": "HTTP",
                "host": "models.example.com",
                "expectedStatuses": ["200", "204"],
                "intervalSeconds": 7,
                "timeoutSeconds": 3,
                "healthyAfter": 2,
                "unhealthyAfter": 4,
            },
            "outlierDetection": {
                "intervalSeconds": 31,
                "ejectionSeconds": 32,
                "failurePercent": 33,
                "minimumHosts": 2,
            },
            "verify": True,
            "resourceGroupId": OTHER_GROUP,
        },
        in_place={
            "vendor": "qwen",
            "address": "https://elsewhere.example.com/v1",
            "protocols": ["OpenAI/v1"],
            "compatibleProtocols": ["Anthropic"],
            "apiKeys": [KEYS[1], "sk-third-0123456789abcdef"],
            "defaultModel": None,
            "healthCheck": None,
            "outlierDetection": None,
        },
        replacing={"gatewayId": "gw-other", "name": "another"},
        secrets=frozenset({"apiKeys", "bedrock", "vertex"}),
        omitted=frozenset({"apiKeys", "verify"}),
        invalid={
            "gatewayId": 7,
            "name": "a",
            "protocols": "OpenAI/v1",
            "eas": {"workspaceId": "w"},
            "verify": "maybe",
        },
        faults=frozenset(
            {"gatewayId", "vendor", "protocols", "eas.serviceName", "eas.endpointType", "verify"},
        ),
    )


def api_case(base):
    one, other = base.services
    limit = {"limitType": "Global", "limitMode": "TokenPerMinute", "tokens": 1000, "forAll": True}
    apart = {
        "limitType": "Header",
        "limitMode": "TokenPerDay",
        "tokens": 9,
        "key": "x-team",
        "value": "search",
    }
    return Case(
        inputs={
            **plain_api(base),
            "removeBasePath": False,
            "domainIds": base.domains,
            "routing": "MultiServiceByRatio",
            "targets": [
                {"serviceId": one, "weight": 90, "model": "qwen-max"},
                {"serviceId": other, "weight": 10},
            ],
            "fallbacks": [{"serviceId": other, "model": "qwen-flash"}, {"serviceId": one}],
            "fallbackOnlyOnUpstreamCodes": True,
            "builtinRoutes": ["create-chat-completion"],
            "authType": "Apikey",
            "firstByteTimeoutSeconds": 30,
            "tokenLimits": [{**apart, "forAll": False}, limit],
            "contentSecurity": {
                "serviceAddress": "green-cip-vpc.cn-beijing.aliyuncs.com",
                "requests": True,
                "answers": False,
                "riskLevel": "high",
                "bufferKilobytes": 500,
            },
            "cache": {
                "mode": "semantic",
                "keyStrategy": "lastQuestion",
                "ttlSeconds": 60,
                "redisHost": "r.example.internal",
                "redisPort": 6379,
                "redisUsername": "default",
                "redisPassword": "redis-password-0123",
                "embeddingServiceId": one,
                "embeddingModel": "text-embedding-v4",
                "embeddingType": "dashscope",
                "vectorHost": "v.example.internal",
                "vectorType": "dashvector",
                "vectorCollection": "answers",
                "vectorKey": "vector-key-0123456",
                "threshold": 0.8,
            },
            "logBodies": True,
            "fields": [
                {"key": "user", "source": "request_body", "path": "user"},
                {
                    "key": "text",
                    "source": "response_streaming_body",
                    "path": "delta",
                    "rule": "append",
                },
            ],
            "description": "For the search team",
            "resourceGroupId": OTHER_GROUP,
        },
        in_place={
            "protocol": "Anthropic",
            "basePath": "/somewhere/else",
            "removeBasePath": True,
            "domainIds": [],
            "targets": [{"serviceId": one, "weight": 50}, {"serviceId": other, "weight": 50}],
            "fallbacks": [{"serviceId": one, "model": "qwen-turbo"}],
            "fallbackOnlyOnUpstreamCodes": False,
            "builtinRoutes": None,
            "authType": None,
            "firstByteTimeoutSeconds": 60,
            "tokenLimits": [],
            "contentSecurity": None,
            "cache": None,
            "logBodies": False,
            "fields": [],
            "description": None,
        },
        replacing={
            "name": "another",
            "gatewayId": "gw-other",
            "environmentId": "env-other",
            "category": "Image",
        },
        secrets=frozenset({"cache"}),
        omitted=frozenset({"cache", "removeBasePath", "firstByteTimeoutSeconds"}),
        invalid={
            "name": "a",
            "gatewayId": base.gateway_id,
            "targets": [{"weight": "much"}],
            "statistics": 3,
        },
        faults=frozenset(
            {
                "environmentId",
                "protocol",
                "routing",
                "targets.0.serviceId",
                "targets.0.weight",
                "statistics",
            }
        ),
    )


def domain_case(base):
    return Case(
        inputs={
            "name": f"{new_name('named')}.example.internal",
            "protocol": "HTTPS",
            "certificateId": "1234567-cn-hangzhou",
            "forceHttps": True,
            "tlsMin": "TLS 1.2",
            "resourceGroupId": OTHER_GROUP,
        },
        in_place={"certificateId": "7654321-cn-hangzhou", "forceHttps": False, "tlsMin": "TLS 1.3"},
        replacing={"name": "another.example.internal"},
        invalid={"protocol": ["HTTP"], "forceHttps": "perhaps"},
        faults=frozenset({"name", "protocol", "forceHttps"}),
    )


def consumer_case(base):
    pair = {"accessKey": new_name("access-key"), "secretKey": "secret-of-the-pair-0123"}
    return Case(
        inputs={
            "name": new_name("consumer"),
            "description": "The search team",
            "enabled": False,
            "apiKeys": [new_name("ck-one-0123456789"), new_name("ck-two-0123456789")],
            "apiKeyHeaders": ["x-api-key", "Authorization"],
            "keyPairs": [pair],
            "jwt": {
                "jwks": '{"keys": [{"kty": "oct", "k": "symmetric"}]}',
                "header": "Authorization",
                "prefix": "Bearer ",
                "claim": "uid",
                "value": "search",
            },
        },
        in_place={
            "description": None,
            "enabled": True,
            "apiKeys": [new_name("ck-three-0123456789")],
            "apiKeyHeaders": [],
            "keyPairs": [],
            "jwt": None,
        },
        replacing={"name": "another"},
        secrets=frozenset({"apiKeys", "keyPairs", "jwt"}),
        omitted=frozenset({"apiKeys", "keyPairs", "jwt"}),
        invalid={
            "enabled": "perhaps",
            "keyPairs": [{"accessKey": "a"}],
            "jwt": {"jwks": "{}", "claims": "x"},
        },
        faults=frozenset(
            {
                *("name", "enabled", "keyPairs.0.secretKey", "jwt.claims"),
                *(f"jwt.{name}" for name in ("header", "prefix", "claim", "value")),
            }
        ),
    )


def authorization_case(base):
    return Case(
        inputs={
            "modelApiId": base.api(),
            "environmentId": base.environment_id,
            "consumerIds": sorted([base.consumer(), base.consumer()]),
            "resourceType": "LLM",
        },
        in_place={"consumerIds": [base.consumer()]},
        replacing={
            "modelApiId": "api-2",
            "environmentId": "env-2",
            "resourceType": "Agent",
        },
        invalid={"consumerIds": 1, "resourceType": None},
        faults=frozenset({"consumerIds", "modelApiId", "environmentId"}),
    )


def addresses_case(base):
    return Case(
        inputs={
            "gatewayId": base.gateway_id,
            "networkAccess": "privatenet",
            "timeoutSeconds": 60,
        },
        in_place={"networkAccess": "private&pubnet", "timeoutSeconds": 120},
        replacing={"gatewayId": "gw-other", "environmentId": "env-other"},
        omitted=frozenset({"timeoutSeconds"}),
        invalid={"gatewayId": ["gw"], "networkAccess": "Internet", "timeoutSeconds": 0},
        faults=frozenset({"gatewayId", "networkAccess", "timeoutSeconds"}),
    )


CASES = {
    "AiService": service_case,
    "ModelApi": api_case,
    "Domain": domain_case,
    "Consumer": consumer_case,
    "ModelApiAuthorization": authorization_case,
    "GatewayAddresses": addresses_case,
}
HANDLERS = {
    token.rpartition(":")[2]: resource
    for token, resource in all_handlers().items()
    if ":gateway:" in token and not resource.retired
}


def names_of_state(resource):
    """Return the outputs that come from the cloud, in camelCase."""
    return {to_camel(name) for name in HANDLERS[resource].contract.state.model_fields}
