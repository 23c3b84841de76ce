"""`dashlink debug`: send chat requests to a Model API, MaaS or EAS, from this machine."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from typing import Annotated, Any

import typer

from dashlink.cli.debug_subject import (
    ApiOption,
    Choice,
    DomainOption,
    EasOption,
    KeyOption,
    MaasOption,
    ModelOption,
    ProtocolOption,
    Subject,
    subject_of,
)
from dashlink.cli.document import VERSION
from dashlink.cli.stack_outputs import OutputsOption, StackArgument, read_outputs
from dashlink.clients.chat import (
    MODERATED_STREAM,
    ChatAnswer,
    ChatRequest,
    ChatTarget,
    SceneCall,
    ask,
    complete,
    conversation,
    is_moderated,
)
from dashlink.errors import ConfigError
from dashlink.maas.parameters import parameter_faults, parameter_warnings


def debug_api(
    *,
    api: ApiOption = None,
    maas: MaasOption = None,
    eas: EasOption = None,
    model: ModelOption = None,
    stack: StackArgument = None,
    message: Annotated[
        str | None,
        typer.Argument(
            help="Message to send. Without it, each line of standard input is the next message of "
            "a conversation."
        ),
    ] = None,
    outputs: OutputsOption = None,
    domain: DomainOption = None,
    protocol: ProtocolOption = None,
    system: Annotated[str, typer.Option(help="System prompt.")] = "",
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="Request parameter, e.g. temperature=0.2. Repeatable."
        ),
    ] = None,
    stream: Annotated[bool, typer.Option("--stream/--no-stream", help="Stream the answer.")] = True,
    key_env: KeyOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each answer as a JSON document on one line.")
    ] = False,
) -> None:
    """Send a message to a model, and print what it thinks, the answer, its tokens and its times.

    Model APIs of other scenes than chats get the smallest request of their protocol, with the
    message as prompt, input or query. Another model than the requested one is reported.

    The model is behind a Model API of the gateway (--api), or is asked directly: Huawei MaaS
    (--maas), PAI-EAS (--eas). With HTTPS_PROXY or HTTP_PROXY set, requests go through the proxy.

    MODEL_API_KEY=… dashlink debug dev --api chat --model qwen-plus Hello
    """
    if outputs is not None and message is None:  # then the only argument is the message
        message = stack
        stack = None
    if stack == "-" and message is None:
        raise typer.BadParameter(
            "with -, standard input has the outputs: pass MESSAGE, or use --outputs FILE"
        )
    parameters = _parameters(param or ())
    choice = Choice(api, maas, eas, model, domain, protocol, key_env)
    choice.check()
    subject = subject_of(read_outputs(stack, outputs), choice)
    if subject.target.kind == "maas":
        _check_parameters(parameters, subject.model, stream=stream)
    with suppress(ImportError):  # `complete` reports what is missing
        import_module("openai")  # slow to import: not a part of the answer's time
    messages: Iterable[str] = _lines_of_input()
    if message is not None:
        messages = [message]
    history: list[tuple[str, str]] = []
    for user_message in messages:
        if subject.call is not None:
            _print_scene(subject, subject.call, user_message, parameters, as_json=as_json)
            continue
        sent = conversation(system, history, user_message)
        request = ChatRequest(subject.model, sent, parameters, stream)
        answer = _print_answer(subject.target, request, as_json=as_json)
        history.append((user_message, answer.text))


def _parameters(texts: Sequence[str]) -> dict[str, Any]:
    """Return fields of the request's body; a value that is not JSON is text."""
    parameters = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise typer.BadParameter(
                f"--param: not NAME=VALUE (got {text}). Write e.g. temperature=0.2."
            )
        try:
            parameters[name] = json.loads(value, parse_constant=_refuse_constant)
        except ValueError:
            parameters[name] = value
    return parameters


def _refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python's parser accepts and JSON does not have."""
    raise ValueError(name)


def _lines_of_input() -> Iterator[str]:
    """Yield the lines of standard input, until an empty line or its end."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    while True:
        if sys.stdin.isatty():
            typer.echo("> ", nl=False)
        line = sys.stdin.readline().strip()
        if not line:
            return
        yield line


def _check_parameters(parameters: Mapping[str, Any], model: str, *, stream: bool) -> None:
    """Refuse parameters that MaaS refuses, before anything is sent; print warnings.

    Raises:
        ConfigError: A parameter is out of its range, or two do not fit together: all faults.
    """
    faults = parameter_faults(parameters, model=model, stream=stream)
    if faults:
        raise ConfigError(faults, "--param")
    for warning in parameter_warnings(parameters):
        typer.echo(f"warning: --param: {warning}", err=True)


def _print_answer(target: ChatTarget, request: ChatRequest, *, as_json: bool) -> ChatAnswer:
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


def _print_scene(
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
