"""The wait for a gateway's addresses, and the one request that changes its networks."""

from __future__ import annotations

import pytest

from dashlink.errors import CloudError
from dashlink.provider.gateway import addresses
from dashlink.provider.gateway.addresses import GatewayAddressesHandler
from dashlink.provider.waiting import Operation
from dashlink.resources.models.gateway_addresses import GatewayAddressesInputs

PRIVATE = "privatenet"
BOTH = "private&pubnet"
NOT_READY = "waiting: its load balancers are not ready"


def gateway(status="Running", **load_balancers):
    """A gateway with one load balancer of each type and its status."""
    rows = []
    for address_type, state in load_balancers.items():
        address = f"{address_type.lower()}.example.com"
        rows.append({"addressType": address_type, "status": state, "address": address})
    return {
        "gatewayType": "AI",
        "status": status,
        "environments": [{"environmentId": "env-1"}],
        "vpc": {"vpcId": "vpc-1"},
        "version": "2.1.13",
        "loadBalancers": rows,
    }


ONLY_PRIVATE = gateway(Intranet="Ready")
OPENING = gateway(Intranet="Ready", Internet="NotCreate")
OPEN = gateway(Intranet="Ready", Internet="Ready")


class Scripted:
    """A cloud with scripted gateways, the last one repeated, and a clock that only pauses move."""

    def __init__(self, *gateways, refusal=None):
        self.gateways = list(gateways)
        self.refusal = refusal
        self.requested = []
        self.reported = []
        self.now = 0.0

    def gateway(self, gateway_id):
        assert gateway_id == "gw-1"
        return self.gateways.pop(0) if len(self.gateways) > 1 else self.gateways[0]

    def change_network_access(self, gateway_id, access):
        if self.refusal is not None:
            raise self.refusal
        self.requested.append((gateway_id, access))

    @property
    def operation(self):
        def pause(seconds):
            self.now += seconds

        return Operation(
            account=None,
            report=self.reported.append,
            cancelled=lambda: False,
            clock=lambda: self.now,
            pause=pause,
        )


@pytest.fixture
def scripted(monkeypatch):
    def create(*gateways, refusal=None):
        cloud = Scripted(*gateways, refusal=refusal)
        monkeypatch.setattr(addresses, "apig", lambda account: cloud)
        return cloud

    return create


def inputs(access):
    return GatewayAddressesInputs(gateway_id="gw-1", network_access=access, timeout_seconds=60)


def create(cloud, access):
    _, state = GatewayAddressesHandler().create(inputs(access), cloud.operation)
    return state


def update(cloud, access):
    return GatewayAddressesHandler().update("gw-1", inputs(access), None, cloud.operation)


def test_an_address_on_the_internet_is_added_and_awaited(scripted):
    cloud = scripted(ONLY_PRIVATE, ONLY_PRIVATE, OPENING, OPEN)
    state = update(cloud, BOTH)
    assert state.internet_addresses == ("internet.example.com",)
    assert cloud.requested == [("gw-1", BOTH)]
    assert cloud.reported == [NOT_READY]


def test_the_update_ends_when_the_public_address_is_gone(scripted):
    cloud = scripted(OPEN, OPEN, gateway(status="Upgrading", Intranet="Ready"), ONLY_PRIVATE)
    state = update(cloud, PRIVATE)
    assert (state.intranet_addresses, state.internet_addresses) == (("intranet.example.com",), ())
    assert cloud.requested == [("gw-1", PRIVATE)]
    assert cloud.reported == [
        "waiting: its address on the internet is being removed",
        "waiting: the gateway is Upgrading",
    ]


def test_a_public_address_without_an_instance_counts_as_gone(scripted):
    cloud = scripted(OPEN, OPENING)
    assert update(cloud, PRIVATE).internet_addresses == ()


@pytest.mark.parametrize("change", [create, update], ids=["new", "existing"])
@pytest.mark.parametrize(
    ("there", "access"),
    [(ONLY_PRIVATE, PRIVATE), (OPEN, BOTH), (OPEN, None), (ONLY_PRIVATE, None)],
    ids=["private", "public", "public unmanaged", "private unmanaged"],
)
def test_nothing_is_requested_where_the_networks_are_right(scripted, change, there, access):
    cloud = scripted(there)
    change(cloud, access)
    assert cloud.requested == []


def test_a_lost_private_address_is_added_again(scripted):
    cloud = scripted(gateway(Internet="Ready"), ONLY_PRIVATE)
    update(cloud, PRIVATE)
    assert cloud.requested == [("gw-1", PRIVATE)]


@pytest.mark.parametrize("before", [OPENING, gateway()], ids=["announced", "without addresses"])
def test_a_new_gateway_gets_its_addresses_without_a_request(scripted, before):
    cloud = scripted(before, OPEN)
    assert create(cloud, BOTH).internet_addresses == ("internet.example.com",)
    assert cloud.requested == []


def test_a_missing_instance_of_an_existing_gateway_is_requested(scripted):
    cloud = scripted(OPENING, OPEN)
    update(cloud, BOTH)
    assert cloud.requested == [("gw-1", BOTH)]


def test_nothing_is_requested_of_a_gateway_that_does_not_run(scripted):
    cloud = scripted(gateway(status="Restarting", Intranet="Ready"), ONLY_PRIVATE)
    update(cloud, PRIVATE)
    assert cloud.requested == []


def test_an_address_that_stays_is_an_error_with_its_gateway(scripted):
    with pytest.raises(CloudError) as caught:
        update(scripted(OPEN), PRIVATE)
    assert str(caught.value) == (
        "gw-1: its address on the internet is being removed after 60 s. `up` again."
    )


def test_a_refused_change_is_reported_as_it_is(scripted):
    refusal = CloudError("cannot change the network access of the gateway: no")
    with pytest.raises(CloudError, match="no"):
        update(scripted(ONLY_PRIVATE, refusal=refusal), BOTH)


@pytest.mark.parametrize(
    ("known", "there", "read"),
    [
        (PRIVATE, OPEN, BOTH),
        (BOTH, ONLY_PRIVATE, PRIVATE),
        (BOTH, gateway(Internet="Ready"), "pubnet"),
        (PRIVATE, gateway(), None),
        (None, OPEN, None),
    ],
    ids=["opened", "closed", "private lost", "no address", "unmanaged"],
)
def test_a_read_returns_the_networks_of_a_managed_gateway(scripted, known, there, read):
    cloud = scripted(there)
    current, _ = GatewayAddressesHandler().read("gw-1", inputs(known), None, cloud.operation)
    assert current.network_access == read


@pytest.mark.parametrize(
    ("intranet", "internet", "access"),
    [(["a"], [], PRIVATE), (["a"], ["b"], BOTH), ([], ["b"], "pubnet"), ([], [], None)],
    ids=["private", "both", "public", "none"],
)
def test_an_older_state_has_the_networks_of_its_addresses(intranet, internet, access):
    older = {"gatewayId": "gw-1"}
    outputs = {"intranetAddresses": intranet, "internetAddresses": internet}
    recorded = GatewayAddressesHandler().recorded(older, outputs)
    assert recorded == {"gatewayId": "gw-1", "networkAccess": access}
    newer = {"gatewayId": "gw-1", "networkAccess": PRIVATE}
    assert GatewayAddressesHandler().recorded(newer, outputs) == newer
