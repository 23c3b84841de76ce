"""`up`, `preview` and `down` of one stack.

The stack `sandbox` needs no account and asks no questions: its cloud is the process of
`engine.sandbox`, its state a file backend below `.sandbox/` with a public passphrase (it protects
nothing), its PULUMI_HOME is `.pulumi/`, and its environment has none of the user's clouds and keys.
After `up` the outputs are in a file, the client files are rendered, a request with them from inside
the VPC asks a model, and the next commands to type are printed.

Every other stack is the user's own: their backend, credentials and environment, and Pulumi asks for
confirmation before it changes anything. Operations on every stack, and what they do about a run
that was killed, are those of `dashlink up`, `preview` and `down` (`dashlink.operate`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashlink.errors import DashlinkError
from dashlink.operate import checkpoint, operations
from dashlink.operate.processes import own_mark
from dashlink.operate.record import key_of
from dashlink.operate.supervise import supervise
from dashlink.pulumi_stack import PulumiStack
from engine import sandbox as cloud
from engine.cache import locked
from engine.console import EngineError, echo
from engine.next_commands import next_commands
from engine.plugins import link_plugins
from engine.process import capture, clean_environment, run
from engine.resolve import ROOT, Engine, resolve

SANDBOX = "sandbox"
PYTHON = ROOT / ".venv" / "bin" / "python"
FOLDER = ROOT / ".sandbox"
"""All files of the sandbox stack: cloud, state backend, outputs, client files."""

HOME = ROOT / ".pulumi"
"""PULUMI_HOME of the sandbox stack, separate from the user's own, which is not changed."""

_CHAT_API = "chat"
"""The Model API of the sandbox stack that `up` sends a request to."""

_CHAT_KEY = "dashlink:searchTeamKey"
"""The setting with a consumer's key for that API, encrypted."""

Operation = Callable[[PulumiStack, Sequence[str], Callable[[str], None]], int]

_INTERRUPTED = 128
"""Exit codes from here on are those of interrupted commands."""

_PASSPHRASE = "sandbox"  # noqa: S105 - public: it encrypts nothing that is secret


@dataclass(frozen=True)
class Stack:
    """A stack with the engine that runs it.

    Attributes:
        name: Its name; its settings are `stacks/Pulumi.<name>.yaml`.
        engine: The engine.
        environment: The environment of every command on the stack.
        sandbox: The sandbox cloud that it uses; None for a real cloud.
    """

    name: str
    engine: Engine
    environment: dict[str, str]
    sandbox: cloud.Sandbox | None

    @property
    def opened(self) -> PulumiStack:
        """The stack, for the operations of the library."""
        return PulumiStack(self.name, ROOT, self.environment, str(self.engine.pulumi))

    def pulumi(self, *arguments: str) -> int:
        """Run a Pulumi command for the stack on this terminal and return its exit code."""
        mark = own_mark(key_of(self.opened))
        return supervise(self.opened, mark, list(arguments), echo).exit_code

    def query(self, *arguments: str) -> str:
        """Run a Pulumi command for the stack and return its output.

        Raises:
            EngineError: If it fails; with its output.
        """
        command = [*self.opened.command(*arguments), "--non-interactive"]
        done = capture(command, folder=ROOT, environment=self.environment)
        if done.returncode:
            output = (done.stdout + done.stderr).strip()
            raise EngineError(
                f"stack {self.name}: pulumi {' '.join(arguments)} failed. Read its output below."
                f"\n{output}"
            )
        return done.stdout


def up(name: str, *, yes: bool) -> int:
    """Deploy the stack and write its client files; for the sandbox, ask a model with them.

    Returns:
        The exit code.
    """
    if name != SANDBOX:
        stack = open_stack(name)
        code = _run(operations.up, stack, _confirmation(yes=yes))
        folder = ROOT / "clients" / name
        code = code or _render(stack, folder, folder / "outputs.json")
        return code or _print_next(folder / "outputs.json", None)
    with _exclusively():
        stack, code = _up_sandbox()
        code = code or _render(stack, FOLDER / "clients", FOLDER / "outputs.json")
        code = code or _ask_model(stack)
        return code or _print_next(FOLDER / "outputs.json", _CHAT_API)


def _up_sandbox() -> tuple[Stack, int]:
    """Deploy the sandbox stack, and start over where it cannot recover from a killed run."""
    options = ["--yes", "--skip-preview", "--suppress-outputs"]
    stack = open_sandbox()
    echo("Stack sandbox: pulumi up")
    try:
        return stack, _run(operations.up, stack, options)
    except DashlinkError as error:
        echo(f"{error}\nStack sandbox: starting over, with a new cloud")
        _clear()
        stack = open_sandbox()
        return stack, _run(operations.up, stack, options)


def preview(name: str) -> int:
    """Show the changes that `up` would make, and return the exit code."""
    if name != SANDBOX:
        return _run(operations.preview, open_stack(name))
    with _exclusively():
        return _run(operations.preview, open_sandbox())


def down(name: str, *, yes: bool) -> int:
    """Destroy the stack; for the sandbox, end its cloud and remove its files too.

    Returns:
        The exit code.
    """
    if name != SANDBOX:
        return _run(operations.down, open_stack(name), _confirmation(yes=yes))
    if not FOLDER.is_dir() or not (_has_cloud() or _has_checkpoint()):
        cloud.stop(FOLDER)
        echo("Sandbox: nothing is up")
        return 0
    with _exclusively():
        code = _destroy_sandbox()
        if code >= _INTERRUPTED:
            return code
        _clear()
    message = "Sandbox: ended; its files are removed"
    if code:
        message += ", with what could not be destroyed in order"
    echo(message)
    return code


def _run(operation: Operation, stack: Stack, options: Sequence[str] = ()) -> int:
    """Run an operation in the stack's environment, where the library finds its cloud too."""
    own = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(stack.environment)
        return operation(stack.opened, options, echo)
    finally:
        os.environ.clear()
        os.environ.update(own)


def _confirmation(*, yes: bool) -> list[str]:
    if yes:
        return ["--yes"]
    return []


def _destroy_sandbox() -> int:
    """Destroy in order; where that fails, the caller removes everything with the cloud."""
    try:
        stack = open_sandbox()
        if not checkpoint.exists(stack.opened):
            return 0
        return _run(operations.down, stack, ["--yes", "--skip-preview"])
    except (EngineError, DashlinkError) as error:
        echo(str(error))
        return 1


def open_stack(name: str) -> Stack:
    """Return the stack ``name`` with its engine; for the sandbox, with its cloud running.

    Raises:
        EngineError: If it has no settings, or its engine or cloud is not available.
    """
    if not (ROOT / "stacks" / f"Pulumi.{name}.yaml").is_file():
        files = sorted(ROOT.glob("stacks/Pulumi.*.yaml"))
        stacks = ", ".join(file.stem.removeprefix("Pulumi.") for file in files)
        raise EngineError(
            f"STACK: stacks/Pulumi.{name}.yaml is not there. Write it, or use one of: {stacks}."
        )
    if name != SANDBOX:
        engine = resolve(python=PYTHON)
        return Stack(name, engine, engine.environment(os.environ), None)
    engine = resolve(python=PYTHON, home=HOME)
    running = cloud.start(FOLDER, PYTHON, clean_environment())
    environment = engine.environment({**clean_environment(), **running.env})
    environment["PULUMI_BACKEND_URL"] = FOLDER.as_uri()
    environment["PULUMI_CONFIG_PASSPHRASE"] = _PASSPHRASE
    environment |= link_plugins(engine, HOME)
    return Stack(name, engine, environment, running)


def _exclusively() -> AbstractContextManager[None]:
    """Wait for other runs on the sandbox stack, and keep them waiting."""
    waiting = "Stack sandbox: another run is in progress; waiting for it"
    return locked(FOLDER / "stack.lock", waiting=waiting)


def open_sandbox() -> Stack:
    """Return the sandbox stack, without its state where the cloud's own is damaged or missing.

    The caller holds the stack's lock.
    """
    if _has_checkpoint() and not _has_cloud():
        echo("Sandbox: the file of its cloud is missing; starting over")
        _clear()
    try:
        return open_stack(SANDBOX)
    except cloud.DamagedStateError:
        echo("Sandbox: the file of its cloud is damaged; starting over")
        _clear()
        return open_stack(SANDBOX)


def _has_cloud() -> bool:
    return (FOLDER / "state.json").exists()


def _has_checkpoint() -> bool:
    return any(FOLDER.glob(f".pulumi/stacks/**/{SANDBOX}.json"))


def _clear() -> None:
    """End the sandbox's cloud, and remove its files and those of the stack on it."""
    cloud.stop(FOLDER)
    for file in FOLDER.iterdir():
        if file.is_dir():
            shutil.rmtree(file)
        elif file.suffix != ".lock":
            file.unlink()


def _print_next(file: Path, chat_api: str | None) -> int:
    """Print the commands to type next."""
    outputs = json.loads(file.read_text(encoding="utf-8"))
    echo("Next:")
    for purpose, command in next_commands(outputs, file.relative_to(ROOT), chat_api=chat_api):
        echo(f"  {purpose + ':':<19} {command}")
    return 0


def _render(stack: Stack, folder: Path, file: Path) -> int:
    """Print the stack's outputs, write them to ``file``, and their client files into ``folder``."""
    text = stack.query("stack", "output", "--json")
    for line in summary(json.loads(text)):
        echo(line)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    echo(f"Outputs: {file.relative_to(ROOT)}")
    echo(f"Client files, in {folder.relative_to(ROOT)}/:")
    command = [str(PYTHON.with_name("dashlink")), "render", "-", "--out", str(folder)]
    environment = stack.environment
    done = subprocess.run(command, input=text, env=environment, cwd=ROOT, text=True, check=False)
    return done.returncode


def summary(outputs: Mapping[str, Any]) -> list[str]:
    """The outputs of a stack as lines for a person."""
    zones = [f"{vswitch} ({zone})" for zone, vswitch in outputs["vswitch_ids"].items()]
    vswitches = ", ".join(zones)
    group = outputs["security_group_id"]
    lines = [
        f"Stack {outputs['stack']} in {outputs['region']}:",
        f"  network   {outputs['vpc_id']}, vSwitches {vswitches}, security group {group}",
    ]
    for name, endpoint in outputs["endpoints"].items():
        service = endpoint.get("service_name") or endpoint.get("service_id")
        target = f"to {service}, dialled as {endpoint['host']}"
        lines.append(f"  {name}: endpoint {endpoint['endpoint_id']} {target}")
        lines += _base_urls(endpoint)
    gateway = outputs.get("gateway")
    if gateway:
        addresses = ", ".join(gateway["addresses"])
        lines.append(f"  gateway   {gateway['gateway_id']}, at {addresses}")
    for name, api in outputs.get("model_apis", {}).items():
        protocol = f"{api['scene']} in {api['protocol']}"
        lines.append(f"  {name}: Model API {api['api_id']}, {protocol}")
        lines += _base_urls(api)
    return lines


def _base_urls(output: Mapping[str, Any]) -> list[str]:
    return [f"    {protocol:<20} {url}" for protocol, url in output["base_urls"].items()]


def _ask_model(stack: Stack) -> int:
    """Ask a model from inside the sandbox's VPC through the gateway, with the .env file alone."""
    outputs = json.loads(stack.query("stack", "output", "--json"))
    file = FOLDER / "clients" / "model-apis" / _CHAT_API / ".env"
    if stack.sandbox is None or not file.is_file():
        raise EngineError(
            f"stacks/Pulumi.sandbox.yaml: no Model API {_CHAT_API}, or no dotenv in "
            "dashlink:clients. Add it: `up` asks a model with its file."
        )
    environment = clean_environment() | inside_vpc(stack.sandbox, outputs)
    environment["MODEL_API_KEY"] = _consumer_key(stack)
    means = f"by the OpenAI SDK and {file.relative_to(ROOT)} alone"
    echo(f"Asking a model from inside {outputs['vpc_id']}, {means}:")
    command = [str(PYTHON), "examples/chat.py", str(file)]
    return run(command, folder=ROOT, environment=environment)


def client_variables(stack: Stack) -> dict[str, str]:
    """Environment variables of a client in the VPC of the sandbox stack, with its keys.

    Raises:
        EngineError: If the stack is on a real cloud, whose VPC this machine is not in, or is not
            deployed.
    """
    if stack.sandbox is None:
        raise EngineError(
            f"--inside: {stack.name} is not the sandbox. Run the command on a machine in its VPC."
        )
    outputs = json.loads(stack.query("stack", "output", "--json"))
    if "vpc_id" not in outputs:
        raise EngineError(f"--inside: {stack.name} is not deployed. Run make up first.")
    keys = {"MODEL_API_KEY": _consumer_key(stack), "DASHSCOPE_API_KEY": stack.sandbox.api_key}
    return inside_vpc(stack.sandbox, outputs) | keys


def _consumer_key(stack: Stack) -> str:
    return stack.query("config", "get", _CHAT_KEY).strip()


def inside_vpc(running: cloud.Sandbox, outputs: Mapping[str, Any]) -> dict[str, str]:
    """Environment variables of a client in the first vSwitch of the stack's VPC."""
    vswitch = next(iter(outputs["vswitch_ids"].values()))
    proxy = running.proxy.replace("http://", f"http://{outputs['vpc_id']}.{vswitch}:inside@")
    return {
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
        "http_proxy": proxy,
        "SSL_CERT_FILE": running.ca_file,
        "REQUESTS_CA_BUNDLE": running.ca_file,
    }
