"""The built-in routes of a Model API, as the provider reads them from the cloud's list."""

from __future__ import annotations

import pytest

from dashlink.provider.gateway.model_api_routes import read_routes

CHAT = "/v1/chat/completions"


def row(name, path, *, kind="Exact", methods=("POST",), **more):
    match = {"path": {"type": kind, "value": path}, "methods": list(methods)}
    return {"name": name, "match": match, "builtin": "true", **more}


def paths(rows, base_path="/"):
    return {route.name: route.path for route in read_routes(rows, base_path)}


@pytest.mark.parametrize(
    ("base_path", "path"),
    [("/", CHAT), ("/chat", CHAT), ("/chat", f"/chat{CHAT}"), ("/a/b.c", f"/a/b.c{CHAT}")],
    ids=["root", "without the base path", "with the base path", "longer base path"],
)
def test_a_path_is_read_relative_to_the_base_path(base_path, path):
    assert paths([row("chat", path)], base_path) == {"chat": CHAT}


def test_a_base_path_is_removed_from_all_paths_or_from_none():
    rows = [row("chat", "/v1/chat"), row("models", "/models")]
    assert paths(rows, "/v1") == {"chat": "/v1/chat", "models": "/models"}
    assert paths([row("chat", "/chatter/v1")], "/chat") == {"chat": "/chatter/v1"}
    rows = [row("chat", "/a/v1/chat"), row("own", "^/a/v1/.*", kind="Regex")]
    assert paths(rows, "/a") == {"chat": "/v1/chat", "own": "^/a/v1/.*"}


@pytest.mark.parametrize(
    ("kind", "value", "path"),
    [
        ("Prefix", "/v1/models", "/v1/models/*"),
        ("Prefix", "/v1/models/", "/v1/models/*"),
        ("Prefix", "/", "/*"),
        ("Exact", "/v1/models", "/v1/models"),
        ("Regex", "/v1/models/[a-z]+", "/v1/models/[a-z]+"),
    ],
    ids=["prefix", "prefix with a slash", "everything", "exact", "regex"],
)
def test_a_prefix_has_a_star_at_its_end(kind, value, path):
    assert paths([row("models", value, kind=kind)]) == {"models": path}


@pytest.mark.parametrize(
    ("builtin", "is_read"),
    [({"builtin": "false"}, False), ({"builtin": False}, False), ({"builtin": True}, True)],
    ids=["false as text", "false", "true"],
)
def test_routes_of_the_users_own_are_left_out(builtin, is_read):
    assert bool(read_routes([row("own", "/own", **builtin)], "/")) == is_read


def test_a_row_that_names_no_kind_is_built_in():
    rows = [{"name": "chat", "match": {"path": {"value": CHAT}}}, {"name": "bare"}]
    assert paths(rows) == {"chat": CHAT, "bare": "/"}
    assert [route.methods for route in read_routes(rows, "/")] == [(), ()]


def test_routes_are_sorted_by_name():
    rows = [row("b", "/b"), row("a", "/a", methods=["GET", "POST"])]
    read = read_routes(rows, "/")
    assert [route.name for route in read] == ["a", "b"]
    assert read[0].methods == ("GET", "POST")
