"""Load balancers of NLB and CLB, as far as endpoint services need them.

They have private addresses and no listeners: no traffic passes through them.
"""

from __future__ import annotations

from dashlink_sandbox.load_balancers import BalancerZone, LoadBalancer
from dashlink_sandbox.services.base import Call
from dashlink_sandbox.services.vpc import vswitches
from dashlink_sandbox.state import VSwitch
from dashlink_sandbox.wire.errors import ApiError


def find_vswitch(call: Call, vpc_id: str, vswitch_id: str, error: ApiError) -> VSwitch:
    """Return the caller's vSwitch with this id in the VPC.

    Raises:
        ApiError: ``error``.
    """
    vswitch = call.state.vswitches.get(vswitch_id)
    if vswitch is None or vswitch.owner != call.account.id or vswitch.vpc_id != vpc_id:
        raise error
    return vswitch


def allocate(call: Call, vswitch: VSwitch, address: str, exhausted: ApiError) -> BalancerZone:
    """Return a load balancer's zone with the requested address, or the next free one.

    Args:
        call: The call.
        vswitch: The vSwitch of the address.
        address: The requested address; empty: any.
        exhausted: The error if it is not free.
    """
    free = list(vswitches.free_addresses(call.state, vswitch))
    if not free or (address and address not in free):
        raise exhausted
    return BalancerZone(
        zone_id=vswitch.zone_id,
        vswitch_id=vswitch.vswitch_id,
        address=address or free[0],
        eni_id=call.new_id("eni"),
    )


def is_in_use(call: Call, balancer: LoadBalancer) -> bool:
    """Whether an endpoint service leads to the load balancer."""
    for service in call.state.endpoint_services.values():
        for resource in service.resources:
            if resource.resource_id == balancer.load_balancer_id:
                return True
    return False
