"""The checks of connections of workspaces, against a cloud in memory."""

from __future__ import annotations

import re

import pytest
from support.memory_cloud import ZONES, MemoryCloud

from dashlink.errors import CloudError
from dashlink.preflight import find
from dashlink.preflight.lookups import ExistingWorkspace
from dashlink.settings import StackSettings

REGION = "cn-beijing"
PUBLIC = "llm-34o9.cn-beijing.maas.aliyuncs.com"
PRIVATE = "llm-34o9-vpc-1.cn-beijing.maas.aliyuncs.com"
SOUND = ExistingWorkspace("ws-1", PUBLIC, REGION)


def findings(found, host=PRIVATE, region=REGION):
    settings = StackSettings(
        network={"vpc_id": "vpc-1", "zones": ZONES},
        endpoints={"studio": {"workspace": {"workspace_id": "ws-1", "host": host}}},
    )
    return find(settings, MemoryCloud(workspaces={"ws-1": found}), region)


@pytest.mark.parametrize(
    "host",
    [PRIVATE, "ws-1-vpc-1.cn-beijing.maas.aliyuncs.com"],
    ids=["label of the public host", "id of the workspace"],
)
def test_a_host_that_fits_has_no_findings(host):
    found = findings(SOUND, host)
    assert (found.faults, found.warnings) == ((), ())


@pytest.mark.parametrize(
    ("workspace", "host", "where", "problem"),
    [
        (SOUND, PUBLIC, "host", "the workspace's public host"),
        (
            ExistingWorkspace("ws-1", "llm-34o9.cn-hongkong.maas.aliyuncs.com", "cn-hongkong"),
            PRIVATE,
            "workspace_id",
            "a workspace in cn-hongkong",
        ),
    ],
    ids=["public host", "other region"],
)
def test_what_cannot_work_is_a_fault(workspace, host, where, problem):
    (fault,) = map(str, findings(workspace, host).faults)
    assert fault.startswith(f"endpoints.studio.workspace.{where}: {problem}")


@pytest.mark.parametrize(
    ("workspace", "host", "problem"),
    [
        (None, PRIVATE, "workspace_id: ListWorkspaces shows no workspace of this id"),
        (SOUND, "llm-else-vpc-1.cn-beijing.maas.aliyuncs.com", f"host: unlike the .* {PUBLIC}"),
        (SOUND, "studio.example.internal", f"host: unlike the .* {PUBLIC}"),
    ],
    ids=["not shown", "other label", "other domain"],
)
def test_what_is_probably_wrong_is_a_warning(workspace, host, problem):
    found = findings(workspace, host)
    assert found.faults == ()
    (warning,) = map(str, found.warnings)
    assert re.match(f"endpoints.studio.workspace.{problem}", warning)


def test_an_account_that_may_not_ask_gets_a_warning():
    refused = CloudError("cannot look up the workspace: no permission", code="NoPermission")
    found = findings(refused)
    assert found.faults == ()
    (warning,) = map(str, found.warnings)
    assert "not compared with the account's workspaces: cannot look up the workspace" in warning


def test_a_region_without_the_api_is_not_asked():
    refused = CloudError("must not be asked", code="None")
    found = findings(refused, "llm-1-vpc-1.cn-shanghai.maas.aliyuncs.com", "cn-shanghai")
    assert (found.faults, found.warnings) == ((), ())
