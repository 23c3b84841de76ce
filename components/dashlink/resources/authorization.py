"""`ModelApiAuthorization`: the consumers that may call one Model API."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.authorization import MODEL_API_AUTHORIZATION


class ModelApiAuthorization(DashlinkResource):
    """The consumers that may call one Model API, all of them. Its id is `<API>/<environment>`.

    The set is exact: a consumer that is authorized by hand is found by a refresh, and the next
    `up` withdraws its right. Declare one for an API.
    """

    contract = MODEL_API_AUTHORIZATION

    model_api_id: pulumi.Output[str]
    environment_id: pulumi.Output[str]
    consumer_ids: pulumi.Output[list[str]]
    resource_type: pulumi.Output[str]
    rule_ids: pulumi.Output[dict[str, str]]

    def __init__(
        self,
        resource_name: str,
        *,
        model_api_id: pulumi.Input[str],
        environment_id: pulumi.Input[str],
        consumer_ids: pulumi.Input[Sequence[pulumi.Input[str]]],
        resource_type: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the set; the arguments are the fields of `ModelApiAuthorizationInputs`."""
        super().__init__(resource_name, locals(), opts)
