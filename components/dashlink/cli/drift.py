"""`dashlink drift`: show where the cloud differs from the state, with an exit code for CI."""

from __future__ import annotations

from functools import partial

from dashlink.cli.document import JsonOption
from dashlink.cli.operation import ArgumentsArgument, FolderOption, StackOption, operate
from dashlink.operate import operations


def show_drift(
    arguments: ArgumentsArgument = None,
    stack: StackOption = None,
    cwd: FolderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show property by property where the cloud differs from the state; nothing is changed.

    Each line ends with what `up --refresh` does. Rules, records and policies that others added to
    the stack's own resources are shown as foreign. The exit code is 0 without a difference, and 7
    with one.

    Options that are not listed here are passed to Pulumi's `refresh` and `preview`.

    dashlink drift dev
    """
    operate(partial(operations.drift, as_json=as_json), arguments, stack, cwd)
