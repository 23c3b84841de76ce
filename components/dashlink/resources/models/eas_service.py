"""Inputs, outputs and contract of `EasService`."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from dashlink.resources.contract import (
    CREATE_ONLY,
    SERVER_DEFAULT,
    Contract,
    ResourceModel,
    SecretText,
)


class TagInputs(ResourceModel):
    """A tag."""

    key: str
    """Key of the tag."""
    value: str
    """Value of the tag."""


class SecretVariableInputs(ResourceModel):
    """An environment variable of the first container whose value is a secret."""

    name: str
    """Name of the variable."""
    value: SecretText
    """Value of the variable."""


class EasServiceInputs(ResourceModel):
    """Inputs of `EasService`."""

    name: Annotated[str, CREATE_ONLY]
    """Name, unique in the region: 3 to 63 lower-case letters, digits and underscores."""
    config: str
    """Service JSON as text, without name, workspace and secrets."""
    workspace_id: Annotated[str | None, SERVER_DEFAULT] = None
    """PAI workspace; default: the account's default workspace."""
    docker_auth: SecretText | None = None
    """Login of a private registry of images: `user:password`, or its base64 text."""
    secret_environment: tuple[SecretVariableInputs, ...] = ()
    """Variables of the first container whose values are secrets, sorted by name."""
    token: Annotated[SecretText | None, SERVER_DEFAULT] = None
    """Token that callers send; default: the cloud generates one."""
    tags: tuple[TagInputs, ...] = ()
    """Tags, sorted by key."""
    timeout_seconds: Annotated[int, Field(ge=1)] = 1800
    """Time limit of the wait until the service runs, in seconds; images of LLMs are large."""


class EasServiceState(ResourceModel):
    """Outputs of `EasService` that come from the cloud."""

    service_id: str
    """Id of the service (`eas-m-…`)."""
    status: str
    """Status of the service: `Running` once it works."""


EAS_SERVICE: Final = Contract("dashlink:eas:EasService", EasServiceInputs, EasServiceState)
"""`EasService`: a model service of PAI-EAS."""
