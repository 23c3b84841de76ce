"""The network access of a gateway, from the provider to the cloud: changed in place, with drift."""

from __future__ import annotations

from alibabacloud_apig20240327 import models
from pulumi.runtime.proto import provider_pb2
from support.provider import Created, struct, unsealed

NONE = provider_pb2.DiffResponse.DIFF_NONE
PRIVATE = "privatenet"
BOTH = "private&pubnet"


def addresses(base, access=None):
    inputs = {"gatewayId": base.gateway_id, "timeoutSeconds": 60}
    return inputs if access is None else {**inputs, "networkAccess": access}


def set_network(base, access):
    """Change the networks of the gateway by the official SDK, behind the provider's back."""
    request = models.UpdateNetworkAccessRequest(network_access_type=access)
    base.client.update_network_access(base.gateway_id, request)


def requests_for_networks(base, since):
    log = base.cloud.cloud.log()[since:]
    return [call for call in log if call["action"] == "UpdateNetworkAccess"]


def public_addresses(base):
    answer = base.client.get_gateway(base.gateway_id).body.data
    rows = answer.load_balancers
    return sorted(row.address for row in rows if row.address_type == "Internet")


def as_older_version(created):
    """The resource as a version without network access has stored it."""
    inputs = unsealed(created.inputs)
    properties = unsealed(created.properties)
    for values in (inputs, properties):
        values.pop("networkAccess", None)
    return Created(created.urn, created.id, struct(inputs), struct(properties))


def test_an_address_on_the_internet_comes_and_goes_in_place(engine, base):
    set_network(base, PRIVATE)
    created = engine.create("GatewayAddresses", addresses(base, PRIVATE))
    diff = engine.diff(created, addresses(base, BOTH))
    assert (list(diff.diffs), list(diff.replaces)) == (["networkAccess"], [])
    opened = engine.update(created, addresses(base, BOTH))
    assert unsealed(opened.properties)["internetAddresses"] == public_addresses(base) != []
    closed = engine.update(opened, addresses(base, PRIVATE))
    assert unsealed(closed.properties)["internetAddresses"] == public_addresses(base) == []


def test_a_gateway_with_its_networks_gets_no_request(engine, base):
    set_network(base, BOTH)
    before = len(base.cloud.cloud.log())
    engine.create("GatewayAddresses", addresses(base, BOTH))
    assert requests_for_networks(base, before) == []


def test_a_refresh_finds_an_added_address_and_up_removes_it(engine, base):
    set_network(base, PRIVATE)
    created = engine.create("GatewayAddresses", addresses(base, PRIVATE))
    set_network(base, BOTH)
    refreshed = engine.refresh(created)
    assert unsealed(refreshed.inputs)["networkAccess"] == BOTH
    diff = engine.diff(refreshed, addresses(base, PRIVATE))
    assert (list(diff.diffs), list(diff.replaces)) == (["networkAccess"], [])
    engine.update(refreshed, addresses(base, PRIVATE))
    assert public_addresses(base) == []


def test_an_older_state_is_no_change(engine, base):
    for access in (PRIVATE, BOTH):
        set_network(base, access)
        older = as_older_version(engine.create("GatewayAddresses", addresses(base, access)))
        assert engine.diff(older, addresses(base, access)).changes == NONE


def test_a_refresh_of_an_older_state_finds_an_added_address(engine, base):
    set_network(base, PRIVATE)
    older = as_older_version(engine.create("GatewayAddresses", addresses(base, PRIVATE)))
    set_network(base, BOTH)
    refreshed = engine.refresh(older)
    diff = engine.diff(refreshed, addresses(base, PRIVATE))
    assert (list(diff.diffs), list(diff.replaces)) == (["networkAccess"], [])
    engine.update(refreshed, addresses(base, PRIVATE))
    assert public_addresses(base) == []


def test_an_existing_gateway_keeps_its_networks(engine, base):
    set_network(base, BOTH)
    before = len(base.cloud.cloud.log())
    created = engine.create("GatewayAddresses", addresses(base))
    refreshed = engine.refresh(created)
    assert unsealed(refreshed.inputs) == unsealed(created.inputs)
    assert engine.diff(refreshed, addresses(base)).changes == NONE
    assert requests_for_networks(base, before) == []


def test_a_preview_of_a_change_leaves_the_new_address_unknown(engine, base):
    set_network(base, PRIVATE)
    created = engine.create("GatewayAddresses", addresses(base, PRIVATE))
    before = unsealed(created.properties)
    planned = unsealed(engine.update(created, addresses(base, BOTH), preview=True).properties)
    changed = {name for name in before if planned[name] != before[name]}
    assert changed == {"networkAccess", "internetAddresses"}
    assert public_addresses(base) == []


def test_an_imported_gateway_has_its_networks(engine, base):
    set_network(base, BOTH)
    read = engine.import_("GatewayAddresses", base.gateway_id)
    assert unsealed(read.inputs)["networkAccess"] == BOTH
