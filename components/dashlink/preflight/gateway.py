"""Checks of a gateway: an existing one that fits; names and paths that no other API uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dashlink.errors import Fault
from dashlink.naming import ownership_mark
from dashlink.preflight.answers import Answers, NetworkAnswers
from dashlink.preflight.lookups import ExistingApi, ExistingGateway
from dashlink.settings import StackSettings

_WHERE = "gateway.id"


def gateway_faults(settings: StackSettings, answers: Answers, region: str) -> Iterator[Fault]:
    """Yield the faults of an existing gateway; a new one has none."""
    if settings.gateway is None or answers.gateway is None:
        return
    gateway_id = str(settings.gateway.id)
    gateway = answers.gateway.result()
    if gateway is None:
        problem = f"no such gateway in {region} for this account"
        advice = "Check the id, the region and the account; or remove `id` to create a new one."
        yield Fault(_WHERE, problem, advice, gateway_id)
        return
    if gateway.type != "AI":
        problem = f"a gateway of type {gateway.type}, not an AI gateway"
        yield Fault(_WHERE, problem, "Use another.", gateway_id)
    if gateway.is_public and settings.private_only:
        advice = "Use a private one, or set `private_only: false`."
        yield Fault(_WHERE, "a public gateway in a private stack", advice, gateway_id)
    yield from _vpc_faults(settings, gateway)
    yield from _eas_faults(settings, gateway)
    yield from _closed_endpoint_faults(settings, gateway, answers.network)


def _vpc_faults(settings: StackSettings, gateway: ExistingGateway) -> Iterator[Fault]:
    vpc_id = settings.network.vpc_id
    is_unknown = vpc_id is not None and not isinstance(vpc_id, str)
    if is_unknown or gateway.vpc_id == vpc_id:
        return
    if any(domain.name_by == "private-zone" for domain in settings.domains.values()):
        yield Fault(
            _WHERE,
            f"in {gateway.vpc_id}, not in the stack's VPC ({vpc_id or 'a new one'}), "
            "where the domains resolve",
            f"Write `network.vpc_id: {gateway.vpc_id}`, or `name_by: none` for the domains.",
            gateway.gateway_id,
        )


def _eas_faults(settings: StackSettings, gateway: ExistingGateway) -> Iterator[Fault]:
    """Yield a fault for each EAS service by private access in another VPC than the gateway."""
    for name, service in settings.ai_services.items():
        eas = service.eas
        if eas is None or eas.access != "private" or not isinstance(eas.vpc_id, str):
            continue
        if eas.vpc_id != gateway.vpc_id:
            problem = f"private access needs a service in the gateway's VPC, {gateway.vpc_id}"
            advice = "Use a gateway in the service's VPC, or write `access: public`."
            yield Fault(f"ai_services.{name}.eas.vpc_id", problem, advice, eas.vpc_id)


def _closed_endpoint_faults(
    settings: StackSettings, gateway: ExistingGateway, network: NetworkAnswers | None
) -> Iterator[Fault]:
    """Yield a fault where the endpoints let in no request of a gateway in their VPC."""
    ingress = settings.network.ingress
    if ingress.from_vpc or ingress.from_security_group_ids or network is None:
        return
    vpc = network.vpc.result()
    callers = [name for name, service in settings.ai_services.items() if service.endpoint]
    if vpc is None or vpc.vpc_id != gateway.vpc_id or not callers:
        return
    for cidr in ingress.from_cidrs:
        if any(cidr.overlaps(own) for own in vpc.cidrs):
            return
    services = ", ".join(f"ai_services.{name}" for name in sorted(callers))
    problem = (
        f"closes the endpoints to the AI gateway, which is in {vpc.vpc_id} and calls them for "
        f"{services}"
    )
    advice = "Remove it, or add the ranges of the gateway's vSwitches to `from_cidrs`."
    yield Fault("network.ingress.from_vpc", problem, advice, "false")


def model_api_faults(settings: StackSettings, answers: Answers, owner: str) -> Iterator[Fault]:
    """Yield a fault for each name and each path of a domain that another API of the account uses.

    Args:
        settings: Validated settings of the stack.
        answers: The APIs of the account.
        owner: Prefix of the stack's AI services: an API that sends requests to one of them is the
            stack's own.
    """
    if answers.model_apis is None:
        return
    others = [api for api in answers.model_apis.result() if not is_own(api, settings, owner)]
    for key, api in sorted(settings.model_apis.items()):
        yield from _name_faults(f"model_apis.{key}", api.name or key, others)
        for domain in api.domains:
            yield from _path_faults(f"model_apis.{key}.base_path", domain, api.base_path, others)


def is_own(existing: ExistingApi, settings: StackSettings, owner: str) -> bool:
    """Return whether an API is the stack's, by its AI services or its description."""
    if any(service.startswith(f"{owner}-") for service in existing.services):
        return True
    descriptions = {ownership_mark(owner)}
    for key, api in settings.model_apis.items():
        if api.description and (api.name or key) == existing.name:
            descriptions.add(api.description)
    return existing.description in descriptions


def _name_faults(where: str, name: str, others: Sequence[ExistingApi]) -> Iterator[Fault]:
    for other in others:
        if other.name == name:
            problem = f"the account has an API of this name ({other.api_id})"
            advice = "Names are unique in an account: write another `name`, or import that API."
            yield Fault(where, problem, advice, name)
            return


def _path_faults(
    where: str, domain: str, base_path: str, others: Sequence[ExistingApi]
) -> Iterator[Fault]:
    for other in others:
        same_path = other.base_path.rstrip("/") == base_path.rstrip("/")
        if same_path and domain in other.domains:
            problem = f"the API {other.name} ({other.api_id}) already serves this path of {domain}"
            yield Fault(where, problem, "Write another base path, or another domain.", base_path)
            return
