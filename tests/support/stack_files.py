"""Stack files of the repository, with the secrets that `pulumi config set --secret` stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
STACKS = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))
ENCRYPTED = {"secure": "v1:AAAAAAAAAAAAAAAA:BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"}


def references(value: Any) -> Iterator[str]:
    """The names of the secrets to which settings refer (`{config: name}`)."""
    if isinstance(value, dict):
        if set(value) == {"config"}:
            yield value["config"]
        for item in value.values():
            yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


def with_secrets(document: dict[str, Any]) -> dict[str, Any]:
    """``document``, the content of a stack file, with an encrypted value for each reference."""
    config = dict(document["config"])
    for name in references(document["config"]):
        config.setdefault(f"dashlink:{name}", ENCRYPTED)
    return {**document, "config": config}


def read_stack_file(path: Path) -> dict[str, Any]:
    """The content of a file of `stacks/`, with its secrets."""
    return with_secrets(yaml.safe_load(path.read_text()))
