"""Gateways.

Sources: SDK 11.6.0, models CreateGatewayRequest (name, networkAccessConfig, vpcId and zoneConfig
are required; a list of zones has at least two), GetGatewayResponseBodyData,
UpdateGatewayMaintenancePeriodRequest; the code NotFound.GatewayNotFound from the alicloud provider
v1.285.0. The security group of a gateway: see ``_new_group``. Names of addresses and all other
codes are unverified.
"""

from __future__ import annotations

import hashlib
import re
from functools import partial
from ipaddress import IPv4Network

from dashlink_sandbox.gateways import Environment, Gateway
from dashlink_sandbox.services.apig.answers import (
    conflict,
    items_of,
    listed,
    milliseconds,
    new_record,
    ok,
    required,
)
from dashlink_sandbox.services.apig.late import shown_group
from dashlink_sandbox.services.apig.tags import has_tags
from dashlink_sandbox.services.base import Answer, Call, name_of
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.state import SecurityGroup, VSwitch
from dashlink_sandbox.wire.errors import check_choice, invalid

_ADDRESS_TYPES = {
    "Internet": ("Internet",),
    "Intranet": ("Intranet",),
    "InternetAndIntranet": ("Intranet", "Internet"),
}
# POST ./network-type has a spelling of its own (SDK 11.6.0, UpdateNetworkAccess).
_CHANGED_NETWORKS = {
    "privatenet": "Intranet",
    "private&pubnet": "InternetAndIntranet",
    "pubnet": "Internet",
}
_FILTERS = {
    "gatewayId": "gateway_id",
    "name": "name",
    "vpcId": "vpc_id",
    "gatewayType": "type",
    "resourceGroupId": "resource_group_id",
}
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def create(call: Call) -> Answer:
    """CreateGateway: continues in the background; the default environment exists at once."""
    network = required(required(call.body, "networkAccessConfig"), "type")
    check_choice("networkAccessConfig.type", network, _ADDRESS_TYPES)
    gateway = _new_gateway(call, network)
    group = _new_group(call, gateway)
    call.state.security_groups[group.security_group_id] = group
    gateway = gateway.model_copy(update={"security_group_id": group.security_group_id})
    call.state.gateways[gateway.gateway_id] = gateway
    environment_id = call.new_id("env")
    call.state.environments[environment_id] = Environment(
        environment_id=environment_id,
        gateway_id=gateway.gateway_id,
        name="default",
        alias="default",
        default=True,
        **new_record(call),
    )
    return ok({"gatewayId": gateway.gateway_id})


def _new_gateway(call: Call, network: str) -> Gateway:
    """Build a gateway in the vSwitches of the request: one, or one for each of its zones."""
    body = call.body
    zone_config = required(body, "zoneConfig")
    option = zone_config.get("selectOption") or "Auto"
    check_choice("zoneConfig.selectOption", option, ("Auto", "Manual"))
    kind = body.get("gatewayType") or "API"
    check_choice("gatewayType", kind, ("API", "AI"))
    charge_type = body.get("chargeType") or "POSTPAY"
    check_choice("chargeType", charge_type, ("POSTPAY", "PREPAY"))
    single = zone_config.get("vSwitchId") or ""
    vswitches = []
    for zone in items_of(zone_config, "zones"):
        vswitches.append((required(zone, "zoneId"), required(zone, "vSwitchId")))
    if len(vswitches) == 1:
        raise invalid("zoneConfig.zones", "At least two zones are required.")
    first = None
    for _, vswitch_id in [*vswitches, ("", single)]:
        if vswitch_id:
            vswitch = _vswitch(call, body.get("vpcId", ""), vswitch_id)
            first = first or vswitch
    if first is None:
        raise invalid("zoneConfig", "It names no vSwitch.")
    log_config = body.get("logConfig") or {}
    gateway_id = call.new_id("gw")
    region = call.state.vpcs[first.vpc_id].region
    return Gateway(
        gateway_id=gateway_id,
        region=region,
        name=required(body, "name"),
        type=kind,
        edition=body.get("gatewayEdition") or "Professional",
        charge_type=charge_type,
        spec=body.get("spec") or "",
        vpc_id=required(body, "vpcId"),
        vswitch_id=single,
        vswitches=tuple(vswitches),
        network=network,
        sls_enabled=bool((log_config.get("sls") or {}).get("enable")),
        since=call.now,
        address=_free_address(call, first, gateway_id),
        load_balancer=f"nlb-{gateway_id.removeprefix('gw-')}.{region}.nlb.aliyuncsslb.com",
        **new_record(call),
    )


def _new_group(call: Call, gateway: Gateway) -> SecurityGroup:
    """Build the gateway's own security group, in its VPC.

    Source: the alicloud provider, test of alicloud_apig_ai_model_provider (81c43b6, 2026-08-21):
    an AI gateway creates a security group, which is deleted some time after the gateway and keeps
    its VPC from being deleted (DependencyViolation.SecurityGroup); GetGateway has securityGroup.
    Not verified: that an API gateway has one too, its name, its rules (here: none), and that a
    user cannot change it.
    """
    return SecurityGroup(
        security_group_id=call.new_id("sg"),
        region=gateway.region,
        vpc_id=gateway.vpc_id,
        name=f"apig-{gateway.gateway_id}",
        managed_by="apig",
        **call.ownership({}, gateway.resource_group_id),
    )


def describe(call: Call) -> Answer:
    """GetGateway.

    A vSwitch of the gateway itself is returned only if one was requested, as the provider's schema
    requires.
    """
    return ok(_shape(call, _requested(call)))


def list_gateways(call: Call) -> Answer:
    """ListGateways."""
    gateways = call.select(call.state.gateways, _FILTERS, "keyword")
    gateways = [gateway for gateway in gateways if has_tags(call, "tag", gateway.tags)]
    return listed(call, gateways, partial(_shape, call))


def rename(call: Call) -> Answer:
    """UpdateGatewayName."""
    return _change(call, name=call.params.required("name"))


def change_network(call: Call) -> Answer:
    """UpdateNetworkAccess."""
    network = call.params.one_of("networkAccessType", tuple(_CHANGED_NETWORKS), "")
    return _change(call, network=_CHANGED_NETWORKS[network])


def change_maintenance(call: Call) -> Answer:
    """UpdateGatewayMaintenancePeriod: two times of a day."""
    period = required(call.body, "maintenancePeriod")
    times = {}
    for name in ("startTime", "endTime"):
        times[name] = required(period, name)
        if _TIME_OF_DAY.fullmatch(str(times[name])) is None:
            raise invalid(f"maintenancePeriod.{name}", "It is not a time of the form HH:mm.")
    return _change(call, maintenance_period=times)


def restart(call: Call) -> Answer:
    """RestartGateway: continues in the background."""
    check_running(_requested(call))
    return _change(call, status="Restarting", since=call.now)


def change_feature(call: Call) -> Answer:
    """UpdateGatewayFeature."""
    feature = {call.params.required("name"): str(call.body.get("value", ""))}
    return _change(call, features={**_requested(call).features, **feature})


def list_features(call: Call) -> Answer:
    """ListGatewayFeatures: those that were set."""
    rows = []
    for name, value in _requested(call).features.items():
        rows.append({"definition": {"name": name}, "value": value})
    return ok({"items": rows})


def delete(call: Call) -> Answer:
    """DeleteGateway: refused while it has an API; deletes its environments and services too."""
    gateway = _requested(call)
    apis = call.state.http_apis.values()
    names = [api.name for api in apis if api.gateway_id == gateway.gateway_id]
    if names:
        message = f"The gateway still has the APIs {', '.join(sorted(names))}."
        raise conflict("GatewayInUse", message)
    return _change(call, status="Deleting", since=call.now)


def the_gateway(call: Call, gateway_id: str) -> Gateway:
    """Return the caller's gateway with this id.

    Raises:
        ApiError: NotFound.GatewayNotFound.
    """
    return call.find(call.state.gateways, gateway_id, "NotFound.GatewayNotFound", "gateway")


def check_running(gateway: Gateway) -> None:
    """Refuse a gateway that is being created or deleted.

    Raises:
        ApiError: Conflict.GatewayNotRunning.
    """
    if gateway.status != "Running":
        raise conflict("GatewayNotRunning", f"The gateway is {gateway.status}.")


def _requested(call: Call) -> Gateway:
    return the_gateway(call, call.params.required("gatewayId"))


def _change(call: Call, **changes: object) -> Answer:
    gateway = _requested(call)
    call.state.gateways[gateway.gateway_id] = gateway.model_copy(update=changes)
    return ok()


def _vswitch(call: Call, vpc_id: str, vswitch_id: str) -> VSwitch:
    vswitch = call.state.vswitches.get(vswitch_id)
    if vswitch is None or vswitch.owner != call.account.id or vswitch.vpc_id != vpc_id:
        raise invalid("zoneConfig", f"The vSwitch {vswitch_id} is not in the VPC {vpc_id}.")
    return vswitch


def _free_address(call: Call, vswitch: VSwitch, gateway_id: str) -> str:
    """Return an address for the gateway's load balancer.

    It is from the upper half of the vSwitch, apart from those of endpoints.
    """
    block = IPv4Network(vswitch.cidr)
    half = block.num_addresses // 2
    size = max(half - 4, 1)
    first = int(hashlib.sha256(gateway_id.encode()).hexdigest(), 16) % size
    gateways = call.state.gateways.values()
    used = {row.address for row in gateways if row.vpc_id == vswitch.vpc_id}
    for step in range(size):
        address = str(block[half + (first + step) % size])
        if address not in used:
            return address
    return str(block[half + first])


def _shape(call: Call, gateway: Gateway) -> Answer:
    balancers = [_load_balancer(gateway, kind) for kind in _ADDRESS_TYPES[gateway.network]]
    zones = []
    for zone, vswitch in gateway.vswitches:
        named = {"vSwitchId": vswitch, "name": vswitch}
        zones.append({"zoneId": zone, "name": zone, "vSwitch": named})
    environments = []
    for row in call.state.environments.values():
        if row.gateway_id == gateway.gateway_id:
            named = {"environmentId": row.environment_id, "name": row.name}
            environments.append({**named, "alias": row.alias})
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
        "createTimestamp": milliseconds(gateway.created),
        "updateTimestamp": milliseconds(gateway.since),
        "resourceGroupId": shown_group(call, gateway.gateway_id, gateway),
        "vpc": {"vpcId": gateway.vpc_id, "name": name_of(call.state.vpcs, gateway.vpc_id)},
        "zones": zones,
        "tags": tag_list(gateway.tags, "key", "value"),
        "environments": environments,
        "loadBalancers": balancers,
    }
    if gateway.maintenance_period:
        shape["maintenancePeriod"] = dict(gateway.maintenance_period)
    if gateway.security_group_id:
        name = name_of(call.state.security_groups, gateway.security_group_id)
        shape["securityGroup"] = {"securityGroupId": gateway.security_group_id, "name": name}
    if gateway.vswitch_id:
        shape["vSwitch"] = {"vSwitchId": gateway.vswitch_id, "name": gateway.vswitch_id}
    return shape


def _load_balancer(gateway: Gateway, kind: str) -> Answer:
    """Return the load balancer of one address type: Intranet or Internet."""
    private = kind == "Intranet"
    return {
        "loadBalancerId": f"nlb-{gateway.gateway_id.removeprefix('gw-')}-{kind.lower()}",
        "address": gateway.load_balancer if private else f"public-{gateway.load_balancer}",
        "addressType": kind,
        "addressIpVersion": "ipv4",
        "ipv4Addresses": [gateway.address if private else "203.0.113.10"],
        "gatewayDefault": True,
        "mode": "Managed",
        "type": "NLB",
        "status": "Ready" if gateway.status == "Running" else "NotCreate",
        "ports": [{"port": 80, "protocol": "TCP"}, {"port": 443, "protocol": "TCP"}],
    }
