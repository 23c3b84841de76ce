"""Decisions on a dedicated gateway: its name, the inputs of its resources, its outputs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashlink.eas.gateway_catalog import (
    ID_PATTERN,
    LONGEST_NAME,
    NOTE_APPLICATION,
    NOTE_NAMES,
    UNVERIFIED_ACL,
    UNVERIFIED_APPLICATION,
    UNVERIFIED_KIND,
)
from dashlink.eas.gateway_settings import (
    EasAclEntry,
    EasGatewaySettings,
    EasLinkSettings,
    EasPeerVpc,
)
from dashlink.eas.settings import EasDeployment
from dashlink.naming import physical_name

_TYPES = {"vpc": "intranet", "internet": "internet"}
_UNVERIFIED_KINDS = {"application": UNVERIFIED_APPLICATION, "unknown": UNVERIFIED_KIND}
Json = dict[str, Any]


def gateway_name(project: str, stack: str, key: str, settings: EasGatewaySettings) -> str:
    """Return the name of a new gateway."""
    return settings.name or physical_name(project, stack, key, limit=LONGEST_NAME)


def is_gateway_id(text: str) -> bool:
    """Return whether a reference to a gateway is an id, and no name in the settings."""
    return re.fullmatch(ID_PATTERN, text) is not None


def with_gateway(deploy: EasDeployment, gateway_id: str | None) -> EasDeployment:
    """Return a deployment to the gateway with an id; None leaves what the settings name."""
    if gateway_id is None:
        return deploy
    return deploy.model_copy(update={"gateway": gateway_id})


def acl_entries(acl: Sequence[EasAclEntry] | None) -> list[Any] | None:
    """Return the inputs of an access list, sorted by block; None leaves the cloud's."""
    if acl is None:
        return None
    rows = [{"cidr": str(entry.cidr), "comment": entry.comment} for entry in acl]
    return sorted(rows, key=lambda row: row["cidr"])


def domain_inputs(settings: EasGatewaySettings) -> list[Any]:
    """Return the inputs of the gateway's own domains, sorted by name."""
    rows: list[Json] = []
    for domain in sorted(settings.domains, key=lambda one: (one.domain, one.access)):
        row: Json = {"domain": domain.domain, "type": _TYPES[domain.access]}
        if domain.certificate_id is not None:
            row["certificate_id"] = domain.certificate_id
        rows.append(row)
    return rows


def peer_inputs(peers: Iterable[EasPeerVpc], region: str) -> list[Any]:
    """Return the inputs of peer VPCs; those without a region are in the stack's."""
    return [{"vpc_id": peer.vpc_id, "region": peer.region or region} for peer in peers]


def link_zone(link: EasLinkSettings, zones: Iterable[str]) -> str | None:
    """Return the zone of a link in the stack's own network; None for another VPC."""
    if link.vpc_id is not None:
        return None
    return link.zone or min(zones)


def gateway_outputs(
    gateway_id: str, settings: EasGatewaySettings, found: Mapping[str, Any]
) -> Json:
    """Return the outputs of a gateway, in the shape of `DedicatedGatewayOutputs`.

    Args:
        gateway_id: Id of the gateway.
        settings: Its settings.
        found: kind, vpc_domain, internet_domain and linked_vpcs, from the cloud.
    """
    kind = found["kind"]
    has_list = settings.internet_acl is not None or any(link.acl for link in settings.links)
    unverified = []
    if kind in _UNVERIFIED_KINDS:
        unverified.append(_UNVERIFIED_KINDS[kind])
    if has_list:
        unverified.append(UNVERIFIED_ACL)
    return {
        "gateway_id": gateway_id,
        "kind": kind,
        "vpc_domain": found["vpc_domain"] or None,
        "internet_domain": found["internet_domain"] or None,
        "linked_vpcs": [dict(row) for row in found["linked_vpcs"]],
        "notes": [NOTE_APPLICATION if kind == "application" else NOTE_NAMES],
        "unverified": unverified,
    }
