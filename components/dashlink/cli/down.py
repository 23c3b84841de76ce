"""`dashlink down`: destroy a stack, also after a run that was killed."""

from __future__ import annotations

from dashlink.cli.operation import ArgumentsArgument, FolderOption, StackOption, operate
from dashlink.operate import operations


def destroy_stack(
    arguments: ArgumentsArgument = None, stack: StackOption = None, cwd: FolderOption = None
) -> None:
    """Destroy a stack with `pulumi destroy`, also after a run that was killed.

    The exit code is 0 only if nothing of the stack is left.

    Options that are not listed here are passed to `pulumi destroy`.

    dashlink down dev --yes
    """
    operate(operations.down, arguments, stack, cwd)
