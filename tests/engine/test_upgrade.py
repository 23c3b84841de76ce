"""States that earlier versions wrote: nothing is replaced, and no consumer loses access.

A state of 0.1.0.dev1 has one `ConsumerAuthorization` for a consumer and a Model API; the first `up`
replaces them by one `ModelApiAuthorization` for an API, which adopts the rules in the cloud.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from support.base_stacks import assert_no_model_apis
from support.stacks import Stack

from dashlink_sandbox import Sandbox
from dashlink_sandbox.dialects import Dialect

pytestmark = pytest.mark.engine

RECORDED = Path(__file__).parents[1] / "upgrade"
VERSIONS = sorted(folder.name for folder in RECORDED.iterdir() if folder.is_dir())
PASSPHRASE = "sandbox"  # of the sandbox stack, public
RETIRED = "dashlink:gateway:ConsumerAuthorization"
RIGHTS = "dashlink:gateway:ModelApiAuthorization"
CONTENTS = "dashlink:network:ForeignContents"
# Rules outlive their API and consumer, and nothing with rules can be deleted: no source states it.
DIALECTS = {
    "kept": Dialect.of({"authorizations-of-deleted": "kept"}),
    "refused": Dialect.of({"authorizations-of-deleted": "refused"}),
}
every_version = pytest.mark.parametrize("version", VERSIONS, ids=VERSIONS)


def identities(document):
    """The ids of the cloud's resources by URN, without those of authorizations."""
    ids = {}
    for resource in document["deployment"]["resources"]:
        token = resource["type"]
        if (
            "id" in resource
            and "providers" not in token
            and token not in (RETIRED, RIGHTS, CONTENTS)
        ):
            ids[resource["urn"]] = resource["id"]
    return ids


def resources_of(document, token):
    return [one for one in document["deployment"]["resources"] if one["type"] == token]


def rights(cloud):
    """The rule of each right: consumer, API and environment."""
    return {
        (rule.consumer_id, rule.resource_id, rule.environment_id): rule.rule_id
        for rule in cloud.state.authorization_rules.values()
    }


def calls_of(cloud, *actions):
    """The actions that were called whose names contain one of these."""
    log = [call["action"] for call in cloud.cloud.log()]
    return [name for name in log if any(action in name for action in actions)]


@contextmanager
def recorded_stack(version, folder, engine, dialect=None):
    """A cloud and a stack in the recorded state."""
    recorded = RECORDED / version
    state_file = folder / "cloud" / "state.json"
    state_file.parent.mkdir()
    shutil.copy(recorded / "cloud.json", state_file)
    with Sandbox(state_file=state_file, dialect=dialect) as cloud:
        stack = Stack(folder / "project", engine, cloud.env, "sandbox", PASSPHRASE)
        stack.create({})
        settings = (recorded / "Pulumi.sandbox.yaml").read_text()
        stack.write_settings(yaml.safe_load(settings))
        imported = stack.run("stack", "import", "--file", str(recorded / "stack.json"))
        assert imported.returncode == 0, imported
        yield cloud, stack


def unprotect(stack):
    """Do what docs/operations.md describes for a protected stack of 0.1.0.dev1."""
    done = stack.run("state", "unprotect", "--all", "--yes")
    assert done.returncode == 0, done


@every_version
def test_an_older_state_is_upgraded_without_a_gap(version, tmp_path, engine):
    before = json.loads((RECORDED / version / "stack.json").read_text())
    with recorded_stack(version, tmp_path, engine) as (cloud, stack):
        if any(resource.get("protect") for resource in before["deployment"]["resources"]):
            unprotect(stack)
        planned = {"create": set(), "delete": set()}
        for step in stack.preview_steps():
            token = (step.get("newState") or step["oldState"])["type"]
            planned.setdefault(step["op"], set()).add(token)
        assert (planned.pop("create"), planned.pop("delete")) == ({RIGHTS, CONTENTS}, {RETIRED})
        assert set(planned) <= {"update"}

        granted = rights(cloud)
        stack.deploy()
        assert rights(cloud) == granted
        assert calls_of(cloud, "AuthorizationRules", "AuthorizationRule") != []
        assert calls_of(cloud, "CreateConsumerAuth", "DeleteConsumerAuth", "RemoveConsumer") == []

        assert stack.preview() == {}
        stack.refresh()
        after = stack.export("--show-secrets")
        assert identities(after) == identities(before)
        shown = {}
        for resource in resources_of(after, RIGHTS):
            for consumer_id, rule_id in resource["outputs"]["ruleIds"].items():
                outputs = resource["outputs"]
                shown[consumer_id, outputs["modelApiId"], outputs["environmentId"]] = rule_id
        assert shown == granted
        assert resources_of(after, RETIRED) == []


def test_a_protected_older_state_is_refused_and_unchanged(tmp_path, engine):
    version = "0.1.0.dev1-consumers"
    with recorded_stack(version, tmp_path, engine) as (cloud, stack):
        granted = rights(cloud)
        assert "protect" in stack.refused()
        assert rights(cloud) == granted
        unprotect(stack)
        stack.deploy()
        assert rights(cloud) == granted
        after = stack.export()
        assert all(resource.get("protect") for resource in resources_of(after, RIGHTS))
        assert all(one["protect"] for one in resources_of(after, "dashlink:gateway:ModelApi"))


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_an_older_state_is_destroyed_without_an_upgrade(dialect, tmp_path, engine):
    version = "0.1.0.dev1-consumers"
    with recorded_stack(version, tmp_path, engine, dialect) as (cloud, stack):
        assert len(rights(cloud)) == 5
        unprotect(stack)
        stack.destroy()
        assert_no_model_apis(cloud)
