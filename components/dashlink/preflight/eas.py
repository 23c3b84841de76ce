"""Checks of model services of PAI-EAS: existing ones that fit, names that no other owner uses.

Sources of the rules on regions and VPCs: "Call over the internet or intranet through the shared
gateway" (Chinese, 2026-06-24); "Access models deployed on PAI through an AI gateway" (2025-12-03).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, Future

from dashlink.eas.catalog import SHARED_GATEWAY_ADVICE
from dashlink.eas.plan import is_far
from dashlink.eas.settings import EasServiceSettings
from dashlink.errors import Fault
from dashlink.naming import has_tags_of
from dashlink.preflight.answers import Answers
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
            place = cloud if service.region is None else cloud.in_region(service.region)
            answers[key] = pool.submit(place.eas_service, service.name)
    return answers


def eas_upstream_answers(
    settings: StackSettings, cloud: CloudLookups, pool: Executor
) -> EasAnswers:
    """Request the service of each AI service on PAI-EAS, by its name, without waiting.

    A service that the stack deploys itself is not requested.
    """
    deployed = [one for one in settings.eas_services.values() if one.deploy is not None]
    own_names = {one.name for one in deployed}
    answers = {}
    for name, service in settings.ai_services.items():
        eas = service.eas
        # The default name of a deployed service is not known here.
        if eas is not None and eas.service_name not in own_names and None not in own_names:
            answers[name] = pool.submit(cloud.eas_service, eas.service_name)
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
        place = service.region or region
        if found is None:
            problem = f"no such EAS service in {place} for this account"
            advice = "Check the name and the account, or write the service's `region`."
            yield Fault(where, problem, advice, name)
            continue
        if found.status in _STOPPED:
            problem = f"the service is {found.status}"
            yield Fault(where, problem, "Start it in the console, or write another.", name)
        if settings.private_only and found.is_public:
            problem = "the service has an address on the internet, in a private stack"
            advice = "Move it to a private gateway, or write `private_only: false`."
            yield Fault(where, problem, advice, name)
        yield from _access_faults(f"eas_services.{key}.access", service, found, region)


def _access_faults(
    where: str, service: EasServiceSettings, found: ExistingEasService, region: str
) -> Iterator[Fault]:
    """Yield the fault of an address that clients in the stack's region cannot use."""
    if service.access == "internet":
        if not found.is_public:
            problem = "the service has no address on the internet"
            advice = "Write `access: vpc`, or turn its gateway's internet access on."
            yield Fault(where, problem, advice, "internet")
    elif is_far(service, region) and not found.gateway_id:
        problem = (
            f"the shared gateway's VPC address works in {service.region} alone, also over "
            "connected VPCs"
        )
        advice = (
            "Write `access: internet`, or move the service to a dedicated gateway that has this "
            "VPC as a peer."
        )
        yield Fault(where, problem, advice, "vpc")


def eas_upstream_faults(
    settings: StackSettings, services: EasAnswers, answers: Answers, region: str
) -> Iterator[Fault]:
    """Yield the faults of AI services on PAI-EAS: services that differ from what is written.

    Args:
        settings: Validated settings of the stack.
        services: The services of the region by the name of the AI service.
        answers: The existing gateway, if there is one.
        region: Region of the stack.
    """
    gateway = None if answers.gateway is None else answers.gateway.result()
    vpc_id = settings.network.vpc_id if gateway is None else gateway.vpc_id
    for name, answer in services.items():
        eas, found = settings.ai_services[name].eas, answer.result()
        assert eas is not None  # noqa: S101 - answers are those of services with it
        where = f"ai_services.{name}.eas"
        if found is None:
            problem = f"no such EAS service in {region} for this account"
            advice = "Check the name and the account; one of another region needs `base_url`."
            yield Fault(f"{where}.service_name", problem, advice, eas.service_name)
            continue
        if found.status in _STOPPED:
            problem = f"the service is {found.status}"
            advice = "Start it in the console, or write another."
            yield Fault(f"{where}.service_name", problem, advice, eas.service_name)
        for key, actual in (
            ("service_id", found.service_id),
            ("workspace_id", found.workspace_id),
            ("vpc_id", found.vpc_id),
        ):
            written = getattr(eas, key)
            if isinstance(written, str) and actual and written != actual:
                problem = f"the service has another: {actual}"
                yield Fault(f"{where}.{key}", problem, "Correct it.", written)
        is_known = isinstance(vpc_id, str) and bool(found.vpc_id)
        if eas.access == "private" and is_known and eas.vpc_id is None and found.vpc_id != vpc_id:
            problem = f"private access needs a service in the gateway's VPC, {vpc_id}"
            advice = "Use a gateway in the service's VPC, or write `access: public`."
            yield Fault(f"{where}.access", problem, advice, f"service in {found.vpc_id}")


def eas_warnings(settings: StackSettings, answers: EasAnswers) -> Iterator[Fault]:
    """Yield a warning for each existing service on the shared gateway in a protected stack."""
    for key, answer in answers.items():
        found = answer.result()
        existing = settings.eas_services[key].deploy is None
        if existing and settings.protected and found is not None and not found.gateway_id:
            problem = "on the shared gateway, in a protected stack"
            where = f"eas_services.{key}.name"
            yield Fault(where, problem, SHARED_GATEWAY_ADVICE, found.name)
