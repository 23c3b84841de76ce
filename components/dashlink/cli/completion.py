"""Names that a shell offers to complete a command line."""

from __future__ import annotations

from pathlib import Path


def stack_names(incomplete: str) -> list[str]:
    """Return the stacks of the current folder whose names begin so, sorted."""
    names = []
    for path in sorted(Path("stacks").glob("Pulumi.*.yaml")):
        name = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
        if name.startswith(incomplete):
            names.append(name)
    return names
