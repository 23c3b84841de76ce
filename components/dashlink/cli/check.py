"""`dashlink check`: test a deployed stack, from outside by its account or from inside."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from dashlink.check.clients import check_client_files
from dashlink.check.findings import Finding, is_selected
from dashlink.check.inside import check_inside, subjects_inside
from dashlink.check.outside import check_outside, subjects_outside
from dashlink.check.reader import Reader
from dashlink.check.report import document_of, is_good, summary_of
from dashlink.check.stack import DeployedStack
from dashlink.cli.completion import stack_names
from dashlink.cli.stack_file import SettingsOption, read_stack
from dashlink.cli.stack_outputs import OutputsOption, outputs_of_stack, read_outputs
from dashlink.cli.table import print_table
from dashlink.clients.outputs import Outputs
from dashlink.cloud.credentials import resolve_account
from dashlink.errors import DashlinkError, Fault, shown
from dashlink.validation import suggestion_for

StackOption = Annotated[
    str | None,
    typer.Argument(
        autocompletion=stack_names,
        help="Stack to check, by its file stacks/Pulumi.STACK.yaml and `pulumi stack output`. "
        "Default: PULUMI_STACK, or the only stack there. With --from-inside, `-` reads the "
        "outputs from standard input.",
    ),
]

InsideOption = Annotated[
    bool,
    typer.Option(
        "--from-inside",
        help="This machine is in the VPC, or in a connected one: connect as clients do. Takes "
        "the outputs alone, without credentials.",
    ),
]

ClientsOption = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Check settings of clients instead: a .env file, or JSON, YAML or TOML. Repeat it for "
        "more files. Takes the outputs alone.",
    ),
]

OnlyOption = Annotated[
    str | None,
    typer.Option(
        metavar="SUBJECT", help="Only this section or subject: `endpoints`, `model_apis.chat`."
    ),
]


def check_access(
    stack: StackOption = None,
    *,
    settings: SettingsOption = None,
    outputs: OutputsOption = None,
    from_inside: InsideOption = False,
    clients: ClientsOption = None,
    only: OnlyOption = None,
    endpoint: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only this endpoint: short for --only endpoints.NAME."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Timeout of each connection, in seconds.", min=0.1),
    ] = 5.0,
) -> None:
    """Check a deployed stack: each piece between its clients and the models, with advice.

    From outside, the stack's account is read with the credentials of `up`: endpoints, security
    group, private names, connected VPCs, gateway, Model APIs, services of PAI-EAS. What may not be
    read is not checked, with the reason.

    With --from-inside, this machine connects as clients do: name, address, port, TLS certificate
    and HTTP response, without a key. With HTTPS_PROXY or HTTP_PROXY set, the proxy resolves the
    name and connects.

    With --clients, your own settings are read: a key without a host, or a host that is not the
    stack's, lets a client dial a public one.

    Nothing is changed. The exit code is 1 if a check fails, or nothing could be checked.

    dashlink check dev

    dashlink check --from-inside dev

    dashlink check dev --clients .env
    """
    if endpoint is not None:
        if only is not None:
            raise typer.BadParameter("name one of: --only, --endpoint")
        only = f"endpoints.{endpoint}"
    place = "inside" if from_inside else "outside"
    if clients:
        if from_inside or only is not None:
            raise typer.BadParameter("--clients goes with no other selection")
        place = "clients"
        name, findings = _clients(stack, settings, outputs, clients)
    elif from_inside:
        name, findings = _inside(stack, settings, outputs, only, timeout)
    else:
        name, findings = _outside(stack, settings, outputs, only, timeout)
    _print(findings, name, place, as_json=as_json)
    if not is_good(findings):
        raise typer.Exit(1)


def _print(findings: Sequence[Finding], stack: str, place: str, *, as_json: bool) -> None:
    """Print findings as a table, or as one document."""
    if as_json:
        document = document_of(findings, stack, place)
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print_findings(findings)


def _outputs(stack: str | None, settings: Path | None, outputs: Path | None) -> Outputs:
    """Return the outputs of the stack that a command line names."""
    if stack is None and outputs is None:
        stack = read_stack(None, settings).name
    return read_outputs(stack, outputs)


def _clients(
    stack: str | None, settings: Path | None, outputs: Path | None, files: Sequence[Path]
) -> tuple[str, list[Finding]]:
    """Return name of a stack, and findings on settings of its clients."""
    read = _outputs(stack, settings, outputs)
    return read.stack, check_client_files(files, read)


def _inside(
    stack: str | None,
    settings: Path | None,
    outputs: Path | None,
    only: str | None,
    timeout: float,
) -> tuple[str, list[Finding]]:
    """Return name and findings of a stack as this machine reaches it."""
    read = _outputs(stack, settings, outputs)
    _check_subjects(subjects_inside(read), only, read)
    return read.stack, check_inside(read, only, timeout)


def _outside(
    stack: str | None,
    settings: Path | None,
    outputs: Path | None,
    only: str | None,
    timeout: float,
) -> tuple[str, list[Finding]]:
    """Return name and findings of a stack by its account."""
    if stack == "-":
        raise typer.BadParameter(
            "`-` reads the outputs alone: add --from-inside, or name the stack"
        )
    file = read_stack(stack, settings)
    read = read_outputs(None, outputs) if outputs is not None else outputs_of_stack(file.name)
    account = resolve_account({**file.alicloud, "region": file.region})
    deployed = DeployedStack(file.settings, read, Reader(account))
    _check_subjects(subjects_outside(deployed), only, read)
    return read.stack, check_outside(deployed, only, timeout)


def _check_subjects(subjects: Sequence[str], only: str | None, outputs: Outputs) -> None:
    """Refuse a stack with nothing to check, and a selection of nothing.

    Raises:
        DashlinkError: The outputs have nothing to check.
        typer.BadParameter: Nothing has the name; the error suggests the most similar one.
    """
    if not subjects:
        raise DashlinkError(
            f"stack {outputs.stack}: nothing to check, it has no endpoint, Model API or service. "
            "Add one to its settings, and `up`."
        )
    if any(is_selected(subject, only) for subject in subjects):
        return
    advice = suggestion_for(str(only), list(subjects))
    fault = Fault("--only", "the stack has no such subject", advice, shown(str(only)))
    raise typer.BadParameter(str(fault))


def print_findings(findings: Sequence[Finding]) -> None:
    """Print a table, grouped by subject on a terminal; else the subject is on every line."""
    rows: list[tuple[str, str, str, str]] = []
    previous = ""
    for finding in findings:
        subject = finding.subject
        if sys.stdout.isatty() and subject == previous:
            subject = ""
        previous = finding.subject
        message = finding.message
        if finding.milliseconds is not None:
            message = f"{message} ({finding.milliseconds:.0f} ms)"
        rows.append((finding.state, subject, finding.check, message))
        if finding.advice:
            rows.append(("", "", "", finding.advice))
    print_table(rows)
    typer.echo(summary_of(findings))
