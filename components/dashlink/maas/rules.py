"""Rules of services of MaaS: what is refused, in files and programs alike, and what is a warning.

A service of MaaS is on the internet: a stack with `private_only` refuses it, and the VPC needs a
way out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from dashlink.errors import Fault, shown
from dashlink.maas.catalog import (
    LABEL_PATTERN,
    LONGEST_DESCRIPTION,
    PROTOCOL_PATHS,
    SERVICE_PROTOCOL,
    UNIFIED_URLS,
)
from dashlink.maas.plan import is_known_address, is_single_service, root_of
from dashlink.maas.settings import MaasServiceSettings
from dashlink.naming import ENTRY_NAME
from dashlink.network.settings import NetworkSettings
from dashlink.types import SecretRef
from dashlink.validation import suggestion_for

_URL = r"https://[0-9A-Za-z.:-]+(/[0-9A-Za-z._~/%-]*)?"
_MODEL = r"[0-9A-Za-z][0-9A-Za-z._:/@+-]*"
_HIDDEN = "(its value is not shown)"
# What people copy with an address: the path of a protocol, and that of an operation below it.
_OPERATION = re.compile(r"/(chat/completions|completions|models|embeddings|rerank|messages)$")


def find_faults(
    services: Mapping[str, MaasServiceSettings],
    *,
    private_only: bool,
    network: NetworkSettings | None = None,
) -> Iterator[Fault]:
    """Yield every fault of the section ``maas_services``.

    Args:
        services: The section.
        private_only: Whether the stack refuses what is on the internet.
        network: The network of the stack; None where it is unknown.
    """
    for key, settings in services.items():
        where = f"maas_services.{key}"
        if not ENTRY_NAME.matches(key):
            yield Fault(where, "not a valid name", ENTRY_NAME.advice, shown(key))
        if private_only:
            problem = "on the internet, in a stack with `private_only`"
            advice = "Remove it, or write `private_only: false` and `network.egress`."
            yield Fault(where, problem, advice)
        yield from _address_faults(f"{where}.base_url", settings)
        yield from _protocol_faults(f"{where}.protocols", settings)
        yield from _model_faults(where, settings)
        yield from _key_faults(where, settings)
    if services and not private_only and network is not None and _lacks_way_out(network):
        problem = f"missing: a new VPC has no way out to the internet, for {_named(services)}"
        advice = "Write `network: {egress: {}}`, which creates a NAT gateway and an EIP."
        yield Fault("network.egress", problem, advice, code="missing")


def find_warnings(
    services: Mapping[str, MaasServiceSettings], network: NetworkSettings
) -> Iterator[Fault]:
    """Yield what is accepted, and probably a mistake.

    Args:
        services: The section, without faults.
        network: The network of the stack.
    """
    labels: dict[tuple[str, str], tuple[str, str | None]] = {}
    for key, settings in services.items():
        where = f"maas_services.{key}"
        if not is_known_address(settings):
            known = " and ".join(UNIFIED_URLS)
            problem = "no source names this address of MaaS"
            advice = f"Compare it with the console; of whole regions {known} are known."
            yield Fault(f"{where}.base_url", problem, advice, shown(settings.base_url))
        if settings.key_label is None:
            continue
        host = urlsplit(settings.base_url).netloc
        other, secret = labels.setdefault((host, settings.key_label), (key, _secret_key(settings)))
        if secret != _secret_key(settings):
            problem = f"maas_services.{other} has this label and another key"
            advice = "Labels are unique in an account: correct one of them."
            yield Fault(f"{where}.key_label", problem, advice, settings.key_label)
    if services and _may_lack_way_out(network):
        problem = f"missing: the VPC may have no way out to the internet, for {_named(services)}"
        advice = "Write it, or make sure that the VPC has a NAT gateway for these zones."
        yield Fault("network.egress", problem, advice)


def _lacks_way_out(network: NetworkSettings) -> bool:
    """Return whether the VPC has no way out: a new one, alone, without `egress`."""
    is_alone = network.vpc_id is None and not network.connected_vpcs
    return is_alone and not _has_egress(network)


def _may_lack_way_out(network: NetworkSettings) -> bool:
    """Return whether it is unknown that the VPC has a way out, its own or a connected VPC's."""
    return not _has_egress(network) and not _lacks_way_out(network)


def _has_egress(network: NetworkSettings) -> bool:
    return network.egress is not None


def _named(services: Mapping[str, MaasServiceSettings]) -> str:
    return ", ".join(f"maas_services.{key}" for key in sorted(services))


def _secret_key(settings: MaasServiceSettings) -> str | None:
    """Return the key of the reference; None for none, and for the output of a program."""
    return settings.api_key.config if isinstance(settings.api_key, SecretRef) else None


def _address_faults(where: str, settings: MaasServiceSettings) -> Iterator[Fault]:
    # A user, a password or a query in a URL is a key in plain text: the value is not shown.
    if re.search(r"[@?#]", settings.base_url):
        problem = f"a user, a query or a fragment in the URL {_HIDDEN}"
        advice = "Write scheme, host and path alone; a key belongs under `api_key`."
        yield Fault(where, problem, advice)
        return
    if re.fullmatch(_URL, settings.base_url) is None:
        problem = "not a URL with https, which MaaS requires"
        advice = f"Write e.g. {UNIFIED_URLS[0]}."
        yield Fault(where, problem, advice, shown(settings.base_url))
        return
    root = root_of(settings)
    shorter = _OPERATION.sub("", root)
    for path in sorted(PROTOCOL_PATHS.values(), key=len, reverse=True):
        if shorter.endswith(path):
            shorter = shorter.removesuffix(path)
            break
    if shorter != root:
        problem = "has the path of a protocol, which `protocols` adds"
        yield Fault(where, problem, f"Write {shorter}.", shown(settings.base_url))


def _protocol_faults(where: str, settings: MaasServiceSettings) -> Iterator[Fault]:
    if settings.protocols is None:
        return
    if not settings.protocols:
        yield Fault(where, "empty", "Write at least one, or remove it.")
    for protocol in sorted(set(settings.protocols)):
        if settings.protocols.count(protocol) > 1:
            yield Fault(where, "listed twice", "List it once.", protocol)
        if is_single_service(settings) and protocol != SERVICE_PROTOCOL:
            problem = f"the address of a single service answers only {SERVICE_PROTOCOL}"
            yield Fault(where, problem, "Remove it, or write the address of the region.", protocol)


def _model_faults(where: str, settings: MaasServiceSettings) -> Iterator[Fault]:
    for model in settings.models:
        if re.fullmatch(_MODEL, model) is None:
            advice = "Copy it from the console."
            yield Fault(f"{where}.models", "not the name of a model", advice, shown(model))
    for model in sorted(set(settings.models)):
        if settings.models.count(model) > 1:
            yield Fault(f"{where}.models", "listed twice", "List it once.", shown(model))
    default = settings.default_model
    if default is not None and re.fullmatch(_MODEL, default) is None:
        advice = "Copy it from the console."
        yield Fault(f"{where}.default_model", "not the name of a model", advice, shown(default))
    elif default is not None and settings.models and default not in settings.models:
        problem = "not one of `models`; names are taken literally, capitals too"
        advice = suggestion_for(default, settings.models)
        yield Fault(f"{where}.default_model", problem, advice, shown(default))


def _key_faults(where: str, settings: MaasServiceSettings) -> Iterator[Fault]:
    label, description = settings.key_label, settings.key_description
    if label is not None and re.fullmatch(LABEL_PATTERN, label) is None:
        advice = "Use 1 to 100 letters, digits, `_` and `-`, as the console requires."
        yield Fault(f"{where}.key_label", "not the label of a key", advice, shown(label))
    if description is not None and not 1 <= len(description) <= LONGEST_DESCRIPTION:
        advice = f"Use 1 to {LONGEST_DESCRIPTION} characters, as the console requires."
        problem = "not the description of a key"
        yield Fault(f"{where}.key_description", problem, advice, shown(description))
