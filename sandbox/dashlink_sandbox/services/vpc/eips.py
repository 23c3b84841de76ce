"""Elastic IP addresses (EIPs), which the sandbox associates with NAT gateways alone.

Sources: help.aliyun.com, VPC API "AllocateEipAddress", "AssociateEipAddress",
"UnassociateEipAddress" and "ReleaseEipAddress" with their error codes (2023-07), SDK vpc 7.2.2; the
alicloud provider v1.285.0, resource_alicloud_eip_address.go and _eip_association.go.
That a forced disassociation leaves the SNAT entries of the EIP is unverified: the SDK names no
deletion here, and names it for DeleteNatGateway. The codes of quotas and of a protected EIP, and
that of an EIP for a VPC NAT gateway, are unverified.
"""

from __future__ import annotations

from ipaddress import IPv4Address

from dashlink_sandbox.nat import Eip
from dashlink_sandbox.services.base import Answer, Call, is_valid_name, timestamp
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.services.vpc import nat_gateways, rules
from dashlink_sandbox.wire.errors import ApiError, check_choice, not_found

# Addresses of the range for benchmarks (RFC 2544): no host of the internet has one.
_FIRST_ADDRESS = IPv4Address("198.18.0.0")
_ADDRESSES = 1 << 17
_DEFAULT_MBPS = 5
# AllocateEipAddress: Bandwidth by InternetChargeType.
_MOST_MBPS = {"PayByBandwidth": 500, "PayByTraffic": 200}
_INSTANCE_TYPES = ("Nat", "SlbInstance", "EcsInstance", "NetworkInterface", "HaVip", "IpAddress")
_MODES = ("NAT", "MULTI_BINDED", "BINDED")
_FILTERS = {
    "EipAddress": "address",
    "EipName": "name",
    "Status": "status",
    "ResourceGroupId": "resource_group_id",
    "AssociatedInstanceId": "instance_id",
}


def allocate(call: Call) -> Answer:
    """AllocateEipAddress: a pay-as-you-go one."""
    region = call.region()
    _check_names(call)
    charge_type = call.params.text("InternetChargeType", "PayByBandwidth")
    check_choice("InternetChargeType", charge_type, tuple(_MOST_MBPS))
    call.check_quota("eips_per_account", len(_of_account(call)), "QuotaExceeded.Eip")
    number = call.new_number()
    eip = Eip(
        allocation_id=f"eip-sb{number:010d}",
        region=region.id,
        address=str(_FIRST_ADDRESS + number % _ADDRESSES),
        bandwidth_mbps=_bandwidth(call, charge_type, _DEFAULT_MBPS),
        internet_charge_type=charge_type,
        name=call.params.text("Name"),
        description=call.params.text("Description"),
        since=call.now,
        **call.new_record(),
    )
    call.state.eips[eip.allocation_id] = eip
    return {
        "AllocationId": eip.allocation_id,
        "EipAddress": eip.address,
        "ResourceGroupId": eip.resource_group_id,
    }


def list_eips(call: Call) -> Answer:
    """DescribeEipAddresses: by id (several with commas), address, status, name, instance, tags."""
    ids = call.params.split("AllocationId")
    rows = []
    for eip in call.select(call.state.eips, _FILTERS):
        if not ids or eip.allocation_id in ids:
            rows.append(eip)
    page, counts = by_number(call.params, rows, _shape, size=10, largest=100)
    return {"EipAddresses": {"EipAddress": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifyEipAddressAttribute: bandwidth, name and description."""
    eip = _stable(_requested(call))
    _check_names(call)
    eip.bandwidth_mbps = _bandwidth(call, eip.internet_charge_type, eip.bandwidth_mbps)
    eip.name = call.params.changed("Name", eip.name)
    eip.description = call.params.changed("Description", eip.description)
    return {}


def associate(call: Call) -> Answer:
    """AssociateEipAddress: an available EIP with an internet NAT gateway."""
    eip = _requested(call)
    _check_type(call)
    if eip.status != "Available":
        raise _wrong_status()
    gateway = call.state.nat_gateways.get(call.params.required("InstanceId"))
    if gateway is None or gateway not in call.own(call.state.nat_gateways):
        # The cloud's own spelling.
        raise not_found("InvalidInstanId.NotFound", "Specified instance does not exist.")
    if gateway.network_type != nat_gateways.INTERNET:
        raise ApiError("OperationDenied", "A VPC NAT gateway has no EIP.")
    if gateway.status != "Available":
        message = "Current instance status does not support this operation."
        raise ApiError("IncorrectInstanceStatus", message)
    used = [one for one in call.state.eips.values() if one.instance_id == gateway.nat_gateway_id]
    call.check_quota("eips_per_nat_gateway", len(used), "QuotaExceeded.Eip")
    eip.instance_id, eip.instance_type = gateway.nat_gateway_id, "Nat"
    eip.status, eip.since = "Associating", call.now
    return {}


def unassociate(call: Call) -> Answer:
    """UnassociateEipAddress: refused while an SNAT entry has its address, without Force."""
    eip = _requested(call)
    _check_type(call)
    if eip.status != "InUse":
        raise _wrong_status()
    if call.params.text("InstanceId", eip.instance_id) != eip.instance_id:
        raise ApiError("InvalidInstanceId.NotFound", "Specified instance does not exist.")
    entries = []
    for entry in call.state.snat_entries.values():
        if entry.nat_gateway_id == eip.instance_id and eip.address in entry.addresses:
            entries.append(entry)
    if any(entry.status != "Available" for entry in entries):
        message = "Operation failed because snat or dnat in unstable status."
        raise ApiError("InvalidStatus.SnatOrDnat", message)
    if entries and not call.params.flag("Force"):
        message = "The removed ip address has been used by snat table."
        raise ApiError("InvalidIpStatus.HasBeenUsedBySnatTable", message)
    eip.status, eip.since = "Unassociating", call.now
    return {}


def change_mode(call: Call) -> Answer:
    """ModifyEipForwardMode."""
    eip_id = call.params.required("InstanceId")
    eip = call.find(call.state.eips, eip_id, "InvalidAllocationId.NotFound", "EIP")
    mode = call.params.required("Mode")
    check_choice("Mode", mode, _MODES)
    eip.mode = mode
    return {}


def release(call: Call) -> Answer:
    """ReleaseEipAddress: refused while it is associated."""
    eip = _requested(call)
    if eip.status != "Available":
        raise _wrong_status()
    if eip.protected:
        message = "The instance cannot be deleted because of deletion protection."
        raise ApiError("InvalidOperation.DeletionProtection", message)
    eip.status, eip.since = "Releasing", call.now
    return {}


def _requested(call: Call) -> Eip:
    eip_id = call.params.required("AllocationId")
    return call.find(call.state.eips, eip_id, "InvalidAllocationId.NotFound", "EIP")


def _stable(eip: Eip) -> Eip:
    """Return ``eip`` if its status allows a change.

    Raises:
        ApiError: IncorrectEipStatus.
    """
    if eip.status not in ("Available", "InUse"):
        raise _wrong_status()
    return eip


def _of_account(call: Call) -> list[Eip]:
    return [eip for eip in call.state.eips.values() if eip.owner == call.account.id]


def _bandwidth(call: Call, charge_type: str, default: int) -> int:
    text = call.params.text("Bandwidth", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_MBPS[charge_type]:
        message = 'Specified value of "Bandwidth" is not supported.'
        raise ApiError("InvalidParameter", message)
    return int(text)


def _check_type(call: Call) -> None:
    kind = call.params.text("InstanceType", "EcsInstance")
    if kind not in _INSTANCE_TYPES:
        message = "The specified value of InstanceType is not supported."
        raise ApiError("InvalidInstanceType.ValueNotSupported", message)


def _check_names(call: Call) -> None:
    if not is_valid_name(call.params.text("Name")):
        raise ApiError("InvalidParameter.Name.Malformed", "The specified Name is not valid.")
    if not rules.is_valid_description(call.params.text("Description")):
        message = "The specified Description is not valid."
        raise ApiError("InvalidParameter.Description.Malformed", message)


def _wrong_status() -> ApiError:
    message = "Current elastic IP status does not support this operation."
    return ApiError("IncorrectEipStatus", message)


def _shape(eip: Eip) -> Answer:
    """Write an EIP. ``VpcId`` is that of an IP address, and empty for a NAT gateway (SDK)."""
    instance_region = eip.region if eip.instance_id else ""
    return {
        "AllocationId": eip.allocation_id,
        "IpAddress": eip.address,
        "Name": eip.name,
        "Description": eip.description,
        "RegionId": eip.region,
        "Status": eip.status,
        "BusinessStatus": "Normal",
        "Bandwidth": str(eip.bandwidth_mbps),
        "EipBandwidth": str(eip.bandwidth_mbps),
        "InternetChargeType": eip.internet_charge_type,
        "ChargeType": "PostPaid",
        "ISP": eip.isp,
        "Netmode": "public",
        "Mode": eip.mode,
        "InstanceId": eip.instance_id,
        "InstanceType": eip.instance_type,
        "InstanceRegionId": instance_region,
        "PrivateIpAddress": "",
        "VpcId": "",
        "Zone": "",
        "SegmentInstanceId": "",
        "PublicIpAddressPoolId": "",
        "BandwidthPackageId": "",
        "HDMonitorStatus": "OFF",
        "DeletionProtection": eip.protected,
        "SecurityProtectionTypes": {"SecurityProtectionType": []},
        "OperationLocks": {"LockReason": []},
        "AllocationTime": timestamp(eip.created),
        "ExpiredTime": "",
        "ResourceGroupId": eip.resource_group_id,
        "Tags": {"Tag": tag_list(eip.tags)},
    }
