"""The AI gateway itself: its settings and their rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from dashlink.cloud.words import WORDS
from dashlink.errors import Fault
from dashlink.gateway.checks import existing_resource_faults, public_fault
from dashlink.gateway.context import RuleContext
from dashlink.types import GatewayId, SettingsModel, Tags, ZoneId
from dashlink.validation import suggestion_for

ZONES = 2
"""Number of zones that a gateway has."""

LONGEST_NAME = 64
"""Longest name of a gateway, an AI service, a consumer and a Model API."""

MISSING = Fault(
    "gateway",
    "missing: domains, AI services, consumers and Model APIs need a gateway",
    "Write `gateway: {}` for a new one, or `gateway: {id: gw-…}`.",
    code="missing",
)

_EXISTING_GATEWAY_KEYS = {"id", "environment_id", "spellings", "ready_timeout_seconds"}


class GatewaySettings(SettingsModel):
    """An AI gateway: a new one, or an existing one by its id."""

    id: GatewayId | None = None
    """Id of an existing AI gateway (`gw-…`), which is never changed."""
    environment_id: str | None = Field(default=None, pattern=r"^env-[0-9A-Za-z-]+$")
    """Environment of the Model APIs (`env-…`); default: the default environment of the gateway."""
    spec: str = "aigw.small.x1"
    """Specification of the gateway, as the product names it."""
    zones: tuple[ZoneId, ...] | None = None
    """Zones of the gateway, two of the network's; default: the network's zones, if it has two."""
    internet: bool = False
    """Add an address on the internet. Refused with `private_only`."""
    access_log: bool = False
    """Deliver access logs to SLS. Create-only; `observe.logging` of a Model API needs it."""
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][0-9A-Za-z_-]{0,63}$")
    """Name of the gateway; default: derived from project and stack."""
    resource_group_id: str | None = None
    """Resource group of the gateway (`rg-…`)."""
    tags: Tags = Field(default_factory=dict)
    """Tags of the gateway; they override those of the stack."""
    deletion_protection: bool = False
    """Protect the gateway in Pulumi: it cannot be deleted until this is set to false."""
    spellings: Mapping[str, str] = Field(default_factory=dict)
    """Values of the API instead of dashlink's, by term: `{routing.by-model: …}`.

    The terms are listed in docs/model-apis.md."""
    ready_timeout_seconds: int = Field(default=900, ge=1, le=86400)
    """Time limit for the gateway's addresses to be ready, in seconds."""

    def with_zones(self, available: Sequence[str]) -> GatewaySettings:
        """Resolve the zones of a new gateway, by default the first ones that are available."""
        if self.id is not None or self.zones is not None:
            return self
        return self.model_copy(update={"zones": tuple(available)[:ZONES]})


def find_faults(settings: GatewaySettings, context: RuleContext) -> Iterator[Fault]:
    """Every fault of a gateway whose values are valid one by one."""
    for term in settings.spellings:
        if term not in WORDS:
            advice = suggestion_for(term, list(WORDS))
            yield Fault(f"gateway.spellings.{term}", "unknown term", advice)
    if settings.id is not None:
        refused = GatewaySettings.model_fields.keys() - _EXISTING_GATEWAY_KEYS
        yield from existing_resource_faults("gateway", settings, "gateway", refused)
        return
    if settings.internet and context.private_only:
        yield public_fault("gateway.internet", "gateway")
    if settings.zones is not None:
        yield from _zone_faults(settings.zones, context.zones)
    elif context.zones is not None and len(context.zones) > ZONES:
        # A default that follows the network would replace the gateway when the network gets a zone.
        advice = f"Name two of {', '.join(context.zones)}."
        problem = "missing: the network has more than two zones"
        yield Fault("gateway.zones", problem, advice, code="missing")


def _zone_faults(zones: Sequence[str], available: Sequence[str] | None) -> Iterator[Fault]:
    if len(zones) != ZONES or len(set(zones)) != ZONES:
        advice = "Name two zones of the network, or leave `zones` out."
        names = ", ".join(zones) or "none"
        yield Fault("gateway.zones", "not two different zones", advice, names)
    for zone in zones:
        if available is not None and zone not in available:
            advice = f"Add it to `network.zones`, or use {', '.join(available)}."
            yield Fault("gateway.zones", "the network has no vSwitch in this zone", advice, zone)
