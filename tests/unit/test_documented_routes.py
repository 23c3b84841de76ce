"""The catalog's built-in routes against the tables of "Manage Model APIs": number and methods.

The copy of the page that was available lacks names and paths; its order is the catalog's.
"""

from __future__ import annotations

import pytest

from dashlink.gateway.catalog import (
    ANTHROPIC,
    COMFYUI,
    DASHSCOPE,
    LEGACY_ROUTES,
    OPENAI,
    ROUTES,
    VLLM,
)

GET, POST, BOTH = "GET", "POST", "GET/POST"
ALL = "GET/POST/PUT/PATCH/DELETE"
COMFY = (
    [GET] * 7  # WebSocket, lists of what is installed, and of the models of a folder
    + [POST] * 2  # uploads of an image and a mask
    + [GET] * 3  # an image, metadata of a model, the system
    + [BOTH, GET, GET]  # prompt, node types, one node type
    + [BOTH, GET]  # history, history of a prompt
    + [BOTH, POST, POST]  # queue, interruption, memory
    + [GET, GET, "GET/POST/DELETE", POST, BOTH]  # user data, users
)
DOCUMENTED = {
    ("text", OPENAI): [POST] * 2,
    ("image", DASHSCOPE): [*[POST] * 5, ALL],
    ("image", OPENAI): [POST] * 3,
    ("image", COMFYUI): COMFY,
    ("video", DASHSCOPE): [POST, POST, ALL],
    ("audio", DASHSCOPE): [GET],
    ("audio", OPENAI): [POST],
    ("embedding", OPENAI): [POST],
    ("rerank", DASHSCOPE): [POST],
    ("rerank", VLLM): [POST],
    ("others", OPENAI): [ALL] * 4,
}
NOT_ON_THE_PAGE = {("text", ANTHROPIC)}  # its text names the protocol, and shows no routes


@pytest.mark.parametrize(("scene", "protocol"), DOCUMENTED, ids="-".join)
def test_a_protocol_has_the_documented_routes(scene, protocol):
    routes = ROUTES[scene][protocol]
    assert ["/".join(route.methods) for route in routes] == DOCUMENTED[scene, protocol]


def test_every_protocol_of_a_scene_is_documented():
    catalog = {(scene, protocol) for scene in ROUTES for protocol in ROUTES[scene]}
    assert catalog == set(DOCUMENTED) | NOT_ON_THE_PAGE


def test_the_default_protocol_of_text_is_openai():
    assert next(iter(ROUTES["text"])) == OPENAI


def test_an_older_llm_api_has_three_routes():
    names = [route.name for route in LEGACY_ROUTES]
    assert names == ["create-chat-completion", "create-completion", "create-embedding"]


def test_only_one_route_of_comfyui_is_a_websocket():
    found = [route.name for route in ROUTES["image"][COMFYUI] if route.web_socket]
    assert found == ["websocket"]
