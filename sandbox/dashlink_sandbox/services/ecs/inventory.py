"""What could be created in each zone: instance types and disks. The sandbox creates none of them.

Sources: SDK ecs 7.11.8, "DescribeZones", "DescribeAvailableResource", "DescribeInstanceTypes"; the
types are those of data/instance_types.toml.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from dashlink_sandbox.data import read_data
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.wire.errors import invalid

# SDK ecs 7.11.8, DescribeAvailableResource: DestinationResource. Without ddh: no dedicated hosts.
_INSTANCE_TYPE = "InstanceType"
_DISKS = ("SystemDisk", "DataDisk")
_RESOURCES = ("Zone", "IoOptimized", _INSTANCE_TYPE, "Network", *_DISKS)
_CREATIONS = ("IoOptimized", "VSwitch", "Instance", "Disk", "DedicatedHost")
_TYPES_PER_PAGE = 1600
_MOST_CORES = 1024  # more than any instance type has
_AVAILABLE = {"Status": "Available", "StatusCategory": "WithStock"}


def list_zones(call: Call) -> Answer:
    """DescribeZones: every zone offers every type, by every billing method (unverified)."""
    details = call.params.text("Verbose", "true").lower() == "true"
    rows = []
    for zone in call.region().zones:
        row = {"ZoneId": zone, "LocalName": zone, "ZoneType": "AvailabilityZone"}
        if details:
            row |= _offers()
        rows.append(row)
    return {"Zones": {"Zone": rows}}


def list_available(call: Call) -> Answer:
    """DescribeAvailableResource: the same in every zone (unverified).

    There is nothing for the classic network, which ended on 2025-02-28, and nothing that is not
    I/O optimized, which retired types alone are not.
    """
    region = call.region()
    resource = call.params.required("DestinationResource")
    if resource not in _RESOURCES:
        raise invalid("DestinationResource")
    values = _values(call, resource)
    is_offered = (
        call.params.text("NetworkCategory", "vpc").lower() == "vpc"
        and call.params.text("IoOptimized", "optimized").lower() == "optimized"
    )
    rows = []
    for zone in region.zones:
        if values and is_offered and call.params.text("ZoneId", zone) == zone:
            supported = {
                "Type": resource,
                "SupportedResources": {"SupportedResource": values},
            }
            resources = {"AvailableResource": [supported]}
            row = {"RegionId": region.id, "ZoneId": zone, "AvailableResources": resources}
            rows.append({**row, **_AVAILABLE})
    return {"AvailableZones": {"AvailableZone": rows}}


def list_instance_types(call: Call) -> Answer:
    """DescribeInstanceTypes, by family, types, and the numbers that a type has at least."""
    family = call.params.text("InstanceTypeFamily")
    names = call.params.texts("InstanceTypes")
    addresses = call.params.number("MinimumEniPrivateIpAddressQuantity", 0, 0, 1000)
    ipv6_addresses = call.params.number("MinimumEniIpv6AddressQuantity", 0, 0, 1000)
    rows = []
    for row in _instance_types():
        if (
            family in ("", row["InstanceTypeFamily"])
            and (not names or row["InstanceTypeId"] in names)
            and row["EniPrivateIpAddressQuantity"] >= addresses
            and row["EniIpv6AddressQuantity"] >= ipv6_addresses
        ):
            rows.append(row)
    page, counts = by_token(call.params, rows, dict, size=_TYPES_PER_PAGE, largest=_TYPES_PER_PAGE)
    return {
        "InstanceTypes": {"InstanceType": page},
        "NextToken": counts.get("NextToken", ""),
    }


def list_families(call: Call) -> Answer:
    """DescribeInstanceTypeFamilies, by generation."""
    call.region()
    families = {}
    for row in _table()["types"]:
        if call.params.text("Generation", row["generation"]) == row["generation"]:
            families[row["family"]] = row["generation"]
    rows = []
    for family, generation in families.items():
        rows.append({"InstanceTypeFamilyId": family, "Generation": generation})
    return {"InstanceTypeFamilies": {"InstanceTypeFamily": rows}}


@cache
def _table() -> dict[str, Any]:
    return read_data("instance_types")


def _instance_types() -> list[Answer]:
    rows = []
    for row in _table()["types"]:
        rows.append(
            {
                "InstanceTypeId": row["id"],
                "InstanceTypeFamily": row["family"],
                "CpuCoreCount": row["vcpus"],
                "MemorySize": row["memory_gib"],
                "CpuArchitecture": "X86",
                "EniQuantity": row["interfaces"],
                "EniPrivateIpAddressQuantity": row["addresses"],
                "EniIpv6AddressQuantity": row["ipv6_addresses"],
                "GPUAmount": 0,
                "GPUSpec": "",
                "LocalStorageCategory": "",
                "NvmeSupport": "unsupported",
                "InitialCredit": 0,
                "BaselineCredit": 0,
            }
        )
    return rows


def _offers() -> Answer:
    """Return what DescribeZones lists for each zone."""
    types = [row["id"] for row in _table()["types"]]
    return {
        "AvailableResourceCreation": {"ResourceTypes": list(_CREATIONS)},
        "AvailableInstanceTypes": {"InstanceTypes": types},
        "AvailableDiskCategories": {"DiskCategories": _table()["disk_categories"]},
        "AvailableVolumeCategories": {"VolumeCategories": []},
        "AvailableDedicatedHostTypes": {"DedicatedHostType": []},
        "DedicatedHostGenerations": {"DedicatedHostGeneration": []},
        "AvailableResources": {"ResourcesInfo": []},
    }


def _values(call: Call, resource: str) -> list[Answer]:
    """Return the available values of a resource in each zone."""
    if resource == _INSTANCE_TYPE:
        names = [row["InstanceTypeId"] for row in _instance_types() if _is_requested(call, row)]
    elif resource in _DISKS:
        names = _table()["disk_categories"]
    else:
        names = [{"Zone": "", "IoOptimized": "optimized", "Network": "vpc"}[resource]]
    return [{"Value": name, **_AVAILABLE} for name in names]


def _is_requested(call: Call, row: Answer) -> bool:
    """Whether an instance type has the requested id, vCPUs and memory."""
    requested = call.params.text("InstanceType")
    cores = call.params.number("Cores", 0, 1, _MOST_CORES)
    memory = _memory(call)
    return (
        requested in ("", str(row["InstanceTypeId"]))
        and cores in (0, int(row["CpuCoreCount"]))
        and memory in (0.0, float(row["MemorySize"]))
    )


def _memory(call: Call) -> float:
    """Return the requested memory in GiB; 0: any."""
    try:
        return float(call.params.text("Memory", "0"))
    except ValueError as error:
        raise invalid("Memory") from error
