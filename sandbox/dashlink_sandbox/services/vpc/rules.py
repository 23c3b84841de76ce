"""Validation of VPCs and vSwitches. Pure: each rule raises the cloud's error or returns nothing.

Sources: help.aliyun.com, VPC API "CreateVpc" and "CreateVSwitch" with their error codes (2019 and
2024), "VPC limits" (2024).
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

from dashlink_sandbox.services.base import is_valid_name
from dashlink_sandbox.state import VSwitch
from dashlink_sandbox.wire.errors import ApiError

_PRIVATE = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
)
_VPC_MASKS = range(8, 28 + 1)
_VSWITCH_MASKS = range(16, 29 + 1)


def check_name(resource: str, name: str) -> None:
    """Refuse an invalid name of a ``resource``: ``Vpc`` or ``VSwitch``."""
    if not is_valid_name(name):
        message = f"The specified {resource} name is not valid."
        raise ApiError(f"Invalid{resource}Name.Malformed", message)


def check_vpc_block(cidr: str) -> None:
    """Refuse a VPC's block outside RFC 1918 or with a mask other than 8 to 28."""
    network = _network(cidr)
    is_private = any(network.subnet_of(private) for private in _PRIVATE)
    if network.prefixlen not in _VPC_MASKS or not is_private:
        raise _malformed()


def check_vswitch_block(cidr: str, vpc_cidr: str, siblings: Iterable[VSwitch]) -> None:
    """Refuse a block with a mask other than 16 to 29, outside the VPC, or over a sibling's."""
    network = _network(cidr)
    if network.prefixlen not in _VSWITCH_MASKS:
        message = "Specified CIDR block is not valid: the mask must be 16 to 29."
        raise ApiError("InvalidCirdrBlock.MaskLength", message)  # the cloud's own spelling
    if not network.subnet_of(IPv4Network(vpc_cidr)):
        raise ApiError("InvalidParameter", "Specified CIDR block is not valid in VPC.")
    if any(network.overlaps(IPv4Network(sibling.cidr)) for sibling in siblings):
        message = "Specified CIDR block overlapped with other subnets."
        raise ApiError("InvalidCidrBlock.Overlapped", message)


def _network(text: str) -> IPv4Network:
    """Read a CIDR block without host bits."""
    try:
        return IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise _malformed() from error


def _malformed() -> ApiError:
    return ApiError("InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.")
