"""`ForeignContents`: what others added to what the stack has created."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from dashlink.resources.base import DashlinkResource
from dashlink.resources.models.foreign_contents import FOREIGN_CONTENTS


class ZoneContentsArgs(TypedDict):
    """See `ZoneContentsInputs`."""

    zone_id: pulumi.Input[str]
    hosts: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    record_ids: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]


class ForeignContents(DashlinkResource):
    """Rules, records and policies of others in the stack's own group, private zones and endpoints.

    Has nothing of its own in the cloud. A refresh lists what is foreign as a change, and the next
    update removes exactly what was listed. The creation and the deletion remove nothing.
    """

    contract = FOREIGN_CONTENTS

    region: pulumi.Output[str]
    security_group_id: pulumi.Output[str | None]
    rules: pulumi.Output[list[str]]
    private_zones: pulumi.Output[list[dict[str, Any]]]
    endpoint_ids: pulumi.Output[list[str]]
    keep_foreign: pulumi.Output[bool]
    foreign_rules: pulumi.Output[list[str]]
    foreign_records: pulumi.Output[list[str]]
    foreign_policies: pulumi.Output[list[str]]
    foreign_ids: pulumi.Output[list[str]]

    def __init__(
        self,
        resource_name: str,
        *,
        region: pulumi.Input[str],
        security_group_id: pulumi.Input[str] | None = None,
        rules: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        private_zones: pulumi.Input[Sequence[pulumi.Input[ZoneContentsArgs]]] | None = None,
        endpoint_ids: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        keep_foreign: pulumi.Input[bool] | None = None,
        foreign_rules: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        foreign_records: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        foreign_policies: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the contents; the arguments are the fields of `ForeignContentsInputs`."""
        super().__init__(resource_name, locals(), opts)
