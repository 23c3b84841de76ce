"""Records of the way out of a VPC: NAT gateways, elastic IP addresses (EIPs) and SNAT entries."""

from __future__ import annotations

from pydantic import Field

from dashlink_sandbox.records import Record, Tagged


class NatGateway(Tagged):
    """A NAT gateway in a vSwitch, with an address of it.

    ``network_type``: internet or intranet. ``status``: Creating, Available, Deleting; ``since`` is
    the time at which it was set, here and below.
    """

    nat_gateway_id: str
    region: str
    vpc_id: str
    vswitch_id: str
    zone_id: str
    address: str
    eni_id: str
    snat_table_id: str
    forward_table_id: str
    network_type: str = "internet"
    name: str = ""
    description: str = ""
    status: str = "Creating"
    since: float = 0.0
    eip_bind_mode: str = "MULTI_BINDED"
    availability_mode: str = "CrossAZ"
    icmp_reply_enabled: bool = True
    protected: bool = False


class Eip(Tagged):
    """An elastic IP address. ``status``: Available, Associating, InUse, Unassociating, Releasing.

    ``instance_id`` is empty unless it is associated, or will be in a moment.
    """

    allocation_id: str
    region: str
    address: str
    bandwidth_mbps: int
    internet_charge_type: str
    name: str = ""
    description: str = ""
    isp: str = "BGP"
    mode: str = "NAT"
    instance_id: str = ""
    instance_type: str = ""
    status: str = "Available"
    since: float = 0.0
    protected: bool = False


class SnatEntry(Record):
    """A rule of a NAT gateway: clients of a block leave with one of ``addresses``.

    Its source is a vSwitch, or the block ``source_cidr``. ``status``: Pending, Available,
    Modifying, Deleting.
    """

    entry_id: str
    table_id: str
    nat_gateway_id: str
    region: str
    owner: str
    source_cidr: str
    source_vswitch_id: str = ""
    addresses: list[str] = Field(default_factory=list)
    name: str = ""
    eip_affinity: int = 0
    status: str = "Pending"
    since: float = 0.0
