"""Decisions on a model service: its name, its URLs, its zones. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dashlink.eas.catalog import (
    GATEWAY_KINDS,
    NOTE_BODY,
    NOTE_DEDICATED,
    NOTE_FAR,
    NOTE_IDLE,
    NOTE_SHARED,
    NOTE_WEB,
    PROTOCOL_PATHS,
    SHARED_GATEWAY,
    UNVERIFIED_INTERNET,
    UNVERIFIED_NLB,
    UNVERIFIED_SCALING,
)
from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.naming import physical_name

_LONGEST_NAME = 63
Json = dict[str, Any]


def service_name(project: str, stack: str, key: str, settings: EasServiceSettings) -> str:
    """Return the service's name in its region."""
    if settings.name is not None:
        return settings.name
    name = physical_name(project, stack, key, limit=_LONGEST_NAME)
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def vpc_zones(deploy: EasDeployment, zones: Collection[str]) -> list[str]:
    """Return the zones whose vSwitches the instances use.

    Args:
        deploy: A deployment with `in_vpc`.
        zones: Zones of the network.
    """
    if deploy.vpc_zones:
        return list(deploy.vpc_zones)
    return sorted(zones) if deploy.nlb else [min(zones)]


def eas_outputs(
    name: str,
    service_id: str,
    settings: EasServiceSettings,
    gateways: Sequence[Mapping[str, Any]],
    *,
    queue_urls: Sequence[str] = (),
    stack_region: str = "",
) -> Json:
    """Return the outputs of a service, in the shape of `EasServiceOutputs`.

    Args:
        name: Name of the service.
        service_id: Id of the service.
        settings: Its settings.
        gateways: kind, gateway_id, vpc_urls, internet_urls, path_type and port of each gateway.
        queue_urls: URLs of its queue that clients reach by `access`.
        stack_region: Region of the stack.
    """
    far = settings.region if is_far(settings, stack_region) else None
    base = _base_url(settings, gateways, "Service", far=far)
    urls = {}
    if base is not None:
        urls["predict"] = base
        for protocol in settings.protocols:
            urls[protocol] = f"{base}{PROTOCOL_PATHS[protocol]}"
    group = _base_url(settings, gateways, "Group", far=far)
    if group is not None:
        urls["group"] = group
    if queue_urls and far is None:
        urls["queue"] = queue_urls[0].rstrip("/")
    return {
        "name": name,
        "service_id": service_id,
        "region": far,
        "base_urls": urls,
        "gateways": [dict(row) for row in gateways],
        "default_model": settings.default_model,
        "unverified": list(_unverified(settings.deploy)),
        "notes": list(_notes(settings, gateways, base, far)),
    }


def is_far(settings: EasServiceSettings, stack_region: str) -> bool:
    """Return whether a service is in another region than the stack."""
    return settings.region not in (None, stack_region)


def _base_url(
    settings: EasServiceSettings,
    gateways: Sequence[Mapping[str, Any]],
    path_type: str,
    *,
    far: str | None,
) -> str | None:
    """Return the URL that clients use, of a dedicated gateway first; it ends in the service."""
    for kind in GATEWAY_KINDS:
        if kind == SHARED_GATEWAY and far is not None and settings.access == "vpc":
            continue
        for row in gateways:
            urls = row[f"{settings.access}_urls"]
            of_type = row.get("path_type", "Service") == path_type
            if row["kind"] == kind and of_type and urls:
                return str(urls[0]).rstrip("/")
    return None


def _notes(
    settings: EasServiceSettings,
    gateways: Sequence[Mapping[str, Any]],
    base: str | None,
    far: str | None,
) -> Iterator[str]:
    kinds = {row["kind"] for row in gateways}
    yield NOTE_BODY
    if base is None:
        yield f"The service has no address for `access: {settings.access}`."
    if SHARED_GATEWAY in kinds:
        yield NOTE_SHARED
        yield NOTE_IDLE
    if "PrivateGateway" in kinds:
        yield NOTE_DEDICATED
    if far is not None:
        yield NOTE_FAR.format(region=far)
    metadata = (settings.deploy.extra if settings.deploy else {}).get("metadata")
    if isinstance(metadata, Mapping) and metadata.get("enable_webservice"):
        yield NOTE_WEB


def _unverified(deploy: EasDeployment | None) -> Iterator[str]:
    if deploy is None:
        return
    if not deploy.internet:
        yield UNVERIFIED_INTERNET
    if deploy.autoscaling is not None:
        yield UNVERIFIED_SCALING.format(spelling=deploy.autoscaling.spelling)
    if deploy.nlb:
        yield UNVERIFIED_NLB
