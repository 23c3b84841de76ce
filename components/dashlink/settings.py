"""The settings of a stack: the whole `dashlink:` namespace in, one checked model out, or every fault at once.

    Pulumi's texts -> values -> each part's model (words.py tells pydantic's errors) -> the rules between the parts

A part with a broken value is checked once more without it, so that one mistake does not hide another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from pydantic import Field

from dashlink.endpoint import rules as endpoint_rules
from dashlink.endpoint.catalog import ResolvedEndpoint, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import ConfigError, Fault, shown
from dashlink.gateway import rules as gateway_rules
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.reading import KEYS, read_part, secret_references
from dashlink.gateway.rules import missing_secrets
from dashlink.gateway.settings import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
    ModelApiSettings,
)
from dashlink.network.settings import FOLLOW_UPS, NetworkSettings
from dashlink.redaction import find_secrets, without_secrets
from dashlink.types import SettingsModel, Tags, is_zone, zone_in_region
from dashlink.validation import check, inside, likeliest_of

_ENDPOINT_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+(?:-\d+)?")
_RANK_OF_CODE = {"secret-in-plain-text": 1, "not-a-secret-reference": 2}


class StackSettings(SettingsModel):
    """Everything that one environment says."""

    network: NetworkSettings
    """The network that the endpoints stand in."""
    endpoints: Mapping[str, EndpointSettings] = Field(default_factory=dict)
    """Endpoints by a name of yours: lower-case letters, digits and dashes, a letter first, at most 32.

    At least one, unless the stack has a gateway."""
    clients: tuple[str, ...] = ()
    """Client files that `dashlink render` writes for this stack."""
    tags: Tags = Field(default_factory=dict)
    """Tags of everything that can carry them."""
    resource_group_id: str | None = None
    """Resource group of everything that is made (`rg-…`)."""
    protected: bool = False
    """Refuse to delete anything of the stack, by Pulumi, until this is taken away."""
    private_only: bool = False
    """Refuse settings that make anything public: a gateway on the internet, a public domain."""
    gateway: GatewaySettings | None = None
    """The AI gateway that Model APIs are on; `{}` makes one as it usually is."""
    domains: Mapping[str, DomainSettings] = Field(default_factory=dict)
    """Domains that Model APIs are served under, by their names."""
    ai_services: Mapping[str, AiServiceSettings] = Field(default_factory=dict)
    """What Model APIs send to, by a name of yours."""
    consumers: Mapping[str, ConsumerSettings] = Field(default_factory=dict)
    """Who calls Model APIs, by a name of yours."""
    model_apis: Mapping[str, ModelApiSettings] = Field(default_factory=dict)
    """Model APIs by their names: letters, digits, `_`, `-`, at most 64."""

    @property
    def gateway_config(self) -> GatewayConfig:
        """Everything that is said of the gateway."""
        return GatewayConfig(
            self.gateway, self.domains, self.ai_services, self.consumers, self.model_apis
        )


class _Rest(SettingsModel):
    """The keys that are no part of their own."""

    clients: tuple[str, ...] = ()
    tags: Tags = Field(default_factory=dict)
    resource_group_id: str | None = None
    protected: bool = False
    private_only: bool = False


def load_settings(
    namespace: Mapping[str, str],
    *,
    region: str,
    client_formats: Collection[str],
    secret_keys: Collection[str] = (),
    source: str = "",
) -> StackSettings:
    """Check a stack's settings.

    Args:
        namespace: The `dashlink:` configuration as Pulumi hands it over: keys without the prefix, objects as JSON text.
        region: Value of `alicloud:region`, empty where it is missing.
        client_formats: The client formats that are known.
        secret_keys: The keys of ``namespace`` that are encrypted, wholly or in part.
        source: The file that the settings are from, put in front of each fault.

    Raises:
        ConfigError: With every fault, sorted by path.
    """
    raw = {key: _value(text) for key, text in namespace.items()}
    plain = {key: value for key, value in raw.items() if key not in secret_keys}
    part, part_faults = read_part(plain, unread=set(KEYS) & set(secret_keys))
    references = tuple(secret_references(part))
    known = {key for _, key in references}
    faults = [*_encrypted(secret_keys), *find_secrets(_without_keys(plain, known), "")]
    faults += [*_unknown_keys(raw, {*known, *secret_keys}), *_region_faults(region)]
    rest, rest_faults = check(
        _Rest, {key: raw[key] for key in _Rest.model_fields if key in raw}, ""
    )
    network, network_faults = _network(raw)
    faults += [*rest_faults, *network_faults, *_client_faults(rest, client_formats)]
    faults += _zone_region_faults(raw.get("network"), region)
    endpoints, endpoint_faults = _endpoints(raw, network, region)
    faults += [*endpoint_faults, *part_faults, *missing_secrets(references, secret_keys, raw)]
    resolved = _resolved(endpoints, endpoint_faults, region)
    private_only = rest is not None and rest.private_only
    faults += gateway_rules.find_faults(
        part, network=network, endpoints=resolved, private_only=private_only
    )
    if faults or rest is None or network is None:
        raise ConfigError(_one_report_a_place(faults), source)
    own = {key: getattr(part, key) for key in KEYS}
    return StackSettings(network=network, endpoints=endpoints, **own, **dict(rest))


def _resolved(
    endpoints: Mapping[str, EndpointSettings], faults: Iterable[Fault], region: str
) -> dict[str, ResolvedEndpoint | None]:
    """The endpoints as the catalog decides them; None for one that is broken."""
    broken = {fault.where.split(".")[1] for fault in faults if "." in fault.where}
    found = {
        key: None if key in broken else resolve_endpoint(value, region)
        for key, value in endpoints.items()
    }
    return {**found, **dict.fromkeys(broken)}


def _without_keys(raw: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """``raw`` without the keys that secrets are meant to be under: they are told of as such."""
    return {key: value for key, value in raw.items() if key not in keys}


def _value(text: Any) -> Any:
    """Pulumi hands objects, lists, numbers and booleans over as JSON text, and text as it is."""
    if not isinstance(text, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list | bool) else text


def _encrypted(secret_keys: Iterable[str]) -> Iterator[Fault]:
    """Settings that were encrypted by mistake. A secret that nothing refers to yet, or any more, is no fault."""
    for key in sorted(secret_keys):
        if key in StackSettings.model_fields:
            yield Fault(
                key,
                "encrypted, but no setting is a secret",
                "Write it in plain; a key stands under a name of its own, and settings refer to it.",
            )


def _unknown_keys(raw: Mapping[str, Any], secrets: Collection[str]) -> Iterator[Fault]:
    known = list(StackSettings.model_fields)
    for key in raw:
        if key not in known and key not in secrets:
            yield Fault(key, "unknown key", likeliest_of(key, known), code="unknown-key")


def _region_faults(region: str) -> Iterator[Fault]:
    if not region:
        yield Fault(
            "alicloud:region",
            "missing",
            "Write the region of the stack, e.g. cn-beijing.",
            code="missing",
        )
    elif not _REGION.fullmatch(region):
        yield Fault(
            "alicloud:region",
            "not a region",
            "Write the region's id, e.g. cn-beijing.",
            shown(region),
        )


def _network(raw: Mapping[str, Any]) -> tuple[NetworkSettings | None, list[Fault]]:
    if "network" not in raw:
        return None, [
            Fault(
                "network",
                "missing",
                "Write `cidr` and `zones` of a new network, or `vpc_id` of yours.",
                code="missing",
            )
        ]
    return check(NetworkSettings, raw["network"], "network", FOLLOW_UPS)


def _zone_region_faults(network: Any, region: str) -> Iterator[Fault]:
    """Zones of another region, told also where something else is wrong with the network."""
    zones = network.get("zones") if isinstance(network, Mapping) else None
    if not isinstance(zones, list) or not _REGION.fullmatch(region):
        return
    for zone in zones:
        if is_zone(zone) and not zone_in_region(zone, region):
            advice = f"Use zones of {region}, or change alicloud:region."
            yield Fault("network.zones", f"not a zone of {region}", advice, zone)


def _client_faults(rest: _Rest | None, formats: Collection[str]) -> Iterator[Fault]:
    for name in rest.clients if rest is not None else ():
        if name not in formats:
            yield Fault(
                "clients", "unknown client format", likeliest_of(name, sorted(formats)), shown(name)
            )


def _endpoints(
    raw: Mapping[str, Any], network: NetworkSettings | None, region: str
) -> tuple[dict[str, EndpointSettings], list[Fault]]:
    written = raw.get("endpoints")
    if written is None and raw.get("gateway") is not None:
        return {}, []
    if not isinstance(written, Mapping) or not written:
        problem = "missing" if written is None else "no endpoint in it"
        example = "Write one, e.g. `dashscope: {service: com.aliyuncs.dashscope}`."
        return {}, [Fault("endpoints", problem, example, None if not written else shown(written))]
    found: dict[str, EndpointSettings] = {}
    faults: list[Fault] = []
    for key, value in written.items():
        where = f"endpoints.{key}"
        if not _ENDPOINT_NAME.fullmatch(str(key)):
            advice = "Use lower-case letters, digits and dashes, a letter first, at most 32."
            faults.append(Fault(where, "not a name for an endpoint", advice, shown(key)))
        endpoint, own = check(EndpointSettings, value, where)
        faults += own
        if endpoint is None:
            continue
        found[str(key)] = endpoint
        zones = network.zones if network is not None else None
        told = {fault.where for fault in own}
        if not _REGION.fullmatch(region):
            continue  # what a service is, and where, depends on the region
        crossed = (
            inside(where, fault) for fault in endpoint_rules.find_faults(endpoint, region, zones)
        )
        faults += [fault for fault in crossed if fault.where not in told]
    if not faults:
        faults += _shared_domain_faults(found, region)
    return found, faults


def _shared_domain_faults(
    endpoints: Mapping[str, EndpointSettings], region: str
) -> Iterator[Fault]:
    """Two endpoints of one VPC cannot both be behind one name."""
    owners: dict[str, str] = {}
    for key, endpoint in sorted(endpoints.items()):
        domain = resolve_endpoint(endpoint, region).private_domain
        if domain is None:
            continue
        if domain in owners:
            yield Fault(
                f"endpoints.{key}.private_name",
                f"the endpoint {owners[domain]} has this private domain already",
                "Give one of the two `private_name: none`, or a domain of its own.",
                domain,
            )
        owners.setdefault(domain, key)


def _one_report_a_place(faults: Iterable[Fault]) -> list[Fault]:
    """Redact ``faults``; of a place with several, keep those that name the fix.

    A missing reference to a secret is reported before a secret in plain text, and that before all others.
    """
    redacted = [without_secrets(fault) for fault in faults]
    ranks: dict[str, int] = {}
    for fault in redacted:
        rank = _RANK_OF_CODE.get(fault.code, 0)
        ranks[fault.where] = max(rank, ranks.get(fault.where, 0))
    return [fault for fault in redacted if _is_reported(fault, ranks[fault.where])]


def _is_reported(fault: Fault, highest_rank: int) -> bool:
    rank = _RANK_OF_CODE.get(fault.code, 0)
    if highest_rank == _RANK_OF_CODE["not-a-secret-reference"]:
        return fault.code != "secret-in-plain-text"
    return rank == highest_rank
