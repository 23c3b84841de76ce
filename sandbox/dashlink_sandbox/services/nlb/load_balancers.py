"""Network Load Balancers.

Sources: Alibaba Cloud's OpenAPI metadata of NLB (2024-07-30: codes, values); the alicloud provider
v1.285.0 (the fields that it reads, jobs; AddressIpVersion is returned as written, since its tests
read the `Ipv4` that they write where the documentation has `ipv4`).
"""

from __future__ import annotations

from dashlink_sandbox.load_balancers import LoadBalancer
from dashlink_sandbox.services.balancers import allocate, find_vswitch, is_in_use
from dashlink_sandbox.services.base import Answer, Call, timestamp
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.services.tags import tag_list
from dashlink_sandbox.wire.errors import ApiError, forbidden

_KIND = "nlb"
_FILTERS = {
    "LoadBalancerId": "load_balancer_id",
    "VpcId": "vpc_id",
    "ResourceGroupId": "resource_group_id",
}


def create(call: Call) -> Answer:
    """CreateLoadBalancer: in the zones of the request, each with a vSwitch."""
    region = call.region().id
    params = call.params
    vpc = call.state.vpcs.get(params.required("VpcId"))
    if vpc is None or vpc not in call.own(call.state.vpcs):
        raise forbidden("ResourceNotFound.Vpc", "The specified resource of Vpc is not found.")
    absent = forbidden(
        "ResourceNotFound.VSwitch", "The specified resource of vSwitch is not found."
    )
    message = "The specified resource of VSwitchIp is not enough."
    exhausted = ApiError("ResourceNotEnough.VSwitchIp", message)
    zones = []
    for mapping in params.elements("ZoneMappings"):
        vswitch = find_vswitch(call, vpc.vpc_id, mapping.required("VSwitchId"), absent)
        if mapping.required("ZoneId") != vswitch.zone_id:
            message = "The ZoneIdAndVswitchId is mismatched."
            raise ApiError("Mismatch.ZoneIdAndVswitchId", message)
        zones.append(allocate(call, vswitch, mapping.text("PrivateIPv4Address"), exhausted))
    if not zones or len({zone.zone_id for zone in zones}) < len(zones):
        raise ApiError("InvalidZones", "The current zone list is illegal.")
    balancer = LoadBalancer(
        load_balancer_id=call.new_id("nlb"),
        kind=_KIND,
        region=region,
        vpc_id=vpc.vpc_id,
        name=params.text("LoadBalancerName"),
        address_ip_version=params.text("AddressIpVersion", "ipv4"),
        status="Provisioning",
        since=call.now,
        zones=zones,
        attributes={"CrossZoneEnabled": True},
        **call.new_record(),
    )
    call.state.load_balancers[balancer.load_balancer_id] = balancer
    return {"LoadbalancerId": balancer.load_balancer_id, "JobId": _job(call), "OrderId": 0}


def describe(call: Call) -> Answer:
    """GetLoadBalancerAttribute."""
    return _shape(_requested(call))


def list_load_balancers(call: Call) -> Answer:
    """ListLoadBalancers."""
    rows = []
    for balancer in call.select(call.state.load_balancers, _FILTERS):
        if balancer.kind == _KIND:
            rows.append(balancer)
    page, counts = by_token(call.params, rows, _shape, size=20, largest=100)
    return {"LoadBalancers": page, **counts}


def update(call: Call) -> Answer:
    """UpdateLoadBalancerAttribute: the name, and whether traffic crosses zones."""
    balancer = _requested(call)
    balancer.name = call.params.changed("LoadBalancerName", balancer.name)
    if "CrossZoneEnabled" in call.params:
        enabled = call.params.flag("CrossZoneEnabled")
        balancer.attributes = {**balancer.attributes, "CrossZoneEnabled": enabled}
    return {"JobId": _job(call)}


def delete(call: Call) -> Answer:
    """DeleteLoadBalancer: refused while an endpoint service leads to it (code unverified)."""
    balancer = _requested(call)
    if is_in_use(call, balancer):
        message = "The operation is not allowed because of PrivateLinkAssociated."
        raise ApiError("OperationDenied.PrivateLinkAssociated", message)
    del call.state.load_balancers[balancer.load_balancer_id]
    return {"JobId": _job(call)}


def describe_job(call: Call) -> Answer:
    """GetJobStatus: the jobs of the sandbox end with the request that they belong to."""
    call.params.required("JobId")
    return {"Status": "Succeeded"}


def list_zones(call: Call) -> Answer:
    """DescribeZones: every zone of the region has NLB (unverified)."""
    zones = [{"ZoneId": zone, "LocalName": zone} for zone in call.region().zones]
    return {"Zones": zones}


def _requested(call: Call) -> LoadBalancer:
    balancer = call.state.load_balancers.get(call.params.required("LoadBalancerId"))
    own = call.own(call.state.load_balancers)
    if balancer is None or balancer not in own or balancer.kind != _KIND:
        message = "The specified resource of loadbalancer is not found."
        raise forbidden("ResourceNotFound.loadBalancer", message)
    return balancer


def _job(call: Call) -> str:
    return f"job-{call.new_number():010d}"


def _shape(balancer: LoadBalancer) -> Answer:
    mappings = []
    for zone in balancer.zones:
        address = {"PrivateIPv4Address": zone.address, "EniId": zone.eni_id}
        mappings.append(
            {
                "ZoneId": zone.zone_id,
                "VSwitchId": zone.vswitch_id,
                "Status": "Active",
                "LoadBalancerAddresses": [address],
            }
        )
    host = f"{balancer.load_balancer_id}.{balancer.region}.nlb.aliyuncsslb.com"
    return {
        "LoadBalancerId": balancer.load_balancer_id,
        "LoadBalancerName": balancer.name,
        "LoadBalancerType": "Network",
        "LoadBalancerStatus": balancer.status,
        "LoadBalancerBusinessStatus": "Normal",
        "AddressType": "Intranet",
        "AddressIpVersion": balancer.address_ip_version,
        "Ipv6AddressType": "",
        "DNSName": host,
        "RegionId": balancer.region,
        "VpcId": balancer.vpc_id,
        "ZoneMappings": mappings,
        "SecurityGroupIds": [],
        "CreateTime": timestamp(balancer.created),
        "ResourceGroupId": balancer.resource_group_id,
        "LoadBalancerBillingConfig": {"PayType": "PostPay"},
        "DeletionProtectionConfig": {"Enabled": False},
        "ModificationProtectionConfig": {"Status": "NonProtection"},
        "Tags": tag_list(balancer.tags),
        **balancer.attributes,
    }
