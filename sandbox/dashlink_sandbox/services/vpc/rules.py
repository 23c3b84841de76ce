"""What a VPC or a vSwitch may be. Pure: each rule raises the cloud's error or says nothing.

Sources: help.aliyun.com, VPC API "CreateVpc" and "CreateVSwitch" with their error codes (2019 and 2024), "VPC limits"
(2024).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from dashlink_sandbox.services.base import wrong_name
from dashlink_sandbox.state import VSwitch
from dashlink_sandbox.wire.errors import ApiError

_PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_VPC_MASKS = range(8, 28 + 1)
_VSWITCH_MASKS = range(16, 29 + 1)


def check_name(what: str, name: str) -> None:
    """Refuse a name that is too long or starts as a URL. ``what``: ``Vpc`` or ``VSwitch``; an empty name is no name."""
    if name and wrong_name(name):
        raise ApiError(f"Invalid{what}Name.Malformed", f"The specified {what} name is not valid.")


def block(text: str) -> IPv4Network:
    """``text`` as a CIDR block without host bits."""
    try:
        return IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise ApiError("InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.") from error


def check_vpc_block(cidr: str) -> None:
    """Refuse a VPC's block outside RFC 1918 or with a mask other than 8 to 28."""
    network = block(cidr)
    if network.prefixlen not in _VPC_MASKS or not any(network.subnet_of(private) for private in _PRIVATE):
        raise ApiError("InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.")


def check_vswitch_block(cidr: str, vpc_cidr: str, siblings: Iterable[VSwitch]) -> None:
    """Refuse a vSwitch's block with a mask other than 16 to 29, outside its VPC, or over a sibling's."""
    network = block(cidr)
    if network.prefixlen not in _VSWITCH_MASKS:
        # The cloud spells this code so.
        raise ApiError("InvalidCirdrBlock.MaskLength", "Specified CIDR block is not valid: the mask must be 16 to 29.")
    if not network.subnet_of(IPv4Network(vpc_cidr)):
        raise ApiError("InvalidParameter", "Specified CIDR block is not valid in VPC.")
    if any(network.overlaps(IPv4Network(sibling.cidr)) for sibling in siblings):
        raise ApiError("InvalidCidrBlock.Overlapped", "Specified CIDR block overlapped with other subnets.")
