"""Compare an existing security group with the clients of the endpoints. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from dashlink.errors import Fault

_WHERE = "network.security_group_id"
_PARTLY_CLOSED_ADVICE = (
    "If others must connect, add a rule to it; else write your clients under `network.ingress`."
)


@dataclass(frozen=True)
class ExistingRule:
    """An ingress rule of an existing security group, as the API returns it.

    Attributes:
        protocol: ``tcp``, ``all``, …, lower case.
        ports: First and last port, ``80/80``; ``-1/-1`` is every port.
        policy: ``accept`` or ``drop``.
        priority: 1 to 100. The lower number wins, and drop wins over accept at equal priority.
        source_cidr: Range; None for another kind of source.
        source_security_group_id: Group; None for another kind of source.
        source_prefix_list_id: List of ranges, which are unknown here; None for another kind.
    """

    protocol: str
    ports: str
    policy: str
    priority: int
    source_cidr: IPv4Network | None = None
    source_security_group_id: str | None = None
    source_prefix_list_id: str | None = None


@dataclass(frozen=True)
class Clients:
    """Addresses from which an existing security group must let in connections.

    Attributes:
        name: Who has them, as a fault shows it: ``the VPC``.
        ranges: Their ranges.
        all_connect: Whether every address must be let in; else a part of the range is enough, or a
            rule for the members of a group.
    """

    name: str
    ranges: tuple[IPv4Network, ...]
    all_connect: bool = False


def closed_faults(
    rules: Sequence[ExistingRule],
    ports: Sequence[int],
    clients: Sequence[Clients],
    client_groups: Sequence[str] = (),
) -> Iterator[Fault]:
    """Yield a fault for each port on which an existing group lets in none of some clients.

    Args:
        rules: All ingress rules of the group.
        ports: TCP ports that clients need.
        clients: Ranges of the clients.
        client_groups: Security groups whose members are clients.
    """
    for port in ports:
        accepted = [rule for rule in rules if _accepts(rule, port, rules)]
        if _has_prefix_list(accepted):
            continue
        reported: list[IPv4Network] = []
        for one in clients:
            allowed = allowed_ranges(one.ranges, port, rules)
            is_enough = _size(allowed) == _size(one.ranges)
            if not one.all_connect:
                is_enough = bool(allowed) or _has_group(accepted)
            if not is_enough and not _are_inside(one.ranges, reported):
                reported += one.ranges
                ranges = _listed(one.ranges)
                yield _closed(port, f"{one.name} ({ranges})", ranges)
        for group in client_groups:
            if not _lets_in_group(group, accepted):
                yield _closed(port, f"the members of {group}", group)


def partly_closed_warnings(
    rules: Sequence[ExistingRule], ports: Sequence[int], clients: Sequence[Clients]
) -> Iterator[Fault]:
    """Yield a warning for each port on which an existing group lets in some clients only."""
    for port in ports:
        accepted = [rule for rule in rules if _accepts(rule, port, rules)]
        if _has_prefix_list(accepted):
            continue
        for one in clients:
            allowed = allowed_ranges(one.ranges, port, rules)
            is_partly = bool(allowed) or _has_group(accepted)
            if one.all_connect or not is_partly or _size(allowed) == _size(one.ranges):
                continue
            sources = list(map(str, allowed))
            if _has_group(accepted):
                sources.append("members of other groups")
            problem = (
                f"of {one.name} ({_listed(one.ranges)}), the existing security group lets only "
                f"{' and '.join(sources)} connect on TCP {port}"
            )
            yield Fault(_WHERE, problem, _PARTLY_CLOSED_ADVICE)


def allowed_ranges(
    clients: Sequence[IPv4Network], port: int, rules: Sequence[ExistingRule]
) -> list[IPv4Network]:
    """Return the parts of ranges that ``rules`` let in on a TCP port.

    Of the rules for an address, the one with the lowest priority decides, and drop before accept.
    """
    undecided = list(clients)
    allowed: list[IPv4Network] = []
    for rule in sorted(rules, key=_precedence):
        if rule.source_cidr is None or not _applies_to(rule, port):
            continue
        rest: list[IPv4Network] = []
        for block in undecided:
            if not block.overlaps(rule.source_cidr):
                rest.append(block)
                continue
            decided = max(block, rule.source_cidr, key=lambda one: one.prefixlen)
            rest += block.address_exclude(decided)
            if rule.policy == "accept":
                allowed.append(decided)
        undecided = rest
    return sorted(allowed)


def _precedence(rule: ExistingRule) -> tuple[int, bool]:
    return rule.priority, rule.policy == "accept"


def _closed(port: int, who: str, source: str) -> Fault:
    problem = f"the existing security group does not let {who} connect on TCP {port}"
    new_rule = f"accept, TCP, port {port}/{port}, from {source}"
    advice = f"Add an ingress rule to it: {new_rule}; or correct the clients in `network.ingress`."
    return Fault(_WHERE, problem, advice)


def _listed(blocks: Sequence[IPv4Network]) -> str:
    return ", ".join(map(str, blocks))


def _size(blocks: Sequence[IPv4Network]) -> int:
    return sum(block.num_addresses for block in blocks)


def _are_inside(blocks: Sequence[IPv4Network], outer: Sequence[IPv4Network]) -> bool:
    for block in blocks:
        around = [one for one in outer if block.subnet_of(one)]
        if not around:
            return False
    return True


def _has_group(rules: Sequence[ExistingRule]) -> bool:
    return any(rule.source_security_group_id is not None for rule in rules)


def _has_prefix_list(rules: Sequence[ExistingRule]) -> bool:
    """Return whether a rule has ranges that are unknown here, so that any client may connect."""
    return any(rule.source_prefix_list_id is not None for rule in rules)


def _lets_in_group(group: str, accepted: Sequence[ExistingRule]) -> bool:
    """Return whether a rule is for ``group``, or for a range that may have its members."""
    for rule in accepted:
        if rule.source_cidr is not None or rule.source_security_group_id == group:
            return True
    return False


def _accepts(rule: ExistingRule, port: int, rules: Sequence[ExistingRule]) -> bool:
    if rule.policy != "accept" or not _applies_to(rule, port):
        return False
    return not any(_overrides(other, rule, port) for other in rules)


def _overrides(drop: ExistingRule, accept: ExistingRule, port: int) -> bool:
    if drop.policy != "drop" or drop.priority > accept.priority:
        return False
    return _applies_to(drop, port) and _covers(drop, accept)


def _applies_to(rule: ExistingRule, port: int) -> bool:
    if rule.protocol not in ("tcp", "all"):
        return False
    if rule.ports == "-1/-1":
        return True
    first, _, last = rule.ports.partition("/")
    return int(first) <= port <= int(last or first)


def _covers(wider: ExistingRule, narrower: ExistingRule) -> bool:
    """Return whether every source of ``narrower`` is a source of ``wider`` too."""
    if wider.source_cidr is not None and narrower.source_cidr is not None:
        return narrower.source_cidr.subnet_of(wider.source_cidr)
    group = narrower.source_security_group_id
    return group is not None and wider.source_security_group_id == group
