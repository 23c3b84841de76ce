"""`dashlink delete-api`: lift the protection of one Model API, after its name is confirmed.

Nothing in the cloud is deleted here: `up` deletes the API once it is removed from the settings.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from dashlink.cli.arguments import known_name
from dashlink.cli.document import VERSION, print_document
from dashlink.cli.pulumi import run_pulumi
from dashlink.cli.stack_outputs import outputs_of_stack
from dashlink.clients.outputs import ModelApiOutputs
from dashlink.errors import DashlinkError

_API = "dashlink:gateway:ModelApi"
_AUTHORIZATIONS = (
    "dashlink:gateway:ModelApiAuthorization",
    "dashlink:gateway:ConsumerAuthorization",  # states of 0.1.0.dev1, one for each consumer
)
_CONSUMER = "dashlink:gateway:Consumer"
_Resource = Mapping[str, Any]


def delete_api(
    stack: Annotated[str, typer.Argument(help="Stack of the Model API.")],
    api: Annotated[
        str, typer.Option(metavar="NAME", help="Model API, by its name in the settings.")
    ],
    confirm: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the API, to confirm without a prompt."),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print the plan as JSON. Without --confirm, nothing is changed."
        ),
    ] = False,
) -> None:
    """Allow `up` to delete a Model API of a protected stack: lift its protection in the state.

    The command shows who uses the API, and prompts for its name. It deletes nothing.

    All other resources of the stack stay protected.

    dashlink delete-api prod --api chat
    """
    outputs = outputs_of_stack(stack)
    resources = _resources_in_state(stack)
    name = _undeclared_name(resources, api)
    deployed: ModelApiOutputs | None = None
    if api in outputs.model_apis or name is None:
        key = known_name("--api", "Model API", api, sorted(outputs.model_apis))
        deployed = outputs.model_apis[key]
        name = deployed.name
    if as_json:
        _print_plan(stack, _Plan(api, name, deployed), resources, confirm)
        return
    if deployed is not None:
        _print_usage(api, deployed)
    else:
        typer.echo(f"{api}: {name}, which the settings of the last `up` no longer have")
    if confirm is not None:
        _check_confirmation(confirm, name)
    state = _find_in_state(stack, resources, name)
    protected = _protected_resources(state)
    if not protected:
        typer.echo(f"{name} is not protected.")
    else:
        if confirm is None:
            _check_confirmation(_typed_name(), name)
        for resource in protected:
            typer.echo(f"  protection lifted  {_lift_protection(stack, resource)}")
    _print_next_steps(stack, api, state)


@dataclass(frozen=True)
class _Plan:
    """A Model API to delete: its key, its name, and its outputs if the last `up` has them."""

    key: str
    name: str
    deployed: ModelApiOutputs | None


def _print_plan(
    stack: str, plan: _Plan, resources: Sequence[_Resource], confirm: str | None
) -> None:
    """Print who uses an API and what is protected, as JSON; lift the protection if confirmed."""
    if confirm is not None:
        _check_confirmation(confirm, plan.name)
    state = _find_in_state(stack, resources, plan.name)
    protected = _protected_resources(state)
    if confirm is not None:
        for resource in protected:
            _lift_protection(stack, resource)
    exclusive = []
    for consumer in state.exclusive_consumers:
        row = {"name": _input(consumer, "name"), "urn": consumer["urn"]}
        exclusive.append({**row, "protected": bool(consumer.get("protect"))})
    usage: dict[str, Any] = {"api_id": state.api.get("id")}
    if plan.deployed is not None:
        usage = plan.deployed.model_dump(
            mode="json",
            include={"api_id", "scene", "protocol", "consumers", "domains", "services"},
        )
    head = {"version": VERSION, "stack": stack, "api": plan.key, "name": plan.name}
    urns = [resource["urn"] for resource in protected]
    document = {**head, **usage, "protected": urns, "lifted": confirm is not None}
    print_document({**document, "exclusive_consumers": exclusive})


def _lift_protection(stack: str, resource: _Resource) -> str:
    """Remove Pulumi's protection from a resource in the state; return its logical name."""
    run_pulumi(stack, "state", "unprotect", "--yes", str(resource["urn"]))
    return str(resource["urn"]).rpartition("::")[2]


def _undeclared_name(resources: Iterable[_Resource], key: str) -> str | None:
    """Return the name of an API by its key in the settings, from the state; None if it has none.

    An `up` that was refused because it would delete the API has removed it from the outputs.
    """
    named = {}
    for resource in _of_type(resources, _API):
        logical_name = str(resource["urn"]).rpartition("::")[2]
        if logical_name.endswith(f"-api-{key}"):
            named[logical_name] = str(_input(resource, "name"))
    if not named:
        return None
    return named[min(named, key=len)]


def _print_usage(key: str, api: ModelApiOutputs) -> None:
    """Print who loses access when the API is deleted."""
    consumers = ", ".join(api.consumers) or "any client: the API has no authentication"
    typer.echo(f"{key}: {api.name} ({api.api_id}), {api.scene}, {api.protocol}")
    typer.echo(f"  consumers  {consumers}")
    label = "domains"
    for domain, urls in api.domains.items():
        typer.echo(f"  {label:<9}  {domain}: {', '.join(urls.values())}")
        label = ""
    typer.echo(f"  services   {', '.join(api.services)}")


def _typed_name() -> str:
    """Prompt for a name and return it; an interrupt passes through, unlike one of a prompt."""
    prompt = "Its clients lose access once it is deleted. Type its name to continue: "
    typer.echo(prompt, nl=False)
    return sys.stdin.readline().strip()


def _check_confirmation(typed: str, name: str) -> None:
    if typed != name:
        raise DashlinkError(
            f"--confirm: not the API's name (got {typed or 'no name'}). Nothing was changed."
        )


@dataclass(frozen=True)
class _ApiState:
    """A Model API in Pulumi's state.

    Attributes:
        api: The resource of the API.
        authorizations: The resources that authorize consumers for it.
        exclusive_consumers: The consumers that are authorized for no other API.
    """

    api: _Resource
    authorizations: Sequence[_Resource]
    exclusive_consumers: Sequence[_Resource]


def _find_in_state(stack: str, resources: Sequence[_Resource], name: str) -> _ApiState:
    """Find the API in the state.

    Raises:
        DashlinkError: The state has no such API.
    """
    named = [one for one in _of_type(resources, _API) if _input(one, "name") == name]
    if not named:
        raise DashlinkError(
            f"stack {stack}: no Model API {name} in its state. Run `up` to update its outputs."
        )
    resource = named[0]
    own = []
    own_consumers: set[Any] = set()
    other_consumers: set[Any] = set()
    for authorization in _of_type(resources, *_AUTHORIZATIONS):
        consumers = _authorized_consumers(authorization)
        if _input(authorization, "modelApiId") == resource.get("id"):
            own.append(authorization)
            own_consumers.update(consumers)
        else:
            other_consumers.update(consumers)
    exclusive = own_consumers - other_consumers
    left = [one for one in _of_type(resources, _CONSUMER) if one.get("id") in exclusive]
    return _ApiState(resource, own, left)


def _authorized_consumers(authorization: _Resource) -> list[Any]:
    return _input(authorization, "consumerIds") or [_input(authorization, "consumerId")]


def _resources_in_state(stack: str) -> list[_Resource]:
    """Return the resources of the stack, without those that Pulumi is about to delete."""
    exported = run_pulumi(stack, "stack", "export")
    try:
        resources = json.loads(exported)["deployment"].get("resources") or ()
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DashlinkError(
            f"stack {stack}: `pulumi stack export` returned no state. Run it to see why."
        ) from None
    return [resource for resource in resources if not resource.get("delete")]


def _of_type(resources: Iterable[_Resource], *tokens: str) -> list[_Resource]:
    return [resource for resource in resources if resource.get("type") in tokens]


def _input(resource: _Resource, name: str) -> Any:
    return (resource.get("inputs") or {}).get(name)


def _protected_resources(state: _ApiState) -> list[_Resource]:
    """Return what to unprotect, the API last: it stays protected until all others are done."""
    return [one for one in (*state.authorizations, state.api) if one.get("protect")]


def _print_next_steps(stack: str, key: str, state: _ApiState) -> None:
    file = f"Pulumi.{stack.rpartition('/')[2]}.yaml"
    typer.echo(f"Remove {key} from dashlink:model_apis in {file}; then `up` deletes it.")
    if state.api.get("protect"):
        typer.echo("As long as it is there, each `up` protects it again.")
    for consumer in state.exclusive_consumers:
        name = _input(consumer, "name")
        typer.echo(
            f"Its consumer {name} is authorized for no other API: authorize it for one, or remove "
            "it too."
        )
        if consumer.get("protect"):
            typer.echo(
                "  It is protected too. To lift that: "
                f"pulumi state unprotect --stack {stack} '{consumer['urn']}'"
            )
