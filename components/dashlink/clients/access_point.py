"""What a client connects to: an endpoint, a Model API, or a model service, in one view.

Templates that serve all of them read this view; those of one kind read its outputs besides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from dashlink.clients.authorities import authority_variables, java_command
from dashlink.clients.catalog import OFF_VARIABLES, host_variables
from dashlink.clients.chat.maas_codes import CODES
from dashlink.clients.outputs import (
    BEARER,
    EasServiceOutputs,
    EndpointOutputs,
    KeyPlacement,
    MaasServiceOutputs,
    ModelApiOutputs,
    Outputs,
)

Kind = Literal["endpoint", "model-api", "eas-service", "maas-service"]
UNUSED = "unused"
"""Value of a key that a client requires and that the server does not read."""
_CHAT_MODEL = "qwen-plus"
_CHAT_PROTOCOLS = ("openai", "anthropic", "dashscope")


@dataclass(frozen=True)
class AccessPoint:
    """What a client connects to.

    Attributes:
        kind: What it is.
        name: Its name in the settings.
        title: What it is, for people: one line.
        folder: Folder of its files, below the output folder.
        host: Host that clients dial, with its port if it has one.
        base_urls: Base URL by protocol, as in the outputs.
        model: Model that files name; empty where none is known.
        key_variable: Environment variable with the user's key.
        key: What the key is, for people.
        key_in: Where requests carry the key; None if none is required, or requests are signed.
        is_signed: Whether requests are signed, so that a key is not enough.
        answers_chat: Whether it answers chat requests.
        notes: Notes for people, one line each.
        unverified: Properties that were not verified, one line each.
        specific: Further variables of the templates of its kind.
        authorities: PEM file of the authorities that clients trust; empty for those that they have.
    """

    kind: Kind
    name: str
    title: str
    folder: PurePosixPath
    host: str
    base_urls: Mapping[str, str]
    model: str
    key_variable: str
    key: str
    key_in: KeyPlacement | None
    is_signed: bool
    answers_chat: bool
    notes: tuple[str, ...]
    unverified: tuple[str, ...]
    specific: Mapping[str, object]
    authorities: str = ""

    @cached_property
    def urls(self) -> dict[str, str]:
        """Base URL by protocol; that of OpenAI's also where MaaS has another name for it."""
        urls = dict(self.base_urls)
        chat = self.specific.get("openai_base_url")
        if self.kind == "maas-service" and chat:
            urls["openai"] = str(chat)
        return urls

    @property
    def ca_file(self) -> str:
        """PEM file of the authorities that clients trust; empty where nothing has a certificate."""
        has_tls = any(url.startswith(("https:", "wss:")) for url in self.base_urls.values())
        return self.authorities if has_tls else ""

    @property
    def ca_name(self) -> str:
        """Name of this file without its folders."""
        return PurePosixPath(self.ca_file).name

    @property
    def ca_variables(self) -> dict[str, str]:
        """Variables by which clients trust these authorities."""
        return authority_variables(self.ca_file)

    @property
    def java_command(self) -> str:
        """The command that makes a trust store for Java of the PEM file."""
        return java_command(self.ca_file)

    @property
    def is_bearer(self) -> bool:
        """Whether clients send a key as most do, or need none."""
        return not self.is_signed and (self.key_in is None or self.key_in.is_bearer)

    @property
    def requires_key(self) -> bool:
        """Whether it requires a key."""
        return self.key_in is not None

    @property
    def slug(self) -> str:
        """A name for resources of other systems: lower-case letters, digits and dashes."""
        return f"{self.folder}-client".replace("/", "-")

    @cached_property
    def document(self) -> dict[str, object]:
        """All of it as data: texts, lists of texts, and mappings of texts; no key."""
        place = self.key_in
        key = {"variable": self.key_variable, "source": place.source} if place else {}
        if place:
            key |= {"name": place.name, "prefix": place.prefix}
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "host": self.host,
            "model": self.model,
            "notes": list(self.notes),
            "unverified": list(self.unverified),
            "base_urls": dict(self.base_urls),
            "key": key,
            "key_variables": self.secrets,
            "variables": self.variables,
        }

    @cached_property
    def variables(self) -> dict[str, str]:
        """Variables of hosts, fixed keys, calls that are off, and authorities, with values."""
        studio = self.kind in ("endpoint", "model-api")
        pairs: list[tuple[str, str]] = []
        for protocol in (*self.urls, None):
            pairs += host_variables(self.urls, protocol, studio=studio)
        if "websocket-realtime" in self.urls:
            pairs.append(("REALTIME_URL", self.urls["websocket-realtime"]))
        if self.model:
            pairs.append(("MODEL", self.model))
        return {**dict(pairs), **self.fixed_keys, **OFF_VARIABLES, **self.ca_variables}

    @cached_property
    def secrets(self) -> dict[str, str]:
        """Variables with the key, and the text before it there: in the order of the protocols."""
        return {variable: prefix for variable, prefix in self._keys() if prefix is not None}

    @cached_property
    def fixed_keys(self) -> dict[str, str]:
        """Variables of keys that clients require and the server does not read."""
        return {variable: UNUSED for variable, prefix in self._keys() if prefix is None}

    def _keys(self) -> Iterator[tuple[str, str | None]]:
        """Yield variables of keys, and the text before the key; None for one that is not read."""
        if self.is_signed:
            return
        plain = "" if self.requires_key and self.is_bearer else None
        if "openai" in self.urls:
            yield "OPENAI_API_KEY", plain
            if self.key_in and self.key_in.source == "header" and not self.is_bearer:
                yield "OPENAI_CUSTOM_HEADERS", f"{self.key_in.name}: {self.key_in.prefix}"
        if "anthropic" in self.urls:
            yield from self._anthropic_keys(plain)
        if "dashscope" in self.urls or "websocket-inference" in self.urls:
            yield "DASHSCOPE_API_KEY", plain

    def _anthropic_keys(self, plain: str | None) -> Iterator[tuple[str, str | None]]:
        """Yield the variables of Anthropic's SDKs.

        Version 2 sends each of the two keys as `Authorization: Bearer`, earlier ones the first as
        `x-api-key`, as LiteLLM does. LangChain and pydantic-ai read the first alone.
        """
        place = self.key_in
        if self.is_bearer or place is None or place.source != "header":
            yield "ANTHROPIC_API_KEY", plain
            if self.kind != "endpoint":
                yield "ANTHROPIC_AUTH_TOKEN", plain
            return
        is_own = place.name.lower() == "x-api-key" and not place.prefix
        yield "ANTHROPIC_API_KEY", "" if is_own else None
        yield "ANTHROPIC_CUSTOM_HEADERS", f"{place.name}: {place.prefix}"


def endpoint_access(outputs: Outputs, name: str, endpoint: EndpointOutputs) -> AccessPoint:
    """Return the view of an endpoint, or of a workspace's connection."""
    way = f"the private endpoint {endpoint.endpoint_id}"
    if endpoint.endpoint_id is None:
        way = f"the private connection of the workspace {endpoint.workspace_id}"
    return AccessPoint(
        kind="endpoint",
        name=name,
        title=f"Model Studio through {way} of stack {outputs.stack}",
        folder=PurePosixPath(name),
        host=endpoint.host,
        base_urls=dict(endpoint.base_urls),
        model=_CHAT_MODEL,
        key_variable="DASHSCOPE_API_KEY",
        key="your Model Studio key",
        key_in=BEARER,
        is_signed=False,
        answers_chat=True,
        notes=endpoint.notes,
        unverified=endpoint.unverified,
        specific={"endpoint": endpoint},
        authorities=outputs.client_ca_file or "",
    )


def api_access(outputs: Outputs, name: str, api: ModelApiOutputs) -> AccessPoint:
    """Return the view of a Model API under its first domain."""
    is_text = api.scene == "text"
    what = "token" if api.auth == "jwt" else "key"
    consumers = f" ({', '.join(api.consumers)})" if api.consumers else ""
    return AccessPoint(
        kind="model-api",
        name=name,
        title=f"The Model API {api.name} ({api.scene}, {api.protocol}) on the AI gateway of stack "
        f"{outputs.stack}",
        folder=PurePosixPath("model-apis", name),
        host=api.host,
        base_urls=dict(api.base_urls),
        model=_CHAT_MODEL if is_text else "",
        key_variable="MODEL_API_KEY",
        key=f"the {what} of a consumer{consumers}",
        key_in=api.key_in if api.auth in ("api-key", "jwt") else None,
        is_signed=api.auth not in (None, "api-key", "jwt"),
        answers_chat=is_text,
        notes=api.notes,
        unverified=api.unverified,
        specific={"api": api},
        authorities=outputs.client_ca_file or "",
    )


def eas_access(outputs: Outputs, name: str, service: EasServiceOutputs) -> AccessPoint:
    """Return the view of a model service of PAI-EAS."""
    return AccessPoint(
        kind="eas-service",
        name=name,
        title=f"The model service {service.name} of PAI-EAS, in stack {outputs.stack}",
        folder=PurePosixPath("eas-services", name),
        host=_host_of(service.base_urls),
        base_urls=dict(service.base_urls),
        model=service.default_model or "",
        key_variable="EAS_TOKEN",
        key="the token of the service",
        key_in=BEARER,
        is_signed=False,
        answers_chat=not set(_CHAT_PROTOCOLS).isdisjoint(service.base_urls),
        notes=service.notes,
        unverified=service.unverified,
        specific={"service": service, "model": service.default_model or ""},
        authorities=outputs.client_ca_file or "",
    )


def maas_access(outputs: Outputs, name: str, service: MaasServiceOutputs) -> AccessPoint:
    """Return the view of a model service of Huawei MaaS."""
    host = _host_of(service.base_urls)
    return AccessPoint(
        kind="maas-service",
        name=name,
        title=f"Models of Huawei ModelArts MaaS, in stack {outputs.stack}",
        folder=PurePosixPath("maas-services", name),
        host=host,
        base_urls=dict(service.base_urls),
        model=service.default_model or "",
        key_variable="MAAS_API_KEY",
        key="a key of the region of MaaS",
        key_in=BEARER,
        is_signed=False,
        answers_chat=True,
        notes=service.notes,
        unverified=service.unverified,
        specific={
            "service": service,
            "host": host,
            "openai_base_url": service.chat_base_url,
            "causes": _causes(),
            "model": service.default_model or "",
        },
        authorities=outputs.client_ca_file or "",
    )


def _host_of(base_urls: Mapping[str, str]) -> str:
    return urlsplit(next(iter(base_urls.values()), "")).netloc


def _causes() -> dict[str, str]:
    """Return what each code of MaaS means, for files that have no model and no URL at hand."""
    known = {"model": "of this name", "url": "below the base URL"}
    return {code: explanation.problem.format_map(known) for code, explanation in CODES.items()}
