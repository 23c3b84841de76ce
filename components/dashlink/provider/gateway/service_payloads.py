"""Inputs of AI services as the API's JSON, and back. Pure; names as in SDK 11.6.0.

Keys may come back masked: those that the stack knows are recognised.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashlink.cloud.apig import without_none
from dashlink.resources.gateway_models import (
    AiServiceInputs,
    BedrockInputs,
    EasInputs,
    HealthCheckInputs,
    OutlierDetectionInputs,
    VertexInputs,
)

_JSON = Mapping[str, Any]
UNKNOWN_KEY = "a key that this stack does not know"
"""Stands in state for a key that the cloud has and the stack has not; it is no key."""


def ai_service_config(inputs: AiServiceInputs) -> dict[str, Any]:
    """The aiServiceConfig of a service."""
    eas, bedrock, vertex = inputs.eas, inputs.bedrock, inputs.vertex
    return without_none(
        {
            "provider": inputs.vendor,
            "address": inputs.address,
            "protocols": list(inputs.protocols) or None,
            "apiKeys": list(inputs.api_keys),
            "ApiKeyGenerateMode": "Custom",
            "defaultModelName": inputs.default_model,
            "enableHealthCheck": inputs.health_check is not None,
            "enableOutlierDetection": inputs.outlier_detection is not None,
            "paiEASServiceConfig": eas
            and without_none(
                {
                    "workspaceId": eas.workspace_id,
                    "serviceId": eas.service_id,
                    "serviceName": eas.service_name,
                    "endpointType": eas.endpoint_type,
                }
            ),
            "bedrockServiceConfig": bedrock
            and {
                "awsRegion": bedrock.region,
                "awsAccessKey": bedrock.access_key,
                "awsSecretKey": bedrock.secret_key,
            },
            "vertexServiceConfig": vertex
            and without_none(
                {
                    "vertexProjectId": vertex.project_id,
                    "vertexRegion": vertex.region,
                    "vertexAuthKey": vertex.auth_key,
                    "vertexAuthServiceName": vertex.auth_service,
                }
            ),
        }
    )


def service_update(inputs: AiServiceInputs) -> dict[str, Any]:
    """The body of UpdateService: all that can change."""
    check, outlier = inputs.health_check, inputs.outlier_detection
    body: dict[str, Any] = {
        "aiServiceConfig": ai_service_config(inputs),
        "healthCheckConfig": {"enable": False},
        "outlierDetectionConfig": {"enable": False},
    }
    if check is not None:
        body["healthCheckConfig"] = {
            "enable": True,
            "protocol": check.protocol,
            "httpPath": check.path,
            "interval": check.interval_seconds,
            "timeout": check.timeout_seconds,
            "healthyThreshold": check.healthy_after,
            "unhealthyThreshold": check.unhealthy_after,
        }
    if outlier is not None:
        body["outlierDetectionConfig"] = {
            "enable": True,
            "interval": outlier.interval_seconds,
            "baseEjectionTime": outlier.ejection_seconds,
            "failurePercentageThreshold": outlier.failure_percent,
            "failurePercentageMinimumHosts": outlier.minimum_hosts,
        }
    return body


def read_service(data: _JSON, known: AiServiceInputs | None) -> AiServiceInputs:
    """A service as the API tells it; Bedrock's and Vertex's keys, which come masked, are those of ``known``."""
    config = data.get("aiServiceConfig") or {}
    eas = config.get("paiEASServiceConfig")
    return AiServiceInputs(
        gateway_id=data.get("gatewayId", ""),
        name=data.get("name", ""),
        vendor=config.get("provider", ""),
        address=config.get("address") or None,
        protocols=tuple(config.get("protocols") or ()),
        api_keys=recognised(known.api_keys if known is not None else (), config.get("apiKeys")),
        default_model=config.get("defaultModelName") or None,
        eas=EasInputs(
            workspace_id=eas.get("workspaceId", ""),
            service_id=eas.get("serviceId"),
            service_name=eas.get("serviceName", ""),
            endpoint_type=eas.get("endpointType", ""),
        )
        if eas
        else None,
        bedrock=_read_bedrock(
            config.get("bedrockServiceConfig"), known.bedrock if known is not None else None
        ),
        vertex=_read_vertex(
            config.get("vertexServiceConfig"), known.vertex if known is not None else None
        ),
        health_check=_read_check(data.get("healthCheck") or {}),
        outlier_detection=_read_outlier(data.get("outlierDetection") or {}),
        verify=known.verify if known is not None else False,
        resource_group_id=data.get("resourceGroupId") or None,
    )


def recognised(known: Sequence[str], told: Sequence[str] | None) -> tuple[str, ...]:
    """Keys as the cloud tells them: those that are known are given whole, others stand as `UNKNOWN_KEY`.

    A masked key (`sk-a****wxyz`) is known where one key begins and ends so; two keys may look alike, so the one in the
    same place is asked first, and each stands for one only. Nothing told is nothing changed.
    """
    if told is None:
        return tuple(known)
    left = list(known)
    found: list[str] = []
    for place, one in enumerate(told):
        likely = [
            key
            for key in (*known[place : place + 1], *left)
            if key in left and _looks_like(key, one)
        ]
        found.append(likely[0] if likely else UNKNOWN_KEY)
        if likely:
            left.remove(likely[0])
    return tuple(found)


def _looks_like(key: str, told: str) -> bool:
    head, stars, rest = told.partition("*")
    if not stars:
        return key == told
    tail = rest.lstrip("*")
    return len(key) >= len(head) + len(tail) and key.startswith(head) and key.endswith(tail)


def _read_bedrock(told: _JSON | None, known: BedrockInputs | None) -> BedrockInputs | None:
    if not told:
        return None
    return BedrockInputs(
        region=told.get("awsRegion", ""),
        access_key=known.access_key if known is not None else UNKNOWN_KEY,
        secret_key=known.secret_key if known is not None else UNKNOWN_KEY,
    )


def _read_vertex(told: _JSON | None, known: VertexInputs | None) -> VertexInputs | None:
    if not told:
        return None
    return VertexInputs(
        project_id=told.get("vertexProjectId", ""),
        region=told.get("vertexRegion", ""),
        auth_key=known.auth_key if known is not None else UNKNOWN_KEY,
        auth_service=told.get("vertexAuthServiceName") or None,
    )


def _read_check(told: _JSON) -> HealthCheckInputs | None:
    if not told.get("enable"):
        return None
    return HealthCheckInputs(
        path=told.get("httpPath") or "/",
        protocol=told.get("protocol") or "TCP",
        interval_seconds=told.get("interval") or 0,
        timeout_seconds=told.get("timeout") or 0,
        healthy_after=told.get("healthyThreshold") or 0,
        unhealthy_after=told.get("unhealthyThreshold") or 0,
    )


def _read_outlier(told: _JSON) -> OutlierDetectionInputs | None:
    if not told.get("enable"):
        return None
    return OutlierDetectionInputs(
        interval_seconds=told.get("interval") or 0,
        ejection_seconds=told.get("baseEjectionTime") or 0,
        failure_percent=told.get("failurePercentageThreshold") or 0,
        minimum_hosts=told.get("failurePercentageMinimumHosts") or 0,
    )
