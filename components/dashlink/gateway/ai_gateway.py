"""The AI gateway itself: its settings and their rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, WrapValidator

from dashlink.cloud.words import UPSTREAM, WORDS
from dashlink.errors import Fault, shown
from dashlink.gateway.catalog import REGIONS
from dashlink.gateway.checks import existing_resource_faults, public_fault
from dashlink.gateway.context import RuleContext
from dashlink.types import GatewayId, ResourceGroupId, SettingsModel, Tags, ZoneId, wrong
from dashlink.validation import suggestion_for

ZONES = 2
"""Number of zones that a gateway has."""

SPECIFICATIONS = (
    "aigw.small.x1",
    "aigw.small.x2",
    "aigw.small.x4",
    "aigw.medium.x1",
    "aigw.medium.x2",
    "aigw.medium.x3",
    "aigw.large.x1",
    "aigw.large.x2",
    "aigw.large.x3",
    "aigw.large.x4",
)
"""Specifications of gateways of their own nodes ("Capacity description" of AI Gateway, 2026).

Of these, aigw.small.x1 is confirmed by the Terraform provider's weekly test (2026-08)."""
_SPECIFICATION = re.compile(r"aigw\.[a-z0-9]+\.x[0-9]+")

LONGEST_NAME = 64
"""Longest name of a gateway, an AI service, a consumer and a Model API."""

MISSING = Fault(
    "gateway",
    "missing: domains, AI services, consumers and Model APIs need a gateway",
    "Write `gateway: {}` for a new one, or `gateway: {id: gw-…}`.",
    code="missing",
)

_EXISTING_GATEWAY_KEYS = {"id", "environment_id", "spellings", "ready_timeout_seconds"}


def _access_log(value: Any, read: Callable[[Any], Any]) -> Any:
    if value == "console":
        return value
    try:
        return read(value)
    except ValidationError:
        advice = "Write true, false, or console for a log that is turned on in the console."
        raise wrong("neither true, false nor console", advice) from None


AccessLog = Annotated[bool | Literal["console"], WrapValidator(_access_log)]


class GatewaySettings(SettingsModel):
    """An AI gateway: a new one, or an existing one by its id."""

    id: GatewayId | None = None
    """Id of an existing AI gateway (`gw-…`), which is never changed."""
    environment_id: str | None = Field(default=None, pattern=r"^env-[0-9A-Za-z-]+$")
    """Environment of the Model APIs (`env-…`); default: the default environment of the gateway."""
    spec: str = "aigw.small.x1"
    """Specification: `aigw.small.x1` (confirmed by a live test), `.x2`, `.x4`, `aigw.medium.x1` to
    `.x3`, `aigw.large.x1` to `.x4` (documented). Another form is refused, another size is a
    warning. A change replaces the gateway.
    """
    zones: tuple[ZoneId, ...] | None = None
    """Zones of the gateway, two of the network's; required if the network has more than two,
    because a default would change with the network. Other zones replace the gateway. Default: the
    network's two.
    """
    internet: bool = False
    """Add an address on the internet; refused with `private_only`. It is added and removed in
    place.
    """
    access_log: AccessLog = False
    """Deliver access logs to SLS; `observe.logging` of a Model API needs it.

    A change between true and false replaces the gateway: no known request changes it. `console`:
    the log is turned on in the gateway's console, and dashlink leaves it as it is."""
    name: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][0-9A-Za-z_-]{0,63}$")
    """Name of the gateway: letters, digits, `_` and `-`, a letter or digit first, at most 64;
    default: derived from project and stack.
    """
    resource_group_id: ResourceGroupId | None = None
    """Resource group of the gateway (`rg-…`)."""
    tags: Tags = Field(default_factory=dict)
    """Tags of the gateway; they override those of the stack."""
    deletion_protection: bool = False
    """Pulumi refuses to delete the gateway until this is removed."""
    spellings: Mapping[str, str] = Field(default_factory=dict)
    """Values of the API instead of dashlink's, by term: `{routing.by-model: …}`
    (docs/model-apis.md#spellings).
    """
    ready_timeout_seconds: int = Field(default=900, ge=1, le=86400)
    """Time that `up` waits for the gateway and its addresses, in seconds."""

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
        elif term == UPSTREAM and not settings.spellings[term].startswith("/"):
            problem = "a path starts with a slash"
            value = settings.spellings[term]
            yield Fault(
                f"gateway.spellings.{term}", problem, f"Write it as /{value}.", shown(value)
            )
    if settings.id is not None:
        refused = GatewaySettings.model_fields.keys() - _EXISTING_GATEWAY_KEYS
        yield from existing_resource_faults("gateway", settings, "gateway", refused)
        return
    if _SPECIFICATION.fullmatch(settings.spec) is None:
        advice = f"Write one of the product's, e.g. {SPECIFICATIONS[0]}."
        problem = "not of the form aigw.<size>.x<number>"
        yield Fault("gateway.spec", problem, advice, shown(settings.spec))
    if settings.internet and context.private_only:
        yield public_fault("gateway.internet", "gateway")
    if settings.zones is not None:
        yield from _zone_faults(settings.zones, context.zones)
    elif context.zones is not None and len(context.zones) > ZONES:
        # A default that follows the network would replace the gateway when the network gets a zone.
        advice = f"Name two of {', '.join(context.zones)}."
        problem = "missing: the network has more than two zones"
        yield Fault("gateway.zones", problem, advice, code="missing")


def find_warnings(settings: GatewaySettings, region: str | None = None) -> Iterator[Fault]:
    """Every warning of a gateway without faults; ``region`` None leaves the region unchecked."""
    if settings.id is not None:
        return
    if region is not None and region not in REGIONS:
        advice = "If the cloud refuses it, remove the gateway's sections; endpoints stay."
        problem = f"no document names AI gateways in {region} (2025-11)"
        yield Fault("gateway", problem, advice)
    if settings.spec not in SPECIFICATIONS:
        advice = f"If the cloud refuses it, use one of {', '.join(SPECIFICATIONS)}."
        problem = "no source names this specification"
        yield Fault("gateway.spec", problem, advice, settings.spec)


def _zone_faults(zones: Sequence[str], available: Sequence[str] | None) -> Iterator[Fault]:
    if len(zones) != ZONES or len(set(zones)) != ZONES:
        advice = "Name two zones of the network, or leave `zones` out."
        names = ", ".join(zones) or "none"
        yield Fault("gateway.zones", "not two different zones", advice, names)
    for zone in zones:
        if available is not None and zone not in available:
            advice = f"Add it to `network.zones`, or use {', '.join(available)}."
            yield Fault("gateway.zones", "the network has no vSwitch in this zone", advice, zone)
