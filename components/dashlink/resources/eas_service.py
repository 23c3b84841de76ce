"""`EasService`: a model service of PAI-EAS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.eas_service import EAS_SERVICE


class TagArgs(TypedDict):
    """See `TagInputs`."""

    key: pulumi.Input[str]
    value: pulumi.Input[str]


class SecretVariableArgs(TypedDict):
    """See `SecretVariableInputs`."""

    name: pulumi.Input[str]
    value: pulumi.Input[str]


class EasService(DashlinkResource):
    """A model service of PAI-EAS, changed in place by its whole service JSON.

    The creation waits until the service runs. The id is the service's name.
    """

    contract = EAS_SERVICE

    name: pulumi.Output[str]
    config: pulumi.Output[str]
    workspace_id: pulumi.Output[str | None]
    docker_auth: pulumi.Output[str | None]
    secret_environment: pulumi.Output[list[dict[str, Any]]]
    token: pulumi.Output[str | None]
    tags: pulumi.Output[list[dict[str, Any]]]
    timeout_seconds: pulumi.Output[int]
    service_id: pulumi.Output[str]
    status: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        name: pulumi.Input[str],
        config: pulumi.Input[str],
        workspace_id: pulumi.Input[str] | None = None,
        docker_auth: pulumi.Input[str] | None = None,
        secret_environment: pulumi.Input[Sequence[pulumi.Input[SecretVariableArgs]]] | None = None,
        token: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Sequence[pulumi.Input[TagArgs]]] | None = None,
        timeout_seconds: pulumi.Input[int] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the service; the arguments are the fields of `EasServiceInputs`."""
        super().__init__(resource_name, locals(), opts)
