"""Tags of services, RPC style, version 2021-07-02.

Source: terraform-provider-alicloud v1.285.0, resource_alicloud_pai_service.go: ResourceType
`service`, ResourceId.1 = ServiceUid.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink_sandbox.eas import EasService
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.wire.errors import check_choice, not_found


def tag(call: Call) -> Answer:
    """TagResources."""
    added = call.params.tags()
    for row in _services(call):
        row.tags = {**row.tags, **added}
        row.labelled = True
    return {}


def untag(call: Call) -> Answer:
    """UntagResources."""
    removed = call.params.texts("TagKey")
    for row in _services(call):
        row.tags = {key: value for key, value in row.tags.items() if key not in removed}
    return {}


def _services(call: Call) -> Iterator[EasService]:
    check_choice("ResourceType", call.params.required("ResourceType"), ("service",))
    for service_id in call.params.texts("ResourceId"):
        row = call.state.eas_services.get(service_id)
        if row is None or row.owner != call.account.id:
            raise not_found("InvalidService.NotFound", f"The service {service_id} is not found.")
        yield row
