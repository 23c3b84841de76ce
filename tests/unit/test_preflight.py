"""The checks of the preflight, against a cloud in memory."""

from __future__ import annotations

from ipaddress import IPv4Network
from threading import Barrier

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.endpoint.settings import EndpointSettings
from dashlink.network.existing_group import ExistingRule
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import (
    AdoptedEndpoint,
    ExistingApi,
    ExistingEndpoint,
    ExistingGateway,
    ExistingSecurityGroup,
    ExistingVSwitch,
)
from dashlink.settings import StackSettings, find_faults

REGION = "cn-beijing"


def settings(network=None, **endpoint):
    endpoint.setdefault("service", "com.aliyuncs.dashscope")
    return StackSettings(
        network=NetworkSettings(**(network or {"cidr": "10.20.0.0/16", "zones": ZONES})),
        endpoints={"dashscope": EndpointSettings(**endpoint)},
    )


def faults(cloud, settings):
    return sorted(str(fault) for fault in find(settings, cloud, REGION).faults)


def existing(**more):
    return {
        "vpc_id": "vpc-1",
        "zones": ZONES,
        "vswitch_ids": {ZONES[0]: "vsw-h", ZONES[1]: "vsw-k"},
        **more,
    }


def vswitch(zone, *, vswitch_id="", vpc_id="vpc-1", cidr="10.50.1.0/24"):
    return ExistingVSwitch(vswitch_id or f"vsw-{zone[-1]}", vpc_id, zone, IPv4Network(cidr), "")


def rule(ports="443/443", *, protocol="tcp", policy="accept", priority=1, cidr="10.50.0.0/16"):
    return ExistingRule(protocol, ports, policy, priority, IPv4Network(cidr))


def test_a_service_that_is_offered_has_no_fault():
    assert faults(MemoryCloud(), settings()) == []


def test_a_service_that_is_not_offered_is_a_fault_with_advice():
    by_id = settings(service=None, service_id="epsrv-9", profile="dashscope-finance")
    (message,) = faults(MemoryCloud(service=None), by_id)
    assert message.startswith(
        "endpoints.dashscope.service_id: not offered to this account in cn-beijing (got epsrv-9). "
    )
    assert "allow-list" in message
    (message,) = faults(MemoryCloud(service=None), settings())
    assert message.startswith(
        "endpoints.dashscope.service: not offered to this account in cn-beijing"
    )


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ("cn-beijing", "here"),
        ("cn-hongkong", "here"),
        ("cn-hangzhou", "in cn-beijing or cn-hongkong"),
    ],
    ids=str,
)
def test_a_region_without_model_studio_has_two_ways_out(region, place):
    zones = [f"{region}-b", f"{region}-c"]
    stack = settings({"cidr": "10.20.0.0/16", "zones": zones})
    found = find(stack, MemoryCloud(service=None), region)
    (message,) = map(str, found.faults)
    assert message == (
        f"endpoints.dashscope.service: not offered to this account in {region} "
        "(got com.aliyuncs.dashscope). Use Model Studio without a new endpoint. Either by a "
        f"private connection of a workspace, which its console creates {place}: write `workspace: "
        "{workspace_id: ws-…, host: …}` with the private host that the console shows. Or by an "
        "endpoint that the VPC has: write `id: ep-…` and `private_name: service`. Both in place of "
        "`service` (docs/model-studio.md). Choose a region that offers it, or reach it from here "
        "with `service_region`."
    )


@pytest.mark.parametrize(
    "lines",
    [
        {"id": "ep-1", "private_name": "service"},
        {"workspace": {"workspace_id": "ws-1", "host": "llm-1-vpc-1.cn-beijing.maas.aliyuncs.com"}},
    ],
    ids=["endpoint", "workspace"],
)
def test_the_lines_of_each_way_out_have_no_fault(lines):
    stack = StackSettings(
        network=NetworkSettings(**existing()),
        endpoints={"dashscope": EndpointSettings(**lines)},
    )
    there = AdoptedEndpoint(
        "ep-1", "vpc-1", "com.aliyuncs.dashscope", "epsrv-1", REGION, "Connected", ZONES
    )
    cloud = MemoryCloud(
        service=None,
        adopted={"ep-1": there},
        switches=[vswitch(ZONES[0]), vswitch(ZONES[1], cidr="10.50.2.0/24")],
    )
    assert faults(cloud, stack) == []
    assert list(find_faults(stack, REGION, client_formats=())) == []


def test_another_service_has_no_connection_of_a_workspace():
    stack = settings(service="com.aliyuncs.other", private_name="none")
    (message,) = faults(MemoryCloud(service=None), stack)
    assert message.endswith("or reach it from here with `service_region`.")


OWN = {"made-by": "dashlink", "dashlink-project": "shop", "dashlink-stack": "dev"}


def test_an_endpoint_of_the_stack_outlives_its_service():
    there = [ExistingEndpoint("ep-other"), ExistingEndpoint("ep-own", OWN, "epsrv-1")]
    cloud = MemoryCloud(service=None, other_endpoints=there)
    found = find(settings(), cloud, REGION, "shop-dev")
    assert found.faults == ()
    assert list(map(str, found.warnings)) == [
        "endpoints.dashscope: not offered any more in cn-beijing; the stack's endpoint ep-own "
        "stays (got com.aliyuncs.dashscope). Do not delete or replace it: the cloud may refuse "
        "another."
    ]


@pytest.mark.parametrize(
    "there",
    [[], [ExistingEndpoint("ep-1", {**OWN, "dashlink-stack": "prod"})]],
    ids=["none", "of another stack"],
)
def test_an_endpoint_of_another_owner_is_no_way_out(there):
    cloud = MemoryCloud(service=None, other_endpoints=there)
    (fault,) = find(settings(), cloud, REGION, "shop-dev").faults
    assert fault.where == "endpoints.dashscope.service"


def test_an_endpoint_to_another_service_id_is_no_way_out():
    cloud = MemoryCloud(service=None, other_endpoints=[ExistingEndpoint("ep-1", OWN, "epsrv-1")])
    by_id = settings(service=None, service_id="epsrv-9", profile="dashscope-finance")
    (fault,) = find(by_id, cloud, REGION, "shop-dev").faults
    assert fault.where == "endpoints.dashscope.service_id"


def test_an_unoffered_zone_is_a_fault_that_lists_offered_ones():
    network = {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-a", "cn-beijing-h"]}
    (message,) = faults(MemoryCloud(), settings(network))
    assert message == (
        "network.zones: com.aliyuncs.dashscope is not offered in this zone (got cn-beijing-a). "
        "It is offered in cn-beijing-g, cn-beijing-h, cn-beijing-k. "
        "Use two or more of these, or name them in the endpoint's own `zones`."
    )


def test_the_zones_of_an_endpoint_override_the_networks():
    network = {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-a", *ZONES]}
    assert faults(MemoryCloud(), settings(network, zones=ZONES)) == []
    (message,) = faults(MemoryCloud(), settings(network, zones=["cn-beijing-a", "cn-beijing-h"]))
    assert message.startswith("endpoints.dashscope.zones: ")


def test_an_existing_network_that_fits_has_no_fault():
    cloud = MemoryCloud(
        switches=[vswitch(zone) for zone in ZONES],
        groups={"sg-1": ExistingSecurityGroup("sg-1", "vpc-1", (rule("80/80"), rule()))},
    )
    assert faults(cloud, settings(existing(security_group_id="sg-1"))) == []


@pytest.mark.parametrize(
    ("cloud", "network", "message"),
    [
        (
            MemoryCloud(vpcs={}),
            existing(),
            "network.vpc_id: no such VPC in cn-beijing for this account (got vpc-1).",
        ),
        (
            MemoryCloud(switches=[vswitch(ZONES[0])]),
            existing(),
            "network.vswitch_ids.cn-beijing-k: no such vSwitch (got vsw-k).",
        ),
        (
            MemoryCloud(switches=[vswitch(ZONES[0]), vswitch(ZONES[1], vpc_id="vpc-2")]),
            existing(),
            "network.vswitch_ids.cn-beijing-k: in VPC vpc-2 (got vsw-k). Use a vSwitch of vpc-1.",
        ),
        (
            MemoryCloud(switches=[vswitch(ZONES[0]), vswitch("cn-beijing-l", vswitch_id="vsw-k")]),
            existing(),
            "network.vswitch_ids.cn-beijing-k: in zone cn-beijing-l (got vsw-k).",
        ),
        (
            MemoryCloud(switches=[vswitch(zone) for zone in ZONES]),
            existing(security_group_id="sg-1"),
            "network.security_group_id: no such security group (got sg-1).",
        ),
    ],
    ids=["no-vpc", "no-vswitch", "other-vpc", "other-zone", "no-security-group"],
)
def test_an_existing_network_that_does_not_fit_is_a_fault(cloud, network, message):
    (fault,) = faults(cloud, settings(network))
    assert fault.startswith(message)


def test_a_new_block_must_be_free_in_the_existing_vpc():
    network = {
        "vpc_id": "vpc-1",
        "zones": ZONES,
        "vswitches": {ZONES[0]: "10.50.1.0/25", ZONES[1]: "10.60.0.0/24"},
    }
    overlapping, outside = faults(
        MemoryCloud(switches=[vswitch("cn-beijing-a")]), settings(network)
    )
    assert overlapping == (
        "network.vswitches.cn-beijing-h: overlaps 10.50.1.0/24 of the existing vsw-a "
        "(got 10.50.1.0/25). Use a free block, e.g. 10.50.0.0/25."
    )
    assert outside.startswith(
        "network.vswitches.cn-beijing-k: not inside the VPC's 10.50.0.0/16 (got 10.60.0.0/24)."
    )


def test_the_stacks_own_vswitch_is_no_fault():
    network = {
        "vpc_id": "vpc-1",
        "zones": ZONES,
        "vswitches": {ZONES[0]: "10.50.1.0/24", ZONES[1]: "10.50.2.0/24"},
    }
    assert faults(MemoryCloud(switches=[vswitch(ZONES[0])]), settings(network)) == []


def in_group(*rules, **network):
    """A stack with an existing security group, in a cloud whose group has these rules."""
    group = ExistingSecurityGroup("sg-1", "vpc-1", rules)
    cloud = MemoryCloud(switches=[vswitch(zone) for zone in ZONES], groups={"sg-1": group})
    return cloud, existing(security_group_id="sg-1", **network)


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [({}, "443"), ({"private_name": "none"}, "80")],
    ids=["https", "http"],
)
def test_an_existing_security_group_needs_only_the_dialled_port(endpoint, port):
    cloud, network = in_group(rule(f"{port}/{port}"))
    assert faults(cloud, settings(network, **endpoint)) == []
    cloud, network = in_group(rule("8080/8080"))
    (fault,) = faults(cloud, settings(network, **endpoint))
    assert fault == (
        "network.security_group_id: the existing security group does not let the VPC "
        f"(10.50.0.0/16) connect on TCP {port}. Add an ingress rule to it: accept, TCP, port "
        f"{port}/{port}, from 10.50.0.0/16; or correct the clients in `network.ingress`."
    )


def test_a_security_group_is_compared_with_the_named_clients():
    cloud, network = in_group(
        rule(cidr="10.99.0.0/16"), ingress={"from_vpc": False, "from_cidrs": ["10.99.0.0/24"]}
    )
    assert faults(cloud, settings(network)) == []
    cloud, network = in_group(rule(), ingress={"from_cidrs": ["10.99.0.0/24"]})
    (fault,) = faults(cloud, settings(network))
    assert "does not let clients of network.ingress.from_cidrs (10.99.0.0/24) connect" in fault


def test_independent_requests_are_sent_in_parallel():
    started = Barrier(5)

    class WaitingCloud(MemoryCloud):
        """Answers once the service, the VPC, both vSwitches and the group are requested."""

        def endpoint_service(self, **service):
            started.wait(10)
            return super().endpoint_service(**service)

        def vpc(self, vpc_id):
            started.wait(10)
            return super().vpc(vpc_id)

        def vswitch(self, vswitch_id):
            started.wait(10)
            return super().vswitch(vswitch_id)

        def security_group(self, security_group_id):
            started.wait(10)
            return super().security_group(security_group_id)

    group = ExistingSecurityGroup("sg-1", "vpc-1", (rule("80/443"),))
    cloud = WaitingCloud(switches=[vswitch(zone) for zone in ZONES], groups={"sg-1": group})
    assert faults(cloud, settings(existing(security_group_id="sg-1"))) == []


def test_unknown_ids_are_skipped():
    class Unknown:
        """A Pulumi output, recognised by its `apply`."""

        def apply(self, function):
            raise AssertionError("the preflight must not wait for outputs")

    unknown = Unknown()
    network = existing(vpc_id=unknown, security_group_id=unknown)
    assert faults(MemoryCloud(vpcs={}), settings(network)) == []


GATEWAY = {
    "gateway": {"id": "gw-1"},
    "domains": {"models.example.internal": {"scheme": "http"}},
    "ai_services": {"one": {"base_url": "https://models.example.com/v1"}},
    "model_apis": {
        "chat": {"scene": "text", "service": "one", "domains": ["models.example.internal"]}
    },
}


def with_gateway(vpc_id="vpc-1", **more):
    switches = {zone: f"vsw-{zone[-1]}" for zone in ZONES}
    network = {"vpc_id": vpc_id, "zones": ZONES, "vswitch_ids": switches}
    return StackSettings.model_validate({"network": network, **GATEWAY, **more})


def account(*apis, vpc_id="vpc-1", kind="AI"):
    switches = [
        ExistingVSwitch(f"vsw-{zone[-1]}", "vpc-1", zone, IPv4Network("10.50.1.0/24"), "")
        for zone in ZONES
    ]
    return MemoryCloud(
        gateways={"gw-1": ExistingGateway("gw-1", kind, vpc_id)}, apis=list(apis), switches=switches
    )


def gateway_faults(cloud):
    faults = find(with_gateway(), cloud, REGION, "shop-dev").faults
    return sorted(str(fault) for fault in faults)


def api(name="chat", path="/", domain="models.example.internal", service="other", description=""):
    return ExistingApi("api-9", name, path, (domain,), (service,), description)


def test_a_gateway_that_fits_has_no_fault():
    assert gateway_faults(account()) == []


def test_a_name_in_use_by_another_api_is_a_fault():
    (fault,) = gateway_faults(account(api(domain="elsewhere.example.com")))
    assert fault == (
        "model_apis.chat: the account has an API of this name (api-9) (got chat). "
        "Names are unique in an account: write another `name`, or import that API."
    )


def test_a_path_in_use_by_another_api_is_a_fault():
    (fault,) = gateway_faults(account(api(name="theirs")))
    assert fault == (
        "model_apis.chat.base_path: the API theirs (api-9) already serves this path of "
        "models.example.internal (got /). Write another base path, or another domain."
    )


@pytest.mark.parametrize(
    "own",
    [{"service": "shop-dev-one"}, {"description": "dashlink: shop-dev"}],
    ids=["by-service", "by-description"],
)
def test_the_stacks_own_api_is_no_fault(own):
    assert gateway_faults(account(api(**own))) == []


def test_an_existing_gateway_must_be_of_type_ai_and_in_the_vpc():
    (missing,) = gateway_faults(MemoryCloud(switches=account().switches))
    assert missing.startswith(
        "gateway.id: no such gateway in cn-beijing for this account (got gw-1)."
    )
    (kind,) = gateway_faults(account(kind="API"))
    assert kind == "gateway.id: a gateway of type API, not an AI gateway (got gw-1). Use another."
    (elsewhere,) = gateway_faults(account(vpc_id="vpc-2"))
    assert elsewhere.startswith(
        "gateway.id: in vpc-2, not in the stack's VPC (vpc-1), where the domains resolve"
    )
