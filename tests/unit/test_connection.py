"""The wait for an endpoint: every way that it can end, on a clock of its own."""

from __future__ import annotations

import pytest

from dashlink.errors import CloudError
from dashlink.provider.endpoint.connection import read_connection, wait_until_connected
from dashlink.provider.endpoint.privatelink import EndpointReading
from dashlink.provider.waiting import Operation
from dashlink.resources.models.endpoint_connection import ConnectedZone, EndpointConnectionInputs

INPUTS = EndpointConnectionInputs(
    endpoint_id="ep-1",
    region="cn-beijing",
    zone_ids=("cn-beijing-k", "cn-beijing-h"),
    timeout_seconds=60,
)


def reading(
    *, status="Active", connection="Connected", business="Normal", zones=("Connected", "Connected")
):
    names = ("cn-beijing-h", "cn-beijing-k")
    return EndpointReading(
        status=status,
        connection_status=connection,
        business_status=business,
        endpoint_domain="ep-1.dashscope.cn-beijing.privatelink.aliyuncs.com",
        service_id="epsrv-1",
        service_name="com.aliyuncs.dashscope",
        zones={
            zone: ConnectedZone(
                domain=f"{zone}.ep-1",
                address="10.20.0.2",
                eni_id="eni-1",
                vswitch_id="vsw-1",
                status=state,
            )
            for zone, state in zip(names, zones, strict=False)
        },
    )


class Scripted:
    """A cloud with scripted readings, the last one repeated; and a clock that only pauses move."""

    def __init__(self, *readings, cancelled_after=None):
        self.readings = list(readings)
        self.cancelled_after = cancelled_after
        self.now = 0.0
        self.reported = []
        self.pauses = []

    def read(self, endpoint_id):
        assert endpoint_id == "ep-1"
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]

    def wait(self, inputs=INPUTS):
        def pause(seconds):
            self.pauses.append(seconds)
            self.now += seconds

        return wait_until_connected(
            inputs,
            self,
            Operation(
                account=None,
                report=self.reported.append,
                cancelled=lambda: (
                    self.cancelled_after is not None and self.now >= self.cancelled_after
                ),
                clock=lambda: self.now,
                pause=pause,
            ),
        )


def test_a_connected_endpoint_needs_no_wait():
    cloud = Scripted(reading())
    state = cloud.wait()
    assert cloud.pauses == []
    assert list(state.zones) == ["cn-beijing-h", "cn-beijing-k"]
    assert state.service_id == "epsrv-1"


def test_each_change_of_status_is_reported_once():
    creating = reading(status="Creating", connection="Pending", zones=())
    half = reading(connection="Connecting", zones=("Connected", "Connecting"))
    cloud = Scripted(creating, creating, half, half, reading())
    cloud.wait()
    assert cloud.reported == [
        "waiting: the endpoint is Creating",
        "waiting: zone cn-beijing-k is Connecting, the connection Connecting",
    ]
    assert cloud.pauses == sorted(cloud.pauses)


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (
            reading(connection="Pending", zones=("Wait", "Wait")),
            "ep-1: waiting for acceptance by the owner of epsrv-1 (zone cn-beijing-h is Wait, the "
            "connection Pending after 60 s). Ask the owner to accept this endpoint, then `up` "
            "again: it resumes, nothing is created twice.",
        ),
        (
            reading(connection="Disconnected", zones=("Disconnected", "Disconnected")),
            "ep-1: rejected or disconnected by the owner of epsrv-1 (zone cn-beijing-h is "
            "Disconnected, the connection Disconnected). Ask the owner to accept this endpoint, "
            "then `up` again: nothing is created twice.",
        ),
        (
            reading(connection="Connecting", zones=("Connected", "Connecting")),
            "ep-1: not connected after 60 s (zone cn-beijing-k is Connecting, the connection "
            "Connecting). Look at the endpoint in the PrivateLink console; a larger "
            "`connection_timeout_seconds` waits longer.",
        ),
        (
            reading(zones=("Connected",)),
            "ep-1: not connected after 60 s (zone cn-beijing-k is not in the endpoint). Look at "
            "the endpoint in the PrivateLink console; a larger `connection_timeout_seconds` "
            "waits longer.",
        ),
    ],
    ids=["not accepted", "rejected", "one zone connecting", "one zone missing"],
)
def test_a_timed_out_wait_has_the_reason_and_advice(last, error):
    cloud = Scripted(last)
    with pytest.raises(CloudError) as caught:
        cloud.wait()
    assert str(caught.value) == error
    assert cloud.now == INPUTS.timeout_seconds  # no pause goes past the end


@pytest.mark.parametrize(
    ("now", "error"),
    [
        (
            None,
            "ep-1: there is no such endpoint in cn-beijing. If the stack has created it, `up "
            "--refresh` creates it again; if the settings name it by `id`, write that of another.",
        ),
        (
            reading(business="FinancialLocked"),
            "ep-1: locked for an overdue payment. Settle the account's bill, then",
        ),
        (
            reading(connection="ServiceDeleted"),
            "ep-1: the endpoint or its service epsrv-1 is being deleted.",
        ),
        (reading(status="Deleting"), "ep-1: the endpoint or its service epsrv-1 is being deleted."),
    ],
    ids=["no endpoint", "locked", "service deleted", "being deleted"],
)
def test_a_hopeless_wait_ends_at_once(now, error):
    cloud = Scripted(now)
    with pytest.raises(CloudError) as caught:
        cloud.wait()
    assert str(caught.value).startswith(error)
    assert cloud.pauses == []


def test_a_cancelled_wait_ends_at_the_next_probe():
    cloud = Scripted(reading(connection="Pending", zones=("Wait", "Wait")), cancelled_after=5)
    with pytest.raises(CloudError, match="the wait was cancelled while zone cn-beijing-h is Wait"):
        cloud.wait()
    assert cloud.now < 15


def test_a_refresh_reads_a_zone_that_lost_its_connection():
    state = read_connection(
        INPUTS, Scripted(reading(connection="Connected", zones=("Connected", "Disconnected")))
    )
    assert {zone: found.status for zone, found in state.zones.items()} == {
        "cn-beijing-h": "Connected",
        "cn-beijing-k": "Disconnected",
    }


@pytest.mark.parametrize(
    "gone", [None, reading(connection="ServiceDeleted")], ids=["no endpoint", "service deleted"]
)
def test_a_refresh_reads_that_the_endpoint_is_gone(gone):
    assert read_connection(INPUTS, Scripted(gone)) is None
