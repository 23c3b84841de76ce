"""Client files from outputs, compared with the files of each case and read by their own readers.

After a deliberate change: `DASHLINK_WRITE_GOLDEN=1 pytest tests/golden`, then read the diff.
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from dashlink.clients.formats import DEFAULT_FORMATS, formats
from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import MARKER, render, render_all
from dashlink.errors import RenderError

HERE = Path(__file__).parent
ID = "/v1/infers/937cabe5-d673-47f1-9e7c-2b4de06abcde/v1"  # of a single service of MaaS
TEMPLATES = sorted((HERE.parents[1] / "components/dashlink/templates").glob("*.j2"))
CASES = sorted(path.parent.name for path in HERE.glob("*/outputs.json"))


def outputs_of(case):
    return parse_outputs((HERE / case / "outputs.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_files_of_a_case_are_the_expected_ones(case):
    expected = HERE / case / "expected"
    rendered = {str(file.path): file.text for file in render(outputs_of(case), ())}
    if os.environ.get("DASHLINK_WRITE_GOLDEN"):
        shutil.rmtree(expected, ignore_errors=True)
        for name, text in rendered.items():
            (expected / name).parent.mkdir(parents=True, exist_ok=True)
            (expected / name).write_text(text)
    present = {
        str(path.relative_to(expected)): path.read_text()
        for path in expected.rglob("*")
        if path.is_file()
    }
    assert rendered == present


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_default_format_parses_with_its_reader(case):
    for file in render(outputs_of(case), DEFAULT_FORMATS):
        assert MARKER in file.text
        if file.path.suffix == ".py":
            ast.parse(file.text)
        elif file.path.suffix == ".sh":
            done = subprocess.run(
                ["sh", "-n"], input=file.text, text=True, capture_output=True, check=False
            )
            assert done.returncode == 0, done.stderr
        else:
            values = dotenv_values(stream=io.StringIO(file.text), interpolate=False)
            assert values["OPENAI_BASE_URL"].endswith(
                ("/compatible-mode/v1", "/openai/v1", "/chat/v1", ID)
            )


def test_a_dotenv_file_reads_the_key_from_the_environment(monkeypatch):
    monkeypatch.setenv("DASHSCOPE_API_KEY", "the key of this machine")
    (file,) = render(outputs_of("public"), ["dotenv"])
    values = dotenv_values(stream=io.StringIO(file.text))
    assert values["OPENAI_API_KEY"] == values["ANTHROPIC_API_KEY"] == "the key of this machine"
    assert (
        values["OPENAI_BASE_URL"]
        == "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1"
    )
    assert (
        values["DASHSCOPE_HTTP_BASE_URL"] == "https://vpc-cn-beijing.dashscope.aliyuncs.com/api/v1"
    )
    assert (
        values["ANTHROPIC_BASE_URL"]
        == "https://vpc-cn-beijing.dashscope.aliyuncs.com/apps/anthropic"
    )


def test_both_generations_of_dashscope_have_one_base_url():
    (file,) = render(outputs_of("public"), ["dotenv"])
    values = dotenv_values(stream=io.StringIO(file.text), interpolate=False)
    assert values["DASHSCOPE_BASE_URL"] == values["DASHSCOPE_HTTP_BASE_URL"]


def test_an_endpoint_without_a_certificate_has_no_https_url():
    for file in render(outputs_of("finance"), DEFAULT_FORMATS):
        assert "https://" not in file.text
        assert "wss://" not in file.text


def test_curl_reads_the_key_from_standard_input():
    (file,) = render(outputs_of("public"), ["curl"])
    commands = [
        line
        for line in file.text.splitlines()
        if "DASHSCOPE_API_KEY" in line and not line.startswith("#")
    ]
    assert all("curl" not in line.partition("|")[0] for line in commands)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_file_turns_off_the_check_of_certificates(template):
    text = template.read_text()
    assert not re.search(r"verify *= *False|--insecure|curl.* -k |CERT_NONE", text)


def test_each_endpoint_with_a_base_url_has_its_folder():
    folders = {file.path.parts[0] for file in render(outputs_of("two"), ["dotenv"])}
    assert folders == {"dashscope", "direct"}  # `other` has no known protocol


def test_an_endpoint_without_base_urls_is_refused_by_name():
    with pytest.raises(RenderError, match="no base URL is known for other"):
        render(outputs_of("two"), ["dotenv"], endpoint="other")


@pytest.mark.parametrize(
    "protocol",
    ["dashscope", "openai", "rerank", "anthropic", "websocket-inference", "websocket-realtime"],
    ids=str,
)
def test_an_endpoint_with_one_base_url_has_files_without_errors(protocol):
    outputs = outputs_of("public")
    urls = outputs.endpoints["dashscope"].base_urls
    plain = outputs.endpoints["dashscope"].model_copy(
        update={"base_urls": {protocol: urls[protocol]}}
    )
    only = outputs.model_copy(update={"endpoints": {"dashscope": plain}})
    rendering = render_all(only, formats())
    names = {file.path.name for file in rendering.files}
    assert ".env" in names
    assert ("openai_client.py" in names) == ("chat.sh" in names) == (protocol == "openai")
    assert ("dashscope_1_client.py" in names) == (protocol == "dashscope")


def test_a_format_of_the_settings_that_does_not_fit_is_named():
    """Of `profile: plain`, `base_paths: {openai: /v1}` and `clients: [dashscope-python]`."""
    outputs = outputs_of("public")
    plain = outputs.endpoints["dashscope"].model_copy(update={"base_urls": {"openai": "https://h"}})
    changes = {"endpoints": {"other": plain}, "clients": ("dashscope-python",)}
    rendering = render_all(outputs.model_copy(update=changes), ())
    assert rendering.files == ()
    assert rendering.omitted == ("other: dashscope-python needs the protocol dashscope",)


def test_an_unknown_format_or_endpoint_gets_a_suggestion():
    with pytest.raises(RenderError, match=r"unknown \(got dotnev\). Did you mean dotenv\?"):
        render(outputs_of("public"), ["dotnev"])
    with pytest.raises(RenderError, match=r"\(got dashscop\). Did you mean dashscope\?"):
        render(outputs_of("public"), ["dotenv"], endpoint="dashscop")


def test_a_users_template_has_the_same_variables():
    text = (
        '{"base": {{ base_urls.openai | tojson }}, "stack": "{{ outputs.stack }}", '
        '"for": "{{ name }}"}'
    )
    (file,) = render(outputs_of("public"), (), templates={"app.json.j2": text})
    assert str(file.path) == "dashscope/app.json"
    assert json.loads(file.text) == {
        "base": "https://vpc-cn-beijing.dashscope.aliyuncs.com/compatible-mode/v1",
        "stack": "dev",
        "for": "dashscope",
    }


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("one\n{{ base_url }}", r"app.j2:2: 'base_url' is undefined"),
        ("{{ endpoint.hots }}", r"app.j2:1: .*has no attribute 'hots'"),
        ("one\n{% if %}", r"app.j2:2: not a Jinja2 template"),
    ],
    ids=["undefined-variable", "undefined-attribute", "syntax"],
)
def test_an_error_in_a_template_names_its_line(template, message):
    with pytest.raises(RenderError, match=message):
        render(outputs_of("public"), (), templates={"app.j2": template})
