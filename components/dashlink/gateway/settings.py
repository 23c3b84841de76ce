"""The AI gateway as people write it: the gateway, domains, AI services, consumers and Model APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from dashlink.gateway.catalog import Scene
from dashlink.gateway.policies import NAME, Auth, Cache, ContentSecurity, Observation, TokenLimit
from dashlink.types import GatewayId, Secret, SettingsModel, Tags, VpcId, ZoneId, wrong

_MOST_QUESTION_MARKS = 8


def _listed(value: Any) -> Any:
    """One thing is a list of one."""
    return (value,) if isinstance(value, str) else value


def _pattern(value: str) -> str:
    """More question marks than names have use for make it slow to tell which patterns can be reached."""
    if value.count("?") > _MOST_QUESTION_MARKS:
        raise wrong(
            f"more than {_MOST_QUESTION_MARKS} question marks", "Write `*` for text of any length."
        )
    return value


_OneOrMore = Annotated[
    tuple[str, ...],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class GatewaySettings(SettingsModel):
    """An AI gateway: made here, or an existing one by its id."""

    id: GatewayId | None = None
    """An existing AI gateway (`gw-…`); nothing of it is changed."""
    environment_id: str | None = Field(default=None, pattern=r"^env-[0-9A-Za-z-]+$")
    """Environment for the Model APIs (`env-…`); default: the gateway's own."""
    spec: str = "aigw.small.x1"
    """Size, as the product names it."""
    zones: tuple[ZoneId, ...] | None = None
    """Zones of the gateway, two of the network's; default: its two, where it has no more."""
    internet: bool = False
    """Also give it an address on the internet. Refused where `private_only` is set."""
    access_log: bool = False
    """Deliver access logs to SLS. Needed by `observe.logging`; can be set only when the gateway is made."""
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][0-9A-Za-z_-]{0,63}$")
    """Name of the gateway; default: made from project and stack."""
    resource_group_id: str | None = None
    """Resource group of the gateway (`rg-…`)."""
    tags: Tags = Field(default_factory=dict)
    """Tags of the gateway, over those of the stack."""
    deletion_protection: bool = False
    """Refuse to delete the gateway, by Pulumi, until this is taken away."""
    spellings: Mapping[str, str] = Field(default_factory=dict)
    """Words of the API to use instead of dashlink's, by the keys in docs/model-apis.md: `{routing.by-model: …}`."""
    ready_timeout_seconds: int = Field(default=900, ge=1, le=86400)
    """How long `up` waits for the gateway's addresses, in seconds."""


class DomainSettings(SettingsModel):
    """A domain that Model APIs are served under; its key is the name."""

    id: str | None = Field(default=None, pattern=r"^d-[0-9A-Za-z-]+$")
    """An existing domain of the gateway (`d-…`); nothing of it is changed."""
    scheme: Literal["http", "https"] = "https"
    """How clients dial it."""
    certificate_id: str | None = None
    """Certificate for https (Certificate Management Service, `1234567-cn-hangzhou`)."""
    force_https: bool = False
    """Send clients that come by http to https."""
    tls_min: Literal["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"] | None = None
    """Least version of TLS."""
    name_by: Literal["private-zone", "none"] = "private-zone"
    """`private-zone`: made here, in the VPC alone; `none`: you lead the name to the gateway yourself."""
    ttl_seconds: int = Field(default=15, ge=5, le=86400)
    """Time to live of the private name in seconds, 5 to 86400."""
    attach_to: tuple[VpcId, ...] = ()
    """Further VPCs of the region in which the name answers; they need a route to the gateway's VPC of their own."""
    public: bool = False
    """Meant to be dialled from the internet. Refused where `private_only` is set."""


class EasService(SettingsModel):
    """A model service of PAI-EAS."""

    workspace_id: str
    """Id of the PAI workspace."""
    service_id: str | None = None
    """Id of the service (`eas-m-…`)."""
    service_name: str
    """Name of the service."""
    access: Literal["private", "public"] = "private"
    """How the gateway reaches it; `private` needs both in one VPC."""
    vpc_id: VpcId | None = None
    """VPC of the service, where it is known: compared with the gateway's."""


class HealthCheck(SettingsModel):
    """An active check of a service's address."""

    path: str = Field(default="/", pattern=r"^/")
    """Path that is asked."""
    protocol: Literal["HTTP", "TCP"] = "TCP"
    """What is spoken."""
    interval_seconds: int = Field(default=5, ge=1, le=300)
    """Time between two checks."""
    timeout_seconds: int = Field(default=2, ge=1, le=300)
    """Time for one."""
    healthy_after: int = Field(default=1, ge=1, le=10)
    """Good checks until it counts as well."""
    unhealthy_after: int = Field(default=3, ge=1, le=10)
    """Bad checks until it counts as ill."""


class OutlierDetection(SettingsModel):
    """Leaves addresses out that fail in real traffic."""

    interval_seconds: int = Field(default=30, ge=1, le=600)
    """Time between two looks."""
    ejection_seconds: int = Field(default=30, ge=1, le=3600)
    """Least time that an address stays out."""
    failure_percent: int = Field(default=50, ge=1, le=100)
    """Share of failed requests that puts it out."""
    minimum_hosts: int = Field(default=1, ge=1, le=100)
    """Fewest addresses of the service for it to work."""


class Bedrock(SettingsModel):
    """Models of AWS Bedrock."""

    region: str
    """AWS region."""
    access_key: Secret
    """AWS access key id."""
    secret_key: Secret
    """AWS secret key."""


class Vertex(SettingsModel):
    """Models of Google Vertex AI."""

    project_id: str
    """Google Cloud project."""
    region: str
    """Google Cloud region."""
    auth_key: Secret
    """Key of the service account (JSON)."""
    auth_service: str | None = None
    """Name of the gateway's service that gives tokens."""


class AiServiceSettings(SettingsModel):
    """What a Model API sends to: one of `endpoint`, `eas`, `base_url`, `bedrock`, `vertex`."""

    endpoint: str | None = None
    """Model Studio through this endpoint of the stack, by its name in `endpoints`."""
    eas: EasService | None = None
    """A model service of PAI-EAS."""
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+(/\S*)?$")
    """Base URL of an OpenAI-compatible host."""
    bedrock: Bedrock | None = None
    """AWS Bedrock."""
    vertex: Vertex | None = None
    """Google Vertex AI."""
    vendor: str | None = None
    """The vendor, as the product's list names it; default: by the kind of service, for `base_url` custom."""
    protocols: tuple[str, ...] | None = None
    """Protocols that it speaks; default: the vendor's."""
    scenes: tuple[Scene, ...] | None = None
    """What it can do; default: everything that its protocols are for."""
    api_keys: tuple[Secret, ...] = ()
    """Its keys, each `{config: key}`; several are used in turn. To rotate: add the new one, `up`, remove the old."""
    default_model: str | None = None
    """Model where a request names none."""
    health_check: HealthCheck | bool = False
    """Active check; true for the usual one."""
    outlier_detection: OutlierDetection | bool = False
    """Leave failing addresses out; true for the usual way."""
    verify: bool = False
    """Have the gateway ask the service for a chat completion when it is made."""


class ConsumerSettings(SettingsModel):
    """Somebody who calls Model APIs; its key is the name. At least one kind of credential."""

    api_keys: tuple[Secret, ...] = ()
    """API keys, each `{config: key}`; two while one replaces the other."""
    api_key_headers: _OneOrMore = ()
    """Headers that carry the key, at most 3; default: `Authorization: Bearer`."""
    api_key_query: str | None = None
    """Query parameter that carries the key, instead of a header."""
    ak_sk: tuple[AccessKeyPair, ...] = ()
    """Access keys with which requests are signed."""
    jwt: Jwt | None = None
    """Tokens that it comes with."""
    name: str | None = Field(default=None, pattern=NAME)
    """Name, unique in the account; default: its key."""
    description: str | None = Field(default=None, max_length=200)
    """Description of the consumer; default: one by which dashlink knows its own."""
    enabled: bool = True
    """Whether it may call at all."""


class AccessKeyPair(SettingsModel):
    """An access key with its secret."""

    access_key: str
    """The key's id; it is no secret."""
    secret_key: Secret
    """The secret."""


class Jwt(SettingsModel):
    """How a consumer's JSON web tokens are read."""

    jwks: Secret
    """The keys that tokens are signed with, a JSON web key set; a secret, for it may hold symmetric keys."""
    header: str = "Authorization"
    """Header of the token."""
    prefix: str = "Bearer "
    """What stands before it."""
    claim: str = "uid"
    """Claim that says who it is."""
    value: str | None = None
    """Value of the claim; default: the consumer's name."""


class Choice(SettingsModel):
    """A service, and the model that it is asked for."""

    service: str
    """Name in `ai_services`."""
    model: str | None = None
    """Model name sent on; default: as it was asked for."""


class ModelChoice(Choice):
    """A service for the model names that fit a pattern."""

    match: Annotated[str, AfterValidator(_pattern)] = Field(min_length=1, max_length=128)
    """Model name, with `*` for any text and `?` for one character, at most 8. The first that fits decides."""


class WeightedChoice(Choice):
    """A service with its share."""

    weight: int = Field(ge=1, le=100)
    """Share in percent; all of an API sum to 100."""


class ModelApiSettings(SettingsModel):
    """A Model API; its key is the name. One of `service`, `by_model`, `by_weight` says where requests go."""

    name: str | None = Field(default=None, pattern=NAME)
    """Name, unique in the account; default: its key."""
    scene: Scene
    """What it is for."""
    protocol: str | None = None
    """What clients speak; default: the first of the scene (docs/model-apis.md)."""
    routes: Literal["scene", "llm"] | tuple[str, ...] = "scene"
    """`scene`: all built-in routes; `llm`: the three of the older LLM API; or the names of some."""
    domains: _OneOrMore = Field(min_length=1)
    """Domains, by their names in `domains`."""
    base_path: str = Field(default="/", pattern=r"^/[A-Za-z0-9_./~-]*$")
    """Path before the routes' own."""
    remove_base_path: bool = True
    """Take the base path away before a request goes to the service."""
    service: str | None = None
    """The one service."""
    model: str | None = None
    """With `service`: model name sent on; default: as it was asked for."""
    by_model: tuple[ModelChoice, ...] = ()
    """Services by model name, the first match decides."""
    default: Choice | Literal["none"] | None = None
    """With `by_model`: where other names go; `none`: they are refused."""
    by_weight: tuple[WeightedChoice, ...] = ()
    """Services by weight."""
    fallbacks: tuple[Choice, ...] = ()
    """What follows, in order, when a service answers 4xx or 5xx. A service may come twice, with another model."""
    fallback_only_on_upstream_codes: bool = False
    """Fall back only when a service answered so itself, not when it could not be reached."""
    auth: Auth | None = None
    """Ask callers for a credential; default: by API key where `consumers` names somebody, else nobody is asked."""
    consumers: tuple[str, ...] = ()
    """Who may call it, by their names in `consumers`."""
    observe: Observation = Observation()
    """What is kept of requests."""
    first_byte_timeout_seconds: int | None = Field(default=None, ge=1, le=3600)
    """How long the gateway waits for a service's first byte."""
    limits: tuple[TokenLimit, ...] = ()
    """Token limits."""
    content_security: ContentSecurity | None = None
    """Inspection of what is asked and answered."""
    cache: Cache | None = None
    """Cache of answers."""
    description: str | None = Field(default=None, max_length=255)
    """Description of the API; default: one by which dashlink knows its own."""
    resource_group_id: str | None = None
    """Resource group of the API (`rg-…`)."""


ConsumerSettings.model_rebuild()
