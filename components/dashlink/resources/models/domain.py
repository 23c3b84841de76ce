"""Inputs, outputs and contract of `Domain`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import CREATE_ONLY, SERVER_DEFAULT, Contract, ResourceModel


class DomainInputs(ResourceModel):
    """Inputs of `Domain`."""

    name: Annotated[str, Field(alias="name"), CREATE_ONLY]
    """The domain name."""
    protocol: Annotated[str, Field(alias="protocol")]
    """`HTTP` or `HTTPS`."""
    certificate_id: Annotated[str | None, Field(alias="certIdentifier"), SERVER_DEFAULT] = None
    """Certificate for HTTPS (Certificate Management Service, `1234567-cn-hangzhou`)."""
    force_https: Annotated[bool, Field(alias="forceHttps")] = False
    """Redirect HTTP requests to HTTPS."""
    tls_min: Annotated[str | None, Field(alias="tlsMin"), SERVER_DEFAULT] = None
    """Minimum version of TLS, e.g. `TLS 1.2`."""
    resource_group_id: Annotated[str | None, Field(alias="resourceGroupId"), SERVER_DEFAULT] = None
    """Resource group (`rg-…`)."""


class DomainState(ResourceModel):
    """Outputs of `Domain` that come from the cloud."""

    domain_id: str
    """Id of the domain (`d-…`)."""


DOMAIN: Final = Contract("dashlink:gateway:Domain", DomainInputs, DomainState)
