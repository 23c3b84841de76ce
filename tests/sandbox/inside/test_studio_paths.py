"""The address of Model Studio, by settings: where a cloud of each dialect sends a request."""

from __future__ import annotations

import pytest

from dashlink.cloud.words import UPSTREAM
from dashlink.endpoint.catalog import DASHSCOPE_PATHS
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.service_inputs import declared_protocols, endpoint_address
from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import AiService, Gateway, HttpApi
from dashlink_sandbox.inside.gateway.lookup import RouteMatch
from dashlink_sandbox.inside.gateway.upstreams import address_of
from dashlink_sandbox.model_routes import Route
from dashlink_sandbox.state import State

HOST = "https://vpc-cn-beijing.dashscope.aliyuncs.com"
OUTPUTS = {"base_urls": {key: HOST + path for key, path in DASHSCOPE_PATHS.items()}}
IMAGE = "/api/v1/services/aigc/text2image/image-synthesis"
# Path of a request by protocol, and the path of Model Studio ("Base URLs", 2026-10-11).
REQUESTS = {
    "OpenAI/v1": ("/v1/chat/completions", "/compatible-mode/v1/chat/completions"),
    "DashScope": (IMAGE, IMAGE),
    "Anthropic": ("/v1/messages", "/apps/anthropic/v1/messages"),
}
every_protocol = pytest.mark.parametrize("protocol", REQUESTS, ids=str)
OTHERS = ["under-the-address", "after-the-address"]


def sent_path(answer, protocol, spellings=None, **settings):
    """The path at which the gateway of a cloud calls the service of some settings."""
    service = AiServiceSettings(endpoint="dashscope", **settings)
    protocols, compatible = declared_protocols(service, {protocol})
    assert protocol in (*protocols, *compatible)
    config = {
        "provider": "qwen",
        "address": endpoint_address(OUTPUTS, service, spellings or {}),
    }
    gateway = Gateway(gateway_id="gw-1", region="cn-beijing", name="one")
    ai_service = AiService(service_id="svc-1", gateway_id="gw-1", name="one", ai_config=config)
    path, _ = REQUESTS[protocol]
    route = Route("any", path, ("POST",))
    api = HttpApi(http_api_id="api-1", name="one", type="LLM")
    matched = RouteMatch(api, route, path, route.version + path)
    dialect = Dialect.of({"upstream-paths": answer})
    return address_of(State(dialect=dialect), gateway, ai_service, matched).path


@every_protocol
def test_one_service_is_enough_where_the_vendors_paths_are_sent(protocol):
    assert sent_path("of-the-vendor", protocol) == REQUESTS[protocol][1]


@pytest.mark.parametrize("answer", OTHERS, ids=str)
def test_the_default_reaches_openai_in_every_cloud(answer):
    assert sent_path(answer, "OpenAI/v1") == REQUESTS["OpenAI/v1"][1]


@every_protocol
@pytest.mark.parametrize("answer", OTHERS, ids=str)
def test_a_service_for_each_protocol_reaches_it(answer, protocol):
    settings = {"protocols": [protocol]}
    if (answer, protocol) == ("after-the-address", "DashScope"):
        settings["endpoint_path"] = "/"
    assert sent_path(answer, protocol, **settings) == REQUESTS[protocol][1]


@every_protocol
@pytest.mark.parametrize("answer", ["of-the-vendor", "under-the-address"], ids=str)
def test_the_host_alone_reaches_every_protocol(answer, protocol):
    assert sent_path(answer, protocol, {UPSTREAM: "/"}) == REQUESTS[protocol][1]
