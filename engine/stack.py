"""`up`, `preview` and `down` of one stack.

The stack `sandbox` needs no account and asks nothing: its cloud is the process of `engine.sandbox`, its state a file
backend below `.sandbox/` with a public passphrase (it guards nothing), its PULUMI_HOME `.pulumi/`, its environment is
clean of the user's clouds and keys. After `up` the client files are rendered, and a model is asked through them from
inside the VPC. A run that was killed is mended by the next one.

Every other stack is the user's own: their backend, credentials and environment, and Pulumi asks before it changes
anything.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import sandbox as cloud
from engine.cache import locked
from engine.console import EngineError, say
from engine.plugins import lay_out
from engine.process import clean_environment, run
from engine.resolve import ROOT, Engine, resolve

SANDBOX = "sandbox"
PYTHON = ROOT / ".venv" / "bin" / "python"
FOLDER = ROOT / ".sandbox"
"""Everything of the sandbox stack: cloud, state backend, outputs, client files."""

HOME = ROOT / ".pulumi"
"""PULUMI_HOME of the sandbox stack: apart from the user's own, so that nothing is touched there."""

_CHAT_API, _CHAT_KEY = "chat", "dashlink:searchTeamKey"
"""The Model API of the sandbox stack that is asked at the end, and where a consumer's key for it stands, encrypted."""

_PASSPHRASE = "sandbox"  # noqa: S105 - public: it encrypts nothing that is secret


@dataclass(frozen=True)
class Stack:
    """A stack with the engine that runs it.

    Attributes:
        name: Its name; its settings are `stacks/Pulumi.<name>.yaml`.
        engine: The engine.
        environment: What every command on the stack gets.
        sandbox: The cloud that it stands on; None for a real one.
    """

    name: str
    engine: Engine
    environment: dict[str, str]
    sandbox: cloud.Sandbox | None

    def pulumi(self, *words: str) -> int:
        """Run a Pulumi command on the stack, on this terminal, and give back its exit code."""
        command = [str(self.engine.pulumi), *words, "--stack", self.name]
        return run(command, folder=ROOT, environment=self.environment)


def up(name: str, *, yes: bool) -> int:
    """Deploy the stack, then write its client files; of the sandbox, ask a model through them. Gives the exit code."""
    if name != SANDBOX:
        stack = open_stack(name)
        code = _select(stack) or stack.pulumi("up", *(["--yes"] if yes else []))
        return code or _render(stack, ROOT / "clients" / name)
    with _alone():
        stack = open_sandbox()
        say("Stack sandbox: pulumi up")
        code = stack.pulumi("up", "--yes", "--skip-preview", "--suppress-outputs") or _render(stack, FOLDER / "clients")
        return code or _ask(stack)


def preview(name: str) -> int:
    """Show what `up` would change, and change nothing. Gives the exit code."""
    if name != SANDBOX:
        stack = open_stack(name)
        return _select(stack) or stack.pulumi("preview")
    with _alone():
        return open_sandbox().pulumi("preview")


def down(name: str, *, yes: bool) -> int:
    """Destroy the stack; of the sandbox, end its cloud and remove its files too. Gives the exit code."""
    if name != SANDBOX:
        return open_stack(name).pulumi("destroy", *(["--yes"] if yes else []))
    if not (FOLDER / "state.json").exists():
        cloud.stop(FOLDER)
        say("Sandbox: nothing is up")
        return 0
    with _alone():
        code = _destroy_sandbox()
        _clear()
    say("Sandbox: ended; its files are removed" + (", with what could not be destroyed in order" if code else ""))
    return code


def _select(stack: Stack) -> int:
    """Have the stack in the user's backend, made there the first time; nothing of the cloud is touched."""
    return stack.pulumi("stack", "select", "--create")


def _destroy_sandbox() -> int:
    """Destroy in order. Where that fails (a killed run leaves what nothing knows of) all of it goes with the cloud."""
    try:
        return open_sandbox().pulumi("destroy", "--yes", "--skip-preview")
    except EngineError as error:
        say(str(error))
        return 1


def open_stack(name: str) -> Stack:
    """The stack ``name`` with its engine; of the sandbox, with its cloud running.

    Raises:
        EngineError: If it has no settings, or a part of it cannot be had.
    """
    stacks = sorted(
        file.name.removeprefix("Pulumi.").removesuffix(".yaml") for file in ROOT.glob("stacks/Pulumi.*.yaml")
    )
    if name not in stacks:
        raise EngineError(
            f"STACK: stacks/Pulumi.{name}.yaml is not there. Write it, or take one of: {', '.join(stacks)}."
        )
    if name != SANDBOX:
        engine = resolve(python=PYTHON)
        return Stack(name, engine, engine.environment(os.environ), None)
    engine = resolve(python=PYTHON, home=HOME)
    running = cloud.start(FOLDER, PYTHON, clean_environment())
    environment = engine.environment({**clean_environment(), **running.env})
    environment |= {
        "PULUMI_BACKEND_URL": FOLDER.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
        **lay_out(engine, HOME),
    }
    return Stack(name, engine, environment, running)


def _alone() -> Any:
    return locked(FOLDER / "stack.lock", waiting="Stack sandbox: another run is under way; waiting for it")


def open_sandbox() -> Stack:
    """The sandbox stack, made if it is not there, freed of what a killed run has left: no other run is under way.

    A run that was killed while it created something may have left what no state knows of: then both go, and the stack
    starts afresh.
    """
    stack = open_stack(SANDBOX)
    if any(FOLDER.glob(f".pulumi/locks/**/{SANDBOX}/*.json")):
        say("Stack sandbox: the last run was killed; taking off its lock")
        _quietly(stack, "cancel", "--yes")
        if _was_creating(stack):
            say("Stack sandbox: it was creating something that its state does not know: starting afresh")
            _clear()
            stack = open_stack(SANDBOX)
    if not any(FOLDER.glob(f".pulumi/stacks/**/{SANDBOX}.json")):
        _quietly(stack, "stack", "select", "--create")
    return stack


def _was_creating(stack: Stack) -> bool:
    """Whether the state says that a killed run was creating something."""
    document = json.loads(_quietly(stack, "stack", "export"))
    operations = document["deployment"].get("pending_operations") or []
    return any(operation["type"] == "creating" for operation in operations)


def _clear() -> None:
    """End the sandbox's cloud, and remove its files and those of the stack on it."""
    cloud.stop(FOLDER)
    for file in FOLDER.iterdir():
        if file.is_dir():
            shutil.rmtree(file)
        elif file.suffix != ".lock":
            file.unlink()


def _quietly(stack: Stack, *words: str) -> str:
    """What a Pulumi command on the stack prints; it is shown only where it fails."""
    command = [str(stack.engine.pulumi), *words, "--stack", stack.name, "--non-interactive"]
    done = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise EngineError(f"stack {stack.name}: pulumi {' '.join(words)} failed. Read its words below.\n{said}")
    return done.stdout


def _render(stack: Stack, folder: Path) -> int:
    """Write the client files of the stack's outputs into ``folder``, and say what is where."""
    text = _quietly(stack, "stack", "output", "--json")
    for line in in_words(json.loads(text)):
        say(line)
    shown = folder.relative_to(ROOT)
    say(f"Client files, in {shown}/:")
    command = [str(PYTHON.with_name("dashlink")), "render", "-", "--out", str(folder)]
    done = subprocess.run(command, input=text, env=stack.environment, cwd=ROOT, text=True, check=False)
    return done.returncode


def in_words(outputs: dict[str, Any]) -> list[str]:
    """The outputs of a stack as lines for a person."""
    zones = ", ".join(f"{vswitch} ({zone})" for zone, vswitch in outputs["vswitch_ids"].items())
    lines = [
        f"Stack {outputs['stack']} in {outputs['region']}:",
        f"  network   {outputs['vpc_id']}, vSwitches {zones}, security group {outputs['security_group_id']}",
    ]
    for name, endpoint in outputs["endpoints"].items():
        service = endpoint.get("service_name") or endpoint.get("service_id")
        lines.append(f"  {name}: endpoint {endpoint['endpoint_id']} to {service}, dialled as {endpoint['host']}")
        lines += [f"    {protocol:<20} {url}" for protocol, url in endpoint["base_urls"].items()]
    if gateway := outputs.get("gateway"):
        lines.append(f"  gateway   {gateway['gateway_id']}, at {', '.join(gateway['addresses'])}")
    for name, api in outputs.get("model_apis", {}).items():
        lines.append(f"  {name}: Model API {api['api_id']}, {api['scene']} in {api['protocol']}")
        lines += [f"    {protocol:<20} {url}" for protocol, url in api["base_urls"].items()]
    return lines


def _ask(stack: Stack) -> int:
    """Ask a model from inside the sandbox's VPC through the gateway, with the rendered .env file alone."""
    outputs = json.loads(_quietly(stack, "stack", "output", "--json"))
    file = FOLDER / "clients" / "model-apis" / _CHAT_API / ".env"
    if stack.sandbox is None or not file.is_file():
        raise EngineError(
            f"stacks/Pulumi.sandbox.yaml: no Model API {_CHAT_API}, or no dotenv in dashlink:clients. "
            "Add it: `up` asks a model by its file."
        )
    key = _quietly(stack, "config", "get", _CHAT_KEY).strip()
    inside = {**clean_environment(), **inside_vpc(stack.sandbox, outputs), "MODEL_API_KEY": key}
    say(f"Asking a model from inside {outputs['vpc_id']}, by the OpenAI SDK and {file.relative_to(ROOT)} alone:")
    return run([str(PYTHON), "examples/chat.py", str(file)], folder=ROOT, environment=inside)


def inside_vpc(running: cloud.Sandbox, outputs: dict[str, Any]) -> dict[str, str]:
    """What makes a client one on a machine in the stack's VPC, in its first vSwitch: proxy and certificates."""
    vswitch = next(iter(outputs["vswitch_ids"].values()))
    proxy = running.proxy.replace("http://", f"http://{outputs['vpc_id']}.{vswitch}:inside@")
    return {
        "HTTP_PROXY": proxy,
        "HTTPS_PROXY": proxy,
        "http_proxy": proxy,
        "SSL_CERT_FILE": running.ca_file,
        "REQUESTS_CA_BUNDLE": running.ca_file,
    }
