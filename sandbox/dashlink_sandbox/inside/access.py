"""Decide whether a machine within a VPC can connect to a host and port, and if not, why not.

:func:`place_client` turns the proxy's user name into a machine: its VPC, an address within its
vSwitch, its security group. :func:`decide` resolves the host in that VPC (names.py), looks up the
endpoint's network interface at each address, and checks in the order of a packet: a route to the
endpoint's VPC and back (routes.py), the state of the connection and of the zone, the security
groups of the endpoint, the port. The first address that passes wins; if none does, the first
address's cause is returned.
Pure functions over the sandbox's records: addresses are labels, no connection is opened.

Sources: help.aliyun.com, ECS "Security group rules" and "Security groups" (2024-06): rules of all
groups of an interface are sorted together, the lower priority number first, drop before accept;
without a match only members of a basic group whose inner access is on are allowed. That a rule
outweighs the inner access is unverified. An endpoint service of Model Studio listens on 80 and 443
(Model Studio "Access Model Studio through PrivateLink", as read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.gateways import Gateway
from dashlink_sandbox.inside import eas_public, public
from dashlink_sandbox.inside.eas import (
    PORTS,
    SHARED_ADDRESS,
    AllowedEas,
    enter,
    interface_at,
)
from dashlink_sandbox.inside.maas.hosts import AllowedMaas, host_at
from dashlink_sandbox.inside.names import Refusal, Resolved, resolve
from dashlink_sandbox.inside.routes import Place, find_fault
from dashlink_sandbox.inside.way_out import find_way_out
from dashlink_sandbox.state import (
    Endpoint,
    EndpointService,
    EndpointZone,
    Rule,
    SecurityGroup,
    State,
    Vpc,
    VSwitch,
)

SERVICE_PORTS = (80, 443)
USER_FORM = "vpc-…[.vsw-…][.sg-…]"
_SMALL_BLOCK = 10  # addresses


@dataclass(frozen=True)
class Client:
    """A machine within a VPC. ``security_group_id`` is empty unless the user name has one."""

    vpc_id: str
    vswitch_id: str
    address: str
    security_group_id: str


@dataclass(frozen=True)
class Allowed:
    """The client can connect to ``service`` through ``endpoint``'s interface at ``address``."""

    service: EndpointService
    endpoint: Endpoint
    address: str
    port: int


@dataclass(frozen=True)
class AllowedPublic:
    """The client can connect to ``host`` on the internet, which sees it at ``source``."""

    host: str
    port: int
    source: str


@dataclass(frozen=True)
class AllowedGateway:
    """The client can connect to the load balancer of ``gateway``."""

    gateway: Gateway
    port: int
    client: Client


Decision = Allowed | AllowedGateway | AllowedEas | AllowedMaas | AllowedPublic | Refusal


def decide(state: State, user: str, host: str, port: int, *, way_out: str = "") -> Decision:
    """Decide whether a machine can connect to ``host`` on TCP ``port``.

    Args:
        state: The sandbox's records.
        user: The machine, as ``vpc-…[.vsw-…][.sg-…]``.
        host: A name or an IPv4 address.
        port: The TCP port.
        way_out: The public address of a machine that needs no way out of its VPC; empty: none.
    """
    client = place_client(state, user)
    if isinstance(client, Refusal):
        return client
    resolved = resolve(state, client.vpc_id, host)
    if isinstance(resolved, Refusal):
        return resolved
    causes = []
    for address in resolved.addresses:
        internet = _reach_internet(state, client, address, port, way_out)
        outcome = internet or _reach(state, client, address, port)
        if not isinstance(outcome, Refusal):
            return outcome
        causes.append(outcome.cause)
    return Refusal(f"{_path(resolved)}: {causes[0]}")


def _path(resolved: Resolved) -> str:
    if len(resolved.trail) == 1:
        return resolved.trail[0]
    return " -> ".join((*resolved.trail, resolved.addresses[0]))


def place_client(state: State, user: str) -> Client | Refusal:
    """Return the machine that ``user`` names; without a vSwitch, in the first one of its VPC."""
    ids = _ids_of(user)
    if isinstance(ids, Refusal):
        return ids
    vpc_id = ids["vpc"]
    if vpc_id not in state.vpcs:
        return Refusal(f"there is no VPC {vpc_id}")
    group_id = ids.get("sg", "")
    group = state.security_groups.get(group_id)
    if group_id and (group is None or group.vpc_id != vpc_id):
        return Refusal(f"there is no security group {group_id} in {vpc_id}")
    for vswitch in state.vswitches.values():
        if vswitch.vpc_id == vpc_id and ids.get("vsw") in (None, vswitch.vswitch_id):
            return Client(vpc_id, vswitch.vswitch_id, _address_in(vswitch), group_id)
    if "vsw" in ids:
        return Refusal(f"there is no vSwitch {ids['vsw']} in {vpc_id}")
    return Refusal(f"{vpc_id} has no vSwitch")


def _ids_of(user: str) -> dict[str, str] | Refusal:
    """The ids in a user name by their prefix: vpc, and perhaps vsw and sg."""
    ids: dict[str, str] = {}
    for name in user.split("."):
        prefix = name.partition("-")[0]
        if prefix not in ("vpc", "vsw", "sg") or prefix in ids:
            form = f"it has the form {USER_FORM}"
            return Refusal(f"the user name {user!r} does not say where the client is: {form}")
        ids[prefix] = name
    if "vpc" not in ids:
        return Refusal(f"the user name {user!r} names no VPC: it has the form {USER_FORM}")
    return ids


def _address_in(vswitch: VSwitch) -> str:
    """The client's address: always the tenth of the block, in the smallest blocks the fourth."""
    block = IPv4Network(vswitch.cidr)
    return str(block[4] if block.num_addresses <= _SMALL_BLOCK else block[10])


def _reach(
    state: State, client: Client, address: str, port: int
) -> Allowed | AllowedGateway | AllowedEas | Refusal:
    eas = _reach_eas(state, client, address, port)
    if eas is not None:
        return eas
    gateway = _gateway_at(state, client, address)
    if gateway is not None:
        return _reach_gateway(gateway, client, port)
    interface = _interface(state, client, address)
    if isinstance(interface, Refusal):
        return interface
    endpoint, zone = interface
    cause = (
        _connection_fault(endpoint, zone)
        or _firewall_fault(state, client, endpoint, port)
        or _port_fault(state.endpoint_services.get(endpoint.service_id), endpoint, port)
    )
    if cause is not None:
        return Refusal(cause)
    service = state.endpoint_services.get(endpoint.service_id)
    if service is None:
        which = f"the service {endpoint.service_id} of the endpoint {endpoint.endpoint_id}"
        return Refusal(f"{which} is gone")
    return Allowed(service, endpoint, address, port)


def _reach_eas(
    state: State, client: Client, address: str, port: int
) -> AllowedEas | Refusal | None:
    """Check a gateway of PAI-EAS by the route to its interface, the port, its list."""
    if address == SHARED_ADDRESS and port in PORTS:
        return AllowedEas(port)
    pair = interface_at(state, client.vpc_id, address)
    if pair is None:
        return None
    gateway, linked = pair
    fault = _route_fault(state, client, Place(linked.vpc_id, linked.vswitch_id, address))
    if fault is not None:
        which = f"{address} is the gateway {gateway.gateway_id} in {linked.vpc_id}"
        return Refusal(_unreachable(client, which, fault))
    decision = enter(state, linked, client.address, port)
    return decision if isinstance(decision, AllowedEas) else Refusal(decision)


def _reach_internet(
    state: State, client: Client, address: str, port: int, source: str
) -> AllowedEas | AllowedMaas | AllowedPublic | Refusal | None:
    """Check a host on the internet by the way out and the port; None for any other address."""
    maas_host, public_host = host_at(address), public.host_at(state, address)
    is_eas = eas_public.is_gateway(state, address)
    if not maas_host and not public_host and not is_eas:
        return None
    if not source:
        place = Place(client.vpc_id, client.vswitch_id, client.address)
        way_out = find_way_out(state, place, address)
        if isinstance(way_out, str):
            return Refusal(f"{address} is on the internet: {way_out}")
        source = way_out.address
    if is_eas:
        decision = eas_public.enter(state, address, source, port)
        return decision if isinstance(decision, AllowedEas) else Refusal(decision)
    ports = (AllowedMaas.port,) if maas_host else public.PORTS
    if port not in ports:
        which = f"{maas_host or public_host} listens on {' and '.join(map(str, ports))}"
        return Refusal(f"{which}, not on {port}")
    if maas_host:
        return AllowedMaas(source)
    return AllowedPublic(public_host, port, source)


def _gateway_at(state: State, client: Client, address: str) -> Gateway | None:
    """The gateway whose load balancer has the address, in the client's VPC or one with a route."""
    for gateway in state.gateways.values():
        if gateway.address == address and _gateway_fault(state, client, gateway) is None:
            return gateway
    return None


def _gateway_fault(state: State, client: Client, gateway: Gateway) -> str | None:
    """Why a client's packets do not get to a gateway and back; None if they do."""
    return _route_fault(state, client, Place(gateway.vpc_id, "", gateway.address))


def _route_fault(state: State, client: Client, place: Place) -> str | None:
    """Why a client has no route to a place or back; None in its own VPC, and by the admin API."""
    vpc: Vpc = state.vpcs[client.vpc_id]
    if place.vpc_id == vpc.vpc_id or place.vpc_id in vpc.peers:
        return None
    if place.vpc_id not in state.vpcs:
        return f"{place.vpc_id} is gone"
    return find_fault(state, Place(client.vpc_id, client.vswitch_id, client.address), place)


def _reach_gateway(gateway: Gateway, client: Client, port: int) -> AllowedGateway | Refusal:
    """Check a gateway. Its security group is the cloud's: 80 and 443 are open (unverified)."""
    which = f"the gateway {gateway.gateway_id}"
    if gateway.status != "Running":
        return Refusal(f"{which} is {gateway.status}, not Running")
    if gateway.network == "Internet":
        return Refusal(f"{which} has no address within the VPC (its network is Internet)")
    if port not in SERVICE_PORTS:
        return Refusal(f"{which} listens on 80 and 443, not on {port}")
    return AllowedGateway(gateway, port, client)


def _interface(
    state: State, client: Client, address: str
) -> tuple[Endpoint, EndpointZone] | Refusal:
    """The endpoint's interface at ``address``, in the client's own VPC first."""
    vpc = state.vpcs[client.vpc_id]
    owners = list(_owners(state, address))
    owners.sort(key=lambda owner: owner[0].vpc_id != client.vpc_id)
    causes = []
    for owner in owners:
        endpoint, zone = owner
        fault = _route_fault(state, client, Place(endpoint.vpc_id, zone.vswitch_id, address))
        if fault is None:
            return owner
        which = f"{address} is the endpoint {endpoint.endpoint_id} in {endpoint.vpc_id}"
        causes.append(_unreachable(client, which, fault))
    for gateway in state.gateways.values():
        if gateway.address == address:
            which = f"{address} is the gateway {gateway.gateway_id} in {gateway.vpc_id}"
            causes.append(_unreachable(client, which, _gateway_fault(state, client, gateway)))
    if causes:
        return Refusal(causes[0])
    if _is_within(address, [vpc.cidr, *vpc.secondary_cidrs]):
        cause = f"nothing answers at {address} in {client.vpc_id}"
        return Refusal(f"{cause} (no endpoint has this address)")
    cause = f"{client.vpc_id} has no route to {address}"
    return Refusal(f"{cause}: no endpoint has this address, and the VPC has no way out")


def _unreachable(client: Client, which: str, fault: str | None) -> str:
    cause = f"{which}, to which {client.vpc_id} has no route"
    reason = fault or ""
    if reason.startswith(f"{client.vpc_id} has no route to"):
        reason = reason.partition(": ")[2]
    return f"{cause}: {reason}" if reason else cause


def _owners(state: State, address: str) -> Iterator[tuple[Endpoint, EndpointZone]]:
    for endpoint in state.endpoints.values():
        for zone in endpoint.zones.values():
            if zone.eni_ip == address:
                yield endpoint, zone


def _connection_fault(endpoint: Endpoint, zone: EndpointZone) -> str | None:
    which = f"the endpoint {endpoint.endpoint_id}"
    if endpoint.status != "Active":
        return f"{which} is {endpoint.status}, not Active"
    if endpoint.connection_status != "Connected":
        connection = f"the connection of {which} to its service {endpoint.service_id}"
        return f"{connection} is {endpoint.connection_status}, not Connected"
    if zone.status != "Connected":
        return f"the zone {zone.zone_id} of {which} is {zone.status}, not Connected"
    return None


def _port_fault(service: EndpointService | None, endpoint: Endpoint, port: int) -> str | None:
    ports = SERVICE_PORTS if service is None else service.ports
    if port in ports:
        return None
    which = f"the service {endpoint.service_id} behind {endpoint.endpoint_id}"
    return f"{which} listens on {' and '.join(map(str, ports))}, not on {port}"


def _firewall_fault(state: State, client: Client, endpoint: Endpoint, port: int) -> str | None:
    ids = endpoint.security_group_ids
    groups = [state.security_groups[name] for name in ids if name in state.security_groups]
    if not groups:
        return f"the endpoint {endpoint.endpoint_id} has no security group, so nothing gets in"
    names = " and ".join(group.security_group_id for group in groups)
    which = f"the security group {names} of {endpoint.endpoint_id}"
    rules = sorted(_matching(state, groups, client, port), key=_precedence)
    if rules and _accepts(rules[0]):
        return None
    if rules:
        reason = f"(rule {rules[0].rule_id}, priority {rules[0].priority})"
        return f"{which} drops tcp {port} from {client.address} {reason}"
    if any(_allows_member(group, client) for group in groups):
        return None
    return f"{which} lets no tcp {port} in from {client.address}"


def _accepts(rule: Rule) -> bool:
    return rule.policy.lower() == "accept"


def _precedence(rule: Rule) -> tuple[int, bool]:
    return rule.priority, _accepts(rule)


def _allows_member(group: SecurityGroup, client: Client) -> bool:
    member = group.security_group_id == client.security_group_id
    return member and group.type == "normal" and group.inner_access_policy == "Accept"


def _matching(
    state: State, groups: list[SecurityGroup], client: Client, port: int
) -> Iterator[Rule]:
    """The ingress rules for this client and port.

    A rule for IPv6 addresses never matches: a machine has an IPv4 address.
    """
    for group in groups:
        for rule in group.rules:
            ingress = rule.direction == "ingress"
            if ingress and _covers_port(rule, port) and _covers_client(state, rule, client):
                yield rule


def _covers_port(rule: Rule, port: int) -> bool:
    if rule.protocol.lower() not in ("tcp", "all"):
        return False
    first, _, last = rule.ports.partition("/")
    return first == "-1" or int(first) <= port <= int(last)


def _covers_client(state: State, rule: Rule, client: Client) -> bool:
    if rule.source_group_id:
        return rule.source_group_id == client.security_group_id
    blocks = [rule.source_cidr] if rule.source_cidr else []
    prefix_list = state.prefix_lists.get(rule.source_prefix_list_id)
    if prefix_list is not None and prefix_list.address_family == "IPv4":
        blocks = [entry.cidr for entry in prefix_list.entries]
    return _is_within(client.address, blocks)


def _is_within(address: str, blocks: list[str]) -> bool:
    return any(IPv4Address(address) in IPv4Network(block, strict=False) for block in blocks)
