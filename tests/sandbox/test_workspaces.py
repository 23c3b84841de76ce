"""Private connections of Model Studio workspaces in the sandbox."""

from __future__ import annotations

import urllib.error

import pytest
from alibabacloud_modelstudio20260210 import models as studio_models
from alibabacloud_privatelink20200415 import models as privatelink_models
from support import official
from support.clouds import REGION, closed_port, create_network, create_vpc
from support.sandbox_admin import console

from dashlink.cloud.credentials import resolve_account
from dashlink.cloud.model_studio import ModelStudioApi
from dashlink_sandbox.inside import Allowed, Refusal, decide


def connect(sandbox, network, label="llm-34o9"):
    console(
        sandbox,
        "workspace",
        label=label,
        vpc_id=network.vpc_id,
        vswitch_ids=list(network.vswitch_ids),
        security_group_id=network.group_id,
    )
    return f"{label}-{network.vpc_id}.{REGION}.maas.aliyuncs.com"


def outcome(sandbox, vpc_id, host, port=443):
    return decide(sandbox.state, vpc_id, host, port)


def test_the_host_leads_to_the_models_in_its_vpc_by_https(sandbox):
    network = create_network(sandbox)
    host = connect(sandbox, network)
    reached = outcome(sandbox, network.vpc_id, host)
    assert isinstance(reached, Allowed)
    assert reached.service.tls_names == [host]
    refused = outcome(sandbox, network.vpc_id, host, 80)
    assert isinstance(refused, Refusal)
    assert "listens on 443, not on 80" in refused.cause


def test_the_host_does_not_resolve_in_another_vpc(sandbox):
    network = create_network(sandbox)
    host = connect(sandbox, network)
    other = create_network(sandbox, "10.30")
    refused = outcome(sandbox, other.vpc_id, host)
    assert isinstance(refused, Refusal)
    assert "no such name" in refused.cause


def test_the_host_does_not_resolve_until_it_is_selected(sandbox):
    network = create_network(sandbox)
    host = connect(sandbox, network)
    console(sandbox, "select", host=host, selected=False)
    assert isinstance(outcome(sandbox, network.vpc_id, host), Refusal)
    console(sandbox, "select", host=host, selected=True)
    assert isinstance(outcome(sandbox, network.vpc_id, host), Allowed)


def test_the_security_group_of_the_connection_decides(sandbox):
    network = create_network(sandbox)
    host = connect(sandbox, network)
    with closed_port(sandbox, network.group_id, 443, "10.20.0.0/16"):
        refused = outcome(sandbox, network.vpc_id, host)
    assert isinstance(refused, Refusal)
    assert network.group_id in refused.cause


def test_no_account_lists_a_connection(sandbox):
    network = create_network(sandbox)
    connect(sandbox, network)
    client = official.privatelink(sandbox)
    request = privatelink_models.ListVpcEndpointsRequest(region_id=REGION)
    assert not client.list_vpc_endpoints(request).body.endpoints


def test_a_connection_needs_resources_of_its_vpc(sandbox):
    network = create_network(sandbox)
    other = create_vpc(sandbox, "10.40.0.0/16")
    with pytest.raises(urllib.error.HTTPError) as caught:
        console(
            sandbox,
            "workspace",
            label="llm-34o9",
            vpc_id=other,
            vswitch_ids=list(network.vswitch_ids),
            security_group_id=network.group_id,
        )
    assert caught.value.code == 404
    assert len(sandbox.state.endpoints) == 0


def create_workspace(sandbox, name):
    request = studio_models.CreateWorkspaceRequest(workspace_name=name)
    return official.model_studio(sandbox).create_workspace(request).body.workspace


def test_the_official_sdk_creates_lists_and_deletes_workspaces(sandbox):
    client = official.model_studio(sandbox)
    created = [create_workspace(sandbox, name) for name in ("search", "shop", "search-test")]
    request = studio_models.ListWorkspacesRequest(workspace_name="search", max_results=1)
    names = []
    while True:
        body = client.list_workspaces(request).body
        names += [workspace.workspace_name for workspace in body.workspaces]
        if not body.next_token:
            break
        request.next_token = body.next_token
    assert (names, body.total_count) == (["search", "search-test"], 2)
    assert client.delete_workspace(
        created[0].workspace_id, studio_models.DeleteWorkspaceRequest()
    ).body.is_deleted
    left = client.list_workspaces(studio_models.ListWorkspacesRequest()).body.workspaces
    assert [workspace.workspace_name for workspace in left] == ["shop", "search-test"]


def test_the_host_of_a_workspace_does_not_have_its_id(sandbox):
    workspace = create_workspace(sandbox, "shop")
    assert workspace.region == REGION
    assert workspace.api_host.endswith(f".{REGION}.maas.aliyuncs.com")
    assert not workspace.api_host.startswith(workspace.workspace_id)


def test_the_preflight_reads_workspaces_of_every_page(sandbox, monkeypatch):
    created = [create_workspace(sandbox, f"name-{number}") for number in range(101)]
    for name, value in sandbox.env.items():
        monkeypatch.setenv(name, value)
    api = ModelStudioApi(resolve_account({"region": REGION}))
    expected = [workspace.workspace_id for workspace in created]
    assert [row["workspaceId"] for row in api.workspaces()] == expected
    (row,) = api.workspaces(expected[7])
    assert row["apiHost"] == created[7].api_host
