"""The preflight's check that an AI gateway resolves the address of an EAS service."""

from __future__ import annotations

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.eas.settings import EasServiceSettings
from dashlink.network.settings import NetworkSettings
from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingEasService, ExistingGateway
from dashlink.settings import StackSettings

DEPLOY = {"image": "i", "instance_type": "ecs.c7.large"}
NEW = {"cidr": "10.20.0.0/16", "zones": ZONES}


class LinkedGateways:
    """Dedicated gateways, of which each is linked to vpc-1 and has the peer vpc-2 there."""

    def __init__(self, *, everywhere=False):
        self.everywhere = everywhere

    def gateway(self, gateway_id):
        return {"GatewayId": gateway_id, "Status": "Running"}

    def gateways(self, **_):
        return []

    def linked_vpcs(self, gateway_id):
        return [{"VpcId": "vpc-1", "AuthoritativeDnsEnabled": self.everywhere}]

    def peers(self, gateway_id, vpc_id):
        return [{"VpcId": "vpc-2"}]


def warned(*, network=NEW, gateway_vpc=None, found="", service=None, everywhere=False, **sections):
    """The warnings of a stack whose AI service is at the EAS service `chat`."""
    settings = StackSettings(
        network=NetworkSettings(**network),
        gateway={"id": "gw-ai"} if gateway_vpc else {},
        eas_services={"chat": EasServiceSettings(**{"name": "qwen_chat", **(service or {})})},
        ai_services={"own": {"eas_service": "chat"}},
        **sections,
    )
    existing = ExistingEasService("qwen_chat", "Running", found, is_public=False)
    has_service = service is None or "deploy" not in service
    cloud = MemoryCloud(
        eas_services={"qwen_chat": existing} if has_service else {},
        eas_gateways=LinkedGateways(everywhere=everywhere),
        gateways={"gw-ai": ExistingGateway("gw-ai", "AI", gateway_vpc or "")},
    )
    findings = find(settings, cloud, "cn-beijing", "shop-dev")
    texts = map(str, (*findings.faults, *findings.warnings))
    return [text for text in texts if text.startswith("ai_services.own")]


REACHED = {
    "shared gateway": {},
    "own VPC": {"found": "gw-1", "gateway_vpc": "vpc-1"},
    "peer": {"found": "gw-1", "gateway_vpc": "vpc-2"},
    "name that resolves everywhere": {"found": "gw-1", "gateway_vpc": "vpc-9", "everywhere": True},
    "gateway of the stack": {
        "service": {"deploy": {**DEPLOY, "gateway": "mine"}},
        "eas_gateways": {"mine": {}},
    },
    "link to the gateway's VPC": {
        "gateway_vpc": "vpc-9",
        "service": {"deploy": {**DEPLOY, "gateway": "mine"}},
        "eas_gateways": {"mine": {"links": [{"vpc_id": "vpc-9", "vswitch_id": "vsw-9"}]}},
    },
    "existing gateway by name": {
        "gateway_vpc": "vpc-2",
        "service": {"deploy": {**DEPLOY, "gateway": "mine"}},
        "eas_gateways": {"mine": {"id": "gw-1"}},
    },
}
NOT_REACHED = {
    "new VPC": ({"found": "gw-1"}, "a new one"),
    "VPC of the AI gateway": ({"found": "gw-1", "gateway_vpc": "vpc-9"}, "vpc-9"),
    "deployed by id": (
        {"gateway_vpc": "vpc-9", "service": {"deploy": {**DEPLOY, "gateway": "gw-1"}}},
        "vpc-9",
    ),
    "gateway of the stack": (
        {
            "gateway_vpc": "vpc-9",
            "service": {"deploy": {**DEPLOY, "gateway": "mine"}},
            "eas_gateways": {"mine": {}},
        },
        "vpc-9",
    ),
}


@pytest.mark.parametrize("case", REACHED.values(), ids=REACHED)
def test_an_address_that_resolves_has_no_warning(case):
    assert warned(**case) == []


@pytest.mark.parametrize(("case", "vpc"), NOT_REACHED.values(), ids=NOT_REACHED)
def test_an_address_that_does_not_resolve_is_a_warning(case, vpc):
    (warning,) = warned(**case)
    assert f"does not resolve in the VPC of the AI gateway, {vpc} (got chat)" in warning
