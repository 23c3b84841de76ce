"""Rules between the sections of the gateway, and with the rest of the stack. Pure.

They refuse what the API would accept and what would fail at run time: a consumer that no Model API
allows, a private name that resolves nowhere, a pattern that never matches. Files and programs run
the same rules. `model_api.rules` has those of one Model API.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from dashlink.endpoint.catalog import ResolvedEndpoint
from dashlink.errors import Fault, shown
from dashlink.gateway import ai_gateway, ai_service, consumer, domain, model_services
from dashlink.gateway.ai_gateway import GatewaySettings
from dashlink.gateway.checks import shared_name_faults
from dashlink.gateway.config import SECTIONS, DraftConfig, GatewayConfig, Section
from dashlink.gateway.context import RuleContext
from dashlink.gateway.model_api import rules as model_api_rules
from dashlink.gateway.model_api import warnings as model_api_warnings
from dashlink.gateway.model_api.plan import choices_of
from dashlink.gateway.model_services import MaasServices
from dashlink.network.plan import blocks_of
from dashlink.network.settings import IngressSettings, NetworkSettings

_MOST_NAMES = 5


def find_faults(config: GatewayConfig, context: RuleContext) -> Iterator[Fault]:
    """Every fault of names and between valid entries.

    Args:
        config: The configuration; entries that `read_config` found invalid are left out.
        context: What is known of the stack.
    """
    draft = _as_draft(config)
    for section, name in _invalid_names(draft):
        where = f"{section.key}.{name}"
        yield Fault(where, "not a valid name", section.names.advice, shown(name))
    if config.is_empty:
        return
    valid = draft.valid()
    yield from _gateway_faults(draft, context)
    for name, one_domain in valid.domains.items():
        yield from domain.find_faults(f"domains.{name}", one_domain, valid.gateway, context)
    for name, service in valid.ai_services.items():
        yield from ai_service.find_faults(f"ai_services.{name}", service, valid.gateway, context)
    for name, one_consumer in valid.consumers.items():
        yield from consumer.find_faults(name, one_consumer)
    for name, api in valid.model_apis.items():
        yield from model_api_rules.find_faults(f"model_apis.{name}", api, valid)
    yield from shared_name_faults("model_apis", valid.model_apis)
    yield from shared_name_faults("consumers", valid.consumers)
    yield from _shared_path_faults(valid)
    yield from _shared_private_zone_faults(valid, context.endpoints or {})
    yield from _unused_consumer_faults(draft, valid)
    yield from _closed_endpoint_faults(valid, context)


def find_warnings(
    config: GatewayConfig,
    maas_services: MaasServices | None = None,
    *,
    region: str | None = None,
) -> Iterator[Fault]:
    """Every warning of a configuration without faults.

    Args:
        config: The configuration.
        maas_services: Model services of MaaS by name; None for none.
        region: Region of the gateway; None leaves it unchecked.
    """
    if config.gateway is not None:
        yield from ai_gateway.find_warnings(config.gateway, region)
        for name, service in config.ai_services.items():
            yield from ai_service.find_warnings(f"ai_services.{name}", service, config.gateway)
    for name, api in config.model_apis.items():
        yield from model_api_warnings.find_warnings(f"model_apis.{name}", api, config)
    yield from _open_api_warnings(config)
    yield from _maas_warnings(config, maas_services or {})


def _maas_warnings(config: GatewayConfig, maas_services: MaasServices) -> Iterator[Fault]:
    """Warnings of choices whose AI service is one of MaaS."""
    for key, service in config.ai_services.items():
        if service.maas is not None:
            where, protocol = f"ai_services.{key}.maas", ai_service.first_protocol(service)
            yield from model_services.path_warnings(where, service.maas, protocol, maas_services)
    for key, api in config.model_apis.items():
        for path, choice in choices_of(api):
            name = config.ai_services[choice.service].maas
            if name is None:
                continue
            where, model = f"model_apis.{key}.{path}", choice.model
            model_path = f"{where.removesuffix('service')}model"
            yield from model_services.model_warnings(model_path, name, model, maas_services)
            if path.startswith("fallbacks"):
                yield from model_services.fallback_warnings(where, name, model, maas_services)


def _as_draft(config: GatewayConfig) -> DraftConfig:
    """The configuration as a draft whose entries with invalid names are invalid."""
    if not isinstance(config, DraftConfig):
        config = DraftConfig(**vars(config))
    invalid = {(section.key, name) for section, name in _invalid_names(config)}
    return replace(config, invalid=config.invalid | invalid)


def _invalid_names(draft: DraftConfig) -> Iterator[tuple[Section, str]]:
    for section in SECTIONS:
        for name in draft.names_in(section.key):
            if not section.names.matches(name):
                yield section, name


def _gateway_faults(draft: DraftConfig, context: RuleContext) -> Iterator[Fault]:
    """Faults of the gateway, without those of its invalid keys; an invalid id hides all others."""
    invalid = draft.invalid_in("gateway")
    if draft.gateway is None:
        if not invalid:
            yield ai_gateway.MISSING
        return
    if "id" in invalid:
        return
    for fault in ai_gateway.find_faults(draft.gateway, context):
        if fault.where.split(".")[1] not in invalid:
            yield fault


def _shared_path_faults(config: GatewayConfig) -> Iterator[Fault]:
    """Faults of Model APIs with one domain and base path."""
    owners: dict[tuple[str, str], str] = {}
    for name, api in sorted(config.model_apis.items()):
        for domain_name in dict.fromkeys(api.domains):
            path = (domain_name, api.base_path.rstrip("/"))
            if path in owners:
                problem = f"{owners[path]} already has this path of {domain_name}"
                advice = "Change the base path or the domain of one of them."
                yield Fault(f"model_apis.{name}.base_path", problem, advice, api.base_path)
            owners.setdefault(path, name)


def _shared_private_zone_faults(
    config: GatewayConfig, endpoints: Mapping[str, ResolvedEndpoint | None]
) -> Iterator[Fault]:
    """Faults of names with one private zone: a VPC has one zone of a name."""
    owners: dict[str, str] = {}
    for name, endpoint in sorted(endpoints.items()):
        if endpoint is not None and endpoint.private_domain is not None:
            owners[endpoint.private_domain] = f"endpoints.{name}"
    for name in sorted(config.domains, key=domain.zone_name):
        if config.domains[name].name_by == "none":
            continue
        zone = domain.zone_name(name)
        if zone in owners:
            problem = f"{owners[zone]} already has the private zone {zone}"
            advice = (
                "Write `name_by: none` and point the name to the gateway yourself, "
                "or use another name."
            )
            yield Fault(f"domains.{name}.name_by", problem, advice)
        owners.setdefault(zone, f"domains.{name}")


def _unused_consumer_faults(draft: DraftConfig, valid: DraftConfig) -> Iterator[Fault]:
    """Faults of consumers that no Model API lists."""
    if "" in draft.invalid_in("model_apis"):
        return
    used: set[str] = set()
    for api in draft.model_apis.values():
        used.update(api.consumers)
    for raw in _entries(draft.written.get("model_apis")):
        consumers = raw.get("consumers") if isinstance(raw, Mapping) else None
        used.update(map(str, consumers if isinstance(consumers, list) else [consumers]))
    for name in valid.consumers:
        if name not in used:
            advice = "Add it to the `consumers` of a Model API, or remove it."
            yield Fault(f"consumers.{name}", "no Model API allows this consumer", advice)


def _closed_endpoint_faults(config: GatewayConfig, context: RuleContext) -> Iterator[Fault]:
    """A fault where the endpoints let in no request of a new gateway, which is in the VPC."""
    network = context.network
    if network is None or network.ingress.from_vpc:
        return
    if config.gateway is None or config.gateway.id is not None:
        return
    callers = []
    for name, service in sorted(config.ai_services.items()):
        endpoint = (context.endpoints or {}).get(service.endpoint or "")
        if endpoint is not None and endpoint.is_existing:
            continue  # it has a security group of its own
        if service.endpoint is not None:
            callers.append(f"ai_services.{name}")
    blocks = _gateway_blocks(config.gateway, network)
    if not callers or _lets_in(network.ingress, blocks):
        return
    ranges = ", ".join(str(block) for block in blocks if block is not None)
    advice = "Remove it, or add the ranges of the gateway's vSwitches to `from_cidrs`"
    problem = (
        "closes the endpoints to the AI gateway, which is in the VPC and calls them for "
        f"{', '.join(callers)}"
    )
    advice = f"{advice}: {ranges}." if ranges else f"{advice}."
    yield Fault("network.ingress.from_vpc", problem, advice, "false")


def _gateway_blocks(gateway: GatewaySettings, network: NetworkSettings) -> list[IPv4Network | None]:
    """Blocks of the gateway's vSwitches; None for one whose block is unknown."""
    blocks = blocks_of(network)
    zones = gateway.with_zones(network.zones).zones or ()
    return [blocks.get(zone) for zone in zones]


def _lets_in(ingress: IngressSettings, blocks: Sequence[IPv4Network | None]) -> bool:
    """Whether the ranges of ``ingress`` have every block, as far as the blocks are known."""
    if not ingress.from_cidrs:
        return False
    for block in blocks:
        if block is None:
            continue
        if not any(block.subnet_of(cidr) for cidr in ingress.from_cidrs):
            return False
    return True


def _open_api_warnings(config: GatewayConfig) -> Iterator[Fault]:
    """One warning for all Model APIs that require no credential, unless that is written."""
    names = []
    for name, api in sorted(config.model_apis.items()):
        if not api.consumers and "consumers" not in api.model_fields_set:
            names.append(name)
    if not names:
        return
    where = f"model_apis.{names[0]}.consumers" if len(names) == 1 else "model_apis"
    shown_names = ", ".join(names[:_MOST_NAMES])
    if len(names) > _MOST_NAMES:
        shown_names += f" and {len(names) - _MOST_NAMES} more"
    yield Fault(
        where,
        "no consumers: every client that reaches the gateway may use the keys of the AI services",
        "List `consumers`, or write `consumers: []` where that is intended.",
        shown_names,
    )


def _entries(section: Any) -> list[Any]:
    return list(section.values()) if isinstance(section, Mapping) else []
