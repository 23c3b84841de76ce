"""Checks of connections of Model Studio workspaces, by what ListWorkspaces shows.

The connection itself has no API. A fault is what is certain: the host in the settings is the public
one, or the workspace has another region. What follows from the form of hosts alone is a warning,
and so is a workspace that is not shown, because an account may see only some. An account that may
not ask gets one warning, and no fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future

from dashlink.cloud.model_studio import REGIONS
from dashlink.endpoint.settings import WorkspaceSettings
from dashlink.errors import CloudError, Fault
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import ExistingWorkspace
from dashlink.settings import StackSettings

WorkspaceAnswers = Mapping[str, Future[ExistingWorkspace | CloudError | None]]


def workspace_answers(
    settings: StackSettings, cloud: CloudLookups, region: str, pool: Executor
) -> WorkspaceAnswers:
    """Request the workspace of each connection, by the endpoint's key, without waiting."""
    answers = {}
    for key, endpoint in settings.endpoints.items():
        if endpoint.workspace is not None and region in REGIONS:
            answers[key] = pool.submit(_workspace, cloud, endpoint.workspace.workspace_id)
    return answers


def _workspace(cloud: CloudLookups, workspace_id: str) -> ExistingWorkspace | CloudError | None:
    try:
        return cloud.workspace(workspace_id)
    except CloudError as error:
        return error


def workspace_faults(
    settings: StackSettings, answers: WorkspaceAnswers, region: str
) -> Iterator[Fault]:
    """Yield the faults of connections."""
    for key, workspace, found in _found(settings, answers):
        where = f"endpoints.{key}.workspace"
        if workspace.host == found.api_host:
            problem = "the workspace's public host, which leads over the internet"
            advice = (
                "Copy its private host from the console: workspace, advanced configuration, "
                "private connection."
            )
            yield Fault(f"{where}.host", problem, advice, workspace.host)
        if found.region and found.region != region:
            problem = f"a workspace in {found.region}"
            advice = f"Write a workspace in {region}, where the connection is."
            yield Fault(f"{where}.workspace_id", problem, advice, workspace.workspace_id)


def workspace_warnings(
    settings: StackSettings, answers: WorkspaceAnswers, region: str
) -> Iterator[Fault]:
    """Yield the warnings of connections without faults."""
    for key, answer in answers.items():
        where = f"endpoints.{key}.workspace"
        workspace, found = settings.endpoints[key].workspace, answer.result()
        workspace_id = workspace.workspace_id if workspace is not None else ""
        if found is None:
            problem = f"ListWorkspaces shows no workspace of this id in {region}"
            advice = "Compare it with the console; ignore this if the account may not see it."
            yield Fault(f"{where}.workspace_id", problem, advice, workspace_id)
        elif isinstance(found, CloudError):
            problem = f"not compared with the account's workspaces: {found}"
            advice = "Grant ListWorkspaces of Model Studio, or compare id and host yourself."
            yield Fault(where, problem, advice)
    for key, workspace, found in _found(settings, answers):
        label, _, domain = found.api_host.partition(".")
        private_label, _, private_domain = workspace.host.partition(".")
        labels = (label, workspace.workspace_id)
        is_alike = any(private_label.startswith(f"{known}-") for known in labels)
        if label and (private_domain != domain or not is_alike):
            problem = (
                f"unlike the workspace's public host {found.api_host}: by the documents, the "
                "private one adds `-<VPC id>` to a label of the workspace (2026-10)"
            )
            advice = "Check that the console shows this host for this workspace."
            yield Fault(f"endpoints.{key}.workspace.host", problem, advice, workspace.host)


def _found(
    settings: StackSettings, answers: WorkspaceAnswers
) -> Iterator[tuple[str, WorkspaceSettings, ExistingWorkspace]]:
    """Yield key, settings and workspace of each connection whose workspace is shown."""
    for key, answer in answers.items():
        workspace, found = settings.endpoints[key].workspace, answer.result()
        if workspace is not None and isinstance(found, ExistingWorkspace):
            yield key, workspace, found
