"""`dashlink preview`: show what `up` would change, without any side effect."""

from __future__ import annotations

from dashlink.cli.operation import ArgumentsArgument, FolderOption, StackOption, operate
from dashlink.operate import operations


def preview_stack(
    arguments: ArgumentsArgument = None, stack: StackOption = None, cwd: FolderOption = None
) -> None:
    """Show what `up` would change with `pulumi preview`; state and settings stay as they are.

    A stack that the backend does not have is previewed as a new one, in a temporary backend.

    Options that are not listed here are passed to `pulumi preview`.

    dashlink preview dev --diff
    """
    operate(operations.preview, arguments, stack, cwd)
