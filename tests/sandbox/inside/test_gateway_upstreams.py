"""What an AI gateway reaches from its VPC, and what it writes down of its requests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from support import official
from support.gateways import (
    REGION,
    Place,
    fallback,
    load_balancer_of,
    make_gateway,
    make_network,
    name_privately,
    policy,
    standing,
)

from dashlink_sandbox.gateways import AiService, Gateway
from dashlink_sandbox.inside.gateway.upstreams import address_of, model_server_path
from dashlink_sandbox.state import State

HELLO = "qwen-plus heard: hello there"


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _server(place: Place, host: str, **config: object) -> str:
    """A service at a model server of its own."""
    return place.service(host, provider="openai", address=f"https://{host}/v1", **config)


def test_a_model_server_on_the_internet_is_reached_only_by_a_way_out(place):
    served = place.serve({"serviceId": _server(place, "api.vendor.example")})
    place.console("upstream", host="api.vendor.example")
    refused = place.chat(served)
    assert refused.refusal == (503, "upstream_unreachable")
    assert f"{place.network.vpc_id} has no way out" in refused.json["error"]["message"]
    place.console("way-out", vpc_id=place.network.vpc_id, enabled=True)
    assert place.chat(served).said == HELLO
    place.console("way-out", vpc_id=place.network.vpc_id, enabled=False)
    assert place.chat(served).refusal == (503, "upstream_unreachable")


def test_a_host_that_is_nowhere_is_not_reached(place):
    served = place.serve({"serviceId": _server(place, "api.nowhere.example")})
    refused = place.chat(served)
    assert refused.refusal == (503, "upstream_unreachable")
    assert "no such name" in refused.json["error"]["message"]


def test_a_model_server_of_the_same_vpc_is_reached_and_one_of_another_only_by_a_route(place):
    other = make_network(place.cloud, "10.70").vpc_id
    near, far = (_server(place, host) for host in ("near.vpc.example", "far.vpc.example"))
    place.console("upstream", host="near.vpc.example", vpc_id=place.network.vpc_id)
    place.console("upstream", host="far.vpc.example", vpc_id=other)
    assert place.chat(place.serve({"serviceId": near})).said == HELLO
    served = place.serve({"serviceId": far})
    assert f"to which {place.network.vpc_id} has no route" in place.chat(served).json["error"]["message"]
    place.console("peer", vpc_ids=[place.network.vpc_id, other])
    assert place.chat(served).said == HELLO


def test_an_unreachable_server_falls_back_to_the_endpoint(place):
    served = place.serve(
        {"serviceId": _server(place, "api.lost.example")}, policies=[fallback(place.service("studio"))]
    )
    assert place.chat(served).said == HELLO
    assert [(name, status) for name, _, status in place.last(served).attempts] == [
        ("api.lost.example", 0),
        ("studio", 200),
    ]


@pytest.mark.parametrize("failing", [503, -1])
def test_a_server_that_is_made_to_fail_fails(place, failing):
    host = f"fails{failing}.vpc.example"
    place.console("upstream", host=host, vpc_id=place.network.vpc_id, failing=failing)
    assert place.chat(place.serve({"serviceId": _server(place, host)})).status == 503


def test_a_service_on_pai_eas_is_found_within_the_vpc(place):
    config = {"endpointType": "vpc", "workspaceId": "1", "serviceName": "my_chat"}
    service = place.service("eas", provider="pai-eas", paiEASServiceConfig=config, address=None)
    owner = place.cloud.cloud.catalog.accounts[0].id
    place.console("upstream", host=f"{owner}.vpc.cn-beijing.pai-eas.aliyuncs.com", vpc_id=place.network.vpc_id)
    assert place.chat(place.serve({"serviceId": service})).said == HELLO


def test_the_endpoints_security_group_is_before_the_gateway_too(place):
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
        ecs.authorize_security_group(ecs_models.AuthorizeSecurityGroupRequest(**rule, permissions=[again]))
    assert place.chat(served).said == HELLO


@pytest.mark.parametrize(
    ("config", "path", "found"),
    [
        ({"provider": "qwen", "address": "https://a.example/compatible-mode/v1"}, "/v1/x", "/compatible-mode/v1/x"),
        ({"provider": "qwen", "address": "https://a.example"}, "/v1/rerank", "/compatible-api/v1/rerank"),
        ({"provider": "qwen", "address": "https://a.example"}, "/v1/messages", "/apps/anthropic/v1/messages"),
        ({"provider": "qwen", "address": "https://a.example"}, "/api/v1/tasks/1", "/api/v1/tasks/1"),
        ({"provider": "openai", "address": "https://a.example/v1"}, "/v1/x", "/v1/x"),
        ({"provider": "openai", "address": "https://a.example/proxy/v1/"}, "/v1/x", "/proxy/v1/x"),
        ({"provider": "zhipuai", "address": "https://a.example/api/paas"}, "/v1/x", "/api/paas/v1/x"),
        ({"provider": "openai", "address": "https://a.example"}, "/v1/x", "/v1/x"),
    ],
)
def test_a_path_goes_after_the_address_as_the_provider_has_it(config, path, found):
    gateway = Gateway(gateway_id="gw-1", region="cn-beijing", name="one")
    service = AiService(service_id="svc-1", gateway_id="gw-1", name="one", ai_config=config)
    address = address_of(State(), gateway, service, path)
    assert (address.scheme, address.host, address.port, address.path) == ("https", "a.example", 443, found)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/v1/chat/completions", "/compatible-mode/v1/chat/completions"),
        ("/api/predict/my_chat/v1/embeddings", "/compatible-mode/v1/embeddings"),
        ("/proxy/api/v1/tasks/1", "/api/v1/tasks/1"),
        ("/proxy/compatible-mode/v1/models", "/compatible-mode/v1/models"),
    ],
)
def test_the_one_model_server_has_the_paths_of_the_others(path, found):
    assert model_server_path(path) == found


def test_the_access_log_tells_each_request_without_a_key(place):
    served = place.serve({"serviceId": place.service("studio"), "modelName": "qwen-max"})
    place.chat(served, headers={"Authorization": "Bearer sk-never-logged"})
    place.ask("GET", served.url("/v1/models"))
    one, two = [row for row in place.look("access-log")["entries"] if row["host"] == served.host]
    assert {key: one[key] for key in ("method", "path", "api", "route", "model", "status", "tokens", "attempts")} == {
        "method": "POST",
        "path": "/v1/chat/completions",
        "api": served.name,
        "route": "create-chat-completion",
        "model": "qwen-plus",
        "status": 200,
        "tokens": 6,
        "attempts": [["studio", "qwen-max", 200]],
    }
    assert 0 < one["first_byte_seconds"] <= one["seconds"]
    assert (one["bytes_sent"] > 0, one["body"], one["gateway_id"]) == (True, "", place.gateway_id)
    assert (two["status"], two["refusal"], two["attempts"]) == (404, "no_route", [])
    said = str(place.look("access-log"))
    assert "sk-never-logged" not in said
    assert place.cloud.api_key not in said


def test_metrics_count_requests_tokens_and_fallbacks(place):
    bad = place.service("bad-key", apiKeys=["sk-wrong"])
    served = place.serve({"serviceId": bad}, policies=[fallback(place.service("studio"))])
    for _ in range(2):
        place.chat(served)
    place.ask("GET", served.url("/v1/models"))
    metrics = place.look("metrics")
    assert metrics["fallbacks"][served.name] == 2
    counted = {key: count for key, count in metrics["requests"].items() if key.startswith(f"{served.name}|")}
    assert counted == {f"{served.name}|studio|qwen-plus|200": 2}
    assert metrics["tokens"][f"{served.name}|studio|qwen-plus|200"] == 12


@pytest.mark.parametrize("sls", [True, False])
@pytest.mark.parametrize("asked", [True, False])
def test_bodies_are_logged_only_where_the_api_asks_for_it_and_the_gateway_delivers_logs(place, sls, asked):
    name = place.new_name("logged")
    gateway_id = make_gateway(place.cloud, place.network, name, logConfig={"sls": {"enable": sls}})
    host = f"{name}.example"
    name_privately(place.cloud, place.network, host, load_balancer_of(place.cloud, gateway_id))
    other = Place(place.cloud, place.network, gateway_id)
    served = other.serve(host=host, policies=[policy("AiStatistics", logRequestContent=asked)], name=name)
    assert other.chat(served, "log me").status == 200
    assert ("log me" in other.last(served).body) == (sls and asked)


def test_a_gateway_that_is_first_dialled_by_many_answers_all(place):
    name = place.new_name("busy")
    gateway_id = make_gateway(place.cloud, place.network, name)
    name_privately(place.cloud, place.network, f"{name}.example", load_balancer_of(place.cloud, gateway_id))
    other = Place(place.cloud, place.network, gateway_id)
    served = other.serve(host=f"{name}.example", name=name)
    with ThreadPoolExecutor(16) as pool:
        assert {answer.status for answer in pool.map(lambda _: other.chat(served), range(16))} == {200}


def test_a_gateway_that_is_gone_answers_nobody(place):
    name = place.new_name("gone")
    gateway_id = make_gateway(place.cloud, place.network, name)
    name_privately(place.cloud, place.network, f"{name}.example", load_balancer_of(place.cloud, gateway_id))
    url = f"http://{name}.example/v1/models"
    assert place.ask("GET", url).refusal == (404, "no_domain")
    official.apig(place.cloud).delete_gateway(gateway_id)
    refused = place.ask("GET", url)
    assert (refused.status, refused.json["code"]) == (502, "SandboxNetwork")
