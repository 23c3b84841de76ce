"""A sandbox with all that clients connect to, and runs of real clients that record every host.

One VPC has an endpoint, Model APIs of a gateway with a consumer's key, a service of PAI-EAS, Huawei
MaaS behind a way out, and the public hosts of model services, which answer. A client trusts the
sandbox's authority by the rendered file alone (`client_ca_file`).
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values
from support import dashscope1
from support.client_runs import API_HOST, EAS_HOST, ENDPOINT, MAAS_HOST
from support.clouds import MODEL_STUDIO
from support.declared_apis import declare
from support.gateways import (
    Place,
    api_keys,
    authorize,
    create_consumer,
    running_gateway,
)
from support.maas import create_way_out
from support.processes import Run, run

from dashlink.clients.catalog import PUBLIC_HOSTS
from dashlink.clients.outputs import Outputs, base_urls, parse_outputs
from dashlink.clients.render import render
from dashlink.eas.plan import eas_outputs
from dashlink.eas.settings import EasServiceSettings
from dashlink.endpoint.catalog import DASHSCOPE_PATHS
from dashlink_sandbox.eas import EasService
from dashlink_sandbox.gateways import Upstream

AUDIT = Path(dashscope1.__file__).parent / "audit"
APIS = {
    "chat": {"scene": "text"},
    "message": {"scene": "text", "protocol": "Anthropic"},
    "image": {"scene": "image"},
    "speech": {"scene": "audio"},
    "vectors": {"scene": "embedding"},
    "rerank": {"scene": "rerank", "protocol": "vLLM", "model": "qwen3-rerank"},
}
_CONSUMER_KEY = "sk-of-the-consumer"
_EAS_TOKEN = "token-of-the-service"
_SECONDS = 120


class ClientPlace:
    """The running sandbox with the outputs of its stack, and their client files."""

    def __init__(self, place: Place, outputs: Outputs) -> None:
        self.place = place
        self.outputs = outputs
        key = place.cloud.api_key
        self.keys = {
            ENDPOINT: {"DASHSCOPE_API_KEY": key},
            "model-apis": {"MODEL_API_KEY": _CONSUMER_KEY},
            "eas-services": {"EAS_TOKEN": _EAS_TOKEN},
            "maas-services": {"MAAS_API_KEY": key},
        }

    def write(self, path: str, formats: tuple[str, ...], folder: Path) -> None:
        """Write the files of a path (``model-apis/chat``) into a folder."""
        for file in render(self.outputs, formats):
            if str(file.path.parent) == path:
                (folder / file.path.name).write_text(file.text)

    def variables(self, path: str) -> dict[str, str]:
        """Return the variables of a path's .env file, with the user's key in its place."""
        (text,) = (
            file.text
            for file in render(self.outputs, ["dotenv"])
            if str(file.path) == f"{path}/.env"
        )
        values = dotenv_values(stream=io.StringIO(text), interpolate=False)
        (key,) = self.key(path).values()
        variables = {}
        for name, value in values.items():
            variables[name] = key if str(value).startswith("${") else str(value)
        return {**self.key(path), **variables}

    def key(self, path: str) -> dict[str, str]:
        """Return the variable with the user's key for a path."""
        return self.keys[path.partition("/")[0]]

    def run(
        self, command: tuple[str, ...], variables: Mapping[str, str], folder: Path
    ) -> tuple[tuple[str, ...], Run]:
        """Run a client in the VPC; return the hosts that it dialled, in order, and the process."""
        inside = self.place.cloud.inside
        inside.dialled.clear()
        inside.requests.clear()
        direct = folder / "directly"
        direct.unlink(missing_ok=True)
        proxy = self.place.machine.proxy(self.place.network.vpc_id)
        environment = {
            "PATH": os.defpath,
            "PYTHONUTF8": "1",
            "HOME": str(folder),
            "PYTHONPATH": f"{AUDIT}:{folder}",
            "DIALLED_DIRECTLY": str(direct),
            **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), proxy),
            **variables,
        }
        done = run(command, folder=folder, environment=environment, seconds=_SECONDS)
        hosts = set(inside.dialled)
        if direct.exists():
            hosts.update(direct.read_text().split())
        return tuple(sorted(hosts)), done


def _outputs(place: Place, apis: Mapping[str, object]) -> Outputs:
    """Return the outputs of a stack with all that the place has."""
    urls = base_urls("https", MODEL_STUDIO, DASHSCOPE_PATHS)
    golden = Path(__file__).parents[1] / "golden"
    document = json.loads((golden / "public" / "outputs.json").read_text())
    document["endpoints"][ENDPOINT] |= {"host": MODEL_STUDIO, "base_urls": urls}
    document["client_ca_file"] = str(place.cloud.ca_file)
    document["model_apis"] = apis
    row = {
        "kind": "DefaultGateway",
        "gateway_id": "default",
        "vpc_urls": [f"http://{EAS_HOST}/api/predict/qwen"],
        "internet_urls": [],
    }
    settings = EasServiceSettings(name="qwen", default_model="qwen-plus")
    document["eas_services"] = {"qwen": eas_outputs("qwen", "eas-m-1", settings, [row])}
    document["maas_services"] = {
        "huawei": {
            "base_urls": {
                "openai": f"https://{MAAS_HOST}/openai/v1",
                "anthropic": f"https://{MAAS_HOST}/anthropic",
            },
            "models": ["glm-5.1"],
            "default_model": "glm-5.1",
        }
    }
    return parse_outputs(document)


def _add_services(place: Place) -> None:
    """Add the service of PAI-EAS, and answers of the public hosts."""
    cloud = place.cloud.cloud
    draft = cloud.draft()
    draft.eas_services["qwen"] = EasService(
        service_id="qwen",
        name="qwen",
        region="cn-beijing",
        owner="1000000000000001",
        token=_EAS_TOKEN,
        status="Running",
        ready=1.0,
        config={"metadata": {"name": "qwen", "instance": 1}},
    )
    for host in PUBLIC_HOSTS:
        draft.upstreams[host] = Upstream(host=host)
    cloud.replace(draft)


@contextmanager
def client_place() -> Iterator[ClientPlace]:
    """Start a sandbox with all that clients connect to."""
    with running_gateway() as place:
        create_way_out(place.cloud, place.network)
        apis = {}
        for name, api in APIS.items():
            apis[name] = {
                "domains": [API_HOST],
                "base_path": f"/{name}",
                "service": "studio",
                "consumers": ["search"],
                **api,
            }
        sections = {
            "ai_services": {
                "studio": {"endpoint": "dashscope", "api_keys": [{"config": "modelKey"}]}
            },
            "domains": {API_HOST: {"certificate_id": "1-cn-hangzhou"}},
            "consumers": {"search": {"api_keys": [{"config": "searchKey"}]}},
            "model_apis": apis,
        }
        with declare(place, sections) as declared:
            consumer = create_consumer(place.cloud, "search", **api_keys(_CONSUMER_KEY))
            documents = {}
            for name, outputs in declared.outputs.items():
                authorize(place.cloud, consumer, declared.apis[name].api_id, place.environment_id)
                documents[name] = outputs.model_dump(mode="json")
            _add_services(place)
            yield ClientPlace(place, _outputs(place, documents))
