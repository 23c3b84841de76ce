"""Inputs, outputs and contract of `ModelApi`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from dashlink.cloud.words import WORDS
from dashlink.resources.blocks import ContentSecurity, LogField
from dashlink.resources.contract import (
    CREATE_ONLY,
    SERVER_DEFAULT,
    WRITE_ONLY,
    Contract,
    ResourceModel,
    SecretText,
)
from dashlink.resources.models.verified_word import VerifiedWord


class TargetInputs(ResourceModel):
    """AI service that a Model API routes to."""

    service_id: Annotated[str, Field(alias="serviceId")]
    """Id of the service (`svc-…`)."""
    model: Annotated[str | None, Field(alias="modelName")] = None
    """Model name sent to the service; default: the name in the request."""
    pattern: Annotated[str | None, Field(alias="modelNamePattern")] = None
    """Pattern of the model names that are routed here."""
    weight: Annotated[int | None, Field(alias="weight")] = None
    """Share of the requests, in percent."""


class TokenLimitInputs(ResourceModel):
    """Limit, in the API's spelling."""

    limit_type: Annotated[str, Field(alias="limitType")]
    """What is counted separately, e.g. each consumer."""
    limit_mode: Annotated[str, Field(alias="limitMode")]
    """What is counted (tokens, requests or concurrent requests), and its period."""
    tokens: Annotated[int, Field(alias="limitValue")]
    """The limit: tokens, requests or concurrent requests."""
    key: Annotated[str | None, Field(alias="matchKey")] = None
    """Name of the header, query parameter or cookie."""
    value: Annotated[str | None, Field(alias="matchValue")] = None
    """The one value that the limit is for; default: each value separately."""
    for_all: bool = False
    """Whether the limit is global; the API lists global limits apart."""


class CacheInputs(ResourceModel):
    """Cache of responses."""

    mode: Annotated[str, Field(alias="cacheMode")]
    """How requests are compared, in the API's spelling."""
    key_strategy: Annotated[str, Field(alias="cacheKeyStrategy")] = WORDS[
        "cache-key.last-question"
    ].value
    """What of a request is compared, in the API's spelling; default: the last question."""
    ttl_seconds: Annotated[int, Field(alias="cacheTTL")]
    """Lifetime of a cached response, in seconds."""
    redis_host: Annotated[str | None, Field(alias="redisConfig.host")] = None
    """Address of a Redis instance; default: the gateway's own store."""
    redis_port: Annotated[int | None, Field(alias="redisConfig.port")] = None
    """Port of the Redis instance."""
    redis_username: Annotated[str | None, Field(alias="redisConfig.username")] = None
    """User of the Redis instance."""
    redis_password: Annotated[
        SecretText | None, Field(alias="redisConfig.password"), WRITE_ONLY
    ] = None
    """Password of the user."""
    embedding_service_id: Annotated[str | None, Field(alias="embeddingConfig.serviceId")] = None
    """AI service that computes embeddings (`svc-…`)."""
    embedding_model: Annotated[str | None, Field(alias="embeddingConfig.modelName")] = None
    """Model that computes embeddings."""
    embedding_type: Annotated[str, Field(alias="embeddingConfig.type")] = WORDS[
        "embedding.dashscope"
    ].value
    """API of the embeddings, in the gateway's spelling."""
    vector_host: Annotated[str | None, Field(alias="vectorConfig.serviceHost")] = None
    """Address of the vector database."""
    vector_type: Annotated[str, Field(alias="vectorConfig.type")] = WORDS["vector.dashvector"].value
    """Type of the vector database, in the gateway's spelling."""
    vector_collection: Annotated[str | None, Field(alias="vectorConfig.collectionId")] = None
    """Collection in the vector database."""
    vector_key: Annotated[SecretText | None, Field(alias="vectorConfig.apiKey"), WRITE_ONLY] = None
    """API key of the vector database."""
    threshold: Annotated[float | None, Field(alias="vectorConfig.threshold")] = None
    """Similarity from which two requests are treated as the same."""


def _sorted(values: tuple[str, ...]) -> tuple[str, ...]:
    """Sort ids whose order has no meaning, so that another order is no change."""
    return tuple(sorted(values))


def _global_last(limits: tuple[TokenLimitInputs, ...]) -> tuple[TokenLimitInputs, ...]:
    """Sort limits as the API returns them: it lists global limits apart."""
    return tuple(sorted(limits, key=lambda limit: limit.for_all))


class ModelApiInputs(ResourceModel):
    """Inputs of `ModelApi`."""

    name: Annotated[str, Field(alias="name"), CREATE_ONLY]
    """Name, unique in the account."""
    gateway_id: Annotated[str, Field(alias="deployConfigs.0.gatewayId"), CREATE_ONLY]
    """Id of the gateway (`gw-…`)."""
    environment_id: Annotated[str, Field(alias="deployConfigs.0.environmentId"), CREATE_ONLY]
    """Environment that the API is deployed to (`env-…`)."""
    category: Annotated[str | None, Field(alias="modelCategory"), CREATE_ONLY] = None
    """Scene, in the API's spelling; default: the older LLM API."""
    protocol: Annotated[str, Field(alias="aiProtocols.0")]
    """Protocol of the clients, in the API's spelling."""
    base_path: Annotated[str, Field(alias="basePath")] = "/"
    """Path before the paths of the routes."""
    remove_base_path: Annotated[bool, Field(alias="removeBasePathOnForward"), WRITE_ONLY] = True
    """Remove the base path before a request is forwarded. The API does not return it."""
    domain_ids: Annotated[
        tuple[str, ...], Field(alias="deployConfigs.0.customDomainIds"), AfterValidator(_sorted)
    ] = ()
    """Domains of the API (`d-…`), in any order."""
    routing: Annotated[str, Field(alias="deployConfigs.0.backendScene")]
    """Routing mode, in the API's spelling."""
    targets: Annotated[tuple[TargetInputs, ...], Field(alias="deployConfigs.0.serviceConfigs")]
    """AI services that requests are routed to."""
    fallbacks: tuple[TargetInputs, ...] = ()
    """AI services that are tried next, in order."""
    fallback_only_on_upstream_codes: bool = False
    """Fall back only on error codes of the service itself."""
    builtin_routes: Annotated[
        tuple[str, ...] | None, Field(alias="deployConfigs.0.builtinRouteNames")
    ] = None
    """Names of the built-in routes to serve; default: all."""
    auth_type: Annotated[str | None, Field(alias="authConfig.authType")] = None
    """Credential that clients must send, in the API's spelling; default: no authentication."""
    first_byte_timeout_seconds: Annotated[
        int | None, Field(alias="firstByteTimeout"), SERVER_DEFAULT, WRITE_ONLY
    ] = None
    """Time limit for the first byte of a response, in seconds. The API does not return it."""
    token_limits: Annotated[tuple[TokenLimitInputs, ...], AfterValidator(_global_last)] = ()
    """Limits of tokens, requests or concurrent requests."""
    content_security: ContentSecurity | None = None
    """Inspection of requests and responses."""
    cache: CacheInputs | None = None
    """Cache of responses."""
    statistics: bool = True
    """Count requests, tokens and latency."""
    log_bodies: bool = False
    """Write the bodies of requests and responses to the access log."""
    fields: tuple[LogField, ...] = ()
    """Further fields of the access log."""
    description: Annotated[str | None, Field(alias="description")] = None
    """Description."""
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId"), SERVER_DEFAULT] = None
    """Resource group (`rg-…`)."""


class RouteState(ResourceModel):
    """Built-in route of a Model API."""

    name: str
    """Name of the route."""
    path: str
    """Path after the base path; `/*` at its end matches every path below."""
    methods: tuple[str, ...] = ()
    """HTTP methods of the route; empty: all."""


class ModelApiState(ResourceModel):
    """Outputs of `ModelApi` that come from the cloud."""

    http_api_id: str
    """Id of the API (`api-…`)."""
    routes: tuple[RouteState, ...] | None = None
    """Built-in routes; empty: the cloud lists none; null: an earlier version did not read them."""
    deployed: bool = True
    """Whether the API is deployed to its environment."""
    verified: tuple[VerifiedWord, ...] = ()
    """Words in the inputs that the cloud was seen to accept; null if it was not asked."""


MODEL_API: Final = Contract("dashlink:gateway:ModelApi", ModelApiInputs, ModelApiState)
