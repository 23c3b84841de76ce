"""Where known clients read hosts and keys, and which public host they dial without.

Every entry was read in the source of the package, of the version and at the place that it has
(November 2026). A client is listed once for each set of keys, variables and default that differ.
What a client reads from no variable must be set in code: ``in_code``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_STUDIO = "dashscope.aliyuncs.com"
_STUDIO_INTERNATIONAL = "dashscope-intl.aliyuncs.com"
_OPENAI, _ANTHROPIC = "api.openai.com", "api.anthropic.com"
_VERCEL = "ai-gateway.vercel.sh"

PUBLIC_HOSTS = (
    _OPENAI,
    _ANTHROPIC,
    _STUDIO,
    "dashscope-intl.aliyuncs.com",
    "dashscope-us.aliyuncs.com",
    _VERCEL,
)
"""Public hosts that clients dial by default, and others of the same services."""
PUBLIC_SUFFIXES = (".dashscope.aliyuncs.com", ".maas.aliyuncs.com")
"""Ends of further public names of Model Studio, where they are no host of the stack."""


@dataclass(frozen=True)
class HostVariable:
    """An environment variable in which clients read a URL.

    Attributes:
        name: The variable.
        protocol: The base URL that its value is, by its key in the outputs.
        readers: The clients, for a comment.
        ending: What follows the base URL.
        without: What is removed from the end of the base URL first.
    """

    name: str
    protocol: str
    readers: str
    ending: str = ""
    without: str = ""

    @property
    def is_studio(self) -> bool:
        """Whether its clients send the key of Model Studio, also to another host."""
        return not self.name.startswith(("OPENAI_", "ANTHROPIC_"))


_IMAGE = "/services/aigc/multimodal-generation/generation"
_LITELLM = "LiteLLM"

HOST_VARIABLES: tuple[HostVariable, ...] = (
    HostVariable("OPENAI_BASE_URL", "openai", "OpenAI SDKs, LiteLLM, LangChain, pydantic-ai"),
    HostVariable("OPENAI_API_BASE", "openai", "LlamaIndex, LangChain, LiteLLM"),
    HostVariable("DASHSCOPE_COMPATIBLE_BASE_URL", "openai", "Completions of DashScope SDK"),
    HostVariable("DASHSCOPE_API_BASE", "openai", "LiteLLM dashscope/, langchain-qwq"),
    HostVariable("QWENCLOUD_API_BASE", "openai", "LiteLLM qwencloud/"),
    HostVariable("QWEN_AI_PLATFORM_API_BASE", "openai", "LiteLLM qwen_ai_platform/"),
    HostVariable("ANTHROPIC_BASE_URL", "anthropic", "Anthropic SDKs, LangChain, LiteLLM"),
    HostVariable("ANTHROPIC_API_BASE", "anthropic", _LITELLM),
    HostVariable("ANTHROPIC_API_URL", "anthropic", "LangChain"),
    HostVariable("DASHSCOPE_HTTP_BASE_URL", "dashscope", "DashScope SDK 1.x, 2.x, Java"),
    HostVariable("DASHSCOPE_BASE_URL", "dashscope", "DashScope SDK 2.x"),
    HostVariable("DASHSCOPE_HTTP_URL", "dashscope", "qwen-agent"),
    HostVariable("DASHSCOPE_AGENTSTUDIO_URL", "dashscope", "DashScope SDKs", "/agentstudio"),
    HostVariable("AGENTSTUDIO_URL", "dashscope", "DashScope SDKs", "/agentstudio"),
    HostVariable("DASHSCOPE_API_BASE_IMAGE", "dashscope", _LITELLM, _IMAGE),
    HostVariable("DASHSCOPE_API_BASE_VIDEO", "dashscope", _LITELLM, without="/api/v1"),
    HostVariable("QWENCLOUD_API_BASE_IMAGE", "dashscope", _LITELLM, _IMAGE),
    HostVariable("QWENCLOUD_API_BASE_VIDEO", "dashscope", _LITELLM, without="/api/v1"),
    HostVariable("QWEN_AI_PLATFORM_API_BASE_IMAGE", "dashscope", _LITELLM, _IMAGE),
    HostVariable("QWEN_AI_PLATFORM_API_BASE_VIDEO", "dashscope", _LITELLM, without="/api/v1"),
    HostVariable("DASHSCOPE_API_BASE_RERANK", "rerank", _LITELLM, "/reranks"),
    HostVariable("QWENCLOUD_API_BASE_RERANK", "rerank", _LITELLM, "/reranks"),
    HostVariable("QWEN_AI_PLATFORM_API_BASE_RERANK", "rerank", _LITELLM, "/reranks"),
    HostVariable(
        "DASHSCOPE_WEBSOCKET_BASE_URL", "websocket-inference", "DashScope SDK 1.x, 2.x, Java"
    ),
    HostVariable("DASHSCOPE_WEBSOCKET_URL", "websocket-inference", "qwen-agent"),
    HostVariable("REALTIME_URL", "websocket-realtime", "programs, for what reads no variable"),
    HostVariable("DASHSCOPE_WEBSOCKET_OMNI_BASE_URL", "websocket-realtime", "DashScope Java"),
    HostVariable(
        "DASHSCOPE_WEBSOCKET_QWEN_TTS_REALTIME_BASE_URL", "websocket-realtime", "DashScope Java"
    ),
)
"""All variables, the one that most clients read first in each protocol."""


OFF_VARIABLES: Mapping[str, str] = {
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}
"""Variables that end calls of clients to further public hosts, whatever their base URL.

OpenAI Agents SDK sends prompts and answers with the key to api.openai.com, as traces (0.24.0,
agents/tracing/processors.py). LiteLLM gets its price list from raw.githubusercontent.com (1.106.2,
litellm/litellm_core_utils/get_model_cost_map.py), Haystack reports its use (3.4.0,
haystack/telemetry/_telemetry.py): both without key and prompt.
"""


@dataclass(frozen=True)
class Reading:
    """What a client reads for one kind of call.

    Attributes:
        keys: Variables of the key; any of them is enough for a call.
        hosts: Variables of the URL; the first that is set counts. Empty: it reads none.
        public: The host that it dials where none of them is set.
    """

    keys: tuple[str, ...]
    hosts: tuple[str, ...]
    public: str


@dataclass(frozen=True)
class Client:
    """One client in one version.

    Attributes:
        name: The package.
        version: The version that was read; for a repository, its commit.
        source: File of the package.
        readings: What it reads, for each kind of call that differs.
        ignores: Variables that one might expect it to read.
        in_code: What it reads from no variable; empty: nothing.
    """

    name: str
    version: str
    source: str
    readings: tuple[Reading, ...]
    ignores: tuple[str, ...] = ()
    in_code: str = ""


_STUDIO_KEYS = ("DASHSCOPE_API_KEY",)
_OPENAI_KEYS = ("OPENAI_API_KEY",)
_ANTHROPIC_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
_UPLOAD = "a local file (`file://`) is uploaded to object storage, at the host that the API names"
_OPENAI_SDK = Reading(_OPENAI_KEYS, ("OPENAI_BASE_URL",), _OPENAI)
_ANTHROPIC_SDK = Reading(_ANTHROPIC_KEYS, ("ANTHROPIC_BASE_URL",), _ANTHROPIC)
_AGENTSTUDIO = Reading(
    ("DASHSCOPE_WORKSPACE",),
    ("DASHSCOPE_AGENTSTUDIO_URL", "AGENTSTUDIO_URL"),
    "<workspace>.<region>.maas.aliyuncs.com",
)
_OPENAI_EITHER = Reading(_OPENAI_KEYS, ("OPENAI_BASE_URL", "OPENAI_API_BASE"), _OPENAI)


def _studio(public: str, *hosts: str) -> Reading:
    return Reading(_STUDIO_KEYS, hosts, public)


def _litellm_platform(prefix: str, public: str, images: str) -> Iterator[Reading]:
    """Yield what LiteLLM reads for one of its names of Model Studio."""
    keys = tuple(dict.fromkeys((f"{prefix}_API_KEY", *_STUDIO_KEYS)))
    for kind in ("", "_IMAGE", "_VIDEO", "_RERANK"):
        host = images if kind == "_IMAGE" else public
        yield Reading(keys, (f"{prefix}_API_BASE{kind}",), host)


CLIENTS: tuple[Client, ...] = (
    Client(
        "openai (Python)",
        "3.52.0",
        "openai/lib/_client_auth.py",
        (_OPENAI_SDK,),
        ignores=("OPENAI_API_BASE",),
    ),
    Client("anthropic (Python)", "2.12.0", "anthropic/_client.py", (_ANTHROPIC_SDK,)),
    Client(
        "dashscope (Python)",
        "1.26.7",
        "dashscope/common/env.py, agentstudio/client.py, audio/qwen_omni/omni_realtime.py",
        (
            _studio(_STUDIO, "DASHSCOPE_HTTP_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_WEBSOCKET_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_COMPATIBLE_BASE_URL"),
            _AGENTSTUDIO,
        ),
        ignores=("DASHSCOPE_BASE_URL",),
        in_code=f"`url=` of OmniRealtimeConversation and QwenTtsRealtime ({_STUDIO}); {_UPLOAD}",
    ),
    Client(
        "dashscope (Python)",
        "2.0.2",
        "dashscope/v2/_config.py, v2/transport/ws_connection.py, v2/resources/audio/realtime.py",
        (
            _studio(_STUDIO, "DASHSCOPE_BASE_URL", "DASHSCOPE_HTTP_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_WEBSOCKET_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_COMPATIBLE_BASE_URL"),
            _AGENTSTUDIO,
        ),
        in_code=f"`ws_url=` of client.audio.realtime.connect ({_STUDIO}), and what 1.x needs; one "
        f"base URL serves all protocols of a Client; {_UPLOAD}",
    ),
    Client(
        "dashscope-sdk-java",
        "2.22.13, 2.22.29",
        "utils/Constants.java, audio/omni/OmniRealtimeParam.java, "
        "audio/qwen_tts_realtime/QwenTtsRealtimeParam.java, agentstudio/AgentStudioConstants.java",
        (
            _studio(_STUDIO, "DASHSCOPE_HTTP_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_WEBSOCKET_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_WEBSOCKET_OMNI_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_WEBSOCKET_QWEN_TTS_REALTIME_BASE_URL"),
            _AGENTSTUDIO,
        ),
        ignores=("DASHSCOPE_BASE_URL", "DASHSCOPE_COMPATIBLE_BASE_URL"),
        in_code=f"the URL of TingWu in 2.22.13 ({_STUDIO}); AgentStudio is of 2.22.29",
    ),
    Client(
        "litellm",
        "1.109.1",
        "litellm/llms/dashscope/, llms/openai/chat/gpt_transformation.py, "
        "llms/anthropic/common_utils.py",
        (
            _OPENAI_EITHER,
            Reading(_ANTHROPIC_KEYS, ("ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"), _ANTHROPIC),
            *_litellm_platform("DASHSCOPE", _STUDIO, _STUDIO_INTERNATIONAL),
            *_litellm_platform("QWENCLOUD", _STUDIO_INTERNATIONAL, _STUDIO_INTERNATIONAL),
            *_litellm_platform("QWEN_AI_PLATFORM", _STUDIO, _STUDIO),
        ),
        ignores=("DASHSCOPE_BASE_URL", "DASHSCOPE_HTTP_BASE_URL"),
    ),
    Client(
        "langchain-openai",
        "1.7.4",
        "langchain_openai/chat_models/base.py",
        (Reading(_OPENAI_KEYS, ("OPENAI_API_BASE", "OPENAI_BASE_URL"), _OPENAI),),
    ),
    Client(
        "langchain-anthropic",
        "1.7.10",
        "langchain_anthropic/chat_models.py",
        (Reading(_ANTHROPIC_KEYS, ("ANTHROPIC_API_URL", "ANTHROPIC_BASE_URL"), _ANTHROPIC),),
    ),
    Client(
        "langchain-qwq (ChatQwen, ChatQwQ)",
        "0.3.5",
        "langchain_qwq/base.py",
        (_studio(_STUDIO_INTERNATIONAL, "DASHSCOPE_API_BASE"),),
        ignores=("DASHSCOPE_BASE_URL", "OPENAI_BASE_URL"),
    ),
    Client(
        "langchain-community (ChatTongyi)",
        "0.4.2",
        "langchain_community/chat_models/tongyi.py, embeddings/dashscope.py",
        (_studio(_STUDIO, "DASHSCOPE_HTTP_BASE_URL"),),
    ),
    Client(
        "llama-index-llms-openai, -openai-like",
        "0.8.3, 0.8.1",
        "llama_index/llms/openai/utils.py",
        (Reading(_OPENAI_KEYS, ("OPENAI_API_BASE",), _OPENAI),),
        ignores=("OPENAI_BASE_URL",),
    ),
    Client(
        "llama-index-llms-dashscope",
        "0.7.0",
        "llama_index/llms/dashscope/base.py",
        (_studio(_STUDIO, "DASHSCOPE_HTTP_BASE_URL"),),
    ),
    Client(
        "pydantic-ai (openai:, anthropic:)",
        "2.68.0",
        "pydantic_ai/providers/openai.py, providers/anthropic.py",
        (_OPENAI_SDK, _ANTHROPIC_SDK),
    ),
    Client(
        "pydantic-ai (alibaba:)",
        "2.68.0",
        "pydantic_ai/providers/alibaba.py",
        (Reading(("ALIBABA_API_KEY", *_STUDIO_KEYS), (), _STUDIO_INTERNATIONAL),),
        in_code=f"`base_url=` of AlibabaProvider ({_STUDIO_INTERNATIONAL}), or use openai:",
    ),
    Client(
        "qwen-agent",
        "0.0.34",
        "qwen_agent/llm/qwen_dashscope.py, llm/qwenomni_oai.py",
        (
            _studio(_STUDIO, "DASHSCOPE_HTTP_URL", "DASHSCOPE_HTTP_BASE_URL"),
            _studio(_STUDIO, "DASHSCOPE_WEBSOCKET_URL", "DASHSCOPE_WEBSOCKET_BASE_URL"),
        ),
        in_code=f"`model_server` of the OpenAI kinds of model: omni has the default {_STUDIO}",
    ),
    Client(
        "openai-agents",
        "0.24.0",
        "agents/models/openai_provider.py, tracing/processors.py, tracing/provider.py",
        # Its traces go to the public host with key and prompt, unless they are off.
        (_OPENAI_SDK, Reading(_OPENAI_KEYS, ("OPENAI_AGENTS_DISABLE_TRACING",), _OPENAI)),
    ),
    Client(
        "haystack-ai",
        "3.4.0",
        "haystack/components/generators/chat/openai.py",
        (_OPENAI_SDK,),
    ),
    Client("smolagents", "1.26.0", "smolagents/models.py (OpenAIModel)", (_OPENAI_SDK,)),
    Client("autogen-ext", "0.7.5", "autogen_ext/models/openai/_openai_client.py", (_OPENAI_SDK,)),
    Client("instructor", "1.17.0", "instructor (wraps a client of openai)", (_OPENAI_SDK,)),
    Client(
        "agentscope",
        "2.0.10",
        "agentscope/credential/_openai.py, credential/_dashscope.py",
        (_OPENAI_SDK,),
        in_code=f"`base_url` of DashScopeCredential ({_STUDIO})",
    ),
    Client(
        "llm",
        "0.36",
        "llm/default_plugins/openai_models.py",
        (Reading(_OPENAI_KEYS, (), _OPENAI),),
        in_code=f"`api_base` in extra-openai-models.yaml ({_OPENAI})",
    ),
    Client(
        "openai-java",
        "0446c58",
        "com/openai/core/ClientOptions.kt (fromEnv)",
        (_OPENAI_SDK,),
    ),
    Client(
        "openai (Node)",
        "6.49.0, 7.57.0",
        "client.js",
        (_OPENAI_SDK,),
        ignores=("OPENAI_API_BASE",),
        in_code="`encoding_format` of embeddings in 6: it reads floats as base64, as zeros",
    ),
    Client("@anthropic-ai/sdk", "1.12.0", "client.js", (_ANTHROPIC_SDK,)),
    Client(
        "ai (Vercel), models named as text",
        "7.0.173",
        "dist/index.js, @ai-sdk/gateway/dist/index.js",
        (Reading(("AI_GATEWAY_API_KEY",), (), _VERCEL),),
        in_code=f"`globalThis.AI_SDK_DEFAULT_PROVIDER` ({_VERCEL})",
    ),
    Client(
        "@ai-sdk/openai-compatible",
        "3.0.92",
        "docs/index.mdx",
        (),
        ignores=("OPENAI_BASE_URL", "OPENAI_API_KEY"),
        in_code="`baseURL` and `apiKey`, which it requires",
    ),
    Client("@ai-sdk/openai", "3.0.141", "dist/index.js", (_OPENAI_SDK,)),
    Client(
        "@ai-sdk/anthropic",
        "3.0.138",
        "dist/index.js",
        (Reading(("ANTHROPIC_API_KEY",), ("ANTHROPIC_BASE_URL",), _ANTHROPIC),),
        in_code="`baseURL` with /v1 at its end: it appends only /messages to the variable",
    ),
    Client(
        "@langchain/openai",
        "1.5.8",
        "dist/chat_models/base.js",
        (Reading(_OPENAI_KEYS, ("OPENAI_API_BASE", "OPENAI_BASE_URL"), _OPENAI),),
    ),
    Client(
        "qwen-ai-provider",
        "0.1.1",
        "dist/index.js",
        (_studio(_STUDIO_INTERNATIONAL),),
        in_code=f"`baseURL` of createQwen ({_STUDIO_INTERNATIONAL})",
    ),
)
"""All clients that were read."""

_BLOCKED_DOMAIN = "dashlink.invalid"


def is_public(host: str) -> bool:
    """Return whether a host is a public one of a model service, unless a stack has it."""
    return host in PUBLIC_HOSTS or host.endswith(PUBLIC_SUFFIXES)


def is_blocked(host: str) -> bool:
    """Return whether a host is one of those that dashlink writes for what is not served."""
    return host == _BLOCKED_DOMAIN or host.endswith(f".{_BLOCKED_DOMAIN}")


def blocked_url(protocol: str) -> str:
    """Return a URL for a protocol that is not served: its host answers nobody, and has the cause.

    No name under ``.invalid`` exists (RFC 2606, section 2). The scheme is always with TLS, so that
    a proxy which resolves names gets no key either.
    """
    scheme = "wss" if protocol.startswith("websocket-") else "https"
    return f"{scheme}://no-{protocol}-here.{_BLOCKED_DOMAIN}"


def url_of(base_urls: Mapping[str, str], protocol: str) -> str:
    """Return the base URL of a protocol, or one that answers nobody where it is not served."""
    return base_urls.get(protocol) or blocked_url(protocol)


def value_of(variable: HostVariable, base_url: str) -> str:
    """Return the value of a variable for the base URL of its protocol."""
    ending = variable.ending
    if variable.protocol == "rerank" and not base_url.endswith("/compatible-api/v1"):
        ending = "/rerank"  # vLLM's path, as Model APIs have it
    return base_url.removesuffix(variable.without) + ending


def host_variables(
    base_urls: Mapping[str, str], protocol: str | None = None, *, studio: bool = True
) -> list[tuple[str, str]]:
    """Return names and values of variables for the base URLs of an endpoint, API or service.

    Args:
        base_urls: Base URL by protocol.
        protocol: The only protocol; None for all that are not served, which get a host that
            answers nobody.
        studio: Whether the base URLs are for keys of Model Studio, or of consumers of a gateway;
            if not, variables of clients that send such keys get a host that answers nobody.
    """
    pairs = []
    for variable in HOST_VARIABLES:
        base_url = base_urls.get(variable.protocol)
        if base_url is None or (variable.is_studio and not studio):
            if protocol is None:
                name = variable.protocol if studio else _blocked_name(variable)
                pairs.append((variable.name, blocked_url(name)))
        elif variable.protocol == protocol:
            pairs.append((variable.name, value_of(variable, base_url)))
    return pairs


def _blocked_name(variable: HostVariable) -> str:
    """Return the protocol in the blocked host of a service without Model Studio's protocols."""
    if variable.protocol.startswith("websocket-") or not variable.is_studio:
        return variable.protocol
    return "dashscope"
