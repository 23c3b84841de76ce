"""The settings of a stack: the whole `dashlink:` namespace in, one checked model out, or every fault at once.

    Pulumi's texts -> values -> each part's model (words.py tells pydantic's errors) -> the rules between the parts

A part with a broken value is checked once more without it, so that one mistake does not hide another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from dashlink.endpoint import rules as endpoint_rules
from dashlink.endpoint.catalog import resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.errors import ConfigError, Fault, shown
from dashlink.network.settings import FOLLOW_UPS, NetworkSettings
from dashlink.secrets_found import find_secrets, without_secrets
from dashlink.types import SettingsModel, Tags, is_zone, zone_in_region
from dashlink.words import faults_of, likeliest_of, without

_Part = TypeVar("_Part", bound=SettingsModel)
_ENDPOINT_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+(?:-\d+)?")


class StackSettings(SettingsModel):
    """Everything that one environment says."""

    network: NetworkSettings
    """The network that the endpoints stand in."""
    endpoints: Mapping[str, EndpointSettings]
    """Endpoints by a name of yours: lower-case letters, digits and dashes, a letter first, at most 32."""
    clients: tuple[str, ...] = ()
    """Client files that `dashlink render` writes for this stack."""
    tags: Tags = Field(default_factory=dict)
    """Tags of everything that can carry them."""
    resource_group_id: str | None = None
    """Resource group of everything that is made (`rg-…`)."""
    protected: bool = False
    """Refuse to delete anything of the stack, by Pulumi, until this is taken away."""


class _Rest(SettingsModel):
    """The keys that are no part of their own."""

    clients: tuple[str, ...] = ()
    tags: Tags = Field(default_factory=dict)
    resource_group_id: str | None = None
    protected: bool = False


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
    faults = [*_encrypted(secret_keys), *find_secrets({k: v for k, v in raw.items() if k not in secret_keys}, "")]
    faults += _unknown_keys(raw)
    faults += _region_faults(region)
    rest, rest_faults = _check(_Rest, {key: raw[key] for key in _Rest.model_fields if key in raw}, "")
    network, network_faults = _network(raw)
    faults += [*rest_faults, *network_faults, *_client_faults(rest, client_formats)]
    faults += _zone_region_faults(raw.get("network"), region)
    endpoints, endpoint_faults = _endpoints(raw, network, region)
    faults += endpoint_faults
    if faults or rest is None or network is None:
        raise ConfigError(_told_once(faults), source)
    return StackSettings(network=network, endpoints=endpoints, **dict(rest))


def _value(text: Any) -> Any:
    """Pulumi hands objects, lists, numbers and booleans over as JSON text, and text as it is."""
    if not isinstance(text, str):
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, dict | list | bool) else text


def _encrypted(secret_keys: Collection[str]) -> Iterator[Fault]:
    for key in secret_keys:
        yield Fault(
            key,
            "encrypted, but no setting is a secret",
            "Write it in plain; a key of a model service does not belong into the settings.",
        )


def _unknown_keys(raw: Mapping[str, Any]) -> Iterator[Fault]:
    known = list(StackSettings.model_fields)
    for key in raw:
        if key not in known:
            yield Fault(key, "unknown key", likeliest_of(key, known))


def _region_faults(region: str) -> Iterator[Fault]:
    if not region:
        yield Fault("alicloud:region", "missing", "Write the region of the stack, e.g. cn-beijing.")
    elif not _REGION.fullmatch(region):
        yield Fault("alicloud:region", "not a region", "Write the region's id, e.g. cn-beijing.", shown(region))


def _check(
    model: type[_Part], raw: Any, where: str, follow_ups: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> tuple[_Part | None, list[Fault]]:
    """The model of ``raw``, or as much as can be checked of it; and its faults.

    ``follow_ups``: keys about which nothing can be said when a key is broken.
    """
    try:
        return model.model_validate(raw), []
    except ConfigError as error:
        return None, [_inside(where, fault) for fault in error.faults]
    except ValidationError as error:
        faults = list(faults_of(error, model, where))
        if not isinstance(raw, Mapping):
            return None, faults
        rest, touched = without(raw, error)
        touched |= {key for broken in touched for key in follow_ups.get(broken, ())}
    try:
        return model.model_validate(rest), faults
    except ConfigError as error:
        further = [fault for fault in error.faults if fault.where.partition(".")[0] not in touched]
        return None, faults + [_inside(where, fault) for fault in further]
    except ValidationError:
        return None, faults


def _inside(where: str, fault: Fault) -> Fault:
    return Fault(f"{where}.{fault.where}" if where else fault.where, fault.problem, fault.advice, fault.got)


def _network(raw: Mapping[str, Any]) -> tuple[NetworkSettings | None, list[Fault]]:
    if "network" not in raw:
        return None, [Fault("network", "missing", "Write `cidr` and `zones` of a new network, or `vpc_id` of yours.")]
    return _check(NetworkSettings, raw["network"], "network", FOLLOW_UPS)


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
            yield Fault("clients", "unknown client format", likeliest_of(name, sorted(formats)), shown(name))


def _endpoints(
    raw: Mapping[str, Any], network: NetworkSettings | None, region: str
) -> tuple[dict[str, EndpointSettings], list[Fault]]:
    written = raw.get("endpoints")
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
        endpoint, own = _check(EndpointSettings, value, where)
        faults += own
        if endpoint is None:
            continue
        found[str(key)] = endpoint
        zones = network.zones if network is not None else None
        told = {fault.where for fault in own}
        if not _REGION.fullmatch(region):
            continue  # what a service is, and where, depends on the region
        crossed = (_inside(where, fault) for fault in endpoint_rules.find_faults(endpoint, region, zones))
        faults += [fault for fault in crossed if fault.where not in told]
    if not faults:
        faults += _shared_domain_faults(found, region)
    return found, faults


def _shared_domain_faults(endpoints: Mapping[str, EndpointSettings], region: str) -> Iterator[Fault]:
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


def _told_once(faults: Iterable[Fault]) -> list[Fault]:
    """Without keys, and without what a fault of the same place says better (an unknown key that holds a secret)."""
    all_faults = [without_secrets(fault) for fault in faults]
    secret = {fault.where for fault in all_faults if "looks like a secret" in fault.problem}
    return [fault for fault in all_faults if fault.where not in secret or "looks like a secret" in fault.problem]
