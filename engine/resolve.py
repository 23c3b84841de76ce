"""Which engine this machine runs: the one that is installed, else Pulumi's release, else one built here.

The two pieces are looked for apart. The CLI with its Python host: on PATH, as Pulumi's release, built (then with the
language host of `engine.host`, and that is said). The alicloud plugin: fetched by `pulumi plugin install` where
Pulumi's programs may be fetched, else built.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import build, release
from engine.console import EngineError, say

ROOT = Path(__file__).parent.parent
"""The checkout."""


@dataclass(frozen=True)
class Engine:
    """An engine that is ready to run.

    Attributes:
        pulumi: The Pulumi CLI.
        origin: Where it is from: "installed", "release" or "built".
        folders: What belongs in front of PATH, so that the CLI finds its hosts and plugins.
    """

    pulumi: Path
    origin: str
    folders: tuple[Path, ...]

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """``base`` with what the engine needs: PATH, and no look for updates."""
        path = os.pathsep.join([*map(str, self.folders), base.get("PATH", os.defpath)])
        return {**base, "PATH": path, "PULUMI_SKIP_UPDATE_CHECK": "true"}


def resolve(*, python: Path, home: Path | None = None) -> Engine:
    """The engine of this machine, made ready.

    Args:
        python: The Python that runs the programs: the one of the environment that has pulumi and dashlink.
        home: PULUMI_HOME for plugins that are fetched; the user's own when None.

    Raises:
        EngineError: If it cannot be had in any way.
    """
    pulumi, origin, folders = _cli()
    engine = Engine(pulumi, origin, (python.parent, pulumi.parent, *folders))
    if not _plugin_installed(engine, home):
        engine = Engine(pulumi, origin, (*engine.folders, build.build(build.ALICLOUD).parent))
    say(f"  engine: {pulumi} ({origin})")
    return engine


def _cli() -> tuple[Path, str, tuple[Path, ...]]:
    """The CLI, where it is from, and the folders of its Python host."""
    found = release.installed()
    if found:
        return found.folder / "pulumi", "installed", (found.host,)
    wanted = release.allowed() and not build.cli_is_built()
    folder = release.released() if wanted else None
    if folder:
        return folder / "pulumi", "release", ()
    built = build.build_cli()
    say("  Python programs run by the language host of this repository: Pulumi's own comes with its release only")
    return built, "built", ()


def _plugin_installed(engine: Engine, home: Path | None) -> bool:
    """Have Pulumi's own alicloud plugin installed, where the CLI is Pulumi's own and fetching is allowed."""
    if engine.origin == "built" or not release.allowed():
        return False
    base = dict(os.environ) | ({"PULUMI_HOME": str(home)} if home else {})
    return release.install_plugin(
        engine.pulumi, "alicloud", locked_version("pulumi-alicloud"), engine.environment(base)
    )


def locked_version(package: str, lock: Path = ROOT / "requirements" / "lock.txt") -> str:
    """The version of ``package`` in the lock file.

    Raises:
        EngineError: If the lock file does not name it.
    """
    for line in lock.read_text(encoding="utf-8").splitlines():
        name, separator, version = line.partition("==")
        if separator and name == package:
            return version.split()[0]
    raise EngineError(f"{lock.name}: does not name {package}. Restore the file.")
