"""The connections that a machine in a VPC can open, and the cause of each refusal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.inside import ENDPOINT_DOMAIN, FINANCE_DOMAIN, PRIVATE_DOMAIN

from dashlink_sandbox.gateways import Gateway
from dashlink_sandbox.inside import Allowed, Refusal, decide
from dashlink_sandbox.inside.access import AllowedGateway
from dashlink_sandbox.state import (
    DnsRecord,
    PrefixEntry,
    PrefixList,
    PrivateZone,
    Rule,
    State,
    ZoneVpc,
)

ZONE_H_DOMAIN = "ep-2ze1-cn-beijing-h.dashscope.cn-beijing.privatelink.aliyuncs.com"
Change = Callable[[State], object]


def record(rr: str, kind: str, value: str, status: str = "ENABLE") -> DnsRecord:
    return DnsRecord(record_id=f"r-{rr}-{value}", rr=rr, type=kind, value=value, status=status)


def add_zone(state: State, name: str, *records: DnsRecord, pattern: str = "ZONE") -> None:
    state.private_zones[f"pz-{name}"] = PrivateZone(
        zone_id=f"pz-{name}",
        name=name,
        proxy_pattern=pattern,
        records={each.record_id: each for each in records},
        vpcs=[ZoneVpc(region="cn-beijing", vpc_id="vpc-main")],
    )


def set_rules(state: State, *rules: Rule) -> None:
    state.security_groups["sg-main"].rules = list(rules)


def rule(policy: str = "accept", priority: int = 1, ports: str = "443/443", **source: str) -> Rule:
    return Rule(
        rule_id=f"sgr-{policy}-{priority}",
        policy=policy,
        priority=priority,
        ports=ports,
        **(source or {"source_cidr": "10.20.0.0/16"}),
    )


def set_zone(state: State, letter: str, status: str) -> None:
    state.endpoints["ep-2ze1"].zones[f"cn-beijing-{letter}"].status = status


def switch_on(state: State) -> None:
    state.endpoints["ep-2ze1"].custom_domain_enabled = True


def without_own_zone(state: State) -> None:
    state.private_zones.clear()


def unchanged(state: State) -> None:
    pass


def both(*changes: Change) -> Change:
    def apply(state: State) -> None:
        for change in changes:
            change(state)

    return apply


def with_rules(*rules: Rule) -> Change:
    return lambda state: set_rules(state, *rules)


def with_zone(name: str, *records: DnsRecord, **options: str) -> Change:
    return lambda state: add_zone(state, name, *records, **options)


def zones_down(letters: str, status: str = "Disconnected") -> Change:
    def apply(state: State) -> None:
        for letter in letters:
            set_zone(state, letter, status)

    return apply


def endpoint_with(field: str, value: str) -> Change:
    return lambda state: setattr(state.endpoints["ep-2ze1"], field, value)


def members_refused(state: State) -> None:
    set_rules(state)
    state.security_groups["sg-main"].inner_access_policy = "Drop"


def peer_allowed(state: State) -> None:
    state.vpcs["vpc-other"].peers = ["vpc-main"]
    set_rules(state, rule(source_cidr="10.30.0.0/16"))


def prefix_listed(cidr: str, family: str = "IPv4") -> Change:
    """One rule, which names a prefix list with one block."""

    def apply(state: State) -> None:
        state.prefix_lists["pl-1"] = PrefixList(
            prefix_list_id="pl-1",
            region="cn-beijing",
            name="clients",
            address_family=family,
            max_entries=1,
            entries=[PrefixEntry(cidr=cidr)],
        )
        set_rules(state, rule(source_prefix_list_id="pl-1"))

    return apply


def record_disabled(state: State) -> None:
    state.private_zones["pz-1"].records["r-1"].status = "DISABLE"


def records_deleted(state: State) -> None:
    state.private_zones["pz-1"].records.clear()


def zones_deleted(state: State) -> None:
    state.endpoints["ep-2ze1"].zones.clear()


def endpoint_deleted(state: State) -> None:
    del state.endpoints["ep-2ze1"]


def long_chain(state: State) -> None:
    records = [record(f"n{i}", "CNAME", f"n{i + 1}.long.internal") for i in range(20)]
    add_zone(state, "long.internal", *records)


WILDCARD = record("*", "A", "10.20.2.5")
LOOP = (record("a", "CNAME", "b.loop.internal"), record("b", "CNAME", "a.loop.internal"))


def allowed(
    name: str,
    change: Change = unchanged,
    *,
    user: str = "vpc-main",
    host: str = PRIVATE_DOMAIN,
    address: str = "10.20.1.5",
) -> object:
    return pytest.param(change, user, host, address, id=name)


@pytest.mark.parametrize(
    ("change", "user", "host", "address"),
    [
        allowed("private name"),
        allowed("case and last dot", host=f"{PRIVATE_DOMAIN.upper()}."),
        allowed("from a vSwitch", user="vpc-main.vsw-k"),
        allowed("endpoint domain", host=ENDPOINT_DOMAIN),
        allowed("zone domain", host=ZONE_H_DOMAIN),
        allowed("address", host="10.20.2.5", address="10.20.2.5"),
        allowed("one zone down", zones_down("h"), address="10.20.2.5"),
        allowed("longest private zone", with_zone("dashscope.aliyuncs.com", WILDCARD)),
        allowed(
            "CNAME after CNAME",
            with_zone("model.internal", record("qwen", "CNAME", PRIVATE_DOMAIN)),
            host="qwen.model.internal",
        ),
        allowed(
            "wildcard",
            with_zone("model.internal", WILDCARD),
            host="any.model.internal",
            address="10.20.2.5",
        ),
        allowed("console's switch", both(without_own_zone, switch_on)),
        allowed(
            "zone with recursion",
            both(without_own_zone, switch_on, with_zone("aliyuncs.com", pattern="RECORD")),
        ),
        allowed(
            "rule for the client's group",
            with_rules(rule(source_group_id="sg-app")),
            user="vpc-main.sg-app",
        ),
        allowed("rule for a prefix list", prefix_listed("10.20.1.0/24")),
        allowed("member of the group", set_rules, user="vpc-main.sg-main"),
        allowed("lower priority number", with_rules(rule("drop", 2), rule("accept", 1))),
        allowed("VPC with a route", peer_allowed, user="vpc-other", host=ENDPOINT_DOMAIN),
    ],
)
def test_a_machine_can_connect_to_the_endpoint(state, change, user, host, address):
    change(state)
    decision = decide(state, user, host, 443)
    assert isinstance(decision, Allowed), decision
    assert (decision.endpoint.endpoint_id, decision.address) == ("ep-2ze1", address)
    assert decision.service.service_id == "epsrv-dash"


def refused(
    name: str,
    cause: str,
    change: Change = unchanged,
    *,
    user: str = "vpc-main",
    host: str = PRIVATE_DOMAIN,
    port: int = 443,
) -> object:
    return pytest.param(change, user, host, port, cause, id=name)


@pytest.mark.parametrize(
    ("change", "user", "host", "port", "cause"),
    [
        refused("unknown VPC", "there is no VPC vpc-none", user="vpc-none"),
        refused("bad user", "the user name 'me' does not say where", user="me"),
        refused("user without VPC", "the user name 'vsw-h' names no VPC", user="vsw-h"),
        refused(
            "another VPC's vSwitch",
            "there is no vSwitch vsw-o in vpc-main",
            user="vpc-main.vsw-o",
        ),
        refused("group", "no security group sg-app in vpc-other", user="vpc-other.sg-app"),
        refused("public name", "the VPC has no way out to the internet", host="example.com"),
        refused("public address", "no route to 8.8.8.8", host="8.8.8.8"),
        refused("loopback", "no route to 127.0.0.1", host="127.0.0.1"),
        refused("no interface", "nothing answers at 10.20.1.77", host="10.20.1.77"),
        refused(
            "zone not attached",
            f"{PRIVATE_DOMAIN} is in the private zone {PRIVATE_DOMAIN} (pz-1), "
            "which is not attached",
            user="vpc-other",
        ),
        refused(
            "endpoint deleted",
            f"{PRIVATE_DOMAIN} -> {ENDPOINT_DOMAIN}: no such name: no endpoint has the domain",
            endpoint_deleted,
        ),
        refused("no zone", "the endpoint ep-2ze1 has no zone", zones_deleted),
        refused(
            "connection pending",
            "the connection of the endpoint ep-2ze1 to its service epsrv-dash is Pending, "
            "not Connected",
            endpoint_with("connection_status", "Pending"),
        ),
        refused(
            "endpoint not active",
            "the endpoint ep-2ze1 is Deleting",
            endpoint_with("status", "Deleting"),
        ),
        refused(
            "requested zone",
            "zone cn-beijing-h",
            zones_down("h", "Wait"),
            host=ZONE_H_DOMAIN,
        ),
        refused(
            "both zones down",
            "the zone cn-beijing-h of the endpoint ep-2ze1 is Disconnected",
            zones_down("hk"),
        ),
        refused(
            "port closed",
            "the security group sg-main of ep-2ze1 lets no tcp 443 in from 10.20.1.10",
            with_rules(rule(ports="80/80")),
        ),
        refused(
            "another block",
            "lets no tcp 443 in from 10.20.2.10",
            with_rules(rule(source_cidr="10.20.1.0/24")),
            user="vpc-main.vsw-k",
        ),
        refused("prefix list without it", "lets no tcp 443 in", prefix_listed("10.20.2.0/24")),
        refused("prefix list of IPv6", "lets no tcp 443 in", prefix_listed("::/0", "IPv6")),
        refused(
            "prefix list that is gone",
            "lets no tcp 443 in",
            with_rules(rule(source_prefix_list_id="pl-1")),
        ),
        refused("IPv6", "lets no tcp 443 in", with_rules(rule(ipv6_source_cidr="::/0"))),
        refused(
            "drop before accept",
            "drops tcp 443 from 10.20.1.10 (rule sgr-drop-1, priority 1)",
            with_rules(rule("accept", 1), rule("drop", 1)),
        ),
        refused("members refused", "lets no tcp 443 in", members_refused, user="vpc-main.sg-main"),
        refused(
            "another protocol",
            "lets no tcp 443 in",
            with_rules(Rule(rule_id="sgr-udp", protocol="udp", source_cidr="0.0.0.0/0")),
        ),
        refused(
            "another port",
            "listens on 80 and 443, not on 8080",
            with_rules(rule(ports="-1/-1")),
            port=8080,
        ),
        refused(
            "another VPC",
            "to which vpc-other has no route",
            user="vpc-other",
            host=ENDPOINT_DOMAIN,
        ),
        refused("switch off", "(its custom domain name is off)", without_own_zone),
        refused(
            "switch of another VPC",
            "gives it to no machine of vpc-other (its custom domain name is on)",
            both(without_own_zone, switch_on),
            user="vpc-other",
        ),
        refused(
            "empty zone shadows the switch",
            "(pz-1) is in force for",
            both(switch_on, records_deleted),
        ),
        refused("record disabled", "its record @ is disabled", record_disabled),
        refused(
            "loop of CNAMEs",
            "in a circle of CNAMEs in vpc-main: "
            "a.loop.internal -> b.loop.internal -> a.loop.internal",
            with_zone("loop.internal", *LOOP),
            host="a.loop.internal",
        ),
        refused(
            "chain too long",
            "has more than 8 CNAMEs after each other",
            long_chain,
            host="n0.long.internal",
        ),
    ],
)
def test_a_refusal_names_its_cause(state, change, user, host, port, cause):
    change(state)
    decision = decide(state, user, host, port)
    assert isinstance(decision, Refusal), decision
    assert cause in decision.cause
    assert "\n" not in decision.cause


def test_each_endpoint_routes_to_its_own_service(state):
    decision = decide(state, "vpc-main", FINANCE_DOMAIN, 80)
    assert isinstance(decision, Allowed)
    assert decision.service.service_id == "epsrv-zm0"


def test_a_gateway_needs_a_route_as_an_endpoint_does(state):
    address = "10.20.112.99"
    state.gateways["gw-1"] = Gateway(
        gateway_id="gw-1",
        region="cn-beijing",
        name="models",
        vpc_id="vpc-main",
        status="Running",
        address=address,
    )
    refused = decide(state, "vpc-other", address, 443)
    assert isinstance(refused, Refusal)
    assert "the gateway gw-1 in vpc-main, to which vpc-other has no route" in refused.cause
    peer_allowed(state)
    assert isinstance(decide(state, "vpc-other", address, 443), AllowedGateway)


def test_a_decision_changes_nothing(state):
    before = state.model_dump()
    decide(state, "vpc-main", PRIVATE_DOMAIN, 443)
    decide(state, "vpc-other", PRIVATE_DOMAIN, 443)
    assert state.model_dump() == before
