"""SNAT entries of internet NAT gateways: which clients leave with which EIP.

Sources: help.aliyun.com, VPC API "CreateSnatEntry", "ModifySnatEntry", "DeleteSnatEntry" with their
error codes (2020 to 2025-11), SDK vpc 7.2.2; the alicloud provider v1.285.0,
resource_alicloud_snat_entry.go, which retries EIP_NOT_IN_GATEWAY and
OperationUnsupported.EipInBinding. SNAT entries of VPC NAT gateways, whose addresses are not EIPs,
do not exist in the sandbox.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from dashlink_sandbox.nat import NatGateway, SnatEntry
from dashlink_sandbox.services.base import Answer, Call, is_valid_name
from dashlink_sandbox.services.paging import by_number
from dashlink_sandbox.services.vpc import nat_gateways, vpcs, vswitches
from dashlink_sandbox.wire.errors import ApiError, not_found

_FILTERS = {
    "SnatEntryId": "entry_id",
    "SnatTableId": "table_id",
    "NatGatewayId": "nat_gateway_id",
    "SnatEntryName": "name",
    "SourceCIDR": "source_cidr",
    "SourceVSwitchId": "source_vswitch_id",
}


def create(call: Call) -> Answer:
    """CreateSnatEntry: for a vSwitch or a block, with addresses of the gateway's EIPs."""
    gateway = _gateway(call)
    _check_name(call)
    vswitch_id, cidr = _source(call, gateway)
    siblings = []
    for entry in call.state.snat_entries.values():
        if entry.table_id == gateway.snat_table_id:
            siblings.append(entry)
    if any(sibling.source_cidr == cidr for sibling in siblings):
        message = "The specified SourceCIDR is duplicated."
        raise ApiError("Forbidden.SourceVSwitchId.Duplicated", message)
    used = len(siblings)
    call.check_quota("snat_entries_per_nat_gateway", used, "Forbidden.SnatEntryCountLimited")
    entry = SnatEntry(
        entry_id=call.new_id("snat"),
        table_id=gateway.snat_table_id,
        nat_gateway_id=gateway.nat_gateway_id,
        region=gateway.region,
        owner=gateway.owner,
        source_cidr=cidr,
        source_vswitch_id=vswitch_id,
        addresses=_addresses(call, gateway, call.params.required("SnatIp")),
        name=call.params.text("SnatEntryName"),
        eip_affinity=call.params.number("EipAffinity", 0, 0, 1),
        since=call.now,
    )
    call.state.snat_entries[entry.entry_id] = entry
    return {"SnatEntryId": entry.entry_id}


def list_entries(call: Call) -> Answer:
    """DescribeSnatTableEntries: by table, gateway, entry, name and source."""
    _check_table(call)
    rows = []
    for entry in call.state.snat_entries.values():
        own = entry.owner == call.account.id and entry.region == call.region().id
        if own and _matches(call, entry):
            rows.append(entry)
    page, counts = by_number(call.params, rows, _shape, size=10, largest=50)
    return {"SnatTableEntries": {"SnatTableEntry": page}, **counts}


def modify(call: Call) -> Answer:
    """ModifySnatEntry: addresses, name and affinity."""
    gateway, entry = _gateway(call), _requested(call)
    _check_name(call)
    if "SnatIp" in call.params:
        entry.addresses = _addresses(call, gateway, call.params.text("SnatIp"))
    entry.name = call.params.changed("SnatEntryName", entry.name)
    entry.eip_affinity = call.params.number("EipAffinity", entry.eip_affinity, 0, 1)
    entry.status, entry.since = "Modifying", call.now
    return {}


def delete(call: Call) -> Answer:
    """DeleteSnatEntry: refused while an entry of the table is being created or changed."""
    gateway, entry = _gateway(call), _requested(call)
    for sibling in call.state.snat_entries.values():
        is_moving = sibling.status in ("Pending", "Modifying")
        if sibling.table_id == gateway.snat_table_id and is_moving:
            message = "Some Snat entry status blocked this operation."
            raise ApiError("IncorretSnatEntryStatus", message)  # the cloud's own spelling
    entry.status, entry.since = "Deleting", call.now
    return {}


def _gateway(call: Call) -> NatGateway:
    """Return the available gateway of the requested table."""
    table_id = call.params.required("SnatTableId")
    for gateway in call.own(call.state.nat_gateways):
        if gateway.snat_table_id == table_id and gateway.network_type == nat_gateways.INTERNET:
            return nat_gateways.find_available(call, gateway.nat_gateway_id)
    raise _no_table()


def _requested(call: Call) -> SnatEntry:
    entry = call.state.snat_entries.get(call.params.required("SnatEntryId"))
    if entry is None or entry.table_id != call.params.text("SnatTableId"):
        raise not_found("InvalidSnatEntryId.NotFound", "Specified SNAT entry does not exist.")
    return entry


def _source(call: Call, gateway: NatGateway) -> tuple[str, str]:
    """Return the source of a new entry: its vSwitch (empty: none) and its block."""
    vswitch_id = call.params.text("SourceVSwitchId")
    cidr = call.params.text("SourceCIDR")
    if bool(vswitch_id) == bool(cidr):
        message = "Exactly one of SourceCIDR and SourceVSwitchId is required."
        raise ApiError("INVALID_PARAMETER", message)
    if cidr:
        try:
            return "", str(IPv4Network(cidr))
        except ValueError as error:
            raise ApiError("INVALID_PARAMETER", "SourceCIDR is not valid.") from error
    vswitch = vswitches.find(call, vswitch_id)
    if vswitch.vpc_id != gateway.vpc_id:
        raise not_found("InvalidVSwitchId.NotFound", "The vSwitch does not exist in the VPC.")
    for vip in vpcs.records_of(call.state.ha_vips, gateway.vpc_id):
        if vip.vswitch_id == vswitch_id:
            message = "There is some HaVips under specified VSwitch"
            raise ApiError("Forbidden.SourceVSwitchId.IncludeHaVip", message)
    return vswitch_id, vswitch.cidr


def _addresses(call: Call, gateway: NatGateway, text: str) -> list[str]:
    """Return the addresses of SnatIp, each that of an EIP in use by the gateway."""
    addresses = [part.strip() for part in text.split(",")]
    status_of = {}
    for eip in call.state.eips.values():
        if eip.instance_id == gateway.nat_gateway_id:
            status_of[eip.address] = eip.status
    for address in addresses:
        try:
            IPv4Address(address)
        except ValueError as error:
            message = "The specified SnatIp is not a valid IP address."
            raise ApiError("InvalidSnatIp.Malformed", message) from error
        if address not in status_of:
            raise ApiError("EIP_NOT_IN_GATEWAY", f"{address} is no EIP of the NAT gateway.")
        if status_of[address] != "InUse":
            message = f"The EIP {address} is {status_of[address]}."
            raise ApiError("OperationUnsupported.EipInBinding", message)
    return addresses


def _check_name(call: Call) -> None:
    if not is_valid_name(call.params.text("SnatEntryName")):
        raise ApiError("InvalidParameter.Name.Malformed", "The specified Name is not valid.")


def _check_table(call: Call) -> None:
    """Refuse the id of a table that does not exist."""
    table_id = call.params.text("SnatTableId")
    tables = {gateway.snat_table_id for gateway in call.own(call.state.nat_gateways)}
    if table_id and table_id not in tables:
        raise _no_table()


def _no_table() -> ApiError:
    return not_found("InvalidSnatTableId.NotFound", "Specified SNAT table does not exist.")


def _matches(call: Call, entry: SnatEntry) -> bool:
    for name, attribute in _FILTERS.items():
        if call.params.text(name) not in ("", getattr(entry, attribute)):
            return False
    return call.params.text("SnatIp") in ("", *entry.addresses)


def _shape(entry: SnatEntry) -> Answer:
    return {
        "SnatEntryId": entry.entry_id,
        "SnatEntryName": entry.name,
        "SnatTableId": entry.table_id,
        "NatGatewayId": entry.nat_gateway_id,
        "SnatIp": ",".join(entry.addresses),
        "SourceCIDR": entry.source_cidr,
        "SourceVSwitchId": entry.source_vswitch_id,
        "EipAffinity": str(entry.eip_affinity),
        "Status": entry.status,
    }
