"""Environments of a gateway.

Sources: SDK 11.6.0, models CreateEnvironmentRequest, ListEnvironmentsRequest, GatewayInfo; the code
NotFound.EnvironmentNotFound from the alicloud provider v1.285.0. All other codes are unverified.
"""

from __future__ import annotations

from functools import partial

from dashlink_sandbox.gateways import Environment
from dashlink_sandbox.services.apig.answers import (
    changes_of,
    conflict,
    listed,
    milliseconds,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.apig.gateways import the_gateway
from dashlink_sandbox.services.apig.late import shown_group
from dashlink_sandbox.services.base import Answer, Call, name_of

_FILTERS = {"gatewayId": "gateway_id", "resourceGroupId": "resource_group_id"}


def create(call: Call) -> Answer:
    """CreateEnvironment."""
    gateway = the_gateway(call, required(call.body, "gatewayId"))
    environment_id = call.new_id("env")
    call.state.environments[environment_id] = Environment(
        environment_id=environment_id,
        gateway_id=gateway.gateway_id,
        name=required(call.body, "name"),
        alias=call.body.get("alias") or call.body["name"],
        description=call.body.get("description") or "",
        **new_record(call),
    )
    return ok({"environmentId": environment_id})


def describe(call: Call) -> Answer:
    """GetEnvironment: ``withVpcInfo`` adds the gateway's VPC."""
    row = _requested(call)
    shape = _shape(call, row)
    if call.params.flag("withVpcInfo"):
        vpc_id = call.state.gateways[row.gateway_id].vpc_id
        named = {"vpcId": vpc_id, "name": name_of(call.state.vpcs, vpc_id)}
        shape["gatewayInfo"]["vpcInfo"] = named
    return ok(shape)


def list_environments(call: Call) -> Answer:
    """ListEnvironments: by gateway, resource group, and parts of names."""
    rows = []
    for row in call.select(call.state.environments, _FILTERS, "nameLike"):
        gateway = call.state.gateways[row.gateway_id]
        kind = call.params.text("gatewayType", gateway.type)
        alias, gateway_name = call.params.text("aliasLike"), call.params.text("gatewayNameLike")
        if kind == gateway.type and alias in row.alias and gateway_name in gateway.name:
            rows.append(row)
    return listed(call, rows, partial(_shape, call))


def update(call: Call) -> Answer:
    """UpdateEnvironment."""
    row = _requested(call)
    changes = changes_of(call.body, {"alias": "alias", "description": "description"})
    call.state.environments[row.environment_id] = row.model_copy(update=changes)
    return ok()


def delete(call: Call) -> Answer:
    """DeleteEnvironment: refused for the default one, and while an API is deployed to it."""
    row = _requested(call)
    used = {api.deploy_config.get("environmentId") for api in call.state.http_apis.values()}
    if row.default or row.environment_id in used:
        raise conflict("EnvironmentInUse", "The environment is the default one, or has APIs.")
    del call.state.environments[row.environment_id]
    return ok()


def the_environment(call: Call, environment_id: str) -> Environment:
    """Return the caller's environment with this id.

    Raises:
        ApiError: NotFound.EnvironmentNotFound.
    """
    code = "NotFound.EnvironmentNotFound"
    return call.find(call.state.environments, environment_id, code, "environment")


def _requested(call: Call) -> Environment:
    return the_environment(call, call.params.required("environmentId"))


def _shape(call: Call, row: Environment) -> Answer:
    gateway = call.state.gateways[row.gateway_id]
    return {
        "environmentId": row.environment_id,
        "name": row.name,
        "alias": row.alias,
        "description": row.description,
        "default": row.default,
        "resourceGroupId": shown_group(call, row.environment_id, row),
        "gatewayInfo": {
            "gatewayId": gateway.gateway_id,
            "name": gateway.name,
            "gatewayEdition": gateway.edition,
        },
        "subDomainInfos": [],
        "createTimestamp": milliseconds(row.created),
        "updateTimestamp": milliseconds(row.created),
    }
