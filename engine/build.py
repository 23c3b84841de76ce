"""Builds the engine's programs from Go modules once; later runs use the cache.

Every module below `engine/` pins its versions in go.mod and go.sum, so the modules' files, the
build's flags and the platform determine a program: their hash is the key in the cache (`cache`).
The first build of everything takes about ten minutes on two cores, downloads included.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from engine.cache import cached, content_key, is_cached
from engine.console import EngineError, Progress, echo
from engine.golang import find_go
from engine.process import capture

_ENGINE = Path(__file__).parent
_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")
_HOST = _ENGINE / "host"
_HOST_FILES = (_HOST / "pulumi-language-python", _HOST / "server.py")
_PULUMI_MODULE = "github.com/pulumi/pulumi/pkg/v3"
_SDK_PACKAGE = "github.com/pulumi/pulumi/sdk/v3/go/common/version"
_LAST_LINES = 15


@dataclass(frozen=True)
class Program:
    """A program that is built from one of the Go modules below `engine/`.

    Attributes:
        name: The name of its executable, and of its folder in the cache.
        module: The folder of its Go module, below `engine/`.
        package: The Go package to build.
        title: Its name in messages.
        version_flag: The linker's `-X` flag that sets the version, empty for none. `{PATH}` in it
            is replaced by the version of the Go module PATH.
    """

    name: str
    module: str
    package: str
    title: str
    version_flag: str = ""

    def key(self) -> str:
        """The hash of all inputs of the build."""
        folder = _ENGINE / self.module
        files = [file for file in folder.rglob("*") if file.is_file()]
        host = (platform.system(), platform.machine())
        return content_key(files, folder, *_FLAGS, self.package, self.version_flag, *host)


PULUMI = Program(
    name="pulumi",
    module="pulumi",
    package=f"{_PULUMI_MODULE}/cmd/pulumi",
    title="the Pulumi CLI",
    version_flag=f"{_SDK_PACKAGE}.Version=v{{{_PULUMI_MODULE}}}",
)
ALICLOUD = Program(
    name="pulumi-resource-alicloud",
    module="alicloud",
    package="./cmd/pulumi-resource-alicloud",
    title="Pulumi's alicloud provider",
)
TERRAFORM_ALICLOUD = Program(
    name="terraform-provider-alicloud",
    module="alicloud",
    package="./cmd/terraform-provider-alicloud",
    title="Terraform's alicloud provider",
)
TOFU = Program(
    name="tofu",
    module="tofu",
    package="github.com/opentofu/opentofu/cmd/tofu",
    title="OpenTofu",
    version_flag="github.com/opentofu/opentofu/version.dev=no",
)


def build(program: Program) -> Path:
    """Return the path of the executable of ``program``, from the cache or built now.

    Raises:
        EngineError: If there is no Go, or the build fails.
    """

    def create(folder: Path) -> None:
        _build(program, folder)

    return cached(program.name, program.key(), create) / program.name


def pinned_version(module: str, path: str) -> str:
    """The version of the Go module ``path`` in the go.mod of ``module``, without its `v`.

    Raises:
        EngineError: If go.mod does not name it.
    """
    text = (_ENGINE / module / "go.mod").read_text(encoding="utf-8")
    match = re.search(rf"^(?:require)?\s+{re.escape(path)} v(\S+)", text, re.MULTILINE)
    if not match:
        raise EngineError(f"engine/{module}/go.mod: does not name {path}. Restore the file.")
    return match.group(1)


def _build(program: Program, folder: Path) -> None:
    output = ["-ldflags", _linker_flags(program), "-o", str(folder / program.name)]
    command = [str(find_go()), "build", "-v", *_FLAGS, *output, program.package]
    echo(f"  building {program.title} from Go modules (some minutes, the first time only)")
    progress = Progress(f"building {program.title}")
    log = folder / "build.log"
    module = _ENGINE / program.module
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=module, env=_environment(), stdout=file, stderr=file
        )
    try:
        _wait(process, log, progress)
    finally:
        process.terminate()
    if process.returncode:
        lines = "\n    ".join(log.read_text(encoding="utf-8").splitlines()[-_LAST_LINES:])
        raise EngineError(
            f"engine/{program.module}: {program.title} cannot be built (go exited with "
            f"{process.returncode}). Read go's last lines; behind a firewall set GOPROXY."
            f"\n    {lines}"
        )
    log.unlink()
    echo(f"  built {program.title} in {progress.elapsed()}")


def _linker_flags(program: Program) -> str:
    if not program.version_flag:
        return "-s -w"

    def version(match: re.Match[str]) -> str:
        return pinned_version(program.module, match.group(1))

    return f"-s -w -X {re.sub(r'{(.+)}', version, program.version_flag)}"


def _wait(process: subprocess.Popen[bytes], log: Path, progress: Progress) -> None:
    """Wait for go to end, and report its progress from its log."""
    while process.poll() is None:
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            fetched = [line for line in lines if line.startswith("go: downloading")]
            compiled = len(lines) - len(fetched)
            progress.tick(f"{len(fetched)} modules fetched, {compiled} packages compiled")


def cli_is_built() -> bool:
    """Whether the cache has the CLI that `build_cli` returns."""
    return is_cached("cli", _cli_key())


def build_cli() -> Path:
    """Return the path of a built Pulumi CLI with this repository's language host beside it.

    The CLI looks for language hosts in its own folder first.

    Raises:
        EngineError: If there is no Go, or the build fails.
    """
    return cached("cli", _cli_key(), _assemble) / PULUMI.name


def _cli_key() -> str:
    return content_key(_HOST_FILES, _HOST, PULUMI.key())


def _assemble(folder: Path) -> None:
    os.link(build(PULUMI), folder / PULUMI.name)
    executor = _executor()
    shutil.copyfile(executor, folder / executor.name)
    for source in _HOST_FILES:
        shutil.copy(source, folder / source.name)


def _executor() -> Path:
    """Return Pulumi's own executor of Python programs, part of the CLI's Go modules."""
    # By a package, not by `go mod download`, which requests more of the registry than the build.
    command = [str(find_go()), "list", "-mod=readonly", "-f", "{{.Module.Dir}}", _SDK_PACKAGE]
    done = capture(command, folder=_ENGINE / PULUMI.module, environment=_environment())
    sdk = Path(done.stdout.strip())
    executor = sdk / "python" / "cmd" / "pulumi-language-python-exec"
    if not executor.is_file():
        raise EngineError(
            f"engine/pulumi: {executor.name} is not in the module of {_SDK_PACKAGE}. "
            "Clear Go's module cache."
        )
    return executor


def _environment() -> dict[str, str]:
    """The user's environment (proxies, certificates, GOPROXY) without what changes the build."""
    return os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}
