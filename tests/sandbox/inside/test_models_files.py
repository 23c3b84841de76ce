"""Files and batches with the real openai SDK."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import OpenAI
from support.inside import API_KEY

from dashlink_sandbox.inside.models import batches, files

CHAT = "/v1/chat/completions"


@pytest.fixture
def client(model_server: str):
    base_url = f"http://{model_server}/compatible-mode/v1"
    with OpenAI(api_key=API_KEY, base_url=base_url, max_retries=0) as client:
        yield client


def upload(client: OpenAI, *lines: Any) -> str:
    content = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return client.files.create(file=("in.jsonl", content.encode()), purpose="batch").id


def line(custom_id: str, model: str = "qwen-plus", url: str = CHAT) -> dict[str, Any]:
    messages = [{"role": "user", "content": f"hello {custom_id}"}]
    body = {"model": model, "messages": messages}
    return {"custom_id": custom_id, "method": "POST", "url": url, "body": body}


def run(client: OpenAI, file_id: str, endpoint: Any = CHAT):
    """Create a batch, and fetch it until it is completed."""
    batch = client.batches.create(input_file_id=file_id, endpoint=endpoint, completion_window="24h")
    seen = [batch.status]
    while batch.status != "completed":
        batch = client.batches.retrieve(batch.id)
        seen.append(batch.status)
    assert seen == ["validating", "in_progress", "completed"]
    return batch


def rows(client: OpenAI, file_id: str | None) -> list[dict[str, Any]]:
    assert file_id is not None
    return [json.loads(row) for row in client.files.content(file_id).text.splitlines()]


def test_a_file_is_uploaded_shown_listed_and_deleted(client):
    file = client.files.create(file=("a.txt", b"text"), purpose="file-extract")
    assert (file.filename, file.bytes, file.purpose) == ("a.txt", 4, "file-extract")
    assert file.id.startswith("file-fe-")
    other = upload(client, line("one"))
    assert client.files.retrieve(file.id) == file
    assert [each.id for each in client.files.list()] == [other, file.id]
    assert [each.id for each in client.files.list(purpose="batch")] == [other]
    assert client.files.content(file.id).content == b"text"
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file.id)


@pytest.mark.parametrize(
    ("content", "purpose"), [(b"", "batch"), (b"x", "fine-tune")], ids=["empty", "purpose"]
)
def test_an_invalid_file_is_refused(client, content, purpose):
    with pytest.raises(openai.BadRequestError):
        client.files.create(file=("a.txt", content), purpose=purpose)


def test_a_batch_answers_each_line_and_reports_refusals(client):
    other = line("four", url="/v1/embeddings")
    batch = run(client, upload(client, line("one"), line("two", "gpt-9"), "{", other))
    assert batch.request_counts.to_dict() == {"total": 4, "completed": 1, "failed": 3}
    (answer,) = rows(client, batch.output_file_id)
    assert (answer["custom_id"], answer["response"]["status_code"]) == ("one", 200)
    choice = answer["response"]["body"]["choices"][0]
    assert choice["message"]["content"] == "qwen-plus heard: hello one"
    errors = rows(client, batch.error_file_id)
    assert [row["custom_id"] for row in errors] == ["two", "", "four"]
    assert errors[0]["error"]["code"] == "model_not_found"


def test_embeddings_are_batched_too(client):
    request = {
        **line("one", url="/v1/embeddings"),
        "body": {"model": "text-embedding-v4", "input": "x", "dimensions": 64},
    }
    batch = run(client, upload(client, request), "/v1/embeddings")
    (answer,) = rows(client, batch.output_file_id)
    assert len(answer["response"]["body"]["data"][0]["embedding"]) == 64
    assert batch.error_file_id is None


def test_the_test_model_answers_at_its_endpoint(client):
    endpoint = "/v1/chat/ds-test"
    file_id = upload(client, line("one", "batch-test-model", endpoint), line("two", url=endpoint))
    batch = run(client, file_id, endpoint)
    (answer,) = rows(client, batch.output_file_id)
    assert answer["response"]["body"]["model"] == "batch-test-model"
    assert batch.request_counts.failed == 1


def test_a_batch_is_cancelled_before_it_is_completed(client):
    file_id = upload(client, line("one"))
    options: dict[str, Any] = {"endpoint": CHAT, "completion_window": "1d"}
    batch = client.batches.create(input_file_id=file_id, **options)
    assert client.batches.cancel(batch.id).status == "cancelled"
    assert client.batches.retrieve(batch.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="the batch is completed"):
        client.batches.cancel(run(client, file_id).id)
    assert len(client.batches.list().data) == 2


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"input_file_id": "file-1"}, openai.NotFoundError),
        ({"endpoint": "/v1/images"}, openai.BadRequestError),
        ({"completion_window": "soon"}, openai.BadRequestError),
    ],
    ids=["file", "endpoint", "window"],
)
def test_an_invalid_batch_is_refused(client, change, error):
    request = {"endpoint": CHAT, "completion_window": "24h"}
    with pytest.raises(error):
        client.batches.create(**{"input_file_id": upload(client, line("x")), **request, **change})


def test_a_file_with_another_purpose_is_no_batch(client):
    file = client.files.create(file=("a.txt", b"text"), purpose="file-extract")
    with pytest.raises(openai.BadRequestError, match="the purpose of the file is file-extract"):
        client.batches.create(input_file_id=file.id, endpoint=CHAT, completion_window="24h")


def test_only_the_latest_files_and_batches_are_stored(client, monkeypatch):
    monkeypatch.setattr(files, "MOST_FILES", 1)
    monkeypatch.setattr(batches, "MOST_BATCHES", 1)
    upload(client, line("one"))
    file_id = upload(client, line("two"))
    assert [each.id for each in client.files.list()] == [file_id]
    options: dict[str, Any] = {"endpoint": CHAT, "completion_window": "24h"}
    first = client.batches.create(input_file_id=file_id, **options)
    client.batches.create(input_file_id=file_id, **options)
    with pytest.raises(openai.NotFoundError):
        client.batches.retrieve(first.id)
