"""Take into the state what a run created in the cloud without recording it.

    preview -> what would be created -> looked up in the cloud -> pulumi import -> preview again

The look-ups need the ids of parents, so that resources below an imported one are found in the next
round. Nothing is created or deleted in the cloud.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashlink.cloud.credentials import resolve_account
from dashlink.errors import DashlinkError
from dashlink.pulumi_stack import PulumiStack, document_of
from dashlink.recovery.catalog import LOOK_UPS, REPEATED, UNREADABLE
from dashlink.recovery.desired import Desired, Found, UnknownInputError
from dashlink.recovery.importing import ImportFile
from dashlink.recovery.plan import Plan, desired_of, plan_of
from dashlink.recovery.reads import Reads
from dashlink.recovery.state import State
from dashlink.recovery.words import ambiguous, doubled

_ROUNDS = 10  # more than the levels below a VPC: endpoint, zone, connection, record
_ALICLOUD = "alicloud:"
_IMPORT = ("--protect=false", "--generate-code=false", "--yes", "--skip-preview")

Echo = Callable[[str], None]


@dataclass(frozen=True)
class Recovered:
    """What was taken into the state.

    Attributes:
        adopted: Logical names of the resources that are in the state now.
        blocked: What a person must do first, one line each; then no run may create anything.
    """

    adopted: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


@dataclass
class _Round:
    """The look-ups of one preview.

    Attributes:
        found: Resources to import, with their import ids.
        blocked: Lines about what a person must decide.
        is_waiting: Whether a resource was not looked up, because an id is not known yet.
    """

    found: list[tuple[Desired, Found]] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    is_waiting: bool = False


def recover(stack: PulumiStack, *, echo: Echo, suspect: bool = False) -> Recovered:
    """Look for resources that the stack has in the cloud and not in its state; import them.

    Without a reason it reads the state and the result of the last run, and no cloud.

    Args:
        stack: The stack; no other run may be in progress.
        echo: Prints one line of progress.
        suspect: Whether the last run is known to have ended out of order.

    Raises:
        DashlinkError: Pulumi or the cloud cannot be asked.
    """
    state = State(stack.state())
    reason = _reason(stack, state, suspect=suspect)
    if not reason:
        return Recovered()
    echo(f"Stack {stack.name}: {reason}; looking for what it left in the cloud")
    reads = Reads(_account(stack))
    adopted: dict[str, Desired] = {}
    for _ in range(_ROUNDS):
        steps, providers = _preview(stack, echo)
        plan = plan_of(steps, state, reads.region)
        looked_up = _look_up(plan, state, reads, echo)
        if looked_up.blocked:
            return Recovered(_names(adopted), tuple(looked_up.blocked))
        if looked_up.found:
            file = ImportFile(plan, state, providers)
            for desired, found in looked_up.found:
                file.add(desired, found.import_id)
                adopted[desired.urn] = desired
                echo(f"  {desired.name}: {found.cloud_id}, taken into the state")
            _import(stack, file)
        state = _settle(stack, adopted, plan)
        if not looked_up.found or not looked_up.is_waiting:
            break
    if not adopted:
        echo("  nothing was left")
    _refresh(stack, adopted)
    for line in _doubles(state, reads):
        echo(f"warning: {line}")
    return Recovered(_names(adopted))


def _reason(stack: PulumiStack, state: State, *, suspect: bool) -> str:
    """Return why a resource may be lost; empty if nothing hints at it.

    A killed plugin leaves no pending operation: the run fails, and history has its result.
    """
    if state.pending:
        return "a run was ended in the middle of a change"
    if suspect:
        return "the last run did not end in order"
    last = json.loads(stack.query("stack", "history", "--json", "--page-size", "1") or "[]")
    if last and last[0].get("result") not in ("succeeded", None):
        return "the last run failed"
    return ""


def _account(stack: PulumiStack) -> Any:
    """Return the account of the stack's own settings and environment."""
    values = json.loads(stack.query("config", "--json", "--show-secrets"))
    settings = {}
    for key, entry in values.items():
        if key.startswith(_ALICLOUD):
            value = entry.get("objectValue", entry.get("value"))
            settings[key.removeprefix(_ALICLOUD)] = value
    return resolve_account(settings, stack.environment)


def _preview(
    stack: PulumiStack, echo: Echo
) -> tuple[list[Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]:
    """Return the steps of a preview, and its entries of explicit providers by logical name.

    A program that cannot be previewed has no steps: what was in progress is looked for all the
    same, since `down` needs no program.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "import.json"
        code, output = stack.run("preview", "--json", "--import-file", str(file))
        document = document_of(output) or {}
        if code or "steps" not in document:
            echo(f"warning: the settings cannot be previewed: {_error_in(document, output)}")
            return [], {}
        providers: dict[str, Mapping[str, Any]] = {}
        for entry in json.loads(file.read_text(encoding="utf-8")).get("resources") or ():
            if str(entry["type"]).startswith("pulumi:providers:"):
                providers[str(entry.get("logicalName") or entry["name"])] = entry
    return list(document["steps"]), providers


def _error_in(document: Mapping[str, Any], output: str) -> str:
    for diagnostic in document.get("diagnostics") or ():
        if diagnostic.get("severity") == "error":
            return str(diagnostic.get("message", "")).strip().partition("\n")[0]
    lines = [line for line in output.splitlines() if line.startswith("error: ")]
    return lines[0].removeprefix("error: ") if lines else "no reason given"


def _look_up(plan: Plan, state: State, reads: Reads, echo: Echo) -> _Round:
    """Look for each desired resource that the state does not have."""
    looked_up = _Round()
    for urn, desired in plan.desired.items():
        if desired.type not in LOOK_UPS or urn in plan.foreign:
            echo(f"warning: {desired.name} ({desired.type}) is not looked for. Check it yourself.")
            continue
        if any(one in plan.desired and one not in state.resources for one in desired.dependencies):
            looked_up.is_waiting = True  # a state lists what a resource depends on before it
            continue
        try:
            if desired.type in UNREADABLE:
                desired.inputs.require_all()
            look_up = LOOK_UPS[desired.type]
            candidates = list(look_up(reads.in_region(desired.inputs.region), desired.inputs))
        except UnknownInputError:
            looked_up.is_waiting = True
            continue
        lost = []
        for found in candidates:
            if (desired.type, found.import_id) not in state.known_ids:
                lost.append(found)
        if len(lost) > 1 or (lost and urn in state.resources):
            region = desired.inputs.region
            looked_up.blocked.append(ambiguous(desired.name, desired.type, lost, region))
        elif lost:
            looked_up.found.append((desired, lost[0]))
    return looked_up


def _doubles(state: State, reads: Reads) -> Iterator[str]:
    """Yield a line for each second resource that the provider made of one creation."""
    for resource in state.resources.values():
        if resource["type"] not in REPEATED:
            continue
        desired = desired_of(resource, state.resources, reads.region)
        region = desired.inputs.region
        lost = []
        for found in LOOK_UPS[desired.type](reads.in_region(region), desired.inputs):
            if (desired.type, found.import_id) not in state.known_ids:
                lost.append(found)
        if lost:
            yield doubled(desired.name, desired.type, lost, region)


def _import(stack: PulumiStack, file: ImportFile) -> None:
    """Run `pulumi import`.

    Raises:
        DashlinkError: It failed, with Pulumi's first error.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "import.json"
        path.write_text(json.dumps(file.document()), encoding="utf-8")
        code, output = stack.run("import", "--file", str(path), *_IMPORT)
    if code:
        errors = [line.strip() for line in output.splitlines() if "error: " in line]
        reason = errors[0].partition("error: ")[2] if errors else "no reason given"
        raise DashlinkError(
            f"stack {stack.name}: `pulumi import` failed: {reason}. Nothing was created. Import it "
            "yourself: docs/operations.md."
        )


def _settle(stack: PulumiStack, adopted: Mapping[str, Desired], plan: Plan) -> State:
    """Write dependencies of imported resources, and remove operations that have been looked up."""
    state = State(stack.state())
    kept = set()
    for resource in state.pending_creations:
        urn, kind = str(resource["urn"]), str(resource["type"])
        is_ours = kind in LOOK_UPS and urn not in plan.foreign
        if not is_ours and not kind.startswith("dashlink:"):
            kept.add(urn)
    document = state.settled(adopted, kept)
    if document != state.document:
        stack.query("stack", "import", stdin=json.dumps(document))
    return State(document)


def _refresh(stack: PulumiStack, adopted: Mapping[str, Desired]) -> None:
    """Read what an import has not: the state of resources that were imported with inputs alone."""
    targets: list[str] = []
    for urn, desired in adopted.items():
        if desired.type in UNREADABLE:
            targets += ["--target", urn]
    if targets:
        stack.query("refresh", *targets, "--yes", "--skip-preview")


def _names(adopted: Mapping[str, Desired]) -> tuple[str, ...]:
    return tuple(desired.name for desired in adopted.values())
