"""Checks of endpoints: the connection, its zones, and the security group of their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from dashlink.check.findings import Finding, Findings
from dashlink.check.stack import REPAIR, DeployedStack
from dashlink.cloud.model_studio import REGIONS
from dashlink.endpoint.catalog import PORTS
from dashlink.network.existing_group import ExistingRule, allowed_ranges

if TYPE_CHECKING:
    from dashlink.clients.outputs import EndpointOutputs
    from dashlink.endpoint.settings import EndpointSettings, WorkspaceSettings
    from dashlink.provider.endpoint.privatelink import EndpointReading

CONNECTION, ZONES, ADDRESSES, GROUP = "connection", "zones", "addresses", "security group"
WORKSPACE = "workspace"
_CONNECTED = "Connected"
_NO_ENDPOINT = "there is no endpoint"


def check_endpoint(
    stack: DeployedStack, name: str, settings: EndpointSettings, outputs: EndpointOutputs
) -> list[Finding]:
    """Check one endpoint from outside; of a workspace's connection no API shows anything."""
    found = Findings(f"endpoints.{name}")
    endpoint_id = outputs.endpoint_id
    if endpoint_id is None:
        reason = "no API shows a workspace's connection: check it in the VPC, by --from-inside"
        found.not_checked(CONNECTION, reason)
        if settings.workspace is not None:
            _check_workspace(found, stack, settings.workspace)
        return found.rows
    reading: EndpointReading | None = None
    with found.reading(CONNECTION, ZONES, ADDRESSES):
        reading = stack.reader.endpoint(endpoint_id)
        _check_connection(found, endpoint_id, reading, is_own=settings.id is None)
    if reading is None:
        reason = f"{_NO_ENDPOINT} {endpoint_id}"
        if found.rows[0].state == "not checked":
            reason = found.rows[0].message
        else:
            for check in (ZONES, ADDRESSES):
                found.not_checked(check, reason)
        found.not_checked(GROUP, reason)
        return found.rows
    _check_zones(found, outputs, reading)
    _check_group(found, stack, endpoint_id, outputs, is_own=settings.id is None)
    return found.rows


def _check_workspace(found: Findings, stack: DeployedStack, workspace: WorkspaceSettings) -> None:
    """Compare a workspace with what ListWorkspaces shows of it."""
    if stack.region not in REGIONS:
        return found.not_checked(WORKSPACE, f"ListWorkspaces has no host in {stack.region}")
    with found.reading(WORKSPACE):
        shown = stack.reader.workspace(workspace.workspace_id)
        if shown is None:
            reason = f"the account is shown no workspace {workspace.workspace_id}"
            return found.not_checked(WORKSPACE, f"{reason}, and may not see it")
        problem = ""
        advice = "Copy the private host from the console: workspace, advanced configuration."
        if shown.api_host == workspace.host:
            problem = f"{workspace.host} is the workspace's public host"
        elif shown.region and shown.region != stack.region:
            problem = f"the workspace is in {shown.region}, not in {stack.region}"
            advice = f"Write a workspace in {stack.region}."
        found.judge(WORKSPACE, problem, f"{workspace.workspace_id} exists", advice)
    return None


def _check_connection(
    found: Findings, endpoint_id: str, reading: EndpointReading | None, *, is_own: bool
) -> None:
    """Check that the endpoint exists, is not locked, and is connected to its service."""
    if reading is None:
        advice = "`pulumi up --refresh` creates it again."
        if not is_own:
            advice = "Write the id of another endpoint of the VPC in the settings."
        found.failed(CONNECTION, f"{_NO_ENDPOINT} {endpoint_id}", advice)
        return
    problem = ""
    advice = "Look at the endpoint in the PrivateLink console."
    if reading.business_status == "FinancialLocked":
        problem = f"{endpoint_id} is locked for an overdue payment"
        advice = "Settle the account's bill."
    elif reading.status != "Active":
        problem = f"{endpoint_id} is {reading.status}"
    elif reading.connection_status != _CONNECTED and not _all_lost(reading):
        problem = f"the connection of {endpoint_id} is {reading.connection_status}"
        advice = f"Ask the owner of {reading.service_name or reading.service_id} to accept it."
    elif reading.connection_status != _CONNECTED:
        problem = f"the connection of {endpoint_id} is {reading.connection_status}"
        advice = "No zone of it is connected: see its zones."
    found.judge(CONNECTION, problem, f"{endpoint_id} is connected", advice)


def _all_lost(reading: EndpointReading) -> bool:
    return all(zone.status in ("Disconnected", "Disconnecting") for zone in reading.zones.values())


def _check_zones(found: Findings, outputs: EndpointOutputs, reading: EndpointReading) -> None:
    """Compare the zones and their addresses with the outputs."""
    lost = []
    moved = []
    for zone_id, expected in sorted(outputs.zones.items()):
        zone = reading.zones.get(zone_id)
        if zone is None:
            lost.append(f"{zone_id} is not in the endpoint")
        elif zone.status != _CONNECTED:
            lost.append(f"{zone_id} is {zone.status}")
        elif zone.address != expected.address:
            moved.append(f"{zone_id} has {zone.address}, the outputs {expected.address}")
    advice = f"Ask the owner of the service whether it rejected the zone; else {REPAIR}"
    fine = f"{', '.join(sorted(outputs.zones))} connected"
    found.judge(ZONES, "; ".join(lost), fine, advice)
    fine = "as in the outputs"
    found.judge(ADDRESSES, "; ".join(moved), fine, "`pulumi up --refresh` writes the outputs.")


def _check_group(
    found: Findings,
    stack: DeployedStack,
    endpoint_id: str,
    outputs: EndpointOutputs,
    *,
    is_own: bool,
) -> None:
    """Check that the addresses have the stack's group, and that their groups let clients in."""
    with found.reading(GROUP):
        groups = stack.reader.endpoint_groups(endpoint_id)
        expected = stack.outputs.security_group_id
        names = ", ".join(sorted(groups)) or "none"
        if not groups:
            advice = "Add a security group to the endpoint: without one nothing gets in."
            found.failed(GROUP, f"{endpoint_id} has no security group", advice)
            return
        if is_own and expected not in groups:
            problem = f"the addresses of {endpoint_id} have {names}, not {expected}"
            advice = f"Let the endpoint join {expected} and leave the others. {REPAIR}"
            found.failed(GROUP, problem, advice)
            return  # whether the clients pass another group is no more the stack's
        found.ok(GROUP, f"the addresses have {names}")
        rules: list[ExistingRule] = []
        for group_id in groups:
            group = stack.reader.security_group(group_id)
            if group is not None:
                rules += group.rules
        _check_clients(found, stack, names, PORTS[outputs.scheme], rules, is_own=is_own)


def _check_clients(
    found: Findings,
    stack: DeployedStack,
    names: str,
    port: int,
    rules: Sequence[ExistingRule],
    *,
    is_own: bool,
) -> None:
    whole = is_own and stack.settings.network.security_group_id is None
    for client in stack.clients():
        check = f"port {port} from {client.name}"
        allowed = allowed_ranges(client.ranges, port, rules)
        ranges = ", ".join(map(str, client.ranges))
        # The stack's own rule is for the first block of a VPC.
        missing = _size(client.ranges[:1]) - _size(allowed_ranges(client.ranges[:1], port, rules))
        advice = (
            f"Add an ingress rule to {names}: accept TCP {port}/{port} from {ranges}. "
            f"If the group is the stack's own, {REPAIR}"
        )
        if not missing or (allowed and not whole and not client.all_connect):
            found.ok(check, f"{names} lets {', '.join(map(str, allowed))} connect")
        elif _has_other_sources(rules, port):
            reason = f"{names} lets members of groups or ranges of a prefix list connect"
            found.not_checked(check, f"{reason}; who they are is not known here")
        else:
            problem = f"{names} does not let {ranges} connect on TCP {port}"
            if allowed:
                problem = f"of {ranges}, {names} lets only {', '.join(map(str, allowed))} connect"
            found.failed(check, problem, advice)
    for group_id in stack.settings.network.ingress.from_security_group_ids:
        if isinstance(group_id, str):
            problem = ""
            if not _lets_in(rules, port, group_id):
                problem = f"{names} does not let members of {group_id} connect on TCP {port}"
            advice = f"Add an ingress rule to {names}: accept TCP {port}/{port} from {group_id}."
            fine = f"{names} lets its members connect"
            found.judge(f"port {port} from {group_id}", problem, fine, advice)


def _size(blocks: Sequence[IPv4Network]) -> int:
    return sum(block.num_addresses for block in blocks)


def _has_other_sources(rules: Sequence[ExistingRule], port: int) -> bool:
    """Return whether a rule lets in sources whose addresses are not in the rule."""
    return any(_accepts(rule, port) and rule.source_cidr is None for rule in rules)


def _lets_in(rules: Sequence[ExistingRule], port: int, group_id: str) -> bool:
    """Return whether a rule accepts a group, or may accept its members by their addresses."""
    for rule in rules:
        if not _accepts(rule, port):
            continue
        if rule.source_security_group_id in (None, group_id):
            return True
    return False


def _accepts(rule: ExistingRule, port: int) -> bool:
    if rule.policy != "accept" or rule.protocol not in ("tcp", "all"):
        return False
    first, _, last = rule.ports.partition("/")
    return rule.ports == "-1/-1" or int(first) <= port <= int(last or first)
