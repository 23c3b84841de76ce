r"""`PrivateEndpoint`: a PrivateLink endpoint, its zones, its readiness, and its private name.

    VpcEndpoint -> VpcEndpointZone per zone -> EndpointConnection (ready when all are Connected)
                \-> PrivateZone -> CNAME record + attachment to VPCs (mode `private-zone` only)

`resolve_endpoint` decides names, scheme and paths; each decision becomes one resource here. Of an
existing endpoint, only the readiness and a requested private zone are resources of the stack; of a
connection of a workspace, only a private zone for further VPCs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_alicloud import privatelink, pvtz

from dashlink.clients.outputs import EndpointOutputs, base_urls
from dashlink.component import TaggedComponent
from dashlink.endpoint import rules
from dashlink.endpoint.catalog import ResolvedEndpoint, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings, WorkspaceSettings
from dashlink.errors import Fault
from dashlink.naming import MAX_REMARK_LENGTH, physical_name
from dashlink.resources.endpoint_connection import EndpointConnection
from dashlink.resources.foreign_contents import ZoneContentsArgs
from dashlink.resources.provider import provider_for
from dashlink.types import is_region, region_faults


@dataclass(frozen=True, kw_only=True)
class PrivateEndpointArgs:
    """Arguments of `PrivateEndpoint`.

    Attributes:
        settings: The endpoint.
        region: Region of the VPC (``cn-beijing``), the same as that of the provider.
        vpc_id: The VPC of the endpoint.
        vswitch_ids: vSwitch by zone. The endpoint uses all of them, or those of the zones in the
            settings. The zones must be known at preview.
        security_group_ids: Security groups of the endpoint's network interfaces, 1 to 10.
        tags: Tags of all resources that support tags; those of the settings override them.
        resource_group_id: Resource group of new resources, unless the settings have one; None for
            the default group of the account.
    """

    settings: EndpointSettings
    region: str
    vpc_id: pulumi.Input[str]
    vswitch_ids: Mapping[str, pulumi.Input[str]]
    security_group_ids: Sequence[pulumi.Input[str]]
    tags: Mapping[str, str] = field(default_factory=dict)
    resource_group_id: str | None = None


class PrivateEndpoint(TaggedComponent):
    """Private access from one VPC to one endpoint service.

    Dependent resources wait until every zone is Connected. If one fails, so does the deployment,
    with the reason.

    Example::

        endpoint = PrivateEndpoint(
            "dashscope",
            PrivateEndpointArgs(
                settings=EndpointSettings(service="com.aliyuncs.dashscope"),
                region="cn-beijing",
                vpc_id=network.vpc_id,
                vswitch_ids=network.vswitch_ids,
                security_group_ids=[network.security_group_id],
            ),
        )
        pulumi.export("base_url", endpoint.outputs["base_urls"]["openai"])

    Attributes:
        endpoint_id: Id of the endpoint (``ep-…``); empty for a connection of a workspace.
        endpoint_domain: The endpoint's own domain; resolves to the addresses of all zones. Empty
            for a connection of a workspace.
        private_domain: The domain with a certificate that clients dial, plain text
            (``vpc-cn-beijing.dashscope.aliyuncs.com``); None where there is none and clients dial
            ``endpoint_domain``.
        zones: By zone ``{"domain": …, "address": …}``, known once the endpoint is connected.
        base_urls: Base URL by protocol; a further zone does not change it, in a preview either.
        outputs: All of it, in the shape of `dashlink.clients.outputs.EndpointOutputs`.
        provider: dashlink's provider of its resources; None where it has none.
        private_zones: The private zones that it creates, each with its records.
        notes: Sentences that the user should read once, e.g. what is unverified about TLS.
        warnings: Settings that are accepted and probably a mistake, one line each.

    Raises:
        ConfigError: If the arguments have faults: all of them.
    """

    endpoint_id: pulumi.Output[str]
    endpoint_domain: pulumi.Output[str]
    private_domain: str | None
    zones: pulumi.Output[Mapping[str, Mapping[str, str]]]
    base_urls: pulumi.Output[dict[str, str]]
    outputs: pulumi.Output[dict[str, Any]]
    provider: pulumi.ProviderResource | None
    private_zones: list[ZoneContentsArgs]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    def __init__(
        self, name: str, args: PrivateEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:endpoint:PrivateEndpoint",
            name,
            opts,
            settings=args.settings,
            defaults=args,
            faults=_argument_faults(args),
        )
        self._args = args
        self._resolved = resolve_endpoint(args.settings, args.region)
        self.private_domain = self._resolved.private_domain
        self.notes = self._resolved.notes
        warnings = rules.find_warnings(args.settings, args.region, args.vpc_id)
        self.warnings = tuple(map(str, warnings))
        self.provider = None
        self.private_zones = []
        if args.settings.workspace is not None:
            self._use_workspace(args.settings.workspace)
        else:
            connection, own_domain = self._connect()
            if self._resolved.mode == "private-zone":
                self._create_private_domain(own_domain)
            self.endpoint_domain = connection.endpoint_domain
            self.zones = connection.zones.apply(_addresses)
            self.base_urls = connection.endpoint_domain.apply(self._base_urls)
            self.outputs = self._collect_outputs(connection)
        self.register_outputs({"endpoint_id": self.endpoint_id, "outputs": self.outputs})

    def _connect(self) -> tuple[EndpointConnection, pulumi.Output[str]]:
        """Create the endpoint unless it exists; return its readiness, and its own domain."""
        settings = self._args.settings
        if settings.id is None:
            endpoint = self._create_endpoint()
            self.endpoint_id = endpoint.id
            zones = self._create_zones(endpoint)
            vswitch_ids = {zone: self._args.vswitch_ids[zone] for zone in zones}
            connection = self._create_connection(
                endpoint.id, zones, vswitch_ids, depends_on=zones.values()
            )
            return connection, endpoint.endpoint_domain
        self.endpoint_id = pulumi.Output.from_input(settings.id)
        expected = settings.zones or self._args.vswitch_ids
        connection = self._create_connection(settings.id, expected)
        return connection, connection.endpoint_domain

    def _use_workspace(self, workspace: WorkspaceSettings) -> None:
        """Set the outputs of a connection, and name it in further VPCs."""
        self.endpoint_id = pulumi.Output.from_input("")
        self.endpoint_domain = pulumi.Output.from_input("")
        self.zones = pulumi.Output.from_input({})
        outputs = _workspace_outputs(workspace, self._resolved)
        self.base_urls = pulumi.Output.from_input(outputs["base_urls"])
        self.outputs = pulumi.Output.from_input(outputs)
        if not workspace.attach_to:
            return
        zone = self._create_private_zone()
        record_ids = []
        for address in map(str, workspace.addresses):
            record = pvtz.ZoneRecord(
                f"{self._name}-record-{address}",
                zone_id=zone.id,
                rr="@",
                type="A",
                value=address,
                ttl=self._resolved.ttl_seconds,
                opts=self._child_deleted_first,
            )
            record_ids.append(record.record_id.apply(str))
        self.private_zones.append({"zone_id": zone.id, "record_ids": record_ids})
        # In the VPC of the connection, the platform resolves the host.
        self._attach(zone, self._further_vpcs())

    def _create_endpoint(self) -> privatelink.VpcEndpoint:
        settings = self._args.settings
        policy: str | None = None
        if settings.policy is not None:
            policy = json.dumps(dict(settings.policy), sort_keys=True)
        return privatelink.VpcEndpoint(
            f"{self._name}-endpoint",
            vpc_endpoint_name=settings.name or self._physical_name("endpoint"),
            endpoint_description=settings.description,
            endpoint_type="Interface",
            service_name=self._resolved.service_name,
            service_id=self._resolved.service_id,
            service_region_id=settings.service_region,
            cross_region_bandwidth=settings.cross_region_bandwidth_mbps,
            vpc_id=self._args.vpc_id,
            security_group_ids=list(self._args.security_group_ids),
            policy_document=policy,
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, protect=settings.deletion_protection or None),
        )

    def _create_zones(
        self, endpoint: privatelink.VpcEndpoint
    ) -> dict[str, privatelink.VpcEndpointZone]:
        zones: dict[str, privatelink.VpcEndpointZone] = {}
        for zone in self._args.settings.zones or self._args.vswitch_ids:
            zones[zone] = privatelink.VpcEndpointZone(
                f"{self._name}-{zone}",
                endpoint_id=endpoint.id,
                zone_id=zone,
                vswitch_id=self._args.vswitch_ids[zone],
                opts=self._child_deleted_first,
            )
        return zones

    def _create_connection(
        self,
        endpoint_id: pulumi.Input[str],
        zones: Iterable[str],
        vswitch_ids: Mapping[str, pulumi.Input[str]] | None = None,
        depends_on: Iterable[pulumi.Resource] = (),
    ) -> EndpointConnection:
        """Declare the readiness of all zones, with dashlink's provider for the same account."""
        self.provider = provider_for(self, self._name, self._args.region)
        return EndpointConnection(
            f"{self._name}-connection",
            endpoint_id=endpoint_id,
            region=self._args.region,
            zone_ids=sorted(zones),
            vswitch_ids=vswitch_ids,
            timeout_seconds=self._args.settings.connection_timeout_seconds,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(depends_on),
                provider=self.provider,
            ),
        )

    def _create_private_domain(self, endpoint_domain: pulumi.Input[str]) -> None:
        """Resolve the private domain in the VPCs, by a private zone with a CNAME record."""
        zone = self._create_private_zone()
        pvtz.ZoneRecord(
            f"{self._name}-record",
            zone_id=zone.id,
            rr="@",
            type="CNAME",
            value=endpoint_domain,
            ttl=self._resolved.ttl_seconds,
            opts=self._child_deleted_first,
        )
        self.private_zones.append({"zone_id": zone.id, "hosts": ["@ CNAME"]})
        own = pvtz.ZoneAttachmentVpcArgs(vpc_id=self._args.vpc_id, region_id=self._args.region)
        self._attach(zone, [own, *self._further_vpcs()])

    def _create_private_zone(self) -> pvtz.Zone:
        return pvtz.Zone(
            f"{self._name}-private-zone",
            zone_name=self._resolved.private_domain,
            remark=physical_name("dashlink-endpoint", self._name, limit=MAX_REMARK_LENGTH),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._child_deleted_first,
        )

    def _attach(self, zone: pvtz.Zone, vpcs: Sequence[pvtz.ZoneAttachmentVpcArgs]) -> None:
        pvtz.ZoneAttachment(
            f"{self._name}-attachment", zone_id=zone.id, vpcs=list(vpcs), opts=self._child
        )

    def _further_vpcs(self) -> list[pvtz.ZoneAttachmentVpcArgs]:
        vpcs = []
        for attached in self._resolved.attach_to:
            further = pvtz.ZoneAttachmentVpcArgs(vpc_id=attached.vpc_id, region_id=attached.region)
            vpcs.append(further)
        return vpcs

    def _base_urls(self, endpoint_domain: str) -> dict[str, str]:
        host = self._resolved.private_domain or endpoint_domain
        return base_urls(self._resolved.scheme, host, self._resolved.base_paths)

    def _collect_outputs(self, connection: EndpointConnection) -> pulumi.Output[dict[str, Any]]:
        return pulumi.Output.all(
            endpoint_id=connection.endpoint_id,
            endpoint_domain=connection.endpoint_domain,
            service_id=connection.service_id,
            service_name=connection.service_name,
            zones=self.zones,
        ).apply(lambda values: _endpoint_outputs(values, self._resolved, self._args.settings))


def _argument_faults(args: PrivateEndpointArgs) -> Iterator[Fault]:
    yield from region_faults(args.region, "region")
    if is_region(args.region):
        yield from rules.find_faults(args.settings, args.region, tuple(args.vswitch_ids))


def _addresses(zones: Mapping[str, Mapping[str, str]] | None) -> dict[str, dict[str, str]]:
    addresses: dict[str, dict[str, str]] = {}
    for zone, values in sorted((zones or {}).items()):
        addresses[zone] = {"domain": values["domain"], "address": values["address"]}
    return addresses


def _endpoint_outputs(
    values: Mapping[str, Any], resolved: ResolvedEndpoint, settings: EndpointSettings
) -> dict[str, Any]:
    """Return the outputs of one endpoint from its connection and its resolved settings."""
    host = resolved.private_domain or values["endpoint_domain"]
    outputs = EndpointOutputs(
        endpoint_id=values["endpoint_id"],
        service_name=values["service_name"] or resolved.service_name,
        service_id=values["service_id"] or resolved.service_id,
        private_domain=resolved.private_domain,
        endpoint_domain=values["endpoint_domain"],
        zones=values["zones"],
        scheme=resolved.scheme,
        host=host,
        base_urls=base_urls(resolved.scheme, host, resolved.base_paths),
        unverified=resolved.unverified,
        notes=resolved.notes,
        service_region=settings.service_region,
        cross_region_bandwidth_mbps=settings.cross_region_bandwidth_mbps,
    )
    return outputs.model_dump(mode="json")


def _workspace_outputs(workspace: WorkspaceSettings, resolved: ResolvedEndpoint) -> dict[str, Any]:
    """Return the outputs of a connection of a workspace from its settings."""
    outputs = EndpointOutputs(
        endpoint_id=None,
        service_name=None,
        service_id=None,
        private_domain=workspace.host,
        endpoint_domain=None,
        zones={},
        scheme=resolved.scheme,
        host=workspace.host,
        base_urls=base_urls(resolved.scheme, workspace.host, resolved.base_paths),
        unverified=resolved.unverified,
        notes=resolved.notes,
        workspace_id=workspace.workspace_id,
        addresses=tuple(map(str, workspace.addresses)),
    )
    return outputs.model_dump(mode="json")
