"""`dashlink check --from-inside`: test private access from a machine in the VPC."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from dashlink.cli.stack_outputs import EndpointOption, OutputsOption, StackArgument, read_outputs
from dashlink.cli.table import print_table
from dashlink.clients.probe import Finding, probe


def check_access(
    stack: StackArgument = None,
    outputs: OutputsOption = None,
    from_inside: Annotated[
        bool,
        typer.Option("--from-inside", help="Confirm that this machine is in the VPC. Required."),
    ] = False,
    endpoint: EndpointOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
    timeout: Annotated[
        float, typer.Option(help="Timeout of each step, in seconds.", min=0.1)
    ] = 5.0,
) -> None:
    """Test name, address, port, TLS certificate and HTTP response of each endpoint.

    No API key is sent, so that a response of 401 is a success. The exit code is 1 if a step fails.

    With HTTPS_PROXY or HTTP_PROXY set, the proxy resolves the name and connects.

    dashlink check --from-inside dev
    """
    if not from_inside:
        raise typer.BadParameter("add --from-inside: the check runs from this machine")
    endpoints = read_outputs(stack, outputs).endpoints
    names = sorted(endpoints)
    if endpoint is not None:
        if endpoint not in endpoints:
            known = ", ".join(names)
            raise typer.BadParameter(f"the stack has no endpoint {endpoint}; it has {known}")
        names = [endpoint]
    findings = {name: probe(endpoints[name], timeout) for name in names}
    if as_json:
        typer.echo(json.dumps(findings, indent=2, default=asdict))
    else:
        for name, results in findings.items():
            _print_findings(name, results)
    if any(results[-1].state == "failed" for results in findings.values()):
        sys.exit(1)


def _print_findings(name: str, findings: Sequence[Finding]) -> None:
    typer.echo(f"{name}:")
    rows: list[tuple[str, str, str]] = []
    for finding in findings:
        rows.append((finding.state, finding.step, finding.message))
        if finding.advice:
            rows.append(("", "", finding.advice))
    print_table(rows)
