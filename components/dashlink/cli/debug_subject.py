"""What `dashlink debug` asks: a Model API, a service of MaaS or of EAS, with its model and key."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from dashlink.cli.arguments import known_name
from dashlink.clients.chat import CALLS, ChatTarget, SceneCall
from dashlink.clients.outputs import BEARER, ModelApiOutputs, Outputs
from dashlink.errors import DashlinkError, shown
from dashlink.maas.catalog import CHAT_PROTOCOLS
from dashlink.validation import most_similar

ApiOption = Annotated[
    str | None,
    typer.Option("--api", metavar="NAME", help="Model API, by its name in the settings."),
]
MaasOption = Annotated[
    str | None,
    typer.Option(
        "--maas", metavar="NAME", help="Service of Huawei MaaS, by its name in the settings."
    ),
]
EasOption = Annotated[
    str | None,
    typer.Option("--eas", metavar="NAME", help="Service of PAI-EAS, by its name in the settings."),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="NAME",
        help="Name of the model. Default: that of the service; a Model API has none.",
    ),
]
DomainOption = Annotated[
    str | None,
    typer.Option(
        "--domain", metavar="DOMAIN", help="Domain of the API to connect to. Default: its first."
    ),
]
ProtocolOption = Annotated[
    str | None,
    typer.Option(
        "--protocol",
        metavar="NAME",
        help="Protocol of MaaS: openai, v1 or v2. Default: the service's first.",
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key-env",
        metavar="VARIABLE",
        help="Environment variable with the key. Default: MODEL_API_KEY, MAAS_API_KEY or "
        "EAS_TOKEN.",
    ),
]
_VARIABLES = {"model-api": "MODEL_API_KEY", "maas": "MAAS_API_KEY", "eas": "EAS_TOKEN"}
_SCENE = "text"
_PROTOCOL = "OpenAI/v1"
_BASE_URL = "openai"
_COMPLETIONS = "/chat/completions"


@dataclass(frozen=True)
class Choice:
    """The options that say what to ask; None: not passed."""

    api: str | None
    maas: str | None
    eas: str | None
    model: str | None
    domain: str | None
    protocol: str | None
    key_env: str | None

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            typer.BadParameter: Not exactly one of the three, or an option of another one.
        """
        if [self.api, self.maas, self.eas].count(None) != 2:  # noqa: PLR2004 - two of three
            raise typer.BadParameter("name one of: --api NAME, --maas NAME, or --eas NAME")
        if self.domain is not None and self.api is None:
            raise typer.BadParameter("--domain: only for --api")
        if self.protocol is not None and self.maas is None:
            raise typer.BadParameter("--protocol: only for --maas")


@dataclass(frozen=True)
class Subject:
    """What is asked: where, the model, and the request of a scene; None for a chat."""

    target: ChatTarget
    model: str
    call: SceneCall | None = None


def subject_of(outputs: Outputs, choice: Choice) -> Subject:
    """Return what the options name, with the key of the environment.

    Raises:
        typer.BadParameter: A name is unknown.
        DashlinkError: It takes no chats, or its key or model is missing.
    """
    if choice.maas is not None:
        return _maas_service(outputs, choice.maas, choice)
    if choice.eas is not None:
        return _eas_service(outputs, choice.eas, choice)
    return _model_api(outputs, str(choice.api), choice)


def _maas_service(outputs: Outputs, name: str, choice: Choice) -> Subject:
    services = outputs.maas_services
    service = services[known_name("--maas", "service of MaaS", name, sorted(services))]
    chats = [protocol for protocol in service.base_urls if protocol in CHAT_PROTOCOLS]
    if not chats:
        raise DashlinkError(
            f"--maas: {name} has the protocols {', '.join(service.base_urls)}; debug supports "
            f"{', '.join(CHAT_PROTOCOLS)}. Add one to its `protocols`."
        )
    protocol = choice.protocol or chats[0]
    known_name("--protocol", f"protocol of {name} that debug supports", protocol, chats)
    model = _model_of(name, choice.model, service.default_model)
    _warn_of_unknown(name, model, service.models)
    return _direct(choice, ChatTarget(service.base_urls[protocol], "", name, kind="maas"), model)


def _eas_service(outputs: Outputs, name: str, choice: Choice) -> Subject:
    services = outputs.eas_services
    service = services[known_name("--eas", "service of PAI-EAS", name, sorted(services))]
    if _BASE_URL not in service.base_urls:
        raise DashlinkError(
            f"--eas: {name} has no address for OpenAI's protocol. Look at its `clients` in the "
            "settings, and at the outputs."
        )
    model = _model_of(name, choice.model, service.default_model)
    return _direct(choice, ChatTarget(service.base_urls[_BASE_URL], "", name, kind="eas"), model)


def _direct(choice: Choice, target: ChatTarget, model: str) -> Subject:
    """Return a service that is asked directly, with its key."""
    variable = choice.key_env or _VARIABLES[target.kind]
    key = os.environ.get(variable, "").strip()
    if not key:
        what = "token" if target.kind == "eas" else "key"
        raise DashlinkError(
            f"{variable}: not set, and {target.api} requires a {what}. Set it to the {what} of "
            "the service, or name another variable by --key-env."
        )
    complete = ChatTarget(target.base_url, key, target.api, kind=target.kind, key_name=variable)
    return Subject(complete, model)


def _model_of(name: str, model: str | None, default: str | None) -> str:
    if model is None and default is None:
        raise DashlinkError(
            f"--model: {name} has no default model. Name one, or write its `default_model`."
        )
    return str(model or default)


def _warn_of_unknown(name: str, model: str, models: Sequence[str]) -> None:
    """Warn of a model that the settings do not list: names are taken literally, with their case."""
    if not models or model in models:
        return
    similar = most_similar(model, models)
    advice = f" Did you mean {similar}?" if similar is not None else ""
    problem = f"not among the `models` of {name} (got {shown(model)})"
    typer.echo(f"warning: --model: {problem}; names are taken literally.{advice}", err=True)


def _model_api(outputs: Outputs, name: str, choice: Choice) -> Subject:
    apis = outputs.model_apis
    api = apis[known_name("--api", "Model API", name, sorted(apis))]
    call = CALLS.get((api.scene, api.protocol))
    if call is None and not _is_chat(api):
        raise DashlinkError(
            f"--api: {name} has the scene {api.scene} and the protocol {api.protocol}, which debug "
            "does not support (a WebSocket). Run its client file of `dashlink render`."
        )
    path, key = (_COMPLETIONS, _BASE_URL) if call is None else (call.path, call.base_url)
    _check_route(api, name, path)
    if choice.model is None and (call is None or call.body is not None):
        raise typer.BadParameter("--model: a Model API has no default model. Name one.")
    base_url = _base_url(api, choice.domain, key)
    variable = choice.key_env or _VARIABLES["model-api"]
    target = ChatTarget(
        base_url, _key(api, variable), name, key_in=api.key_in or BEARER, key_name=variable
    )
    return Subject(target, choice.model or "", call)


def _check_route(api: ModelApiOutputs, name: str, path: str) -> None:
    """Refuse an API without a route for the request, by the outputs."""
    paths = [route.path for route in api.routes]
    if not paths or any(known.removesuffix("/*").endswith(path) for known in paths):
        return
    if any(known.endswith("/*") for known in paths):
        return
    raise DashlinkError(
        f"--api: {name} has no route for {path}, only {', '.join(paths)}. Look at `routes` in its "
        "settings."
    )


def _is_chat(api: ModelApiOutputs) -> bool:
    return api.scene == _SCENE and api.protocol == _PROTOCOL


def _base_url(api: ModelApiOutputs, domain: str | None, key: str) -> str:
    """Return the base URL under a domain of the API, or under a name that its wildcard covers."""
    requested = domain or api.host
    if requested.startswith("*."):
        raise DashlinkError(f"--domain: {requested} is a wildcard. Name one of its names.")
    known = requested
    wildcard = f"*.{requested.partition('.')[2]}"
    if requested not in api.domains and wildcard in api.domains:
        known = wildcard
    known = known_name("--domain", f"domain of {api.name}", known, sorted(api.domains))
    urls = api.domains[known]
    if key not in urls:
        raise DashlinkError(
            f"--api: the outputs of {api.name} have no URL {key}, which {api.scene} in "
            f"{api.protocol} needs (got {', '.join(sorted(urls))}). Deploy the stack again."
        )
    return urls[key].replace(known, requested, 1)


def _key(api: ModelApiOutputs, variable: str) -> str:
    """Return the consumer's key; empty for an API without authentication."""
    if api.auth is None:
        return ""
    if api.auth == "ak-sk":
        raise DashlinkError(
            f"--api: {api.name} requires signed requests, which debug does not support. "
            "Name another API."
        )
    key = os.environ.get(variable, "").strip()
    if not key:
        consumers = " or ".join(api.consumers) or "one of its consumers"
        raise DashlinkError(
            f"{variable}: not set, and {api.name} requires a key. Set it to the key of "
            f"{consumers}, or name another variable by --key-env."
        )
    return key
