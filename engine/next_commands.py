"""The commands to type after `up`, each of which works as printed from the project's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_DASHLINK = ".venv/bin/dashlink"
_RUN = ".venv/bin/python -m engine run"
_MODEL = "qwen-plus"


def next_commands(
    outputs: Mapping[str, Any], file: Path, *, chat_api: str | None = None
) -> list[tuple[str, str]]:
    """Return purpose and command of each.

    Args:
        outputs: The outputs of the stack.
        file: The file with its outputs.
        chat_api: A Model API that answers `qwen-plus` inside the sandbox's VPC; None for a stack in
            a real cloud.
    """
    name = outputs["stack"]
    stack = "" if chat_api is not None else f" --stack {name}"
    commands = [
        ("check each piece", f"{_RUN}{stack} -- {_DASHLINK} check {name}"),
        ("more client files", f"{_DASHLINK} render --outputs {file} --format curl --dry-run"),
    ]
    if chat_api is None:
        return commands
    debug = f"{_DASHLINK} debug {name} --api {chat_api} --model {_MODEL} Hello"
    return [
        *commands,
        ("chat in the VPC", f"{_RUN} --inside -- {debug}"),
        ("route of a request", f"{_DASHLINK} route {name} --api {chat_api} --model {_MODEL}"),
        ("remove everything", "make down"),
    ]
