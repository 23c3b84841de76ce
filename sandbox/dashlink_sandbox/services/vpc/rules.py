"""Validation of VPCs and vSwitches. Pure: each rule raises the cloud's error or returns nothing.

Sources: help.aliyun.com, VPC API "CreateVpc", "CreateVSwitch" and "AssociateVpcCidrBlock" with
their error codes (2019 to 2025-12), "VPC limits" (2024); SDK vpc 7.2.2; live tests of the alicloud
provider v1.285.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import AddressValueError, IPv4Network, IPv6Network, NetmaskValueError

from dashlink_sandbox.services.base import is_valid_name
from dashlink_sandbox.state import Vpc, VSwitch
from dashlink_sandbox.wire.errors import ApiError

# CreateVpc: every block but these; CreateVSwitch names the same.
_RESERVED = (
    IPv4Network("100.64.0.0/10"),
    IPv4Network("224.0.0.0/4"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),
)
_SHARED = _RESERVED[0]
# The provider's documentation: 8 to 28. The SDK recommends 16 to 28, also for secondary blocks, of
# which the provider's live tests use 10.0.0.0/8.
_VPC_MASKS = range(8, 28 + 1)
_VSWITCH_MASKS = range(16, 29 + 1)
_MOST_USER_CIDRS = 3
_LONGEST_DESCRIPTION = 256  # characters
_IPV6_SUBNETS = range(255 + 1)
_VSWITCH_IPV6_MASK = 64
_BLOCK_IPV6_MASK = 56
# AllocateVpcIpv6Cidr and others: the single-ISP types are for accounts on a list.
_IPV6_ISPS = ("BGP", "ChinaMobile", "ChinaUnicom", "ChinaTelecom")
_SHARED_IPV6_ISP = _IPV6_ISPS[0]


def check_name(resource: str, name: str) -> None:
    """Refuse an invalid name of a ``resource``: ``Vpc`` or ``VSwitch``."""
    if not is_valid_name(name):
        message = f"The specified {resource} name is not valid."
        raise ApiError(f"Invalid{resource}Name.Malformed", message)


def check_description(resource: str, description: str) -> None:
    """Refuse an invalid description of a ``resource``: ``Vpc`` or ``VSwitch``."""
    if not is_valid_description(description):
        message = f"The specified {resource} description is not valid."
        raise ApiError(f"Invalid{resource}Discription.Malformed", message)  # the cloud's spelling


def is_valid_description(description: str) -> bool:
    """Whether a resource may have this description: at most 256 characters, no URL."""
    is_url = description.startswith(("http://", "https://"))
    return len(description) <= _LONGEST_DESCRIPTION and not is_url


def check_vpc_block(cidr: str) -> None:
    """Refuse a VPC's block that is reserved or has a mask other than 8 to 28."""
    network = _network(cidr)
    is_reserved = any(network.overlaps(reserved) for reserved in _RESERVED)
    if network.prefixlen not in _VPC_MASKS or is_reserved or cidr.startswith("0."):
        raise _malformed()


def check_vswitch_block(cidr: str, vpc: Vpc, siblings: Iterable[VSwitch]) -> None:
    """Refuse a block with a mask other than 16 to 29, outside the VPC, or over a sibling's."""
    network = _network(cidr)
    if network.prefixlen not in _VSWITCH_MASKS:
        message = "Specified CIDR block is not valid: the mask must be 16 to 29."
        raise ApiError("InvalidCirdrBlock.MaskLength", message)  # the cloud's own spelling
    if not is_within(cidr, (vpc.cidr, *vpc.secondary_cidrs)):
        raise ApiError("InvalidParameter", "Specified CIDR block is not valid in VPC.")
    if any(network.overlaps(IPv4Network(sibling.cidr)) for sibling in siblings):
        message = "Specified CIDR block overlapped with other subnets."
        raise ApiError("InvalidCidrBlock.Overlapped", message)


def is_within(cidr: str, blocks: Iterable[str]) -> bool:
    """Whether one of ``blocks`` contains ``cidr``."""
    network = IPv4Network(cidr)
    return any(network.subnet_of(IPv4Network(block)) for block in blocks)


def is_ipv6_within(cidr: str, block: str) -> bool:
    """Whether ``block`` contains ``cidr``."""
    return IPv6Network(cidr).subnet_of(IPv6Network(block))


def check_user_cidrs(cidrs: Sequence[str]) -> None:
    """Refuse user CIDR blocks that CreateVpc does not take."""
    if len(cidrs) > _MOST_USER_CIDRS:
        message = "Specified UserCidr number is greater than 3."
        raise ApiError("InvalidUserCidr.Quota", message)
    for cidr in cidrs:
        try:
            network = IPv4Network(cidr, strict=False)
        except ValueError as error:
            raise ApiError("InvalidParameter", "Specified UserCidr invalid format.") from error
        if str(network) != cidr:
            message = "UserCidr is not a valid or strict address."
            raise ApiError("IllegalParam.UserCidr", message)
        if network.overlaps(_SHARED):
            message = "Specified UserCidr overlapping in of 100.64.0.0/10."
            raise ApiError("InvalidUserCidr.Malformed", message)


def check_secondary_block(cidr: str, vpc: Vpc) -> None:
    """Refuse a secondary block that the VPC has, or that overlaps one of its blocks."""
    check_vpc_block(cidr)
    network = IPv4Network(cidr)
    if cidr in (vpc.cidr, *vpc.secondary_cidrs):
        message = "The specified secondary CIDR block exists already."
        raise ApiError("Duplicated.SecondaryCidrBlock", message)
    # The code for an overlap: as kyma-project/cloud-manager (2026) handles it.
    for block in (vpc.cidr, *vpc.secondary_cidrs):
        if network.overlaps(IPv4Network(block)):
            message = f"The specified secondary CIDR block overlaps with {block}."
            raise ApiError("IllegalParam.SecondaryCidrBlock", message)


def check_ipv6_isp(isp: str) -> None:
    """Refuse a type of IPv6 block that does not exist, or that the account may not use."""
    if isp not in _IPV6_ISPS:
        raise ApiError("IllegalParam.Ipv6Isp", "The specified Ipv6Isp is illegal.")
    if isp != _SHARED_IPV6_ISP:
        raise ApiError("UnsupportedFeature.Ipv6Isp", "The Ipv6Isp feature is not supported.")


def new_ipv6_block(number: int) -> str:
    """Return the IPv6 block of the cloud's resource ``number``, of the documentation's prefix."""
    first = int(IPv6Network("2001:db8::/32").network_address)
    size = 1 << (128 - _BLOCK_IPV6_MASK)
    return str(IPv6Network((first + number * size, _BLOCK_IPV6_MASK)))


def vswitch_ipv6_block(text: str, vpc_block: str, siblings: Iterable[VSwitch]) -> str:
    """Return subnet ``text`` (0 to 255) of a VPC's IPv6 block.

    Raises:
        ApiError: It is no such number, or another vSwitch's. Both codes are unverified.
    """
    if not text.isdecimal() or int(text) not in _IPV6_SUBNETS:
        message = "The parameter of Ipv6CidrBlock is illegal."
        raise ApiError("IllegalParam.Ipv6CidrBlock", message)
    first = int(IPv6Network(vpc_block).network_address)
    size = 1 << (128 - _VSWITCH_IPV6_MASK)
    block = str(IPv6Network((first + int(text) * size, _VSWITCH_IPV6_MASK)))
    if any(sibling.ipv6_cidr == block for sibling in siblings):
        message = "The input IPv6 CIDR block overlaps with the existing ones."
        raise ApiError("OperationFailed.Ipv6CidrBlockOverLapped", message)
    return block


def _network(text: str) -> IPv4Network:
    """Read a CIDR block without host bits."""
    try:
        return IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise _malformed() from error


def _malformed() -> ApiError:
    return ApiError("InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.")
