"""Host, base path and route of a request at an AI gateway; HTTPS; DNS names of gateways."""

from __future__ import annotations

import urllib.parse

import pytest
from alibabacloud_apig20240327 import models
from support.clouds import create_name, create_network
from support.gateways import Place, create_api, load_balancer_of
from support.waiting import wait_for

from dashlink_sandbox.dialects import Dialect
from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.model_routes import builtin_routes, match, routes_of

CHAT = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello there"}]}
HELLO = "qwen-plus heard: hello there"


def _last_path(place: Place) -> str:
    return list(place.cloud.inside.requests)[-1].path


def test_a_base_path_is_removed_if_declared(place):
    served = place.serve(base_path="/team/a", removeBasePathOnForward=True)
    assert place.chat(served).reply == HELLO
    assert _last_path(place) == "/compatible-mode/v1/chat/completions"


def test_a_base_path_that_is_not_removed_reaches_the_service(place):
    host = "kept.vpc.example"
    place.console("upstream", host=host, vpc_id=place.network.vpc_id)
    service = place.service("kept", provider="openai", address=f"http://{host}/v1")
    kept = {"base_path": "/team/b", "removeBasePathOnForward": False}
    assert place.chat(place.serve({"serviceId": service}, **kept)).status == 404


def test_a_vendors_own_path_has_no_base_path(place):
    served = place.serve(base_path="/team/c", removeBasePathOnForward=False)
    assert place.chat(served).reply == HELLO
    assert _last_path(place) == "/compatible-mode/v1/chat/completions"


def test_the_longest_matching_base_path_decides(place):
    short = place.serve(base_path="/a")
    api = place.apig.get_http_api(short.api_id, models.GetHttpApiRequest()).body.data
    config = api.deploy_configs[0].to_map()
    create_api(place.cloud, place.body("longer", config, base_path="/a/b"))
    for base_path, name in (("/a", short.name), ("/a/b", "longer")):
        url = f"http://{short.host}{base_path}/v1/chat/completions"
        assert place.ask("POST", url, CHAT).status == 200
        assert place.last(short).api == name


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/base/v1/embeddings", "no_route"),
        ("GET", "/base/v1/chat/completions", "no_route"),
        ("POST", "/v1/chat/completions", "no_api"),
        ("POST", "/basement/v1/chat/completions", "no_api"),
    ],
    ids=str,
)
def test_a_path_without_an_api_is_not_found(place, method, path, code):
    served = place.serve(base_path="/base")
    assert place.ask(method, f"http://{served.host}{path}", {}).refusal == (404, code)
    assert place.last(served).refusal == code


def test_a_host_without_an_api_is_not_found(place):
    answer = place.ask("GET", "http://nobody.models.example/v1/models")
    assert answer.refusal == (404, "no_domain")


def test_an_undeployed_api_is_not_served(place):
    served = place.serve()
    request = models.UndeployHttpApiRequest(
        environment_id=place.environment_id, gateway_id=place.gateway_id
    )
    place.apig.undeploy_http_api(served.api_id, request)
    assert place.chat(served).refusal == (404, "no_domain")


def test_a_change_takes_effect_at_once(place):
    served = place.serve(base_path="/before")
    place.apig.update_http_api(served.api_id, models.UpdateHttpApiRequest(base_path="/after"))
    assert place.chat(served).refusal == (404, "no_api")
    url = f"http://{served.host}/after/v1/chat/completions"
    assert place.ask("POST", url, CHAT).reply == HELLO


def test_a_wildcard_domain_matches_one_label(place):
    place.serve(host="*.wild.models.example")
    url = "http://one.wild.models.example/v1/chat/completions"
    assert place.ask("POST", url, CHAT).reply == HELLO
    for host in ("wild.models.example", "a.b.wild.models.example"):
        answer = place.ask("POST", f"http://{host}/v1/chat/completions", CHAT)
        assert answer.refusal == (404, "no_domain")


def test_only_the_selected_built_in_routes_are_served(place):
    config = place.deploy_config([], [{"serviceId": place.service("studio")}], "SingleService")
    api = HttpApi(
        http_api_id="api-1",
        name="selected",
        type="LLM",
        ai_protocols=("OpenAI/v1",),
        model_category="Text",
        deploy_config={**config, "builtinRouteNames": ["create-completion"]},
    )
    assert [route.name for route in routes_of(api, Dialect.default())] == ["create-completion"]


def test_a_custom_route_is_served(place):
    served = place.serve()
    match_ = {"path": {"type": "Exact", "value": "/v1/embeddings"}, "methods": ["POST"]}
    request = models.CreateHttpApiRouteRequest().from_map({"name": "embeddings", "match": match_})
    place.apig.create_http_api_route(served.api_id, request)
    body = {"model": "text-embedding-v4", "input": "x"}
    answer = place.ask("POST", served.url("/v1/embeddings"), body)
    assert (answer.status, place.last(served).route) == (200, "embeddings")


@pytest.mark.parametrize("category", builtin_routes(), ids=str)
def test_every_built_in_route_matches_its_path_and_methods(category):
    for routes in builtin_routes()[category].values():
        for route in routes:
            path = route.path.replace("*", "some-id")
            for method in route.methods:
                matched = match(routes, method, path)
                assert matched is not None
                assert matched.path.startswith(route.path)
            assert match(routes, "OPTIONS", path) is None


def test_path_and_query_are_forwarded_unchanged(place):
    served = place.serve(category="Others")
    query = urllib.parse.urlencode({"after": "a&b=c/d e"})
    answer = place.ask("GET", served.url(f"/v1/models/org%2Fname?{query}"))
    assert (answer.status, answer.json["error"]["code"]) == (404, "model_not_found")
    assert (
        "org/name" in answer.json["error"]["message"]
    )  # one segment of the path: the model's name
    assert _last_path(place) == "/compatible-mode/v1/models/org/name"


HTTPS = {"protocol": "HTTPS", "certIdentifier": "any-text", "forceHttps": False}


def _curl(place: Place, url: str, *arguments: str, **env: str):
    options = arguments or ("%{http_code}",)
    command = ("curl", "-sS", "-o", "/dev/null", "-w", *options, url)
    return place.machine.run(*command, user=place.network.vpc_id, **env)


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("secure.models.example", "secure.models.example"),
        ("*.tls.models.example", "a.tls.models.example"),
    ],
    ids=["exact", "wildcard"],
)
def test_an_https_domain_has_a_certificate_of_the_sandbox(place, domain, host):
    place.serve(host=domain, domain=HTTPS, category="Others")
    url = f"https://{host}/v1/models"
    done = _curl(place, url)
    assert (done.stdout, done.stderr) == ("200", "")
    done = _curl(place, url, CURL_CA_BUNDLE="", SSL_CERT_FILE="")
    assert done.returncode == 60  # the certificate's authority is unknown


@pytest.mark.parametrize(
    ("forced", "status"), [(True, "301"), (False, "200")], ids=["forced", "optional"]
)
def test_an_https_domain_redirects_plain_http_if_forced(place, forced, status):
    served = place.serve(domain={**HTTPS, "forceHttps": forced}, category="Others")
    url = served.url("/v1/models?limit=2")
    secure_url = url.replace("http:", "https:")
    done = _curl(place, url, "%{http_code} %{redirect_url}")
    assert done.stdout == f"{status} {secure_url if forced else ''}"
    assert _curl(place, secure_url).stdout == "200"


def test_an_http_domain_has_no_certificate(place):
    served = place.serve(category="Others")
    done = _curl(place, f"https://{served.host}/v1/models")
    assert done.returncode == 35  # SSL connect error


def test_a_domain_in_its_own_zone_resolves_to_the_gateway(place):
    load_balancer = load_balancer_of(place.cloud, place.gateway_id)
    create_name(place.cloud, place.network, "ai.company.example", load_balancer)
    assert place.chat(place.serve(host="ai.company.example")).reply == HELLO


def test_another_vpc_requires_a_route_to_the_gateway(place):
    other = create_network(place.cloud, "10.60")
    served = place.serve()
    create_name(place.cloud, other, served.host, load_balancer_of(place.cloud, place.gateway_id))
    url = served.url("/v1/chat/completions")
    refused = place.ask("POST", url, CHAT, user=other.vpc_id)
    assert (refused.status, refused.json["code"]) == (502, "SandboxNetwork")
    place.console("peer", vpc_ids=[other.vpc_id, place.network.vpc_id])
    wait_for(lambda: bool(place.cloud.state.vpcs[other.vpc_id].peers), "there is a route")
    assert place.ask("POST", url, CHAT, user=other.vpc_id).reply == HELLO
