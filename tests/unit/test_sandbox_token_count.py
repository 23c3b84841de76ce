"""Tokens that the sandbox's gateway reads from answers of each protocol."""

from __future__ import annotations

import json

import pytest

from dashlink_sandbox.inside.gateway.relay import TokenCount

OPENAI = {"prompt_tokens": 2, "completion_tokens": 4, "total_tokens": 6}
OTHERS = {"input_tokens": 2, "output_tokens": 4}


@pytest.mark.parametrize(
    "document",
    [
        {"choices": [], "usage": OPENAI},
        {"type": "message_delta", "usage": OTHERS},
        {"type": "response.completed", "response": {"usage": {**OTHERS, "total_tokens": 6}}},
        {"object": "response", "usage": {**OTHERS, "total_tokens": 6}},
    ],
    ids=["chat", "message", "streamed response", "response"],
)
def test_tokens_of_each_protocol_are_counted(document):
    streamed, whole = TokenCount(), TokenCount()
    streamed.feed(f"event: x\ndata: {json.dumps(document)}\n\n".encode())
    whole.feed(json.dumps(document).encode())
    for count in (streamed, whole):
        count.close()
        assert count.tokens == 6


def test_an_answer_without_usage_counts_nothing():
    count = TokenCount()
    count.feed(b'data: {"response": null, "usage": null}\n\ndata: [DONE] usage\n\n')
    count.close()
    assert count.tokens == 0
