"""Resolve a name as seen from one VPC: private zones, then Alibaba Cloud's own DNS for endpoints.

:func:`resolve` follows the name: the longest PrivateZone attached to the VPC that covers it
answers; a CNAME is followed, a bounded number of times. A name that no attached zone covers is
looked up among the names of endpoints: the endpoint's domain and its zones' domains, which resolve
publicly to private addresses, and the service's own domain in the VPC of an endpoint whose switch
for it is on. Any other name has no address, and the :class:`Refusal` names the likely mistake. Pure
functions over the sandbox's records; no query is sent.

Sources: help.aliyun.com, PrivateZone "What is PrivateZone" (zones shadow public names, in attached
VPCs alone; a zone with recursion, here ``proxy_pattern`` RECORD, asks outside for names that it
lacks); PrivateLink "Create and manage endpoints" (endpoint domain and zone domains); Model Studio
"Access Model Studio through PrivateLink" (the switch), as read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from dashlink_sandbox.inside import eas, eas_public, public
from dashlink_sandbox.inside.maas import hosts as maas
from dashlink_sandbox.state import DnsRecord, Endpoint, PrivateZone, State

LONGEST_CHAIN = 8  # CNAMEs in a row; about as many as resolvers follow
PRIVATELINK_SUFFIX = ".privatelink.aliyuncs.com"


@dataclass(frozen=True)
class Refusal:
    """Why a client within the VPC cannot connect: one sentence with the ids."""

    cause: str


@dataclass(frozen=True)
class Resolved:
    """The addresses of a name. ``trail`` holds every name of the CNAME chain in order."""

    addresses: tuple[str, ...]
    trail: tuple[str, ...]


def resolve(state: State, vpc_id: str, host: str) -> Resolved | Refusal:
    """Resolve ``host`` as a machine in ``vpc_id`` would; an IPv4 address resolves to itself."""
    name = _normalized(host)
    if _is_address(name):
        return Resolved((name,), (name,))
    trail: list[str] = []
    while True:
        trail.append(name)
        path = " -> ".join(trail)
        if name in trail[:-1]:
            return Refusal(f"the name {host} runs in a circle of CNAMEs in {vpc_id}: {path}")
        if len(trail) > LONGEST_CHAIN:
            chain = f"more than {LONGEST_CHAIN} CNAMEs after each other"
            return Refusal(f"the name {host} has {chain} in {vpc_id}")
        step = _step(state, vpc_id, name)
        if isinstance(step, tuple):
            return Resolved(step, tuple(trail))
        if isinstance(step, Refusal):
            return step if len(trail) == 1 else Refusal(f"{path}: {step.cause}")
        name = step


def _normalized(name: str) -> str:
    return name.lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except AddressValueError:
        return False
    return True


def _step(state: State, vpc_id: str, name: str) -> tuple[str, ...] | str | Refusal:
    """Resolve ``name`` to its addresses, or to the next name of a CNAME chain."""
    zone = _attached_zone(state, vpc_id, name)
    if zone is not None:
        records = _records(zone, name)
        addresses = tuple(record.value for record in records if record.type == "A")
        if addresses:
            return addresses
        for record in records:
            if record.type == "CNAME":
                return _normalized(record.value)
        if zone.proxy_pattern != "RECORD":
            return Refusal(_no_record(zone, name))
    addresses = eas.addresses_of(state, vpc_id, name) or maas.addresses_of(name)
    addresses = addresses or _endpoint_addresses(state, vpc_id, name)
    addresses = addresses or public.addresses_of(state, name)
    addresses = addresses or eas_public.addresses_of(state, name)
    return addresses or Refusal(_why_unknown(state, vpc_id, name))


def _attached_zone(state: State, vpc_id: str, name: str) -> PrivateZone | None:
    """The zone in force for ``name`` in the VPC: the one attached with the longest name."""
    longest: PrivateZone | None = None
    for zone in _covering(state, name):
        attached = any(vpc.vpc_id == vpc_id for vpc in zone.vpcs)
        if attached and (longest is None or len(zone.name) > len(longest.name)):
            longest = zone
    return longest


def _covering(state: State, name: str) -> Iterator[PrivateZone]:
    for zone in state.private_zones.values():
        if f".{name}".endswith(f".{_normalized(zone.name)}"):
            yield zone


def _records(zone: PrivateZone, name: str) -> list[DnsRecord]:
    """The enabled records for ``name``; those of ``*`` only if the name has none of its own."""
    host_label = _host_label(zone, name)
    own = []
    wildcard = []
    for record in zone.records.values():
        if record.status == "ENABLE" and record.rr.lower() == host_label:
            own.append(record)
        elif record.status == "ENABLE" and record.rr == "*" and host_label != "@":
            wildcard.append(record)
    return own or wildcard


def _host_label(zone: PrivateZone, name: str) -> str:
    return name.removesuffix(_normalized(zone.name)).rstrip(".") or "@"


def _no_record(zone: PrivateZone, name: str) -> str:
    host_label = _host_label(zone, name)
    for record in zone.records.values():
        if record.rr.lower() == host_label and record.status != "ENABLE":
            return f"{_title(zone)} holds {name}, but its record {host_label} is disabled"
    return f"{_title(zone)} is in force for {name}, but has no A or CNAME record {host_label}"


def _title(zone: PrivateZone) -> str:
    return f"the private zone {zone.name} ({zone.zone_id})"


def _endpoint_addresses(state: State, vpc_id: str, name: str) -> tuple[str, ...]:
    """The addresses of ``name`` in the cloud's own DNS; empty for an unknown name."""
    for gateway in state.gateways.values():
        if name == gateway.load_balancer and gateway.status == "Running":
            return (gateway.address,)
    for endpoint in state.endpoints.values():
        own = name == endpoint.endpoint_domain.lower()
        if own or _is_service_domain(state, endpoint, vpc_id, name):
            return tuple(zone.eni_ip for zone in endpoint.zones.values())
        for zone in endpoint.zones.values():
            if name == zone.zone_domain.lower():
                return (zone.eni_ip,)
    return ()


def _is_service_domain(state: State, endpoint: Endpoint, vpc_id: str, name: str) -> bool:
    switched_on = endpoint.custom_domain_enabled and endpoint.vpc_id == vpc_id
    return switched_on and name == _service_domain(state, endpoint)


def _service_domain(state: State, endpoint: Endpoint) -> str | None:
    service = state.endpoint_services.get(endpoint.service_id)
    if service is None or not service.private_domain:
        return None
    return service.private_domain.lower()


def _why_unknown(state: State, vpc_id: str, name: str) -> str:
    """The most likely mistake behind a name without an address."""
    for zone in _covering(state, name):
        which = f"{name} is in {_title(zone)}"
        return f"no such name in {vpc_id}: {which}, which is not attached to it"
    for endpoint in state.endpoints.values():
        if name == endpoint.endpoint_domain.lower():
            which = f"the endpoint {endpoint.endpoint_id} has no zone"
            return f"no such name: {which}, so its domain {name} has no address"
    if name.endswith(PRIVATELINK_SUFFIX):
        return f"no such name: no endpoint has the domain {name} (deleted, or misspelt)"
    for endpoint in state.endpoints.values():
        if name == _service_domain(state, endpoint):
            switch = "on" if endpoint.custom_domain_enabled else "off"
            return (
                f"no such name in {vpc_id}: {name} has no private zone there, and the endpoint "
                f"{endpoint.endpoint_id} in {endpoint.vpc_id} gives it to no machine of {vpc_id} "
                f"(its custom domain name is {switch})"
            )
    cause = eas.why_unknown(state, vpc_id, name)
    if cause:
        return cause
    where = f"{name} is in no private zone there"
    return f"no such name in {vpc_id}: {where}, and the VPC has no way out to the internet"
