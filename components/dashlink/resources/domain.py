"""`Domain`: a domain name under which AI gateways serve Model APIs."""

from __future__ import annotations

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.domain import DOMAIN


class Domain(DashlinkResource):
    """A domain of AI gateways. Its id is the domain's (`d-…`)."""

    contract = DOMAIN

    name: pulumi.Output[str]
    protocol: pulumi.Output[str]
    certificate_id: pulumi.Output[str | None]
    force_https: pulumi.Output[bool]
    tls_min: pulumi.Output[str | None]
    resource_group_id: pulumi.Output[str | None]
    domain_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        protocol: pulumi.Input[str],
        certificate_id: pulumi.Input[str] | None = None,
        force_https: pulumi.Input[bool] | None = None,
        tls_min: pulumi.Input[str] | None = None,
        resource_group_id: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the domain; the arguments are the fields of `DomainInputs`."""
        super().__init__(resource_name, locals(), opts)
