"""`ModelApi`: a Model API of an AI gateway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from dashlink.cloud.words import ChunkRule, FieldSource, RiskLevel
from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.model_api import MODEL_API


class TargetArgs(TypedDict):
    """Arguments of a `TargetInputs`."""

    service_id: pulumi.Input[str]
    model: NotRequired[pulumi.Input[str] | None]
    pattern: NotRequired[pulumi.Input[str] | None]
    weight: NotRequired[pulumi.Input[int] | None]


class TokenLimitArgs(TypedDict):
    """Arguments of a `TokenLimitInputs`."""

    limit_type: pulumi.Input[str]
    limit_mode: pulumi.Input[str]
    tokens: pulumi.Input[int]
    key: NotRequired[pulumi.Input[str] | None]
    value: NotRequired[pulumi.Input[str] | None]
    for_all: NotRequired[pulumi.Input[bool]]


class ContentSecurityArgs(TypedDict):
    """Arguments of a `ContentSecurity`."""

    service_address: pulumi.Input[str]
    requests: NotRequired[pulumi.Input[bool]]
    answers: NotRequired[pulumi.Input[bool]]
    risk_level: NotRequired[pulumi.Input[RiskLevel]]
    buffer_kilobytes: NotRequired[pulumi.Input[int]]


class CacheArgs(TypedDict):
    """Arguments of a `CacheInputs`."""

    mode: pulumi.Input[str]
    key_strategy: NotRequired[pulumi.Input[str]]
    ttl_seconds: pulumi.Input[int]
    redis_host: NotRequired[pulumi.Input[str] | None]
    redis_port: NotRequired[pulumi.Input[int] | None]
    redis_username: NotRequired[pulumi.Input[str] | None]
    redis_password: NotRequired[pulumi.Input[str] | None]
    embedding_service_id: NotRequired[pulumi.Input[str] | None]
    embedding_model: NotRequired[pulumi.Input[str] | None]
    embedding_type: NotRequired[pulumi.Input[str]]
    vector_host: NotRequired[pulumi.Input[str] | None]
    vector_type: NotRequired[pulumi.Input[str]]
    vector_collection: NotRequired[pulumi.Input[str] | None]
    vector_key: NotRequired[pulumi.Input[str] | None]
    threshold: NotRequired[pulumi.Input[float] | None]


class LogFieldArgs(TypedDict):
    """Arguments of a `LogField`."""

    key: pulumi.Input[str]
    source: pulumi.Input[FieldSource]
    path: pulumi.Input[str]
    rule: NotRequired[pulumi.Input[ChunkRule] | None]


class ModelApi(DashlinkResource):
    """A Model API of an AI gateway, deployed. Its id is the API's (`api-…`)."""

    contract = MODEL_API

    name: pulumi.Output[str]
    gateway_id: pulumi.Output[str]
    environment_id: pulumi.Output[str]
    category: pulumi.Output[str | None]
    protocol: pulumi.Output[str]
    base_path: pulumi.Output[str]
    remove_base_path: pulumi.Output[bool]
    domain_ids: pulumi.Output[list[str]]
    routing: pulumi.Output[str]
    targets: pulumi.Output[list[dict[str, Any]]]
    fallbacks: pulumi.Output[list[dict[str, Any]]]
    fallback_only_on_upstream_codes: pulumi.Output[bool]
    builtin_routes: pulumi.Output[list[str] | None]
    auth_type: pulumi.Output[str | None]
    first_byte_timeout_seconds: pulumi.Output[int | None]
    token_limits: pulumi.Output[list[dict[str, Any]]]
    content_security: pulumi.Output[dict[str, Any] | None]
    cache: pulumi.Output[dict[str, Any] | None]
    statistics: pulumi.Output[bool]
    log_bodies: pulumi.Output[bool]
    fields: pulumi.Output[list[dict[str, Any]]]
    description: pulumi.Output[str | None]
    resource_group_id: pulumi.Output[str | None]
    http_api_id: pulumi.Output[str]
    routes: pulumi.Output[list[dict[str, Any]] | None]
    deployed: pulumi.Output[bool]
    verified: pulumi.Output[list[dict[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        gateway_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        category: pulumi.Input[str] | None = None,
        protocol: pulumi.Input[str],
        base_path: pulumi.Input[str] | None = None,
        remove_base_path: pulumi.Input[bool] | None = None,
        domain_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        routing: pulumi.Input[str],
        targets: pulumi.Input[Sequence[pulumi.Input[TargetArgs]]],
        fallbacks: pulumi.Input[Sequence[pulumi.Input[TargetArgs]]] | None = None,
        fallback_only_on_upstream_codes: pulumi.Input[bool] | None = None,
        builtin_routes: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        auth_type: pulumi.Input[str] | None = None,
        first_byte_timeout_seconds: pulumi.Input[int] | None = None,
        token_limits: pulumi.Input[Sequence[pulumi.Input[TokenLimitArgs]]] | None = None,
        content_security: pulumi.Input[ContentSecurityArgs] | None = None,
        cache: pulumi.Input[CacheArgs] | None = None,
        statistics: pulumi.Input[bool] | None = None,
        log_bodies: pulumi.Input[bool] | None = None,
        fields: pulumi.Input[Sequence[pulumi.Input[LogFieldArgs]]] | None = None,
        description: pulumi.Input[str] | None = None,
        resource_group_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the API; the arguments are the fields of `ModelApiInputs`."""
        super().__init__(resource_name, locals(), opts)
