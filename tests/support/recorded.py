"""The recorded stack of `tests/recovery`: a resource of every type, on a cloud of its own.

The state is what `up` left in it. `without` takes resources out of the state, as a run leaves them
whose creation was sent and whose answer was lost: they exist in the cloud alone.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from support.stacks import Stack

from dashlink.pulumi_stack import PulumiStack
from dashlink_sandbox import Sandbox
from engine.resolve import Engine

RECORDED = Path(__file__).parents[1] / "recovery"
Json = dict[str, Any]


def recorded_state() -> Json:
    """The document of `pulumi stack export`."""
    document: Json = json.loads((RECORDED / "stack.json").read_text())
    return document


def resources_of(document: Json) -> list[Json]:
    """The resources of a state."""
    resources: list[Json] = document["deployment"]["resources"]
    return resources


def name_of(resource: Json) -> str:
    """The logical name of a resource."""
    return str(resource["urn"]).rpartition("::")[2]


@contextmanager
def recorded_cloud(folder: Path) -> Iterator[Sandbox]:
    """A running sandbox in the recorded state."""
    file = folder / "cloud" / "state.json"
    file.parent.mkdir(parents=True)
    shutil.copy(RECORDED / "cloud.json", file)
    with Sandbox(state_file=file) as cloud:
        yield cloud


def recorded_stack(folder: Path, engine: Engine, cloud: Sandbox) -> Stack:
    """The stack with its settings and an empty state."""
    stack = Stack(folder / "project", engine, cloud.env)
    stack.create({})
    stack.write_settings(yaml.safe_load((RECORDED / "Pulumi.test.yaml").read_text()))
    return stack


def without(document: Json, is_lost: Callable[[Json], bool]) -> Json:
    """Return a state without some of its resources, which no other one then depends on."""
    changed: Json = json.loads(json.dumps(document))
    lost = {one["urn"] for one in resources_of(changed) if is_lost(one)}
    kept = []
    for resource in resources_of(changed):
        if resource["urn"] in lost:
            continue
        resource["dependencies"] = _rest(resource.get("dependencies"), lost)
        by_property = resource.get("propertyDependencies") or {}
        for name, urns in by_property.items():
            by_property[name] = _rest(urns, lost)
        kept.append(resource)
    changed["deployment"]["resources"] = kept
    return changed


def put_state(stack: Stack, document: Json) -> None:
    """Replace the stack's state by `pulumi stack import`."""
    file = stack.folder / "imported.json"
    file.write_text(json.dumps(document))
    done = stack.run("stack", "import", "--file", str(file))
    assert done.returncode == 0, done


def as_pulumi_stack(stack: Stack) -> PulumiStack:
    """The stack as dashlink's commands see it."""
    return PulumiStack(stack.name, stack.folder, stack.environment(), str(stack.engine.pulumi))


def _rest(urns: list[str] | None, lost: Collection[str]) -> list[str]:
    return [urn for urn in urns or () if urn not in lost]
