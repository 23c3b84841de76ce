"""What a Model API asks of callers and does with requests, as written: credentials, observation, limits, cache."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashlink.types import Secret, SettingsModel

NAME = r"^[A-Za-z0-9_-]{1,64}$"  # "Manage Model APIs" (2026): letters, digits, "_", "-", at most 64


class Auth(SettingsModel):
    """How callers prove who they are."""

    by: Literal["api-key", "jwt", "ak-sk"] = "api-key"
    """Kind of credential."""


class Observation(SettingsModel):
    """What is kept of requests. Logging keeps whole bodies, prompts and answers, in the access log in SLS."""

    metrics: bool = True
    """Counts: requests, tokens, latency."""
    logging: bool = False
    """Request and response bodies in the access log: who reads it, reads every prompt. Needs the gateway's log."""
    tracing: bool = False
    """Traces. No API turns them on (SDK 11.6.0): `up` reminds you to do it in the console."""
    fields: tuple[StatisticsField, ...] = ()
    """Further fields of requests and answers to keep."""


class StatisticsField(SettingsModel):
    """A field that is read from requests or answers and kept."""

    key: str = Field(pattern=NAME)
    """Name in the log."""
    source: Literal[
        "fixed_value",
        "request_header",
        "request_body",
        "response_header",
        "response_body",
        "response_streaming_body",
    ]
    """Where it is read."""
    path: str
    """Path to it (gjson), or the fixed value."""
    rule: Literal["first", "append", "replace"] | None = None
    """How the pieces of a stream are joined."""


class TokenLimit(SettingsModel):
    """How many tokens may pass in a time."""

    tokens: int = Field(ge=1)
    """Tokens in each period."""
    per: Literal["second", "minute", "hour", "day"] = "minute"
    """The period."""
    by: Literal["global", "consumer", "header", "query", "model"] = "global"
    """What is counted apart."""
    key: str | None = None
    """Name of the header or query parameter."""
    value: str | None = None
    """Only this consumer, value or model; default: each for itself."""


class ContentSecurity(SettingsModel):
    """Have requests and answers inspected."""

    service_address: str
    """Address of the inspection (green-cip), in the region's VPC network."""
    requests: bool = True
    """Inspect what is asked."""
    answers: bool = False
    """Inspect what is answered."""
    risk_level: Literal["low", "medium", "high"] = "medium"
    """From which risk on something is refused."""
    buffer_kilobytes: int = Field(default=1000, ge=1, le=1500)
    """How much of an answer is held back at a time."""


class Redis(SettingsModel):
    """A Redis of yours."""

    host: str
    """Its address."""
    port: int = Field(default=6379, ge=1, le=65535)
    """Its port."""
    username: str | None = None
    """User."""
    password: Secret | None = None
    """Password."""


class Cache(SettingsModel):
    """Answer the same question from memory."""

    mode: Literal["exact", "semantic"] = "exact"
    """`exact`: the same words; `semantic`: the same meaning, by an embedding."""
    ttl_seconds: int = Field(default=600, ge=1, le=604800)
    """How long an answer is kept."""
    redis: Redis | None = None
    """Where answers are kept; default: the gateway's own."""
    embedding_service: str | None = None
    """AI service for embeddings (semantic)."""
    embedding_model: str | None = None
    """Model for embeddings (semantic)."""
    vector_host: str | None = None
    """Address of the vector database (semantic)."""
    vector_collection: str | None = None
    """Its collection (semantic)."""
    vector_key: Secret | None = None
    """Its key (semantic)."""
    threshold: float = Field(default=0.9, gt=0, le=1)
    """Likeness from which a question counts as the same (semantic)."""


Observation.model_rebuild()
