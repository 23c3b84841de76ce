"""Formats that serve all kinds: each file is read by its real reader, and holds no key."""

from __future__ import annotations

import ast
import io
import json
import shutil
import subprocess
import tomllib

import pytest
import yaml
from dotenv import dotenv_values

from dashlink.clients.formats import DEFAULT_FORMATS, FORMATS
from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import MARKER, render, render_all

SHARED = sorted(set(FORMATS) - set(DEFAULT_FORMATS))
BEARER = {"source": "header", "name": "Authorization", "prefix": "Bearer "}
X_API_KEY = {"source": "header", "name": "x-api-key", "prefix": ""}
PREFIXED = {"source": "header", "name": "X-Key", "prefix": "Token "}
QUERY = {"source": "query", "name": "key", "prefix": ""}
KINDS_OF_OTHER_PROTOCOLS = {
    "claude-code": {"studio", "model-apis"},
    "anthropic-node": {"studio", "model-apis"},
    "dashscope-java": {"studio"},
}
HOST = "models.example.internal"
CHAT = "model-apis/chat"


def api(name, protocol="openai", *, scene="text", auth="api-key", key_in=BEARER):
    urls = {protocol: f"https://{HOST}/{name}" + ("/v1" if protocol == "openai" else "")}
    return {
        "api_id": f"api-{name}",
        "name": name,
        "scene": scene,
        "protocol": protocol,
        "scheme": "https",
        "host": HOST,
        "domains": {HOST: urls},
        "base_urls": urls,
        "routes": [],
        "auth": auth,
        "key_in": key_in if auth else None,
        "consumers": ["search"] if auth else [],
        "services": ["studio"],
        "notes": ['It\'s a note with `code`, "quotes", a \\ and a # sign: 100 %.'],
        "unverified": ['It\'s not "verified".'],
    }


def outputs():
    """A stack with an endpoint, Model APIs of each placement of keys, and model services."""
    url = "https://vpc-cn-beijing.dashscope.aliyuncs.com"
    return parse_outputs(
        {
            "version": 1,
            "stack": "dev",
            "region": "cn-beijing",
            "vpc_id": "vpc-1",
            "vswitch_ids": {},
            "security_group_id": "sg-1",
            "endpoints": {
                "studio": {
                    "endpoint_id": "ep-1",
                    "service_name": None,
                    "service_id": None,
                    "private_domain": "vpc-cn-beijing.dashscope.aliyuncs.com",
                    "endpoint_domain": None,
                    "zones": {},
                    "scheme": "https",
                    "host": "vpc-cn-beijing.dashscope.aliyuncs.com",
                    "base_urls": {
                        "openai": f"{url}/compatible-mode/v1",
                        "dashscope": f"{url}/api/v1",
                        "anthropic": f"{url}/apps/anthropic",
                    },
                }
            },
            "model_apis": {
                "chat": api("chat"),
                "claude": api("claude", "anthropic", key_in=X_API_KEY),
                "header": api("header", key_in=X_API_KEY),
                "prefixed": api("prefixed", key_in=PREFIXED),
                "query": api("query", key_in=QUERY),
                "signed": api("signed", auth="ak-sk", key_in=None),
                "open": api("open", auth=None),
                "vectors": api("vectors", scene="embedding"),
            },
            "eas_services": {
                "own": {
                    "name": "qwen_chat",
                    "service_id": "eas-m-1",
                    "base_urls": {
                        "predict": "http://1.vpc.pai-eas.aliyuncs.com/api/predict/qwen_chat",
                        "openai": "http://1.vpc.pai-eas.aliyuncs.com/api/predict/qwen_chat/v1",
                    },
                    "gateways": [],
                    "default_model": "Qwen3-8B",
                }
            },
            "maas_services": {
                "huawei": {
                    "base_urls": {"v2": "https://api.modelarts-maas.com/v2"},
                    "models": ["DeepSeek-V3"],
                    "default_model": "DeepSeek-V3",
                }
            },
        }
    )


def files(*requested):
    return {str(file.path): file.text for file in render(outputs(), requested)}


def values_of(text):
    return dotenv_values(stream=io.StringIO(text), interpolate=False)


def read(name, text):
    """The content of a file, by the reader of its kind."""
    suffix = name.rpartition(".")[2]
    if suffix == "py":
        return ast.parse(text)
    if suffix == "sh":
        return subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    if suffix in ("md", "java"):  # Java is compiled in tests/sandbox/inside
        return text
    if suffix == "mjs":
        return checked_by_node(text)
    readers = {
        "json": json.loads,
        "yaml": yaml.safe_load,
        "yml": yaml.safe_load,
        "toml": tomllib.loads,
        "env": values_of,
    }
    return readers[suffix](text)


def checked_by_node(text):
    """The text of a module, after Node has checked its syntax."""
    if shutil.which("node"):
        command = ["node", "--input-type=module", "--check"]
        subprocess.run(command, input=text, text=True, check=True)
    return text


@pytest.mark.parametrize("name", SHARED, ids=str)
def test_every_format_is_read_by_its_reader_for_all_kinds(name):
    rendered = files(name)
    kinds = {path.split("/")[0] for path in rendered}
    expected = {"studio", "model-apis", "eas-services", "maas-services"}
    assert kinds == KINDS_OF_OTHER_PROTOCOLS.get(name, expected)
    for path, text in rendered.items():
        assert read(path, text)
        assert MARKER in text


def test_a_literal_file_leaves_keys_to_the_environment():
    rendered = files("dotenv-literal")
    values = values_of(rendered[f"{CHAT}/literal.env"])
    assert values["OPENAI_BASE_URL"] == f"https://{HOST}/chat/v1"
    assert not [value for value in values.values() if "$" in value]
    assert not [name for name in values if name.endswith(("_KEY", "_TOKEN", "_HEADERS"))]
    assert '#   OPENAI_API_KEY="${MODEL_API_KEY}"' in rendered[f"{CHAT}/literal.env"]
    custom = '#   OPENAI_CUSTOM_HEADERS="X-Key: Token ${MODEL_API_KEY}"'
    assert custom in rendered["model-apis/prefixed/literal.env"]


def test_a_literal_file_of_a_keyless_api_has_a_key_for_clients():
    values = values_of(files("dotenv-literal")["model-apis/open/literal.env"])
    assert values["OPENAI_API_KEY"] == "unused"


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_node_reads_a_literal_file_as_dotenv_does(tmp_path):
    text = files("dotenv-literal")["studio/literal.env"]
    (tmp_path / "literal.env").write_text(text)
    code = "console.log(JSON.stringify(process.env))"
    command = ["node", "--env-file=literal.env", "-e", code]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, check=True)
    read_values = json.loads(done.stdout)
    assert {name: read_values.get(name) for name in values_of(text)} == values_of(text)


def sourced(text, tmp_path, **environment):
    """The environment after a shell has read the file."""
    (tmp_path / "client.sh").write_text(text)
    command = ["/bin/sh", "-c", ". ./client.sh && /usr/bin/env"]
    return subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("folder", "variable", "line"),
    [
        ("studio", "DASHSCOPE_API_KEY", "ANTHROPIC_API_KEY=the key"),
        (CHAT, "MODEL_API_KEY", "OPENAI_API_KEY=the key"),
        ("model-apis/claude", "MODEL_API_KEY", "ANTHROPIC_API_KEY=the key"),
        ("model-apis/prefixed", "MODEL_API_KEY", "OPENAI_CUSTOM_HEADERS=X-Key: Token the key"),
        ("eas-services/own", "EAS_TOKEN", "OPENAI_API_KEY=the key"),
        (
            "maas-services/huawei",
            "MAAS_API_KEY",
            "OPENAI_BASE_URL=https://api.modelarts-maas.com/v2",
        ),
    ],
    ids=["endpoint", "bearer", "x-api-key", "prefix", "eas", "maas"],
)
def test_a_shell_gets_the_key_of_the_environment(tmp_path, folder, variable, line):
    text = files("shell")[f"{folder}/client.sh"]
    done = sourced(text, tmp_path, **{variable: "the key"})
    assert line in done.stdout.splitlines()
    missing = sourced(text, tmp_path)
    assert missing.returncode != 0
    assert f"{variable}: is not set" in missing.stderr


def test_json_yaml_and_toml_have_the_same_content():
    rendered = files("json", "yaml", "toml")
    for folder in (path.removesuffix("/client.json") for path in rendered if path.endswith("json")):
        document = json.loads(rendered[f"{folder}/client.json"])
        assert document.pop("generated") == MARKER
        assert yaml.safe_load(rendered[f"{folder}/client.yaml"]) == document
        assert tomllib.loads(rendered[f"{folder}/client.toml"]) == document


def test_data_files_name_the_variable_and_place_of_the_key():
    document = json.loads(files("json")["model-apis/prefixed/client.json"])
    assert document["key"] == {"variable": "MODEL_API_KEY", **PREFIXED}
    assert document["key_variables"] == {"OPENAI_CUSTOM_HEADERS": "X-Key: Token "}
    assert document["variables"]["OPENAI_API_KEY"] == "unused"


def test_a_pod_reads_the_config_map_and_the_secret():
    rendered = files("kubernetes", "external-secrets")
    config = yaml.safe_load(rendered[f"{CHAT}/configmap.yaml"])
    pod = yaml.safe_load(rendered[f"{CHAT}/pod.yaml"])
    secret = yaml.safe_load(rendered[f"{CHAT}/external-secret.yaml"])
    assert (config["apiVersion"], config["kind"]) == ("v1", "ConfigMap")
    assert config["data"]["OPENAI_BASE_URL"] == f"https://{HOST}/chat/v1"
    assert {type(value) for value in config["data"].values()} == {str}
    (container,) = pod["spec"]["containers"]
    assert container["envFrom"] == [
        {"configMapRef": {"name": config["metadata"]["name"]}},
        {"secretRef": {"name": secret["spec"]["target"]["name"]}},
    ]
    assert (secret["apiVersion"], secret["kind"]) == ("external-secrets.io/v1", "ExternalSecret")
    assert secret["spec"]["target"]["template"]["data"] == {"OPENAI_API_KEY": "{{ .key }}"}
    assert secret["spec"]["data"][0]["secretKey"] == "key"


def test_a_keyless_api_has_no_secret_in_kubernetes():
    rendered = files("kubernetes", "external-secrets")
    pod = yaml.safe_load(rendered["model-apis/open/pod.yaml"])
    assert [list(source) for source in pod["spec"]["containers"][0]["envFrom"]] == [
        ["configMapRef"]
    ]
    assert "model-apis/open/external-secret.yaml" not in rendered


def test_deployment_files_refer_to_the_key():
    rendered = files("helm", "compose", "github-actions", "pulumi-esc")
    helm, compose, github, esc = (
        yaml.safe_load(rendered[f"{CHAT}/{name}"])
        for name in ("values.yaml", "compose.yaml", "github-actions.yml", "esc.yaml")
    )
    assert helm["env"][-1] == {
        "name": "OPENAI_API_KEY",
        "valueFrom": {
            "secretKeyRef": {"name": "model-apis-chat-client-keys", "key": "OPENAI_API_KEY"}
        },
    }
    environment = compose["services"]["client"]["environment"]
    assert environment["OPENAI_API_KEY"] == "${MODEL_API_KEY:?is not set}"
    job = github["jobs"]["client"]
    assert job["env"]["OPENAI_API_KEY"] == "${{ secrets.MODEL_API_KEY }}"
    assert job["runs-on"] == "self-hosted"
    assert esc["imports"] == ["model-keys"]
    assert esc["values"]["environmentVariables"]["OPENAI_API_KEY"] == "${MODEL_API_KEY}"


def test_tools_have_the_url_the_model_and_the_key_by_name():
    rendered = files("litellm", "codex", "qwen-code", "continue", "open-webui", "spring-ai")
    url = f"https://{HOST}/chat/v1"
    (model,) = yaml.safe_load(rendered[f"{CHAT}/litellm.yaml"])["model_list"]
    assert model["litellm_params"] == {
        "model": "openai/qwen-plus",
        "api_base": url,
        "api_key": "os.environ/MODEL_API_KEY",
    }
    codex = tomllib.loads(rendered[f"{CHAT}/codex.toml"])
    provider = codex["model_providers"][codex["model_provider"]]
    assert (provider["base_url"], provider["env_key"]) == (url, "MODEL_API_KEY")
    assert provider["wire_api"] == "responses"
    qwen = json.loads(rendered[f"{CHAT}/qwen-settings.json"])
    (entry,) = qwen["modelProviders"][qwen["security"]["auth"]["selectedType"]]
    assert (entry["id"], entry["baseUrl"]) == (qwen["model"]["name"], url)
    assert entry["envKey"] == "MODEL_API_KEY"
    (model,) = yaml.safe_load(rendered[f"{CHAT}/continue.yaml"])["models"]
    assert (model["provider"], model["apiBase"]) == ("openai", url)
    assert model["apiKey"] == "${{ secrets.MODEL_API_KEY }}"
    assert values_of(rendered[f"{CHAT}/open-webui.env"])["OPENAI_API_BASE_URL"] == url
    spring = yaml.safe_load(rendered[f"{CHAT}/application.yml"])["spring"]["ai"]["openai"]
    assert (spring["base-url"], spring["api-key"]) == (url, "${MODEL_API_KEY}")
    assert spring["chat"]["completions-path"] == "/chat/completions"


def test_claude_code_gets_its_key_from_a_command():
    settings = json.loads(files("claude-code")["model-apis/claude/claude-settings.json"])
    assert settings["apiKeyHelper"] == "printenv MODEL_API_KEY"
    assert settings["env"]["ANTHROPIC_BASE_URL"] == f"https://{HOST}/claude"


def test_codex_sends_a_key_in_the_header_of_the_gateway():
    codex = tomllib.loads(files("codex")["model-apis/header/codex.toml"])
    provider = codex["model_providers"]["dashlink"]
    assert provider["env_http_headers"] == {"x-api-key": "MODEL_API_KEY"}
    assert "env_key" not in provider


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("litellm", "model-apis/header: litellm cannot send a key in the header x-api-key"),
        ("codex", "model-apis/prefixed: codex cannot send a key in the header X-Key"),
        (
            "langchain-python",
            "model-apis/query: langchain-python cannot send a key in the query key",
        ),
        ("litellm", "model-apis/signed: litellm sends a key, and requests must be signed"),
        ("codex", "model-apis/vectors: codex needs a model that answers chat requests"),
        ("codex", "model-apis/claude: codex needs the protocol openai"),
        ("openai-node", "model-apis/signed: openai-node sends a key, and requests must be signed"),
        (
            "dashscope-java",
            "model-apis/chat: dashscope-java needs the protocol dashscope or websocket-inference",
        ),
        ("external-secrets", "model-apis/open: external-secrets holds a key, and none is required"),
        ("curl", "model-apis/chat: curl has no file for what is a model-api"),
    ],
    ids=[
        "bearer",
        "prefix",
        "query",
        "signed",
        "scene",
        "protocol",
        "anywhere",
        "protocols",
        "keyless",
        "kind",
    ],
)
def test_a_file_that_could_not_work_is_omitted_with_a_reason(name, line):
    rendering = render_all(outputs(), [name])
    assert line in rendering.omitted
    folder = line.partition(":")[0]
    assert not [file for file in rendering.files if str(file.path).startswith(f"{folder}/")]


@pytest.mark.parametrize(
    "name", ["langchain-python", "llama-index-python", "pydantic-ai-python"], ids=str
)
def test_python_files_send_the_key_where_the_gateway_reads_it(name):
    rendered = files(name)
    texts = {path.split("/")[1]: text for path, text in rendered.items() if "model-apis" in path}
    assert 'API_KEY = os.environ["MODEL_API_KEY"]' in texts["chat"]
    assert 'HEADERS = {"X-Key": "Token " + os.environ["MODEL_API_KEY"]}' in texts["prefixed"]
    assert 'API_KEY = "unused"' in texts["open"]


def test_node_files_send_the_key_where_the_gateway_reads_it():
    rendered = files("openai-node", "vercel-ai-node", "anthropic-node")
    texts = {path.removeprefix("model-apis/"): text for path, text in rendered.items()}
    key = "const KEY = process.env.MODEL_API_KEY;"
    for folder in ("chat", "header", "prefixed", "query"):
        assert key in texts[f"{folder}/openai_client.mjs"]
    assert "  apiKey: KEY,\n});" in texts["chat/openai_client.mjs"]
    assert 'defaultHeaders: {"X-Key": "Token " + KEY}' in texts["prefixed/openai_client.mjs"]
    assert 'defaultQuery: {"key": KEY}' in texts["query/openai_client.mjs"]
    assert 'headers: {"x-api-key": KEY}' in texts["header/ai_client.mjs"]
    assert 'queryParams: {"key": KEY}' in texts["query/ai_client.mjs"]
    assert 'defaultHeaders: {"x-api-key": KEY}' in texts["claude/anthropic_client.mjs"]
    assert 'apiKey: "unused", //' in texts["open/openai_client.mjs"]
    assert "KEY" not in texts["open/openai_client.mjs"].replace("API_KEY", "")


def test_a_java_file_has_a_url_for_each_protocol():
    text = files("dashscope-java")["studio/DashScopeClient.java"]
    assert 'Constants.baseHttpApiUrl = "https://vpc-cn-beijing.dashscope' in text
    assert 'baseWebsocketApiUrl = "wss://no-websocket-inference-here.dashlink.invalid"' in text
    assert 'System.getenv("DASHSCOPE_API_KEY")' in text


def test_notes_cannot_leave_the_comments_of_java():
    """A backslash and a u in a comment would be an escape of Java, which fails to compile."""
    document = outputs().model_dump(mode="json")
    document["endpoints"]["studio"]["notes"] = ["C:\\users is no escape."]
    (file,) = render(parse_outputs(document), ["dashscope-java"])
    assert "// Note: C:/users is no escape." in file.text
