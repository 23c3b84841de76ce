"""Inputs, outputs and contract of `ModelApiAuthorization`, and of the resource that it replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from dashlink.resources.contract import CREATE_ONLY, Contract, ResourceModel


def _sorted_set(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(ids)))


class ModelApiAuthorizationInputs(ResourceModel):
    """Inputs of `ModelApiAuthorization`."""

    model_api_id: Annotated[str, Field(alias="resourceIdentifier.resourceId"), CREATE_ONLY]
    """Id of the Model API (`api-…`)."""
    environment_id: Annotated[str, Field(alias="resourceIdentifier.environmentId"), CREATE_ONLY]
    """Environment of the Model API (`env-…`)."""
    consumer_ids: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_sorted_set)]
    """Ids of all consumers that may call the API (`cs-…`), a set."""
    resource_type: Annotated[str, Field(alias="resourceType"), CREATE_ONLY] = "LLM"
    """Type of API, in the API's spelling."""


class ModelApiAuthorizationState(ResourceModel):
    """Outputs of `ModelApiAuthorization` that come from the cloud."""

    rule_ids: Mapping[str, str]
    """Id of the authorization rule (`car-…`) by consumer."""


MODEL_API_AUTHORIZATION: Final = Contract(
    "dashlink:gateway:ModelApiAuthorization",
    ModelApiAuthorizationInputs,
    ModelApiAuthorizationState,
)


class ConsumerAuthorizationInputs(ResourceModel):
    """Inputs of `ConsumerAuthorization`, which only states of 0.1.0.dev1 have."""

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
