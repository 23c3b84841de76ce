"""`dashlink route --url` finds the Model API that the gateway finds, and a 404 where it does."""

from __future__ import annotations

import itertools

import pytest
from support.declared_apis import declare
from support.gateways import DOMAIN

from dashlink.cli.route_request import Refusal, api_at, route_at
from dashlink.gateway.model_api.outputs import route_outputs
from dashlink.gateway.model_api.routes import catalog_routes

HOST = f"routes.{DOMAIN}"
APIS = {
    "short": {"scene": "text", "base_path": "/a"},
    "long": {"scene": "embedding", "base_path": "/a/b"},
    "models": {"scene": "others", "base_path": "/models"},
    "canvas": {"scene": "image", "protocol": "ComfyUI", "base_path": "/canvas"},
}
BASE_PATHS = ("", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/models", "/canvas")
REST = (
    "",
    "/v1/chat/completions",
    "/v1/chat/completions/more",
    "/v1/embeddings",
    "/v1/models",
    "/v1/models/qwen-plus",
    "/v1/model",
    "/userdata/a/move/b",
    "/userdata/a",
)


@pytest.fixture(scope="module")
def declared(place):
    services = {
        "studio": {"endpoint": "dashscope", "api_keys": [{"config": "modelKey"}]},
        "eas": {
            "base_url": "http://canvas.models.internal",
            "protocols": ["ComfyUI"],
            "api_keys": [{"config": "modelKey"}],
        },
    }
    apis = {}
    for name, api in APIS.items():
        service = "eas" if name == "canvas" else "studio"
        apis[name] = {"domains": [HOST], "service": service, **api}
    sections = {"domains": {HOST: {"scheme": "http"}}, "ai_services": services}
    with declare(place, {**sections, "model_apis": apis}) as created:
        yield created


def predicted(config, host: str, method: str, path: str) -> str:
    """The API of a request as `dashlink route` finds it; empty for a 404."""
    found = api_at(config, host, path or "/")
    if isinstance(found, Refusal):
        return ""
    api = config.model_apis[found]
    routes = route_outputs(api, catalog_routes(api))
    return "" if isinstance(route_at(found, routes, method, path), Refusal) else found


@pytest.mark.parametrize("host", [HOST, f"nobody.{DOMAIN}"], ids=["known", "unknown"])
def test_route_and_gateway_find_the_same_api(place, declared, host):
    differences, reached = [], set()
    for method, base, rest in itertools.product(("GET", "POST"), BASE_PATHS, REST):
        path = f"{base}{rest}"
        answer = place.ask(method, f"http://{host}{path}", {} if method == "POST" else None)
        expected = predicted(declared.config, host, method, path)
        refused = answer.refusal[1] in {"no_domain", "no_api", "no_route"}
        reached.add(expected)
        if refused != (not expected):
            differences.append((method, path, expected, answer.refusal))
    assert not differences
    assert reached == ({""} if host != HOST else {"", *APIS})
