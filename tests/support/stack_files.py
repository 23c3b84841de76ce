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


def is_encrypted(value: Any) -> bool:
    """Whether a value of a stack file is encrypted."""
    return isinstance(value, dict) and set(value) == {"secure"}


def with_secrets(document: dict[str, Any]) -> dict[str, Any]:
    """``document``, the content of a stack file, with an encrypted value for each reference."""
    config = dict(document["config"])
    for name in references(document["config"]):
        config.setdefault(f"dashlink:{name}", ENCRYPTED)
    return {**document, "config": config}


def read_stack_file(path: Path) -> dict[str, Any]:
    """The content of a file of `stacks/`, with its secrets."""
    return with_secrets(yaml.safe_load(path.read_text()))


def stack_config(name: str) -> dict[str, Any]:
    """The settings of stacks/Pulumi.<name>.yaml, without its protection against deletion."""
    text = (ROOT / "stacks" / f"Pulumi.{name}.yaml").read_text()
    config: dict[str, Any] = _unprotected(yaml.safe_load(text)["config"])
    return config


def _unprotected(value: Any) -> Any:
    if isinstance(value, list):
        return [_unprotected(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        if key not in ("dashlink:protected", "deletion_protection"):
            kept[key] = _unprotected(item)
    return kept
