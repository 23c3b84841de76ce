"""Facts about endpoint services: names, private domains, paths, each with its source.

A profile is a kind of service; settings override each of its facts (`resolve_endpoint`). No list
here is exhaustive: the preflight asks the cloud what it offers.

Sources:
    seed    Alibaba Cloud, "Access Model Studio over a private network by an endpoint"
            (help.aliyun.com, 2025-11)
    tf      Alibaba Cloud's Terraform module private-network-access-for-bailian (v2.0.0, 2026-04-22)
    page    the same page of help in English (2026-03-30)
    new     the same page in English of 2026-10-11, and its Chinese copy of 2026: a connection that
            the console of Model Studio creates for a workspace, instead of an endpoint
    base    "Base URLs" of Model Studio (2026-10-11)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dashlink.endpoint.settings import (
    AttachedVpc,
    EndpointSettings,
    NameBy,
    PrivateNameSettings,
    WorkspaceSettings,
)

Scheme = Literal["http", "https"]

PORTS: Mapping[Scheme, int] = {"http": 80, "https": 443}
"""TCP port by scheme; an endpoint service has these two (seed)."""

DASHSCOPE_PATHS: Mapping[str, str] = {
    "dashscope": "/api/v1",
    "openai": "/compatible-mode/v1",
    "rerank": "/compatible-api/v1",
    "anthropic": "/apps/anthropic",
    "websocket-inference": "/api-ws/v1/inference",
    "websocket-realtime": "/api-ws/v1/realtime",
}
"""Path by protocol, the same on every host of Model Studio (base)."""

UNVERIFIED_WEBSOCKET = (
    "websocket-inference and websocket-realtime: no document says whether WebSocket passes the "
    "endpoint"
)
NEW_ENDPOINTS: Mapping[str, str] = {
    # the module's record of its weekly tests (TestRecord.md of tf)
    "cn-beijing": (
        "Alibaba Cloud's own Terraform module last created one on 2026-07-19; the documents of "
        "2026-10 create a connection of a workspace instead"
    ),
    "ap-southeast-1": (
        "the documents of 2025-11 name this region, those of 2026-10 do not; the private domain is "
        "second-hand (two public repositories, 2026)"
    ),
}
"""What is known about new endpoints of Model Studio, by region (seed, new, tf)."""
_UNDOCUMENTED_REGION = "no document names the service in this region (2026-10)"
WORKSPACE_REGIONS = ("cn-beijing", "cn-hongkong")
"""Regions in which the console of Model Studio creates connections of a workspace (new)."""
WORKSPACE_DOMAIN = "maas.aliyuncs.com"
"""Domain of every host of a workspace; the region is the label before it (new)."""
UNVERIFIED_WORKSPACE = (
    "connection of a workspace: documented in 2026-10; no API reads it, so that its host is used "
    "as it is in the settings"
)
UNVERIFIED_WORKSPACE_NAME = (
    "the host in further VPCs: no document states a record for it; dashlink writes A records of "
    "the addresses in the settings"
)
UNVERIFIED_CNAME = "https: TLS for the private domain by a CNAME, without the console's switch"
CNAME_NOTE = (
    "TLS on a private domain that a PrivateZone leads to the endpoint was not verified against the "
    "live cloud. If a client says that the certificate is wrong, turn on the endpoint's custom "
    "service domain in the PrivateLink console and write `private_name: service`; or write "
    "`private_name: none` for HTTP on the endpoint's own domain."
)
OWN_DOMAIN_NOTE = (
    "Clients dial the endpoint's own domain by HTTP: it has no certificate (by the service's "
    "documents). The way to the service is private, but not encrypted by the client."
)


@dataclass(frozen=True)
class Profile:
    """A kind of endpoint service.

    Attributes:
        name: Its name in the settings.
        service_name: Name of the service, where it is the same in all regions; else None.
        mode: How clients get a name, unless the settings override it.
        private_domains: Private domain with a certificate, by region of the service.
        base_paths: Path by protocol.
        ttl_seconds: Time to live of the CNAME record (tf: 15).
    """

    name: str
    service_name: str | None
    mode: NameBy
    private_domains: Mapping[str, str] = field(default_factory=dict)
    base_paths: Mapping[str, str] = field(default_factory=dict)
    ttl_seconds: int = 15


DASHSCOPE = Profile(
    name="dashscope",
    service_name="com.aliyuncs.dashscope",  # seed
    mode="private-zone",  # tf: the name by a PrivateZone; no API sets the console's switch
    private_domains={
        "cn-beijing": "vpc-cn-beijing.dashscope.aliyuncs.com",  # seed
        # Second-hand, two public repositories, 2026.
        "ap-southeast-1": "vpc-ap-southeast-1.dashscope.aliyuncs.com",
    },
    # Documented zones, for readers (the preflight requests them): cn-beijing-g, -h, -i, -k and -l
    # ("Access Model Studio over a private network", user guide, 2025).
    base_paths=DASHSCOPE_PATHS,
)
DASHSCOPE_FINANCE = Profile(
    name="dashscope-finance",
    # seed: by the id of the service, once support has added the account to the allow-list
    service_name=None,
    # seed: the custom service domain is off; HTTP on the endpoint's own domain
    mode="none",
    base_paths=DASHSCOPE_PATHS,
)
PLAIN = Profile(name="plain", service_name=None, mode="none")

PROFILES: Mapping[str, Profile] = {
    profile.name: profile for profile in (DASHSCOPE, DASHSCOPE_FINANCE, PLAIN)
}
SERVICES: Mapping[str, Profile] = {"com.aliyuncs.dashscope": DASHSCOPE}
"""Profile by name of the endpoint service."""
REGION_PROFILES: Mapping[str, Profile] = {"cn-shanghai-finance-1": DASHSCOPE_FINANCE}
"""Profile of a service id, in regions with one kind of service that has no name (seed)."""


def profile_of(settings: EndpointSettings, region: str) -> Profile | None:
    """Return the profile of an endpoint; None where its settings are ambiguous or unknown.

    The profile in the settings has precedence over that of the service, and that over the region's.
    An existing endpoint is one of Model Studio unless the settings have another profile; the
    preflight compares it with the endpoint's service.
    """
    if settings.workspace is not None:
        return DASHSCOPE
    if settings.profile is not None:
        return PROFILES.get(settings.profile)
    if settings.service is not None:
        return SERVICES.get(settings.service)
    if settings.id is not None:
        return REGION_PROFILES.get(settings.service_region or region, DASHSCOPE)
    return REGION_PROFILES.get(settings.service_region or region)


@dataclass(frozen=True)
class ResolvedEndpoint:
    """An endpoint with every default resolved.

    Attributes:
        service_name: Name of the endpoint service; None for one with an id.
        service_id: Id of the endpoint service; None for one with a name.
        mode: ``private-zone``: dashlink creates the private domain; ``service``: the custom service
            domain of the console creates it; ``none``: clients dial the endpoint's own domain.
        private_domain: The name that clients dial, without a scheme; None in mode ``none``.
        ttl_seconds: Time to live of the CNAME record.
        attach_to: Further VPCs that resolve the private domain.
        scheme: ``http`` or ``https``, for clients.
        base_paths: Path by protocol; empty where the protocols of the service are unknown.
        unverified: What was not verified against the live cloud, for the outputs.
        notes: Sentences that the user should read once.
        is_existing: Whether the endpoint exists outside of the stack, which never changes it. Then
            its security group is not the stack's either. A connection of a workspace does.
    """

    service_name: str | None
    service_id: str | None
    mode: NameBy
    private_domain: str | None
    ttl_seconds: int
    attach_to: tuple[AttachedVpc, ...]
    scheme: Scheme
    base_paths: Mapping[str, str]
    unverified: tuple[str, ...]
    notes: tuple[str, ...]
    is_existing: bool = False

    @property
    def port(self) -> int:
        """The TCP port that clients dial."""
        return PORTS[self.scheme]


def resolve_endpoint(settings: EndpointSettings, region: str) -> ResolvedEndpoint:
    """Merge ``settings`` with the profile of their service.

    Args:
        settings: Settings without faults (`find_faults` of `dashlink.endpoint.rules`).
        region: Region of the VPC. The region of the service is `service_region`, if that is set.
    """
    if settings.workspace is not None:
        return _resolve_workspace(settings.workspace, settings.base_paths or {})
    profile = profile_of(settings, region) or PLAIN
    name = settings.private_name or PrivateNameSettings(mode=profile.mode)
    paths = {**profile.base_paths, **(settings.base_paths or {})}
    domain: str | None = None
    scheme: Scheme = "http"
    if name.mode != "none":
        service_region = settings.service_region or region
        domain = name.domain or profile.private_domains.get(service_region)
        scheme = "https"
    scheme = settings.scheme or scheme
    unverified: list[str] = []
    notes: list[str] = []
    if name.mode == "private-zone" and scheme == "https":
        unverified.append(UNVERIFIED_CNAME)
        notes.append(CNAME_NOTE)
    if name.mode == "none" and scheme == "http":
        notes.append(OWN_DOMAIN_NOTE)
    if profile is DASHSCOPE and settings.id is None:
        unverified.append(_new_endpoints_in(settings.service_region or region))
    if any(protocol.startswith("websocket-") for protocol in paths):
        unverified.append(UNVERIFIED_WEBSOCKET)
    return ResolvedEndpoint(
        service_name=settings.service,
        service_id=settings.service_id,
        mode=name.mode,
        private_domain=domain,
        ttl_seconds=name.ttl_seconds or profile.ttl_seconds,
        attach_to=name.attach_to,
        scheme=scheme,
        base_paths=paths,
        unverified=tuple(unverified),
        notes=tuple(notes),
        is_existing=settings.id is not None,
    )


def _new_endpoints_in(region: str) -> str:
    known = NEW_ENDPOINTS.get(region, _UNDOCUMENTED_REGION)
    return f"new endpoints in {region}: {known}"


def _resolve_workspace(
    workspace: WorkspaceSettings, base_paths: Mapping[str, str]
) -> ResolvedEndpoint:
    """Resolve a connection of a workspace: HTTPS on its host, with the paths of Model Studio."""
    unverified = [UNVERIFIED_WORKSPACE, UNVERIFIED_WEBSOCKET]
    if workspace.attach_to:
        unverified.append(UNVERIFIED_WORKSPACE_NAME)
    return ResolvedEndpoint(
        service_name=None,
        service_id=None,
        mode="service",
        private_domain=workspace.host,
        ttl_seconds=DASHSCOPE.ttl_seconds,
        attach_to=workspace.attach_to,
        scheme="https",
        base_paths={**DASHSCOPE.base_paths, **base_paths},
        unverified=tuple(unverified),
        notes=(),
        is_existing=True,
    )
