"""Print what a model answers to `dashlink debug`: as text as it arrives, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import typer

from dashlink.cli.debug_subject import Subject
from dashlink.cli.document import VERSION
from dashlink.clients.chat import (
    MODERATED_STREAM,
    ChatAnswer,
    ChatRequest,
    ChatTarget,
    SceneCall,
    ask,
    complete,
    is_moderated,
)


def print_answer(target: ChatTarget, request: ChatRequest, *, as_json: bool) -> ChatAnswer:
    """Send a request, print what arrives as it arrives, and then one line of statistics."""
    if as_json:
        answer = complete(target, request, _ignore)
        document = asdict(answer)
        document["other_model"] = _is_other(request.model, answer.model)
        _print_json(target, request.model, document)
        return answer
    printed = _Printed()
    try:
        answer = complete(target, request, printed.text, on_reasoning=printed.reasoning)
    finally:
        printed.end_line()
    typer.echo(_statistics(answer))
    _print_other_model(target, request.model, answer.model)
    if is_moderated(answer.finish_reason):
        typer.echo(f"  {MODERATED_STREAM.problem}. {MODERATED_STREAM.advice}")
    return answer


def print_scene(
    subject: Subject, call: SceneCall, text: str, parameters: Mapping[str, Any], *, as_json: bool
) -> None:
    """Send the smallest request of a scene, and print its answer."""
    answer = ask(subject.target, call, subject.model, text, parameters)
    if as_json:
        document = asdict(answer)
        document["other_model"] = _is_other(subject.model, answer.model)
        _print_json(subject.target, subject.model, document)
        return
    typer.echo(answer.text)
    details = [answer.model or "no model reported"]
    details += [f"{name} {value}" for name, value in answer.usage.items() if _is_count(value)]
    typer.echo(f"  [{', '.join(details)}, all after {answer.total_seconds:.2f} s]")
    _print_other_model(subject.target, subject.model, answer.model)


def _print_json(target: ChatTarget, requested: str, answer: Mapping[str, Any]) -> None:
    head = {"version": VERSION, "kind": target.kind, "name": target.api}
    document = {**head, "requested_model": requested, **answer}
    typer.echo(json.dumps(document, ensure_ascii=False))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _ignore(_: str) -> None:
    """Print nothing of an answer that is printed as a whole."""


def _is_other(requested: str, answered: str | None) -> bool:
    return bool(requested and answered and requested != answered)


def _print_other_model(target: ChatTarget, requested: str, answered: str | None) -> None:
    """Report that another model answered than requested: no source names a header for it."""
    if not _is_other(requested, answered):
        return
    why = "another version of it"
    if target.kind == "model-api":
        why = "a fallback, or a model that the API's routing names (`dashlink route --api "
        why += f"{target.api} --model {requested}`)"
    typer.echo(f"  answered by {answered}, not by {requested}: {why}")


class _Printed:
    """What is printed of an answer: what the model thinks, indented, and apart from it the text."""

    def __init__(self) -> None:
        self._last = "\n"
        self._thinks = False

    def reasoning(self, piece: str) -> None:
        """Print a piece of what the model thinks."""
        if not self._thinks:
            self.end_line()
            self._echo("  thinks: ")
            self._thinks = True
        self._echo(piece.replace("\n", "\n    "))

    def text(self, piece: str) -> None:
        """Print a piece of the answer."""
        if self._thinks:
            self.end_line()
            self._thinks = False
        self._echo(piece)

    def end_line(self) -> None:
        """Go to a new line, unless it is one."""
        if self._last != "\n":
            self._echo("\n")

    def _echo(self, text: str) -> None:
        typer.echo(text, nl=False)
        self._last = text[-1:] or self._last


def _statistics(answer: ChatAnswer) -> str:
    times = [f"first byte after {answer.first_byte_seconds:.2f} s"]
    if answer.reasoning and answer.first_text_seconds is not None:
        times.append(f"first text after {answer.first_text_seconds:.2f} s")
    times.append(f"all after {answer.total_seconds:.2f} s")
    finish_reason = answer.finish_reason or "no finish reason"
    return f"  [{answer.model}, {finish_reason}, {_token_counts(answer)}, {', '.join(times)}]"


def _token_counts(answer: ChatAnswer) -> str:
    counts = (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens)
    if set(counts) == {None}:
        return "tokens not reported"
    texts = ["?" if count is None else str(count) for count in counts]
    return f"{texts[0]} + {texts[1]} = {texts[2]} tokens"
