"""The rules between the keys of a gateway's part, and with the rest of the stack. Pure: settings in, faults out.

What the API would accept and what would be dead at run time is refused here: a consumer that may call nothing, a name
that leads nowhere, a pattern that never fits, a fallback that changes nothing. `api_rules` holds those of one Model
API. Nothing is told of a thing that is broken in itself, nor of others on its account.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from dashlink.endpoint.catalog import ResolvedEndpoint
from dashlink.errors import Fault, shown
from dashlink.gateway.api_rules import PROTOCOLS, find_api_faults, kinds_of
from dashlink.gateway.catalog import SPELLINGS, VENDORS, WITHOUT_ADDRESS
from dashlink.gateway.config import GatewayConfig, vendor_of
from dashlink.gateway.reading import NO_GATEWAY, PartRead, sound_part
from dashlink.gateway.settings import (
    AiServiceSettings,
    ConsumerSettings,
    DomainSettings,
    GatewaySettings,
)
from dashlink.network.settings import NetworkSettings
from dashlink.validation import likeliest_of

_ZONES = 2
_MOST_HEADERS = 3  # SDK 11.6.0, ApiKeyIdentityConfig: one to three sources, headers only
_MADE_ONLY = (
    "spec",
    "zones",
    "internet",
    "access_log",
    "name",
    "resource_group_id",
    "tags",
    "deletion_protection",
)
_OF_A_CERTIFICATE = ("certificate_id", "force_https", "tls_min")


def find_faults(
    part: GatewayConfig,
    *,
    network: NetworkSettings | None,
    endpoints: Mapping[str, ResolvedEndpoint | None],
    private_only: bool,
) -> Iterator[Fault]:
    """Every fault between the things of a gateway's part.

    Args:
        part: The part; what `read_part` found broken in it is left alone.
        network: The stack's network; None where its own faults leave it unknown.
        endpoints: The stack's endpoints; None for one that is broken in itself.
        private_only: Whether the stack says that nothing is public.
    """
    if part.is_empty:
        return
    sound = sound_part(part)
    yield from _gateway_faults_but(sound.broken_in("gateway"), part.gateway, network, private_only)
    for name, domain in sound.domains.items():
        yield from _domain_faults(f"domains.{name}", domain, sound.gateway, private_only)
    for name, service in sound.ai_services.items():
        yield from _service_faults(f"ai_services.{name}", service, endpoints)
        yield from _eas_faults(f"ai_services.{name}.eas", service, sound.gateway, network)
    for name, consumer in sound.consumers.items():
        yield from _consumer_faults(f"consumers.{name}", consumer)
    for name, api in sound.model_apis.items():
        yield from find_api_faults(f"model_apis.{name}", api, sound)
    yield from _names_taken_twice(
        "model_apis", {key: api.name for key, api in sound.model_apis.items()}
    )
    yield from _names_taken_twice(
        "consumers", {key: consumer.name for key, consumer in sound.consumers.items()}
    )
    yield from _places_taken_twice(sound)
    yield from _private_zones_made_twice(sound, endpoints)
    yield from _unused(sound)


def _gateway_faults_but(
    broken: Collection[str],
    gateway: GatewaySettings | None,
    network: NetworkSettings | None,
    private_only: bool,
) -> Iterator[Fault]:
    """The gateway's faults but those of its ``broken`` keys; with a broken id it is not known what it is."""
    if gateway is None:
        yield from () if broken else (NO_GATEWAY,)
    elif "id" not in broken:
        for fault in _gateway_faults(gateway, network, private_only):
            if fault.where.split(".")[1] not in broken:
                yield fault


def _gateway_faults(
    gateway: GatewaySettings, network: NetworkSettings | None, private_only: bool
) -> Iterator[Fault]:
    for word in gateway.spellings:
        if word not in SPELLINGS:
            yield Fault(
                f"gateway.spellings.{word}", "no such word", likeliest_of(word, list(SPELLINGS))
            )
    if gateway.id is not None:
        yield from _beside_an_id("gateway", gateway, "gateway", _MADE_ONLY)
        return
    if gateway.internet and private_only:
        advice = "Remove it, or say `private_only: false`."
        yield Fault(
            "gateway.internet", "a public gateway in a stack that says private", advice, "true"
        )
    zones = gateway.zones
    if zones is not None and (len(zones), len(set(zones))) != (_ZONES, _ZONES):
        named = ", ".join(zones) or "none"
        yield Fault(
            "gateway.zones",
            "not two zones",
            "Name two of the network's, or leave `zones` out.",
            named,
        )
    if zones is None and network is not None and len(network.zones) > _ZONES:
        # Zones that were chosen for it would change with the network's, and a gateway does not move: it is made anew.
        advice = f"Name two of {', '.join(network.zones)}."
        yield Fault("gateway.zones", "missing: the network has more than two zones", advice)
    for zone in zones or ():
        if network is not None and zone not in network.zones:
            advice = f"Add it to `network.zones`, or use {', '.join(network.zones)}."
            yield Fault("gateway.zones", "the network has no vSwitch in this zone", advice, zone)


def _beside_an_id(
    where: str, written: GatewaySettings | DomainSettings, what: str, keys: Iterable[str]
) -> Iterator[Fault]:
    for key in keys:
        if key in written.model_fields_set and getattr(written, key):
            problem = f"beside the id of an existing {what}, of which nothing is changed"
            yield Fault(f"{where}.{key}", problem, "Remove it, or the id.")


def _domain_faults(
    where: str, domain: DomainSettings, gateway: GatewaySettings | None, private_only: bool
) -> Iterator[Fault]:
    if domain.public:
        yield from _public_faults(where, domain, gateway, private_only)
    if domain.name_by == "none":
        for key in ("ttl_seconds", "attach_to"):
            if key in domain.model_fields_set:
                advice = "Remove it, or write `name_by: private-zone`."
                yield Fault(f"{where}.{key}", "by `name_by: none` no private name is made", advice)
    if domain.id is not None:
        yield from _beside_an_id(where, domain, "domain", _OF_A_CERTIFICATE)
        return
    if domain.scheme == "https" and domain.certificate_id is None:
        advice = "Write `certificate_id`, or `scheme: http`."
        yield Fault(f"{where}.certificate_id", "https without a certificate", advice)
    for key in _OF_A_CERTIFICATE:
        if domain.scheme == "http" and getattr(domain, key):
            yield Fault(f"{where}.{key}", "only for https", "Remove it, or write `scheme: https`.")


def _public_faults(
    where: str, domain: DomainSettings, gateway: GatewaySettings | None, private_only: bool
) -> Iterator[Fault]:
    if private_only:
        advice = "Remove it, or say `private_only: false`."
        yield Fault(
            f"{where}.public", "a public domain in a stack that says private", advice, "true"
        )
        return
    if domain.name_by == "private-zone":
        advice = "Write `name_by: none` and lead the name to the gateway in your public DNS."
        yield Fault(f"{where}.name_by", "a public domain is not named by a private zone", advice)
    if gateway is not None and gateway.id is None and not gateway.internet:
        advice = "Write `gateway.internet: true`, or remove it."
        yield Fault(f"{where}.public", "the gateway has no address on the internet", advice, "true")


def _service_faults(
    where: str, service: AiServiceSettings, endpoints: Mapping[str, ResolvedEndpoint | None]
) -> Iterator[Fault]:
    kinds = kinds_of(service)
    if len(kinds) != 1:
        problem = f"{', '.join(kinds)} together" if kinds else "nothing to send to"
        yield Fault(where, problem, "Write one of endpoint, eas, base_url, bedrock, vertex.")
    else:
        yield from _vendor_faults(f"{where}.vendor", kinds[0], service)
    for protocol in service.protocols or ():
        if protocol not in PROTOCOLS:
            yield Fault(
                f"{where}.protocols",
                "unknown protocol",
                likeliest_of(protocol, PROTOCOLS),
                shown(protocol),
            )
    if service.endpoint is not None:
        yield from _endpoint_faults(f"{where}.endpoint", service.endpoint, endpoints)
    # A user, a password or a query in a URL is a key in plain text: it is not shown.
    if service.base_url is not None and any(mark in service.base_url for mark in "@?#"):
        advice = "Write scheme, host and path alone; a key belongs under `api_keys`."
        yield Fault(f"{where}.base_url", "more than an address (its value is not shown)", advice)


def _vendor_faults(where: str, kind: str, service: AiServiceSettings) -> Iterator[Fault]:
    vendor, usual = vendor_of(service), vendor_of(service.model_copy(update={"vendor": None}))
    if vendor not in VENDORS:
        advice = f"{likeliest_of(vendor, list(VENDORS))} For another one write `custom`."
        yield Fault(where, "not a vendor of the API's list", advice, shown(vendor))
    elif vendor != usual and usual in WITHOUT_ADDRESS:
        yield Fault(where, f"not the vendor of `{kind}`, which is {usual}", "Remove it.", vendor)
    elif vendor != usual and vendor in WITHOUT_ADDRESS:
        advice = f"Write `{'eas' if vendor == 'pai-eas' else vendor}` instead of `{kind}`, or name another vendor."
        yield Fault(where, "this vendor is not reached by an address", advice, vendor)


def _endpoint_faults(
    where: str, name: str, endpoints: Mapping[str, ResolvedEndpoint | None]
) -> Iterator[Fault]:
    if name not in endpoints:
        if endpoints:
            yield Fault(
                where,
                "the stack has no such endpoint",
                likeliest_of(name, list(endpoints)),
                shown(name),
            )
        return
    endpoint = endpoints[name]
    if endpoint is not None and "openai" not in endpoint.base_paths:
        advice = f"Name an endpoint of Model Studio, or write the path: `endpoints.{name}.base_paths: {{openai: /v1}}`."
        yield Fault(where, "this endpoint has no base URL for models", advice, name)


def _eas_faults(
    where: str,
    service: AiServiceSettings,
    gateway: GatewaySettings | None,
    network: NetworkSettings | None,
) -> Iterator[Fault]:
    eas = service.eas
    if eas is None or eas.access != "private" or not isinstance(eas.vpc_id, str) or network is None:
        return
    if gateway is None or gateway.id is not None:
        return  # an existing gateway may stand in another VPC than the network's
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
        advice = f"The gateway looks into at most {_MOST_HEADERS} headers: remove some."
        yield Fault(
            f"{where}.api_key_headers",
            "too many headers",
            advice,
            str(len(consumer.api_key_headers)),
        )
    if consumer.api_key_headers and consumer.api_key_query is not None:
        yield Fault(
            f"{where}.api_key_query", "beside headers", "Keep the headers or the query parameter."
        )
    for key in ("api_key_headers", "api_key_query"):
        if getattr(consumer, key) and not consumer.api_keys and (consumer.ak_sk or consumer.jwt):
            yield Fault(
                f"{where}.{key}", "there is no API key to carry", "Remove it, or write `api_keys`."
            )


def _names_taken_twice(where: str, written: Mapping[str, str | None]) -> Iterator[Fault]:
    """Names are unique in the account; whoever has one by its key keeps it."""
    owners: dict[str, str] = {}
    for key in sorted(written, key=lambda key: (written[key] is not None, key)):
        name = written[key] or key
        if name in owners:
            problem = f"{where}.{owners[name]} has this name already"
            yield Fault(
                f"{where}.{key}.name",
                problem,
                "Choose another: names are unique in the account.",
                name,
            )
        owners.setdefault(name, key)


def _places_taken_twice(part: PartRead) -> Iterator[Fault]:
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


def _private_zones_made_twice(
    part: PartRead, endpoints: Mapping[str, ResolvedEndpoint | None]
) -> Iterator[Fault]:
    """A name with and without `*.` is one private zone, and a VPC has one zone of a name."""
    sound = {name: endpoint for name, endpoint in sorted(endpoints.items()) if endpoint is not None}
    owners = {endpoint.private_domain: f"endpoints.{name}" for name, endpoint in sound.items()}
    for name, domain in sorted(part.domains.items(), key=lambda item: item[0].removeprefix("*.")):
        if domain.name_by == "none":
            continue
        zone = name.removeprefix("*.")
        if zone in owners:
            yield Fault(
                f"domains.{name}.name_by",
                f"{owners[zone]} has the private zone {zone} already",
                "Write `name_by: none` and lead the name to the gateway yourself, or use another name.",
            )
        owners.setdefault(zone, f"domains.{name}")


def _unused(part: PartRead) -> Iterator[Fault]:
    """A consumer that no API names may call nothing."""
    if part.is_broken("model_apis"):
        return
    named = {name for api in part.model_apis.values() for name in api.consumers}
    for api in (
        part.written.get("model_apis") or {}
    ).values():  # also those that are broken otherwise
        wanted = api.get("consumers") if isinstance(api, Mapping) else None
        named |= set(map(str, wanted)) if isinstance(wanted, list) else {str(wanted)}
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
            advice = f"Revoke it, and put a new one there: `{command}`."
            yield Fault(where, f"dashlink:{key} is in plain text", advice)
