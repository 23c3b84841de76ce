"""The engine that this machine runs: the installed one, else Pulumi's release, else a build.

CLI and plugin are resolved separately. The CLI with its Python host: from PATH, from Pulumi's
release, or built (then with the language host of `engine.host`, and a line reports that). The
alicloud plugin: by `pulumi plugin install` where Pulumi's programs may be downloaded, else built.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine import build, release
from engine.console import EngineError, remark

ROOT = Path(__file__).parent.parent
"""The checkout."""


@dataclass(frozen=True)
class Engine:
    """An engine that is ready to run.

    Attributes:
        pulumi: The Pulumi CLI.
        origin: Its origin: "installed", "release" or "built".
        folders: The folders to put before PATH, so that the CLI finds its hosts and plugins.
    """

    pulumi: Path
    origin: str
    folders: tuple[Path, ...]

    def environment(self, base: Mapping[str, str]) -> dict[str, str]:
        """Return ``base`` with the engine's PATH, and without a check for updates."""
        path = os.pathsep.join([*map(str, self.folders), base.get("PATH", os.defpath)])
        return {**base, "PATH": path, "PULUMI_SKIP_UPDATE_CHECK": "true"}


def resolve(*, python: Path, home: Path | None = None) -> Engine:
    """Return the engine of this machine, ready to run.

    Args:
        python: The Python of the environment that has pulumi and dashlink; it runs the programs.
        home: PULUMI_HOME for plugins that are downloaded; None: the user's own.

    Raises:
        EngineError: If no engine is available.
    """
    pulumi, origin, folders = _cli()
    engine = Engine(pulumi, origin, (python.parent, pulumi.parent, *folders))
    if not _plugin_installed(engine, home):
        plugin = build.build(build.ALICLOUD)
        engine = Engine(pulumi, origin, (*engine.folders, plugin.parent))
    remark(f"  engine: {pulumi} ({origin})")
    return engine


def _cli() -> tuple[Path, str, tuple[Path, ...]]:
    """Return the CLI, its origin, and the folders of its Python host."""
    installed = release.installed()
    if installed:
        return installed.folder / "pulumi", "installed", (installed.host,)
    if release.allowed() and not build.cli_is_built():
        folder = release.released()
        if folder:
            return folder / "pulumi", "release", ()
    built = build.build_cli()
    remark(
        "  Python programs run by the language host of this repository: "
        "Pulumi's own comes with its release only"
    )
    return built, "built", ()


def _plugin_installed(engine: Engine, home: Path | None) -> bool:
    """Install Pulumi's alicloud plugin, if the CLI is Pulumi's own and downloads are allowed."""
    if engine.origin == "built" or not release.allowed():
        return False
    environment = engine.environment(os.environ)
    if home is not None:
        environment["PULUMI_HOME"] = str(home)
    version = locked_version("pulumi-alicloud")
    return release.install_plugin(engine.pulumi, "alicloud", version, environment)


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
