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
    document["more"] = 1
    with pytest.raises(OutputsError) as caught:
        parse_outputs(document)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "outputs.endpoints.dashscope.scheme",
        "outputs.more",
        "outputs.vpc_id",
    ]
