"""Gateways and their environments.

Sources: SDK 11.6.0, models CreateGatewayRequest, GetGatewayResponseBodyData, CreateEnvironmentRequest; the codes
NotFound.GatewayNotFound and NotFound.EnvironmentNotFound from the alicloud provider v1.285.0. Names of addresses and
all other codes are unverified.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Network

from dashlink_sandbox.gateways import Environment, Gateway
from dashlink_sandbox.services.apig.answers import bad, birth, conflict, find, listed, millis, ok, own, required
from dashlink_sandbox.services.base import Answer, Call
from dashlink_sandbox.state import VSwitch

_NETWORKS = ("Internet", "Intranet", "InternetAndIntranet")
# POST ./network-type spells them in its own way (SDK 11.6.0, UpdateNetworkAccess).
_CHANGED_NETWORKS = {"privatenet": "Intranet", "private&pubnet": "InternetAndIntranet", "pubnet": "Internet"}


def create(call: Call) -> Answer:
    """CreateGateway: it goes on in the background; a default environment is there at once."""
    body = call.body
    network = required(required(body, "networkAccessConfig"), "type")
    if network not in _NETWORKS:
        raise bad("networkAccessConfig.type", f"It must be one of {', '.join(_NETWORKS)}.")
    gateway = _placed(call, network)
    call.state.gateways[gateway.gateway_id] = gateway
    environment_id = call.new_id("env")
    call.state.environments[environment_id] = Environment(
        environment_id=environment_id,
        gateway_id=gateway.gateway_id,
        name="default",
        alias="default",
        default=True,
        **birth(call),
    )
    return ok({"gatewayId": gateway.gateway_id})


def _placed(call: Call, network: str) -> Gateway:
    """A new gateway in the vSwitches that the request names: one, or one for each of its zones."""
    body = call.body
    zones = body.get("zoneConfig") or {}
    vswitches = tuple((zone["zoneId"], zone["vSwitchId"]) for zone in zones.get("zones") or ())
    single = zones.get("vSwitchId") or ""
    named = [vswitch_id for vswitch_id in (*(vswitch for _, vswitch in vswitches), single) if vswitch_id]
    if not named:
        raise bad("zoneConfig", "It names no vSwitch.")
    first, *_ = [_vswitch(call, body.get("vpcId", ""), vswitch_id) for vswitch_id in named]
    gateway_id = call.new_id("gw")
    region = call.state.vpcs[first.vpc_id].region
    return Gateway(
        gateway_id=gateway_id,
        region=region,
        name=body.get("name") or gateway_id,
        type=body.get("gatewayType") or "API",
        edition=body.get("gatewayEdition") or "Professional",
        charge_type=body.get("chargeType") or "POSTPAY",
        spec=body.get("spec") or "",
        vpc_id=required(body, "vpcId"),
        vswitch_id=single,
        vswitches=vswitches,
        network=network,
        sls_enabled=bool(((body.get("logConfig") or {}).get("sls") or {}).get("enable")),
        since=call.now,
        address=_address(call, first, gateway_id),
        load_balancer=f"nlb-{gateway_id.removeprefix('gw-')}.{region}.nlb.aliyuncsslb.com",
        **birth(call),
    )


def describe(call: Call) -> Answer:
    """GetGateway. A vSwitch of its own is answered only where one was declared, as the provider's schema wants it."""
    return ok(_shape(call, the_gateway(call, call.params.required("gatewayId"))))


def list_gateways(call: Call) -> Answer:
    """ListGateways."""
    text = call.params.text
    found = [
        gateway
        for gateway in own(call, call.state.gateways)
        if text("gatewayId", gateway.gateway_id) == gateway.gateway_id
        and text("name", gateway.name) == gateway.name
        and text("vpcId", gateway.vpc_id) == gateway.vpc_id
        and text("gatewayType", gateway.type) == gateway.type
        and text("keyword") in gateway.name
    ]
    return listed(call, [_shape(call, gateway) for gateway in found])


def rename(call: Call) -> Answer:
    """UpdateGatewayName."""
    return _change(call, name=call.params.required("name"))


def change_network(call: Call) -> Answer:
    """UpdateNetworkAccess."""
    asked = call.params.one_of("networkAccessType", tuple(_CHANGED_NETWORKS), "")
    return _change(call, network=_CHANGED_NETWORKS[asked])


def change_feature(call: Call) -> Answer:
    """UpdateGatewayFeature."""
    gateway = the_gateway(call, call.params.required("gatewayId"))
    return _change(call, features={**gateway.features, call.params.required("name"): str(call.body.get("value", ""))})


def list_features(call: Call) -> Answer:
    """ListGatewayFeatures: those that were set."""
    gateway = the_gateway(call, call.params.required("gatewayId"))
    return ok({"items": [{"definition": {"name": name}, "value": value} for name, value in gateway.features.items()]})


def delete(call: Call) -> Answer:
    """DeleteGateway: refused while an API is on it; its environments and services go with it."""
    gateway = the_gateway(call, call.params.required("gatewayId"))
    apis = [api.name for api in call.state.http_apis.values() if api.gateway_id == gateway.gateway_id]
    if apis:
        raise conflict("GatewayInUse", f"The gateway still has the APIs {', '.join(sorted(apis))}.")
    return _change(call, status="Deleting", since=call.now)


def create_environment(call: Call) -> Answer:
    """CreateEnvironment."""
    gateway = the_gateway(call, required(call.body, "gatewayId"))
    environment_id = call.new_id("env")
    call.state.environments[environment_id] = Environment(
        environment_id=environment_id,
        gateway_id=gateway.gateway_id,
        name=required(call.body, "name"),
        alias=call.body.get("alias") or call.body["name"],
        description=call.body.get("description") or "",
        **birth(call),
    )
    return ok({"environmentId": environment_id})


def describe_environment(call: Call) -> Answer:
    """GetEnvironment."""
    return ok(_environment_shape(call, the_environment(call, call.params.required("environmentId"))))


def list_environments(call: Call) -> Answer:
    """ListEnvironments."""
    wanted = call.params.text("gatewayId")
    rows = [row for row in own(call, call.state.environments) if wanted in ("", row.gateway_id)]
    return listed(call, [_environment_shape(call, row) for row in rows])


def update_environment(call: Call) -> Answer:
    """UpdateEnvironment."""
    row = the_environment(call, call.params.required("environmentId"))
    changes = {name: call.body[name] for name in ("alias", "description") if name in call.body}
    call.state.environments[row.environment_id] = row.model_copy(update=changes)
    return ok()


def delete_environment(call: Call) -> Answer:
    """DeleteEnvironment: not the default one, and none with an API."""
    row = the_environment(call, call.params.required("environmentId"))
    used = any(api.deploy_config.get("environmentId") == row.environment_id for api in call.state.http_apis.values())
    if row.default or used:
        raise conflict("EnvironmentInUse", "The environment is the default one, or has APIs.")
    del call.state.environments[row.environment_id]
    return ok()


def the_gateway(call: Call, gateway_id: str) -> Gateway:
    """The caller's gateway.

    Raises:
        ApiError: NotFound.GatewayNotFound.
    """
    return find(call, call.state.gateways, gateway_id, "NotFound.GatewayNotFound", "gateway")


def the_environment(call: Call, environment_id: str) -> Environment:
    """The caller's environment.

    Raises:
        ApiError: NotFound.EnvironmentNotFound.
    """
    return find(call, call.state.environments, environment_id, "NotFound.EnvironmentNotFound", "environment")


def _change(call: Call, **changes: object) -> Answer:
    gateway = the_gateway(call, call.params.required("gatewayId"))
    call.state.gateways[gateway.gateway_id] = gateway.model_copy(update=changes)
    return ok()


def _vswitch(call: Call, vpc_id: str, vswitch_id: str) -> VSwitch:
    vswitch = call.state.vswitches.get(vswitch_id)
    if vswitch is None or vswitch.owner != call.account.id or vswitch.vpc_id != vpc_id:
        raise bad("zoneConfig", f"The vSwitch {vswitch_id} is not in the VPC {vpc_id}.")
    return vswitch


def _address(call: Call, vswitch: VSwitch, gateway_id: str) -> str:
    """A free address of the vSwitch for the gateway's load balancer: from the upper half, where no endpoint is."""
    block = IPv4Network(vswitch.cidr)
    half = block.num_addresses // 2
    size = max(half - 4, 1)
    first = int(hashlib.sha256(gateway_id.encode()).hexdigest(), 16) % size
    taken = {row.address for row in call.state.gateways.values() if row.vpc_id == vswitch.vpc_id}
    addresses = [str(block[half + (first + step) % size]) for step in range(size)]
    return next((address for address in addresses if address not in taken), addresses[0])


def _shape(call: Call, gateway: Gateway) -> Answer:
    shape = {
        "gatewayId": gateway.gateway_id,
        "name": gateway.name,
        "gatewayType": gateway.type,
        "gatewayEdition": gateway.edition,
        "chargeType": gateway.charge_type,
        "spec": gateway.spec,
        "status": gateway.status,
        "replicas": "2",
        "version": "2.1.13",
        "targetVersion": "2.1.13",
        "createTimestamp": millis(gateway.created),
        "updateTimestamp": millis(gateway.since),
        "resourceGroupId": gateway.resource_group_id,
        "vpc": {"vpcId": gateway.vpc_id, "name": _vpc_name(call, gateway.vpc_id)},
        "zones": [
            {"zoneId": zone, "name": zone, "vSwitch": {"vSwitchId": vswitch, "name": vswitch}}
            for zone, vswitch in gateway.vswitches
        ],
        "tags": [{"key": key, "value": value} for key, value in gateway.tags.items()],
        "environments": [
            {"environmentId": row.environment_id, "name": row.name, "alias": row.alias}
            for row in call.state.environments.values()
            if row.gateway_id == gateway.gateway_id
        ],
        "loadBalancers": _load_balancers(gateway),
    }
    if gateway.vswitch_id:
        shape["vSwitch"] = {"vSwitchId": gateway.vswitch_id, "name": gateway.vswitch_id}
    return shape


def _load_balancers(gateway: Gateway) -> list[Answer]:
    kinds = {"Intranet": ["Intranet"], "Internet": ["Internet"], "InternetAndIntranet": ["Intranet", "Internet"]}
    status = "Ready" if gateway.status == "Running" else "NotCreate"
    return [
        {
            "loadBalancerId": f"nlb-{gateway.gateway_id.removeprefix('gw-')}-{kind.lower()}",
            "address": gateway.load_balancer if kind == "Intranet" else f"public-{gateway.load_balancer}",
            "addressType": kind,
            "addressIpVersion": "ipv4",
            "ipv4Addresses": [gateway.address] if kind == "Intranet" else ["203.0.113.10"],
            "gatewayDefault": True,
            "mode": "Managed",
            "type": "NLB",
            "status": status,
            "ports": [{"port": 80, "protocol": "TCP"}, {"port": 443, "protocol": "TCP"}],
        }
        for kind in kinds[gateway.network]
    ]


def _environment_shape(call: Call, row: Environment) -> Answer:
    gateway = call.state.gateways.get(row.gateway_id)
    return {
        "environmentId": row.environment_id,
        "name": row.name,
        "alias": row.alias,
        "description": row.description,
        "default": row.default,
        "resourceGroupId": row.resource_group_id,
        "gatewayInfo": {"gatewayId": row.gateway_id, "name": gateway.name if gateway else ""},
        "subDomainInfos": [],
        "createTimestamp": millis(row.created),
        "updateTimestamp": millis(row.created),
    }


def _vpc_name(call: Call, vpc_id: str) -> str:
    vpc = call.state.vpcs.get(vpc_id)
    return vpc.name if vpc else ""
