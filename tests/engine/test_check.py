"""`dashlink check` on one stack with something of every kind: sound, and with one fault at a time.

The faults are in `support.planted`: each is named by its checks, and by no other.
"""

from __future__ import annotations

import json

import pytest
from support.checks import Checked, named
from support.cli import DASHLINK
from support.inside import vpc_environment
from support.planted import FAULTS, UNHEALTHY_SERVICE, Scene, make_unhealthy
from support.processes import run
from support.sandbox_admin import console, inject_fault
from support.whole_stack import SPARE, create_surroundings, set_secrets

from engine.process import clean_environment

pytestmark = pytest.mark.engine


@pytest.fixture(scope="class")
def stack(create_stack, cloud):
    """The deployed stack."""
    stack = create_stack(create_surroundings(cloud))
    set_secrets(stack, cloud)
    stack.deploy()
    return stack


@pytest.fixture(scope="class")
def outputs(stack):
    return stack.outputs()


@pytest.fixture(scope="class")
def files(stack, outputs, folder):
    """Options with the stack's settings and outputs."""
    file = folder / "outputs.json"
    file.write_text(json.dumps(outputs))
    return ["--settings", str(stack.settings_file), "--outputs", str(file)]


@pytest.fixture(scope="class")
def check(stack, outputs, cloud):
    """A function that checks the stack from outside; each call reads the cloud again."""
    return Checked(stack.settings_file, outputs, cloud)


@pytest.fixture
def scene(cloud, outputs):
    """A draft of the cloud for one fault; the cloud is as before after the test."""
    before = cloud.cloud.draft()
    yield Scene(cloud.cloud.draft(), outputs)
    cloud.cloud.replace(before)


@pytest.fixture(scope="class")
def inside(cloud, files):
    """A function that runs the command in a VPC."""

    def run_inside(vpc_id, *options):
        proxy = cloud.proxy.replace("http://", f"http://{vpc_id}:inside@")
        environment = {**clean_environment(), **vpc_environment(proxy, cloud.ca_file)}
        command = [DASHLINK, "check", "--from-inside", *files[2:], "--json", *options]
        done = run(command, environment=environment, seconds=120)
        return done, json.loads(done.stdout)["checks"]

    return run_inside


# No API shows a connection, and this machine does not reach the internet.
UNKNOWN = {
    ("endpoints.studio", "connection"),
    ("eas_services.linked", "answer"),
    ("eas_services.qwen", "answer"),
}


def failed(checks):
    return {(one["subject"], one["check"]) for one in checks if one["state"] == "failed"}


# The shared gateway's VPC address works in its own region, a dedicated one's in linked VPCs, and
# neither a peering nor CEN leads other VPCs to the way out of this one.
PEERED = {("eas_services.linked", "proxy"), ("maas_services.huawei", "proxy")}
REACHED = {"near": set(), "peered": PEERED, "far": {("eas_services.qwen", "proxy"), *PEERED}}
INSIDE = {
    "zone detached: near": {("endpoints.dashscope", "proxy")},
    "HTTPS closed to the VPC": {("endpoints.dashscope", "proxy")},
    "record deleted": {("endpoints.dashscope", "proxy")},
    "gateway does not run": {
        ("model_apis.chat", "models.example.internal proxy"),
        ("model_apis.chat", "secure.example.internal proxy"),
        ("model_apis.open", "models.example.internal proxy"),
        ("model_apis.open", "*.any.example.internal proxy"),
    },
    "API not deployed": {
        ("model_apis.chat", "models.example.internal http"),
        ("model_apis.chat", "secure.example.internal http"),
    },
    "API open to everybody": {
        ("model_apis.chat", "models.example.internal http"),
        ("model_apis.chat", "secure.example.internal http"),
    },
    "EAS stopped": {("eas_services.qwen", "http")},
    "SNAT entry deleted": {("maas_services.huawei", "proxy")},
}


class TestCheck:
    def test_a_sound_stack_has_no_failure(self, check):
        findings = check()
        assert named(findings) == set()
        unknown = {(one.subject, one.check) for one in findings if one.state == "not checked"}
        assert unknown == UNKNOWN

    @pytest.mark.parametrize("fault", FAULTS, ids=list(FAULTS))
    def test_a_fault_fails_the_checks_that_need_it(self, cloud, scene, check, fault):
        FAULTS[fault].change(scene)
        cloud.cloud.replace(scene.draft)
        findings = [one for one in check() if one.state == "failed"]
        assert named(findings) == scene.expected(FAULTS[fault].failed)
        assert FAULTS[fault].text in " ".join(one.message for one in findings)
        assert all(one.advice for one in findings)

    def test_a_service_that_is_unhealthy_is_named(self, cloud, scene, check):
        make_unhealthy(cloud, scene)
        findings = check()
        cloud.cloud.health.checked.clear()
        assert named(findings) == {UNHEALTHY_SERVICE}

    def test_what_may_not_be_read_is_not_checked(self, cloud, check):
        refusal = {"kind": "throttle", "code": "Forbidden.RAM", "times": 1000}
        inject_fault(cloud, product="Pvtz", action="DescribeZones", **refusal)
        findings = check()
        cloud.cloud.faults.active.clear()
        assert named(findings) == set()
        unknown = {one.check: one.message for one in findings if one.state == "not checked"}
        assert "Forbidden.RAM" in unknown["private zone"]

    def test_a_check_changes_nothing(self, cloud, check):
        before = cloud.state.model_copy(deep=True)
        count = len(cloud.cloud.log())
        check()
        actions = {row["action"] for row in cloud.cloud.log()[count:]}
        assert all(action.startswith(("Get", "List", "Describe", "Query")) for action in actions)
        assert cloud.state == before

    def test_the_command_prints_a_line_for_each_check(self, cloud, files):
        command = [DASHLINK, "check", *files]
        done = run(command, environment={**clean_environment(), **cloud.env}, seconds=120)
        assert done.returncode == 0, done
        lines = done.stdout.splitlines()
        assert any(line.split()[:3] == ["ok", "gateway", "status"] for line in lines)
        assert lines[-1].endswith(f" 0 failed, {len(UNKNOWN)} not checked")

    @pytest.mark.parametrize("place", REACHED, ids=list(REACHED))
    def test_each_vpc_reaches_what_it_can(self, inside, scene, place):
        done, checks = inside(getattr(scene, place))
        assert failed(checks) == REACHED[place], done
        assert done.returncode == (1 if REACHED[place] else 0)
        assert all(one["milliseconds"] for one in checks if one["check"].endswith("http"))

    @pytest.mark.parametrize("fault", INSIDE, ids=list(INSIDE))
    def test_a_fault_is_seen_from_inside(self, cloud, scene, inside, fault):
        FAULTS[fault].change(scene)
        cloud.cloud.replace(scene.draft)
        done, checks = inside(scene.near)
        assert failed(checks) == INSIDE[fault], done
        assert done.returncode == 1

    def test_a_service_behind_the_gateway_that_fails(self, cloud, scene, inside):
        console(cloud, "upstream", host=SPARE, vpc_id=scene.near, failing=503)
        done, checks = inside(scene.near, "--only", "model_apis.open")
        assert {check.split()[-1] for _, check in failed(checks)} == {"http"}, done

    def test_one_subject_alone_is_checked(self, inside, scene):
        done, checks = inside(scene.near, "--endpoint", "direct")
        assert done.returncode == 0
        assert {one["subject"] for one in checks} == {"endpoints.direct"}
