"""States that earlier versions wrote: this version replaces no resource of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from support.stacks import Stack

from dashlink_sandbox import Sandbox

pytestmark = pytest.mark.engine

RECORDED = Path(__file__).parents[1] / "upgrade"
VERSIONS = sorted(folder.name for folder in RECORDED.iterdir() if folder.is_dir())
PASSPHRASE = "sandbox"  # of the sandbox stack, public


def identities(document):
    """The ids of the cloud's resources by URN."""
    ids = {}
    for resource in document["deployment"]["resources"]:
        if "id" in resource and "providers" not in resource["type"]:
            ids[resource["urn"]] = resource["id"]
    return ids


@pytest.mark.parametrize("version", VERSIONS, ids=VERSIONS)
def test_a_recorded_stack_previews_without_a_change(version, folder, engine):
    recorded = RECORDED / version
    state_file = folder / "cloud" / "state.json"
    state_file.parent.mkdir()
    shutil.copy(recorded / "cloud.json", state_file)
    with Sandbox(state_file=state_file) as cloud:
        stack = Stack(folder / "project", engine, cloud.env, "sandbox", PASSPHRASE)
        stack.create({})
        settings = (recorded / "Pulumi.sandbox.yaml").read_text()
        stack.write_settings(yaml.safe_load(settings))
        imported = stack.run("stack", "import", "--file", str(recorded / "stack.json"))
        assert imported.returncode == 0, imported
        assert stack.preview() == {}
        stack.deploy()  # the engine, the plugin and the cloud agree on the recorded state
        assert stack.preview() == {}
        stack.refresh()
        before = json.loads((recorded / "stack.json").read_text())
        assert identities(stack.export("--show-secrets")) == identities(before)
