"""Inputs, outputs and contract of `ConsumerAuthorization`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import CREATE_ONLY, Contract, ResourceModel


class ConsumerAuthorizationInputs(ResourceModel):
    """Inputs of `ConsumerAuthorization`."""

    consumer_id: Annotated[str, Field(alias="consumerId"), CREATE_ONLY]
    """Id of the consumer (`cs-…`)."""
    model_api_id: Annotated[str, Field(alias="resourceIdentifier.resourceId"), CREATE_ONLY]
    """Id of the Model API (`api-…`)."""
    environment_id: Annotated[str, Field(alias="resourceIdentifier.environmentId"), CREATE_ONLY]
    """Environment of the Model API (`env-…`)."""
    resource_type: Annotated[str, Field(alias="resourceType"), CREATE_ONLY] = "LLM"
    """Type of API, in the API's spelling."""


class ConsumerAuthorizationState(ResourceModel):
    """Outputs of `ConsumerAuthorization` that come from the cloud."""

    rule_id: str
    """Id of the authorization rule (`car-…`)."""


CONSUMER_AUTHORIZATION: Final = Contract(
    "dashlink:gateway:ConsumerAuthorization",
    ConsumerAuthorizationInputs,
    ConsumerAuthorizationState,
)
