"""The commands for a stack's settings, route and diagram: exact output and exit codes."""

from __future__ import annotations

import json

import pytest
from support.cli import dashlink

SETTINGS = """
config:
  alicloud:region: cn-beijing
  dashlink:protected: true
  dashlink:network: {cidr: 10.20.0.0/16, zones: [cn-beijing-h, cn-beijing-k]}
  dashlink:endpoints:
    dashscope: {service: com.aliyuncs.dashscope}
  dashlink:gateway: {}
  dashlink:domains:
    models.example.internal: {certificate_id: 123-cn-hangzhou}
  dashlink:ai_services:
    studio: {endpoint: dashscope, api_keys: [{config: studioKey}], default_model: qwen-plus}
    spare: {endpoint: dashscope, api_keys: [{config: studioKey}]}
    other: {base_url: "https://models.example.com/v1", api_keys: [{config: studioKey}]}
  dashlink:consumers:
    search: {api_keys: [{config: searchKey}]}
  dashlink:model_apis:
    chat:
      scene: text
      domains: models.example.internal
      base_path: /chat
      by_model:
        - {match: "qwen-*", service: studio}
        - {match: "gpt-*", service: other, model: gpt-latest}
      default: none
      fallbacks:
        - {service: spare, model: qwen-turbo}
        - {service: other, model: qwen-flash}
      consumers: [search]
    split:
      scene: text
      domains: models.example.internal
      base_path: /split
      by_weight:
        - {service: studio, weight: 90}
        - {service: other, weight: 10, model: qwen-max}
      fallbacks: [{service: spare, model: qwen-turbo}]
      fallback_only_on_upstream_codes: true
      consumers: []
    plain:
      scene: text
      domains: models.example.internal
      base_path: /plain
      service: studio
      consumers: []
  dashlink:studioKey: {secure: v1:AAAA}
  dashlink:searchKey: {secure: v1:BBBB}
"""
BEARER = {"source": "header", "name": "Authorization", "prefix": "Bearer "}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "Pulumi.prod.yaml").write_text(SETTINGS)
    return tmp_path


ROUTES = {
    "--api chat --model qwen-max": """\
chat: qwen-max is answered by studio
  studio  qwen-max    answers  qwen-max fits qwen-*
  spare   qwen-turbo  waits    fallback 1, if studio answers 4xx or 5xx, or cannot be reached
  other   qwen-flash  waits    fallback 2, if spare answers 4xx or 5xx, or cannot be reached
  key    header Authorization: Bearer KEY, of search
  POST /chat/v1/chat/completions, POST /chat/v1/completions (dashlink's catalog)
""",
    "--api chat --model gpt-5 --fail other=429": """\
chat: gpt-5 is answered by spare
  other  gpt-latest  fails with 429  gpt-5 fits gpt-*
  spare  qwen-turbo  answers         fallback 1, because other fails with 429
  other  qwen-flash  waits           fallback 2, if spare answers 4xx or 5xx, or cannot be reached
  key    header Authorization: Bearer KEY, of search
  POST /chat/v1/chat/completions, POST /chat/v1/completions (dashlink's catalog)
""",
    "--api split --model qwen-plus": """\
split: qwen-plus is answered by studio or other
  90 %  studio  qwen-plus   answers  90 % by weight
        spare   qwen-turbo  waits    fallback 1, if studio answers 4xx or 5xx
  10 %  other   qwen-max    answers  10 % by weight
        spare   qwen-turbo  waits    fallback 1, if other answers 4xx or 5xx
  key    none: every client that reaches the gateway may call it
  POST /split/v1/chat/completions, POST /split/v1/completions (dashlink's catalog)
""",
    "--api plain --model ": """\
plain: no model is answered by studio
  studio  qwen-plus  answers  the API's one service
  key    none: every client that reaches the gateway may call it
  POST /plain/v1/chat/completions, POST /plain/v1/completions (dashlink's catalog)
""",
}
FAILURES = {
    "--api chat --model qwen-max --fail studio=down --fail spare=503 --fail other=404": """\
chat: qwen-max fails with 404
  studio  qwen-max    cannot be reached  qwen-max fits qwen-*
  spare   qwen-turbo  fails with 503     fallback 1, because studio cannot be reached
  other   qwen-flash  fails with 404     fallback 2, because spare fails with 503
  key    header Authorization: Bearer KEY, of search
  POST /chat/v1/chat/completions, POST /chat/v1/completions (dashlink's catalog)
""",
    "--api chat --model claude": """\
chat: claude is refused with 404: no pattern fits, and there is no default
  key    header Authorization: Bearer KEY, of search
  POST /chat/v1/chat/completions, POST /chat/v1/completions (dashlink's catalog)
""",
    "--api split --model qwen-plus --fail other=down": """\
split: qwen-plus fails with 503, 10 % of the requests
  90 %  studio  qwen-plus   answers            90 % by weight
        spare   qwen-turbo  waits              fallback 1, if studio answers 4xx or 5xx
  10 %  other   qwen-max    cannot be reached  10 % by weight
        spare   qwen-turbo  waits              fallback 1, which only an answer of 4xx or 5xx starts
  key    none: every client that reaches the gateway may call it
  POST /split/v1/chat/completions, POST /split/v1/completions (dashlink's catalog)
""",
}


def test_commands_print_the_warnings_of_the_settings(project):
    file = project / "stacks" / "Pulumi.prod.yaml"
    file.write_text(SETTINGS.replace("      consumers: []\n", ""))
    arguments = "--api plain --model "
    done = dashlink("route", "prod", *arguments.split(" "), cwd=project)
    assert (done.returncode, done.stdout) == (0, ROUTES[arguments])
    assert done.stderr == (
        "warning: stacks/Pulumi.prod.yaml: model_apis: no consumers: every client that reaches the "
        "gateway may use the keys of the AI services (got plain, split). List `consumers`, or "
        "write `consumers: []` where that is intended.\n"
    )


@pytest.mark.parametrize("arguments", ROUTES, ids=["pattern", "fallback", "weights", "one-service"])
def test_route_shows_the_service_and_its_fallbacks(project, arguments):
    done = dashlink("route", "prod", *arguments.split(" "), cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (0, ROUTES[arguments], "")


@pytest.mark.parametrize("arguments", FAILURES, ids=["all-fail", "no-pattern", "a-share-fails"])
def test_route_exits_with_1_where_a_request_fails(project, arguments):
    done = dashlink("route", "prod", *arguments.split(" "), cwd=project)
    assert (done.returncode, done.stdout, done.stderr) == (1, FAILURES[arguments], "")


def test_route_prints_the_same_as_json(project):
    done = dashlink(
        "route",
        "--api",
        "chat",
        "--model",
        "qwen-max",
        "--fail",
        "studio=down",
        "--json",
        cwd=project,
    )
    assert json.loads(done.stdout) == {
        "version": 1,
        "api": "chat",
        "model": "qwen-max",
        "status": 200,
        "why": "qwen-max fits qwen-*",
        "branches": [
            {
                "share_percent": 100,
                "status": 200,
                "attempts": [
                    {
                        "service": "studio",
                        "model": "qwen-max",
                        "status": None,
                        "why": "qwen-max fits qwen-*",
                    },
                    {"service": "spare", "model": "qwen-turbo", "status": 200, "why": "fallback 1"},
                ],
                "unused": [
                    {"service": "other", "model": "qwen-flash", "status": 200, "why": "fallback 2"}
                ],
            }
        ],
        "routes": [
            {
                "name": "create-chat-completion",
                "path": "/chat/v1/chat/completions",
                "methods": ["POST"],
            },
            {"name": "create-completion", "path": "/chat/v1/completions", "methods": ["POST"]},
        ],
        "routes_from": "catalog",
        "auth": "api-key",
        "keys": [{"consumer": "search", "enabled": True, "key_in": BEARER}],
        "limits": [],
    }


LIMITED = """
    limited:
      scene: text
      domains: models.example.internal
      base_path: /limited
      service: studio
      consumers: [search, query, batch]
      limits:
        - {tokens: 1000, by: consumer}
        - {requests: 5, per: hour, by: header, key: x-team, value: a}
        - {concurrent: 2}
        - {tokens: 7, per: day, by: model, value: qwen-max}
        - {tokens: 9, per: month, by: ip}
"""
CONSUMERS = """
    query: {api_keys: [{config: searchKey}], api_key_query: key}
    batch: {api_keys: [{config: searchKey}], api_key_headers: [x-key], enabled: false}
"""


@pytest.fixture
def limited(project):
    text = SETTINGS.replace("\n    plain:", f"{LIMITED}    plain:")
    text = text.replace("[{config: searchKey}]}\n", f"[{{config: searchKey}}]}}{CONSUMERS}", 1)
    (project / "stacks" / "Pulumi.prod.yaml").write_text(text)
    return project


def test_route_shows_each_key_and_the_limits_that_apply(limited):
    done = dashlink("route", "--api", "limited", "--model", "qwen-plus", cwd=limited)
    assert done.stdout.splitlines()[2:-1] == [
        "  key    header Authorization: Bearer KEY, of search",
        "  key    query parameter key=KEY, of query",
        "  key    header x-key: KEY, of batch (not enabled)",
        "  limit  1,000 tokens a minute of each consumer, then 429",
        "  limit  5 requests a hour with the header x-team: a, then 429",
        "  limit  2 requests at a time of all requests together, then 429",
        "  limit  9 tokens a month of each address, then 429",
    ]
    document = json.loads(
        dashlink("route", "--api", "limited", "--model", "qwen-max", "--json", cwd=limited).stdout
    )
    assert [key["enabled"] for key in document["keys"]] == [True, True, False]
    assert [limit["by"] for limit in document["limits"]][3:] == ["model", "ip"]


HOST = "https://models.example.internal"
NOT_FOUND = {
    "https://others.example.internal/chat/v1/chat/completions": (
        "no API under the domain others.example.internal; there are models.example.internal"
    ),
    f"{HOST}/chats/v1/chat/completions": (
        "no API of models.example.internal has a base path of /chats/v1/chat/completions; there "
        "are /chat, /plain, /split"
    ),
    f"{HOST}/chat/v1/embeddings": (
        "chat has no route for POST /chat/v1/embeddings; it has POST /chat/v1/chat/completions, "
        "POST /chat/v1/completions"
    ),
}


@pytest.mark.parametrize("url", NOT_FOUND, ids=["domain", "base-path", "route"])
def test_route_explains_a_404_of_the_gateway(project, url):
    arguments = ("route", "--url", url, "--model", "qwen-plus")
    done = dashlink(*arguments, cwd=project)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{url} is refused with 404: {NOT_FOUND[url]}\n"
    assert json.loads(dashlink(*arguments, "--json", cwd=project).stdout) == {
        "version": 1,
        "url": url,
        "api": None,
        "branches": [],
        "status": 404,
        "why": NOT_FOUND[url],
    }


def test_route_selects_the_api_of_a_url(project):
    url = f"{HOST}/chat/v1/chat/completions"
    done = dashlink("route", "--url", url, "--model", "qwen-max", cwd=project)
    assert (done.returncode, done.stdout) == (0, ROUTES["--api chat --model qwen-max"])
    get = dashlink("route", "--url", url, "--method", "get", "--model", "m", cwd=project)
    assert "refused with 404: chat has no route for GET" in get.stdout


def deployed(**apis):
    """Outputs of a stack with Model APIs that have these routes."""
    return json.dumps(
        {
            "version": 1,
            "stack": "prod",
            "region": "cn-beijing",
            "vpc_id": "vpc-1",
            "vswitch_ids": {},
            "security_group_id": "sg-1",
            "endpoints": {},
            "model_apis": {name: deployed_api(name, routes) for name, routes in apis.items()},
        }
    )


def deployed_api(name, paths):
    host = "models.example.internal"
    return {
        "api_id": "api-1",
        "name": name,
        "scene": "text",
        "protocol": "OpenAI/v1",
        "scheme": "https",
        "host": host,
        "domains": {host: {}},
        "base_urls": {},
        "routes": [{"name": path, "path": path, "methods": []} for path in paths],
        "auth": None,
        "consumers": [],
        "services": ["studio"],
    }


def test_route_shows_the_routes_of_the_deployed_api(project):
    (project / "outputs.json").write_text(deployed(plain=["/plain/a", "/b", "/c", "/d", "/e"]))
    arguments = ("route", "--api", "plain", "--model", "m", "--outputs", "outputs.json")
    done = dashlink(*arguments, cwd=project)
    assert done.stdout.splitlines()[-1] == (
        "  any method /plain/a, any method /b, any method /c and 2 more (as deployed)"
    )
    document = json.loads(dashlink(*arguments, "--json", cwd=project).stdout)
    assert document["routes"][0] == {"name": "/plain/a", "path": "/plain/a", "methods": []}
    assert (len(document["routes"]), document["routes_from"]) == (5, "outputs")


def test_route_refuses_outputs_without_the_api(project):
    (project / "outputs.json").write_text(deployed(other=[]))
    arguments = ("route", "--api", "plain", "--model", "m", "--outputs", "outputs.json")
    done = dashlink(*arguments, cwd=project)
    assert (done.returncode, done.stdout) == (1, "")
    assert "--outputs: no Model API plain in these outputs. Run `up`" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (["--api", "chta"], 2, "--api: no such Model API (got chta). Did you mean chat?"),
        (["--url", "models.example.internal"], 2, "--url: not a URL (got models.example.internal)"),
        (["--api", "chat", "--url", HOST], 2, "name one of: --api NAME, --url URL"),
        (
            ["--api", "chat", "--fail", "studo=503"],
            2,
            "--fail: no such AI service (got studo). Did you mean studio?",
        ),
        (
            ["--api", "chat", "--fail", "spare"],
            2,
            "--fail: not a failure (got spare). Write spare=503, or spare=down.",
        ),
        (["--api", "chat", "--fail", "spare=200"], 2, "--fail: not a failure (got spare=200)."),
        (
            ["--api", "chat", "--settings", "x.yaml"],
            1,
            "x.yaml: cannot be read: No such file or directory. Name a file",
        ),
        (
            ["prod", "--api", "chat", "--settings", "x.yaml"],
            2,
            "name one of: a stack, --settings FILE",
        ),
        (
            ["prdo", "--api", "chat"],
            1,
            "STACK: no file Pulumi.prdo.yaml in stacks. Did you mean prod?",
        ),
    ],
    ids=[
        "unknown-api",
        "no-url",
        "api-and-url",
        "unknown-service",
        "no-status",
        "no-failure",
        "missing-file",
        "stack-and-file",
        "unknown-stack",
    ],
)
def test_a_mistake_is_one_line_without_a_traceback(project, arguments, code, line):
    done = dashlink("route", *arguments, "--model", "m", cwd=project)
    assert done.returncode == code
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_the_stack_is_the_argument_or_a_variable_or_the_only_one(project):
    arguments = ["route", "--api", "plain", "--model", "m"]
    assert dashlink(*arguments, cwd=project).returncode == 0
    (project / "stacks" / "Pulumi.dev.yaml").write_text("config: {}")
    many = dashlink(*arguments, cwd=project)
    assert (many.returncode, many.stderr) == (
        1,
        "STACK: more than one stack. Name one of dev, prod, or set PULUMI_STACK.\n",
    )
    assert dashlink(*arguments, cwd=project, PULUMI_STACK="prod").returncode == 0
    assert dashlink(*arguments, "me/dashlink/prod", cwd=project, PULUMI_STACK="dev").returncode == 0
    elsewhere = dashlink(*arguments, cwd=project / "stacks")
    assert elsewhere.stderr == (
        "stacks: no Pulumi.STACK.yaml in this folder. Run the command in the folder that contains "
        "it, or name a file by --settings FILE.\n"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "config: {",
            "s.yaml:1: invalid YAML: expected the node content, but found '<stream end>'. "
            "Correct it there.\n",
        ),
        ("[]", "s.yaml: config: no map of settings. Name the Pulumi.STACK.yaml of a stack.\n"),
        (
            SETTINGS.replace(
                "dashlink:searchKey: {secure: v1:BBBB}", "dashlink:searchKey: something"
            ),
            "s.yaml: consumers.search.api_keys.0: dashlink:searchKey is in plain text. "
            "Revoke it, and store a new one: `pulumi config set --secret dashlink:searchKey`.\n",
        ),
        (
            SETTINGS.replace("cidr: 10.20.0.0/16", "cidr: {secure: v1:CCCC}"),
            "s.yaml: network: encrypted, but ",
        ),
        (
            SETTINGS.replace("dashlink:model_apis", "dashlink:model_api"),
            "s.yaml: model_api: unknown key. Did you mean",
        ),
        (
            f"{SETTINGS}  dashlink:searchKey: sk-0123456789abcdef0123\n",
            's.yaml:48: invalid YAML: found duplicate key "dashlink:searchKey". '
            "Correct it there.\n",
        ),
    ],
    ids=[
        "no-yaml",
        "no-map",
        "plain-secret",
        "encrypted-section",
        "unknown-key",
        "duplicate-key",
    ],
)
def test_a_fault_of_the_settings_is_reported_with_its_file(tmp_path, text, message):
    (tmp_path / "s.yaml").write_text(text)
    done = dashlink("diagram", "--settings", "s.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert "sk-0123" not in done.stderr


def test_route_without_model_apis_reports_it(tmp_path):
    without_gateway = SETTINGS[: SETTINGS.index("  dashlink:gateway")]
    (tmp_path / "s.yaml").write_text(without_gateway)
    done = dashlink("route", "--settings", "s.yaml", "--api", "chat", "--model", "m", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        1,
        "--api: the stack has no Model API. Add one to its settings.\n",
    )


def test_diagram_prints_mermaid_and_writes_dot(project):
    text = dashlink("diagram", cwd=project)
    assert text.stdout.startswith('---\ntitle: "prod, cn-beijing"\nconfig:\n')
    assert 'n_api_chat["chat<br/>Model API, text, OpenAI/v1"]' in text.stdout
    one = dashlink("diagram", "--api", "chat", cwd=project)
    assert "n_api_chat[" in one.stdout
    assert "n_api_plain[" not in one.stdout
    unknown = dashlink("diagram", "--api", "chatt", cwd=project)
    assert (unknown.returncode, "Did you mean chat?" in unknown.stderr) == (2, True)
    done = dashlink("diagram", "prod", "--format", "dot", "--out", "prod.dot", cwd=project)
    assert (done.returncode, done.stdout) == (0, "")
    assert (project / "prod.dot").read_text().startswith("digraph ")
    refused = dashlink("diagram", "--out", "nowhere/prod.dot", cwd=project)
    assert (refused.returncode, refused.stderr) == (
        1,
        "--out: cannot be written (got nowhere/prod.dot): No such file or directory. "
        "Choose another file.\n",
    )


def test_the_file_is_read_as_yaml_1_2(tmp_path):
    (tmp_path / "s.yaml").write_text(
        SETTINGS.replace("qwen-plus", "on")
        .replace("qwen-turbo", "True-ish")
        .replace("protected: true", "protected: True")
    )
    done = dashlink("route", "--settings", "s.yaml", "--api", "plain", "--model", "", cwd=tmp_path)
    assert done.stdout.splitlines()[1] == "  studio  on  answers  the API's one service"
