"""A stack as a picture: who calls what, which service answers, and on which way requests leave. Pure; no cloud.

    clients -> domains -> gateway -> Model APIs -> AI services -> endpoints, hosts -> zones -> endpoint services

What stands in the VPC is in its group, zones are groups inside it. An endpoint that no AI service sends to is dialled
by clients themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from urllib.parse import urlsplit

from dashlink.diagram.model import INSIDE, Drawing, Edge, Lane, Node
from dashlink.endpoint.catalog import DASHSCOPE, DASHSCOPE_FINANCE, profile_of, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.gateway.config import GatewayConfig, protocol_of, vendor_of
from dashlink.gateway.settings import (
    AiServiceSettings,
    Choice,
    ConsumerSettings,
    DomainSettings,
    ModelApiSettings,
)
from dashlink.network.settings import NetworkSettings, blocks_of

LANES = (
    Lane("clients", "Clients"),
    Lane("domains", "Domains"),
    Lane("gateway", "AI gateway"),
    Lane("apis", "Model APIs"),
    Lane("services", "AI services"),
    Lane("ways", "Endpoints and hosts"),
    Lane("zones", "Zones"),
    Lane("targets", "Endpoint services"),
)
"""All lanes, from left to right; a drawing has those that something stands in."""

_GATEWAY = "gateway"
_GATEWAY_ZONES = 2
_LONGEST_LABEL, _LONGEST_DETAIL = 24, 34  # characters of a name that a box shows on one line
_CONSUMERS_MOST = 6  # more of them, and those who dial the same domains are one box
_LAST_LABELS = 2
_NAMED_MOST = 2  # more Model APIs of a consumer are counted, not named
_MODEL_STUDIO = (DASHSCOPE.name, DASHSCOPE_FINANCE.name)

Thing = Node | Edge


def drawing_of(
    part: GatewayConfig,
    *,
    title: str,
    region: str,
    network: NetworkSettings,
    endpoints: Mapping[str, EndpointSettings],
) -> Drawing:
    """Draw a stack.

    Args:
        part: Its gateway with everything on it; empty for a stack without one.
        title: Title of the picture.
        region: Region of the stack.
        network: Its network.
        endpoints: Its endpoints.
    """
    vpc = f"VPC {network.cidr or _known(network.vpc_id)}"
    things: list[Thing] = []
    if not part.is_empty:
        things += [
            *_callers(part, vpc),
            *_gateway(part, network, vpc),
            *_apis(part, vpc),
            *_services(part, vpc),
        ]
    things += _zones(network, endpoints, vpc)
    for name, endpoint in sorted(endpoints.items()):
        things += _endpoint(name, endpoint, endpoint.zones or network.zones, region, vpc)
        if all(service.endpoint != name for service in part.ai_services.values()):
            things += _dialled(name, endpoint, region, network, vpc)
    nodes = {thing.id: thing for thing in things if isinstance(thing, Node)}
    edges = dict.fromkeys(thing for thing in things if isinstance(thing, Edge))
    used = {node.lane for node in nodes.values()}
    return Drawing(
        title, tuple(lane for lane in LANES if lane.id in used), tuple(nodes.values()), tuple(edges)
    )


def _callers(part: GatewayConfig, vpc: str) -> Iterator[Thing]:
    """The consumers, those who need no credential, and the domains that they dial."""
    for names, dialled in _consumers(part):
        group = vpc if all(_only_in_vpc(part.domains[domain]) for domain in dialled) else ""
        own = f"client:{','.join(names)}"
        one = part.consumers[names[0]]
        alone = (
            _credentials(one),
            _may_call([key for key, api in part.model_apis.items() if names[0] in api.consumers]),
        )
        detail = alone if len(names) == 1 else tuple(wrap(", ".join(names), _LONGEST_DETAIL))
        label = names[0] if len(names) == 1 else f"{len(names)} consumers"
        yield Node(own, "clients", label, detail, "client", group)
        yield from (Edge(own, f"domain:{domain}") for domain in dialled)
    for name, domain in part.domains.items():
        free = [
            key
            for key, api in part.model_apis.items()
            if name in api.domains and not (api.auth or api.consumers)
        ]
        if free:
            caller = f"client:{'anybody' if domain.public else 'vpc'}"
            where, group = ("", "") if domain.public else (" in the VPC", vpc)
            yield Node(
                caller, "clients", f"any client{where}", ("without a credential",), "client", group
            )
            yield Edge(caller, f"domain:{name}")
        label, rest = _wrapped(name, _LONGEST_LABEL)
        group = "" if domain.public else vpc
        yield Node(
            f"domain:{name}", "domains", label, (*rest, _how_dialled(domain)), "domain", group
        )


def _consumers(part: GatewayConfig) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Consumers with the domains that they dial: each for itself, and where there are many, those of the same ones."""
    dialled = {
        name: _domains_of(
            part, [key for key, api in part.model_apis.items() if name in api.consumers]
        )
        for name in sorted(part.consumers)
    }
    if len(dialled) <= _CONSUMERS_MOST:
        return [((name,), domains) for name, domains in dialled.items()]
    together: dict[tuple[str, ...], list[str]] = {}
    for name, domains in dialled.items():
        together.setdefault(domains, []).append(name)
    return [(tuple(names), domains) for domains, names in together.items()]


def _credentials(consumer: ConsumerSettings) -> str:
    kinds = (
        _counted(len(consumer.api_keys), "API key"),
        _counted(len(consumer.ak_sk), "access key"),
    )
    held = [*(kind for kind in kinds if kind), *(["JWT"] if consumer.jwt else [])]
    return ", ".join(held) + ("" if consumer.enabled else "; turned off")


def _may_call(apis: list[str]) -> str:
    named = ", ".join(sorted(apis)) if len(apis) <= _NAMED_MOST else f"{len(apis)} Model APIs"
    return f"may call {named}"


def _domains_of(part: GatewayConfig, apis: Iterable[str]) -> tuple[str, ...]:
    used = {domain for key in apis for domain in part.model_apis[key].domains}
    return tuple(name for name in part.domains if name in used)


def _only_in_vpc(domain: DomainSettings) -> bool:
    """Whether nobody outside the VPC knows the name."""
    return domain.name_by == "private-zone" and not domain.attach_to


def _how_dialled(domain: DomainSettings) -> str:
    named = (
        "public"
        if domain.public
        else "private name"
        if domain.name_by == "private-zone"
        else "named by your DNS"
    )
    return f"{domain.scheme}, {named}"


def _gateway(part: GatewayConfig, network: NetworkSettings, vpc: str) -> Iterator[Thing]:
    settings = part.gateway
    detail: tuple[str, ...] = ()
    if settings is not None and settings.id is None:
        zones = sorted(settings.zones or sorted(network.zones)[:_GATEWAY_ZONES])
        detail = (
            settings.spec,
            ", ".join(zones),
            *(["also on the internet"] if settings.internet else []),
        )
    named = None if settings is None else settings.name or (settings.id and _known(settings.id))
    yield Node(_GATEWAY, "gateway", named or "AI gateway", detail, "gateway", vpc)
    yield from (Edge(f"domain:{name}", _GATEWAY) for name in _domains_of(part, part.model_apis))


def _apis(part: GatewayConfig, vpc: str) -> Iterator[Thing]:
    different = len({frozenset(api.domains) for api in part.model_apis.values()}) > 1
    for name, api in sorted(part.model_apis.items()):
        group = f"{vpc}{INSIDE}{', '.join(sorted(set(api.domains)))}" if different else vpc
        detail = (f"{api.scene}, {protocol_of(api)}, {_way(api)}", api.base_path)
        yield Node(f"api:{name}", "apis", name, detail, "api", group)
        yield Edge(_GATEWAY, f"api:{name}")
        labels: dict[tuple[str, bool], list[str]] = {}
        for service, label, falls_back in _choices(api):
            labels.setdefault((service, falls_back), []).append(label)
        for (service, falls_back), found in labels.items():
            words = ", ".join(label for label in found if label)
            yield Edge(
                f"api:{name}", f"service:{service}", words, "dashed" if falls_back else "solid"
            )


def _way(api: ModelApiSettings) -> str:
    if api.by_model:
        return "by model"
    return "by weight" if api.by_weight else "one service"


def _choices(api: ModelApiSettings) -> Iterator[tuple[str, str, bool]]:
    """The services of an API: each with what leads to it, and whether it is a fallback."""
    if api.service is not None:
        yield api.service, f"as {api.model}" if api.model else "", False
    for fitting in api.by_model:
        yield fitting.service, fitting.match, False
    if isinstance(api.default, Choice):
        yield api.default.service, "any other", False
    for weighted in api.by_weight:
        yield weighted.service, f"{weighted.weight} %", False
    for number, choice in enumerate(api.fallbacks, 1):
        yield choice.service, f"fallback {number}", True


def _services(part: GatewayConfig, vpc: str) -> Iterator[Thing]:
    for name, service in sorted(part.ai_services.items()):
        keys = (
            _counted(len(service.api_keys) + bool(service.bedrock or service.vertex), "key")
            or "no key"
        )
        target = _target(service, vpc)
        detail = (f"{vendor_of(service)}, {keys}", _address(service))
        yield Node(
            f"service:{name}",
            "services",
            name,
            tuple(line for line in detail if line),
            "service",
            vpc,
        )
        if target is not None:
            yield target
        yield Edge(
            f"service:{name}", target.id if target is not None else f"endpoint:{service.endpoint}"
        )


def _address(service: AiServiceSettings) -> str:
    if service.eas is not None:
        return f"PAI-EAS {service.eas.service_name}"
    parts = urlsplit(service.base_url or "")
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}" or (
        f"endpoint {service.endpoint}" if service.endpoint else ""
    )


def _target(service: AiServiceSettings, vpc: str) -> Node | None:
    """The host that a service stands for; None for an endpoint of the stack."""
    if service.eas is not None:
        eas = service.eas
        name, inside = f"PAI-EAS {eas.service_name}", eas.access == "private"
        detail = (f"workspace {eas.workspace_id}", f"{eas.access} access")
        return Node(
            f"eas:{eas.workspace_id}:{eas.service_name}",
            "ways",
            name,
            detail,
            "upstream",
            vpc if inside else "",
        )
    if service.bedrock is not None:
        return _host("AWS Bedrock", service.bedrock.region)
    if service.vertex is not None:
        return _host("Google Vertex AI", service.vertex.region)
    parts = urlsplit(service.base_url or "")
    return _host(parts.netloc.rpartition("@")[2], parts.scheme) if parts.netloc else None


def _host(name: str, detail: str) -> Node:
    return Node(f"host:{name} {detail}", "ways", name, (detail,), "upstream")


def _zones(
    network: NetworkSettings, endpoints: Mapping[str, EndpointSettings], vpc: str
) -> Iterator[Node]:
    """The vSwitch of each zone, once for each endpoint that has an interface in it."""
    blocks = blocks_of(network)
    for zone in sorted(network.zones):
        block = (
            _known(network.vswitch_ids[zone])
            if zone in network.vswitch_ids
            else str(blocks.get(zone))
        )
        group = f"{vpc}{INSIDE}{zone}"
        names = [
            name
            for name, endpoint in sorted(endpoints.items())
            if zone in (endpoint.zones or network.zones)
        ]
        for name in names:
            detail = (f"vSwitch {block}",)
            yield Node(
                f"zone:{zone}:{name}", "zones", f"interface of {name}", detail, "endpoint", group
            )
        if not names:
            yield Node(f"zone:{zone}", "zones", "vSwitch", (block,), group=group)


def _endpoint(
    name: str, endpoint: EndpointSettings, zones: Iterable[str], region: str, vpc: str
) -> Iterator[Thing]:
    """An endpoint, and what is behind it."""
    known = resolve_endpoint(endpoint, region)
    own = f"endpoint:{name}"
    service = str(known.service_name or known.service_id)
    first, rest = _wrapped(known.private_domain or "dialled by its own domain", _LONGEST_DETAIL)
    yield Node(own, "ways", name, (first, *rest), "endpoint", vpc)
    profile = profile_of(endpoint, region)
    label = "Model Studio" if profile is not None and profile.name in _MODEL_STUDIO else service
    target = f"target:{service}:{endpoint.service_region or region}"
    yield Node(target, "targets", label, (service, endpoint.service_region or region), "upstream")
    for zone in sorted(zones):
        yield Edge(own, f"zone:{zone}:{name}")
        yield Edge(f"zone:{zone}:{name}", target)


def _dialled(
    name: str, endpoint: EndpointSettings, region: str, network: NetworkSettings, vpc: str
) -> Iterator[Thing]:
    """The clients of an endpoint that stands for itself, and the name that they dial."""
    known = resolve_endpoint(endpoint, region)
    ingress = network.ingress
    caller = f"client:{'vpc' if ingress.from_vpc else 'let-in'}"
    label = "any client in the VPC" if ingress.from_vpc else "clients that are let in"
    further = (
        (f"and from {', '.join(str(cidr) for cidr in ingress.from_cidrs)}",)
        if ingress.from_cidrs
        else ()
    )
    yield Node(caller, "clients", label, further, "client", vpc)
    domain = f"domain:endpoint:{name}"
    named = {
        "private-zone": "private name",
        "service": "name of the service",
        "none": "machine-made, no certificate",
    }
    label, rest = _wrapped(known.private_domain or f"{name}'s own domain", _LONGEST_LABEL)
    yield Node(
        domain, "domains", label, (*rest, f"{known.scheme}, {named[known.mode]}"), "domain", vpc
    )
    yield Edge(caller, domain)
    yield Edge(domain, f"endpoint:{name}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}" if number else ""


def _wrapped(name: str, longest: int) -> tuple[str, tuple[str, ...]]:
    """A domain name on one line, or, where it is long, its last two labels on a second one."""
    labels = name.split(".")
    if len(name) <= longest or len(labels) <= _LAST_LABELS:
        return name, ()
    return ".".join(labels[:-_LAST_LABELS]), (f".{'.'.join(labels[-_LAST_LABELS:])}",)


def _known(value: object) -> str:
    """An id that is written; one of another resource is known only when that is made."""
    return value if isinstance(value, str) else "of the program"
