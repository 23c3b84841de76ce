"""`dashlink debug`: a question to a chat API on the gateway, or a conversation with it, from this machine."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer

from dashlink.cli.settings_source import known_name
from dashlink.cli.source import OutputsOption, read_outputs
from dashlink.clients.chat import ChatAnswer, ChatQuestion, ChatTarget, ask, conversation
from dashlink.clients.outputs import ModelApiOutputs, Outputs
from dashlink.errors import DashlinkError

_KEY_VARIABLE = "MODEL_API_KEY"
_SCENE, _PROTOCOL, _URL = "text", "OpenAI/v1", "openai"


def debug_api(
    *,
    api: Annotated[str, typer.Option(help="Model API, by its name in the settings.")],
    model: Annotated[str, typer.Option(help="Model name to ask for.")],
    stack: Annotated[
        str | None,
        typer.Argument(
            help="Stack whose outputs are read by `pulumi stack output`; `-`: from standard input."
        ),
    ] = None,
    message: Annotated[
        str | None,
        typer.Argument(
            help="What to ask; without it a conversation, a line of standard input each."
        ),
    ] = None,
    outputs: OutputsOption = None,
    domain: Annotated[
        str | None, typer.Option(help="Domain of the API to dial; default: its first.")
    ] = None,
    system: Annotated[str, typer.Option(help="What the model is told first.")] = "",
    param: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="A parameter, e.g. temperature=0.2; again for more."
        ),
    ] = None,
    stream: Annotated[
        bool, typer.Option("--stream/--no-stream", help="Have the answer come in pieces.")
    ] = True,
    key_env: Annotated[
        str, typer.Option(help="Environment variable that holds the caller's key.")
    ] = _KEY_VARIABLE,
) -> None:
    """Ask a chat API of the gateway, and print the answer as it comes, with tokens and times.

    With HTTPS_PROXY or HTTP_PROXY set, the proxy is asked to lead there.

    MODEL_API_KEY=… dashlink debug dev --api chat --model qwen-plus "Which zones has Beijing?"
    """
    if outputs is not None and message is None:  # the one argument is no stack then
        stack, message = None, stack
    if stack == "-" and message is None:
        raise typer.BadParameter(
            "with - standard input holds the outputs: write MESSAGE, or name --outputs FILE"
        )
    parameters = _parameters(param or ())
    target = _target(read_outputs(stack, outputs), api, domain, key_env)
    with suppress(ImportError):  # `ask` says what is missing
        import_module("openai")  # it takes its time, which is none of the answer's
    history: list[tuple[str, str]] = []
    for asked in [message] if message is not None else _turns():
        question = ChatQuestion(model, conversation(system, history, asked), parameters, stream)
        history.append((asked, _answered(target, question).text))


def _target(outputs: Outputs, name: str, domain: str | None, variable: str) -> ChatTarget:
    """Whom to ask, with the key of the environment."""
    apis = outputs.model_apis
    api = apis[known_name("--api", "Model API", name, sorted(apis))]
    if (api.scene, api.protocol) != (_SCENE, _PROTOCOL):
        others = [
            key
            for key, one in sorted(apis.items())
            if (one.scene, one.protocol) == (_SCENE, _PROTOCOL)
        ]
        advice = f"Name {' or '.join(others)}." if others else "The stack has no such API."
        raise DashlinkError(
            f"--api: {name} is of scene {api.scene} and speaks {api.protocol}; only {_SCENE} with {_PROTOCOL} can be "
            f"asked here. {advice}"
        )
    return ChatTarget(_base_url(api, domain), _key(api, variable), name)


def _base_url(api: ModelApiOutputs, domain: str | None) -> str:
    """The base URL under the domain that is asked for; one of a wildcard's names stands for the wildcard."""
    wanted = domain or api.host
    wildcard = f"*.{wanted.partition('.')[2]}"
    if wanted.startswith("*."):
        raise DashlinkError(f"--domain: {wanted} stands for many names. Name one of them.")
    known = wildcard if wanted not in api.domains and wildcard in api.domains else wanted
    known = known_name("--domain", f"domain of {api.name}", known, sorted(api.domains))
    return api.domains[known][_URL].replace(known, wanted, 1)


def _key(api: ModelApiOutputs, variable: str) -> str:
    """The caller's key; empty for an API that asks for none."""
    if api.auth is None:
        return ""
    if api.auth == "ak-sk":
        raise DashlinkError(
            f"--api: callers of {api.name} sign their requests, which is not done here. Name another."
        )
    key = os.environ.get(variable, "").strip()
    if not key:
        raise DashlinkError(
            f"{variable}: not set, and {api.name} asks for a key. Set it to the key of {_who(api)}, or name another "
            "variable by --key-env."
        )
    return key


def _who(api: ModelApiOutputs) -> str:
    return " or ".join(api.consumers) or "a consumer of it"


def _parameters(given: Sequence[str]) -> dict[str, Any]:
    """Fields of the body: values are JSON, and text where they are none."""
    parameters = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise typer.BadParameter(
                f"--param: no NAME=VALUE (got {text}). Write e.g. temperature=0.2."
            )
        try:
            parameters[name] = json.loads(value, parse_constant=_no_constant)
        except ValueError:
            parameters[name] = value
    return parameters


def _no_constant(name: str) -> None:
    """NaN and Infinity are no JSON."""
    raise ValueError(name)


def _turns() -> Iterator[str]:
    """What is asked, line by line, until an empty line or the end."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        typer.echo(prompt, nl=False)
        line = sys.stdin.readline().strip()
        if not line:
            return
        yield line


def _answered(target: ChatTarget, question: ChatQuestion) -> ChatAnswer:
    """Ask, print the answer piece by piece, and then a line about it."""
    said: list[str] = []

    def say(piece: str) -> None:
        said.append(piece)
        typer.echo(piece, nl=False)

    try:
        answer = ask(target, question, say)
    finally:
        if said and not said[-1].endswith("\n"):
            typer.echo()
    typer.echo(_summary(answer))
    return answer


def _summary(answer: ChatAnswer) -> str:
    counts = (answer.prompt_tokens, answer.completion_tokens, answer.total_tokens)
    sent, got, both = ("?" if count is None else count for count in counts)
    tokens = "tokens not told" if set(counts) == {None} else f"{sent} + {got} = {both} tokens"
    times = f"first byte after {answer.first_byte_seconds:.2f} s, all after {answer.total_seconds:.2f} s"
    return f"  [{answer.model}, {answer.finish_reason or 'no finish reason'}, {tokens}, {times}]"
