"""The products of the sandbox cloud; a request's API version selects one of :data:`SERVICES`."""

from __future__ import annotations

from dashlink_sandbox.services import (
    apig,
    bss,
    cbn,
    eas,
    ecs,
    location,
    modelstudio,
    nlb,
    privatelink,
    pvtz,
    resource_manager,
    slb,
    sts,
    vpc,
    vpcpeer,
)

SERVICES = (
    vpc.SERVICE,
    ecs.SERVICE,
    privatelink.SERVICE,
    pvtz.SERVICE,
    apig.SERVICE,
    eas.SERVICE,
    eas.TAG_SERVICE,
    nlb.SERVICE,
    slb.SERVICE,
    sts.SERVICE,
    location.SERVICE,
    resource_manager.SERVICE,
    bss.SERVICE,
    cbn.SERVICE,
    vpcpeer.SERVICE,
    modelstudio.SERVICE,
)
