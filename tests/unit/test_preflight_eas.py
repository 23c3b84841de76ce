"""The preflight's checks of EAS services, against a cloud in memory."""

from __future__ import annotations

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.eas.settings import EasDeployment, EasServiceSettings
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingEasService
from dashlink.settings import StackSettings

DEPLOY = EasDeployment(image="i", instance_type="ecs.c7.large", gateway="gw-1")
OURS = {"dashlink-project": "shop", "dashlink-stack": "dev"}


def service(status="Running", gateway="gw-1", *, public=False, tags=None):
    return ExistingEasService("qwen_chat", status, gateway, public, tags or {})


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
