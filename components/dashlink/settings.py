"""The settings of a stack: read from Pulumi's configuration, or built by a program.

    texts of the `dashlink:` namespace -> plain values -> sections -> rules -> StackSettings

`load_settings` reports every fault at once; the rules between and within sections are those that
`find_faults` applies to the settings of a program.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import Field

from dashlink.eas import gateway_rules as eas_gateway_rules
from dashlink.eas import rules as eas_rules
from dashlink.eas.gateway_reading import read_gateways
from dashlink.eas.gateway_settings import EasGatewaySettings
from dashlink.eas.reading import read_services
from dashlink.eas.settings import EasServiceSettings
from dashlink.endpoint import rules as endpoint_rules
from dashlink.endpoint.catalog import ResolvedEndpoint, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import ConfigError, Fault, shown
from dashlink.gateway import rules as gateway_rules
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.ai_service import AiServiceSettings
from dashlink.gateway.config import KEYS, GatewayConfig
from dashlink.gateway.consumer import ConsumerSettings
from dashlink.gateway.context import RuleContext
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.settings import ModelApiSettings
from dashlink.gateway.reading import read_config
from dashlink.maas import reading as maas_reading
from dashlink.maas import rules as maas_rules
from dashlink.maas.settings import MaasServiceSettings
from dashlink.marks import holds_secret, type_of
from dashlink.naming import ENTRY_NAME
from dashlink.network import connected_rules, egress_rules
from dashlink.network import rules as network_rules
from dashlink.network.settings import NetworkSettings
from dashlink.redaction import (
    find_secrets,
    missing_secrets,
    one_report_a_place,
    references_in,
)
from dashlink.types import (
    CaFile,
    ResourceGroupId,
    SettingsModel,
    Tags,
    is_region,
    region_faults,
    zone_in_region,
)
from dashlink.validation import Section, inside, most_similar, read_section, suggestion_for

_ServiceT = TypeVar("_ServiceT")

_ENDPOINT_ADVICE = "Write one, e.g. `dashscope: {service: com.aliyuncs.dashscope}`."
# Sections of which one suffices where a stack has no endpoint.
_WITHOUT_ENDPOINTS = ("gateway", "eas_services", "eas_gateways", "maas_services")
_NETWORK_ADVICE = "Write `cidr` and `zones` of a new network, or `vpc_id` of yours."
# Secrets of the alicloud provider: in plain they would be so in the state and its backups too.
_CLOUD_SECRETS = ("alicloud:secretKey", "alicloud:securityToken")


class GeneralSettings(SettingsModel):
    """Settings for all resources of a stack."""

    clients: tuple[str, ...] = ()
    """Client files that `dashlink render` writes for this stack (docs/clients.md); default: `curl`,
    `dashscope-python`, `dotenv` and `openai-python`.
    """
    client_ca_file: CaFile | None = None
    """PEM file on the clients' machines with the authorities that they trust, where certificates
    are of a private one."""
    tags: Tags = Field(default_factory=dict)
    """Tags of all resources that support tags, in addition to `made-by`, `dashlink-project` and
    `dashlink-stack`."""
    resource_group_id: ResourceGroupId | None = None
    """Resource group of all new resources that can be in one (`rg-…`). A later change moves most of
    them (docs/model-apis.md#resource-groups)."""
    protected: bool = False
    """Pulumi refuses to delete any resource of the stack until this is removed."""
    private_only: bool = False
    """Refuse a gateway, domains and upstreams on the internet."""
    keep_foreign: bool = False
    """Keep what others add to its security group and private zones (docs/operations.md#drift)."""


class StackSettings(GeneralSettings):
    """All settings of one environment."""

    network: NetworkSettings
    """VPC, vSwitches and security group of the endpoints."""
    endpoints: Mapping[str, EndpointSettings] = Field(default_factory=dict)
    """Endpoints by a name of your choice: lower-case letters, digits and dashes, a letter first, at
    most 32.

    At least one, unless the stack has a `gateway`, `eas_services` or `maas_services`.
    """
    eas_services: Mapping[str, EasServiceSettings] = Field(default_factory=dict)
    """Model services of PAI-EAS, existing or deployed, by a name as for `endpoints`."""
    eas_gateways: Mapping[str, EasGatewaySettings] = Field(default_factory=dict)
    """Dedicated gateways of PAI-EAS, new or existing, by a name as for `endpoints`, not `gw-…`."""
    maas_services: Mapping[str, MaasServiceSettings] = Field(default_factory=dict)
    """Model services of Huawei ModelArts MaaS, by a name as for `endpoints`."""
    gateway: GatewaySettings | None = None
    """The AI gateway of the Model APIs; `{}` creates one with default settings."""
    domains: Mapping[str, DomainSettings] = Field(default_factory=dict)
    """Domains of Model APIs, by domain name."""
    ai_services: Mapping[str, AiServiceSettings] = Field(default_factory=dict)
    """Services that Model APIs send requests to, by a name as for `endpoints`."""
    consumers: Mapping[str, ConsumerSettings] = Field(default_factory=dict)
    """Callers of Model APIs, by a name as for `endpoints`."""
    model_apis: Mapping[str, ModelApiSettings] = Field(default_factory=dict)
    """Model APIs by name: letters, digits, `_`, `-`, at most 64."""

    @property
    def gateway_config(self) -> GatewayConfig:
        """All sections of the AI gateway."""
        return GatewayConfig(
            self.gateway, self.domains, self.ai_services, self.consumers, self.model_apis
        )


_SECTIONS_WITH_SECRETS = tuple(
    name for name, field in StackSettings.model_fields.items() if holds_secret(type_of(field))
)


@dataclass(frozen=True)
class ConfigKeys:
    """Keys of the `dashlink:` namespace in the configuration of a stack.

    Attributes:
        all: All keys.
        secret: Keys whose value is encrypted, wholly or in part.
    """

    all: Collection[str]
    secret: Collection[str]


@dataclass(frozen=True)
class _Sections:
    """The sections of a stack's settings as far as they could be read.

    Attributes:
        general: The settings for all resources.
        network: The network, without a value where the section is missing.
        endpoints: Endpoints by name; none where the section is invalid as a whole.
        eas_services: The services of PAI-EAS that are valid in themselves.
        eas_gateways: The dedicated gateways of PAI-EAS that are valid in themselves.
        maas_services: The services of MaaS that are valid in themselves.
        gateway: The sections of the AI gateway.
        references: Path and key of each reference to a secret.
        invalid_services: Section and name of each EAS and MaaS service that is invalid in itself.
    """

    general: Section[GeneralSettings]
    network: Section[NetworkSettings]
    endpoints: Mapping[str, Section[EndpointSettings]]
    eas_services: Mapping[str, EasServiceSettings]
    eas_gateways: Mapping[str, EasGatewaySettings]
    maas_services: Mapping[str, MaasServiceSettings]
    gateway: GatewayConfig
    references: tuple[tuple[str, str], ...]
    invalid_services: frozenset[tuple[str, str]] = frozenset()


def load_settings(
    namespace: Mapping[str, str],
    *,
    region: str,
    client_formats: Collection[str],
    secret_keys: Collection[str] = (),
    other_keys: Mapping[str, bool] | None = None,
    source: str = "",
) -> StackSettings:
    """Read and check the settings of a stack.

    Args:
        namespace: The `dashlink:` configuration as Pulumi passes it to programs: keys without the
            prefix, objects as JSON text.
        region: Value of `alicloud:region`, empty where it is missing.
        client_formats: The supported client formats.
        secret_keys: Keys of ``namespace`` whose value is encrypted, wholly or in part.
        other_keys: Keys of the other namespaces, with their prefix, and whether each value is
            encrypted.
        source: Name of the file, put in front of each fault.

    Raises:
        ConfigError: With every fault, sorted by path.
    """
    raw = {key: _value(text) for key, text in namespace.items()}
    keys = ConfigKeys(all=frozenset(raw), secret=frozenset(secret_keys))
    sections, faults = _read_sections(raw, keys)
    faults += _raw_faults(raw, keys, sections.references)
    faults += _namespace_faults(other_keys or {})
    faults += _rule_faults(sections, region, client_formats, keys)
    general = sections.general.value
    if faults or general is None:
        raise ConfigError(one_report_a_place(faults), source)
    values: dict[str, Any] = dict(general)
    values["network"] = sections.network.value
    if sections.endpoints:
        values["endpoints"] = {name: one.value for name, one in sections.endpoints.items()}
    values["eas_services"] = sections.eas_services
    values["eas_gateways"] = sections.eas_gateways
    values["maas_services"] = sections.maas_services
    for key in KEYS:
        values[key] = getattr(sections.gateway, key)
    return StackSettings(**values)


def find_faults(
    settings: StackSettings,
    region: str,
    *,
    client_formats: Collection[str],
    keys: ConfigKeys | None = None,
) -> list[Fault]:
    """Find every fault that `load_settings` reports for a file with the same settings.

    Args:
        settings: Settings that a program has built.
        region: Region of the stack.
        client_formats: The supported client formats.
        keys: Keys of the configuration that holds the secrets; None leaves references unchecked.
    """
    sections = _Sections(
        general=Section(settings),
        network=Section(settings.network),
        endpoints={key: Section(value) for key, value in settings.endpoints.items()},
        eas_services=settings.eas_services,
        eas_gateways=settings.eas_gateways,
        maas_services=settings.maas_services,
        gateway=settings.gateway_config,
        references=_references(dict(settings)),
    )
    written = settings.endpoints if "endpoints" in settings.model_fields_set else None
    faults = list(find_secrets(settings, "", StackSettings))
    others = [key for key in _WITHOUT_ENDPOINTS if getattr(settings, key)]
    faults += _no_endpoint_faults(written, others or None)
    faults += _rule_faults(sections, region, client_formats, keys)
    return one_report_a_place(faults)


def find_warnings(settings: StackSettings, region: str) -> list[Fault]:
    """Find what is valid and probably a mistake, sorted by path.

    Args:
        settings: Settings without faults.
        region: Region of the stack.
    """
    warnings: list[Fault] = []
    endpoints: dict[str, ResolvedEndpoint | None] = {}
    for name, endpoint in settings.endpoints.items():
        endpoints[name] = resolve_endpoint(endpoint, region)
        vpc_id = settings.network.vpc_id
        for warning in endpoint_rules.find_warnings(endpoint, region, vpc_id):
            warnings.append(inside(f"endpoints.{name}", warning))
    config = settings.gateway_config
    warnings += gateway_rules.find_warnings(config, settings.maas_services, region=region)
    network = settings.network
    is_alone = network.vpc_id is None and not network.connected_vpcs
    warnings += eas_rules.find_warnings(
        settings.eas_services,
        protected=settings.protected,
        may_leave=not is_alone or network.egress is not None,
    )
    warnings += eas_gateway_rules.find_warnings(settings.eas_gateways, protected=settings.protected)
    warnings += maas_rules.find_warnings(settings.maas_services, settings.network)
    return sorted(warnings, key=str)


def _value(text: Any) -> Any:
    """Decode a value: Pulumi passes objects, lists, numbers and booleans as JSON text."""
    if not isinstance(text, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list | bool) else text


def _references(sections: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    references: list[tuple[str, str]] = []
    for key in _SECTIONS_WITH_SECRETS:
        references += references_in(sections.get(key), key)
    return tuple(references)


def _read_sections(raw: Mapping[str, Any], keys: ConfigKeys) -> tuple[_Sections, list[Fault]]:
    """Read all sections, and find the faults of their values."""
    plain = {key: value for key, value in raw.items() if key not in keys.secret}
    general_values = {key: raw[key] for key in GeneralSettings.model_fields if key in raw}
    general = read_section(GeneralSettings, general_values, "")
    if "network" in raw:
        network = read_section(NetworkSettings, raw["network"], "network")
    else:
        network = Section(None, (Fault("network", "missing", _NETWORK_ADVICE, code="missing"),))
    endpoints, endpoint_faults = _read_endpoints(raw.get("endpoints"))
    others = [key for key in _WITHOUT_ENDPOINTS if raw.get(key) is not None]
    endpoint_faults += _no_endpoint_faults(raw.get("endpoints"), others or None)
    eas_services, eas_faults = read_services(plain.get("eas_services"))
    eas_gateways, eas_gateway_faults = read_gateways(plain.get("eas_gateways"))
    maas_services, maas_faults = maas_reading.read_services(plain.get("maas_services"))
    gateway, gateway_faults = read_config(plain, unread=set(KEYS) & set(keys.secret))
    references = _references(plain)
    services: dict[str, Mapping[str, Any]] = {
        "eas_services": eas_services,
        "eas_gateways": eas_gateways,
        "maas_services": maas_services,
    }
    invalid = frozenset(_invalid_services(plain, services))
    sections = _Sections(
        *(general, network, endpoints, eas_services, eas_gateways, maas_services, gateway),
        references=references,
        invalid_services=invalid,
    )
    faults = [*general.faults, *network.faults, *endpoint_faults, *eas_faults, *maas_faults]
    return sections, [*faults, *eas_gateway_faults, *gateway_faults]


def _read_endpoints(raw: Any) -> tuple[Mapping[str, Section[EndpointSettings]], list[Fault]]:
    if raw is None:
        return {}, []
    if not isinstance(raw, Mapping):
        return {}, [Fault("endpoints", "not a map", _ENDPOINT_ADVICE, shown(raw))]
    endpoints: dict[str, Section[EndpointSettings]] = {}
    faults: list[Fault] = []
    for name, value in raw.items():
        endpoint = read_section(EndpointSettings, value, f"endpoints.{name}")
        endpoints[str(name)] = endpoint
        faults += endpoint.faults
    return endpoints, faults


def _raw_faults(
    raw: Mapping[str, Any], keys: ConfigKeys, references: Iterable[tuple[str, str]]
) -> Iterator[Fault]:
    """Find unknown keys, secrets in plain text, and settings that are encrypted."""
    known = list(StackSettings.model_fields)
    referenced = {key for _, key in references}
    for key in sorted(set(keys.secret).intersection(known)):
        advice = "Write it in plain text; store a secret under a key of its own, and refer to it."
        yield Fault(key, "encrypted, but settings are no secrets", advice)
    for key, value in raw.items():
        if key in keys.secret or key in referenced:
            continue
        if key not in known:
            yield Fault(key, "unknown key", suggestion_for(key, known), code="unknown-key")
        yield from find_secrets({key: value}, "", StackSettings)


def _namespace_faults(other_keys: Mapping[str, bool]) -> Iterator[Fault]:
    """Find settings under a misspelt namespace, which Pulumi would ignore, and keys in plain."""
    for key, is_encrypted in other_keys.items():
        if key in _CLOUD_SECRETS and not is_encrypted:
            advice = (
                f"Run `pulumi config set --secret {key}`, and replace the key: it was in a file."
            )
            yield Fault(key, "a secret in plain text", advice, code="secret-in-plain-text")
        namespace, _, name = key.partition(":")
        if name in StackSettings.model_fields and most_similar(namespace, ["dashlink"]):
            yield Fault(key, "unknown namespace", f"Did you mean dashlink:{name}?")


def _rule_faults(
    sections: _Sections, region: str, client_formats: Collection[str], keys: ConfigKeys | None
) -> Iterator[Fault]:
    """Find the faults within and between sections, as far as invalid values allow."""
    general = sections.general.value
    yield from region_faults(region, "alicloud:region")
    if general is not None:
        yield from _client_faults(general.clients, client_formats)
    network = sections.network.value
    if network is not None:
        network_faults = list(network_rules.find_faults(network, sections.network.invalid_keys))
        if not {"cidr", "vpc_id"} & set(sections.network.invalid_keys):
            network_faults += connected_rules.find_faults(network, region)
        if general is not None and general.private_only:
            network_faults += egress_rules.find_private_only_faults(network)
        for fault in network_faults:
            yield inside("network", fault)
        yield from _zone_faults(network.zones, region)
        if network_faults:
            network = None
    zones = network.zones if network is not None else None
    endpoints, endpoint_faults = _resolve_endpoints(sections, region, zones)
    yield from endpoint_faults
    if network is not None:
        yield from endpoint_rules.find_closed_ports(endpoints, network.ingress)
    if keys is not None:
        yield from missing_secrets(sections.references, keys.all, keys.secret)
    private_only = general is not None and general.private_only
    context = replace(
        RuleContext.of_stack(network, endpoints, private_only=private_only),
        eas_services=_with_invalid(sections, "eas_services", sections.eas_services),
        maas_services=_with_invalid(sections, "maas_services", sections.maas_services),
    )
    yield from gateway_rules.find_faults(sections.gateway, context)
    yield from eas_rules.find_faults(
        sections.eas_services, private_only=private_only, region=region, zones=zones
    )
    gateways = _with_invalid(sections, "eas_gateways", sections.eas_gateways)
    yield from eas_gateway_rules.find_faults_of_stack(
        gateways, sections.eas_services, network, private_only=private_only
    )
    yield from maas_rules.find_faults(
        sections.maas_services, private_only=private_only, network=network
    )


def _with_invalid(
    sections: _Sections, section: str, services: Mapping[str, _ServiceT]
) -> dict[str, _ServiceT | None]:
    """Return the services of a section, None for each that is invalid in itself."""
    found: dict[str, _ServiceT | None] = dict(services)
    for key, name in sections.invalid_services:
        if key == section:
            found[name] = None
    return found


def _invalid_services(
    raw: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield section and name of each entry that could not be read."""
    for section, valid in services.items():
        written = raw.get(section)
        for name in written if isinstance(written, Mapping) else ():
            if str(name) not in valid:
                yield section, str(name)


def _client_faults(clients: Iterable[str], formats: Collection[str]) -> Iterator[Fault]:
    for name in clients:
        if name not in formats:
            advice = suggestion_for(name, sorted(formats))
            yield Fault("clients", "unknown client format", advice, shown(name))


def _zone_faults(zones: Iterable[str], region: str) -> Iterator[Fault]:
    for zone in zones:
        if is_region(region) and not zone_in_region(zone, region):
            advice = f"Use zones of {region}, or change alicloud:region."
            yield Fault("network.zones", f"not a zone of {region}", advice, zone)


def _resolve_endpoints(
    sections: _Sections, region: str, zones: tuple[str, ...] | None
) -> tuple[dict[str, ResolvedEndpoint | None], list[Fault]]:
    """Resolve the endpoints, None for one with a fault, and find the faults of their rules."""
    resolved: dict[str, ResolvedEndpoint | None] = {}
    faults: list[Fault] = []
    for name, endpoint in sections.endpoints.items():
        own = list(_endpoint_faults(name, endpoint, region, zones))
        faults += own
        resolved[name] = None
        if endpoint.value is not None and not (own or endpoint.faults):
            resolved[name] = resolve_endpoint(endpoint.value, region)
    if None not in resolved.values():
        for name, fault in endpoint_rules.find_shared_domains(resolved):
            faults.append(inside(f"endpoints.{name}", fault))
            resolved[name] = None
    return resolved, faults


def _no_endpoint_faults(endpoints: Any, gateway: Any) -> Iterator[Fault]:
    """Find a section without endpoints, and a stack with nothing but a network."""
    if endpoints == {}:
        yield Fault("endpoints", "no endpoint in it", _ENDPOINT_ADVICE)
    elif endpoints is None and gateway is None:
        yield Fault("endpoints", "missing", _ENDPOINT_ADVICE, code="missing")


def _endpoint_faults(
    name: str, endpoint: Section[EndpointSettings], region: str, zones: tuple[str, ...] | None
) -> Iterator[Fault]:
    where = f"endpoints.{name}"
    if not ENTRY_NAME.matches(name):
        yield Fault(where, "not a valid name", ENTRY_NAME.advice, shown(name))
    if endpoint.value is None or not is_region(region):
        return  # the profile of a service depends on the region
    reported = {fault.where for fault in endpoint.faults}
    if f"{where}.id" in reported:
        return  # whether the endpoint is new or existing is unknown
    for fault in endpoint_rules.find_faults(endpoint.value, region, zones):
        placed = inside(where, fault)
        if placed.where not in reported:
            yield placed
