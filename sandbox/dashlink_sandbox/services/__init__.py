"""The products of the sandbox cloud; a request's API version selects one of :data:`SERVICES`."""

from __future__ import annotations

from dashlink_sandbox.services import (
    apig,
    bss,
    ecs,
    location,
    nlb,
    privatelink,
    pvtz,
    resource_manager,
    slb,
    sts,
    vpc,
)

SERVICES = (
    vpc.SERVICE,
    ecs.SERVICE,
    privatelink.SERVICE,
    pvtz.SERVICE,
    apig.SERVICE,
    nlb.SERVICE,
    slb.SERVICE,
    sts.SERVICE,
    location.SERVICE,
    resource_manager.SERVICE,
    bss.SERVICE,
)
