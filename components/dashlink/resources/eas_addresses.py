"""`EasAddresses`: the addresses and the token of a model service of PAI-EAS."""

from __future__ import annotations

from typing import Any

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.eas_addresses import EAS_ADDRESSES


class EasAddresses(DashlinkResource):
    """Waits until a model service runs and, where it can be reached from here, answers.

    Nothing of the service is changed or deleted: it may be one that exists. The id is the service's
    name.
    """

    contract = EAS_ADDRESSES

    name: pulumi.Output[str]
    service_id: pulumi.Output[str | None]
    trigger: pulumi.Output[str | None]
    probe: pulumi.Output[bool]
    timeout_seconds: pulumi.Output[int]
    found_service_id: pulumi.Output[str]
    status: pulumi.Output[str]
    gateways: pulumi.Output[list[dict[str, Any]]]
    queue_vpc_urls: pulumi.Output[list[str]]
    queue_internet_urls: pulumi.Output[list[str]]
    access_token: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        service_id: pulumi.Input[str] | None = None,
        trigger: pulumi.Input[str] | None = None,
        probe: pulumi.Input[bool] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the wait; the arguments are the fields of `EasAddressesInputs`."""
        super().__init__(resource_name, locals(), opts)
