"""Forwarding rules of the resolver: names that servers elsewhere resolve for VPCs.

They are stored and read back: the sandbox forwards no query.

Sources: Alibaba Cloud's OpenAPI metadata of pvtz (2024-07-30: parameters, ZoneVpc.Zone.Repeated);
the alicloud provider v1.285.0 (a VPC is in the region of the endpoint; ResolverRule.NotExists).
Other codes are unverified.
"""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address
from typing import Any

from dashlink_sandbox.services.base import Answer, Call, name_of
from dashlink_sandbox.services.pvtz import resolver_endpoints
from dashlink_sandbox.services.pvtz.rules import check_zone_name
from dashlink_sandbox.services.pvtz.zones import paginate, times
from dashlink_sandbox.state import ResolverRule, ZoneVpc
from dashlink_sandbox.wire.errors import ApiError, invalid

_LARGEST_PORT = 65535


def create(call: Call) -> Answer:
    """AddResolverRule."""
    endpoint = resolver_endpoints.find(call)
    zone_name = call.params.required("ZoneName").rstrip(".").lower()
    check_zone_name(zone_name)
    rule = ResolverRule(
        rule_id=f"hra{call.new_number():08d}",
        name=call.params.required("Name"),
        endpoint_id=endpoint.endpoint_id,
        zone_name=zone_name,
        type=call.params.one_of("Type", ("OUTBOUND",), "OUTBOUND"),
        servers=_servers(call),
        updated=call.now,
        **call.new_record(),
    )
    call.state.resolver_rules[rule.rule_id] = rule
    return {"RuleId": rule.rule_id}


def describe(call: Call) -> Answer:
    """DescribeResolverRule."""
    return _shape(call, _find(call))


def list_rules(call: Call) -> Answer:
    """DescribeResolverRules, by a substring of the name, and endpoint."""
    keyword = call.params.text("Keyword")
    rows = []
    for rule in call.select(call.state.resolver_rules, {"EndpointId": "endpoint_id"}):
        if keyword in rule.name:
            rows.append(rule)
    detailed = call.params.flag("NeedDetailAttributes")
    page, counts = paginate(call, rows, partial(_row, call, detailed))
    return {"Rules": page, **counts}


def update(call: Call) -> Answer:
    """UpdateResolverRule: the name, or all servers."""
    rule = _find(call)
    rule.name = call.params.text("Name", rule.name)
    if call.params.elements("ForwardIp"):
        rule.servers = _servers(call)
    rule.updated = call.now
    return {}


def bind(call: Call) -> Answer:
    """BindResolverRuleVpc: replaces the whole set of VPCs; it may be empty."""
    rule = _find(call)
    vpcs = []
    for row in call.params.elements("Vpc"):
        bound = ZoneVpc(region=row.required("RegionId"), vpc_id=row.required("VpcId"))
        _check_vpc(call, rule, bound)
        vpcs.append(bound)
    rule.vpcs = vpcs
    rule.updated = call.now
    return {}


def delete(call: Call) -> Answer:
    """DeleteResolverRule: refused while a VPC is bound to it."""
    rule = _find(call)
    if rule.vpcs:
        raise ApiError("ResolverRule.VpcExists", "The rule has VPCs bound.")
    del call.state.resolver_rules[rule.rule_id]
    return {}


def _find(call: Call) -> ResolverRule:
    rule = call.state.resolver_rules.get(call.params.required("RuleId"))
    if rule is None or rule.owner != call.account.id:
        raise ApiError("ResolverRule.NotExists", "The rule does not exist.")
    return rule


def _servers(call: Call) -> list[tuple[str, int]]:
    servers = []
    for row in call.params.elements("ForwardIp"):
        address = row.required("Ip")
        try:
            IPv4Address(address)
        except ValueError as error:
            raise invalid("ForwardIp.Ip") from error
        row.required("Port")
        servers.append((address, row.number("Port", 0, 1, _LARGEST_PORT)))
    if not servers:
        raise invalid("ForwardIp", "A rule has at least one server.")
    return servers


def _check_vpc(call: Call, rule: ResolverRule, bound: ZoneVpc) -> None:
    """Refuse a VPC outside the endpoint's region, or with a rule for the same names."""
    endpoint = call.state.resolver_endpoints[rule.endpoint_id]
    vpc = call.state.vpcs.get(bound.vpc_id)
    if vpc is None or vpc.owner != call.account.id or vpc.region != bound.region:
        message = f"The VPC {bound.vpc_id} does not exist in {bound.region}."
        raise ApiError("ZoneVpc.NotExists.VpcId", message)
    if bound.region != endpoint.region:
        raise invalid("Vpc.RegionId", f"The VPC is not in the endpoint's region {endpoint.region}.")
    for other in call.state.resolver_rules.values():
        is_other = other.rule_id != rule.rule_id and other.zone_name == rule.zone_name
        if is_other and bound.vpc_id in {row.vpc_id for row in other.vpcs}:
            raise ApiError("ZoneVpc.Zone.Repeated", "Vpc is bind to same zone name.")


def _row(call: Call, detailed: bool, rule: ResolverRule) -> Answer:
    row = _shape(call, rule)
    if not detailed:
        del row["BindVpcs"]
    return row


def _shape(call: Call, rule: ResolverRule) -> Answer:
    vpcs: list[dict[str, Any]] = []
    for bound in rule.vpcs:
        vpcs.append(
            {
                "VpcId": bound.vpc_id,
                "VpcName": name_of(call.state.vpcs, bound.vpc_id),
                "VpcType": "STANDARD",
                "VpcUserId": rule.owner,
                "RegionId": bound.region,
                "RegionName": call.catalog.regions[bound.region].local_name,
            }
        )
    return {
        "Id": rule.rule_id,
        "Name": rule.name,
        "Type": rule.type,
        "ZoneName": rule.zone_name,
        "EndpointId": rule.endpoint_id,
        "EndpointName": name_of(call.state.resolver_endpoints, rule.endpoint_id),
        "ForwardIps": [{"Ip": address, "Port": port} for address, port in rule.servers],
        "BindVpcs": vpcs,
        **times(rule.created, rule.updated),
    }
