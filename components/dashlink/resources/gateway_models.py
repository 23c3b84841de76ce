"""What the gateway's resources are made of: inputs and states, plain models that know neither Pulumi nor an SDK.

A spelling of the API is in them as it goes over the wire (`catalog.spelled`), so that the provider needs no settings.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from dashlink.types import ResourceModel


def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(values))


def _global_last(limits: tuple[TokenLimitInputs, ...]) -> tuple[TokenLimitInputs, ...]:
    """As the API gives them back, which keeps the global ones in a list of their own."""
    return tuple(sorted(limits, key=lambda limit: limit.for_all))


class GatewayAddressesInputs(ResourceModel):
    """The wait for a gateway's addresses."""

    gateway_id: str
    """The gateway (`gw-…`)."""
    environment_id: str | None = None
    """Environment to use; default: the gateway's own."""
    timeout_seconds: int = Field(default=900, ge=1)
    """How long to wait for them."""


class GatewayAddressesState(ResourceModel):
    """Where a gateway is."""

    status: str
    """`Running` once it works."""
    default_environment_id: str
    """Environment that Model APIs are deployed to."""
    intranet_addresses: tuple[str, ...]
    """Names of its load balancers within the VPC."""
    internet_addresses: tuple[str, ...]
    """Names of its load balancers on the internet; empty for a private one."""
    vpc_id: str
    """Its VPC."""
    version: str
    """Version of its engine."""


class EasInputs(ResourceModel):
    """A model service of PAI-EAS."""

    workspace_id: str
    """Id of the PAI workspace."""
    service_id: str | None = None
    """Id of the service."""
    service_name: str
    """Name of the service."""
    endpoint_type: str
    """How it is reached, as the API spells it."""


class BedrockInputs(ResourceModel):
    """AWS Bedrock."""

    region: str
    """AWS region."""
    access_key: str
    """AWS access key id."""
    secret_key: str
    """AWS secret key."""


class VertexInputs(ResourceModel):
    """Google Vertex AI."""

    project_id: str
    """Google Cloud project."""
    region: str
    """Google Cloud region."""
    auth_key: str
    """Key of the service account."""
    auth_service: str | None = None
    """Name of the service that gives tokens."""


class HealthCheckInputs(ResourceModel):
    """An active check."""

    path: str
    """Path that is asked."""
    protocol: str
    """HTTP or TCP."""
    interval_seconds: int
    """Time between two checks."""
    timeout_seconds: int
    """Time for one."""
    healthy_after: int
    """Good checks until it counts as well."""
    unhealthy_after: int
    """Bad checks until it counts as ill."""


class OutlierDetectionInputs(ResourceModel):
    """Leaves failing addresses out."""

    interval_seconds: int
    """Time between two looks."""
    ejection_seconds: int
    """Least time that an address stays out."""
    failure_percent: int
    """Share of failed requests that puts it out."""
    minimum_hosts: int
    """Fewest addresses for it to work."""


class AiServiceInputs(ResourceModel):
    """An AI service of a gateway."""

    gateway_id: str
    """The gateway (`gw-…`)."""
    name: str
    """Name, unique on the gateway."""
    vendor: str
    """Vendor, as the API's list has it."""
    address: str | None = None
    """Base URL; none for PAI-EAS, Bedrock and Vertex."""
    protocols: tuple[str, ...] = ()
    """Protocols that it speaks, as the API spells them."""
    api_keys: tuple[str, ...] = ()
    """Its keys."""
    default_model: str | None = None
    """Model where a request names none."""
    eas: EasInputs | None = None
    """The PAI-EAS service."""
    bedrock: BedrockInputs | None = None
    """AWS Bedrock."""
    vertex: VertexInputs | None = None
    """Google Vertex AI."""
    health_check: HealthCheckInputs | None = None
    """Active check."""
    outlier_detection: OutlierDetectionInputs | None = None
    """Leaves failing addresses out."""
    verify: bool = False
    """Have the gateway ask for a chat completion when the service is made."""
    resource_group_id: str | None = None
    """Resource group."""


class AiServiceState(ResourceModel):
    """What the cloud adds to a service."""

    service_id: str
    """Its id (`svc-…`)."""


class TargetInputs(ResourceModel):
    """A service of a Model API."""

    service_id: str
    """The service (`svc-…`)."""
    model: str | None = None
    """Model name sent on; none: as it was asked for."""
    pattern: str | None = None
    """Model names that go to it."""
    weight: int | None = None
    """Share in percent."""


class TokenLimitInputs(ResourceModel):
    """A token limit, as the API spells it."""

    limit_type: str
    """What is counted apart."""
    limit_mode: str
    """The period."""
    tokens: int
    """Tokens in each period."""
    key: str | None = None
    """Header or query parameter."""
    value: str | None = None
    """Only this value."""
    for_all: bool = False
    """Whether it is a global one, which the API keeps in a list of its own."""


class ContentSecurityInputs(ResourceModel):
    """Inspection of content."""

    service_address: str
    """Address of the inspection."""
    requests: bool
    """Inspect what is asked."""
    answers: bool
    """Inspect what is answered."""
    risk_level: str
    """From which risk on something is refused."""
    buffer_kilobytes: int
    """How much of an answer is held back."""


class CacheInputs(ResourceModel):
    """Cache of answers."""

    mode: str
    """How questions are compared, as the API spells it."""
    ttl_seconds: int
    """How long an answer is kept."""
    redis_host: str | None = None
    """A Redis of yours."""
    redis_port: int | None = None
    """Its port."""
    redis_username: str | None = None
    """Its user."""
    redis_password: str | None = None
    """Its password."""
    embedding_service_id: str | None = None
    """Service for embeddings."""
    embedding_model: str | None = None
    """Model for embeddings."""
    vector_host: str | None = None
    """Vector database."""
    vector_collection: str | None = None
    """Its collection."""
    vector_key: str | None = None
    """Its key."""
    threshold: float | None = None
    """Likeness from which a question counts as the same."""


class FieldInputs(ResourceModel):
    """A field that is kept of requests."""

    key: str
    """Name in the log."""
    source: str
    """Where it is read."""
    path: str
    """Path to it, or the fixed value."""
    rule: str | None = None
    """How the pieces of a stream are joined."""


class ModelApiInputs(ResourceModel):
    """A Model API."""

    name: str
    """Name, unique in the account."""
    gateway_id: str
    """The gateway (`gw-…`)."""
    environment_id: str
    """The environment (`env-…`)."""
    category: str | None = None
    """Scene, as the API spells it; none: the older LLM API."""
    protocol: str
    """Protocol, as the API spells it."""
    base_path: str = "/"
    """Path before the routes' own."""
    remove_base_path: bool = True
    """Take it away before a request goes on. The API never tells it."""
    domain_ids: Annotated[tuple[str, ...], AfterValidator(_sorted)] = ()
    """Domains (`d-…`); their order means nothing."""
    routing: str
    """How a service is chosen, as the API spells it."""
    targets: tuple[TargetInputs, ...]
    """Services that are tried first."""
    fallbacks: tuple[TargetInputs, ...] = ()
    """Services that follow, in order."""
    fallback_only_on_upstream_codes: bool = False
    """Fall back only when a service answered so itself."""
    builtin_routes: tuple[str, ...] | None = None
    """Built-in routes to keep; none: all."""
    auth_type: str | None = None
    """Credential that callers are asked for, as the API spells it; none: nobody is asked."""
    first_byte_timeout_seconds: int | None = None
    """How long the gateway waits for a first byte. The API never tells it."""
    token_limits: Annotated[tuple[TokenLimitInputs, ...], AfterValidator(_global_last)] = ()
    """Token limits, global ones last."""
    content_security: ContentSecurityInputs | None = None
    """Inspection of content."""
    cache: CacheInputs | None = None
    """Cache of answers."""
    statistics: bool = True
    """Count requests, tokens and latency."""
    log_bodies: bool = False
    """Keep bodies of requests and answers in the access log."""
    fields: tuple[FieldInputs, ...] = ()
    """Further fields to keep."""
    description: str | None = None
    """Description."""
    resource_group_id: str | None = None
    """Resource group."""


class ModelApiState(ResourceModel):
    """What the cloud adds to a Model API."""

    http_api_id: str
    """Its id (`api-…`)."""


class DomainInputs(ResourceModel):
    """A domain of AI gateways."""

    name: str
    """The name."""
    protocol: str
    """HTTP or HTTPS."""
    certificate_id: str | None = None
    """Certificate for HTTPS."""
    force_https: bool = False
    """Send clients from HTTP to HTTPS."""
    tls_min: str | None = None
    """Least version of TLS."""
    resource_group_id: str | None = None
    """Resource group."""


class DomainState(ResourceModel):
    """What the cloud adds to a domain."""

    domain_id: str
    """Its id (`d-…`)."""


class KeyPairInputs(ResourceModel):
    """An access key with its secret."""

    access_key: str
    """The key's id."""
    secret_key: str
    """The secret."""


class JwtInputs(ResourceModel):
    """How tokens are read."""

    jwks: str
    """Keys that sign them."""
    header: str
    """Header of the token."""
    prefix: str
    """What stands before it."""
    claim: str
    """Claim that says who it is."""
    value: str
    """Value of the claim."""


class ConsumerInputs(ResourceModel):
    """A consumer."""

    name: str
    """Name, unique in the account."""
    description: str | None = None
    """Description."""
    enabled: bool = True
    """Whether it may call at all."""
    api_keys: tuple[str, ...] = ()
    """API keys."""
    api_key_headers: tuple[str, ...] = ()
    """Headers that carry the key; none: Authorization."""
    api_key_query: str | None = None
    """Query parameter that carries the key."""
    key_pairs: tuple[KeyPairInputs, ...] = ()
    """Access keys with secrets."""
    jwt: JwtInputs | None = None
    """Tokens."""


class ConsumerState(ResourceModel):
    """What the cloud adds to a consumer."""

    consumer_id: str
    """Its id (`cs-…`)."""


class ConsumerAuthorizationInputs(ResourceModel):
    """A consumer's right to call a Model API."""

    consumer_id: str
    """The consumer (`cs-…`)."""
    model_api_id: str
    """The Model API (`api-…`)."""
    environment_id: str
    """The environment (`env-…`)."""
    resource_type: str = "LLM"
    """Kind of API, as the API spells it."""


class ConsumerAuthorizationState(ResourceModel):
    """What the cloud adds to an authorization."""

    rule_id: str
    """Its id (`car-…`)."""
