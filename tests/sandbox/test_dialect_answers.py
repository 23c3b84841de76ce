"""Each answer to an open question about APIG, by the official SDK on a cloud of that dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from support.gateways import (
    BY_MODEL,
    Body,
    Place,
    api_keys,
    create_api,
    create_consumer,
    create_service,
    policy,
    refused,
    running_gateway,
)

from dashlink_sandbox.dialects import Dialect, questions
from dashlink_sandbox.keyring import Identity
from dashlink_sandbox.wire.errors import ApiError
from dashlink_sandbox.wire.request import WireRequest

LIMIT = {"limitMode": "TokenPerDay", "limitValue": 1, "matchType": "All"}
SEMANTIC = {"embeddingConfig": {"type": "x"}, "vectorConfig": {"type": "y"}}
TESTED_ELSEWHERE = {
    "cache-modes": "the words below",
    "consumer-keys": "test_apig_consumers.py",
    "service-keys": "test_apig_services.py",
    "service-locks": "test_apig_services.py",
    "service-verification": "test_apig_services.py",
    "late-records": "test_late_records.py",
    "authorizations-of-deleted": "test_late_records.py",
    "upstream-paths": "inside/test_gateway_upstreams.py",
    "custom-paths": "inside/test_gateway_upstreams.py",
    "response-routes": "inside/test_gateway_responses.py",
    "pattern-order": "inside/test_gateway_routing.py",
    "eas-gateway-hosts": "test_provider_eas_gateways.py",
    "eas-acl-default": "test_provider_eas_gateways.py",
    "eas-acl-refusal": "inside/test_eas_gateways.py",
    "gateway-way-out": "inside/test_way_out.py",
    "eas-read-back": "test_provider_eas_json.py",
    "maas-moderation": "inside/test_maas_errors.py",
    "maas-refused-status": "inside/test_maas_errors.py",
    "maas-token-limit": "inside/test_maas_errors.py",
}
HERE = {
    *("routing-by-model", "protocol-anthropic", "protocol-dashscope", "protocol-vllm"),
    *("protocol-comfyui", "limit-types", "limit-global", "limit-requests", "limit-concurrency"),
    *("cache-key", "eas-endpoint-types", "dry-run-checks", "dry-run-answer", "deployed-apis"),
    *("route-paths", "route-names", "route-versions", "image-routes", "legacy-category"),
    *("empty-credentials", "list-without-gateway-type", "name-conflicts", "absent-routes"),
    *("absent-fields", "service-protocols"),
}


def test_every_question_is_tested():
    assert HERE | set(TESTED_ELSEWHERE) == set(questions())


@contextmanager
def _cloud(**choices: str) -> Iterator[Place]:
    dialect = Dialect.of({name.replace("_", "-"): option for name, option in choices.items()})
    with running_gateway(dialect=dialect) as place:
        yield place


def _body(place: Place, *policies: Body, **changed: Any) -> Body:
    services = [{"serviceId": place.service("studio")}]
    config = place.deploy_config([], services, "SingleService", *policies)
    return place.body(place.new_name("api"), config, **changed)


def _api(place: Place, api_id: str) -> Body:
    return place.apig.get_http_api(api_id, models.GetHttpApiRequest()).body.data.to_map()


def _update(place: Place, api_id: str, **body: Any) -> None:
    request = models.UpdateHttpApiRequest().from_map({"basePath": "/", **body})
    place.apig.update_http_api(api_id, request)


def _by_model(place: Place, scene: str) -> Body:
    row = {"serviceId": place.service("studio"), "modelNamePattern": "*"}
    return place.body(place.new_name("api"), place.deploy_config([], [row], scene))


def _by_eas(place: Place, word: str) -> None:
    eas = {"endpointType": word, "workspaceId": "1", "serviceName": "chat"}
    unset = {"address": None, "apiKeys": None}
    name = place.new_name("eas")
    create_service(
        place.cloud, place.gateway_id, name, provider="pai-eas", paiEASServiceConfig=eas, **unset
    )


def _limited(place: Place, **rule: Any) -> None:
    rows = "globalRules" if "Global" in rule["limitType"] else "rules"
    limit = policy("AiTokenRateLimit", **{rows: [{**LIMIT, "matchKey": "k", **rule}]})
    create_api(place.cloud, _body(place, limit))


def _cached(place: Place, **cache: Any) -> None:
    create_api(place.cloud, _body(place, policy("AiCache", **cache)))


def _spoken(place: Place, category: str, word: str) -> None:
    create_api(place.cloud, _body(place, category=category, protocol=word))


# Question -> a call that sends a word, and the words of each option.
SENT: dict[str, tuple[Any, dict[str, tuple[str, ...]]]] = {
    "protocol-anthropic": (lambda place, word: _spoken(place, "Text", word), {}),
    "protocol-dashscope": (lambda place, word: _spoken(place, "Image", word), {}),
    "protocol-vllm": (lambda place, word: _spoken(place, "Rerank", word), {}),
    "protocol-comfyui": (lambda place, word: _spoken(place, "Image", word), {}),
    "limit-types": (
        lambda place, word: _limited(place, limitType=word),
        {
            "Consumer": ("Consumer", "Header", "Query", "Cookie", "IP", "Model"),
            "LimitByConsumer": ("LimitByConsumer", "LimitByCookie", "LimitByIP", "LimitByModel"),
        },
    ),
    "limit-global": (lambda place, word: _limited(place, limitType=word), {}),
    "limit-requests": (
        lambda place, word: _limited(place, limitType="Model", limitMode=word),
        {
            "RequestPerMinute": ("RequestPerSecond", "RequestPerMonth"),
            "QueryPerMinute": ("QueryPerSecond", "QueryPerMonth"),
        },
    ),
    "limit-concurrency": (
        lambda place, word: _limited(place, limitType="Model", limitMode=word),
        {},
    ),
    "cache-modes": (
        lambda place, word: _cached(place, cacheMode=word, **SEMANTIC),
        {"exact": ("exact", "semantic"), "NORMAL": ("NORMAL", "SEMANTIC")},
    ),
    "cache-key": (
        lambda place, word: _cached(place, cacheMode="exact", cacheKeyStrategy=word),
        {},
    ),
    "eas-endpoint-types": (_by_eas, {"vpc": ("vpc", "public"), "private": ("private", "public")}),
    "routing-by-model": (
        lambda place, word: create_api(place.cloud, _by_model(place, word)),
        {},
    ),
}


@pytest.mark.parametrize("name", SENT, ids=str)
def test_a_cloud_takes_the_words_of_its_dialect_alone(name):
    send, words = SENT[name]
    of_option = {option: words.get(option, (option,)) for option in questions()[name].options}
    everything = {word for row in of_option.values() for word in row}
    for option, own in of_option.items():
        with _cloud(**{name: option}) as place:
            for word in own:
                send(place, word)
            for word in everything.difference(own):
                listed = name == "routing-by-model" and word == BY_MODEL
                with refused(
                    "Sandbox.UnsupportedParameter" if listed else "InvalidParameter.WithValue"
                ):
                    send(place, word)


@pytest.mark.parametrize("field", ["protocols", "compatibleProtocols"], ids=str)
def test_the_protocols_of_a_service_may_be_validated(field):
    with _cloud(service_protocols="checked", protocol_anthropic="anthropic/v1") as place:
        create_service(place.cloud, place.gateway_id, "well", **{field: ["anthropic/v1", "HTTP"]})
        with refused("InvalidParameter.WithValue", field=f"aiServiceConfig.{field}"):
            create_service(place.cloud, place.gateway_id, "bad", **{field: ["Anthropic"]})
    with _cloud() as place:
        create_service(place.cloud, place.gateway_id, "free", **{field: ["Messages"]})


def test_a_dry_run_may_validate_no_word():
    with _cloud(dry_run_checks="structure") as place:
        body = _by_model(place, "MultiServiceByMood")
        request = models.CreateHttpApiRequest().from_map({**body, "dryRun": True})
        assert place.apig.create_http_api(request).body.code == "Ok"
        request = models.CreateHttpApiRequest().from_map({**body, "dryRun": True, "basePath": "x"})
        with refused("InvalidParameter.WithValue", field="basePath"):
            place.apig.create_http_api(request)
        with refused("InvalidParameter.WithValue", field="backendScene"):
            create_api(place.cloud, body)


def test_a_dry_run_that_passes_may_be_an_error():
    with _cloud(dry_run_answer="DryRunOperation") as place:
        body = _body(place)
        with refused("DryRunOperation"):
            create_api(place.cloud, {**body, "dryRun": True})
        with refused("InvalidParameter.WithValue", field="basePath"):
            create_api(place.cloud, {**body, "dryRun": True, "basePath": "x"})
        api_id = create_api(place.cloud, body)
        with refused("DryRunOperation"):
            _update(place, api_id, basePath="/other", dryRun=True)
        assert _api(place, api_id)["basePath"] == "/"


def _raw(place: Place, method: str, path: str, body: Body, **query: str) -> Any:
    """Call an action by raw JSON, as the SDK sends lists and dryRun in its own way."""
    headers = {"x-acs-version": "2024-03-27"}
    request = WireRequest(method, path, query, headers, json.dumps(body).encode())
    account = place.cloud.cloud.catalog.accounts[0]
    return place.cloud.cloud.perform(request, Identity(account, account.arn), "127.0.0.1")


@pytest.mark.parametrize(
    "action", ["create in the query", "update in the body", "service"], ids=str
)
def test_a_dry_run_in_another_place_changes_nothing(running, action):
    api_id = running.serve(base_path="/kept").api_id
    config = {"provider": "qwen", "address": "https://a.example"}
    service = {"gatewayId": running.gateway_id, "sourceType": "AI"}
    service["serviceConfigs"] = [{"name": "unmade", "aiServiceConfig": config}]
    before = len(running.cloud.state.http_apis), len(running.cloud.state.ai_services)
    calls = {
        "create in the query": lambda: _raw(
            running, "POST", "/v1/http-apis", _body(running), dryRun="true"
        ),
        "update in the body": lambda: _raw(
            running, "PUT", f"/v1/http-apis/{api_id}", {"basePath": "/other", "dryRun": True}
        ),
        "service": lambda: _raw(running, "POST", "/v1/services", {**service, "dryRun": True}),
    }
    with pytest.raises(ApiError) as caught:
        calls[action]()
    assert caught.value.code == "Sandbox.UnsupportedParameter"
    assert "dryRun" in caught.value.message
    after = len(running.cloud.state.http_apis), len(running.cloud.state.ai_services)
    assert (after, _api(running, api_id)["basePath"]) == (before, "/kept")


def test_a_deployed_api_may_be_deletable():
    with _cloud(deployed_apis="deletable") as place:
        api_id = place.serve().api_id
        place.apig.delete_http_api(api_id, models.DeleteHttpApiRequest())
        with refused("DatabaseError.RecordNotFound", 404):
            _api(place, api_id)


def test_a_dry_run_of_a_deletion_checks_whether_it_is_deployed(running):
    served = running.serve()
    dry_run = models.DeleteHttpApiRequest(dry_run=True)
    with refused("Conflict.HttpApiDeployed", 409):
        running.apig.delete_http_api(served.api_id, dry_run)
    target = {"environment_id": running.environment_id, "gateway_id": running.gateway_id}
    running.apig.undeploy_http_api(served.api_id, models.UndeployHttpApiRequest(**target))
    assert running.apig.delete_http_api(served.api_id, dry_run).body.code == "Ok"
    assert _api(running, served.api_id)["name"] == served.name


@pytest.fixture(scope="module")
def running() -> Iterator[Place]:
    """A gateway in a cloud of the default dialect."""
    with running_gateway() as place:
        yield place


def _routes(place: Place, **body: Any) -> list[tuple[str, str]]:
    api_id = place.serve(base_path="/team", **body).api_id
    request = models.ListHttpApiRoutesRequest(page_size=100)
    rows = place.apig.list_http_api_routes(api_id, request).body.data.items
    return [(row.name, row.match.path.value) for row in rows]


@pytest.mark.parametrize(
    ("choices", "first"),
    [
        ({}, ("create-chat-completion", "/team/v1/chat/completions")),
        (
            {"route_paths": "without-base-path"},
            ("create-chat-completion", "/v1/chat/completions"),
        ),
        (
            {"route_names": "v1-chat-completions"},
            ("v1-chat-completions", "/team/v1/chat/completions"),
        ),
        ({"route_versions": "none"}, ("create-chat-completion", "/team/chat/completions")),
        (
            {"route_names": "v1-chat-completions", "route_versions": "none"},
            ("v1-chat-completions", "/team/chat/completions"),
        ),
    ],
    ids=["default", "paths", "names", "versions", "names and versions"],
)
def test_built_in_routes_are_the_dialects(choices, first):
    with _cloud(**choices) as place:
        assert _routes(place)[0] == first
        name = first[0]
        config = place.deploy_config([], [{"serviceId": place.service("studio")}], "SingleService")
        create_api(place.cloud, place.body("named", {**config, "builtinRouteNames": [name]}))


@pytest.mark.parametrize(("option", "path"), [("v1", "/v1"), ("none", "")], ids=["v1", "none"])
def test_a_gateway_serves_the_paths_of_its_routes(option, path):
    chat = {"model": "qwen-plus", "messages": [{"role": "user", "content": "hello"}]}
    with _cloud(route_versions=option) as place:
        served = place.serve(base_path="/team")
        answer = place.ask("POST", served.url(f"{path}/chat/completions"), chat)
        assert answer.reply == "qwen-plus heard: hello"
        other = "/v1" if not path else ""
        answer = place.ask("POST", served.url(f"{other}/chat/completions"), chat)
        assert answer.refusal == (404, "no_route")


@pytest.mark.parametrize(("option", "there"), [("absent", False), ("present", True)], ids=str)
def test_image_apis_may_have_the_route_of_newer_models(option, there):
    with _cloud(image_routes=option) as place:
        names = [name for name, _ in _routes(place, category="Image", protocol="DashScope")]
        assert ("multimodal-generation" in names) is there


@pytest.mark.parametrize(("option", "category"), [("absent", None), ("Text", "Text")], ids=str)
def test_an_api_without_a_category_may_be_returned_with_one(option, category):
    with _cloud(legacy_category=option) as place:
        body = _body(place)
        del body["modelCategory"]
        assert _api(place, create_api(place.cloud, body)).get("modelCategory") == category


@pytest.mark.parametrize(("option", "left"), [("cleared", 0), ("ignored", 1)], ids=str)
def test_empty_credentials_clear_or_are_ignored(option, left):
    with _cloud(empty_credentials=option) as place:
        consumer_id = create_consumer(place.cloud, "team-a", **api_keys("sk-one"))
        empty = models.UpdateConsumerRequest().from_map(api_keys())
        place.apig.update_consumer(consumer_id, empty)
        consumer = place.apig.get_consumer(consumer_id).body.data
        assert len(consumer.api_key_identity_config.credentials) == left


@pytest.mark.parametrize(("option", "found"), [("all", 1), ("cloud-native", 0)], ids=str)
def test_a_list_without_a_gateway_type_may_lack_ai_gateways(option, found):
    with _cloud(list_without_gateway_type=option) as place:
        name = place.serve().name
        for filters, number in (({}, found), ({"gateway_type": "AI"}, 1)):
            request = models.ListHttpApisRequest(name=name, **filters)
            assert len(place.apig.list_http_apis(request).body.data.items) == number


@pytest.mark.parametrize("option", ["NameExisted", "NameDuplicate"], ids=str)
def test_a_name_that_is_taken_has_the_code_of_the_dialect(option):
    with _cloud(name_conflicts=option) as place:
        with refused(f"Conflict.HttpApi{option}", 409):
            create_api(place.cloud, {**_body(place), "name": place.serve().name})
        with refused(f"Conflict.Service{option}", 409):
            create_service(place.cloud, place.gateway_id, "studio")


@pytest.mark.parametrize(("option", "left"), [("kept", 1), ("cleared", 0)], ids=str)
def test_absent_fields_of_a_deploy_configuration(option, left):
    with _cloud(absent_fields=option) as place:
        served = place.serve(policies=[policy("AiCache", cacheMode="exact")])
        sent = dict(place.cloud.state.http_apis[served.api_id].deploy_config)
        for name in ("policyConfigs", "customDomainIds"):
            del sent[name]
        body = {"basePath": "/", "deployConfigs": [sent]}
        _raw(place, "PUT", f"/v1/http-apis/{served.api_id}", body)
        stored = place.cloud.state.http_apis[served.api_id].deploy_config
        assert len(stored.get("policyConfigs", ())) == left
        assert len(stored.get("customDomainIds", ())) == left


@pytest.mark.parametrize(("option", "left"), [("all", 2), ("kept", 1)], ids=str)
def test_absent_routes_of_a_deploy_configuration(option, left):
    with _cloud(absent_routes=option) as place:
        config = place.deploy_config([], [{"serviceId": place.service("studio")}], "SingleService")
        selected = {**config, "builtinRouteNames": ["create-completion"]}
        api_id = create_api(place.cloud, place.body("selected", selected))
        body = {"basePath": "/", "deployConfigs": [config]}
        _raw(place, "PUT", f"/v1/http-apis/{api_id}", body)
        rows = place.apig.list_http_api_routes(api_id, models.ListHttpApiRoutesRequest())
        assert len(rows.body.data.items) == left
