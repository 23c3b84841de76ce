"""Messages about resources that the cloud has and the state does not know."""

from __future__ import annotations

from collections.abc import Sequence

from dashlink.pulumi_stack import CLI_VARIABLE
from dashlink.recovery.catalog import DELETIONS
from dashlink.recovery.desired import Found


def refused(name: str, lost: Sequence[Found], stack: str) -> str:
    """Return why a creation is refused, with the way out."""
    return (
        f"{name}: exists already in the cloud (got {_ids(lost)}), and the state does not have it: "
        "an earlier run created it and was ended before that was recorded. Nothing was created. "
        f"Run `dashlink up {stack}`: it takes the resource into the state and continues."
    )


def unread(name: str, lost: Sequence[Found], reason: str) -> str:
    """Return why a creation is refused where the state cannot be read."""
    return (
        f"{name}: exists already in the cloud (got {_ids(lost)}), and the state cannot be read: "
        f"{reason} Set {CLI_VARIABLE} to the path of the Pulumi CLI."
    )


def doubled(name: str, kind: str, lost: Sequence[Found], region: str) -> str:
    """Return what to do about a second resource of a name."""
    return (
        f"{name}: the cloud has a second one of this name (got {_ids(lost)}), of a request whose "
        f"answer was lost and which was sent again. Nothing uses it. Delete it: "
        f"{deletions(kind, lost, region)}"
    )


def ambiguous(name: str, kind: str, lost: Sequence[Found], region: str) -> str:
    """Return what to do about resources of which none or only one can be the stack's."""
    return (
        f"{name}: the state does not have what the cloud has (got {_ids(lost)}). Delete what "
        f"nothing uses, then run the command again: {deletions(kind, lost, region)}"
    )


def deletions(kind: str, lost: Sequence[Found], region: str) -> str:
    """Return a command for each resource, or the place to delete it."""
    command = DELETIONS.get(kind)
    if command is None:
        return "in the console."
    commands = [command.format(id=found.cloud_id, region=region) for found in lost]
    return " ; ".join(commands)


def _ids(lost: Sequence[Found]) -> str:
    return ", ".join(found.cloud_id for found in lost)
