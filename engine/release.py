"""Pulumi's own programs: those installed on this machine, and Pulumi's release.

The release is downloaded from get.pulumi.com, over https alone, and verified against the SHA-256
checksums that are pinned here with its version. `DASHLINK_ENGINE_RELEASE=off` forbids every
download of Pulumi's programs (CI and `make test` set it, so that they use the build).
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import urllib.error
import urllib.request
from concurrent.futures import Future
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

from engine.cache import cached
from engine.console import EngineError, Progress, echo
from engine.process import version_of

VERSION = "3.259.0"
"""The release that is downloaded: the version that the build makes too (engine/pulumi/go.mod)."""

OLDEST = (3, 259, 0)
"""The oldest installed Pulumi that is used: older ones are untested with requirements/lock.txt."""

SWITCH = "DASHLINK_ENGINE_RELEASE"
_ARCHIVE = "https://get.pulumi.com/releases/sdk/pulumi-v{version}-{system}-{machine}.tar.gz"
_SHA256 = {
    "darwin-arm64": "57c27f179e527e2cf9f62b841a448af72a020e44b2fb4ee0d9bd85556c00c864",
    "darwin-x64": "eaca4c3b8277bfa3ab061fa3b270d1c66358a0b2e613da8c5587a04b7226c534",
    "linux-arm64": "edc8327463a72160bb36cf82cf5062da9c8a244290a706d9980988e7bf486853",
    "linux-x64": "94ba357acac23d01474084c4b00098dc0f7bc70ce13f34c777459254a5f718e5",
}
"""Of the archives of VERSION, by system and machine (pulumi/homebrew-tap, Formula/pulumi.rb at
3.259.0, read 2026-11-22; a copy of 3.205.0's has the checksum of get.pulumi.com's archive)."""

_FIRST_ANSWER_SECONDS = 5.0
_STALLED_SECONDS = 20.0
_CHUNK_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"
_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True)
class Installed:
    """An installed Pulumi.

    Attributes:
        folder: The folder of `pulumi`.
        version: The version that it prints, as numbers.
        host: The folder of its Python host.
    """

    folder: Path
    version: tuple[int, ...]
    host: Path


def allowed() -> bool:
    """Whether Pulumi's programs may be downloaded.

    Raises:
        EngineError: If the switch is neither `on` nor `off`.
    """
    value = os.environ.get(SWITCH, "on")
    if value not in {"on", "off"}:
        raise EngineError(
            f"{SWITCH}: neither on nor off (got {value}). "
            "Set it to off to build the engine, or unset it."
        )
    return value == "on"


def installed() -> Installed | None:
    """Return the Pulumi on PATH if it has its Python host and is new enough; else report why."""
    program = shutil.which("pulumi")
    if not program:
        return None
    folder = Path(program).resolve().parent
    path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
    host = shutil.which("pulumi-language-python", path=path)
    version = version_of(program)
    if version is None:
        problem = ": prints no version"
    elif version < OLDEST:
        problem = f" is {_dotted(version)}, older than {_dotted(OLDEST)}, the oldest tested version"
    elif host is None:
        problem = ": has no Python host (pulumi-language-python) beside it or on PATH"
    else:
        return Installed(folder=Path(program).parent, version=version, host=Path(host).parent)
    echo(f"  {program}{problem}; not used")
    return None


def released() -> Path | None:
    """Return the folder of Pulumi's release, from the cache or downloaded now.

    None where there is no release for this machine, or its host does not answer within seconds.

    Raises:
        EngineError: If the download is not what Pulumi published.
    """
    system = platform.system().lower()
    machine = _MACHINES.get(platform.machine().lower())
    if system not in {"linux", "darwin"} or machine is None:
        return None
    archive = _ARCHIVE.format(version=VERSION, system=system, machine=machine)

    def create(folder: Path) -> None:
        _download(archive, _SHA256[f"{system}-{machine}"], folder)

    try:
        return cached("pulumi-release", f"{VERSION}-{machine}", create) / "pulumi"
    except (OSError, HTTPException) as error:
        echo(f"  Pulumi's release cannot be reached ({_reason(error)}); building instead")
        return None


def install_plugin(pulumi: Path, name: str, version: str, environment: dict[str, str]) -> bool:
    """Install the resource plugin ``name`` with ``pulumi``; return whether it is available."""
    echo(f"  the plugin {name} {version}, by pulumi plugin install")
    command = [str(pulumi), "plugin", "install", "resource", name, f"v{version}"]
    return subprocess.run(command, env=environment, check=False).returncode == 0


def _download(archive: str, published: str, folder: Path) -> None:
    echo(f"  downloading Pulumi's release {VERSION} (switch off: {SWITCH}=off)")
    with TemporaryFile() as file:
        with _open_soon(archive) as answer:
            digest = _copy(answer, file, Progress("downloading Pulumi's release"))
        file.seek(0)
        if file.read(len(_GZIP)) != _GZIP:
            raise OSError("another server answers in its place")
        if digest != published:
            raise EngineError(
                f"{archive}: not what Pulumi published (got SHA-256 {digest}). "
                f"Set {SWITCH}=off to build instead."
            )
        file.seek(0)
        with tarfile.open(fileobj=file) as tar:
            # Pythons before 3.11.4 have no filter, and ignore the attribute (Python docs, tarfile).
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder)  # noqa: S202 - its checksum is pinned


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https alone."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the redirected request.

        Raises:
            URLError: If the redirect leaves https.
        """
        if not newurl.startswith("https://"):
            raise urllib.error.URLError(f"redirected to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open_soon(url: str) -> IO[bytes]:
    """Open ``url``, in a thread because nothing else bounds a name look-up.

    Raises:
        OSError, HTTPException: If no answer arrives within a few seconds.
    """
    opened: Future[IO[bytes]] = Future()

    def open_it() -> None:
        try:
            opened.set_result(_open(url, _STALLED_SECONDS))
        except (OSError, HTTPException) as error:
            opened.set_exception(error)

    Thread(target=open_it, daemon=True).start()
    return opened.result(timeout=_FIRST_ANSWER_SECONDS)


def _open(url: str, timeout: float) -> IO[bytes]:
    answer: IO[bytes] = urllib.request.build_opener(_HttpsOnly).open(url, timeout=timeout)
    return answer


def _copy(source: IO[bytes], target: IO[bytes], progress: Progress) -> str:
    """Copy ``source`` to ``target`` and return the SHA-256 of the content."""
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
        progress.tick(f"{size >> 20} MB")
    return digest.hexdigest()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _reason(error: Exception) -> str:
    reason: object = error
    if isinstance(error, urllib.error.URLError):
        reason = error.reason
    return str(reason) or type(error).__name__
