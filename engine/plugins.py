"""Lays the plugins of an engine out in a PULUMI_HOME, so that the engine takes them without a warning at every run.

A plugin that is found on PATH is used whatever its version, and the engine warns of it each time. In a PULUMI_HOME of
our own they lie where plugins belong; in the user's own nothing is put.
"""

from __future__ import annotations

import os
import shutil
from importlib import metadata
from pathlib import Path

from engine.resolve import Engine, locked_version


def lay_out(engine: Engine, home: Path) -> dict[str, str]:
    """Put the plugins of ``engine`` that Pulumi does not fetch into ``home``; gives the settings for runs with it."""
    versions = {"alicloud": locked_version("pulumi-alicloud"), "dashlink": metadata.version("dashlink")}
    for name, version in versions.items():
        found = shutil.which(f"pulumi-resource-{name}", path=os.pathsep.join(map(str, engine.folders)))
        if found:
            _link(Path(found), home / "plugins" / f"resource-{name}-v{version}" / f"pulumi-resource-{name}")
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
