"""How a name resolves as seen from one VPC: private zones first, then what Alibaba Cloud's own DNS says of endpoints.

:func:`resolve` walks the name: the longest PrivateZone attached to the VPC that covers it answers, and where it answers
with a CNAME the walk goes on with the new name, a bounded number of times. A name that no attached zone covers is
looked up among the names of endpoints: the endpoint's domain and its zones' domains, which resolve publicly to private
addresses, and the service's own domain in the VPC of an endpoint whose switch for it is on. Everything else has no
answer, and the :class:`Refusal` says which of the usual mistakes it was. Pure functions over the sandbox's records; no
query leaves here.

Sources: help.aliyun.com, PrivateZone "What is PrivateZone" (zones shadow public names, in attached VPCs alone; a zone
with recursion, here ``proxy_pattern`` RECORD, asks outside for names that it lacks); PrivateLink "Create and manage
endpoints" (endpoint domain and zone domains); Model Studio "Access Model Studio through PrivateLink" (the switch), as
read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from dashlink_sandbox.state import DnsRecord, Endpoint, PrivateZone, State

LONGEST_CHAIN = 8  # CNAMEs after each other; resolvers give up at about as many
PRIVATELINK_SUFFIX = ".privatelink.aliyuncs.com"


@dataclass(frozen=True)
class Refusal:
    """Why a client within the VPC does not get through: one sentence that names what is wrong, with the ids."""

    cause: str


@dataclass(frozen=True)
class Resolved:
    """What a name stands for. ``trail`` holds every name on the way, the asked one first."""

    addresses: tuple[str, ...]
    trail: tuple[str, ...]


def resolve(state: State, vpc_id: str, host: str) -> Resolved | Refusal:
    """Resolve ``host`` as a machine in ``vpc_id`` would; an IPv4 address stands for itself."""
    name = host.lower().rstrip(".")
    if _is_address(name):
        return Resolved((name,), (name,))
    trail: list[str] = []
    while True:
        trail.append(name)
        if name in trail[:-1]:
            return Refusal(f"the name {host} runs in a circle of CNAMEs in {vpc_id}: {' -> '.join(trail)}")
        if len(trail) > LONGEST_CHAIN:
            return Refusal(f"the name {host} has more than {LONGEST_CHAIN} CNAMEs after each other in {vpc_id}")
        step = _step(state, vpc_id, name)
        if isinstance(step, Refusal):
            return step if len(trail) == 1 else Refusal(f"{' -> '.join(trail)}: {step.cause}")
        if isinstance(step, tuple):
            return Resolved(step, tuple(trail))
        name = step


def _is_address(name: str) -> bool:
    try:
        IPv4Address(name)
    except AddressValueError:
        return False
    return True


def _step(state: State, vpc_id: str, name: str) -> tuple[str, ...] | str | Refusal:
    """One step of the walk: addresses, the next name, or why there is neither."""
    zone = _attached_zone(state, vpc_id, name)
    if zone is not None:
        records = _records(zone, name)
        addresses = tuple(record.value for record in records if record.type == "A")
        aliases = [record.value.lower().rstrip(".") for record in records if record.type == "CNAME"]
        if addresses:
            return addresses
        if aliases:
            return aliases[0]
        if zone.proxy_pattern != "RECORD":
            return Refusal(_no_record(zone, name))
    return _endpoint_addresses(state, vpc_id, name) or Refusal(_why_unknown(state, vpc_id, name))


def _attached_zone(state: State, vpc_id: str, name: str) -> PrivateZone | None:
    """The zone in force for ``name`` in the VPC: of those attached, the one with the longest name."""
    attached = [zone for zone in _covering(state, name) if any(vpc.vpc_id == vpc_id for vpc in zone.vpcs)]
    return max(attached, key=lambda zone: len(zone.name), default=None)


def _covering(state: State, name: str) -> Iterator[PrivateZone]:
    for zone in state.private_zones.values():
        zone_name = zone.name.lower().rstrip(".")
        if name == zone_name or name.endswith(f".{zone_name}"):
            yield zone


def _records(zone: PrivateZone, name: str) -> list[DnsRecord]:
    """The enabled records for ``name``; those of ``*`` only where the name has none of its own."""
    host_part = _host_part(zone, name)
    enabled = [record for record in zone.records.values() if record.status == "ENABLE"]
    own = [record for record in enabled if record.rr.lower() == host_part]
    if own or host_part == "@":
        return own
    return [record for record in enabled if record.rr == "*"]


def _host_part(zone: PrivateZone, name: str) -> str:
    return name.removesuffix(zone.name.lower().rstrip(".")).rstrip(".") or "@"


def _no_record(zone: PrivateZone, name: str) -> str:
    host_part = _host_part(zone, name)
    which = f"the private zone {zone.name} ({zone.zone_id})"
    if any(record.rr.lower() == host_part and record.status != "ENABLE" for record in zone.records.values()):
        return f"{which} holds {name}, but its record {host_part} is disabled"
    return f"{which} is in force for {name}, but has no A or CNAME record {host_part}"


def _endpoint_addresses(state: State, vpc_id: str, name: str) -> tuple[str, ...]:
    """The addresses that the cloud's own DNS gives for ``name``; none for a name that it does not know."""
    for gateway in state.gateways.values():
        if name == gateway.load_balancer and gateway.status == "Running":
            return (gateway.address,)
    for endpoint in state.endpoints.values():
        if name == endpoint.endpoint_domain.lower() or _is_service_domain(state, endpoint, vpc_id, name):
            return tuple(zone.eni_ip for zone in endpoint.zones.values())
        for zone in endpoint.zones.values():
            if name == zone.zone_domain.lower():
                return (zone.eni_ip,)
    return ()


def _is_service_domain(state: State, endpoint: Endpoint, vpc_id: str, name: str) -> bool:
    service = state.endpoint_services.get(endpoint.service_id)
    return (
        service is not None
        and endpoint.custom_domain_enabled
        and endpoint.vpc_id == vpc_id
        and bool(service.private_domain)
        and name == service.private_domain.lower()
    )


def _why_unknown(state: State, vpc_id: str, name: str) -> str:
    """The likeliest mistake behind a name without an answer."""
    for zone in _covering(state, name):
        which = f"the private zone {zone.name} ({zone.zone_id})"
        return f"no such name in {vpc_id}: {name} is in {which}, which is not attached to it"
    for endpoint in state.endpoints.values():
        if name == endpoint.endpoint_domain.lower():
            return f"no such name: the endpoint {endpoint.endpoint_id} has no zone, so its domain {name} has no address"
    if name.endswith(PRIVATELINK_SUFFIX):
        return f"no such name: no endpoint has the domain {name} (deleted, or misspelt)"
    for endpoint in state.endpoints.values():
        service = state.endpoint_services.get(endpoint.service_id)
        if service is not None and name == service.private_domain.lower():
            switch = "on" if endpoint.custom_domain_enabled else "off"
            return (
                f"no such name in {vpc_id}: {name} has no private zone there, and the endpoint {endpoint.endpoint_id} "
                f"in {endpoint.vpc_id} gives it to no machine of {vpc_id} (its custom domain name is {switch})"
            )
    return f"no such name in {vpc_id}: {name} is in no private zone there, and the VPC has no way out to the internet"
