"""Domains of Model APIs: their settings, rules and resource inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from dashlink.errors import Fault
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.checks import existing_resource_faults, public_fault
from dashlink.gateway.context import RuleContext
from dashlink.gateway.translation import common_fields
from dashlink.resources.models.domain import DomainInputs
from dashlink.types import SettingsModel, VpcId

_HTTPS_KEYS = ("certificate_id", "force_https", "tls_min")
_PRIVATE_ZONE_KEYS = ("ttl_seconds", "attach_to")

CONNECTED_NOTE = (
    "Clients in connected VPCs dial the gateway's domains. That its load balancer admits them was "
    "not verified against the live cloud: no document states the sources that it accepts."
)


class DomainSettings(SettingsModel):
    """A domain that serves Model APIs; its key is the domain name."""

    id: str | None = Field(default=None, pattern=r"^d-[0-9A-Za-z-]+$")
    """Id of an existing domain of the gateway (`d-…`), which is never changed; `certificate_id`,
    `force_https` and `tls_min` are refused with it.
    """
    scheme: Literal["http", "https"] = "https"
    """Scheme of the base URLs."""
    certificate_id: str | None = None
    """Certificate for https (Certificate Management Service, `1234567-cn-hangzhou`); required for
    https, except with `id`.
    """
    force_https: bool = False
    """Redirect http to https."""
    tls_min: Literal["TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"] | None = None
    """Lowest TLS version. If you remove it later, the domain retains its value. Default: the
    server's.
    """
    name_by: Literal["private-zone", "none"] = "private-zone"
    """`private-zone`: a PrivateZone with a CNAME to the gateway, in the VPC only, for existing
    domains too; `none`: you point the name to the gateway yourself.
    """
    ttl_seconds: int = Field(default=15, ge=5, le=86400)
    """Time to live of the CNAME record in seconds; only with a private zone."""
    attach_to: tuple[VpcId, ...] = ()
    """Further VPCs of the region in which the name resolves, beside the connected ones, each with
    its own route to the gateway's VPC; only with a private zone.
    """
    public: bool = False
    """Clients on the internet use the domain. Needs `name_by: none` and, on a new gateway,
    `internet: true`; refused with `private_only`.
    """


def find_faults(
    where: str, settings: DomainSettings, gateway: GatewaySettings | None, context: RuleContext
) -> Iterator[Fault]:
    """Every fault of one domain; ``gateway`` is None where it is unknown."""
    if settings.public:
        yield from _public_faults(where, settings, gateway, context)
    if settings.name_by == "none":
        for key in _PRIVATE_ZONE_KEYS:
            if key in settings.model_fields_set:
                problem = "not used with `name_by: none`, which creates no private zone"
                advice = "Remove it, or write `name_by: private-zone`."
                yield Fault(f"{where}.{key}", problem, advice)
    if settings.id is not None:
        yield from existing_resource_faults(where, settings, "domain", _HTTPS_KEYS)
        return
    if settings.scheme == "https" and settings.certificate_id is None:
        advice = "Write `certificate_id`, or `scheme: http`."
        yield Fault(f"{where}.certificate_id", "https without a certificate", advice)
    for key in _HTTPS_KEYS:
        if settings.scheme == "http" and getattr(settings, key):
            advice = "Remove it, or write `scheme: https`."
            yield Fault(f"{where}.{key}", "only used with https", advice)


def _public_faults(
    where: str, settings: DomainSettings, gateway: GatewaySettings | None, context: RuleContext
) -> Iterator[Fault]:
    if context.private_only:
        yield public_fault(f"{where}.public", "domain")
        return
    if settings.name_by == "private-zone":
        advice = "Write `name_by: none` and point the name to the gateway in your public DNS."
        yield Fault(f"{where}.name_by", "a private zone does not name a public domain", advice)
    if gateway is not None and gateway.id is None and not gateway.internet:
        advice = "Write `gateway.internet: true`, or remove it."
        yield Fault(f"{where}.public", "the gateway has no address on the internet", advice, "true")


def zone_name(domain: str) -> str:
    """Name of the private zone that answers for ``domain``: without the wildcard."""
    return domain.removeprefix("*.")


def domain_inputs(name: str, settings: DomainSettings) -> dict[str, Any]:
    """Inputs of the `Domain` resource, without its resource group."""
    fields = common_fields(settings, DomainInputs)
    return {**fields, "name": name, "protocol": settings.scheme.upper()}
