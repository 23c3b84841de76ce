"""Recovery: what a run created in the cloud and not in the state is found there and imported.

The stack is the recorded one of `tests/recovery`, with a resource of every type. A resource is lost
by its removal from the state, as after a run whose answer did not arrive, or by a real kill.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.doc_blocks import ROOT, blocks, shows
from support.kills import kill_during
from support.processes import kill
from support.recorded import (
    as_pulumi_stack,
    name_of,
    put_state,
    recorded_cloud,
    recorded_stack,
    recorded_state,
    resources_of,
    without,
)
from support.sandbox_admin import inject_fault
from support.stacks import UP
from support.waiting import wait_for

from dashlink.recovery import recover

pytestmark = pytest.mark.engine

WAY_OUT = "Run `dashlink up test`"
DOUBLE = "the cloud has a second one of this name"
STALL_SECONDS = 600


@pytest.fixture(scope="class")
def cloud(folder):
    """The recorded cloud."""
    with recorded_cloud(folder) as sandbox:
        yield sandbox


@pytest.fixture(scope="class")
def stack(folder, engine, cloud):
    """The recorded stack, with an empty state."""
    return recorded_stack(folder, engine, cloud)


@pytest.fixture(autouse=True)
def environment(cloud, monkeypatch):
    """This process reaches the sandbox as the stack's commands do."""
    for name, value in cloud.env.items():
        monkeypatch.setenv(name, value)


def is_alicloud(resource):
    return resource["type"].startswith("alicloud:")


def recover_now(stack):
    """Recover without a hint that a run was killed, and return what was recovered."""
    return recover(as_pulumi_stack(stack), echo=stack.log.append)


def lose(stack, *names):
    """Take resources out of the state, by their logical names."""
    put_state(stack, without(recorded_state(), lambda one: name_of(one) in names))


def written(cloud):
    """The actions that changed the cloud since the log was last cleared."""
    reads = ("Describe", "Get", "List", "Query")
    calls = [call["action"] for call in cloud.cloud.log()]
    return [action for action in calls if not action.startswith(reads)]


def changes(stack):
    """Planned operations on resources of the alicloud provider, by name.

    The program may declare resources of dashlink that the recorded state does not have yet.
    """
    planned = {}
    for step in stack.preview_steps():
        if "alicloud:" in step["urn"].rpartition("::")[0].rpartition("$")[2]:
            planned[step["urn"].rpartition("::")[2]] = step["op"]
    return planned


def documented(start):
    """A text of docs/operations.md about the stack `dev`, for the stack `test`."""
    page = ROOT / "docs" / "operations.md"
    (block,) = [one for one in blocks(page) if one.text.startswith(start)]
    return re.sub(r"\bdev\b", "test", block.text)


def links(document):
    """Type and dependencies of each resource, by its name."""
    found = {}
    for resource in filter(is_alicloud, resources_of(document)):
        found[name_of(resource)] = sorted(map(str, resource.get("dependencies") or ()))
    return found


@pytest.fixture(scope="class")
def recovered(stack, cloud):
    """Recover a state that has the components, and no resource of the alicloud provider."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in cloud.env.items():
            patch.setenv(name, value)
        put_state(stack, without(recorded_state(), is_alicloud))
        return recover(as_pulumi_stack(stack), echo=stack.log.append, suspect=True)


class TestEverythingLost:
    def test_every_resource_is_taken_into_the_state(self, recovered):
        lost = {name_of(one) for one in filter(is_alicloud, resources_of(recorded_state()))}
        assert set(recovered.adopted) == lost
        assert recovered.blocked == ()

    def test_nothing_is_changed_in_the_cloud(self, cloud, recovered):
        assert written(cloud) == []

    def test_the_next_preview_changes_nothing(self, stack, recovered):
        assert changes(stack) == {}

    def test_the_state_knows_what_depends_on_what(self, stack, recovered):
        assert links(stack.export()) == links(recorded_state())

    def test_a_second_recovery_reads_no_cloud(self, stack, cloud, recovered):
        stack.deploy()
        calls = len(cloud.cloud.log())
        assert recover_now(stack).adopted == ()
        assert len(cloud.cloud.log()) == calls


class TestPlainUp:
    """`pulumi up` alone, with a state that lacks what the cloud has."""

    @pytest.mark.parametrize(
        ("name", "cloud_id"),
        [
            ("access-egress-eip", "eip-"),
            ("access-connections-cen", "cen-"),
            ("access-dashscope-cn-beijing-h", "ep-"),
            ("access-dashscope-record", "record "),
        ],
        ids=["EIP", "CEN", "zone of an endpoint", "record"],
    )
    def test_a_second_resource_is_refused(self, stack, cloud, name, cloud_id):
        lose(stack, name)
        refusal = stack.refused()
        assert f"{name}: exists already in the cloud (got {cloud_id}" in refusal
        assert WAY_OUT in refusal
        assert written(cloud) == []

    def test_the_message_is_the_documented_one(self, stack, cloud):
        lose(stack, "access-egress-eip")
        message = " ".join(documented("access-egress-eip: exists").split())
        assert re.search(re.escape(message).replace("…", "[a-z0-9]+"), stack.refused())

    def test_the_way_out_leads_out(self, stack):
        assert recover_now(stack).adopted == ("access-egress-eip",)
        stack.deploy()
        assert stack.preview() == {}

    def test_a_replacement_is_not_refused(self, stack, cloud):
        (urn,) = [
            one["urn"] for one in resources_of(stack.export()) if name_of(one).endswith("-eip")
        ]
        done = stack.run(*UP, "--replace", urn)
        assert done.returncode == 0, done
        assert len(cloud.state.eips) == 1


TAGGED_LATER = {
    "access-cn-beijing-h": "vswitches",
    "access-egress-eip": "eips",
    "access-egress-nat-gateway": "nat_gateways",
    "access-gateway-ai-gateway": "gateways",
    "access-connections-peered-peering": "peer_connections",
}
"""Table of the sandbox's records by the name of a resource that gets its tags by a second call."""


class TestKilledBeforeTheTags:
    def test_the_next_up_sends_the_tags_and_replaces_nothing(self, stack, cloud):
        ids = {name_of(one): one.get("id") for one in resources_of(recorded_state())}
        draft = cloud.cloud.draft()
        for name, table in TAGGED_LATER.items():
            records = getattr(draft, table)
            records[ids[name]] = records[ids[name]].model_copy(update={"tags": {}})
        cloud.cloud.replace(draft)
        lose(stack, *TAGGED_LATER)
        done = recover(as_pulumi_stack(stack), echo=stack.log.append, suspect=True)
        assert sorted(done.adopted) == sorted(TAGGED_LATER)
        assert changes(stack) == dict.fromkeys(TAGGED_LATER, "update")
        stack.deploy()
        assert stack.preview() == {}


class TestTwoOfOneName:
    def test_a_person_has_to_decide(self, stack, cloud):
        draft = cloud.cloud.draft()
        (first,) = draft.eips
        other = draft.eips[first].model_copy(update={"allocation_id": "eip-second"})
        draft.eips["eip-second"] = other
        cloud.cloud.replace(draft)
        lose(stack, "access-egress-eip")
        done = recover(as_pulumi_stack(stack), echo=stack.log.append, suspect=True)
        assert done.adopted == ()
        (line,) = done.blocked
        assert "access-egress-eip: the state does not have what the cloud has" in line
        command = "aliyun vpc ReleaseEipAddress --RegionId cn-beijing --AllocationId eip-second"
        assert command in line


DOMAIN = "access-gateway-domain-models.example.internal"


def _without_endpoint_zone(draft):
    (endpoint,) = draft.endpoints.values()
    del endpoint.zones["cn-beijing-h"]


def _without_record(draft):
    (zone,) = [one for one in draft.private_zones.values() if one.name.startswith("vpc-")]
    zone.records.clear()


def _without_private_zone(draft):
    (zone,) = [one for one in draft.private_zones.values() if one.name.startswith("models.")]
    del draft.private_zones[zone.zone_id]


def never_create(stack, cloud, remove, *names):
    """Go back to before the creation of resources: neither state nor cloud has them."""
    draft = cloud.cloud.draft()
    remove(draft)
    cloud.cloud.replace(draft)
    lose(stack, *names)


ZONE = ("access-dashscope-cn-beijing-h", "Privatelink", "AddZoneToVpcEndpoint")
RECORD = ("access-dashscope-record", "pvtz", "AddZoneRecord")
CASES = {
    "zone of an endpoint": (*ZONE, _without_endpoint_zone),
    "record": (*RECORD, _without_record),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


class TestKilledWhileItCreates:
    @every_case
    def test_the_next_run_has_it_in_its_state(self, stack, cloud, case):
        name, product, action, remove = case
        never_create(stack, cloud, remove, name)
        kill_during(stack, cloud, action, "stall", product=product)
        assert recover_now(stack).adopted == (name,)
        printed = documented("Stack dev: a run was ended")
        assert printed.partition("\n")[0] in stack.log
        assert name not in printed or shows("\n".join(stack.log), printed)
        stack.deploy()
        assert stack.preview() == {}
        assert stack.export()["deployment"].get("pending_operations") in (None, [])


def _alicloud_plugins(stack):
    """Ids of the processes of the stack's alicloud plugin, one for each provider."""
    found = []
    for process_id in stack.processes():
        command = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")[0]
        if command.endswith(b"pulumi-resource-alicloud"):
            found.append(process_id)
    return found


class TestKilledPlugin:
    """The engine lives, and its plugin of the alicloud provider is killed: nothing is pending."""

    def test_what_it_created_is_found_all_the_same(self, stack, cloud):
        name, product, action, remove = CASES["record"]
        never_create(stack, cloud, remove, name)
        inject_fault(cloud, kind="stall", product=product, action=action, seconds=STALL_SECONDS)
        log = stack.folder / "plugin.log"
        with log.open("w") as output:
            engine = stack.start(*UP, output=output)
        wait_for(lambda: not cloud.cloud.faults.active, action, seconds=180)
        for plugin in _alicloud_plugins(stack):
            kill(plugin)
        assert engine.wait(timeout=120) != 0
        assert stack.export()["deployment"].get("pending_operations") in (None, [])
        assert recover_now(stack).adopted == (name,)
        stack.deploy()
        assert stack.preview() == {}


class TestLostAnswers:
    """The plugin lives, and does not get the answer to a creation."""

    def test_the_same_client_token_creates_no_second_one(self, stack, cloud):
        name, product, action, remove = CASES["zone of an endpoint"]
        never_create(stack, cloud, remove, name)
        inject_fault(cloud, kind="crash", product=product, action=action)
        stack.deploy()
        assert stack.preview() == {}

    def test_a_record_that_exists_is_imported(self, stack, cloud):
        name, product, action, remove = CASES["record"]
        never_create(stack, cloud, remove, name)
        inject_fault(cloud, kind="crash", product=product, action=action)
        stack.refused()
        assert recover_now(stack).adopted == (name,)
        stack.deploy()
        assert stack.preview() == {}

    def test_a_second_private_zone_is_reported(self, stack, cloud):
        names = (f"{DOMAIN}-zone", f"{DOMAIN}-record", f"{DOMAIN}-attachment")
        never_create(stack, cloud, _without_private_zone, *names)
        before = set(cloud.state.private_zones)
        inject_fault(cloud, kind="crash", product="pvtz", action="AddZone")
        refusal = stack.refused()
        orphan, kept = sorted(set(cloud.state.private_zones) - before)
        assert f"{DOMAIN}-zone: {DOUBLE} (got {orphan})" in refusal
        assert f"aliyun pvtz DeleteZone --ZoneId {orphan}" in refusal
        assert kept in {one.get("id") for one in resources_of(stack.export())}
        assert recover_now(stack).adopted == ()
        assert any(f"{DOUBLE} (got {orphan})" in line for line in stack.log)
        stack.deploy()
        assert stack.preview() == {}


class TestSecondGateway:
    """A gateway is created without a client token, so that a repeated request creates another."""

    def test_it_is_reported_and_the_old_one_is_not(self, stack, cloud):
        put_state(stack, recorded_state())
        before = set(cloud.state.gateways)
        gateway = "alicloud:apig/gateway:Gateway"
        (urn,) = [one["urn"] for one in resources_of(recorded_state()) if one["type"] == gateway]
        inject_fault(cloud, kind="crash", product="APIG", action="CreateGateway")
        done = stack.run(*UP, "--replace", urn)
        assert done.returncode != 0, done
        created = set(cloud.state.gateways) - before
        (kept,) = created & {one.get("id") for one in resources_of(stack.export())}
        (orphan,) = created - {kept}
        assert f"access-gateway-ai-gateway: {DOUBLE} (got {orphan})" in done.output
        assert f"aliyun apig DELETE /v1/gateways/{orphan}" in done.output


class TestByHand:
    """The commands of docs/operations.md."""

    def test_an_import_with_its_component_as_parent_changes_nothing(self, stack):
        state = recorded_state()
        (group,) = [one for one in resources_of(state) if name_of(one) == "access-security-group"]
        lose(stack, "access-security-group")
        kind, cloud_id, parent = group["type"], group["id"], group["parent"]
        done = stack.run(
            *("import", kind, name_of(group), cloud_id, "--parent", f"network={parent}"),
            *("--generate-code=false", "--protect=false", "--yes"),
        )
        assert done.returncode == 0, done
        assert changes(stack) == {}


class TestEmptyState:
    """The state has nothing, e.g. after its backend was lost."""

    def test_everything_is_found_and_nothing_is_created_twice(self, stack, cloud):
        refusal = stack.refused()
        assert WAY_OUT in refusal
        done = recover_now(stack)
        assert done.blocked == ()
        lost = {name_of(one) for one in filter(is_alicloud, resources_of(recorded_state()))}
        assert set(done.adopted) == lost
        assert set(changes(stack).values()) <= {"update"}  # a record waits for the gateway
        recorded = {one["urn"]: one.get("id") for one in resources_of(recorded_state())}
        for resource in filter(is_alicloud, resources_of(stack.export())):
            assert resource["id"] == recorded[resource["urn"]]
