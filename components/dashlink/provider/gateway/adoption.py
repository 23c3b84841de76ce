"""Creation that leaves no duplicate: client tokens, and resources that a killed run has left."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.codec import Json

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi, ResourceType


def create_once(
    urn: str, name: str, create: Callable[[str], str], read: Callable[[str], Json | None]
) -> str:
    """Create a resource with a client token of its own and return its id.

    The cloud answers a repeated token with the first answer. If that resource no longer exists, or
    the token was used with other values, the resource is created with a new token.

    Args:
        urn: Pulumi's name of the resource.
        name: Name of the resource in the cloud.
        create: Creates the resource with a client token; returns its id.
        read: Returns the resource with an id, or None if it does not exist.
    """
    token = hashlib.sha256(f"{urn}\0{name}".encode()).hexdigest()
    try:
        identity = create(token)
        if read(identity) is not None:
            return identity
    except CloudError as error:
        if error.code != "IdempotentParameterMismatch":
            raise
    return create(uuid.uuid4().hex)


def move_to_group(
    api: ApigApi,
    resource_type: ResourceType,
    data: Mapping[str, Any] | None,
    identity: str,
    group: str | None,
) -> None:
    """Move a resource into the desired resource group, if there is one and it is in another.

    Args:
        api: The client.
        resource_type: Type of the resource in the API.
        data: The resource as the API returns it; None if it does not exist.
        identity: Id of the resource.
        group: The desired resource group (`rg-…`), or None.
    """
    if group is not None and data is not None and data.get("resourceGroupId") != group:
        api.move(resource_type, identity, group)


def name_in_use(what: str, identity: Any) -> DashlinkError:
    """Return the error for a name that another owner uses."""
    return DashlinkError(
        f"the account has {what} already ({identity}). Choose another name, or import it."
    )
