"""Consumers of Model APIs: their settings, rules and resource inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from dashlink.errors import Fault
from dashlink.gateway.field_types import OneOrMore
from dashlink.gateway.translation import SecretReader, common_fields, plain_value
from dashlink.marks import Mark
from dashlink.resources.blocks import NAME_PATTERN
from dashlink.resources.models.consumer import ConsumerInputs
from dashlink.types import Secret, SettingsModel

AuthType = Literal["api-key", "jwt", "ak-sk"]
"""Type of the credential that a Model API requires."""

CREDENTIAL_KEYS: Mapping[AuthType, str] = {"api-key": "api_keys", "jwt": "jwt", "ak-sk": "ak_sk"}
"""Key of a consumer's settings that holds its credentials of a type."""

_MOST_HEADERS = 3  # SDK 11.6.0, ApiKeyIdentityConfig: one to three sources, headers only


class AccessKeyPair(SettingsModel):
    """An access key with its secret."""

    access_key: Annotated[str, Mark.PUBLIC_ID]
    """Id of the access key, which is no secret."""
    secret_key: Secret
    """Secret of the access key."""


class Jwt(SettingsModel):
    """Authentication of a consumer by JSON Web Tokens."""

    jwks: Secret
    """JSON Web Key Set that tokens are signed with; a secret, since it may hold symmetric keys."""
    header: str = "Authorization"
    """Header that carries the token."""
    prefix: str = "Bearer "
    """Text before the token in the header."""
    claim: str = "uid"
    """Claim that identifies the consumer."""
    value: str | None = None
    """Expected value of the claim; default: the name of the consumer."""


class ConsumerSettings(SettingsModel):
    """A client of Model APIs, with at least one type of credential; its key is the default name."""

    api_keys: tuple[Secret, ...] = ()
    """API keys, each `{config: key}`; list two during a rotation."""
    api_key_headers: OneOrMore = ()
    """Headers that carry the API key, at most 3; default: `Authorization: Bearer`."""
    api_key_query: str | None = None
    """Query parameter that carries the API key, instead of a header."""
    ak_sk: tuple[AccessKeyPair, ...] = ()
    """Access keys that sign requests."""
    jwt: Jwt | None = None
    """JSON Web Tokens of the consumer."""
    name: str | None = Field(default=None, pattern=NAME_PATTERN)
    """Name of the consumer, unique in the account; default: its key."""
    description: str | None = Field(default=None, max_length=200)
    """Description; default: `dashlink: <project>-<stack>`, the mark of ownership."""
    enabled: bool = True
    """Whether the consumer may call Model APIs."""


def credential_types(settings: ConsumerSettings) -> list[AuthType]:
    """Types of the credentials that a consumer has."""
    return [kind for kind, key in CREDENTIAL_KEYS.items() if getattr(settings, key)]


def find_faults(where: str, settings: ConsumerSettings) -> Iterator[Fault]:
    """Every fault of one consumer."""
    credentials = credential_types(settings)
    if not credentials:
        yield Fault(where, "no credential", "Write `api_keys`, `ak_sk` or `jwt`.")
    headers = settings.api_key_headers
    if len(headers) > _MOST_HEADERS:
        advice = f"Remove some: the gateway reads at most {_MOST_HEADERS}."
        yield Fault(f"{where}.api_key_headers", "too many headers", advice, str(len(headers)))
    if headers and settings.api_key_query is not None:
        advice = "Write the headers or the query parameter."
        yield Fault(f"{where}.api_key_query", "not used with `api_key_headers`", advice)
    if not credentials or "api-key" in credentials:
        return
    for key in ("api_key_headers", "api_key_query"):
        if getattr(settings, key):
            advice = "Remove it, or write `api_keys`."
            yield Fault(f"{where}.{key}", "not used without `api_keys`", advice)


def consumer_inputs(
    key: str, settings: ConsumerSettings, read_secret: SecretReader
) -> dict[str, Any]:
    """Inputs of the `Consumer` resource, without its description where the settings have none.

    Args:
        key: Key of the consumer in the settings.
        settings: The consumer.
        read_secret: Returns the secret for a reference.
    """
    name = settings.name or key
    inputs = common_fields(settings, ConsumerInputs, read_secret)
    inputs["name"] = name
    inputs["key_pairs"] = plain_value(settings.ak_sk, read_secret)
    if settings.jwt is not None:
        inputs["jwt"]["value"] = settings.jwt.value or name
    return inputs
