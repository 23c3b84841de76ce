"""The client of the handlers of AI gateway resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dashlink.cloud.apig import ApigApi
    from dashlink.cloud.credentials import Account


def apig(account: Account) -> ApigApi:
    """Return a client. Its modules are large and are imported here, not when the plugin starts."""
    from dashlink.cloud.apig import ApigApi  # noqa: PLC0415 - above

    return ApigApi(account)
