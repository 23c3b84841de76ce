"""Built-in routes of a Model API in its outputs: the cloud's where it lists them."""

from __future__ import annotations

import pytest

from dashlink.gateway.catalog import CLIENT_CALLS, ROUTES
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.outputs import model_api_outputs, route_messages
from dashlink.gateway.model_api.routes import (
    Route,
    catalog_routes,
    client_paths,
    differences,
    listed_routes,
)
from dashlink.gateway.model_api.settings import ModelApiSettings

HOST = "models.example.internal"
SCENES = [(scene, protocol) for scene, protocols in ROUTES.items() for protocol in protocols]
CHAT = ("create-chat-completion", "/v1/chat/completions")
COMPLETION = ("create-completion", "/v1/completions")


def chat(**more):
    return ModelApiSettings(**{"scene": "text", "domains": [HOST], "service": "studio", **more})


def rows(*routes, methods=("POST",)):
    return [{"name": name, "path": path, "methods": list(methods)} for name, path in routes]


def outputs(api, listed):
    config = GatewayConfig(domains={HOST: DomainSettings(scheme="http")}, model_apis={"chat": api})
    return model_api_outputs("api-1", "chat", config, ("a word",), listed)


def paths_of(api, listed):
    return client_paths(api, listed_routes(api, listed))


# -- outputs -------------------------------------------------------------------------------------


def test_the_routes_of_the_cloud_are_those_of_the_outputs():
    document = outputs(chat(base_path="/chat"), rows(("chat", "/v2/chat/completions")))
    path = "/chat/v2/chat/completions"
    assert document["routes"] == [{"name": "chat", "path": path, "methods": ["POST"]}]
    assert document["base_urls"] == {"openai": f"http://{HOST}/chat/v2"}
    assert document["domains"] == {HOST: document["base_urls"]}
    assert document["unverified"] == ["a word"]


def test_a_state_without_routes_has_the_outputs_of_the_catalog():
    document = outputs(chat(), None)
    assert [route["path"] for route in document["routes"]] == [CHAT[1], COMPLETION[1]]
    assert document["unverified"] == ["a word"]
    assert not [note for note in document["notes"] if "routes" in note]


def test_routes_that_the_cloud_does_not_list_are_unverified():
    document = outputs(chat(), [])
    assert document["routes"] == outputs(chat(), None)["routes"]
    assert document["unverified"][1:] == [
        "routes, base_urls: dashlink's catalog; the cloud has listed no built-in routes",
        "/v1/responses: whether the API has it, where Codex and `responses.create` of OpenAI's "
        "SDKs ask",
    ]


def test_the_routes_of_the_catalog_leave_no_note_on_routes():
    notes = outputs(chat(), rows(COMPLETION, CHAT))["notes"]
    assert not [note for note in notes if "routes" in note]


# -- calls of clients ----------------------------------------------------------------------------

RESPONSES = ("create-response", "/v1/responses")


def calls(api, listed):
    """The notes on paths that clients call and the API lacks."""
    return [note for note in outputs(api, listed)["notes"] if note.startswith("It has no /")]


def test_an_api_without_responses_says_so_in_its_notes():
    assert calls(chat(), rows(CHAT, COMPLETION)) == [
        "It has no /v1/responses, where Codex and `responses.create` of OpenAI's SDKs ask; "
        "`chat.completions.create` reaches the same models."
    ]
    assert calls(chat(), None) == []  # as the outputs of an earlier version


@pytest.mark.parametrize(
    ("more", "route"),
    [
        ({}, RESPONSES),
        ({}, ("all", "/v1/*")),
        ({"base_path": "/v1"}, ("create-response", "/responses")),
        ({"scene": "image", "protocol": "DashScope"}, ("all", "/api/v1/services/*")),
        ({"scene": "embedding"}, ("create-embedding", "/v1/embeddings")),
    ],
    ids=["path", "prefix", "without a version", "image", "nothing to call"],
)
def test_an_api_that_serves_the_calls_has_no_note(more, route):
    assert calls(chat(**more), rows(CHAT, route)) == []


@pytest.mark.parametrize(
    ("scene", "protocol"),
    [key for key in SCENES if key[1] in CLIENT_CALLS.get(key[0], {})],
    ids=str,
)
def test_each_call_is_in_no_documented_route(scene, protocol):
    routes = [Route(row.name, row.path, row.methods) for row in ROUTES[scene][protocol]]
    for call in CLIENT_CALLS[scene][protocol]:
        assert not any(route.covers(call.path) for route in routes)


# -- base URLs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("scene", "protocol"), SCENES, ids=str)
def test_the_catalogs_routes_give_the_catalogs_base_urls(scene, protocol):
    api = chat(scene=scene, protocol=protocol, base_path="/x")
    routes = catalog_routes(api)
    known = client_paths(api, ())
    assert client_paths(api, routes) == known
    moved = [Route(route.name, f"/moved{route.path}", route.methods) for route in routes]
    expected = {key: f"/moved{path}" for key, path in known[0].items()}
    assert client_paths(api, moved) == (expected, "")


@pytest.mark.parametrize(
    ("more", "listed", "path"),
    [
        ({}, ("x", "/chat/completions"), ""),
        ({}, ("x", "/v1/*"), "/v1"),
        ({}, ("x", "/*"), "/v1"),
        ({}, ("x", "/openai/v1/completions"), "/openai/v1"),
        ({"scene": "embedding"}, ("x", "/v3/embeddings"), "/v3"),
        ({"scene": "others"}, ("x", "/models/*"), ""),
        ({"protocol": "Anthropic"}, ("x", "/anthropic/v1/messages"), "/anthropic"),
        ({"scene": "image"}, ("x", "/studio/api/v1/tasks/*"), "/studio/api/v1"),
        ({"scene": "audio"}, ("text-to-audio", "/ws/v2/inference"), "/ws/v2/inference"),
        ({"routes": ["create-completion"]}, ("create-completion", "/v2/completions"), "/v2"),
    ],
    ids=[
        *("no version", "prefix", "everything", "second route", "embedding", "others"),
        *("anthropic", "tasks", "websocket", "selected"),
    ],
)
def test_a_base_url_is_what_stands_before_the_sdks_path(more, listed, path):
    paths, unverified = paths_of(chat(**more), rows(listed))
    assert (list(paths.values()), unverified) == ([path], "")


def test_a_base_url_that_no_route_shows_is_the_catalogs():
    paths, unverified = paths_of(chat(), rows(("answer", "/v1/responses")))
    assert paths == {"openai": "/v1"}
    assert unverified == (
        "base_urls: dashlink's catalog; no route of the API ends in /chat/completions"
    )


@pytest.mark.parametrize("path", ["/chat/completions", "/v1/chat/completions"], ids=str)
def test_a_base_path_like_the_routes_own_is_read_either_way(path):
    (route,) = listed_routes(chat(base_path="/v1"), rows((CHAT[0], path)))
    assert route.path == CHAT[1]


# -- differences ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        (rows(CHAT, COMPLETION), []),
        (
            rows(("chat", CHAT[1]), COMPLETION),
            ["create-chat-completion POST /v1/chat/completions -> chat POST /v1/chat/completions"],
        ),
        (
            rows((CHAT[0], "/chat"), COMPLETION),
            [
                "create-chat-completion POST /v1/chat/completions -> "
                "create-chat-completion POST /chat"
            ],
        ),
        (
            rows(CHAT),
            ["create-completion POST /v1/completions -> none"],
        ),
        (
            rows(CHAT, COMPLETION, ("create-response", "/v1/responses"), methods=()),
            [
                "create-chat-completion POST /v1/chat/completions -> "
                "create-chat-completion any method /v1/chat/completions",
                "create-completion POST /v1/completions -> "
                "create-completion any method /v1/completions",
                "none -> create-response any method /v1/responses",
            ],
        ),
    ],
    ids=["none", "name", "path", "missing", "methods and new"],
)
def test_each_difference_from_the_catalog_is_found(listed, found):
    api = chat()
    assert list(differences(api, listed_routes(api, listed))) == found


def test_a_difference_is_one_note_with_the_line_to_report():
    (note,) = [note for note in outputs(chat(), rows(CHAT))["notes"] if "routes" in note]
    assert note == (
        "It has built-in routes that differ from dashlink's catalog; the outputs follow the API. "
        "Please report this line: text OpenAI/v1: create-completion POST /v1/completions -> none"
    )


def test_many_differences_are_counted():
    api = chat(scene="image", protocol="ComfyUI")
    listed = [{"name": "all", "path": "/*", "methods": []}]
    (note,) = [note for note in outputs(api, listed)["notes"] if "routes" in note]
    assert note.endswith("; and 20 more")


def test_a_selected_route_that_the_api_lacks_is_one_line():
    api = chat(routes=[CHAT[0], COMPLETION[0]])
    line = (
        "lists create-completion in `routes`, which the API does not have: it has "
        "create-chat-completion."
    )
    assert outputs(api, rows(CHAT))["notes"][-1] == f"It {line}"
    config = GatewayConfig(model_apis={"chat": api})
    assert route_messages(config, {"chat": rows(CHAT)}) == [f"Model API chat: it {line}"]


def test_routes_that_are_not_selected_are_no_difference():
    api = chat(routes=[CHAT[0]])
    assert list(differences(api, listed_routes(api, rows(CHAT, COMPLETION)))) == []
    assert len(outputs(api, rows(CHAT, COMPLETION))["routes"]) == 1


def test_a_message_names_every_api_that_it_concerns():
    apis = {name: chat() for name in "abcdefg"}
    config = GatewayConfig(model_apis=apis)
    listed = dict.fromkeys(apis, rows(CHAT))
    (message,) = route_messages(config, {**listed, "g": None})
    assert message.startswith("Model APIs a, b, c, d, e and 1 more: it has built-in routes")
