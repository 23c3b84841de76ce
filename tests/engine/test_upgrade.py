"""States that earlier versions wrote: this version finds nothing to replace in them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml
from support.stacks import Stack

import dashlink_sandbox

pytestmark = pytest.mark.engine

RECORDED = Path(__file__).parents[1] / "upgrade"
VERSIONS = sorted(folder.name for folder in RECORDED.iterdir() if folder.is_dir())
PASSPHRASE = "sandbox"  # of the sandbox stack, public


@pytest.mark.parametrize("version", VERSIONS, ids=VERSIONS)
def test_a_recorded_stack_previews_without_a_change(version, tmp_path, engine):
    folder = RECORDED / version
    cloud_file = tmp_path / "cloud" / "state.json"
    cloud_file.parent.mkdir()
    shutil.copy(folder / "cloud.json", cloud_file)
    written = yaml.safe_load((folder / "Pulumi.sandbox.yaml").read_text())
    with dashlink_sandbox.Sandbox(state_file=cloud_file) as cloud:
        stack = Stack(
            tmp_path / "sandbox", engine, cloud.env, name="sandbox", passphrase=PASSPHRASE
        )
        stack.create({})
        stack.write_file(written)
        imported = stack.run("stack", "import", "--file", str(folder / "stack.json"))
        assert imported.code == 0, imported
        assert stack.plan() == {}
        stack.deploy()  # the engine, our plugin and the cloud agree on what was recorded
        assert stack.plan() == {}
        stack.refresh()
        exported = json.loads(stack.run("stack", "export", "--show-secrets").output)
        recorded = json.loads((folder / "stack.json").read_text())
        assert identities(exported) == identities(recorded)


def identities(document):
    """URN -> id of every resource in the cloud."""
    resources = document["deployment"]["resources"]
    return {
        one["urn"]: one["id"] for one in resources if "id" in one and "providers" not in one["type"]
    }
