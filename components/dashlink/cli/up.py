"""`dashlink up`: deploy a stack, also after a run that was killed."""

from __future__ import annotations

from dashlink.cli.operation import ArgumentsArgument, FolderOption, StackOption, operate
from dashlink.operate import operations


def deploy_stack(
    arguments: ArgumentsArgument = None, stack: StackOption = None, cwd: FolderOption = None
) -> None:
    """Deploy a stack with `pulumi up`, also after a run that was killed.

    The lock and the processes of a killed run are removed first; a living run is waited for. Ctrl-C
    once finishes what is in progress, twice stops at once.

    Options that are not listed here are passed to `pulumi up`.

    dashlink up dev --yes --skip-preview
    """
    operate(operations.up, arguments, stack, cwd)
