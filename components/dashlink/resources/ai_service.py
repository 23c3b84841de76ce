"""`AiService`: a model service that Model APIs route to, with its address and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from dashlink.cloud.words import CheckProtocol
from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.ai_service import AI_SERVICE


class EasArgs(TypedDict):
    """Arguments of an `EasInputs`."""

    workspace_id: pulumi.Input[str]
    service_id: NotRequired[pulumi.Input[str] | None]
    service_name: pulumi.Input[str]
    endpoint_type: pulumi.Input[str]


class BedrockArgs(TypedDict):
    """Arguments of a `BedrockInputs`."""

    region: pulumi.Input[str]
    access_key: pulumi.Input[str]
    secret_key: pulumi.Input[str]


class VertexArgs(TypedDict):
    """Arguments of a `VertexInputs`."""

    project_id: pulumi.Input[str]
    region: pulumi.Input[str]
    auth_key: pulumi.Input[str]
    auth_service: NotRequired[pulumi.Input[str] | None]


class HealthCheckArgs(TypedDict):
    """Arguments of a `HealthCheck`."""

    path: NotRequired[pulumi.Input[str]]
    protocol: NotRequired[pulumi.Input[CheckProtocol]]
    host: NotRequired[pulumi.Input[str] | None]
    expected_statuses: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]] | None]
    interval_seconds: NotRequired[pulumi.Input[int]]
    timeout_seconds: NotRequired[pulumi.Input[int]]
    healthy_after: NotRequired[pulumi.Input[int]]
    unhealthy_after: NotRequired[pulumi.Input[int]]


class OutlierDetectionArgs(TypedDict):
    """Arguments of an `OutlierDetection`."""

    interval_seconds: NotRequired[pulumi.Input[int]]
    ejection_seconds: NotRequired[pulumi.Input[int]]
    failure_percent: NotRequired[pulumi.Input[int]]
    minimum_hosts: NotRequired[pulumi.Input[int]]


class AiService(DashlinkResource):
    """A model service that Model APIs route to. Its id is the service's (`svc-…`).

    Keys are replaced in place, all at once. The cloud returns keys masked; a refresh shows a key
    that is not the stack's.
    """

    contract = AI_SERVICE

    gateway_id: pulumi.Output[str]
    name: pulumi.Output[str]
    vendor: pulumi.Output[str]
    address: pulumi.Output[str | None]
    protocols: pulumi.Output[list[str]]
    compatible_protocols: pulumi.Output[list[str]]
    api_keys: pulumi.Output[list[str]]
    default_model: pulumi.Output[str | None]
    eas: pulumi.Output[dict[str, Any] | None]
    bedrock: pulumi.Output[dict[str, Any] | None]
    vertex: pulumi.Output[dict[str, Any] | None]
    health_check: pulumi.Output[dict[str, Any] | None]
    outlier_detection: pulumi.Output[dict[str, Any] | None]
    verify: pulumi.Output[bool]
    resource_group_id: pulumi.Output[str | None]
    service_id: pulumi.Output[str]
    verified: pulumi.Output[list[dict[str, Any]]]

    def __init__(
        self,
        resource_name: str,
        *,
        gateway_id: pulumi.Input[str],
        name: pulumi.Input[str],
        vendor: pulumi.Input[str],
        address: pulumi.Input[str] | None = None,
        protocols: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        compatible_protocols: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        api_keys: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        default_model: pulumi.Input[str] | None = None,
        eas: pulumi.Input[EasArgs] | None = None,
        bedrock: pulumi.Input[BedrockArgs] | None = None,
        vertex: pulumi.Input[VertexArgs] | None = None,
        health_check: pulumi.Input[HealthCheckArgs] | None = None,
        outlier_detection: pulumi.Input[OutlierDetectionArgs] | None = None,
        verify: pulumi.Input[bool] | None = None,
        resource_group_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the service; the arguments are the fields of `AiServiceInputs`."""
        super().__init__(resource_name, locals(), opts)
