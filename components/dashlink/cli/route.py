"""`dashlink route`: which service answers a request to a Model API, and what follows when it fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

import typer

from dashlink.cli.settings_source import SettingsOption, StackOfFileArgument, known_name, read_stack
from dashlink.gateway.catalog import is_fallback_status
from dashlink.gateway.config import GatewayConfig
from dashlink.gateway.plan import UNREACHABLE, Attempt, Branch, Explanation, explain
from dashlink.gateway.settings import ModelApiSettings

_DOWN = "down"
_Row = tuple[str, str, str, str, str]


def explain_route(
    api: Annotated[str, typer.Option(help="Model API, by its name in the settings.")],
    model: Annotated[str, typer.Option(help="Model name that the client sends.")],
    stack: StackOfFileArgument = None,
    fail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SERVICE=503",
            help="A service that fails so; SERVICE=down: not reached. Again for more.",
        ),
    ] = None,
    settings: SettingsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say which service answers a request, under which model name, why, and what follows when it fails.

    Only the settings are read. The exit code is 1 where the request, or a share of it, is refused or fails.

    dashlink route dev --api chat --model qwen-plus --fail studio=503
    """
    part = read_stack(stack, settings).settings.gateway_config
    name = known_name("--api", "Model API", api, list(part.model_apis))
    explanation = explain(part.model_apis[name], model, _failing(fail or (), part))
    typer.echo(
        _as_json(name, explanation) if as_json else "\n".join(_lines(name, explanation, part))
    )
    if explanation.status != HTTPStatus.OK:
        sys.exit(1)


def _failing(given: Sequence[str], part: GatewayConfig) -> dict[str, int]:
    """Status by service, of `--fail`."""
    failing = {}
    for text in given:
        service, _, status = text.partition("=")
        name = known_name("--fail", "AI service", service, list(part.ai_services))
        if status != _DOWN and not (status.isdecimal() and is_fallback_status(int(status))):
            raise typer.BadParameter(
                f"--fail: not a failure (got {text}). Write {service}=503, or {service}={_DOWN}."
            )
        failing[name] = UNREACHABLE if status == _DOWN else int(status)
    return failing


def _as_json(name: str, explanation: Explanation) -> str:
    branches = [
        {
            "share_percent": branch.share_percent,
            "status": branch.status,
            "attempts": [_attempt(attempt) for attempt in branch.attempts],
            "unused": [_attempt(attempt) for attempt in branch.unused],
        }
        for branch in explanation.branches
    ]
    told = {
        "api": name,
        "model": explanation.model,
        "status": explanation.status,
        "why": explanation.why,
    }
    return json.dumps({**told, "branches": branches}, indent=2, ensure_ascii=False)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    status = None if attempt.status == UNREACHABLE else attempt.status
    return {
        "service": attempt.service,
        "model": attempt.model,
        "status": status,
        "why": attempt.why,
    }


def _lines(name: str, explanation: Explanation, part: GatewayConfig) -> Iterator[str]:
    """One line that says what becomes of it, then a line for each service that has a part in it."""
    yield f"{name}: {explanation.model or 'no model'} {_outcome(explanation)}"
    api = part.model_apis[name]
    rows = [row for branch in explanation.branches for row in _rows(branch, api, part)]
    if len(explanation.branches) == 1:
        rows = [("", *row[1:]) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(4)] if rows else []
    for row in rows:
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False) if width]
        yield f"  {'  '.join([*cells, row[-1]])}"


def _outcome(explanation: Explanation) -> str:
    branches = explanation.branches
    if not branches:
        return f"is refused with {explanation.status}: {explanation.why}"
    failed = [branch for branch in branches if branch.status != HTTPStatus.OK]
    if failed:
        share = sum(branch.share_percent for branch in failed)
        statuses = " or ".join(dict.fromkeys(str(branch.status) for branch in failed))
        return f"fails with {statuses}{f', {share} % of the requests' if len(branches) > 1 else ''}"
    return (
        f"is answered by {' or '.join(dict.fromkeys(branch.answer.service for branch in branches))}"
    )


def _rows(branch: Branch, api: ModelApiSettings, part: GatewayConfig) -> Iterator[_Row]:
    """Share, service, its model, what it does, and why it is its turn."""
    before: Attempt | None = None
    for attempt in (*branch.attempts, *branch.unused):
        waits = attempt in branch.unused
        share = f"{branch.share_percent} %" if before is None else ""
        why = (
            attempt.why if before is None else f"{attempt.why}, {_cause(before, api, waits=waits)}"
        )
        yield (
            share,
            attempt.service,
            _model(attempt, part),
            "waits" if waits else _result(attempt),
            why,
        )
        before = attempt


def _model(attempt: Attempt, part: GatewayConfig) -> str:
    return attempt.model or part.ai_services[attempt.service].default_model or "no model"


def _result(attempt: Attempt) -> str:
    results: Mapping[int, str] = {HTTPStatus.OK: "answers", UNREACHABLE: "is not reached"}
    return results.get(attempt.status, f"fails with {attempt.status}")


def _cause(before: Attempt, api: ModelApiSettings, *, waits: bool) -> str:
    """Why a fallback is tried, or what it waits for."""
    if not waits:
        return f"for {before.service} {_result(before)}"
    only = api.fallback_only_on_upstream_codes
    if before.status == UNREACHABLE and only:
        return "which nothing but an answer of 4xx or 5xx starts"
    return f"if {before.service} answers 4xx or 5xx{'' if only else ', or nothing'}"
