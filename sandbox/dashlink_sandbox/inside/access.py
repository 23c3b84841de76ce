"""Whether a machine within a VPC reaches host and port, and if not, why not: the sandbox's routes and firewalls.

:func:`place_client` turns the proxy's user name into a machine: its VPC, an address within its vSwitch, its security
group. :func:`decide` resolves the host as that VPC sees it (names.py), finds the endpoint's network interface behind
each address, and checks in the order in which a packet would meet them: a route to the endpoint's VPC, the state of the
connection and of the zone, the security groups of the endpoint, the port. The first address that passes wins; where
none does, the first address's fault is the answer. Pure functions over the sandbox's records: addresses are labels,
nothing is connected to here.

Sources: help.aliyun.com, ECS "Security group rules" and "Security groups" (2024-06): rules of all groups of an
interface are sorted together, the lower priority number first, refusing before accepting; without a match only members
of a basic group whose inner access is on get in. That a rule outweighs the inner access is unverified. An endpoint
service of Model Studio listens on 80 and 443 (Model Studio "Access Model Studio through PrivateLink", as read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.gateways import Gateway
from dashlink_sandbox.inside.names import Refusal, Resolved, resolve
from dashlink_sandbox.state import Endpoint, EndpointService, EndpointZone, Rule, SecurityGroup, State, VSwitch

SERVICE_PORTS = (80, 443)
USER_FORM = "vpc-…[.vsw-…][.sg-…]"


@dataclass(frozen=True)
class Client:
    """A machine within a VPC. ``security_group_id`` is empty where the user name gave none."""

    vpc_id: str
    vswitch_id: str
    address: str
    security_group_id: str


@dataclass(frozen=True)
class Allowed:
    """The connection comes about: to ``endpoint``'s interface at ``address``, and through it to ``service``."""

    service: EndpointService
    endpoint: Endpoint
    address: str
    port: int


@dataclass(frozen=True)
class AllowedGateway:
    """The connection comes about: to the load balancer of ``gateway``."""

    gateway: Gateway
    port: int


def decide(state: State, user: str, host: str, port: int) -> Allowed | AllowedGateway | Refusal:
    """Whether the machine that ``user`` names (``vpc-…[.vsw-…][.sg-…]``) reaches ``host`` on TCP ``port``."""
    client = place_client(state, user)
    if isinstance(client, Refusal):
        return client
    resolved = resolve(state, client.vpc_id, host)
    if isinstance(resolved, Refusal):
        return resolved
    outcomes = [_reach(state, client, address, port) for address in resolved.addresses]
    allowed = next((outcome for outcome in outcomes if not isinstance(outcome, Refusal)), None)
    if allowed is not None:
        return allowed
    first = outcomes[0]
    assert isinstance(first, Refusal)  # noqa: S101 - none was allowed, and no name resolves to no address
    return Refusal(f"{_way(resolved)}: {first.cause}")


def _way(resolved: Resolved) -> str:
    return " -> ".join((*resolved.trail, resolved.addresses[0])) if len(resolved.trail) > 1 else resolved.trail[0]


def place_client(state: State, user: str) -> Client | Refusal:
    """The machine that ``user`` names; without a vSwitch it is in the first one of its VPC."""
    given: dict[str, str] = {}
    for part in user.split("."):
        prefix = part.partition("-")[0]
        if prefix not in ("vpc", "vsw", "sg") or prefix in given:
            return Refusal(f"the user name {user!r} does not say where the client is: it has the form {USER_FORM}")
        given[prefix] = part
    if "vpc" not in given:
        return Refusal(f"the user name {user!r} names no VPC: it has the form {USER_FORM}")
    vpc_id, group_id = given["vpc"], given.get("sg", "")
    if vpc_id not in state.vpcs:
        return Refusal(f"there is no VPC {vpc_id}")
    group = state.security_groups.get(group_id)
    if group_id and (group is None or group.vpc_id != vpc_id):
        return Refusal(f"there is no security group {group_id} in {vpc_id}")
    vswitches = [vswitch for vswitch in state.vswitches.values() if vswitch.vpc_id == vpc_id]
    chosen = [vswitch for vswitch in vswitches if vswitch.vswitch_id == given.get("vsw", vswitch.vswitch_id)]
    if not chosen:
        return Refusal(
            f"there is no vSwitch {given['vsw']} in {vpc_id}" if "vsw" in given else f"{vpc_id} has no vSwitch"
        )
    return Client(vpc_id, chosen[0].vswitch_id, _address_in(chosen[0]), group_id)


def _address_in(vswitch: VSwitch) -> str:
    """The same address each time: the tenth of the block, in the smallest blocks (8 addresses) the fourth."""
    block = IPv4Network(vswitch.cidr)
    return str(block[10] if block.num_addresses > 10 else block[4])  # noqa: PLR2004 - said above


def _reach(state: State, client: Client, address: str, port: int) -> Allowed | AllowedGateway | Refusal:
    gateway = _gateway_at(state, client, address)
    if gateway is not None:
        return _reach_gateway(gateway, port)
    found = _interface(state, client, address)
    if isinstance(found, Refusal):
        return found
    endpoint, zone = found
    faults = (
        _connection_fault(endpoint, zone),
        _firewall_fault(state, client, endpoint, port),
        _port_fault(endpoint, port),
    )
    cause = next((fault for fault in faults if fault), None)
    if cause is not None:
        return Refusal(cause)
    service = state.endpoint_services.get(endpoint.service_id)
    if service is None:
        return Refusal(f"the service {endpoint.service_id} of the endpoint {endpoint.endpoint_id} is gone")
    return Allowed(service, endpoint, address, port)


def _gateway_at(state: State, client: Client, address: str) -> Gateway | None:
    """The gateway whose load balancer has the address, in the client's VPC or in one that it has a route to."""
    near = (client.vpc_id, *state.vpcs[client.vpc_id].peers)
    found = (row for row in state.gateways.values() if row.address == address and row.vpc_id in near)
    return next(found, None)


def _reach_gateway(gateway: Gateway, port: int) -> AllowedGateway | Refusal:
    """A gateway's own security group is the cloud's: within the VPC 80 and 443 are open (unverified)."""
    if gateway.status != "Running":
        return Refusal(f"the gateway {gateway.gateway_id} is {gateway.status}, not Running")
    if gateway.network == "Internet":
        return Refusal(f"the gateway {gateway.gateway_id} has no address within the VPC (its network is Internet)")
    if port not in SERVICE_PORTS:
        return Refusal(f"the gateway {gateway.gateway_id} listens on 80 and 443, not on {port}")
    return AllowedGateway(gateway, port)


def _interface(state: State, client: Client, address: str) -> tuple[Endpoint, EndpointZone] | Refusal:
    """Whose interface answers at ``address``: one in the client's own VPC first, as its own routes come first."""
    owners = [
        (endpoint, zone)
        for endpoint in state.endpoints.values()
        for zone in endpoint.zones.values()
        if zone.eni_ip == address
    ]
    here = state.vpcs[client.vpc_id]
    for near in (lambda vpc_id: vpc_id == client.vpc_id, lambda vpc_id: vpc_id in here.peers):
        for owner in owners:
            if near(owner[0].vpc_id):
                return owner
    if owners:
        endpoint = owners[0][0]
        return Refusal(
            f"{address} is the endpoint {endpoint.endpoint_id} in {endpoint.vpc_id}, "
            f"to which {client.vpc_id} has no route"
        )
    inside = IPv4Address(address) in IPv4Network(here.cidr)
    return Refusal(
        f"nothing answers at {address} in {client.vpc_id} (no endpoint has this address)"
        if inside
        else f"{client.vpc_id} has no route to {address}: no endpoint has this address, and the VPC has no way out"
    )


def _connection_fault(endpoint: Endpoint, zone: EndpointZone) -> str | None:
    if endpoint.status != "Active":
        return f"the endpoint {endpoint.endpoint_id} is {endpoint.status}, not Active"
    if endpoint.connection_status != "Connected":
        return (
            f"the connection of the endpoint {endpoint.endpoint_id} to its service {endpoint.service_id} is "
            f"{endpoint.connection_status}, not Connected"
        )
    if zone.status != "Connected":
        return f"the zone {zone.zone_id} of the endpoint {endpoint.endpoint_id} is {zone.status}, not Connected"
    return None


def _port_fault(endpoint: Endpoint, port: int) -> str | None:
    if port in SERVICE_PORTS:
        return None
    return f"the service {endpoint.service_id} behind {endpoint.endpoint_id} listens on 80 and 443, not on {port}"


def _firewall_fault(state: State, client: Client, endpoint: Endpoint, port: int) -> str | None:
    groups = [state.security_groups[name] for name in endpoint.security_group_ids if name in state.security_groups]
    if not groups:
        return f"the endpoint {endpoint.endpoint_id} has no security group, so nothing gets in"
    names = " and ".join(group.security_group_id for group in groups)
    for rule in sorted(
        _matching(groups, client, port), key=lambda rule: (rule.priority, rule.policy.lower() == "accept")
    ):
        if rule.policy.lower() == "accept":
            return None
        return (
            f"the security group {names} of {endpoint.endpoint_id} drops tcp {port} from {client.address} "
            f"(rule {rule.rule_id}, priority {rule.priority})"
        )
    if any(_lets_members_in(group, client) for group in groups):
        return None
    return f"the security group {names} of {endpoint.endpoint_id} lets no tcp {port} in from {client.address}"


def _lets_members_in(group: SecurityGroup, client: Client) -> bool:
    member = group.security_group_id == client.security_group_id
    return member and group.type == "normal" and group.inner_access_policy == "Accept"


def _matching(groups: list[SecurityGroup], client: Client, port: int) -> Iterator[Rule]:
    """The ingress rules that speak of this client and port.

    A rule for a prefix list or for IPv6 addresses never matches: the sandbox has neither.
    """
    for group in groups:
        for rule in group.rules:
            if rule.direction == "ingress" and _covers_port(rule, port) and _covers_client(rule, client):
                yield rule


def _covers_port(rule: Rule, port: int) -> bool:
    if rule.protocol.lower() not in ("tcp", "all"):
        return False
    first, _, last = rule.ports.partition("/")
    return first == "-1" or int(first) <= port <= int(last)


def _covers_client(rule: Rule, client: Client) -> bool:
    if rule.source_cidr:
        return IPv4Address(client.address) in IPv4Network(rule.source_cidr, strict=False)
    return bool(rule.source_group_id) and rule.source_group_id == client.security_group_id
