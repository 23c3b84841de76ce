"""Model APIs on an AI gateway in a sandbox, created with the official SDK as its docs describe it.

`running_gateway` starts a sandbox with a network, an endpoint to Model Studio and a gateway.
`Place.serve` creates a Model API under a domain of its own that resolves to the gateway.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support import official, sandbox_admin
from support.clouds import (
    MODEL_STUDIO,
    Network,
    create_endpoint,
    create_gateway,
    create_name,
    create_network,
)
from support.inside import Machine
from Tea.exceptions import TeaException

from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.inside.gateway.journal import Entry

ADDRESS = f"https://{MODEL_STUDIO}"  # the gateway adds the paths of Model Studio
BY_MODEL = Dialect.default()["routing-by-model"]
DOMAIN = "models.example"
TIMEOUT_SECONDS = 20
Body = dict[str, Any]


@contextmanager
def refused(code: str, status: int = 400, field: str = "") -> Iterator[None]:
    """Assert that the cloud refuses a call in the block with this code and HTTP status.

    ``field`` is the parameter that the message of a code of parameters starts with.
    """
    with pytest.raises(TeaException) as caught:
        yield
    assert (caught.value.code, caught.value.status_code) == (code, status)
    if field:
        assert f" {field}: " in f" {caught.value.message}"


@contextmanager
def _without_proxies() -> Iterator[None]:
    """Remove the proxies from the environment: the SDKs use them for loopback too."""
    with pytest.MonkeyPatch.context() as environment:
        for name in list(os.environ):
            if name.lower() in ("http_proxy", "https_proxy"):
                environment.delenv(name)
        yield


def environment_of(cloud: Sandbox, gateway_id: str) -> str:
    """The id of the gateway's default environment."""
    gateway = official.apig(cloud).get_gateway(gateway_id).body.data
    return str(gateway.environments[0].environment_id)


def load_balancer_of(cloud: Sandbox, gateway_id: str) -> str:
    """The name of the gateway's load balancer within the VPC."""
    balancers = official.apig(cloud).get_gateway(gateway_id).body.data.load_balancers
    (address,) = [row.address for row in balancers if row.address_type == "Intranet"]
    return str(address)


def ai_config(cloud: Sandbox, **other: Any) -> Body:
    """The configuration of an AI service that reaches Model Studio through the endpoint."""
    config = {"provider": "qwen", "address": ADDRESS, "apiKeys": [cloud.api_key]}
    return {**config, "protocols": ["OpenAI/v1"], **other}


def create_service(cloud: Sandbox, gateway_id: str, name: str, **config: Any) -> str:
    """Create an AI service with `ai_config` and return its id."""
    row = {"name": name, "aiServiceConfig": ai_config(cloud, **config)}
    body = {"gatewayId": gateway_id, "sourceType": "AI", "serviceConfigs": [row]}
    request = models.CreateServiceRequest().from_map(body)
    (service_id,) = official.apig(cloud).create_service(request).body.data.service_ids
    return str(service_id)


def create_domain(cloud: Sandbox, name: str, **other: Any) -> str:
    body = {"name": name, "gatewayType": "AI", "protocol": "HTTP", **other}
    request = models.CreateDomainRequest().from_map(body)
    return str(official.apig(cloud).create_domain(request).body.data.domain_id)


def create_api(cloud: Sandbox, body: Mapping[str, Any]) -> str:
    request = models.CreateHttpApiRequest().from_map(dict(body))
    return str(official.apig(cloud).create_http_api(request).body.data.http_api_id)


def create_consumer(cloud: Sandbox, name: str, **credentials: Any) -> str:
    body = {"name": name, "gatewayType": "AI", "enable": True, **credentials}
    request = models.CreateConsumerRequest().from_map(body)
    return str(official.apig(cloud).create_consumer(request).body.data.consumer_id)


def api_keys(*keys: str, source: Mapping[str, str] | None = None) -> Body:
    """The credentials of a consumer with API keys, in the header Authorization or in ``source``."""
    return {
        "apikeyIdentityConfig": {
            "type": "Apikey",
            "apikeySource": source or {"source": "Default", "value": "Authorization"},
            "credentials": [{"apikey": key, "generateMode": "Custom"} for key in keys],
        }
    }


def authorize(cloud: Sandbox, consumer_id: str, api_id: str, environment_id: str) -> str:
    """Authorize a consumer to use a Model API; return the rule's id."""
    rule = {
        "consumerId": consumer_id,
        "principalType": "Consumer",
        "resourceType": "LLM",
        "expireMode": "LongTerm",
        "resourceIdentifier": {"resourceId": api_id, "environmentId": environment_id},
    }
    body = {"authorizationRules": [rule]}
    request = models.CreateConsumerAuthorizationRulesRequest().from_map(body)
    response = official.apig(cloud).create_consumer_authorization_rules(request)
    return str(response.body.data.consumer_authorization_rule_ids[0])


def policy(kind: str, **config: Any) -> Body:
    """A policy of a deploy configuration, as AiFallback with its aiFallbackConfig."""
    return {"type": kind, "enable": True, f"a{kind[1:]}Config": config}


def fallback(*services: str, only_upstream: bool = False, **model_names: str) -> Body:
    """A policy of fallbacks to service ids, in order; ``model_names`` are by service id."""
    rows = []
    for service_id in services:
        row = {"serviceId": service_id, "passThroughModelName": service_id not in model_names}
        if service_id in model_names:
            row["targetModelName"] = model_names[service_id]
        rows.append(row)
    return policy("AiFallback", serviceConfigs=rows, onlyRedirectUpstreamCode=only_upstream)


@dataclass(frozen=True)
class Served:
    """A Model API that serves requests."""

    name: str
    host: str
    api_id: str
    base_path: str

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{self.host}{self.base_path.rstrip('/')}{path}"


@dataclass(frozen=True)
class Answer:
    """The response to a request."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def reply(self) -> str:
        """The model's message in a chat completion."""
        return str(self.json["choices"][0]["message"]["content"])

    @property
    def refusal(self) -> tuple[int, str]:
        """The status and code with which the gateway itself refuses a request."""
        return self.status, self.headers.get("X-Gateway-Refusal", "")


class Place:
    """A network, a gateway in it, and a machine beside it."""

    def __init__(self, cloud: Sandbox, network: Network, gateway_id: str) -> None:
        self.cloud = cloud
        self.network = network
        self.gateway_id = gateway_id
        self.environment_id = environment_of(cloud, gateway_id)
        self.apig = official.apig(cloud)
        self.machine = Machine(cloud.state, cloud.inside, cloud.ca_file)
        self._services: dict[str, str] = {}
        self._number = 0

    def service(self, name: str, **config: Any) -> str:
        """The id of the gateway's AI service of this name, created at the first call."""
        if name not in self._services:
            self._services[name] = create_service(self.cloud, self.gateway_id, name, **config)
        return self._services[name]

    def new_name(self, stem: str) -> str:
        self._number += 1
        return f"{stem}-{self._number}"

    def deploy_config(
        self,
        domain_ids: Sequence[str],
        services: Sequence[Mapping[str, Any]],
        scene: str,
        *policies: Body,
    ) -> Body:
        return {
            "gatewayId": self.gateway_id,
            "environmentId": self.environment_id,
            "gatewayType": "AI",
            "autoDeploy": True,
            "backendScene": scene,
            "customDomainIds": list(domain_ids),
            "envDomainIds": [],
            "serviceConfigs": [dict(row) for row in services],
            "policyConfigs": list(policies),
        }

    def body(
        self,
        name: str,
        config: Body,
        category: str = "Text",
        protocol: str = "OpenAI/v1",
        base_path: str = "/",
        **more: Any,
    ) -> Body:
        return {
            "name": name,
            "type": "LLM",
            "modelCategory": category,
            "aiProtocols": [protocol],
            "protocols": ["HTTP", "HTTPS"],
            "basePath": base_path,
            "removeBasePathOnForward": True,
            "enableAuth": False,
            "deployConfigs": [config],
            **more,
        }

    def serve(
        self,
        *services: Mapping[str, Any],
        scene: str = "SingleService",
        policies: Sequence[Body] = (),
        name: str = "",
        host: str = "",
        domain: Mapping[str, Any] | None = None,
        base_path: str = "/",
        **body: Any,
    ) -> Served:
        """Create a Model API under a domain of its own; without services, on Model Studio."""
        name = name or self.new_name("api")
        host = host or f"{name}.{DOMAIN}"
        rows = services or ({"serviceId": self.service("studio")},)
        domain_id = create_domain(self.cloud, host, **(domain or {}))
        config = self.deploy_config([domain_id], rows, scene, *policies)
        api_id = create_api(self.cloud, self.body(name, config, base_path=base_path, **body))
        return Served(name, host, api_id, base_path)

    def console(self, operation: str, **body: Any) -> None:
        sandbox_admin.console(self.cloud, operation, **body)

    def inspect(self, path: str) -> Any:
        """Read the sandbox's admin API, e.g. ``access-log``."""
        return sandbox_admin.call(self.cloud, "GET", path)

    def ask(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        user: str = "",
    ) -> Answer:
        """Send one request from a machine in the VPC, or in the VPC ``user``."""
        proxy = self.machine.proxy(user or self.network.vpc_id)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
        data = None
        if body is not None:
            data = json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            response = opener.open(request, timeout=TIMEOUT_SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            text = response.read().decode("utf-8", "replace")
            return Answer(response.status, response.headers, text)

    def chat(
        self,
        served: Served,
        message: str = "hello there",
        model: str = "qwen-plus",
        query: str = "",
        headers: Mapping[str, str] | None = None,
        **other: Any,
    ) -> Answer:
        """Send a chat of one message; ``other`` are fields of the body."""
        body = {"model": model, "messages": [{"role": "user", "content": message}], **other}
        return self.ask("POST", served.url("/v1/chat/completions") + query, body, headers)

    def entries(self, served: Served) -> list[Entry]:
        """The gateway's log entries of the API's requests."""
        return [entry for entry in self.cloud.cloud.journal.entries if entry.host == served.host]

    def last(self, served: Served) -> Entry:
        return self.entries(served)[-1]

    def python(self, program: str, *, api_key: str = "sk-client", **options: str) -> Any:
        """Run a Python program in the VPC and return its variable ``seen``."""
        options |= {"user": self.network.vpc_id, "api_key": api_key}
        return self.machine.seen(program, **options)


@contextmanager
def running_gateway(*, dialect: Dialect | None = None, **gateway: Any) -> Iterator[Place]:
    """Start a sandbox with an endpoint to Model Studio and a gateway."""
    with _without_proxies(), Sandbox(dialect=dialect) as cloud:
        network = create_network(cloud)
        create_endpoint(cloud, network)
        gateway_id = create_gateway(cloud, network, **gateway)
        create_name(cloud, network, DOMAIN, load_balancer_of(cloud, gateway_id), "*")
        yield Place(cloud, network, gateway_id)
