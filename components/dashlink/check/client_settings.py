"""Read a user's settings of clients: .env files, and JSON, YAML and TOML documents."""

from __future__ import annotations

import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dashlink.errors import DashlinkError

_ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)\s*=\s*(.*?)\s*$")
_LISTED = re.compile(r"^([A-Z][A-Z0-9_]*)=(.*)$", re.DOTALL)
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}")


@dataclass(frozen=True)
class Setting:
    """One value of a file.

    Attributes:
        path: Where it is in the file: ``env.OPENAI_BASE_URL``.
        name: Name of the variable or key: the end of the path.
        value: Its text, with the references that the file itself resolves.
    """

    path: str
    name: str
    value: str

    @property
    def references(self) -> tuple[str, ...]:
        """Variables that it takes from the environment."""
        return tuple(match[0] for match in _REFERENCE.findall(self.value))


def read_settings(file: Path) -> list[Setting]:
    """Return every text value of a file, in order; by its suffix JSON, YAML, TOML, else .env.

    Raises:
        DashlinkError: The file cannot be read, or is not of this form.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise DashlinkError(f"{file}: cannot be read ({reason}). Check its name.") from None
    parse = _PARSERS.get(file.suffix.lower())
    if parse is None:
        return list(_dotenv(text))
    try:
        return list(_settings(parse(text), ""))
    except (ValueError, YAMLError) as error:
        reason = " ".join(str(error).split())
        kind = file.suffix[1:].upper()
        raise DashlinkError(f"{file}: not {kind} ({reason}). Correct it there.") from None


def _yaml(text: str) -> Any:
    documents = list(YAML(typ="safe", pure=True).load_all(io.StringIO(text)))
    return documents[0] if len(documents) == 1 else documents


_PARSERS: Mapping[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": _yaml,
    ".yml": _yaml,
}


def _dotenv(text: str) -> Iterator[Setting]:
    known: dict[str, str] = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.match(line)
        if match is None:
            continue
        name, value = match[1], _unquoted(match[2])
        known[name] = _REFERENCE.sub(lambda found: _resolved(found, known), value)
        yield Setting(name, name, known[name])


def _unquoted(value: str) -> str:
    """Return a value without its quotes, or without the comment behind it."""
    if value[:1] in ("'", '"') and value[0] in value[1:]:
        return value[1 : value.index(value[0], 1)]
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def _resolved(found: re.Match[str], known: Mapping[str, str]) -> str:
    """Return the value that a file has for a reference, or the reference itself."""
    return known.get(found[1]) or found[2] or found[0]


def _settings(node: object, path: str) -> Iterator[Setting]:
    """Yield the values of a document, with those that containers list as pairs."""
    if isinstance(node, dict):
        if isinstance(node.get("name"), str) and isinstance(node.get("value"), str):
            yield Setting(f"{path}.{node['name']}".strip("."), node["name"], node["value"])
            return
        for key, value in node.items():
            yield from _settings(value, f"{path}.{key}".strip("."))
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from _settings(value, f"{path}.{position}".strip("."))
    elif isinstance(node, str):
        listed = _LISTED.match(node)
        if listed is not None:
            parent = path.rpartition(".")[0]
            yield Setting(f"{parent}.{listed[1]}".strip("."), listed[1], listed[2])
        else:
            yield Setting(path, path.rpartition(".")[2], node)
