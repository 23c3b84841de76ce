"""The products of the sandbox cloud. :data:`SERVICES` is the whole list: a request's version picks one of them."""

from __future__ import annotations

from dashlink_sandbox.services import apig, bss, ecs, location, privatelink, pvtz, resource_manager, sts, vpc

SERVICES = (
    vpc.SERVICE,
    ecs.SERVICE,
    privatelink.SERVICE,
    pvtz.SERVICE,
    apig.SERVICE,
    sts.SERVICE,
    location.SERVICE,
    resource_manager.SERVICE,
    bss.SERVICE,
)
