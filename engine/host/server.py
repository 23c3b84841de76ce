# ruff: noqa: N802, ARG002 - the methods' names and arguments are the protocol's
"""The language host: the gRPC service by which the Pulumi engine runs a Python program.

The engine starts it, reads a port from its first line, requests the plugins that the program needs
(`GetRequiredPackages`), and then the run of the program (`Run`). The program runs in a child
process by Pulumi's own executor of Python programs (`pulumi-language-python-exec` beside this file,
from the CLI's Go modules), with the Python of `runtime.options.virtualenv` if Pulumi.yaml names
one, else with the Python that runs this host. Pulumi's own host does the same, but comes with
Pulumi's release only; this one omits what no stack here uses: package managers, debuggers, plugins
from source, code generation.

It ends on SIGINT and SIGTERM, and when the engine has ended: the program ends with it, so that no
process is left.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
from google.protobuf import empty_pb2


def _skip_the_sdk() -> None:
    """Stand in for `pulumi` and `pulumi.runtime`, whose import is most of the host's start.

    The engine starts two hosts for each `up` and `preview`, and they need the messages alone.
    """
    spec = importlib.util.find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        return  # the import below reports it
    folder = Path(spec.submodule_search_locations[0])
    for name, place in (("pulumi", folder), ("pulumi.runtime", folder / "runtime")):
        package = ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package


if __name__ == "__main__":
    _skip_the_sdk()
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2  # noqa: E402

_ALREADY_REPORTED = 32
"""The executor's exit code for an error that it has printed: the engine adds nothing."""

_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_END_SECONDS = 5.0


class NoPythonError(Exception):
    """Pulumi.yaml names a virtual environment that does not exist."""


def python_of(info: language_pb2.ProgramInfo) -> Path:
    """The Python that runs the program.

    Raises:
        NoPythonError: If the folder of `runtime.options.virtualenv` is not a virtual environment.
    """
    options: Any = dict(info.options.items())
    folder = options.get("virtualenv")
    if not folder:
        return Path(sys.executable)
    python = Path(info.root_directory, folder, "bin", "python")
    if not python.is_file():
        raise NoPythonError(
            f"Pulumi.yaml: runtime.options.virtualenv: no virtual environment (got {folder}). "
            f"Create it with `make up`, or with `python3 -m venv {folder}` and the program's "
            "packages."
        )
    return python


def required_plugins(python: Path) -> list[plugin_pb2.PackageDependency]:
    """The plugins of the packages installed for ``python``, by their pulumi-plugin.json files."""
    plugins = []
    for file in sorted(python.parent.parent.glob("lib/python3*/*-packages/*/pulumi-plugin.json")):
        plugin = json.loads(file.read_text(encoding="utf-8"))
        if plugin.get("resource"):
            dependency = plugin_pb2.PackageDependency(
                kind="resource",
                name=plugin.get("name", file.parent.name.removeprefix("pulumi_")),
                version=plugin.get("version", ""),
                server=plugin.get("server", ""),
            )
            plugins.append(dependency)
    return plugins


def command_of(
    request: language_pb2.RunRequest, python: Path, executor: str, engine: str
) -> list[str]:
    """The executor's command line for a request to run a program."""
    options = {
        "monitor": request.monitor_address,
        "engine": engine,
        "project": request.project,
        "root_directory": request.info.root_directory,
        "stack": request.stack,
        "pwd": request.pwd,
        "dry_run": str(request.dryRun).lower(),
        "parallel": str(request.parallel),
        "organization": request.organization,
    }
    command = [str(python), "-u", executor]
    for name, value in options.items():
        if value:
            command += [f"--{name}", value]
    return [*command, request.info.entry_point or ".", *request.args]


def environment_of(request: language_pb2.RunRequest, python: Path) -> dict[str, str]:
    """The environment of the program: the host's, its settings, its Python first on PATH."""
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)]),
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def response_of(code: int) -> language_pb2.RunResponse:
    """The answer to the engine for the executor's exit ``code`` (negative for a signal)."""
    if code == _ALREADY_REPORTED:
        return language_pb2.RunResponse(bail=True)
    if code < 0:
        return language_pb2.RunResponse(error=f"Program was ended by {signal.Signals(-code).name}")
    if code > 0:
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")
    return language_pb2.RunResponse()


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """The service that the engine calls, by the functions above.

    Attributes:
        ended: Set to end the host.
    """

    def __init__(self, engine: str, executor: str) -> None:
        """Store the engine's address and the executor's path."""
        self.ended = threading.Event()
        self._engine = engine
        self._executor = executor
        self._program: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:
        """Return no version: the host has none."""
        return plugin_pb2.PluginInfo()

    def About(self, request: Any, context: Any) -> language_pb2.AboutResponse:
        """Describe the Python of the host, for `pulumi about`."""
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    def GetRequiredPackages(
        self, request: Any, context: Any
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Return the plugins that the program's packages need."""
        try:
            return language_pb2.GetRequiredPackagesResponse(
                packages=required_plugins(python_of(request.info))
            )
        except NoPythonError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise

    def InstallDependencies(
        self, request: Any, context: Any
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Do nothing: `make up` installs from the lock file."""
        return iter(())

    def RuntimeOptionsPrompts(
        self, request: Any, context: Any
    ) -> language_pb2.RuntimeOptionsResponse:
        """Return no prompts: the host has no options."""
        return language_pb2.RuntimeOptionsResponse()

    def Run(self, request: language_pb2.RunRequest, context: Any) -> language_pb2.RunResponse:
        """Run the program to its end, and report how it ended."""
        try:
            python = python_of(request.info)
        except NoPythonError as error:
            return language_pb2.RunResponse(error=str(error))
        command = command_of(request, python, self._executor, self._engine)
        with self._starting:
            if self.ended.is_set():
                return language_pb2.RunResponse(
                    error="Program was not started: the run has been cancelled"
                )
            self._program = subprocess.Popen(
                command, env=environment_of(request, python), stdin=subprocess.DEVNULL
            )
        return response_of(self._program.wait())

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:
        """End the host, and the program with it."""
        self.ended.set()
        return empty_pb2.Empty()

    def end_program(self) -> None:
        """End the program if it runs, and start no other."""
        with self._starting:
            self.ended.set()
            program = self._program
        if program is None or program.poll() is not None:
            return
        program.terminate()
        try:
            program.wait(timeout=_END_SECONDS)
        except subprocess.TimeoutExpired:
            program.kill()


def serve(engine: str, executor: str) -> None:
    """Answer the engine until it cancels the run, sends a signal, or has ended."""
    host = Host(engine, executor)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: host.ended.set())
    size = [
        ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
        ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
    ]
    server = grpc.server(ThreadPoolExecutor(max_workers=8), options=size)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    parent = os.getppid()
    print(port, flush=True)
    while not host.ended.wait(timeout=1) and os.getppid() == parent:
        pass
    host.end_program()
    server.stop(grace=_END_SECONDS).wait()  # the answers of Cancel and Run still leave


if __name__ == "__main__":
    serve(
        engine=sys.argv[-1], executor=str(Path(__file__).with_name("pulumi-language-python-exec"))
    )
