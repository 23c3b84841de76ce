"""What the gateway's kinds of resources share: their quiet sides, and creations that make nothing twice."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dashlink.cloud.apig import ApigApi
from dashlink.errors import CloudError, DashlinkError


class HandlerDefaults:
    """What the gateway's kinds have in common: nothing of theirs is hidden by a refresh."""

    secrets: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    stable = True
    patient = False
    deletes_first = False

    def wanted(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Mapping[str, Any]:
        """The inputs as they are: a refresh takes nothing out of them."""
        return inputs


class Named(Protocol):
    """Inputs with a name."""

    @property
    def name(self) -> str: ...  # noqa: D102 - above


def create_once(
    urn: str, inputs: Named, make: Callable[[str], str], is_there: Callable[[str], bool]
) -> str:
    """Make something with a client token of its resource; its id.

    The cloud answers a token that it knows with what it answered before. Where that is gone since, or was asked for
    with other values, a new token makes it anew.
    """
    token = hashlib.sha256(f"{urn}\0{inputs.name}".encode()).hexdigest()
    try:
        made = make(token)
    except CloudError as error:
        if error.code != "IdempotentParameterMismatch":
            raise
        return make(uuid.uuid4().hex)
    return made if is_there(made) else make(uuid.uuid4().hex)


def move_to_group(
    api: ApigApi, data: Mapping[str, Any] | None, identity: str, group: str | None
) -> None:
    """Move a thing into the resource group that is wanted, where it is in another one."""
    if group is not None and data is not None and data.get("resourceGroupId") != group:
        api.move(identity, group)


def own_id(row: Mapping[str, Any], key: str, what: str, description: str | None) -> str:
    """The id of what bears our description.

    Raises:
        DashlinkError: It bears another one.
    """
    if not description or row.get("description") != description:
        raise taken(what, row.get(key))
    return str(row[key])


def taken(what: str, identity: Any) -> DashlinkError:
    """What is said where somebody else has a name."""
    return DashlinkError(
        f"the account has {what} already ({identity}). Choose another name, or import it."
    )
