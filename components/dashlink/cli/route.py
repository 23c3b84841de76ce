"""`dashlink route`: which service answers a request to a Model API, and which fallbacks follow."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer

from dashlink.cli.arguments import known_name
from dashlink.cli.stack_file import SettingsOption, StackOfFileArgument, read_stack
from dashlink.cli.stack_outputs import read_outputs
from dashlink.cli.table import print_table
from dashlink.clients.outputs import RouteOutputs
from dashlink.errors import DashlinkError
from dashlink.gateway.catalog import is_fallback_status
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.model_api.outputs import route_outputs
from dashlink.gateway.model_api.plan import UNREACHABLE, Attempt, Branch, Explanation, explain
from dashlink.gateway.model_api.routes import catalog_routes
from dashlink.gateway.model_api.settings import ModelApiSettings

_DOWN = "down"
_MOST_ROUTES = 3
_Row = tuple[str, str, str, str, str]


def explain_route(
    api: Annotated[str, typer.Option(help="Model API, by its name in the settings.")],
    model: Annotated[str, typer.Option(help="Model name that the client sends.")],
    stack: StackOfFileArgument = None,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE=503",
            help="AI service that fails with this status; SERVICE=down: it cannot be reached. "
            "Repeatable.",
        ),
    ] = None,
    settings: SettingsOption = None,
    outputs: Annotated[
        Path | None,
        typer.Option(
            help="File with the output of `pulumi stack output --json`: show the routes of the "
            "deployed API, not those of dashlink's catalog."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show which service answers a request, with which model, why, and which fallbacks follow.

    Only the settings are read, and the file of outputs. The exit code is 1 if all or some of the
    requests fail.

    dashlink route dev --api chat --model qwen-plus --fail studio=503
    """
    config = read_stack(stack, settings).settings.gateway_config
    name = known_name("--api", "Model API", api, list(config.model_apis))
    routes = _routes(name, config, outputs)
    explanation = explain(config.model_apis[name], model, _failures(fail or (), config))
    if as_json:
        typer.echo(_as_json(name, explanation, routes, is_deployed=outputs is not None))
    else:
        _print_explanation(name, explanation, config)
        source = "as deployed" if outputs is not None else "dashlink's catalog"
        typer.echo(f"  {_requests(routes)} ({source})")
    if explanation.status != HTTPStatus.OK:
        sys.exit(1)


def _failures(texts: Sequence[str], config: GatewayConfig) -> dict[str, int]:
    """Return the status of `--fail` by service."""
    failures = {}
    for text in texts:
        service, _, status = text.partition("=")
        name = known_name("--fail", "AI service", service, list(config.ai_services))
        if status == _DOWN:
            failures[name] = UNREACHABLE
        elif status.isdecimal() and is_fallback_status(int(status)):
            failures[name] = int(status)
        else:
            raise typer.BadParameter(
                f"--fail: not a failure (got {text}). Write {service}=503, or {service}={_DOWN}."
            )
    return failures


def _routes(name: str, config: GatewayConfig, file: Path | None) -> tuple[RouteOutputs, ...]:
    """Return the routes of an API as deployed, or those of the catalog without a file."""
    if file is None:
        api = config.model_apis[name]
        return route_outputs(api, catalog_routes(api))
    apis = read_outputs(None, file).model_apis
    if name not in apis:
        raise DashlinkError(
            f"--outputs: no Model API {name} in these outputs. Run `up`, and write the file again."
        )
    return apis[name].routes


def _requests(routes: Sequence[RouteOutputs]) -> str:
    """Return the requests that reach an API, on one line."""
    requests = []
    for route in routes[:_MOST_ROUTES]:
        requests.append(f"{'|'.join(route.methods) or 'any method'} {route.path}")
    more = len(routes) - _MOST_ROUTES
    text = ", ".join(requests)
    return f"{text} and {more} more" if more > 0 else text


def _as_json(
    name: str,
    explanation: Explanation,
    routes: Sequence[RouteOutputs],
    *,
    is_deployed: bool,
) -> str:
    document: dict[str, Any] = {"api": name, **asdict(explanation)}
    document["routes"] = [route.model_dump(mode="json") for route in routes]
    document["routes_from"] = "outputs" if is_deployed else "catalog"
    for branch in document["branches"]:
        for attempt in (*branch["attempts"], *branch["unused"]):
            if attempt["status"] == UNREACHABLE:
                attempt["status"] = None
    return json.dumps(document, indent=2, ensure_ascii=False)


def _print_explanation(name: str, explanation: Explanation, config: GatewayConfig) -> None:
    """Print one line with the outcome, then a row for each service, fallbacks included."""
    typer.echo(f"{name}: {explanation.model or 'no model'} {_outcome(explanation)}")
    api = config.model_apis[name]
    rows: list[_Row] = []
    for branch in explanation.branches:
        share = f"{branch.share_percent} %" if len(explanation.branches) > 1 else ""
        rows += _rows(branch, share, api, config)
    print_table(rows)


def _outcome(explanation: Explanation) -> str:
    branches = explanation.branches
    if not branches:
        return f"is refused with {explanation.status}: {explanation.why}"
    failed = [branch for branch in branches if branch.status != HTTPStatus.OK]
    if not failed:
        services = dict.fromkeys(branch.answer.service for branch in branches)
        return f"is answered by {' or '.join(services)}"
    statuses = dict.fromkeys(str(branch.status) for branch in failed)
    outcome = f"fails with {' or '.join(statuses)}"
    if len(branches) == 1:
        return outcome
    share = sum(branch.share_percent for branch in failed)
    return f"{outcome}, {share} % of the requests"


def _rows(branch: Branch, share: str, api: ModelApiSettings, config: GatewayConfig) -> list[_Row]:
    """Return share, service, its model, its result, and the reason why it is tried."""
    rows: list[_Row] = []
    previous: Attempt | None = None
    for attempt in (*branch.attempts, *branch.unused):
        unused = attempt in branch.unused
        why = attempt.why
        if previous is not None:
            why = f"{why}, {_fallback_reason(previous, api, unused=unused)}"
            share = ""
        result = "waits" if unused else _result(attempt)
        rows.append((share, attempt.service, _model(attempt, config), result, why))
        previous = attempt
    return rows


def _model(attempt: Attempt, config: GatewayConfig) -> str:
    return attempt.model or config.ai_services[attempt.service].default_model or "no model"


def _result(attempt: Attempt) -> str:
    if attempt.status == HTTPStatus.OK:
        return "answers"
    if attempt.status == UNREACHABLE:
        return "cannot be reached"
    return f"fails with {attempt.status}"


def _fallback_reason(previous: Attempt, api: ModelApiSettings, *, unused: bool) -> str:
    """Return why a fallback is tried, or the failure on which it would be."""
    service = previous.service
    if not unused:
        return f"because {service} {_result(previous)}"
    if not api.fallback_only_on_upstream_codes:
        return f"if {service} answers 4xx or 5xx, or cannot be reached"
    if previous.status == UNREACHABLE:
        return "which only an answer of 4xx or 5xx starts"
    return f"if {service} answers 4xx or 5xx"
