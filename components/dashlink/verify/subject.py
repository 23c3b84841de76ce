"""The stack that questions are about, and what of it the cloud has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from dashlink.clients.outputs import Outputs
from dashlink.cloud.words import GATEWAY_TYPE
from dashlink.gateway.context import known_id
from dashlink.settings import StackSettings
from dashlink.verify.requests import Answer, Requests

PAGE_SIZE = 100
"""Largest page of APIG's lists (SDK 11.6.0)."""


@dataclass(frozen=True)
class Subject:
    """A stack with its account.

    Attributes:
        requests: Requests of the account in the stack's region.
        region: Region of the stack.
        settings: Settings of the stack.
        outputs: Outputs of the stack; None where it is not deployed.
    """

    requests: Requests
    region: str
    settings: StackSettings
    outputs: Outputs | None

    @property
    def spellings(self) -> Mapping[str, str]:
        """Words of the API that the settings override, by their terms."""
        gateway = self.settings.gateway
        return gateway.spellings if gateway is not None else {}

    @property
    def gateway_id(self) -> str | None:
        """Id of the gateway (`gw-…`); None where there is none yet."""
        if self.outputs is not None and self.outputs.gateway is not None:
            return self.outputs.gateway.gateway_id
        gateway = self.settings.gateway
        return known_id(gateway.id) if gateway is not None else None

    @cached_property
    def environment_id(self) -> str | None:
        """Environment of the gateway's Model APIs (`env-…`); None where it cannot be read."""
        if self.outputs is not None and self.outputs.gateway is not None:
            return self.outputs.gateway.environment_id
        if self.gateway_id is None:
            return None
        answer = self.requests.read("GetGateway", "gateways", self.gateway_id)
        for environment in answer.data.get("environments", ()):
            return str(environment["environmentId"])
        return None

    @cached_property
    def services(self) -> Answer:
        """AI services of the gateway (ListServices); none without a gateway."""
        if self.gateway_id is None:
            return Answer()
        return self.requests.read(
            "ListServices",
            "services",
            gatewayId=self.gateway_id,
            sourceType=GATEWAY_TYPE,
            pageNumber=1,
            pageSize=PAGE_SIZE,
        )

    @property
    def service_ids(self) -> tuple[str, ...]:
        """Ids of the gateway's AI services (`svc-…`)."""
        return tuple(row["serviceId"] for row in self.services.data.get("items", ()))
