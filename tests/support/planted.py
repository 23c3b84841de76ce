"""Single faults that are planted in the sandbox of `whole_stack`, and the checks that name each.

A fault changes a draft of the cloud's state. `FAULTS` has the checks from outside that must fail
for it, as (subject, check), and no other may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from support.whole_stack import FAR, FAR_CIDR, PEERED_CIDR, PLAIN_DOMAIN, TLS_DOMAIN, WILDCARD

from dashlink_sandbox import Sandbox
from dashlink_sandbox.records import Record
from dashlink_sandbox.routers import RouterAttachment, RouterTable
from dashlink_sandbox.state import (
    DnsRecord,
    Endpoint,
    PrivateZone,
    RouteEntry,
    RouteTable,
    Rule,
    SecurityGroup,
    State,
    ZoneVpc,
)

Named = tuple[str, str]
"""Subject and check; ``{near}``, ``{far}`` and ``{peered}`` are the ids of the VPCs."""

_NEAR_REGION = "cn-beijing"
_OWN_NAME = "vpc-cn-beijing.dashscope.aliyuncs.com"
_ELSEWHERE = "10.20.9.9"


@dataclass
class Scene:
    """A draft of the cloud, with the outputs of the stack."""

    draft: State
    outputs: Mapping[str, Any]

    @property
    def near(self) -> str:
        return str(self.outputs["vpc_id"])

    @property
    def far(self) -> str:
        return str(self.outputs["connected_vpcs"]["shanghai"]["vpc_id"])

    @property
    def peered(self) -> str:
        return str(self.outputs["connected_vpcs"]["peered"]["vpc_id"])

    def expected(self, names: tuple[Named, ...]) -> set[Named]:
        ids = {"near": self.near, "far": self.far, "peered": self.peered}
        found = set()
        for subject, check in names:
            found.add((subject, check.format(**ids)))
        return found

    def endpoint(self, name: str = "dashscope") -> Endpoint:
        return self.draft.endpoints[self.outputs["endpoints"][name]["endpoint_id"]]

    @property
    def group(self) -> SecurityGroup:
        return self.draft.security_groups[self.outputs["security_group_id"]]

    def zone(self, name: str = _OWN_NAME) -> PrivateZone:
        (zone,) = [one for one in self.draft.private_zones.values() if one.name == name]
        return zone

    def add_zone(self, name: str, *vpc_ids: str, address: str = "") -> None:
        """Attach a zone of somebody else to VPCs; with ``address`` it has a record of its name."""
        zone_id = f"shadow-{len(self.draft.private_zones)}"
        rows = {}
        if address:
            rows["4711"] = DnsRecord(record_id="4711", rr="@", type="A", value=address)
        vpcs = []
        for vpc_id in vpc_ids:
            vpcs.append(ZoneVpc(region=self.draft.vpcs[vpc_id].region, vpc_id=vpc_id))
        self.draft.private_zones[zone_id] = PrivateZone(
            zone_id=zone_id, name=name, records=rows, vpcs=vpcs, owner=self.zone().owner
        )

    def attachment(self, vpc_id: str) -> RouterAttachment:
        """The attachment of a VPC; of the two routers for an empty id."""
        rows = self.draft.router_attachments.values()
        (found,) = [one for one in rows if one.vpc_id == vpc_id]
        return found

    def router_table(self, region: str) -> RouterTable:
        (table,) = [one for one in self.draft.router_tables.values() if one.region == region]
        return table

    def route_table(self, vpc_id: str) -> RouteTable:
        return self.draft.route_tables[self.draft.vpcs[vpc_id].route_table_id]

    def replace(self, records: dict[str, Any], key: str, **changes: Any) -> None:
        """Replace a fixed record by a changed copy."""
        records[key] = records[key].model_copy(update=changes)

    def api(self, name: str) -> str:
        return str(self.outputs["model_apis"][name]["api_id"])

    def by_name(self, records: Mapping[str, Record], name: str) -> str:
        """The key of the record of a name, or of a name that ends so."""
        (key,) = [key for key, row in records.items() if str(row.name).endswith(name)]
        return key


Change = Callable[[Scene], Any]


@dataclass(frozen=True)
class Fault:
    """A fault: what changes, which checks fail, and a text of one of their messages."""

    change: Change
    failed: tuple[Named, ...]
    text: str = ""


# -- changes ---------------------------------------------------------------------------------------


def _close(scene: Scene, port: int, cidr: str) -> None:
    group = scene.group
    gone = (f"{port}/{port}", cidr)
    group.rules = [rule for rule in group.rules if (rule.ports, rule.source_cidr) != gone]


def _drop(scene: Scene) -> None:
    rule = Rule(
        rule_id="sgr-drop", ports="443/443", policy="drop", source_cidr="10.20.1.0/24", priority=1
    )
    scene.group.rules.append(rule)


def _other_group(scene: Scene) -> None:
    other = scene.group.model_copy(update={"security_group_id": "sg-other"}, deep=True)
    scene.draft.security_groups["sg-other"] = other
    scene.endpoint().security_group_ids = ["sg-other"]


def _change_workspace(scene: Scene, **changes: str) -> None:
    (key,) = scene.draft.studio_workspaces
    scene.replace(scene.draft.studio_workspaces, key, **changes)


def _publish_host(scene: Scene) -> None:
    """Let the host of the connection be the workspace's public one."""
    _change_workspace(scene, label=scene.outputs["endpoints"]["studio"]["host"].partition(".")[0])


def _lose_zones(scene: Scene, *zone_ids: str) -> None:
    for zone_id in zone_ids:
        scene.endpoint().zones[zone_id].status = "Disconnected"
    if len(zone_ids) == len(scene.endpoint().zones):
        scene.endpoint().connection_status = "Disconnected"


def _change_record(scene: Scene, **changes: str) -> None:
    (record,) = scene.zone().records.values()
    for name, value in changes.items():
        setattr(record, name, value)


def _detach(scene: Scene, vpc_id: str, name: str = _OWN_NAME) -> None:
    zone = scene.zone(name)
    zone.vpcs = [bound for bound in zone.vpcs if bound.vpc_id != vpc_id]


def _replace_zone(scene: Scene) -> None:
    _detach(scene, scene.far)
    scene.add_zone(_OWN_NAME, scene.far, address=_ELSEWHERE)


def _unlink(scene: Scene, kind: str, vpc_id: str, region: str) -> None:
    links = getattr(scene.draft, f"router_{kind}s")
    attachment_id = scene.attachment(vpc_id).attachment_id
    del links[f"{attachment_id}:{scene.router_table(region).table_id}"]


def _unattach(scene: Scene, vpc_id: str) -> None:
    attachment_id = scene.attachment(vpc_id).attachment_id
    for links in (scene.draft.router_associations, scene.draft.router_propagations):
        for key in [key for key in links if key.startswith(f"{attachment_id}:")]:
            del links[key]
    del scene.draft.router_attachments[attachment_id]


def _silence(scene: Scene, vpc_id: str) -> None:
    scene.attachment(vpc_id).auto_publish = False


def _lead_elsewhere(scene: Scene, vpc_id: str, cidr: str) -> None:
    entry = RouteEntry(
        entry_id="rte-elsewhere", cidr=cidr, next_hop_type="HaVip", next_hop_id="havip-1"
    )
    scene.route_table(vpc_id).entries.append(entry)


def _remove_route(scene: Scene, vpc_id: str, cidr: str) -> None:
    table = scene.route_table(vpc_id)
    table.entries = [entry for entry in table.entries if entry.cidr != cidr]


def _peering(scene: Scene) -> Any:
    return scene.draft.peer_connections[scene.outputs["connected_vpcs"]["peered"]["connection_id"]]


def _change_gateway(scene: Scene, **changes: Any) -> None:
    scene.replace(scene.draft.gateways, scene.outputs["gateway"]["gateway_id"], **changes)


def _change_api(scene: Scene, **changes: Any) -> None:
    scene.replace(scene.draft.http_apis, scene.api("chat"), **changes)


def _change_deployment(scene: Scene, **changes: Any) -> None:
    config = scene.draft.http_apis[scene.api("chat")].deploy_config
    _change_api(scene, deploy_config={**config, **changes})


def _remove_domain_of_api(scene: Scene) -> None:
    domain = scene.by_name(scene.draft.domains, TLS_DOMAIN)
    config = scene.draft.http_apis[scene.api("chat")].deploy_config
    rest = [one for one in config["customDomainIds"] if one != domain]
    _change_deployment(scene, customDomainIds=rest)


def _lead_api_elsewhere(scene: Scene) -> None:
    spare = scene.by_name(scene.draft.ai_services, "-spare")
    _change_deployment(scene, serviceConfigs=[{"serviceId": spare}])


def _change_domain(scene: Scene, name: str, **changes: Any) -> None:
    scene.replace(scene.draft.domains, scene.by_name(scene.draft.domains, name), **changes)


def _eas_service(scene: Scene) -> Any:
    key = scene.by_name(scene.draft.eas_services, "_qwen")
    return scene.draft.eas_services[key]


def _change_eas(scene: Scene, **changes: Any) -> None:
    row = _eas_service(scene)
    for name, value in changes.items():
        setattr(row, name, value)


def _without_internet(scene: Scene) -> None:
    row = _eas_service(scene)
    networking = {**row.config.get("networking", {}), "disable_internet_endpoint": True}
    row.config = {**row.config, "networking": networking}


# -- faults ----------------------------------------------------------------------------------------

_ENDPOINT = "endpoints.dashscope"
_DIRECT = "endpoints.direct"
_CEN = "network.connected_vpcs.shanghai"
_PEERED = "network.connected_vpcs.peered"
_CHAT, _OPEN = "model_apis.chat", "model_apis.open"
_EAS = "eas_services.qwen"
_H, _K = "cn-beijing-h", "cn-beijing-k"


def _endpoint_faults() -> Iterator[tuple[str, Fault]]:
    connection, zones = (_ENDPOINT, "connection"), (_ENDPOINT, "zones")
    group = (_ENDPOINT, "security group")

    def delete(scene: Scene) -> None:
        del scene.draft.endpoints[scene.endpoint().endpoint_id]

    yield "endpoint deleted", Fault(delete, (connection,), "there is no endpoint")
    yield "one zone lost", Fault(lambda s: _lose_zones(s, _H), (zones,), f"{_H} is Disconnected")
    yield "all zones lost", Fault(lambda s: _lose_zones(s, _H, _K), (connection, zones))
    yield (
        "zone removed",
        Fault(lambda s: s.endpoint().zones.pop(_K), (zones,), f"{_K} is not in the endpoint"),
    )
    yield (
        "address changed",
        Fault(
            lambda s: setattr(s.endpoint().zones[_H], "eni_ip", "10.20.1.99"),
            ((_ENDPOINT, "addresses"),),
            "10.20.1.99",
        ),
    )
    yield "another group", Fault(_other_group, (group,), "sg-other")
    workspace = (("endpoints.studio", "workspace"),)
    yield "host is public", Fault(_publish_host, workspace, "public host")
    yield (
        "no group",
        Fault(lambda s: setattr(s.endpoint(), "security_group_ids", []), (group,)),
    )


def _port_faults() -> Iterator[tuple[str, Fault]]:
    cidr = "10.20.0.0/16"
    yield (
        "HTTPS closed to the VPC",
        Fault(lambda s: _close(s, 443, cidr), ((_ENDPOINT, "port 443 from the VPC"),), cidr),
    )
    yield (
        "HTTP closed to the VPC",
        Fault(lambda s: _close(s, 80, cidr), ((_DIRECT, "port 80 from the VPC"),), cidr),
    )
    yield "part of the VPC dropped", Fault(_drop, ((_ENDPOINT, "port 443 from the VPC"),))
    for key, block in (("shanghai", FAR_CIDR), ("peered", PEERED_CIDR)):
        check = (_ENDPOINT, f"port 443 from the connected VPC {key}")

        def close(scene: Scene, block: str = block) -> None:
            _close(scene, 443, block)

        yield f"HTTPS closed to {key}", Fault(close, (check,), block)


def _name_faults() -> Iterator[tuple[str, Fault]]:
    record = (_ENDPOINT, "record")

    def delete(scene: Scene) -> None:
        del scene.draft.private_zones[scene.zone().zone_id]

    yield "private zone deleted", Fault(delete, ((_ENDPOINT, "private zone"),), _OWN_NAME)
    yield "record deleted", Fault(lambda s: s.zone().records.clear(), (record,), "no enabled")
    yield "record disabled", Fault(lambda s: _change_record(s, status="DISABLE"), (record,))
    yield (
        "record leads elsewhere",
        Fault(lambda s: _change_record(s, type="A", value=_ELSEWHERE), (record,), _ELSEWHERE),
    )
    for place in ("near", "far", "peered"):

        def detach(scene: Scene, place: str = place) -> None:
            _detach(scene, getattr(scene, place))

        check = f"zone in {{{place}}}"
        yield f"zone detached: {place}", Fault(detach, ((_ENDPOINT, check),), "is not attached")
    yield (
        "another zone of the name",
        Fault(_replace_zone, ((_ENDPOINT, "zone in {far}"),), "another zone of this name"),
    )
    shadowed = tuple((f"endpoints.{one}", "names in {near}") for one in ("dashscope", "direct"))
    yield (
        "endpoint domain shadowed",
        Fault(
            lambda s: s.add_zone("privatelink.aliyuncs.com", s.near),
            (*shadowed, ("endpoints.adopted", "names in {near}")),
            "has no record of it",
        ),
    )
    yield (
        "workspace shadowed",
        Fault(
            lambda s: s.add_zone("maas.aliyuncs.com", s.near, address=_ELSEWHERE),
            (("endpoints.studio", "names in {near}"),),
            "maas.aliyuncs.com",
        ),
    )
    yield (
        "name below a wildcard",
        Fault(
            lambda s: s.add_zone("a.any.example.internal", s.near),
            ((f"domains.{WILDCARD}", "names in {near}"),),
            "a.any.example.internal",
        ),
    )
    yield (
        "domain's zone detached",
        Fault(
            lambda s: _detach(s, s.near, PLAIN_DOMAIN),
            ((f"domains.{PLAIN_DOMAIN}", "zone in {near}"),),
        ),
    )


def _gateway_faults() -> Iterator[tuple[str, Fault]]:
    def remove_environment(scene: Scene) -> None:
        del scene.draft.environments[scene.outputs["gateway"]["environment_id"]]

    yield (
        "gateway does not run",
        Fault(
            lambda s: _change_gateway(s, status="UpgradeFailed"),
            (("gateway", "status"),),
            "UpgradeFailed",
        ),
    )
    yield (
        "gateway address changed",
        Fault(
            lambda s: _change_gateway(s, load_balancer="nlb-other.example.com"),
            (("gateway", "addresses"),),
        ),
    )
    yield "environment deleted", Fault(remove_environment, (("gateway", "environment"),))

    def remove_domain(scene: Scene) -> None:
        del scene.draft.domains[scene.by_name(scene.draft.domains, TLS_DOMAIN)]

    yield (
        "domain deleted",
        Fault(remove_domain, ((f"domains.{TLS_DOMAIN}", "domain"), (_CHAT, "domains"))),
    )
    certificate = (f"domains.{TLS_DOMAIN}", "certificate")
    yield (
        "certificate expired",
        Fault(
            lambda s: _change_domain(s, TLS_DOMAIN, certificate_end=1.0),
            (certificate,),
            "expired on 1970-01-01",
        ),
    )
    yield (
        "certificate removed",
        Fault(lambda s: _change_domain(s, TLS_DOMAIN, cert_identifier=""), (certificate,)),
    )

    def remove_service(scene: Scene) -> None:
        del scene.draft.ai_services[scene.by_name(scene.draft.ai_services, "-spare")]

    yield "AI service deleted", Fault(remove_service, (("ai_services.spare", "service"),))


def _api_faults() -> Iterator[tuple[str, Fault]]:
    def remove(scene: Scene) -> None:
        del scene.draft.http_apis[scene.api("chat")]

    yield "API deleted", Fault(remove, ((_CHAT, "API"),), "there is no API")
    yield (
        "API not deployed",
        Fault(lambda s: _change_api(s, deployed=None), ((_CHAT, "deployment"),), "NotDeployed"),
    )
    yield "API without a domain", Fault(_remove_domain_of_api, ((_CHAT, "domains"),), TLS_DOMAIN)
    yield "API on another service", Fault(_lead_api_elsewhere, ((_CHAT, "services"),), "-spare")
    yield (
        "API open to everybody",
        Fault(lambda s: _change_api(s, enable_auth=False), ((_CHAT, "authentication"),)),
    )
    yield (
        "right withdrawn",
        Fault(lambda s: s.draft.authorization_rules.clear(), ((_CHAT, "rights"),), "team"),
    )
    consumer = ("consumers.team", "consumer")

    def disable(scene: Scene) -> None:
        key = scene.by_name(scene.draft.consumers, "team")
        scene.replace(scene.draft.consumers, key, enabled=False)

    yield "consumer disabled", Fault(disable, (consumer,), "is disabled")
    yield "consumer deleted", Fault(lambda s: s.draft.consumers.clear(), (consumer,))


def _eas_faults() -> Iterator[tuple[str, Fault]]:
    status = (_EAS, "status")
    yield "EAS stopped", Fault(lambda s: _change_eas(s, status="Stopped"), (status,), "Stopped")
    yield "EAS failed", Fault(lambda s: _change_eas(s, status="Failed"), (status,), "Failed")

    def delete(scene: Scene) -> None:
        del scene.draft.eas_services[_eas_service(scene).service_id]

    def gateway(scene: Scene) -> Any:
        (row,) = scene.draft.eas_gateways.values()
        return row

    yield "EAS deleted", Fault(delete, (status,))
    yield "EAS address removed", Fault(_without_internet, ((_EAS, "addresses"),))
    dedicated, linked = "eas_gateways.dedicated", "eas_services.linked"
    yield (
        "EAS gateway stopped",
        Fault(
            lambda s: setattr(gateway(s), "status", "Stopped"),
            ((dedicated, "status"), (linked, "gateway")),
            "is Stopped",
        ),
    )
    yield (
        "VPC not linked",
        Fault(
            lambda s: gateway(s).linked.clear(),
            ((dedicated, "link of {near}"), (linked, "linked VPC")),
            "is not linked",
        ),
    )


def _cen_faults() -> Iterator[tuple[str, Fault]]:
    regions = {"near": _NEAR_REGION, "far": FAR}
    for place, region in regions.items():

        def unattach(scene: Scene, place: str = place) -> None:
            _unattach(scene, getattr(scene, place))

        def silence(scene: Scene, place: str = place) -> None:
            _silence(scene, getattr(scene, place))

        yield f"{place} attachment", Fault(unattach, ((_CEN, f"{place} attachment"),))
        yield f"{place} publishing", Fault(silence, ((_CEN, f"{place} route"),))
        for kind in ("association", "propagation"):

            def unlink(
                scene: Scene, place: str = place, kind: str = kind, region: str = region
            ) -> None:
                _unlink(scene, kind, getattr(scene, place), region)

            def unlink_peer(scene: Scene, kind: str = kind, region: str = region) -> None:
                _unlink(scene, kind, "", region)

            yield f"{place} {kind}", Fault(unlink, ((_CEN, f"{place} {kind}"),))
            check = f"peer {kind} in {region}"
            yield f"peer {kind} {place}", Fault(unlink_peer, ((_CEN, check),))

    def remove_router(scene: Scene) -> None:
        (router_id,) = [
            one.router_id for one in scene.draft.transit_routers.values() if one.region == FAR
        ]
        del scene.draft.transit_routers[router_id]

    yield "CEN deleted", Fault(lambda s: s.draft.cens.clear(), ((_CEN, "CEN"),))
    yield "transit router deleted", Fault(remove_router, ((_CEN, "transit routers"),), FAR)
    yield "peer attachment", Fault(lambda s: _unattach(s, ""), ((_CEN, "peer attachment"),))
    yield "peer publishing", Fault(lambda s: _silence(s, ""), ((_CEN, "peer publishing"),))
    yield (
        "route leads elsewhere",
        Fault(
            lambda s: _lead_elsewhere(s, s.near, "10.30.1.0/24"), ((_CEN, "near route"),), "HaVip"
        ),
    )
    yield (
        "no published routes",
        Fault(
            lambda s: setattr(s.route_table(s.far), "propagation_enabled", False),
            ((_CEN, "far route"),),
            "takes no published routes",
        ),
    )


def _peering_faults() -> Iterator[tuple[str, Fault]]:
    def remove(scene: Scene) -> None:
        del scene.draft.peer_connections[_peering(scene).connection_id]

    peering = (_PEERED, "peering")
    yield "peering deleted", Fault(remove, (peering,), "there is no peering")
    yield (
        "peering rejected",
        Fault(lambda s: setattr(_peering(s), "status", "Rejected"), (peering,), "Rejected"),
    )
    yield (
        "near route of a peering",
        Fault(lambda s: _remove_route(s, s.near, PEERED_CIDR), ((_PEERED, "near route"),)),
    )
    yield (
        "far route of a peering",
        Fault(lambda s: _remove_route(s, s.peered, "10.20.0.0/16"), ((_PEERED, "far route"),)),
    )


def _egress_faults() -> Iterator[tuple[str, Fault]]:
    egress, sources = "network.egress", ("maas_services.huawei", "source addresses")

    def first_entry(scene: Scene) -> Any:
        vswitch_id = scene.outputs["vswitch_ids"][_H]
        for entry in scene.draft.snat_entries.values():
            if entry.source_vswitch_id == vswitch_id:
                return entry
        raise AssertionError("no entry lets the vSwitch out")

    def remove_gateway(scene: Scene) -> None:
        scene.draft.nat_gateways.clear()

    def disassociate(scene: Scene) -> None:
        (eip,) = scene.draft.eips.values()
        eip.instance_id = ""

    def remove_entry(scene: Scene) -> None:
        del scene.draft.snat_entries[first_entry(scene).entry_id]

    yield "NAT gateway deleted", Fault(remove_gateway, ((egress, "NAT gateway"),))
    yield "EIP not associated", Fault(disassociate, ((egress, "EIP"),), "not associated")
    yield "SNAT entry deleted", Fault(remove_entry, ((egress, "SNAT"),), "no entry lets")
    yield (
        "SNAT with another EIP",
        Fault(
            lambda s: setattr(first_entry(s), "addresses", ["203.0.113.99"]),
            ((egress, "SNAT"), sources),
            "203.0.113.99",
        ),
    )
    yield (
        "no default route",
        Fault(lambda s: _remove_route(s, s.near, "0.0.0.0/0"), ((egress, "default route"),)),
    )


FAULTS: Mapping[str, Fault] = {
    **dict(_endpoint_faults()),
    **dict(_port_faults()),
    **dict(_name_faults()),
    **dict(_gateway_faults()),
    **dict(_api_faults()),
    **dict(_eas_faults()),
    **dict(_cen_faults()),
    **dict(_peering_faults()),
    **dict(_egress_faults()),
}


UNHEALTHY_SERVICE: Named = ("ai_services.spare", "health")


def make_unhealthy(cloud: Sandbox, scene: Scene) -> None:
    """Let the gateway see a service as unhealthy, as after a health check that failed."""
    key = scene.by_name(scene.draft.ai_services, "-spare")
    cloud.cloud.health.checked[key] = SimpleNamespace(healthy=False)
