"""What only the cloud can tell of a gateway: names and places that others have, an existing gateway that fits."""

from __future__ import annotations

from collections.abc import Iterator

from dashlink.errors import Fault
from dashlink.gateway.config import GatewayConfig
from dashlink.preflight.lookups import ExistingApi, Lookups
from dashlink.settings import StackSettings


def find_gateway_faults(
    settings: StackSettings, cloud: Lookups, region: str, owner: str
) -> Iterator[Fault]:
    """Every fault that ``cloud`` tells of.

    Args:
        settings: Checked settings of a stack.
        cloud: What is asked.
        region: Region of the stack.
        owner: How the names of the stack's own AI services begin: an API that sends to one of them is the stack's own.
    """
    part = settings.gateway_config
    yield from _existing_gateway_faults(settings, cloud, region)
    if not part.model_apis:
        return
    others = [api for api in cloud.model_apis() if not _is_own(api, part, owner)]
    taken = {api.name: api for api in others}
    places = {(domain, api.base_path.rstrip("/")): api for api in others for domain in api.domains}
    for key, api in sorted(part.model_apis.items()):
        name = api.name or key
        if name in taken:
            advice = "The account has it once: write another `name`, or import that API."
            yield Fault(
                f"model_apis.{key}",
                f"the account has an API of this name ({taken[name].api_id})",
                advice,
                name,
            )
        for domain in api.domains:
            other = places.get((domain, api.base_path.rstrip("/")))
            if other is not None:
                yield Fault(
                    f"model_apis.{key}.base_path",
                    f"the API {other.name} ({other.api_id}) is served at this path of {domain} already",
                    "Write another base path, or another domain.",
                    api.base_path,
                )


def _is_own(api: ExistingApi, part: GatewayConfig, owner: str) -> bool:
    if any(name.startswith(f"{owner}-") for name in api.services):
        return True
    wanted = {one.name or key: one.description for key, one in part.model_apis.items()}
    return bool(api.description) and api.description in (wanted.get(api.name), mark_of(owner))


def mark_of(owner: str) -> str:
    """The description by which dashlink knows what it has made, where the settings write none."""
    return f"dashlink: {owner}"


def _existing_gateway_faults(
    settings: StackSettings, cloud: Lookups, region: str
) -> Iterator[Fault]:
    gateway = settings.gateway
    if gateway is None or not isinstance(gateway.id, str):
        return
    found = cloud.gateway(gateway.id)
    if found is None:
        advice = "Check the id, the region and the account; or leave `id` out to have one made."
        yield Fault(
            "gateway.id", f"no such gateway in {region} for this account", advice, gateway.id
        )
        return
    if found.type != "AI":
        yield Fault(
            "gateway.id",
            f"a gateway of type {found.type}, not an AI gateway",
            "Use another.",
            gateway.id,
        )
    if found.is_public and settings.private_only:
        advice = "Use a private one, or say `private_only: false`."
        yield Fault(
            "gateway.id", "a public gateway in a stack that says private", advice, gateway.id
        )
    vpc_id = settings.network.vpc_id
    private = any(domain.name_by == "private-zone" for domain in settings.domains.values())
    if private and found.vpc_id != vpc_id and (vpc_id is None or isinstance(vpc_id, str)):
        yield Fault(
            "gateway.id",
            f"in {found.vpc_id}, not in the stack's VPC ({vpc_id or 'a new one'}), where the domains answer",
            f"Write `network.vpc_id: {found.vpc_id}`, or `name_by: none` for the domains.",
            gateway.id,
        )
