"""Read a stack's settings from its file, without the Pulumi engine.

The file is read as YAML 1.2, with the same result as in Pulumi (3.259, gopkg.in/yaml.v3):
``yes``, ``no``, ``on`` and ``off`` are text, and a duplicate key is an error. One difference
remains: ``0777`` is 777 in YAML 1.2, but 511 in Pulumi, which also reads the octals of YAML 1.1.

Nothing is decrypted: of an encrypted value only the key is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Annotated, Any

import typer
from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from dashlink.cli.completion import stack_names
from dashlink.clients.formats import formats
from dashlink.errors import ConfigError, DashlinkError, Fault
from dashlink.settings import StackSettings, find_warnings, load_settings
from dashlink.validation import suggestion_for

StackOfFileArgument = Annotated[
    str | None,
    typer.Argument(
        autocompletion=stack_names,
        help="Stack whose settings to read from stacks/Pulumi.STACK.yaml. Default: PULUMI_STACK, "
        "or the only stack there.",
    ),
]
SettingsOption = Annotated[
    Path | None,
    typer.Option("--settings", metavar="FILE", help="File with the settings of a stack."),
]

_FOLDER = Path("stacks")
_NAMESPACE = "dashlink:"
_ALICLOUD = "alicloud:"
_ENCRYPTED = "encrypted"
_MOST_VALUES = 1_000_000
_LONGEST_LINE = 4096  # so that no long line is folded


@dataclass(frozen=True)
class StackFile:
    """The content of a stack's file.

    Attributes:
        name: Name of the stack, from the name of the file.
        region: Region of the stack; empty if the file has none.
        settings: The validated settings.
        path: The file.
        alicloud: Settings of the alicloud provider that are not encrypted, without the prefix.
    """

    name: str
    region: str
    settings: StackSettings
    path: Path
    alicloud: Mapping[str, Any]


def read_stack(stack: str | None, file: Path | None) -> StackFile:
    """Read the stack that the command line names, and print the warnings of its settings.

    Raises:
        DashlinkError: There is no such file, or it cannot be read.
        ConfigError: The settings are invalid: every fault at once.
        typer.BadParameter: The command line names both a stack and a file.
    """
    if stack is not None and file is not None:
        raise typer.BadParameter("name one of: a stack, --settings FILE")
    path = file or _file_of(stack or os.environ.get("PULUMI_STACK"))
    config = _read_config(path)
    region = _as_text(config.get("alicloud:region") or "")
    alicloud: dict[str, Any] = {}
    values: dict[str, str] = {}
    secret_keys: set[str] = set()
    other_keys: dict[str, bool] = {}
    for key, value in config.items():
        readable = _without_ciphertext(value)
        if not key.startswith(_NAMESPACE):
            other_keys[key] = readable != value
            if key.startswith(_ALICLOUD) and readable == value:
                alicloud[key.removeprefix(_ALICLOUD)] = value
            continue
        name = key.removeprefix(_NAMESPACE)
        if readable != value:
            secret_keys.add(name)
        values[name] = _as_text(readable)
    settings = load_settings(
        values,
        region=region,
        secret_keys=secret_keys,
        other_keys=other_keys,
        source=str(path),
        client_formats=formats(),
    )
    for warning in find_warnings(settings, region):
        typer.echo(f"warning: {path}: {warning}", err=True)
    return StackFile(_stack_name(path), region, settings, path, alicloud)


def write_spellings(path: Path, words: Mapping[str, str]) -> None:
    """Write words into `gateway.spellings` of a stack's file; comments and order stay.

    Args:
        path: The file.
        words: Value by term.

    Raises:
        DashlinkError: The file cannot be written.
    """
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = _LONGEST_LINE
    document = editor.load(path.read_text(encoding="utf-8"))
    config = document["config"]
    gateway = config.setdefault(f"{_NAMESPACE}gateway", {})
    gateway.setdefault("spellings", {}).update(words)
    text = StringIO()
    editor.dump(document, text)
    try:
        path.write_text(text.getvalue(), encoding="utf-8")
    except OSError as error:
        raise DashlinkError(
            f"{path}: cannot be written: {error.strerror}. Allow it, or write the words yourself."
        ) from None


def _file_of(stack: str | None) -> Path:
    """Return the file of a stack; without a name, the only file there is."""
    files = {_stack_name(path): path for path in sorted(_FOLDER.glob("Pulumi.*.yaml"))}
    if not files:
        raise DashlinkError(
            f"{_FOLDER}: no Pulumi.STACK.yaml in this folder. Run the command in the folder that "
            "contains it, or name a file by --settings FILE."
        )
    if not stack:
        if len(files) > 1:
            raise DashlinkError(
                f"STACK: more than one stack. Name one of {', '.join(files)}, or set PULUMI_STACK."
            )
        return next(iter(files.values()))
    name = stack.rpartition("/")[2]  # organization/project/stack is the same stack
    if name not in files:
        problem = f"no file Pulumi.{name}.yaml in {_FOLDER}"
        raise DashlinkError(str(Fault("STACK", problem, suggestion_for(name, list(files)))))
    return files[name]


def _stack_name(path: Path) -> str:
    return path.name.removeprefix("Pulumi.").removesuffix(".yaml")


def _read_config(path: Path) -> Mapping[str, Any]:
    """Return the values of ``config`` by their full key (``dashlink:network``)."""
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DashlinkError(
            f"{path}: cannot be read: {error.strerror}. Name a file with settings."
        ) from None
    except (YAMLError, UnicodeDecodeError) as error:
        place, problem = _yaml_error(path, error)
        raise DashlinkError(f"{place}: invalid YAML: {problem}. Correct it there.") from None
    config = document.get("config") if isinstance(document, Mapping) else None
    if not isinstance(config, Mapping):
        fault = Fault("config", "no map of settings", "Name the Pulumi.STACK.yaml of a stack.")
        raise ConfigError([fault], str(path))
    _refuse_too_many(config, path)
    return {str(key): value for key, value in config.items()}


def _refuse_too_many(config: Mapping[str, Any], path: Path) -> None:
    """Refuse a file whose aliases repeat its values without end: a few lines can make billions.

    Raises:
        ConfigError: If there are more values than any stack has.
    """
    waiting: list[Any] = [config]
    for _ in range(_MOST_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    problem = f"more than {_MOST_VALUES:,} values"
    raise ConfigError([Fault("config", problem, "Write it without aliases (`*name`).")], str(path))


def _yaml_error(path: Path, error: Exception) -> tuple[str, str]:
    """Return place and problem of a YAML error."""
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return str(path), "it has characters that YAML does not allow"
    place = f"{path}:{error.problem_mark.line + 1}"
    problem = str(error.problem)
    if isinstance(error, DuplicateKeyError):
        problem = problem.partition(" with value ")[0]  # the value may be a secret
    return place, problem


def _without_ciphertext(value: Any) -> Any:
    """Return ``value`` with a placeholder for each ``{secure: …}``, at any depth."""
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            return _ENCRYPTED
        return {key: _without_ciphertext(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_ciphertext(item) for item in value]
    return value


def _as_text(value: Any) -> str:
    """Return a value as Pulumi passes it: text unchanged, null as empty text, others as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, default=str)
