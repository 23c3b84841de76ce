"""`dashlink verify`: ask the cloud what no source states, without changing anything."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from dashlink.cli.document import print_document
from dashlink.cli.stack_file import (
    SettingsOption,
    StackFile,
    StackOfFileArgument,
    read_stack,
    write_spellings,
)
from dashlink.cli.stack_outputs import OutputsOption, outputs_of_stack, read_outputs
from dashlink.cli.table import print_table
from dashlink.clients.outputs import Outputs
from dashlink.cloud.credentials import resolve_account
from dashlink.errors import DashlinkError
from dashlink.verify import Finding, Subject, report_of, survey
from dashlink.verify.inside import KEY_VARIABLE
from dashlink.verify.requests import Requests


def verify_stack(
    stack: StackOfFileArgument = None,
    settings: SettingsOption = None,
    outputs: OutputsOption = None,
    from_inside: Annotated[
        bool,
        typer.Option(
            "--from-inside",
            help=f"This machine is in the VPC: connect too, with the key in {KEY_VARIABLE}.",
        ),
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write the words that the cloud accepts into the file.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a JSON report, to attach to an issue."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON, the same as --report writes.")
    ] = False,
    timeout: Annotated[
        float,
        typer.Option(metavar="SECONDS", help="Timeout of each connection, in seconds.", min=0.1),
    ] = 5.0,
) -> None:
    """Ask the cloud what no source states: words of the API, routes, services, error codes.

    Only reads and dry runs are sent, with the credentials of `up`; nothing is changed. Each
    question is confirmed, contradicted, or not asked, with the reason. The exit code is 1 if one is
    contradicted.

    dashlink verify dev --report verify.json
    """
    file = read_stack(stack, settings)
    account = resolve_account({**file.alicloud, "region": file.region})
    subject = Subject(Requests(account), file.region, file.settings, _outputs(file, outputs))
    findings = list(survey(subject, from_inside=from_inside, timeout_seconds=timeout))
    document = report_of(findings, file.region)
    if as_json:
        print_document(document)
    else:
        _print(findings)
    if report is not None:
        _write_report(report, document, is_quiet=as_json)
    if write:
        _write_words(file, findings, is_quiet=as_json)
    if any(finding.outcome == "contradicted" for finding in findings):
        raise typer.Exit(1)


def _outputs(file: StackFile, path: Path | None) -> Outputs | None:
    """Return the outputs of the stack; None where it is not deployed."""
    if path is not None:
        return read_outputs(None, path)
    try:
        return outputs_of_stack(file.name)
    except DashlinkError as error:
        typer.echo(
            f"The stack's outputs cannot be read ({error}); some questions need them.", err=True
        )
        return None


def _print(findings: Sequence[Finding]) -> None:
    questions = dict.fromkeys(finding.question for finding in findings)
    for question in questions:
        typer.echo(question)
        _print_answers([finding for finding in findings if finding.question == question])
    counts = Counter(finding.outcome for finding in findings)
    typer.echo(
        f"{counts['confirmed']} confirmed, {counts['contradicted']} contradicted, "
        f"{counts['not asked']} not asked"
    )


def _print_answers(findings: Sequence[Finding]) -> None:
    """Print the answers to one question: a row each, and a line for each reason not to ask."""
    rows = []
    reasons: dict[str, list[str]] = {}
    for finding in findings:
        if finding.outcome == "not asked":
            reasons.setdefault(finding.answer, []).append(finding.subject)
        else:
            rows.append((finding.outcome, finding.subject, finding.answer))
    print_table(rows)
    for reason, subjects in reasons.items():
        typer.echo(f"  not asked for {', '.join(subjects)}: {reason}")


def _write_report(path: Path, document: Mapping[str, Any], *, is_quiet: bool) -> None:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise DashlinkError(
            f"{path}: cannot be written: {error.strerror}. Name another file."
        ) from None
    typer.echo(f"Report: {path}", err=is_quiet)


def _write_words(file: StackFile, findings: Sequence[Finding], *, is_quiet: bool) -> None:
    words = {}
    for finding in findings:
        if finding.spelling is not None:
            words[finding.subject] = finding.spelling
    if not words:
        typer.echo(f"{file.path}: nothing to write, no word is contradicted", err=is_quiet)
        return
    write_spellings(file.path, words)
    names = ", ".join(sorted(words))
    typer.echo(f"{file.path}: wrote gateway.spellings.{names}", err=is_quiet)
