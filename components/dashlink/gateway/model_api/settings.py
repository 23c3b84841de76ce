"""A Model API as people write it: routing, authentication, observation, limits, cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Field, WrapValidator

from dashlink.gateway.catalog import Scene
from dashlink.gateway.consumer import AuthType
from dashlink.gateway.field_types import OneOrMore, is_map
from dashlink.resources.blocks import NAME_PATTERN, ContentSecurity, LogField
from dashlink.types import ResourceGroupId, Secret, SettingsModel, wrong

_MOST_QUESTION_MARKS = 8


def _pattern(value: str) -> str:
    # The time to decide whether a pattern can be reached grows fast with the question marks.
    if value.count("?") > _MOST_QUESTION_MARKS:
        problem = f"more than {_MOST_QUESTION_MARKS} question marks"
        raise wrong(problem, "Write `*` for text of any length.")
    return value


class Auth(SettingsModel):
    """Authentication of clients."""

    by: AuthType = "api-key"
    """Type of credential."""


class Observation(SettingsModel):
    """Metrics and logs of requests. Logs hold whole bodies, prompts and answers, and go to SLS."""

    metrics: bool = True
    """Collect metrics: requests, tokens, latency. `logging` and `fields` collect them too."""
    logging: bool = False
    """Write the bodies of requests and responses to the access log, where its readers see every
    prompt.

    Needs `gateway.access_log`.
    """
    tracing: bool = False
    """Traces. Refused: no API turns them on (SDK 11.6.0). Do it in the console: the gateway,
    Parameters, Observability Parameters, Tracing.
    """
    fields: tuple[LogField, ...] = ()
    """Further fields of requests and responses in the access log."""


Period: TypeAlias = Literal["second", "minute", "hour", "day", "month"]


class Limit(SettingsModel):
    """A limit with one of `tokens`, `requests`, `concurrent`."""

    tokens: int | None = Field(default=None, ge=1)
    """Tokens in each period. Documented for scene `text` only, elsewhere a warning."""
    requests: int | None = Field(default=None, ge=1)
    """Requests in each period."""
    concurrent: int | None = Field(default=None, ge=1)
    """Requests at a time."""
    per: Period | None = None
    """Period of `tokens` or `requests`; not with `concurrent`. Default: minute."""
    by: Literal["global", "consumer", "header", "query", "cookie", "ip", "model"] = "global"
    """What has a count of its own; `ip` is the client's address, and `consumer` needs `consumers`.
    """
    key: str | None = None
    """Name of the header, query parameter or cookie; only with these three."""
    value: str | None = None
    """The one consumer (by its `name`; one that the API allows), header value, query value, cookie
    value, address or model that is limited; not with `global`. Default: each of them.
    """


class Redis(SettingsModel):
    """A Redis instance of yours."""

    host: str
    """Address of the instance."""
    port: int = Field(default=6379, ge=1, le=65535)
    """Port of the instance."""
    username: str | None = None
    """User name."""
    password: Secret | None = None
    """Password."""


class Cache(SettingsModel):
    """Cache of answers."""

    mode: Literal["exact", "semantic"] = "exact"
    """`exact`: equal questions share an answer; `semantic`: similar ones too, by embeddings."""
    ttl_seconds: int = Field(default=600, ge=1, le=604800)
    """Time to live of an answer, in seconds."""
    redis: Redis | None = None
    """A Redis instance of yours for the answers; default: the gateway's own."""
    embedding_service: str | None = None
    """Semantic: AI service for embeddings, by its name in `ai_services`; it must support OpenAI/v1.
    Required, as are `embedding_model` and the keys of the vector database.
    """
    embedding_model: str | None = None
    """Model for embeddings (semantic)."""
    embedding_type: Literal["dashscope", "openai"] = "dashscope"
    """Semantic: API in which the service computes embeddings, Model Studio's or OpenAI's (the
    latter is not verified).
    """
    vector_host: str | None = None
    """Address of the vector database (semantic)."""
    vector_collection: str | None = None
    """Collection in the vector database (semantic)."""
    vector_key: Secret | None = None
    """API key of the vector database (semantic)."""
    threshold: float = Field(default=0.9, gt=0, le=1)
    """Similarity from which two questions share an answer (semantic)."""


class Choice(SettingsModel):
    """An AI service, and the model name that it receives."""

    service: str
    """Name in `ai_services`."""
    model: str | None = None
    """Model name in the request to the service; default: the client's."""


class ModelChoice(Choice):
    """An AI service for the model names that match a pattern."""

    match: Annotated[str, AfterValidator(_pattern)] = Field(min_length=1, max_length=128)
    """Pattern of model names: `*` for any text, `?` for one character, at most 8 of these.

    The first match decides."""


class WeightedChoice(Choice):
    """An AI service with its share of the requests."""

    weight: int = Field(ge=1, le=100)
    """Percentage of the requests; the weights of an API sum to 100."""


def _read_default(value: Any, read_choice: Callable[[Any], Any]) -> Any:
    if value == "none":
        return value
    if is_map(value):
        return read_choice(value)
    raise wrong("neither a service nor none", "Write {service: …}, or none.")


def _read_routes(value: Any, read_names: Callable[[Any], Any]) -> Any:
    if value in ("scene", "llm"):
        return value
    if isinstance(value, list | tuple):
        return read_names(value)
    advice = "Write scene, llm, or the names of some routes, e.g. [first, second]."
    raise wrong("neither scene, llm nor a list", advice)


DefaultChoice: TypeAlias = Choice | Literal["none"]
Routes: TypeAlias = Literal["scene", "llm"] | tuple[str, ...]
if not TYPE_CHECKING:
    _default_reader = WrapValidator(_read_default, json_schema_input_type=DefaultChoice)
    _routes_reader = WrapValidator(_read_routes, json_schema_input_type=Routes)
    DefaultChoice = Annotated[Choice, _default_reader]
    Routes = Annotated[tuple[str, ...], _routes_reader]


class ModelApiSettings(SettingsModel):
    """A Model API, with one of `service`, `by_model`, `by_weight`; its key is the default name."""

    name: str | None = Field(default=None, pattern=NAME_PATTERN)
    """Name of the API, unique in the account: two stacks in one account need two names. Default:
    its key.
    """
    scene: Scene
    """Scene of the API."""
    protocol: str | None = None
    """Protocol of the clients, one of the scene's (docs/model-apis.md#built-in-routes); default:
    the first of the scene.
    """
    routes: Routes = "scene"
    """`scene`: all built-in routes; `llm`: the three of the older LLM API; or a list of route
    names. A name that is in no catalog gives a warning.
    """
    domains: OneOrMore = Field(min_length=1)
    """Domains of the API, one or a list, by their names in `domains`, each once."""
    base_path: str = Field(default="/", pattern=r"^/[A-Za-z0-9_./~-]*$")
    """Path before those of the routes: letters, digits, `_`, `.`, `~`, `-`, without empty segments
    or a trailing `/`. Each pair of domain and base path has one API.
    """
    remove_base_path: bool = True
    """Remove the base path before a request is forwarded. `false` with a base path is refused if
    any service of the API, fallbacks included, is Model Studio's.
    """
    service: str | None = None
    """The one AI service of the API, by its name in `ai_services`."""
    model: str | None = None
    """With `service`: model name in the request to the service; default: the client's."""
    by_model: tuple[ModelChoice, ...] = ()
    """AI services by model name; the first match decides."""
    default: DefaultChoice | None = None
    """With `by_model`: AI service for all other names; `none`: refuse them. Required unless a
    pattern matches every name.
    """
    by_weight: tuple[WeightedChoice, ...] = ()
    """AI services by weight; the weights sum to 100."""
    fallbacks: tuple[Choice, ...] = ()
    """AI services to try, in order, when one responds with 4xx or 5xx.

    A service may be listed again with another model."""
    fallback_only_on_upstream_codes: bool = False
    """Fall back only on a response of the service, not when it is unreachable."""
    auth: Auth | None = None
    """Credential that clients must send; refused without `consumers`. Default: an API key where
    `consumers` is set, else none.
    """
    consumers: tuple[str, ...] = ()
    """Consumers that may call the API, by their names in `consumers`, each once. Without this key
    every client may call it, which is a warning; `consumers: []` says that this is intended.
    """
    observe: Observation = Observation()
    """Metrics and logs."""
    first_byte_timeout_seconds: int | None = Field(default=None, ge=1, le=3600)
    """Time limit for the first byte of a service's response, in seconds. More than 600 is of no use
    with Model Studio's dashscope names, which is a warning. If you remove it later, the API retains
    its value. Default: the server's.
    """
    limits: tuple[Limit, ...] = ()
    """Limits of tokens, requests or concurrent requests."""
    content_security: ContentSecurity | None = None
    """Inspection of requests and responses."""
    cache: Cache | None = None
    """Cache of answers."""
    description: str | None = Field(default=None, max_length=255)
    """Description, at most 255 characters; it marks the API as the stack's own. Default: `dashlink:
    <project>-<stack>`.
    """
    resource_group_id: ResourceGroupId | None = None
    """Resource group of the API (`rg-…`); default: the stack's."""
