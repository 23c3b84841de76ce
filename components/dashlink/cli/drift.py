"""`dashlink drift`: show where the cloud differs from the state, with an exit code for CI."""

from __future__ import annotations

from dashlink.cli.operation import ArgumentsArgument, FolderOption, StackOption, operate
from dashlink.operate import operations


def show_drift(
    arguments: ArgumentsArgument = None, stack: StackOption = None, cwd: FolderOption = None
) -> None:
    """Show property by property where the cloud differs from the state; nothing is changed.

    The exit code is 0 without a difference, and 7 with one.

    Options that are not listed here are passed to `pulumi refresh --preview-only`.

    dashlink drift dev
    """
    operate(operations.drift, arguments, stack, cwd)
