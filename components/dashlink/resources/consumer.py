"""`Consumer`: a client of Model APIs with its credentials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.consumer import CONSUMER


class KeyPairArgs(TypedDict):
    """Arguments of a `KeyPairInputs`."""

    access_key: pulumi.Input[str]
    secret_key: pulumi.Input[str]


class JwtArgs(TypedDict):
    """Arguments of a `JwtInputs`."""

    jwks: pulumi.Input[str]
    header: pulumi.Input[str]
    prefix: pulumi.Input[str]
    claim: pulumi.Input[str]
    value: pulumi.Input[str]


class Consumer(DashlinkResource):
    """A client of Model APIs with its credentials. Its id is the consumer's (`cs-…`)."""

    contract = CONSUMER

    name: pulumi.Output[str]
    description: pulumi.Output[str | None]
    enabled: pulumi.Output[bool]
    api_keys: pulumi.Output[list[str]]
    api_key_headers: pulumi.Output[list[str]]
    api_key_query: pulumi.Output[str | None]
    key_pairs: pulumi.Output[list[dict[str, Any]]]
    jwt: pulumi.Output[dict[str, Any] | None]
    consumer_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        description: pulumi.Input[str] | None = None,
        enabled: pulumi.Input[bool] | None = None,
        api_keys: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        api_key_headers: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        api_key_query: pulumi.Input[str] | None = None,
        key_pairs: pulumi.Input[Sequence[pulumi.Input[KeyPairArgs]]] | None = None,
        jwt: pulumi.Input[JwtArgs] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the consumer; the arguments are the fields of `ConsumerInputs`."""
        super().__init__(resource_name, locals(), opts)
