"""The services that an AI gateway can reach from its VPC, its access log and its metrics."""

from __future__ import annotations

import http.client
from concurrent.futures import ThreadPoolExecutor

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from support import official
from support.clouds import MODEL_STUDIO, REGION, create_gateway, create_name, create_network
from support.gateways import Place, fallback, load_balancer_of, policy
from support.inside import API_KEY

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import AiService, Gateway, HttpApi
from dashlink_sandbox.inside.gateway.lookup import RouteMatch
from dashlink_sandbox.inside.gateway.relay import key_headers
from dashlink_sandbox.inside.gateway.upstreams import address_of, model_server_path
from dashlink_sandbox.model_routes import Route
from dashlink_sandbox.state import State

HELLO = "qwen-plus heard: hello there"


def _server(place: Place, host: str, **config: object) -> str:
    """Create a service at a model server of its own."""
    return place.service(host, provider="openai", address=f"https://{host}/v1", **config)


def test_a_model_server_on_the_internet_requires_a_nat_gateway(place):
    served = place.serve({"serviceId": _server(place, "api.vendor.example")})
    place.console("upstream", host="api.vendor.example")
    refused = place.chat(served)
    assert refused.refusal == (503, "upstream_unreachable")
    assert f"{place.network.vpc_id} has no way out" in refused.json["error"]["message"]
    place.console("way-out", vpc_id=place.network.vpc_id, enabled=True)
    assert place.chat(served).reply == HELLO
    place.console("way-out", vpc_id=place.network.vpc_id, enabled=False)
    assert place.chat(served).refusal == (503, "upstream_unreachable")


def test_an_unknown_host_is_unreachable(place):
    served = place.serve({"serviceId": _server(place, "api.nowhere.example")})
    refused = place.chat(served)
    assert refused.refusal == (503, "upstream_unreachable")
    assert "no such name" in refused.json["error"]["message"]


def test_a_model_server_of_the_same_vpc_is_reachable(place):
    service = _server(place, "near.vpc.example")
    place.console("upstream", host="near.vpc.example", vpc_id=place.network.vpc_id)
    assert place.chat(place.serve({"serviceId": service})).reply == HELLO


def test_a_model_server_of_another_vpc_requires_a_route(place):
    other = create_network(place.cloud, "10.70").vpc_id
    served = place.serve({"serviceId": _server(place, "far.vpc.example")})
    place.console("upstream", host="far.vpc.example", vpc_id=other)
    message = place.chat(served).json["error"]["message"]
    assert f"to which {place.network.vpc_id} has no route" in message
    place.console("peer", vpc_ids=[place.network.vpc_id, other])
    assert place.chat(served).reply == HELLO


def test_an_unreachable_server_falls_back_to_the_endpoint(place):
    served = place.serve(
        {"serviceId": _server(place, "api.lost.example")},
        policies=[fallback(place.service("studio"))],
    )
    assert place.chat(served).reply == HELLO
    tried = [("api.lost.example", "qwen-plus", 0), ("studio", "qwen-plus", 200)]
    assert place.last(served).attempts == tried


@pytest.mark.parametrize("failing", [503, -1], ids=str)
def test_a_server_fails_on_demand(place, failing):
    host = f"fails{failing}.vpc.example"
    place.console("upstream", host=host, vpc_id=place.network.vpc_id, failing=failing)
    assert place.chat(place.serve({"serviceId": _server(place, host)})).status == 503


def test_a_service_on_pai_eas_is_reachable_within_the_vpc(place):
    config = {"endpointType": "vpc", "workspaceId": "1", "serviceName": "my_chat"}
    service = place.service("eas", provider="pai-eas", paiEASServiceConfig=config, address=None)
    owner = place.cloud.cloud.catalog.accounts[0].id
    place.console(
        "upstream", host=f"{owner}.vpc.cn-beijing.pai-eas.aliyuncs.com", vpc_id=place.network.vpc_id
    )
    assert place.chat(place.serve({"serviceId": service})).reply == HELLO


@pytest.mark.parametrize(
    ("provider", "path", "expected"),
    [
        ("qwen", "/compatible-mode/v1/chat/completions", {"Authorization": "Bearer k"}),
        ("qwen", "/apps/anthropic/v1/messages", {"Authorization": "Bearer k"}),
        ("claude", "/v1/messages", {"x-api-key": "k"}),
        ("claude", "/v1/chat/completions", {"Authorization": "Bearer k"}),
        ("pai-eas", "/api/predict/chat/v1/chat/completions", {"Authorization": "k"}),
    ],
    ids=str,
)
def test_a_vendor_gets_its_key_where_it_takes_it(provider, path, expected):
    assert key_headers(provider, path, "k") == expected
    assert key_headers(provider, path, None) == {}


@pytest.mark.parametrize(
    ("host", "sent", "status"),
    [
        ("1.vpc.cn-beijing.pai-eas.aliyuncs.com", "{}", 200),
        ("1.vpc.cn-beijing.pai-eas.aliyuncs.com", "Bearer {}", 200),
        ("1.vpc.cn-beijing.pai-eas.aliyuncs.com", "wrong", 401),
        (MODEL_STUDIO, "Bearer {}", 200),
        (MODEL_STUDIO, "{}", 401),
    ],
    ids=["eas bare", "eas bearer", "eas wrong", "studio bearer", "studio bare"],
)
def test_a_bare_token_passes_at_pai_eas_alone(model_server, host, sent, status):
    connection = http.client.HTTPConnection(model_server, timeout=20)
    headers = {"Host": host, "Authorization": sent.format(API_KEY)}
    connection.request("GET", "/compatible-mode/v1/models", headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    assert response.status == status


def test_the_endpoints_security_group_applies_to_the_gateway(place):
    ecs, served = official.ecs(place.cloud), place.serve()
    rule = {"region_id": REGION, "security_group_id": place.network.group_id}
    permission = {"ip_protocol": "tcp", "port_range": "443/443", "source_cidr_ip": "10.20.0.0/16"}
    revoke = ecs_models.RevokeSecurityGroupRequestPermissions(**permission)
    ecs.revoke_security_group(ecs_models.RevokeSecurityGroupRequest(**rule, permissions=[revoke]))
    try:
        refused = place.chat(served)
        assert refused.refusal == (503, "upstream_unreachable")
        assert f"the security group {place.network.group_id}" in refused.json["error"]["message"]
    finally:
        again = ecs_models.AuthorizeSecurityGroupRequestPermissions(**permission)
        ecs.authorize_security_group(
            ecs_models.AuthorizeSecurityGroupRequest(**rule, permissions=[again])
        )
    assert place.chat(served).reply == HELLO


@pytest.mark.parametrize(
    ("provider", "base", "path", "expected"),
    [
        ("qwen", "/compatible-mode/v1", "/v1/x", "/compatible-mode/v1/x"),
        ("qwen", "", "/v1/rerank", "/compatible-api/v1/reranks"),
        ("qwen", "", "/v1/messages", "/apps/anthropic/v1/messages"),
        ("qwen", "/compatible-mode/v1", "/v1/messages", "/apps/anthropic/v1/messages"),
        ("qwen", "", "/api/v1/tasks/1", "/api/v1/tasks/1"),
        ("openai", "/v1", "/v1/x", "/v1/x"),
        ("openai", "/proxy/v1/", "/v1/x", "/proxy/v1/x"),
        ("openai", "", "/v1/x", "/x"),
        ("zhipuai", "/api/paas/v4", "/v1/x", "/api/paas/v4/x"),
        ("claude", "", "/v1/messages", "/v1/messages"),
        ("custom", "", "/prompt", "/prompt"),
    ],
    ids=str,
)
def test_the_path_at_a_service_depends_on_its_provider(provider, base, path, expected):
    assert _path_at(provider, base, path) == expected


@pytest.mark.parametrize(
    ("answer", "base", "path", "expected"),
    [
        ("under-the-address", "/compatible-mode/v1", "/v1/x", "/compatible-mode/v1/x"),
        (
            "under-the-address",
            "/compatible-mode/v1",
            "/v1/messages",
            "/compatible-mode/v1/apps/anthropic/v1/messages",
        ),
        ("under-the-address", "/apps/anthropic", "/v1/messages", "/apps/anthropic/v1/messages"),
        ("after-the-address", "/compatible-mode/v1", "/v1/x", "/compatible-mode/v1/x"),
        (
            "after-the-address",
            "/compatible-mode/v1",
            "/v1/messages",
            "/compatible-mode/v1/messages",
        ),
        ("after-the-address", "/apps/anthropic", "/v1/messages", "/apps/anthropic/v1/messages"),
        ("after-the-address", "", "/v1/x", "/v1/x"),
    ],
    ids=str,
)
def test_the_path_at_model_studio_depends_on_the_dialect(answer, base, path, expected):
    dialect = Dialect.of({"upstream-paths": answer})
    assert _path_at("qwen", base, path, dialect) == expected


def test_a_cloud_may_send_the_version_of_a_path_once():
    dialect = Dialect.of({"custom-paths": "version-once"})
    assert _path_at("openai", "", "/v1/x", dialect) == "/v1/x"
    assert _path_at("openai", "/v1", "/v1/x", dialect) == "/v1/x"


@pytest.mark.parametrize(
    ("provider", "base", "expected"),
    [
        ("qwen", "", "/compatible-mode/v1/chat/completions"),
        ("openai", "/v1", "/v1/chat/completions"),
    ],
    ids=str,
)
def test_routes_without_a_version_reach_the_same_paths(provider, base, expected):
    dialect = Dialect.of({"route-versions": "none"})
    route = Route("chat", "/chat/completions", ("POST",), version="/v1")
    assert _path_at(provider, base, "/chat/completions", dialect, route) == expected


def _path_at(
    provider: str,
    base: str,
    path: str,
    dialect: Dialect | None = None,
    route: Route | None = None,
) -> str:
    """The path at a service for a request to ``path`` below the base path."""
    config = {"provider": provider, "address": f"https://a.example{base}"}
    gateway = Gateway(gateway_id="gw-1", region="cn-beijing", name="one")
    service = AiService(service_id="svc-1", gateway_id="gw-1", name="one", ai_config=config)
    route = route or Route("any", path, ("POST",))
    api = HttpApi(http_api_id="api-1", name="one", type="LLM")
    matched = RouteMatch(api, route, path, route.version + path)
    address = address_of(State(dialect=dialect or Dialect()), gateway, service, matched)
    assert (address.scheme, address.host, address.port) == ("https", "a.example", 443)
    return address.path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/chat/completions", "/compatible-mode/v1/chat/completions"),
        ("/api/predict/my_chat/v1/embeddings", "/compatible-mode/v1/embeddings"),
        ("/proxy/api/v1/tasks/1", "/api/v1/tasks/1"),
        ("/proxy/compatible-mode/v1/models", "/compatible-mode/v1/models"),
    ],
    ids=str,
)
def test_paths_of_other_model_servers_are_translated(path, expected):
    assert model_server_path(path) == expected


def test_the_access_log_has_each_request_without_a_key(place):
    served = place.serve({"serviceId": place.service("studio"), "modelName": "qwen-max"})
    place.chat(served, headers={"Authorization": "Bearer sk-never-logged"})
    place.ask("GET", served.url("/v1/models"))
    one, two = [row for row in place.inspect("access-log")["entries"] if row["host"] == served.host]
    expected = {
        "method": "POST",
        "path": "/v1/chat/completions",
        "api": served.name,
        "route": "create-chat-completion",
        "model": "qwen-plus",
        "status": 200,
        "tokens": 6,
        "attempts": [["studio", "qwen-max", 200]],
    }
    assert one | expected == one
    assert 0 < one["first_byte_seconds"] <= one["seconds"]
    assert (one["bytes_sent"] > 0, one["body"], one["gateway_id"]) == (True, "", place.gateway_id)
    assert (two["status"], two["refusal"], two["attempts"]) == (404, "no_route", [])
    text = str(place.inspect("access-log"))
    assert "sk-never-logged" not in text
    assert place.cloud.api_key not in text


def test_metrics_count_requests_tokens_and_fallbacks(place):
    bad = place.service("bad-key", apiKeys=["sk-wrong"])
    served = place.serve({"serviceId": bad}, policies=[fallback(place.service("studio"))])
    for _ in range(2):
        place.chat(served)
    place.ask("GET", served.url("/v1/models"))
    metrics = place.inspect("metrics")
    assert metrics["fallbacks"][served.name] == 2
    key = f"{served.name}|studio|qwen-plus|200"
    assert metrics["requests"][key] == 2
    assert [each for each in metrics["requests"] if each.startswith(f"{served.name}|")] == [key]
    assert metrics["tokens"][key] == 12


def _named_gateway(place: Place, name: str, **settings: object) -> Place:
    """Create another gateway, to which NAME.example resolves."""
    gateway_id = create_gateway(place.cloud, place.network, name, **settings)
    load_balancer = load_balancer_of(place.cloud, gateway_id)
    create_name(place.cloud, place.network, f"{name}.example", load_balancer)
    return Place(place.cloud, place.network, gateway_id)


@pytest.mark.parametrize("sls", [True, False], ids=["sls", "no sls"])
@pytest.mark.parametrize("by_api", [True, False], ids=["api", "not api"])
def test_bodies_are_logged_if_both_api_and_gateway_log_them(place, sls, by_api):
    name = place.new_name("logged")
    other = _named_gateway(place, name, logConfig={"sls": {"enable": sls}})
    statistics = policy("AiStatistics", logRequestContent=by_api)
    served = other.serve(host=f"{name}.example", policies=[statistics], name=name)
    assert other.chat(served, "log me").status == 200
    assert ("log me" in other.last(served).body) == (sls and by_api)


def test_the_first_requests_to_a_gateway_may_be_concurrent(place):
    name = place.new_name("busy")
    other = _named_gateway(place, name)
    served = other.serve(host=f"{name}.example", name=name)
    with ThreadPoolExecutor(16) as pool:
        statuses = set(pool.map(lambda _: other.chat(served).status, range(16)))
    assert statuses == {200}


def test_a_deleted_gateway_is_unreachable(place):
    name = place.new_name("gone")
    gateway_id = _named_gateway(place, name).gateway_id
    url = f"http://{name}.example/v1/models"
    assert place.ask("GET", url).refusal == (404, "no_domain")
    official.apig(place.cloud).delete_gateway(gateway_id)
    refused = place.ask("GET", url)
    assert (refused.status, refused.json["code"]) == (502, "SandboxNetwork")
