"""The security group of a gateway, by the official SDKs: the cloud creates and deletes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ecs20140526 import models as ecs_models
from alibabacloud_vpc20160428 import models as vpc_models
from support import official
from support.clouds import REGION, Network, create_gateway, create_vpc, create_vswitches
from support.gateways import Place, refused
from support.waiting import wait_for

MANAGED = "InvalidOperation.ResourceManagedByCloudProduct"


@pytest.fixture
def network(place: Place) -> Network:
    """A network without a security group."""
    vpc_id = create_vpc(place.cloud, "10.60.0.0/16")
    blocks = {"cn-beijing-h": "10.60.1.0/24", "cn-beijing-k": "10.60.2.0/24"}
    vswitch_ids = create_vswitches(place.cloud, vpc_id, blocks)
    return Network(vpc_id, tuple(vswitch_ids.values()))


def _groups(place: Place, vpc_id: str, **filters: Any) -> list[Any]:
    request = ecs_models.DescribeSecurityGroupsRequest(region_id=REGION, vpc_id=vpc_id, **filters)
    body = official.ecs(place.cloud).describe_security_groups(request).body
    return list(body.security_groups.security_group)


def test_a_gateway_has_a_group_in_its_vpc(place, network):
    gateway_id = create_gateway(place.cloud, network, place.new_name("grouped"))
    shown = place.apig.get_gateway(gateway_id).body.data.security_group
    (group,) = _groups(place, network.vpc_id)
    assert (group.security_group_id, group.security_group_name) == (
        shown.security_group_id,
        shown.name,
    )
    assert group.service_managed
    assert len(_groups(place, network.vpc_id, service_managed=True)) == 1
    assert _groups(place, network.vpc_id, service_managed=False) == []


def _delete(ecs: Any, group_id: str) -> None:
    request = {"region_id": REGION, "security_group_id": group_id}
    ecs.delete_security_group(ecs_models.DeleteSecurityGroupRequest(**request))


def _rename(ecs: Any, group_id: str) -> None:
    request = {"region_id": REGION, "security_group_id": group_id, "security_group_name": "own"}
    ecs.modify_security_group_attribute(ecs_models.ModifySecurityGroupAttributeRequest(**request))


def _isolate(ecs: Any, group_id: str) -> None:
    request = {"region_id": REGION, "security_group_id": group_id, "inner_access_policy": "Drop"}
    ecs.modify_security_group_policy(ecs_models.ModifySecurityGroupPolicyRequest(**request))


def _open(ecs: Any, group_id: str) -> None:
    rule = {"ip_protocol": "tcp", "port_range": "80/80", "source_cidr_ip": "10.0.0.0/8"}
    permission = ecs_models.AuthorizeSecurityGroupRequestPermissions(**rule)
    request = {"region_id": REGION, "security_group_id": group_id, "permissions": [permission]}
    ecs.authorize_security_group(ecs_models.AuthorizeSecurityGroupRequest(**request))


@pytest.mark.parametrize("change", [_delete, _rename, _isolate, _open], ids=lambda do: do.__name__)
def test_a_user_does_not_change_the_group(place: Place, change: Callable[[Any, str], None]):
    shown = place.apig.get_gateway(place.gateway_id).body.data.security_group
    with refused(MANAGED, 403):
        change(official.ecs(place.cloud), shown.security_group_id)


def test_the_group_outlives_its_gateway_and_keeps_the_vpc(place, network):
    gateway_id = create_gateway(place.cloud, network, place.new_name("deleted"))
    vpc = official.vpc(place.cloud)
    place.apig.delete_gateway(gateway_id)
    wait_for(lambda: gateway_id not in place.cloud.state.gateways, "the gateway is gone")
    assert len(_groups(place, network.vpc_id)) == 1
    for vswitch_id in network.vswitch_ids:
        request = vpc_models.DeleteVSwitchRequest(region_id=REGION, v_switch_id=vswitch_id)
        vpc.delete_vswitch(request)
    request = vpc_models.DeleteVpcRequest(region_id=REGION, vpc_id=network.vpc_id)
    with refused("DependencyViolation.SecurityGroup"):
        vpc.delete_vpc(request)
    wait_for(lambda: not _groups(place, network.vpc_id), "the group is gone")
    vpc.delete_vpc(request)
