"""What a machine in a VPC reaches, and the one sentence that it gets otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.inside import ENDPOINT_DOMAIN, FINANCE_DOMAIN, PRIVATE_DOMAIN

from dashlink_sandbox.inside import Allowed, Refusal, decide
from dashlink_sandbox.state import DnsRecord, PrivateZone, Rule, State, ZoneVpc

ZONE_H_DOMAIN = "ep-2ze1-cn-beijing-h.dashscope.cn-beijing.privatelink.aliyuncs.com"
Change = Callable[[State], object]


def record(rr: str, kind: str, value: str, status: str = "ENABLE") -> DnsRecord:
    return DnsRecord(record_id=f"r-{rr}-{value}", rr=rr, type=kind, value=value, status=status)


def add_zone(state: State, name: str, *records: DnsRecord, vpc: str = "vpc-main", pattern: str = "ZONE") -> None:
    state.private_zones[f"pz-{name}"] = PrivateZone(
        zone_id=f"pz-{name}",
        name=name,
        proxy_pattern=pattern,
        records={each.record_id: each for each in records},
        vpcs=[ZoneVpc(region="cn-beijing", vpc_id=vpc)],
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


def both(*changes: Change) -> Change:
    return lambda state: [change(state) for change in changes]


@pytest.mark.parametrize(
    ("change", "user", "host", "address"),
    [
        pytest.param(lambda s: None, "vpc-main", PRIVATE_DOMAIN, "10.20.1.5", id="the private name"),
        pytest.param(lambda s: None, "vpc-main", f"{PRIVATE_DOMAIN.upper()}.", "10.20.1.5", id="case and last dot"),
        pytest.param(lambda s: None, "vpc-main.vsw-k", PRIVATE_DOMAIN, "10.20.1.5", id="from a given vSwitch"),
        pytest.param(lambda s: None, "vpc-main", ENDPOINT_DOMAIN, "10.20.1.5", id="the endpoint's domain"),
        pytest.param(lambda s: None, "vpc-main", ZONE_H_DOMAIN, "10.20.1.5", id="a zone's domain"),
        pytest.param(lambda s: None, "vpc-main", "10.20.2.5", "10.20.2.5", id="an address"),
        pytest.param(
            lambda s: set_zone(s, "h", "Disconnected"), "vpc-main", PRIVATE_DOMAIN, "10.20.2.5", id="one zone down"
        ),
        pytest.param(
            lambda s: add_zone(s, "dashscope.aliyuncs.com", record("*", "A", "10.20.2.5")),
            "vpc-main",
            PRIVATE_DOMAIN,
            "10.20.1.5",
            id="the longest private zone wins",
        ),
        pytest.param(
            lambda s: add_zone(s, "model.internal", record("qwen", "CNAME", PRIVATE_DOMAIN)),
            "vpc-main",
            "qwen.model.internal",
            "10.20.1.5",
            id="CNAME after CNAME",
        ),
        pytest.param(
            lambda s: add_zone(s, "model.internal", record("*", "A", "10.20.2.5")),
            "vpc-main",
            "any.model.internal",
            "10.20.2.5",
            id="a wildcard",
        ),
        pytest.param(
            both(without_own_zone, switch_on), "vpc-main", PRIVATE_DOMAIN, "10.20.1.5", id="the console's switch"
        ),
        pytest.param(
            both(without_own_zone, switch_on, lambda s: add_zone(s, "aliyuncs.com", pattern="RECORD")),
            "vpc-main",
            PRIVATE_DOMAIN,
            "10.20.1.5",
            id="a zone with recursion asks on",
        ),
        pytest.param(
            lambda s: set_rules(s, rule(source_group_id="sg-app")),
            "vpc-main.sg-app",
            PRIVATE_DOMAIN,
            "10.20.1.5",
            id="a rule for the client's group",
        ),
        pytest.param(set_rules, "vpc-main.sg-main", PRIVATE_DOMAIN, "10.20.1.5", id="a member of the group itself"),
        pytest.param(
            lambda s: set_rules(s, rule("drop", 2), rule("accept", 1)),
            "vpc-main",
            PRIVATE_DOMAIN,
            "10.20.1.5",
            id="the lower priority number wins",
        ),
        pytest.param(
            lambda s: (
                setattr(s.vpcs["vpc-other"], "peers", ["vpc-main"]) or set_rules(s, rule(source_cidr="10.30.0.0/16"))
            ),
            "vpc-other",
            ENDPOINT_DOMAIN,
            "10.20.1.5",
            id="from a VPC with a route",
        ),
    ],
)
def test_a_machine_reaches_the_endpoint(state, change, user, host, address):
    change(state)
    decision = decide(state, user, host, 443)
    assert isinstance(decision, Allowed), decision
    assert (decision.endpoint.endpoint_id, decision.address) == ("ep-2ze1", address)
    assert decision.service.service_id == "epsrv-dash"


@pytest.mark.parametrize(
    ("change", "user", "host", "port", "cause"),
    [
        pytest.param(lambda s: None, "vpc-none", PRIVATE_DOMAIN, 443, "there is no VPC vpc-none", id="unknown VPC"),
        pytest.param(lambda s: None, "me", PRIVATE_DOMAIN, 443, "the user name 'me' does not say where", id="bad user"),
        pytest.param(
            lambda s: None, "vsw-h", PRIVATE_DOMAIN, 443, "the user name 'vsw-h' names no VPC", id="user without VPC"
        ),
        pytest.param(
            lambda s: None,
            "vpc-main.vsw-o",
            PRIVATE_DOMAIN,
            443,
            "there is no vSwitch vsw-o in vpc-main",
            id="another VPC's vSwitch",
        ),
        pytest.param(
            lambda s: None, "vpc-other.sg-app", PRIVATE_DOMAIN, 443, "no security group sg-app in vpc-other", id="group"
        ),
        pytest.param(
            lambda s: None, "vpc-main", "example.com", 443, "the VPC has no way out to the internet", id="public name"
        ),
        pytest.param(lambda s: None, "vpc-main", "8.8.8.8", 443, "no route to 8.8.8.8", id="public address"),
        pytest.param(lambda s: None, "vpc-main", "127.0.0.1", 443, "no route to 127.0.0.1", id="this machine"),
        pytest.param(lambda s: None, "vpc-main", "10.20.1.77", 443, "nothing answers at 10.20.1.77", id="no interface"),
        pytest.param(
            lambda s: None,
            "vpc-other",
            PRIVATE_DOMAIN,
            443,
            f"{PRIVATE_DOMAIN} is in the private zone {PRIVATE_DOMAIN} (pz-1), which is not attached",
            id="zone not attached",
        ),
        pytest.param(
            lambda s: s.endpoints.pop("ep-2ze1"),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            f"{PRIVATE_DOMAIN} -> {ENDPOINT_DOMAIN}: no such name: no endpoint has the domain",
            id="endpoint deleted",
        ),
        pytest.param(
            lambda s: s.endpoints["ep-2ze1"].zones.clear(),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "the endpoint ep-2ze1 has no zone",
            id="no zone",
        ),
        pytest.param(
            lambda s: setattr(s.endpoints["ep-2ze1"], "connection_status", "Pending"),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "the connection of the endpoint ep-2ze1 to its service epsrv-dash is Pending, not Connected",
            id="connection pending",
        ),
        pytest.param(
            lambda s: setattr(s.endpoints["ep-2ze1"], "status", "Deleting"),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "the endpoint ep-2ze1 is Deleting",
            id="endpoint not active",
        ),
        pytest.param(
            lambda s: set_zone(s, "h", "Wait"), "vpc-main", ZONE_H_DOMAIN, 443, "zone cn-beijing-h", id="the zone asked"
        ),
        pytest.param(
            lambda s: [set_zone(s, letter, "Disconnected") for letter in "hk"],
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "the zone cn-beijing-h of the endpoint ep-2ze1 is Disconnected",
            id="both zones down",
        ),
        pytest.param(
            lambda s: set_rules(s, rule(ports="80/80")),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "the security group sg-main of ep-2ze1 lets no tcp 443 in from 10.20.1.10",
            id="port closed",
        ),
        pytest.param(
            lambda s: set_rules(s, rule(source_cidr="10.20.1.0/24")),
            "vpc-main.vsw-k",
            PRIVATE_DOMAIN,
            443,
            "lets no tcp 443 in from 10.20.2.10",
            id="another block",
        ),
        pytest.param(
            lambda s: set_rules(s, rule("accept", 1), rule("drop", 1)),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "drops tcp 443 from 10.20.1.10 (rule sgr-drop-1, priority 1)",
            id="drop before accept",
        ),
        pytest.param(
            lambda s: set_rules(s) or setattr(s.security_groups["sg-main"], "inner_access_policy", "Drop"),
            "vpc-main.sg-main",
            PRIVATE_DOMAIN,
            443,
            "lets no tcp 443 in",
            id="members shut out",
        ),
        pytest.param(
            lambda s: set_rules(s, Rule(rule_id="sgr-udp", protocol="udp", source_cidr="0.0.0.0/0")),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "lets no tcp 443 in",
            id="another protocol",
        ),
        pytest.param(
            lambda s: set_rules(s, rule(ports="-1/-1")),
            "vpc-main",
            PRIVATE_DOMAIN,
            8080,
            "listens on 80 and 443, not on 8080",
            id="another port",
        ),
        pytest.param(
            lambda s: None, "vpc-other", ENDPOINT_DOMAIN, 443, "to which vpc-other has no route", id="another VPC"
        ),
        pytest.param(
            without_own_zone, "vpc-main", PRIVATE_DOMAIN, 443, "(its custom domain name is off)", id="the switch is off"
        ),
        pytest.param(
            both(without_own_zone, switch_on),
            "vpc-other",
            PRIVATE_DOMAIN,
            443,
            "gives it to no machine of vpc-other (its custom domain name is on)",
            id="the switch is for its own VPC",
        ),
        pytest.param(
            both(switch_on, lambda s: s.private_zones["pz-1"].records.clear()),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "(pz-1) is in force for",
            id="an empty zone shadows the switch",
        ),
        pytest.param(
            lambda s: setattr(s.private_zones["pz-1"].records["r-1"], "status", "DISABLE"),
            "vpc-main",
            PRIVATE_DOMAIN,
            443,
            "its record @ is disabled",
            id="record disabled",
        ),
        pytest.param(
            lambda s: add_zone(
                s, "loop.internal", record("a", "CNAME", "b.loop.internal"), record("b", "CNAME", "a.loop.internal")
            ),
            "vpc-main",
            "a.loop.internal",
            443,
            "in a circle of CNAMEs in vpc-main: a.loop.internal -> b.loop.internal -> a.loop.internal",
            id="circle",
        ),
        pytest.param(
            lambda s: add_zone(
                s, "long.internal", *(record(f"n{i}", "CNAME", f"n{i + 1}.long.internal") for i in range(20))
            ),
            "vpc-main",
            "n0.long.internal",
            443,
            "has more than 8 CNAMEs after each other",
            id="chain too long",
        ),
    ],
)
def test_a_machine_is_told_why_it_does_not_get_through(state, change, user, host, port, cause):
    change(state)
    decision = decide(state, user, host, port)
    assert isinstance(decision, Refusal), decision
    assert cause in decision.cause
    assert "\n" not in decision.cause


def test_each_endpoint_leads_to_its_own_service(state):
    decision = decide(state, "vpc-main", FINANCE_DOMAIN, 80)
    assert isinstance(decision, Allowed)
    assert decision.service.service_id == "epsrv-zm0"


def test_deciding_changes_nothing(state):
    before = state.model_dump()
    decide(state, "vpc-main", PRIVATE_DOMAIN, 443)
    decide(state, "vpc-other", PRIVATE_DOMAIN, 443)
    assert state.model_dump() == before
