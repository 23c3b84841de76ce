"""`dashlink refresh`: read the state of a stack from the cloud, also after a killed run."""

from __future__ import annotations

from dashlink.cli.operation import ArgumentsArgument, FolderOption, StackOption, operate
from dashlink.operate import operations


def refresh_stack(
    arguments: ArgumentsArgument = None, stack: StackOption = None, cwd: FolderOption = None
) -> None:
    """Read the state of a stack from the cloud with `pulumi refresh`, also after a killed run.

    Options that are not listed here are passed to `pulumi refresh`.

    dashlink refresh dev --diff
    """
    operate(operations.refresh, arguments, stack, cwd)
