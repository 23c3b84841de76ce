"""Creation that leaves no duplicate: client tokens, and resources that a killed run has left."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dashlink.errors import CloudError, DashlinkError
from dashlink.provider.codec import Json
from dashlink.provider.waiting import Operation, Pending, wait_until

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi, ResourceType

_MOVE_SECONDS = 300
_FIRST_PAUSE_SECONDS = 0.25


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
    read: Callable[[str], Mapping[str, Any] | None],
    identity: str,
    group: str | None,
    operation: Operation,
) -> None:
    """Move a resource into the desired resource group, if there is one and it is in another.

    Waits until the cloud shows the move, which it does late: the alicloud provider (2026-08) waits
    35 s before it looks for the first time.

    Args:
        api: The client.
        resource_type: Type of the resource in the API.
        read: Returns the resource with an id, or None if it does not exist.
        identity: Id of the resource.
        group: The desired resource group (`rg-…`), or None.
        operation: The operation that waits.

    Raises:
        CloudError: If the move does not show in time, or the wait is cancelled.
    """
    if group is None or _group_of(read(identity)) in ("", group):
        return
    api.move(resource_type, identity, group)

    def probe() -> bool | Pending:
        if _group_of(read(identity)) in ("", group):
            return True
        message = (
            f"{identity}: not in the resource group {group} after {_MOVE_SECONDS} s. `up` again."
        )
        return Pending("its new resource group does not show yet", message)

    wait_until(
        probe,
        operation,
        subject=identity,
        seconds=_MOVE_SECONDS,
        first_pause_seconds=_FIRST_PAUSE_SECONDS,
    )


def _group_of(data: Mapping[str, Any] | None) -> str:
    """Return the resource group of a resource; empty if the resource does not exist."""
    if data is None:
        return ""
    return str(data.get("resourceGroupId") or "none")


def name_in_use(what: str, identity: Any) -> DashlinkError:
    """Return the error for a name that another owner uses."""
    return DashlinkError(
        f"the account has {what} already ({identity}). Choose another name, or import it."
    )
