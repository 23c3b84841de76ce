"""`dashlink check --from-inside`: is the private access there, seen from a machine in the VPC."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from dashlink.cli.source import EndpointOption, OutputsOption, StackArgument, read_outputs
from dashlink.clients.probe import Finding, probe


def check_access(
    stack: StackArgument = None,
    outputs: OutputsOption = None,
    from_inside: Annotated[
        bool, typer.Option("--from-inside", help="Look from this machine, which is in the VPC.")
    ] = False,
    endpoint: EndpointOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    timeout: Annotated[float, typer.Option(help="Seconds for each step.", min=0.1)] = 5.0,
) -> None:
    """Walk name, address, port, TLS name and HTTP answer of each endpoint. No key is sent; 401 is a good answer.

    With HTTPS_PROXY or HTTP_PROXY set, name and address are the proxy's to find: it is asked instead.

    dashlink check --from-inside dev
    """
    if not from_inside:
        raise typer.BadParameter(
            "say --from-inside: the check looks from the machine that it runs on"
        )
    document = read_outputs(stack, outputs)
    names = [endpoint] if endpoint is not None else sorted(document.endpoints)
    unknown = [name for name in names if name not in document.endpoints]
    if unknown:
        raise typer.BadParameter(
            f"the stack has no endpoint {unknown[0]}; it has {', '.join(sorted(document.endpoints))}"
        )
    findings = {name: probe(document.endpoints[name], timeout) for name in names}
    typer.echo(_as_json(findings) if as_json else _as_table(findings))
    if any(finding.state == "failed" for found in findings.values() for finding in found):
        sys.exit(1)


def _as_json(findings: dict[str, list[Finding]]) -> str:
    return json.dumps(
        {name: [asdict(finding) for finding in found] for name, found in findings.items()}, indent=2
    )


def _as_table(findings: dict[str, list[Finding]]) -> str:
    lines = []
    for name, found in findings.items():
        lines.append(f"{name}:")
        for finding in found:
            lines.append(f"  {finding.state:<8} {finding.step:<8} {finding.said}")
            lines += [f"{'':<20}{finding.advice}"] if finding.advice else []
    return "\n".join(lines)
