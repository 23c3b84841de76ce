"""The rules of a connection of a Model Studio workspace.

Sources: the page of help and its Chinese copy that `dashlink.endpoint.catalog` names `new` (2026):
the host's form ``{WorkspaceId}-{VpcId}.{region}.maas.aliyuncs.com``, that it resolves and works in
the connection's VPC alone, and HTTPS on port 443 alone. An example of SDK
alibabacloud_modelstudio20260210 (2026-08) has a host whose label is not the workspace's id.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.endpoint.catalog import WORKSPACE_DOMAIN, WORKSPACE_REGIONS
from dashlink.endpoint.settings import EndpointSettings, WorkspaceSettings
from dashlink.errors import Fault

_USABLE = ("workspace", "base_paths")
_USABLE_WITH_NAMES = ("tags", "resource_group_id")  # of the private zone


def find_faults(
    settings: EndpointSettings, workspace: WorkspaceSettings, region: str
) -> Iterator[Fault]:
    """Find the faults of a connection; paths start inside the endpoint.

    Args:
        settings: The endpoint, whose other keys are refused.
        workspace: Its connection.
        region: Region of the stack, and of the connection.
    """
    usable = set(_USABLE)
    if workspace.attach_to:
        usable.update(_USABLE_WITH_NAMES)
    for key in sorted(settings.model_fields_set.difference(usable)):
        if getattr(settings, key) is not None:
            problem = "used with `workspace`, whose connection has no such setting"
            advice = "Remove it, or remove `workspace` for an endpoint."
            yield Fault(key, problem, advice)
    other = _region_of(workspace.host)
    if other is not None and other != region:
        problem = f"a host of {other}, and it resolves in a VPC of that region only"
        advice = f"Copy the private host of a workspace in {region}, or change alicloud:region."
        yield Fault("workspace.host", problem, advice, workspace.host)
    if workspace.attach_to and not workspace.addresses:
        problem = "missing: no document states a record for further VPCs"
        advice = (
            "List the private addresses of the connection, to which the host resolves in its own "
            "VPC, or remove `attach_to`."
        )
        yield Fault("workspace.addresses", problem, advice)
    for address in sorted(set(workspace.addresses)):
        if workspace.addresses.count(address) > 1:
            advice = "List each address once."
            yield Fault("workspace.addresses", "an address is listed twice", advice, str(address))
        if not address.is_private:
            advice = "List the addresses of the connection in its VPC."
            yield Fault("workspace.addresses", "not a private address", advice, str(address))


def find_warnings(workspace: WorkspaceSettings, region: str, vpc_id: object) -> Iterator[Fault]:
    """Find what is probably a mistake; paths start inside the endpoint.

    Args:
        workspace: The connection.
        region: Region of the stack.
        vpc_id: The VPC of the stack; anything but text is unknown.
    """
    host = workspace.host
    label = host.partition(".")[0]
    if region not in WORKSPACE_REGIONS:
        regions = " and ".join(WORKSPACE_REGIONS)
        problem = f"the documents name such connections in {regions} only (2026-10)"
        yield Fault("workspace", problem, "Check that the console offers them.", region)
    if _region_of(host) is None:
        problem = f"not a host under {WORKSPACE_DOMAIN}, as the documents have it (2026-10)"
        advice = "Compare it with the console: workspace, advanced configuration."
        yield Fault("workspace.host", problem, advice, host)
    elif "-vpc-" not in label:
        problem = (
            "without the id of a VPC, so that it is perhaps the workspace's public host: by the "
            "documents, a private one ends in `-<VPC id>` before the region (2026-10)"
        )
        advice = "Copy the private host, not the public one, from the console."
        yield Fault("workspace.host", problem, advice, host)
    elif isinstance(vpc_id, str) and not label.endswith(f"-{vpc_id}"):
        problem = f"it has the id of another VPC than {vpc_id}, where it then does not resolve"
        advice = "Select a connection of this VPC in the console."
        yield Fault("workspace.host", problem, advice, host)


def _region_of(host: str) -> str | None:
    """Return the region in a host of a workspace; None for a host of another form."""
    if not host.endswith(f".{WORKSPACE_DOMAIN}"):
        return None
    labels = host.removesuffix(f".{WORKSPACE_DOMAIN}").split(".")
    return labels[1] if len(labels) == len(("workspace", "region")) else None
