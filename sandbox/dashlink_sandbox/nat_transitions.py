"""Background transitions of the way out, as :mod:`dashlink_sandbox.transitions` has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dashlink_sandbox.nat import Eip, NatGateway, SnatEntry
from dashlink_sandbox.state import State

_SECONDS = 0.2
# Statuses: SDK vpc 7.2.2, DescribeNatGateways, DescribeEipAddresses, DescribeSnatTableEntries.
_NEXT: Mapping[str, str] = {
    "Creating": "Available",
    "Pending": "Available",
    "Modifying": "Available",
    "Associating": "InUse",
    "Unassociating": "Available",
}
_LAST = ("Deleting", "Releasing")
_UNASSOCIATING = "Unassociating"
_Moving = NatGateway | Eip | SnatEntry


def is_settled_way_out(state: State) -> bool:
    """Whether no transition of a NAT gateway, an EIP or an SNAT entry is in progress."""
    return {record.status for record in _records(state)}.isdisjoint([*_NEXT, *_LAST])


def settle_way_out(state: State, now: float) -> None:
    """Apply every transition of NAT gateways, EIPs and SNAT entries that is due at ``now``."""
    for record in list(_records(state)):
        if now < record.since + _SECONDS:
            continue
        if record.status in _LAST:
            _delete(state, record)
        elif record.status in _NEXT:
            if isinstance(record, Eip) and record.status == _UNASSOCIATING:
                record.instance_id = record.instance_type = ""
            record.status = _NEXT[record.status]
            record.since = now


def _delete(state: State, record: _Moving) -> None:
    if isinstance(record, Eip):
        del state.eips[record.allocation_id]
    elif isinstance(record, SnatEntry):
        state.snat_entries.pop(record.entry_id, None)  # its gateway may have gone first
    else:
        _delete_gateway(state, record)


def _delete_gateway(state: State, gateway: NatGateway) -> None:
    """Delete a NAT gateway with its SNAT entries and the route that was created with it."""
    del state.nat_gateways[gateway.nat_gateway_id]
    for entry in list(state.snat_entries.values()):
        if entry.nat_gateway_id == gateway.nat_gateway_id:
            del state.snat_entries[entry.entry_id]
    for table in state.route_tables.values():
        hop = gateway.nat_gateway_id
        table.entries = [route for route in table.entries if route.next_hop_id != hop]


def _records(state: State) -> Iterator[_Moving]:
    yield from state.nat_gateways.values()
    yield from state.eips.values()
    yield from state.snat_entries.values()
