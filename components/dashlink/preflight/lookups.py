"""What the preflight asks the cloud, as plain records: services, VPC, vSwitches, security group.

Each look-up is one official SDK request with the retries of `dashlink.cloud.retry`; "not there" is None or an empty
tuple, every other failure a CloudError.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network
from typing import Any, Protocol

from dashlink.cloud import clients
from dashlink.cloud.apig import ApigApi
from dashlink.cloud.credentials import Account
from dashlink.cloud.retry import call
from dashlink.network.plan import ExistingRule

_ONE_PAGE = 50  # the largest page that DescribeVSwitches gives


@dataclass(frozen=True)
class OfferedService:
    """An endpoint service that this account may use; ``zones`` are the zones in which it takes endpoints."""

    service_id: str
    service_name: str
    zones: tuple[str, ...]


@dataclass(frozen=True)
class ExistingVpc:
    """A VPC with its own block and further ones."""

    vpc_id: str
    cidrs: tuple[IPv4Network, ...]


@dataclass(frozen=True)
class ExistingVSwitch:
    """A vSwitch of a VPC."""

    vswitch_id: str
    vpc_id: str
    zone: str
    cidr: IPv4Network
    name: str


@dataclass(frozen=True)
class ExistingSecurityGroup:
    """A security group with its ingress rules."""

    security_group_id: str
    vpc_id: str
    rules: tuple[ExistingRule, ...]


@dataclass(frozen=True)
class ExistingGateway:
    """A gateway of APIG, of whatever type."""

    gateway_id: str
    type: str
    vpc_id: str
    is_public: bool = False


@dataclass(frozen=True)
class ExistingApi:
    """An API of the account: where it is served, and the names of the services that it sends to."""

    api_id: str
    name: str
    base_path: str
    domains: tuple[str, ...]
    services: tuple[str, ...]
    description: str


class Lookups(Protocol):
    """What the preflight needs to know of the cloud."""

    def endpoint_service(
        self, *, name: str | None, service_id: str | None, service_region: str | None
    ) -> OfferedService | None:
        """The service as it is offered to this account in its region; None where it is not."""

    def vpc(self, vpc_id: str) -> ExistingVpc | None:
        """The VPC, None where this account has none of that id in the region."""

    def vswitches(self, vpc_id: str) -> tuple[ExistingVSwitch, ...]:
        """All vSwitches of the VPC."""

    def vswitch(self, vswitch_id: str) -> ExistingVSwitch | None:
        """The vSwitch, wherever in the region it is."""

    def security_group(self, security_group_id: str) -> ExistingSecurityGroup | None:
        """The security group with its rules."""

    def gateway(self, gateway_id: str) -> ExistingGateway | None:
        """The gateway, None where this account has none of that id in the region."""

    def model_apis(self) -> tuple[ExistingApi, ...]:
        """Every API of the account in the region."""


class CloudLookups:
    """`Lookups` by the official SDKs.

    Raises:
        CloudError: From every method, if the cloud refuses or cannot be reached.
    """

    def __init__(self, account: Account) -> None:
        """Keep ``account``; clients are made when they are first needed, because their models are large."""
        self._account = account
        self._region = account.region

    def endpoint_service(
        self, *, name: str | None, service_id: str | None, service_region: str | None
    ) -> OfferedService | None:
        """By ListVpcEndpointServicesByEndUser."""
        from alibabacloud_privatelink20200415 import models  # noqa: PLC0415 - large

        request = models.ListVpcEndpointServicesByEndUserRequest(
            region_id=self._region,
            service_name=name,
            service_id=service_id,
            service_region_id=service_region,
        )
        client = clients.privatelink(self._account)
        answer = call(
            "list endpoint services",
            partial(client.list_vpc_endpoint_services_by_end_user, request),
        ).body
        for service in answer.services or []:
            if name in (None, service.service_name) and service_id in (None, service.service_id):
                return OfferedService(
                    service.service_id, service.service_name, tuple(sorted(service.zones or ()))
                )
        return None

    def vpc(self, vpc_id: str) -> ExistingVpc | None:
        """By DescribeVpcs, which answers an empty list for an unknown id."""
        from alibabacloud_vpc20160428 import models  # noqa: PLC0415 - large

        request = models.DescribeVpcsRequest(region_id=self._region, vpc_id=vpc_id)
        client = clients.vpc(self._account)
        answer = call("look up the VPC", partial(client.describe_vpcs, request)).body
        for found in answer.vpcs.vpc or []:
            further = (
                found.secondary_cidr_blocks.secondary_cidr_block
                if found.secondary_cidr_blocks
                else None
            )
            cidrs = (found.cidr_block, *(further or ()))
            return ExistingVpc(found.vpc_id, tuple(IPv4Network(cidr) for cidr in cidrs))
        return None

    def vswitches(self, vpc_id: str) -> tuple[ExistingVSwitch, ...]:
        """By DescribeVSwitches, page after page."""
        return self._describe_vswitches(vpc_id=vpc_id)

    def vswitch(self, vswitch_id: str) -> ExistingVSwitch | None:
        """By DescribeVSwitches."""
        return next(iter(self._describe_vswitches(v_switch_id=vswitch_id)), None)

    def _describe_vswitches(self, **wanted: str) -> tuple[ExistingVSwitch, ...]:
        from alibabacloud_vpc20160428 import models  # noqa: PLC0415 - large

        client = clients.vpc(self._account)
        found: list[ExistingVSwitch] = []
        page = 1
        while True:
            request = models.DescribeVSwitchesRequest(
                region_id=self._region, page_number=page, page_size=_ONE_PAGE, **wanted
            )
            answer = call("look up vSwitches", partial(client.describe_vswitches, request)).body
            items = answer.v_switches.v_switch or []
            found += [_vswitch(item) for item in items]
            if len(items) < _ONE_PAGE:
                return tuple(found)
            page += 1

    def security_group(self, security_group_id: str) -> ExistingSecurityGroup | None:
        """By DescribeSecurityGroups, then DescribeSecurityGroupAttribute for the ingress rules, page after page."""
        from alibabacloud_ecs20140526 import models  # noqa: PLC0415 - large

        client = clients.ecs(self._account)
        listed = models.DescribeSecurityGroupsRequest(
            region_id=self._region, security_group_id=security_group_id
        )
        groups = call(
            "look up the security group", partial(client.describe_security_groups, listed)
        ).body
        if not groups.security_groups.security_group:
            return None
        rules: list[ExistingRule] = []
        token: str | None = None
        while True:
            request = models.DescribeSecurityGroupAttributeRequest(
                region_id=self._region,
                security_group_id=security_group_id,
                direction="ingress",
                next_token=token,
                max_results=1000,
            )
            answer = call(
                "read the security group's rules",
                partial(client.describe_security_group_attribute, request),
            ).body
            rules += [_rule(item) for item in answer.permissions.permission or []]
            token = answer.next_token
            if not token:
                return ExistingSecurityGroup(security_group_id, answer.vpc_id, tuple(rules))

    def gateway(self, gateway_id: str) -> ExistingGateway | None:
        """By GetGateway."""
        data = ApigApi(self._account).gateway(gateway_id)
        if data is None:
            return None
        vpc_id = (data.get("vpc") or {}).get("vpcId", "")
        public = any(
            row.get("addressType") == "Internet" for row in data.get("loadBalancers") or ()
        )
        return ExistingGateway(gateway_id, str(data.get("gatewayType")), vpc_id, public)

    def model_apis(self) -> tuple[ExistingApi, ...]:
        """By ListHttpApis, page after page."""
        return tuple(_api(row) for row in ApigApi(self._account).model_apis())


def _api(row: dict[str, Any]) -> ExistingApi:
    configs = row.get("deployConfigs") or ()
    return ExistingApi(
        api_id=str(row.get("httpApiId")),
        name=str(row.get("name")),
        base_path=row.get("basePath") or "/",
        domains=tuple(
            one.get("name", "")
            for config in configs
            for one in config.get("customDomainInfos") or ()
        ),
        services=tuple(
            one.get("name") or ""
            for config in configs
            for one in config.get("serviceConfigs") or ()
        ),
        description=row.get("description") or "",
    )


def _vswitch(item: Any) -> ExistingVSwitch:
    return ExistingVSwitch(
        item.v_switch_id,
        item.vpc_id,
        item.zone_id,
        IPv4Network(item.cidr_block),
        item.v_switch_name or "",
    )


def _rule(item: Any) -> ExistingRule:
    return ExistingRule(
        protocol=item.ip_protocol.lower(),
        ports=item.port_range,
        policy=item.policy.lower(),
        priority=int(item.priority),
        source_cidr=IPv4Network(item.source_cidr_ip, strict=False) if item.source_cidr_ip else None,
        source_security_group_id=item.source_group_id or None,
    )
