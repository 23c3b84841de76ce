"""Client files for EAS services: each has the service's URL, and reads its token where it runs."""

from __future__ import annotations

import ast
import io

import pytest
from dotenv import dotenv_values
from support.client_files import without_blocked

from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import MARKER, render
from dashlink.eas.plan import eas_outputs
from dashlink.eas.settings import EasServiceSettings

BASE = "http://1.vpc.cn-beijing.pai-eas.aliyuncs.com/api/predict/qwen_chat"
GATEWAYS = [
    {"kind": "Nlb", "gateway_id": "nlb-1", "vpc_urls": ["http://nlb"], "internet_urls": []},
    {
        "kind": "DefaultGateway",
        "gateway_id": "default",
        "vpc_urls": [f"{BASE}/"],
        "internet_urls": [BASE.replace(".vpc", "")],
    },
]


def document(gateways=GATEWAYS, **settings):
    service = EasServiceSettings(name="qwen_chat", **settings)
    return {
        "version": 1,
        "stack": "dev",
        "region": "cn-beijing",
        "vpc_id": "vpc-1",
        "vswitch_ids": {},
        "security_group_id": "sg-1",
        "endpoints": {},
        "eas_services": {"chat": eas_outputs("qwen_chat", "eas-m-1", service, gateways)},
    }


def files(**settings):
    rendered = render(parse_outputs(document(**settings)), ())
    return {str(file.path).removeprefix("eas-services/chat/"): file.text for file in rendered}


def test_every_format_of_a_service_is_rendered():
    names = [".env", "chat.sh", "eas_client.py", "openai_client.py", "requests_client.py"]
    assert sorted(files()) == names


def test_each_file_is_marked_and_holds_no_token():
    for text in files().values():
        assert MARKER in text
        assert "EAS_TOKEN" in text


def test_variables_lead_to_the_service(monkeypatch):
    monkeypatch.setenv("EAS_TOKEN", "token")
    text = files(protocols=["openai", "anthropic"], default_model="model_dir")[".env"]
    values = dotenv_values(stream=io.StringIO(text))
    assert without_blocked(values) == {
        "EAS_URL": BASE,
        "OPENAI_BASE_URL": f"{BASE}/v1",
        "OPENAI_API_BASE": f"{BASE}/v1",
        "OPENAI_API_KEY": "token",
        "ANTHROPIC_BASE_URL": BASE,
        "ANTHROPIC_API_BASE": BASE,
        "ANTHROPIC_API_URL": BASE,
        "ANTHROPIC_AUTH_TOKEN": "token",
        "ANTHROPIC_API_KEY": "token",
        "MODEL": "model_dir",
    }


@pytest.mark.parametrize(
    "name", ["eas_client.py", "openai_client.py", "requests_client.py"], ids=str
)
def test_python_files_parse(name):
    tree = ast.parse(files()[name])
    assert ast.get_docstring(tree)


def test_clients_on_the_internet_get_its_address():
    assert f"EAS_URL={BASE.replace('.vpc', '')}\n" in files(access="internet")[".env"]


def test_a_dedicated_gateway_comes_first():
    own = {"kind": "PrivateGateway", "gateway_id": "gw-1", "internet_urls": []}
    rows = [*GATEWAYS, {**own, "vpc_urls": ["http://gw-1/api/predict/qwen_chat"]}]
    outputs = eas_outputs("qwen_chat", "eas-m-1", EasServiceSettings(name="qwen_chat"), rows)
    assert outputs["base_urls"]["predict"] == "http://gw-1/api/predict/qwen_chat"


def test_a_service_without_an_address_gets_no_file_and_a_note():
    written = document(gateways=[])
    assert render(parse_outputs(written), ()) == []
    notes = written["eas_services"]["chat"]["notes"]
    assert "The service has no address for `access: vpc`." in notes
