"""The preflight's checks of EAS services, against a cloud in memory."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingEasService, ExistingGateway, ExistingVSwitch
from dashlink.settings import StackSettings

DEPLOY = EasDeployment(image="i", instance_type="ecs.c7.large", gateway="gw-1")
OURS = {"dashlink-project": "shop", "dashlink-stack": "dev"}


def service(status="Running", gateway="gw-1", *, public=False, tags=None, **more):
    return ExistingEasService("qwen_chat", status, gateway, public, tags or {}, **more)


def found(service, *, deploy=None, **general):
    settings = StackSettings(
        network=NetworkSettings(cidr="10.20.0.0/16", zones=ZONES),
        eas_services={"chat": EasServiceSettings(name="qwen_chat", deploy=deploy)},
        **general,
    )
    services = {} if service is None else {"qwen_chat": service}
    findings = find(settings, MemoryCloud(eas_services=services), "cn-beijing", "shop-dev")
    return [str(one) for one in (*findings.faults, *findings.warnings)]


@pytest.mark.parametrize(
    ("existing", "deploy"),
    [(service(), None), (None, DEPLOY), (service(tags=OURS), DEPLOY)],
    ids=["existing", "new", "own"],
)
def test_a_service_that_fits_has_no_fault(existing, deploy):
    assert found(existing, deploy=deploy, private_only=True, protected=True) == []


@pytest.mark.parametrize(
    ("existing", "deploy", "problem"),
    [
        (None, None, "no such EAS service in cn-beijing for this account (got qwen_chat)"),
        (service("Stopped"), None, "the service is Stopped (got qwen_chat)"),
        (service(public=True), None, "the service has an address on the internet"),
        (service(), DEPLOY, "another owner has a service of this name in cn-beijing"),
    ],
    ids=["missing", "stopped", "public", "of-others"],
)
def test_a_service_that_does_not_fit_is_a_fault(existing, deploy, problem):
    (fault,) = found(existing, deploy=deploy, private_only=True)
    assert fault.startswith(f"eas_services.chat.name: {problem}")


def test_the_shared_gateway_in_production_is_a_warning():
    assert found(service(gateway="")) == []
    (warning,) = found(service(gateway=""), protected=True)
    assert "on the shared gateway, in a protected stack (got qwen_chat)" in warning


def found_far(existing, **written):
    """Findings on a service in Shanghai, of a stack in Beijing."""
    settings = StackSettings(
        network=NetworkSettings(cidr="10.20.0.0/16", zones=ZONES),
        eas_services={
            "chat": EasServiceSettings(name="qwen_chat", region="cn-shanghai", **written)
        },
    )
    services = {} if existing is None else {"qwen_chat": existing}
    cloud = MemoryCloud(regions={"cn-shanghai": MemoryCloud(eas_services=services)})
    return [str(one) for one in find(settings, cloud, "cn-beijing", "shop-dev").faults]


@pytest.mark.parametrize(
    ("existing", "access"),
    [(service(gateway="", public=True), "internet"), (service(), "vpc")],
    ids=["internet", "dedicated"],
)
def test_a_service_of_another_region_is_asked_for_there(existing, access):
    assert found_far(existing, access=access) == []


@pytest.mark.parametrize(
    ("existing", "access", "problem"),
    [
        (None, "vpc", "name: no such EAS service in cn-shanghai for this account"),
        (
            service(gateway=""),
            "vpc",
            "access: the shared gateway's VPC address works in cn-shanghai alone, also over "
            "connected VPCs (got vpc). Write `access: internet`, or move the service",
        ),
        (service(), "internet", "access: the service has no address on the internet"),
    ],
    ids=["missing", "shared-gateway", "private"],
)
def test_a_far_service_that_clients_cannot_reach_is_a_fault(existing, access, problem):
    (fault,) = found_far(existing, access=access)
    assert fault.startswith(f"eas_services.chat.{problem}")


UPSTREAM = {"workspace_id": "4711", "service_name": "qwen_chat"}
IDS = {"service_id": "eas-m-1", "workspace_id": "4711", "vpc_id": "vpc-1"}


def found_upstream(existing, *, gateway=None, eas_services=None, **written):
    """Findings on an AI service on PAI-EAS in the VPC vpc-1."""
    settings = StackSettings(
        network=NetworkSettings(
            vpc_id="vpc-1", zones=ZONES, vswitch_ids={zone: f"vsw-{zone}" for zone in ZONES}
        ),
        gateway={"id": gateway} if gateway else {},
        ai_services={"own": {"eas": {**UPSTREAM, **written}}},
        eas_services=eas_services or {},
    )
    services = {} if existing is None else {"qwen_chat": existing}
    switches = [
        ExistingVSwitch(f"vsw-{zone}", "vpc-1", zone, IPv4Network(f"10.50.{number}.0/24"), zone)
        for number, zone in enumerate(ZONES)
    ]
    cloud = MemoryCloud(
        eas_services=services,
        switches=switches,
        gateways={"gw-9": ExistingGateway("gw-9", "AI", "vpc-9")},
    )
    return [str(one) for one in find(settings, cloud, "cn-beijing", "shop-dev").faults]


@pytest.mark.parametrize(
    ("existing", "written"),
    [
        (service(**IDS), {"service_id": "eas-m-1", "vpc_id": "vpc-1"}),
        (service(), {}),
        (service(**{**IDS, "vpc_id": "vpc-2"}), {"access": "public"}),
    ],
    ids=["same", "unknown", "public"],
)
def test_an_upstream_that_fits_has_no_fault(existing, written):
    assert found_upstream(existing, **written) == []


@pytest.mark.parametrize(
    ("existing", "written", "problem"),
    [
        (None, {}, "service_name: no such EAS service in cn-beijing"),
        (service("Stopped"), {}, "service_name: the service is Stopped"),
        (service(**IDS), {"service_id": "eas-m-2"}, "service_id: the service has another: eas-m-1"),
        (service(**IDS), {"workspace_id": "1"}, "workspace_id: the service has another: 4711"),
        (
            service(**{**IDS, "vpc_id": "vpc-2"}),
            {},
            "access: private access needs a service in the gateway's VPC, vpc-1 "
            "(got service in vpc-2)",
        ),
        (
            service(**IDS),
            {"gateway": "gw-9"},
            "access: private access needs a service in the gateway's VPC, vpc-9 "
            "(got service in vpc-1)",
        ),
    ],
    ids=["missing", "stopped", "id", "workspace", "vpc", "vpc-of-a-gateway"],
)
def test_an_upstream_that_does_not_fit_is_a_fault(existing, written, problem):
    (fault,) = found_upstream(existing, **written)
    assert fault.startswith(f"ai_services.own.eas.{problem}")


def test_an_upstream_that_the_stack_deploys_is_not_asked_for():
    deployed = {"chat": EasServiceSettings(name="qwen_chat", deploy=DEPLOY)}
    assert found_upstream(None, eas_services=deployed) == []
