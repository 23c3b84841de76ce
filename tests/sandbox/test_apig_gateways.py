"""AI gateways and their environments, by the official SDK."""

from __future__ import annotations

import re
from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from alibabacloud_apig20240327.client import Client
from support import official
from support.clouds import ZONES, create_gateway, create_network, gateway_body
from support.gateways import Place, refused
from support.waiting import wait_for

from dashlink_sandbox.services import apig


def _create(place: Place, **changed: Any) -> str:
    name = changed.pop("name", place.new_name("gw"))
    body = gateway_body(place.network, name, **changed)
    request = models.CreateGatewayRequest().from_map(body)
    return place.apig.create_gateway(request).body.data.gateway_id


def _get(place: Place, gateway_id: str) -> models.GetGatewayResponseBodyData:
    return place.apig.get_gateway(gateway_id).body.data


def _listed(place: Place, **filters: Any) -> list[str]:
    response = place.apig.list_gateways(models.ListGatewaysRequest(page_size=100, **filters))
    return [row.gateway_id for row in response.body.data.items]


def _balancers(place: Place, gateway_id: str) -> list[tuple[str, str]]:
    """Return address type and status of the gateway's load balancers."""
    balancers = _get(place, gateway_id).load_balancers
    return [(row.address_type, row.status) for row in balancers]


def test_every_action_is_a_method_of_the_sdk(place):
    for action in apig.SERVICE.actions:
        method = re.sub(r"(?<=.)(?=[A-Z])", "_", action).lower()
        assert hasattr(place.apig, method), action


def test_a_gateway_reads_as_written(place):
    gateway_id = create_gateway(
        place.cloud,
        place.network,
        "written",
        resourceGroupId="rg-acfmsandboxother",
        tag=[{"key": "stack", "value": "dev"}],
        spec="aigw.medium.x1",
    )
    gateway = _get(place, gateway_id)
    assert (gateway.name, gateway.gateway_type) == ("written", "AI")
    assert (gateway.gateway_edition, gateway.charge_type) == ("Professional", "POSTPAY")
    assert (gateway.spec, gateway.vpc.vpc_id) == ("aigw.medium.x1", place.network.vpc_id)
    assert gateway.resource_group_id == "rg-acfmsandboxother"
    zones = [(row.zone_id, row.v_switch.v_switch_id) for row in gateway.zones]
    assert zones == list(zip(ZONES, place.network.vswitch_ids, strict=True))
    (tag,) = gateway.tags
    assert (tag.key, tag.value) == ("stack", "dev")
    assert gateway.v_switch is None


def test_the_gateways_own_vswitch_is_returned_if_requested(place):
    vswitch_id = place.network.vswitch_ids[0]
    gateway_id = _create(place, zoneConfig={"selectOption": "Auto", "vSwitchId": vswitch_id})
    gateway = _get(place, gateway_id)
    assert (gateway.v_switch.v_switch_id, gateway.zones) == (vswitch_id, [])


def test_a_gateway_is_created_and_deleted_in_the_background(place):
    gateway_id = _create(place)
    assert _get(place, gateway_id).status == "Creating"
    assert _balancers(place, gateway_id) == [("Intranet", "NotCreate")]
    wait_for(lambda: place.cloud.state.gateways[gateway_id].status == "Running", "it runs")
    assert _balancers(place, gateway_id) == [("Intranet", "Ready")]
    (environment,) = _get(place, gateway_id).environments
    place.apig.delete_gateway(gateway_id)
    assert _get(place, gateway_id).status == "Deleting"
    wait_for(lambda: gateway_id not in place.cloud.state.gateways, "it is gone")
    with refused("NotFound.GatewayNotFound", 404):
        place.apig.get_gateway(gateway_id)
    with refused("NotFound.EnvironmentNotFound", 404):
        place.apig.get_environment(environment.environment_id, models.GetEnvironmentRequest())


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"networkAccessConfig": None}, "IsEmpty", "networkAccessConfig"),
        (
            {"networkAccessConfig": {"type": "Everywhere"}},
            "WithValue",
            "networkAccessConfig.type",
        ),
        ({"name": ""}, "IsEmpty", "name"),
        ({"chargeType": "FREE"}, "WithValue", "chargeType"),
        ({"gatewayType": "Cloud"}, "WithValue", "gatewayType"),
        ({"zoneConfig": None}, "IsEmpty", "zoneConfig"),
        ({"zoneConfig": {"selectOption": "All"}}, "WithValue", "zoneConfig.selectOption"),
        (
            {"zoneConfig": {"zones": [{"zoneId": "a", "vSwitchId": "vsw-1"}]}},
            "WithValue",
            "zoneConfig.zones",
        ),
        ({"zoneConfig": {"vSwitchId": "vsw-absent"}}, "WithValue", "zoneConfig"),
        ({"vpcId": "vpc-absent"}, "WithValue", "zoneConfig"),
    ],
    ids=str,
)
def test_each_invalid_field_of_a_gateway_is_refused(place, changed, reason, field):
    before = _listed(place)
    with refused(f"InvalidParameter.{reason}", field=field):
        _create(place, **changed)
    assert _listed(place) == before


def test_an_absent_resource_group_is_refused(place):
    with refused("InvalidResourceGroup.NotFound", 404):
        _create(place, resourceGroupId="rg-absent")


def test_a_gateway_is_renamed(place):
    gateway_id = _create(place)
    name = place.new_name("renamed")
    place.apig.update_gateway_name(gateway_id, models.UpdateGatewayNameRequest(name=name))
    assert _get(place, gateway_id).name == name


def test_the_network_of_a_gateway_changes_in_place(place):
    gateway_id = _create(place)
    for network, expected in (
        ("private&pubnet", ["Intranet", "Internet"]),
        ("pubnet", ["Internet"]),
        ("privatenet", ["Intranet"]),
    ):
        request = models.UpdateNetworkAccessRequest(network_access_type=network)
        place.apig.update_network_access(gateway_id, request)
        assert list(dict(_balancers(place, gateway_id))) == expected


def test_a_gateway_restarts_in_the_background(place):
    gateway_id = create_gateway(place.cloud, place.network, place.new_name("restarted"))
    place.apig.restart_gateway(gateway_id)
    assert _get(place, gateway_id).status == "Restarting"
    with refused("Conflict.GatewayNotRunning", 409):
        place.apig.restart_gateway(gateway_id)
    wait_for(lambda: _get(place, gateway_id).status == "Running", "it runs again")


def test_the_maintenance_period_reads_as_written(place):
    gateway_id = _create(place)

    def change(**times: str) -> None:
        period = models.UpdateGatewayMaintenancePeriodRequestMaintenancePeriod(**times)
        request = models.UpdateGatewayMaintenancePeriodRequest(maintenance_period=period)
        place.apig.update_gateway_maintenance_period(gateway_id, request)

    assert _get(place, gateway_id).maintenance_period is None
    change(start_time="02:00", end_time="06:30")
    period = _get(place, gateway_id).maintenance_period
    assert (period.start_time, period.end_time) == ("02:00", "06:30")
    with refused("InvalidParameter.WithValue", field="maintenancePeriod.endTime"):
        change(start_time="02:00", end_time="24:00")
    with refused("InvalidParameter.IsEmpty", field="startTime"):
        change(end_time="06:30")


def test_the_features_set_on_a_gateway_are_listed(place):
    gateway_id = _create(place)
    request = models.UpdateGatewayFeatureRequest(value="true")
    place.apig.update_gateway_feature(gateway_id, "EnableHttp2", request)
    (feature,) = place.apig.list_gateway_features(gateway_id).body.data.items
    assert (feature.definition.name, feature.value) == ("EnableHttp2", "true")


def test_gateways_are_listed_by_each_filter(place):
    other = create_network(place.cloud, "10.40")
    name = place.new_name("filtered")
    gateway_id = create_gateway(place.cloud, other, name)
    assert _listed(place, gateway_id=gateway_id) == [gateway_id]
    assert _listed(place, name=name) == [gateway_id]
    assert _listed(place, keyword=name[:8]) == [gateway_id]
    assert _listed(place, vpc_id=other.vpc_id) == [gateway_id]
    assert _listed(place, gateway_type="API") == []
    assert gateway_id in _listed(place, resource_group_id="rg-acfmsandboxfirst")
    assert _listed(place, resource_group_id="rg-acfmsandboxnone") == []


def test_lists_are_paginated(place):
    for _ in range(3):
        _create(place)
    everything = _listed(place)
    assert len(set(everything)) == len(everything) >= 4
    for number in (1, 2):
        request = models.ListGatewaysRequest(page_number=number, page_size=2)
        page = place.apig.list_gateways(request).body.data
        assert (page.page_number, page.page_size) == (number, 2)
        assert page.total_size == len(everything)
        shown = [row.gateway_id for row in page.items]
        assert shown == everything[2 * number - 2 : 2 * number]


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ({"page_number": 0}, "pageNumber"),
        ({"page_size": 0}, "pageSize"),
        ({"page_size": 101}, "pageSize"),
    ],
    ids=str,
)
def test_an_invalid_page_is_refused(place, page, name):
    with refused("InvalidParameter.WithValue", field=name):
        place.apig.list_gateways(models.ListGatewaysRequest(**page))


def test_a_gateway_with_an_api_is_not_deleted(place):
    place.serve()
    with refused("Conflict.GatewayInUse", 409):
        place.apig.delete_gateway(place.gateway_id)


def test_load_balancers_of_one_vswitch_have_distinct_addresses(place):
    addresses = set()
    for _ in range(24):
        gateway_id = _create(place)
        addresses.add(place.cloud.state.gateways[gateway_id].address)
    assert len(addresses) == 24


def test_an_environment_is_created_changed_listed_and_deleted(place):
    name = place.new_name("env")
    body = {"gateway_id": place.gateway_id, "name": name, "description": "for tests"}
    request = models.CreateEnvironmentRequest(alias="Tests", **body)
    environment_id = place.apig.create_environment(request).body.data.environment_id

    def read() -> tuple[str, ...]:
        request = models.GetEnvironmentRequest()
        row = place.apig.get_environment(environment_id, request).body.data
        assert (row.default, row.gateway_info.gateway_id) == (False, place.gateway_id)
        return row.name, row.alias, row.description

    assert read() == (name, "Tests", "for tests")
    changed = models.UpdateEnvironmentRequest(alias="Others", description="x")
    place.apig.update_environment(environment_id, changed)
    assert read() == (name, "Others", "x")
    request = models.ListEnvironmentsRequest(gateway_id=place.gateway_id)
    listed = place.apig.list_environments(request).body.data.items
    ids = {row.environment_id for row in listed}
    assert {place.environment_id, environment_id} <= ids
    place.apig.delete_environment(environment_id)
    with refused("NotFound.EnvironmentNotFound", 404):
        place.apig.get_environment(environment_id, models.GetEnvironmentRequest())


def test_environments_are_listed_by_each_filter(place):
    gateway_name = place.cloud.state.gateways[place.gateway_id].name
    name = place.new_name("found")
    body = {"gateway_id": place.gateway_id, "name": name, "alias": "Found by alias"}
    request = models.CreateEnvironmentRequest(**body, resource_group_id="rg-acfmsandboxother")
    environment_id = place.apig.create_environment(request).body.data.environment_id
    for filters, found in (
        ({"name_like": name}, True),
        ({"alias_like": "by alias"}, True),
        ({"gateway_name_like": gateway_name}, True),
        ({"gateway_type": "AI"}, True),
        ({"resource_group_id": "rg-acfmsandboxother"}, True),
        ({"name_like": "absent"}, False),
        ({"alias_like": "absent"}, False),
        ({"gateway_name_like": "absent"}, False),
        ({"gateway_type": "API"}, False),
        ({"resource_group_id": "rg-acfmsandboxfirst"}, False),
    ):
        request = models.ListEnvironmentsRequest(page_size=100, **filters)
        rows = place.apig.list_environments(request).body.data.items
        ids = [row.environment_id for row in rows]
        assert (environment_id in ids) == found, filters


def test_an_environment_shows_the_vpc_if_asked(place):
    for asked, vpc_id in ((True, place.network.vpc_id), (False, None)):
        request = models.GetEnvironmentRequest(with_vpc_info=asked)
        row = place.apig.get_environment(place.environment_id, request).body.data
        shown = row.gateway_info.vpc_info
        assert (shown.vpc_id if shown else None) == vpc_id


def test_the_default_environment_is_not_deleted(place):
    with refused("Conflict.EnvironmentInUse", 409):
        place.apig.delete_environment(place.environment_id)


def test_an_environment_needs_an_existing_gateway(place):
    with refused("NotFound.GatewayNotFound", 404):
        request = models.CreateEnvironmentRequest(gateway_id="gw-absent", name="x")
        place.apig.create_environment(request)


def test_another_account_sees_no_gateway(place):
    second = place.cloud.cloud.catalog.accounts[1]
    keys = {"access_key_id": second.access_key_id, "access_key_secret": second.access_key_secret}
    other = Client(official.config(place.cloud, **keys))
    assert other.list_gateways(models.ListGatewaysRequest()).body.data.items == []
    with refused("NotFound.GatewayNotFound", 404):
        other.get_gateway(place.gateway_id)
