"""A Pulumi CLI that plays runs: it works until a signal comes, and writes what it got."""

from __future__ import annotations

import sys
from pathlib import Path

from dashlink.pulumi_stack import PulumiStack

PROGRAM = """#!{python}
import json, os, signal, subprocess, sys, time
from pathlib import Path

here = Path({folder!r})
command = sys.argv[1:]
with (here / "calls").open("a") as calls:
    print(json.dumps(command), file=calls)
if command[:2] == ["stack", "export"]:
    print((here / "state.json").read_text())
    sys.exit()
if command[:2] == ["stack", "history"]:
    print("[]")
    sys.exit()
if command[:2] == ["stack", "init"]:
    file = here / "state" / ".pulumi" / "stacks" / "shop" / "dev.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text('{{"checkpoint": {{}}}}')
    sys.exit()
if command[:1] == ["preview"]:
    settings = Path(command[command.index("--config-file") + 1])
    settings.write_text(settings.read_text() + "encryptionsalt: v1\\n")
    (here / "backend").write_text(os.environ["PULUMI_BACKEND_URL"])
    sys.exit()
signals = []
def note(number, frame):
    signals.append(number)
    (here / "signals").write_text(json.dumps(signals))
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, note)
if "--with-plugin" in command:
    plugin = [sys.executable, "-c", "import time; time.sleep(600)", "pulumi-resource-alicloud"]
    print(subprocess.Popen(plugin, start_new_session=True).pid, file=(here / "plugin").open("w"))
print(os.environ.get("PRINTS", ""), flush=True)
(here / "started").write_text(str(os.getpid()))
asked = int(command[command.index("--until-asked") + 1]) if "--until-asked" in command else 0
until = time.monotonic() + 60
while len(signals) < asked and time.monotonic() < until:
    time.sleep(0.02)
sys.exit(int(os.environ.get("EXIT_CODE", "0")))
"""
"""`--until-asked N` runs until N signals came; `--with-plugin` leaves a process behind."""


def fake_stack(folder: Path, **environment: str) -> PulumiStack:
    """A project with the stack `dev`, in a backend of files, whose CLI is the program above."""
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\nstackConfigDir: stacks\n")
    (folder / "stacks").mkdir()
    (folder / "stacks" / "Pulumi.dev.yaml").write_text("config:\n  a:b: c   # as written\n")
    (folder / "state.json").write_text('{"deployment": {"resources": []}}')
    program = folder / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, folder=str(folder)))
    program.chmod(0o755)
    variables = {
        "PATH": "/usr/bin:/bin",
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_HOME": str(folder / "home"),
        **environment,
    }
    return PulumiStack("dev", folder, variables, str(program))
