"""Model Studio 2026-02-10, ROA style: workspaces. It has no operation on private connections.

Sources: SDK models of alibabacloud_modelstudio20260210 (2.2.3 and the models of 2026-08): paths,
parameters, fields of answers; their examples have a host whose label is ``llm-…`` beside the id
``ws-…``. Unverified: the codes of errors, the largest page, whether a name may be used twice, the
default of ``serviceSite``, and that a region's host lists the workspaces of that region alone.

No request carries a region: the cloud's host says it. The sandbox has one host for all regions,
which counts as that of cn-beijing.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from dashlink_sandbox.services.base import Answer, Call, Handler, Service
from dashlink_sandbox.services.paging import by_token
from dashlink_sandbox.studio import StudioWorkspace
from dashlink_sandbox.wire.errors import not_found
from dashlink_sandbox.wire.params import Params
from dashlink_sandbox.wire.routes import Routes

_HOST = re.compile(r"modelstudio\.(?P<region>[a-z0-9-]+)\.")
_DEFAULT_REGION = "cn-beijing"
_LARGEST_PAGE = 100
_SUCCESS = {"code": "200", "httpStatusCode": HTTPStatus.OK, "success": True, "message": "success"}


def create_workspace(call: Call) -> Answer:
    """CreateWorkspace: the cloud chooses the id, and the label of the hosts."""
    number = call.new_number()
    workspace = StudioWorkspace(
        workspace_id=f"ws-sb{number:014x}",
        region=_region_of(call),
        name=call.params.required("workspaceName"),
        label=f"llm-sb{number:014x}",
        service_site=call.params.text("serviceSite"),
        **call.new_record(),
    )
    call.state.studio_workspaces[workspace.workspace_id] = workspace
    return {**_SUCCESS, "workspace": _shape(workspace)}


def list_workspaces(call: Call) -> Answer:
    """ListWorkspaces: of the account in the host's region, by id and a part of the name."""
    rows = []
    for workspace in call.state.studio_workspaces.values():
        requested_id = call.params.text("workspaceId", workspace.workspace_id)
        is_named = call.params.text("workspaceName") in workspace.name
        if _is_visible(call, workspace) and is_named and requested_id == workspace.workspace_id:
            rows.append(workspace)
    names = {"maxResults": "MaxResults", "nextToken": "NextToken"}
    params = Params({names.get(name, name): value for name, value in call.params.flat.items()})
    page, counts = by_token(params, rows, _shape, size=10, largest=_LARGEST_PAGE)
    counts = {f"{name[0].lower()}{name[1:]}": value for name, value in counts.items()}
    return {**_SUCCESS, "workspaces": page, **counts}


def delete_workspace(call: Call) -> Answer:
    """DeleteWorkspace."""
    workspace_id = call.params.required("workspaceId")
    workspace = call.state.studio_workspaces.get(workspace_id)
    if workspace is None or not _is_visible(call, workspace):
        raise not_found("Workspace.NotFound", f"The workspace {workspace_id} does not exist.")
    del call.state.studio_workspaces[workspace_id]
    return {**_SUCCESS, "isDeleted": True, "failReasons": []}


def _region_of(call: Call) -> str:
    match = _HOST.match(call.host)
    return match["region"] if match is not None else _DEFAULT_REGION


def _is_visible(call: Call, workspace: StudioWorkspace) -> bool:
    return (workspace.owner, workspace.region) == (call.account.id, _region_of(call))


def _shape(workspace: StudioWorkspace) -> Answer:
    return {
        "workspaceId": workspace.workspace_id,
        "workspaceName": workspace.name,
        "apiHost": workspace.api_host,
        "region": workspace.region,
        "serviceSite": workspace.service_site,
        "gmtCreate": int(workspace.created * 1000),
    }


_ACTIONS: dict[str, tuple[str, Handler]] = {
    "CreateWorkspace": ("POST /modelstudio/workspaces", create_workspace),
    "ListWorkspaces": ("GET /modelstudio/workspaces", list_workspaces),
    "DeleteWorkspace": ("DELETE /modelstudio/workspaces/{workspaceId}", delete_workspace),
}
SERVICE = Service(
    "modelstudio",
    "2026-02-10",
    {action: handler for action, (_, handler) in _ACTIONS.items()},
    Routes({route: action for action, (route, _) in _ACTIONS.items()}),
)
