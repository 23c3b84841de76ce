"""Validation of security group rules. Pure: raises the cloud's error or returns nothing.

Sources: help.aliyun.com, ECS API "AuthorizeSecurityGroup" with its error codes and "Security group
rules" (2024-2026). The codes for ports, blocks and sources are from memory of that page:
unverified.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from dashlink_sandbox.state import Rule
from dashlink_sandbox.wire.errors import ApiError

SIDES = {"ingress": "Source", "egress": "Dest"}
"""Direction -> how the API's fields name the other side."""
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "gre", "all")
POLICIES = ("accept", "drop")
_WITH_PORTS = ("tcp", "udp")
_NO_PORTS = "-1/-1"
_HIGHEST_PORT = 65535
_PRIORITIES = range(1, 100 + 1)


def check_rule(rule: Rule) -> None:
    """Refuse a rule with an invalid protocol, port range, policy, priority or source."""
    if rule.protocol not in PROTOCOLS:
        message = "The parameter IpProtocol is not valid."
        raise ApiError("InvalidIpProtocol.ValueNotSupported", message)
    if rule.policy not in POLICIES:
        message = "The specified parameter Policy is not valid."
        raise ApiError("InvalidPolicy.Malformed", message)
    if rule.priority not in _PRIORITIES:
        message = "The parameter Priority must be 1 to 100."
        raise ApiError("InvalidPriority.ValueNotSupported", message)
    if not _ports_fit(rule.protocol, rule.ports):
        message = f"The parameter PortRange is not valid for {rule.protocol}."
        raise ApiError("InvalidPortRange.Malformed", message)
    _check_source(rule)


def _ports_fit(protocol: str, ports: str) -> bool:
    """Whether tcp and udp have ports, as ``80/80``, and every other protocol has none."""
    if protocol not in _WITH_PORTS:
        return ports == _NO_PORTS
    first, _, last = ports.partition("/")
    if not first.isdecimal() or not last.isdecimal():
        return False
    return 1 <= int(first) <= int(last) <= _HIGHEST_PORT


def _check_source(rule: Rule) -> None:
    """Refuse anything but exactly one source, and a CIDR block that is none."""
    sources = [rule.source_cidr, rule.ipv6_source_cidr]
    sources += [rule.source_group_id, rule.source_prefix_list_id]
    if len(sources) - sources.count("") != 1:
        message = "One source (or destination) must be specified, and only one."
        raise ApiError(f"MissingParameter.{SIDES[rule.direction]}", message)
    try:
        if rule.source_cidr:
            IPv4Network(rule.source_cidr, strict=False)
        if rule.ipv6_source_cidr:
            IPv6Network(rule.ipv6_source_cidr, strict=False)
    except ValueError as error:
        message = "The specified CIDR block is not valid."
        raise ApiError("InvalidSourceCidrIp.Malformed", message) from error
