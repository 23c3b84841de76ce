"""A private authority of the settings reaches every file, as variables that its reader knows."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest
import yaml
from dotenv import dotenv_values
from support.client_files import FOLDERS, every_kind

from dashlink.clients.authorities import authority_variables
from dashlink.clients.formats import formats
from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import render
from dashlink.errors import OutputsError

CA_FILE = "/etc/ssl/private-ca.pem"
HERE = Path(__file__).parent
# Files that an authority does not concern: these services are dialled by http.
PLAIN = "eas-services/"


def outputs(ca_file=CA_FILE):
    return every_kind().model_copy(update={"client_ca_file": ca_file})


def files(ca_file=CA_FILE):
    return {str(file.path): file.text for file in render(outputs(ca_file), formats())}


def test_every_file_names_the_authorities():
    without = [name for name, text in files().items() if CA_FILE not in text]
    assert {name for name in without if not name.startswith(PLAIN)} == set()


def test_without_the_setting_no_file_names_one():
    assert [name for name, text in files(None).items() if "SSL_CERT_FILE" in text] == []


@pytest.mark.parametrize("folder", sorted(set(FOLDERS) - {"eas-services/qwen"}), ids=str)
@pytest.mark.parametrize("file", [".env", "literal.env"], ids=str)
def test_variables_of_authorities_are_set(folder, file):
    values = dotenv_values(stream=io.StringIO(files()[f"{folder}/{file}"]), interpolate=False)
    assert authority_variables(CA_FILE).items() <= values.items()
    assert values["JAVA_TOOL_OPTIONS"] == "-Djavax.net.ssl.trustStore=/etc/ssl/private-ca.jks"


def test_a_service_without_tls_has_no_authorities():
    assert [
        name for name, text in files().items() if name.startswith(PLAIN) and CA_FILE in text
    ] == []


def test_a_pod_and_a_container_get_the_file_at_its_path():
    pod = yaml.safe_load(files()["dashscope/pod.yaml"])["spec"]
    (mount,) = pod["containers"][0]["volumeMounts"]
    assert (mount["mountPath"], mount["subPath"]) == (CA_FILE, "private-ca.pem")
    assert pod["volumes"] == [{"name": "authorities", "configMap": {"name": "dashscope-client-ca"}}]
    (client,) = yaml.safe_load(files()["dashscope/compose.yaml"])["services"].values()
    assert client["volumes"] == [f"{CA_FILE}:{CA_FILE}:ro"]


def test_a_shell_keeps_the_authorities_that_it_has():
    text = files()["dashscope/chat.sh"]
    (line,) = [line for line in text.splitlines() if line.startswith("export CURL_CA_BUNDLE")]
    script = f'{line}\nprintf %s "$CURL_CA_BUNDLE"'
    for before, after in (("", CA_FILE), ("/own.pem", "/own.pem")):
        done = subprocess.run(
            ["sh", "-c", script],
            env={"CURL_CA_BUNDLE": before},
            text=True,
            capture_output=True,
            check=True,
        )
        assert done.stdout == after


@pytest.mark.parametrize(
    "path", ["private-ca.pem", "/etc/a b.pem", "/x -Dy=z", "/etc/../ca.pem", "/etc/"], ids=str
)
def test_outputs_with_another_text_are_refused(path):
    document = json.loads((HERE / "public" / "outputs.json").read_text())
    with pytest.raises(OutputsError, match=r"outputs\.client_ca_file: not the path of a file"):
        parse_outputs({**document, "client_ca_file": path})
