"""Checks of names: private zones of existing VPCs, and domains and consumers of the account.

What the stack itself has created is recognized by its tags and descriptions. A domain has neither:
it is the stack's own if an API of the stack uses it, and may be if the account has anything of the
stack.
"""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.errors import Fault
from dashlink.naming import has_tags_of, ownership_mark
from dashlink.preflight.answers import Answers
from dashlink.preflight.gateway import is_own
from dashlink.preflight.lookups import ExistingConsumer, ExistingZone
from dashlink.settings import StackSettings

_REMARK = "dashlink"  # start of the remark of every zone that a component creates


def name_faults(settings: StackSettings, answers: Answers, owner: str) -> Iterator[Fault]:
    """Yield a fault for each name that another owner has in the VPC or in the account.

    Args:
        settings: Validated settings of the stack.
        answers: What the VPC and the account have.
        owner: `<project>-<stack>`; without it nothing is recognized as the stack's own, so that
            names are not checked.
    """
    if not owner:
        return
    yield from _zone_faults(answers, owner)
    yield from _consumer_faults(settings, answers, owner)
    for name, domain_id in _foreign_domains(settings, answers, owner):
        users = _users(name, answers)
        if users:
            problem = f"the account has this domain ({domain_id}), which serves {', '.join(users)}"
            advice = f"Write `id: {domain_id}` to use it as it is, or use another name."
            yield Fault(f"domains.{name}", problem, advice)


def name_warnings(settings: StackSettings, answers: Answers, owner: str) -> Iterator[Fault]:
    """Yield a warning for each name that another owner may have."""
    if not owner:
        return
    for key, endpoints in answers.endpoints.items():
        others = []
        for endpoint in endpoints.result():
            if not has_tags_of(owner, endpoint.tags):
                others.append(endpoint.endpoint_id)
        if others:
            problem = (
                f"the VPC has another endpoint to this service ({', '.join(others)}), which names "
                "it already if its custom service domain is on"
            )
            advice = "Then turn that off in the console, or write `private_name: service`."
            yield Fault(f"endpoints.{key}.private_name", problem, advice)
    for name, domain_id in _foreign_domains(settings, answers, owner):
        if not _users(name, answers):
            problem = f"the account has this domain ({domain_id}), and nothing of this stack"
            advice = f"If it is not the stack's own, write `id: {domain_id}`, or use another name."
            yield Fault(f"domains.{name}", problem, advice)


def _zone_faults(answers: Answers, owner: str) -> Iterator[Fault]:
    for (where, name, vpc_id), answer in answers.zones.items():
        zone = answer.result()
        if zone is None or _may_be_own(zone, owner):
            continue
        problem = f"{vpc_id} already has a private zone {name} ({zone.zone_id})"
        setting = "private_name: service" if where.startswith("endpoints.") else "name_by: none"
        advice = (
            f"If that zone leads clients to the right address, write `{setting}`; else detach it "
            "from the VPC, or delete it."
        )
        if where.endswith(".attach_to"):
            advice = "Remove the VPC from `attach_to`, or detach that zone from the VPC."
        yield Fault(where, problem, advice)


def _may_be_own(zone: ExistingZone, owner: str) -> bool:
    """Return whether a zone has the tags of the stack, or the remark of an untagged component."""
    if "dashlink-stack" in zone.tags:
        return has_tags_of(owner, zone.tags)
    return zone.remark.startswith(_REMARK)


def _consumer_faults(settings: StackSettings, answers: Answers, owner: str) -> Iterator[Fault]:
    for key, answer in answers.consumers.items():
        existing = answer.result()
        if existing is None or _is_own_consumer(existing, settings, key, owner):
            continue
        name = settings.consumers[key].name or key
        problem = f"the account has a consumer of this name ({existing.consumer_id})"
        advice = "Names are unique in an account: write another `name`, or import that consumer."
        yield Fault(f"consumers.{key}", problem, advice, name)


def _is_own_consumer(
    existing: ExistingConsumer, settings: StackSettings, key: str, owner: str
) -> bool:
    return existing.description in (settings.consumers[key].description, ownership_mark(owner))


def _foreign_domains(
    settings: StackSettings, answers: Answers, owner: str
) -> Iterator[tuple[str, str]]:
    """Yield name and id of each new domain that exists, if the account has nothing of the stack."""
    existing = []
    for name, answer in answers.domains.items():
        domain_id = answer.result()
        if domain_id is not None:
            existing.append((name, domain_id))
    is_known = settings.consumers or settings.model_apis or answers.gateway_tags is not None
    if existing and is_known and not _has_trace(settings, answers, owner):
        yield from existing


def _has_trace(settings: StackSettings, answers: Answers, owner: str) -> bool:
    """Return whether the account has a gateway, a consumer or an API of the stack."""
    if answers.gateway_tags is not None:
        for tags in answers.gateway_tags.result():
            if has_tags_of(owner, tags):
                return True
    for key, answer in answers.consumers.items():
        consumer = answer.result()
        if consumer is not None and _is_own_consumer(consumer, settings, key, owner):
            return True
    apis = () if answers.model_apis is None else answers.model_apis.result()
    return any(is_own(api, settings, owner) for api in apis)


def _users(domain: str, answers: Answers) -> list[str]:
    """Return the names of the APIs of the account that a domain serves, sorted."""
    apis = () if answers.model_apis is None else answers.model_apis.result()
    return sorted(api.name for api in apis if domain in api.domains)
