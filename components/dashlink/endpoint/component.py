r"""`PrivateEndpoint`: a PrivateLink endpoint, its zones, the wait for its connection, and the name that clients dial.

    VpcEndpoint -> VpcEndpointZone per zone -> EndpointConnection (ends when every zone is Connected)
                \-> PrivateZone -> CNAME record + attachment to VPCs (mode `private-zone` only)

`resolve_endpoint` has decided names, scheme and paths from the catalog; here each decision becomes one resource.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_alicloud import privatelink, pvtz

from dashlink.clients.outputs import EndpointOutputs, base_urls
from dashlink.component import TaggedComponent
from dashlink.endpoint.catalog import ResolvedEndpoint, resolve_endpoint
from dashlink.endpoint.settings import EndpointSettings
from dashlink.resources.endpoint_connection import EndpointConnection
from dashlink.resources.provider import provider_for


@dataclass(frozen=True, kw_only=True)
class PrivateEndpointArgs:
    """What a `PrivateEndpoint` is made from.

    Attributes:
        settings: The endpoint as it is written.
        region: Region of the VPC (``cn-beijing``); the provider in force must be of the same region.
        vpc_id: The VPC that gets the endpoint.
        vswitch_ids: vSwitch by zone; the endpoint takes all of them, or those that the settings name. The keys must be
            known when the program runs.
        security_group_ids: Security groups that guard the endpoint's network interfaces, 1 to 10.
        tags: Tags for every resource that can carry them, below those of the settings.
        resource_group_id: Resource group of what is made, unless the settings name one; None: the account's default.
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

    It is done only when every zone is Connected, or fails with the reason.

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
        endpoint_id: Id of the endpoint (``ep-…``).
        endpoint_domain: The endpoint's machine-made name; resolves to the addresses of all zones.
        private_domain: The name that clients dial with a certificate (``vpc-cn-beijing.dashscope.aliyuncs.com``), plain
            text; None where the endpoint has none (clients then dial ``endpoint_domain``).
        zones: By zone ``{"domain": …, "address": …}``, known when the endpoint is connected.
        outputs: The whole as a document of the shape `dashlink.clients.outputs.EndpointOutputs`.
        notes: What a person should be told once, plain sentences (for example what is unverified about TLS).
    """

    endpoint_id: pulumi.Output[str]
    endpoint_domain: pulumi.Output[str]
    private_domain: str | None
    zones: pulumi.Output[Mapping[str, Mapping[str, str]]]
    outputs: pulumi.Output[dict[str, Any]]
    notes: tuple[str, ...]

    def __init__(
        self, name: str, args: PrivateEndpointArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(
            "dashlink:endpoint:PrivateEndpoint", name, opts, settings=args.settings, defaults=args
        )
        self._args = args
        self._resolved = resolve_endpoint(args.settings, args.region)
        endpoint = self._make_endpoint()
        connection = self._connect(endpoint, self._add_zones(endpoint))
        self._name_endpoint(endpoint)
        self.endpoint_id = endpoint.id
        self.endpoint_domain = connection.endpoint_domain
        self.private_domain = self._resolved.private_domain
        self.zones = connection.zones.apply(_addresses)
        self.notes = self._resolved.notes
        self.outputs = self._document(connection)
        self.register_outputs({"endpoint_id": self.endpoint_id, "outputs": self.outputs})

    def _make_endpoint(self) -> privatelink.VpcEndpoint:
        settings = self._args.settings
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
            policy_document=None
            if settings.policy is None
            else json.dumps(dict(settings.policy), sort_keys=True),
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, protect=settings.deletion_protection or None),
        )

    def _add_zones(
        self, endpoint: privatelink.VpcEndpoint
    ) -> dict[str, privatelink.VpcEndpointZone]:
        zones = self._args.settings.zones or tuple(self._args.vswitch_ids)
        return {
            zone: privatelink.VpcEndpointZone(
                f"{self._name}-{zone}",
                endpoint_id=endpoint.id,
                zone_id=zone,
                vswitch_id=self._args.vswitch_ids[zone],
                opts=self._child,
            )
            for zone in zones
        }

    def _connect(
        self, endpoint: privatelink.VpcEndpoint, zones: Mapping[str, privatelink.VpcEndpointZone]
    ) -> EndpointConnection:
        """The wait: it follows the zones, and needs our own provider with the same account."""
        return EndpointConnection(
            f"{self._name}-connection",
            endpoint_id=endpoint.id,
            region=self._args.region,
            zone_ids=sorted(zones),
            timeout_seconds=self._args.settings.connection_timeout_seconds,
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(zones.values()),
                provider=provider_for(self, self._name, self._args.region),
            ),
        )

    def _name_endpoint(self, endpoint: privatelink.VpcEndpoint) -> None:
        """Make the private domain answer in the VPCs, by a PrivateZone of that name with a CNAME to the endpoint."""
        if self._resolved.mode != "private-zone":
            return
        zone = pvtz.Zone(
            f"{self._name}-private-zone",
            zone_name=self._resolved.private_domain,
            remark=f"dashlink: leads to the private endpoint {self._name}",
            resource_group_id=self._resource_group_id,
            tags=self._tags,
            opts=self._alone,
        )
        pvtz.ZoneRecord(
            f"{self._name}-record",
            zone_id=zone.id,
            rr="@",
            type="CNAME",
            value=endpoint.endpoint_domain,
            ttl=self._resolved.ttl_seconds,
            opts=self._child,
        )
        pvtz.ZoneAttachment(
            f"{self._name}-attachment",
            zone_id=zone.id,
            vpcs=self._attached_vpcs(),
            opts=self._child,
        )

    def _attached_vpcs(self) -> list[pvtz.ZoneAttachmentVpcArgs]:
        own = pvtz.ZoneAttachmentVpcArgs(vpc_id=self._args.vpc_id, region_id=self._args.region)
        further = [
            pvtz.ZoneAttachmentVpcArgs(vpc_id=attached.vpc_id, region_id=attached.region)
            for attached in self._resolved.attach_to
        ]
        return [own, *further]

    def _document(self, connection: EndpointConnection) -> pulumi.Output[dict[str, Any]]:
        resolved = self._resolved
        return pulumi.Output.all(
            endpoint_id=connection.endpoint_id,
            endpoint_domain=connection.endpoint_domain,
            service_id=connection.service_id,
            service_name=connection.service_name,
            zones=self.zones,
        ).apply(lambda known: _endpoint_outputs(known, resolved))


def _addresses(zones: Mapping[str, Mapping[str, str]] | None) -> dict[str, dict[str, str]]:
    return {
        zone: {"domain": values["domain"], "address": values["address"]}
        for zone, values in sorted((zones or {}).items())
    }


def _endpoint_outputs(known: Mapping[str, Any], resolved: ResolvedEndpoint) -> dict[str, Any]:
    """The document of one endpoint, from what the cloud said and what the catalog decided."""
    host = resolved.private_domain or known["endpoint_domain"]
    outputs = EndpointOutputs(
        endpoint_id=known["endpoint_id"],
        service_name=known["service_name"] or resolved.service_name,
        service_id=known["service_id"] or resolved.service_id,
        private_domain=resolved.private_domain,
        endpoint_domain=known["endpoint_domain"],
        zones=known["zones"],
        scheme=resolved.scheme,
        host=host,
        base_urls=base_urls(resolved.scheme, host, resolved.base_paths),
        unverified=resolved.unverified,
        notes=resolved.notes,
    )
    return outputs.model_dump(mode="json")
