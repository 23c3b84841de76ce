"""Failures of a stack on the real engine: wrong settings, an interrupted wait, a lost zone."""

from __future__ import annotations

import os
import signal
from copy import deepcopy

import pytest
from support.base_stacks import assert_no_network, assert_settled
from support.sandbox_admin import console, set_zone_status
from support.stacks import UP
from support.waiting import wait_for

pytestmark = pytest.mark.engine

PARTNER = "epsrv-2zesandboxpartner"
ZONE = "cn-beijing-h"
CONFIG = {
    "alicloud:region": "cn-beijing",
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": [ZONE, "cn-beijing-k"]},
    "dashlink:endpoints": {
        "partner": {"service_id": PARTNER, "profile": "plain", "connection_timeout_seconds": 3600},
    },
}


def test_all_faults_of_the_settings_are_reported_at_once(create_stack, cloud):
    config = deepcopy(CONFIG)
    config["dashlink:network"]["zones"].append(ZONE)
    config["dashlink:endpoint"] = {}
    config["dashlink:clients"] = ["dotnev"]
    refusal = create_stack(config).refused()
    file = "stacks/Pulumi.test.yaml"
    for fault in (
        "clients: unknown client format (got dotnev). Did you mean dotenv?",
        "endpoint: unknown key. Did you mean endpoints?",
        f"network.zones: a zone is listed twice (got {ZONE}). List each zone once.",
    ):
        assert f"{file}: {fault}" in refusal
    assert not cloud.state.vpcs
    assert not cloud.state.private_zones


def test_service_and_zone_are_checked_before_up_starts(create_stack, cloud):
    config = deepcopy(CONFIG)
    config["dashlink:network"] = {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-a", ZONE]}
    finance = {"service_id": "epsrv-zm0qfzkk1lcxfr3efci8", "profile": "dashscope-finance"}
    dashscope = {"service": "com.aliyuncs.dashscope"}
    config["dashlink:endpoints"] = {"finance": finance, "dashscope": dashscope}
    refusal = create_stack(config).refused()
    elsewhere = "endpoints.finance.service_id: not offered to this account in cn-beijing"
    zone = "network.zones: com.aliyuncs.dashscope is not offered in this zone (got cn-beijing-a)"
    assert elsewhere in refusal  # a service of another region
    assert zone in refusal
    assert not cloud.state.vpcs
    assert not cloud.state.private_zones


@pytest.fixture(scope="class")
def partner(create_stack):
    """A stack whose endpoint waits for acceptance, not deployed."""
    return create_stack(CONFIG)


@pytest.fixture(scope="class")
def interruption(partner):
    """Interrupt `up` while it waits; return its exit code and output."""
    file = partner.folder / "output"
    with file.open("w") as output:
        engine = partner.start(*UP, output=output)
        waiting = "access-partner-connection creating"
        wait_for(lambda: waiting in file.read_text(), waiting, seconds=300)
        os.killpg(engine.pid, signal.SIGINT)
        returncode = engine.wait(timeout=60)
    partner.log.append(file.read_text())
    return returncode, file.read_text()


@pytest.fixture(scope="class")
def ended(partner, interruption):
    """Wait until the interrupted run has no process."""
    wait_for(lambda: partner.processes() == [], "every process ends", seconds=30)


@pytest.fixture(scope="class")
def endpoint_id(cloud, interruption):
    """The endpoint that the interrupted run created."""
    (endpoint_id,) = cloud.state.endpoints
    return endpoint_id


@pytest.fixture(scope="class")
def timeout(partner, ended):
    """The output of a second `up`, with a short time-out."""
    config = deepcopy(CONFIG)
    config["dashlink:endpoints"]["partner"]["connection_timeout_seconds"] = 2
    partner.configure(config)
    return partner.refused()


@pytest.fixture(scope="class")
def accepted(cloud, partner, endpoint_id, timeout):
    """The stack after the service's owner accepted the connection."""
    console(cloud, "accept", endpoint_id=endpoint_id)
    partner.deploy()
    return partner


@pytest.fixture(scope="class")
def lost_zone(cloud, accepted, endpoint_id):
    """Disconnect a zone and refresh; return the output of the refresh."""
    set_zone_status(cloud, endpoint_id, ZONE, "Disconnected")
    refresh = accepted.run("refresh", "--yes", "--skip-preview", "--diff")
    assert refresh.returncode == 0, refresh
    return refresh.output


class TestWaitForAcceptance:
    def test_an_interruption_ends_up_without_a_traceback(self, interruption):
        returncode, output = interruption
        assert returncode != 0
        assert "Traceback" not in output

    def test_an_interruption_leaves_no_process(self, partner, ended):
        assert partner.processes() == []

    def test_a_timeout_names_endpoint_and_cause(self, timeout, endpoint_id):
        assert f"{endpoint_id}: waiting for acceptance by the owner of {PARTNER}" in timeout
        assert "it resumes, nothing is created twice" in timeout

    def test_a_later_up_creates_nothing_twice(self, cloud, accepted, endpoint_id):
        state = cloud.state
        assert set(state.endpoints) == {endpoint_id}
        assert (len(state.vpcs), len(state.vswitches), len(state.security_groups)) == (1, 2, 1)
        assert_settled(accepted)

    def test_a_refresh_reports_a_lost_zone(self, accepted, lost_zone):
        assert "~ dashlink:endpoint:EndpointConnection: " in lost_zone
        assert ZONE in lost_zone
        assert accepted.preview() == {"update": ["access-partner-connection"]}

    def test_up_fails_while_the_zone_is_lost(self, accepted, lost_zone):
        assert f"zone {ZONE} is Disconnected" in accepted.refused()

    def test_up_succeeds_once_the_zone_is_back(self, cloud, accepted, lost_zone, endpoint_id):
        set_zone_status(cloud, endpoint_id, ZONE, "Connected")
        accepted.deploy()
        assert accepted.preview() == {}

    def test_destroy_leaves_nothing(self, cloud, accepted):
        accepted.destroy()
        assert_no_network(cloud)
