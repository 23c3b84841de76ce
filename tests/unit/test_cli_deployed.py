"""The commands that ask a deployed stack, debug and delete-api: what they print, send and change, each as a process."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

DASHLINK = str(Path(sys.executable).with_name("dashlink"))


def dashlink(*words, cwd, said="", path=None, **env):
    environment = {
        "PATH": path or os.environ["PATH"],
        "HOME": str(cwd),
        "NO_COLOR": "1",
        "COLUMNS": "200",
        **env,
    }
    return subprocess.run(
        [DASHLINK, *words],
        cwd=cwd,
        input=said,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def model_api(name, port=443, **others):
    url = f"http://127.0.0.1:{port}/{name}/v1"
    return {
        "api_id": f"api-{name}",
        "name": name,
        "scene": "text",
        "protocol": "OpenAI/v1",
        "scheme": "http",
        "host": "127.0.0.1",
        "domains": {"127.0.0.1": {"openai": url}},
        "base_urls": {"openai": url},
        "routes": [],
        "auth": "api-key",
        "consumers": ["search"],
        "services": ["studio"],
        **others,
    }


def outputs(*apis):
    return json.dumps(
        {
            "version": 1,
            "stack": "prod",
            "region": "cn-beijing",
            "vpc_id": "vpc-1",
            "vswitch_ids": {},
            "security_group_id": "sg-1",
            "endpoints": {},
            "model_apis": {api["name"]: api for api in apis},
        }
    )


def chunk(text, **others):
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
    return {
        "id": "1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "qwen-plus",
        "choices": [choice],
        **others,
    }


USAGE = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}


class Models(BaseHTTPRequestHandler):
    """Answers every question with its own last words; a question for the model `none` is refused, `half` is cut."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers.get("Authorization"), body))
        if body["model"] == "none":
            self.answer(
                401,
                "application/json",
                json.dumps({"error": {"message": "no such key", "code": "denied"}}),
            )
            return
        said = body["messages"][-1]["content"]
        if not body.get("stream"):
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": f"You: {said}"},
                "finish_reason": "stop",
            }
            whole = {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": "qwen-plus",
                "choices": [choice],
            }
            self.answer(200, "application/json", json.dumps({**whole, "usage": USAGE}))
            return
        parts = [chunk("You: "), chunk(said)]
        if body["model"] == "half":
            parts.append({"error": {"message": "gone", "code": "internal_error"}})
        else:
            parts.append(
                chunk("", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], usage=USAGE)
            )
        lines = [f"data: {json.dumps(part)}\n\n" for part in parts]
        self.answer(200, "text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))

    def answer(self, status, kind, text):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words):
        pass


@pytest.fixture
def models():
    with ThreadingHTTPServer(("127.0.0.1", 0), Models) as server:
        server.asked = []
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join(timeout=10)


def debug(models, tmp_path, *words, said="", api=None, **env):
    (tmp_path / "outputs.json").write_text(outputs(api or model_api("chat", models.server_port)))
    words = ("debug", "--outputs", "outputs.json", "--api", "chat", *words)
    return dashlink(*words, cwd=tmp_path, said=said, **{"MODEL_API_KEY": "key-of-search", **env})


def test_debug_streams_the_answer_and_then_counts(models, tmp_path):
    words = [
        "--model",
        "m",
        "--system",
        "Be short.",
        "--param",
        "temperature=0.2",
        "--param",
        "user=me",
        "Hi",
    ]
    done = debug(models, tmp_path, *words)
    answer, line = done.stdout.splitlines()
    assert (done.returncode, done.stderr, answer) == (0, "", "You: Hi")
    times = r"first byte after \d+\.\d\d s, all after \d+\.\d\d s"
    assert re.fullmatch(rf"  \[qwen-plus, stop, 5 \+ 7 = 12 tokens, {times}\]", line)
    ((path, key, body),) = models.asked
    assert (path, key) == ("/chat/v1/chat/completions", "Bearer key-of-search")
    assert body["messages"] == [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": "Hi"},
    ]
    assert (body["model"], body["stream"], body["temperature"], body["user"]) == (
        "m",
        True,
        0.2,
        "me",
    )


def test_debug_asks_without_a_stream_and_with_the_key_of_another_variable(models, tmp_path):
    done = debug(
        models, tmp_path, "--model", "m", "--no-stream", "--key-env", "MINE", "Hi", MINE="my-key"
    )
    assert done.stdout.splitlines()[0] == "You: Hi"
    assert models.asked[0][1] == "Bearer my-key"
    assert not models.asked[0][2].get("stream")


def test_debug_sends_no_key_to_an_api_that_asks_for_none(models, tmp_path):
    free = model_api("chat", models.server_port, auth=None, consumers=[])
    assert debug(models, tmp_path, "--model", "m", "Hi", api=free).returncode == 0
    assert models.asked[0][1] is None


def test_debug_keeps_the_history_of_a_conversation(models, tmp_path):
    done = debug(models, tmp_path, "--model", "m", said="one\ntwo\n\nthree\n")
    assert [line for line in done.stdout.splitlines() if not line.startswith("  [")] == [
        "You: one",
        "You: two",
    ]
    assert [message["content"] for message in models.asked[1][2]["messages"]] == [
        "one",
        "You: one",
        "two",
    ]
    assert len(models.asked) == 2


def test_debug_reads_outputs_from_standard_input_and_dials_a_name_of_a_wildcard(models, tmp_path):
    domains = {"*.0.0.1": {"openai": f"http://*.0.0.1:{models.server_port}/chat/v1"}}
    document = outputs(model_api("chat", host="*.0.0.1", domains=domains))
    words = ("debug", "-", "--api", "chat", "--model", "m", "Hi")
    wild = dashlink(*words, cwd=tmp_path, said=document, MODEL_API_KEY="k")
    assert (wild.returncode, wild.stderr) == (
        1,
        "--domain: *.0.0.1 stands for many names. Name one of them.\n",
    )
    done = dashlink(*words, "--domain", "127.0.0.1", cwd=tmp_path, said=document, MODEL_API_KEY="k")
    assert done.stdout.startswith("You: Hi\n")


@pytest.mark.parametrize(
    ("words", "env", "others", "code", "line"),
    [
        (["--model", "none", "Hi"], {}, {}, 1, "chat: 401, the key is refused: no such key."),
        (["--model", "half", "Hi"], {}, {}, 1, "chat: the upstream broke the answer off: gone."),
        (
            ["--model", "m", "Hi"],
            {"MODEL_API_KEY": ""},
            {},
            1,
            "MODEL_API_KEY: not set, and chat asks for a key. Set",
        ),
        (
            ["--model", "m", "Hi"],
            {},
            {"auth": "ak-sk"},
            1,
            "--api: callers of chat sign their requests, which is not",
        ),
        (
            ["--model", "m", "Hi"],
            {},
            {"scene": "image", "protocol": "DashScope"},
            1,
            "--api: chat is of scene image and speaks DashScope; only text with OpenAI/v1 can be asked here.",
        ),
        (
            ["--model", "m", "--param", "top_k", "Hi"],
            {},
            {},
            2,
            "--param: no NAME=VALUE (got top_k).",
        ),
        (
            ["--model", "m", "--param", "stream=true", "Hi"],
            {},
            {},
            1,
            "chat: stream is not a parameter.",
        ),
        (
            ["--model", "m", "--domain", "models.x", "Hi"],
            {},
            {},
            2,
            "--domain: no such domain of chat (got models.x).",
        ),
        (["--model", "m", "prod", "Hi"], {}, {}, 2, "name one of: a stack, --outputs FILE, or -"),
    ],
)
def test_debug_says_what_is_wrong_in_one_line(models, tmp_path, words, env, others, code, line):
    api = model_api("chat", models.server_port, **others)
    done = debug(models, tmp_path, *words, api=api, **env)
    assert done.returncode == code
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert "key-of-search" not in done.stderr + done.stdout


URN = "urn:pulumi:prod::dashlink::dashlink:gateway:"


def resource(kind, own, identity, protect=True, **inputs):
    token = f"dashlink:gateway:{kind}"
    return {
        "urn": f"{URN}{kind}::{own}",
        "type": token,
        "id": identity,
        "protect": protect,
        "inputs": inputs,
    }


def right(consumer, api, **others):
    return resource(
        "ConsumerAuthorization", f"{api}-for-{consumer}", f"cs-{consumer}/1", consumerId=f"cs-{consumer}",
        modelApiId=f"api-{api}", **others,
    )  # fmt: skip


STATE = [
    resource("Consumer", "consumer-search", "cs-search", name="search"),
    resource("Consumer", "consumer-batch", "cs-batch", name="batch"),
    {**resource("ModelApi", "old-chat", "api-old", name="chat"), "delete": True},
    resource("ModelApi", "api-chat", "api-chat", name="chat"),
    resource("ModelApi", "api-free", "api-free", protect=False, name="free"),
    right("search", "chat"),
    right("batch", "chat", protect=False),
    right("batch", "free", protect=False),
]


@pytest.fixture
def pulumi(tmp_path):
    """A `pulumi` that knows one stack and notes what it is told to unprotect."""
    (tmp_path / "outputs.json").write_text(
        outputs(
            model_api("chat", consumers=["batch", "search"], services=["studio", "spare"]),
            model_api("free"),
        )
    )
    (tmp_path / "state.json").write_text(
        json.dumps({"version": 3, "deployment": {"resources": STATE}})
    )
    script = tmp_path / "bin" / "pulumi"
    script.parent.mkdir()
    script.write_text(
        f"""#!/bin/sh
case "$1 $2" in
  "stack output") cat {tmp_path}/outputs.json ;;
  "stack export") cat {tmp_path}/state.json ;;
  *) echo "$@" >> {tmp_path}/done; test ! -e {tmp_path}/broken || {{ echo "error: locked" >&2; exit 1; }} ;;
esac
"""
    )
    script.chmod(0o755)
    return tmp_path


def delete_api(pulumi, *words, said=""):
    path = f"{pulumi / 'bin'}:{os.environ['PATH']}"
    done = dashlink("delete-api", "prod", "--api", *words, cwd=pulumi, said=said, path=path)
    told = pulumi / "done"
    return done, told.read_text().splitlines() if told.exists() else []


USES = """\
chat: chat (api-chat), text, OpenAI/v1
  consumers  batch, search
  domains    127.0.0.1: http://127.0.0.1:443/chat/v1
  services   studio, spare
"""
LIFTED = f"""\
  protection lifted  chat-for-search
  protection lifted  api-chat
Take chat out of dashlink:model_apis of Pulumi.prod.yaml, then `up` deletes it.
An `up` that still finds it there protects it again.
Its consumer search may call nothing else: let it in elsewhere, or take it out too.
  It is protected too; to lift that: pulumi state unprotect --stack prod '{URN}Consumer::consumer-search'
"""


def test_delete_api_shows_the_use_and_lifts_the_protection_of_that_api_alone(pulumi):
    done, told = delete_api(pulumi, "chat", "--confirm", "chat")
    assert (done.returncode, done.stdout, done.stderr) == (0, USES + LIFTED, "")
    unprotect = f"state unprotect --yes --stack prod {URN}"
    assert told == [
        f"{unprotect}ConsumerAuthorization::chat-for-search --non-interactive",
        f"{unprotect}ModelApi::api-chat --non-interactive",
    ]


def test_delete_api_asks_for_the_name(pulumi):
    done, told = delete_api(pulumi, "chat", said="chat\n")
    assert (
        done.stdout
        == f"{USES}Its clients get no answer once it is deleted. Type its name to go on: {LIFTED}"
    )
    assert (done.returncode, len(told)) == (0, 2)


@pytest.mark.parametrize(
    ("words", "said"), [(["--confirm", "chap"], ""), ([], "chap\n"), ([], "\n"), ([], "")]
)
def test_delete_api_with_a_wrong_name_changes_nothing(pulumi, words, said):
    done, told = delete_api(pulumi, "chat", *words, said=said)
    assert (done.returncode, told) == (1, [])
    assert "Traceback" not in done.stderr


def test_delete_api_of_what_is_not_protected_says_so(pulumi):
    done, told = delete_api(pulumi, "free")
    assert done.stdout.endswith(
        "free is not protected.\nTake free out of dashlink:model_apis of Pulumi.prod.yaml, then `up` deletes it.\n"
    )
    assert (done.returncode, told) == (0, [])


def test_delete_api_stops_where_pulumi_refuses(pulumi):
    (pulumi / "broken").touch()
    done, told = delete_api(pulumi, "chat", "--confirm", "chat")
    assert (done.returncode, done.stderr) == (
        1,
        "stack prod: `pulumi state unprotect` fails: locked\n",
    )
    assert len(told) == 1


def test_delete_api_without_pulumi_says_so(tmp_path):
    done = dashlink("delete-api", "prod", "--api", "chat", cwd=tmp_path, path=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "pulumi: not on PATH. Install it.\n")
