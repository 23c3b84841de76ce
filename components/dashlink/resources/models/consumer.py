"""Inputs, outputs and contract of `Consumer`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import CREATE_ONLY, Contract, ResourceModel, SecretText


class KeyPairInputs(ResourceModel):
    """Access key for signed requests."""

    access_key: Annotated[str, Field(alias="ak")]
    """Id of the key."""
    secret_key: Annotated[SecretText, Field(alias="sk")]
    """Secret of the key."""


class JwtInputs(ResourceModel):
    """JSON web tokens of a consumer."""

    jwks: Annotated[SecretText, Field(alias="jwks")]
    """JSON web key set that verifies the tokens; it may hold symmetric keys."""
    header: Annotated[str, Field(alias="jwtTokenConfig.key")]
    """Header of the token."""
    prefix: Annotated[str, Field(alias="jwtTokenConfig.prefix")]
    """Text before the token in the header."""
    claim: Annotated[str, Field(alias="jwtPayloadConfig.payloadKeyName")]
    """Claim that identifies the consumer."""
    value: Annotated[str, Field(alias="jwtPayloadConfig.payloadKeyValue")]
    """Value of the claim."""


class ConsumerInputs(ResourceModel):
    """Inputs of `Consumer`."""

    name: Annotated[str, Field(alias="name"), CREATE_ONLY]
    """Name, unique in the account."""
    description: Annotated[str | None, Field(alias="description")] = None
    """Description."""
    enabled: Annotated[bool, Field(alias="enable")] = True
    """Whether the consumer may call any API."""
    api_keys: tuple[SecretText, ...] = ()
    """API keys."""
    api_key_headers: tuple[str, ...] = ()
    """Headers that carry the key; default: `Authorization`."""
    api_key_query: str | None = None
    """Query parameter that carries the key, instead of a header."""
    key_pairs: tuple[KeyPairInputs, ...] = ()
    """Access keys for signed requests."""
    jwt: JwtInputs | None = None
    """JSON web tokens."""


class ConsumerState(ResourceModel):
    """Outputs of `Consumer` that come from the cloud."""

    consumer_id: str
    """Id of the consumer (`cs-…`)."""


CONSUMER: Final = Contract("dashlink:gateway:Consumer", ConsumerInputs, ConsumerState)
