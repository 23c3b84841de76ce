"""What a security group's rule may be. Pure: each rule raises the cloud's error or says nothing.

Sources: help.aliyun.com, ECS API "AuthorizeSecurityGroup" with its error codes and "Security group rules" (2024-2026).
The codes for ports, blocks and sources are written from memory of that page: unverified.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from dashlink_sandbox.state import Rule
from dashlink_sandbox.wire.errors import ApiError

PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "gre", "all")
POLICIES = ("accept", "drop")
_WITH_PORTS = ("tcp", "udp")
_NO_PORTS = "-1/-1"
_PORTS = range(1, 65535 + 1)
_PRIORITIES = range(1, 100 + 1)


def check_rule(rule: Rule) -> None:
    """Refuse a rule whose protocol, ports, policy, priority or source cannot be."""
    if rule.protocol not in PROTOCOLS:
        raise ApiError("InvalidIpProtocol.ValueNotSupported", "The parameter IpProtocol is not valid.")
    if rule.policy not in POLICIES:
        raise ApiError("InvalidPolicy.Malformed", "The specified parameter Policy is not valid.")
    if rule.priority not in _PRIORITIES:
        raise ApiError("InvalidPriority.ValueNotSupported", "The parameter Priority must be 1 to 100.")
    _check_ports(rule.protocol, rule.ports)
    _check_source(rule)


def _check_ports(protocol: str, ports: str) -> None:
    """Ports belong to tcp and udp, ``80/80``; every other protocol has none."""
    first, _, last = ports.partition("/")
    if protocol not in _WITH_PORTS:
        good = ports == _NO_PORTS
    else:
        good = first.isdecimal() and last.isdecimal() and int(first) in _PORTS and int(last) in _PORTS
        good = good and int(first) <= int(last)
    if not good:
        raise ApiError("InvalidPortRange.Malformed", f"The parameter PortRange is not valid for {protocol}.")


def _check_source(rule: Rule) -> None:
    """Exactly one other side, and a block that is one."""
    given = (rule.source_cidr, rule.ipv6_source_cidr, rule.source_group_id, rule.source_prefix_list_id)
    if sum(map(bool, given)) != 1:
        side = "Source" if rule.direction == "ingress" else "Dest"
        raise ApiError(f"MissingParameter.{side}", "One source (or destination) must be specified, and only one.")
    try:
        if rule.source_cidr:
            IPv4Network(rule.source_cidr, strict=False)
        if rule.ipv6_source_cidr:
            IPv6Network(rule.ipv6_source_cidr, strict=False)
    except ValueError as error:
        raise ApiError("InvalidSourceCidrIp.Malformed", "The specified CIDR block is not valid.") from error
