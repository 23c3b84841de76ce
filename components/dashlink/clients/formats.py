"""The formats of client files: for each, its templates, the files rendered and what they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dashlink.clients.access_point import AccessPoint, Kind

Sends = Literal["bearer", "x-api-key", "plain-header", "header", "header-or-query"]


@dataclass(frozen=True)
class Template:
    """One file of a format.

    Attributes:
        source: Template, in templates/.
        file: File, in the folder of what clients connect to.
        kind: The only kind that it is for; None for all of them.
        protocols: Base URLs that it uses, by protocol.
        either: Base URLs of which it uses at least one, by protocol.
        chat: Whether it asks a model that answers chat requests.
        model: Whether it names a model.
        sends: Where its client can send a key: only as `Authorization: Bearer`; as that or in the
            header x-api-key; in any header as it is, or with text before it; in any header or
            query parameter; None: wherever.
        keyed: Whether it is only for what requires a key.
    """

    source: str
    file: str
    kind: Kind | None = None
    protocols: tuple[str, ...] = ()
    chat: bool = False
    model: bool = False
    sends: Sends | None = None
    keyed: bool = False
    either: tuple[str, ...] = ()

    def missing(self, access: AccessPoint) -> str | None:
        """Return what the file needs and ``access`` lacks; None if nothing."""
        lacking = self._lacking_protocol(access)
        if self.kind not in (None, access.kind):
            return f"is for each {self.kind}"
        if lacking:
            return f"needs the protocol {lacking}"
        if self.chat and not access.answers_chat:
            return "needs a model that answers chat requests"
        if self.model and not access.model:
            return "needs the name of a model (`default_model` in the settings)"
        if self.keyed and not access.secrets:
            return "holds a key, and none is required"
        return self._missing_place(access)

    def _lacking_protocol(self, access: AccessPoint) -> str | None:
        for protocol in self.protocols:
            if protocol not in access.urls:
                return protocol
        if self.either and access.urls.keys().isdisjoint(self.either):
            return " or ".join(self.either)
        return None

    def _missing_place(self, access: AccessPoint) -> str | None:
        if self.sends is None or access.is_bearer:
            return None
        place = access.key_in
        if access.is_signed or place is None:
            return "sends a key, and requests must be signed"
        if self.sends == "header-or-query":
            return None
        fits = place.source == "header" and self.sends != "bearer"
        if self.sends == "x-api-key":
            fits = fits and place.name.lower() == "x-api-key"
        if self.sends != "header":
            fits = fits and not place.prefix
        return None if fits else f"cannot send a key in the {place.source} {place.name}"


def _chat(source: str, file: str, protocol: str = "openai", sends: Sends = "bearer") -> Template:
    """Return a file of a chat client, for whatever speaks its protocol."""
    return Template(source, file, None, (protocol,), chat=True, model=True, sends=sends)


_OPENAI, _DASHSCOPE = ("openai",), ("dashscope",)
_NATIVE = ("dashscope", "websocket-inference")
_ANYWHERE: Sends = "header-or-query"
FORMATS: Mapping[str, tuple[Template, ...]] = {
    "dotenv": (
        Template("dotenv.j2", ".env", kind="endpoint"),
        Template("model_api.env.j2", ".env", kind="model-api"),
        Template("eas.env.j2", ".env", kind="eas-service", protocols=("predict",)),
        Template("maas.env.j2", ".env", kind="maas-service"),
    ),
    "openai-python": (
        Template("openai_client.py.j2", "openai_client.py", "endpoint", _OPENAI),
        Template("model_api_openai.py.j2", "openai_client.py", "model-api", _OPENAI, chat=True),
        Template("eas_openai.py.j2", "openai_client.py", "eas-service", ("openai", "predict")),
        Template("maas_openai.py.j2", "openai_client.py", "maas-service", _OPENAI),
    ),
    "dashscope-python": (
        Template("dashscope_1_client.py.j2", "dashscope_1_client.py", "endpoint", _DASHSCOPE),
        Template("dashscope_2_client.py.j2", "dashscope_2_client.py", "endpoint", _DASHSCOPE),
        Template("eas_prediction.py.j2", "eas_client.py", "eas-service", ("openai", "predict")),
    ),
    "curl": (
        Template("chat.sh.j2", "chat.sh", "endpoint", _OPENAI),
        Template("eas_requests.py.j2", "requests_client.py", "eas-service", ("predict",)),
        Template("eas_chat.sh.j2", "chat.sh", "eas-service", _OPENAI),
        Template("maas_chat.sh.j2", "chat.sh", "maas-service", _OPENAI),
    ),
    # From here on, one template serves whatever clients connect to.
    "dotenv-literal": (Template("literal.env.j2", "literal.env"),),
    "shell": (Template("client.sh.j2", "client.sh"),),
    "json": (Template("client.json.j2", "client.json"),),
    "yaml": (Template("client.yaml.j2", "client.yaml"),),
    "toml": (Template("client.toml.j2", "client.toml"),),
    "kubernetes": (
        Template("configmap.yaml.j2", "configmap.yaml"),
        Template("pod.yaml.j2", "pod.yaml"),
    ),
    "external-secrets": (Template("external-secret.yaml.j2", "external-secret.yaml", keyed=True),),
    "helm": (Template("values.yaml.j2", "values.yaml"),),
    "compose": (Template("compose.yaml.j2", "compose.yaml"),),
    "github-actions": (Template("github-actions.yml.j2", "github-actions.yml"),),
    "pulumi-esc": (Template("esc.yaml.j2", "esc.yaml"),),
    "litellm": (_chat("litellm.yaml.j2", "litellm.yaml"),),
    "claude-code": (
        _chat("claude-settings.json.j2", "claude-settings.json", "anthropic", "x-api-key"),
    ),
    "codex": (_chat("codex.toml.j2", "codex.toml", sends="plain-header"),),
    "qwen-code": (_chat("qwen-settings.json.j2", "qwen-settings.json"),),
    "continue": (_chat("continue.yaml.j2", "continue.yaml"),),
    "open-webui": (_chat("open-webui.env.j2", "open-webui.env"),),
    "dify": (_chat("dify.md.j2", "dify.md"),),
    "spring-ai": (_chat("application.yml.j2", "application.yml"),),
    "langchain-python": (_chat("langchain_client.py.j2", "langchain_client.py", sends="header"),),
    "llama-index-python": (
        _chat("llama_index_client.py.j2", "llama_index_client.py", sends="header"),
    ),
    "pydantic-ai-python": (
        _chat("pydantic_ai_client.py.j2", "pydantic_ai_client.py", sends="header"),
    ),
    "openai-node": (
        Template("openai_client.mjs.j2", "openai_client.mjs", None, _OPENAI, sends=_ANYWHERE),
    ),
    "anthropic-node": (
        _chat("anthropic_client.mjs.j2", "anthropic_client.mjs", "anthropic", _ANYWHERE),
    ),
    "vercel-ai-node": (_chat("ai_client.mjs.j2", "ai_client.mjs", sends=_ANYWHERE),),
    "dashscope-java": (
        Template("DashScopeClient.java.j2", "DashScopeClient.java", sends="bearer", either=_NATIVE),
    ),
}
"""Every format, by its name in `clients` of the settings and in `--format`."""

DEFAULT_FORMATS = ("curl", "dashscope-python", "dotenv", "openai-python")
"""Formats of a stack whose settings name none."""


def formats() -> tuple[str, ...]:
    """Return the names of all formats, sorted."""
    return tuple(sorted(FORMATS))
