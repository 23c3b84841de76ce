"""Where a command gets a stack's settings from without an engine: the stack's file, read as Pulumi reads it.

Nothing is decrypted: of an encrypted value only its key counts.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from dashlink.clients.render import formats
from dashlink.errors import ConfigError, DashlinkError, Fault, shown
from dashlink.settings import StackSettings, load_settings
from dashlink.validation import likeliest_of

StackOfFileArgument = Annotated[
    str | None,
    typer.Argument(
        help="Stack whose settings are read from stacks/Pulumi.STACK.yaml. Default: PULUMI_STACK, or the only one."
    ),
]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="File with the settings of a stack.")
]

_FOLDER = Path("stacks")
_NAMESPACE = "dashlink:"
_ENCRYPTED = "encrypted"
_SWITCH = "tag:yaml.org,2002:bool"


class _Loader(yaml.SafeLoader):
    """YAML as Pulumi reads it: `yes`, `no`, `on` and `off` are text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's way
        first: [(tag, form) for tag, form in forms if tag != _SWITCH]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    _SWITCH, re.compile("(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


@dataclass(frozen=True)
class WrittenStack:
    """A stack as its file has it.

    Attributes:
        name: Its name, by the file's.
        region: Its region.
        settings: Its checked settings.
    """

    name: str
    region: str
    settings: StackSettings


def read_stack(stack: str | None, file: Path | None) -> WrittenStack:
    """The stack that the command line names.

    Raises:
        DashlinkError: There is no such file, or it cannot be read.
        ConfigError: With every fault of the settings.
        typer.BadParameter: The command line names a stack and a file.
    """
    if stack is not None and file is not None:
        raise typer.BadParameter("name one of: a stack, --settings FILE")
    path = file if file is not None else _file_of(stack or os.environ.get("PULUMI_STACK") or None)
    config = _config(path)
    own = {
        key.removeprefix(_NAMESPACE): value
        for key, value in config.items()
        if key.startswith(_NAMESPACE)
    }
    region = _as_text(config.get("alicloud:region") or "")
    settings = load_settings(
        {key: _as_text(_sealed(value)) for key, value in own.items()},
        region=region,
        secret_keys=frozenset(key for key, value in own.items() if _sealed(value) != value),
        source=str(path),
        client_formats=formats(),
    )
    return WrittenStack(_name_of(path), region, settings)


def known_name(option: str, what: str, name: str, known: Sequence[str]) -> str:
    """``name``, which is one of the known ones.

    Raises:
        DashlinkError: There are none to choose from.
        typer.BadParameter: It is none of them: the nearest one is told.
    """
    if not known:
        raise DashlinkError(f"{option}: the stack has no {what}. Write one into its settings.")
    if name not in known:
        raise typer.BadParameter(
            str(Fault(option, f"no such {what}", likeliest_of(name, known), shown(name)))
        )
    return name


def _file_of(stack: str | None) -> Path:
    """The file of a stack; of the only one where none is named."""
    known = {_name_of(path): path for path in sorted(_FOLDER.glob("Pulumi.*.yaml"))}
    if not known:
        raise DashlinkError(
            f"{_FOLDER}: no Pulumi.STACK.yaml in it. Run it where this folder is, or name a file by --settings FILE."
        )
    if stack is None:
        if len(known) == 1:
            return next(iter(known.values()))
        raise DashlinkError(
            f"STACK: more than one to choose from. Name one of {', '.join(known)}, or set PULUMI_STACK."
        )
    name = stack.rpartition("/")[2]  # organization/project/stack is the same stack
    if name not in known:
        raise DashlinkError(
            str(
                Fault(
                    "STACK",
                    f"no file Pulumi.{name}.yaml in {_FOLDER}",
                    likeliest_of(name, list(known)),
                )
            )
        )
    return known[name]


def _name_of(path: Path) -> str:
    return path.name.removeprefix("Pulumi.").removesuffix(".yaml")


def _config(path: Path) -> Mapping[str, Any]:
    """What stands under `config`, each key with its namespace."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    except OSError as error:
        raise DashlinkError(
            f"{path}: cannot be read: {error.strerror}. Name a file of settings."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        said = getattr(error, "problem", None) or "there are characters in it that no YAML file has"
        raise DashlinkError(f"{place}: not YAML: {said}. Mend it there.") from None
    config = document.get("config") if isinstance(document, Mapping) else None
    if not isinstance(config, Mapping):
        raise ConfigError(
            [Fault("config", "no map of settings in it", "Name a stack's Pulumi.STACK.yaml.")],
            str(path),
        )
    return {str(key): value for key, value in config.items()}


def _sealed(value: Any) -> Any:
    """``value`` with a word in place of each `{secure: …}`, wherever it stands."""
    if isinstance(value, Mapping):
        if set(value) == {"secure"}:
            return _ENCRYPTED
        return {key: _sealed(item) for key, item in value.items()}
    return [_sealed(item) for item in value] if isinstance(value, list) else value


def _as_text(value: Any) -> str:
    """A value as Pulumi hands it over: objects, switches and numbers as JSON text, nothing as empty text."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)
