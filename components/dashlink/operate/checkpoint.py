"""The checkpoint of a stack in a backend of files: whether it can be read, else its backup.

Pulumi keeps the checkpoint before the last one beside it, as `.bak`, and one for each update in
`.pulumi/backups` (github.com/pulumi/pulumi, pkg/backend/diy/state.go, v3.259.0).
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from dashlink.errors import DashlinkError
from dashlink.operate.record import Echo
from dashlink.pulumi_stack import PulumiStack

_COMPRESSED = ".gz"


def exists(stack: PulumiStack) -> bool:
    """Whether the backend has the stack.

    Raises:
        DashlinkError: The backend cannot be asked.
    """
    folder = stack.backend_folder
    if folder is not None:
        return any(file.is_file() for file in _candidates(stack, folder))
    code, output = stack.run("stack", "export")
    if code and ("no stack named" in output or "not found" in output):
        return False
    if code:
        raise stack.failure(("stack", "export"), output)
    return True


def restore(stack: PulumiStack, echo: Echo) -> bool:
    """Restore a checkpoint that cannot be read from its newest backup; return whether it was.

    Raises:
        DashlinkError: It cannot be read, and neither can a backup; or it is missing, and its backup
            has resources.
    """
    folder = stack.backend_folder
    if folder is None:
        return False
    for file in _candidates(stack, folder):
        if file.is_file() and _is_sound(file):
            return False
        if file.is_file():
            _replace(stack, file, _backup_of(stack, folder, file), echo)
            return True
    for file in _candidates(stack, folder):
        backup = file.with_name(f"{file.name}.bak")
        count = len(_resources(backup))
        if count:
            raise DashlinkError(
                f"stack {stack.name}: its checkpoint is missing ({file}), and its backup has "
                f"{count} resources. Restore it: cp {backup} {file}. Or remove the backup, if you "
                "removed the stack."
            )
    return False


def _candidates(stack: PulumiStack, folder: Path) -> list[Path]:
    """Return where the checkpoint may be, by layout and compression."""
    files = []
    for place in (folder / "stacks" / stack.project_name, folder / "stacks"):
        for suffix in ("", _COMPRESSED):
            files.append(place / f"{stack.short_name}.json{suffix}")
    return files


def _backup_of(stack: PulumiStack, folder: Path, file: Path) -> Path:
    """Return the newest backup that can be read."""
    beside = file.with_name(f"{file.name}.bak")
    name = stack.short_name
    older = (folder / "backups").glob(f"**/{name}/{name}.*.json*")
    newest_first = sorted(older, key=lambda path: path.stat().st_mtime, reverse=True)
    for backup in (beside, *newest_first):
        if not backup.name.endswith(".attrs") and _is_sound(backup):
            return backup
    raise DashlinkError(
        f"stack {stack.name}: its checkpoint cannot be read ({file}), and no backup beside it or "
        f"in {folder / 'backups'} can. Restore the file from your own backup."
    )


def _replace(stack: PulumiStack, file: Path, backup: Path, echo: Echo) -> None:
    damaged = file.with_name(f"{file.name}.damaged")
    draft = file.with_name(f"{file.name}.restored")
    try:
        shutil.copyfile(file, damaged)
        shutil.copyfile(backup, draft)
        draft.replace(file)
        file.with_name(f"{file.name}.attrs").unlink(missing_ok=True)
    except OSError as error:
        raise DashlinkError(
            f"stack {stack.name}: its checkpoint cannot be restored: {error.strerror} ({file}). "
            f"Restore it: cp {backup} {file}"
        ) from None
    echo(
        f"Stack {stack.name}: its checkpoint was truncated; restored from {backup.name}, the state "
        f"before the last change (the damaged file: {damaged.name})"
    )


def _is_sound(file: Path) -> bool:
    return isinstance(_read(file).get("checkpoint"), dict)


def _resources(file: Path) -> list[Any]:
    latest = (_read(file).get("checkpoint") or {}).get("latest") or {}
    return list(latest.get("resources") or ())


def _read(file: Path) -> dict[str, Any]:
    """Read a checkpoint; empty if it is missing or damaged."""
    try:
        content = file.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        document: dict[str, Any] = json.loads(content)
    except (OSError, EOFError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
