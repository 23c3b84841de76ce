"""The outputs: their shape is read strictly, and one function builds all base URLs."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from dashlink.clients.outputs import base_urls, parse_outputs
from dashlink.errors import OutputsError

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*/outputs.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_the_schema_and_the_reader_agree(path):
    document = json.loads(path.read_text())
    schema = json.loads((ROOT / "schemas" / "outputs.schema.json").read_text())
    jsonschema.validate(document, schema)
    read = json.loads(parse_outputs(document).model_dump_json(exclude_unset=True))
    assert read == document


def test_websockets_get_the_scheme_that_matches_http():
    paths = {"openai": "/v1", "websocket-inference": "/ws"}
    assert base_urls("https", "h", paths) == {
        "openai": "https://h/v1",
        "websocket-inference": "wss://h/ws",
    }
    assert base_urls("http", "h", paths) == {
        "openai": "http://h/v1",
        "websocket-inference": "ws://h/ws",
    }


@pytest.mark.parametrize("base_path", ["/chat", "/chat/"], ids=["plain", "slash-at-the-end"])
def test_a_base_path_precedes_every_path(base_path):
    urls = base_urls("https", "h", {"openai": "/v1", "comfyui": ""}, base_path=base_path)
    assert urls == {"openai": "https://h/chat/v1", "comfyui": "https://h/chat"}


def test_every_fault_of_a_document_is_reported_at_once():
    document = json.loads(GOLDEN[0].read_text())
    del document["vpc_id"]
    document["endpoints"]["dashscope"]["scheme"] = "ftp"
    with pytest.raises(OutputsError) as caught:
        parse_outputs(document)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "outputs.endpoints.dashscope.scheme",
        "outputs.vpc_id",
    ]


def test_keys_of_a_newer_version_are_accepted():
    document = json.loads(GOLDEN[0].read_text())
    document["more"] = {"of": ["a newer version"]}
    document["endpoints"]["dashscope"]["more"] = 1
    assert parse_outputs(document).endpoints["dashscope"].host


def changed(path, value):
    """The outputs of a case with one value replaced."""
    document = json.loads((ROOT / "tests/golden/public/outputs.json").read_text())
    *parents, last = path
    target = document
    for key in parents:
        target = target[key]
    target[last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (["endpoints", "../../evil"], {}, "not a valid name (got ../../evil)"),
        (["endpoints", "/etc"], {}, "not a valid name (got /etc)"),
        (["endpoints", "dashscope", "notes"], ["one\nKEY=2"], "contains a line break"),
        (["endpoints", "dashscope", "notes"], ["one\u2028KEY=2"], "contains a line break"),
        (["endpoints", "dashscope", "host"], "h\nKEY=2", "contains a line break"),
        (["endpoints", "dashscope", "host"], "h; rm -r .", "not a host"),
        (
            ["endpoints", "dashscope", "base_urls", "openai"],
            "https://h/'; id; '",
            "contains a quote",
        ),
        (["endpoints", "dashscope", "base_urls", "openai"], "https://h/$(id)", "contains a quote"),
        (["endpoints", "dashscope", "base_urls", "openai"], "https://h/;id", "not a URL"),
        (["endpoints", "dashscope", "base_urls", "openai"], "file:///etc", "not a URL"),
        (["endpoints", "dashscope", "base_urls", "openai"], "h", "not a URL"),
        (["stack"], 'dev"""; import os', "contains a quote"),
        (["stack"], "dev\x1b[31m", "contains a line break or a control character"),
    ],
    ids=[
        "folder-above",
        "root-folder",
        "note-of-two-lines",
        "note-with-a-separator",
        "host-of-two-lines",
        "host-with-a-command",
        "quoted-command",
        "substituted-command",
        "command",
        "other-scheme",
        "no-scheme",
        "end-of-a-docstring",
        "terminal-control",
    ],
)
def test_text_that_could_leave_its_place_is_refused(path, value, problem):
    with pytest.raises(OutputsError) as caught:
        parse_outputs(changed(path, value))
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)
