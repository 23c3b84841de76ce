"""What a preview would create, and what a killed run was creating: the resources to look for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dashlink.recovery.desired import Desired, Inputs
from dashlink.recovery.state import State

ALICLOUD = "alicloud:"
_PROVIDER = "pulumi:providers:alicloud"
_CREATIONS = ("create", "replace", "create-replacement")
# Settings of a provider that say whose credentials it has; their values are compared, never shown.
_IDENTITY = ("accessKey", "profile", "assumeRole", "ecsRoleName", "credentialsUri")


@dataclass(frozen=True)
class Plan:
    """Resources to look for.

    Attributes:
        desired: Resources of the alicloud provider, by URN.
        states: Everything that the preview has, by URN: parents and providers of those.
        foreign: URNs of resources whose provider has other credentials than the stack.
    """

    desired: Mapping[str, Desired]
    states: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()


def plan_of(steps: list[Mapping[str, Any]], state: State, region: str) -> Plan:
    """Return what to look for.

    Args:
        steps: Steps of ``pulumi preview --json``; empty if the program cannot be previewed.
        state: The state, whose pending creations are looked for even if no step has them.
        region: Region of providers that do not name one.
    """
    states = {**state.resources}
    for step in steps:
        current = step.get("newState") or step.get("oldState")
        if current:
            states[str(step["urn"])] = current
    wanted: dict[str, Mapping[str, Any]] = {}
    for step in steps:
        if step["op"] in _CREATIONS and step.get("newState"):
            wanted[str(step["urn"])] = step["newState"]
    for resource in state.pending_creations:  # with the inputs that were sent
        if str(resource["urn"]) not in state.resources or str(resource["urn"]) in wanted:
            wanted[str(resource["urn"])] = resource
            states[str(resource["urn"])] = resource
    desired: dict[str, Desired] = {}
    for urn, resource in wanted.items():
        if str(resource["type"]).startswith(ALICLOUD):
            desired[urn] = desired_of(resource, states, region)
    return Plan(desired, states, frozenset(_of_others(desired, states)))


def desired_of(
    resource: Mapping[str, Any], states: Mapping[str, Mapping[str, Any]], region: str
) -> Desired:
    """Return a resource of a state or a preview.

    Args:
        resource: The resource, as Pulumi writes it.
        states: Resources by URN, with its provider.
        region: Region of providers that do not name one.
    """
    provider = states.get(provider_urn(resource), {})
    own_region = str((provider.get("inputs") or {}).get("region") or region)
    return Desired(
        urn=str(resource["urn"]),
        type=str(resource["type"]),
        inputs=Inputs(resource.get("inputs") or {}, own_region),
        dependencies=tuple(resource.get("dependencies") or ()),
        property_dependencies=resource.get("propertyDependencies") or {},
    )


def provider_urn(resource: Mapping[str, Any]) -> str:
    """Return the URN of a resource's provider, from the reference ``URN::ID``."""
    return str(resource.get("provider") or "").rpartition("::")[0]


def is_default(urn: str) -> bool:
    """Return whether a provider is a default one, which Pulumi configures itself."""
    return urn.rpartition("::")[2].startswith("default")


def _of_others(
    desired: Mapping[str, Desired], states: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    """Yield the resources of explicit providers with credentials of their own."""
    own: Mapping[str, Any] = {}
    for urn, current in states.items():
        if current.get("type") == _PROVIDER and is_default(urn):
            own = current.get("inputs") or {}
    for urn in desired:
        provider = provider_urn(states.get(urn, {}))
        inputs = states.get(provider, {}).get("inputs") or {}
        if is_default(provider):
            continue
        if any(inputs.get(name) != own.get(name) for name in _IDENTITY):
            yield urn
