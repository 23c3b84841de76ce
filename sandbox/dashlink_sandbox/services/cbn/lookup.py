"""Find attachments of transit routers, and refuse what their status or use forbids."""

from __future__ import annotations

from dashlink_sandbox.routers import RouterAttachment
from dashlink_sandbox.services.base import Call
from dashlink_sandbox.wire.errors import ApiError, not_found


def find_attachment(call: Call, attachment_id: str, kind: str = "") -> RouterAttachment:
    """Return the account's attachment; ``kind``: VPC, TR, or empty for any.

    Raises:
        ApiError: InvalidTransitRouterAttachmentId.NotFound (code unverified), or
            IncorrectStatus.Attachment while it is being attached or detached.
    """
    attachment = call.state.router_attachments.get(attachment_id)
    if attachment is None or attachment.owner != call.account.id:
        raise absent(attachment_id)
    if kind not in ("", attachment.kind):
        raise absent(attachment_id)
    if attachment.status != "Attached":
        raise ApiError("IncorrectStatus.Attachment", f"The attachment is {attachment.status}.")
    return attachment


def absent(attachment_id: str) -> ApiError:
    """Return the error of an attachment that does not exist."""
    message = f"The attachment {attachment_id} does not exist."
    return not_found("InvalidTransitRouterAttachmentId.NotFound", message)


def detach(call: Call, attachment: RouterAttachment, *, force: bool) -> None:
    """Start to delete an attachment.

    With associations, propagations or static routes it is refused unless ``force`` (provider, docs
    of ``force_delete``; the code is unverified).

    Raises:
        ApiError: IncorrectStatus.Attachment.
    """
    tables = (call.state.router_associations, call.state.router_propagations)
    for table in tables:
        for key, link in list(table.items()):
            if link.attachment_id == attachment.attachment_id:
                _check_force(force)
                del table[key]
    for routes in call.state.router_tables.values():
        others = [one for one in routes.entries if one.attachment_id != attachment.attachment_id]
        if len(others) != len(routes.entries):
            _check_force(force)
            routes.entries = others
    attachment.status = "Detaching"
    attachment.since = call.now


def _check_force(force: bool) -> None:
    if not force:
        message = "The attachment is associated with a route table, or propagates to one."
        raise ApiError("IncorrectStatus.Attachment", message)
