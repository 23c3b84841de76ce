"""Secondary blocks of a VPC, IPv4 and IPv6.

Sources: help.aliyun.com, VPC API "AssociateVpcCidrBlock" with its error codes (2025-01), SDK vpc
7.2.2; the alicloud provider v1.285.0 for the code of a block in use.
"""

from __future__ import annotations

from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.vpc import rules, vpcs
from dashlink_sandbox.state import Ipv6Block, Vpc
from dashlink_sandbox.wire.errors import ApiError

_IPV4, _IPV6 = "IPV4", "IPV6"


def associate(call: Call) -> Answer:
    """AssociateVpcCidrBlock: an IPv4 block of the caller's choice, or an IPv6 block of its own."""
    vpc = vpcs.find_available(call, call.params.required("VpcId"))
    version = call.params.text("IpVersion", _IPV4).upper()  # the provider sends IPV4 and IPv6
    if version not in (_IPV4, _IPV6):
        raise ApiError("IllegalParam.IpVersion", f"The IP version {version} is illegal.")
    associate_block = {_IPV4: _associate_ipv4, _IPV6: _associate_ipv6}[version]
    return {"CidrBlock": associate_block(call, vpc), "IpVersion": version}


def unassociate(call: Call) -> Answer:
    """UnassociateVpcCidrBlock: refused while a vSwitch is in the block."""
    vpc = vpcs.find(call, call.params.required("VpcId"))
    _check_exclusive(call)
    if "IPv6CidrBlock" in call.params:
        _unassociate_ipv6(call, vpc, call.params.text("IPv6CidrBlock"))
    else:
        _unassociate_ipv4(call, vpc, call.params.text("SecondaryCidrBlock"))
    return {}


def _associate_ipv4(call: Call, vpc: Vpc) -> str:
    _check_exclusive(call)
    if "IPv6CidrBlock" in call.params:
        message = "The IP version does not match the CIDR block."
        raise ApiError("IllegalParam.IpVersion", message)
    cidr = call.params.text("SecondaryCidrBlock")
    rules.check_secondary_block(cidr, vpc)
    call.check_quota(
        "secondary_blocks_per_vpc", len(vpc.secondary_cidrs), "QuotaExceeded.VpcMultiCidr"
    )
    vpc.secondary_cidrs = [*vpc.secondary_cidrs, cidr]
    return cidr


def _associate_ipv6(call: Call, vpc: Vpc) -> str:
    if "SecondaryCidrBlock" in call.params:
        message = "SecondaryCidrBlock is of another IP version."
        raise ApiError("IllegalParam.IpVersion", message)
    if "IPv6CidrBlock" in call.params:
        message = "Operation failed because this ipv6 cidr is not reserved."
        raise ApiError("OperationFailed.IPv6CidrNotReserved", message)
    isp = call.params.text("Ipv6Isp", "BGP")
    rules.check_ipv6_isp(isp)
    call.check_quota("ipv6_blocks_per_vpc", len(vpc.ipv6_blocks), "QuotaExceeded.IPv6CidrBlock")
    cidr = rules.new_ipv6_block(call.new_number())
    vpc.ipv6_blocks = [*vpc.ipv6_blocks, Ipv6Block(cidr=cidr, isp=isp)]
    return cidr


def _unassociate_ipv4(call: Call, vpc: Vpc, cidr: str) -> None:
    if cidr not in vpc.secondary_cidrs:
        raise _absent(cidr)
    for vswitch in vpcs.records_of(call.state.vswitches, vpc.vpc_id):
        if rules.is_within(vswitch.cidr, [cidr]):
            raise _in_use(cidr)
    vpc.secondary_cidrs = [block for block in vpc.secondary_cidrs if block != cidr]


def _unassociate_ipv6(call: Call, vpc: Vpc, cidr: str) -> None:
    if all(block.cidr != cidr for block in vpc.ipv6_blocks):
        raise _absent(cidr)
    for vswitch in vpcs.records_of(call.state.vswitches, vpc.vpc_id):
        if vswitch.ipv6_cidr and rules.is_ipv6_within(vswitch.ipv6_cidr, cidr):
            raise _in_use(cidr)
    vpc.ipv6_blocks = [block for block in vpc.ipv6_blocks if block.cidr != cidr]


def _check_exclusive(call: Call) -> None:
    """Refuse both blocks in one request, or neither."""
    ipv4, ipv6 = "SecondaryCidrBlock" in call.params, "IPv6CidrBlock" in call.params
    if ipv4 and ipv6:
        message = "SecondaryCidrBlock and IPv6CidrBlock exclude each other."
        raise ApiError("ParamExclusive.SecondaryCidrAndIpv6Cidr", message)
    if not ipv4 and not ipv6:
        message = "Either SecondaryCidrBlock or Ipv6CidrBlock must be specified."
        raise ApiError("MissingParam.SecondaryCidrBlockOrIpv6CidrBlock", message)


def _absent(cidr: str) -> ApiError:
    """The VPC does not have the block; the code is unverified."""
    return ApiError("IllegalParam.SecondaryCidrBlock", f"The VPC has no CIDR block {cidr}.")


def _in_use(cidr: str) -> ApiError:
    return ApiError("OperationFailed.CidrInUse", f"The CIDR block {cidr} is in use.")
