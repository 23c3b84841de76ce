"""The commands for a deployed stack, debug and delete-api: what they print, send and change."""

from __future__ import annotations

import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support.cli import dashlink


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
    """Repeats the message; the model `none` is refused, and the answer of `half` breaks off."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append((self.path, self.headers.get("Authorization"), body))
        if body["model"] == "none":
            self.answer(
                401,
                "application/json",
                json.dumps({"error": {"message": "no such key", "code": "denied"}}),
            )
            return
        message = body["messages"][-1]["content"]
        if not body.get("stream"):
            choice = {
                "index": 0,
                "message": {"role": "assistant", "content": f"You: {message}"},
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
        parts = [chunk("You: "), chunk(message)]
        if body["model"] == "half":
            parts.append({"error": {"message": "gone", "code": "internal_error"}})
        else:
            parts.append(
                chunk("", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}], usage=USAGE)
            )
        lines = [f"data: {json.dumps(part)}\n\n" for part in parts]
        self.answer(200, "text/event-stream", "".join([*lines, "data: [DONE]\n\n"]))

    def answer(self, status, content_type, text):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def models():
    with ThreadingHTTPServer(("127.0.0.1", 0), Models) as server:
        server.requests = []
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.shutdown()
        serving.join(timeout=10)


def debug(models, tmp_path, *arguments, stdin="", api=None, **env):
    (tmp_path / "outputs.json").write_text(outputs(api or model_api("chat", models.server_port)))
    arguments = ("debug", "--outputs", "outputs.json", "--api", "chat", *arguments)
    env = {"MODEL_API_KEY": "key-of-search", **env}
    return dashlink(*arguments, cwd=tmp_path, stdin=stdin, **env)


def test_debug_streams_the_answer_and_prints_the_statistics(models, tmp_path):
    arguments = [
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
    done = debug(models, tmp_path, *arguments)
    answer, line, other = done.stdout.splitlines()
    assert (done.returncode, done.stderr, answer) == (0, "", "You: Hi")
    assert other.startswith("  answered by qwen-plus, not by m: a fallback, or ")
    times = r"first byte after \d+\.\d\d s, all after \d+\.\d\d s"
    assert re.fullmatch(rf"  \[qwen-plus, stop, 5 \+ 7 = 12 tokens, {times}\]", line)
    ((path, key, body),) = models.requests
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


def test_debug_sends_the_key_of_another_variable_unstreamed(models, tmp_path):
    done = debug(
        models, tmp_path, "--model", "m", "--no-stream", "--key-env", "MINE", "Hi", MINE="my-key"
    )
    assert done.stdout.splitlines()[0] == "You: Hi"
    assert models.requests[0][1] == "Bearer my-key"
    assert not models.requests[0][2].get("stream")


def test_debug_sends_no_key_to_an_api_without_authentication(models, tmp_path):
    free = model_api("chat", models.server_port, auth=None, consumers=[])
    assert debug(models, tmp_path, "--model", "m", "Hi", api=free).returncode == 0
    assert models.requests[0][1] is None


def test_debug_sends_the_history_of_a_conversation(models, tmp_path):
    done = debug(models, tmp_path, "--model", "m", stdin="one\ntwo\n\nthree\n")
    assert [line for line in done.stdout.splitlines() if not line.startswith("  ")] == [
        "You: one",
        "You: two",
    ]
    assert [message["content"] for message in models.requests[1][2]["messages"]] == [
        "one",
        "You: one",
        "two",
    ]
    assert len(models.requests) == 2


def test_debug_accepts_a_name_of_a_wildcard_domain(models, tmp_path):
    domains = {"*.0.0.1": {"openai": f"http://*.0.0.1:{models.server_port}/chat/v1"}}
    document = outputs(model_api("chat", host="*.0.0.1", domains=domains))
    arguments = ("debug", "-", "--api", "chat", "--model", "m", "Hi")
    wild = dashlink(*arguments, cwd=tmp_path, stdin=document, MODEL_API_KEY="k")
    assert (wild.returncode, wild.stderr) == (
        1,
        "--domain: *.0.0.1 is a wildcard. Name one of its names.\n",
    )
    done = dashlink(
        *arguments, "--domain", "127.0.0.1", cwd=tmp_path, stdin=document, MODEL_API_KEY="k"
    )
    assert done.stdout.startswith("You: Hi\n")


@pytest.mark.parametrize(
    ("arguments", "env", "others", "code", "line"),
    [
        (["--model", "none", "Hi"], {}, {}, 1, "chat: 401, the API key is refused: no such key."),
        (["--model", "half", "Hi"], {}, {}, 1, "chat: the upstream broke off the answer: gone."),
        (
            ["--model", "m", "Hi"],
            {"MODEL_API_KEY": ""},
            {},
            1,
            "MODEL_API_KEY: not set, and chat requires a key. Set it to the key of search",
        ),
        (
            ["--model", "m", "Hi"],
            {},
            {"auth": "ak-sk"},
            1,
            "--api: chat requires signed requests, which debug does not support.",
        ),
        (
            ["--model", "m", "Hi"],
            {},
            {"scene": "audio", "protocol": "DashScope"},
            1,
            "--api: the outputs of chat have no URL websocket-inference, which audio in DashScope "
            "needs",
        ),
        (
            ["--model", "m", "Hi"],
            {},
            {"routes": [{"name": "c", "path": "/v1/completions", "methods": ["POST"]}]},
            1,
            "--api: chat has no route for /chat/completions, only /v1/completions.",
        ),
        (
            ["--model", "m", "--param", "top_k", "Hi"],
            {},
            {},
            2,
            "--param: not NAME=VALUE (got top_k).",
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
    ids=[
        "refused-key",
        "broken-off",
        "key-not-set",
        "signed-requests",
        "other-scene",
        "no-chat-route",
        "parameter-without-value",
        "reserved-parameter",
        "unknown-domain",
        "two-sources",
    ],
)
def test_debug_reports_a_failure_in_one_line(models, tmp_path, arguments, env, others, code, line):
    api = model_api("chat", models.server_port, **others)
    done = debug(models, tmp_path, *arguments, api=api, **env)
    assert done.returncode == code
    assert line in done.stderr
    assert "Traceback" not in done.stderr
    assert "key-of-search" not in done.stderr + done.stdout


URN = "urn:pulumi:prod::dashlink::dashlink:gateway:"


def resource(name_of_type, own, identity, protect=True, **inputs):
    token = f"dashlink:gateway:{name_of_type}"
    return {
        "urn": f"{URN}{name_of_type}::{own}",
        "type": token,
        "id": identity,
        "protect": protect,
        "inputs": inputs,
    }


def authorization(api, *consumers, protect=True):
    return resource(
        "ModelApiAuthorization",
        f"{api}-consumers",
        f"api-{api}/env-1",
        protect,
        consumerIds=[f"cs-{consumer}" for consumer in consumers],
        modelApiId=f"api-{api}",
    )


def older_authorization(consumer, api, protect=True):
    """A consumer's authorization in a state of 0.1.0.dev1."""
    return resource(
        "ConsumerAuthorization",
        f"{api}-for-{consumer}",
        f"cs-{consumer}/1",
        protect,
        consumerId=f"cs-{consumer}",
        modelApiId=f"api-{api}",
    )


STATE = [
    resource("Consumer", "consumer-search", "cs-search", name="search"),
    resource("Consumer", "consumer-batch", "cs-batch", name="batch"),
    {**resource("ModelApi", "old-chat", "api-old", name="chat"), "delete": True},
    resource("ModelApi", "api-chat", "api-chat", name="chat"),
    resource("ModelApi", "api-free", "api-free", protect=False, name="free"),
]
AUTHORIZATIONS = [
    authorization("chat", "batch", "search"),
    authorization("free", "batch", protect=False),
]
OLDER_AUTHORIZATIONS = [
    older_authorization("search", "chat"),
    older_authorization("batch", "chat", protect=False),
    older_authorization("batch", "free", protect=False),
]


def write_state(folder, authorizations):
    deployment = {"resources": [*STATE, *authorizations]}
    (folder / "state.json").write_text(json.dumps({"version": 3, "deployment": deployment}))


@pytest.fixture
def pulumi(tmp_path):
    """A `pulumi` with one stack, which records what it is asked to unprotect."""
    (tmp_path / "outputs.json").write_text(
        outputs(
            model_api("chat", consumers=["batch", "search"], services=["studio", "spare"]),
            model_api("free"),
        )
    )
    write_state(tmp_path, AUTHORIZATIONS)
    script = tmp_path / "bin" / "pulumi"
    script.parent.mkdir()
    script.write_text(
        f"""#!/bin/sh
case "$1 $2" in
  "stack output") cat {tmp_path}/outputs.json ;;
  "stack export") cat {tmp_path}/state.json ;;
  *) echo "$@" >> {tmp_path}/done
     test ! -e {tmp_path}/broken || {{ echo "error: locked" >&2; exit 1; }} ;;
esac
"""
    )
    script.chmod(0o755)
    return tmp_path


def delete_api(pulumi, *arguments, stdin=""):
    path = f"{pulumi / 'bin'}:{os.environ['PATH']}"
    done = dashlink("delete-api", "prod", "--api", *arguments, cwd=pulumi, stdin=stdin, path=path)
    recorded = pulumi / "done"
    if not recorded.exists():
        return done, []
    return done, recorded.read_text().splitlines()


USES = """\
chat: chat (api-chat), text, OpenAI/v1
  consumers  batch, search
  domains    127.0.0.1: http://127.0.0.1:443/chat/v1
  services   studio, spare
"""
LIFTED = f"""\
  protection lifted  chat-consumers
  protection lifted  api-chat
Remove chat from dashlink:model_apis in Pulumi.prod.yaml; then `up` deletes it.
As long as it is there, each `up` protects it again.
Its consumer search is authorized for no other API: authorize it for one, or remove it too.
  It is protected too. To lift that: \
pulumi state unprotect --stack prod '{URN}Consumer::consumer-search'
"""


def test_delete_api_lifts_the_protection_of_that_api_alone(pulumi):
    done, unprotected = delete_api(pulumi, "chat", "--confirm", "chat")
    assert (done.returncode, done.stdout, done.stderr) == (0, USES + LIFTED, "")
    unprotect = f"state unprotect --yes {URN}"
    assert unprotected == [
        f"{unprotect}ModelApiAuthorization::chat-consumers --stack prod --non-interactive",
        f"{unprotect}ModelApi::api-chat --stack prod --non-interactive",
    ]


def test_delete_api_prints_its_plan_as_json(pulumi):
    done, unprotected = delete_api(pulumi, "chat", "--json")
    plan = json.loads(done.stdout)
    assert (done.returncode, unprotected) == (0, [])
    assert plan == {
        "version": 1,
        "stack": "prod",
        "api": "chat",
        "name": "chat",
        "api_id": "api-chat",
        "scene": "text",
        "protocol": "OpenAI/v1",
        "consumers": ["batch", "search"],
        "domains": {"127.0.0.1": {"openai": "http://127.0.0.1:443/chat/v1"}},
        "services": ["studio", "spare"],
        "protected": [
            f"{URN}ModelApiAuthorization::chat-consumers",
            f"{URN}ModelApi::api-chat",
        ],
        "lifted": False,
        "exclusive_consumers": [
            {"name": "search", "urn": f"{URN}Consumer::consumer-search", "protected": True}
        ],
    }
    confirmed, unprotected = delete_api(pulumi, "chat", "--json", "--confirm", "chat")
    assert json.loads(confirmed.stdout) == {**plan, "lifted": True}
    assert len(unprotected) == 2


def test_delete_api_understands_the_state_of_an_older_version(pulumi):
    write_state(pulumi, OLDER_AUTHORIZATIONS)
    done, unprotected = delete_api(pulumi, "chat", "--confirm", "chat")
    assert done.stdout == USES + LIFTED.replace("chat-consumers", "chat-for-search")
    assert "ConsumerAuthorization::chat-for-search" in unprotected[0]
    assert len(unprotected) == 2


def test_delete_api_finds_what_a_refused_up_no_longer_declares(pulumi):
    (pulumi / "outputs.json").write_text(outputs(model_api("free")))
    in_stack = resource("ModelApi", "access-gateway-api-chat", "api-chat", name="chat-v2")
    longer = resource("ModelApi", "access-gateway-api-my-api-chat", "api-my", name="my")
    deployment = {"resources": [longer, in_stack, *AUTHORIZATIONS]}
    (pulumi / "state.json").write_text(json.dumps({"deployment": deployment}))
    done, unprotected = delete_api(pulumi, "chat", "--confirm", "chat-v2")
    assert done.stdout.startswith(
        "chat: chat-v2, which the settings of the last `up` no longer have\n"
        "  protection lifted  chat-consumers\n"
        "  protection lifted  access-gateway-api-chat\n"
    )
    assert (done.returncode, len(unprotected)) == (0, 2)


def test_delete_api_prompts_for_the_name(pulumi):
    done, unprotected = delete_api(pulumi, "chat", stdin="chat\n")
    assert (
        done.stdout
        == f"{USES}Its clients lose access once it is deleted. Type its name to continue: {LIFTED}"
    )
    assert (done.returncode, len(unprotected)) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [(["--confirm", "chap"], ""), ([], "chap\n"), ([], "\n"), ([], "")],
    ids=["option", "typed", "empty-line", "no-input"],
)
def test_delete_api_with_a_wrong_name_changes_nothing(pulumi, arguments, stdin):
    done, unprotected = delete_api(pulumi, "chat", *arguments, stdin=stdin)
    assert (done.returncode, unprotected) == (1, [])
    assert "Traceback" not in done.stderr


def test_delete_api_reports_an_api_that_is_not_protected(pulumi):
    done, unprotected = delete_api(pulumi, "free")
    assert done.stdout.endswith(
        "free is not protected.\n"
        "Remove free from dashlink:model_apis in Pulumi.prod.yaml; then `up` deletes it.\n"
    )
    assert (done.returncode, unprotected) == (0, [])


def test_delete_api_stops_where_pulumi_fails(pulumi):
    (pulumi / "broken").touch()
    done, unprotected = delete_api(pulumi, "chat", "--confirm", "chat")
    assert (done.returncode, done.stderr) == (
        1,
        "stack prod: `pulumi state unprotect` failed: locked\n",
    )
    assert len(unprotected) == 1


def test_delete_api_without_pulumi_reports_it(tmp_path):
    done = dashlink("delete-api", "prod", "--api", "chat", cwd=tmp_path, path=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "pulumi: not on PATH. Install the Pulumi CLI.\n")
