"""Pulumi's own programs: those that are installed on this machine, and Pulumi's release.

The release is fetched from get.pulumi.com and verified against the SHA-256 checksums that Pulumi publishes with it on
GitHub: another host, but the same publisher; the version is pinned here, the checksum is not.
`DASHLINK_ENGINE_RELEASE=off` forbids every fetch of Pulumi's programs (CI and `make test` set it, so that they take the
build).
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

from engine.cache import kept
from engine.console import EngineError, Progress, say

VERSION = "3.259.0"
"""The release that is fetched: the one that the build makes too (engine/pulumi/go.mod)."""

OLDEST = (3, 259, 0)
"""The oldest installed Pulumi that is used: older ones were not tried with the SDKs of requirements/lock.txt."""

SWITCH = "DASHLINK_ENGINE_RELEASE"
_ARCHIVE = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{system}-{machine}.tar.gz"
_CHECKSUMS = "https://github.com/pulumi/pulumi/releases/download/v{version}/pulumi-{version}-checksums.txt"
_FIRST_ANSWER_SECONDS = 5.0
_STALLED_SECONDS = 20.0
_CHUNK_BYTES = 1 << 20
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Installed:
    """An installed Pulumi.

    Attributes:
        folder: Where `pulumi` is.
        version: What it says of itself, as numbers.
        host: The folder of its Python host.
    """

    folder: Path
    version: tuple[int, ...]
    host: Path


def allowed() -> bool:
    """Whether Pulumi's programs may be fetched.

    Raises:
        EngineError: If the switch is neither `on` nor `off`.
    """
    value = os.environ.get(SWITCH, "on")
    if value not in {"on", "off"}:
        raise EngineError(
            f"{SWITCH}: neither on nor off (got {value}). Set it to off to build the engine, or unset it."
        )
    return value == "on"


def installed() -> Installed | None:
    """The Pulumi on PATH, if it has its Python host and is new enough; says why where it is passed over."""
    found = shutil.which("pulumi")
    if not found:
        return None
    folder = Path(found).resolve().parent
    host = shutil.which("pulumi-language-python", path=os.pathsep.join([str(folder), os.environ.get("PATH", "")]))
    version = _version_of(found)
    if version is None:
        say(f"  {found}: does not say its version; not used")
    elif version < OLDEST:
        say(f"  {found} is {_dotted(version)}, older than {_dotted(OLDEST)}, the oldest that was tried; not used")
    elif host is None:
        say(f"  {found}: has no Python host (pulumi-language-python) beside it or on PATH; not used")
    else:
        return Installed(folder=Path(found).parent, version=version, host=Path(host).parent)
    return None


def released() -> Path | None:
    """The folder of Pulumi's release, from the cache or fetched now; None where it cannot be reached within seconds.

    Raises:
        EngineError: If what was fetched is not what Pulumi published.
    """
    system, machine = platform.system().lower(), _MACHINES.get(platform.machine().lower())
    if system not in {"linux", "darwin"} or machine is None:
        return None
    archive = _ARCHIVE.format(version=VERSION, system=system, machine=machine)
    try:
        return kept("pulumi-release", f"{VERSION}-{machine}", lambda folder: _fetch(archive, folder)) / "pulumi"
    except (OSError, HTTPException) as error:
        say(f"  Pulumi's release cannot be reached ({_reason(error)}); building instead")
        return None


def install_plugin(pulumi: Path, name: str, version: str, environment: dict[str, str]) -> bool:
    """Have ``pulumi`` fetch the resource plugin ``name``, nothing where it is there; False where it cannot be had."""
    say(f"  the plugin {name} {version}, by pulumi plugin install")
    command = [str(pulumi), "plugin", "install", "resource", name, f"v{version}"]
    return subprocess.run(command, env=environment, check=False).returncode == 0


def _version_of(pulumi: str) -> tuple[int, ...] | None:
    environment = os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        done = subprocess.run(
            [pulumi, "version"], capture_output=True, text=True, timeout=30, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"v?(\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(int(number) for number in match.groups()) if match else None


def _fetch(archive: str, folder: Path) -> None:
    say(f"  fetching Pulumi's release {VERSION} (switch off: {SWITCH}=off)")
    name = archive.rpartition("/")[2]
    wanted = checksum_of(name, _read_soon(_CHECKSUMS.format(version=VERSION)))
    with TemporaryFile() as written:
        with urllib.request.urlopen(archive, timeout=_STALLED_SECONDS) as answer:  # noqa: S310 - a constant https address
            got = _copy(answer, written, Progress("fetching Pulumi's release"))
        if got != wanted:
            raise EngineError(
                f"{archive}: not what Pulumi published (got SHA-256 {got}). Set {SWITCH}=off to build instead."
            )
        written.seek(0)
        with tarfile.open(fileobj=written) as tar:
            tar.extractall(folder, filter="data")


def checksum_of(name: str, published: str) -> str:
    """The SHA-256 of the file ``name`` in the text of a checksums file.

    Raises:
        OSError: If the text does not name it: something else answered in Pulumi's place.
    """
    for line in published.splitlines():
        digest, _, file = line.strip().partition(" ")
        if file.strip().lstrip("*") == name:
            return digest.lower()
    raise OSError(f"its checksums do not name {name}")


def _read_soon(url: str) -> str:
    """The text at ``url``, in a thread because nothing else bounds the look-up of a name.

    Raises:
        OSError, HTTPException: If it is not there within a few seconds.
    """
    read: Future[bytes] = Future()

    def fetch() -> None:
        try:
            with urllib.request.urlopen(url, timeout=_FIRST_ANSWER_SECONDS) as answer:  # noqa: S310 - a constant https address
                read.set_result(answer.read())
        except (OSError, HTTPException) as error:
            read.set_exception(error)

    Thread(target=fetch, daemon=True).start()
    return read.result(timeout=_FIRST_ANSWER_SECONDS).decode(errors="replace")


def _copy(source: IO[bytes], target: IO[bytes], progress: Progress) -> str:
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
        progress.tick(f"{size >> 20} MB")
    return digest.hexdigest()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def _reason(error: Exception) -> str:
    return str(error.reason if isinstance(error, urllib.error.URLError) else error) or type(error).__name__
