"""Checks of model services of PAI-EAS: existing ones that fit, names that no other owner uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future

from dashlink.eas.catalog import SHARED_GATEWAY_ADVICE
from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.preflight.cloud import CloudLookups
from dashlink.preflight.lookups import ExistingEasService
from dashlink.settings import StackSettings

EasAnswers = Mapping[str, Future[ExistingEasService | None]]
_STOPPED = ("Stopped", "Stopping", "Failed", "Deleting", "DeleteFailed", "Complete")


def eas_answers(settings: StackSettings, cloud: CloudLookups, pool: Executor) -> EasAnswers:
    """Request each service that the settings name, by its key, without waiting for answers."""
    answers = {}
    for key, service in settings.eas_services.items():
        if service.name is not None:
            answers[key] = pool.submit(cloud.eas_service, service.name)
    return answers


def eas_faults(
    settings: StackSettings, answers: EasAnswers, region: str, owner: str
) -> Iterator[Fault]:
    """Yield the faults of existing services, and of names that another owner uses.

    Args:
        settings: Validated settings of the stack.
        answers: The services of the region by key.
        region: Region of the stack.
        owner: `<project>-<stack>`; empty: names of deployed services are not checked.
    """
    for key, answer in answers.items():
        service, found = settings.eas_services[key], answer.result()
        where, name = f"eas_services.{key}.name", str(service.name)
        if service.deploy is not None:
            if owner and found is not None and not has_tags_of(owner, found.tags):
                problem = f"another owner has a service of this name in {region}"
                advice = "Write another name, or remove `deploy` to use that service."
                yield Fault(where, problem, advice, name)
            continue
        if found is None:
            problem = f"no such EAS service in {region} for this account"
            advice = "Check the name and the account: a service of another region cannot be used."
            yield Fault(where, problem, advice, name)
            continue
        if found.status in _STOPPED:
            problem = f"the service is {found.status}"
            yield Fault(where, problem, "Start it in the console, or write another.", name)
        if settings.private_only and found.is_public:
            problem = "the service has an address on the internet, in a private stack"
            advice = "Move it to a private gateway, or write `private_only: false`."
            yield Fault(where, problem, advice, name)


def eas_warnings(settings: StackSettings, answers: EasAnswers) -> Iterator[Fault]:
    """Yield a warning for each existing service on the shared gateway in a protected stack."""
    for key, answer in answers.items():
        found = answer.result()
        existing = settings.eas_services[key].deploy is None
        if existing and settings.protected and found is not None and not found.gateway_id:
            problem = "on the shared gateway, in a protected stack"
            where = f"eas_services.{key}.name"
            yield Fault(where, problem, SHARED_GATEWAY_ADVICE, found.name)
