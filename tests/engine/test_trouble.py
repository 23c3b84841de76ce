"""What goes wrong on the way, on the real engine: told in one line, nothing made too early, nothing made twice."""

from __future__ import annotations

import os
import signal
import subprocess
from copy import deepcopy

import pytest
from support.trouble import console, processes_of, until

pytestmark = pytest.mark.engine

PARTNER = "epsrv-2zesandboxpartner"
CONFIG = {
    "alicloud:region": "cn-beijing",
    "dashlink:network": {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-h", "cn-beijing-k"]},
    "dashlink:endpoints": {
        "partner": {"service_id": PARTNER, "profile": "plain", "connection_timeout_seconds": 3600},
    },
}


def test_all_faults_are_told_before_anything_is_made(make_stack, cloud):
    wrong = deepcopy(CONFIG)
    wrong["dashlink:network"]["zones"].append("cn-beijing-h")
    wrong["dashlink:endpoint"] = {}
    wrong["dashlink:clients"] = ["dotnev"]
    stack = make_stack(wrong)
    refused = stack.up()
    assert refused.code != 0
    for line in (
        "stacks/Pulumi.test.yaml: clients: unknown client format (got dotnev). Did you mean dotenv?",
        "stacks/Pulumi.test.yaml: endpoint: unknown key. Did you mean endpoints?",
        "stacks/Pulumi.test.yaml: network.zones: a zone is named twice (got cn-beijing-h). Name each zone once.",
    ):
        assert line in refused.output
    assert "Traceback" not in refused.output

    closed = deepcopy(CONFIG)
    closed["dashlink:network"] = {"cidr": "10.20.0.0/16", "zones": ["cn-beijing-a", "cn-beijing-h"]}
    closed["dashlink:endpoints"] = {
        "closed": {"service_id": "epsrv-zm0sandboxclosed", "profile": "dashscope-finance"},
        "dashscope": {"service": "com.aliyuncs.dashscope"},
    }
    stack.configure(closed)
    refused = stack.up()
    assert refused.code != 0
    assert (
        "endpoints.closed.service_id: not offered to this account in cn-beijing" in refused.output
    )
    assert (
        "network.zones: com.aliyuncs.dashscope is not offered in this zone (got cn-beijing-a)"
        in refused.output
    )
    assert "Traceback" not in refused.output
    assert not cloud.state.vpcs
    assert not cloud.state.private_zones


def test_a_wait_is_interrupted_resumed_and_seen_in_a_refresh(make_stack, cloud):
    stack = make_stack(CONFIG)
    printed = stack.folder / "printed"
    with printed.open("w") as output:
        running = subprocess.Popen(
            [str(stack.engine.pulumi), "up", "--yes", "--skip-preview", "--non-interactive"],
            cwd=stack.folder,
            env=stack.environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        until(lambda: "access-partner-connection creating" in printed.read_text(), 300)
        os.killpg(running.pid, signal.SIGINT)
        assert running.wait(timeout=60) != 0
    stack.log.append(printed.read_text())
    assert "Traceback" not in printed.read_text()
    until(lambda: processes_of(stack) == [], 30)

    (endpoint_id,) = cloud.state.endpoints
    short = deepcopy(CONFIG)
    short["dashlink:endpoints"]["partner"]["connection_timeout_seconds"] = 2
    stack.configure(short)
    refused = stack.up()
    assert refused.code != 0
    assert f"{endpoint_id}: waiting for acceptance by the owner of {PARTNER}" in refused.output
    assert "it resumes, nothing is made twice" in refused.output

    console(cloud, "accept", endpoint_id=endpoint_id)
    stack.deploy()
    assert set(cloud.state.endpoints) == {endpoint_id}
    assert len(cloud.state.vpcs) == 1
    assert stack.plan() == {}

    console(
        cloud, "zone-status", endpoint_id=endpoint_id, zone_id="cn-beijing-h", status="Disconnected"
    )
    seen = stack.run("refresh", "--yes", "--skip-preview", "--diff")
    assert seen.code == 0
    assert "~ dashlink:endpoint:EndpointConnection: " in seen.output
    assert "cn-beijing-h" in seen.output
    assert stack.plan() == {"update": ["access-partner-connection"]}
    refused = stack.up()
    assert refused.code != 0
    assert "zone cn-beijing-h is Disconnected" in refused.output
    console(
        cloud, "zone-status", endpoint_id=endpoint_id, zone_id="cn-beijing-h", status="Connected"
    )
    stack.deploy()
    assert stack.plan() == {}
    stack.destroy()
    assert not cloud.state.vpcs
