"""Client files for services of MaaS: each reads its key where it runs; `maas/` has them whole."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

from dotenv import dotenv_values
from support.client_files import without_blocked

from dashlink.clients.outputs import parse_outputs
from dashlink.clients.render import render
from dashlink.maas.plan import maas_outputs
from dashlink.maas.settings import MaasServiceSettings

OUTPUTS = Path(__file__).parent / "maas" / "outputs.json"
HOST = "https://api.modelarts-maas.com"


def files(requested=(), **settings):
    """The rendered files of one service, by name."""
    document = json.loads(OUTPUTS.read_text())
    service = MaasServiceSettings(base_url=HOST, **settings)
    document["maas_services"] = {"one": maas_outputs(service)}
    rendered = render(parse_outputs(document), requested)
    return {str(file.path).removeprefix("maas-services/one/"): file.text for file in rendered}


def test_the_golden_outputs_are_those_of_the_settings():
    services = json.loads(OUTPUTS.read_text())["maas_services"]
    settings = MaasServiceSettings(
        base_url=HOST,
        protocols=["openai", "v1", "v2", "anthropic"],
        models=["DeepSeek-V3", "deepseek-v4-pro"],
        key_label="search-team",
    )
    assert services["huawei"] == maas_outputs(settings, ["203.0.113.7"])


def test_every_format_of_a_service_is_rendered():
    assert sorted(files()) == [".env", "chat.sh", "openai_client.py"]
    assert sorted(files(["curl"])) == ["chat.sh"]


def test_each_file_reads_the_key_where_it_runs():
    assert all("MAAS_API_KEY" in text for text in files().values())


def test_variables_lead_to_the_service(monkeypatch):
    monkeypatch.setenv("MAAS_API_KEY", "key")
    text = files(protocols=["v2", "openai", "anthropic"], models=["DeepSeek-V3"])[".env"]
    assert without_blocked(dotenv_values(stream=io.StringIO(text))) == {
        "OPENAI_BASE_URL": f"{HOST}/v2",
        "OPENAI_API_BASE": f"{HOST}/v2",
        "OPENAI_API_KEY": "key",
        "ANTHROPIC_BASE_URL": f"{HOST}/anthropic",
        "ANTHROPIC_API_BASE": f"{HOST}/anthropic",
        "ANTHROPIC_API_URL": f"{HOST}/anthropic",
        "ANTHROPIC_AUTH_TOKEN": "key",
        "ANTHROPIC_API_KEY": "key",
        "MODEL": "DeepSeek-V3",
    }


def test_a_service_of_anthropics_protocol_has_variables_alone(monkeypatch):
    monkeypatch.setenv("MAAS_API_KEY", "key")
    rendered = files(protocols=["anthropic"])
    assert sorted(rendered) == [".env"]
    values = without_blocked(dotenv_values(stream=io.StringIO(rendered[".env"])))
    assert "OPENAI_BASE_URL" not in values
    assert values["ANTHROPIC_BASE_URL"] == f"{HOST}/anthropic"


def test_a_stack_of_maas_alone_is_rendered():
    document = json.loads(OUTPUTS.read_text())
    assert document["endpoints"] == {}
    assert render(parse_outputs(document), ["curl"])


def test_openais_client_names_the_cause_in_each_body(monkeypatch):
    monkeypatch.setenv("MAAS_API_KEY", "key")
    names = {"__name__": "openai_client"}
    exec(files(models=["DeepSeek-V3"])["openai_client.py"], names)
    causes = []
    for body in (
        {"error_code": "ModelArts.81011", "error_msg": "May contain sensitive information."},
        {"code": "ModelArts.81011", "message": "May contain sensitive information."},
        {"object": "error", "type": "BadRequestError", "message": "top_k must be -1.", "code": 400},
    ):
        causes.append(names["cause_of"](SimpleNamespace(body=body, status_code=403, message="")))
    refused = "ModelArts.81011, content moderation refuses the prompt or the answer"
    assert causes == [refused, refused, "400, top_k must be -1."]
