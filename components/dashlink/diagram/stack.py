"""A stack as a drawing: its callers, the services that answer, and the path of requests.

    clients -> domains -> gateway -> Model APIs -> AI services -> upstreams -> zones -> targets

Upstreams are endpoints of the stack and hosts outside it; targets are endpoint services. Nodes in
the VPC are in its group, and zones are groups inside it. Clients dial an endpoint themselves when
no AI service uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Literal
from urllib.parse import urlsplit

from dashlink.diagram.connected import connected_parts
from dashlink.diagram.eas import eas_parts, service_node
from dashlink.diagram.model import INSIDE, Drawing, Edge, Node
from dashlink.diagram.way_out import way_out_parts
from dashlink.endpoint.catalog import DASHSCOPE, DASHSCOPE_FINANCE, profile_of, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.gateway.ai_service import AiServiceSettings, EasService, vendor_of
from dashlink.gateway.consumer import ConsumerSettings
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.plan import auth_of, protocol_of, routing_mode_of
from dashlink.gateway.model_api.settings import Choice, ModelApiSettings
from dashlink.network.plan import blocks_of
from dashlink.settings import StackSettings

_GATEWAY = "gateway"
_LABEL_WIDTH = 24  # characters of a name on one line of a box
_DETAIL_WIDTH = 34
_CONSUMERS_APART = 6  # with more consumers, those of the same domains share a box
_APIS_NAMED = 2  # with more Model APIs of a consumer, they are counted
_LABELS_OF_REGISTERED_NAME = 2
_MODEL_STUDIO = (DASHSCOPE, DASHSCOPE_FINANCE)
_ROUTING = {"single": "one service", "by-model": "by model", "by-weight": "by weight"}
_NAMED_BY = {
    "private-zone": "private name",
    "service": "name of the service",
    "none": "machine-made, no certificate",
}


def drawing_of(settings: StackSettings, title: str, region: str) -> Drawing:
    """Draw a stack.

    Args:
        settings: Checked settings of the stack.
        title: Title of the diagram.
        region: Region of the stack.
    """
    return _StackDrawing(settings, region).draw(title)


class _StackDrawing:
    """Collects the nodes and edges of one stack; a node or edge that is added twice stays once."""

    def __init__(self, settings: StackSettings, region: str) -> None:
        self._settings = settings
        self._config = settings.gateway_config
        self._region = region
        self._vpc = f"VPC {settings.network.cidr or _id_text(settings.network.vpc_id)}"
        self._nodes: dict[str, Node] = {}
        self._edges: dict[Edge, None] = {}

    def draw(self, title: str) -> Drawing:
        if not self._config.is_empty:
            self._add_consumers()
            self._add_domains()
            self._add_gateway()
            self._add_apis()
            self._add_services()
        self._add_zones()
        for name, endpoint in sorted(self._settings.endpoints.items()):
            self._add_endpoint(name, endpoint)
            if all(service.endpoint != name for service in self._config.ai_services.values()):
                self._add_endpoint_clients(name, endpoint)
        self._add_eas_parts()
        self._add_connected_vpcs()
        self._add_way_out()
        return Drawing(title, tuple(self._nodes.values()), tuple(self._edges))

    def _add_eas_parts(self) -> None:
        used = [service.eas_service for service in self._config.ai_services.values()]
        nodes, edges = eas_parts(self._settings, self._vpc, filter(None, used))
        for node in nodes:
            self._nodes.setdefault(node.id, node)
        self._edges.update(dict.fromkeys(edges))

    def _add_connected_vpcs(self) -> None:
        names = [identity for identity, node in self._nodes.items() if node.lane == "domains"]
        for name, domain in self._config.domains.items():
            if domain.public or domain.name_by == "none":
                names.remove(f"domain:{name}")
        nodes, edges = connected_parts(self._settings, self._region, names)
        self._nodes.update((node.id, node) for node in nodes)
        self._edges.update(dict.fromkeys(edges))

    def _add_way_out(self) -> None:
        hosts = []
        for identity, node in self._nodes.items():
            if node.lane == "upstreams" and not node.group:
                hosts.append(identity)
        nodes, edges = way_out_parts(self._settings.network, self._vpc, hosts)
        self._nodes.update((node.id, node) for node in nodes)
        self._edges.update(dict.fromkeys(edges))

    def _node(
        self, node_id: str, lane: str, label: str, detail: Iterable[str], kind: str, group: str = ""
    ) -> None:
        self._nodes[node_id] = Node(node_id, lane, label, tuple(detail), kind, group)

    def _edge(
        self, source: str, target: str, label: str = "", style: Literal["solid", "dashed"] = "solid"
    ) -> None:
        self._edges[Edge(source, target, label, style)] = None

    def _add_consumers(self) -> None:
        for names, domains in self._consumers_by_domains():
            is_private = all(_is_private(self._config.domains[domain]) for domain in domains)
            is_private = is_private and not self._settings.network.connected_vpcs
            group = self._vpc if is_private else ""
            identity = f"client:{','.join(names)}"
            label = f"{len(names)} consumers"
            detail = wrap(", ".join(names), _DETAIL_WIDTH)
            if len(names) == 1:
                label = names[0]
                detail = [_credentials(self._config.consumers[label]), self._may_call(label)]
            self._node(identity, "clients", label, detail, "client", group)
            for domain in domains:
                self._edge(identity, f"domain:{domain}")

    def _consumers_by_domains(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Group consumers with the domains that they dial; a few consumers stay apart."""
        alone: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        together: dict[tuple[str, ...], list[str]] = {}
        for name in sorted(self._config.consumers):
            domains = self._domains_of(self._apis_of(name))
            alone.append(((name,), domains))
            together.setdefault(domains, []).append(name)
        if len(alone) <= _CONSUMERS_APART:
            return alone
        return [(tuple(names), domains) for domains, names in together.items()]

    def _apis_of(self, consumer: str) -> list[str]:
        apis = self._config.model_apis
        return sorted(name for name, api in apis.items() if consumer in api.consumers)

    def _may_call(self, consumer: str) -> str:
        names = self._apis_of(consumer)
        if len(names) <= _APIS_NAMED:
            return f"may call {', '.join(names)}"
        return f"may call {len(names)} Model APIs"

    def _domains_of(self, apis: Iterable[str]) -> tuple[str, ...]:
        """The domains of some Model APIs, in the order of the settings."""
        used: set[str] = set()
        for name in apis:
            used.update(self._config.model_apis[name].domains)
        return tuple(name for name in self._config.domains if name in used)

    def _add_domains(self) -> None:
        for name, domain in self._config.domains.items():
            identity = f"domain:{name}"
            if self._is_open(name):
                self._edge(self._add_anonymous_client(domain), identity)
            group = "" if domain.public else self._vpc
            lines = (*_name_lines(name, _LABEL_WIDTH), _naming(domain))
            self._node(identity, "domains", lines[0], lines[1:], "domain", group)

    def _is_open(self, domain: str) -> bool:
        """Whether a Model API under the domain requires no credential."""
        apis = self._config.model_apis.values()
        return any(domain in api.domains and auth_of(api) is None for api in apis)

    def _add_anonymous_client(self, domain: DomainSettings) -> str:
        detail = ("without a credential",)
        if domain.public:
            self._node("client:anybody", "clients", "any client", detail, "client")
            return "client:anybody"
        self._node("client:vpc", "clients", "any client in the VPC", detail, "client", self._vpc)
        return "client:vpc"

    def _add_gateway(self) -> None:
        settings = self._config.gateway
        label = "AI gateway"
        detail: list[str] = []
        if settings is not None:
            label = settings.name or (settings.id and _id_text(settings.id)) or label
        if settings is not None and settings.id is None:
            zones = settings.with_zones(sorted(self._settings.network.zones)).zones or ()
            detail = [settings.spec, ", ".join(sorted(zones))]
            if settings.internet:
                detail.append("also on the internet")
        self._node(_GATEWAY, "gateway", label, detail, "gateway", self._vpc)
        for name in self._domains_of(self._config.model_apis):
            self._edge(f"domain:{name}", _GATEWAY)

    def _add_apis(self) -> None:
        apis = self._config.model_apis
        grouped_by_domain = len({frozenset(api.domains) for api in apis.values()}) > 1
        for name, api in sorted(apis.items()):
            group = self._vpc
            if grouped_by_domain:
                group += INSIDE + ", ".join(sorted(set(api.domains)))
            kind = f"{api.scene}, {protocol_of(api)}, {_ROUTING[routing_mode_of(api)]}"
            self._node(f"api:{name}", "apis", name, (kind, api.base_path), "api", group)
            self._edge(_GATEWAY, f"api:{name}")
            self._add_choices(name, api)

    def _add_choices(self, name: str, api: ModelApiSettings) -> None:
        """One arrow for each service of an API, another one where it is a fallback too."""
        for service, labels in _first_choices(api).items():
            self._edge(f"api:{name}", f"service:{service}", ", ".join(filter(None, labels)))
        fallbacks: dict[str, list[str]] = {}
        for number, choice in enumerate(api.fallbacks, 1):
            fallbacks.setdefault(choice.service, []).append(f"fallback {number}")
        for service, labels in fallbacks.items():
            self._edge(f"api:{name}", f"service:{service}", ", ".join(labels), "dashed")

    def _add_services(self) -> None:
        for name, service in sorted(self._config.ai_services.items()):
            keys = len(service.api_keys)
            keys += bool(service.bedrock or service.vertex or service.eas_service or service.maas)
            keys_text = _counted(keys, "key") or "no key"
            detail = filter(None, (f"{vendor_of(service)}, {keys_text}", _address(service)))
            identity = f"service:{name}"
            self._node(identity, "services", name, detail, "service", self._vpc)
            self._edge(identity, self._add_upstream(service))

    def _add_upstream(self, service: AiServiceSettings) -> str:
        """Add the upstream of a service and return its node; an endpoint is added elsewhere."""
        if service.endpoint is not None:
            return f"endpoint:{service.endpoint}"
        if service.eas is not None:
            return self._add_eas(service.eas)
        if service.eas_service is not None:
            return self._add_eas_service(service.eas_service)
        return self._add_host(*self._host_and_detail(service))

    def _host_and_detail(self, service: AiServiceSettings) -> tuple[str, str]:
        """The name of an upstream outside the VPC, and one line about it."""
        if service.maas is not None:
            url = urlsplit(self._settings.maas_services[service.maas].base_url)
            return _host_of(url.netloc), "Huawei MaaS"
        if service.bedrock is not None:
            return "AWS Bedrock", service.bedrock.region
        if service.vertex is not None:
            return "Google Vertex AI", service.vertex.region
        parts = urlsplit(service.base_url or "")
        return _host_of(parts.netloc), parts.scheme

    def _add_eas(self, eas: EasService) -> str:
        identity = f"eas:{eas.workspace_id}:{eas.service_name}"
        detail = (f"workspace {eas.workspace_id}", f"{eas.access} access")
        group = self._vpc if eas.access == "private" else ""
        self._node(identity, "upstreams", f"PAI-EAS {eas.service_name}", detail, "upstream", group)
        return identity

    def _add_eas_service(self, name: str) -> str:
        """Add a model service of PAI-EAS of the stack and return its node."""
        node = service_node(name, self._settings.eas_services[name], self._vpc)
        self._nodes[node.id] = node
        return node.id

    def _add_host(self, name: str, detail: str) -> str:
        identity = f"host:{name} {detail}"
        self._node(identity, "upstreams", name, (detail,), "upstream")
        return identity

    def _add_zones(self) -> None:
        """The vSwitch of each zone, once for each endpoint that has an interface in it."""
        network = self._settings.network
        blocks = blocks_of(network)
        used = set(network.zones)
        for endpoint in self._settings.endpoints.values():
            used.update(self._zones_of(endpoint))  # an existing endpoint may have others
        for zone in sorted(used):
            vswitch = str(blocks.get(zone, "of its own"))
            if zone in network.vswitch_ids:
                vswitch = _id_text(network.vswitch_ids[zone])
            group = f"{self._vpc}{INSIDE}{zone}"
            endpoints = sorted(self._settings.endpoints.items())
            names = [name for name, endpoint in endpoints if zone in self._zones_of(endpoint)]
            for name in names:
                label = f"interface of {name}"
                detail = (f"vSwitch {vswitch}",)
                self._node(f"zone:{zone}:{name}", "zones", label, detail, "endpoint", group)
            if not names:
                self._node(f"zone:{zone}", "zones", "vSwitch", (vswitch,), "plain", group)

    def _zones_of(self, endpoint: EndpointSettings) -> Sequence[str]:
        if endpoint.workspace is not None:
            return ()  # the console knows the zones of its connection
        return endpoint.zones or self._settings.network.zones

    def _add_endpoint(self, name: str, endpoint: EndpointSettings) -> None:
        resolved = resolve_endpoint(endpoint, self._region)
        lines = _name_lines(resolved.private_domain or "dialled by its own domain", _DETAIL_WIDTH)
        self._node(f"endpoint:{name}", "upstreams", name, lines, "endpoint", self._vpc)
        service = str(resolved.service_name or resolved.service_id or _id_text(endpoint.id))
        if endpoint.workspace is not None:
            service = f"workspace {endpoint.workspace.workspace_id}"
        region = endpoint.service_region or self._region
        target = f"target:{service}:{region}"
        is_model_studio = profile_of(endpoint, self._region) in _MODEL_STUDIO
        label = "Model Studio" if is_model_studio else service
        self._node(target, "targets", label, (service, region), "upstream")
        for zone in sorted(self._zones_of(endpoint)):
            self._edge(f"endpoint:{name}", f"zone:{zone}:{name}")
            self._edge(f"zone:{zone}:{name}", target)
        if endpoint.workspace is not None:
            self._edge(f"endpoint:{name}", target)

    def _add_endpoint_clients(self, name: str, endpoint: EndpointSettings) -> None:
        """The clients of an endpoint that no AI service uses, and the name that they dial."""
        resolved = resolve_endpoint(endpoint, self._region)
        ingress = self._settings.network.ingress
        caller = "client:allowed"
        label = "allowed clients"
        if ingress.from_vpc:
            caller = "client:vpc"
            label = "any client in the VPC"
        detail = []
        if ingress.from_cidrs:
            detail.append(f"and from {', '.join(map(str, ingress.from_cidrs))}")
        self._node(caller, "clients", label, detail, "client", self._vpc)
        domain = f"domain:endpoint:{name}"
        lines = _name_lines(resolved.private_domain or f"{name}'s own domain", _LABEL_WIDTH)
        detail = [*lines[1:], f"{resolved.scheme}, {_NAMED_BY[resolved.mode]}"]
        self._node(domain, "domains", lines[0], detail, "domain", self._vpc)
        self._edge(caller, domain)
        self._edge(domain, f"endpoint:{name}")


def _credentials(consumer: ConsumerSettings) -> str:
    api_keys = _counted(len(consumer.api_keys), "API key")
    access_keys = _counted(len(consumer.ak_sk), "access key")
    text = ", ".join(filter(None, (api_keys, access_keys, "JWT" if consumer.jwt else "")))
    return text if consumer.enabled else f"{text}; turned off"


def _is_private(domain: DomainSettings) -> bool:
    """Whether the domain resolves in the stack's VPC only."""
    return domain.name_by == "private-zone" and not domain.attach_to


def _naming(domain: DomainSettings) -> str:
    if domain.public:
        return f"{domain.scheme}, public"
    if domain.name_by == "private-zone":
        return f"{domain.scheme}, private name"
    return f"{domain.scheme}, named by your DNS"


def _first_choices(api: ModelApiSettings) -> Mapping[str, list[str]]:
    """List what sends requests to each service first: a pattern, a weight or the target model."""
    labels: dict[str, list[str]] = {}
    if api.service is not None:
        labels[api.service] = [f"as {api.model}" if api.model else ""]
    for matched in api.by_model:
        labels.setdefault(matched.service, []).append(matched.match)
    if isinstance(api.default, Choice):
        labels.setdefault(api.default.service, []).append("any other")
    for weighted in api.by_weight:
        labels.setdefault(weighted.service, []).append(f"{weighted.weight} %")
    return labels


def _address(service: AiServiceSettings) -> str:
    if service.eas is not None:
        return f"PAI-EAS {service.eas.service_name}"
    if service.endpoint is not None:
        return f"endpoint {service.endpoint}"
    if service.eas_service is not None:
        return f"EAS service {service.eas_service}"
    if service.maas is not None:
        return f"MaaS service {service.maas}"
    parts = urlsplit(service.base_url or "")
    return f"{_host_of(parts.netloc)}{parts.path}"


def _host_of(netloc: str) -> str:
    """Host and port of a URL, without a user and password."""
    return netloc.rpartition("@")[2]


def _counted(number: int, noun: str) -> str:
    if number == 0:
        return ""
    return f"{number} {noun}s" if number > 1 else f"1 {noun}"


def _name_lines(name: str, width: int) -> tuple[str, ...]:
    """Split a long domain name before its last two labels."""
    labels = name.split(".")
    if len(name) <= width or len(labels) <= _LABELS_OF_REGISTERED_NAME:
        return (name,)
    start, *registered = name.rsplit(".", _LABELS_OF_REGISTERED_NAME)
    return (start, "." + ".".join(registered))


def _id_text(value: object) -> str:
    """An id as it is written; one that is another resource's output is not known yet."""
    return value if isinstance(value, str) else "of the program"
