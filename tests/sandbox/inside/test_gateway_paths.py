"""Host, base path and route of a request at an AI gateway; HTTPS; names that lead there or do not."""

from __future__ import annotations

import urllib.parse

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import Place, load_balancer_of, make_api, make_network, name_privately, standing, until

from dashlink_sandbox.gateways import HttpApi
from dashlink_sandbox.model_routes import builtin_routes, match, routes_of

HELLO = "qwen-plus heard: hello there"


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _last_path(place: Place) -> str:
    return list(place.cloud.inside.requests)[-1].path


def test_a_base_path_is_removed_where_that_is_declared(place):
    served = place.serve(base_path="/team/a", removeBasePathOnForward=True)
    assert place.chat(served).said == HELLO
    assert _last_path(place) == "/compatible-mode/v1/chat/completions"


def test_a_base_path_that_is_kept_reaches_the_service(place):
    served = place.serve(base_path="/team/b", removeBasePathOnForward=False)
    assert place.chat(served).status == 404  # the provider qwen knows no such path
    assert _last_path(place) == "/team/b/v1/chat/completions"


def test_of_two_base_paths_the_longer_one_decides(place):
    short = place.serve(base_path="/a")
    config = place.apig.get_http_api(short.api_id, models.GetHttpApiRequest()).body.data.deploy_configs[0].to_map()
    make_api(place.cloud, place.body("longer", config, base_path="/a/b"))
    seen = []
    for path in ("/a/v1/chat/completions", "/a/b/v1/chat/completions"):
        body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "x"}]}
        assert place.ask("POST", f"http://{short.host}{path}", body).status == 200
        seen.append(place.last(short).api)
    assert seen == [short.name, "longer"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "/base/v1/embeddings", "no_route"),
        ("GET", "/base/v1/chat/completions", "no_route"),
        ("POST", "/v1/chat/completions", "no_api"),
        ("POST", "/basement/v1/chat/completions", "no_api"),
    ],
)
def test_a_path_that_no_api_has_is_not_found(place, method, path, code):
    served = place.serve(base_path="/base")
    assert place.ask(method, f"http://{served.host}{path}", {}).refusal == (404, code)
    assert place.last(served).refusal == code


def test_a_host_that_no_api_has_is_not_found(place):
    assert place.ask("GET", "http://nobody.models.example/v1/models").refusal == (404, "no_domain")


def test_an_api_that_is_undeployed_is_served_no_more(place):
    served = place.serve()
    request = models.UndeployHttpApiRequest(environment_id=place.environment_id, gateway_id=place.gateway_id)
    place.apig.undeploy_http_api(served.api_id, request)
    assert place.chat(served).refusal == (404, "no_domain")


def test_a_change_is_in_force_at_once(place):
    served = place.serve(base_path="/before")
    place.apig.update_http_api(served.api_id, models.UpdateHttpApiRequest(base_path="/after"))
    assert place.chat(served).refusal == (404, "no_api")
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello there"}]}
    assert place.ask("POST", f"http://{served.host}/after/v1/chat/completions", body).said == HELLO


def test_a_wildcard_domain_stands_for_one_label(place):
    served = place.serve(host="*.wild.models.example")
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello there"}]}
    assert place.ask("POST", "http://one.wild.models.example/v1/chat/completions", body).said == HELLO
    for host in ("wild.models.example", "a.b.wild.models.example"):
        assert place.ask("POST", f"http://{host}/v1/chat/completions", body).refusal == (404, "no_domain"), served


def test_only_the_built_in_routes_that_are_kept_are_served(place):
    config = place.deploy_config([], [{"serviceId": place.service("studio")}], "SingleService")
    kept = HttpApi(
        http_api_id="api-1",
        name="kept",
        type="LLM",
        ai_protocols=("OpenAI/v1",),
        model_category="Text",
        deploy_config={**config, "builtinRouteNames": ["create-completion"]},
    )
    assert [route.name for route in routes_of(kept)] == ["create-completion"]


def test_a_route_of_its_own_is_served(place):
    served = place.serve()
    match_ = {"path": {"type": "Exact", "value": "/v1/embeddings"}, "methods": ["POST"]}
    request = models.CreateHttpApiRouteRequest().from_map({"name": "embeddings", "match": match_})
    place.apig.create_http_api_route(served.api_id, request)
    answer = place.ask("POST", served.url("/v1/embeddings"), {"model": "text-embedding-v4", "input": "x"})
    assert (answer.status, place.last(served).route) == (200, "embeddings")


@pytest.mark.parametrize(
    ("category", "protocol"),
    [(category, protocol) for category, protocols in builtin_routes().items() for protocol in protocols],
)
def test_every_built_in_route_takes_its_own_path_and_methods(category, protocol):
    routes = builtin_routes()[category][protocol]
    for route in routes:
        path = route.path.replace("*", "some-id")
        taken = [match(routes, method, path) for method in route.methods]
        assert all(one is not None and one.path.startswith(route.path) for one in taken)
        assert match(routes, "OPTIONS", path) is None


def test_path_and_query_arrive_as_they_were_written(place):
    served = place.serve(category="Others")
    query = urllib.parse.urlencode({"after": "a&b=c/d e"})
    answer = place.ask("GET", served.url(f"/v1/models/org%2Fname?{query}"))
    assert (answer.status, answer.json["error"]["code"]) == (404, "model_not_found")
    assert "org/name" in answer.json["error"]["message"]  # one step of the path: a model of this name
    assert _last_path(place) == "/compatible-mode/v1/models/org/name"


HTTPS = {"protocol": "HTTPS", "certIdentifier": "any-text"}
CURL = ("-sS", "-o", "/dev/null", "-w", "%{http_code}")


@pytest.mark.parametrize(("host", "asked"), [("secure.models.example", ""), ("*.tls.models.example", "a.tls")])
def test_an_https_domain_has_a_certificate_of_the_sandboxs_authority(place, host, asked):
    served = place.serve(host=host, domain=HTTPS, category="Others")
    name = f"{asked}.models.example" if asked else served.host
    done = place.machine.run("curl", *CURL, f"https://{name}/v1/models", user=place.network.vpc_id)
    assert (done.stdout, done.stderr) == ("200", "")
    nobody = {"CURL_CA_BUNDLE": "", "SSL_CERT_FILE": ""}
    done = place.machine.run("curl", *CURL, f"https://{name}/v1/models", user=place.network.vpc_id, **nobody)
    assert done.returncode == 60  # the certificate is not of an authority that it knows


@pytest.mark.parametrize(("forced", "status"), [(True, "301"), (False, "200")])
def test_an_https_domain_sends_plain_http_to_https_where_that_is_forced(place, forced, status):
    served = place.serve(domain={**HTTPS, "forceHttps": forced}, category="Others")
    url = served.url("/v1/models?limit=2")
    done = place.machine.run("curl", *CURL[:-1], "%{http_code} %{redirect_url}", url, user=place.network.vpc_id)
    to = url.replace("http:", "https:") if forced else ""
    assert done.stdout == f"{status} {to}"
    done = place.machine.run("curl", *CURL, url.replace("http:", "https:"), user=place.network.vpc_id)
    assert done.stdout == "200"


def test_an_http_domain_has_no_certificate(place):
    served = place.serve(category="Others")
    done = place.machine.run("curl", *CURL, f"https://{served.host}/v1/models", user=place.network.vpc_id)
    assert done.returncode == 35  # SSL connect error


def test_a_domain_leads_to_the_gateway_by_a_private_zone_of_its_own(place):
    name_privately(place.cloud, place.network, "ai.company.example", load_balancer_of(place.cloud, place.gateway_id))
    assert place.chat(place.serve(host="ai.company.example")).said == HELLO


def test_another_vpc_reaches_the_gateway_only_by_a_route(place):
    other = make_network(place.cloud, "10.60")
    served = place.serve()
    name_privately(place.cloud, other, served.host, load_balancer_of(place.cloud, place.gateway_id))
    body = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello there"}]}
    refused = place.ask("POST", served.url("/v1/chat/completions"), body, user=other.vpc_id)
    assert (refused.status, refused.json["code"]) == (502, "SandboxNetwork")
    place.console("peer", vpc_ids=[other.vpc_id, place.network.vpc_id])
    until("there is a route", lambda: bool(place.cloud.state.vpcs[other.vpc_id].peers))
    assert place.ask("POST", served.url("/v1/chat/completions"), body, user=other.vpc_id).said == HELLO
