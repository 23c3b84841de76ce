"""`dashlink debug`: send chat requests to a Model API on the gateway, from this machine."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer

from dashlink.cli.arguments import known_name
from dashlink.cli.stack_outputs import OutputsOption, StackArgument, read_outputs
from dashlink.clients.chat import ChatAnswer, ChatRequest, ChatTarget, complete, conversation
from dashlink.clients.outputs import BEARER, ModelApiOutputs, Outputs
from dashlink.errors import DashlinkError

_KEY_VARIABLE = "MODEL_API_KEY"
_SCENE = "text"
_PROTOCOL = "OpenAI/v1"
_BASE_URL = "openai"
_COMPLETIONS = "/chat/completions"


def debug_api(
    *,
    api: Annotated[str, typer.Option(help="Model API, by its name in the settings.")],
    model: Annotated[str, typer.Option(help="Name of the model.")],
    stack: StackArgument = None,
    message: Annotated[
        str | None,
        typer.Argument(
            help="Message to send. Without it, each line of standard input is the next message of "
            "a conversation."
        ),
    ] = None,
    outputs: OutputsOption = None,
    domain: Annotated[
        str | None, typer.Option(help="Domain of the API to connect to. Default: its first.")
    ] = None,
    system: Annotated[str, typer.Option(help="System prompt.")] = "",
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="Request parameter, e.g. temperature=0.2. Repeatable."
        ),
    ] = None,
    stream: Annotated[bool, typer.Option("--stream/--no-stream", help="Stream the answer.")] = True,
    key_env: Annotated[
        str, typer.Option(help="Environment variable with the consumer's API key.")
    ] = _KEY_VARIABLE,
) -> None:
    """Send a message to a chat API of the gateway, and print the answer, its tokens and its times.

    With HTTPS_PROXY or HTTP_PROXY set, requests go through the proxy.

    MODEL_API_KEY=… dashlink debug dev --api chat --model qwen-plus "Which zones has Beijing?"
    """
    if outputs is not None and message is None:  # then the only argument is the message
        message = stack
        stack = None
    if stack == "-" and message is None:
        raise typer.BadParameter(
            "with -, standard input has the outputs: pass MESSAGE, or use --outputs FILE"
        )
    parameters = _parameters(param or ())
    target = _target(read_outputs(stack, outputs), api, domain, key_env)
    with suppress(ImportError):  # `complete` reports what is missing
        import_module("openai")  # slow to import: not a part of the answer's time
    messages: Iterable[str] = _lines_of_input()
    if message is not None:
        messages = [message]
    history: list[tuple[str, str]] = []
    for user_message in messages:
        sent = conversation(system, history, user_message)
        answer = _print_answer(target, ChatRequest(model, sent, parameters, stream))
        history.append((user_message, answer.text))


def _target(outputs: Outputs, name: str, domain: str | None, variable: str) -> ChatTarget:
    """Return the API, with the key of the environment."""
    apis = outputs.model_apis
    api = apis[known_name("--api", "Model API", name, sorted(apis))]
    if not _is_chat(api):
        others = [key for key, other in sorted(apis.items()) if _is_chat(other)]
        advice = f"Name {' or '.join(others)}." if others else "The stack has no such API."
        raise DashlinkError(
            f"--api: {name} has the scene {api.scene} and the protocol {api.protocol}; debug "
            f"supports only {_SCENE} with {_PROTOCOL}. {advice}"
        )
    paths = [route.path for route in api.routes]
    if paths and not any(path.endswith((_COMPLETIONS, "/*")) for path in paths):
        raise DashlinkError(
            f"--api: {name} has no route for chat completions, only {', '.join(paths)}. Look at "
            "`routes` in its settings."
        )
    return ChatTarget(
        _base_url(api, domain), _key(api, variable), name, key_in=api.key_in or BEARER
    )


def _is_chat(api: ModelApiOutputs) -> bool:
    return api.scene == _SCENE and api.protocol == _PROTOCOL


def _base_url(api: ModelApiOutputs, domain: str | None) -> str:
    """Return the base URL under a domain of the API, or under a name that its wildcard covers."""
    requested = domain or api.host
    if requested.startswith("*."):
        raise DashlinkError(f"--domain: {requested} is a wildcard. Name one of its names.")
    known = requested
    wildcard = f"*.{requested.partition('.')[2]}"
    if requested not in api.domains and wildcard in api.domains:
        known = wildcard
    known = known_name("--domain", f"domain of {api.name}", known, sorted(api.domains))
    return api.domains[known][_BASE_URL].replace(known, requested, 1)


def _key(api: ModelApiOutputs, variable: str) -> str:
    """Return the consumer's key; empty for an API without authentication."""
    if api.auth is None:
        return ""
    if api.auth == "ak-sk":
        raise DashlinkError(
            f"--api: {api.name} requires signed requests, which debug does not support. "
            "Name another API."
        )
    key = os.environ.get(variable, "").strip()
    if not key:
        consumers = " or ".join(api.consumers) or "one of its consumers"
        raise DashlinkError(
            f"{variable}: not set, and {api.name} requires a key. Set it to the key of "
            f"{consumers}, or name another variable by --key-env."
        )
    return key


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


def _print_answer(target: ChatTarget, request: ChatRequest) -> ChatAnswer:
    """Send a request, print the text as it arrives, and then one line of statistics."""
    pieces: list[str] = []

    def print_text(piece: str) -> None:
        pieces.append(piece)
        typer.echo(piece, nl=False)

    try:
        answer = complete(target, request, print_text)
    finally:
        if pieces and not pieces[-1].endswith("\n"):
            typer.echo()
    typer.echo(_statistics(answer))
    return answer


def _statistics(answer: ChatAnswer) -> str:
    finish_reason = answer.finish_reason or "no finish reason"
    return (
        f"  [{answer.model}, {finish_reason}, {_token_counts(answer)}, first byte after "
        f"{answer.first_byte_seconds:.2f} s, all after {answer.total_seconds:.2f} s]"
    )


def _token_counts(answer: ChatAnswer) -> str:
    counts = (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens)
    if set(counts) == {None}:
        return "tokens not reported"
    texts = ["?" if count is None else str(count) for count in counts]
    return f"{texts[0]} + {texts[1]} = {texts[2]} tokens"
