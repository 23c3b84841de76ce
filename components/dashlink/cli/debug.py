"""`dashlink debug`: send chat requests to a Model API, MaaS or EAS, from this machine."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer

from dashlink.cli.debug_answer import print_answer, print_scene
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
from dashlink.cli.stack_outputs import OutputsOption, StackArgument, read_outputs
from dashlink.clients.chat import (
    ChatRequest,
    conversation,
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
    system: Annotated[str, typer.Option(metavar="TEXT", help="System prompt.")] = "",
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
    settings = _Conversation(subject, system, parameters, stream, as_json)
    _converse(settings, messages)


@dataclass(frozen=True)
class _Conversation:
    """What all messages have in common: the subject, and the options of the command line."""

    subject: Subject
    system: str
    parameters: Mapping[str, Any]
    stream: bool
    as_json: bool


def _converse(common: _Conversation, messages: Iterable[str]) -> None:
    """Send the messages in order, chats with the ones before, and print each answer."""
    subject, parameters, as_json = common.subject, common.parameters, common.as_json
    history: list[tuple[str, str]] = []
    for message in messages:
        if subject.call is not None:
            print_scene(subject, subject.call, message, parameters, as_json=as_json)
            continue
        sent = conversation(common.system, history, message)
        request = ChatRequest(subject.model, sent, parameters, common.stream)
        answer = print_answer(subject.target, request, as_json=as_json)
        history.append((message, answer.text))


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
