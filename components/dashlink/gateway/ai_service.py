"""AI services, the targets of Model APIs: their settings and rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import Field

from dashlink.endpoint.catalog import ResolvedEndpoint
from dashlink.errors import Fault, shown
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.catalog import (
    BEDROCK,
    CUSTOM,
    ENDPOINT_BASE_URLS,
    MODEL_STUDIO,
    OPENAI,
    PAI_EAS,
    PROTOCOLS,
    VENDORS,
    VERTEX,
    WITHOUT_ADDRESS,
    Scene,
)
from dashlink.gateway.checks import listed_twice_faults, unknown_name_fault
from dashlink.gateway.context import RuleContext, known_id
from dashlink.gateway.field_types import block_or_boolean
from dashlink.gateway.model_services import eas_faults, maas_faults
from dashlink.gateway.upstreams import host_of, is_private_host
from dashlink.resources.blocks import HTTP_CHECK_FIELDS, HealthCheck, OutlierDetection
from dashlink.resources.models.ai_service import MAX_API_KEYS
from dashlink.types import Secret, SettingsModel, VpcId
from dashlink.validation import suggestion_for

_VENDOR_OF_TARGET: Mapping[str, str] = {
    "endpoint": MODEL_STUDIO,
    "eas": PAI_EAS,
    "eas_service": CUSTOM,
    "maas": CUSTOM,
    "base_url": CUSTOM,
    "bedrock": BEDROCK,
    "vertex": VERTEX,
}
"""Keys that name the target of an AI service, with the default vendor of each."""

_TARGET_OF_VENDOR: Mapping[str, str] = {PAI_EAS: "eas", BEDROCK: "bedrock", VERTEX: "vertex"}

if TYPE_CHECKING:
    HealthCheckOrBoolean: TypeAlias = HealthCheck | bool
    OutlierDetectionOrBoolean: TypeAlias = OutlierDetection | bool
else:
    HealthCheckOrBoolean = block_or_boolean(HealthCheck)
    OutlierDetectionOrBoolean = block_or_boolean(OutlierDetection)


class EasService(SettingsModel):
    """A model service of PAI-EAS."""

    workspace_id: str
    """Id of the PAI workspace."""
    service_id: str | None = None
    """Id of the service (`eas-m-…`)."""
    service_name: str
    """Name of the service."""
    access: Literal["private", "public"] = "private"
    """How the gateway reaches the service; `private` needs both in one VPC."""
    vpc_id: VpcId | None = None
    """VPC of the service, if known; the preflight compares it with the VPC of an existing gateway,
    and reads the service too: name, id, workspace, status, and the VPC of its instances.
    """


class Bedrock(SettingsModel):
    """Access to AWS Bedrock."""

    region: str
    """AWS region."""
    access_key: Secret
    """AWS access key id."""
    secret_key: Secret
    """AWS secret access key."""


class Vertex(SettingsModel):
    """Access to Google Vertex AI."""

    project_id: str
    """Google Cloud project."""
    region: str
    """Google Cloud region."""
    auth_key: Secret
    """Key of the service account (JSON)."""
    auth_service: str | None = None
    """Name of the gateway's service that issues access tokens."""


class AiServiceSettings(SettingsModel):
    """A target of Model APIs: it has exactly one key of those that name one."""

    endpoint: str | None = None
    """Model Studio through this endpoint of the stack, by its name in `endpoints`."""
    endpoint_path: str | None = Field(default=None, pattern=r"^/\S*$")
    """Path of the address at the endpoint, `/` for the host alone
    (docs/model-apis.md#model-studio-as-an-upstream); default: that of the first of `protocols`.
    """
    eas: EasService | None = None
    """A model service of PAI-EAS by the vendor `pai-eas`, whose words and header are not
    documented; prefer `eas_service`.
    """
    eas_service: str | None = None
    """A model service of PAI-EAS of the stack, by its name in `eas_services`: vendor `custom`,
    called at its URL with its token.
    """
    maas: str | None = None
    """A model service of Huawei ModelArts MaaS, by its name in `maas_services`: vendor `custom`,
    called at its URL with its key.
    """
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s/]+(/\S*)?$")
    """Base URL of an OpenAI-compatible host: scheme, host and path. A user, a query or a fragment
    in it is refused.
    """
    private_address: bool = False
    """The name in `base_url` resolves to a private address, which its form does not show; for
    `private_only`."""
    bedrock: Bedrock | None = None
    """AWS Bedrock."""
    vertex: Vertex | None = None
    """Google Vertex AI."""
    vendor: str | None = None
    """Vendor, as the product's list names it; not with `eas`, `bedrock`, `vertex`. Default: `qwen`,
    `pai-eas`, `bedrock`, `vertex` by the target; `custom` for `base_url`, `eas_service`, `maas`.
    """
    protocols: tuple[str, ...] | None = None
    """Protocols at the service's address: `OpenAI/v1`, `Anthropic`, `DashScope`, `ComfyUI`, `vLLM`.
    With `endpoint`, the first decides the path of the address. Default: the vendor's, as far as
    they are used.
    """
    compatible_protocols: tuple[str, ...] = ()
    """Further protocols in which the gateway offers the service, e.g. `[Anthropic]` for a service
    that speaks `OpenAI/v1`. The API has the field (SDK 11.6.0, `compatibleProtocols`); what the
    gateway converts is not verified.
    """
    scenes: tuple[Scene, ...] | None = None
    """Scenes that the service supports; default: all scenes of its protocols."""
    model_scenes: Mapping[str, Scene] = Field(default_factory=dict)
    """Scene of models by a pattern of their names, where dashlink's table is wrong: `{house-*:
    image}`; for warnings only.
    """
    api_keys: tuple[Secret, ...] = ()
    """API keys of the service, at most 10; the gateway alternates between them. Not with
    `eas_service` and `maas`, which have their own.

    To replace a key: add the new one, `up`, remove the old one, `up`.
    """
    default_model: str | None = None
    """Model for requests that name none."""
    health_check: HealthCheckOrBoolean = False
    """Active health check; true for the defaults."""
    outlier_detection: OutlierDetectionOrBoolean = False
    """Ejection of addresses whose requests fail; true for the defaults."""
    verify: bool = False
    """Have the gateway send a chat completion to the service when it is created."""


def targets_of(settings: AiServiceSettings) -> list[str]:
    """Keys that name the target of a service; valid settings have one."""
    return [key for key in _VENDOR_OF_TARGET if getattr(settings, key) is not None]


def vendor_of(settings: AiServiceSettings) -> str:
    """Vendor of a service: as written, else the default of its target."""
    if settings.vendor is not None:
        return settings.vendor
    targets = targets_of(settings)
    return _VENDOR_OF_TARGET[targets[0]] if targets else CUSTOM


def protocols_spoken(settings: AiServiceSettings) -> tuple[str, ...]:
    """Protocols in which a Model API reaches a service: its own and the compatible ones."""
    return (*_own_protocols(settings), *settings.compatible_protocols)


def first_protocol(settings: AiServiceSettings) -> str:
    """Protocol of the address of a service: the first of those written, else OpenAI's."""
    return settings.protocols[0] if settings.protocols else OPENAI


def base_url_key(protocol: str) -> str:
    """Key of the base URL for ``protocol`` among those of an endpoint."""
    return ENDPOINT_BASE_URLS.get(protocol, "openai")


def _own_protocols(settings: AiServiceSettings) -> tuple[str, ...]:
    """Protocols of a service: as written, else those of its vendor."""
    if settings.protocols is not None:
        return settings.protocols
    return VENDORS.get(vendor_of(settings), ())


def find_faults(
    where: str, settings: AiServiceSettings, gateway: GatewaySettings | None, context: RuleContext
) -> Iterator[Fault]:
    """Every fault of one AI service; ``gateway`` is None where it is unknown."""
    targets = targets_of(settings)
    if len(targets) == 1:
        yield from _vendor_faults(f"{where}.vendor", targets[0], settings)
    else:
        problem = f"more than one target: {', '.join(targets)}" if targets else "no target"
        yield Fault(where, problem, f"Write one of {', '.join(_VENDOR_OF_TARGET)}.")
    for key in ("protocols", "compatible_protocols"):
        for protocol in getattr(settings, key) or ():
            if protocol not in PROTOCOLS:
                advice = suggestion_for(protocol, PROTOCOLS)
                yield Fault(f"{where}.{key}", "unknown protocol", advice, shown(protocol))
    yield from listed_twice_faults(f"{where}.compatible_protocols", protocols_spoken(settings))
    if settings.endpoint is not None and context.endpoints is not None:
        endpoints = context.endpoints
        yield from _endpoint_faults(f"{where}.endpoint", settings.endpoint, settings, endpoints)
    yield from _model_service_faults(where, settings, context)
    yield from _address_faults(where, settings)
    yield from _eas_faults(f"{where}.eas.vpc_id", settings.eas, gateway, context)
    if context.private_only:
        yield from _public_faults(where, settings, context)
    if len(settings.api_keys) > MAX_API_KEYS:
        advice = f"Keep {MAX_API_KEYS}."
        yield Fault(f"{where}.api_keys", "too many keys", advice, str(len(settings.api_keys)))
    yield from _health_check_faults(f"{where}.health_check", settings.health_check)


def _model_service_faults(
    where: str, settings: AiServiceSettings, context: RuleContext
) -> Iterator[Fault]:
    """Faults of an AI service at a model service of the stack."""
    protocol = first_protocol(settings)
    if settings.eas_service is not None:
        name, eas_services = settings.eas_service, context.eas_services
        yield from eas_faults(f"{where}.eas_service", name, protocol, eas_services)
    if settings.maas is not None:
        yield from maas_faults(f"{where}.maas", settings.maas, protocol, context.maas_services)
    for key in ("eas_service", "maas"):
        if getattr(settings, key) is not None and settings.api_keys:
            problem = f"not used with `{key}`, which has a key of its own"
            yield Fault(f"{where}.api_keys", problem, "Remove it.")


def _address_faults(where: str, settings: AiServiceSettings) -> Iterator[Fault]:
    """Faults of the base URL, and of keys that only one kind of target has."""
    # A user, a password or a query in a URL is a key in plain text: the value is not shown.
    if settings.base_url is not None and re.search("[@?#]", settings.base_url):
        problem = "a user, a query or a fragment in the URL (its value is not shown)"
        advice = "Write scheme, host and path alone; a key belongs under `api_keys`."
        yield Fault(f"{where}.base_url", problem, advice)
    if settings.private_address and settings.base_url is None:
        path = f"{where}.private_address"
        yield Fault(path, "only used with `base_url`", "Remove it.", "true")
    if settings.endpoint_path is not None and settings.endpoint is None:
        advice = "Write it at the end of `base_url`, or remove it."
        yield Fault(f"{where}.endpoint_path", "only used with `endpoint`", advice)


def _health_check_faults(where: str, check: HealthCheck | bool) -> Iterator[Fault]:
    """Faults of keys that only a check by HTTP uses, in a check by another protocol."""
    if isinstance(check, bool) or check.protocol == "HTTP":
        return
    for key in HTTP_CHECK_FIELDS:
        if key in check.model_fields_set:
            advice = "Write `protocol: HTTP`, or remove it."
            yield Fault(f"{where}.{key}", f"not used by a check by {check.protocol}", advice)


def find_warnings(
    where: str, settings: AiServiceSettings, gateway: GatewaySettings
) -> Iterator[Fault]:
    """Every warning of one AI service without faults."""
    eas = settings.eas
    if gateway.id is None or eas is None or eas.access != "private":
        return
    if eas.vpc_id is None:
        problem = "missing: private access needs a service in the VPC of the existing gateway"
        advice = "Write it, so that the preflight compares the two."
        yield Fault(f"{where}.eas.vpc_id", problem, advice)


def _vendor_faults(where: str, target: str, settings: AiServiceSettings) -> Iterator[Fault]:
    vendor = vendor_of(settings)
    default = _VENDOR_OF_TARGET[target]
    if vendor not in VENDORS:
        advice = f"{suggestion_for(vendor, list(VENDORS))} For any other vendor write `custom`."
        yield Fault(where, "not a vendor of the API's list", advice, shown(vendor))
    elif vendor != default and default in WITHOUT_ADDRESS:
        problem = f"not the vendor of `{target}`, which is {default}"
        yield Fault(where, problem, "Remove it.", vendor)
    elif vendor != default and vendor in WITHOUT_ADDRESS:
        needed = _TARGET_OF_VENDOR[vendor]
        advice = f"Write `{needed}` instead of `{target}`, or name another vendor."
        yield Fault(where, "this vendor has no base URL", advice, vendor)


def _endpoint_faults(
    where: str,
    name: str,
    settings: AiServiceSettings,
    endpoints: Mapping[str, ResolvedEndpoint | None],
) -> Iterator[Fault]:
    if name not in endpoints:
        yield unknown_name_fault(where, "endpoint", "endpoints", name, list(endpoints))
        return
    endpoint = endpoints[name]
    protocol = first_protocol(settings)
    key = base_url_key(protocol)
    if endpoint is not None and key not in endpoint.base_paths:
        advice = (
            "Name an endpoint of Model Studio, or write the path: "
            f"`endpoints.{name}.base_paths: {{{key}: /v1}}`."
        )
        yield Fault(where, f"this endpoint has no base URL for {protocol}", advice, name)


def _public_faults(
    where: str, settings: AiServiceSettings, context: RuleContext
) -> Iterator[Fault]:
    """Faults of an upstream on the internet, in a stack that refuses everything public."""
    problem = "an upstream on the internet, in a stack with `private_only`"
    for key in ("bedrock", "vertex"):
        if getattr(settings, key) is not None:
            advice = "Remove it, or write `private_only: false`."
            yield Fault(f"{where}.{key}", problem, advice)
    if settings.eas is not None and settings.eas.access == "public":
        advice = "Write `access: private`, or `private_only: false`."
        yield Fault(f"{where}.eas.access", problem, advice, "public")
    if settings.base_url is None or settings.private_address:
        return
    host = host_of(settings.base_url)
    if not is_private_host(host) and host not in context.private_domains:
        problem = "not a private address or name, in a stack with `private_only`"
        advice = (
            "Name a private host; or, if this name resolves to a private address, write "
            "`private_address: true`."
        )
        yield Fault(f"{where}.base_url", problem, advice, shown(host))


def _eas_faults(
    where: str, eas: EasService | None, gateway: GatewaySettings | None, context: RuleContext
) -> Iterator[Fault]:
    if gateway is None or gateway.id is not None:
        return  # an existing gateway may be in another VPC than the network
    if eas is None or eas.access != "private":
        return
    service_vpc = known_id(eas.vpc_id)
    own = context.vpc_id
    if service_vpc is None or not (context.creates_vpc or own):
        return
    if service_vpc != own:
        problem = f"private access needs a service in the gateway's VPC, {own or 'a new one'}"
        advice = "Put the gateway into that VPC with `network.vpc_id`, or write `access: public`."
        yield Fault(where, problem, advice, service_vpc)
