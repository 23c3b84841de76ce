"""Lookups of the preflight by the cloud's APIs: VPC, ECS, PrivateLink, PrivateZone and APIG."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import IPv4Network
from typing import Any

from dashlink.cloud.apig import ApigApi
from dashlink.cloud.cen import CenApi
from dashlink.cloud.credentials import Account
from dashlink.cloud.eas import EasApi
from dashlink.cloud.eas_gateways import EasGatewayApi
from dashlink.cloud.model_studio import ModelStudioApi
from dashlink.cloud.openapi import Json, OpenApi
from dashlink.errors import CloudError
from dashlink.naming import STACK_TAG
from dashlink.network.existing_group import ExistingRule
from dashlink.preflight.egress_lookups import EgressLookups
from dashlink.preflight.lookups import (
    AdoptedEndpoint,
    ExistingApi,
    ExistingConsumer,
    ExistingEasService,
    ExistingEndpoint,
    ExistingGateway,
    ExistingSecurityGroup,
    ExistingVpc,
    ExistingVSwitch,
    ExistingWorkspace,
    ExistingZone,
    OfferedService,
)

_VPCS_PAGE_SIZE = 50  # the largest that DescribeVpcs accepts
_VSWITCHES_PAGE_SIZE = 50  # the largest that DescribeVSwitches accepts
_RULES_PAGE_SIZE = 1000
_ENDPOINTS_PAGE_SIZE = 50
_NO_ENDPOINT = "EndpointNotFound"


class CloudLookups(EgressLookups):
    """Requests of one account and region; threads may share it.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Configure a client for each product."""
        self.cen = CenApi(account)
        self._peering = OpenApi(account, "vpcpeer")
        self.eas_gateways = EasGatewayApi(account)
        self._account = account
        self._region = account.region
        self._vpc = OpenApi(account, "vpc")
        self._ecs = OpenApi(account, "ecs")
        self._privatelink = OpenApi(account, "privatelink")
        self._pvtz = OpenApi(account, "pvtz")
        self._apig = ApigApi(account)
        self._eas = EasApi(account)
        self._model_studio = ModelStudioApi(account)

    def in_region(self, region: str) -> CloudLookups:
        """Return lookups of the same account in another region."""
        return CloudLookups(replace(self._account, region=region))

    def endpoint_service(
        self, *, name: str | None, service_id: str | None, service_region: str | None
    ) -> OfferedService | None:
        """ListVpcEndpointServicesByEndUser; None where this account is not offered the service."""
        parameters = {
            "RegionId": self._region,
            "ServiceName": name,
            "ServiceId": service_id,
            "ServiceRegionId": service_region,
        }
        action = "ListVpcEndpointServicesByEndUser"
        answer = self._privatelink.rpc("list endpoint services", action, parameters)
        for row in answer.get("Services", ()):
            if name in (None, row["ServiceName"]) and service_id in (None, row["ServiceId"]):
                zones = tuple(sorted(row.get("Zones", ())))
                return OfferedService(row["ServiceId"], row["ServiceName"], zones)
        return None

    def eas_service(self, name: str) -> ExistingEasService | None:
        """DescribeService of PAI-EAS; None where the region has none of that name."""
        row = self._eas.service(name)
        if row is None:
            return None
        tags = {}
        for label in row.get("Labels", ()):
            tags[label["LabelKey"]] = label.get("LabelValue", "")
        gateway_id, public = str(row.get("Gateway", "")), bool(row.get("InternetEndpoint"))
        return ExistingEasService(
            name,
            str(row.get("Status")),
            gateway_id,
            public,
            tags,
            service_id=str(row.get("ServiceId") or ""),
            workspace_id=str(row.get("WorkspaceId") or ""),
            vpc_id=_vpc_of_instances(str(row.get("ServiceConfig") or "")),
        )

    def workspace(self, workspace_id: str) -> ExistingWorkspace | None:
        """ListWorkspaces of Model Studio; None where the account is shown none of that id."""
        for row in self._model_studio.workspaces(workspace_id):
            if row.get("workspaceId") == workspace_id:
                api_host, region = str(row.get("apiHost", "")), str(row.get("region", ""))
                return ExistingWorkspace(workspace_id, api_host, region)
        return None

    def peerings(self, vpc_id: str) -> list[Json]:
        """ListVpcPeerConnections for every page: those of a VPC on either side."""
        rows: list[Json] = []
        parameters: dict[str, Any] = {"RegionId": self._region, "VpcId.1": vpc_id}
        while True:
            purpose = "look up VPC peerings"
            answer = self._peering.rpc(purpose, "ListVpcPeerConnections", parameters)
            rows += answer.get("VpcPeerConnects", ())
            if not answer.get("NextToken"):
                return rows
            parameters["NextToken"] = answer["NextToken"]

    def vpc(self, vpc_id: str) -> ExistingVpc | None:
        """DescribeVpcs; None where the account has none of that id in the region."""
        parameters = {"RegionId": self._region, "VpcId": vpc_id}
        answer = self._vpc.rpc("look up the VPC", "DescribeVpcs", parameters)
        return next(map(_vpc, _rows(answer, "Vpcs", "Vpc")), None)

    def stack_vpcs(self) -> tuple[ExistingVpc, ...]:
        """DescribeVpcs for every page: those with the tag of a stack, of any stack."""
        filters = {"RegionId": self._region, "PageSize": _VPCS_PAGE_SIZE, "Tag.1.Key": STACK_TAG}
        vpcs: list[ExistingVpc] = []
        page = 1
        while True:
            parameters = {**filters, "PageNumber": page}
            answer = self._vpc.rpc("look up the stack's VPC", "DescribeVpcs", parameters)
            rows = _rows(answer, "Vpcs", "Vpc")
            vpcs.extend(map(_vpc, rows))
            if len(rows) < _VPCS_PAGE_SIZE:
                return tuple(vpcs)
            page += 1

    def vswitches(self, vpc_id: str) -> tuple[ExistingVSwitch, ...]:
        """DescribeVSwitches for every page."""
        return self._describe_vswitches({"VpcId": vpc_id})

    def vswitch(self, vswitch_id: str) -> ExistingVSwitch | None:
        """DescribeVSwitches for one of any VPC in the region; None where there is none."""
        return next(iter(self._describe_vswitches({"VSwitchId": vswitch_id})), None)

    def _describe_vswitches(self, filters: Mapping[str, str]) -> tuple[ExistingVSwitch, ...]:
        vswitches: list[ExistingVSwitch] = []
        page = 1
        while True:
            parameters = {
                "RegionId": self._region,
                "PageNumber": page,
                "PageSize": _VSWITCHES_PAGE_SIZE,
                **filters,
            }
            answer = self._vpc.rpc("look up vSwitches", "DescribeVSwitches", parameters)
            rows = _rows(answer, "VSwitches", "VSwitch")
            vswitches.extend(map(_vswitch, rows))
            if len(rows) < _VSWITCHES_PAGE_SIZE:
                return tuple(vswitches)
            page += 1

    def security_group(self, security_group_id: str) -> ExistingSecurityGroup | None:
        """DescribeSecurityGroups, then every page of DescribeSecurityGroupAttribute, or None."""
        target = {"RegionId": self._region, "SecurityGroupId": security_group_id}
        answer = self._ecs.rpc("look up the security group", "DescribeSecurityGroups", target)
        if not _rows(answer, "SecurityGroups", "SecurityGroup"):
            return None
        rules: list[ExistingRule] = []
        token: str | None = None
        while True:
            parameters = {
                **target,
                "Direction": "ingress",
                "NextToken": token,
                "MaxResults": _RULES_PAGE_SIZE,
            }
            action = "DescribeSecurityGroupAttribute"
            answer = self._ecs.rpc("read the security group's rules", action, parameters)
            rules.extend(map(_rule, _rows(answer, "Permissions", "Permission")))
            token = answer.get("NextToken")
            if not token:
                return ExistingSecurityGroup(security_group_id, answer["VpcId"], tuple(rules))

    def private_zone(self, name: str, vpc_id: str) -> ExistingZone | None:
        """DescribeZones; None where the VPC, of any region, has no zone of exactly that name."""
        parameters = {"Keyword": name, "SearchMode": "EXACT", "QueryVpcId": vpc_id}
        answer = self._pvtz.rpc("look up private zones", "DescribeZones", parameters)
        for row in _rows(answer, "Zones", "Zone"):
            if row.get("ZoneName") == name:
                tags = _tags(row.get("ResourceTags", {}), "ResourceTag")
                return ExistingZone(row["ZoneId"], tags, row.get("Remark", ""))
        return None

    def endpoints(
        self, vpc_id: str | None, service_name: str | None
    ) -> tuple[ExistingEndpoint, ...]:
        """ListVpcEndpoints for every page: those of a VPC, or of a service; None for any."""
        parameters: dict[str, Any] = {
            "RegionId": self._region,
            "VpcId": vpc_id,
            "ServiceName": service_name,
            "MaxResults": _ENDPOINTS_PAGE_SIZE,
        }
        endpoints = []
        while True:
            answer = self._privatelink.rpc("look up endpoints", "ListVpcEndpoints", parameters)
            for row in answer.get("Endpoints", ()):
                tags = _tags(row, "Tags")
                endpoints.append(
                    ExistingEndpoint(row["EndpointId"], tags, row.get("ServiceId", ""))
                )
            if not answer.get("NextToken"):
                return tuple(endpoints)
            parameters["NextToken"] = answer["NextToken"]

    def endpoint(self, endpoint_id: str) -> AdoptedEndpoint | None:
        """GetVpcEndpointAttribute, then every page of ListVpcEndpointZones, or None."""
        target = {"RegionId": self._region, "EndpointId": endpoint_id}
        try:
            row = self._privatelink.rpc("look up the endpoint", "GetVpcEndpointAttribute", target)
        except CloudError as error:
            if error.code == _NO_ENDPOINT:
                return None
            raise
        zones: list[str] = []
        token: str | None = None
        while True:
            parameters = {**target, "MaxResults": _ENDPOINTS_PAGE_SIZE, "NextToken": token}
            action = "ListVpcEndpointZones"
            page = self._privatelink.rpc("look up the endpoint's zones", action, parameters)
            zones += [zone["ZoneId"] for zone in page.get("Zones", ())]
            token = page.get("NextToken")
            if not token:
                break
        return AdoptedEndpoint(
            endpoint_id=endpoint_id,
            vpc_id=row["VpcId"],
            service_name=row.get("ServiceName", ""),
            service_id=row.get("ServiceId", ""),
            service_region=row.get("ServiceRegionId") or self._region,
            connection_status=row.get("ConnectionStatus", ""),
            zones=tuple(sorted(zones)),
        )

    def gateway(self, gateway_id: str) -> ExistingGateway | None:
        """GetGateway; None where the account has none of that id in the region."""
        row = self._apig.gateway(gateway_id)
        if row is None:
            return None
        address_types = [address.get("addressType") for address in row.get("loadBalancers", ())]
        return ExistingGateway(
            gateway_id,
            type=str(row.get("gatewayType")),
            vpc_id=row.get("vpc", {}).get("vpcId", ""),
            is_public="Internet" in address_types,
        )

    def gateway_tags(self) -> tuple[Mapping[str, str], ...]:
        """ListGateways for every page: the tags of each AI gateway."""
        return tuple(_tags(row, "tags", "key", "value") for row in self._apig.gateways())

    def domain(self, name: str) -> str | None:
        """ListDomains: id of the domain of AI gateways; None where the account has none."""
        row = self._apig.domain_named(name)
        return None if row is None else str(row["domainId"])

    def consumer(self, name: str) -> ExistingConsumer | None:
        """ListConsumers; None where the account has none of that name."""
        row = self._apig.consumer_named(name)
        if row is None:
            return None
        return ExistingConsumer(str(row["consumerId"]), row.get("description") or "")

    def model_apis(self) -> tuple[ExistingApi, ...]:
        """ListHttpApis for every page and type of gateway."""
        return tuple(map(_api, self._apig.apis()))


def _rows(answer: Json, collection: str, item: str) -> list[Json]:
    """Return the rows of a list of RPC products: ``{"Vpcs": {"Vpc": [...]}}``."""
    rows: list[Json] = answer.get(collection, {}).get(item, [])
    return rows


def _tags(row: Json, field: str, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Return a list of tags as a map."""
    return {str(tag.get(key)): str(tag.get(value, "")) for tag in row.get(field, ())}


def _vpc_of_instances(service_config: str) -> str:
    """Return the VPC in a service JSON of PAI-EAS; empty where it has none."""
    try:
        networking = json.loads(service_config)["cloud"]["networking"]
        return str(networking["vpc_id"])
    except (ValueError, LookupError, TypeError):
        return ""


def _vpc(row: Json) -> ExistingVpc:
    secondary = row.get("SecondaryCidrBlocks", {}).get("SecondaryCidrBlock", ())
    return ExistingVpc(
        row["VpcId"],
        tuple(map(IPv4Network, (row["CidrBlock"], *secondary))),
        name=row.get("VpcName", ""),
        tags=_tags(row.get("Tags", {}), "Tag"),
    )


def _vswitch(row: Json) -> ExistingVSwitch:
    return ExistingVSwitch(
        vswitch_id=row["VSwitchId"],
        vpc_id=row["VpcId"],
        zone=row["ZoneId"],
        cidr=IPv4Network(row["CidrBlock"]),
        name=row.get("VSwitchName", ""),
    )


def _rule(row: Json) -> ExistingRule:
    source_cidr = None
    if row.get("SourceCidrIp"):
        source_cidr = IPv4Network(row["SourceCidrIp"], strict=False)
    return ExistingRule(
        protocol=row["IpProtocol"].lower(),
        ports=row["PortRange"],
        policy=row["Policy"].lower(),
        priority=int(row["Priority"]),
        source_cidr=source_cidr,
        source_security_group_id=row.get("SourceGroupId") or None,
        source_prefix_list_id=row.get("SourcePrefixListId") or None,
    )


def _api(row: Json) -> ExistingApi:
    domains: list[str] = []
    services: list[str] = []
    for config in row.get("deployConfigs", ()):
        for domain in config.get("customDomainInfos", ()):
            domains.append(domain.get("name", ""))
        for service in config.get("serviceConfigs", ()):
            services.append(service.get("name", ""))
    return ExistingApi(
        api_id=str(row.get("httpApiId")),
        name=str(row.get("name")),
        base_path=row.get("basePath") or "/",
        domains=tuple(domains),
        services=tuple(services),
        description=row.get("description", ""),
    )
