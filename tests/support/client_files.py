"""What the files of clients have in common, and a stack with a file for each kind of service."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashlink.clients.catalog import OFF_VARIABLES, is_blocked
from dashlink.clients.outputs import Outputs, parse_outputs
from dashlink.eas.plan import eas_outputs
from dashlink.eas.settings import EasServiceSettings
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.outputs import model_api_outputs
from dashlink.gateway.model_api.settings import ModelApiSettings

_GOLDEN = Path(__file__).parents[1] / "golden"
API_HOST = "models.example.internal"
EAS_HOST = "1.vpc.cn-beijing.pai-eas.aliyuncs.com"
MAAS_HOST = "api.modelarts-maas.com"
APIS = {
    "chat": {"scene": "text", "protocol": "OpenAI/v1"},
    "message": {"scene": "text", "protocol": "Anthropic"},
    "image": {"scene": "image", "protocol": "DashScope"},
    "speech": {"scene": "audio", "protocol": "DashScope"},
    "rerank": {"scene": "rerank", "protocol": "vLLM"},
}
FOLDERS = {
    "dashscope": "vpc-cn-beijing.dashscope.aliyuncs.com",
    **{f"model-apis/{name}": API_HOST for name in APIS},
    "eas-services/qwen": EAS_HOST,
    "maas-services/huawei": MAAS_HOST,
}
"""Folder of each file of :func:`every_kind`, and the host that its clients may dial."""


def without_blocked(values: Mapping[str, str | None]) -> dict[str, str]:
    """The variables of a file but those of what is not served, or off."""
    served = {}
    for name, value in values.items():
        is_off = name in OFF_VARIABLES
        if value is not None and not is_off and not is_blocked(urlsplit(value).hostname or ""):
            served[name] = value
    return served


def every_kind() -> Outputs:
    """A stack with an endpoint, Model APIs of every protocol, a service of EAS and one of MaaS."""
    document = _golden("public")
    document["model_apis"] = {}
    for name, api in APIS.items():
        settings = ModelApiSettings(domains=API_HOST, base_path=f"/{name}", service="studio", **api)
        config = GatewayConfig(
            GatewaySettings(),
            {API_HOST: DomainSettings(certificate_id="1-cn-hangzhou")},
            {"studio": AiServiceSettings(base_url="https://models.example.com/v1")},
            {},
            {name: settings},
        )
        document["model_apis"][name] = model_api_outputs("api-1", name, config, ())
    service = EasServiceSettings(name="qwen", protocols=["openai", "anthropic"])
    gateway = {
        "kind": "DefaultGateway",
        "gateway_id": "default",
        "vpc_urls": [f"http://{EAS_HOST}/api/predict/qwen/"],
        "internet_urls": [],
    }
    document["eas_services"] = {"qwen": eas_outputs("qwen", "eas-m-1", service, [gateway])}
    document["maas_services"] = {"huawei": _golden("maas")["maas_services"]["huawei"]}
    return parse_outputs(document)


def _golden(case: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((_GOLDEN / case / "outputs.json").read_text())
    return document
