"""The preflight's checks of names, of upstreams of an existing gateway, and its warnings."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.network.existing_group import ExistingRule
from dashlink.preflight import find
from dashlink.preflight.lookups import (
    ExistingApi,
    ExistingConsumer,
    ExistingEasService,
    ExistingEndpoint,
    ExistingGateway,
    ExistingSecurityGroup,
    ExistingVSwitch,
    ExistingZone,
)
from dashlink.settings import StackSettings

OWNER = "shop-dev"
OWN_TAGS = {"made-by": "dashlink", "dashlink-project": "shop", "dashlink-stack": "dev"}
OTHER_TAGS = {**OWN_TAGS, "dashlink-stack": "prod"}
STUDIO = "vpc-cn-beijing.dashscope.aliyuncs.com"
DOMAIN = "models.example.internal"
NETWORK = {
    "vpc_id": "vpc-1",
    "zones": ZONES,
    "vswitch_ids": {ZONES[0]: "vsw-h", ZONES[1]: "vsw-k"},
}
BLOCKS = {ZONES[0]: "10.50.1.0/24", ZONES[1]: "10.50.2.0/24"}
STACK = {
    "network": NETWORK,
    "endpoints": {"dashscope": {"service": "com.aliyuncs.dashscope"}},
    "gateway": {},
    "domains": {DOMAIN: {"scheme": "http"}},
    "ai_services": {"studio": {"endpoint": "dashscope"}},
    "consumers": {"team": {"api_keys": [{"config": "teamKey"}]}},
    "model_apis": {
        "chat": {"scene": "text", "service": "studio", "domains": [DOMAIN], "consumers": ["team"]}
    },
}


def cloud(**resources):
    switches = []
    for zone, block in BLOCKS.items():
        vswitch_id = f"vsw-{zone[-1]}"
        switches.append(ExistingVSwitch(vswitch_id, "vpc-1", zone, IPv4Network(block), ""))
    return MemoryCloud(switches=switches, **resources)


def found(resources, **changes):
    return find(StackSettings.model_validate({**STACK, **changes}), resources, "cn-beijing", OWNER)


def faults(resources, **changes):
    return sorted(str(fault) for fault in found(resources, **changes).faults)


def warnings(resources, **changes):
    findings = found(resources, **changes)
    assert findings.faults == ()
    return sorted(str(warning) for warning in findings.warnings)


def test_a_cloud_without_these_names_has_no_findings():
    findings = found(cloud())
    assert (findings.faults, findings.warnings) == ((), ())


# Private zones ----------------------------------------------------------------------------------


def test_a_private_zone_of_the_endpoints_name_is_a_fault():
    zone = ExistingZone("z-1", OTHER_TAGS)
    assert faults(cloud(zones={(STUDIO, "vpc-1"): zone})) == [
        "endpoints.dashscope.private_name: vpc-1 already has a private zone "
        f"{STUDIO} (z-1). If that zone leads clients to the right address, write `private_name: "
        "service`; else detach it from the VPC, or delete it."
    ]


def test_a_private_zone_of_a_domain_is_a_fault():
    wildcard = {f"*.{DOMAIN}": {"scheme": "http", "attach_to": ["vpc-2"]}}
    apis = {"chat": {**STACK["model_apis"]["chat"], "domains": [f"*.{DOMAIN}"]}}
    zones = {(DOMAIN, "vpc-2"): ExistingZone("z-1")}
    assert faults(cloud(zones=zones), domains=wildcard, model_apis=apis) == [
        f"domains.*.{DOMAIN}.name_by: vpc-2 already has a private zone {DOMAIN} (z-1). If that "
        "zone leads clients to the right address, write `name_by: none`; else detach it from the "
        "VPC, or delete it."
    ]


def test_the_stacks_own_private_zones_are_no_fault():
    own = ExistingZone("z-1", OWN_TAGS)
    assert faults(cloud(zones={(STUDIO, "vpc-1"): own, (DOMAIN, "vpc-1"): own})) == []


def test_an_untagged_zone_of_a_component_is_no_fault():
    untagged = ExistingZone("z-1", {}, "dashlink-endpoint-access-dashscope")
    assert faults(cloud(zones={(STUDIO, "vpc-1"): untagged})) == []
    other = ExistingZone("z-1", OTHER_TAGS, "dashlink-endpoint-access-dashscope")
    assert len(faults(cloud(zones={(STUDIO, "vpc-1"): other}))) == 1


def test_names_that_the_stack_does_not_create_are_not_asked_for():
    zones = {(STUDIO, "vpc-1"): ExistingZone("z-1"), (DOMAIN, "vpc-1"): ExistingZone("z-2")}
    endpoints = {"dashscope": {"service": "com.aliyuncs.dashscope", "private_name": "service"}}
    domains = {DOMAIN: {"scheme": "http", "name_by": "none"}}
    assert faults(cloud(zones=zones), endpoints=endpoints, domains=domains) == []


def test_another_endpoint_to_the_service_is_a_warning():
    others = [ExistingEndpoint("ep-9", {}), ExistingEndpoint("ep-1", OWN_TAGS)]
    assert warnings(cloud(other_endpoints=others)) == [
        "endpoints.dashscope.private_name: the VPC has another endpoint to this service (ep-9), "
        "which names it already if its custom service domain is on. Then turn that off in the "
        "console, or write `private_name: service`."
    ]
    assert warnings(cloud(other_endpoints=others[1:])) == []


# Consumers and domains --------------------------------------------------------------------------


def test_a_consumer_of_another_owner_is_a_fault():
    consumers = {"team": ExistingConsumer("cs-1", "dashlink: shop-prod")}
    assert faults(cloud(consumers=consumers)) == [
        "consumers.team: the account has a consumer of this name (cs-1) (got team). Names are "
        "unique in an account: write another `name`, or import that consumer."
    ]
    renamed = {"team": {"name": "other", "api_keys": [{"config": "teamKey"}]}}
    assert faults(cloud(consumers=consumers), consumers=renamed) == []


@pytest.mark.parametrize(
    ("description", "more"),
    [("dashlink: shop-dev", {}), ("ours", {"description": "ours"})],
    ids=["by its mark", "by its own description"],
)
def test_the_stacks_own_consumer_is_no_fault(description, more):
    consumers = {"team": ExistingConsumer("cs-1", description)}
    written = {"team": {"api_keys": [{"config": "teamKey"}], **more}}
    assert faults(cloud(consumers=consumers), consumers=written) == []


def api(name="theirs", description="", domain=DOMAIN, path="/theirs"):
    return ExistingApi("api-9", name, path, (domain,), ("other",), description)


def test_a_domain_that_serves_apis_of_others_is_a_fault():
    assert faults(cloud(domains={DOMAIN: "d-1"}, apis=[api("b"), api("a")])) == [
        f"domains.{DOMAIN}: the account has this domain (d-1), which serves a, b. Write `id: d-1` "
        "to use it as it is, or use another name."
    ]


def test_an_unused_domain_of_the_account_is_a_warning():
    assert warnings(cloud(domains={DOMAIN: "d-1"})) == [
        f"domains.{DOMAIN}: the account has this domain (d-1), and nothing of this stack. If it is "
        "not the stack's own, write `id: d-1`, or use another name."
    ]


@pytest.mark.parametrize(
    "trace",
    [
        {"apis": [api(), api("chat", "dashlink: shop-dev", path="/")]},
        {"apis": [api()], "consumers": {"team": ExistingConsumer("cs-1", "dashlink: shop-dev")}},
        {"apis": [api()], "tags_of_gateways": [OTHER_TAGS, OWN_TAGS]},
    ],
    ids=["an API", "a consumer", "a gateway"],
)
def test_a_domain_beside_resources_of_the_stack_is_its_own(trace):
    findings = found(cloud(domains={DOMAIN: "d-1"}, **trace))
    assert (findings.faults, findings.warnings) == ((), ())


def test_an_adopted_domain_is_not_asked_for():
    domains = {DOMAIN: {"id": "d-1", "scheme": "http"}}
    assert faults(cloud(domains={DOMAIN: "d-1"}, apis=[api()]), domains=domains) == []


def test_without_an_owner_no_name_is_checked():
    taken = cloud(
        zones={(STUDIO, "vpc-1"): ExistingZone("z-1")},
        domains={DOMAIN: "d-1"},
        consumers={"team": ExistingConsumer("cs-1", "")},
    )
    findings = find(StackSettings.model_validate(STACK), taken, "cn-beijing")
    assert (findings.faults, findings.warnings) == ((), ())


# An existing gateway, and an existing security group ---------------------------------------------


def adopted(vpc_id):
    near = ExistingEasService("near", "Running", gateway_id="", is_public=False)
    gateway = ExistingGateway("gw-1", "AI", vpc_id)
    return cloud(gateways={"gw-1": gateway}, eas_services={"near": near})


def eas(**more):
    return {"studio": {"eas": {"workspace_id": "1", "service_name": "near", **more}}}


def test_private_access_to_eas_needs_the_gateways_vpc():
    gateway = {"gateway": {"id": "gw-1"}, "domains": {DOMAIN: {"id": "d-1", "name_by": "none"}}}
    assert faults(adopted("vpc-2"), ai_services=eas(vpc_id="vpc-1"), **gateway) == [
        "ai_services.studio.eas.vpc_id: private access needs a service in the gateway's VPC, vpc-2 "
        "(got vpc-1). Use a gateway in the service's VPC, or write `access: public`."
    ]
    for right in (eas(vpc_id="vpc-2"), eas(), eas(vpc_id="vpc-1", access="public")):
        assert faults(adopted("vpc-2"), ai_services=right, **gateway) == []


def test_an_existing_gateway_must_reach_the_endpoints():
    gateway = {"gateway": {"id": "gw-1"}, "domains": {DOMAIN: {"id": "d-1", "name_by": "none"}}}
    closed = {**NETWORK, "ingress": {"from_vpc": False, "from_cidrs": ["10.99.0.0/24"]}}
    assert faults(adopted("vpc-1"), network=closed, **gateway) == [
        "network.ingress.from_vpc: closes the endpoints to the AI gateway, which is in vpc-1 and "
        "calls them for ai_services.studio (got false). Remove it, or add the ranges of the "
        "gateway's vSwitches to `from_cidrs`."
    ]
    assert faults(adopted("vpc-2"), network=closed, **gateway) == []
    opened = {**NETWORK, "ingress": {"from_vpc": False, "from_cidrs": ["10.50.1.0/24"]}}
    assert faults(adopted("vpc-1"), network=opened, **gateway) == []


def in_group(cidr):
    rule = ExistingRule("tcp", "443/443", "accept", 1, IPv4Network(cidr))
    return cloud(groups={"sg-1": ExistingSecurityGroup("sg-1", "vpc-1", (rule,))})


def test_a_new_gateway_must_be_let_in_by_an_existing_group():
    network = {**NETWORK, "security_group_id": "sg-1"}
    assert faults(in_group("10.50.1.0/24"), network=network) == [
        "network.security_group_id: the existing security group does not let the AI gateway in "
        "cn-beijing-k (10.50.2.0/24) connect on TCP 443. Add an ingress rule to it: accept, TCP, "
        "port 443/443, from 10.50.2.0/24; or correct the clients in `network.ingress`."
    ]


def test_a_group_that_lets_in_a_part_of_the_vpc_is_a_warning():
    network = {**NETWORK, "security_group_id": "sg-1"}
    assert warnings(in_group("10.50.0.0/20"), network=network) == [
        "network.security_group_id: of the VPC (10.50.0.0/16), the existing security group lets "
        "only 10.50.0.0/20 connect on TCP 443. If others must connect, add a rule to it; else "
        "write your clients under `network.ingress`."
    ]
    named = {**network, "ingress": {"from_vpc": False, "from_cidrs": ["10.50.0.0/20"]}}
    assert warnings(in_group("10.50.0.0/20"), network=named) == []
