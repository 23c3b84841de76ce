"""`dashlink delete-api`: lifts the protection of one Model API of a protected stack, after it was confirmed by name.

Nothing in the cloud is deleted here: `up` does that, once the API is out of the settings.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from shutil import which
from typing import Annotated, Any

import typer

from dashlink.cli.settings_source import known_name
from dashlink.cli.source import read_outputs
from dashlink.clients.outputs import ModelApiOutputs
from dashlink.errors import DashlinkError

_SECONDS = 300
_API = "dashlink:gateway:ModelApi"
_AUTHORIZATION = "dashlink:gateway:ConsumerAuthorization"
_CONSUMER = "dashlink:gateway:Consumer"
_Resource = Mapping[str, Any]


def delete_api(
    stack: Annotated[str, typer.Argument(help="Stack of the Model API.")],
    api: Annotated[str, typer.Option(help="Model API, by its name in the settings.")],
    confirm: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The API's name once more, instead of being asked for it."
        ),
    ] = None,
) -> None:
    """Let `up` delete a Model API of a protected stack: show who uses it, ask for its name, lift its protection.

    Nothing is deleted by this command, and nothing else of the stack loses its protection.

    dashlink delete-api prod --api chat
    """
    if which("pulumi") is None:
        raise DashlinkError("pulumi: not on PATH. Install it.")
    outputs = read_outputs(stack, None)
    key = known_name("--api", "Model API", api, sorted(outputs.model_apis))
    one = outputs.model_apis[key]
    typer.echo("\n".join(_uses(key, one)))
    _refuse_other(confirm, one.name)
    found = _found(stack, one)
    guards = [
        resource for resource in (*found.authorizations, found.api) if resource.get("protect")
    ]
    if not guards:
        typer.echo(f"{one.name} is not protected.")
    else:
        _refuse_other(confirm or _asked(), one.name)
        for resource in guards:  # the API last: it stays protected until all the rest is done
            _pulumi(stack, "state", "unprotect", "--yes", "--stack", stack, str(resource["urn"]))
            typer.echo(f"  protection lifted  {_logical_name(resource)}")
    typer.echo("\n".join(_next_steps(stack, key, found)))


def _uses(key: str, api: ModelApiOutputs) -> Iterator[str]:
    """Who would miss it."""
    yield f"{key}: {api.name} ({api.api_id}), {api.scene}, {api.protocol}"
    callers = ", ".join(api.consumers) if api.consumers else "anybody: no credential is asked for"
    yield f"  consumers  {callers}"
    for number, (domain, urls) in enumerate(api.domains.items()):
        yield f"  {'' if number else 'domains':<9}  {domain}: {', '.join(urls.values())}"
    yield f"  services   {', '.join(api.services)}"


def _asked() -> str:
    question = "Its clients get no answer once it is deleted. Type its name to go on"
    return str(typer.prompt(question, default="", show_default=False))


def _refuse_other(given: str | None, name: str) -> None:
    if given is not None and given != name:
        raise DashlinkError(
            f"--confirm: not the API's name (got {given or 'nothing'}). Nothing was changed."
        )


@dataclass(frozen=True)
class _Found:
    """What the state has of an API.

    Attributes:
        api: The API.
        authorizations: The rights to call it.
        lonely: Consumers that may call nothing else.
    """

    api: _Resource
    authorizations: Sequence[_Resource]
    lonely: Sequence[_Resource]


def _found(stack: str, api: ModelApiOutputs) -> _Found:
    """Look the API up in the state.

    Raises:
        DashlinkError: The state cannot be read, or has no such API.
    """
    exported = _pulumi(stack, "stack", "export", "--stack", stack)
    try:
        written = json.loads(exported)["deployment"].get("resources") or ()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DashlinkError(
            f"stack {stack}: `pulumi stack export` gave no state. Run it to see why."
        ) from None
    living = [resource for resource in written if not resource.get("delete")]
    own = next((one for one in _of_type(living, _API) if _input(one, "name") == api.name), None)
    if own is None:
        raise DashlinkError(
            f"stack {stack}: no Model API {api.name} in its state. `up` brings its outputs up to date."
        )
    rights = _of_type(living, _AUTHORIZATION)
    mine = [one for one in rights if _input(one, "modelApiId") == own.get("id")]
    elsewhere = {_input(one, "consumerId") for one in rights if one not in mine}
    lonely = {_input(one, "consumerId") for one in mine} - elsewhere
    return _Found(
        own, mine, [one for one in _of_type(living, _CONSUMER) if one.get("id") in lonely]
    )


def _of_type(resources: Iterable[_Resource], token: str) -> list[_Resource]:
    return [resource for resource in resources if resource.get("type") == token]


def _input(resource: _Resource, name: str) -> Any:
    return (resource.get("inputs") or {}).get(name)


def _logical_name(resource: _Resource) -> str:
    return str(resource["urn"]).rpartition("::")[2]


def _next_steps(stack: str, key: str, found: _Found) -> Iterator[str]:
    yield f"Take {key} out of dashlink:model_apis of Pulumi.{stack.rpartition('/')[2]}.yaml, then `up` deletes it."
    if found.api.get("protect"):
        yield "An `up` that still finds it there protects it again."
    for consumer in found.lonely:
        yield f"Its consumer {_input(consumer, 'name')} may call nothing else: let it in elsewhere, or take it out too."
        if consumer.get("protect"):
            yield f"  It is protected too; to lift that: pulumi state unprotect --stack {stack} '{consumer['urn']}'"


def _pulumi(stack: str, *words: str) -> str:
    """What a command of Pulumi prints.

    Raises:
        DashlinkError: It is not there, takes too long, or fails.
    """
    command = " ".join(words[:2])
    try:
        done = subprocess.run(
            ["pulumi", *words, "--non-interactive"],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DashlinkError(
            f"stack {stack}: `pulumi {command}` did not end in {_SECONDS} s. Check `pulumi whoami`."
        ) from None
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if line.strip()), "no reason given")
        raise DashlinkError(
            f"stack {stack}: `pulumi {command}` fails: {said.removeprefix('error: ')}"
        )
    return done.stdout
