"""`dashlink route`: which service answers a request to a Model API, with which key and limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from dashlink.cli.arguments import known_name
from dashlink.cli.document import VERSION, print_document
from dashlink.cli.route_request import (
    Refusal,
    api_at,
    key_lines,
    limit_line,
    limits_that_apply,
    request_document,
    requests_of,
    route_at,
)
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
_Row = tuple[str, str, str, str, str]

UrlOption = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="URL of the request, instead of --api: the API that the gateway selects by domain "
        "and path, or why it answers 404.",
    ),
]

FailOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="SERVICE=503",
        help="AI service that fails with this status; SERVICE=down: it cannot be reached. "
        "Repeatable.",
    ),
]


def explain_route(
    *,
    model: Annotated[str, typer.Option(metavar="NAME", help="Model name that the client sends.")],
    api: Annotated[
        str | None, typer.Option(metavar="NAME", help="Model API, by its name in the settings.")
    ] = None,
    url: UrlOption = None,
    method: Annotated[
        str, typer.Option(metavar="METHOD", help="HTTP method of the request to --url.")
    ] = "POST",
    stack: StackOfFileArgument = None,
    fail: FailOption = None,
    settings: SettingsOption = None,
    outputs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File with the output of `pulumi stack output --json`: show the routes of the "
            "deployed API, not those of dashlink's catalog.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Show which service answers a request, with which model, why, and which fallbacks follow.

    Key and limits of the API are shown too. Only the settings are read, and the file of outputs.
    The exit code is 1 if all or some of the requests fail.

    dashlink route dev --api chat --model qwen-plus --fail studio=503

    dashlink route dev --url https://HOST/v1/chat/completions --model qwen-plus
    """
    if (api is None) == (url is None):
        raise typer.BadParameter("name one of: --api NAME, --url URL")
    config = read_stack(stack, settings).settings.gateway_config
    found = _requested_api(api, url, method.upper(), config, outputs)
    if isinstance(found, Refusal):
        _print_refusal(str(url), found, as_json=as_json)
        raise typer.Exit(1)
    name = found
    routes = _routes(name, config, outputs)
    explanation = explain(config.model_apis[name], model, _failures(fail or (), config))
    if as_json:
        document = _document(name, explanation, routes, is_deployed=outputs is not None)
        print_document({**document, **request_document(config.model_apis[name], config, model)})
    else:
        _print_explanation(name, explanation, config)
        source = "as deployed" if outputs is not None else "dashlink's catalog"
        typer.echo(f"  {requests_of(routes)} ({source})")
    if explanation.status != HTTPStatus.OK:
        raise typer.Exit(1)


def _requested_api(
    api: str | None, url: str | None, method: str, config: GatewayConfig, file: Path | None
) -> str | Refusal:
    """Return the API that the command line names, or that a request to the URL reaches."""
    if url is None:
        return known_name("--api", "Model API", str(api), list(config.model_apis))
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise typer.BadParameter(
            f"--url: not a URL (got {url}). Write e.g. https://models.example.internal/chat/v1."
        )
    found = api_at(config, parts.hostname, parts.path or "/")
    if isinstance(found, Refusal):
        return found
    route = route_at(found, _routes(found, config, file), method, parts.path or "/")
    return route if isinstance(route, Refusal) else found


def _print_refusal(url: str, refusal: Refusal, *, as_json: bool) -> None:
    """Print the response of the gateway itself, to a request that reaches no API."""
    if as_json:
        print_document(
            {"version": VERSION, "url": url, "api": None, "branches": [], **asdict(refusal)}
        )
    else:
        typer.echo(f"{url} is refused with {refusal.status}: {refusal.why}")


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


def _document(
    name: str,
    explanation: Explanation,
    routes: Sequence[RouteOutputs],
    *,
    is_deployed: bool,
) -> dict[str, Any]:
    document: dict[str, Any] = {"version": VERSION, "api": name, **asdict(explanation)}
    document["routes"] = [route.model_dump(mode="json") for route in routes]
    document["routes_from"] = "outputs" if is_deployed else "catalog"
    for branch in document["branches"]:
        for attempt in (*branch["attempts"], *branch["unused"]):
            if attempt["status"] == UNREACHABLE:
                attempt["status"] = None
    return document


def _print_explanation(name: str, explanation: Explanation, config: GatewayConfig) -> None:
    """Print one line with the outcome, then a row for each service, fallbacks included."""
    typer.echo(f"{name}: {explanation.model or 'no model'} {_outcome(explanation)}")
    api = config.model_apis[name]
    rows: list[_Row] = []
    for branch in explanation.branches:
        share = f"{branch.share_percent} %" if len(explanation.branches) > 1 else ""
        rows += _rows(branch, share, api, config)
    print_table(rows)
    for line in key_lines(api, config):
        typer.echo(f"  key    {line}")
    for limit in limits_that_apply(api, explanation.model):
        typer.echo(f"  limit  {limit_line(limit)}, then 429")


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
