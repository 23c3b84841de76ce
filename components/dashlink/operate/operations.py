"""`up`, `down`, `refresh`, `preview` and `drift` of a stack: Pulumi's, safe after interruptions.

Before the command, what a dead run left is ended and removed, and a living one is waited for. After
it no process is left, and an interruption is an exit code of its own. `preview` and `drift`
change nothing: neither the state nor the file with the settings.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dashlink.drift import report
from dashlink.drift.run import find_drift
from dashlink.errors import DashlinkError
from dashlink.operate import checkpoint, leftovers
from dashlink.operate.processes import own_mark
from dashlink.operate.record import Echo, exclusive, key_of
from dashlink.operate.supervise import Ended, marked, supervise
from dashlink.pulumi_stack import PulumiStack
from dashlink.recovery import recover

_DRIFTED = 7  # Pulumi's exit code of `--expect-no-changes`
_PARTIAL = ("--target", "-t", "--exclude", "--exclude-protected", "--preview-only", "--remove")
_DESTROYED = ("The resources in the stack have been deleted", "If you want to remove the stack")
"""What Pulumi prints at the end of `destroy` also where it was interrupted."""

_PASSPHRASE = ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE")


def up(stack: PulumiStack, options: Sequence[str], echo: Echo) -> int:
    """Deploy a stack, created in its backend if it is missing; return the exit code.

    Args:
        stack: The stack.
        options: Options of `pulumi up`.
        echo: Prints one line.

    Raises:
        DashlinkError: The stack is locked from another machine, its checkpoint is damaged, or the
            Pulumi CLI is missing or fails before it starts.
    """
    return _operate(stack, "up", options, echo).exit_code


def refresh(stack: PulumiStack, options: Sequence[str], echo: Echo) -> int:
    """Read the state of a stack from the cloud; return the exit code. Raises as `up`."""
    return _operate(stack, "refresh", options, echo).exit_code


def down(stack: PulumiStack, options: Sequence[str], echo: Echo) -> int:
    """Destroy a stack; return the exit code, which is not 0 while resources are left.

    Pulumi ends with 0 and "have been deleted" where it was interrupted between two deletions.
    Raises as `up`.
    """
    ended = _operate(stack, "destroy", options, echo, hold=_DESTROYED)
    partial = any(option.partition("=")[0] in _PARTIAL for option in options)
    count = 0
    if ended.code == 0 and not partial:
        count = _count_of_resources(stack)
    if count == 0:
        for line in ended.held:
            echo(line)
        return ended.exit_code
    note = "" if ended.held else " (Pulumi's message above is wrong)"
    echo(
        f"Stack {stack.name}: not destroyed: {count} resources are left{note}. Run "
        f"`dashlink down {stack.name}` again."
    )
    return ended.exit_code or 1


def preview(stack: PulumiStack, options: Sequence[str], echo: Echo) -> int:
    """Show what `up` would change, and change nothing; return the exit code.

    A stack that the backend does not have is previewed as a new one, in a temporary backend.
    Raises as `up`.
    """
    with TemporaryDirectory(prefix="dashlink-preview-") as name:
        folder = Path(name)
        options = _with_copied_settings(stack, options, folder)
        if not checkpoint.exists(stack):
            echo(f"Stack {stack.name}: not in the backend yet; previewed as a new stack")
            stack = _in_temporary_backend(stack, folder)
        mark = own_mark(f"{key_of(stack)}-preview")
        return supervise(stack, mark, ["preview", *options], echo).exit_code


def drift(stack: PulumiStack, options: Sequence[str], echo: Echo, *, as_json: bool = False) -> int:
    """Report where the cloud differs from the state, and change neither; return the exit code.

    It is 0 without a difference, and 7 with one. Raises as `up`, and if the backend does not have
    the stack, or Pulumi cannot read the cloud.
    """
    with TemporaryDirectory(prefix="dashlink-drift-") as name:
        if not checkpoint.exists(stack):
            raise _missing(stack)
        options = _with_copied_settings(stack, options, Path(name))
        found, refusal = find_drift(stack, options)
    if as_json:
        document = report.document(stack.short_name, found, refusal)
        echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        for line in report.lines(found, refusal):
            echo(line)
    return _DRIFTED if found else 0


def _with_copied_settings(
    stack: PulumiStack, options: Sequence[str], folder: Path
) -> Sequence[str]:
    """Return the options with a copy of the stack's file, because Pulumi writes a salt into it."""
    settings = folder / stack.settings_file.name
    if stack.settings_file.is_file():
        shutil.copyfile(stack.settings_file, settings)
    if any(option.partition("=")[0] == "--config-file" for option in options):
        return options
    return [*options, "--config-file", str(settings)]


def _operate(
    stack: PulumiStack,
    command: str,
    options: Sequence[str],
    echo: Echo,
    *,
    hold: Sequence[str] = (),
) -> Ended:
    """Run a command that changes the stack, alone on it, without what a dead run left."""
    name = "down" if command == "destroy" else command
    with exclusive(stack, name, echo) as record:
        was_killed = leftovers.clear(stack, echo)
        is_suspect = was_killed or record.was_unfinished
        mark = own_mark(key_of(stack))
        stack = marked(stack, mark)
        if checkpoint.exists(stack):
            _recover(stack, command, echo, is_suspect=is_suspect)
        else:
            _create(stack, command, echo)
        ended = supervise(stack, mark, [command, *options], echo, hold=hold)
        if was_killed and command == "destroy" and ended.code and not ended.signals:
            echo(
                f"Stack {stack.name}: once more, after a refresh: deletions of the killed run may "
                "have ended meanwhile"
            )
            ended = supervise(stack, mark, [command, "--refresh", *options], echo, hold=hold)
        if ended.exit_code == 0:
            record.succeeded()
        else:
            record.write("failed")
        if ended.signals or ended.code < 0:
            echo(
                f"Stack {stack.name}: `{name}` was interrupted. Run `dashlink {name} {stack.name}` "
                "again: it resumes."
            )
        return ended


def _recover(stack: PulumiStack, command: str, echo: Echo, *, is_suspect: bool) -> None:
    """Take into the state what a killed run created without recording it.

    Raises:
        DashlinkError: Something must be decided by a person first.
    """
    try:
        recovered = recover(stack, echo=echo, suspect=is_suspect)
    except DashlinkError as error:
        if command != "destroy":
            raise
        echo(f"Stack {stack.name}: not looked for what a killed run left: {error}")
        return
    if recovered.blocked:
        raise DashlinkError("\n".join(recovered.blocked))


def _create(stack: PulumiStack, command: str, echo: Echo) -> None:
    """Create the stack in its backend; its settings may name the provider of its secrets."""
    if command != "up":
        raise _missing(stack)
    provider = _settings(stack).get("secretsprovider")
    options = ["--secrets-provider", str(provider)] if provider else []
    stack.query("stack", "init", "--no-select", *options)
    echo(f"Stack {stack.name}: created in {stack.backend_url}")


def _missing(stack: PulumiStack) -> DashlinkError:
    return DashlinkError(
        f"stack {stack.name}: not in the backend {stack.backend_url}. Log in to its backend, "
        "or name another stack."
    )


def _settings(stack: PulumiStack) -> Mapping[str, Any]:
    """Return the content of the stack's file; empty if it is missing or invalid."""
    with suppress(OSError, UnicodeDecodeError, YAMLError):
        text = stack.settings_file.read_text(encoding="utf-8")
        document = YAML(typ="safe", pure=True).load(text)
        if isinstance(document, Mapping):
            return document
    return {}


def _count_of_resources(stack: PulumiStack) -> int:
    resources = stack.state()["deployment"].get("resources") or ()
    return sum(1 for resource in resources if resource.get("custom"))


def _in_temporary_backend(stack: PulumiStack, folder: Path) -> PulumiStack:
    """Return the stack in an empty backend of files, as `pulumi stack init` writes it."""
    backend = folder / "backend"
    file = backend / ".pulumi" / "stacks" / stack.project_name / f"{stack.short_name}.json"
    file.parent.mkdir(parents=True)
    (backend / ".pulumi" / "meta.yaml").write_text("version: 1\n", encoding="utf-8")
    full_name = f"organization/{stack.project_name}/{stack.short_name}"
    document = {"version": 3, "checkpoint": {"stack": full_name}}
    file.write_text(json.dumps(document), encoding="utf-8")
    environment = {**stack.environment, "PULUMI_BACKEND_URL": backend.as_uri()}
    is_salted = "encryptionsalt" in _settings(stack)
    if not is_salted and not any(environment.get(name) for name in _PASSPHRASE):
        environment["PULUMI_CONFIG_PASSPHRASE"] = ""  # it encrypts nothing that is retained
    return replace(stack, name=full_name, environment=environment)
