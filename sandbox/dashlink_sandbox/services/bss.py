"""BssOpenApi: the provider calls it to learn whether an account is domestic or international.

It opens products by it too; the accounts of the sandbox have them all.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, Service
from dashlink_sandbox.wire.errors import ApiError


def query_available_instances(_call: Call) -> Answer:
    """QueryAvailableInstances: the account has bought nothing, on the domestic site."""
    page = {"PageNum": 1, "PageSize": 20, "TotalCount": 0, "InstanceList": []}
    return {"Code": "Success", "Message": "Successful!", "Success": True, "Data": page}


def create_instance(_call: Call) -> Answer:
    """CreateInstance: refused with the code that the alicloud provider v1.285.0 takes for open."""
    raise ApiError("ORDER.OPEND", "The product is open already.")


SERVICE = Service(
    "BssOpenApi",
    "2017-12-14",
    {
        "QueryAvailableInstances": query_available_instances,
        "CreateInstance": create_instance,
    },
)
