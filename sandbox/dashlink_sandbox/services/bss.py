"""BssOpenApi: the provider calls it to learn whether an account is domestic or international."""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call, Service


def query_available_instances(_call: Call) -> Answer:
    """QueryAvailableInstances: the account has bought nothing, on the domestic site."""
    page = {"PageNum": 1, "PageSize": 20, "TotalCount": 0, "InstanceList": []}
    return {"Code": "Success", "Message": "Successful!", "Success": True, "Data": page}


SERVICE = Service(
    "BssOpenApi", "2017-12-14", {"QueryAvailableInstances": query_available_instances}
)
