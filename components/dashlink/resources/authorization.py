"""`ConsumerAuthorization`: permission for a consumer to call one Model API."""

from __future__ import annotations

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.authorization import CONSUMER_AUTHORIZATION


class ConsumerAuthorization(DashlinkResource):
    """Permission for a consumer to call one Model API. Its id is `<consumer>/<rule>`."""

    contract = CONSUMER_AUTHORIZATION

    consumer_id: pulumi.Output[str]
    model_api_id: pulumi.Output[str]
    environment_id: pulumi.Output[str]
    resource_type: pulumi.Output[str]
    rule_id: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        consumer_id: pulumi.Input[str],
        model_api_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        resource_type: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the permission; the arguments are the fields of `ConsumerAuthorizationInputs`."""
        super().__init__(resource_name, locals(), opts)
