"""What a chat model answers: a text, JSON, or calls of tools; the same for every protocol.

:func:`answer` decides, and deterministically. A protocol translates its request to
:class:`Question`, and shapes the :class:`Answer`.

Tools: a model calls those that the last user message asks it to use or call by name ("use get_time
and get_weather"), so that a client with tools chats as without them until it does so; with parallel
calls all of them, else the first. A choice of ``required`` calls one in any case, a name calls that
one, ``none`` calls none. After the result of a tool the model answers with it. Arguments fit the
tool's schema (schemas.py).

JSON: an object with the model and the text, or a value that fits the schema of the request.

Sources: OpenAI API reference (2026): tool_choice, response_format. Model Studio "OpenAI Chat"
(qwen-api-via-openai-chat-completions, 2026-03-18): parallel_tool_calls is off by default.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashlink_sandbox.inside.models import catalog, schemas
from dashlink_sandbox.inside.models.protocol import Fault, Fields, as_json

ANY_OBJECT: Mapping[str, Any] = {}
"""The schema of a request for JSON without one."""

_NAME = r"[\w-]+"
_ASKED = re.compile(rf"\b(?:use|call) ({_NAME}(?:(?:, | and ){_NAME})*)", re.IGNORECASE)


@dataclass(frozen=True)
class Tool:
    """A function that a model may call; ``parameters`` is a JSON schema."""

    name: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A request to a chat model.

    Attributes:
        model: The model.
        messages: As OpenAI's; one with the role ``tool`` has a tool's result.
        tools: The tools that the model may call.
        choice: ``auto``, ``none``, ``required`` or the name of a tool.
        parallel: Whether it may call several tools at once.
        schema: The JSON schema of the answer; None for a text.
    """

    model: str
    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Tool] = ()
    choice: str = "auto"
    parallel: bool = False
    schema: Mapping[str, Any] | None = None

    @property
    def tokens(self) -> int:
        """The number of tokens in the messages."""
        return catalog.prompt_tokens(self.messages)


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; ``arguments`` is a JSON object as text."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class Answer:
    """An answer: a text, or calls of tools."""

    text: str
    calls: tuple[ToolCall, ...] = ()

    @property
    def tokens(self) -> int:
        """The number of tokens in the text or in the arguments."""
        return catalog.tokens(self.text) + catalog.total_tokens(
            [call.arguments for call in self.calls]
        )


def answer(question: Question) -> Answer:
    """The answer to ``question``."""
    heard = catalog.heard(question.messages)
    calls = []
    for tool in _called(question, heard):
        arguments = as_json(schemas.fit(dict(tool.parameters), heard) or {})
        calls.append(ToolCall(f"call_{uuid.uuid4().hex[:24]}", tool.name, arguments))
    if calls:
        return Answer("", tuple(calls))
    if question.schema is None:
        return Answer(catalog.echo(question.model, heard))
    value = schemas.fit(question.schema, heard)
    if question.schema is ANY_OBJECT:
        value = {"model": question.model, "heard": heard}
    return Answer(as_json(value))


def read_tools(rows: Any, where: str) -> tuple[Tool, ...]:
    """The tools in OpenAI's shape: functions below ``function``, or flat as in Responses.

    Raises:
        Fault: ``rows``, which the message calls ``where``, is malformed.
    """
    tools = []
    if not isinstance(rows, list):
        raise Fault("body", f"{where} is malformed")
    for row in rows:
        if not isinstance(row, dict):
            raise Fault("body", f"{where} is malformed")
        if row.get("type", "function") != "function":
            continue  # a tool of the service itself, as web search, is never called
        function = row.get("function", row)
        if not isinstance(function, dict):
            raise Fault("body", f"{where} is malformed")
        tools.append(Tool(Fields(function).need("name", str), function.get("parameters") or {}))
    return tuple(tools)


def read_choice(value: Any) -> str:
    """A tool choice in OpenAI's shapes: a word, or a function with its name."""
    if isinstance(value, dict):
        function = value.get("function", value)
        return str(function.get("name", "auto")) if isinstance(function, dict) else "auto"
    return value if isinstance(value, str) else "auto"


def _called(question: Question, heard: str) -> Sequence[Tool]:
    """The tools that the model calls."""
    if question.choice == "none" or not question.tools:
        return ()
    for tool in question.tools:
        if tool.name == question.choice:
            return (tool,)
    named = []
    if question.messages and question.messages[-1].get("role") == "user":
        names = set(re.findall(_NAME, " ".join(_ASKED.findall(heard))))
        named = [tool for tool in question.tools if tool.name in names]
    if not named and question.choice == "required":
        return question.tools[:1]
    return named if question.parallel else named[:1]
