"""AI gateways and their environments, by the official SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_apig20240327 import models
from alibabacloud_apig20240327.client import Client
from support import official
from support.gateways import ZONES, Place, gateway_body, make_gateway, make_network, refused, standing, until

from dashlink_sandbox.services import apig


@pytest.fixture(scope="module")
def place():
    with standing() as made:
        yield made


def _create(place: Place, **changed: Any) -> str:
    request = models.CreateGatewayRequest().from_map(gateway_body(place.network, place.new_name("gw"), **changed))
    return place.apig.create_gateway(request).body.data.gateway_id


def _get(place: Place, gateway_id: str) -> models.GetGatewayResponseBodyData:
    return place.apig.get_gateway(gateway_id).body.data


def _listed(place: Place, **filters: Any) -> list[str]:
    found = place.apig.list_gateways(models.ListGatewaysRequest(page_size=100, **filters)).body.data.items
    return [row.gateway_id for row in found]


def _statuses(place: Place) -> dict[str, str]:
    return {row.gateway_id: row.status for row in place.cloud.state.gateways.values()}


def test_every_action_that_is_served_is_a_method_of_the_sdk(place):
    def words(action: str) -> str:
        return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in action)[1:]

    assert [action for action in apig.SERVICE.actions if not hasattr(place.apig, words(action))] == []


def test_a_gateway_reads_as_it_was_written(place):
    tag = [{"key": "stack", "value": "dev"}]
    gateway_id = make_gateway(
        place.cloud, place.network, "written", resourceGroupId="rg-acfmsandboxother", tag=tag, spec="aigw.medium.x1"
    )
    found = _get(place, gateway_id)
    assert (found.name, found.gateway_type, found.gateway_edition, found.charge_type, found.spec) == (
        "written",
        "AI",
        "Professional",
        "POSTPAY",
        "aigw.medium.x1",
    )
    assert (found.vpc.vpc_id, found.resource_group_id) == (place.network.vpc_id, "rg-acfmsandboxother")
    assert [(row.zone_id, row.v_switch.v_switch_id) for row in found.zones] == list(
        zip(ZONES, place.network.vswitch_ids, strict=True)
    )
    assert [(row.key, row.value) for row in found.tags] == [("stack", "dev")]
    assert found.v_switch is None


def test_a_vswitch_of_its_own_is_answered_only_where_it_was_declared(place):
    gateway_id = _create(place, zoneConfig={"selectOption": "Auto", "vSwitchId": place.network.vswitch_ids[0]})
    found = _get(place, gateway_id)
    assert (found.v_switch.v_switch_id, found.zones) == (place.network.vswitch_ids[0], [])


def test_a_gateway_is_being_created_then_runs_then_is_being_deleted_then_is_gone(place):
    gateway_id = _create(place)
    created = _get(place, gateway_id)
    assert (created.status, created.load_balancers[0].status) == ("Creating", "NotCreate")
    until("it runs", lambda: _statuses(place)[gateway_id] == "Running")
    assert _get(place, gateway_id).load_balancers[0].status == "Ready"
    (environment,) = _get(place, gateway_id).environments
    place.apig.delete_gateway(gateway_id)
    assert _get(place, gateway_id).status == "Deleting"
    until("it is gone", lambda: gateway_id not in _statuses(place))
    with refused("NotFound.GatewayNotFound", 404):
        place.apig.get_gateway(gateway_id)
    with refused("NotFound.EnvironmentNotFound", 404):
        place.apig.get_environment(environment.environment_id, models.GetEnvironmentRequest())


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"networkAccessConfig": None}, "MissingnetworkAccessConfig"),
        ({"networkAccessConfig": {"type": "Everywhere"}}, "InvalidParameter.networkAccessConfig.type"),
        ({"zoneConfig": None}, "InvalidParameter.zoneConfig"),
        ({"zoneConfig": {"vSwitchId": "vsw-absent"}}, "InvalidParameter.zoneConfig"),
        ({"vpcId": "vpc-absent"}, "InvalidParameter.zoneConfig"),
    ],
)
def test_a_gateway_is_refused_for_each_rule_that_it_breaks(place, changed, code):
    before = _listed(place)
    with refused(code):
        _create(place, **changed)
    assert _listed(place) == before


def test_a_resource_group_that_is_not_there_is_refused(place):
    with refused("InvalidResourceGroup.NotFound", 404):
        _create(place, resourceGroupId="rg-absent")


def test_a_gateway_is_renamed(place):
    gateway_id = _create(place)
    name = place.new_name("renamed")
    place.apig.update_gateway_name(gateway_id, models.UpdateGatewayNameRequest(name=name))
    assert _get(place, gateway_id).name == name


def test_a_gateway_gets_another_network(place):
    gateway_id = _create(place)
    seen = []
    for kind in ("private&pubnet", "pubnet", "privatenet"):
        place.apig.update_network_access(gateway_id, models.UpdateNetworkAccessRequest(network_access_type=kind))
        seen.append([row.address_type for row in _get(place, gateway_id).load_balancers])
    assert seen == [["Intranet", "Internet"], ["Internet"], ["Intranet"]]


def test_features_that_were_set_are_listed(place):
    gateway_id = _create(place)
    request = models.UpdateGatewayFeatureRequest(value="true")
    place.apig.update_gateway_feature(gateway_id, "EnableHttp2", request)
    found = place.apig.list_gateway_features(gateway_id).body.data.items
    assert [(row.definition.name, row.value) for row in found] == [("EnableHttp2", "true")]


def test_gateways_are_found_by_each_filter(place):
    other = make_network(place.cloud, "10.40")
    name = place.new_name("filtered")
    gateway_id = make_gateway(place.cloud, other, name)
    for filters in ({"gateway_id": gateway_id}, {"name": name}, {"keyword": name[:8]}, {"vpc_id": other.vpc_id}):
        assert _listed(place, **filters) == [gateway_id]
    assert _listed(place, gateway_type="API") == []


def test_a_list_comes_in_pages(place):
    for _ in range(3):
        _create(place)
    pages = [
        place.apig.list_gateways(models.ListGatewaysRequest(page_number=number, page_size=2)).body.data
        for number in (1, 2)
    ]
    assert [(page.page_number, page.page_size) for page in pages] == [(1, 2), (2, 2)]
    assert pages[0].total_size == pages[1].total_size >= 4
    shown = [row.gateway_id for page in pages for row in page.items]
    assert len(set(shown)) == 4


@pytest.mark.parametrize("asked", [{"page_number": 0}, {"page_size": 0}, {"page_size": 101}])
def test_a_page_that_cannot_be_is_refused(place, asked):
    name = "PageNumber" if "page_number" in asked else "PageSize"
    with refused(f"InvalidParameter.{name}"):
        place.apig.list_gateways(models.ListGatewaysRequest(**asked))


def test_a_gateway_with_an_api_is_not_deleted(place):
    place.serve()
    with refused("Conflict.GatewayInUse", 409):
        place.apig.delete_gateway(place.gateway_id)


def test_load_balancers_of_one_vswitch_have_addresses_of_their_own(place):
    made = [_create(place) for _ in range(24)]
    assert len({place.cloud.state.gateways[each].address for each in made}) == len(made)


def test_an_environment_lives_its_life(place):
    asked = {"gateway_id": place.gateway_id, "name": place.new_name("env"), "description": "for tests"}
    made = place.apig.create_environment(models.CreateEnvironmentRequest(alias="Tests", **asked))
    environment_id = made.body.data.environment_id

    def read() -> tuple:
        found = place.apig.get_environment(environment_id, models.GetEnvironmentRequest()).body.data
        return found.name, found.alias, found.description, found.default, found.gateway_info.gateway_id

    assert read() == (asked["name"], "Tests", "for tests", False, place.gateway_id)
    place.apig.update_environment(environment_id, models.UpdateEnvironmentRequest(alias="Others", description="x"))
    assert read() == (asked["name"], "Others", "x", False, place.gateway_id)
    listed = place.apig.list_environments(models.ListEnvironmentsRequest(gateway_id=place.gateway_id)).body.data
    assert {place.environment_id, environment_id} <= {row.environment_id for row in listed.items}
    place.apig.delete_environment(environment_id)
    with refused("NotFound.EnvironmentNotFound", 404):
        place.apig.get_environment(environment_id, models.GetEnvironmentRequest())


def test_the_default_environment_is_not_deleted(place):
    with refused("Conflict.EnvironmentInUse", 409):
        place.apig.delete_environment(place.environment_id)


def test_an_environment_needs_a_gateway_that_is_there(place):
    with refused("NotFound.GatewayNotFound", 404):
        place.apig.create_environment(models.CreateEnvironmentRequest(gateway_id="gw-absent", name="x"))


def test_another_account_sees_none_of_it(place):
    second = place.cloud.cloud.catalog.accounts[1]
    keys = {"access_key_id": second.access_key_id, "access_key_secret": second.access_key_secret}
    other = Client(official.config(place.cloud, **keys))
    assert other.list_gateways(models.ListGatewaysRequest()).body.data.items == []
    with refused("NotFound.GatewayNotFound", 404):
        other.get_gateway(place.gateway_id)
