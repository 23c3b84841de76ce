"""Builds the engine's programs from Go modules, once: the second run finds them in the cache.

Every module below `engine/` pins its versions in go.mod and go.sum, so the modules' files, the build's flags and the
platform say all that a program is made from: their hash is the key in the cache (`cache`). The first build of
everything takes about ten minutes on two cores, downloads included.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from engine.cache import content_key, is_kept, kept
from engine.console import EngineError, Progress, say
from engine.golang import find_go

_ENGINE = Path(__file__).parent
_FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly")
_HOST = _ENGINE / "host"
_HOST_FILES = (_HOST / "pulumi-language-python", _HOST / "server.py")
_SDK_PACKAGE = "github.com/pulumi/pulumi/sdk/v3/go/common/version"
_LAST_LINES = 15


@dataclass(frozen=True)
class Program:
    """One program that is built from one of the modules here.

    Attributes:
        name: The name of its executable, and of its folder in the cache.
        module: The folder of its Go module, below `engine/`.
        package: The Go package to build.
        version_flag: The linker's `-X` flag that stamps the version, empty where none is wanted.
        what: What it is, for the progress lines.
    """

    name: str
    module: str
    package: str
    what: str
    version_flag: str = ""

    def key(self) -> str:
        """The hash of everything that the program is made from."""
        folder = _ENGINE / self.module
        files = [file for file in folder.rglob("*") if file.is_file()]
        return content_key(
            files, folder, *_FLAGS, self.package, self.version_flag, platform.system(), platform.machine()
        )


PULUMI = Program(
    name="pulumi",
    module="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    what="the Pulumi CLI",
    version_flag="github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{github.com/pulumi/pulumi/pkg/v3}",
)
ALICLOUD = Program(
    name="pulumi-resource-alicloud",
    module="alicloud",
    package="./cmd/pulumi-resource-alicloud",
    what="Pulumi's alicloud provider",
)
TERRAFORM_ALICLOUD = Program(
    name="terraform-provider-alicloud",
    module="alicloud",
    package="./cmd/terraform-provider-alicloud",
    what="Terraform's alicloud provider",
)
TOFU = Program(
    name="tofu",
    module="tofu",
    package="github.com/opentofu/opentofu/cmd/tofu",
    what="OpenTofu",
    version_flag="github.com/opentofu/opentofu/version.dev=no",
)
PROGRAMS = (PULUMI, ALICLOUD, TERRAFORM_ALICLOUD, TOFU)


def build(program: Program) -> Path:
    """The path of the executable of ``program``, from the cache or built now.

    Raises:
        EngineError: If there is no Go, or the build fails.
    """
    return kept(program.name, program.key(), lambda folder: _build(program, folder)) / program.name


def pinned_version(module: str, path: str) -> str:
    """The version of the Go module ``path`` that ``module``'s go.mod names, without its `v`.

    Raises:
        EngineError: If go.mod does not name it.
    """
    text = (_ENGINE / module / "go.mod").read_text(encoding="utf-8")
    match = re.search(rf"^(?:require)?\s+{re.escape(path)} v(\S+)", text, re.MULTILINE)
    if not match:
        raise EngineError(f"engine/{module}/go.mod: does not name {path}. Restore the file.")
    return match.group(1)


def _build(program: Program, folder: Path) -> None:
    go = find_go()
    module = _ENGINE / program.module
    flag = re.sub(r"\{(.+)\}", lambda match: pinned_version(program.module, match.group(1)), program.version_flag)
    linker = "-s -w" + (f" -X {flag}" if flag else "")
    command = [str(go), "build", "-v", *_FLAGS, "-ldflags", linker, "-o", str(folder / program.name), program.package]
    say(f"  building {program.what} from Go modules (some minutes, the first time only)")
    progress = Progress(f"building {program.what}")
    log = folder / "build.log"
    with log.open("w", encoding="utf-8") as written:
        process = subprocess.Popen(command, cwd=module, env=_environment(), stdout=written, stderr=written)
    try:
        _wait(process, log, progress)
    finally:
        process.terminate()
    if process.returncode:
        lines = "\n    ".join(log.read_text(encoding="utf-8").splitlines()[-_LAST_LINES:])
        raise EngineError(
            f"engine/{program.module}: {program.what} cannot be built (go exited with {process.returncode}). "
            f"Read go's last lines; behind a firewall set GOPROXY.\n    {lines}"
        )
    log.unlink()
    say(f"  built {program.what} in {progress.elapsed()}")


def _wait(process: subprocess.Popen[bytes], log: Path, progress: Progress) -> None:
    """Wait for go to end, and say how far it is by what it has written."""
    while process.poll() is None:
        try:
            process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            fetched = sum(line.startswith("go: downloading") for line in lines)
            progress.tick(f"{fetched} modules fetched, {len(lines) - fetched} packages compiled")


def cli_is_built() -> bool:
    """Whether `build_cli` finds the CLI in the cache."""
    return is_kept("cli", _cli_key())


def build_cli() -> Path:
    """The path of a built Pulumi CLI that has the language host of ours beside it, where the CLI looks first.

    Raises:
        EngineError: If there is no Go, or the build fails.
    """
    return kept("cli", _cli_key(), _assemble) / PULUMI.name


def _cli_key() -> str:
    return content_key(_HOST_FILES, _HOST, PULUMI.key())


def _assemble(folder: Path) -> None:
    os.link(build(PULUMI), folder / PULUMI.name)
    executor = _executor()
    shutil.copyfile(executor, folder / executor.name)
    for source in _HOST_FILES:
        shutil.copy(source, folder / source.name)


def _executor() -> Path:
    """Pulumi's own executor of Python programs: it comes with the CLI's Go modules."""
    # By a package, not by `go mod download`: that asks the registry for more than the build needs.
    command = [str(find_go()), "list", "-mod=readonly", "-f", "{{.Module.Dir}}", _SDK_PACKAGE]
    folder = _ENGINE / PULUMI.module
    done = subprocess.run(command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False)
    executor = Path(done.stdout.strip(), "python", "cmd", "pulumi-language-python-exec")
    if not executor.is_file():
        raise EngineError(
            f"engine/pulumi: {executor.name} is not in the module of {_SDK_PACKAGE}. Clear Go's module cache."
        )
    return executor


def _environment() -> dict[str, str]:
    """The user's environment (proxies, certificates, GOPROXY), without what would change the build."""
    return os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": ""}
