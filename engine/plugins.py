"""Links an engine's plugins into a PULUMI_HOME, so that the engine uses them without a warning.

The engine uses a plugin on PATH whatever its version, and prints a warning at every run. The
PULUMI_HOME of the sandbox stack has the plugins in their proper place; the user's own is not
changed.
"""

from __future__ import annotations

import os
import shutil
from importlib import metadata
from pathlib import Path

from engine.resolve import Engine, locked_version


def link_plugins(engine: Engine, home: Path) -> dict[str, str]:
    """Link the plugins of ``engine`` that Pulumi does not download into ``home``.

    Returns:
        The environment variables of runs with ``home``.
    """
    versions = {
        "alicloud": locked_version("pulumi-alicloud"),
        "dashlink": metadata.version("dashlink"),
    }
    path = os.pathsep.join(map(str, engine.folders))
    for name, version in versions.items():
        file_name = f"pulumi-resource-{name}"
        program = shutil.which(file_name, path=path)
        if program:
            _link(Path(program), home / "plugins" / f"resource-{name}-v{version}" / file_name)
    settings = {"PULUMI_HOME": str(home)}
    if (engine.pulumi.resolve().parent / "pulumi-language-python").exists():
        settings["PULUMI_IGNORE_AMBIENT_PLUGINS"] = "true"
    return settings


def _link(source: Path, target: Path) -> None:
    if target.is_symlink() and target.readlink() == source:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.symlink_to(source)
