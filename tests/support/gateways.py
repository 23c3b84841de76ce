"""AI gateways in a sandbox, made with the official SDKs as their documentation says; bodies are in the API's own words.

`standing` gives a whole place: a network with an endpoint to Model Studio, names for it, and a gateway. `Place.serve`
puts a Model API on it, under a domain of its own that resolves to the gateway.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official
from support.inside import Running
from support.rpc import Rpc
from Tea.exceptions import TeaException

from dashlink_sandbox import Sandbox
from dashlink_sandbox.inside.gateway.journal import Entry

REGION = "cn-beijing"
ZONES = ("cn-beijing-h", "cn-beijing-k")
MODEL_STUDIO = "vpc-cn-beijing.dashscope.aliyuncs.com"
ADDRESS = f"https://{MODEL_STUDIO}/compatible-mode/v1"
DOMAIN = "models.example"
PATIENCE_SECONDS = 20
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
Body = dict[str, Any]


@contextmanager
def without_proxies() -> Iterator[None]:
    """The SDKs take a proxy from the environment, for loopback too."""
    kept = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.lower() in ("http_proxy", "https_proxy")
    }
    try:
        yield
    finally:
        os.environ.update(kept)


@contextmanager
def refused(code: str, status: int = 400) -> Iterator[None]:
    """The cloud refuses what is within, with this code and HTTP status."""
    with pytest.raises(TeaException) as caught:
        yield
    assert (caught.value.code, caught.value.status_code) == (code, status)


def until(what: str, holds: Callable[[], bool]) -> None:
    """Look again and again, shortly."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"not within {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Network:
    """A VPC with a vSwitch in two zones, and a security group that lets HTTP and HTTPS in."""

    vpc_id: str
    vswitch_ids: tuple[str, ...]
    group_id: str


def make_network(cloud: Sandbox, cidr: str = "10.20") -> Network:
    vpc, ecs = official.vpc(cloud), official.ecs(cloud)
    vpc_id = vpc.create_vpc(
        vpc_models.CreateVpcRequest(region_id=REGION, cidr_block=f"{cidr}.0.0/16")
    ).body.vpc_id
    until("the VPC is available", lambda: cloud.state.vpcs[vpc_id].status == "Available")
    vswitches = [
        vpc.create_vswitch(
            vpc_models.CreateVSwitchRequest(
                region_id=REGION, vpc_id=vpc_id, zone_id=zone, cidr_block=f"{cidr}.{number}.0/24"
            )
        ).body.v_switch_id
        for number, zone in enumerate(ZONES, 1)
    ]
    group = ecs_models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=vpc_id)
    group_id = ecs.create_security_group(group).body.security_group_id
    into = {"ip_protocol": "tcp", "source_cidr_ip": f"{cidr}.0.0/16"}
    rules = [
        ecs_models.AuthorizeSecurityGroupRequestPermissions(port_range=f"{port}/{port}", **into)
        for port in (80, 443)
    ]
    ecs.authorize_security_group(
        ecs_models.AuthorizeSecurityGroupRequest(
            region_id=REGION, security_group_id=group_id, permissions=rules
        )
    )
    return Network(vpc_id, tuple(vswitches), group_id)


def make_endpoint(cloud: Sandbox, network: Network) -> str:
    """An endpoint to Model Studio in both zones, under Model Studio's own name; its id."""
    zones = [
        privatelink_models.CreateVpcEndpointRequestZone(zone_id=zone, v_switch_id=vswitch_id)
        for zone, vswitch_id in zip(ZONES, network.vswitch_ids, strict=True)
    ]
    request = privatelink_models.CreateVpcEndpointRequest(
        region_id=REGION,
        vpc_id=network.vpc_id,
        service_name="com.aliyuncs.dashscope",
        security_group_id=[network.group_id],
        zone=zones,
    )
    endpoint_id: str = official.privatelink(cloud).create_vpc_endpoint(request).body.endpoint_id
    until(
        "the endpoint is connected",
        lambda: cloud.state.endpoints[endpoint_id].connection_status == "Connected",
    )
    name_privately(cloud, network, MODEL_STUDIO, cloud.state.endpoints[endpoint_id].endpoint_domain)
    return endpoint_id


def name_privately(
    cloud: Sandbox, network: Network, name: str, target: str, host_part: str = "@"
) -> None:
    """A PrivateZone of the VPC with one CNAME. The product has no SDK here: the provider's way to call it."""
    rpc = Rpc(cloud.url, cloud.env["ALICLOUD_ACCESS_KEY"], cloud.env["ALICLOUD_SECRET_KEY"])
    zone_id = str(rpc("2018-01-01", "AddZone", ZoneName=name)["ZoneId"])
    rpc("2018-01-01", "AddZoneRecord", ZoneId=zone_id, Rr=host_part, Type="CNAME", Value=target)
    rpc(
        "2018-01-01",
        "BindZoneVpc",
        **{"ZoneId": zone_id, "Vpcs.1.RegionId": REGION, "Vpcs.1.VpcId": network.vpc_id},
    )


def gateway_body(network: Network, name: str, **other: Any) -> Body:
    zones = [
        {"zoneId": zone, "vSwitchId": each}
        for zone, each in zip(ZONES, network.vswitch_ids, strict=True)
    ]
    return {
        "name": name,
        "gatewayType": "AI",
        "gatewayEdition": "Professional",
        "chargeType": "POSTPAY",
        "spec": "aigw.small.x1",
        "vpcId": network.vpc_id,
        "zoneConfig": {"selectOption": "Manual", "zones": zones},
        "networkAccessConfig": {"type": "Intranet"},
        **other,
    }


def make_gateway(cloud: Sandbox, network: Network, name: str = "main", **other: Any) -> str:
    """A gateway that runs; its id."""
    request = models.CreateGatewayRequest().from_map(gateway_body(network, name, **other))
    gateway_id: str = official.apig(cloud).create_gateway(request).body.data.gateway_id
    until("the gateway runs", lambda: cloud.state.gateways[gateway_id].status == "Running")
    return gateway_id


def environment_of(cloud: Sandbox, gateway_id: str) -> str:
    """The gateway's default environment."""
    return str(
        official.apig(cloud).get_gateway(gateway_id).body.data.environments[0].environment_id
    )


def load_balancer_of(cloud: Sandbox, gateway_id: str) -> str:
    """The name of the gateway's load balancer within the VPC."""
    found = official.apig(cloud).get_gateway(gateway_id).body.data.load_balancers
    return str(next(row.address for row in found if row.address_type == "Intranet"))


def ai_config(cloud: Sandbox, **other: Any) -> Body:
    return {
        "provider": "qwen",
        "address": ADDRESS,
        "apiKeys": [cloud.api_key],
        "protocols": ["OpenAI/v1"],
        **other,
    }


def make_service(cloud: Sandbox, gateway_id: str, name: str, **config: Any) -> str:
    """An AI service that reaches Model Studio through the endpoint, but for ``config``; its id."""
    body = {"name": name, "aiServiceConfig": ai_config(cloud, **config)}
    asked = {"gatewayId": gateway_id, "sourceType": "AI", "serviceConfigs": [body]}
    made = (
        official.apig(cloud)
        .create_service(models.CreateServiceRequest().from_map(asked))
        .body.data.service_ids
    )
    return str(made[0])


def make_domain(cloud: Sandbox, name: str, **other: Any) -> str:
    asked = {"name": name, "gatewayType": "AI", "protocol": "HTTP", **other}
    made = official.apig(cloud).create_domain(models.CreateDomainRequest().from_map(asked))
    return str(made.body.data.domain_id)


def make_api(cloud: Sandbox, body: Mapping[str, Any]) -> str:
    made = official.apig(cloud).create_http_api(models.CreateHttpApiRequest().from_map(dict(body)))
    return str(made.body.data.http_api_id)


def make_consumer(cloud: Sandbox, name: str, **credentials: Any) -> str:
    asked = {"name": name, "gatewayType": "AI", "enable": True, **credentials}
    made = official.apig(cloud).create_consumer(models.CreateConsumerRequest().from_map(asked))
    return str(made.body.data.consumer_id)


def api_keys(*keys: str, source: Mapping[str, str] | None = None) -> Body:
    """The credentials of a consumer with API keys, in the header Authorization or in ``source``."""
    listed = [{"apikey": key, "generateMode": "Custom"} for key in keys]
    source = source or {"source": "Default", "value": "Authorization"}
    return {
        "apikeyIdentityConfig": {"type": "Apikey", "apikeySource": source, "credentials": listed}
    }


def authorize(cloud: Sandbox, consumer_id: str, api_id: str, environment_id: str) -> str:
    """Let a consumer use a Model API; the rule's id."""
    rule = {
        "consumerId": consumer_id,
        "principalType": "Consumer",
        "resourceType": "LLM",
        "expireMode": "LongTerm",
        "resourceIdentifier": {"resourceId": api_id, "environmentId": environment_id},
    }
    request = models.CreateConsumerAuthorizationRulesRequest().from_map(
        {"authorizationRules": [rule]}
    )
    made = official.apig(cloud).create_consumer_authorization_rules(request)
    return str(made.body.data.consumer_authorization_rule_ids[0])


def policy(kind: str, **config: Any) -> Body:
    """A policy of a deploy configuration, as AiFallback with its aiFallbackConfig."""
    return {"type": kind, "enable": True, f"a{kind[1:]}Config": config}


def fallback(*services: str, only_upstream: bool = False, **models_of: str) -> Body:
    """Fallbacks in order; ``models_of`` are model names by service id, the others get the one that was asked for."""
    rows = [
        {"serviceId": each, "targetModelName": models_of[each], "passThroughModelName": False}
        if each in models_of
        else {"serviceId": each, "passThroughModelName": True}
        for each in services
    ]
    return policy("AiFallback", serviceConfigs=rows, onlyRedirectUpstreamCode=only_upstream)


@dataclass(frozen=True)
class Served:
    """A Model API at work."""

    name: str
    host: str
    api_id: str
    base_path: str

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://{self.host}{self.base_path.rstrip('/')}{path}"


@dataclass(frozen=True)
class Answer:
    """What a plain request got."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def said(self) -> str:
        """What the model says in it."""
        return str(self.json["choices"][0]["message"]["content"])

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code with which the gateway itself says no."""
        return self.status, self.headers.get("X-Gateway-Refusal", "")


class Place:
    """A network, a gateway in it, and a machine beside it."""

    def __init__(self, cloud: Sandbox, network: Network, gateway_id: str) -> None:
        self.cloud, self.network, self.gateway_id = cloud, network, gateway_id
        self.environment_id = environment_of(cloud, gateway_id)
        self.apig = official.apig(cloud)
        self.machine = Running(cloud.state, cloud.inside, cloud)  # type: ignore[arg-type]  # it has a ca_file
        self._services: dict[str, str] = {}
        self._number = 0

    def service(self, name: str, **config: Any) -> str:
        """The id of the gateway's AI service of this name; made when it is first asked for."""
        if name not in self._services:
            self._services[name] = make_service(self.cloud, self.gateway_id, name, **config)
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
        """A Model API's body."""
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
        """A Model API under a domain of its own; without services it is Model Studio that answers."""
        name = name or self.new_name("api")
        host = host or f"{name}.{DOMAIN}"
        rows = services or ({"serviceId": self.service("studio")},)
        domain_id = make_domain(self.cloud, host, **(domain or {}))
        config = self.deploy_config([domain_id], rows, scene, *policies)
        api_id = make_api(self.cloud, self.body(name, config, base_path=base_path, **body))
        return Served(name, host, api_id, base_path)

    def console(self, what: str, **body: Any) -> None:
        """The console's part: an admin call."""
        self._admin(f"console/{what}", json.dumps(body).encode())

    def look(self, what: str) -> Any:
        """The admin's look inside."""
        return self._admin(what)

    def _admin(self, what: str, body: bytes | None = None) -> Any:
        with _DIRECTLY.open(f"{self.cloud.url}/_sandbox/{what}", body, PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def ask(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        user: str = "",
    ) -> Answer:
        """One plain request of a machine in the VPC."""
        proxy = self.machine.proxy(user or self.network.vpc_id)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
        sent = {"Content-Type": "application/json", **(headers or {})}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
                return Answer(
                    answer.status, answer.headers, answer.read().decode("utf-8", "replace")
                )
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read().decode("utf-8", "replace"))

    def chat(
        self,
        served: Served,
        said: str = "hello there",
        model: str = "qwen-plus",
        query: str = "",
        **other: Any,
    ) -> Answer:
        """A plain chat; ``headers`` among ``other`` are the request's, the rest is the body's."""
        headers = other.pop("headers", None)
        body = {"model": model, "messages": [{"role": "user", "content": said}], **other}
        return self.ask("POST", served.url("/v1/chat/completions") + query, body, headers)

    def entries(self, served: Served) -> list[Entry]:
        """What the gateway wrote down of the API's requests."""
        return [entry for entry in self.cloud.cloud.journal.entries if entry.host == served.host]

    def last(self, served: Served) -> Entry:
        return self.entries(served)[-1]

    def python(self, program: str, *, api_key: str = "sk-client", **options: str) -> Any:
        """What a program in the VPC, with a clean environment, leaves in ``seen``."""
        text = f"import json\nseen = {{}}\n{program}\nprint(json.dumps(seen))\n"
        done = self.machine.python(text, user=self.network.vpc_id, api_key=api_key, **options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def standing(**gateway: Any) -> Iterator[Place]:
    """A sandbox with a place in it."""
    with without_proxies(), Sandbox() as cloud:
        network = make_network(cloud)
        make_endpoint(cloud, network)
        gateway_id = make_gateway(cloud, network, **gateway)
        name_privately(cloud, network, DOMAIN, load_balancer_of(cloud, gateway_id), "*")
        yield Place(cloud, network, gateway_id)
