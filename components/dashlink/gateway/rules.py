"""The rules between the keys of a gateway's part, and with the rest of the stack. Pure: settings in, faults out.

What would be accepted by the API and be dead at run time is refused here: a service that nothing reaches, a pattern
that never fits, a fallback that changes nothing. `api_rules` holds those of one Model API.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from dashlink.endpoint.catalog import ResolvedEndpoint
from dashlink.errors import Fault, shown
from dashlink.gateway.api_rules import find_api_faults
from dashlink.gateway.catalog import MODEL_STUDIO, ROUTES, SPELLINGS, VENDORS
from dashlink.gateway.part import GatewayPart, vendor_of
from dashlink.gateway.settings import AiServiceSettings, ConsumerSettings, DomainSettings, GatewaySettings
from dashlink.network.settings import NetworkSettings
from dashlink.words import likeliest_of

_ZONES = 2
_MOST_HEADERS = 3  # SDK 11.6.0, ApiKeyIdentityConfig: one to three sources, headers only
_PROTOCOLS = sorted({protocol for protocols in ROUTES.values() for protocol in protocols})
_MADE_ONLY = ("zones", "internet", "access_log", "name", "resource_group_id", "deletion_protection")


def find_faults(
    part: GatewayPart,
    *,
    network: NetworkSettings | None,
    endpoints: Mapping[str, ResolvedEndpoint],
    private_only: bool,
) -> Iterator[Fault]:
    """Every fault of a gateway's part.

    Args:
        part: The part; values that are broken in themselves are not in it.
        network: The stack's network; None where its own faults leave it unknown.
        endpoints: The stack's endpoints.
        private_only: Whether the stack says that nothing is public.
    """
    if part.is_empty:
        return
    if part.gateway is None:
        advice = "Write `gateway: {}` for a new one, or `gateway: {id: gw-…}`."
        yield Fault("gateway", "missing, but there is something that needs one", advice)
    else:
        yield from _gateway_faults(part.gateway, network, private_only)
    for name, domain in part.domains.items():
        yield from _domain_faults(f"domains.{name}", domain, private_only)
    for name, service in part.ai_services.items():
        yield from _service_faults(f"ai_services.{name}", service, network, endpoints)
    for name, consumer in part.consumers.items():
        yield from _consumer_faults(f"consumers.{name}", consumer)
    for name, api in part.model_apis.items():
        yield from find_api_faults(f"model_apis.{name}", api, part)
    yield from _places_taken_twice(part)
    yield from _unused(part)


def _gateway_faults(gateway: GatewaySettings, network: NetworkSettings | None, private_only: bool) -> Iterator[Fault]:
    for word in gateway.spellings:
        if word not in SPELLINGS:
            yield Fault(f"gateway.spellings.{word}", "no such word", likeliest_of(word, list(SPELLINGS)))
    if gateway.id is not None:
        for key in _MADE_ONLY:
            if getattr(gateway, key) not in (None, False):
                yield Fault(f"gateway.{key}", "beside the id of an existing gateway", "Remove it, or the id.")
        return
    if gateway.internet and private_only:
        advice = "Remove it, or say `private_only: false`."
        yield Fault("gateway.internet", "a public gateway in a stack that says private", advice, "true")
    if gateway.zones is not None and len(set(gateway.zones)) != _ZONES:
        named = ", ".join(gateway.zones) or "none"
        yield Fault("gateway.zones", "not two zones", "Name two of the network's, or leave `zones` out.", named)
    for zone in gateway.zones or ():
        if network is not None and zone not in network.zones:
            advice = f"Add it to `network.zones`, or use {', '.join(network.zones)}."
            yield Fault("gateway.zones", "the network has no vSwitch in this zone", advice, zone)


def _domain_faults(where: str, domain: DomainSettings, private_only: bool) -> Iterator[Fault]:
    if domain.public and private_only:
        advice = "Remove it, or say `private_only: false`."
        yield Fault(f"{where}.public", "a public domain in a stack that says private", advice, "true")
    if domain.public and domain.name_by == "private-zone":
        advice = "Write `name_by: none` and lead the name to the gateway in your public DNS."
        yield Fault(f"{where}.name_by", "a public domain is not named by a private zone", advice)
    if domain.id is not None:
        return
    if domain.scheme == "https" and domain.certificate_id is None:
        advice = "Write `certificate_id`, or `scheme: http`."
        yield Fault(f"{where}.certificate_id", "https without a certificate", advice)
    for key in ("certificate_id", "force_https", "tls_min"):
        if domain.scheme == "http" and getattr(domain, key):
            yield Fault(f"{where}.{key}", "only for https", "Remove it, or write `scheme: https`.")


def _service_faults(
    where: str, service: AiServiceSettings, network: NetworkSettings | None, endpoints: Mapping[str, ResolvedEndpoint]
) -> Iterator[Fault]:
    kinds = [key for key in ("endpoint", "eas", "base_url", "bedrock", "vertex") if getattr(service, key) is not None]
    if len(kinds) != 1:
        problem = f"{', '.join(kinds)} together" if kinds else "nothing to send to"
        yield Fault(where, problem, "Write one of endpoint, eas, base_url, bedrock, vertex.")
    vendor = vendor_of(service)
    if vendor not in VENDORS:
        advice = f"{likeliest_of(vendor, list(VENDORS))} For another one write `custom`."
        yield Fault(f"{where}.vendor", "not a vendor of the API's list", advice, shown(vendor))
    for protocol in service.protocols or ():
        if protocol not in _PROTOCOLS:
            yield Fault(f"{where}.protocols", "unknown protocol", likeliest_of(protocol, _PROTOCOLS), shown(protocol))
    if service.endpoint is not None:
        yield from _endpoint_faults(f"{where}.endpoint", service.endpoint, endpoints)
    if service.eas is not None:
        yield from _eas_faults(f"{where}.eas", service, network)


def _endpoint_faults(where: str, name: str, endpoints: Mapping[str, ResolvedEndpoint]) -> Iterator[Fault]:
    if name not in endpoints:
        if endpoints:
            yield Fault(where, "the stack has no such endpoint", likeliest_of(name, list(endpoints)), shown(name))
    elif "openai" not in endpoints[name].base_paths:
        advice = (
            f"Name one to Model Studio, or use `base_url` with `vendor`; vendor {MODEL_STUDIO} speaks for this one."
        )
        yield Fault(where, "this endpoint has no base URL for models", advice, name)


def _eas_faults(where: str, service: AiServiceSettings, network: NetworkSettings | None) -> Iterator[Fault]:
    eas = service.eas
    if eas is None or eas.access != "private" or not isinstance(eas.vpc_id, str) or network is None:
        return
    own = network.vpc_id if isinstance(network.vpc_id, str) else None
    if network.vpc_id is None or (own is not None and own != eas.vpc_id):
        yield Fault(
            f"{where}.vpc_id",
            f"outside the gateway's VPC ({own or 'a new one'}), which private access does not leave",
            "Put the gateway into that VPC by `network.vpc_id`, or write `access: public`.",
            eas.vpc_id,
        )


def _consumer_faults(where: str, consumer: ConsumerSettings) -> Iterator[Fault]:
    if not (consumer.api_keys or consumer.ak_sk or consumer.jwt):
        yield Fault(where, "no credential", "Write `api_keys`, `ak_sk` or `jwt`.")
    if len(consumer.api_key_headers) > _MOST_HEADERS:
        advice = f"The gateway looks into at most {_MOST_HEADERS} headers."
        yield Fault(f"{where}.api_key_headers", "too many headers", advice, str(len(consumer.api_key_headers)))
    if consumer.api_key_headers and consumer.api_key_query is not None:
        yield Fault(f"{where}.api_key_query", "beside headers", "Keep the headers or the query parameter.")


def _places_taken_twice(part: GatewayPart) -> Iterator[Fault]:
    """Domain and base path together lead to one API."""
    owners: dict[tuple[str, str], str] = {}
    for name, api in sorted(part.model_apis.items()):
        for domain in dict.fromkeys(api.domains):
            place = (domain, api.base_path.rstrip("/"))
            if place in owners:
                yield Fault(
                    f"model_apis.{name}.base_path",
                    f"{owners[place]} is served at this path of {domain} already",
                    "Give one of the two another base path or domain.",
                    api.base_path,
                )
            owners.setdefault(place, name)


def _unused(part: GatewayPart) -> Iterator[Fault]:
    """A consumer that no API names may call nothing."""
    named = {name for api in part.model_apis.values() for name in api.consumers}
    for name in part.consumers:
        if name not in named:
            advice = "Name it in the `consumers` of an API, or remove it."
            yield Fault(f"consumers.{name}", "no Model API lets this consumer in", advice)


def missing_secrets(
    wanted: Iterable[tuple[str, str]], secret_keys: Collection[str], known: Collection[str]
) -> Iterator[Fault]:
    """References to secrets that are not there, or stand there in plain.

    Args:
        wanted: Place and key of each reference.
        secret_keys: The keys of the `dashlink:` namespace that are encrypted.
        known: All keys of the namespace.
    """
    for where, key in wanted:
        command = f"pulumi config set --secret dashlink:{key}"
        if key not in known:
            yield Fault(where, "the stack has no such secret", f"Put it there: `{command}`.", key)
        elif key not in secret_keys:
            yield Fault(
                where, f"dashlink:{key} is in plain text", f"Revoke it, and put a new one there: `{command}`.", key
            )
