"""Changes of a model service: statuses, conflicts, workspaces, time limits, imports.

The cloud of these tests returns the service JSON as it was written.
"""

from __future__ import annotations

import base64
import json
import time

import pytest
from pulumi.runtime.proto import provider_pb2
from support.eas import ADDRESSES, CONFIG, SERVICE, inputs_of, row_of, with_path, written
from support.leaks import open_text
from support.provider import engine_for, plain, refused, unsealed
from support.sandbox_admin import inject_fault

from dashlink.cloud import retry
from dashlink.cloud.credentials import resolve_account
from dashlink.cloud.eas import EasApi
from dashlink.errors import CloudError
from dashlink_sandbox import Sandbox

NONE = provider_pb2.DiffResponse.DIFF_NONE


@pytest.fixture(scope="module")
def served():
    with Sandbox() as cloud, engine_for(cloud) as engine:
        yield cloud, engine


def test_another_spelling_is_returned_and_no_difference(served):
    _, engine = served
    config = with_path(CONFIG, "metadata.rpc", {"keepalive": 9000})
    refreshed = engine.refresh(engine.create(SERVICE, inputs_of("spelled", config)))
    primary = with_path(CONFIG, "rpc.keepalive", 9000)
    assert engine.diff(refreshed, inputs_of("spelled", config)).changes == NONE
    assert engine.diff(refreshed, inputs_of("spelled", primary)).changes == NONE


class TestStatuses:
    @pytest.mark.parametrize("status", ["Stopped", "Stopping", "Failed"], ids=str)
    def test_a_service_that_does_not_run_is_started(self, served, status):
        cloud, engine = served
        name = f"halted_{status.lower()}"
        created = engine.create(SERVICE, inputs_of(name))
        with written(cloud, name) as row:
            row.status, row.since = status, 0.0
        refreshed = engine.refresh(created)
        diff = engine.diff(refreshed, inputs_of(name))
        assert (diff.diffs, list(diff.replaces)) == (["status"], [])
        updated = engine.update(refreshed, inputs_of(name))
        assert row_of(cloud, name).status == "Running"
        assert engine.diff(engine.refresh(updated), inputs_of(name)).changes == NONE

    @pytest.mark.parametrize("status", ["Updating", "Scaling", "Running"], ids=str)
    def test_a_service_that_moves_is_left_alone(self, served, status):
        cloud, engine = served
        name = f"moving_{status.lower()}"
        created = engine.create(SERVICE, inputs_of(name))
        with written(cloud, name) as row:
            row.status = status
        assert engine.diff(engine.refresh(created), inputs_of(name)).changes == NONE

    @pytest.mark.parametrize("status", ["Stopped", "Failed"], ids=str)
    def test_the_addresses_wait_again_for_a_service_that_halted(self, served, status):
        cloud, engine = served
        name = f"addressed_{status.lower()}"
        engine.create(SERVICE, inputs_of(name))
        addresses = engine.create(ADDRESSES, {"name": name, "probe": False})
        with written(cloud, name) as row:
            row.status = status
        refreshed = engine.refresh(addresses)
        assert engine.diff(refreshed, {"name": name, "probe": False}).diffs == ["status"]
        assert status in refused(engine.update, refreshed, {"name": name, "probe": False})

    @pytest.mark.parametrize("status", ["Creating", "Pending", "Waiting", "Scaling"], ids=str)
    def test_a_wait_ends_with_the_status_and_the_time(self, served, status):
        cloud, engine = served
        name = f"slow_{status.lower()}"
        engine.create(SERVICE, inputs_of(name))
        with written(cloud, name) as row:
            row.status, row.since = status, 4e9
        inputs = {"name": name, "probe": False, "timeoutSeconds": 1}
        error = refused(engine.create, ADDRESSES, inputs)
        assert f"{name}: the EAS service is {status} after 1 s" in error


class TestConflicts:
    def test_a_change_waits_for_the_one_in_progress(self, served):
        cloud, engine = served
        created = engine.create(SERVICE, inputs_of("busy"))
        with written(cloud, "busy") as row:
            row.status, row.since = "Updating", time.time()
        changed = inputs_of("busy", with_path(CONFIG, "rpc.rate_limit", 3))
        engine.messages.clear()
        engine.update(created, changed)
        assert "waiting: the service is Updating" in engine.messages
        assert row_of(cloud, "busy").config["rpc"] == {"rate_limit": 3}

    def test_a_lost_answer_creates_nothing_twice(self, served):
        """The creation is repeated, and refused by HTTP 409 as the service is there."""
        cloud, engine = served
        inject_fault(cloud, product="EAS", kind="crash", action="CreateService")
        assert engine.create(SERVICE, inputs_of("lost")).id == "lost"
        assert not cloud.cloud.faults.active
        assert row_of(cloud, "lost").status == "Running"

    def test_a_run_that_ended_with_a_lost_answer_is_resumed(self, served, monkeypatch):
        cloud, engine = served
        with monkeypatch.context() as patched:
            patched.setattr(retry, "_ATTEMPTS", 1)
            inject_fault(cloud, product="EAS", kind="crash", action="CreateService")
            assert "cannot be reached" in refused(engine.create, SERVICE, inputs_of("ended"))
        changed = inputs_of("ended", with_path(CONFIG, "rpc.rate_limit", 9))
        assert engine.create(SERVICE, changed).id == "ended"
        assert row_of(cloud, "ended").config["rpc"] == {"rate_limit": 9}

    def test_a_name_that_others_take_meanwhile_is_refused(self, served, monkeypatch):
        _, engine = served
        engine.create(SERVICE, inputs_of("taken"))
        look, looks = EasApi.service, []

        def first_is_early(self, name):
            looks.append(name)
            return None if len(looks) == 1 else look(self, name)

        monkeypatch.setattr(EasApi, "service", first_is_early)
        others = inputs_of("taken") | {"tags": [{"key": "dashlink-stack", "value": "other"}]}
        error = refused(engine.create, SERVICE, others)
        assert "the account has an EAS service taken already" in error

    def test_a_refusal_has_its_status(self, served):
        _, engine = served
        engine.create(SERVICE, inputs_of("twice"))
        api = EasApi(resolve_account({"region": "cn-beijing"}))
        with pytest.raises(CloudError) as caught:
            api.create_service({**CONFIG, "metadata": {"name": "twice", "instance": 1}}, None, {})
        assert caught.value.status == 409


def test_a_workspace_is_changed_in_place(served):
    cloud, engine = served
    created = engine.create(SERVICE, inputs_of("moves", workspaceId="4711"))
    before = row_of(cloud, "moves").service_id
    other = inputs_of("moves", workspaceId="4712")
    diff = engine.diff(engine.refresh(created), other)
    assert (diff.diffs, list(diff.replaces)) == (["workspaceId"], [])
    updated = engine.update(created, other)
    assert row_of(cloud, "moves").workspace_id == "4712"
    assert row_of(cloud, "moves").service_id == before
    assert engine.diff(engine.refresh(updated), other).changes == NONE


def test_an_import_seals_the_login_of_a_registry(served):
    _, engine = served
    engine.create(SERVICE, inputs_of("foreign", dockerAuth="user:pass-of-others"))
    read = engine.import_(SERVICE, "foreign")
    assert "dockerAuth" not in unsealed(read.inputs)["config"]
    encoded = base64.b64encode(b"user:pass-of-others").decode()
    assert encoded not in json.dumps(open_text(plain(read.inputs)))


def test_an_update_without_a_type_keeps_a_key_that_is_left_out(served):
    """What the alicloud provider sends: its plan never becomes empty."""
    cloud, engine = served
    config = with_path(CONFIG, "rpc", {"rate_limit": 5})
    engine.create(SERVICE, inputs_of("merged", config))
    api = EasApi(resolve_account({"region": "cn-beijing"}))
    body = with_path(CONFIG, "metadata", {"name": "merged", "instance": 2})
    path = "/api/v2/services/cn-beijing/merged"
    api._api.roa("update", "UpdateService", "PUT", path, body=body)
    assert row_of(cloud, "merged").config["metadata"]["instance"] == 2
    assert row_of(cloud, "merged").config["rpc"] == {"rate_limit": 5}
