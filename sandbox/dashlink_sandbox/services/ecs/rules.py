"""Validation of security groups and their rules. Pure: raises the cloud's error or returns nothing.

Sources: help.aliyun.com, ECS API "AuthorizeSecurityGroup" and "CreateSecurityGroup" with their
error codes (2025-04), "Security group rules" (2024-2026); SDK ecs 7.11.8; live tests of the
alicloud provider v1.285.0. Which of the documented codes answers which fault of a port range is
unverified.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network

from dashlink_sandbox.state import Rule, SecurityGroup
from dashlink_sandbox.wire.errors import ApiError

SIDES = {"ingress": "Source", "egress": "Dest"}
"""Direction -> how the API's fields name the other side."""
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "gre", "all")
POLICIES = ("accept", "drop")
ENTERPRISE = "enterprise"
_WITH_PORTS = ("tcp", "udp")
_NO_PORTS = "-1/-1"
_HIGHEST_PORT = 65535
_PRIORITIES = range(1, 100 + 1)
_LONGEST_RULE_DESCRIPTION = 512  # characters
_GROUP_NAME = re.compile(r"(?!https?://)[^\W\d_][\w:.-]{1,127}")
_DESCRIPTION_LENGTHS = range(2, 256 + 1)


def check_group_name(name: str) -> None:
    """Refuse a name that does not start with a letter, or has other than 2 to 128 characters."""
    if name and not _GROUP_NAME.fullmatch(name):
        message = "Specified security group name is not valid."
        raise ApiError("InvalidSecurityGroupName.Malformed", message)


def is_valid_description(description: str) -> bool:
    """Whether a group or prefix list may have it: 2 to 256 characters, no URL; empty is none."""
    is_url = description.startswith(("http://", "https://"))
    return not description or (len(description) in _DESCRIPTION_LENGTHS and not is_url)


def normalized_ipv6(cidr: str) -> str:
    """Return an IPv6 block or address as the cloud writes it: compressed, in small letters.

    The bits after the mask stay, as in the provider's live tests; what is no IPv6 text too.
    """
    address, slash, mask = cidr.partition("/")
    try:
        return str(IPv6Network(address).network_address) + slash + mask
    except ValueError:
        return cidr


def check_rule(rule: Rule, group: SecurityGroup) -> None:
    """Refuse a rule of ``group`` with an invalid protocol, port range, policy or other side."""
    if rule.protocol not in PROTOCOLS:
        message = "The parameter IpProtocol is not valid."
        raise ApiError("InvalidIpProtocol.ValueNotSupported", message)
    if rule.policy not in POLICIES:
        message = "The specified parameter Policy is not valid."
        raise ApiError("InvalidPolicy.Malformed", message)
    if rule.priority not in _PRIORITIES:
        message = "The parameter Priority must be 1 to 100."
        raise ApiError("InvalidPriority.ValueNotSupported", message)
    if len(rule.description) > _LONGEST_RULE_DESCRIPTION:
        message = "The specified security group rule description is not valid."
        raise ApiError("InvalidSecurityGroupDiscription.Malformed", message)
    _check_ports(rule.protocol, rule.ports)
    _check_other_side(rule)
    if rule.source_group_id and group.type == ENTERPRISE:
        message = "The security group can not authorize to enterprise level security group."
        raise ApiError("InvalidGroupAuthParameter.OperationDenied", message)


def _check_ports(protocol: str, ports: str) -> None:
    """Refuse anything but ``80/80`` for tcp and udp, and ``-1/-1`` for every other protocol."""
    if not ports:
        raise ApiError("InvalidPortRange.Malformed", "The specified parameter PortRange must set.")
    if (protocol in _WITH_PORTS) == (ports == _NO_PORTS):
        raise ApiError("OperationDenied", "IpProtocol and PortRange do not match.")
    if protocol in _WITH_PORTS and not _are_ports(ports):
        message = "It should be two integers less than 65535 in ?/? format."
        raise ApiError("InvalidParam.PortRange", f"PortRange is not valid. {message}")


def _are_ports(text: str) -> bool:
    first, _, last = text.partition("/")
    if not first.isdecimal() or not last.isdecimal():
        return False
    return 1 <= int(first) <= int(last) <= _HIGHEST_PORT


def _check_other_side(rule: Rule) -> None:
    """Refuse a rule without another side, with both versions of IP, or with no CIDR block."""
    side = SIDES[rule.direction]
    if rule.source_cidr and rule.ipv6_source_cidr:
        message = f"{side}CidrIp and Ipv6{side}CidrIp cannot be set at the same time."
        raise ApiError(f"InvalidParam.{side}Ip", message)
    sources = (rule.source_cidr, rule.ipv6_source_cidr)
    if not any((*sources, rule.source_group_id, rule.source_prefix_list_id)):
        message = f"One of {side}CidrIp, Ipv6{side}CidrIp, {side}GroupId must be specified."
        raise ApiError(f"MissingParameter.{side}", message)
    if rule.source_cidr and not _is_block(rule.source_cidr, IPv4Network):
        message = f"The specified parameter {side}CidrIp is not valid."
        raise ApiError(f"InvalidParam.{side}CidrIp", message)
    if rule.ipv6_source_cidr and not _is_block(rule.ipv6_source_cidr, IPv6Network):
        message = f"The specified parameter Ipv6{side}CidrIp is not valid."
        raise ApiError(f"InvalidParam.Ipv6{side}CidrIp", message)
    if rule.protocol == "icmp" and rule.ipv6_source_cidr:
        message = "IPv6 address cannot be specified for IPv4-specific protocol."
        raise ApiError("InvalidParam.Ipv4ProtocolConflictWithIpv6Address", message)
    if rule.protocol == "icmpv6" and rule.source_cidr:
        message = "IPv4 address cannot be specified for IPv6-specific protocol."
        raise ApiError("InvalidParam.Ipv6ProtocolConflictWithIpv4Address", message)


def _is_block(text: str, kind: type[IPv4Network] | type[IPv6Network]) -> bool:
    try:
        kind(text, strict=False)
    except ValueError:
        return False
    return True
