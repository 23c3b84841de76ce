"""A stack as a drawing: its callers, the services that answer, and the path of requests.

    clients -> domains -> Model APIs -> AI services -> upstreams -> targets

Upstreams are endpoints of the stack, and gateways on the way to hosts outside it; targets are
endpoint services and these hosts. Nodes in the VPC are in its group, and those on the gateway in a
group inside it. Clients dial an endpoint themselves when no AI service uses it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from urllib.parse import urlsplit

from dashlink.diagram.apis import api_parts
from dashlink.diagram.connected import connected_parts
from dashlink.diagram.eas import eas_parts, service_node
from dashlink.diagram.labels import credentials, host_of, id_text, keys_of, named, naming
from dashlink.diagram.legend import with_legend
from dashlink.diagram.model import INSIDE, Drawing, Edge, Node
from dashlink.diagram.way_out import with_way_out
from dashlink.endpoint.catalog import DASHSCOPE, DASHSCOPE_FINANCE, profile_of, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.gateway.ai_service import AiServiceSettings, EasService
from dashlink.gateway.domain import DomainSettings
from dashlink.gateway.model_api.plan import auth_of
from dashlink.network.plan import blocks_of
from dashlink.settings import StackSettings

_CONSUMERS_APART = 4  # with more consumers, those of the same domains share a box
_APIS_NAMED = 2  # with more Model APIs of a consumer, they are counted
_MODEL_STUDIO = (DASHSCOPE, DASHSCOPE_FINANCE)
_NAMED_BY = {
    "private-zone": "private name",
    "service": "name of the service",
    "none": "machine-made, no certificate",
}


def drawing_of(
    settings: StackSettings, title: str, region: str, apis: Collection[str] = ()
) -> Drawing:
    """Draw a stack, with a legend of the marks that occur.

    Args:
        settings: Checked settings of the stack.
        title: Title of the diagram.
        region: Region of the stack.
        apis: Only these Model APIs with what they use and who calls them; default: everything.
    """
    drawn = _only(settings, apis) if apis else settings
    return with_legend(_StackDrawing(drawn, region).draw(title))


def _only(settings: StackSettings, apis: Collection[str]) -> StackSettings:
    """Return the settings of some Model APIs, of what they use, and of who calls them."""
    chosen = {name: api for name, api in settings.model_apis.items() if name in apis}
    used: set[str] = set()
    for api in chosen.values():
        named = (*api.by_model, *api.by_weight, *api.fallbacks, api.default, api)
        used.update(str(getattr(choice, "service", None)) for choice in named)
        used.update((*api.domains, *api.consumers))
    services = {name: one for name, one in settings.ai_services.items() if name in used}
    endpoints = {service.endpoint for service in services.values()}
    eas_services = {service.eas_service for service in services.values()}
    changed = {
        "model_apis": chosen,
        "ai_services": services,
        "domains": {name: one for name, one in settings.domains.items() if name in used},
        "consumers": {name: one for name, one in settings.consumers.items() if name in used},
        "endpoints": {name: one for name, one in settings.endpoints.items() if name in endpoints},
        "eas_services": {
            name: one for name, one in settings.eas_services.items() if name in eas_services
        },
        "eas_gateways": {},
    }
    return settings.model_copy(update=changed)


class _StackDrawing:
    """Collects the nodes and edges of one stack; a node or edge that is added twice stays once."""

    def __init__(self, settings: StackSettings, region: str) -> None:
        self._settings = settings
        self._config = settings.gateway_config
        self._region = region
        self._vpc = f"VPC {settings.network.cidr or id_text(settings.network.vpc_id)}"
        self._gateway = f"{self._vpc}{INSIDE}{self._gateway_label()}"
        self._nodes: dict[str, Node] = {}
        self._edges: dict[Edge, None] = {}

    def draw(self, title: str) -> Drawing:
        if self._config.model_apis or self._config.domains or self._config.ai_services:
            self._add_consumers()
            self._add_domains()
            self._add_all(*api_parts(self._config.model_apis, self._gateway))
            self._add_services()
        for name, endpoint in sorted(self._settings.endpoints.items()):
            self._add_endpoint(name, endpoint)
            if all(service.endpoint != name for service in self._config.ai_services.values()):
                self._add_endpoint_clients(name, endpoint)
        self._add_maas_clients()
        self._add_eas_parts()
        self._add_connected_vpcs()
        self._add_way_out()
        return Drawing(title, tuple(self._nodes.values()), tuple(self._edges))

    def _add_all(self, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        for node in nodes:
            self._nodes.setdefault(node.id, node)
        self._edges.update(dict.fromkeys(edges))

    def _add_eas_parts(self) -> None:
        used = [service.eas_service for service in self._config.ai_services.values()]
        self._add_all(*eas_parts(self._settings, self._vpc, filter(None, used)))

    def _add_connected_vpcs(self) -> None:
        names = [identity for identity, node in self._nodes.items() if node.lane == "domains"]
        for name, domain in self._config.domains.items():
            if domain.public or domain.name_by == "none":
                names.remove(f"domain:{name}")
        self._add_all(*connected_parts(self._settings, self._region, names))

    def _add_way_out(self) -> None:
        nodes, edges = with_way_out(
            self._settings.network, self._vpc, list(self._nodes.values()), list(self._edges)
        )
        self._nodes = {node.id: node for node in nodes}
        self._edges = dict.fromkeys(edges)

    def _node(
        self, node_id: str, lane: str, label: str, detail: Iterable[str], kind: str, group: str = ""
    ) -> None:
        self._nodes[node_id] = Node(node_id, lane, label, tuple(detail), kind, group)

    def _edge(self, source: str, target: str) -> None:
        self._edges[Edge(source, target)] = None

    def _gateway_label(self) -> str:
        settings = self._config.gateway
        if settings is None:
            return "AI gateway"
        if settings.id is not None:
            return f"AI gateway {id_text(settings.id)}"
        zones = settings.with_zones(sorted(self._settings.network.zones)).zones or ()
        label = f"AI gateway {settings.name or ''}".strip()
        label += f", {settings.spec}, in {', '.join(sorted(zones))}"
        return label + (", also on the internet" if settings.internet else "")

    def _add_consumers(self) -> None:
        for names, domains in self._consumers_by_domains():
            is_private = all(_is_private(self._config.domains[domain]) for domain in domains)
            is_private = is_private and not self._settings.network.connected_vpcs
            group = self._vpc if is_private else ""
            identity = f"client:{','.join(names)}"
            label = names[0]
            if len(names) == 1:
                detail = [credentials(self._config.consumers[label]), self._may_call(label)]
            else:
                label = f"{len(names)} consumers"
                detail = [named(names)]
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
            return f"may call {', '.join(names) or 'nothing'}"
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
                group = "" if domain.public else self._vpc
                self._edge(self._add_any_client(group, is_open=True), identity)
            group = "" if domain.public else self._vpc
            self._node(identity, "domains", name, [naming(domain)], "domain", group)

    def _is_open(self, domain: str) -> bool:
        """Whether a Model API under the domain requires no credential."""
        apis = self._config.model_apis.values()
        return any(domain in api.domains and auth_of(api) is None for api in apis)

    def _add_any_client(self, group: str, *, is_open: bool) -> str:
        identity = "client:vpc" if group else "client:anybody"
        if is_open:
            identity += ":open"
        label = "any client in the VPC" if group else "any client"
        detail = ("without a credential",) if is_open else ()
        self._nodes[identity] = Node(
            identity, "clients", label, detail, "client", group, is_open=is_open
        )
        return identity

    def _add_services(self) -> None:
        for name, service in sorted(self._config.ai_services.items()):
            identity = f"service:{name}"
            detail = [keys_of(service)]
            if service.base_url is not None:
                detail.append(host_of(service.base_url))
            self._node(identity, "services", name, detail, "service", self._gateway)
            self._edge(identity, self._add_upstream(service))

    def _add_upstream(self, service: AiServiceSettings) -> str:
        """Add the upstream of a service and return its node; an endpoint is added elsewhere."""
        if service.endpoint is not None:
            return f"endpoint:{service.endpoint}"
        if service.eas is not None:
            return self._add_eas(service.eas)
        if service.eas_service is not None:
            return self._add_eas_service(service.eas_service)
        if service.maas is not None:
            return self._add_maas(service.maas)
        return self._add_outside(service)

    def _add_outside(self, service: AiServiceSettings) -> str:
        """Add the upstream of a service that is no resource of the stack."""
        if service.bedrock is not None:
            return self._add_host("AWS Bedrock", service.bedrock.region)
        if service.vertex is not None:
            return self._add_host("Google Vertex AI", service.vertex.region)
        url = service.base_url or ""
        return self._add_host(host_of(url), urlsplit(url).scheme)

    def _add_eas(self, eas: EasService) -> str:
        identity = f"eas:{eas.workspace_id}:{eas.service_name}"
        detail = (f"workspace {eas.workspace_id}", f"{eas.access} access")
        group = self._vpc if eas.access == "private" else ""
        self._node(identity, "targets", f"PAI-EAS {eas.service_name}", detail, "upstream", group)
        return identity

    def _add_eas_service(self, name: str) -> str:
        """Add a model service of PAI-EAS of the stack and return its node."""
        node = service_node(name, self._settings.eas_services[name], self._vpc)
        self._nodes[node.id] = node
        return node.id

    def _add_maas(self, name: str) -> str:
        return self._add_host(host_of(self._settings.maas_services[name].base_url), "Huawei MaaS")

    def _add_host(self, name: str, detail: str) -> str:
        identity = f"host:{name} {detail}"
        self._node(identity, "targets", name, (detail,), "upstream")
        return identity

    def _add_maas_clients(self) -> None:
        """The clients of services of Huawei MaaS that no AI service uses."""
        used = {service.maas for service in self._config.ai_services.values()}
        for name in sorted(set(self._settings.maas_services) - used):
            self._edge(self._add_any_client(self._vpc, is_open=False), self._add_maas(name))

    def _add_endpoint(self, name: str, endpoint: EndpointSettings) -> None:
        resolved = resolve_endpoint(endpoint, self._region)
        detail = [resolved.private_domain or "dialled by its own domain"]
        detail += [f"{zone} {self._vswitch_of(zone)}" for zone in self._zones_of(endpoint)]
        label = f"endpoint {name}"
        self._node(f"endpoint:{name}", "upstreams", label, detail, "endpoint", self._vpc)
        service = str(resolved.service_name or resolved.service_id or id_text(endpoint.id))
        if endpoint.workspace is not None:
            service = f"workspace {endpoint.workspace.workspace_id}"
        region = endpoint.service_region or self._region
        target = f"target:{service}:{region}"
        is_model_studio = profile_of(endpoint, self._region) in _MODEL_STUDIO
        label = "Model Studio" if is_model_studio else service
        self._node(target, "targets", label, (service, region), "upstream")
        self._edge(f"endpoint:{name}", target)

    def _zones_of(self, endpoint: EndpointSettings) -> Sequence[str]:
        if endpoint.workspace is not None:
            return ()  # the console knows the zones of its connection
        return sorted(endpoint.zones or self._settings.network.zones)

    def _vswitch_of(self, zone: str) -> str:
        """Block or id of the vSwitch of a zone; an existing endpoint may have other zones."""
        network = self._settings.network
        if zone in network.vswitch_ids:
            return id_text(network.vswitch_ids[zone])
        return str(blocks_of(network).get(zone, ""))

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
        dialled = resolved.private_domain or f"{name}'s own domain"
        detail = [f"{resolved.scheme}, {_NAMED_BY[resolved.mode]}"]
        self._node(domain, "domains", dialled, detail, "domain", self._vpc)
        self._edge(caller, domain)
        self._edge(domain, f"endpoint:{name}")


def _is_private(domain: DomainSettings) -> bool:
    """Whether the domain resolves in the stack's VPC only."""
    return domain.name_by == "private-zone" and not domain.attach_to
