"""Blocks that settings and resources share: one model each, with limits, defaults and docs.

Aliases are the names in the gateway's API (APIG 2024-03-27, SDK 11.6.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from dashlink.cloud.words import (
    WHOLE_BODY,
    CheckProtocol,
    ChunkRule,
    FieldSource,
    RiskLevel,
)
from dashlink.resources.contract import ResourceModel

# "Manage Model APIs" (2026): letters, digits, "_", "-", at most 64 characters.
NAME_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"


def _status_text(value: Any) -> Any:
    """Accept a status as a number, as YAML reads it."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


HttpStatus = Annotated[
    str,
    BeforeValidator(_status_text, json_schema_input_type=str | int),
    Field(pattern=r"^[1-5][0-9][0-9]$"),
]
HEALTHY_STATUSES = ("200",)
"""Statuses of a healthy address, unless a check names others; the API requires a list for HTTP."""


class HealthCheck(ResourceModel):
    """Active health check of the addresses of a service."""

    path: Annotated[str, Field(alias="httpPath", pattern=r"^/")] = "/"
    """Path that an HTTP check requests."""
    protocol: Annotated[CheckProtocol, Field(alias="protocol")] = "TCP"
    """Protocol of the check."""
    host: Annotated[str | None, Field(alias="httpHost")] = None
    """Host name that an HTTP check sends; default: the service's."""
    expected_statuses: Annotated[tuple[HttpStatus, ...] | None, Field(alias="expectedStatuses")] = (
        None
    )
    """Statuses of a healthy address, for an HTTP check; default: `[200]`."""
    interval_seconds: Annotated[int, Field(alias="interval", ge=1, le=300)] = 5
    """Time between two checks, in seconds."""
    timeout_seconds: Annotated[int, Field(alias="timeout", ge=1, le=300)] = 2
    """Time limit of one check, in seconds."""
    healthy_after: Annotated[int, Field(alias="healthyThreshold", ge=1, le=10)] = 1
    """Consecutive successes before an address is marked healthy."""
    unhealthy_after: Annotated[int, Field(alias="unhealthyThreshold", ge=1, le=10)] = 3
    """Consecutive failures before an address is marked unhealthy."""

    @model_validator(mode="before")
    @classmethod
    def _with_statuses(cls, values: Any) -> Any:
        """Add the default statuses to a check by HTTP."""
        if not isinstance(values, Mapping) or values.get("protocol") != "HTTP":
            return values
        return {**values, "expected_statuses": values.get("expected_statuses") or HEALTHY_STATUSES}


HTTP_CHECK_FIELDS = ("path", "host", "expected_statuses")
"""Fields of a check that only a check by HTTP uses."""


class OutlierDetection(ResourceModel):
    """Ejection of addresses whose real requests fail."""

    interval_seconds: Annotated[int, Field(alias="interval", ge=1, le=600)] = 30
    """Time between two evaluations, in seconds."""
    ejection_seconds: Annotated[int, Field(alias="baseEjectionTime", ge=1, le=3600)] = 30
    """Minimum time that an address stays ejected, in seconds."""
    failure_percent: Annotated[int, Field(alias="failurePercentageThreshold", ge=1, le=100)] = 50
    """Percentage of failed requests from which an address is ejected."""
    minimum_hosts: Annotated[int, Field(alias="failurePercentageMinimumHosts", ge=1, le=100)] = 1
    """Minimum number of addresses of the service for detection to run."""


class ContentSecurity(ResourceModel):
    """Inspection of requests and responses by the content moderation service."""

    service_address: Annotated[str, Field(alias="serviceAddress")]
    """Address of the inspection service (green-cip), in the region's VPC network."""
    requests: Annotated[bool, Field(alias="checkRequest")] = True
    """Inspect requests."""
    answers: Annotated[bool, Field(alias="checkResponse")] = False
    """Inspect responses."""
    risk_level: Annotated[RiskLevel, Field(alias="riskAlertLevel")] = "medium"
    """Lowest risk level that is refused; `max`: inspect, and refuse nothing (not verified)."""
    buffer_kilobytes: Annotated[int, Field(alias="bufferLimit", ge=1, le=1500)] = 1000
    """Amount of a response that is held back for inspection at a time, in kilobytes."""


class LogField(ResourceModel):
    """Further field of the access log, read from requests or responses."""

    key: Annotated[str, Field(alias="fieldKey", pattern=NAME_PATTERN)]
    """Name of the field in the log, each once."""
    source: Annotated[FieldSource, Field(alias="source")]
    """Where the value comes from."""
    path: Annotated[str, Field(alias="jsonPath")]
    """Path of the value (gjson syntax), or the fixed value."""
    rule: Annotated[ChunkRule | None, Field(alias="rule")] = None
    """How the chunks of a streamed response are joined."""


BODY_LOG_FIELDS = (
    LogField(key="request_body", source="request_body", path=WHOLE_BODY),
    LogField(key="response_body", source="response_body", path=WHOLE_BODY),
    LogField(
        key="response_stream", source="response_streaming_body", path=WHOLE_BODY, rule="append"
    ),
)
"""Fields that hold whole bodies; those of a streamed response are its chunks."""
